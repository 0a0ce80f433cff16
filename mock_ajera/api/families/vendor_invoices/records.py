"""Vendor invoices with their lines, and the rules of writing them."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, ClassVar

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.context import View, Visibility, WriteContext
from mock_ajera.api.families.attachments import AttachedFile, File, no_new_files
from mock_ajera.api.families.parts import PhaseMember, changed, phase_of
from mock_ajera.api.fields.values import FIRST_DAY, LAST_DAY
from mock_ajera.api.member import Body, Copied
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Check, Record, Row
from mock_ajera.books.rules import CATEGORIES, CONSULTANT, EXPENSE, NOT_BILLABLE
from mock_ajera.claims import Grade
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import relies_on

NORMAL, VOIDED = STATUSES = ("Normal", "Voided")
TYPES = (NORMAL, "Credit Card", EXPENSE_REPORT := "Expense Report", "Payroll Service", "Refund")
_LINE = "invoice.line-charged"
_PROJECT = ("ProjectKey", "PhaseKey", "ActivityKey")


class VendorInvoiceAttachment(AttachedFile):
    """A file attached to a vendor invoice."""

    kind = "VendorInvoiceAttachment"
    file = f.Members(File, but={"FileKey": f.Key(sequence="VendorInvoiceFile")})


class Attachment(Row):
    """The attachment of an invoice, without its content (claim ``invoice.attachment-members``)."""

    FileKey = f.Ref("VendorInvoiceAttachment", nullable=False, required="always")
    FileName = f.Lookup("FileKey", "FileName")
    ContentType = f.Lookup("FileKey", "ContentType")
    FileSize = f.Lookup("FileKey", "FileSize", blank=None)


def _charged(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a line that is not charged either to an account or to a project, phase and activity."""
    if context.seeding or not changed(row, stored, "AccountKey", *_PROJECT):
        return
    given = [name for name in _PROJECT if row[name] is not None]
    if row["AccountKey"] is not None and given:
        context.refuse(within(at, "AccountKey"), "charged", "the line is already charged to a project", _LINE)
    elif row["AccountKey"] is None and len(given) < len(_PROJECT):
        missing = next(name for name in _PROJECT if row[name] is None)
        text = "an account, or a project, phase and activity are required"
        context.refuse(within(at, missing), "charged", text, _LINE)
    elif row["AccountKey"] is None and phase_of(row, context.view) is None:
        text = f"the project has no phase {row['PhaseKey']}"
        context.refuse(within(at, "PhaseKey"), "reference", text, "invoice.phase-of-project")
    account = context.view.summary("GLAccount", row["AccountKey"])
    if account is not None and not (account["AllowJournalEntries"] and account["Status"] == "Active"):
        text = f"account {row['AccountKey']} is inactive or does not allow journal entries"
        context.refuse(within(at, "AccountKey"), "account", text, "invoice.account-allows-entries")


