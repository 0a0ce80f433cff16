"""Audit: before a week is billed, its timesheets are checked over both versions."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from ..answers import records
from ..client import AjeraClient
from ..firm import Firm, Row, lacking, phases_of

claim = pytest.mark.claim

DAYS = range(1, 8)
HOURS = ("Regular", "Overtime")


class Week(NamedTuple):
    """A week with timesheets: its last day, its rows of the list, and its timesheets in full by key."""

    end: date
    rows: list[Row]
    sheets: dict[int, Row]


@pytest.fixture(scope="module")
def week(client: AjeraClient) -> Week:
    """Return the week with the most timesheets, as an auditor would read it."""
    every = records(client.call("ListTimesheets", version=2), "Timesheets") or lacking("timesheets")
    ((end, _),) = Counter(row["Timesheet Date"] for row in every).most_common(1)
    dates = {"FilterByEarliestTimesheetDate": end, "FilterByLatestTimesheetDate": end}
    rows = records(client.call("ListTimesheets", dates, version=2), "Timesheets")
    sheets: dict[int, Row] = {}
    for at in range(0, len(rows), 10):
        keys = [row["Timesheet Key"] for row in rows[at : at + 10]]
        answer = client.call("GetTimesheets", {"RequestedTimesheets": keys}, version=2)
        sheets |= {sheet["TimesheetKey"]: sheet for sheet in records(answer, "Timesheets")}
    return Week(date.fromisoformat(end), rows, sheets)


def hours_of(rows: list[Row], kinds: tuple[str, ...] = HOURS) -> Any:
    """Return all hours of some rows. A row lacks the days without hours."""
    return sum(row.get(f"D{day} {kind}", 0) for row in rows for day in DAYS for kind in kinds)


@claim("timesheet.one-per-week")
def test_a_week_has_one_timesheet_of_an_employee(week: Week) -> None:
    employees = [row["Employee Key"] for row in week.rows]
    assert len(set(employees)) == len(employees)


@claim("timesheet.filter-dates", "timesheet.get")
def test_a_week_is_read_in_full(week: Week) -> None:
    """The list of one week has only its timesheets, and each can be read."""
    assert {row["Timesheet Date"] for row in week.rows} == {week.end.isoformat()}
    assert {key: sheet["EmployeeKey"] for key, sheet in week.sheets.items()} == {
        row["Timesheet Key"]: row["Employee Key"] for row in week.rows
    }


@claim("timesheet.list", "timesheet.get")
def test_the_days_add_up_to_the_total_of_the_list(week: Week) -> None:
    """The hours of all days and rows of a timesheet are its total in the list."""
    for row in week.rows:
        sheet = week.sheets[row["Timesheet Key"]]
        assert hours_of([*sheet["Overhead"]["Detail"], *sheet["Project"]["Detail"]]) == row["Timesheet Total"]


@claim("timesheet.list", "session.versions-side-by-side")
def test_every_timesheet_is_of_an_employee_of_version_1(week: Week, firm: Firm) -> None:
    """Version 1 has an employee with the same key, names, company and status, and thus shows who has no timesheet."""
    for row in week.rows:
        (employee,) = firm.get("Employees", row["Employee Key"])
        assert (employee["FirstName"], employee["LastName"]) == (row["First Name"], row["Last Name"])
        assert (employee["CompanyKey"], employee["Status"]) == (row["Company Key"], row["Employee Status"])


@claim("timesheet.get", "session.versions-side-by-side")
def test_every_row_is_on_a_phase_of_version_1(week: Week, firm: Firm) -> None:
    """The auditor finds in version 1 whether the phase of a row requires notes."""
    worked = [row for sheet in week.sheets.values() for row in sheet["Project"]["Detail"]]
    phases = {row["Project Key"]: set[int]() for row in worked} or lacking("time on projects")
    for key in phases:
        (project,) = firm.get("Projects", key)
        phases[key] = {phase["PhaseKey"] for phase in phases_of(project) if "RequireTimesheetNotes" in phase}
    for row in worked:
        assert row["Phase Key"] in phases[row["Project Key"]]


@claim("timesheet.non-work-days")
def test_days_off_of_the_week(week: Week, client: AjeraClient) -> None:
    """The auditor asks for the days off of the week alone, and gets all of them."""
    first, last = (week.end - timedelta(days=6)).isoformat(), week.end.isoformat()
    every = records(client.call("ListTimesheetNonWorkDays", version=2), "NonWorkDays") or lacking("days off")
    filters = {"FilterByEarliestDate": first, "FilterByLatestDate": last}
    days = records(client.call("ListTimesheetNonWorkDays", filters, version=2), "NonWorkDays")
    assert days == [row for row in every if first <= row["Date"][:10] <= last]
