"""The README's commands do what it says: its tour is run as printed, and what it names exists."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import COMMAND, PYTHON, ROOT, Served, clean_environment, run, serving
from command_line import commands, options

from contract_tests.settings import OPTIONS
from mock_ajera import MockAjera
from mock_ajera.api.families import METHODS
from mock_ajera.api.sessions import METHODS as SESSION_METHODS

README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = README.partition("## A five-minute tour")[2].partition("\n## ")[0]
END = "end of what the command prints"

CHANGING = {
    "a token": r"\b[0-9a-f]{40}\b",
    "a usage key": r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
    "a stamp": r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} GMT[+-]\d\d:\d\d(?: \([\w ]+\))?",
    "a time": r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+[+-]\d\d:\d\d",
    "a day": r"\b\d{4}-\d\d-\d\d\b",
    "an address": r"\b127\.0\.0\.1:\d+\b",
}
"""What differs from run to run, and the name that takes its place before the comparison."""


def blocks(language: str, page: str = README) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def steps() -> list[tuple[str, str]]:
    """The commands of the tour, each with what it is said to print."""
    parts = [part for block in blocks("console", TOUR) for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [(command, printed) for command, _, printed in (part.partition("\n") for part in parts)]


def settled(text: str) -> str:
    """A text without what differs from run to run."""
    for name, pattern in CHANGING.items():
        text = re.sub(pattern, f"<{name}>", text)
    return text


def differs(printed: str, promised: str) -> str:
    """Where two texts differ, empty when they do not. A line of three dots in the promise stands for any lines."""
    lines = [
        r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line) + r"\n" for line in settled(promised).splitlines()
    ]
    return "" if re.fullmatch("".join(lines), settled(printed)) else f"promised:\n{promised}\nprinted:\n{printed}"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """What make serve serves, on a free port."""
    folder = tmp_path_factory.mktemp("tour")
    with serving(COMMAND, "serve", "--port", "0", "--env-file", "served.env", cwd=folder) as served:
        yield served


@pytest.fixture(scope="module")
def told(served: Served) -> list[str]:
    """What each command of the tour prints in one shell; ``make serve`` is the server that runs already."""
    if shutil.which("curl") is None:
        pytest.skip("the tour's first call is made with curl, which is not installed")
    start = (served.folder / "served.txt").as_posix()
    replaced = {"make serve": f"cat '{start}'", ". .venv/bin/activate": f"PATH='{COMMAND.parent}':$PATH"}
    script = ["exec 2>&1"]
    for command, _ in steps():
        line = replaced.get(command, command).replace("http://127.0.0.1:8080", served.root)
        script += [line, f"echo '{END}'"]
    done = subprocess.run(
        ["bash"],
        input="\n".join(script),
        cwd=ROOT,
        # A notice of a newer pip is not part of the tour.
        env=clean_environment(PIP_DISABLE_PIP_VERSION_CHECK="1"),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    return [part.removeprefix("\n") for part in done.stdout.split(END)][:-1]


@pytest.mark.parametrize("number", range(len(steps())), ids=lambda number: " ".join(steps()[number][0].split()[:3]))
def test_the_tour(told: list[str], number: int) -> None:
    """Each command prints what the README shows, but for tokens, keys of usage, dates and the port."""
    assert len(told) == len(steps())
    assert differs(told[number], steps()[number][1]) == ""


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
    first, second = blocks("sh")[:2]
    assert [line.split("#")[0].strip() for line in first.splitlines()] == ["make serve", "make test"]
    assert second.splitlines() == ["pip install .", "mock-ajera serve"]


def test_the_server_tells(served: Served, told: list[str]) -> None:
    """The lines that the tour shows from the first terminal are printed there, one after the other."""
    (promised,) = blocks("text", TOUR)
    time = r"(?m)^\d\d:\d\d:\d\d"
    printed = (served.folder / "served.txt").read_text(encoding="utf-8")
    assert re.sub(time, "<time>", promised) in re.sub(time, "<time>", printed)


def test_the_tests_of_one_s_own(tmp_path: Path) -> None:
    """The pytest examples pass where they are copied to."""
    examples = blocks("python")
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


def test_every_method_is_named() -> None:
    """The table of what is served has each method, and none that is not served."""
    table = README.partition("## What is served")[2].partition("`mock-ajera methods`")[0]
    assert set(re.findall(r"`(\w+)`", table)) == {*(method.name for method in METHODS.values()), *SESSION_METHODS}


OTHERS = {"--quiet", "--build", "--rm", "--pyargs"}
"""Options of pip, docker and pytest."""


def test_every_option_exists() -> None:
    """Each option that the README names is one of the program, of the contract suite or of pip, docker and pytest."""
    own: set[str] = set().union(*(options(command) for _, command in commands()))
    known = own | {flag for flag, _ in OPTIONS} | OTHERS
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", README)) - known == set()
