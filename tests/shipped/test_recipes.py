"""The recipes: their page shows the files as they are, and each of them passes where it is copied to."""

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
PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
MUST_RUN = "RECIPES_MUST_RUN"
"""The variable of the environment with which no recipe is skipped."""


def text(recipe: str) -> str:
    """A recipe as it is written."""
    return (FOLDER / recipe).read_text(encoding="utf-8")


def cannot_run(reason: str, *variables: str) -> None:
    """Skip a recipe that cannot run here, and fail it where one of the variables says that it must."""
    if any(os.environ.get(name) for name in variables):
        pytest.fail(reason)
    pytest.skip(reason)


def passes(recipe: str, folder: Path) -> None:
    """Run a recipe of pytest in an empty folder: each test passes, and nothing warns."""
    shutil.copy(FOLDER / recipe, folder)
    said = run(PYTHON, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", recipe, cwd=folder)
    number = len(re.findall(r"^def test_", text(recipe), re.MULTILINE))
    assert f"\n{number} passed in " in said


@pytest.mark.parametrize("recipe", ["test_with_requests.py", "test_with_httpx.py"])
def test_with_a_client_of_http(recipe: str, tmp_path: Path) -> None:
    """It passes under every Python that the project runs under."""
    passes(recipe, tmp_path)


def test_with_the_package_ajera(tmp_path: Path) -> None:
    """It passes with the package as the index has it."""
    if importlib.util.find_spec("ajera") is None:
        cannot_run("the package ajera needs Python 3.12 or newer and is not installed: make recipes runs it", MUST_RUN)
    passes("test_with_the_package_ajera.py", tmp_path)


@pytest.fixture
def node() -> str:
    """The program node. CI has it."""
    found = shutil.which("node")
    if found is None:
        cannot_run("the recipe for Node needs the program node, which is not on the PATH", "CI", MUST_RUN)
    return str(found)


@pytest.fixture
def sync(node: str, serve: Callable[..., Served], tmp_path: Path) -> Callable[..., str]:
    """Runs the recipe for Node against one server: what it prints. More variables stand over those of the env file."""
    shutil.copy(FOLDER / "sync.mjs", tmp_path)
    served = serve()

    def ran(**variables: str) -> str:
        environment = clean_environment(**dict(served.variables)) | variables
        return run(node, "sync.mjs", cwd=tmp_path, environment=environment)

    return ran


def test_with_node(sync: Callable[..., str]) -> None:
    """It passes, and passes again where it has written before."""
    for _ in range(2):
        said = sync()
        assert re.findall(r"\b(pass|fail|skipped) (\d+)", said) == [
            ("pass", str(text("sync.mjs").count("\ntest("))),
            ("fail", "0"),
            ("skipped", "0"),
        ]


def test_node_tells_a_failure(sync: Callable[..., str]) -> None:
    """What is refused unexpectedly fails the run, with what Ajera said."""
    with pytest.raises(AssertionError, match="Unable to authenticate user"):
        sync(AJERA_API_PASSWORD="another")


def test_the_page_shows_the_files() -> None:
    """Each recipe stands on the page as it is, below a link to its file; the page shows no other program."""
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
    """Without the variable a recipe that cannot run is skipped, with it that is a failure."""
    monkeypatch.delenv(MUST_RUN, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises((pytest.skip.Exception, pytest.fail.Exception), match="no such program") as raised:
        cannot_run("no such program", MUST_RUN)
    assert raised.type is outcome


def test_without_a_new_python_it_fails(tmp_path: Path) -> None:
    """Where no Python is new enough and uv gets none, make recipes says what is needed and installs nothing."""
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
