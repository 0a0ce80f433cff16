"""The checkout as files, and programs run on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from forks import Fork

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60
"""Seconds after which a program that should have answered is given up."""


def files_of(folder: str, root: Path = ROOT) -> set[str]:
    """The files of a folder as paths below ``root``, without what Python and others leave there."""
    found = (path for path in (root / folder).rglob("*") if path.is_file())
    paths = (path.relative_to(root) for path in found if path.suffix != ".pyc")
    return {path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts)}


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without what ties a program to this checkout or to the settings of its user."""
    tied = ("PYTHON", "PYTEST_", "MOCK_AJERA_", "AJERA_API_", "VIRTUAL_ENV", "COVERAGE", "MAKE", "MFLAGS")
    return {name: value for name, value in os.environ.items() if not name.startswith(tied)} | more


def run(*command: str | Path, cwd: Path, environment: Mapping[str, str] | None = None) -> str:
    """What a command prints, errors included. Raises ``AssertionError`` with that text when it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment() if environment is None else dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        timeout=4 * PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"{command} ends with {done.returncode}:\n{done.stdout}"
    return done.stdout


def completed(
    *command: str | Path, cwd: Path, environment: Mapping[str, str] | None = None, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """What a command printed and how it ended, whichever way; ``given`` is its standard input."""
    with ExitStack() as opened:
        files = [opened.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(3)]
        put, output, error = files
        put.write(given)
        put.seek(0)
        process = started(*command, cwd=cwd, environment=environment, files=files)
        try:
            ended = process.wait(PATIENCE)
        finally:
            process.kill()
        output.seek(0)
        error.seek(0)
        return subprocess.CompletedProcess(command, ended, output.read(), error.read())


@dataclass(frozen=True)
class Served:
    """A server of its own process."""

    url: str
    variables: Mapping[str, str]
    folder: Path
    """Where it runs; ``served.txt`` there is what it prints."""

    @property
    def root(self) -> str:
        """Scheme, host and port."""
        return self.variables["MOCK_AJERA_CONTROL_URL"].removesuffix("/_mock")


@contextmanager
def serving(*command: str | Path, cwd: Path, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Run a command that serves until it is told to end; it writes ``served.env`` in ``cwd`` when it is ready.

    Raises ``AssertionError`` with what the command printed when it is never ready or ends badly.
    """
    ready = cwd / "served.env"
    said = cwd / "served.txt"
    with said.open("w", encoding="utf-8") as output, Path(os.devnull).open() as nothing:
        process = started(*command, cwd=cwd, environment=environment, files=(nothing, output, output))
        try:
            deadline = time.monotonic() + PATIENCE
            while not ready.exists():
                assert process.poll() is None, f"{command} ended:\n{said.read_text(encoding='utf-8')}"
                assert time.monotonic() < deadline, f"{command} is never ready:\n{said.read_text(encoding='utf-8')}"
                time.sleep(0.02)
            lines = ready.read_text(encoding="utf-8").splitlines()
            variables = dict(line.split("=", 1) for line in lines)
            yield Served(variables["AJERA_API_URL"], variables, cwd)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                ended = process.wait(PATIENCE)
            except (subprocess.TimeoutExpired, TimeoutError):
                process.kill()
                process.wait()
                raise
    assert ended == 0, f"{command} ends with {ended}:\n{said.read_text(encoding='utf-8')}"


def started(
    *command: str | Path, cwd: Path, environment: Mapping[str, str] | None, files: Sequence[IO[str]]
) -> Fork | subprocess.Popen[str]:
    """A running command; ``files``: its standard input, output and error; without ``environment`` a clean one.

    ``COMMAND`` is forked where what Python reads when it starts is what it has read here already.
    """
    program, *arguments = map(str, command)
    environment = clean_environment() if environment is None else environment
    if program == str(COMMAND) and _read_at_start(environment) == _read_at_start(os.environ):
        return Fork(arguments, folder=cwd, environment=environment, files=files)
    put, output, error = files
    return subprocess.Popen([program, *arguments], cwd=cwd, env=environment, stdin=put, stdout=output, stderr=error)


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that Python reads when it starts; a fork opens its output itself, and compiles nothing."""
    aside = ("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in environment.items() if name.startswith("PYTHON") and name not in aside}


PYTHON = Path(sys.executable)
COMMAND = PYTHON.with_name("mock-ajera")
"""The command line of the environment that runs the tests."""
