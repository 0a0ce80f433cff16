"""The ledger of a project: the postings that its totals are computed from."""

from __future__ import annotations

from collections.abc import Callable

from mock_ajera.api import fields as f
from mock_ajera.api.member import Body
from mock_ajera.api.records import Record, Row


class Posting(Row):
    """The labor, expenses or consultants of a phase: hours and money since its start.

    ``Cost`` is the cost at regular rates, ``PremiumCost`` the additional cost of overtime, ``Burden`` and
    ``PremiumBurden`` the overhead on each. ``Spent`` is the work at billing rates, ``WIP`` the part not invoiced yet.
    ``ScheduledHours`` and ``ScheduledAmount`` are planned, not done.
    """

    PhaseKey = f.Whole(required="always")
    Category = f.Choice("Labor", "Expense", "Consultant", required="always")
    RegularHours = f.Money()
    Premium1Hours = f.Money()
    Premium2Hours = f.Money()
    Premium3Hours = f.Money()
    BilledHours = f.Money()
    WIPHours = f.Money()
    WrittenOffHours = f.Money()
    ScheduledHours = f.Money()
    ScheduledAmount = f.Money()
    Cost = f.Money()
    PremiumCost = f.Money()
    Burden = f.Money()
    PremiumBurden = f.Money()
    Spent = f.Money()
    WIP = f.Money()
    WrittenOff = f.Money()
    Billed = f.Money()
    BilledSalesTax = f.Money()
    BilledAdjustments = f.Money()
    Receipts = f.Money()
    ReceiptsSalesTax = f.Money()
    ReceiptsAdjustments = f.Money()
    ReceiptsCreditMemo = f.Money()
    VendorInvoiced = f.Money()
    Payments = f.Money()


class Ledger(Record):
    """The postings of a project. No method prints them; the totals are computed from them.

    A ledger is a separate record because posted work does not change the stamp of the project.
    """

    kind = "Ledger"
    ProjectKey = f.Key(of="Project")
    Postings = f.Rows(Posting)

    def check_seed(self, tree: Body, in_use: Callable[[str, int], bool]) -> str:
        """Return a fault for a posting without a phase, because no total would include it."""
        for i, posting in enumerate(tree["Postings"]):
            phase = posting["PhaseKey"]
            if phase is None or not in_use("Project", phase) or posting["Category"] is None:
                return f"Postings[{i}]: an existing phase and a Category are required"
        return ""
