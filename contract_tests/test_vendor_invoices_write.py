"""Methods that are known only by name change and delete vendor invoices, and attach files to them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from .answers import Answer, records, refusal, success
from .firm import Row, first, lacking
from .kinds import LINES
from .totals import totals_of
from .vendor_invoices import KEY, NOUN, Invoice, VendorInvoices, call_guess
from .writing import NO_CHANGE, UNKNOWN_KEY

claim = pytest.mark.claim

Edit = Callable[[VendorInvoices, Row], Row]
"""Returns the changed members of an invoice with one line: (invoices, the key of the line) -> members."""

PDF = base64.b64encode(b"%PDF-1.4 invoice").decode()


def update(invoices: VendorInvoices, invoice: Invoice, **members: Any) -> Answer:
    """Call UpdateVendorInvoices with members of one invoice. The baseline is the invoice as it was read."""
    return update_from(invoices, {NOUN: [invoice.header], LINES: invoice.lines}, invoice.key, **members)


def update_from(invoices: VendorInvoices, baseline: Row, key: int, **members: Any) -> Answer:
    """Call UpdateVendorInvoices with members of one invoice and a baseline."""
    sent = {"UpdatedVendorInvoices": [{KEY: key} | members], "UnchangedVendorInvoices": baseline}
    return call_guess(invoices.client, f"Update{NOUN}", sent)


def delete(invoices: VendorInvoices, *keys: int) -> Answer:
    """Call DeleteVendorInvoices."""
    return call_guess(invoices.client, f"Delete{NOUN}", {"DeletedVendorInvoices": list(keys)})


def upload(invoices: VendorInvoices, key: int, **members: Any) -> Answer:
    """Call UploadVendorInvoices with a file."""
    sent = {KEY: key, "FileName": "invoice.pdf", "FileData": PDF} | members
    return call_guess(invoices.client, f"Upload{NOUN}", sent)


@claim("invoice.update")
def test_an_invoice_is_changed(invoices: VendorInvoices) -> None:
    """Members that are not sent stay."""
    invoice = invoices.new(Number="U-1")
    line = {"TransactionKey": invoice.line["TransactionKey"], "CostAmount": 40, "Notes": "more"}
    content = success(update(invoices, invoice, Notes="dearer", Amount=40, LineItems=[line]))
    read = invoices.read(invoice.key)
    assert content == {NOUN: [read.header], LINES: read.lines}
    assert read.header == invoice.header | {"Notes": "dearer", "Amount": 40}
    assert read.line == invoice.line | {"CostAmount": 40, "Notes": "more"}


STALE: dict[str, Edit] = {
    "a value of the invoice": lambda invoices, line: {"Notes": "first"},
    "a date that was null": lambda invoices, line: {"DateToPay": "2025-05-01"},
    "a value of a line": lambda invoices, line: {"LineItems": [line | {"Notes": "first"}]},
    "a reference of a line that was null": lambda invoices, line: {
        "LineItems": [line | {"DepartmentKey": invoices.firm.one("Departments")["DepartmentKey"]}]
    },
    "a new line": lambda invoices, line: {
        "Amount": 30,
        "LineItems": [{"TransactionKey": -1, "AccountKey": invoices.account(), "CostAmount": 5}],
    },
}
"""Changes that another client makes, by what they change."""


@claim("invoice.update-baseline")
@pytest.mark.parametrize("edit", STALE.values(), ids=STALE)
def test_an_outdated_baseline_is_refused(invoices: VendorInvoices, edit: Edit) -> None:
    """A change by another client is not overwritten, even if it gave a value to a member that was null."""
    new = invoices.new()
    line = {"TransactionKey": new.line["TransactionKey"]}
    nulls = {"DateToPay": None, "LineItems": [line | {"DepartmentKey": None}]}
    success(update(invoices, new, Notes="read", **nulls))
    invoice = invoices.read(new.key)
    success(update(invoices, invoice, **edit(invoices, line)))
    current = invoices.read(invoice.key)
    refusal(update(invoices, invoice, Number="second"))
    assert invoices.read(invoice.key) == current
    success(update(invoices, current, Number="second"))


@claim("invoice.update-baseline")
def test_an_incomplete_baseline_is_refused(invoices: VendorInvoices) -> None:
    """The baseline has the invoice, each of its members that has a value, and its lines."""
    invoice = invoices.new(Notes="read")
    header = {name: value for name, value in invoice.header.items() if name != "Notes"}
    line = {name: value for name, value in invoice.line.items() if name != "CostAmount"}
    incomplete: list[Row] = [
        {},
        {NOUN: [], LINES: invoice.lines},
        {NOUN: [{KEY: invoice.key}], LINES: invoice.lines},
        {NOUN: [header], LINES: invoice.lines},
        {NOUN: [invoice.header], LINES: []},
        {NOUN: [invoice.header], LINES: [line]},
        {NOUN: [invoice.header], LINES: [*invoice.lines, invoice.line | {"TransactionKey": UNKNOWN_KEY}]},
    ]
    for baseline in incomplete:
        refusal(update_from(invoices, baseline, invoice.key, Number="second"))
    assert invoices.read(invoice.key) == invoice


@claim("invoice.update-baseline")
def test_names_and_other_rows_in_a_baseline_are_not_compared(invoices: VendorInvoices) -> None:
    """The Content of a GetVendorInvoices with several invoices is a baseline of each, and rows may be repeated."""
    invoice, other = invoices.new(), invoices.new()
    renamed = invoice.header | {"VendorDescription": "renamed"}
    nameless = {name: value for name, value in invoice.header.items() if name != "VendorDescription"}
    baseline = {NOUN: [renamed, nameless, other.header], LINES: [*invoice.lines, *other.lines, *invoice.lines]}
    success(update_from(invoices, baseline, invoice.key, Notes="changed"))
    assert invoices.read(invoice.key).header["Notes"] == "changed"
    assert invoices.read(other.key) == other


@claim("invoice.update")
def test_an_update_creates_no_invoice(invoices: VendorInvoices) -> None:
    before, body = invoices.listed(), invoices.body()
    lines = [line | {"TransactionKey": -2} for line in body["LineItems"]]
    sent = {"UpdatedVendorInvoices": [body | {KEY: -1, "LineItems": lines}], "UnchangedVendorInvoices": {}}
    refusal(call_guess(invoices.client, f"Update{NOUN}", sent))
    assert invoices.listed() == before


@claim("write.no-op-refused")
def test_an_update_without_a_change_is_refused(invoices: VendorInvoices) -> None:
    assert refusal(update(invoices, invoices.new(), Notes="")).texts == [NO_CHANGE]


@claim("invoice.update-keeps")
@pytest.mark.parametrize("name", ["Date", "AccountingDate", "CompanyKey"])
def test_a_date_or_the_company_is_not_removed(invoices: VendorInvoices, name: str) -> None:
    invoice = invoices.new()
    refusal(update(invoices, invoice, Notes="changed", **{name: None}))
    assert invoices.read(invoice.key) == invoice


@claim("invoice.update-derives")
def test_the_day_to_pay_follows_a_changed_date(invoices: VendorInvoices) -> None:
    """One that is sent stays."""
    terms = {"CalculatePaymentDateMethod": "Number of days"}
    invoice = invoices.new(VendorKey=invoices.vendor(**terms)["VendorKey"], Date="2025-03-03")
    wait = date.fromisoformat(invoice.header["DateToPay"]) - date(2025, 3, 3)
    success(update(invoices, invoice, Date="2025-04-04"))
    moved = invoices.read(invoice.key)
    assert moved.header["DateToPay"] == str(date(2025, 4, 4) + wait)
    success(update(invoices, moved, Date="2025-05-05", DateToPay=moved.header["DateToPay"]))
    assert invoices.read(invoice.key).header["DateToPay"] == moved.header["DateToPay"]


@claim("invoice.update-derives")
def test_lines_follow_the_company_of_their_invoice(invoices: VendorInvoices) -> None:
    """A line that is charged to another company than its invoice stays there."""
    companies = [row["CompanyKey"] for row in invoices.firm.all("Companies")]
    if len(companies) < 2:
        lacking("second company")
    one, other = companies[:2]
    lines = [invoices.on_account(), invoices.on_account(CompanyKey=other)]
    invoice = invoices.made(invoices.of(*lines, CompanyKey=one))
    success(update(invoices, invoice, CompanyKey=other))
    assert [line["CompanyKey"] for line in invoices.read(invoice.key).lines] == [other, other]


@claim("invoice.update-derives")
def test_the_amount_at_billing_rates_follows_a_changed_cost(invoices: VendorInvoices) -> None:
    invoice = invoices.new(invoices.on_project(25))
    project = invoice.line["ProjectKey"]
    before = totals_of(invoices.client, project)
    line = {"TransactionKey": invoice.line["TransactionKey"], "CostAmount": 900}
    success(update(invoices, invoice, Amount=900, LineItems=[line]))
    after = totals_of(invoices.client, project)
    for name in ("Cost", "Spent", "WIP"):
        assert after[name] - before[name] == 875, name


@claim("invoice.write-absent-lines-kept")
def test_lines_that_are_not_sent_are_kept(invoices: VendorInvoices) -> None:
    invoice = invoices.new()
    added = {"TransactionKey": -1, "AccountKey": invoices.account(), "CostAmount": 5}
    success(update(invoices, invoice, Amount=30, LineItems=[added]))
    assert [line["CostAmount"] for line in invoices.read(invoice.key).lines] == [25, 5]


@claim("invoice.write-status")
@pytest.mark.parametrize("members", [{"Status": "Voided"}, {"Type": "Refund"}])
def test_status_and_type_are_not_written(invoices: VendorInvoices, members: Row) -> None:
    invoice = invoices.new()
    refusal(update(invoices, invoice, **members))
    assert invoices.read(invoice.key).header == invoice.header


@claim("invoice.write-open")
@pytest.mark.parametrize("name", ["FilterByPaid", "FilterByVoided"])
def test_a_settled_invoice_is_neither_changed_nor_deleted(invoices: VendorInvoices, name: str) -> None:
    rows = records(invoices.client.call(f"List{NOUN}", {name: True}, version=2), NOUN)
    invoice = invoices.read(first(rows, f"vendor invoices for {name}")[KEY])
    refusal(update(invoices, invoice, Notes="changed"))
    refusal(delete(invoices, invoice.key))
    assert invoices.read(invoice.key).header == invoice.header


@claim("invoice.delete")
def test_an_invoice_is_deleted(invoices: VendorInvoices) -> None:
    invoice, kept = invoices.new(), invoices.new()
    assert success(delete(invoices, invoice.key)) == {NOUN: [{KEY: invoice.key, "Deleted": True}], LINES: []}
    content = success(invoices.client.call(f"Get{NOUN}", {f"Requested{NOUN}": [invoice.key]}, version=2))
    assert content == {NOUN: [], LINES: []}
    assert kept.key in invoices.listed()


@claim("invoice.delete")
@pytest.mark.parametrize("key", [UNKNOWN_KEY, 0, -1])
def test_an_unknown_key_is_not_deleted(invoices: VendorInvoices, key: int) -> None:
    before = invoices.listed()
    refusal(delete(invoices, key))
    assert invoices.listed() == before


@claim("invoice.upload", "invoice.attachment-members")
def test_a_file_is_attached(invoices: VendorInvoices) -> None:
    invoice = invoices.new()
    assert "Attachments" not in invoice.header
    key = success(upload(invoices, invoice.key))["FileKey"]
    (file,) = invoices.read(invoice.key).header["Attachments"]
    assert file == {"FileKey": key, "FileName": "invoice.pdf", "ContentType": "application/pdf", "FileSize": 16}
    assert success(call_guess(invoices.client, f"Download{NOUN}", {"FileKey": key}))["FileData"] == PDF


@claim("invoice.download")
def test_each_file_is_downloaded_by_its_key(invoices: VendorInvoices) -> None:
    invoice = invoices.new()
    files = [base64.b64encode(b"%PDF-1.4 " + name).decode() for name in (b"front", b"back")]
    attached = {success(upload(invoices, invoice.key, FileData=data))["FileKey"]: data for data in files}
    for key, data in attached.items():
        assert success(call_guess(invoices.client, f"Download{NOUN}", {"FileKey": key}))["FileData"] == data


@claim("invoice.file-refused")
@pytest.mark.parametrize("members", [{KEY: UNKNOWN_KEY}, {"FileName": "a.exe"}, {"FileData": "%"}, {"FileData": ""}])
def test_an_upload_is_refused(invoices: VendorInvoices, members: Row) -> None:
    invoice = invoices.new()
    refusal(upload(invoices, invoice.key, **members))
    assert "Attachments" not in invoices.read(invoice.key).header


@claim("invoice.write-files")
def test_an_update_removes_files_and_adds_none(invoices: VendorInvoices) -> None:
    invoice, other = invoices.new(), invoices.new()
    key = success(upload(invoices, invoice.key))["FileKey"]
    refusal(update(invoices, other, Attachments=[{"FileKey": key}]))
    success(update(invoices, invoices.read(invoice.key), Attachments=[]))
    assert "Attachments" not in invoices.read(invoice.key).header
    refusal(call_guess(invoices.client, f"Download{NOUN}", {"FileKey": key}))
