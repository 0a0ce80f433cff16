"""Run a program once against a fake Ajera of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from mock_ajera.mock import MockAjera
from mock_ajera.tenants.journal import Entry
from mock_ajera.trials.books import Books, Changes, Written

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
Day = Callable[[MockAjera], AbstractContextManager[object]]
"""What goes wrong with a firm while a program runs: from the start of a context to its end."""


def good_day(_: MockAjera) -> AbstractContextManager[object]:
    """Return a day on which nothing goes wrong."""
    return nullcontext()


class CannotRun(Exception):
    """The program cannot be started."""


@dataclass(frozen=True)
class Run:
    """What a program did in one run."""

    code: int | None
    """Exit code; None if it had to be killed."""
    seconds: float
    entries: tuple[Entry, ...]
    """The calls that it made."""
    printed: str

    @property
    def failed(self) -> bool:
        """Whether it reports a failure."""
        return self.code != 0


@dataclass(frozen=True)
class Trial:
    """A run on a bad day, and one more on a good day if it failed."""

    before: Books
    run: Run
    after: Books
    met: bool = True
    """Whether it met what was prepared for it."""
    again: Run | None = None
    end: Books | None = None
    """The books after the other run; None without one."""

    def changes(self, ignoring: Collection[Written] = ()) -> Changes:
        """Return what the first run has done. ``ignoring``: what somebody else has written."""
        return self.before.changes_until(self.after, ignoring)

    def final_changes(self, ignoring: Collection[Written] = ()) -> Changes:
        """Return what both runs have done."""
        return self.before.changes_until(self.after if self.end is None else self.end, ignoring)


@dataclass(frozen=True)
class Program:
    """A program to run, which reads the API's URL and credentials from the environment."""

    command: Sequence[str]
    timeout: float
    """Seconds until it is killed."""
    firm: Callable[[], MockAjera] = MockAjera
    """Makes the firm of a trial."""
    folder: Path | None = None
    """A folder that is copied for each trial, in which the program then runs."""

    def trial(self, day: Day, *, again: bool = True) -> Trial:
        """Run the program on a day, and if it fails, once more on a good one. ``again``: whether to do so.

        Raises ``CannotRun``, and what ``firm`` raises.
        """
        with self._folder() as folder, self.firm() as ajera:
            tenant = ajera.tenant
            before, users = Books(tenant), {user.name: user for user in tenant.users.values()}
            try:
                with day(ajera):
                    run = self._run(ajera, folder, users)
                met = not tenant.faults or any(fault.fired for fault in tenant.faults)
            finally:
                tenant.faults.clear()
            # The day is over: permissions that were withdrawn are given back.
            for user in users.values():
                tenant.users.put(user)
            after = Books(tenant)
            if not (again and run.failed):
                return Trial(before, run, after, met)
            second = self._run(ajera, folder, users)
            return Trial(before, run, after, met, second, Books(tenant))

    @contextmanager
    def _folder(self) -> Generator[Path | None]:
        if self.folder is None:
            yield None
            return
        with tempfile.TemporaryDirectory(prefix="mock-ajera-") as made:
            copied = Path(made) / "run"
            try:
                shutil.copytree(self.folder, copied, symlinks=True)
            except OSError as error:
                raise CannotRun(f"cannot copy {self.folder}: {_reason(error)}") from None
            yield copied

    def _run(self, ajera: MockAjera, folder: Path | None, users: Collection[str]) -> Run:
        """Run the program. ``users``: the API users that may be its own; calls of others are not."""
        calls: list[Entry] = []
        ajera.journal.listeners.append(calls.append)
        environ = {
            # A proxy would answer in place of the server on this machine.
            **{name: value for name, value in os.environ.items() if name.lower() not in _PROXIES},
            "AJERA_API_URL": ajera.url,
            "AJERA_API_USERNAME": ajera.username,
            "AJERA_API_PASSWORD": ajera.password,
            "MOCK_AJERA_CONTROL_URL": ajera.control_url,
        }
        began = time.monotonic()
        with tempfile.TemporaryFile() as output:
            try:
                # A group of its own: what the program has started is killed with it.
                process = subprocess.Popen(
                    self.command,
                    env=environ,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                raise CannotRun(f"cannot run {self.command[0]}: {_reason(error)}") from None
            try:
                code = process.wait(self.timeout)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                _kill(process)
            output.seek(0)
            printed = output.read().decode(errors="replace")
        seconds = time.monotonic() - began
        ajera.journal.listeners.remove(calls.append)
        own = tuple(entry for entry in calls if entry.user in users or entry.user not in ajera.tenant.users)
        return Run(code, seconds, own, printed)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a program and what it has started. It may have ended."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
