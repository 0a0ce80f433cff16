"""Generated vendor invoices: those for projects, made from the purchases of their phases, and the bills of the office.

The work on a phase is drawn with the purchases in it (``postings``). ``split`` moves each purchase out of the ledger of
the project and into an invoice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from mock_ajera.sample.keys import KeySequences, NamedRecords
from mock_ajera.sample.rows import Row, day, days_from_today, filled, money

_ACTIVITIES = {
    "Consultant": ("Structural Consultant", "Geotechnical Consultant"),
    "Expense": ("Large-format Prints", "Permit Fees"),
}
"""Activities by category; an odd and an even vendor have different ones."""
MAIL = 2
"""Days from the date of an invoice to its entry."""


class Purchase(NamedTuple):
    """What a vendor has charged to a phase."""

    phase: int
    category: str
    vendor: int
    entered: int
    """The accounting date, in days from today."""
    amount: Decimal
    fee: Decimal
    """The amount at billing rates, in dollars."""
    paid: int | None
    """The day of the payment, in days from today; None for an unpaid purchase."""


def split(postings: Iterable[Row]) -> tuple[list[Row], list[Purchase]]:
    """Return the postings of a project without its purchases, and the purchases.

    A purchase takes its cost and its billing value along. One that is paid in part becomes two.
    """
    kept: list[Row] = []
    costs: dict[tuple[int, str], Row] = {}
    invoiced: dict[tuple[int, str], Row] = {}
    payments: dict[tuple[int, str], Row] = {}
    for row in postings:
        at, amounts = (row["PhaseKey"], row["Category"]), row["Amounts"]
        if "VendorKey" in row:
            (payments if "Payments" in amounts else invoiced)[at] = row
            continue
        kept.append(row)
        if "Cost" in amounts:
            costs[at] = row
    purchases: list[Purchase] = []
    for at, row in invoiced.items():
        amounts, payment = dict(costs[at]["Amounts"]), payments.get(at)
        amount: Decimal = row["Amounts"]["VendorInvoiced"]
        paid = payment["Amounts"]["Payments"] if payment else Decimal(0)
        fee = money(amounts["Spent"] * amount / amounts["Cost"])
        paid_fee = money(fee * paid / amount)
        entered = days_from_today(row["Date"]) or 0
        for part, part_fee, on in (
            (paid, paid_fee, days_from_today(payment["Date"]) if payment else None),
            (amount - paid, fee - paid_fee, None),
        ):
            if part:
                purchases.append(Purchase(*at, row["VendorKey"], entered, part, part_fee, on))
        amounts |= {"Cost": amounts["Cost"] - amount, "Spent": amounts["Spent"] - fee}
        # The rows are those of one drawing; another drawing makes them anew.
        costs[at]["Amounts"] = {measure: value for measure, value in amounts.items() if value}
    return [row for row in kept if row["Amounts"]], purchases


class Invoices:
    """Makes invoices with the payment terms of their vendors."""

    def __init__(self, named: NamedRecords, vendors: Iterable[Row]) -> None:
        self._named = named
        self._terms = {row["VendorKey"]: _days_to_pay(row) for row in vendors}

    def of_project(self, project: Row, purchases: Sequence[Purchase], keys: KeySequences) -> Iterator[Row]:
        """Yield the invoices for a project: one for each vendor, day and payment."""
        groups: dict[tuple[int, int, int | None], list[Purchase]] = {}
        for each in purchases:
            groups.setdefault((each.vendor, each.entered, each.paid), []).append(each)
        for (vendor, entered, paid), same in groups.items():
            lines = [self._line(project["ProjectKey"], each) for each in same]
            yield self.invoice(project, project["Description"], vendor, entered, paid, lines, keys)

    def of_office(
        self, company: int, text: str, account: int, bill: tuple[int, int, Decimal], paid: int, keys: KeySequences
    ) -> Row:
        """Return a bill of the office. ``bill``: its day, its vendor and its amount."""
        on, vendor, amount = bill
        line = {"AccountKey": account, "CostAmount": amount}
        return self.invoice({"CompanyKey": company}, text, vendor, on, paid if paid < 0 else None, [line], keys)

    def _line(self, project: int, purchase: Purchase) -> Row:
        activities = [self._named.key("Activity", name) for name in _ACTIVITIES[purchase.category]]
        return {
            "ProjectKey": project,
            "PhaseKey": purchase.phase,
            "ActivityKey": activities[purchase.vendor % len(activities)],
            "CostAmount": purchase.amount,
            "Category": purchase.category,
            "FeeAmount": purchase.fee,
            "IsBilled": True,
        }

    def invoice(
        self,
        owner: Mapping[str, int],
        text: str,
        vendor: int,
        entered: int,
        paid: int | None,
        lines: Sequence[Row],
        keys: KeySequences,
    ) -> Row:
        """Return an invoice of a vendor. ``owner``: its ``CompanyKey``; ``entered``, ``paid``: in days from today."""
        key, sent = keys.next("VendorInvoice"), entered - MAIL
        terms = self._terms.get(vendor)
        return filled(
            {
                "VendorInvoiceKey": key,
                "VendorKey": vendor,
                "CompanyKey": owner["CompanyKey"],
                "Description": text[:80],
                "Number": f"{vendor}-{key}",
                "Date": day(sent),
                "AccountingDate": day(entered),
                "DateToPay": day(sent + terms) if terms is not None else None,
                "Amount": sum((line["CostAmount"] for line in lines), Decimal(0)),
                "LineItems": [filled({"TransactionKey": keys.next("Transaction"), **line}) for line in lines],
                "PaidDate": day(paid) if paid is not None else None,
            }
        )


def _days_to_pay(vendor: Row) -> int | None:
    """Return the days from the date of an invoice to the day on which it is to be paid; None if not by days."""
    by_days = vendor.get("CalculatePaymentDateMethod") == "Number of days"
    return int(vendor.get("NumberOfDaysFromInvoiceDate") or 0) if by_days else None
