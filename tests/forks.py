"""``mock-ajera`` as a process of its own without a start of Python: a fork of one that has imported it already.

Hundreds of tests ask for a server or a command of its own. Importing would cost each of them half a second of
processor time, a fork costs milliseconds; all else is as in a process that was executed. Tests of the start itself
execute the program, and so does all that sets what Python reads when it starts.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing import forkserver
from multiprocessing.reduction import DupFd
from pathlib import Path
from signal import SIGKILL, Signals
from typing import IO, Any

import pytest

import mock_ajera.cli

FORKS = multiprocessing.get_context("forkserver")
# Pytest as well: multiprocessing imports in every fork what is the program of this process.
FORKS.set_forkserver_preload(["preloaded", "pytest"])


@cache
def _start() -> None:
    """Start the process that forks. It finds the package that the tests import, and what lies beside this file."""
    found = (Path(mock_ajera.__file__).parents[1], Path(__file__).parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(map(str, found)))
        # Without it the working directory stands before them: the checkout, where a wheel is to be tested.
        patch.setenv("PYTHONSAFEPATH", "1")
        forkserver.ensure_running()


class Fork:
    """A running ``mock-ajera``, with what the tests use of ``subprocess.Popen``."""

    def __init__(
        self, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], files: Sequence[IO[Any]]
    ) -> None:
        """``arguments``: the words behind ``mock-ajera``; ``files``: standard input, output and error."""
        self._output = files[1]
        _start()
        given = ([*arguments], str(folder), dict(environment), [_Inherited(each) for each in files])
        self._process = FORKS.Process(target=_program, args=given)
        self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended, a signal as a negative number; None while it runs."""
        return self._process.exitcode

    def printed(self) -> str:
        """What stands in the file that is its standard output; where it writes next stays as it is."""
        number = self._output.fileno()
        return os.pread(number, os.fstat(number).st_size, 0).decode()

    def poll(self) -> int | None:
        """The same."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and how it ended. Raises ``TimeoutError``."""
        self._process.join(timeout)
        if self.returncode is None:
            raise TimeoutError(f"process {self.pid} does not end")
        return self.returncode

    def send_signal(self, number: Signals) -> None:
        """Send a signal to the process while it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(SIGKILL)


class _Inherited:
    """An open file as a fork gets it: its number there."""

    def __init__(self, file: IO[Any]) -> None:
        self._file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return _number, (DupFd(self._file.fileno()),)


def _number(handle: Any) -> int:
    return int(handle.detach())


def _program(arguments: Sequence[str], folder: str, environment: Mapping[str, str], files: Sequence[int]) -> None:
    """``mock-ajera`` with its files, surroundings and words."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["mock-ajera", *arguments]
    mock_ajera.cli.main()
