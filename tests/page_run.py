"""A page of Markdown done as a reader does it: its blocks in order, in one folder and one terminal."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import tomllib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path

import yaml
from checkout import COMMAND, clean_environment, serving
from pages import OF_THE_CLOCK, OF_THE_SEED, Block, blocks, differs, steps
from shell import Shell

USUAL = "http://127.0.0.1:8080"
"""Where pages say that the server is; it stands for the one that the page started."""
PYTEST = "python -W error -m pytest -p no:cacheprovider -p no:randomly"
_TEST = re.compile(r"^ *def test_", re.MULTILINE)
_READ_BY_PYTEST = ("conftest.py", "pyproject.toml", "pytest.ini")

_COMMAND = """#!/bin/sh
# The server of the page stands for the one on the usual port.
if [ -n "$(cat '{root}')" ]; then
    export MOCK_AJERA_CONTROL_URL="${{MOCK_AJERA_CONTROL_URL:-$(cat '{root}')/_mock}}"
    export AJERA_API_URL="${{AJERA_API_URL:-$(cat '{url}')}}"
fi
exec '{command}' "$@"
"""

_PIP = """#!/bin/sh
# What is to be installed is installed here.
[ "$1" = install ]
"""


def run_page(text: str, page: str, folder: Path) -> int:
    """Run the blocks of a page in a new folder, and say how many there were.

    Raises ``AssertionError``, which begins with page, line and language, for the first that is not as it says.
    """
    found = blocks(text, page)
    for number, block in enumerate(found):
        if block.language not in _RUNS:
            raise AssertionError(f"{block}: blocks of this language are not run; there are {', '.join(_RUNS)}")
        if block.file is not None and not any(_reads(later, block.file) for later in found[number + 1 :]):
            raise AssertionError(f"{block}: no later block uses {block.file}")
    with ExitStack() as ends:
        reader = _Reader(folder, ends)
        # Tests that follow each other are run at once: pytest takes longer to start than to run them.
        for tests, group in groupby(found, key=_is_test):
            if tests:
                _run_tests(reader, list(group))
                continue
            for block in group:
                try:
                    _RUNS[block.language](reader, block)
                except (AssertionError, OSError, ValueError, SyntaxError, configparser.Error, yaml.YAMLError) as error:
                    raise AssertionError(f"{block}: {error}") from error
    return len(found)


def _is_test(block: Block) -> bool:
    """Whether a block is a file of tests that nothing else runs."""
    return block.language == "python" and block.file is None and _TEST.search(block.text) is not None


def _reads(block: Block, file: str) -> bool:
    """Whether a block uses a file: by its name, its folder, as a module, or because pytest does."""
    names = {file, file.split("/")[0]}
    if file.endswith(".py"):
        names |= {f"import {Path(file).stem}", f"from {Path(file).stem}"}
    tested = _is_test(block) or re.search(r"(?<!-)\bpytest\b", block.text) is not None
    by_pytest = file in _READ_BY_PYTEST and tested
    return by_pytest or any(name in block.text for name in names)


class _Reader:
    """Who does what a page says, with a terminal, and another one for the server."""

    def __init__(self, folder: Path, ends: ExitStack) -> None:
        self.folder = folder / "page"
        scratch, binaries = folder / "typed", folder / "bin"
        for each in (self.folder, scratch, binaries):
            each.mkdir()
        self._root, self._url = folder / "root.txt", folder / "url.txt"
        self._serves("", "")
        _program(binaries / "mock-ajera", _COMMAND.format(root=self._root, url=self._url, command=COMMAND))
        # In a script a request that is refused with an HTTP status is a failure.
        (folder / ".curlrc").write_text("fail-with-body\nshow-error\n", encoding="utf-8")
        self.curl_home = folder
        self.shell = ends.enter_context(Shell(self.folder, environment_of(programs(binaries)), scratch))
        self._server = ends.enter_context(ExitStack())
        self.keep: tuple[str, ...] = ()
        """What does not change from run to run with the server as it was started."""

    def _serves(self, root: str, url: str) -> None:
        self._root.write_text(root, encoding="utf-8")
        self._url.write_text(url, encoding="utf-8")

    def here(self, text: str) -> str:
        """A text with the address of the page's server."""
        return text.replace(USUAL, self._root.read_text(encoding="utf-8") or USUAL)

    def serve(self, command: str) -> str:
        """Start the server of the page in the place of one that runs: what it prints."""
        words = shlex.split(command)
        at = words.index("mock-ajera")
        variables = dict(word.split("=", 1) for word in words[:at])
        self._server.close()
        (self.folder / "served.env").unlink(missing_ok=True)
        more = ("--port", "0", "--env-file", "served.env")
        served = self._server.enter_context(
            serving(COMMAND, *words[at + 1 :], *more, cwd=self.folder, environment=clean_environment(**variables))
        )
        self._serves(served.root, served.url)
        self.keep = (OF_THE_CLOCK if "--freeze" in words else ()) + (OF_THE_SEED if "--seed" in words else ())
        return (self.folder / "served.txt").read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        """Write a file below the page's folder."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.here(text), encoding="utf-8")


def programs(folder: Path) -> Path:
    """Put what stands for pip into a folder."""
    _program(folder / "pip", _PIP)
    return folder


def environment_of(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a terminal that finds programs in a folder first, and then those that are installed here."""
    path = os.pathsep.join([str(folder), str(COMMAND.parent), os.environ["PATH"]])
    return clean_environment(PATH=path, **more)


