"""The README's commands do what it says: its tour is run as printed, and what it names exists."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import COMMAND, PYTHON, ROOT, Served, clean_environment, run, serving
from command_line import commands, options
from pages import blocks, differs, steps
from shell import Shell

from contract_tests.settings import OPTIONS
from mock_ajera import MockAjera

README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = README.partition("## A five-minute tour")[2].partition("\n## ")[0]
STEPS = [step for block in blocks(TOUR) if block.language == "console" for step in steps(block.text)]
"""The commands of the tour, each with what it is said to print."""


def texts(language: str, page: str = README) -> list[str]:
    """The fenced blocks of a language."""
    return [block.text for block in blocks(page) if block.language == language]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """What make serve serves, on a free port."""
    folder = tmp_path_factory.mktemp("tour")
    with serving(COMMAND, "serve", "--port", "0", "--env-file", "served.env", cwd=folder) as served:
        yield served


@pytest.fixture(scope="module")
def told(served: Served, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each command of the tour prints in one shell; ``make serve`` is the server that runs already."""
    if shutil.which("curl") is None:
        pytest.skip("the tour's first call is made with curl, which is not installed")
    start = (served.folder / "served.txt").as_posix()
    replaced = {"make serve": f"cat '{start}'", ". .venv/bin/activate": f"PATH='{COMMAND.parent}':$PATH"}
    # A notice of a newer pip is not part of the tour.
    environment = clean_environment(PIP_DISABLE_PIP_VERSION_CHECK="1")
    with Shell(ROOT, environment, tmp_path_factory.mktemp("typed")) as shell:
        lines = [replaced.get(command, command).replace("http://127.0.0.1:8080", served.root) for command, _ in STEPS]
        return [shell.type(line) for line in lines]


@pytest.mark.parametrize("number", range(len(STEPS)), ids=lambda number: " ".join(STEPS[number][0].split()[:3]))
def test_the_tour(told: list[str], number: int) -> None:
    """Each command prints what the README shows, but for tokens, keys of usage, dates and the port."""
    assert differs(told[number], STEPS[number][1]) == ""


def test_the_comparison_sees_a_difference() -> None:
    """Three dots stand for lines, and everything else but what changes is compared."""
    assert differs("a\nb\nc\n", "a\n...\nc\n") == ""
    assert (
        differs(
            '"2026-11-20 15:22:08.450 GMT-05:00 (Eastern Standard Time)"\n', '"2025-01-01 00:00:00.003 GMT-05:00"\n'
        )
        == ""
    )
    assert differs("a\nb\n", "a\nc\n")
    assert differs("a\nb\n", "a\n")


def test_the_two_commands_come_first() -> None:
    """What a newcomer needs stands on top: with make, and without."""
    first, second = texts("sh")[:2]
    assert [line.split("#")[0].strip() for line in first.splitlines()] == ["make serve", "make test"]
    assert [line.split("#")[0].strip() for line in second.splitlines()] == [
        *("python3 -m venv .venv", ". .venv/bin/activate"),
        *("pip install .", "mock-ajera serve"),
    ]


def test_the_server_tells(served: Served, told: list[str]) -> None:
    """The lines that the tour shows from the first terminal are printed there, one after the other."""
    (promised,) = texts("text", TOUR)
    time = r"(?m)^\d\d:\d\d:\d\d"
    printed = (served.folder / "served.txt").read_text(encoding="utf-8")
    assert re.sub(time, "<time>", promised) in re.sub(time, "<time>", printed)


def test_the_tests_of_one_s_own(tmp_path: Path) -> None:
    """The pytest examples pass where they are copied to."""
    examples = texts("python")
    for number, example in enumerate(examples):
        (tmp_path / f"test_example_{number}.py").write_text(example, encoding="utf-8")
    said = run(PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", cwd=tmp_path)
    assert f"{len(examples)} passed" in said


def test_the_options_of_the_fixture_are_taken() -> None:
    """The README's options are those that MockAjera has."""
    (marker,) = re.findall(r"`@pytest.mark.ajera\((.*)\)`", README)
    options = {each.arg: ast.literal_eval(each.value) for each in ast.parse(f"f({marker})").body[0].value.keywords}
    with MockAjera(**options) as ajera:
        assert ajera.tenant.quirk("session_minutes") == 5
        assert ajera.content("ListProjects") == {"Projects": []}


def test_a_firm_of_one_s_own(tmp_path: Path) -> None:
    """A copy of the sample is a firm that is served."""
    shutil.copytree(ROOT / "fixtures" / "sample", tmp_path / "my_firm")
    with MockAjera(sample=tmp_path / "my_firm") as ajera:
        assert ajera.call("ListProjects")["Content"]["Projects"]


OTHERS = {"--quiet", "--build", "--rm", "--pyargs"}
"""Options of pip, docker and pytest."""


def test_every_option_exists() -> None:
    """Each option that the README names is one of the program, of the contract suite or of pip, docker and pytest."""
    own: set[str] = set().union(*(options(command) for _, command in commands()))
    known = own | {flag for flag, _ in OPTIONS} | OTHERS
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", README)) - known == set()
