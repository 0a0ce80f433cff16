"""Runs a Markdown page as a reader would: its blocks in order, in one folder and one terminal."""

from __future__ import annotations

import configparser
import csv
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
from checkout import COMMAND, ROOT, clean_environment, serving
from pages import OF_THE_CLOCK, OF_THE_SEED, Block, blocks, differs, steps
from shell import Shell

USUAL = "http://127.0.0.1:8080"
"""The server's URL in the pages, replaced by that of the server that the page started."""
CHECKOUT = "/path/to/mock-ajera"
"""The checkout in the pages, replaced by this one."""
PYTEST = "python -W error -m pytest -p no:cacheprovider -p no:randomly"
_TEST = re.compile(r"^ *def test_", re.MULTILINE)
_READ_BY_PYTEST = ("conftest.py", "pyproject.toml", "pytest.ini")

_COMMAND = """#!/bin/sh
# Use the server of the page in place of the one on the default port.
if [ -n "$(cat '{root}')" ]; then
    export MOCK_AJERA_CONTROL_URL="${{MOCK_AJERA_CONTROL_URL:-$(cat '{root}')/_mock}}"
    export AJERA_API_URL="${{AJERA_API_URL:-$(cat '{url}')}}"
fi
exec '{command}' "$@"
"""

_PIP = """#!/bin/sh
# Everything that a page installs is installed already.
[ "$1" = install ]
"""


def run_page(text: str, page: str, folder: Path) -> int:
    """Run the blocks of a page in a new folder and return their number.

    Raises ``AssertionError`` for the first block that fails; the message starts with page, line and language.
    """
    found = blocks(text, page)
    for number, block in enumerate(found):
        if block.language not in _RUNS:
            raise AssertionError(f"{block}: blocks of this language are not run; there are {', '.join(_RUNS)}")
        if block.file is not None and not any(_reads(later, block.file) for later in found[number + 1 :]):
            raise AssertionError(f"{block}: no later block uses {block.file}")
    with ExitStack() as ends:
        reader = _Reader(folder, ends)
        # Adjacent test blocks share one run: pytest takes longer to start than to run them.
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
    """Return whether a block has tests and no file name."""
    return block.language == "python" and block.file is None and _TEST.search(block.text) is not None


def _reads(block: Block, file: str) -> bool:
    """Return whether a block uses a file: by its name, its folder, as a module, or through pytest."""
    names = {file, file.split("/")[0]}
    if file.endswith(".py"):
        names |= {f"import {Path(file).stem}", f"from {Path(file).stem}"}
    tested = _is_test(block) or re.search(r"(?<!-)\bpytest\b", block.text) is not None
    by_pytest = file in _READ_BY_PYTEST and tested
    return by_pytest or any(name in block.text for name in names)


class _Reader:
    """Runs the blocks of a page with one terminal for commands and another one for the server."""

    def __init__(self, folder: Path, ends: ExitStack) -> None:
        self.folder = folder / "page"
        scratch, binaries = folder / "typed", folder / "bin"
        for each in (self.folder, scratch, binaries):
            each.mkdir()
        self._root, self._url = folder / "root.txt", folder / "url.txt"
        self._serves("", "")
        _program(binaries / "mock-ajera", _COMMAND.format(root=self._root, url=self._url, command=COMMAND))
        # In scripts, an HTTP error status makes curl fail.
        (folder / ".curlrc").write_text("fail-with-body\nshow-error\n", encoding="utf-8")
        self.curl_home = folder
        self.shell = ends.enter_context(Shell(self.folder, environment_of(programs(binaries)), scratch))
        self._server = ends.enter_context(ExitStack())
        self.keep: tuple[str, ...] = ()
        """Names in ``CHANGING`` of values that do not change with the options of the server."""

    def _serves(self, root: str, url: str) -> None:
        self._root.write_text(root, encoding="utf-8")
        self._url.write_text(url, encoding="utf-8")

    def here(self, text: str) -> str:
        """Return a text with the URL of the page's server and the path of the checkout."""
        text = text.replace(CHECKOUT, ROOT.as_posix())
        return text.replace(USUAL, self._root.read_text(encoding="utf-8") or USUAL)

    def serve(self, command: str) -> str:
        """Start the server of the page, stop the previous one, and return the output."""
        words = shlex.split(command)
        at = words.index("mock-ajera")
        variables = dict(word.split("=", 1) for word in words[:at])
        self._server.close()
        more = ("--port", "0", "--env-file", "served.env")
        served = self._server.enter_context(
            serving(COMMAND, *words[at + 1 :], *more, cwd=self.folder, environment=clean_environment(**variables))
        )
        self._serves(served.root, served.url)
        self.keep = (OF_THE_CLOCK if "--freeze" in words else ()) + (OF_THE_SEED if "--seed" in words else ())
        return (self.folder / "served.txt").read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        """Write a file in the page's folder."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.here(text), encoding="utf-8")


def programs(folder: Path) -> Path:
    """Write the replacement for pip into a folder."""
    _program(folder / "pip", _PIP)
    return folder


def environment_of(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment that finds programs first in a folder, then in this environment's scripts.

    Its terminal has 80 columns.
    """
    path = os.pathsep.join([str(folder), str(COMMAND.parent), os.environ["PATH"]])
    return clean_environment(PATH=path, COLUMNS="80", **more)


def _program(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


def _run_tests(reader: _Reader, found: list[Block]) -> None:
    """Run test blocks: all must pass, without skips. File names have line numbers, so that failures show them."""
    names = [f"test_line_{block.line}.py" for block in found]
    for name, block in zip(names, found, strict=True):
        reader.write(name, block.text)
    try:
        printed = reader.shell.type(f"{PYTEST} {' '.join(names)}", strict=True)
        assert re.fullmatch(r"=+ \d+ passed in .*", printed.splitlines()[-1]), printed
        assert all(re.search(rf"^{name} \.+ ", printed, re.MULTILINE) for name in names), printed
    except AssertionError as error:
        raise AssertionError(f"{', '.join(map(str, found))}: {error}") from None


def _python(reader: _Reader, block: Block) -> None:
    """Run a script, or write a file for a later block."""
    compile(block.text, str(block), "exec")
    name = block.file or f"script_line_{block.line}.py"
    reader.write(name, block.text)
    if block.file is None:
        reader.shell.type(f"python -W error {name}", strict=True)


def _console(reader: _Reader, block: Block) -> None:
    """Run commands and compare their output. The output of a server that starts may be omitted."""
    for command, expected in steps(block.text):
        if re.match(r"(\w+=\S+ )*mock-ajera serve\b(?!.*&$)", command):
            printed = reader.serve(command)
            expected = expected or printed
        else:
            printed = reader.shell.type(reader.here(command))
        found = differs(printed, expected, reader.keep)
        assert not found, f"$ {command}\n{found}"


def _sh(reader: _Reader, block: Block) -> None:
    """Run a script in which no command fails."""
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
    "csv": lambda text: list(csv.reader(text.splitlines())),
}


def _data(reader: _Reader, block: Block) -> None:
    """Parse data, and write it to the file that the line before the block names."""
    _PARSES[block.language](block.text)
    if block.file is not None:
        reader.write(block.file, block.text)


_RUNS: Mapping[str, Callable[[_Reader, Block], None]] = {
    "python": _python,
    "console": _console,
    "sh": _sh,
    **dict.fromkeys(_PARSES, _data),
}
