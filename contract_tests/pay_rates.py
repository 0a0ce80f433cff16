"""Pay rates of the employees that the suite creates."""

from __future__ import annotations

from typing import Any

import pytest

from .firm import Row
from .kinds import EMPLOYEES
from .made import Made

HISTORY = ("2015-01-01", "2018-07-01", "2021-01-01")


def hourly(key: int, start: str = HISTORY[0], **members: Any) -> Row:
    """Return a new hourly pay rate."""
    return {"PayRateKey": key, "StartDate": start, "IsHourly": True, "PayRate": 41.5} | members


def salary(key: int, start: str = HISTORY[0], **members: Any) -> Row:
    """Return a new salaried pay rate."""
    return {"PayRateKey": key, "StartDate": start, "IsHourly": False, "Salary": 3500} | members


KINDS_OF_RATE = pytest.mark.parametrize("rate", [hourly, salary], ids=["hourly", "salaried"])
POSITIONS = pytest.mark.parametrize("position", [0, 1, 2])


def rates(record: Row, *edited: Row) -> list[Row]:
    """Return the pay rates of an employee with some of them replaced."""
    new = {row["PayRateKey"]: row for row in edited}
    return [new.get(row["PayRateKey"], row) for row in record["PayRates"]]


def current(made: Made, record: Row) -> Row:
    """Read an employee again."""
    found = made.read(EMPLOYEES, record["EmployeeKey"])
    assert found is not None
    return found
