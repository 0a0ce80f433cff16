"""The methods of vendor invoices that are known only by name, with data that no client can write or see."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from mock_ajera import MockAjera

KEY = 9000
PDF = base64.b64encode(b"%PDF-1.4 invoice").decode()


@pytest.fixture
def ajera():
    with MockAjera(quirks={"guessed_methods": "serve"}) as made:
        yield made


def put(ajera: MockAjera, line: dict[str, Any] | None = None, **members: Any) -> None:
    """Store an invoice with one line of 20 dollars."""
    lines = [{"TransactionKey": 9001, "AccountKey": 32, "CostAmount": 20, **(line or {})}]
    ajera.put_record(
        "VendorInvoice", {"VendorInvoiceKey": KEY, "VendorKey": 1, "Amount": 20, "LineItems": lines} | members
    )


def call(ajera: MockAjera, method: str, **arguments: Any) -> dict[str, Any]:
    answer: dict[str, Any] = ajera.call(f"{method}VendorInvoices", arguments, version=2)
    return answer


def changed(ajera: MockAjera, **members: Any) -> dict[str, Any]:
    """Call UpdateVendorInvoices with members of the invoice, by default another note."""
    sent = {"VendorInvoiceKey": KEY, **(members or {"Notes": "changed"})}
    read = call(ajera, "Get", RequestedVendorInvoices=[KEY])["Content"]
    return call(ajera, "Update", UpdatedVendorInvoices=[sent], UnchangedVendorInvoices=read)


def stored(ajera: MockAjera) -> dict[str, Any]:
    """Return the invoice with the members that no method prints."""
    return dict(ajera.tenant.body(ajera.tenant.row("VendorInvoice", KEY)))


def uploaded(ajera: MockAjera) -> dict[str, Any]:
    return call(ajera, "Upload", VendorInvoiceKey=KEY, FileName="a.pdf", FileData=PDF)


def test_an_open_invoice_is_changed_and_deleted(ajera):
    put(ajera)
    assert changed(ajera)["Content"]["VendorInvoices"][0]["Notes"] == "changed"
    assert call(ajera, "Delete", DeletedVendorInvoices=[KEY])["Errors"] == []


@pytest.mark.parametrize(
    ("line", "members"), [({"IsBilled": True}, {}), ({}, {"PaidDate": "@today"}), ({}, {"Status": "Voided"})]
)
def test_a_settled_invoice_is_neither_changed_nor_deleted(ajera, line, members):
    """It can still get files."""
    put(ajera, line, **members)
    assert changed(ajera)["Errors"]
    assert call(ajera, "Delete", DeletedVendorInvoices=[KEY])["Errors"]
    assert uploaded(ajera)["Errors"] == []


@pytest.mark.parametrize(("vendor", "category", "department"), [(1, "Consultant", 2), (2, "Expense", None)])
def test_another_vendor_gives_another_category_and_department(ajera, vendor, category, department):
    """Vendor 1 is a consultant with a department, vendor 13 neither."""
    put(ajera, {"Category": "Expense"}, VendorKey=13)
    assert changed(ajera, VendorKey=vendor)["Errors"] == []
    (line,) = stored(ajera)["LineItems"]
    assert (line["Category"], line["DepartmentKey"]) == (category, department)


def test_a_line_that_moves_to_an_overhead_phase_has_no_billing_value(ajera):
    """And it has one again after it has moved back."""
    put(ajera, {"AccountKey": None, "ProjectKey": 1, "PhaseKey": 3, "ActivityKey": 7, "FeeAmount": 23})
    for project, phase, fee in ((21, 22, 0), (1, 3, 20)):
        sent = {"TransactionKey": 9001, "ProjectKey": project, "PhaseKey": phase}
        assert changed(ajera, LineItems=[sent])["Errors"] == []
        assert stored(ajera)["LineItems"][0]["FeeAmount"] == fee


@pytest.mark.parametrize("line", [{}, {"DepartmentKey": 3}])
def test_a_department_that_is_set_stays(ajera, line):
    """Before the change of the vendor, or with it."""
    put(ajera, line, VendorKey=13)
    sent = {"TransactionKey": 9001, "DepartmentKey": 3}
    assert changed(ajera, VendorKey=1, **({} if line else {"LineItems": [sent]}))["Errors"] == []
    assert stored(ajera)["LineItems"][0]["DepartmentKey"] == 3


def test_a_change_elsewhere_leaves_derived_values(ajera):
    """The billing value of the sample's lines is more than their cost."""
    put(ajera, {"FeeAmount": 23, "Category": "Consultant", "CompanyKey": 2, "DepartmentKey": 3}, DateToPay="2025-01-01")
    before = stored(ajera)
    assert changed(ajera)["Errors"] == []
    assert stored(ajera) == before | {"Notes": "changed"}


def test_a_deletion_removes_the_files(ajera):
    put(ajera)
    file = uploaded(ajera)["Content"]["FileKey"]
    assert call(ajera, "Download", FileKey=file)["Content"]["FileData"] == PDF
    call(ajera, "Delete", DeletedVendorInvoices=[KEY])
    assert call(ajera, "Download", FileKey=file)["Errors"]


def test_an_upload_leaves_the_invoice_as_it_was(ajera):
    """Only the attachments differ. The payment, which no method prints, stays."""
    put(ajera, PaidDate="@today-3")
    before = ajera.tenant.body(ajera.tenant.row("VendorInvoice", KEY))
    file = uploaded(ajera)["Content"]["FileKey"]
    after = ajera.tenant.body(ajera.tenant.row("VendorInvoice", KEY))
    assert after == before | {"Attachments": [{"FileKey": file}]}


def test_a_file_of_an_expense_report_is_not_one_of_an_invoice(ajera):
    """Each kind of file has its own keys, so the same key is another file."""
    invoice = call(ajera, "Download", FileKey=1)["Content"]
    report = ajera.content("DownloadExpenseReports", {"FileKey": 1})
    assert invoice["FileName"] != report["FileName"]
    assert call(ajera, "Download", FileKey=3)["Errors"]
    assert ajera.content("DownloadExpenseReports", {"FileKey": 3})


def test_the_methods_are_refused_by_default():
    with MockAjera() as ajera:
        for verb in ("Update", "Delete", "Upload", "Download"):
            assert "Unauthorized method" in call(ajera, verb)["Errors"][0]["ErrorMessage"]


@pytest.mark.parametrize("deleted", [[0], [-1], ["1"], [None], 1, None])
def test_invalid_keys_are_not_deleted(ajera, deleted):
    assert call(ajera, "Delete", DeletedVendorInvoices=deleted)["Errors"]
