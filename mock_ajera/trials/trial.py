"""Run a program once against a fake Ajera of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mock_ajera.mock import MockAjera
from mock_ajera.tenants.journal import Entry
from mock_ajera.trials.books import Books, Changes, Written

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
Prepare = Callable[[MockAjera], object]
"""Let something go wrong for a program that is about to run."""


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
    options: Mapping[str, Any] = field(default_factory=dict)
    """Options of ``MockAjera``."""
    folder: Path | None = None
    """A folder that is copied for each trial, in which the program then runs."""

    def trial(self, prepare: Prepare, *, again: bool = True) -> Trial:
        """Run the program on a bad day. ``again``: run it once more on a good day if it fails."""
        with self._folder() as folder, MockAjera(**self.options) as ajera:
            tenant = ajera.tenant
            before, users = Books(tenant), list(tenant.users.values())
            prepare(ajera)
            run = self._run(ajera, folder)
            met = not tenant.faults or any(fault.fired for fault in tenant.faults)
            # The day is over: what was withdrawn is given back.
            tenant.faults.clear()
            for user in users:
                tenant.users.put(user)
            ajera.start()
            after = Books(tenant)
            if not (again and run.failed):
                return Trial(before, run, after, met)
            second = self._run(ajera, folder)
            return Trial(before, run, after, met, second, Books(tenant))

    @contextmanager
    def _folder(self) -> Generator[Path | None]:
        if self.folder is None:
            yield None
            return
        with tempfile.TemporaryDirectory(prefix="mock-ajera-") as made:
            copied = Path(made) / "run"
            shutil.copytree(self.folder, copied)
            yield copied

    def _run(self, ajera: MockAjera, folder: Path | None) -> Run:
        seen = len(ajera.journal) and ajera.journal[-1].number
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
            try:
                code = process.wait(self.timeout)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                _kill(process)
            output.seek(0)
            printed = output.read().decode(errors="replace")
        return Run(code, time.monotonic() - began, tuple(ajera.journal.where(after=seen)), printed)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