def _units(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse an amount that is not Units x CostRate, if both are given."""
    if context.seeding or not changed(row, stored, "Units", "CostRate", "CostAmount"):
        return
    with localcontext(prec=40):  # two decimals of 19 digits have a longer product than the default allows
        expected = (row["Units"] * row["CostRate"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if row["Units"] and row["CostRate"] and expected != row["CostAmount"]:
        text = f"{row['CostAmount']} is not Units x CostRate, which is {expected}"
        context.refuse(within(at, "CostAmount"), "units", text, "invoice.units-times-rate")


class Line(Row):
    """A line of an invoice: a part of its amount, and the account or the project that is charged."""

    TransactionKey = f.Key()
    ProjectKey = f.Ref("Project")
    ProjectDescription = f.Lookup("ProjectKey", "Description")
    ProjectID = f.Lookup("ProjectKey", "ID")
    PhaseKey = f.RowRef()
    PhaseDescription = PhaseMember("Description")
    PhaseID = PhaseMember("ID")
    ActivityKey = f.Ref("Activity")
    ActivityDescription = f.Lookup("ActivityKey", "Description")
    CompanyKey = f.Ref("Company")
    CompanyDescription = f.Lookup("CompanyKey", "Description")
    Units = f.Money()
    UnitDescription = f.Lookup("ActivityKey", "UnitDescription")
    CostRate = f.Rate()
    CostAmount = f.Money(required="on_create", claim="invoice.create")
    AccountKey = f.Ref("GLAccount")
    AccountDescription = f.Lookup("AccountKey", "Description")
    DepartmentKey = f.Ref("Department")
    DepartmentDescription = f.Lookup("DepartmentKey", "Department")
    Hold = f.Flag()
    Non_1099 = f.Flag()
    Notes = f.Text()
    Category = f.Choice(*CATEGORIES, default=EXPENSE, shown=Visibility.NEVER)
    """The category of the work on a project."""
    FeeAmount = f.Money(shown=Visibility.NEVER)
    """The amount at billing rates, in dollars."""
    IsBilled = f.Flag(shown=Visibility.NEVER)
    """Whether the client has been billed for it."""

    checks: ClassVar[tuple[Check, ...]] = (_charged, _units)


class VendorTypeKey(f.Lookup):
    """The type of the vendor. It is a reference, not a copy of a value."""

    def copies(self) -> Iterator[Copied]:
        yield from ()

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield "Vendor", "VendorTypeKey"


class VendorTypeDescription(f.Computed):
    """The description of the type of the vendor; null without a type."""

    def value(self, body: Body, view: View) -> Any:
        vendor = view.summary("Vendor", body["VendorKey"]) or {}
        found = view.summary("VendorType", vendor.get("VendorTypeKey"))
        return None if found is None else found["Description"]

    def copies(self) -> Iterator[Copied]:
        yield Copied("", "VendorType", "Description")


def _balanced(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse an amount that is not the sum of the lines."""
    total = sum((line["CostAmount"] for line in row["LineItems"]), Decimal(0))
    if not context.seeding and row["Amount"] is not None and row["Amount"] != total:
        text = f"{row['Amount']} is not the sum of the lines, which is {total}"
        context.refuse(within(at, "Amount"), "balance", text, "invoice.amount-is-sum")


def _set_by_ajera(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a change of the status or the type."""
    for member in ("Status", "Type"):
        before = NORMAL if stored is None else stored[member]
        if not context.seeding and row[member] != before:
            context.refuse(within(at, member), "status", f"{row[member]} is set in Ajera", "invoice.write-status")


def _posted(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse to remove a date or the company of an invoice, which say where it posts."""
    for member in ("Date", "AccountingDate", "CompanyKey"):
        if row[member] is None and stored is not None and stored[member] is not None:
            context.refuse(within(at, member), "required", "the value cannot be removed", "invoice.update-keeps")


def _no_new_files(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    no_new_files(row, stored, at, context, "invoice.write-files")


def is_open(invoice: Body) -> bool:
    """Return whether an invoice is neither voided nor paid, and no line of it is billed."""
    billed = any(line["IsBilled"] for line in invoice["LineItems"])
    return invoice["Status"] != VOIDED and not invoice["PaidDate"] and not billed


class VendorInvoice(Record):
    """What a vendor charges the firm."""

    kind = "VendorInvoice"
    grades: ClassVar[Mapping[str, Grade]] = {
        "Attachments": Grade.DOCUMENTED,
        **{f"Attachments[].{name}": Grade.INFERRED for name in ("FileKey", "FileName", "ContentType", "FileSize")},
    }
    VendorInvoiceKey = f.Key(new="")
    VendorKey = f.Ref("Vendor", nullable=False, required="on_create", claim="invoice.create")
    VendorDescription = f.Lookup("VendorKey", "Name")
    VendorTypeKey = VendorTypeKey("VendorKey", "VendorTypeKey", blank=None)
    VendorTypeDescription = VendorTypeDescription()
    CompanyKey = f.Ref("Company")
    CompanyDescription = f.Lookup("CompanyKey", "Description")
    Description = f.Text()
    Status = f.Choice(*STATUSES, default=NORMAL)
    Type = f.Choice(*TYPES, default=NORMAL)
    Number = f.Text()
    Date = f.Day()
    AccountingDate = f.Day()
    DateToPay = f.Day()
    Amount = f.Money(required="on_create", claim="invoice.create")
    Notes = f.Text()
    OnHold = f.Computed(lambda body, _: all(_holds(body)))
    PartiallyOnHold = f.Computed(lambda body, _: any(_holds(body)) and not all(_holds(body)))
    Attachments = f.Rows(Attachment)
    LineItems = f.KeyedRows(
        Line,
        at_least=1,
        required="on_create",
        claims=f.RowClaims(kept="invoice.write-absent-lines-kept"),
        claim="invoice.create",
    )
    PaidDate = f.Day(shown=Visibility.NEVER)
    """The day on which it was paid in full; null if it was not. No method prints it (claim ``invoice.paid-hidden``)."""

    checks: ClassVar[tuple[Check, ...]] = (_balanced, _set_by_ajera, _posted, _no_new_files)
    owns = ("VendorInvoiceAttachment",)

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield from super().lookups()
        for member in ("DepartmentKey", "CompanyKey", *_TERMS):
            yield "Vendor", member
        yield "VendorType", "IsConsultant"
        yield from (("GLAccount", member) for member in ("AllowJournalEntries", "Status"))

    def guard(self, stored: Body, at: str, view: View) -> None:
        """Protect an invoice that is voided, paid or billed."""
        if not is_open(stored):
            text = "an invoice that is voided, paid or billed can be neither changed nor deleted"
            raise errors.InvalidData(Reason(within(at, self.key.wire), "status", text, "invoice.write-open"))

    def complete(self, tree: Body, stored: Body | None, view: View) -> Body:
        known = {line["TransactionKey"] for line in (stored or {}).get("LineItems", ())}
        lines = [line if line["TransactionKey"] in known else _new_line(line, tree, view) for line in tree["LineItems"]]
        due = tree["DateToPay"] or (_date_to_pay(tree, view) if stored is None else None)
        return tree | {"LineItems": lines, "DateToPay": due}

    def check_seed(self, tree: Body, in_use: Any) -> str:
        """Return a fault for an amount that is not the sum of the lines."""
        total = sum((line["CostAmount"] for line in tree["LineItems"]), Decimal(0))
        return "" if total == tree["Amount"] else f"Amount: {tree['Amount']}, but the lines add up to {total}"


_TERMS = ("CalculatePaymentDateMethod", "NumberOfDaysFromInvoiceDate", "DayOfTheMonthToPay")


def _holds(invoice: Body) -> list[bool]:
    return [line["Hold"] for line in invoice["LineItems"]]


_OWN = ("DepartmentKey", "CompanyKey")
"""The derived values that a line may send, and then keeps."""


def _derived(line: Body, invoice: Body, view: View) -> Body:
    """Return the values of a line that Ajera sets: department, company, category and billing value.

    Work on a phase that is never billed has no billing value (claim ``invoice.not-billable``).
    """
    vendor = view.summary("Vendor", invoice["VendorKey"]) or {}
    vendor_type = view.summary("VendorType", vendor.get("VendorTypeKey")) or {}
    billing = (phase_of(line, view) or {}).get("BillingType")
    return {
        "DepartmentKey": None if line["AccountKey"] is None else vendor.get("DepartmentKey"),
        "CompanyKey": invoice["CompanyKey"],
        "Category": CONSULTANT if vendor_type.get("IsConsultant") else EXPENSE,
        "FeeAmount": line["CostAmount"] if billing not in NOT_BILLABLE else Decimal(0),
    }


def _new_line(line: Body, invoice: Body, view: View) -> Body:
    if line["AccountKey"] is not None and line["DepartmentKey"] is None:
        relies_on("invoice.department-default")
    return line | _derived(line, invoice, view) | {name: line[name] for name in _OWN if line[name] is not None}


def derived_anew(invoice: Body, stored: Body, sent: Mapping[str, Any], view: View) -> Body:
    """Return a changed invoice with the values that Ajera sets anew (claim ``invoice.update-derives``).

    ``sent``: the members of the update, which stay as they are.
    """
    before = {line["TransactionKey"]: line for line in stored["LineItems"]}
    sent_lines = {line.get("TransactionKey"): line for line in sent.get("LineItems") or ()}

    def anew(line: Body) -> Body:
        old = before.get(line["TransactionKey"])
        if old is None:
            return line
        was, now = _derived(old, stored, view), _derived(line, invoice, view)
        kept = {*sent_lines.get(line["TransactionKey"], ()), *(n for n in _OWN if old[n] not in (None, was[n]))}
        return line | {name: value for name, value in now.items() if value != was[name] and name not in kept}

    derived: Body = {}
    if "DateToPay" not in sent and changed(invoice, stored, "Date", "VendorKey"):
        derived["DateToPay"] = _date_to_pay(invoice, view)
    derived["LineItems"] = [anew(line) for line in invoice["LineItems"]]
    if changed(derived, invoice, *derived):
        relies_on("invoice.update-derives")
    return invoice | derived


def _date_to_pay(invoice: Body, view: View) -> str | None:
    relies_on("invoice.date-to-pay")
    return date_to_pay(invoice["Date"], view.summary("Vendor", invoice["VendorKey"]) or {})


def date_to_pay(date: str | None, terms: Mapping[str, Any]) -> str | None:
    """Return the day on which an invoice is to be paid by the vendor's terms (claim ``invoice.date-to-pay``).

    It is None if the terms give no day, or one that a date cannot be.
    """
    if date is None:
        return None
    try:
        day = _due(datetime.date.fromisoformat(date), terms)
    except OverflowError:
        return None
    return day.isoformat() if day is not None and FIRST_DAY <= day.isoformat() <= LAST_DAY else None


def _due(day: datetime.date, terms: Mapping[str, Any]) -> datetime.date | None:
    if terms.get("CalculatePaymentDateMethod") == "Number of days":
        return day + datetime.timedelta(days=terms["NumberOfDaysFromInvoiceDate"] or 0)
    on = terms.get("DayOfTheMonthToPay")
    if terms.get("CalculatePaymentDateMethod") != "Day of the month" or not on:
        return None
    if on < day.day:
        day = (day.replace(day=1) + datetime.timedelta(days=31)).replace(day=1)
    return day.replace(day=min(on, calendar.monthrange(day.year, day.month)[1]))


FILE, INVOICE, LINE = VendorInvoiceAttachment(), VendorInvoice(), Line()
