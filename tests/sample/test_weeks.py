"""The timesheets of the sample firm and of generated firms are complete, consistent and varied."""

from __future__ import annotations

import datetime
import re
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from records import phases

from mock_ajera import MockAjera
from mock_ajera.sample.keys import NamedRecords
from mock_ajera.sample.sites import Tasks
from mock_ajera.sample.templates import sample_of, source
from mock_ajera.sample.timesheets import WEEKS, Timesheets

Row = dict[str, Any]
DAYS = range(1, 8)
OPEN = {"Active", "Preliminary", "Marketing", "BillingHold"}
HANDMADE = 13
"""The timesheets of the sample that are made by hand, the first ones."""
FULL, LEAST = 23, 12
"""The employee with a timesheet that has every member set, and the key of the smallest timesheet."""


class Firm:
    """The records of a firm. ``sheets``: the timesheets that are tested."""

    def __init__(self, projects: str | int) -> None:
        records = sample_of(source(projects)).records
        self.rows = {kind: list(rows) for kind, rows in records.items()}
        self.sheets = self.rows["Timesheet"]
        self.generated = projects != "sample"
        if self.generated:
            self.sheets = self.sheets[len(list(sample_of(source("sample")).records["Timesheet"])) :]
        self.employees = {row["EmployeeKey"]: row for row in self.rows["Employee"]}
        self.projects = {row["ProjectKey"]: row for row in self.rows["Project"]}
        self.phases = {key: {phase["PhaseKey"]: phase for phase in phases(row)} for key, row in self.projects.items()}

    def project_rows(self):
        """Yield each timesheet with each of its rows of projects."""
        for sheet in self.sheets:
            for row in sheet.get("Projects", ()):
                yield sheet, row

    def overhead_rows(self):
        """Yield each timesheet with each of its rows of overhead."""
        for sheet in self.sheets:
            for row in sheet.get("Overheads", ()):
                yield sheet, row


@pytest.fixture(scope="module")
def sample():
    return Firm("sample")


@pytest.fixture(scope="module")
def grown():
    return Firm(300)


@pytest.fixture(scope="module", params=["sample", 61, 300])
def firm(request):
    """Provide the sample and generated firms. The only generated project of the smallest one has no work."""
    return Firm(request.param)


@pytest.fixture(params=["sample", "grown"])
def large_firm(request):
    return request.getfixturevalue(request.param)


def days_ago(text: str) -> int:
    """Return the number of days between today and a relative day."""
    return -int(text.split()[0].removeprefix("@today") or 0)


def regular(row: Row, *days: int) -> Decimal:
    """Return the regular hours of a row."""
    return sum((row.get(f"D{n} Regular", Decimal(0)) for n in days or DAYS), Decimal(0))


def rows_of(sheet: Row) -> list[Row]:
    return [*sheet.get("Projects", ()), *sheet.get("Overheads", ())]


def pay_of(employee: Row, day: int) -> set[Decimal]:
    """Return the pay rates in force around a day: a raise may be in the week itself. ``day``: days before today."""
    rates = [(rate, rate.get("StartDate", "")) for rate in employee.get("PayRates", ())]
    begun = [rate for rate, start in rates if not start.startswith("@") or days_ago(start) >= day]
    later = [rate for rate, start in rates if start.startswith("@") and day - 14 <= days_ago(start) < day]
    return {Decimal(rate["PayRate"]) for rate in (*begun[-1:], *later)} or {Decimal(0)}


# Weeks.


def test_an_employee_has_one_timesheet_for_a_week(firm):
    weeks = Counter((row["EmployeeKey"], row["TimesheetDate"]) for row in firm.sheets)
    assert max(weeks.values()) == 1
    assert all(days_ago(row["TimesheetDate"]) % 7 == 0 for row in firm.sheets)


