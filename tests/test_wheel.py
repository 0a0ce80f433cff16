"""The wheel: what it holds, and that it works where nothing but its declared dependencies is installed."""

import csv
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from programs import ROOT, serving
from packaging.requirements import Requirement

OWN = {"mock_ajera", "contract_tests"}


def names(wheel: Path) -> set[str]:
    """The files in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def declared(wheel: Path, *extras: str) -> set[str]:
    """The distributions that a wheel needs with its extras, and what those need, as they are installed here."""
    (metadata,) = (name for name in names(wheel) if name.endswith(".dist-info/METADATA"))
    lines = zipfile.ZipFile(wheel).read(metadata).decode().splitlines()
    waiting = [(line.removeprefix("Requires-Dist: "), extras) for line in lines if line.startswith("Requires-Dist: ")]
    found: set[str] = set()
    while waiting:
        text, wanted = waiting.pop()
        requirement = Requirement(text)
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in ("", *wanted)):
            continue
        if requirement.name not in found:
            found.add(requirement.name)
            asked = tuple(requirement.extras)
            waiting += [(each, asked) for each in distribution(requirement.name).requires or ()]
    return found


def copy_installed(name: str, site: Path) -> None:
    """Copy an installed distribution, without its scripts."""
    of = distribution(name)
    for file in of.files or ():
        if ".." not in file.parts and "__pycache__" not in file.parts:
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(of.locate_file(file)), target)


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment in which the wheel with its extra ``contract`` is installed, no more.

    The dependencies are copied from the environment of this test, so that no package index is needed.
    """
    home = tmp_path_factory.mktemp("empty")
    venv.create(home, with_pip=False)
    bin_folder = home / ("Scripts" if sys.platform == "win32" else "bin")
    python = bin_folder / "python"
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True).stdout.strip())
    for name in declared(wheel, "contract"):
        copy_installed(name, site)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    for command in (["install", "--quiet", "--no-index", f"{wheel}[contract]"], ["check"]):
        done = subprocess.run([*pip, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return bin_folder


def test_it_holds_every_file_of_the_packages(wheel: Path):
    """Every file of the two packages and of the sample is in the wheel, data and marker of types included."""
    listed = subprocess.run(
        ["git", "ls-files", *OWN, "fixtures"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: nothing says which files belong to the project")
    expected = {
        name.replace("fixtures/", "mock_ajera/fixtures/", 1) if name.startswith("fixtures/") else name
        for name in listed.stdout.splitlines()
        if (ROOT / name).exists()
    }
    assert expected <= names(wheel)


@pytest.mark.parametrize(
    "name",
    [
        "contract_tests/conftest.py",
        "contract_tests/members.csv",
        "mock_ajera/claims/session.toml",
        "mock_ajera/fixtures/sample/firm.json",
        "mock_ajera/fixtures/sample/projects.json",
        "mock_ajera/home.html",
        "mock_ajera/py.typed",
    ],
)
def test_it_holds_what_is_read_when_it_runs(name: str, wheel: Path):
    """One file of each kind that is not found by importing is in the wheel."""
    assert name in names(wheel)


def test_it_holds_nothing_else(wheel: Path):
    """At its top are the two packages and the metadata; no cache came along."""
    tops = {name.partition("/")[0] for name in names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == OWN
    assert not {name for name in names(wheel) if "__pycache__" in name or "_cache/" in name}


def test_its_record_is_complete(wheel: Path):
    """RECORD lists each file of the wheel once."""
    with zipfile.ZipFile(wheel) as archive:
        (record,) = (name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        rows = list(csv.reader(archive.read(record).decode().splitlines()))
    assert sorted(row[0] for row in rows) == sorted(names(wheel))


def test_it_declares_program_and_plugin(wheel: Path):
    """The command and the pytest fixture are entry points."""
    (entry_points,) = (name for name in names(wheel) if name.endswith(".dist-info/entry_points.txt"))
    text = zipfile.ZipFile(wheel).read(entry_points).decode()
    assert "mock-ajera = mock_ajera.cli:main" in text
    assert "mock_ajera = mock_ajera.pytest_plugin" in text


def test_it_serves(programs: Path, tmp_path: Path):
    """Installed alone, it serves the sample firm and answers a call."""
    with serving(tmp_path / "empty", program=[programs / "mock-ajera"]) as served:
        command = [programs / "mock-ajera", "call", "ListCompanies", "--url", served.url]
        called = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert called.returncode == 0, called.stderr
    assert '"Companies"' in called.stdout


def test_its_contract_suite_passes(programs: Path, tmp_path: Path):
    """Installed alone, its contract suite runs by name from an empty folder, and passes."""
    command = [programs / "python", "-m", "pytest", "--pyargs", "contract_tests", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout.splitlines()[-1]


def test_its_plugin_gives_the_fixture(programs: Path, tmp_path: Path):
    """Installed alone, it brings the pytest fixture ``ajera``."""
    test = "def test_it(ajera):\n    assert ajera.call('ListCompanies')['Errors'] == []\n"
    (tmp_path / "test_it.py").write_text(test, encoding="utf-8")
    command = [programs / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
