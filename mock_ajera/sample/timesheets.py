"""Generated timesheets: a year of weeks for each generated employee.

A timesheet has rows of projects that are in work in its week, and a row for each item of the employee's overhead group.
Most older timesheets are approved, paid and billed. The date of a timesheet is a relative day, which means the end of
the week that contains it. What a week contains must therefore not depend on the day of the week that is today.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from typing import NamedTuple

from mock_ajera.sample.keys import KeySequences, NamedRecords
from mock_ajera.sample.rows import Row, day, days_from_today, filled
from mock_ajera.sample.sites import Task, Tasks
from mock_ajera.tenants import weeks

WEEKS = 52
"""The number of weeks before the current one that have timesheets."""
_SUBMITTED, _APPROVED, _PAID, _BILLED = 1, 3, 4, 8
"""The ages in weeks from which most timesheets have a state."""

_FULL_DAY, _QUARTER, _NO_LIMIT = Decimal(8), Decimal("0.25"), Decimal(40)
_SPLITS = ("8", "8", "6 2", "5 3", "4.5 3.5", "4 4", "6.25 1.75", "3 2.5 2.5")
"""The hours that a day consists of."""
_NOTES = (
    *("Coordination with consultants", "Drawing set", "Client comments", "Details", "Code review", "Field report"),
    *("Room program", "Shop drawings", "Cost estimate", "Sections"),
)
_ACTIVITIES = ("Design", "Design", "Drafting and Modeling", "Drafting and Modeling", "Meetings", "Specifications")
_COLUMNS = ("Regular", "Overtime", "Notes", "OT Notes")
_CELLS = tuple(f"D{n} {column}" for column in _COLUMNS for n in range(1, 8))
_MULTIPLIER = 3
"""The default labor multiplier of a rate table."""
_DAY_OF_WEEK = re.compile(r"@week-(\d+) D([1-7])")


class _Charge(NamedTuple):
    """What the hours of a row are charged to: an item of the overhead group, or a task and an activity."""

    item: int | None
    """The key of the item."""
    task: Task | None = None
    activity: int | None = None


class _Week:
    """The hours of an employee in one week."""

    def __init__(self, rng: random.Random, used: dict[int, Decimal]) -> None:
        """Start a week without hours. ``used``: the hours that each phase has from all timesheets so far."""
        self.cells: dict[_Charge, Row] = defaultdict(dict)
        """The hours and notes of each row, by their names in a file."""
        self._rng, self._used = rng, used

    def charge(self, charge: _Charge, n: int, hours: Decimal) -> None:
        """Charge regular hours on day ``n``. Some hours of tasks have notes or overtime."""
        self._add(charge, f"D{n} Regular", hours)
        if charge.task is None:
            return
        if self._rng.random() < 0.05:
            self._add(charge, f"D{n} Overtime", self._rng.randint(2, 12) * _QUARTER)
            if self._rng.random() < 0.5:
                self.cells[charge][f"D{n} OT Notes"] = "Deadline"
        if charge.task.requires_notes or self._rng.random() < 0.15:
            self.cells[charge][f"D{n} Notes"] = self._rng.choice(_NOTES)

    def _add(self, charge: _Charge, member: str, hours: Decimal) -> None:
        cells = self.cells[charge]
        cells[member] = cells.get(member, Decimal(0)) + hours
        if charge.task is not None:
            self._used[charge.task.phase] += hours

    def hours_left(self, task: Task) -> Decimal:
        """Return the hours that may still be charged to a task."""
        return _hours_left(task, self._used)


class _InWork:
    """The tasks of a week, drawn in proportion to the hours that they have left at its beginning."""

    def __init__(self, tasks: Sequence[Task], used: Mapping[int, Decimal]) -> None:
        self._tasks = tasks
        self._upto = list(accumulate(float(_hours_left(task, used)) for task in tasks))

    def draw(self, rng: random.Random, count: int) -> Sequence[Task]:
        """Draw a number of tasks; none if no task has hours left."""
        return rng.choices(self._tasks, cum_weights=self._upto, k=count) if any(self._upto[-1:]) else []


def _hours_left(task: Task, used: Mapping[int, Decimal]) -> Decimal:
    return _NO_LIMIT if task.hours is None else max(task.hours - used.get(task.phase, Decimal(0)), Decimal(0))


class Timesheets:
    """Generates timesheets in the order of their weeks."""

    def __init__(
        self,
        seed: str,
        named: NamedRecords,
        employees: Sequence[Row],
        approvers: Sequence[Row],
        non_work_days: Sequence[Row],
        week_start: str,
    ) -> None:
        """``approvers``: the employees who may approve. ``week_start``: the English name of the first day of a week."""
        self._seed, self._named, self._employees = seed, named, employees
        active = [row for row in approvers if row.get("Status", "Active") == "Active"]
        self._supervisors = [row for row in active if row.get("IsSupervisor")]
        self._accountants = [row["EmployeeKey"] for row in active if row.get("IsAccountingManager")]
        first = weeks.DAYS.index(week_start)
        self._work_days = [n for n in range(1, 8) if weeks.DAYS[(first + n - 1) % 7] not in ("Saturday", "Sunday")]
        found = ((_DAY_OF_WEEK.fullmatch(row.get("Date", "")), row.get("CompanyKey")) for row in non_work_days)
        self._holidays = {(int(at[1]), int(at[2]), company) for at, company in found if at}
        self._items = {row["OverheadGroupKey"]: row.get("Details", []) for row in named.rows("OverheadGroup")}
        self._burden = {row["DepartmentKey"]: row.get("OverheadPercent") for row in named.rows("Department")}
        self._multipliers = {
            row["RateTableKey"]: row.get("LaborMultiplier", _MULTIPLIER) for row in named.rows("RateTable")
        }

    def sheets(self, tasks: Tasks, last_keys: Mapping[str, int]) -> Iterator[Row]:
        """Yield the timesheets. Keys follow ``last_keys``, by sequence."""
        keys = KeySequences(dict(last_keys))
        used: dict[int, Decimal] = defaultdict(Decimal)
        for age in range(WEEKS, 0, -1):
            in_work = _InWork(tasks.between(-7 * age - 6, -7 * age), used)
            for employee in self._employees:
                hired, left = (days_from_today(employee.get(name)) for name in ("DateHired", "DateTerminated"))
                if (hired is None or hired <= -7 * age - 6) and (left is None or left >= -7 * age + 6):
                    yield self.sheet(employee, age, in_work, used, keys)

    def sheet(self, employee: Row, age: int, tasks: _InWork, used: dict[int, Decimal], keys: KeySequences) -> Row:
        """Return the timesheet of an employee for the week that is ``age`` weeks old.

        ``tasks``: those of the week. ``used``: the hours that each phase has from all timesheets so far.
        """
        rng = random.Random(f"{self._seed} timesheet of {employee['EmployeeKey']} in week {age}")
        week = _Week(rng, used)
        self._work(rng, week, employee, age, tasks)
        pay = _pay(employee, -7 * age - 6)
        state = self._state(rng, employee, age)
        items = self._items_of(employee)
        return filled(
            {
                "TimesheetKey": keys.next("Timesheet"),
                "TimesheetDate": day(-7 * age),
                "EmployeeKey": employee["EmployeeKey"],
                **state,
                "Overheads": [
                    self._overhead_row(employee, item, week.cells.get(_Charge(item["OverheadGroupDetailKey"]), {}), pay)
                    for item in items
                ],
                "Projects": [
                    {"Timesheet Project Key": keys.next("TimesheetProject")}
                    | self._project_row(employee, charge.task, charge.activity, cells, pay)
                    | ({"Locked": True} if "Billed" in state else {})
                    for charge, cells in week.cells.items()
                    if charge.task is not None
                ],
            }
        )

    def _work(self, rng: random.Random, week: _Week, employee: Row, age: int, tasks: _InWork) -> None:
        """Fill a week with 40 hours and some overtime."""
        items = self._items_of(employee)
        office = [_Charge(item["OverheadGroupDetailKey"]) for item in items if "ProjectKey" in item]
        drawn = tasks.draw(rng, 3)
        charges = [_Charge(None, task, self._named.key("Activity", rng.choice(_ACTIVITIES))) for task in drawn]
        absences = self._absences(rng, employee, age)
        for n in self._work_days:
            if n in absences:
                week.charge(absences[n], n, _FULL_DAY)
                continue
            for hours in map(Decimal, rng.choice(_SPLITS).split()):
                choices = [charge for charge in charges if charge.task and week.hours_left(charge.task) >= hours]
                if office and (not choices or rng.random() < 0.15):
                    choices = office
                if choices:
                    week.charge(rng.choice(choices), n, hours)

    def _absences(self, rng: random.Random, employee: Row, age: int) -> Mapping[int, _Charge]:
        """Return the days of holidays and leave, with the items that they are charged to."""
        charges = {row.get("Description"): _Charge(row["OverheadGroupDetailKey"]) for row in self._items_of(employee)}
        chance, one = rng.random(), rng.choice(self._work_days)
        days = dict.fromkeys(self._work_days if chance < 0.04 else self._work_days[-2:], "Vacation")
        if chance >= 0.1:
            days = {one: "Sick Leave"} if chance < 0.16 else {}
        for n in self._work_days:
            if self._holidays & {(age, n, None), (age, n, employee["CompanyKey"])}:
                days[n] = "Holiday"
        return {n: charges[name] for n, name in days.items() if name in charges}

    def _items_of(self, employee: Row) -> Sequence[Row]:
        items: Sequence[Row] = self._items.get(employee.get("OverheadGroupKey"), ())
        return items

    def _state(self, rng: random.Random, employee: Row, age: int) -> Row:
        """Return the submission and the approvals of a timesheet."""
        chance, end = rng.random(), -7 * age + 6
        if chance < (0.4 if age <= _SUBMITTED else 0.05 if age < _PAID else 0.005):
            return {"Rejected": chance < (0.1 if age <= _SUBMITTED else 0.02)}
        state: Row = {"Submitted": True, "SubmittedDateTime": _time(rng, end), "SubmittedBy": employee["EmployeeKey"]}
        if age > _SUBMITTED and (age >= _APPROVED or chance > 0.4):
            state |= _approval("Supervisor", _time(rng, end + 1), self._draw_supervisor(rng, employee))
        if age >= _APPROVED:
            state |= _approval("Accounting", _time(rng, end + 3), rng.choice(self._accountants or [None]))
            state |= {"ProjectManagerApproved": rng.random() < 0.8}
            state |= {"Billed": age >= _BILLED and rng.random() < 0.9, "Paid": age >= _PAID}
        return filled(state)

    def _draw_supervisor(self, rng: random.Random, employee: Row) -> int | None:
        """Return the supervisor of an employee; for an employee without one, a supervisor of the company."""
        others = [row for row in self._supervisors if row["CompanyKey"] == employee["CompanyKey"] and row != employee]
        return employee.get("SupervisorKey") or (rng.choice(others)["EmployeeKey"] if others else None)

    def _overhead_row(self, employee: Row, item: Row, cells: Row, pay: Row) -> Row:
        return filled(
            {
                "Timesheet Overhead Group": employee["OverheadGroupKey"],
                "Timesheet Overhead Group Detail Key": item["OverheadGroupDetailKey"],
                "Project Key": item.get("ProjectKey"),
                "Phase Key": item.get("PhaseKey"),
                "Activity Key": item.get("ActivityKey"),
                "Account Key": item.get("AccountKey"),
                "Company Key": employee["CompanyKey"],
                "Cost Rate": pay.get("PayRate") if cells else None,
                **_in_order(cells),
            }
        )

    def _project_row(self, employee: Row, task: Task, activity: int | None, cells: Row, pay: Row) -> Row:
        cost = Decimal(pay.get("PayRate", 0))
        billing = (cost * self._multipliers.get(task.rate_table, 0)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        return filled(
            {
                "Project Key": task.project,
                "Phase Key": task.phase,
                "Activity Key": activity,
                "Employee Type Key": employee.get("EmployeeTypeKey"),
                "Cost Rate": cost or None,
                "Billing Rate": billing or None,
                "Overtime Markup": pay.get("OvertimeMarkup"),
                "Burden Rate": self._burden.get(employee.get("DepartmentKey")),
                "Nonbillable": task.nonbillable,
                **_in_order(cells),
            }
        )


def _pay(employee: Row, on: int) -> Row:
    """Return the pay rate in force on a day, in days from today; empty if there is none. Absolute dates are past."""
    rates: list[Row] = employee.get("PayRates", [])
    begun = [rate for rate in rates if (days_from_today(rate.get("StartDate")) or on) <= on]
    return begun[-1] if begun else {}


def _approval(by: str, time: str, employee: int | None) -> Row:
    return {f"{by}Approved": True, f"{by}ApprovedDateTime": time, f"{by}ApprovedBy": employee} if employee else {}


def _time(rng: random.Random, on: int) -> str:
    """Return a relative time during office hours, on a day before today."""
    seconds = rng.randint(8 * 3600, 18 * 3600)
    return f"{day(min(on, -1))} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _in_order(cells: Row) -> Row:
    """Return the hours and notes of a row in the order in which a timesheet prints them."""
    return {name: cells[name] for name in _CELLS if name in cells}
