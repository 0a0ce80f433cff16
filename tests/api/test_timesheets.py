"""Timesheets: who sees them, the weeks of a firm, states that only Ajera sets, and what rows store."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest
from raw_http import post

from mock_ajera import MockAjera
from mock_ajera.api.families import METHODS
from mock_ajera.api.headers import NOTE_HEADER
from mock_ajera.books.ledger import postings
from mock_ajera.books.timesheets import work_of
from mock_ajera.tenants.weeks import DAYS

NOW = "2026-03-04T12:00:00-05:00"
"""A Wednesday."""
DIRECT_LABOR = 19
"""The key of the account."""


@pytest.fixture
def ajera():
    with MockAjera(freeze=NOW) as made:
        yield made


def acting_for(ajera: MockAjera, employee: int | None) -> None:
    """Let the API user act for an employee."""
    users = ajera.tenant.users
    users.put(replace(users[ajera.username], authorizing_employee=employee))


def call(ajera: MockAjera, method: str, arguments: Any = None) -> Any:
    return ajera.call(method, arguments, version=2)


def listed(ajera: MockAjera, **filters: Any) -> list[dict[str, Any]]:
    rows = ajera.content("ListTimesheets", filters, version=2)["Timesheets"]
    return list(rows)


def get(ajera: MockAjera, key: int) -> dict[str, Any]:
    (sheet,) = ajera.content("GetTimesheets", {"RequestedTimesheets": [key]}, version=2)["Timesheets"]
    return dict(sheet)


def update(ajera: MockAjera, sheet: dict[str, Any], **rows: Any) -> Any:
    edit = {"TimesheetKey": sheet["TimesheetKey"], "UnchangedData": sheet["UnchangedData"], **rows}
    return call(ajera, "UpdateTimesheets", {"Timesheets": [edit]})


def rules(ajera: MockAjera) -> list[str]:
    return [reason.rule for reason in ajera.journal[-1].reasons]


def put(ajera: MockAjera, key: int = 900, **members: Any) -> dict[str, Any]:
    """Store a timesheet of employee 1 with a row on phase 4 of project 1, past the API. Return it in full."""
    row = {"Timesheet Project Key": key, "Project Key": 1, "Phase Key": 4, "Activity Key": 1, "D1 Regular": 2}
    sheet = {"TimesheetKey": key, "EmployeeKey": 1, "TimesheetDate": "2026-02-08", "Projects": [row], **members}
    ajera.put_record("Timesheet", sheet)
    return get(ajera, key)


HOURS = [{"Timesheet Project Key": 900, "D2 Regular": 4}]


EVERYBODY = {*range(1, 8), 10, 11, 13, 14, 15, *range(18, 24), 25}
"""The employees of the sample with timesheets."""


@pytest.mark.parametrize(
    ("employee", "seen", "mine"),
    [(1, EVERYBODY, {5}), (2, {1, 2, 3}, {1, 3}), (3, {3, 7}, {7}), (11, {11}, set()), (7, {7}, set())],
)
def test_the_authorizing_employee_decides_what_is_visible(ajera, employee, seen, mine):
    """An accounting manager sees all, a supervisor direct reports, and everybody their own."""
    acting_for(ajera, employee)
    rows = listed(ajera)
    assert {row["Employee Key"] for row in rows} == seen
    assert {row["Employee Key"] for row in rows if row["My Employee"]} == mine
    assert not any(row["Multilevel Employee"] for row in rows)


def test_supervisors_see_indirect_reports_under_multilevel_approval(ajera):
    ajera.set_quirks(multilevel_approval=True)
    acting_for(ajera, 2)
    rows = listed(ajera)
    assert {row["Employee Key"]: row["Multilevel Employee"] for row in rows} == {
        **dict.fromkeys((1, 2, 3), False),
        **dict.fromkeys((5, 7), True),
    }


def test_a_rendered_row_is_not_shown_to_another_reader(ajera):
    """My Employee depends on the reader, and rendered rows are cached."""
    for employee, mine in ((1, False), (2, True), (1, False)):
        acting_for(ajera, employee)
        (row,) = (row for row in listed(ajera) if row["Timesheet Key"] == 4)
        assert row["My Employee"] is mine


def test_an_invisible_timesheet_does_not_exist(ajera):
    sheet = get(ajera, 4)
    acting_for(ajera, 11)
    assert ajera.content("GetTimesheets", {"RequestedTimesheets": [4]}, version=2)["Timesheets"] == []
    for answer in (update(ajera, sheet), call(ajera, "SubmitTimesheets", {"RequestedTimesheets": [4]})):
        assert answer["Errors"][0]["ErrorMessage"] == "The record does not exist."
    for members in ({"EmployeeKey": 1}, {"EmployeeKey": 11, "CopyFromTimesheetKey": 4}):
        call(ajera, "CreateTimesheet", {"Timesheet": {"TimesheetDate": "2026-03-15", **members}})
        assert {reason.claim for reason in ajera.journal[-1].reasons} == {"timesheet.write-visible-only"}


@pytest.mark.parametrize("week", ["2026-02-15", "2026-03-15"])
def test_an_invisible_week_is_not_disclosed(ajera, week):
    """The reasons do not tell whether the employee has a timesheet for it, as for the first of these weeks."""
    put(ajera, TimesheetDate="2026-02-15")
    acting_for(ajera, 11)
    call(ajera, "CreateTimesheet", {"Timesheet": {"EmployeeKey": 1, "TimesheetDate": week}})
    assert rules(ajera) == ["scope"]


@pytest.mark.parametrize("employee", [8, None])
def test_an_active_authorizing_employee_is_required(ajera, employee):
    """Claim timesheet.needs-active-employee."""
    acting_for(ajera, employee)
    methods = {
        "ListTimesheets": {},
        "GetTimesheets": {"RequestedTimesheets": [1]},
        "CreateTimesheet": {"Timesheet": {}},
        "UpdateTimesheets": {"Timesheets": []},
        "SubmitTimesheets": {"RequestedTimesheets": [1]},
        "ListTimesheetNonWorkDays": {},
    }
    for method, arguments in methods.items():
        assert call(ajera, method, arguments)["Errors"][0]["ErrorMessage"] == f"Unauthorized method: {method}"
        assert ajera.journal[-1].reasons[0].claim == "timesheet.needs-active-employee"


@pytest.mark.parametrize("first", DAYS)
def test_the_week_of_each_firm(first):
    """Only the day before the first day ends a week. D1 to D7 post on the seven days up to it."""
    with MockAjera(freeze=NOW) as ajera:
        ajera.tenant.set_firm(msgspec.structs.replace(ajera.tenant.firm, week_start=first))
        days = [datetime.date(2026, 3, 1) + datetime.timedelta(days=number) for number in range(7)]
        answers = {day: call(ajera, "CreateTimesheet", new(day)) for day in days}
        ((last, created),) = ((day, answer) for day, answer in answers.items() if not answer["Errors"])
        assert f"{last + datetime.timedelta(days=1):%A}" == first
        before = costs(ajera)
        row = {"IsNewRow": True, "Project Key": 1, "Phase Key": 4, "Activity Key": 1}
        row |= {f"D{number} Regular": number for number in range(1, 8)}
        (sheet,) = created["Content"]["Timesheets"]
        assert update(ajera, sheet, UpdatedProjects=[row])["Errors"] == []
        # Employee 2 earns 90 an hour.
        added = {str(last - datetime.timedelta(days=7 - number)): number * 90 for number in range(1, 8)}
        assert costs(ajera) - before == Counter(added)


def costs(ajera: MockAjera) -> Counter[str]:
    """Return the cost of direct labor by day, in whole dollars."""
    found: Counter[str] = Counter()
    for posting in postings(ajera.tenant):
        if posting.account == DIRECT_LABOR:
            found[posting.day] += round(posting.amount)
    return found


def new(day: datetime.date, **members: Any) -> dict[str, Any]:
    return {"Timesheet": {"EmployeeKey": 2, "TimesheetDate": str(day), **members}}


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_ninety_days_are_counted_in_the_zone_of_the_firm(days):
    """Late on March 3 in New York it is already March 4 in UTC."""
    with MockAjera(freeze="2026-03-04T03:00:00+00:00") as ajera:
        oldest = datetime.date(2026, 3, 3) - datetime.timedelta(days=90)
        week_start = f"{oldest + datetime.timedelta(days=1 + days):%A}"
        ajera.tenant.set_firm(msgspec.structs.replace(ajera.tenant.firm, week_start=week_start))
        day = oldest + datetime.timedelta(days=days)
        assert bool(call(ajera, "CreateTimesheet", new(day))["Errors"]) is (days < 0)
        if days < 0:
            assert rules(ajera) == ["past"]
            assert call(ajera, "CreateTimesheet", new(day, AllowPast90Days=True))["Errors"] == []


@pytest.mark.parametrize("state", ["SupervisorApproved", "AccountingApproved", "ProjectManagerApproved", "Submitted"])
def test_a_closed_timesheet_is_not_changed(ajera, state):
    sheet = put(ajera, **{state: True})
    assert update(ajera, sheet, UpdatedProjects=HOURS)["Errors"]
    assert rules(ajera) == ["status"]


@pytest.mark.parametrize("state", ["Paid", "Billed"])
def test_notes_are_added_to_paid_and_billed_hours(ajera, state):
    """Everything else is fixed, even if the timesheet is also approved."""
    sheet = put(ajera, **{state: True, "AccountingApproved": True})
    added = {"IsNewRow": True, "Project Key": 1, "Phase Key": 4, "Activity Key": 4, "D1 Regular": 1}
    for rows in (HOURS, [added], [{"Timesheet Project Key": 900, "Employee Type Key": 2, "D1 Notes": "Checked"}]):
        assert update(ajera, sheet, UpdatedProjects=rows)["Errors"]
        assert set(rules(ajera)) == {"closed"}
    notes = [{"Timesheet Project Key": 900, "D1 Notes": "Checked"}]
    assert update(ajera, sheet, UpdatedProjects=notes)["Errors"] == []


@pytest.mark.parametrize("unsubmit", [False, True])
@pytest.mark.parametrize("state", ["SupervisorApproved", "AccountingApproved", "ProjectManagerApproved", "Paid"])
def test_an_approved_timesheet_is_neither_submitted_nor_taken_back(ajera, state, unsubmit):
    put(ajera, **{state: True, "Submitted": unsubmit})
    assert call(ajera, "SubmitTimesheets", {"RequestedTimesheets": [900], "Unsubmit": unsubmit})["Errors"]
    assert rules(ajera) == ["status"]


def test_a_rejected_timesheet_is_submitted_again(ajera):
    """It is then no longer rejected."""
    (answer,) = call(ajera, "SubmitTimesheets", {"RequestedTimesheets": [6]})["Content"]["Timesheets"]
    assert (answer["SubmittedBy"], answer["SubmittedDateTime"]) == (1, "2026-03-04T12:00:00")
    (row,) = (row for row in listed(ajera) if row["Timesheet Key"] == 6)
    assert (row["Rejected"], row["Rejected Value"], row["Submitted By"]) == (False, 0, "Odile Marchetti")


def test_a_locked_row_is_not_changed(ajera):
    row = {"Timesheet Project Key": 900, "Project Key": 1, "Phase Key": 4, "Activity Key": 1, "Locked": True}
    sheet = put(ajera, Projects=[row])
    assert update(ajera, sheet, UpdatedProjects=HOURS)["Errors"]
    assert rules(ajera) == ["locked"]


def test_a_timesheet_that_is_open_in_ajera_is_not_written(ajera):
    """EndTimesheetSessions closes it; the method is a guess."""
    ajera.set_quirks(guessed_methods="serve")
    sheet = put(ajera, OpenedBy=2)
    assert update(ajera, sheet, UpdatedProjects=HOURS)["Errors"]
    assert rules(ajera) == ["opened"]
    for unsubmit in (False, True):
        assert call(ajera, "SubmitTimesheets", {"RequestedTimesheets": [900], "Unsubmit": unsubmit})["Errors"]
        assert rules(ajera) == ["opened"]
    for others in ([1], []):
        assert call(ajera, "EndTimesheetSessions", {"RequestedTimesheets": others})["Errors"] == []
        assert update(ajera, sheet, UpdatedProjects=HOURS)["Errors"]
    assert call(ajera, "EndTimesheetSessions")["Errors"] == []
    assert update(ajera, sheet, UpdatedProjects=HOURS)["Errors"] == []


@pytest.mark.parametrize(
    ("employee", "phase", "rule"),
    [(1, 19, ["resource"]), (6, 19, []), (4, 19, []), (4, 15, []), (6, 15, ["resource"]), (6, 16, ["chargeable"])],
)
def test_only_resources_enter_time_on_a_restricted_project(ajera, employee, phase, rule):
    """Project 14 and its phase 15 are restricted; 4 is a resource of the phase and 6 of the project. 16 has phases."""
    ajera.put_record("Timesheet", {"TimesheetKey": 900, "EmployeeKey": employee, "TimesheetDate": "2026-02-08"})
    row = {"IsNewRow": True, "Project Key": 14, "Phase Key": phase, "Activity Key": 1}
    update(ajera, get(ajera, 900), UpdatedProjects=[row | {"D1 Regular": 1, "D1 Notes": "Survey"}])
    assert rules(ajera) == rule


def test_a_project_requires_notes_too(ajera):
    """The phase of the row does not."""
    sheet = put(ajera)
    assert sheet["Project"]["Detail"][0]["RequireNotes"] is False
    (project,) = ajera.content("GetProjects", {"RequestedProjects": [1]})["Projects"]
    change = {"UpdatedProjects": [project | {"RequireTimesheetNotes": True}], "UnchangedProjects": [project]}
    assert ajera.call("UpdateProjects", change)["Errors"] == []
    assert get(ajera, 900)["Project"]["Detail"][0]["RequireNotes"] is True
    assert update(ajera, sheet, UpdatedProjects=HOURS)["Errors"]
    assert rules(ajera) == ["note"]
    assert update(ajera, sheet, UpdatedProjects=[HOURS[0] | {"D2 Notes": "Sections"}])["Errors"] == []


MONDAY, FRIDAY = {"D1 Regular": 8}, {"D5 Regular": 8}
ROW_KEYS = {"Project": "Timesheet Project Key", "Overhead": "Timesheet Overhead Group Detail Key"}
NEW_ROW = {"IsNewRow": True, "Project Key": 1, "Phase Key": 4, "Activity Key": 1}


def give_raise(ajera: MockAjera, start: str, rate: int) -> None:
    """Give employee 1, who earns 62.50 an hour, a pay rate."""
    (employee,) = ajera.content("GetEmployees", {"RequestedEmployees": [1]})["Employees"]
    raised = {"PayRateKey": -2, "StartDate": start, "PayPeriod": "Biweekly", "IsHourly": True, "PayRate": rate}
    change = {"UpdatedEmployees": [employee | {"PayRates": [raised]}], "UnchangedEmployees": [employee]}
    assert ajera.call("UpdateEmployees", change)["Errors"] == []


def write(ajera: MockAjera, hours: dict[str, Any], section: str = "Project") -> None:
    """Enter hours in the row of timesheet 900; in a new one if it has no row of a project."""
    sheet, key = get(ajera, 900), ROW_KEYS[section]
    found = [{key: row[key]} for row in sheet[section]["Detail"]] or [NEW_ROW]
    assert update(ajera, sheet, **{f"Updated{section}s": [found[0] | hours]})["Errors"] == []


def costs_of(ajera: MockAjera) -> list[Decimal]:
    """Return the cost of each day of timesheet 900, in the order of its rows."""
    sheet = ajera.tenant.body(ajera.tenant.row("Timesheet", 900))
    return [work.amounts["Cost"] for work in work_of(sheet)]


@pytest.mark.parametrize("order", [(MONDAY, FRIDAY), (FRIDAY, MONDAY)], ids=["Monday first", "Friday first"])
@pytest.mark.parametrize("section", ROW_KEYS)
def test_each_day_has_the_rate_of_that_day(ajera, section, order):
    """After a raise on Thursday, the order in which hours are entered does not matter."""
    give_raise(ajera, "2026-02-05", 100)
    overhead = {"Timesheet Overhead Group": 1, "Timesheet Overhead Group Detail Key": 1}
    put(ajera, Projects=[], Overheads=[overhead | {"Project Key": 21, "Phase Key": 22}])
    for hours in order:
        write(ajera, hours, section)
    assert costs_of(ajera) == [500, 800]


def test_a_later_raise_does_not_change_the_cost_of_a_day(ajera):
    """A day has the rates of its first hours as long as it has hours; one that is cleared forgets them."""
    put(ajera, Projects=[])
    write(ajera, MONDAY)
    (own,) = stored(ajera)["DayRates"]
    assert (own["CostRate"], own["BillingRate"]) == (Decimal("62.5"), Decimal("187.5"))
    give_raise(ajera, "2026-01-01", 100)
    write(ajera, {"D1 Regular": 4, **FRIDAY})
    assert costs_of(ajera) == [250, 800]
    write(ajera, {"D1 Regular": 0})
    assert [own["Day"] for own in stored(ajera)["DayRates"]] == [5]
    write(ajera, {"D1 Regular": 4})
    assert costs_of(ajera) == [400, 800]


@pytest.mark.parametrize("billing", ["Nonbillable", "Marketing", "Overhead", "TimeAndExpense"])
def test_only_hours_on_billable_phases_are_unbilled_work(ajera, billing):
    """The others have a value at billing rates too, as in the ledgers of the sample."""
    phase = {"PhaseKey": 9001, "Description": "Design", "BillingType": billing, "RateTableKey": 1}
    groups = [{"InvoiceGroupKey": 9002, "Description": "Main", "InvoiceFormatKey": 1, "Phases": [phase]}]
    project = {"ProjectKey": 9000, "Description": "Tower", "BillingType": billing, "CompanyKey": 1}
    ajera.put_record("Project", project | {"InvoiceGroups": groups, "Status": "Active"})
    row = {"IsNewRow": True, "Project Key": 9000, "Phase Key": 9001, "Activity Key": 1, "D1 Regular": 2}
    assert update(ajera, put(ajera, Projects=[]), UpdatedProjects=[row])["Errors"] == []
    (work,) = work_of(ajera.tenant.body(ajera.tenant.row("Timesheet", 900)))
    assert work.amounts["Spent"] == 375
    assert ("WIP" in work.amounts, "WIPHours" in work.amounts) == (billing == "TimeAndExpense",) * 2


def test_the_rates_of_a_row_in_a_file_are_those_of_its_days(ajera):
    """Its days keep them. A day that gets hours later has the rates of that day."""
    row = {"Timesheet Project Key": 900, "Project Key": 1, "Phase Key": 4, "Activity Key": 1}
    rates = {"Cost Rate": 10, "Billing Rate": 30, "D1 Regular": 8, "D2 Regular": 8}
    put(ajera, Projects=[row | rates])
    write(ajera, {"D1 Regular": 4, **FRIDAY})
    assert costs_of(ajera) == [40, 80, 500]
    write(ajera, {"D2 Regular": 0})
    write(ajera, {"D2 Regular": 8})
    assert costs_of(ajera) == [40, 500, 500]


def stored(ajera: MockAjera) -> Any:
    """Return the only project row of timesheet 900 as it is stored."""
    (row,) = ajera.tenant.body(ajera.tenant.row("Timesheet", 900))["Projects"]
    return row


def test_an_update_without_a_change_is_refused(ajera):
    sheet = put(ajera)
    assert update(ajera, sheet)["Errors"][0]["ErrorMessage"] == "No valid changes to this object exist."
    same = [{"Timesheet Project Key": 900, "D1 Regular": 2}]
    assert update(ajera, sheet, UpdatedProjects=same)["Errors"][0]["ErrorID"] == -101


@pytest.mark.parametrize(
    "edit",
    [
        {"TimesheetKey": -1},
        {"TimesheetKey": 999_999},
        {"Submitted": True},
        {"TimesheetDate": "2026-02-15"},
        {"UpdatedProjects": [{"Timesheet Project Key": 900, "Cost Rate": 1}]},
        {"UpdatedProjects": [{"Timesheet Project Key": 900, "Day Rates": [{"Day": 1, "Cost Rate": 1}]}]},
        {"UpdatedProjects": [{"Timesheet Project Key": -1, "Project Key": 1, "Phase Key": 4, "Activity Key": 1}]},
    ],
)
def test_only_hours_notes_and_new_rows_can_be_written(ajera, edit):
    sheet = put(ajera)
    assert update(ajera, sheet, **edit)["Errors"]
    assert get(ajera, 900) == sheet


def test_a_timesheet_is_sent_once(ajera):
    sheet = put(ajera)
    edits = [{"TimesheetKey": 900, "UnchangedData": sheet["UnchangedData"], "UpdatedProjects": HOURS}] * 2
    assert call(ajera, "UpdateTimesheets", {"Timesheets": edits})["Errors"]
    assert rules(ajera) == ["repeated-key"]


def test_a_file_with_another_date_is_refused(ajera):
    """The week of the sample starts on Monday."""
    with pytest.raises(ValueError, match="2026-02-07 is not the last day of a week"):
        put(ajera, TimesheetDate="2026-02-07")


def test_overhead_groups_do_not_list_their_items(ajera):
    rows = ajera.content("ListOverheadGroups")["OverheadGroups"]
    assert {name for row in rows for name in row} == {"OverheadGroupKey", "Description", "Notes"}


def test_a_project_on_a_timesheet_cannot_be_deleted(ajera):
    (project,) = ajera.content("GetProjects", {"RequestedProjects": [41]})["Projects"]
    change = {"UpdatedProjects": [project | {"Delete": True}], "UnchangedProjects": [project]}
    assert ajera.call("UpdateProjects", change)["Errors"][0]["ErrorMessage"].startswith("The record is in use")
    assert "it is on a timesheet" in [reason.text for reason in ajera.journal[-1].reasons]


def test_the_documented_profile_prints_the_members_of_the_page():
    with MockAjera(profile="documented") as ajera:
        sheet = get(ajera, 1)
        assert "Employee" not in sheet
        rows = [*sheet["Overhead"]["Detail"], *sheet["Project"]["Detail"]]
        assert not {"D1", "RequireNotes", "Employee Type", "Timesheet Overhead Group"} & {
            name for r in rows for name in r
        }
        assert all("Submitted" in row for row in listed(ajera))


KEEPS: dict[str, Any] = {
    "FilterByCompany": lambda row, value: row["Company Key"] in value,
    "FilterByEmployee": lambda row, value: row["Employee Key"] in value,
    "FilterByNameLike": lambda row, value: value.lower() in full_name(row),
    "FilterByPaid": lambda row, value: row["Paid"] or not value,
    "FilterByUnpaid": lambda row, value: not row["Paid"] or not value,
    "FilterBySubmitted": lambda row, value: row.get("Submitted") or not value,
    "FilterByUnsubmitted": lambda row, value: not row.get("Submitted") or not value,
    "FilterByRejected": lambda row, value: row["Rejected"] or not value,
    "FilterByEarliestTimesheetDate": lambda row, value: row["Timesheet Date"] >= value,
    "FilterByLatestTimesheetDate": lambda row, value: row["Timesheet Date"] <= value,
}
"""The timesheets that each filter of ListTimesheets keeps."""
PAIRS = (("FilterByPaid", "FilterByUnpaid"), ("FilterBySubmitted", "FilterByUnsubmitted"))


def full_name(row: dict[str, Any]) -> str:
    return " ".join(filter(None, (row[f"{name} Name"] for name in ("First", "Middle", "Last")))).lower()


def draw(chance: Random, argument: str, row: dict[str, Any]) -> Any:
    """Return a value of a filter that often keeps a row."""
    match argument:
        case "FilterByCompany":
            return [row["Company Key"]]
        case "FilterByEmployee":
            return [row["Employee Key"], chance.randint(1, 14)]
        case "FilterByNameLike":
            return full_name(row)[2 : chance.randint(4, 9)].upper()
        case "FilterByEarliestTimesheetDate" | "FilterByLatestTimesheetDate":
            return row["Timesheet Date"]
    return chance.random() < 0.8


def test_every_filter_of_timesheets_is_evaluated():
    assert KEEPS.keys() == METHODS["ListTimesheets"].versions[2].arguments.by_wire.keys()


def test_filters_keep_what_a_plain_evaluation_keeps(ajera):
    """One to three filters at once, whose values come from one timesheet."""
    chance, rows = Random("timesheets"), listed(ajera)
    partial = 0
    for _ in range(300):
        near = chance.choice(rows)
        asked = {name: draw(chance, name, near) for name in chance.sample(sorted(KEEPS), k=chance.randint(1, 3))}
        both = {name for pair in PAIRS if all(asked.get(each) for each in pair) for name in pair}
        wanted = [row for row in rows if all(KEEPS[name](row, asked[name]) for name in asked.keys() - both)]
        assert listed(ajera, **asked) == wanted, asked
        partial += 0 < len(wanted) < len(rows)
    assert partial > 150


def test_a_list_that_is_cut_off_has_a_note_in_a_header(ajera):
    """Ajera's own answer is silent."""
    body = {"Method": "ListTimesheets", "SessionToken": ajera.token(version=2), "MethodArguments": {}}
    whole = post(ajera.url, body)
    assert NOTE_HEADER not in whole.headers
    ajera.set_quirks(timesheets_per_list=2)
    answer = post(ajera.url, body)
    total = len(whole.json["Content"]["Timesheets"])
    assert answer.headers[NOTE_HEADER].startswith(f"2 of {total} timesheets are returned")
    assert answer.json["Errors"] == []
