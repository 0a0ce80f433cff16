"""CreateTimesheet: a timesheet of one employee and week, with the rows to fill in."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.apply import apply_row
from mock_ajera.api.changes import unknown_members
from mock_ajera.api.changes.planning import Save
from mock_ajera.api.changes.writing import save
from mock_ajera.api.context import WriteContext
from mock_ajera.api.families.projects.chargeable import is_chargeable
from mock_ajera.api.families.timesheets.layouts import LAYOUTS
from mock_ajera.api.families.timesheets.records import TIMESHEET, OverheadRow, ProjectRow
from mock_ajera.api.families.timesheets.rules import is_resource
from mock_ajera.api.families.timesheets.scope import Reader, reader_of
from mock_ajera.api.families.timesheets.views import full
from mock_ajera.api.firm_values import FirmValues
from mock_ajera.api.loading import load
from mock_ajera.api.member import Body
from mock_ajera.api.methods import Answer, Call, Layout, Method, Operation
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Row
from mock_ajera.api.shapes import RawObject
from mock_ajera.api.views import TenantView
from mock_ajera.tenants.model import Need
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on
from mock_ajera.tenants.weeks import week_end

OLDEST_DAYS, RECENT_DAYS = 90, 14
_NAME = "Timesheet"
_Charge = tuple[int, int, int, int | None]
"""Project, phase, activity and employee type of a row."""


class NewTimesheet(Row):
    """The members of a new timesheet."""

    EmployeeKey = f.Ref("Employee", nullable=False, required="on_create", claim="timesheet.create-required")
    TimesheetDate = f.Day(required="on_create", claim="timesheet.create-required")
    PrefillRecent = f.Flag()
    PrefillScheduled = f.Flag()
    CopyFromTimesheetKey = f.Ref("Timesheet")
    ActivityKey = f.Ref("Activity")
    AllowPast90Days = f.Flag()


_NEW, _OVERHEAD, _PROJECT = NewTimesheet(), OverheadRow(), ProjectRow()


def _create(call: Call) -> Answer:
    tenant, reader = call.tenant, reader_of(call)
    view = TenantView(tenant, reader)
    unknown = unknown_members(tenant)
    context = WriteContext(view, tenant.quirk, unknown)
    sent, faults = load(_NEW, call.arguments[_NAME], _NAME, unknown=unknown)
    asked = apply_row(_NEW, sent, None, _NAME, context)
    faulty = {reason.path for reason in faults}
    context.invalid[:] = [*faults, *(reason for reason in context.invalid if reason.path not in faulty)]
    if not context.invalid:
        _check(asked, tenant, reader, context)
    if context.invalid:
        raise errors.InvalidData(*context.invalid)
    timesheet = TIMESHEET.blank()
    timesheet |= {
        "TimesheetKey": -1,
        "TimesheetDate": asked["TimesheetDate"],
        "EmployeeKey": asked["EmployeeKey"],
        "Overheads": _overheads(asked["EmployeeKey"], view),
        "Projects": _projects(asked, tenant, view),
    }
    with tenant.writing():
        saved = save(TIMESHEET, Save(-1, timesheet), tenant)
    return Answer({"Timesheets": full(totals=False)(saved.body, view, saved.stamp)["Timesheets"]})


def _check(asked: Body, tenant: Tenant, reader: Reader, context: WriteContext) -> None:
    """Refuse a timesheet that the firm cannot have."""

    def refuse(member: str, rule: str, text: str, claim: str) -> None:
        context.refuse(within(_NAME, member), rule, text, claim)

    employee, date = asked["EmployeeKey"], asked["TimesheetDate"]
    summary = tenant.model.summary("Employee", employee) or {}
    if not reader.sees(employee):
        text = f"the authorizing employee does not see the timesheets of employee {employee}"
        refuse("EmployeeKey", "scope", text, "timesheet.write-visible-only")
        # Further reasons would tell whether the employee has a timesheet for the week.
        return
    if summary.get("Status") != "Active":
        refuse("EmployeeKey", "inactive", f"employee {employee} is not active", "timesheet.active-employee")
    if not context.view.is_week_end(date):
        text = f"{date} is not the last day of a week, which starts on {tenant.firm.week_start}"
        refuse("TimesheetDate", "week", text, "timesheet.week-end-only")
    today = datetime.date.fromisoformat(tenant.firm.zone.local_date(tenant.clock.now()))
    oldest = (today - datetime.timedelta(days=OLDEST_DAYS)).isoformat()
    if date < oldest and not asked["AllowPast90Days"]:
        relies_on("timesheet.past-days-local")
        text = f"{date} is more than {OLDEST_DAYS} days before {today}"
        refuse("TimesheetDate", "past", text, "timesheet.past-90-days")
    for key in _timesheets_of(employee, tenant):
        if tenant.model.tables[TIMESHEET.kind].entries[key].summary["TimesheetDate"] == date:
            text = f"timesheet {key} of employee {employee} already has this week"
            refuse("TimesheetDate", "unique", text, "timesheet.one-per-week")
    copied = tenant.model.summary(TIMESHEET.kind, asked["CopyFromTimesheetKey"])
    if copied is not None and not reader.sees(copied["EmployeeKey"]):
        text = f"there is no timesheet {asked['CopyFromTimesheetKey']}"
        refuse("CopyFromTimesheetKey", "reference", text, "timesheet.write-visible-only")
    if asked["PrefillScheduled"] and asked["ActivityKey"] is None:
        text = "required to prefill scheduled projects"
        refuse("ActivityKey", "required", text, "timesheet.scheduled-needs-activity")


def _timesheets_of(employee: int, tenant: Tenant) -> list[int]:
    return sorted(tenant.model.tables[TIMESHEET.kind].keys_with("EmployeeKey", (employee,)))


def _overheads(employee: int, view: TenantView) -> list[Body]:
    """Return a row for each item of the employee's overhead group (claim ``timesheet.overhead-from-group``)."""
    summary = view.summary("Employee", employee) or {}
    group = view.body("OverheadGroup", summary.get("OverheadGroupKey")) or {}
    charged = ("ProjectKey", "PhaseKey", "ActivityKey", "AccountKey")
    if group:
        relies_on("timesheet.overhead-from-group")
    return [
        _OVERHEAD.blank(
            OverheadGroupKey=group["OverheadGroupKey"],
            DetailKey=item["OverheadGroupDetailKey"],
            CompanyKey=summary["CompanyKey"],
            **{name: item[name] for name in charged},
        )
        for item in group.get("Details", ())
    ]


