"""The rates that a row stores when it gets its first hours (claim ``timesheet.rates-kept``)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mock_ajera.api.context import View
from mock_ajera.api.families.timesheets.members import DAYS, hours_of
from mock_ajera.api.member import Body

_NONE = Decimal("0.0000")


def day_of(timesheet: Body, day: int) -> str:
    """Return the date of a day of the week: D7 is the date of the timesheet (claim ``timesheet.days-of-week``)."""
    last = datetime.date.fromisoformat(timesheet["TimesheetDate"])
    return (last - datetime.timedelta(days=7 - day)).isoformat()


def first_day_with_hours(row: Body) -> int | None:
    """Return the first day on which a row has hours; None if it has none."""
    return next((day for day in DAYS if hours_of(row, day)), None)


def _pay(employee: Mapping[str, Any], day: str) -> Body:
    """Return the pay rate in force on a day; empty if there is none."""
    rates = [rate for rate in employee.get("PayRates", ()) if (rate["StartDate"] or "") <= day]
    return max(rates, key=lambda rate: rate["StartDate"] or "", default={})


def overhead_rates(timesheet: Body, row: Body, view: View) -> dict[str, Any]:
    """Return the rates of a row of overhead, or nothing if it has no hours."""
    day = first_day_with_hours(row)
    if day is None:
        return {}
    employee = view.body("Employee", timesheet["EmployeeKey"]) or {}
    return {"CostRate": _pay(employee, day_of(timesheet, day)).get("PayRate", _NONE)}


def project_rates(timesheet: Body, row: Body, phase: Body, view: View) -> dict[str, Any]:
    """Return the rates of a row of a project, or nothing if it has no hours.

    ``phase``: the phase that it charges.
    """
    day = first_day_with_hours(row)
    if day is None:
        return {}
    employee = view.body("Employee", timesheet["EmployeeKey"]) or {}
    department = view.body("Department", employee.get("DepartmentKey")) or {}
    table = view.body("RateTable", phase.get("RateTableKey")) or {}
    pay = _pay(employee, day_of(timesheet, day))
    cost: Decimal = pay.get("PayRate", _NONE)
    multiplier: Decimal = table.get("LaborMultiplier", _NONE)
    return {
        "CostRate": cost,
        "BillingRate": (cost * multiplier).quantize(_NONE, ROUND_HALF_UP),
        "OvertimeMarkup": pay.get("OvertimeMarkup", _NONE),
        "BurdenRate": department.get("OverheadPercent", _NONE),
    }