def test_generated_employees_have_every_week_of_a_year(grown):
    weeks = defaultdict(list)
    for row in grown.sheets:
        weeks[row["EmployeeKey"]].append(days_ago(row["TimesheetDate"]) // 7)
    assert len(weeks) > 10
    assert all(ages == list(range(WEEKS, 0, -1)) for ages in weeks.values())


@pytest.mark.parametrize(
    ("dates", "ages"),
    [
        ({"DateHired": "@today-100"}, range(13, 0, -1)),
        ({"DateHired": "@today-97"}, range(13, 0, -1)),
        ({"DateHired": "@today-96"}, range(12, 0, -1)),
        ({"DateTerminated": "@today-100"}, range(WEEKS, 15, -1)),
        ({"DateTerminated": "@today-99"}, range(WEEKS, 14, -1)),
    ],
)
def test_employees_have_timesheets_for_whole_weeks_of_employment(sample, dates, ages):
    """Their dates are up to six days later than the relative day, so that a week counts only if it must be whole."""
    employee = {"EmployeeKey": 900, "CompanyKey": 1, **dates}
    made = Timesheets("seed", NamedRecords(sample.rows), [employee], [], [], "Monday")
    sheets = list(made.sheets(Tasks(since=-365), {}))
    assert [days_ago(row["TimesheetDate"]) // 7 for row in sheets] == list(ages)


def test_the_number_of_timesheets(sample, grown):
    """The list of a firm with 300 projects is longer than the 500 timesheets that Ajera lists."""
    assert len(grown.sheets) > 500
    assert 150 < len(sample.sheets) < 250
    assert len({row["EmployeeKey"] for row in sample.sheets}) == 19
    assert {days_ago(row["TimesheetDate"]) // 7 for row in sample.sheets} >= set(range(11))


@pytest.mark.parametrize("today", ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"])
def test_dates_are_week_ends_on_any_day(today):
    """The sample's weeks end on Sunday. No hours of the sample are in the future, no submission before its week end."""
    with MockAjera(freeze=f"{today}T17:00:00Z") as ajera:
        listed = ajera.content("ListTimesheets", version=2)["Timesheets"]
        keys = [row["Timesheet Key"] for row in listed]
        whole = ajera.content("GetTimesheets", {"RequestedTimesheets": keys}, version=2)["Timesheets"]
    for row in listed:
        assert datetime.date.fromisoformat(row["Timesheet Date"]).strftime("%A") == "Sunday"
        if row.get("Submitted Date"):
            assert row["Timesheet Date"] <= row["Submitted Date"][:10] <= today
    for sheet in whole:
        end = datetime.date.fromisoformat(sheet["TimesheetDate"][:10])
        for row in (*sheet["Project"]["Detail"], *sheet["Overhead"]["Detail"]):
            worked = [end - datetime.timedelta(days=7 - n) for n in DAYS if f"D{n} Regular" in row]
            assert all(day.isoformat() <= today for day in worked), sheet["TimesheetKey"]


# Hours.


def test_hours_of_a_week(firm):
    """Most weeks have 40 regular hours; no day has more than eight, overtime aside."""
    totals = Counter(sum(map(regular, rows_of(sheet))) for sheet in firm.sheets)
    assert totals[Decimal(40)] > len(firm.sheets) * 0.8
    for sheet in firm.sheets:
        hours = [sum(regular(row, n) for row in rows_of(sheet)) for n in DAYS]
        assert max(hours) <= 8 or sheet["EmployeeKey"] == FULL
        assert all(hour * 4 == int(hour * 4) for hour in hours)


def test_some_hours_are_overtime(large_firm):
    overtime = [row[f"D{n} Overtime"] for _, row in large_firm.project_rows() for n in DAYS if f"D{n} Overtime" in row]
    notes = [row for _, row in large_firm.project_rows() for n in DAYS if f"D{n} OT Notes" in row]
    assert 0 < sum(overtime) < sum(regular(row) for _, row in large_firm.project_rows()) * Decimal("0.06")
    assert notes


def test_days_without_hours_are_left_out(large_firm):
    """A row lists only the days that have a value."""
    for _, row in (*large_firm.project_rows(), *large_firm.overhead_rows()):
        assert all(row[name] for name in row if re.fullmatch(r"D\d .+", name))
    assert any(sum(f"D{n} Regular" in row for n in DAYS) == 1 for _, row in large_firm.project_rows())


def test_holidays_are_non_work_days(grown):
    """The hours of the item Holiday are on non-work days of the company, as in the weeks that both count."""
    holidays = {
        (int(found[1]), int(found[2]), row.get("CompanyKey"))
        for row in grown.rows["NonWorkDay"]
        if (found := re.fullmatch(r"@week-(\d+) D(\d)", row.get("Date", "")))
    }
    items = {item["OverheadGroupDetailKey"]: item["Description"] for item in overhead_items(grown)}
    charged = [
        (days_ago(sheet["TimesheetDate"]) // 7, n, grown.employees[sheet["EmployeeKey"]]["CompanyKey"])
        for sheet, row in grown.overhead_rows()
        if items[row["Timesheet Overhead Group Detail Key"]] == "Holiday"
        for n in DAYS
        if f"D{n} Regular" in row
    ]
    assert len(charged) > 100
    assert all({(age, n, company), (age, n, None)} & holidays for age, n, company in charged)


def test_every_kind_of_leave_is_taken(grown):
    items = {item["OverheadGroupDetailKey"]: item["Description"] for item in overhead_items(grown)}
    hours = Counter()
    for _, row in grown.overhead_rows():
        hours[items[row["Timesheet Overhead Group Detail Key"]]] += regular(row)
    assert {name for name, total in hours.items() if total} >= {"Vacation", "Holiday", "Sick Leave", "Training"}


# References.


def overhead_items(firm):
    return [item for group in firm.rows["OverheadGroup"] for item in group.get("Details", ())]


def test_rows_charge_phases_of_their_projects(firm):
    """Only phases without sub-phases accept time. Generated rows are in the weeks in which a phase is in work."""
    for sheet, row in firm.project_rows():
        phase = firm.phases[row["Project Key"]][row["Phase Key"]]
        assert not phase.get("Phases")
        if firm.generated and phase["BillingType"] != "Overhead":
            age = days_ago(sheet["TimesheetDate"])
            assert days_ago(phase["ActualStartDate"]) >= age + 6, row
            assert days_ago(phase["EstimatedCompletionDate"]) <= age, row


def test_rows_of_the_sample_are_on_phases_that_accept_time(sample):
    """Timesheet 1 is from before its phase was closed."""
    closed = set()
    for sheet, row in sample.project_rows():
        holders = (sample.projects[row["Project Key"]], sample.phases[row["Project Key"]][row["Phase Key"]])
        if any(row.get("Status", "Active") not in OPEN or row.get("LaborEntry") is False for row in holders):
            closed.add(sheet["TimesheetKey"])
    assert closed == {1}


def test_restricted_projects_have_only_hours_of_their_resources(sample):
    for sheet, row in sample.project_rows():
        project = sample.projects[row["Project Key"]]
        if project.get("RestrictTimeEntryToResourcesOnly"):
            assert sheet["EmployeeKey"] in {each.get("EmployeeKey") for each in project["Resources"]}


def test_required_notes_are_written(large_firm):
    """Each day with hours has a note if the phase requires notes, or the project of a generated row."""
    required = 0
    for sheet, row in large_firm.project_rows():
        holders = [large_firm.phases[row["Project Key"]][row["Phase Key"]]]
        if sheet["TimesheetKey"] > HANDMADE:
            holders.append(large_firm.projects[row["Project Key"]])
        if any(holder.get("RequireTimesheetNotes") for holder in holders):
            days = [n for n in DAYS if f"D{n} Regular" in row]
            required += len(days)
            assert all(f"D{n} Notes" in row for n in days), row["Timesheet Project Key"]
    assert required


def test_activities_and_employee_types_exist(firm):
    activities = {row["ActivityKey"] for row in firm.rows["Activity"] if row.get("Status") != "Inactive"}
    for sheet, row in firm.project_rows():
        assert row["Activity Key"] in activities
        assert row.get("Employee Type Key") in (None, firm.employees[sheet["EmployeeKey"]].get("EmployeeTypeKey"), 1)


def test_overhead_rows_are_those_of_the_group(firm):
    """Each item of the employee's group has a row with the project or the account that the item charges."""
    groups = {row["OverheadGroupKey"]: row["Details"] for row in firm.rows["OverheadGroup"]}
    for sheet in firm.sheets:
        employee = firm.employees[sheet["EmployeeKey"]]
        items = {row["OverheadGroupDetailKey"]: row for row in groups.get(employee.get("OverheadGroupKey"), ())}
        rows = sheet.get("Overheads", [])
        assert {row["Timesheet Overhead Group Detail Key"] for row in rows} <= items.keys()
        for row in rows:
            item = items[row["Timesheet Overhead Group Detail Key"]]
            assert row["Company Key"] == employee["CompanyKey"]
            for wire, name in (("Project Key", "ProjectKey"), ("Phase Key", "PhaseKey"), ("Account Key", "AccountKey")):
                assert row.get(wire) == item.get(name)


def test_items_charge_a_project_or_an_account(sample):
    for item in overhead_items(sample):
        assert ("ProjectKey" in item) == ("PhaseKey" in item) == ("AccountKey" not in item)
        if "ProjectKey" in item:
            assert item["PhaseKey"] in sample.phases[item["ProjectKey"]]
            assert sample.projects[item["ProjectKey"]]["BillingType"] in ("Overhead", "Marketing")


# Rates.


def test_rates_are_those_of_the_employee_and_the_phase(firm):
    """Cost is the pay rate, burden the rate of the department, and billing the cost times the labor multiplier."""
    multipliers = {row["RateTableKey"]: row.get("LaborMultiplier", 3) for row in firm.rows["RateTable"]}
    for sheet, row in firm.project_rows():
        cost = row.get("Cost Rate", Decimal(0))
        if not regular(row) and not cost:
            continue
        employee = firm.employees[sheet["EmployeeKey"]]
        assert cost in pay_of(employee, days_ago(sheet["TimesheetDate"]) + 6), sheet["TimesheetKey"]
        phase = firm.phases[row["Project Key"]][row["Phase Key"]]
        table = phase.get("RateTableKey")
        assert row.get("Nonbillable", False) is (phase["BillingType"] in ("Nonbillable", "Marketing", "Overhead"))
        billing = (cost * multipliers.get(table, 0)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        assert row.get("Billing Rate", 0) == billing, row["Timesheet Project Key"]


def test_overhead_rows_with_hours_have_a_cost(firm):
    for sheet, row in firm.overhead_rows():
        if regular(row):
            pay = pay_of(firm.employees[sheet["EmployeeKey"]], days_ago(sheet["TimesheetDate"]) + 6)
            assert row.get("Cost Rate", Decimal(0)) in pay


def test_timesheets_leave_most_work_to_the_ledgers(grown):
    """The timesheets of a phase use at most 40 percent of its budget of hours, or 80 hours without a budget."""
    hours = Counter()
    for _, row in grown.project_rows():
        hours[row["Project Key"], row["Phase Key"]] += regular(row)
    limited = 0
    for (project, key), total in hours.items():
        phase = grown.phases[project][key]
        if phase["BillingType"] != "Overhead":
            limited += 1
            assert total <= (phase.get("HoursCostBudget", 0) * Decimal("0.4") or 80)
    assert limited > 100


# States.


def state(sheet):
    names = ("Rejected", "Submitted", "SupervisorApproved", "AccountingApproved", "Paid", "Billed")
    return tuple(name for name in names if sheet.get(name))


def test_every_state_occurs(firm):
    """Later states include the earlier ones."""
    states = Counter(map(state, firm.sheets))
    accounted = ("Submitted", "SupervisorApproved", "AccountingApproved")
    assert states.keys() >= {(), ("Submitted",), ("Rejected",), accounted[:2], accounted}
    assert states.keys() >= {(*accounted, "Paid"), (*accounted, "Paid", "Billed")}
    assert 0 < sum(bool(sheet.get("ProjectManagerApproved")) for sheet in firm.sheets) < len(firm.sheets)


def test_old_timesheets_are_paid(grown):
    """Timesheets are paid after four weeks, and nearly all billed after eight. The last week is not yet approved."""
    ages = defaultdict(Counter)
    for sheet in grown.sheets:
        ages[days_ago(sheet["TimesheetDate"]) // 7][state(sheet)[-1:]] += 1
    assert {(), ("Submitted",)} <= ages[1].keys() <= {(), ("Submitted",), ("Rejected",)}
    assert all(counts[("Paid",)] for age, counts in ages.items() if 4 <= age < 8)
    assert sum(ages[age][("Billed",)] for age in range(9, WEEKS)) > len(grown.sheets) / 2


def test_approvals_follow_each_other(firm):
    """A timesheet is submitted by its employee, then approved by a supervisor and by an accounting manager."""
    for sheet in firm.sheets:
        times = [sheet.get(f"{name}DateTime") for name in ("Submitted", "SupervisorApproved", "AccountingApproved")]
        found = [(-days_ago(text), text.split()[1]) for text in times if text]
        assert found == sorted(found), sheet["TimesheetKey"]
        assert all(day < 0 for day, _ in found)
        if "AccountingApprovedBy" in sheet:
            assert firm.employees[sheet["AccountingApprovedBy"]]["IsAccountingManager"]
        if "SupervisorApprovedBy" in sheet:
            assert firm.employees[sheet["SupervisorApprovedBy"]]["IsSupervisor"]
            assert sheet["SupervisorApprovedBy"] != sheet["EmployeeKey"]


def test_one_timesheet_has_every_member_and_one_has_the_fewest(sample):
    """The members of the first one exclude only a rejection, which an approved timesheet cannot have."""
    (full,) = (row for row in sample.sheets if "OpenedBy" in row and "Paid" in row)
    assert full["EmployeeKey"] == FULL
    columns = ("Regular", "Overtime", "Notes", "OT Notes")
    assert full["Projects"][0].keys() >= {f"D{n} {column}" for n in DAYS for column in columns}
    assert full["Overheads"][0].keys() >= {f"D{n} {column}" for n in DAYS for column in ("Regular", "Notes")}
    (least,) = (row for row in sample.sheets if row["TimesheetKey"] == LEAST)
    assert least.keys() == {"TimesheetKey", "TimesheetDate", "EmployeeKey"}
