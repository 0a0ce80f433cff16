"""Expense reports of the employee that the API user acts for, and the files attached to their lines.

Source: Ajera API, Expense Reports page, and public API clients. No public source shows a member of a report: the
members are ours (claim ``expense.members-ours``), chosen from what Ajera's own window for expense reports contains.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from mock_ajera.api import errors, filters
from mock_ajera.api import fields as f
from mock_ajera.api.context import View, WriteContext
from mock_ajera.api.families.parts import changed
from mock_ajera.api.filters import Condition, Filter, Instant
from mock_ajera.api.member import Body, Copied, Member
from mock_ajera.api.methods import Answer, Call, Method, Operation, guessed_method
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record, Row
from mock_ajera.api.shapes import arguments_schema, get_method, list_method, plain, update_method
from mock_ajera.api.views import Render, TenantView
from mock_ajera.tenants import stamps
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.model import Need, Table
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import reads_record, relies_on

PROCESSED = "Processed"
EDITABLE = ("New", "In Progress")
STATUSES = (*EDITABLE, "Submitted", "Approved", PROCESSED)
"""The statuses of Ajera's own window. A vendor invoice exists for a processed report."""

LARGEST_FILE = 700_000
"""Bytes of an uploaded file. In base64 it still fits into a request."""

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "xps": "application/vnd.ms-xpsdocument",
    "txt": "text/plain",
    "rtf": "application/rtf",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "heif": "image/heif",
    "heic": "image/heic",
    "tiff": "image/tiff",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "numbers": "application/vnd.apple.numbers",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pages": "application/vnd.apple.pages",
}
"""The types of files that Ajera's own window attaches, by extension."""


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


class PhaseDescription(f.Computed):
    """The description of the phase of a line. It is read from the stored project, because summaries have no phases."""

    def value(self, body: Body, view: View) -> Any:
        return (_phase(body, view) or {}).get("Description", "")

    def copies(self) -> Iterator[Copied]:
        yield Copied("", "Project", "Phases[].Description")

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield "Project", ""


