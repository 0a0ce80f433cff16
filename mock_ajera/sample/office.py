"""Generated journal entries of the office (payroll, rent and depreciation), and the bills of its vendors.

They are for the generated employees. The base firm has entries of its own.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from mock_ajera.sample.invoices import Invoices
from mock_ajera.sample.keys import KeySequences, NamedRecords
from mock_ajera.sample.payroll import PAY_PERIOD, wage
from mock_ajera.sample.rows import Row, day, money

_MONTH = 30
"""Days between two rents or two bills."""
_LEAVE, _TAX = Decimal("0.1"), Decimal("0.0765")
"""Paid leave and payroll taxes as fractions of wages."""
_TAX_DEPOSIT, _PAYMENT = 15, 21
"""Days from a payday to the deposit of its taxes, and from a bill to its payment."""
_RENT, _DEPRECIATION, _FURNITURE, _CASH_IN_BANK = 410, 60, 75, 40_000
"""Dollars for each employee. Rent and depreciation are monthly; furniture is for each month of the firm's history."""

_CASH, _TAXES_PAYABLE = "Operating Cash", "Payroll Taxes Payable"


class _Bill(NamedTuple):
    """A monthly bill."""

    account: str
    vendor_type: str
    on: int
    """Day of the month."""
    dollars: tuple[int, int]
    """Lowest and highest amount for each employee."""


_BILLS = (
    _Bill("Utilities", "Utility", 12, (35, 70)),
    _Bill("Software", "Supplier", 18, (120, 190)),
    _Bill("Travel and Meals", "Credit Card", 25, (40, 160)),
)

_Entry = tuple[int, Row]
"""The day of an entry, in days from today, and the entry without its key."""


class Office:
    """Generates journal entries in the order of their dates."""

    def __init__(
        self, seed: str, named: NamedRecords, employees: Sequence[Row], vendors: Iterable[Row], days: int
    ) -> None:
        """Bills are from ``vendors``. ``days``: the number of days before today on which the entries begin."""
        self._seed, self._named, self._days = seed, named, days
        self._months = range(days // _MONTH, 0, -1)
        self._employees = {
            company: [row for row in employees if row["CompanyKey"] == company]
            for company in sorted({row["CompanyKey"] for row in employees})
        }
        self._staff = {
            (company, month): sum(1 for row in rows if wage(row, -_MONTH * month))
            for company, rows in self._employees.items()
            for month in self._months
        }
        self._vendors: dict[int | None, list[int]] = {}
        for row in vendors:
            if row.get("Status") != "Inactive":
                self._vendors.setdefault(row.get("VendorTypeKey"), []).append(row["VendorKey"])

    def entries(self, last_key: int) -> Iterator[Row]:
        """Yield the entries. Their keys follow ``last_key``."""
        streams: list[Iterator[_Entry]] = []
        for company in self._employees:
            streams += (self._opening(company), self._payroll(company), self._tax_deposits(company))
            streams += (self._rent(company), self._depreciation(company))
        for key, (on, entry) in enumerate(heapq.merge(*streams, key=lambda each: each[0]), last_key + 1):
            yield {"JournalEntryKey": key, "Date": day(on), **entry}

    def _entry(
        self,
        on: int,
        company: int,
        text: str,
        amounts: Mapping[str, Decimal],
    ) -> Iterator[_Entry]:
        """Yield one entry, with positive amounts as debits. Yield none without amounts, accounts, or before today."""
        keys = {account: self._named.key("GLAccount", account) for account in amounts}
        if on >= 0 or None in keys.values() or not all(amounts.values()):
            return
        lines: list[Row] = []
        for account, amount in amounts.items():
            lines.append({"AccountKey": keys[account], "Debit" if amount > 0 else "Credit": abs(amount)})
        yield on, {"CompanyKey": company, "Description": text, "Lines": lines}

    def _opening(self, company: int) -> Iterator[_Entry]:
        cash = Decimal(_CASH_IN_BANK) * len(self._employees[company])
        furniture = Decimal(_FURNITURE) * len(self._months) * len(self._employees[company])
        amounts = {_CASH: cash, "Furniture and Computers": furniture, "Retained Earnings": -cash - furniture}
        yield from self._entry(-self._days, company, "Opening balances", amounts)

    def _wages(self, company: int) -> Iterator[tuple[int, Decimal]]:
        """Yield each payday with the wages of all employees."""
        for payday in range(-self._days // PAY_PERIOD * PAY_PERIOD + PAY_PERIOD, 0, PAY_PERIOD):
            yield payday, sum((wage(row, payday) for row in self._employees[company]), Decimal(0))

    def _payroll(self, company: int) -> Iterator[_Entry]:
        for payday, wages in self._wages(company):
            leave, tax = money(wages * _LEAVE), money(wages * _TAX)
            amounts = {
                "Salaries": wages - leave,
                "Vacation, Sick Leave and Holidays": leave,
                "Payroll Taxes": tax,
                _CASH: -wages,
                _TAXES_PAYABLE: -tax,
            }
            yield from self._entry(payday, company, "Payroll", amounts)

    def _tax_deposits(self, company: int) -> Iterator[_Entry]:
        for payday, wages in self._wages(company):
            tax = money(wages * _TAX)
            amounts = {_TAXES_PAYABLE: tax, _CASH: -tax}
            yield from self._entry(payday + _TAX_DEPOSIT, company, "Payroll taxes deposited", amounts)

    def _rent(self, company: int) -> Iterator[_Entry]:
        for month in self._months:
            amount = Decimal(_RENT) * self._staff[company, month]
            yield from self._entry(-_MONTH * month, company, "Rent", {"Rent": amount, _CASH: -amount})

    def _depreciation(self, company: int) -> Iterator[_Entry]:
        for month in self._months:
            amount = Decimal(_DEPRECIATION) * self._staff[company, month]
            amounts = {"Depreciation": amount, "Accumulated Depreciation": -amount}
            yield from self._entry(-_MONTH * (month - 1) - 1, company, "Depreciation", amounts)

    def _amounts(self, company: int, bill: _Bill) -> Iterator[tuple[int, int, Decimal]]:
        """Yield the day, the vendor and the amount of each month's bill."""
        vendors = self._vendors.get(self._named.key("VendorType", bill.vendor_type))
        for month in self._months if vendors else ():
            rng = random.Random(f"{self._seed} {bill.account} {company} {month}")
            amount = Decimal(rng.randint(100 * bill.dollars[0], 100 * bill.dollars[1])) / 100
            yield -_MONTH * month + bill.on, rng.choice(vendors or ()), amount * self._staff[company, month]

    def bills(self, invoices: Invoices, keys: KeySequences) -> Iterator[Row]:
        """Yield the monthly bills of vendors as invoices."""
        for company in self._employees:
            for bill in _BILLS:
                account = self._named.key("GLAccount", bill.account)
                for each in self._amounts(company, bill):
                    if account is not None and each[0] < 0 and each[2]:
                        yield invoices.of_office(company, bill.account, account, each, each[0] + _PAYMENT, keys)
