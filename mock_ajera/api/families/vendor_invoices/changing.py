"""UpdateVendorInvoices and DeleteVendorInvoices, of which only the names are known: a guess of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.apply import row_differences
from mock_ajera.api.changes import Change, Stored, nothing_to_update, unknown_members, update, version_1
from mock_ajera.api.context import WriteContext
from mock_ajera.api.families.vendor_invoices.creating import NoBaseline, written
from mock_ajera.api.families.vendor_invoices.listing import DETAILS, LAYOUTS, bundle
from mock_ajera.api.families.vendor_invoices.records import INVOICE, LINE, derived_anew, is_open
from mock_ajera.api.filters import Items
from mock_ajera.api.firm_values import FirmValues
from mock_ajera.api.loading import load
from mock_ajera.api.member import Body
from mock_ajera.api.methods import Answer, Call, Layout, Method, Operation, guessed_method
from mock_ajera.api.reasons import differs, within
from mock_ajera.api.records import Record
from mock_ajera.api.shapes import RawObject, RawRows, sent_rows
from mock_ajera.api.views import TenantView
from mock_ajera.tenants.journal import Reason

_UPDATED, _UNCHANGED, _DELETED = "UpdatedVendorInvoices", "UnchangedVendorInvoices", "DeletedVendorInvoices"
_LISTS = {INVOICE.plural: INVOICE, DETAILS: LINE}
_KEYS = {INVOICE.plural: INVOICE.key.wire, DETAILS: "TransactionKey"}


class Printed(msgspec.Struct, frozen=True):
    """The baseline of an update: the whole Content that GetVendorInvoices returned.

    An invoice has no stamp, so every printed value is compared (claim ``invoice.update-baseline``).
    """

    content: Mapping[str, Any]
    view: TenantView
    stamps_sent = False

    def _rows(self, name: str, invoice: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the path and the content of each row of the invoice in a list."""
        rows = sent_rows(self.content, _UNCHANGED, name)
        return ((at, row) for at, row in rows if row.get(INVOICE.key.wire) == invoice)

    def require(self, record: Record, stored: Stored) -> None:
        at = f"{_UNCHANGED}.{record.plural}"
        if not any(self._rows(record.plural, stored.key)):
            text = f"{record.kind} {stored.key} is not in {at}"
            raise errors.InvalidData(Reason(at, "baseline", text, "invoice.update-baseline"))

    def conflicts(self, record: Record, stored: Stored, context: WriteContext) -> list[Reason]:
        tree = stored.tree
        bodies = {
            INVOICE.plural: {stored.key: tree},
            DETAILS: {line[_KEYS[DETAILS]]: line for line in tree["LineItems"]},
        }
        printed = bundle(record.flatten(tree), self.view, stored.stamp)
        return [
            reason
            for name, rows in printed.items()
            for reason in self._differences(name, rows, bodies[name], stored.key, context)
        ]

    def _differences(
        self,
        name: str,
        printed: Sequence[Mapping[str, Any]],
        bodies: Mapping[int, Body],
        invoice: int,
        context: WriteContext,
    ) -> Iterator[Reason]:
        """Yield the differences between the rows of a list in the baseline and the rows that are printed now."""
        schema, key = _LISTS[name], _KEYS[name]
        current = {row[key]: row for row in printed}
        read = set()
        for at, raw in self._rows(name, invoice):
            sent, faults = load(schema, raw, at, unknown="ignore")
            row = sent.get(key)
            if row is None or row not in current:
                yield differs(within(at, key), "the invoice does not have this row")
                continue
            read.add(row)
            yield from (Reason(fault.path, "baseline", fault.text, "write.baseline-invalid-value") for fault in faults)
            yield from row_differences(schema, bodies[row], sent, at, context)
            for member in schema.members.values():
                # Nulls are not printed, so a member is absent if it was null when it was read.
                if member.stored and member.wire in current[row] and member.wire not in raw:
                    yield differs(within(at, member.wire), "the stored record has a value")
        missing = (row for row in current if row not in read)
        yield from (differs(f"{_UNCHANGED}.{name}", f"the baseline does not have the row {row}") for row in missing)


class InvoiceChange(Change):
    """A change of an invoice, after which Ajera sets some values anew."""

    def tree(self, record: Record, stored: Body | None, context: WriteContext) -> Body:
        tree = super().tree(record, stored, context)
        return tree if stored is None else derived_anew(tree, stored, self.sent, context.view)


def _update(call: Call) -> Answer:
    tenant, unknown = call.tenant, unknown_members(call.tenant)
    baseline = Printed(call.arguments[_UNCHANGED], TenantView(tenant))
    read = version_1.read(INVOICE, call.arguments[_UPDATED], (), unknown)
    changes = [InvoiceChange(change.at, change.sent, change.faults, baseline) for change in read]
    for change in changes:
        if (key := change.sent.get(INVOICE.key.name)) is not None and key < 0:
            text = "CreateVendorInvoices creates invoices"
            change.faults.append(Reason(f"{change.at}.{INVOICE.key.wire}", "key", text, "invoice.update"))
    outcome = update(INVOICE, changes, tenant, single=False, unknown=unknown)
    return Answer(written(outcome, tenant), outcome.refused, notes=nothing_to_update(_UPDATED, changes))


def _delete(call: Call) -> Answer:
    tenant = call.tenant
    keys = dict.fromkeys(call.arguments[_DELETED])
    changes = [
        Change(f"{_DELETED}[{i}]", {INVOICE.key.name: key}, [], NoBaseline(), delete=True) for i, key in enumerate(keys)
    ]
    outcome = update(INVOICE, changes, tenant, single=False, unknown=unknown_members(tenant))
    return Answer(written(outcome, tenant), outcome.refused)


def _example(firm: FirmValues) -> dict[str, Any]:
    key = firm.key(INVOICE.kind, is_open)
    changed = {INVOICE.key.wire: key, "Notes": "Changed through the API"}
    return {_UPDATED: [changed], _UNCHANGED: firm.content(INVOICE.kind, key, bundle)}


UPDATE = guessed_method(
    Method(
        name="UpdateVendorInvoices",
        access="write",
        versions={
            2: Operation(
                {_UPDATED: RawRows(required="always"), _UNCHANGED: RawObject(required="always")},
                _update,
                "invoice.update",
                takes=(Layout.of(_UPDATED, INVOICE),),
                answers=LAYOUTS,
                manual=(
                    *("invoice.update-baseline", "invoice.update-derives", "invoice.write-open"),
                    *("invoice.write-status", "invoice.amount-is-sum", "invoice.write-absent-lines-kept"),
                ),
                example=_example,
            )
        },
        kind=INVOICE.kind,
    )
)

DELETE = guessed_method(
    Method(
        name="DeleteVendorInvoices",
        access="write",
        versions={
            2: Operation(
                {_DELETED: Items(f.AskedKey(INVOICE.kind), required="always")},
                _delete,
                "invoice.delete",
                answers=(Layout(INVOICE.plural, {INVOICE.key.wire: INVOICE.key, "Deleted": f.Flag()}),),
                manual=("invoice.write-open",),
                example=lambda firm: {_DELETED: [firm.key(INVOICE.kind, is_open)]},
            )
        },
        kind=INVOICE.kind,
    )
)
