"""The rules of each member that CreateTimesheet accepts, made from ``contract_tests/members.csv``.

A value inside the limits is written, and a Get shows it or what follows from it. A value outside the limits is refused,
and nothing is written. The table does not have the members that no method prints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from mock_ajera.api.families.timesheets.creation import NewTimesheet

from . import places, values
from .cases import Case, Place, assert_refused, of_table, parameters, put, put_valid
from .table import ABSENT
from .timesheets import CREATE, KEY, MEMBERS, Timesheets
from .world import World

SHEET = Place("timesheet", "Timesheet")
EMPLOYEE, DATE = MEMBERS["EmployeeKey"], MEMBERS["TimesheetDate"]
INSTRUCTIONS = {
    "AllowPast90Days": "flag",
    "PrefillRecent": "flag",
    "PrefillScheduled": "flag",
    "CopyFromTimesheetKey": "reference",
    "ActivityKey": "reference",
}
"""Members that no method prints, by type."""


def cases() -> Iterator[Case]:
    yield from of_table(SHEET, EMPLOYEE)
    yield Case(SHEET, EMPLOYEE.name, "inactive", refuse="@employee inactive-manager")
    yield from (case for case in of_table(SHEET, DATE) if case.kind.startswith("required"))
    for kind, accept, refuse in (
        ("earliest", "1900-01-07", "1899-12-31"),
        ("latest", "2079-06-04", "2079-06-11"),
        ("week-end", "2016-02-28", "2016-02-29"),
        ("format", "2016-03-06", "2015-02-29"),
    ):
        yield Case(SHEET, DATE.name, kind, accept=accept, reads=f"{accept}T00:00:00", refuse=refuse)
    yield Case(SHEET, DATE.name, "type", refuse=20160306)
    for name, kind in INSTRUCTIONS.items():
        for case in of_table(SHEET, replace(EMPLOYEE, path=name, type=kind, access="optional")):
            if case.refuse is not ABSENT:
                yield replace(case, accept=ABSENT)


CASES = tuple(cases())
ACCEPTED, REFUSED = parameters(CASES)


@pytest.mark.parametrize("case", ACCEPTED)
def test_the_nearest_valid_request_is_written(case: Case, world: World, timesheets: Timesheets) -> None:
    arguments = timesheets.new()
    expected = put_valid(arguments, world, case)
    assert values.same(timesheets.written(CREATE, arguments)[case.member], expected)


@pytest.mark.parametrize("case", REFUSED)
def test_the_invalid_request_is_refused(case: Case, world: World, timesheets: Timesheets) -> None:
    """The journal names the path."""
    arguments = timesheets.new()
    put(arguments, world, case.place, case.refuse)
    assert_refused(world, CREATE, arguments, case.place)


def charges(sheet: dict[str, Any]) -> list[tuple[int, int]]:
    return [(row["Phase Key"], row["Activity Key"]) for row in sheet["Project"]["Detail"]]


def test_an_old_week_needs_its_flag(world: World, timesheets: Timesheets) -> None:
    """``test_the_nearest_valid_request_is_written`` creates old weeks with the flag."""
    for value in (False, "@remove"):
        arguments = timesheets.new()
        put(arguments, world, "Timesheet.AllowPast90Days", value)
        assert_refused(world, CREATE, arguments, "Timesheet.TimesheetDate")


def test_rows_are_copied(timesheets: Timesheets) -> None:
    sheet = timesheets.with_row()
    assert len(charges(sheet)) == 1
    assert charges(timesheets.created(CopyFromTimesheetKey=sheet[KEY])) == charges(sheet)
    assert charges(timesheets.created(CopyFromTimesheetKey=0)) == []


def test_recent_rows_are_prefilled(timesheets: Timesheets) -> None:
    week = date(1990, 12, 30)
    sheet = timesheets.with_row(TimesheetDate=week.isoformat())
    for weeks, flag, expected in ((1, False, []), (2, True, charges(sheet))):
        later = (week + timedelta(weeks=weeks)).isoformat()
        assert charges(timesheets.created(TimesheetDate=later, PrefillRecent=flag)) == expected


@pytest.mark.parametrize("activity", ["@key Activity", "@other Activity"])
def test_scheduled_rows_are_prefilled(activity: str, world: World, timesheets: Timesheets) -> None:
    """ActivityKey is the activity of the rows, and is required."""
    week, phase = timesheets.week(), timesheets.charge()["Phase Key"]
    timesheets.schedule(week)
    arguments = timesheets.new(TimesheetDate=week, PrefillScheduled=True)
    assert_refused(world, CREATE, arguments, "Timesheet.ActivityKey")
    put(arguments, world, "Timesheet.ActivityKey", activity)
    sheet = timesheets.written(CREATE, arguments)
    assert charges(sheet) == [(phase, places.look(arguments, "Timesheet.ActivityKey"))]


@pytest.mark.parametrize("name", ["Nickname", "TimesheetKey", "Submitted", "Paid", "Projects", "Overheads"])
def test_other_members_are_refused(name: str, world: World, timesheets: Timesheets) -> None:
    assert_refused(world, CREATE, timesheets.new(**{name: 1}), f"Timesheet.{name}")


def test_every_member_has_a_valid_and_an_invalid_value() -> None:
    """The instructions have valid values in tests of their own."""
    assert NewTimesheet().by_wire.keys() == {EMPLOYEE.name, DATE.name, *INSTRUCTIONS}
    assert {param.values[0].member for param in ACCEPTED} == {EMPLOYEE.name, DATE.name}
    assert {param.values[0].member for param in REFUSED} == {EMPLOYEE.name, DATE.name, *INSTRUCTIONS}
