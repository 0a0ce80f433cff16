"""ListVendorInvoices and GetVendorInvoices. Invoices and their lines are printed in two flat lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from mock_ajera.api import fields as f
from mock_ajera.api import filters
from mock_ajera.api.families.parts import without_nulls
from mock_ajera.api.families.vendor_invoices.records import EXPENSE_REPORT, INVOICE, LINE, NORMAL, VOIDED
from mock_ajera.api.filters import Condition, Filter, Test, select
from mock_ajera.api.member import Body, Member
from mock_ajera.api.methods import Answer, Call, Layout, Method, Operation, answering
from mock_ajera.api.shapes import LISTING, get_method, page_of
from mock_ajera.api.views import TenantView, render_all
from mock_ajera.tenants.model import Entry, Table
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on

DETAILS = "VendorInvoicesDetails"
_DETAIL_ONLY = ("CompanyKey", "CompanyDescription", "Attachments")
"""The members that the list lacks."""


def bundle(body: Body, view: TenantView, stamp: int) -> dict[str, list[Any]]:
    """Render an invoice and its lines in two lists, without nulls (claim ``invoice.nulls-left-out``)."""
    view = view.in_version_2()
    row = INVOICE.emit(body, view, stamp)
    if row["Attachments"]:
        relies_on("invoice.attachment-members")
    else:
        del row["Attachments"]
    _note(body, row)
    key = {INVOICE.key.wire: body[INVOICE.key.name]}
    lines = [key | without_nulls(line) for line in row.pop("LineItems")]
    return {INVOICE.plural: [without_nulls(row)], DETAILS: lines}


def _note(body: Body, row: Mapping[str, Any]) -> None:
    """Note the claims that a printed invoice relies on. ``row``: the invoice with nulls."""
    if any(value is None for each in (row, *row["LineItems"]) for value in each.values()):
        relies_on("invoice.nulls-left-out")
    if any(line["Hold"] for line in body["LineItems"]):
        relies_on("invoice.on-hold")
    if body["Type"] != NORMAL:
        relies_on("invoice.of-expense-report" if body["Type"] == EXPENSE_REPORT else "invoice.types-of-help")


LAYOUTS = (
    Layout(
        INVOICE.plural,
        {name: each for name, each in INVOICE.by_wire.items() if name != "LineItems"},
        grades=INVOICE.grades,
    ),
    Layout(DETAILS, {INVOICE.key.wire: INVOICE.key, **LINE.by_wire}),
)
"""What ``bundle`` renders."""


def _listed(body: Body, view: TenantView, stamp: int) -> dict[str, list[Any]]:
    (row,) = bundle(body, view, stamp)[INVOICE.plural]
    return {INVOICE.plural: [{name: value for name, value in row.items() if name not in _DETAIL_ONLY}]}


class Is(Filter, frozen=True):
    """Keep the invoices in one of the three states paid, unpaid and voided, which every invoice has one of."""

    state: str

    def field(self) -> Member:
        return f.Flag()

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Test:
        return lambda entry: _state_of(entry) == self.state


def _state_of(entry: Entry) -> str:
    if entry.summary["Status"] == VOIDED:
        return "voided"
    return "unpaid" if entry.summary["PaidDate"] is None else "paid"


class Compared(Filter, frozen=True):
    """Keep the invoices whose amount is greater than (1), less than (-1) or equal to (0) a number."""

    sign: int

    def field(self) -> Member:
        # With four decimals, a bound between two cents is not rounded to one of them.
        return f.Rate()

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        return lambda entry: entry.summary["Amount"].compare(value) == Decimal(self.sign)


class One(filters.OneOfKeys, frozen=True):
    """Keep the invoices with one key, which is sent without a list."""

    def field(self) -> Member:
        return f.AskedKey()

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        return super().condition([value], table, tenant)


def _bounds(member: str, earliest: str, latest: str) -> Iterator[Filter]:
    yield filters.OnDay(earliest, (member,), "invoice.filter-dates")
    yield filters.OnDay(latest, (member,), "invoice.filter-dates", upper=True)


_STATES = tuple(
    Is(f"FilterBy{state.capitalize()}", ("Status", "PaidDate"), "invoice.partition", state)
    for state in ("paid", "unpaid", "voided")
)
_FILTERS: tuple[Filter, ...] = (
    filters.keys("FilterByVendor", "VendorKey", "invoice.filter-vendor"),
    One("FilterByCompany", ("CompanyKey",), "invoice.filter-company"),
    filters.ThroughReference(
        "FilterByVendorType",
        ("VendorKey",),
        "invoice.filter-vendor-type",
        "Vendor",
        One("", ("VendorTypeKey",), "invoice.filter-vendor-type"),
    ),
    *_STATES,
    *_bounds("Date", "FilterByEarliestInvoiceDate", "FilterByLatestInvoiceDate"),
    *_bounds("AccountingDate", "FilterByEarliestAccountingDate", "FilterByLatestAccountingDate"),
    *_bounds("DateToPay", "FilterByEarliestInvoiceDatetoPay", "FilterByLatestDatetoPay"),
    Compared("FilterByGreaterThanAmount", ("Amount",), "invoice.filter-amount", 1),
    Compared("FilterByLessThanAmount", ("Amount",), "invoice.filter-amount", -1),
    Compared("FilterByEqualToAmount", ("Amount",), "invoice.filter-amount", 0),
)


def _list(call: Call) -> Answer:
    tenant, table = call.tenant, call.tenant.model.tables[INVOICE.kind]
    keys = select(table, [each for each in _FILTERS if each not in _STATES], call.arguments, tenant)
    if either := [each.condition(True, table, tenant) for each in _chosen(call.arguments)]:
        keys = [key for key in keys if any(keeps(table.entries[key]) for keeps in either)]
    keys, pages = page_of(call, keys)
    rows = [piece[INVOICE.plural] for piece in render_all(tenant, INVOICE.kind, keys, "ListVendorInvoices", _listed)]
    return Answer({INVOICE.plural: rows, DETAILS: []}, pages=pages)


def _chosen(arguments: Mapping[str, Any]) -> list[Is]:
    """Return the payment filters that are set. An invoice passes several of them if it passes either."""
    if any(arguments.get(each.argument) is False for each in _STATES):
        relies_on("invoice.filter-false-is-absent")
    chosen = [each for each in _STATES if arguments.get(each.argument)]
    for each in chosen:
        relies_on(each.claim)
    if len(chosen) > 1:
        relies_on("invoice.payment-filters-either")
    return chosen


LIST = Method(
    name="ListVendorInvoices",
    access="read",
    versions={
        2: Operation(
            {each.argument: each.field() for each in _FILTERS},
            _list,
            "invoice.list",
            claims={each.argument: each.claim for each in _FILTERS},
            answers=(
                Layout(
                    INVOICE.plural,
                    {name: each for name, each in LAYOUTS[0].members.items() if name not in _DETAIL_ONLY},
                ),
            ),
            manual=("invoice.partition", "invoice.payment-filters-either", *LISTING),
        )
    },
    kind=INVOICE.kind,
    needs=(*(need for each in _FILTERS for need in each.needs(INVOICE.kind)),),
    paged=True,
)

GET = answering(get_method(INVOICE, {2: bundle}, lists={DETAILS: ""}, claim="invoice.get"), {2: LAYOUTS})
