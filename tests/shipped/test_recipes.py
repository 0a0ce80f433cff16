"""Test the recipes: their page shows the files unchanged, and each recipe passes in an empty folder.

So do the tests of every call of the package ajera, which need the environment of the recipes.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from checkout import PYTHON, ROOT, Served, clean_environment, files_of, run

FOLDER = ROOT / "examples" / "recipes"
EVERY_CALL = "package_ajera.py"
PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
MUST_RUN = "RECIPES_MUST_RUN"
"""The variable of the environment with which no recipe is skipped."""


def text(recipe: str) -> str:
    return (FOLDER / recipe).read_text(encoding="utf-8")


def cannot_run(reason: str, *variables: str) -> None:
    """Skip a recipe that cannot run here. Fail it if one of the variables demands that it runs."""
    if any(os.environ.get(name) for name in variables):
        pytest.fail(reason)
    pytest.skip(reason)


def needs(*modules: str) -> None:
    """Skip or fail a test if a package is not installed. The package ajera needs Python 3.12 or newer."""
    if missing := [name for name in modules if importlib.util.find_spec(name) is None]:
        cannot_run(f"{', '.join(missing)} is not installed: make recipes runs this recipe", MUST_RUN)


def passes(recipe: str, folder: Path) -> None:
    """Run a pytest recipe in an empty folder. Assert that every test passes without warnings."""
    shutil.copy(FOLDER / recipe, folder)
    output = run(PYTHON, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", recipe, cwd=folder)
    number = len(re.findall(r"^def test_", text(recipe), re.MULTILINE))
    assert f"\n{number} passed in " in output


@pytest.mark.parametrize("recipe", ["test_with_requests.py", "test_with_httpx.py"])
def test_with_an_http_client(recipe: str, tmp_path: Path) -> None:
    """The recipe passes under every Python version that the project supports."""
    passes(recipe, tmp_path)


def test_with_the_package_ajera(tmp_path: Path) -> None:
    needs("ajera")
    passes("test_with_the_package_ajera.py", tmp_path)


def test_with_other_tools(tmp_path: Path) -> None:
    needs("pytest_socket", "responses", "respx", "vcr")
    passes("test_with_other_tools.py", tmp_path)


def test_every_call_of_the_package_ajera(tmp_path: Path) -> None:
    needs("ajera")
    shutil.copy(Path(__file__).parent / EVERY_CALL, tmp_path)
    output = run(PYTHON, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", EVERY_CALL, cwd=tmp_path)
    assert re.search(r"\n\d+ passed in ", output)


@pytest.fixture
def node() -> str:
    """Return the program node. CI has it."""
    found = shutil.which("node")
    if found is None:
        cannot_run("the recipe for Node needs the program node, which is not on the PATH", "CI", MUST_RUN)
    return str(found)


@pytest.fixture
def sync(node: str, serve: Callable[..., Served], tmp_path: Path) -> Callable[..., str]:
    """Return a function that runs the Node recipe against one server and returns its output.

    ``variables`` override those of the env file.
    """
    shutil.copy(FOLDER / "sync.mjs", tmp_path)
    served = serve()

    def ran(**variables: str) -> str:
        environment = clean_environment(**dict(served.variables)) | variables
        return run(node, "sync.mjs", cwd=tmp_path, environment=environment)

    return ran


def test_with_node(sync: Callable[..., str]) -> None:
    """The recipe passes twice in a row against the same server."""
    for _ in range(2):
        output = sync()
        assert re.findall(r"\b(pass|fail|skipped) (\d+)", output) == [
            ("pass", str(text("sync.mjs").count("\ntest("))),
            ("fail", "0"),
            ("skipped", "0"),
        ]


def test_node_shows_an_unexpected_refusal(sync: Callable[..., str]) -> None:
    """An unexpected refusal fails the run and shows Ajera's message."""
    with pytest.raises(AssertionError, match="Unable to authenticate user"):
        sync(AJERA_API_PASSWORD="another")


def test_page_shows_the_files() -> None:
    """The page shows each recipe unchanged below a link to its file, and no other program."""
    links = r"\]\(\.\./(examples/recipes/[\w.]+)\)"
    blocks = r"^```(?:python|js)\n(.*?)^```$"
    shown = zip(re.findall(links, PAGE), re.findall(blocks, PAGE, re.MULTILINE | re.DOTALL), strict=True)
    assert dict(shown) == {name: (ROOT / name).read_text(encoding="utf-8") for name in files_of("examples/recipes")}


@pytest.mark.parametrize(
    ("variables", "outcome"), [({}, pytest.skip.Exception), ({MUST_RUN: "true"}, pytest.fail.Exception)]
)
def test_what_must_run_is_not_skipped(
    variables: dict[str, str], outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recipe that cannot run is skipped, or fails if the variable is set."""
    monkeypatch.delenv(MUST_RUN, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises((pytest.skip.Exception, pytest.fail.Exception), match="no such program") as raised:
        cannot_run("no such program", MUST_RUN)
    assert raised.type is outcome


def test_missing_python_is_reported(tmp_path: Path) -> None:
    """Without Python 3.12 or newer, make recipes names the requirement and installs nothing."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "cmp", "dirname", "env", "id", "ls", "rm"):
        (tools / name).symlink_to(str(shutil.which(name)))
    for name in ("python3", "python3.12", "uv"):
        (tools / name).write_text("#!/usr/bin/env bash\nexit 1\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / ".ci", checkout / ".ci")
    shutil.copy(ROOT / "pyproject.toml", checkout)
    with pytest.raises(AssertionError, match=r"needs Python 3\.12 or newer"):
        run(".ci/recipes", cwd=checkout, environment={"PATH": str(tools), "PYENV_ROOT": str(tmp_path)})
    assert not (checkout / ".venv").exists()


def test_what_the_other_tools_need_can_be_installed() -> None:
    """With the line that the recipe has. pytest-socket is a plugin and is not imported."""
    (line,) = re.findall(r"^pip install (.*)$", PAGE, re.MULTILINE)
    code = text("test_with_other_tools.py")
    imported = set(re.findall(r"^import (\w+)", code, re.MULTILINE)) - {"pytest"}
    assert {*imported, "pytest-socket"} == {name.replace("vcrpy", "vcr") for name in line.split()}
