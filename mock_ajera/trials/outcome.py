"""What became of a program on a bad day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from mock_ajera.trials.books import Books, Changes, Written
from mock_ajera.trials.trial import Trial

Word = Literal[
    "finished",
    "retried",
    "failed",
    "failed late",
    "half done",
    "lost",
    "leftover",
    "duplicated",
    "overwrote",
    "gone",
    "hung",
]
SURVIVED: tuple[Word, ...] = ("finished", "retried", "gone")
"""The program has done what it does on a good day, as far as that is possible."""


@dataclass(frozen=True)
class Outcome:
    """What became of a program on a bad day, and of another run on a good one."""

    word: Word
    details: tuple[str, ...] = ()
    """The records that are missing or there twice."""
    next_run: Word | None = None
    """What became of the next run; None if there was none."""
    next_details: tuple[str, ...] = ()

    @property
    def survived(self) -> bool:
        """Whether the books are right in the end, and nothing is wrong that the program does not report."""
        if self.next_run is None:
            return self.word in SURVIVED
        return self.word not in ("hung", "lost", "overwrote") and self.next_run in SURVIVED

    def __str__(self) -> str:
        return self.word if self.next_run is None else f"{self.word}, then {self.next_run}"


def outcome(trial: Trial, usual: Trial, others: Collection[Written] = ()) -> Outcome:
    """Return what became of a program, compared with its usual run. ``others``: what somebody else has written.

    What the next run overwrites does not count: it has read what others wrote before it began.
    """
    word, details = _judged(trial.run.code, trial.changes(others), usual.changes(others))
    if word == "finished" and len(trial.run.entries) > len(usual.run.entries):
        word = "retried"
    if lost := _overwritten(trial.after, others):
        return Outcome("overwrote", lost)
    if trial.again is None or trial.end is None:
        return Outcome(word, details)
    final, best = trial.final_changes(others), usual.changes(others)
    then, then_details = _judged(trial.again.code, final, best)
    if then in ("failed", "failed late") and not final.lacking(best) and any(each.is_deletion for each in others):
        then = "gone"
    return Outcome(word, details, then, then_details)


def _overwritten(books: Books, others: Collection[Written]) -> tuple[str, ...]:
    """Return what somebody else has written and is not there any more, as text."""
    return tuple(
        f"{each.kind} {each.key}: {each.text!r}, which another client wrote to {each.member}, is gone"
        for each in others
        if books.lacks(each)
    )


def _judged(code: int | None, changes: Changes, usual: Changes) -> tuple[Word, tuple[str, ...]]:
    if code is None:
        return "hung", ()
    if copies := changes.copies_beyond(usual):
        return "duplicated", tuple(f"{item} is there twice" for item in copies)
    if lacking := changes.lacking(usual):
        word: Word = "lost" if code == 0 else "half done" if changes else "failed"
        return word, tuple(f"{each} is missing" for each in lacking if word != "failed")
    if left := usual.lacking(changes):
        return "leftover", tuple(f"{each} is left" for each in left)
    return ("finished" if code == 0 else "failed late" if changes else "failed"), ()
