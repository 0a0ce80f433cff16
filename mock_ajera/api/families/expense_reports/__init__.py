"""Expense reports of the employee that the API user acts for.

Source: Ajera API, Expense Reports page, and public API clients.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from mock_ajera.api import fields as f
from mock_ajera.api import filters
from mock_ajera.api.families.attachments import CONTENT_LAYOUT, KEY_LAYOUT
from mock_ajera.api.families.expense_reports.files import (
    ATTACHMENT,
    UPLOAD_ARGUMENTS,
    authorizing_employee,
    download,
    example_of_upload,
    own_file,
    upload,
)
from mock_ajera.api.families.expense_reports.records import PROCESSED, REPORT, STATUSES
from mock_ajera.api.filters import Condition, Filter, Instant
from mock_ajera.api.firm_values import FirmValues
from mock_ajera.api.member import Member
from mock_ajera.api.methods import Answer, Call, Method, Operation, graded, guessed_method
from mock_ajera.api.shapes import get_method, list_method, plain, update_method
from mock_ajera.api.views import Render
from mock_ajera.claims import Grade
from mock_ajera.tenants import stamps
from mock_ajera.tenants.model import Need, Table
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on

RECORDS = (ATTACHMENT, REPORT)


class IsProcessed(Filter, frozen=True):
    """Keep the processed reports (true) or the others (false)."""

    def field(self) -> Member:
        return f.Flag()

    def needs(self, kind: str) -> Any:
        yield Need(kind, self.members, self.members)

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        return table.keys_with("Status", (status for status in STATUSES if (status == PROCESSED) is value))


class DayBound(Filter, frozen=True):
    """Keep the reports with a day on or after a date; with ``upper``, on or before it."""

    upper: bool = False

    def field(self) -> Member:
        return Instant()

    def guesses(self, value: Any) -> tuple[str, ...]:
        undated = ("expense.no-date-not-kept",)
        return undated if stamps.form(value) == "day" else (*undated, "expense.time-in-date-filter")

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        member, bound = self.members[0], stamps.local_day(value, tenant.firm.zone)
        if self.upper:
            return lambda entry: entry.summary[member] is not None and entry.summary[member] <= bound
        return lambda entry: entry.summary[member] is not None and entry.summary[member] >= bound


def _through_employee(argument: str, member: str, claim: str, **options: Any) -> Filter:
    """Return a filter by a key of the report's employee. ``options``: those of ``OneOfKeys``."""
    own = filters.keys("", member, claim, **options)
    return filters.ThroughReference(argument, ("EmployeeKey",), claim, "Employee", own)


_OWNER = filters.keys("FilterByEmployee", "EmployeeKey", "expense.employee-filled-in")

_LIST = list_method(
    REPORT,
    {name: name for name in ("ExpenseReportKey", "Description", "BeginningDate", "EndingDate", "Status")},
    (
        _OWNER,
        _through_employee("FilterByCompany", "CompanyKey", "expense.filter-company"),
        _through_employee("FilterBySupervisor", "SupervisorKey", "expense.filter-supervisor", of="Employee"),
        IsProcessed("FilterByIsProcessed", ("Status",), "expense.filter-processed"),
        filters.Like("FilterByNameLike", ("Description",), "expense.filter-name"),
        DayBound("FilterByEarliestBeginningDate", ("BeginningDate",), "expense.filter-dates"),
        DayBound("FilterByLatestBeginningDate", ("BeginningDate",), "expense.filter-dates", upper=True),
        DayBound("FilterByEarliestEndingDate", ("EndingDate",), "expense.filter-dates"),
        DayBound("FilterByLatestEndingDate", ("EndingDate",), "expense.filter-dates", upper=True),
        *filters.modified(),
    ),
    claim="expense.list",
)


def _list(call: Call) -> Answer:
    own = {**call.arguments, _OWNER.argument: [authorizing_employee(call)]}
    return _LIST.versions[1].handle(replace(call, arguments=own))


_plain: Render = plain(REPORT)


_GET = get_method(
    REPORT,
    {1: lambda body, view, stamp: _plain(body, view, stamp) if body["EmployeeKey"] == view.audience else {}},
    claim="expense.get",
    audience=authorizing_employee,
)


def _get(call: Call) -> Answer:
    entries, own = call.tenant.model.tables[REPORT.kind].entries, authorizing_employee(call)
    requested = call.arguments["RequestedExpenseReports"]
    if any(key in entries and entries[key].summary["EmployeeKey"] != own for key in requested):
        relies_on("expense.others-left-out")
    return _GET.versions[1].handle(call)


_DOWNLOAD = Method(
    name="DownloadExpenseReports",
    access="read",
    versions={
        1: Operation(
            {"FileKey": f.Whole(required="always")},
            download,
            "expense.download",
            answers=(CONTENT_LAYOUT,),
            example=lambda firm: {"FileKey": own_file(firm)},
        )
    },
    kind=ATTACHMENT.kind,
    needs=(Need(ATTACHMENT.kind, referred_by=REPORT.kind),),
)

_UPDATE = update_method(REPORT, _plain, claim="expense.update", audience=authorizing_employee)


def _example_of_update(firm: FirmValues) -> dict[str, Any]:
    return {
        "UpdatedExpenseReports": [REPORT.example(firm) | {"EmployeeKey": firm.employee}],
        "UnchangedExpenseReports": [],
    }


def _example_of_get(firm: FirmValues) -> dict[str, Any]:
    return {"RequestedExpenseReports": [firm.key(REPORT.kind, lambda body: body["EmployeeKey"] == firm.employee)]}


_UPLOAD = Method(
    name="UploadExpenseReports",
    access="write",
    versions={
        1: Operation(
            UPLOAD_ARGUMENTS,
            upload,
            "expense.upload",
            answers=(KEY_LAYOUT,),
            manual=("expense.upload-refused",),
            example=example_of_upload,
        )
    },
    kind=REPORT.kind,
)


def _of_employee(
    method: Method,
    handle: Callable[[Call], Answer] | None = None,
    example: Callable[[FirmValues], dict[str, Any]] | None = None,
) -> Method:
    """Return the method for API users who act for an employee. ``handle`` and ``example`` replace its own."""
    operation = method.versions[1]
    inner = handle or operation.handle

    def noted(call: Call) -> Answer:
        relies_on("expense.members-ours")
        return inner(call)

    needed = "expense.needs-active-employee"
    own = replace(operation, handle=noted, example=example or operation.example)
    return replace(method, versions={1: own}, needs_active_employee=needed)


METHODS = (
    _of_employee(graded(_LIST, dict.fromkeys(REPORT.by_wire, Grade.INFERRED)), _list),
    _of_employee(_GET, _get, _example_of_get),
    _of_employee(_DOWNLOAD),
    guessed_method(_of_employee(_UPDATE, example=_example_of_update)),
    guessed_method(_of_employee(_UPLOAD)),
)
