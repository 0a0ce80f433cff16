"""What becomes of the example programs on each bad day and in each race."""

from __future__ import annotations

from collections.abc import Iterable

from mock_ajera.trials.chaos import BAD_DAYS
from mock_ajera.trials.races import RACES
from tools.pages.markdown import table
from tools.tried import ARGUMENTS, NEVER, Result, load


def bad_days() -> str:
    """Return the table of the bad days."""
    return _table("bad day", [day.name for day in BAD_DAYS])


def races() -> str:
    """Return the table of the races."""
    return _table("race", [race.name for race in RACES])


def _table(title: str, names: Iterable[str]) -> str:
    results = load()
    programs = [program.removesuffix(".py") for program in ARGUMENTS]
    rows = [(name, *(_cell(results[program][name]) for program in ARGUMENTS)) for name in names]
    return table((title, *programs), rows)


def _cell(found: Iterable[Result]) -> str:
    """Return the words of a program, each once, in the order of its calls; what it does not survive is in bold."""
    words = {each.outcome: each.survived for each in found if each.outcome != NEVER}
    return "; ".join(word if survived else f"**{word}**" for word, survived in words.items()) or "-"
