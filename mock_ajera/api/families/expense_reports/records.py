"""Expense reports, their lines, and the rules of writing them.

No public source shows a member of a report: the members are ours (claim ``expense.members-ours``), chosen from what
Ajera's own window for expense reports contains.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.context import View, WriteContext
from mock_ajera.api.families.attachments import no_new_files
from mock_ajera.api.families.parts import PhaseMember, changed, phase_of
from mock_ajera.api.member import Body
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record, Row
from mock_ajera.claims import Grade
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import relies_on

PROCESSED = "Processed"
EDITABLE = ("New", "In Progress")
STATUSES = (*EDITABLE, "Submitted", "Approved", PROCESSED)
"""The statuses of Ajera's own window. The vendor invoice of a processed report is a record of its own."""


class Attachment(Row):
    """The attachment of a line, without its content."""

    FileKey = f.Ref("ExpenseAttachment", nullable=False, required="always")
    FileName = f.Lookup("FileKey", "FileName")
    ContentType = f.Lookup("FileKey", "ContentType")
    FileSize = f.Lookup("FileKey", "FileSize", blank=None)
    AttachmentCategoryKey = f.Ref("AttachmentCategory")


def _phase_of_project(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a phase that the project of the line does not have."""
    if row["PhaseKey"] is None or not changed(row, stored, "ProjectKey", "PhaseKey"):
        return
    if phase_of(row, context.view) is None:
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
    no_new_files(row, stored, at, context, "expense.write-files")


class Expense(Row):
    """A line of a report. Its expense item is an activity."""

    ExpenseKey = f.Key()
    Date = f.Day()
    ProjectKey = f.Ref("Project")
    ProjectDescription = f.Lookup("ProjectKey", "Description")
    PhaseKey = f.RowRef()
    PhaseDescription = PhaseMember("Description")
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
    relies_on("expense.amounts")
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
    grade = Grade.INFERRED
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
    Expenses = f.KeyedRows(Expense, claims=f.RowClaims(kept="expense.write-absent-lines-kept"))

    checks = (_own, _editable_status, _dates)
    owns = ("ExpenseAttachment",)

    def guard(self, stored: Body, at: str, view: View) -> None:
        """Hide the reports of other employees, and protect those that are submitted."""
        if stored["EmployeeKey"] != view.audience:
            text = f"no report of the authorizing employee has the key {stored['ExpenseReportKey']}"
            raise errors.UnknownRecord(Reason(within(at, "ExpenseReportKey"), "unknown-key", text, "expense.write-own"))
        if stored["Status"] not in EDITABLE:
            text = f"a report that is {stored['Status']} cannot be changed"
            raise errors.InvalidData(Reason(within(at, "Status"), "status", text, "expense.write-editable"))


REPORT = ExpenseReport()
