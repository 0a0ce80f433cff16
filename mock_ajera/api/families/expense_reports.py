"""Expense reports of the employee that the API user acts for, and the files attached to their lines.

Source: Ajera API, Expense Reports page, and public API clients. No public source shows a member of a report: the
members are ours (claim ``expense.members-ours``), chosen from what Ajera's own window for expense reports contains.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from mock_ajera.api import errors, filters
from mock_ajera.api import fields as f
from mock_ajera.api.context import View
from mock_ajera.api.filters import Condition, Filter, Instant
from mock_ajera.api.member import Body, Member
from mock_ajera.api.methods import NAME_ONLY, Answer, Call, Method, Operation, not_served
from mock_ajera.api.records import Record, Row
from mock_ajera.api.shapes import arguments_schema, get_method, list_method, plain
from mock_ajera.api.views import Render
from mock_ajera.tenants import stamps
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.model import Need, Table
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import reads_record, relies_on

PROCESSED = "Processed"
STATUSES = ("New", "In Progress", "Submitted", "Approved", PROCESSED)
"""The statuses of Ajera's own window. A vendor invoice exists for a processed report."""


class ExpenseAttachment(Record):
    """A file attached to a line of an expense report. Only DownloadExpenseReports prints its content."""

    kind = "ExpenseAttachment"
    FileKey = f.Key()
    FileName = f.Text()
    ContentType = f.Text()
    FileSize = f.Whole()
    """Bytes of the content. Reports print it, and they do not read the content."""
    FileData = f.Text()
    """The content in base64."""

    def check_seed(self, tree: Body, in_use: Any) -> str:
        """Return a fault for content that is not base64, or of another size."""
        try:
            size = len(base64.b64decode(tree["FileData"], validate=True))
        except (binascii.Error, ValueError):
            return "FileData: base64 is expected"
        return "" if size == (tree["FileSize"] or 0) else f"FileSize: {tree['FileSize']}, but FileData has {size} bytes"


class Attachment(Row):
    """The attachment of a line, without its content."""

    FileKey = f.Ref("ExpenseAttachment", nullable=False, required="always")
    FileName = f.Lookup("FileKey", "FileName")
    ContentType = f.Lookup("FileKey", "ContentType")
    FileSize = f.Lookup("FileKey", "FileSize", blank=None)
    AttachmentCategoryKey = f.Ref("AttachmentCategory")


def _phase(body: Body, view: View) -> Body | None:
    """Return the phase of a line if its project has it."""
    project = view.body("Project", body["ProjectKey"]) or {}
    return next((phase for phase in project.get("Phases", ()) if phase["PhaseKey"] == body["PhaseKey"]), None)


def _phase_description(body: Body, view: View) -> Any:
    return (_phase(body, view) or {}).get("Description", "")


class Expense(Row):
    """A line of a report. Its expense item is an activity. A personal one should have no project and no phase."""

    ExpenseKey = f.Key()
    Date = f.Day()
    ProjectKey = f.Ref("Project")
    ProjectDescription = f.Lookup("ProjectKey", "Description")
    PhaseKey = f.Whole()
    PhaseDescription = f.Computed(_phase_description)
    ActivityKey = f.Ref("Activity")
    ActivityDescription = f.Lookup("ActivityKey", "Description")
    Payee = f.Text()
    Units = f.Money()
    UnitRate = f.Rate()
    Amount = f.Money()
    Reference = f.Text()
    CreditCardVendorKey = f.Ref("Vendor")
    CreditCardVendorName = f.Lookup("CreditCardVendorKey", "Name")
    IsPersonal = f.Flag()
    Attachments = f.Rows(Attachment)


class Total(f.Computed):
    """An amount of money computed from the lines."""

    places = 2


def _total(body: Body, keeps: Callable[[Body], Any] = lambda _: True) -> Decimal:
    return sum((line["Amount"] for line in body["Expenses"] if keeps(line)), Decimal("0.00"))


def _reimbursable(body: Body) -> Decimal:
    """Subtract a personal line that a company card paid twice: the employee owes its amount to the firm."""
    by_card = _total(body, lambda line: line["CreditCardVendorKey"])
    personal = _total(body, lambda line: line["IsPersonal"])
    advance: Decimal = body["AdvanceAmount"]
    return _total(body) - advance - by_card - personal


class ExpenseReport(Record):
    """What an employee spent for the firm in a period."""

    kind = "ExpenseReport"
    ExpenseReportKey = f.Key()
    EmployeeKey = f.Ref("Employee", nullable=False, required="always")
    EmployeeFirstName = f.Lookup("EmployeeKey", "FirstName")
    EmployeeMiddleName = f.Lookup("EmployeeKey", "MiddleName")
    EmployeeLastName = f.Lookup("EmployeeKey", "LastName")
    Description = f.Text()
    Notes = f.Text()
    BeginningDate = f.Day()
    EndingDate = f.Day()
    AdvanceAmount = f.Money()
    TotalAmount = Total(lambda body, _: _total(body))
    ReimbursableAmount = Total(lambda body, _: _reimbursable(body))
    Status = f.Choice(*STATUSES, default="New")
    IsProcessed = f.Computed(lambda body, _: body["Status"] == PROCESSED)
    LastModifiedDate = f.Stamp()
    Expenses = f.KeyedRows(Expense)


