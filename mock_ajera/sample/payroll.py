"""Generated payroll: the pay rates of employees, and their wages on a payday."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

from mock_ajera.sample import words
from mock_ajera.sample.rows import Row, day, days_from_today, filled, money

PAY_PERIOD = 14
"""Days between two paydays."""
HOURS = 80
"""Paid hours of an hourly employee in a pay period."""


def pay_rates(rng: random.Random, hired: int, left: int, kind: str, next_key: Callable[[str], int]) -> list[Row]:
    """Return the pay rates of an employee, oldest first: one from the day of hire, and one from each raise.

    ``hired`` and ``left``: days before today; ``left`` is 0 for an employee who still works for the firm.
    """
    starts = [hired]
    while len(starts) < 8 and (later := starts[-1] - rng.randint(400, 1100)) > left:
        starts.append(later)
    rate = Decimal(rng.randint(*words.PAY[kind])) / 4 * (1 - Decimal("0.04") * (len(starts) - 1))
    hourly = kind != "Principal" and rng.random() < 0.5
    rows = []
    for start in starts:
        rows.append(_pay_rate(rng, start, money(rate), hourly, next_key))
        rate *= 1 + Decimal(rng.randint(20, 60)) / 1000
        # A raise may turn an hourly employee into a salaried one.
        hourly = hourly and rng.random() < 0.85
    return rows


def _pay_rate(rng: random.Random, start: int, rate: Decimal, hourly: bool, next_key: Callable[[str], int]) -> Row:
    salaried, doubled = not hourly, rng.random() < 0.3
    return filled(
        {
            "PayRateKey": next_key("PayRate"),
            "StartDate": day(-start),
            "PayPeriod": "Biweekly",
            "IsHourly": hourly,
            "Salary": rate * HOURS if salaried else None,
            "PayRate": rate,
            "OvertimeMarkup": Decimal("1.5") if hourly or doubled else None,
            "IncludeOvertimeInSalary": salaried,
            "DoubleTimeMarkup": Decimal("2.0") if doubled else None,
            "IncludeDoubleTimeInSalary": salaried and doubled,
            "OtherTimeMarkup": Decimal("1.25") if doubled else None,
            "IncludeOtherTimeMarkupInSalary": salaried and doubled,
        }
    )


def wage(employee: Row, payday: int) -> Decimal:
    """Return the wage of a generated employee for one pay period, at the pay rate in force on the payday.

    ``payday``: in days from today. The wage is 0 if the employee is not employed on that day.
    """
    left = days_from_today(employee.get("DateTerminated"))
    if left is not None and left < payday:
        return Decimal(0)
    for rate in reversed(employee["PayRates"]):
        if (days_from_today(rate["StartDate"]) or 0) <= payday:
            return Decimal(rate["Salary"] if "Salary" in rate else rate["PayRate"] * HOURS)
    return Decimal(0)
