"""Vendor invoices beyond what the contract suite tests: dates to pay, limits of numbers, and warnings."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from mock_ajera import MockAjera
from mock_ajera.api.families.vendor_invoices.records import date_to_pay

Json = dict[str, Any]

FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2079, 6, 6)
ACCOUNT = 30


@pytest.fixture
def ajera() -> Iterator[MockAjera]:
    with MockAjera() as ajera:
        yield ajera


def invoice(**members: Any) -> Json:
    """Return a new invoice of one line."""
    line = {"CostAmount": members.get("Amount", 75), "AccountKey": ACCOUNT}
    return {"VendorKey": 1, "CompanyKey": 1, "Amount": 75, "LineItems": [line], **members}


def create(ajera: MockAjera, *invoices: Json) -> Json:
    return dict(ajera.call("CreateVendorInvoices", {"VendorInvoices": list(invoices)}, version=2))


def next_day(on: int, day: datetime.date) -> datetime.date:
    """Return the first day from ``day`` on whose number is ``on``, or which is the last one of a shorter month."""
    while day.day != min(on, calendar.monthrange(day.year, day.month)[1]):
        day += datetime.timedelta(days=1)
    return day


MONTH_ENDS = [
    datetime.date(year, month, calendar.monthrange(year, month)[1]) for year in (2024, 2026) for month in range(1, 13)
]


@pytest.mark.parametrize("on", range(1, 32))
def test_a_day_of_the_month_is_the_next_such_day(on: int) -> None:
    """At the end of each month, and on random days."""
    chance = Random(f"day {on}")
    terms = {"CalculatePaymentDateMethod": "Day of the month", "DayOfTheMonthToPay": on}
    around = [day + datetime.timedelta(days=days) for day in MONTH_ENDS for days in (-1, 0, 1)]
    random = [FIRST + datetime.timedelta(days=chance.randint(0, 65_000)) for _ in range(30)]
    for day in (*around, *random):
        assert date_to_pay(day.isoformat(), terms) == next_day(on, day).isoformat()


@pytest.mark.parametrize("days", [None, 0, 1, 30, 59, 365])
def test_a_number_of_days_is_counted_from_the_date(days: int | None) -> None:
    """Without a number, the invoice is to be paid at once."""
    terms = {"CalculatePaymentDateMethod": "Number of days", "NumberOfDaysFromInvoiceDate": days}
    for day in MONTH_ENDS:
        due = date_to_pay(day.isoformat(), terms)
        assert due is not None
        assert (datetime.date.fromisoformat(due) - day).days == (days or 0)


@pytest.mark.parametrize("method", ["None", "", None, "Day of the month", "Some other time"])
def test_other_terms_give_no_day(method: str | None) -> None:
    """So does a day of the month without its number."""
    terms = {"CalculatePaymentDateMethod": method, "NumberOfDaysFromInvoiceDate": 30, "DayOfTheMonthToPay": None}
    assert date_to_pay("2026-01-31", terms) is None


def test_an_invoice_without_a_date_has_no_day_to_pay() -> None:
    assert date_to_pay(None, {"CalculatePaymentDateMethod": "Number of days", "NumberOfDaysFromInvoiceDate": 3}) is None


@pytest.mark.parametrize(
    ("day", "days", "due"),
    [
        ("2079-06-05", 1, "2079-06-06"),
        ("2079-06-06", 1, None),
        ("1900-01-02", -1, "1900-01-01"),
        ("1900-01-01", -1, None),
        ("2026-01-01", 2**31 - 1, None),
        ("2026-01-01", -(2**31), None),
    ],
)
def test_a_day_that_a_date_cannot_be_is_left_out(ajera: MockAjera, day: str, days: int, due: str | None) -> None:
    """The invoice is created, and an export of the firm can be loaded."""
    vendor = ajera.content("GetVendors", {"RequestedVendors": [1]})["Vendors"][0]
    terms = {"CalculatePaymentDateMethod": "Number of days", "NumberOfDaysFromInvoiceDate": days}
    changed = {"UpdatedVendors": [vendor | terms], "UnchangedVendors": [vendor]}
    assert ajera.call("UpdateVendors", changed)["Errors"] == []
    answer = create(ajera, invoice(Date=day))
    assert answer["Errors"] == []
    assert answer["Content"]["VendorInvoices"][0].get("DateToPay") == due


def test_the_last_month_has_no_next_one() -> None:
    terms = {"CalculatePaymentDateMethod": "Day of the month", "DayOfTheMonthToPay": 5}
    assert date_to_pay(LAST.isoformat(), terms) is None


def test_changed_terms_do_not_change_an_invoice(ajera: MockAjera) -> None:
    """DateToPay is that of the day on which the invoice was created."""
    key = create(ajera, invoice(Date="2026-01-31"))["Content"]["VendorInvoices"][0]["VendorInvoiceKey"]
    before = ajera.content("GetVendorInvoices", {"RequestedVendorInvoices": [key]}, version=2)
    vendor = ajera.content("GetVendors", {"RequestedVendors": [1]})["Vendors"][0]
    changed = {"UpdatedVendors": [vendor | {"NumberOfDaysFromInvoiceDate": 7}], "UnchangedVendors": [vendor]}
    assert ajera.call("UpdateVendors", changed)["Errors"] == []
    assert ajera.content("GetVendorInvoices", {"RequestedVendorInvoices": [key]}, version=2) == before


def test_the_longest_numbers_do_not_overflow(ajera: MockAjera) -> None:
    """Their product has more digits than an amount, so no CostAmount equals it."""
    line = {
        "CostAmount": 1,
        "AccountKey": ACCOUNT,
        "Units": Decimal("12345678901234567.89"),
        "CostRate": Decimal("123456789012345.6789"),
    }
    answer = create(ajera, invoice(Amount=1, LineItems=[line]))
    assert [error["ErrorMessage"] for error in answer["Errors"]] == ["One or more properties contain invalid data"]
    assert [reason.rule for reason in ajera.journal[-1].reasons] == ["units"]


def test_the_greatest_amount_is_stored(ajera: MockAjera) -> None:
    amount = Decimal("12345678901234567.89")
    answer = create(ajera, invoice(Amount=amount))
    assert answer["Content"]["VendorInvoices"][0]["Amount"] == amount


@pytest.mark.parametrize("body", [[], {}, "one", None, 5, [None], [[]], ["one"], {"VendorKey": 1}])
def test_malformed_invoices_are_refused(ajera: MockAjera, body: Any) -> None:
    """Nothing is written, except that an empty list is a request for nothing."""
    before = ajera.tenant.fingerprint()
    answer = ajera.call("CreateVendorInvoices", {"VendorInvoices": body}, version=2)
    assert bool(answer["Errors"]) == (body != [])
    assert ajera.tenant.fingerprint() == before


@pytest.mark.parametrize("lines", [{}, "one", 5, [None], [[]], ["one"], [{}]])
def test_malformed_lines_are_refused(ajera: MockAjera, lines: Any) -> None:
    before = ajera.tenant.fingerprint()
    assert create(ajera, invoice(LineItems=lines))["Errors"]
    assert ajera.tenant.fingerprint() == before


def test_a_vendor_with_an_invoice_cannot_be_deleted(ajera: MockAjera) -> None:
    """The journal names the invoice."""
    new = {"VendorKey": -1, "Name": "Quarry Lane Surveys", "LastModifiedDate": "2017-12-06 14:46:06.873 GMT-08:00"}
    (vendor,) = ajera.content("UpdateVendors", {"UpdatedVendors": [new], "UnchangedVendors": []})["Vendors"]
    (created,) = create(ajera, invoice(VendorKey=vendor["VendorKey"]))["Content"]["VendorInvoices"]
    gone = {"UpdatedVendors": [vendor | {"Delete": True}], "UnchangedVendors": [vendor]}
    assert ajera.call("UpdateVendors", gone)["Errors"]
    (reason,) = ajera.journal[-1].reasons
    assert reason.rule == "in-use"
    assert f"VendorInvoice {created['VendorInvoiceKey']}" in reason.text
