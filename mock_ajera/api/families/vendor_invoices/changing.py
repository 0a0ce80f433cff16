"""UpdateVendorInvoices and DeleteVendorInvoices, of which only the names are known: a guess of both."""

from __future__ import annotations

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.changes import Change, unknown_members, update, version_1
from mock_ajera.api.families.vendor_invoices.creating import NoBaseline, written
from mock_ajera.api.families.vendor_invoices.records import INVOICE
from mock_ajera.api.filters import Items
from mock_ajera.api.methods import Answer, Call, Method, Operation, guessed_method
from mock_ajera.api.shapes import RawRows, arguments_schema
from mock_ajera.tenants.journal import Reason

_UPDATED, _UNCHANGED, _DELETED = "UpdatedVendorInvoices", "UnchangedVendorInvoices", "DeletedVendorInvoices"


def _update(call: Call) -> Answer:
    tenant, unknown = call.tenant, unknown_members(call.tenant)
    changes = version_1.read(INVOICE, call.arguments[_UPDATED], call.arguments[_UNCHANGED], unknown)
    for change in changes:
        if (key := change.sent.get(INVOICE.key.name)) is not None and key < 0:
            text = "CreateVendorInvoices creates invoices"
            change.faults.append(Reason(f"{change.at}.{INVOICE.key.wire}", "key", text, "invoice.update"))
    outcome = update(INVOICE, changes, tenant, single=False, unknown=unknown)
    return Answer(written(outcome, tenant), outcome.refused)


def _delete(call: Call) -> Answer:
    tenant = call.tenant
    keys = dict.fromkeys(call.arguments[_DELETED])
    if any(key <= 0 for key in keys):
        raise errors.InvalidData(Reason(_DELETED, "key", "positive keys are expected", "invoice.delete"))
    changes = [
        Change(f"{_DELETED}[{i}]", {INVOICE.key.name: key}, [], NoBaseline(), delete=True) for i, key in enumerate(keys)
    ]
    outcome = update(INVOICE, changes, tenant, single=False, unknown=unknown_members(tenant))
    return Answer(written(outcome, tenant), outcome.refused)


UPDATE = guessed_method(
    Method(
        name="UpdateVendorInvoices",
        access="write",
        versions={
            2: Operation(
                arguments_schema({_UPDATED: RawRows(required="always"), _UNCHANGED: RawRows(required="always")}),
                _update,
                "invoice.update",
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
            2: Operation(arguments_schema({_DELETED: Items(f.Whole(), required="always")}), _delete, "invoice.delete")
        },
        kind=INVOICE.kind,
    )
)
