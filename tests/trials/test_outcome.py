"""The words for what became of a program: one row for each combination of its exit codes and what it has written."""

from __future__ import annotations

from typing import get_args

import pytest
from trials.test_books import MARK, Act, contact, notes, project

from mock_ajera import MockAjera
from mock_ajera.tenants.journal import Entry
from mock_ajera.trials.books import Books, Written
from mock_ajera.trials.outcome import Outcome, Word, outcome
from mock_ajera.trials.trial import Run, Trial

ENTRY = Entry(1, 0, "ListProjects", "integrator", 1, "ok", "Success", ())
NEW, NOTE, OTHER = project("Mill Race"), notes("done"), contact("Quay")
ALL: list[Act] = [NEW, NOTE]
"""What the program does on a good day."""
THEIRS = Written("Client", 1, "Notes", MARK)
WITH_THEIRS = notes(f"done {MARK}")
DELETION = Written("Client", 1)


def played(code: int | None, acts: list[Act], *then: int | list[Act], calls: int = 1) -> Trial:
    """Return a trial of a program that does this, and then in another run that."""
    ajera = MockAjera(seed="1")
    before = Books(ajera.tenant)
    for act in acts:
        act(ajera)
    trial = Trial(before, Run(code, 0, (ENTRY,) * calls, ""), Books(ajera.tenant))
    if not then:
        return trial
    again, others = then
    assert isinstance(again, int)
    assert isinstance(others, list)
    for act in others:
        act(ajera)
    return Trial(trial.before, trial.run, trial.after, True, Run(again, 0, (), ""), Books(ajera.tenant))


@pytest.fixture(scope="module")
def usual() -> Trial:
    return played(0, ALL)


@pytest.mark.parametrize(
    ("trial", "words", "survived"),
    [
        (played(0, ALL), "finished", True),
        (played(0, ALL, calls=2), "retried", True),
        (played(1, [], 0, ALL), "failed, then finished", True),
        (played(1, [], 1, []), "failed, then failed", False),
        (played(1, [], 0, []), "failed, then lost", False),
        (played(1, [], 0, [NEW]), "failed, then lost", False),
        (played(1, [], 1, [NEW]), "failed, then half done", False),
        (played(1, ALL, 0, []), "failed late, then finished", True),
        (played(1, ALL, 0, [NEW]), "failed late, then duplicated", False),
        (played(1, ALL, 1, []), "failed late, then failed late", False),
        (played(1, [NEW], 0, [NOTE]), "half done, then finished", True),
        (played(1, [NEW], 0, []), "half done, then lost", False),
        (played(1, [NEW], 0, ALL), "half done, then duplicated", False),
        (played(0, []), "lost", False),
        (played(0, [NOTE]), "lost", False),
        (played(0, [*ALL, OTHER]), "leftover", False),
        (played(1, [*ALL, OTHER], 0, []), "leftover, then leftover", False),
        (played(0, [*ALL, NEW]), "duplicated", False),
        (played(0, [NEW, NEW]), "duplicated", False),
        (played(1, [NEW, NEW], 0, [NOTE]), "duplicated, then duplicated", False),
        (played(None, ALL, 0, []), "hung, then finished", False),
        (played(None, [], 1, []), "hung, then failed", False),
    ],
)
def test_words(trial: Trial, words: str, usual: Trial, *, survived: bool) -> None:
    found = outcome(trial, usual)
    assert (str(found), found.survived) == (words, survived)


@pytest.mark.parametrize(
    ("trial", "words", "survived"),
    [
        (played(0, [NEW, WITH_THEIRS]), "finished", True),
        (played(0, [NEW, notes("done")]), "overwrote", False),
        (played(1, [NEW, notes("done")], 0, []), "overwrote", False),
        (played(1, [notes(MARK)], 0, [NEW, WITH_THEIRS]), "failed, then finished", True),
        # The next run has read what the other client wrote.
        (played(1, [notes(MARK)], 0, [NEW, notes("done")]), "failed, then finished", True),
    ],
)
def test_words_if_somebody_else_has_written(trial: Trial, words: str, usual: Trial, *, survived: bool) -> None:
    found = outcome(trial, usual, [THEIRS])
    assert (str(found), found.survived) == (words, survived)


@pytest.mark.parametrize(
    ("trial", "words", "survived"),
    [
        (played(0, [NEW]), "finished", True),
        (played(1, [NEW], 1, []), "failed late, then gone", True),
        (played(1, [], 1, []), "failed, then failed", False),
        (played(1, [], 0, [NEW]), "failed, then finished", True),
    ],
)
def test_words_if_somebody_else_has_deleted(trial: Trial, words: str, usual: Trial, *, survived: bool) -> None:
    """The program cannot write what was deleted, and need not."""
    found = outcome(trial, usual, [DELETION])
    assert (str(found), found.survived) == (words, survived)


def test_details_name_the_records(usual: Trial) -> None:
    assert outcome(played(0, [NOTE]), usual).details == ("Project 'Mill Race' is missing",)
    assert outcome(played(0, [*ALL, NEW]), usual).details == ("Project 'Mill Race' is there twice",)
    assert outcome(played(0, [*ALL, OTHER]), usual).details == ("Contact 'Quay' is left",)
    (lost,) = outcome(played(0, ALL), usual, [THEIRS]).details
    assert lost == f"Client 1: {MARK!r}, which another client wrote to Notes, is gone"


def test_a_failure_that_has_written_nothing_needs_no_details(usual: Trial) -> None:
    assert outcome(played(1, [], 0, ALL), usual) == Outcome("failed", (), "finished")


def test_each_word_is_in_the_help() -> None:
    from command_line import run

    texts = run("chaos", "--help").stdout + run("races", "run", "--help").stdout
    assert [word for word in get_args(Word) if f"\n  {word} " not in texts] == []
