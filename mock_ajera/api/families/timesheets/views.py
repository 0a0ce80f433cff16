"""Timesheets as answers print them: a row of the list, and the full form with its two sections."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mock_ajera import codec
from mock_ajera.api.context import View, Visibility
from mock_ajera.api.families.parts import phase_of
from mock_ajera.api.families.timesheets.members import hours_of, printed
from mock_ajera.api.families.timesheets.records import OverheadRow, ProjectRow
from mock_ajera.api.families.timesheets.scope import Reader
from mock_ajera.api.member import Body
from mock_ajera.api.views import Render, TenantView
from mock_ajera.books.rules import NOT_BILLABLE
from mock_ajera.tenants.trace import relies_on
from mock_ajera.tenants.weeks import NUMBERS

_OVERHEAD, _PROJECT = OverheadRow(), ProjectRow()
SECTIONS = {"Overhead": "Overheads", "Project": "Projects"}
"""The sections of a printed timesheet, and the member with their rows."""
APPROVALS = ("SupervisorApproved", "AccountingApproved", "ProjectManagerApproved")
_NOTHING = Decimal(0)


def name_of(employee: int | None, view: View) -> str:
    """Return the first and the last name of an employee; "" if there is none."""
    summary = view.summary("Employee", employee)
    return "" if summary is None else " ".join(filter(None, (summary["FirstName"], summary["LastName"])))


def token(key: int, rows: list[Body]) -> str:
    """Return the opaque text of a section, which changes with each of its stored rows."""
    digest = hashlib.sha256(codec.encode([key, rows])).digest()
    return base64.b64encode(digest).decode()


def tokens(timesheet: Body) -> dict[str, str]:
    """Return UnchangedData of a timesheet."""
    return {section: token(timesheet["TimesheetKey"], timesheet[rows]) for section, rows in SECTIONS.items()}


def _week(rows: Iterable[Body], of_day: Callable[[Body, int], Decimal]) -> Decimal:
    return sum((of_day(row, day) for row in rows for day in NUMBERS), _NOTHING)


def _regular(row: Body, day: int) -> Decimal:
    hours: Decimal = row[f"D{day}Regular"]
    return hours


def _overtime(row: Body, day: int) -> Decimal:
    hours: Decimal = row.get(f"D{day}Overtime", _NOTHING)
    return hours


def _by_day(rows: list[Body], name: str, of_day: Callable[[Body, int], Decimal]) -> dict[str, Any]:
    sums = {f"D{day}{name}": sum((of_day(row, day) for row in rows), _NOTHING) for day in NUMBERS}
    return {day: printed(hours) for day, hours in sums.items() if hours}


def _overhead_totals(rows: list[Body], details: list[dict[str, Any]]) -> dict[str, Any]:
    if not rows:
        return {}
    return {
        "Timesheet Overhead Group Detail": details[-1]["Timesheet Overhead Group Detail"],
        **_by_day(rows, "", hours_of),
        **_by_day(rows, " Regular", _regular),
        "Regular Hours": printed(_week(rows, _regular)),
        "OT Hours": 0,
        "Total Hours": printed(_week(rows, hours_of)),
    }


def _project_totals(rows: list[Body], details: list[dict[str, Any]]) -> dict[str, Any]:
    if not rows:
        return {}
    labels = {name: details[-1][name] for name in ("Project Description", "Phase Description", "Activity")}
    notes = {f"D{day} Notes": "" for day in NUMBERS if any(row[f"D{day}Notes"] for row in rows)}
    return {**labels, **_by_day(rows, " Regular", _regular), **_by_day(rows, " Overtime", _overtime), **notes}


def full(*, totals: bool) -> Render:
    """Return a function that prints a timesheet in full.

    ``totals``: whether the sections have totals; they are empty in answers to writes (claim ``timesheet.totals``).
    """

    def render(body: Body, view: TenantView, stamp: int) -> dict[str, list[Any]]:
        if not _visible(body, view):
            return {}
        own = {"TimesheetKey": body["TimesheetKey"], "EmployeeKey": body["EmployeeKey"]}
        overheads = [_OVERHEAD.emit({**row, **own}, view, stamp) for row in body["Overheads"]]
        projects = [_PROJECT.emit(row, view, stamp) for row in body["Projects"]]
        if totals and (overheads or projects):
            relies_on("timesheet.totals")
        out = {
            "TimesheetKey": body["TimesheetKey"],
            "TimesheetDate": f"{body['TimesheetDate']}T00:00:00",
            "EmployeeKey": body["EmployeeKey"],
            **_employee_members(body, view),
            "Overhead": {
                "Totals": _overhead_totals(body["Overheads"], overheads) if totals else {},
                "Detail": overheads,
            },
            "Project": {"Totals": _project_totals(body["Projects"], projects) if totals else {}, "Detail": projects},
            "UnchangedData": tokens(body),
        }
        return {"Timesheets": [out]}

    return render


def submitted(body: Body, view: TenantView, stamp: int) -> dict[str, list[Any]]:
    """Print a timesheet as SubmitTimesheets does, with the submission if it is submitted."""
    rows = full(totals=False)(body, view, stamp)
    if not body["Submitted"]:
        return rows
    state = {
        "Status": "Submitted",
        "SubmittedDateTime": body["SubmittedDateTime"],
        "SubmittedBy": body["SubmittedBy"],
    }
    return {"Timesheets": [row | state for row in rows["Timesheets"]]}


def _visible(body: Body, view: TenantView) -> bool:
    return not isinstance(view.audience, Reader) or view.audience.sees(body["EmployeeKey"])


def _employee_members(body: Body, view: TenantView) -> dict[str, Any]:
    """Return the members that only one client reads (claim ``timesheet.members-of-one-client``)."""
    if not view.prints(Visibility.OBSERVED):
        return {}
    relies_on("timesheet.members-of-one-client")
    employee = view.summary("Employee", body["EmployeeKey"]) or {}
    return {
        "Employee": name_of(body["EmployeeKey"], view),
        "EmployeeStatus": employee.get("Status"),
        "TargetBillablePercent": _target(body, view),
    }


def _target(body: Body, view: View) -> Any:
    employee = view.summary("Employee", body["EmployeeKey"]) or {}
    if employee.get("BillablePercent") is not None:
        return employee["BillablePercent"]
    kind = view.summary("EmployeeType", employee.get("EmployeeTypeKey"))
    return 0 if kind is None else printed(kind["BillablePercent"])


def _actual(body: Body, view: View) -> Any:
    """Return the share of the hours on billable phases, in percent."""
    total = _week([*body["Overheads"], *body["Projects"]], hours_of)
    billable = [row for row in body["Projects"] if (phase_of(row, view) or {}).get("BillingType") not in NOT_BILLABLE]
    if not total:
        return 0
    return printed((_week(billable, hours_of) * 100 / total).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _approval(body: Body, member: str, name: str, view: View) -> dict[str, Any]:
    return {f"{name} Date": body[f"{member}DateTime"], f"{name} By": name_of(body[f"{member}By"], view)}


def is_untouched(body: Body) -> bool:
    """Return whether nobody has submitted, approved or rejected a timesheet."""
    return not any(body[state] for state in ("Submitted", *APPROVALS, "Rejected"))


def list_row(*, omits_approvals: bool) -> Render:
    """Return a function that prints a row of ListTimesheets (claim ``timesheet.list-values``).

    ``omits_approvals``: whether timesheets that nobody has acted on lack three flags.
    """

    def render(body: Body, view: TenantView, _stamp: int) -> dict[str, list[Any]]:
        employee = view.summary("Employee", body["EmployeeKey"]) or {}
        company = view.summary("Company", employee.get("CompanyKey"))
        relies_on("timesheet.list-values")
        reader = view.audience
        states = {
            "Submitted": body["Submitted"],
            "Supervisor Approved": body["SupervisorApproved"],
            "Accounting Approved": body["AccountingApproved"],
        }
        row = {
            "Timesheet Key": body["TimesheetKey"],
            "Company Key": employee.get("CompanyKey"),
            "Employee Key": body["EmployeeKey"],
            "Employee Status": employee.get("Status"),
            "Employee": name_of(body["EmployeeKey"], view),
            "First Name": employee.get("FirstName"),
            "Middle Name": employee.get("MiddleName"),
            "Last Name": employee.get("LastName"),
            "My Employee": isinstance(reader, Reader) and body["EmployeeKey"] in reader.direct,
            "Timesheet Date": body["TimesheetDate"],
            "Timesheet Total": printed(_week([*body["Overheads"], *body["Projects"]], hours_of)),
            **({} if omits_approvals and is_untouched(body) else states),
            "Project Manager Approved": body["ProjectManagerApproved"],
            "Rejected": body["Rejected"],
            "Billed": body["Billed"],
            "Paid": body["Paid"],
            "Project Manager Approved Value": int(body["ProjectManagerApproved"]),
            "Paid Value": int(body["Paid"]),
            "Rejected Value": int(body["Rejected"]),
            "Target Billable Percent": _target(body, view),
            "Actual Billable Percent": _actual(body, view),
            "Company Name": "" if company is None else company["Description"],
            "Multilevel Employee": isinstance(reader, Reader) and body["EmployeeKey"] in reader.indirect,
            **_approval(body, "Submitted", "Submitted", view),
            **_approval(body, "AccountingApproved", "Accounting Approved", view),
            **_approval(body, "SupervisorApproved", "Supervisor Approved", view),
        }
        return {"Timesheets": [row]}

    return render
