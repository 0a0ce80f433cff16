"""What ``mock-ajera chaos`` and ``mock-ajera races run`` say about their trials."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import click
import msgspec

from mock_ajera import codec
from mock_ajera.cli.output import REFUSED, fail, printable
from mock_ajera.trials.outcome import Outcome
from mock_ajera.trials.trial import Run, Trial

_WIDTH = 30
"""Of the longest pair of words, with a space."""
_SHOWN = 5
"""Most records that are named for a trial."""


class TrialReport:
    """Says what became of a program in each trial, as it goes."""

    def __init__(self, *, as_json: bool, log: Path | None) -> None:
        """``log``: a folder for a file about each trial."""
        self._as_json, self._log = as_json, log
        self._trials: list[dict[str, Any]] = []
        self._notes: list[str] = []
        if log is not None:
            try:
                log.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                fail(f"{log}: {error.strerror}")

    def note(self, text: str) -> None:
        """Say something about the program."""
        self._notes.append(text)
        self._say(text)

    def did_not_happen(self, name: str) -> None:
        """Say that what was prepared for a trial did not happen."""
        self._trials.append({"name": name, "happened": False})
        self._say(f"--  {'did not happen':{_WIDTH}}{name}")

    def add(self, name: str, trial: Trial, found: Outcome) -> None:
        """Say what became of the program in a trial."""
        file = None if self._log is None else self._log / f"{len(self._trials) + 1:02}-{_slug(name)}.txt"
        self._trials.append(
            {
                "name": name,
                "happened": True,
                "survived": found.survived,
                "word": found.word,
                "details": found.details,
                "next_run": found.next_run,
                "next_details": found.next_details,
                "log": None if file is None else str(file),
            }
        )
        self._say(f"{'ok ' if found.survived else 'BAD'} {found!s:{_WIDTH}}{name}")
        details = () if found.survived else (*found.details, *found.next_details)
        for each in details[:_SHOWN]:
            self._say(f"    {printable(each)}")
        if len(details) > _SHOWN:
            self._say(f"    and {len(details) - _SHOWN} more")
        if file is not None:
            lines = [f"{name}: {found}", *details, "", *_lines(trial.run)]
            if trial.again is not None:
                lines += ["", "The next run, on a good day:", "", *_lines(trial.again)]
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def end(self) -> NoReturn:
        """Print the JSON, and exit: with 1 if the program did not survive a trial. Fails if nothing has happened."""
        happened = [each for each in self._trials if each["happened"]]
        survived = all(each["survived"] for each in happened)
        if self._as_json:
            document = {"notes": self._notes, "survived": survived, "trials": self._trials}
            click.echo(msgspec.json.format(codec.encode(document), indent=2))
        if not happened:
            fail("nothing went wrong: no call of the program fits what was chosen")
        sys.exit(0 if survived else REFUSED)

    def _say(self, text: str) -> None:
        click.echo(text, err=self._as_json)


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower())[:80].strip("-")


def _lines(run: Run) -> Iterator[str]:
    """Yield what a program did: its calls, its exit code and its output."""
    for entry in run.entries:
        yield f"{entry}{f': {entry.message}' if entry.outcome != 'ok' else ''}"
    yield "killed, as it did not end in time" if run.code is None else f"exit code {run.code}"
    yield from ("", run.printed.rstrip())
