"""Methods that are known only by name change and delete vendor invoices, and attach files to them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from .answers import Answer, records, refusal, success
from .client import AjeraClient
from .firm import Firm, Row, first
from .kinds import LINES
from .target import Target
from .vendor_invoices import KEY, NOUN, Invoice, VendorInvoices, call_guess
from .writing import NO_CHANGE, UNKNOWN_KEY

claim = pytest.mark.claim

PDF = base64.b64encode(b"%PDF-1.4 invoice").decode()


@pytest.fixture
def invoices(client: AjeraClient, firm: Firm, target: Target) -> VendorInvoices:
    """Return the invoices that the suite writes. Skip the test if the target is not a mock."""
    if target.real:
        pytest.skip("not sent to a real endpoint")
    return VendorInvoices(client, firm)


def update(invoices: VendorInvoices, invoice: Invoice, **members: Any) -> Answer:
    """Call UpdateVendorInvoices with members of one invoice."""
    sent = {"UpdatedVendorInvoices": [{KEY: invoice.key} | members], "UnchangedVendorInvoices": [invoice.header]}
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


@claim("invoice.update")
def test_an_outdated_baseline_is_refused(invoices: VendorInvoices) -> None:
    invoice = invoices.new()
    success(update(invoices, invoice, Notes="first"))
    refusal(update(invoices, invoice, Notes="second"))
    assert invoices.read(invoice.key).header["Notes"] == "first"


@claim("invoice.update")
def test_an_update_creates_no_invoice(invoices: VendorInvoices) -> None:
    before = invoices.listed()
    sent = {"UpdatedVendorInvoices": [invoices.body() | {KEY: -1}], "UnchangedVendorInvoices": []}
    refusal(call_guess(invoices.client, f"Update{NOUN}", sent))
    assert invoices.listed() == before


@claim("write.no-op-refused")
def test_an_update_without_a_change_is_refused(invoices: VendorInvoices) -> None:
    assert refusal(update(invoices, invoices.new(), Notes="")).texts == [NO_CHANGE]


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
