"""The books, recomputed from the files of a firm without the server: work on projects, and debits and credits.

It is written from what an accountant expects of each kind of record, and slow.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

Rows = list[dict[str, Any]]
NOTHING = Decimal(0)
WEEK_ENDS_ON = 7
"""The ISO number of the last day of the firm's week, which starts on Monday."""


class Work(NamedTuple):
    """An amount of a measure on a phase."""

    project: int
    phase: int | None
    day: datetime.date
    category: str
    measure: str
    amount: Decimal


class Moved(NamedTuple):
    """A debit (positive) or credit of an account that is not work on a project."""

    account: int
    day: datetime.date
    amount: Decimal
    basis: str
    vendor: int | None


class Files:
    """The work and the movements in the files of a firm."""

    def __init__(self, rows: Callable[[str], Rows], today: datetime.date) -> None:
        self.rows, self.today = rows, today
        self.works = [*self._of_ledgers(), *self._of_invoices(), *self._of_timesheets()]
        self.moved = [*self._of_entries(), *self._of_office_bills(), *self._of_overhead(), *self._of_other_companies()]

    def day(self, text: str | None) -> datetime.date:
        """Return the day of a date in a file; the beginning of time for none."""
        if text is None:
            return datetime.date.min
        if found := re.fullmatch(r"@week([+-]\d+)? D(\d)", text):
            last = self.week_end(self.today) + datetime.timedelta(weeks=int(found[1] or 0))
            return last - datetime.timedelta(days=7 - int(found[2]))
        if text.startswith("@today"):
            return self.today + datetime.timedelta(days=int(text[6:] or 0))
        return datetime.date.fromisoformat(text)

    @staticmethod
    def week_end(day: datetime.date) -> datetime.date:
        return day + datetime.timedelta(days=(WEEK_ENDS_ON - day.isoweekday()) % 7)

    def account(self, account_id: str) -> int:
        """Return the key of an account."""
        (key,) = (row["GLAccountKey"] for row in self.rows("gl_accounts") if row["ID"] == account_id)
        return int(key)

    def _of_ledgers(self) -> Iterator[Work]:
        for ledger in self.rows("ledgers"):
            for row in ledger["Postings"]:
                for measure, amount in row["Amounts"].items():
                    at = self.day(row.get("Date"))
                    yield Work(ledger["ProjectKey"], row["PhaseKey"], at, row["Category"], measure, amount)

    def _of_invoices(self) -> Iterator[Work]:
        """A charge is cost and payable, and at billing rates work to be billed; a payment is in full."""
        for invoice, line in self._invoiced():
            if "ProjectKey" not in line:
                continue
            cost, fee = line["CostAmount"], line.get("FeeAmount", line["CostAmount"])
            charged = {"VendorInvoiced": cost, "Cost": cost, "Spent": fee}
            if not line.get("IsBilled"):
                charged["WIP"] = fee
            at = (line["ProjectKey"], line["PhaseKey"])
            category = line.get("Category", "Expense")
            for measure, amount in charged.items():
                yield Work(*at, self.day(invoice.get("AccountingDate")), category, measure, amount)
            if invoice.get("PaidDate"):
                yield Work(*at, self.day(invoice["PaidDate"]), category, "Payments", cost)

    def _of_office_bills(self) -> Iterator[Moved]:
        payable, cash = self.account("2010"), self.account("1110")
        for invoice, line in self._invoiced():
            if "ProjectKey" in line:
                continue
            amount, vendor = line["CostAmount"], invoice["VendorKey"]
            entered = self.day(invoice.get("AccountingDate"))
            yield Moved(line["AccountKey"], entered, amount, "Accrual", vendor)
            yield Moved(payable, entered, -amount, "Accrual", vendor)
            if invoice.get("PaidDate"):
                paid = self.day(invoice["PaidDate"])
                yield Moved(payable, paid, amount, "Accrual", vendor)
                yield Moved(cash, paid, -amount, "Accrual", vendor)
                yield Moved(line["AccountKey"], paid, amount, "Cash", vendor)
                yield Moved(cash, paid, -amount, "Cash", vendor)

    def _of_other_companies(self) -> Iterator[Moved]:
        """What a company pays for another one is due to it: on accrual from the entry, on cash from the payment."""
        due_from, due_to = self.account("1410"), self.account("2310")
        of_project = {row["ProjectKey"]: row.get("CompanyKey") for row in self.rows("projects")}
        for invoice, line in self._invoiced():
            payer = invoice.get("CompanyKey")
            own = line.get("CompanyKey", payer)
            charged = of_project[line["ProjectKey"]] if "ProjectKey" in line else own
            if None in (payer, charged) or payer == charged:
                continue
            for basis, name in (("Accrual", "AccountingDate"), ("Cash", "PaidDate")):
                if basis == "Accrual" or invoice.get(name):
                    day = self.day(invoice.get(name))
                    yield Moved(due_from, day, line["CostAmount"], basis, None)
                    yield Moved(due_to, day, -line["CostAmount"], basis, None)

    def _invoiced(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        for invoice in self.rows("vendor_invoices"):
            if invoice.get("Status") != "Voided":
                yield from ((invoice, line) for line in invoice["LineItems"])

    def _of_timesheets(self) -> Iterator[Work]:
        for timesheet, row, day, number in self._days("Projects"):
            regular, overtime = (row.get(f"D{number} {kind}", NOTHING) for kind in ("Regular", "Overtime"))
            if not regular and not overtime:
                continue
            rates = rates_of(row, number)
            rate, markup = rates.get("Cost Rate", NOTHING), rates.get("Overtime Markup", NOTHING)
            hours = regular + overtime
            cost, spent = cents(hours * rate), cents(hours * rates.get("Billing Rate", NOTHING))
            premium = cents(overtime * rate * max(markup - 1, NOTHING))
            burden = rates.get("Burden Rate", NOTHING) / 100
            amounts = {"RegularHours": regular, "Premium1Hours": overtime, "Cost": cost, "PremiumCost": premium}
            amounts |= {"Burden": cents(cost * burden), "PremiumBurden": cents(premium * burden), "Spent": spent}
            if rates.get("Nonbillable"):
                pass
            elif timesheet.get("Billed"):
                amounts["BilledHours"] = hours
            elif spent:
                amounts |= {"WIPHours": hours, "WIP": spent}
            for measure, amount in amounts.items():
                yield Work(row["Project Key"], row["Phase Key"], day, "Labor", measure, amount)
        for _, row, day, number in self._days("Overheads"):
            hours = row.get(f"D{number} Regular", NOTHING)
            if hours and "Project Key" in row:
                at = (row["Project Key"], row["Phase Key"], day, "Labor")
                yield Work(*at, "RegularHours", hours)
                yield Work(*at, "Cost", cents(hours * rates_of(row, number).get("Cost Rate", NOTHING)))

    def _of_overhead(self) -> Iterator[Moved]:
        """Overhead time without a project is a cost of its account, and labor that was applied."""
        applied = self.account("6010")
        for _, row, day, number in self._days("Overheads"):
            if "Project Key" not in row and "Account Key" in row:
                cost = cents(row.get(f"D{number} Regular", NOTHING) * rates_of(row, number).get("Cost Rate", NOTHING))
                yield Moved(row["Account Key"], day, cost, "Both", None)
                yield Moved(applied, day, -cost, "Both", None)

    def _days(self, section: str) -> Iterator[tuple[dict[str, Any], dict[str, Any], datetime.date, int]]:
        for timesheet in self.rows("timesheets"):
            last = self.week_end(self.day(timesheet["TimesheetDate"]))
            for row in timesheet.get(section, ()):
                for number in range(1, 8):
                    yield timesheet, row, last - datetime.timedelta(days=7 - number), number

    def _of_entries(self) -> Iterator[Moved]:
        for entry in self.rows("journal_entries"):
            for line in entry["Lines"]:
                amount = line.get("Debit", NOTHING) - line.get("Credit", NOTHING)
                day, basis = self.day(entry["Date"]), entry.get("Basis", "Both")
                yield Moved(line["AccountKey"], day, amount, basis, line.get("VendorKey"))


def rates_of(row: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the rates of a day of a row. Without rates of its own, it has those of the row."""
    own = {rates["Day"]: rates for rates in row.get("Day Rates", ())}
    return own.get(number, row)


def cents(amount: Decimal) -> Decimal:
    """Return an amount in whole cents, half a cent rounded up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