RECORDS = (ATTACHMENT := ExpenseAttachment(), REPORT := ExpenseReport())


@dataclass(frozen=True)
class IsProcessed(Filter):
    """Keep the processed reports (true) or the others (false)."""

    def field(self) -> Member:
        return f.Flag()

    def needs(self, kind: str) -> Any:
        yield Need(kind, self.members, self.members)

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        return table.keys_with("Status", (status for status in STATUSES if (status == PROCESSED) is value))


@dataclass(frozen=True)
class DayBound(Filter):
    """Keep the reports with a day on or after a date; with ``upper``, on or before it."""

    upper: bool = False

    def field(self) -> Member:
        return Instant()

    def guesses(self, value: Any) -> tuple[str, ...]:
        undated = ("expense.no-date-not-kept",)
        return undated if stamps.form(value) == "day" else (*undated, "expense.time-in-date-filter")

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        zone, member = tenant.firm.zone, self.members[0]
        bound = zone.local_date(stamps.parse_filter(value, zone, upper=False, covers_day=False))
        if self.upper:
            return lambda entry: entry.summary[member] is not None and entry.summary[member] <= bound
        return lambda entry: entry.summary[member] is not None and entry.summary[member] >= bound


def _through_employee(argument: str, member: str, claim: str) -> Filter:
    """Return a filter by a key of the report's employee."""
    return filters.ThroughReference(argument, ("EmployeeKey",), claim, "Employee", filters.keys("", member, claim))


_OWNER = filters.keys("FilterByEmployee", "EmployeeKey", "expense.employee-filled-in")

_LIST = list_method(
    REPORT,
    {name: name for name in ("ExpenseReportKey", "Description", "BeginningDate", "EndingDate", "Status")},
    (
        _OWNER,
        _through_employee("FilterByCompany", "CompanyKey", "expense.filter-company"),
        _through_employee("FilterBySupervisor", "SupervisorKey", "expense.filter-supervisor"),
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


def _employee(call: Call) -> int | None:
    """Return the employee that the caller acts for; no other employee's report is visible."""
    relies_on("expense.own-reports")
    return call.tenant.users[call.session.user].authorizing_employee


def _list(call: Call) -> Answer:
    relies_on("expense.members-ours")
    own = {**call.arguments, _OWNER.argument: [_employee(call)]}
    return _LIST.operations[1].handle(replace(call, arguments=own))


_plain: Render = plain(REPORT)
_GET = get_method(
    REPORT,
    {1: lambda body, view, stamp: _plain(body, view, stamp) if body["EmployeeKey"] == view.audience else {}},
    claim="expense.get",
    audience=_employee,
)


def _get(call: Call) -> Answer:
    relies_on("expense.members-ours")
    entries, own = call.tenant.model.tables[REPORT.kind].entries, _employee(call)
    requested = call.arguments["RequestedExpenseReports"]
    if any(key in entries and entries[key].summary["EmployeeKey"] != own for key in requested):
        relies_on("expense.others-left-out")
    return _GET.operations[1].handle(call)


def _download(call: Call) -> Answer:
    relies_on("expense.members-ours")
    tenant, key, own = call.tenant, call.arguments["FileKey"], _employee(call)
    reports = tenant.model.tables[REPORT.kind]
    holders = reports.referrers(ATTACHMENT.kind, key) or ()
    row = tenant.row(ATTACHMENT.kind, key)
    if row is None or all(reports.entries[holder].summary["EmployeeKey"] != own for holder in holders):
        text = f"no report of the authorizing employee has the file {key}"
        raise errors.UnknownRecord(Reason("FileKey", "unknown-key", text, "expense.unknown-file"))
    reads_record(ATTACHMENT.kind, [key])
    relies_on("expense.download-members")
    body = tenant.body(row)
    return Answer({name: body[name] for name in ("FileName", "ContentType", "FileData")})


def _of_employee(method: Method, handle: Callable[[Call], Answer]) -> Method:
    """Return the method with a handler that depends on the employee of the API user."""
    operation = replace(method.operations[1], handle=handle)
    return replace(method, versions={1: operation}, needs_active_employee=True)


METHODS = (
    _of_employee(_LIST, _list),
    _of_employee(_GET, _get),
    Method(
        name="DownloadExpenseReports",
        access="read",
        versions={
            1: Operation(arguments_schema({"FileKey": f.Whole(required="always")}), _download, "expense.download")
        },
        kind=ATTACHMENT.kind,
        needs=(Need(ATTACHMENT.kind, referred_by=REPORT.kind),),
        needs_active_employee=True,
    ),
    not_served("UpdateExpenseReports", "write", 1, why=NAME_ONLY),
    not_served("UploadExpenseReports", "write", 1, why=NAME_ONLY),
)
