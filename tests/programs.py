"""Runs the example programs in this process. Every session can expire after one of their calls."""

from __future__ import annotations

import io
import json
import runpy
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from checkout import ROOT

from mock_ajera import MockAjera
from mock_ajera.tenants.journal import Entry

EXAMPLES = ROOT / "examples"
FROZEN = "2026-03-02T14:00:00Z"


@dataclass(frozen=True)
class Run:
    """The exit code and the output of one run of a program."""

    code: int
    printed: str
    errors: str


class Programs:
    """A user's folder and environment, in which the programs run against a mock.

    ``expire_after``: the number of the call, counted over all runs, after which every session expires.
    """

    def __init__(self, ajera: MockAjera, folder: Path, expire_after: int | None = None) -> None:
        self.ajera, self.folder = ajera, folder
        self.runs: list[Run] = []
        self.calls: list[list[Entry]] = []
        """The calls of each run."""
        self._expire_after = expire_after
        self._running = False
        ajera.journal.listeners.append(self._note)

    def _note(self, entry: Entry) -> None:
        if not self._running:
            return
        self.calls[-1].append(entry)
        if sum(map(len, self.calls)) == self._expire_after:
            self.ajera.expire_sessions()

    def run(self, program: str, *arguments: str, **variables: str) -> Run:
        """Run a program to its end. ``variables``: of its environment, in place of those of the mock."""
        environment = {
            "AJERA_API_URL": self.ajera.url,
            "AJERA_API_USERNAME": self.ajera.username,
            "AJERA_API_PASSWORD": self.ajera.password,
        } | variables
        output, errors, code = io.StringIO(), io.StringIO(), 0
        self.calls.append([])
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
            patch.chdir(self.folder)
            patch.syspath_prepend(EXAMPLES)
            patch.setattr(sys, "argv", [program, *arguments])
            for name, value in environment.items():
                patch.setenv(name, value)
            self._running = True
            try:
                runpy.run_path(str(EXAMPLES / program), run_name="__main__")
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 1
                errors.write(ended.code if isinstance(ended.code, str) else "")
            finally:
                self._running = False
        self.runs.append(Run(code, output.getvalue(), errors.getvalue()))
        return self.runs[-1]

    def write(self, name: str, value: Any) -> None:
        """Write a file of the user, as JSON."""
        (self.folder / name).write_text(json.dumps(value), encoding="utf-8")

    def read(self, name: str) -> Any:
        """Return the JSON in a file of the user."""
        return json.loads((self.folder / name).read_text(encoding="utf-8"))


Story = Callable[[Programs], object]
"""A function that runs programs, and changes records between the runs. It must not depend on tokens."""


def play(story: Story, folder: Path, expire_after: int | None = None) -> tuple[Programs, Any]:
    """Play a story in a new folder and firm. Return its programs, and everything that it leaves behind."""
    folder.mkdir()
    with MockAjera(seed="story", freeze=FROZEN) as ajera:
        programs = Programs(ajera, folder, expire_after)
        story(programs)
        files = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
        return programs, (programs.runs, files, ajera.tenant.fingerprint())


def survives_every_expiry(story: Story, folder: Path) -> None:
    """Play a story, and again with the sessions expiring after each call in turn. Assert that the results are equal.

    The results are the exit codes, the output, the files and all records of the firm with the numbers of their writes,
    so that a record that is created or written twice is noticed.
    """
    programs, expected = play(story, folder / "undisturbed")
    methods = [entry.method for calls in programs.calls for entry in calls]
    last = {sum(map(len, programs.calls[: number + 1])) for number in range(len(programs.calls))}
    assert methods
    for number, method in enumerate(methods, 1):
        disturbed, result = play(story, folder / str(number), number)
        assert result == expected, f"the sessions expired after call {number}, {method}"
        refused = [entry for calls in disturbed.calls for entry in calls if entry.message == "Invalid Session"]
        assert bool(refused) == (number not in last), f"the sessions did not expire after call {number}, {method}"
