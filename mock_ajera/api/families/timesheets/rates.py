"""The rates of the days of a row (claim ``timesheet.rates-kept``).

A day gets the rates in force on it when it gets its first hours, and keeps them while it has hours. The rates of the
row itself come from a file, or from an older mock-ajera; they are those of all days without rates of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mock_ajera.api.context import View
from mock_ajera.api.families.timesheets.members import hours_of
from mock_ajera.api.member import Body
from mock_ajera.books.rules import NOT_BILLABLE
from mock_ajera.tenants.weeks import NUMBERS, day_of

_NONE = Decimal("0.0000")
Rates = Callable[[str], Body]
"""Returns the rates in force on a date."""


def of_days(last: str, row: Body, before: Body | None, rates: Rates) -> Iterator[Body]:
    """Yield the rates of each day with hours, except those of the row itself.

    ``last``: the last day of the week. ``before``: the stored row; None for a new one.
    """
    kept = {each["Day"]: each for each in row["DayRates"]}
    for day in NUMBERS:
        if not hours_of(row, day):
            continue
        if before is None or not hours_of(before, day):
            yield {"Day": day, **rates(day_of(last, day))}
        elif day in kept:
            yield kept[day]


def _pay(employee: Mapping[str, Any], day: str) -> Body:
    """Return the pay rate in force on a day; empty if there is none."""
    rates = [rate for rate in employee.get("PayRates", ()) if (rate["StartDate"] or "") <= day]
    return max(rates, key=lambda rate: rate["StartDate"] or "", default={})


def of_overhead(employee: Mapping[str, Any]) -> Rates:
    """Return the rates of an employee for overhead."""
    return lambda date: {"CostRate": _pay(employee, date).get("PayRate", _NONE)}


def of_project(employee: Mapping[str, Any], phase: Body, view: View) -> Rates:
    """Return the rates of an employee for a phase."""
    department = view.body("Department", employee.get("DepartmentKey")) or {}
    table = view.body("RateTable", phase.get("RateTableKey")) or {}

    def rates(date: str) -> Body:
        pay = _pay(employee, date)
        cost: Decimal = pay.get("PayRate", _NONE)
        multiplier: Decimal = table.get("LaborMultiplier", _NONE)
        return {
            "CostRate": cost,
            "BillingRate": (cost * multiplier).quantize(_NONE, ROUND_HALF_UP),
            "OvertimeMarkup": pay.get("OvertimeMarkup", _NONE),
            "BurdenRate": department.get("OverheadPercent", _NONE),
            "Nonbillable": phase.get("BillingType") in NOT_BILLABLE,
        }

    return rates