def _projects(asked: Body, tenant: Tenant, view: TenantView) -> list[Body]:
    """Return the copied and prefilled rows, without hours, each charge once."""
    charges: list[_Charge] = []
    if copied := view.body(TIMESHEET.kind, asked["CopyFromTimesheetKey"]):
        charges += _charges(copied)
    if asked["PrefillRecent"]:
        charges += _recent(asked, tenant, view)
    if asked["PrefillScheduled"]:
        charges += _scheduled(asked, tenant, view)
    rows = []
    for i, (project, phase, activity, employee_type) in enumerate(dict.fromkeys(charges)):
        values = {"ProjectKey": project, "PhaseKey": phase, "ActivityKey": activity, "EmployeeTypeKey": employee_type}
        row = _PROJECT.blank(TimesheetProjectKey=-2 - i, **values)
        body = view.body("Project", project)
        if body is not None and is_chargeable(body, phase) and is_resource(asked["EmployeeKey"], row, view):
            rows.append(row)
        else:
            relies_on("timesheet.prefill-chargeable-only")
    return rows


def _charges(timesheet: Mapping[str, Any]) -> Iterator[_Charge]:
    for row in timesheet["Projects"]:
        yield row["ProjectKey"], row["PhaseKey"], row["ActivityKey"], row["EmployeeTypeKey"]


def _days_before(date: str, days: int) -> str:
    return (datetime.date.fromisoformat(date) - datetime.timedelta(days=days)).isoformat()


def _recent(asked: Body, tenant: Tenant, view: TenantView) -> Iterator[_Charge]:
    """Yield the charges of the employee's timesheets of the two weeks before."""
    first, date = _days_before(asked["TimesheetDate"], RECENT_DAYS), asked["TimesheetDate"]
    for key in _timesheets_of(asked["EmployeeKey"], tenant):
        if first <= tenant.model.tables[TIMESHEET.kind].entries[key].summary["TimesheetDate"] < date:
            yield from _charges(view.body(TIMESHEET.kind, key) or {"Projects": ()})


def _scheduled(asked: Body, tenant: Tenant, view: TenantView) -> Iterator[_Charge]:
    """Yield the phases on which the employee is scheduled in the week of the timesheet."""
    first, last = _days_before(asked["TimesheetDate"], 6), asked["TimesheetDate"]
    projects = tenant.model.tables["Project"].referrers("Employee", asked["EmployeeKey"]) or ()
    for key in sorted(projects):
        project = view.body("Project", key) or {"Resources": ()}
        for resource in project["Resources"]:
            start = resource["ActualStartDate"] or resource["EstimatedStartDate"]
            end = resource["ActualCompletionDate"] or resource["EstimatedCompletionDate"]
            scheduled = start is not None and end is not None and start <= last and end >= first
            if resource["EmployeeKey"] == asked["EmployeeKey"] and scheduled and resource["ParentKey"] != key:
                yield key, resource["ParentKey"], asked["ActivityKey"], None


def _example(firm: FirmValues) -> dict[str, Any]:
    """Return the first timesheet that the employee does not have yet, of this week or a later one."""
    tenant, employee = firm.tenant, firm.employee or firm.key("Employee")
    dates = {body["TimesheetDate"] for _, body in firm.bodies(TIMESHEET.kind) if body["EmployeeKey"] == employee}
    today = datetime.date.fromisoformat(tenant.firm.zone.local_date(tenant.clock.now()))
    end = week_end(today, tenant.firm.week_start)
    while end.isoformat() in dates:
        end += datetime.timedelta(days=7)
    return {_NAME: {"EmployeeKey": employee, "TimesheetDate": end.isoformat()}}


CREATE = Method(
    name="CreateTimesheet",
    access="write",
    versions={
        2: Operation(
            {_NAME: RawObject(required="always", claim="timesheet.create-nested")},
            _create,
            "timesheet.create",
            takes=(Layout.of(_NAME, _NEW),),
            answers=LAYOUTS,
            manual=(
                *("timesheet.week-end-only", "timesheet.one-per-week", "timesheet.past-90-days"),
                *("timesheet.overhead-from-group", "timesheet.scheduled-needs-activity"),
            ),
            example=_example,
        )
    },
    kind=TIMESHEET.kind,
    needs=(Need("Employee", ("OverheadGroupKey",), referred_by="Project"),),
)
