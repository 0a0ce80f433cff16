"""Test the wheel: its contents, and that it works with only its declared dependencies installed."""

from __future__ import annotations

import csv
import shutil
import venv
import zipfile
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path

import pytest
from checkout import COMMAND, PYTHON, ROOT, Served, files_of, run
from packaging.requirements import Requirement

SUITE = "mock_ajera_contract"


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def metadata(wheel: Path, file: str) -> str:
    """Return a file of the wheel's metadata."""
    (name,) = (name for name in names(wheel) if name.endswith(f".dist-info/{file}"))
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name).decode()


def declared(wheel: Path, *extras: str) -> set[str]:
    """Return the distributions that the wheel needs with its extras, and their dependencies."""
    field = "Requires-Dist: "
    lines = metadata(wheel, "METADATA").splitlines()
    waiting = [(line.removeprefix(field), extras) for line in lines if line.startswith(field)]
    found: set[str] = set()
    while waiting:
        text, asked = waiting.pop()
        requirement = Requirement(text)
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in ("", *asked)):
            continue
        if requirement.name not in found:
            found.add(requirement.name)
            waiting += [(each, tuple(requirement.extras)) for each in distribution(requirement.name).requires or ()]
    return found


def copy_installed(name: str, site: Path) -> None:
    """Copy an installed distribution without its scripts."""
    source = distribution(name)
    for file in source.files or ():
        if ".." not in file.parts and "__pycache__" not in file.parts:
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(source.locate_file(file)), target)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment that has only the wheel with its extra ``contract``.

    The dependencies are copied from the environment of this test, so no package index is needed.
    """
    home = tmp_path_factory.mktemp("empty")
    venv.create(home, with_pip=False)
    python = home / COMMAND.parent.name / PYTHON.name
    (site,) = home.glob("[Ll]ib/**/site-packages")
    for name in declared(wheel, "contract"):
        copy_installed(name, site)
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "--python", python)
    run(*pip, "install", "--quiet", "--no-index", f"{wheel}[contract]", cwd=home)
    run(*pip, "check", cwd=home)
    return python


def test_wheel_contains_every_file(wheel: Path) -> None:
    package = files_of("mock_ajera")
    fixtures = {f"mock_ajera/{name}" for name in files_of("fixtures")}
    suite = {name.replace("contract_tests", SUITE, 1) for name in files_of("contract_tests")}
    assert (package | fixtures | suite) - names(wheel) == set()


def test_wheel_contains_nothing_else(wheel: Path) -> None:
    """The top level has the two packages and the metadata, and no cache."""
    tops = {name.partition("/")[0] for name in names(wheel)}
    assert sorted(top for top in tops if not top.endswith(".dist-info")) == ["mock_ajera", SUITE]
    assert [name for name in names(wheel) if "cache" in name.rpartition("/")[0]] == []


def test_record_is_complete(wheel: Path) -> None:
    """RECORD lists each file once."""
    rows = csv.reader(metadata(wheel, "RECORD").splitlines())
    assert sorted(row[0] for row in rows) == sorted(names(wheel))


def test_command_and_plugin_are_entry_points(wheel: Path) -> None:
    entry_points = metadata(wheel, "entry_points.txt").splitlines()
    assert "mock-ajera = mock_ajera.cli:main" in entry_points
    assert "mock_ajera = mock_ajera.pytest_plugin" in entry_points


def test_installed_server_serves(installed: Path, serve: Callable[..., Served], tmp_path: Path) -> None:
    command = installed.with_name(COMMAND.name)
    served = serve(command=command)
    assert '"Projects"' in run(command, "call", "ListProjects", "--url", served.url, cwd=tmp_path)


def test_installed_suite_passes(installed: Path, tmp_path: Path) -> None:
    """The contract suite is found by name from an empty folder, and passes."""
    output = run(installed, "-m", "pytest", "--pyargs", SUITE, "-q", "-p", "no:cacheprovider", cwd=tmp_path)
    assert " passed" in output.splitlines()[-1]


def test_installed_suite_has_its_options(installed: Path, tmp_path: Path) -> None:
    """``--target real`` is refused without an address. No ``-p`` is needed."""
    with pytest.raises(AssertionError, match="needs AJERA_API_URL, AJERA_API_USERNAME, AJERA_API_PASSWORD"):
        run(installed, "-m", "pytest", "--pyargs", SUITE, "--target", "real", cwd=tmp_path)


def test_other_runs_do_not_have_the_options_of_the_suite(installed: Path, tmp_path: Path) -> None:
    """The names of the suite's options, such as ``--target``, stay free for a user's tests."""
    (tmp_path / "test_mine.py").write_text("def test_mine(): pass\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="unrecognized arguments: --target"):
        run(installed, "-m", "pytest", "--target", "real", cwd=tmp_path)


@pytest.fixture
def with_own_suite(tmp_path: Path) -> Path:
    """Return a user's project that has a package ``contract_tests`` of its own."""
    own = tmp_path / "contract_tests"
    own.mkdir()
    (own / "__init__.py").write_text("OWNER = 'user'\n", encoding="utf-8")
    test = "import contract_tests\n\ndef test_of_the_user():\n    assert contract_tests.OWNER == 'user'\n"
    (own / "test_own.py").write_text(test, encoding="utf-8")
    return tmp_path


def test_contract_tests_is_the_user_s_folder(installed: Path, with_own_suite: Path) -> None:
    """``import contract_tests`` and ``pytest contract_tests`` find the user's folder and nothing else."""
    script = "import contract_tests; print(contract_tests.OWNER)"
    assert run(installed, "-c", script, cwd=with_own_suite) == "user\n"
    output = run(installed, "-m", "pytest", "contract_tests", "-v", "-p", "no:cacheprovider", cwd=with_own_suite)
    assert "contract_tests/test_own.py::test_of_the_user PASSED" in output
    assert " 1 passed" in output.splitlines()[-1]


def test_installed_suite_runs_next_to_the_user_s_folder(installed: Path, with_own_suite: Path) -> None:
    """``--pyargs mock_ajera_contract`` runs the installed suite, not the user's."""
    journeys = f"{SUITE}.journeys"
    output = run(installed, "-m", "pytest", "--pyargs", journeys, "-v", "-p", "no:cacheprovider", cwd=with_own_suite)
    assert "test_set_up_check.py::test_connection PASSED" in output
    assert "test_of_the_user" not in output


def test_readme_test_passes(installed: Path, tmp_path: Path) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8").partition("## In your own tests")[2]
    text = page.partition("```python\n")[2].partition("```")[0]
    assert len(text.splitlines()) == 3
    (tmp_path / "test_mine.py").write_text(text, encoding="utf-8")
    assert "1 passed" in run(installed, "-m", "pytest", "-q", cwd=tmp_path)
