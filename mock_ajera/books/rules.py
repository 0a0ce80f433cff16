"""The posting rules: the accounts that work on a project moves, by measure.

Accounts are named by role; the chart of accounts says which account has a role. A measure without a rule (hours, work
at billing rates, schedules, burden) is a statistic and moves no account.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

LABOR, EXPENSE, CONSULTANT = CATEGORIES = ("Labor", "Expense", "Consultant")
NOT_BILLABLE = ("Nonbillable", "Marketing", "Overhead")
"""The billing types of phases whose work is never billed."""


ACCOUNT_TYPES = (
    *("Current Asset", "Non-Current Asset", "Current Liability", "Non-Current Liability", "Retained Earnings"),
    *(TEMPORARY := ("Income", "Expense", "Other Income", "Billable Cost", "Non-Billable Cost")),
)
"""The types of accounts (claim ``account.types``), in the order of their numbers (claim ``account.type-numbers``).

An account of a type in ``TEMPORARY`` starts each year at zero.
"""


class Basis(Enum):
    """The accounting basis on which a posting counts."""

    BOTH = "Both"
    ACCRUAL = "Accrual"
    CASH = "Cash"


CASH, RECEIVABLE, PAYABLE, SALES_TAX = "Cash", "Receivable", "Payable", "Sales Tax"
WRITE_OFFS, RETAINED_EARNINGS = "Write-offs", "Retained Earnings"
DIRECT, CLEARING, REVENUE = "Direct {category}", "{category} Clearing", "{category} Revenue"

DUE_FROM, DUE_TO = "Intercompany Due From", "Intercompany Due To"
"""The roles of the accounts between companies. An account has one by its IntercompanyAccountType, which is its name."""

ROLES = (
    *(CASH, RECEIVABLE, PAYABLE, SALES_TAX, WRITE_OFFS, RETAINED_EARNINGS),
    *(role.format(category=category) for role in (DIRECT, CLEARING, REVENUE) for category in CATEGORIES),
)
"""The roles that the file of an account may give it."""


class Rule(NamedTuple):
    """A posting of an amount: the basis on which it counts, and the roles of the accounts."""

    basis: Basis
    debit: str
    credit: str


_COST = (Rule(Basis.BOTH, DIRECT, CLEARING),)
_BILLED = (Rule(Basis.ACCRUAL, RECEIVABLE, REVENUE),)

RULES: Mapping[str, tuple[Rule, ...]] = {
    "Cost": _COST,
    "PremiumCost": _COST,
    "Billed": _BILLED,
    "BilledAdjustments": _BILLED,
    "BilledSalesTax": (Rule(Basis.ACCRUAL, RECEIVABLE, SALES_TAX),),
    "Receipts": (Rule(Basis.ACCRUAL, CASH, RECEIVABLE), Rule(Basis.CASH, CASH, REVENUE)),
    "ReceiptsSalesTax": (Rule(Basis.ACCRUAL, CASH, RECEIVABLE), Rule(Basis.CASH, CASH, SALES_TAX)),
    "ReceiptsAdjustments": (Rule(Basis.ACCRUAL, WRITE_OFFS, RECEIVABLE),),
    "ReceiptsCreditMemo": (Rule(Basis.ACCRUAL, REVENUE, RECEIVABLE),),
    "VendorInvoiced": (Rule(Basis.ACCRUAL, CLEARING, PAYABLE),),
    "Payments": (Rule(Basis.ACCRUAL, PAYABLE, CASH), Rule(Basis.CASH, CLEARING, CASH)),
}
"""Measure -> its postings. ``{category}`` in a role is the category of the work."""
