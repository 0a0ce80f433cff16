"""CreateVendorInvoices: new invoices with their lines."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any, ClassVar

import msgspec

from mock_ajera.api import fields as f
from mock_ajera.api.changes import Change, Outcome, Removed, Stored, unknown_members, update
from mock_ajera.api.context import WriteContext
from mock_ajera.api.families.parts import without_nulls
from mock_ajera.api.families.vendor_invoices.listing import DETAILS, LAYOUTS, bundle
from mock_ajera.api.families.vendor_invoices.records import INVOICE, Line, VendorInvoice
from mock_ajera.api.firm_values import FirmValues
from mock_ajera.api.loading import load
from mock_ajera.api.member import Body
from mock_ajera.api.methods import Answer, Call, Layout, Method, Operation
from mock_ajera.api.records import Record, Row
from mock_ajera.api.shapes import RawRows, note_outcome
from mock_ajera.api.views import TenantView
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.model import Need
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on

_ARGUMENT = "VendorInvoices"


def _only(row: type[Row], *names: str) -> dict[str, None]:
    return {name: None for name in row.declared_members() if name not in names}


class NewLine(Row):
    """A line as CreateVendorInvoices accepts it: without a key."""

    line = f.Members(
        Line,
        _only(
            Line,
            *("ProjectKey", "PhaseKey", "ActivityKey", "CompanyKey", "Units", "CostRate"),
            *("CostAmount", "AccountKey", "DepartmentKey", "Hold", "Non_1099", "Notes"),
        ),
    )


class NewInvoice(Row):
    """An invoice as CreateVendorInvoices accepts it: without a key, so that it never changes an existing one."""

    invoice = f.Members(
        VendorInvoice,
        _only(
            VendorInvoice,
            *("VendorKey", "CompanyKey", "Description", "Number", "Date", "AccountingDate"),
            *("Amount", "Notes"),
        ),
    )
    LineItems = f.Rows(NewLine)

    examples: ClassVar[Mapping[str, Any]] = {"Number": "A-100"}


_NEW = NewInvoice()


class NoBaseline(msgspec.Struct, frozen=True):
    """The baseline of a creation or a deletion, which proves nothing."""

    stamps_sent = False

    def require(self, record: Record, stored: Stored) -> None:
        """Do nothing."""

    def conflicts(self, record: Record, stored: Stored, context: WriteContext) -> list[Reason]:
        return []


def _change(raw: Mapping[str, Any], at: str, keys: count[int], tenant: Tenant) -> Change:
    """Return the creation of one invoice. New rows get negative keys, which no client sends."""
    given = without_nulls(raw)
    if isinstance(lines := given.get("LineItems"), list):
        given["LineItems"] = [without_nulls(line) if isinstance(line, Mapping) else line for line in lines]
    sent, faults = load(_NEW, given, at, unknown=unknown_members(tenant))
    if "LineItems" in sent:
        sent["LineItems"] = [line | {"TransactionKey": next(keys)} for line in sent["LineItems"]]
    return Change(at, _with_defaults(sent, tenant) | {INVOICE.key.name: next(keys)}, faults, NoBaseline())


def _with_defaults(sent: Body, tenant: Tenant) -> Body:
    """Return an invoice with its dates and its company, if they are not sent."""
    today = tenant.firm.zone.local_date(tenant.clock.now())
    if "Date" not in sent or "AccountingDate" not in sent:
        relies_on("invoice.dates-default")
    date = sent.get("Date", today)
    dated = {"Date": date, "AccountingDate": sent.get("AccountingDate", date)}
    if "CompanyKey" in sent:
        return sent | dated
    relies_on("invoice.company-default")
    vendor = tenant.model.summary("Vendor", sent.get("VendorKey")) or {}
    company = vendor.get("CompanyKey") or min(tenant.model.tables["Company"].entries, default=None)
    return sent | dated | {"CompanyKey": company}


def _create(call: Call) -> Answer:
    tenant, keys = call.tenant, count(-1, -1)
    raws = call.arguments[_ARGUMENT]
    changes = [_change(raw, f"{_ARGUMENT}[{i}]", keys, tenant) for i, raw in enumerate(raws)]
    if call.arguments.get("ShowTiming"):
        relies_on("invoice.timing-unknown")
    outcome = update(INVOICE, changes, tenant, single=False, unknown=unknown_members(tenant))
    warnings = [text for each in outcome.written if (text := _same_number(each.key, tenant))]
    if warnings:
        relies_on("invoice.number-warning")
    return Answer(written(outcome, tenant), outcome.refused, warnings=warnings)


def written(outcome: Outcome, tenant: Tenant) -> dict[str, list[Any]]:
    """Return the invoices that a write has saved or deleted. Note the claims that its outcome relies on."""
    note_outcome(outcome)
    if outcome.refused and not outcome.written:
        return {}
    content: dict[str, list[Any]] = {INVOICE.plural: [], DETAILS: []}
    view = TenantView(tenant)
    for each in outcome.written:
        if isinstance(each, Removed):
            content[INVOICE.plural].append({INVOICE.key.wire: each.key, "Deleted": True})
            continue
        for name, rows in bundle(each.body, view, each.stamp).items():
            content[name] += rows
    return content


def _same_number(key: int, tenant: Tenant) -> str:
    """Return a warning if an earlier invoice of the vendor has the number of this one."""
    table = tenant.model.tables[INVOICE.kind]
    number, vendor = (table.entries[key].summary[name] for name in ("Number", "VendorKey"))
    earlier = (other for other in table.keys_with("VendorKey", (vendor,)) if other < key)
    same = number and any(table.entries[other].summary["Number"] == number for other in earlier)
    return f"Vendor {vendor} already has an invoice with the number {number}." if same else ""


def _example(firm: FirmValues) -> dict[str, Any]:
    def takes_entries(account: Body) -> bool:
        return bool(account["AllowJournalEntries"]) and account["Status"] == "Active"

    line = {"AccountKey": firm.key("GLAccount", takes_entries), **NewLine().example(firm)}
    return {_ARGUMENT: [_NEW.example(firm) | {"LineItems": [line]}]}


CREATE = Method(
    name="CreateVendorInvoices",
    access="write",
    versions={
        2: Operation(
            {_ARGUMENT: RawRows(required="always"), "ShowTiming": f.Flag()},
            _create,
            "invoice.create",
            takes=(Layout.of(_ARGUMENT, _NEW),),
            answers=LAYOUTS,
            manual=(
                "invoice.line-charged",
                "invoice.amount-is-sum",
                "invoice.dates-default",
                "invoice.company-default",
            ),
            example=_example,
        )
    },
    kind=INVOICE.kind,
    needs=(Need(INVOICE.kind, ("Number", "VendorKey"), ("VendorKey",)),),
)
