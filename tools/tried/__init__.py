"""The example programs under each bad day and in each race, for the table in ``docs/trials.md``.

``python -m tools.tried`` tries them all, which takes ten minutes, and writes ``results.json``; with names of programs
it tries only these. ``python -m tools.pages`` then rewrites the page. Neither is done in CI.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

RESULTS = Path(__file__).with_name("results.json")
NEVER = "did not happen"
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "one_project.py": (),
    "link_account.py": (),
    "import_projects.py": (),
    "sync_jobs.py": ("preferences.json",),
    "create_projects.py": ("sheet.csv",),
    "audit_timesheets.py": ("2026-02-22",),
    "enter_invoices.py": ("invoices.csv",),
    "week_of_a_firm.py": ("Mill Race Studio", "Dale Anderson", "2025-12-21", "Copperline Reprographics", "6410"),
}
"""The example programs with their arguments."""


class Result(NamedTuple):
    """What became of a program on a bad day or in a race."""

    place: str
    """The call at which it happened: login, read or write; empty for a race."""
    outcome: str
    survived: bool


Results = dict[str, dict[str, list[Result]]]
"""By program and by bad day or race."""


def load() -> Results:
    """Return the results of the last run."""
    stored = json.loads(RESULTS.read_text(encoding="utf-8"))
    return {
        program: {name: [Result(*each) for each in found] for name, found in trials.items()}
        for program, trials in stored.items()
    }


def save(results: Results) -> None:
    """Replace the results."""
    ordered = {program: results[program] for program in ARGUMENTS if program in results}
    lines = [
        f"{json.dumps(program)}: {{\n"
        + ",\n".join(f" {json.dumps(name)}: {json.dumps(found)}" for name, found in trials.items())
        + "\n}"
        for program, trials in ordered.items()
    ]
    RESULTS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
