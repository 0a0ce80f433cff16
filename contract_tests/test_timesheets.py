"""Timesheets as version 2 lists and returns them, and the days on which the firm does not work."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from .answers import records, refusal, success
from .client import AjeraClient
from .filtering import middle
from .firm import Firm, Row, lacking
from .values import DAY

claim = pytest.mark.claim

UNKNOWN_KEY = 2_000_000_000
DAYS = range(1, 8)
_KEPT = ("D{} Regular", "D{} Overtime")


@pytest.fixture(scope="module")
def listed(client: AjeraClient) -> list[Row]:
    """Return the rows of ListTimesheets."""
    return records(client.call("ListTimesheets", version=2), "Timesheets") or lacking("timesheets")


@pytest.fixture(scope="module")
def sheets(client: AjeraClient, listed: list[Row]) -> list[Row]:
    """Return timesheets in full."""
    return get(client, *(row["Timesheet Key"] for row in listed[:20]))


def get(client: AjeraClient, *keys: int) -> list[Row]:
    """Return the timesheets of these keys."""
    return records(client.call("GetTimesheets", {"RequestedTimesheets": list(keys)}, version=2), "Timesheets")


def filtered(client: AjeraClient, **filters: Any) -> list[int]:
    """Return the keys of the listed timesheets in their order."""
    rows = records(client.call("ListTimesheets", filters, version=2), "Timesheets")
    return [row["Timesheet Key"] for row in rows]


def keeps(client: AjeraClient, listed: list[Row], test: Callable[[Row], Any], **filters: Any) -> None:
    """Assert that the filters keep exactly the listed timesheets that pass the test."""
    wanted = {row["Timesheet Key"] for row in listed if test(row)}
    if not 0 < len(wanted) < len(listed):
        lacking(f"timesheets on both sides of {', '.join(filters)}")
    assert set(filtered(client, **filters)) == wanted


def hours(row: Row, day: int) -> Any:
    """Return all hours of a row on a day."""
    return sum(row.get(name.format(day), 0) for name in _KEPT)


def rows_of(sheet: Row) -> list[Row]:
    """Return the rows of both sections."""
    return [*sheet["Overhead"]["Detail"], *sheet["Project"]["Detail"]]


@claim("timesheet.list")
def test_list_rows_have_plain_dates(listed: list[Row]) -> None:
    """Names have spaces, and Timesheet Date has no time."""
    assert all(DAY.fullmatch(row["Timesheet Date"]) for row in listed)
    assert len({row["Timesheet Key"] for row in listed}) == len(listed)


@claim("timesheet.get", "timesheet.list")
def test_listed_timesheets_can_be_read(listed: list[Row], sheets: list[Row]) -> None:
    """The header has the date at midnight and names without spaces."""
    by_key = {row["Timesheet Key"]: row for row in listed}
    assert len(sheets) == min(len(listed), 20)
    for sheet in sheets:
        row = by_key[sheet["TimesheetKey"]]
        assert sheet["TimesheetDate"] == f"{row['Timesheet Date']}T00:00:00"
        assert sheet["EmployeeKey"] == row["Employee Key"]
        assert all(re.fullmatch(r"[A-Za-z0-9+/]+=*", text) for text in sheet["UnchangedData"].values())
        assert sheet["UnchangedData"].keys() == {"Overhead", "Project"}


@claim("list.get-unknown-left-out")
def test_an_unknown_timesheet_is_left_out(client: AjeraClient, listed: list[Row]) -> None:
    key = listed[0]["Timesheet Key"]
    assert [sheet["TimesheetKey"] for sheet in get(client, UNKNOWN_KEY, key)] == [key]


@claim("timesheet.whole-hours")
def test_whole_hours_have_no_decimals(listed: list[Row], sheets: list[Row]) -> None:
    """A number with decimals is never whole."""
    numbers = [row["Timesheet Total"] for row in listed]
    numbers += [value for sheet in sheets for row in rows_of(sheet) for name, value in row.items() if "Regular" in name]
    assert any(isinstance(value, int) for value in numbers)
    assert all(isinstance(value, int) or value % 1 for value in numbers)


@claim("timesheet.rows-sparse")
def test_days_without_values_are_left_out(sheets: list[Row]) -> None:
    """At least one row lacks days, and at least one has them."""
    columns = Counter(sum(f"D{day} Regular" in row for day in DAYS) for sheet in sheets for row in rows_of(sheet))
    if len(columns) < 2:
        lacking("rows with different days")
    assert min(columns) < 7


@claim("timesheet.list", "timesheet.get")
def test_the_total_of_the_list_is_the_sum_of_the_rows(listed: list[Row], sheets: list[Row]) -> None:
    """Overtime is included."""
    totals = {row["Timesheet Key"]: row["Timesheet Total"] for row in listed}
    for sheet in sheets:
        assert totals[sheet["TimesheetKey"]] == sum(hours(row, day) for row in rows_of(sheet) for day in DAYS)


@claim("timesheet.project-description")
def test_project_description_has_the_id(client: AjeraClient, firm: Firm, sheets: list[Row]) -> None:
    """It is the ID and the description of the project."""
    rows = [row for sheet in sheets for row in sheet["Project"]["Detail"]] or lacking("rows of projects")
    names = {project["ProjectKey"]: project for project in firm.all("Projects")}
    for row in rows:
        project = names[row["Project Key"]]
        assert row["Project Description"] == f"{project['ID']} {project['Description']}".strip()


@claim("timesheet.totals")
def test_totals_are_the_sums_of_the_rows(sheets: list[Row]) -> None:
    """A day without hours is left out."""
    for sheet in sheets:
        for section in ("Overhead", "Project"):
            details, totals = sheet[section]["Detail"], sheet[section]["Totals"]
            assert bool(details) == bool(totals)
            for day in DAYS:
                assert totals.get(f"D{day} Regular", 0) == sum(row.get(f"D{day} Regular", 0) for row in details)
        if sheet["Overhead"]["Detail"]:
            week = sum(hours(row, day) for row in sheet["Overhead"]["Detail"] for day in DAYS)
            assert sheet["Overhead"]["Totals"]["Total Hours"] == week


@claim("timesheet.days-of-week")
def test_dates_are_the_last_days_of_weeks(client: AjeraClient, listed: list[Row]) -> None:
    """The week starts the day after it, on the day that the login reports."""
    found = success(client.login(version=2)).get("Timesheets") or lacking("Timesheets in the login")
    for row in listed:
        first = date.fromisoformat(row["Timesheet Date"]) - timedelta(days=6)
        assert f"{first:%A}" == found["TimeStartOfWeek"]


@claim("timesheet.access-follows-employee")
def test_the_login_reports_access(client: AjeraClient, listed: list[Row]) -> None:
    """A user who can list timesheets has access."""
    found = success(client.login(version=2)).get("Timesheets") or lacking("Timesheets in the login")
    assert found["UserHasAccess"] is True


@claim("timesheet.list-order")
def test_the_newest_timesheets_come_first(listed: list[Row]) -> None:
    """The list descends by date."""
    dates = [row["Timesheet Date"] for row in listed]
    assert dates == sorted(dates, reverse=True)


@claim("timesheet.list-values")
def test_submission_in_the_list(listed: list[Row]) -> None:
    """The date and the name are empty unless the timesheet is submitted, and values are 0 or 1."""
    for row in listed:
        submitted = row.get("Submitted", False)
        assert (row["Submitted Date"] is not None, row["Submitted By"] != "") == (submitted, submitted)
        for name in ("Paid", "Rejected", "Project Manager Approved"):
            assert row[f"{name} Value"] == int(row[name])


@claim("timesheet.filter-employee")
def test_filter_by_employee(client: AjeraClient, listed: list[Row]) -> None:
    """One employee, and several."""
    keys = list(dict.fromkeys(row["Employee Key"] for row in listed))
    keeps(client, listed, lambda row: row["Employee Key"] == keys[0], FilterByEmployee=keys[:1])
    keeps(client, listed, lambda row: row["Employee Key"] in keys[:2], FilterByEmployee=keys[:2])


@claim("timesheet.filter-company")
def test_filter_by_company(client: AjeraClient, listed: list[Row]) -> None:
    """The company is that of the employee."""
    company = listed[0]["Company Key"]
    keeps(client, listed, lambda row: row["Company Key"] == company, FilterByCompany=[company])


@claim("timesheet.filter-name")
def test_filter_by_name(client: AjeraClient, listed: list[Row]) -> None:
    """The name of the employee contains the text."""
    text = middle(listed[0]["Last Name"])
    names = ("First Name", "Middle Name", "Last Name")
    keeps(
        client,
        listed,
        lambda row: text.casefold() in " ".join(filter(None, (row[name] for name in names))).casefold(),
        FilterByNameLike=text,
    )


@claim("timesheet.filter-paid")
def test_filter_by_paid(client: AjeraClient, listed: list[Row]) -> None:
    """The two filters split the list."""
    keeps(client, listed, lambda row: row["Paid"], FilterByPaid=True)
    keeps(client, listed, lambda row: not row["Paid"], FilterByUnpaid=True)


@claim("timesheet.filter-submitted")
def test_filter_by_submitted(client: AjeraClient, listed: list[Row]) -> None:
    """The two filters split the list. An absent flag is false."""
    keeps(client, listed, lambda row: row.get("Submitted"), FilterBySubmitted=True)
    keeps(client, listed, lambda row: not row.get("Submitted"), FilterByUnsubmitted=True)


@claim("timesheet.filter-rejected")
def test_filter_by_rejected(client: AjeraClient, listed: list[Row]) -> None:
    """Only rejected timesheets remain."""
    keeps(client, listed, lambda row: row["Rejected"], FilterByRejected=True)


@claim("timesheet.opposite-filters")
def test_opposite_filters_together(client: AjeraClient, listed: list[Row]) -> None:
    """Each pair keeps all timesheets."""
    every = [row["Timesheet Key"] for row in listed]
    assert filtered(client, FilterByPaid=True, FilterByUnpaid=True) == every
    assert filtered(client, FilterBySubmitted=True, FilterByUnsubmitted=True) == every


@claim("timesheet.filter-false-is-absent")
@pytest.mark.parametrize("name", ["Paid", "Unpaid", "Submitted", "Unsubmitted", "Rejected"])
def test_a_false_filter_keeps_everything(client: AjeraClient, listed: list[Row], name: str) -> None:
    assert filtered(client, **{f"FilterBy{name}": False}) == [row["Timesheet Key"] for row in listed]


@claim("filter.or-within-and-between")
def test_filters_are_combined_with_and(client: AjeraClient, listed: list[Row]) -> None:
    """A submitted timesheet of one employee."""
    row = next((row for row in listed if row.get("Submitted")), None) or lacking("submitted timesheets")
    keeps(
        client,
        listed,
        lambda each: each.get("Submitted") and each["Employee Key"] == row["Employee Key"],
        FilterBySubmitted=True,
        FilterByEmployee=[row["Employee Key"]],
    )


@claim("timesheet.filter-dates")
def test_filter_by_date(client: AjeraClient, listed: list[Row]) -> None:
    """Both bounds are inclusive."""
    dates = sorted({row["Timesheet Date"] for row in listed})
    day = dates[len(dates) // 2]
    keeps(client, listed, lambda row: row["Timesheet Date"] >= day, FilterByEarliestTimesheetDate=day)
    keeps(client, listed, lambda row: row["Timesheet Date"] <= day, FilterByLatestTimesheetDate=day)


@claim("timesheet.visible")
def test_employees_who_report_to_the_user_are_marked(client: AjeraClient, firm: Firm, listed: list[Row]) -> None:
    """My Employee marks the employees with one supervisor, and no other."""
    supervisors = {row["EmployeeKey"]: row["SupervisorKey"] for row in firm.get("Employees", *employees(listed))}
    mine = {row["Employee Key"] for row in listed if row["My Employee"]}
    if not mine:
        lacking("timesheets of employees who report to the authorizing employee")
    (supervisor,) = {supervisors[key] for key in mine}
    assert mine == {key for key in employees(listed) if supervisors[key] == supervisor}


def employees(listed: list[Row]) -> list[int]:
    """Return the employees of listed timesheets, at most 50."""
    return list(dict.fromkeys(row["Employee Key"] for row in listed))[:50]


def days_off(client: AjeraClient, **filters: Any) -> list[Row]:
    """Return the rows of ListTimesheetNonWorkDays."""
    return records(client.call("ListTimesheetNonWorkDays", filters, version=2), "NonWorkDays")


@claim("timesheet.non-work-days", "timesheet.non-work-day-filters")
def test_days_off_are_filtered_by_date(client: AjeraClient) -> None:
    """Both bounds are inclusive, and the wrong names are ignored."""
    every = days_off(client) or lacking("days off")
    assert all(row.keys() >= {"Date", "Description"} for row in every)
    dates = sorted(row["Date"] for row in every)
    day = dates[len(dates) // 2]
    later = [row["Date"] for row in days_off(client, FilterByEarliestDate=day)]
    earlier = [row["Date"] for row in days_off(client, FilterByLatestDate=day)]
    assert sorted(later) == [each for each in dates if each >= day]
    assert sorted(earlier) == [each for each in dates if each <= day]


@claim("timesheet.non-work-day-order")
def test_days_off_are_ordered_by_date(client: AjeraClient) -> None:
    dates = [row["Date"] for row in days_off(client)]
    assert dates == sorted(dates)


@claim("timesheet.non-work-day-company")
def test_days_off_of_a_company(client: AjeraClient, firm: Firm) -> None:
    """Each company has its own days and the common ones."""
    every = days_off(client) or lacking("days off")
    of_each = [days_off(client, FilterByCompany=[row["CompanyKey"]]) for row in firm.all("Companies")]
    if all(len(days) == len(every) for days in of_each):
        lacking("days off of one company")
    assert all(day in every for days in of_each for day in days)


@claim("timesheet.filter-dates")
@pytest.mark.parametrize("value", ["soon", "2025-02-30", 5])
def test_an_invalid_date_is_refused(client: AjeraClient, value: Any) -> None:
    refusal(client.call("ListTimesheets", {"FilterByEarliestTimesheetDate": value}, version=2))
