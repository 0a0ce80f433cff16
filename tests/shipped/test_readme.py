"""Run the README's tour as printed, and check that everything it names exists."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import COMMAND, PYTHON, ROOT, Served, clean_environment, run, serving_mock
from command_line import commands, options
from pages import blocks, differs, steps
from shell import Shell

from contract_tests.settings import OPTIONS
from mock_ajera import MockAjera

README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = README.partition("## A five-minute tour")[2].partition("\n## ")[0]
STEPS = [step for block in blocks(TOUR) if block.language == "console" for step in steps(block.text)]
"""The commands of the tour, each with the printed result."""


def texts(language: str, page: str = README) -> list[str]:
    return [block.text for block in blocks(page) if block.language == language]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a server as ``make serve`` starts it, on a free port."""
    folder = tmp_path_factory.mktemp("tour")
    with serving_mock(folder) as served:
        yield served


@pytest.fixture(scope="module")
def outputs(served: Served, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the output of each command of the tour, typed into one shell. A running server replaces ``make serve``."""
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
def test_tour(outputs: list[str], number: int) -> None:
    """Each command prints what the README shows, except for tokens, usage keys, dates and the port."""
    assert differs(outputs[number], STEPS[number][1]) == ""


def test_comparison_finds_a_difference() -> None:
    """Three dots match any lines. All other text is compared, except for values that change."""
    assert differs("a\nb\nc\n", "a\n...\nc\n") == ""
    assert (
        differs(
            '"2026-11-20 15:22:08.450 GMT-05:00 (Eastern Standard Time)"\n', '"2025-01-01 00:00:00.003 GMT-05:00"\n'
        )
        == ""
    )
    assert differs("a\nb\n", "a\nc\n")
    assert differs("a\nb\n", "a\n")


def test_installation_comes_first() -> None:
    """The README starts with the commands of a first run: with make, and without."""
    first, second = texts("sh")[:2]
    assert [line.split("#")[0].strip() for line in first.splitlines()] == ["make serve", "make check"]
    assert [line.split("#")[0].strip() for line in second.splitlines()] == [
        *("python3 -m venv .venv", ". .venv/bin/activate"),
        *("pip install -e .", "mock-ajera check", "mock-ajera serve"),
    ]


def test_tour_shows_the_server_s_output(served: Served, outputs: list[str]) -> None:
    """The server prints the lines that the tour shows, in the same order."""
    (promised,) = texts("text", TOUR)
    time = r"(?m)^\d\d:\d\d:\d\d"
    printed = (served.folder / "served.txt").read_text(encoding="utf-8")
    assert re.sub(time, "<time>", promised) in re.sub(time, "<time>", printed)


def test_pytest_examples_pass(tmp_path: Path) -> None:
    examples = texts("python")
    for number, example in enumerate(examples):
        (tmp_path / f"test_example_{number}.py").write_text(example, encoding="utf-8")
    output = run(PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", cwd=tmp_path)
    assert f"{len(examples)} passed" in output


def test_fixture_options_exist() -> None:
    (marker,) = re.findall(r"`@pytest.mark.ajera\((.*)\)`", README)
    options = {each.arg: ast.literal_eval(each.value) for each in ast.parse(f"f({marker})").body[0].value.keywords}
    with MockAjera(**options) as ajera:
        assert ajera.tenant.quirk("session_minutes") == 5
        assert ajera.content("ListProjects") == {"Projects": []}


OTHERS = {"--quiet", "--build", "--rm", "--pyargs"}
"""Options of pip, docker and pytest."""


def test_every_option_exists() -> None:
    """Each option in the README belongs to the program, the contract suite, pip, docker or pytest."""
    own: set[str] = set().union(*(options(command) for _, command in commands()))
    known = own | {flag for flag, _ in OPTIONS} | OTHERS
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", README)) - known == set()
