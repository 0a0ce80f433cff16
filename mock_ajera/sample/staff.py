"""The employees of a firm, from which those of projects are drawn."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mock_ajera.sample.rows import Row, days_from_today

_DRAWS = 30
"""Draws of any employee until all of them are compared: a large firm has too many for that."""


class _Employee(NamedTuple):
    key: int
    company: int | None
    hired: int | None
    """In days from today; None for an absolute date, which is past."""
    left: int | None

    def was_employed(self, start: int, end: int) -> bool:
        """Return whether the employee was employed on a day between two."""
        return (self.hired is None or self.hired <= end) and (self.left is None or self.left >= start)


class Staff:
    """The employees of a firm by their roles and types."""

    def __init__(self, employees: Iterable[Row]) -> None:
        self._rows = list(employees)
        self._qualified: dict[tuple[str, bool, int | None], Sequence[_Employee]] = {}
        self._of_type: dict[int, Sequence[int]] = {}
        managers = (row["EmployeeKey"] for row in self._rows if row.get("IsAccountingManager"))
        self.accounting_manager: int | None = next(managers, None)

    def of_type(self, employee_type: int) -> Sequence[int]:
        """Return the keys of the employees of a type, without those who have left."""
        if employee_type not in self._of_type:
            self._of_type[employee_type] = [
                row["EmployeeKey"]
                for row in self._rows
                if row.get("EmployeeTypeKey") == employee_type and row.get("Status") != "Inactive"
            ]
        return self._of_type[employee_type]

    def draw(
        self, rng: random.Random, flag: str, span: tuple[int, int], *, company: int | None, past: bool
    ) -> int | None:
        """Draw an employee with a flag, or return None if nobody qualifies.

        Employees who were employed between two days are preferred, and then those of the company. ``past``: include
        those who have left.
        """
        for preferred in dict.fromkeys((company, None)):
            qualified = self._with(flag, past, preferred)
            for _ in range(min(_DRAWS, len(qualified))):
                drawn = rng.choice(qualified)
                if drawn.was_employed(*span):
                    return drawn.key
            if employed := [each for each in qualified if each.was_employed(*span)]:
                return rng.choice(employed).key
        anybody = self._with(flag, past, company) or self._with(flag, past, None)
        return rng.choice(anybody).key if anybody else None

    def _with(self, flag: str, past: bool, company: int | None) -> Sequence[_Employee]:
        known = self._qualified.get((flag, past, company))
        if known is None:
            known = self._qualified[flag, past, company] = [
                _Employee(
                    row["EmployeeKey"],
                    row["CompanyKey"],
                    days_from_today(row.get("DateHired")),
                    days_from_today(row.get("DateTerminated")),
                )
                for row in self._rows
                if row.get(flag)
                and (past or row.get("Status") != "Inactive")
                and (company is None or row["CompanyKey"] == company)
            ]
        return known
