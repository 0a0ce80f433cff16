"""Timesheets are created, updated and submitted."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from .answers import records, refusal, success
from .client import AjeraClient
from .firm import Firm, Row, lacking
from .timesheets import Timesheets, edit, row_of
from .totals import totals_of

claim = pytest.mark.claim


def refused(timesheets: Timesheets, answer: Any, *sheets: Row) -> None:
    """Assert that a call is refused and that these timesheets are unchanged."""
    refusal(answer)
    for sheet in sheets:
        assert timesheets.read(sheet["TimesheetKey"])["UnchangedData"] == sheet["UnchangedData"]


@claim("timesheet.create")
def test_a_created_timesheet_can_be_read(timesheets: Timesheets) -> None:
    """The answer has empty totals and no hours."""
    day = timesheets.week()
    sheet = timesheets.new(TimesheetDate=day)
    assert (sheet["TimesheetDate"], sheet["EmployeeKey"]) == (f"{day}T00:00:00", timesheets.employee)
    assert (sheet["Overhead"]["Totals"], sheet["Project"]) == ({}, {"Totals": {}, "Detail": []})
    read = timesheets.read(sheet["TimesheetKey"])
    assert read["Overhead"]["Detail"] == sheet["Overhead"]["Detail"]
    assert read["UnchangedData"] == sheet["UnchangedData"]


@claim("timesheet.overhead-from-group")
def test_a_created_timesheet_has_the_overhead_items_of_the_employee(timesheets: Timesheets) -> None:
    """They are those of the employee's other timesheets."""
    latest = timesheets.read(timesheets.latest["Timesheet Key"])["Overhead"]["Detail"] or lacking("overhead")
    key = "Timesheet Overhead Group Detail Key"
    assert [row[key] for row in timesheets.new()["Overhead"]["Detail"]] == [row[key] for row in latest]


@claim("timesheet.create-required", "timesheet.create-nested")
@pytest.mark.parametrize("missing", ["EmployeeKey", "TimesheetDate", "Timesheet"])
def test_a_timesheet_without_a_required_member_is_refused(timesheets: Timesheets, missing: str) -> None:
    """Members that are not nested under Timesheet are refused too."""
    members = {"EmployeeKey": timesheets.employee, "TimesheetDate": timesheets.week(), "AllowPast90Days": True}
    kept = {name: value for name, value in members.items() if name != missing}
    arguments = kept if missing == "Timesheet" else {"Timesheet": kept}
    refusal(timesheets.client.call("CreateTimesheet", arguments, version=2))


@claim("timesheet.week-end-only")
@pytest.mark.parametrize("days", range(1, 7))
def test_only_the_last_day_of_a_week_is_accepted(timesheets: Timesheets, days: int) -> None:
    day = date.fromisoformat(timesheets.week()) - timedelta(days=days)
    refusal(timesheets.create(TimesheetDate=day.isoformat()))


@claim("timesheet.past-90-days")
def test_an_old_timesheet_needs_a_flag(timesheets: Timesheets) -> None:
    day = timesheets.week()
    refusal(timesheets.create(TimesheetDate=day, AllowPast90Days=False))
    timesheets.new(TimesheetDate=day)


@claim("timesheet.one-per-week")
def test_a_second_timesheet_of_a_week_is_refused(timesheets: Timesheets) -> None:
    day = timesheets.week()
    timesheets.new(TimesheetDate=day)
    refusal(timesheets.create(TimesheetDate=day))


@claim("timesheet.active-employee")
def test_an_inactive_employee_gets_no_timesheet(timesheets: Timesheets, firm: Firm) -> None:
    gone = firm.employee("inactive employee", lambda row: row["Status"] == "Inactive")
    refusal(timesheets.create(EmployeeKey=gone["EmployeeKey"]))


