"""The ledger of a project: the work, bills and payments that its totals are computed from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mock_ajera.api import fields as f
from mock_ajera.api.member import Body, FileContext, Member
from mock_ajera.api.reasons import fault
from mock_ajera.api.records import Record, Row
from mock_ajera.books.rules import CATEGORIES

HOURS = ("RegularHours", "Premium1Hours", "Premium2Hours", "Premium3Hours")
MEASURES = (
    *(*HOURS, "BilledHours", "WIPHours", "WrittenOffHours", "ScheduledHours", "ScheduledAmount"),
    *("Cost", "PremiumCost", "Burden", "PremiumBurden", "Spent", "WIP", "WrittenOff"),
    *("Billed", "BilledSalesTax", "BilledAdjustments"),
    *("Receipts", "ReceiptsSalesTax", "ReceiptsAdjustments", "ReceiptsCreditMemo", "VendorInvoiced", "Payments"),
)
"""``Cost`` is the cost at regular rates, ``PremiumCost`` the additional cost of overtime, ``Burden`` and
``PremiumBurden`` the overhead on each. ``Spent`` is the work at billing rates, ``WIP`` the part not invoiced yet.
``ScheduledHours`` and ``ScheduledAmount`` are planned, not done."""


_MEASURES = frozenset(MEASURES)


class Amounts(Member):
    """Amounts of money or hours by measure; those of zero are left out."""

    words = MEASURES

    def __init__(self) -> None:
        super().__init__()
        self.default = {}
        self._money = f.Money()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Body:
        if not isinstance(value, Mapping):
            raise fault("type", "an object is expected")
        if unknown := value.keys() - set(MEASURES):
            raise fault("enum", f"{min(unknown)!r} is not one of {', '.join(MEASURES)}")
        amounts = {measure: self._money.deserialize(amount) for measure, amount in value.items()}
        return {measure: amount for measure, amount in amounts.items() if amount}

    def seeded(self, value: Any, context: FileContext) -> Any:
        seeded = self._money.seeded
        return {measure: seeded(amount, context) for measure, amount in value.items() if amount}

    def to_file(self, value: Any) -> Any:
        return {measure: self._money.to_file(amount) for measure, amount in value.items()}


class Work(Row):
    """Work, bills or payments of a phase on one day: labor, expenses or consultants."""

    Date = f.Day()
    """The accounting date; null for work from before the books began."""
    PhaseKey = f.Whole(required="always")
    Category = f.Choice(*CATEGORIES, required="always")
    VendorKey = f.Ref("Vendor")
    """The vendor of an invoice or payment."""
    Amounts = Amounts()


class Ledger(Record):
    """The postings of a project. No method prints them; totals and GL balances are computed from them.

    A ledger is a separate record because posted work does not change the stamp of the project.
    """

    kind = "Ledger"
    ProjectKey = f.Key(of="Project")
    Postings = f.Rows(Work)

    def from_file(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.from_older(raw)

    def from_older(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        postings = body.get("Postings")
        return {**body, "Postings": [_gathered(each) for each in postings]} if isinstance(postings, list) else body

    def check_seed(self, tree: Body, in_use: Callable[[str, int], bool]) -> str:
        """Return a fault for amounts without a phase, because no total would include them."""
        for i, posting in enumerate(tree["Postings"]):
            phase = posting["PhaseKey"]
            if posting["Amounts"] and (phase is None or not in_use("Project", phase) or posting["Category"] is None):
                return f"Postings[{i}]: an existing phase and a Category are required"
        return ""


def _gathered(posting: Any) -> Any:
    """Return a posting in today's form. It used to have a member for each measure."""
    if not isinstance(posting, Mapping) or _MEASURES.isdisjoint(posting):
        return posting
    found = _MEASURES.intersection(posting)
    amounts = {measure: posting[measure] for measure in MEASURES if measure in found and posting[measure]}
    return {name: value for name, value in posting.items() if name not in found} | {"Amounts": amounts}
