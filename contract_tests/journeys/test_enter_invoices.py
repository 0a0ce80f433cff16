"""Payables: the invoices of a vendor are entered once, read back, and watched until they are paid."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ..answers import records, refusal, success
from ..kinds import LINES
from ..vendor_invoices import KEY, NOUN, VendorInvoices

claim = pytest.mark.claim


def numbers(invoices: VendorInvoices, vendor: int) -> dict[str, int]:
    """Return the invoices of a vendor by number, as the program reads them before it enters one."""
    answer = invoices.client.call(f"List{NOUN}", {"FilterByVendor": [vendor]}, version=2)
    return {row["Number"]: row[KEY] for row in records(answer, NOUN)}


@claim("invoice.create", "invoice.get", "invoice.filter-vendor")
def test_an_invoice_is_entered_and_read_back(invoices: VendorInvoices) -> None:
    """The vendor has no invoice with its number before, and one afterwards. It has the lines of the paper."""
    number = f"{invoices.run} C-501"
    lines = [invoices.on_project(Decimal("140.15")), invoices.on_account(Decimal(50), Notes="License")]
    body = invoices.of(*lines, Number=number, Date="2026-02-26")
    assert number not in numbers(invoices, body["VendorKey"])
    content = success(invoices.create(body))
    key = content[NOUN][0][KEY]
    assert numbers(invoices, body["VendorKey"])[number] == key
    header, found = invoices.read(key)
    assert (header["VendorKey"], header["Date"], header["Amount"]) == (body["VendorKey"], body["Date"], body["Amount"])
    assert [sent.items() <= line.items() for sent, line in zip(lines, found, strict=True)] == [True, True]
    assert content[LINES] == found


@claim("invoice.amount-is-sum")
def test_an_invoice_that_does_not_add_up_is_not_entered(invoices: VendorInvoices) -> None:
    """A mistyped total is refused, and the corrected invoice can be entered with the same number."""
    number = f"{invoices.run} total"
    lines = [invoices.on_account(60), invoices.on_account(40)]
    body = invoices.of(*lines, Number=number)
    refusal(invoices.create(body | {"Amount": 1000}))
    assert number not in numbers(invoices, body["VendorKey"])
    key = success(invoices.create(body))[NOUN][0][KEY]
    assert numbers(invoices, body["VendorKey"])[number] == key


@claim("invoice.number-warning")
def test_a_number_that_was_used_is_only_a_warning(invoices: VendorInvoices) -> None:
    """The invoice is entered a second time, so the program must compare the numbers itself."""
    body = invoices.of(Number=f"{invoices.run} twice")
    first, second = (success(invoices.create(body))[NOUN][0][KEY] for _ in range(2))
    assert {first, second} <= invoices.listed(FilterByVendor=[body["VendorKey"]])


@claim("invoice.partition", "invoice.no-payment-filter")
def test_the_filters_show_what_is_paid(invoices: VendorInvoices) -> None:
    """No member shows it. A new invoice is among the unpaid ones, and every invoice has one of three states."""
    new = invoices.new().key
    states = {state: invoices.listed(**{f"FilterBy{state}": True}) for state in ("Paid", "Unpaid", "Voided")}
    assert [state for state, keys in states.items() if new in keys] == ["Unpaid"]
    assert sorted(key for keys in states.values() for key in keys) == sorted(invoices.listed())