def _program(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


def _run_tests(reader: _Reader, found: list[Block]) -> None:
    """Tests that pass, none of them skipped. What pytest prints tells the lines: they are in the names of the files."""
    names = [f"test_line_{block.line}.py" for block in found]
    for name, block in zip(names, found, strict=True):
        reader.write(name, block.text)
    try:
        said = reader.shell.type(f"{PYTEST} {' '.join(names)}", strict=True)
        assert re.fullmatch(r"=+ \d+ passed in .*", said.splitlines()[-1]), said
        assert all(re.search(rf"^{name} \.+ ", said, re.MULTILINE) for name in names), said
    except AssertionError as error:
        raise AssertionError(f"{', '.join(map(str, found))}: {error}") from None


def _python(reader: _Reader, block: Block) -> None:
    """A script that ends well, or a file that a later block uses."""
    compile(block.text, str(block), "exec")
    name = block.file or f"script_line_{block.line}.py"
    reader.write(name, block.text)
    if block.file is None:
        reader.shell.type(f"python -W error {name}", strict=True)


def _console(reader: _Reader, block: Block) -> None:
    """Each command prints what stands below it; of a server that starts, nothing needs to."""
    for command, promised in steps(block.text):
        if re.match(r"(\w+=\S+ )*mock-ajera serve\b(?!.*&$)", command):
            printed = reader.serve(command)
            promised = promised or printed
        else:
            printed = reader.shell.type(reader.here(command))
        found = differs(printed, promised, reader.keep)
        assert not found, f"$ {command}\n{found}"


def _sh(reader: _Reader, block: Block) -> None:
    """No command fails."""
    text = reader.here(block.text)
    reader.shell.type(f"export CURL_HOME='{reader.curl_home}'\n{text}\nunset CURL_HOME", strict=True)


def _ini(text: str) -> object:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return parser


_PARSES: Mapping[str, Callable[[str], object]] = {
    "json": json.loads,
    "toml": tomllib.loads,
    "ini": _ini,
    "yaml": yaml.safe_load,
}


def _data(reader: _Reader, block: Block) -> None:
    """It can be read, and is the file that the line before it names."""
    _PARSES[block.language](block.text)
    if block.file is not None:
        reader.write(block.file, block.text)


_RUNS: Mapping[str, Callable[[_Reader, Block], None]] = {
    "python": _python,
    "console": _console,
    "sh": _sh,
    **dict.fromkeys(_PARSES, _data),
}
