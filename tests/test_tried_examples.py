"""The measured tables of docs/trials.md have each example, each bad day and each race."""

from __future__ import annotations

from checkout import ROOT

from mock_ajera.trials.chaos import BAD_DAYS
from mock_ajera.trials.races import RACES
from tools.tried import ARGUMENTS, load

PAGE = (ROOT / "docs" / "trials.md").read_text(encoding="utf-8")
SHARED = {"ajera_client.py", "job_links.py", "job_service.py", "sheet.py"}
"""Examples that call Ajera only for others, or not at all."""
OWED = "run python -m tools.tried PROGRAM, and python -m tools.pages"


def test_each_example_is_tried() -> None:
    assert {file.name for file in (ROOT / "examples").glob("*.py")} - SHARED == set(ARGUMENTS)


def test_each_example_has_results_for_each_bad_day_and_race() -> None:
    names = {*(day.name for day in BAD_DAYS), *(race.name for race in RACES)}
    assert {program: set(found) ^ names for program, found in load().items()} == {
        program: set() for program in ARGUMENTS
    }, OWED


def test_the_page_has_each_example_bad_day_and_race() -> None:
    rows = [*(day.name for day in BAD_DAYS), *(race.name for race in RACES)]
    assert [name for name in rows if f"\n| {name} |" not in PAGE] == [], OWED
    assert [name for name in ARGUMENTS if f"| {name.removesuffix('.py')} |" not in PAGE] == [], OWED
