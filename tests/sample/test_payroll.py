"""Generated employees have a payroll: pay rates, credit cards, contacts, and wages in the ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from mock_ajera.api.families.employees import PayRate
from mock_ajera.sample.templates import sample_of, source

Row = dict[str, Any]
SIZES = [61, 300]
BASE_EMPLOYEES, BASE_ENTRIES, BASE_INVOICES = 25, 160, 262


@pytest.fixture(scope="module", params=SIZES)
def firm(request):
    """Provide the records of generated firms by kind, the smallest one included."""
    records = sample_of(source(request.param)).records
    kinds = ("Employee", "Contact", "BankAccount", "GLAccount", "JournalEntry", "VendorInvoice")
    return {kind: list(records[kind]) for kind in kinds}


def new_employees(firm: dict[str, list[Row]]) -> list[Row]:
    return [row for row in firm["Employee"] if row["EmployeeKey"] > BASE_EMPLOYEES]


def new_entries(firm: dict[str, list[Row]]) -> list[Row]:
    return [row for row in firm["JournalEntry"] if row["JournalEntryKey"] > BASE_ENTRIES]


def days(text: str) -> int:
    return int(text.removeprefix("@today") or 0)


def test_pay_rates_are_a_history(firm):
    """The first one starts on the day of hire. Later ones are raises, while the employee works for the firm."""
    employees = new_employees(firm)
    for row in employees:
        rates = row["PayRates"]
        starts = [days(rate["StartDate"]) for rate in rates]
        assert (starts[0], starts) == (days(row["DateHired"]), sorted(set(starts)))
        assert starts[-1] < days(row.get("DateTerminated", "@today"))
        assert all(before["PayRate"] < after["PayRate"] for before, after in pairwise(rates))
        assert all(("Salary" in rate) != rate.get("IsHourly", False) for rate in rates)
        assert all(rate.get("Salary", 0) in (0, rate["PayRate"] * 80) for rate in rates)
    assert max(len(row["PayRates"]) for row in employees) > 2
    keys = [rate["PayRateKey"] for row in firm["Employee"] for rate in row.get("PayRates", ())]
    assert len(set(keys)) == len(keys)


def test_pay_rates_have_every_member_and_few(firm):
    rates = [rate for row in new_employees(firm) for rate in row["PayRates"]]
    assert {name for rate in rates for name in rate} == set(PayRate().members)
    assert min(len(rate) for rate in rates) == 6
    assert {rate.get("IsHourly", False) for rate in rates} == {True, False}


def test_some_employees_have_credit_cards_and_contacts(firm):
    """Cards belong to bank accounts, and contacts are records of their own. Other employees have neither."""
    employees = new_employees(firm)
    accounts = {row["BankAccountKey"] for row in firm["BankAccount"] if row.get("Status") != "Inactive"}
    contacts = {row["ContactKey"] for row in firm["Contact"]}
    cards = [row.get("CreditCards", []) for row in employees]
    assert {card["BankAccountKey"] for each in cards for card in each} == accounts & {1, 2}
    assert set(map(len, cards)) == {0, 1, 2}
    lines = [line["ContactKey"] for row in employees for line in row.get("Contacts", ())]
    assert set(lines) <= contacts
    assert 0 < len(set(lines)) == len(lines) < len(employees)


def wages(employees: list[Row], company: int, payday: int) -> Decimal:
    """Add up the wages of one payday, employee by employee, day by day."""
    total = Decimal(0)
    for row in employees:
        rate = None
        for each in row["PayRates"]:
            if days(each["StartDate"]) <= payday:
                rate = each
        gone = "DateTerminated" in row and days(row["DateTerminated"]) < payday
        if row["CompanyKey"] == company and rate is not None and not gone:
            total += 80 * rate["PayRate"] if rate.get("IsHourly") else rate["Salary"]
    return total


def test_wages_in_the_ledger_are_those_of_the_pay_rates(firm):
    """Every second week, in each company, as salaries and as paid leave."""
    accounts = {row["Description"]: row["GLAccountKey"] for row in firm["GLAccount"]}
    posted: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    taxes: Counter[int] = Counter()
    for entry in new_entries(firm):
        for line in entry["Lines"]:
            if line["AccountKey"] in (accounts["Salaries"], accounts["Vacation, Sick Leave and Holidays"]):
                posted[entry["CompanyKey"], days(entry["Date"])] += line["Debit"]
            if line["AccountKey"] == accounts["Payroll Taxes Payable"]:
                taxes[entry["CompanyKey"]] += line.get("Credit", 0) - line.get("Debit", 0)
    first = min(day for _, day in posted)
    assert set(posted) == {(company, day) for company in (1, 2) for day in range(first, 0, 14)}
    employees = new_employees(firm)
    assert posted == {(company, day): wages(employees, company, day) for company, day in posted}
    assert len(set(posted.values())) > 10
    # The taxes of the last payday are not deposited yet.
    last = max(day for _, day in posted)
    assert taxes == {company: round(posted[company, last] * Decimal("0.0765"), 2) for company in (1, 2)}


def test_entries_balance_and_are_in_order(firm):
    entries = new_entries(firm)
    for entry in entries:
        debit, credit = (sum(line.get(side, 0) for line in entry["Lines"]) for side in ("Debit", "Credit"))
        assert debit == credit > 0
        assert all(amount == round(amount, 2) for line in entry["Lines"] if (amount := line.get("Debit", Decimal(0))))
    dates = [days(entry["Date"]) for entry in entries]
    assert dates == sorted(dates)
    assert dates[-1] < 0
    assert [entry["JournalEntryKey"] for entry in entries] == list(
        range(BASE_ENTRIES + 1, BASE_ENTRIES + 1 + len(entries))
    )


@pytest.mark.parametrize("company", [1, 2])
def test_every_subject_is_posted_for_every_company(firm, company):
    texts = Counter(entry["Description"] for entry in new_entries(firm) if entry["CompanyKey"] == company)
    assert texts["Rent"] > 20
    assert texts["Opening balances"] == 1
    assert texts["Depreciation"] == texts["Rent"]
    assert texts["Payroll taxes deposited"] == texts["Payroll"] - 1


@pytest.mark.parametrize("company", [1, 2])
def test_bills_of_every_month_are_vendor_invoices(firm, company):
    """They are paid three weeks later. The last ones are still open."""
    months = sum(entry["Description"] == "Rent" and entry["CompanyKey"] == company for entry in new_entries(firm))
    accounts = {row["Description"]: row["GLAccountKey"] for row in firm["GLAccount"]}
    new = [row for row in firm["VendorInvoice"] if row["VendorInvoiceKey"] > BASE_INVOICES]
    for text in ("Utilities", "Software", "Travel and Meals"):
        bills = [row for row in new if (row["Description"], row["CompanyKey"]) == (text, company)]
        assert len(bills) == months
        assert {line["AccountKey"] for row in bills for line in row["LineItems"]} == {accounts[text]}
        paid = [row for row in bills if "PaidDate" in row]
        assert all(days(row["PaidDate"]) == days(row["AccountingDate"]) + 21 for row in paid)
        assert [days(row["AccountingDate"]) > -22 for row in bills if row not in paid] == [True]


def test_a_larger_firm_has_a_larger_payroll():
    """The same company pays more wages, and more rent for more people."""
    totals = []
    for size in (61, 3000):
        records = sample_of(source(size)).records
        entries = [row for row in records["JournalEntry"] if row["JournalEntryKey"] > BASE_ENTRIES]
        totals.append(
            [
                sum(e["Lines"][0]["Debit"] for e in entries if e["Description"] == text and days(e["Date"]) >= -30)
                for text in ("Payroll", "Rent")
            ]
        )
    assert all(large > 3 * small > 0 for small, large in zip(*totals, strict=True))
