"""Generated postings to a phase: hours, costs, invoices and receipts.

The figures of a phase are consistent: burden is a share of cost, receipts never exceed billings, and payments to a
consultant never exceed the consultant's invoices.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from mock_ajera.books.rules import NOT_BILLABLE
from mock_ajera.sample.rows import Row, day

_CENT, _QUARTER, _ONE = Decimal("0.01"), Decimal("0.25"), Decimal(1)
_PER_MILLE = [Decimal(number) / 1000 for number in range(3301)]
"""The fractions that are drawn, up to 330 %."""


class Progress(NamedTuple):
    """The progress of a phase: its billing type, its fees in whole dollars, and the completed fraction (0 to 1).

    ``worked``: the last day of work so far, in days from today.
    """

    billing: str
    labor: int
    consultants: int
    expenses: int
    done: float
    closed: bool
    worked: int


Vendors = Mapping[str, Sequence[int]]
"""The keys of the vendors that invoice each category."""

_LAGS = (
    (("BilledSalesTax", "BilledAdjustments", "Billed"), 15),
    (("ReceiptsCreditMemo", "Receipts"), 45),
    (("VendorInvoiced",), 5),
    (("Payments",), 40),
)
"""Measures, and the days after the work when they are posted."""


def draw_postings(rng: random.Random, phase: int, progress: Progress, vendors: Vendors) -> Iterator[Row]:
    """Yield the postings to a phase: work, bills, receipts, vendor invoices and payments of each category."""
    if progress.done > 0:
        amounts = {"Labor": _labor(rng, progress)}
        if progress.expenses and rng.random() < 0.7:
            amounts["Expense"] = _purchases(rng, progress, "Expense", progress.expenses)
        if progress.consultants:
            amounts["Consultant"] = _purchases(rng, progress, "Consultant", progress.consultants)
        for category, measures in amounts.items():
            keys = vendors.get(category)
            vendor = {"VendorKey": keys[phase % len(keys)]} if keys else {}
            for days, part in _parts(measures, progress):
                bought = vendor if "VendorInvoiced" in part or "Payments" in part else {}
                yield {"Date": day(days), "PhaseKey": phase, "Category": category, **bought, "Amounts": part}


def _parts(measures: Row, progress: Progress) -> Iterator[tuple[int, Row]]:
    """Yield the amounts of a category by the day on which they are posted, in days from today."""
    worked = min(progress.worked, -1)
    left = dict(measures)
    for names, lag in _LAGS:
        if part := {name: left.pop(name) for name in names if name in left}:
            yield min(worked + lag, -1), part
    yield worked, left


def _labor(rng: random.Random, progress: Progress) -> dict[str, Any]:
    rate = Decimal(rng.randint(230, 380)) / 2
    value = Decimal(progress.labor or rng.randint(400, 9000)) * _fraction(progress.done)
    hours = _rounded(value * _between(rng, 80, 125) / rate, _QUARTER) or _QUARTER
    spent = _rounded(hours * rate)
    cost_rate = _rounded(rate / _between(rng, 270, 330))
    premium = _rounded(hours * _between(rng, 0, 4), _QUARTER) if rng.random() < 0.4 else Decimal(0)
    cost, premium_cost = _rounded(hours * cost_rate), _rounded(premium * cost_rate / 2)
    overhead = _between(rng, 130, 162)
    unbilled = Decimal(0) if progress.closed or progress.billing in NOT_BILLABLE else _between(rng, 2, 22)
    written_off = _between(rng, 1, 6) if rng.random() < 0.25 and progress.billing not in NOT_BILLABLE else Decimal(0)
    wip, lost = _rounded(spent * unbilled), _rounded(spent * written_off)
    if progress.billing in NOT_BILLABLE:
        billed = Decimal(0)
    elif progress.billing == "TimeAndExpense":
        billed = spent - wip - lost
    else:
        billed = _rounded(Decimal(progress.labor) * _fraction(int(progress.done * 20) / 20))
    left = Decimal(progress.labor) * (1 - _fraction(progress.done)) if not progress.closed else Decimal(0)
    wip_hours = _rounded(hours * unbilled, _QUARTER)
    lost_hours = _rounded(hours * written_off, _QUARTER)
    return _nonzero(
        RegularHours=hours - premium,
        Premium1Hours=premium,
        BilledHours=hours - wip_hours - lost_hours if billed else 0,
        WIPHours=wip_hours,
        WrittenOffHours=lost_hours,
        ScheduledHours=_rounded(left / rate, _QUARTER),
        ScheduledAmount=_rounded(left),
        Cost=cost,
        PremiumCost=premium_cost,
        Burden=_rounded(cost * overhead),
        PremiumBurden=_rounded(premium_cost * overhead),
        Spent=spent,
        WIP=wip,
        WrittenOff=lost,
        **_invoiced(rng, progress, billed),
    )


def _purchases(rng: random.Random, progress: Progress, category: str, fee: int) -> dict[str, Any]:
    spent = _rounded(Decimal(fee) * _fraction(progress.done) * _between(rng, 70, 105))
    cost = _rounded(spent / Decimal("1.1"))
    billed = Decimal(0) if progress.billing in NOT_BILLABLE else spent
    invoiced = cost if category == "Consultant" else _rounded(cost * _between(rng, 30, 70))
    paid = invoiced if progress.closed else _rounded(invoiced * _between(rng, 55, 100))
    return _nonzero(
        Cost=cost,
        Spent=spent,
        VendorInvoiced=invoiced,
        Payments=paid,
        **_invoiced(rng, progress, billed),
    )


def _invoiced(rng: random.Random, progress: Progress, billed: Decimal) -> dict[str, Decimal]:
    """Return the billed and received amounts, with a few adjustments and credit memos."""
    if not billed:
        return {}
    credit = _rounded(billed * Decimal("0.02")) if rng.random() < 0.04 else Decimal(0)
    adjusted = -_rounded(billed * Decimal("0.01")) if rng.random() < 0.05 else Decimal(0)
    due = billed + adjusted - credit
    paid = due if progress.closed and rng.random() < 0.97 else _rounded(due * _between(rng, 55, 100))
    return {
        "Billed": billed,
        "BilledAdjustments": adjusted,
        "Receipts": paid,
        "ReceiptsCreditMemo": credit,
    }


def _between(rng: random.Random, low: int, high: int) -> Decimal:
    """Draw a fraction between two percentages."""
    return _PER_MILLE[rng.randint(low * 10, high * 10)]


def _fraction(share: float) -> Decimal:
    return Decimal(round(share * 10_000)) / 10_000


def _rounded(amount: Decimal, unit: Decimal = _CENT) -> Decimal:
    if unit is _CENT:
        return amount.quantize(_CENT, ROUND_HALF_UP)
    return (amount / unit).quantize(_ONE, ROUND_HALF_UP) * unit


def _nonzero(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}
