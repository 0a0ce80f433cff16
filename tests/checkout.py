"""The files of the checkout, and programs that run on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60
"""Seconds to wait for a program to respond."""


def files_of(folder: str, root: Path = ROOT) -> set[str]:
    """Return the files of a folder as paths below ``root``, without hidden and compiled files."""
    found = (path for path in (root / folder).rglob("*") if path.is_file())
    paths = (path.relative_to(root) for path in found if path.suffix != ".pyc")
    return {path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts)}


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without variables that tie a program to this checkout or to a user's settings."""
    tied = ("PYTHON", "PYTEST_", "MOCK_AJERA_", "AJERA_API_", "VIRTUAL_ENV", "COVERAGE", "MAKE", "MFLAGS")
    return {name: value for name, value in os.environ.items() if not name.startswith(tied)} | more


def completed(
    *command: str | Path, cwd: Path, environment: Mapping[str, str] | None = None, stderr: int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever its exit code."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment() if environment is None else dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        encoding="utf-8",
        timeout=4 * PATIENCE,
        check=False,
    )


def run(*command: str | Path, cwd: Path, environment: Mapping[str, str] | None = None) -> str:
    """Return the output of a command, including stderr. Raises ``AssertionError`` with that text when it fails."""
    done = completed(*command, cwd=cwd, environment=environment, stderr=subprocess.STDOUT)
    assert done.returncode == 0, f"{command} ends with {done.returncode}:\n{done.stdout}"
    return done.stdout


@dataclass(frozen=True)
class Served:
    """A server in a process of its own."""

    url: str
    variables: Mapping[str, str]
    folder: Path
    """Its working directory; ``served.txt`` there holds its output."""

    @property
    def root(self) -> str:
        """Scheme, host and port."""
        return self.variables["MOCK_AJERA_CONTROL_URL"].removesuffix("/_mock")


@contextmanager
def serving(*command: str | Path, cwd: Path, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Run a command that serves until SIGTERM and writes ``served.env`` in ``cwd`` when it is ready.

    Raises ``AssertionError`` with its output when it never becomes ready or exits with an error.
    """
    ready = cwd / "served.env"
    ready.unlink(missing_ok=True)
    printed = cwd / "served.txt"
    with printed.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env=clean_environment() if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + PATIENCE
            while not ready.exists():
                assert process.poll() is None, f"{command} ended:\n{printed.read_text(encoding='utf-8')}"
                assert time.monotonic() < deadline, f"{command} is never ready:\n{printed.read_text(encoding='utf-8')}"
                time.sleep(0.02)
            lines = ready.read_text(encoding="utf-8").splitlines()
            variables = dict(line.split("=", 1) for line in lines)
            yield Served(variables["AJERA_API_URL"], variables, cwd)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                ended = process.wait(PATIENCE)
            finally:
                process.kill()
    assert ended == 0, f"{command} ends with {ended}:\n{printed.read_text(encoding='utf-8')}"


PYTHON = Path(sys.executable)
COMMAND = PYTHON.with_name("mock-ajera")
"""The command line of the environment that runs the tests."""


def serving_mock(
    folder: Path, *options: str | Path, command: Path = COMMAND, **variables: str
) -> AbstractContextManager[Served]:
    """Run ``mock-ajera serve`` in a folder on a free port. ``variables``: of its environment."""
    words = (command, "serve", "--port", "0", "--env-file", "served.env", *options)
    return serving(*words, cwd=folder, environment=clean_environment(**variables))
