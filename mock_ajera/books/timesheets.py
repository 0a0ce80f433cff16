"""The postings of timesheets: time on projects, and time that is charged to an account.

Hours post on the day on which they were worked, as soon as they are entered (claim ``timesheet.posts-at-once``).
Hours on phases that are not billable are no unbilled work (claim ``timesheet.nonbillable-hours``).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from mock_ajera.books.records import Body, Posting, Roles, Work
from mock_ajera.books.rules import CLEARING, LABOR, Basis
from mock_ajera.tenants.trace import relies_on
from mock_ajera.tenants.weeks import NUMBERS, day_of

_CENT, _NOTHING = Decimal("0.01"), Decimal(0)
_CLEARING = CLEARING.format(category=LABOR)


def work_of(timesheet: Body) -> Iterator[Work]:
    """Yield the time on projects, of rows of projects and of overhead items that have a project."""
    for row in timesheet["Projects"]:
        for day in NUMBERS:
            regular, overtime = row[f"D{day}Regular"], row[f"D{day}Overtime"]
            if regular or overtime:
                relies_on("timesheet.posts-at-once")
                relies_on("timesheet.rates-kept")
                date = day_of(timesheet["TimesheetDate"], day)
                amounts = _amounts(_rates(row, day), regular, overtime, billed=timesheet["Billed"])
                yield Work(row["ProjectKey"], row["PhaseKey"], date, LABOR, amounts)
    for row in timesheet["Overheads"]:
        for day in NUMBERS:
            hours = row[f"D{day}Regular"]
            if hours and row["ProjectKey"] is not None:
                relies_on("timesheet.posts-at-once")
                relies_on("timesheet.rates-kept")
                date = day_of(timesheet["TimesheetDate"], day)
                amounts = {"RegularHours": hours, "Cost": _cents(hours * _rates(row, day)["CostRate"])}
                yield Work(row["ProjectKey"], row["PhaseKey"], date, LABOR, amounts)


def lines_of(timesheet: Body, roles: Roles) -> Iterator[Posting]:
    """Yield the debits and credits of overhead items that have an account: the account, and applied labor."""
    clearing = roles.get(_CLEARING)
    for row in timesheet["Overheads"]:
        if clearing is None or row["AccountKey"] is None or row["ProjectKey"] is not None:
            continue
        for day in NUMBERS:
            if cost := _cents(row[f"D{day}Regular"] * _rates(row, day)["CostRate"]):
                relies_on("timesheet.posts-at-once")
                relies_on("timesheet.rates-kept")
                date = day_of(timesheet["TimesheetDate"], day)
                yield Posting(row["AccountKey"], row["CompanyKey"], date, cost, Basis.BOTH)
                yield Posting(clearing, row["CompanyKey"], date, -cost, Basis.BOTH)


def _rates(row: Body, day: int) -> Body:
    """Return the rates of a day: its own, or those of the row."""
    return next((rates for rates in row["DayRates"] if rates["Day"] == day), row)


def _amounts(rates: Body, regular: Decimal, overtime: Decimal, *, billed: bool) -> dict[str, Decimal]:
    hours = regular + overtime
    cost, spent = _cents(hours * rates["CostRate"]), _cents(hours * rates["BillingRate"])
    premium = _cents(overtime * rates["CostRate"] * max(rates["OvertimeMarkup"] - 1, _NOTHING))
    amounts = {
        "RegularHours": regular,
        "Premium1Hours": overtime,
        "Cost": cost,
        "PremiumCost": premium,
        "Burden": _cents(cost * rates["BurdenRate"] / 100),
        "PremiumBurden": _cents(premium * rates["BurdenRate"] / 100),
        "Spent": spent,
    }
    relies_on("timesheet.nonbillable-hours" if rates["Nonbillable"] else "timesheet.billing-rate")
    if not rates["Nonbillable"]:
        amounts |= {"BilledHours": hours} if billed else {"WIPHours": hours if spent else _NOTHING, "WIP": spent}
    return {measure: amount for measure, amount in amounts.items() if amount}


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