@claim("timesheet.copied-rows")
def test_rows_are_copied_without_hours(timesheets: Timesheets) -> None:
    sheet, key = timesheets.with_row()
    copied = timesheets.new(CopyFromTimesheetKey=sheet["TimesheetKey"])
    (row,) = copied["Project"]["Detail"]
    names = ("Project Key", "Phase Key", "Activity Key", "Employee Type Key")
    assert [row[name] for name in names] == [row_of(sheet, key)[name] for name in names]
    assert row["Timesheet Project Key"] != key
    assert "D1 Regular" not in row


@claim("timesheet.prefill-recent")
def test_rows_of_the_two_weeks_before_are_prefilled(timesheets: Timesheets) -> None:
    """A row of three weeks before is not."""
    day = date.fromisoformat(timesheets.week()) - timedelta(weeks=1000)
    charge = timesheets.charge()
    success(timesheets.update(timesheets.new(TimesheetDate=day.isoformat()), [charge | {"D1 Regular": 1}]))
    for weeks, phases in ((3, []), (2, [charge["Phase Key"]])):
        later = (day + timedelta(weeks=weeks)).isoformat()
        rows = timesheets.new(TimesheetDate=later, PrefillRecent=True)["Project"]["Detail"]
        assert [row["Phase Key"] for row in rows] == phases


