"""Vendor invoices as version 2 lists and returns them."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from itertools import combinations
from operator import eq, ge, gt, le, lt
from typing import Any

import pytest

from .answers import records, refusal, success
from .client import AjeraClient
from .firm import Firm, Row, lacking
from .kinds import LINES, VENDOR_INVOICES
from .values import DAY
from .vendor_invoices import call_guess
from .writing import INVALID, UNKNOWN_KEY

claim = pytest.mark.claim

NOUN, KEY = VENDOR_INVOICES.noun, VENDOR_INVOICES.key
PAYMENT = ("FilterByPaid", "FilterByUnpaid", "FilterByVoided")
BOUNDS = {
    "FilterByEarliestInvoiceDate": ("Date", ge),
    "FilterByLatestInvoiceDate": ("Date", le),
    "FilterByEarliestAccountingDate": ("AccountingDate", ge),
    "FilterByLatestAccountingDate": ("AccountingDate", le),
    "FilterByEarliestInvoiceDatetoPay": ("DateToPay", ge),
    "FilterByLatestDatetoPay": ("DateToPay", le),
}
"""The bounds of dates. Two of the names are not alike."""
AMOUNTS = {"FilterByGreaterThanAmount": gt, "FilterByLessThanAmount": lt, "FilterByEqualToAmount": eq}


@pytest.fixture(scope="module")
def listed(firm: Firm) -> list[Row]:
    """Return the rows of ListVendorInvoices."""
    return firm.rows(f"List{NOUN} 2 {NOUN}") or lacking("vendor invoices")


@pytest.fixture(scope="module")
def headers(firm: Firm, listed: list[Row]) -> list[Row]:
    """Return the headers of invoices, spread over the list."""
    return firm.rows(f"Get{NOUN} 2 {NOUN}")


@pytest.fixture(scope="module")
def lines(firm: Firm, listed: list[Row]) -> dict[int, list[Row]]:
    """Return the lines of these invoices by the key of the invoice."""
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for line in firm.rows(f"Get{NOUN} 2 {LINES}"):
        found[line[KEY]].append(line)
    return found


def keys(client: AjeraClient, **filters: Any) -> set[int]:
    """Return the keys of the listed invoices."""
    return {row[KEY] for row in records(client.call(f"List{NOUN}", filters, version=2), NOUN)}


def keeps(client: AjeraClient, rows: list[Row], test: Callable[[Row], Any], **filters: Any) -> None:
    """Assert that the filters keep exactly the listed invoices that pass the test."""
    wanted = {row[KEY] for row in rows if test(row)}
    if not 0 < len(wanted) < len(rows):
        lacking(f"vendor invoices on both sides of {', '.join(filters)}")
    assert keys(client, **filters) & {row[KEY] for row in rows} == wanted


def middle(values: list[Any]) -> Any:
    """Return a value between the others."""
    ordered = sorted(set(values))
    return ordered[len(ordered) // 2] if len(ordered) > 2 else lacking("vendor invoices with different values")


@claim("invoice.list", "invoice.list-lacks-company")
def test_list(client: AjeraClient, listed: list[Row]) -> None:
    """The list has no company, and an empty array of lines."""
    content = success(client.call(f"List{NOUN}", version=2))
    assert content[LINES] == []
    assert not any({"CompanyKey", "CompanyDescription"} & row.keys() for row in listed)


@claim("invoice.get")
def test_lines_belong_to_the_returned_invoices(client: AjeraClient, listed: list[Row]) -> None:
    wanted = [row[KEY] for row in listed[:2]]
    content = success(client.call(f"Get{NOUN}", {VENDOR_INVOICES.argument: wanted}, version=2))
    assert [row[KEY] for row in content[NOUN]] == wanted
    assert {line[KEY] for line in content[LINES]} <= set(wanted)
    assert len({line["TransactionKey"] for line in content[LINES]}) == len(content[LINES])


@claim("list.get-unknown-left-out", "list.get-duplicate-once", "list.get-order-asked")
def test_keys_of_get(client: AjeraClient, listed: list[Row]) -> None:
    """Unknown keys are left out, duplicates are returned once, and the order is that of the request."""
    one, other = listed[-1][KEY], listed[0][KEY]
    sent = {VENDOR_INVOICES.argument: [one, UNKNOWN_KEY, other, one]}
    assert [row[KEY] for row in success(client.call(f"Get{NOUN}", sent, version=2))[NOUN]] == [one, other]


@claim("list.get-empty-array")
def test_no_keys(client: AjeraClient) -> None:
    """An empty array of keys returns two empty arrays."""
    content = success(client.call(f"Get{NOUN}", {VENDOR_INVOICES.argument: []}, version=2))
    assert content == {NOUN: [], LINES: []}


@claim("list.key-order")
def test_order(listed: list[Row]) -> None:
    """The list is in ascending order of its keys, and each invoice is listed once."""
    found = [row[KEY] for row in listed]
    assert found == sorted(set(found))


@claim("session.method-of-other-version")
@pytest.mark.parametrize("method", ["ListVendorInvoices", "GetVendorInvoices"])
def test_version_1_refuses_the_reads(client: AjeraClient, method: str) -> None:
    """The refusal names both versions."""
    text = refusal(client.call(method)).texts[0]
    if text == f"Unauthorized method: {method}":
        pytest.skip("the user may not call the methods of vendor invoices")
    assert "for api version 1 but is supported with api version 2" in text


@claim("invoice.list", "invoice.get")
def test_headers_have_the_values_of_the_list(listed: list[Row], headers: list[Row]) -> None:
    rows = {row[KEY]: row for row in listed}
    for invoice in headers:
        row = rows[invoice[KEY]]
        assert row == {name: value for name, value in invoice.items() if name in row}


@claim("invoice.vendor-type-left-out")
def test_vendor_type_is_left_out(firm: Firm, listed: list[Row]) -> None:
    """Both members are left out if the vendor has no type."""
    types = {row["VendorKey"]: row["VendorTypeKey"] for row in firm.some("Vendors")}
    rows = [row for row in listed if row["VendorKey"] in types]
    assert all(row.get("VendorTypeKey", None) == types[row["VendorKey"]] for row in rows)
    assert all(("VendorTypeKey" in row) == ("VendorTypeDescription" in row) for row in listed)
    assert not any(row.get("VendorTypeKey", 0) is None for row in listed)


@claim("invoice.nulls-left-out")
def test_no_member_is_null(headers: list[Row], lines: dict[int, list[Row]]) -> None:
    rows = [*headers, *(line for found in lines.values() for line in found)]
    assert not any(value is None for row in rows for value in row.values())


@claim("invoice.status-values")
def test_statuses(listed: list[Row]) -> None:
    assert {row["Status"] for row in listed} <= {"Normal", "Voided"}


@claim("invoice.type-normal")
def test_ordinary_invoices_are_normal(listed: list[Row]) -> None:
    """Most invoices have this type."""
    types = [row["Type"] for row in listed]
    assert types.count("Normal") > len(types) / 2


@claim("invoice.types-of-help")
def test_types(listed: list[Row]) -> None:
    known = {"Normal", "Credit Card", "Expense Report", "Payroll Service", "Refund"}
    assert {row["Type"] for row in listed} <= known


@claim("invoice.on-hold")
@pytest.mark.parametrize(("on_hold", "partially"), [(False, False), (True, False), (False, True)])
def test_holds(client: AjeraClient, listed: list[Row], on_hold: bool, partially: bool) -> None:
    """An invoice is on hold if all of its lines are, and partially if only some are."""
    rows = [row for row in listed if (row["OnHold"], row["PartiallyOnHold"]) == (on_hold, partially)]
    for row in rows[:5] or lacking("vendor invoices on hold and partially on hold"):
        content = success(client.call(f"Get{NOUN}", {VENDOR_INVOICES.argument: [row[KEY]]}, version=2))
        held = [line["Hold"] for line in content[LINES]]
        assert (all(held), any(held) and not all(held)) == (on_hold, partially)


@claim("invoice.amount-is-sum")
def test_amounts_are_the_sums_of_the_lines(headers: list[Row], lines: dict[int, list[Row]]) -> None:
    for invoice in headers:
        assert invoice["Amount"] == sum(line["CostAmount"] for line in lines[invoice[KEY]])


@claim("invoice.line-charged")
def test_lines_are_charged_to_an_account_or_a_project(lines: dict[int, list[Row]]) -> None:
    for line in (line for found in lines.values() for line in found):
        assert ("AccountKey" in line) != ("ProjectKey" in line)
        assert ("ProjectKey" in line) == ("PhaseKey" in line)


@claim("invoice.of-expense-report")
def test_processed_expense_reports_are_invoices(firm: Firm, listed: list[Row]) -> None:
    """The invoice has the last day of the report and its reimbursable amount."""
    reports = [row for row in firm.some("ExpenseReports") if row.get("IsProcessed") and row.get("ReimbursableAmount")]
    found = {(row["Date"], row["Amount"]) for row in listed if row["Type"] == "Expense Report"}
    for report in reports or lacking("processed expense reports"):
        assert (report["EndingDate"], report["ReimbursableAmount"]) in found


@claim("invoice.partition", "invoice.no-payment-filter")
def test_payment_filters_divide_the_invoices(client: AjeraClient, listed: list[Row]) -> None:
    """Each invoice is paid, unpaid or voided. Without a filter, all are listed."""
    known = {row[KEY] for row in listed}
    groups = [keys(client, **{name: True}) & known for name in PAYMENT]
    if not all(groups):
        lacking("vendor invoices that are paid, unpaid and voided")
    assert set().union(*groups) == known
    assert sum(map(len, groups)) == len(known)


@claim("invoice.partition")
def test_voided_is_a_status(client: AjeraClient, listed: list[Row]) -> None:
    keeps(client, listed, lambda row: row["Status"] == "Voided", FilterByVoided=True)


@claim("invoice.paid-hidden")
def test_no_member_shows_the_payment(client: AjeraClient, headers: list[Row], lines: dict[int, list[Row]]) -> None:
    names = {name for row in [*headers, *(line for found in lines.values() for line in found)] for name in row}
    assert not {name for name in names if "paid" in name.lower() or "payment" in name.lower()}


@claim("invoice.payment-filters-either")
def test_two_payment_filters_keep_either(client: AjeraClient, listed: list[Row]) -> None:
    for one, other in combinations(PAYMENT, 2):
        separate = keys(client, **{one: True}) | keys(client, **{other: True})
        assert keys(client, **{one: True, other: True}) == separate


@claim("invoice.filter-false-is-absent")
@pytest.mark.parametrize("name", PAYMENT)
def test_false_is_like_no_filter(client: AjeraClient, listed: list[Row], name: str) -> None:
    assert keys(client, **{name: False}) >= {row[KEY] for row in listed}


@claim("invoice.filter-vendor")
def test_vendors(client: AjeraClient, listed: list[Row]) -> None:
    vendor, other = listed[0]["VendorKey"], listed[-1]["VendorKey"]
    keeps(client, listed, lambda row: row["VendorKey"] == vendor, FilterByVendor=[vendor])
    keeps(client, listed, lambda row: row["VendorKey"] in (vendor, other), FilterByVendor=[vendor, other])


@claim("invoice.filter-company")
def test_one_company(client: AjeraClient, headers: list[Row]) -> None:
    company = next((row["CompanyKey"] for row in headers if "CompanyKey" in row), None)
    keeps(client, headers, lambda row: row.get("CompanyKey") == company, FilterByCompany=company)


@claim("invoice.filter-vendor-type")
def test_one_vendor_type(client: AjeraClient, listed: list[Row]) -> None:
    kind = next((row["VendorTypeKey"] for row in listed if "VendorTypeKey" in row), None)
    keeps(client, listed, lambda row: row.get("VendorTypeKey") == kind, FilterByVendorType=kind)


@claim("invoice.filter-company", "invoice.filter-vendor-type")
@pytest.mark.parametrize("name", ["FilterByCompany", "FilterByVendorType"])
def test_a_list_is_refused(client: AjeraClient, name: str) -> None:
    """Both filters are a bare number."""
    assert INVALID in refusal(client.call(f"List{NOUN}", {name: [1]}, version=2)).texts[0]


@claim("invoice.filter-dates")
@pytest.mark.parametrize("name", BOUNDS)
def test_bounds_of_dates(client: AjeraClient, listed: list[Row], name: str) -> None:
    """A bound includes the day itself."""
    member, compares = BOUNDS[name]
    dated = [row for row in listed if row.get(member)]
    day = middle([row[member] for row in dated])
    assert DAY.fullmatch(day)
    keeps(client, dated, lambda row: compares(row[member], day), **{name: day})


@claim("invoice.filter-dates")
@pytest.mark.parametrize("value", ["soon", "2025-02-30", 5, ["2025-02-03"]])
@pytest.mark.parametrize("name", BOUNDS)
def test_an_invalid_date_is_refused(client: AjeraClient, name: str, value: Any) -> None:
    refusal(client.call(f"List{NOUN}", {name: value}, version=2))


@claim("invoice.filter-dates")
@pytest.mark.parametrize("name", ["FilterByLatestInvoiceDatetoPay", "FilterByEarliestDatetoPay", "FilterByDateToPay"])
def test_other_spellings_are_no_filters(client: AjeraClient, listed: list[Row], name: str) -> None:
    answer = client.call(f"List{NOUN}", {name: "1900-01-01"}, version=2)
    assert not answer.succeeded or {row[KEY] for row in records(answer, NOUN)} >= {row[KEY] for row in listed}


@claim("invoice.filter-amount")
@pytest.mark.parametrize("name", AMOUNTS)
def test_amounts(client: AjeraClient, listed: list[Row], name: str) -> None:
    amount = middle([row["Amount"] for row in listed])
    keeps(client, listed, lambda row: AMOUNTS[name](row["Amount"], amount), **{name: amount})


@claim("invoice.filter-amount")
def test_a_range_of_amounts(client: AjeraClient, listed: list[Row]) -> None:
    """Neither of the two bounds is included."""
    amounts = sorted({row["Amount"] for row in listed})
    low, high = amounts[len(amounts) // 4], amounts[3 * len(amounts) // 4]
    keeps(
        client,
        listed,
        lambda row: low < row["Amount"] < high,
        FilterByGreaterThanAmount=low,
        FilterByLessThanAmount=high,
    )


@claim("invoice.filter-amount")
def test_bounds_of_amounts_are_not_rounded(client: AjeraClient, listed: list[Row]) -> None:
    """A bound between two cents keeps the amounts above it."""
    bound = middle([row["Amount"] for row in listed]) - Decimal("0.004")
    keeps(client, listed, lambda row: row["Amount"] > bound, FilterByGreaterThanAmount=bound)


@claim("invoice.attachments")
def test_attachments_are_left_out_if_there_are_none(headers: list[Row]) -> None:
    assert all(row["Attachments"] for row in headers if "Attachments" in row)


@claim("invoice.download", "invoice.attachment-members")
def test_download(client: AjeraClient, headers: list[Row]) -> None:
    """Content has the bytes of each attached file in base64."""
    files = [file for row in headers for file in row.get("Attachments", ())]
    for file in files or lacking("attachments of vendor invoices"):
        content = success(call_guess(client, f"Download{NOUN}", {"FileKey": file["FileKey"]}))
        assert (content["FileName"], content["ContentType"]) == (file["FileName"], file["ContentType"])
        assert len(base64.b64decode(content["FileData"], validate=True)) == file["FileSize"]


@claim("invoice.file-refused")
def test_unknown_file(client: AjeraClient) -> None:
    refusal(call_guess(client, f"Download{NOUN}", {"FileKey": UNKNOWN_KEY}))
