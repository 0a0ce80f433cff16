"""The postings of timesheets: time on projects, and time that is charged to an account.

Hours post on the day on which they were worked, as soon as they are entered (claim ``timesheet.posts-at-once``).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from mock_ajera.books.records import Body, Posting, Roles, Work
from mock_ajera.books.rules import CLEARING, LABOR, Basis

_DAYS = range(1, 8)
_CENT, _NOTHING = Decimal("0.01"), Decimal(0)
_CLEARING = CLEARING.format(category=LABOR)


def work_of(timesheet: Body) -> Iterator[Work]:
    """Yield the time on projects, of rows of projects and of overhead items that have a project."""
    for row in timesheet["Projects"]:
        for day, date in _dates(timesheet):
            regular, overtime = row[f"D{day}Regular"], row[f"D{day}Overtime"]
            if regular or overtime:
                amounts = _amounts(row, regular, overtime, billed=timesheet["Billed"])
                yield Work(row["ProjectKey"], row["PhaseKey"], date, LABOR, amounts)
    for row in timesheet["Overheads"]:
        for day, date in _dates(timesheet):
            hours = row[f"D{day}Regular"]
            if hours and row["ProjectKey"] is not None:
                amounts = {"RegularHours": hours, "Cost": _cents(hours * row["CostRate"])}
                yield Work(row["ProjectKey"], row["PhaseKey"], date, LABOR, amounts)


def lines_of(timesheet: Body, roles: Roles) -> Iterator[Posting]:
    """Yield the debits and credits of overhead items that have an account: the account, and applied labor."""
    clearing = roles.get(_CLEARING)
    for row in timesheet["Overheads"]:
        if clearing is None or row["AccountKey"] is None or row["ProjectKey"] is not None:
            continue
        for day, date in _dates(timesheet):
            if cost := _cents(row[f"D{day}Regular"] * row["CostRate"]):
                yield Posting(row["AccountKey"], row["CompanyKey"], date, cost, Basis.BOTH)
                yield Posting(clearing, row["CompanyKey"], date, -cost, Basis.BOTH)


def _dates(timesheet: Body) -> Iterator[tuple[int, str]]:
    last = datetime.date.fromisoformat(timesheet["TimesheetDate"])
    for day in _DAYS:
        yield day, (last - datetime.timedelta(days=7 - day)).isoformat()


def _amounts(row: Body, regular: Decimal, overtime: Decimal, *, billed: bool) -> dict[str, Decimal]:
    hours = regular + overtime
    cost, spent = _cents(hours * row["CostRate"]), _cents(hours * row["BillingRate"])
    premium = _cents(overtime * row["CostRate"] * max(row["OvertimeMarkup"] - 1, _NOTHING))
    amounts = {
        "RegularHours": regular,
        "Premium1Hours": overtime,
        "Cost": cost,
        "PremiumCost": premium,
        "Burden": _cents(cost * row["BurdenRate"] / 100),
        "PremiumBurden": _cents(premium * row["BurdenRate"] / 100),
        "Spent": spent,
    }
    amounts |= {"BilledHours": hours} if billed else {"WIPHours": hours if spent else _NOTHING, "WIP": spent}
    return {measure: amount for measure, amount in amounts.items() if amount}


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
