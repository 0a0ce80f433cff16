"""Vendor invoices."""

from __future__ import annotations

from typing import Any

from tools.breaks.exchange import Envelope, Exchange, broken, failed, rows_of

LINES = "VendorInvoicesDetails"


def lost(exchange: Exchange, method: str) -> Envelope:
    """Answer a write that is not kept."""
    if exchange.method != method:
        return exchange.send()
    exchange.mock.snapshot("before a lost invoice")
    answer = exchange.send()
    exchange.mock.restore("before a lost invoice")
    return answer


@broken("vendor invoices", "vendor_invoices_create")
def new_invoice_not_kept(exchange: Exchange) -> Envelope:
    """CreateVendorInvoices answers an invoice that it does not keep."""
    return lost(exchange, "CreateVendorInvoices")


@broken("vendor invoices", "vendor_invoices_create")
def amount_is_set_to_the_sum(exchange: Exchange) -> Envelope:
    """An invoice whose amount is not the sum of its lines gets that sum."""
    answer = exchange.send()
    if exchange.method == "CreateVendorInvoices" and failed(answer):
        for invoice in _invoices(exchange):
            lines = next((value for value in invoice.values() if isinstance(value, list)), [])
            amounts = [line.get("CostAmount") for line in lines if isinstance(line, dict)]
            whole = [amount for amount in amounts if isinstance(amount, int)]
            if whole and len(whole) == len(amounts):
                invoice["Amount"] = sum(whole)
        return exchange.send()
    return answer


@broken("vendor invoices", "vendor_invoices_create")
def lines_of_an_invoice_are_merged(exchange: Exchange) -> Envelope:
    """An invoice shows the first of its lines only."""
    answer = exchange.send()
    seen: set[Any] = set()
    if rows_of(answer, LINES):
        kept = []
        for line in rows_of(answer, LINES):
            if line["VendorInvoiceKey"] not in seen:
                kept.append(line)
            seen.add(line["VendorInvoiceKey"])
        answer["Content"][LINES] = kept
    return answer


@broken("vendor invoices", "vendor_invoices")
def list_with_other_amounts(exchange: Exchange) -> Envelope:
    """ListVendorInvoices shows other amounts than GetVendorInvoices."""
    answer = exchange.send()
    if exchange.method == "ListVendorInvoices":
        for row in rows_of(answer, "VendorInvoices"):
            row["Amount"] += 1
    return answer


@broken("vendor invoices", "vendor_invoices")
def unpaid_and_paid_at_once(exchange: Exchange) -> Envelope:
    """FilterByPaid keeps the unpaid invoices."""
    if exchange.method == "ListVendorInvoices" and exchange.arguments.get("FilterByPaid") is True:
        rest = {name: value for name, value in exchange.arguments.items() if name != "FilterByPaid"}
        return exchange.send(MethodArguments=rest | {"FilterByUnpaid": True})
    return exchange.send()


def _invoices(exchange: Exchange) -> list[Any]:
    rows = next((value for value in exchange.arguments.values() if isinstance(value, list)), [])
    return [row for row in rows if isinstance(row, dict)]
