"""Vendor invoices as version 2 lists and returns them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from .answers import refusal, success
from .client import AjeraClient
from .filtering import by
from .firm import Firm, Row, lacking
from .kinds import LINES, VENDOR_INVOICES
from .vendor_invoices import VendorInvoices

claim = pytest.mark.claim

UNKNOWN_KEY = 2_000_000_000
STATES = ("Paid", "Unpaid", "Voided")


@pytest.fixture(scope="module")
def invoices(client: AjeraClient, firm: Firm) -> VendorInvoices:
    """Return a reader of the vendor invoices."""
    return VendorInvoices(client, firm)


@pytest.fixture(scope="module")
def listed(invoices: VendorInvoices) -> list[Row]:
    """Return the rows of ListVendorInvoices."""
    return invoices.listed() or lacking("vendor invoices")


@pytest.fixture(scope="module")
def details(firm: Firm) -> list[Row]:
    """Return invoices as GetVendorInvoices returns them."""
    return firm.rows("GetVendorInvoices 2 VendorInvoices") or lacking("vendor invoices")


@pytest.fixture(scope="module")
def lines(firm: Firm) -> list[Row]:
    """Return the lines of vendor invoices."""
    return firm.rows(f"GetVendorInvoices 2 {LINES}") or lacking("lines of vendor invoices")


def keys(rows: list[Row]) -> set[int]:
    """Return the keys of invoices."""
    return {row[VENDOR_INVOICES.key] for row in rows}


def keeps(invoices: VendorInvoices, known: list[Row], test: Callable[[Row], Any], **filters: Any) -> None:
    """Assert that the filters keep exactly the known invoices that pass the test."""
    wanted = keys([row for row in known if test(row)])
    if not 0 < len(wanted) < len(known):
        lacking(f"vendor invoices on both sides of {', '.join(filters)}")
    kept = keys(invoices.listed(**filters)) & keys(known)
    assert kept == wanted, f"{filters}: too many {sorted(kept - wanted)}, missing {sorted(wanted - kept)}"


def common(values: list[Any]) -> Any:
    """Return the most frequent value, if there are others."""
    counts = {value: values.count(value) for value in values}
    return max(counts, key=lambda value: counts[value]) if len(counts) > 1 else lacking("different values")


@claim("invoice.list")
def test_list_has_an_empty_array_of_lines(client: AjeraClient) -> None:
    """Content has both arrays, and the second is empty."""
    content = success(client.call("ListVendorInvoices", version=2))
    assert content.keys() == {VENDOR_INVOICES.noun, LINES}
    assert content[LINES] == []


@claim("invoice.list-lacks-company")
def test_list_rows_have_no_company(listed: list[Row], details: list[Row]) -> None:
    """GetVendorInvoices returns the company."""
    for name in ("CompanyKey", "CompanyDescription"):
        assert not any(name in row for row in listed)
        assert any(name in row for row in details)


@claim("invoice.get")
def test_list_rows_agree_with_the_invoices(listed: list[Row], details: list[Row]) -> None:
    """Each listed value is the one that GetVendorInvoices returns."""
    by_key = {row[VENDOR_INVOICES.key]: row for row in listed}
    for row in details:
        assert by_key[row[VENDOR_INVOICES.key]].items() <= row.items()


@claim("invoice.get")
def test_lines_are_joined_by_the_key_of_the_invoice(details: list[Row], lines: list[Row]) -> None:
    """Each line has the key of a returned invoice, and each invoice has lines."""
    assert {line[VENDOR_INVOICES.key] for line in lines} == keys(details)
    transactions = [line["TransactionKey"] for line in lines]
    assert len(transactions) == len(set(transactions))
    assert not any("LineItems" in row for row in details)


@claim("invoice.get")
def test_only_the_lines_of_the_requested_invoices_are_returned(invoices: VendorInvoices, details: list[Row]) -> None:
    key = details[0][VENDOR_INVOICES.key]
    content = invoices.bundle(key)
    assert content.keys() == {VENDOR_INVOICES.noun, LINES}
    assert keys(content[VENDOR_INVOICES.noun]) == keys(content[LINES]) == {key}


@claim("list.get-several")
def test_several_invoices(invoices: VendorInvoices, listed: list[Row]) -> None:
    some = [row[VENDOR_INVOICES.key] for row in listed[:3]]
    assert keys(invoices.bundle(*some)[VENDOR_INVOICES.noun]) == set(some)


@claim("list.get-unknown-left-out", "list.get-duplicate-once", "list.get-order-asked")
def test_keys_of_get(invoices: VendorInvoices, listed: list[Row]) -> None:
    """Unknown keys are left out, duplicates are returned once, and the order is that of the request."""
    one, other = (row[VENDOR_INVOICES.key] for row in (listed[-1], listed[0]))
    found = invoices.bundle(one, UNKNOWN_KEY, other, one)
    assert [row[VENDOR_INVOICES.key] for row in found[VENDOR_INVOICES.noun]] == [one, other]


@claim("list.get-empty-array")
def test_no_keys(invoices: VendorInvoices) -> None:
    """An empty array of keys returns two empty arrays."""
    assert invoices.bundle() == {VENDOR_INVOICES.noun: [], LINES: []}


@claim("list.key-order")
def test_order(listed: list[Row]) -> None:
    """The list is in ascending order of its keys."""
    found = [row[VENDOR_INVOICES.key] for row in listed]
    assert found == sorted(found)


@claim("list.listed-once")
def test_each_invoice_is_listed_once(listed: list[Row]) -> None:
    assert len(keys(listed)) == len(listed)


@claim("invoice.vendor-type-left-out")
def test_type_of_the_vendor(firm: Firm, listed: list[Row], details: list[Row]) -> None:
    """Both members are absent if the vendor has no type, and have its values otherwise."""
    types = {row["VendorKey"]: (row["VendorTypeKey"], row["VendorTypeDescription"]) for row in firm.some("Vendors")}
    seen = set()
    for row in [*listed, *details]:
        if row["VendorKey"] not in types:
            continue
        key, description = types[row["VendorKey"]]
        seen.add(key is None)
        shown = {name: row[name] for name in ("VendorTypeKey", "VendorTypeDescription") if name in row}
        assert shown == ({} if key is None else {"VendorTypeKey": key, "VendorTypeDescription": description})
    if len(seen) < 2:
        lacking("vendor invoices of vendors with and without a type")


@claim("invoice.nulls-left-out")
def test_no_member_is_null(listed: list[Row], details: list[Row], lines: list[Row]) -> None:
    """A line that is charged to an account has no ProjectKey, but an empty ProjectDescription."""
    for row in [*listed, *details, *lines]:
        assert None not in row.values()
    on_accounts = [line for line in lines if "AccountKey" in line] or lacking("lines that are charged to an account")
    for line in on_accounts:
        assert not line.keys() & {"ProjectKey", "PhaseKey", "ActivityKey"}
        assert (line["ProjectDescription"], line["PhaseDescription"]) == ("", "")


@claim("invoice.line-charged")
def test_lines_are_charged_to_an_account_or_a_project(lines: list[Row]) -> None:
    """No line is charged to both, and no line to neither."""
    for line in lines:
        on_project = [bool(line.get(name)) for name in ("ProjectKey", "PhaseKey", "ActivityKey")]
        assert all(on_project) or not any(on_project)
        assert bool(line.get("AccountKey")) != all(on_project)


@claim("invoice.get")
def test_lines_show_their_project_and_phase(firm: Firm, lines: list[Row]) -> None:
    """The descriptions and the IDs are those of the project."""
    projects = {row["ProjectKey"]: row for row in firm.all("Projects")}
    on_projects = [line for line in lines if line.get("ProjectKey")] or lacking("lines that are charged to a project")
    for line in on_projects:
        project = projects[line["ProjectKey"]]
        assert (line["ProjectDescription"], line["ProjectID"]) == (project["Description"], project["ID"] or "")


@claim("invoice.status-values")
def test_status(listed: list[Row]) -> None:
    """The Status is Normal or Voided."""
    assert {row["Status"] for row in listed} <= {"Normal", "Voided"}


@claim("invoice.type-normal")
def test_ordinary_invoices_are_normal(listed: list[Row]) -> None:
    """Most invoices have this type."""
    types = [row["Type"] for row in listed]
    assert types.count("Normal") > len(types) / 2


@claim("invoice.types-of-help")
def test_other_types(listed: list[Row]) -> None:
    """Other types are those that the product help lists."""
    others = {row["Type"] for row in listed} - {"Normal"} or lacking("vendor invoices of another type")
    assert others <= {"Credit Card", "Expense Report", "Payroll Service", "Refund"}


@claim("invoice.amount-is-sum")
def test_amount_is_the_sum_of_the_lines(details: list[Row], lines: list[Row]) -> None:
    amounts: dict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        amounts[line[VENDOR_INVOICES.key]] += line["CostAmount"]
    assert {row[VENDOR_INVOICES.key]: row["Amount"] for row in details} == amounts


@claim("invoice.on-hold")
@pytest.mark.parametrize(("on_hold", "partially"), [(False, False), (True, False), (False, True)])
def test_invoices_on_hold(invoices: VendorInvoices, listed: list[Row], on_hold: bool, partially: bool) -> None:
    """An invoice is on hold if all of its lines are, and partially if only some are."""
    rows = [row for row in listed if (row["OnHold"], row["PartiallyOnHold"]) == (on_hold, partially)]
    for row in rows[:5] or lacking(f"vendor invoices with OnHold {on_hold} and PartiallyOnHold {partially}"):
        invoice, lines = invoices.read(row[VENDOR_INVOICES.key])
        held = [line["Hold"] for line in lines]
        assert (invoice["OnHold"], invoice["PartiallyOnHold"]) == (on_hold, partially)
        assert (all(held), any(held) and not all(held)) == (on_hold, partially)


@claim("invoice.paid-hidden")
def test_no_member_shows_whether_an_invoice_is_paid(details: list[Row], lines: list[Row]) -> None:
    for row in [*details, *lines]:
        assert not [name for name in row if "paid" in name.lower()]


@claim("invoice.partition")
def test_payment_filters_split_the_list(invoices: VendorInvoices) -> None:
    """Each invoice passes exactly one of the three filters. FilterByVoided keeps those with the Status Voided."""
    every = invoices.listed()
    parts = [invoices.listed(**by(f"FilterBy{state}", True)) for state in STATES]
    found = [row[VENDOR_INVOICES.key] for part in parts for row in part]
    assert sorted(found) == sorted(keys(every))
    assert keys(parts[2]) == keys([row for row in every if row["Status"] == "Voided"])
    if not all(parts):
        lacking("paid, unpaid and voided vendor invoices")


@claim("invoice.no-payment-filter")
def test_all_states_are_listed_without_a_payment_filter(invoices: VendorInvoices, listed: list[Row]) -> None:
    for state in STATES:
        kept = invoices.listed(**by(f"FilterBy{state}", True)) or lacking(f"{state.lower()} vendor invoices")
        assert keys(kept) & keys(listed)


@claim("invoice.payment-filters-either")
def test_payment_filters_together(invoices: VendorInvoices) -> None:
    """Two filters keep the invoices that pass either of them."""
    for one, other in (("Paid", "Voided"), ("Unpaid", "Voided"), ("Paid", "Unpaid")):
        filters = [by(f"FilterBy{state}", True) for state in (one, other)]
        separate = [keys(invoices.listed(**each)) for each in filters]
        assert keys(invoices.listed(**filters[0], **filters[1])) == separate[0] | separate[1]


@claim("invoice.filter-false-is-absent")
@pytest.mark.parametrize("state", STATES)
def test_a_false_payment_filter_keeps_everything(invoices: VendorInvoices, state: str) -> None:
    assert keys(invoices.listed(**by(f"FilterBy{state}", False))) == keys(invoices.listed())


@claim("invoice.filter-vendor")
def test_filter_by_vendor(invoices: VendorInvoices, listed: list[Row]) -> None:
    """One vendor, and several."""
    vendors = list(dict.fromkeys(row["VendorKey"] for row in listed))
    for chosen in (vendors[:1], vendors[:2]):
        keeps(invoices, listed, lambda row, some=chosen: row["VendorKey"] in some, FilterByVendor=chosen)


@claim("invoice.filter-vendor-type")
def test_filter_by_vendor_type(invoices: VendorInvoices, listed: list[Row]) -> None:
    """The filter is one key. Invoices of vendors without a type are not kept."""
    key = common([row["VendorTypeKey"] for row in listed if "VendorTypeKey" in row])
    keeps(invoices, listed, lambda row: row.get("VendorTypeKey") == key, FilterByVendorType=key)
    assert invoices.listed(FilterByVendorType=UNKNOWN_KEY) == []


@claim("invoice.filter-company")
def test_filter_by_company(invoices: VendorInvoices, details: list[Row]) -> None:
    """The filter is one key."""
    key = common([row["CompanyKey"] for row in details if "CompanyKey" in row])
    keeps(invoices, details, lambda row: row.get("CompanyKey") == key, FilterByCompany=key)
    assert invoices.listed(FilterByCompany=UNKNOWN_KEY) == []


@claim("invoice.filter-vendor", "invoice.filter-company", "invoice.filter-vendor-type")
@pytest.mark.parametrize(
    ("name", "value"), [("FilterByVendor", 1), ("FilterByCompany", [1]), ("FilterByVendorType", [1])]
)
def test_a_key_is_not_a_list_of_keys(client: AjeraClient, name: str, value: Any) -> None:
    """FilterByVendor is a list of keys, the other two are not."""
    refusal(client.call("ListVendorInvoices", {name: value}, version=2))


BOUNDS = [
    ("Date", "FilterByEarliestInvoiceDate", "FilterByLatestInvoiceDate"),
    ("AccountingDate", "FilterByEarliestAccountingDate", "FilterByLatestAccountingDate"),
    ("DateToPay", "FilterByEarliestInvoiceDatetoPay", "FilterByLatestDatetoPay"),
]


@claim("invoice.filter-dates")
@pytest.mark.parametrize(("member", "earliest", "latest"), BOUNDS)
def test_bounds_of_dates(invoices: VendorInvoices, listed: list[Row], member: str, earliest: str, latest: str) -> None:
    """Both bounds include the day itself."""
    days = sorted({row[member] for row in listed if member in row}) or lacking(f"vendor invoices with {member}")
    day = days[len(days) // 2]
    dated = [row for row in listed if member in row]
    keeps(invoices, dated, lambda row: row[member] >= day, **by(earliest, day))
    keeps(invoices, dated, lambda row: row[member] <= day, **by(latest, day))
    keeps(invoices, dated, lambda row: row[member] == day, **by(earliest, day), **by(latest, day))


@claim("invoice.filter-dates")
@pytest.mark.parametrize("value", ["soon", "2025-02-30", 5, ["2025-02-03"]])
def test_an_invalid_date_is_refused(client: AjeraClient, value: Any) -> None:
    for _, earliest, latest in BOUNDS:
        for name in (earliest, latest):
            refusal(client.call("ListVendorInvoices", {name: value}, version=2))


@claim("invoice.filter-amount")
def test_filters_by_amount(invoices: VendorInvoices, listed: list[Row]) -> None:
    """An equal amount is neither greater nor less."""
    amounts = sorted({row["Amount"] for row in listed})
    amount = amounts[len(amounts) // 2]
    keeps(invoices, listed, lambda row: row["Amount"] > amount, FilterByGreaterThanAmount=amount)
    keeps(invoices, listed, lambda row: row["Amount"] < amount, FilterByLessThanAmount=amount)
    keeps(invoices, listed, lambda row: row["Amount"] == amount, FilterByEqualToAmount=amount)


@claim("invoice.filter-amount")
def test_a_range_of_amounts(invoices: VendorInvoices, listed: list[Row]) -> None:
    """The amounts between two others, which are not themselves included."""
    amounts = sorted({row["Amount"] for row in listed})
    low, high = amounts[len(amounts) // 4], amounts[3 * len(amounts) // 4]
    keeps(
        invoices,
        listed,
        lambda row: low < row["Amount"] < high,
        FilterByGreaterThanAmount=low,
        FilterByLessThanAmount=high,
    )


@claim("invoice.list", "invoice.get")
@pytest.mark.parametrize("method", ["ListVendorInvoices", "GetVendorInvoices"])
def test_version_1_refuses_the_reads(client: AjeraClient, method: str) -> None:
    """The refusal names both versions."""
    text = refusal(client.call(method, {VENDOR_INVOICES.argument: [1]} if method.startswith("Get") else {})).texts[0]
    if text == f"Unauthorized method: {method}":
        pytest.skip(f"the user may not call {method}")
    assert "for api version 1 but is supported with api version 2" in text
