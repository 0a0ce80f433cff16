"""The generated projects that expense reports and timesheets are charged to."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from mock_ajera.books.rules import NOT_BILLABLE
from mock_ajera.sample.rows import Row, days_from_today

_MOST_SITES = 200
"""Maximum projects that are kept in memory for the lines of expense reports."""
_BUDGET = Decimal("0.4")
"""The part of a phase's budget of hours that timesheets may use. Its ledger has the other work."""
_FREE_HOURS = Decimal(80)
"""Hours that a phase without a budget may get, such as one of a marketing project."""
_ON_HOLD, _HELD = ("Hold", "WorkHold"), 42
"""Statuses of projects that are on hold, and the number of days for which they have been."""


class Site(NamedTuple):
    """A project for the lines of reports."""

    project: int
    phases: tuple[int, ...]
    start: int
    """First day of work, in days from today."""
    end: int


class Sites:
    """Some of the generated projects: every nth one, so that memory does not grow with the number of projects."""

    def __init__(self, count: int) -> None:
        """``count``: the number of generated projects."""
        self._every = -(-count // _MOST_SITES)
        self._sites: list[Site] = []

    def consider(self, index: int, project: Row) -> None:
        """Add a project if its index among the generated projects is one of those to keep."""
        if index % self._every == 0:
            phases = tuple(row["PhaseKey"] for row in leaves(project))
            start = days_from_today(project.get("ActualStartDate") or project["EstimatedStartDate"]) or 0
            end = days_from_today(project.get("ActualCompletionDate")) or 0
            self._sites.append(Site(project["ProjectKey"], phases, start, end))

    def draw(self, rng: random.Random, on: int) -> Site:
        """Draw a project, in work on a day if there is one."""
        return rng.choice([site for site in self._sites if site.start <= on <= site.end] or self._sites)


class Task(NamedTuple):
    """A phase that employees charge time to."""

    project: int
    phase: int
    rate_table: int | None
    start: int
    """First day of work, in days from today."""
    end: int
    hours: Decimal | None
    """The hours that timesheets may charge in all; None if there is no limit."""
    requires_notes: bool
    nonbillable: bool


class Tasks:
    """The phases of generated projects in work since a day."""

    def __init__(self, since: int) -> None:
        """``since``: in days from today."""
        self._since = since
        self._tasks: list[Task] = []

    def consider(self, project: Row) -> None:
        """Add the phases of a project that are in work on the first day or later."""
        overhead = project["BillingType"] == "Overhead"
        held = project.get("Status") in _ON_HOLD
        for phase in leaves(project):
            start = days_from_today(phase.get("ActualStartDate"))
            end = 0 if overhead else days_from_today(phase["EstimatedCompletionDate"]) or 0
            end = min(end, -_HELD) if held else end
            if start is None or end < self._since:
                continue
            hours = None if overhead else phase.get("HoursCostBudget", 0) * _BUDGET or _FREE_HOURS
            notes = bool(project.get("RequireTimesheetNotes") or phase.get("RequireTimesheetNotes"))
            unbilled = phase["BillingType"] in NOT_BILLABLE
            table = phase.get("RateTableKey")
            self._tasks.append(
                Task(project["ProjectKey"], phase["PhaseKey"], table, start, end, hours, notes, unbilled)
            )

    def between(self, first: int, last: int) -> list[Task]:
        """Return the phases that are in work on all days between two."""
        return [task for task in self._tasks if task.start <= first and last <= task.end]


def nested(row: Row) -> Iterator[Row]:
    """Yield the phases below a group or phase, a phase before its sub-phases."""
    for phase in row.get("Phases", ()):
        yield phase
        yield from nested(phase)


def leaves(project: Mapping[str, list[Row]]) -> Iterator[Row]:
    """Yield the phases without sub-phases, which are the ones that accept time."""
    for group in project["InvoiceGroups"]:
        yield from (phase for phase in nested(group) if not phase.get("Phases"))