@claim("timesheet.prefill-scheduled", "timesheet.scheduled-needs-activity")
def test_scheduled_phases_are_prefilled(timesheets: Timesheets, firm: Firm) -> None:
    """ActivityKey is required, and is the activity of the rows."""
    activity = firm.active("Activities")["ActivityKey"]
    refusal(timesheets.create(PrefillScheduled=True))
    for employee, start in _scheduled(firm.v2("Resources")):
        latest = date.fromisoformat(timesheets.latest["Timesheet Date"])
        week = latest - timedelta(weeks=(latest - date.fromisoformat(start)).days // 7)
        answer = timesheets.create(
            EmployeeKey=employee, TimesheetDate=week.isoformat(), PrefillScheduled=True, ActivityKey=activity
        )
        if answer.succeeded and (rows := records(answer, "Timesheets")[0]["Project"]["Detail"]):
            assert {row["Activity Key"] for row in rows} == {activity}
            return
    lacking("employees who are scheduled")


def _scheduled(resources: list[Row]) -> list[tuple[int, str]]:
    """Return employees and the first days on which they are scheduled."""
    names = ("EmployeeKey", "EstimatedStartDate", "EstimatedCompletionDate")
    return [(row[names[0]], row[names[1]]) for row in resources if all(row.get(name) for name in names)]


@claim("timesheet.update", "timesheet.absent-rows-kept", "timesheet.new-row")
def test_hours_and_rows_are_written(timesheets: Timesheets) -> None:
    """Days and rows that are left out keep their values."""
    sheet, key = timesheets.with_row()
    item = sheet["Overhead"]["Detail"][0] if sheet["Overhead"]["Detail"] else lacking("overhead items")
    name = "Timesheet Overhead Group Detail Key"
    answer = timesheets.update(
        sheet,
        [{"Timesheet Project Key": key, "D2 Regular": 3.5, "D2 Notes": "Site visit"}],
        [{name: item[name], "D5 Regular": 8}],
    )
    (written,) = records(answer, "Timesheets")
    assert written["Project"]["Totals"] == written["Overhead"]["Totals"] == {}
    read = timesheets.read(sheet["TimesheetKey"])
    row = row_of(read, key)
    assert (row["D1 Regular"], row["D2 Regular"], row["D2 Notes"]) == (2, 3.5, "Site visit")
    assert read["Overhead"]["Detail"][0]["D5 Regular"] == 8
    assert read["UnchangedData"] == written["UnchangedData"] != sheet["UnchangedData"]
    success(timesheets.update(read, [{"Timesheet Project Key": key, "D2 Regular": 0}]))
    assert "D2 Regular" not in row_of(timesheets.read(sheet["TimesheetKey"]), key)


@claim("timesheet.update")
def test_every_day_is_written(timesheets: Timesheets) -> None:
    """Each day of a row keeps its hours and its note."""
    sheet, key = timesheets.with_row()
    days = {f"D{day} Regular": day for day in range(1, 8)} | {f"D{day} Notes": f"Day {day}" for day in range(1, 8)}
    success(timesheets.update(sheet, [{"Timesheet Project Key": key, **days}]))
    row = row_of(timesheets.read(sheet["TimesheetKey"]), key)
    assert {name: row[name] for name in days} == days


@claim("timesheet.new-row")
@pytest.mark.parametrize("missing", ["IsNewRow", "Project Key", "Phase Key", "Activity Key"])
def test_a_new_row_has_required_members(timesheets: Timesheets, missing: str) -> None:
    sheet = timesheets.new()
    row = {name: value for name, value in timesheets.charge().items() if name != missing}
    refused(timesheets, timesheets.update(sheet, [row]), sheet)


@claim("timesheet.unchanged-data-required")
@pytest.mark.parametrize("data", [None, {}, {"Project": "x"}, "x", {"Overhead": 1, "Project": 2}])
def test_unchanged_data_is_required(timesheets: Timesheets, data: Any) -> None:
    sheet, key = timesheets.with_row()
    answer = timesheets.update(sheet, [{"Timesheet Project Key": key, "D1 Regular": 1}], UnchangedData=data)
    refused(timesheets, answer, sheet)


@claim("timesheet.unchanged-data-current")
def test_stale_unchanged_data_is_refused(timesheets: Timesheets) -> None:
    """Both sections count, whichever is edited."""
    sheet, key = timesheets.with_row()
    success(timesheets.update(sheet, [{"Timesheet Project Key": key, "D1 Regular": 4}]))
    current = timesheets.read(sheet["TimesheetKey"])
    for stale in (sheet["UnchangedData"], {**current["UnchangedData"], "Overhead": sheet["UnchangedData"]["Project"]}):
        answer = timesheets.update(current, [{"Timesheet Project Key": key, "D1 Regular": 6}], UnchangedData=stale)
        refused(timesheets, answer, current)


@claim("timesheet.no-new-overhead", "timesheet.overtime-not-written")
def test_overtime_and_new_overhead_are_refused(timesheets: Timesheets) -> None:
    sheet, key = timesheets.with_row()
    for projects, overheads in (
        ([{"Timesheet Project Key": key, "D1 Overtime": 1}], []),
        ([{"Timesheet Project Key": key, "D1 OT Notes": "late"}], []),
        ([], [{"Timesheet Overhead Group Detail Key": 1_999_999_999, "D1 Regular": 1}]),
    ):
        refused(timesheets, timesheets.update(sheet, projects, overheads), sheet)


@claim("timesheet.hours-in-a-day")
@pytest.mark.parametrize("hours", [-1, 24.25])
def test_hours_beyond_a_day_are_refused(timesheets: Timesheets, hours: Any) -> None:
    sheet, key = timesheets.with_row()
    refused(timesheets, timesheets.update(sheet, [{"Timesheet Project Key": key, "D1 Regular": hours}]), sheet)
    success(timesheets.update(sheet, [{"Timesheet Project Key": key, "D1 Regular": 24}]))


@claim("timesheet.phase-of-project", "timesheet.chargeable-phases-only", "timesheet.row-identity-fixed")
def test_rows_on_other_phases_are_refused(timesheets: Timesheets) -> None:
    """A phase of another project, a phase that is closed, and another phase for an existing row."""
    sheet, key = timesheets.with_row()
    charge = timesheets.charge()
    closed = timesheets.charge(lambda phase: phase["Status"] == "Closed", enabled=False)
    for row in (
        charge | {"Phase Key": 1_999_999_999},
        closed,
        {"Timesheet Project Key": key, "Activity Key": charge["Activity Key"], "Phase Key": closed["Phase Key"]},
    ):
        refused(timesheets, timesheets.update(sheet, [row]), sheet)


@claim("timesheet.notes-required")
def test_hours_need_a_note_on_some_phases(timesheets: Timesheets) -> None:
    sheet = timesheets.new()
    row = timesheets.charge(lambda phase: phase["RequireTimesheetNotes"]) | {"D3 Regular": 2}
    refused(timesheets, timesheets.update(sheet, [row]), sheet)
    success(timesheets.update(sheet, [row | {"D3 Notes": "Review"}]))


@claim("timesheet.each-alone")
def test_each_timesheet_is_written_alone(timesheets: Timesheets) -> None:
    """A refused one does not stop the others."""
    (good, good_key), (bad, bad_key) = timesheets.with_row(), timesheets.with_row()
    answer = timesheets.updates(
        [
            edit(bad, [{"Timesheet Project Key": bad_key, "D1 Regular": 25}]),
            edit(good, [{"Timesheet Project Key": good_key, "D1 Regular": 5}]),
        ]
    )
    assert len(answer.errors) == 1
    assert [row["TimesheetKey"] for row in answer.content["Timesheets"]] == [good["TimesheetKey"]]
    assert row_of(timesheets.read(good["TimesheetKey"]), good_key)["D1 Regular"] == 5
    assert row_of(timesheets.read(bad["TimesheetKey"]), bad_key)["D1 Regular"] == 2


@claim("timesheet.submit")
def test_a_timesheet_is_submitted_and_taken_back(timesheets: Timesheets) -> None:
    """The list shows a name where the answer has a key."""
    sheet, _ = timesheets.with_row()
    key = sheet["TimesheetKey"]
    assert "Status" not in timesheets.read(key)
    (submitted,) = records(timesheets.submit(key), "Timesheets")
    assert (submitted["Status"], type(submitted["SubmittedBy"])) == ("Submitted", int)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", submitted["SubmittedDateTime"])
    assert submitted["Project"]["Totals"] == submitted["Overhead"]["Totals"] == {}
    row = _listed(timesheets, key)
    assert (row["Submitted"], row["Submitted Date"]) == (True, submitted["SubmittedDateTime"])
    (back,) = records(timesheets.submit(key, Unsubmit=True), "Timesheets")
    assert "Status" not in back
    assert (_listed(timesheets, key).get("Submitted", False), _listed(timesheets, key)["Submitted By"]) == (False, "")


def _listed(timesheets: Timesheets, key: int) -> Row:
    arguments = {"FilterByEmployee": [timesheets.employee]}
    rows = records(timesheets.client.call("ListTimesheets", arguments, version=2), "Timesheets")
    return next(row for row in rows if row["Timesheet Key"] == key)


@claim("timesheet.submit-needs-key")
def test_no_timesheet_is_not_submitted(timesheets: Timesheets) -> None:
    refusal(timesheets.submit())


@claim("timesheet.submit-once", "timesheet.unsubmit-submitted", "timesheet.submitted-unchanged")
def test_submission_is_checked(timesheets: Timesheets) -> None:
    """A submitted timesheet is neither submitted again nor changed; one that is not submitted is not taken back."""
    sheet, row = timesheets.with_row()
    key = sheet["TimesheetKey"]
    refusal(timesheets.submit(key, Unsubmit=True))
    success(timesheets.submit(key))
    refusal(timesheets.submit(key))
    refused(timesheets, timesheets.update(sheet, [{"Timesheet Project Key": row, "D1 Regular": 1}]), sheet)
    success(timesheets.submit(key, Unsubmit=True))
    success(timesheets.update(sheet, [{"Timesheet Project Key": row, "D1 Regular": 1}]))


@claim("timesheet.posts-at-once")
def test_hours_count_in_the_totals_of_the_project(timesheets: Timesheets, client: AjeraClient) -> None:
    charge = timesheets.charge()
    before = totals_of(client, charge["Project Key"])
    success(timesheets.update(timesheets.new(), [charge | {"D1 Regular": 2.5, "D2 Regular": 1}]))
    after = totals_of(client, charge["Project Key"])
    assert after["Hours Worked"] == before["Hours Worked"] + Decimal("3.5")