def _phase_of_project(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a phase that the project of the line does not have."""
    if context.seeding or row["PhaseKey"] is None or not changed(row, stored, "ProjectKey", "PhaseKey"):
        return
    if _phase(row, context.view) is None:
        text = f"the project of the expense has no phase {row['PhaseKey']}"
        context.refuse(within(at, "PhaseKey"), "reference", text, "expense.write-phase")


def _personal(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a project or a phase of a personal expense."""
    members = ("ProjectKey", "PhaseKey")
    if context.seeding or not row["IsPersonal"] or not changed(row, stored, "IsPersonal", *members):
        return
    for member in members:
        if row[member] is not None:
            text = "must be empty for a personal expense"
            context.refuse(within(at, member), "personal", text, "expense.write-personal")


def _no_new_files(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse files that the line does not have yet: only UploadExpenseReports attaches files.

    Otherwise a line could refer to a file of another employee and make it readable.
    """
    known = {file["FileKey"] for file in (stored or {}).get("Attachments", ())}
    for i, file in enumerate(() if context.seeding else row["Attachments"]):
        if file["FileKey"] not in known:
            path = within(at, f"Attachments[{i}].FileKey")
            context.refuse(path, "reference", "the expense does not have this file", "expense.write-files")


class Expense(Row):
    """A line of a report. Its expense item is an activity."""

    ExpenseKey = f.Key()
    Date = f.Day()
    ProjectKey = f.Ref("Project")
    ProjectDescription = f.Lookup("ProjectKey", "Description")
    PhaseKey = f.Whole()
    PhaseDescription = PhaseDescription()
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

    checks = (_phase_of_project, _personal, _no_new_files)


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


def _own(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse an employee other than the one that the API user acts for."""
    if context.seeding or row["EmployeeKey"] in (None, context.view.audience):
        return
    text = f"{row['EmployeeKey']} is not the authorizing employee"
    context.refuse(within(at, "EmployeeKey"), "own", text, "expense.write-own")


def _editable_status(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a status that Ajera itself sets."""
    if not context.seeding and row["Status"] not in EDITABLE:
        text = f"{row['Status']} is set in Ajera, not by a write"
        context.refuse(within(at, "Status"), "status", text, "expense.write-status")


def _dates(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a report that ends before it begins, and lines outside its dates. The files of a firm may have both."""
    if context.seeding:
        return
    first, last = row["BeginningDate"] or "", row["EndingDate"] or "9999-12-31"
    moved = changed(row, stored, "BeginningDate", "EndingDate")
    if moved and first > last:
        text = f"{first} is after EndingDate {last}"
        context.refuse(within(at, "BeginningDate"), "date-order", text, "expense.write-dates")
    before = {line["ExpenseKey"]: line for line in (stored or {}).get("Expenses", ())}
    for line in row["Expenses"]:
        day, key = line["Date"], line["ExpenseKey"]
        if day is None or first <= day <= last or not (moved or changed(line, before.get(key), "Date")):
            continue
        text = f"expense {key}: {day} is outside the dates of the report"
        context.refuse(within(at, "Expenses"), "date-order", text, "expense.write-dates")


class ExpenseReport(Record):
    """What an employee spent for the firm in a period."""

    kind = "ExpenseReport"
    ExpenseReportKey = f.Key()
    Delete = f.Delete()
    EmployeeKey = f.Ref("Employee", nullable=False, required="on_create")
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
    Expenses = f.KeyedRows(Expense, kept="expense.write-absent-lines-kept")

    checks = (_own, _editable_status, _dates)

    def guard(self, stored: Body, at: str, view: View) -> None:
        """Hide the reports of other employees, and protect those that are submitted."""
        if stored["EmployeeKey"] != view.audience:
            text = f"no report of the authorizing employee has the key {stored['ExpenseReportKey']}"
            raise errors.UnknownRecord(Reason(within(at, "ExpenseReportKey"), "unknown-key", text, "expense.write-own"))
        if stored["Status"] not in EDITABLE:
            text = f"a report that is {stored['Status']} cannot be changed"
            raise errors.InvalidData(Reason(within(at, "Status"), "status", text, "expense.write-editable"))


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


def _attached(tenant: Tenant) -> set[int]:
    """Return the keys of the files of all reports."""
    entries = tenant.model.tables[REPORT.kind].entries.values()
    return {key for entry in entries for key in entry.references.get(ATTACHMENT.kind, ())}


def _update(call: Call) -> Answer:
    """Write reports, and delete the files that no report has any more."""
    relies_on("expense.members-ours")
    before = _attached(call.tenant)
    answer = _UPDATE.operations[1].handle(call)
    if gone := before - _attached(call.tenant):
        with call.tenant.writing():
            for key in sorted(gone):
                call.tenant.remove(ATTACHMENT.kind, key)
    return answer


def _file(sent: Body) -> Body:
    """Return the file in the arguments of an upload. Raises ``InvalidData``."""
    claim, faults = "expense.upload-refused", []
    name, data = sent["FileName"], sent["FileData"]
    stem, _, extension = name.rpartition(".")
    extension = extension.lower()
    if not stem or extension not in CONTENT_TYPES or set(name) & set("/\\"):
        text = f"a file name with one of these extensions is expected: {', '.join(CONTENT_TYPES)}"
        faults.append(Reason("FileName", "extension", text, claim))
    try:
        size = len(base64.b64decode(data, validate=True))
    except ValueError:
        faults.append(Reason("FileData", "base64", "base64 is expected", claim))
    else:
        if not 0 < size <= LARGEST_FILE:
            faults.append(Reason("FileData", "size", f"{size} bytes, not between 1 and {LARGEST_FILE}", claim))
    if faults:
        raise errors.InvalidData(*faults)
    content_type = sent.get("ContentType") or CONTENT_TYPES[extension]
    return {"FileName": name, "ContentType": content_type, "FileSize": size, "FileData": data}


def _upload(call: Call) -> Answer:
    relies_on("expense.members-ours")
    tenant, sent = call.tenant, call.arguments
    key, view = sent["ExpenseReportKey"], TenantView(tenant, _employee(call))
    report = view.body(REPORT.kind, key)
    if report is None:
        text = f"there is no {REPORT.kind} {key}"
        raise errors.UnknownRecord(Reason("ExpenseReportKey", "unknown-key", text, "expense.upload-refused"))
    REPORT.guard(report, "", view)
    line = next((line for line in report["Expenses"] if line["ExpenseKey"] == sent["ExpenseKey"]), None)
    if line is None:
        text = f"the report has no expense {sent['ExpenseKey']}"
        raise errors.UnknownRecord(Reason("ExpenseKey", "unknown-key", text, "expense.upload-refused"))
    file = _file(sent)
    with tenant.writing():
        file_key = tenant.store.next_number(ATTACHMENT.key.sequence)
        tenant.save(ATTACHMENT.kind, file_key, {ATTACHMENT.key.name: file_key, **file})
        line["Attachments"].append({"FileKey": file_key, "AttachmentCategoryKey": None})
        tenant.save(REPORT.kind, key, report)
    reads_record(REPORT.kind, [key])
    return Answer({"FileKey": file_key})


_UPDATE = update_method(REPORT, _plain, claim="expense.update", audience=_employee)

_UPLOAD_ARGUMENTS = {
    "ExpenseReportKey": f.Whole(required="always"),
    "ExpenseKey": f.Whole(required="always"),
    "FileName": f.Text(required="always"),
    "ContentType": f.Text(),
    "FileData": f.Text(required="always"),
}


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
    guessed_method(_of_employee(_UPDATE, _update)),
    guessed_method(
        Method(
            name="UploadExpenseReports",
            access="write",
            versions={1: Operation(arguments_schema(_UPLOAD_ARGUMENTS), _upload, "expense.upload")},
            kind=REPORT.kind,
            needs_active_employee=True,
        )
    ),
)
