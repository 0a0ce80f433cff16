"""Generated timesheets: the weeks of a year for each generated employee.

A timesheet has rows of projects in work in its week and a row for each item of the employee's overhead group. Older
timesheets are approved, paid and billed. A relative day stands for the whole week that contains it, so the weekday of
"today" does not matter.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from mock_ajera.sample.keys import KeySequences, NamedRecords
from mock_ajera.sample.rows import Row, day, days_from_today, filled
from mock_ajera.sample.sites import Task, Tasks
from mock_ajera.tenants import weeks

WEEKS = 52
"""The number of weeks before the current one that have timesheets."""
_DAY_OF_WEEK = re.compile(r"@week(-\d+) D([1-7])")
_FULL_DAY, _QUARTER = Decimal(8), Decimal("0.25")
_SPLITS = ("8", "8", "6 2", "5 3", "4.5 3.5", "4 4", "6.25 1.75", "3 2.5 2.5")
"""Hours of the tasks of a day."""
_MULTIPLIER = 3
"""The default labor multiplier of a rate table."""
_NOTES = (
    *("Coordination with consultants", "Drawing set", "Client comments", "Details", "Code review", "Field report"),
    *("Room program", "Shop drawings", "Cost estimate", "Sections"),
)
_ACTIVITIES = ("Design", "Design", "Drafting and Modeling", "Drafting and Modeling", "Meetings", "Specifications")
_SUBMITTED, _APPROVED, _PAID, _BILLED = 1, 3, 4, 8
"""The age in weeks from which most timesheets have a state."""


class _Worked(NamedTuple):
    """What one row of the week is for: an overhead item or a task with an activity."""

    item: int | None
    task: Task | None
    activity: int | None


class _Week:
    """The hours and notes of an employee's week, by row."""

    def __init__(self) -> None:
        self.cells: dict[_Worked, Row] = defaultdict(dict)

    def add(self, row: _Worked, column: str, hours: Decimal) -> None:
        """Add hours to a cell such as ``D1 Regular``."""
        self.cells[row][column] = self.cells[row].get(column, Decimal(0)) + hours


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
        self._holidays = {
            (-int(found[1]), int(found[2])): row.get("CompanyKey")
            for row in non_work_days
            if (found := _DAY_OF_WEEK.fullmatch(row.get("Date", "")))
        }
        self._items = {row["OverheadGroupKey"]: row.get("Details", []) for row in named.rows("OverheadGroup")}
        self._burden = {row["DepartmentKey"]: row.get("OverheadPercent") for row in named.rows("Department")}
        self._multipliers = {
            row["RateTableKey"]: row.get("LaborMultiplier", _MULTIPLIER) for row in named.rows("RateTable")
        }

    def sheets(self, tasks: Tasks, last_keys: Mapping[str, int]) -> Iterator[Row]:
        """Yield the timesheets. Keys follow ``last_keys``, by sequence."""
        keys = KeySequences(dict(last_keys))
        used: dict[int, Decimal] = defaultdict(Decimal)
        for week in range(WEEKS, 0, -1):
            first = -7 * week - 6
            in_work = tasks.between(first, -7 * week)
            for employee in self._employees:
                hired, left = (days_from_today(employee.get(name)) for name in ("DateHired", "DateTerminated"))
                if (hired is None or hired <= first) and (left is None or left >= -7 * week + 6):
                    rng = random.Random(f"{self._seed} timesheet of {employee['EmployeeKey']} in week {week}")
                    yield self._sheet(rng, employee, week, in_work, used, keys)

    def _sheet(
        self,
        rng: random.Random,
        employee: Row,
        week: int,
        in_work: Sequence[Task],
        used: dict[int, Decimal],
        keys: KeySequences,
    ) -> Row:
        """``used``: the hours that each phase has got so far."""
        worked = self._worked(rng, employee, week, in_work, used)
        state = self._state(rng, employee, week)
        pay = _pay(employee, -7 * week - 6)
        return filled(
            {
                "TimesheetKey": keys.next("Timesheet"),
                "TimesheetDate": day(-7 * week),
                "EmployeeKey": employee["EmployeeKey"],
                **state,
                "Overheads": [
                    self._overhead_row(employee, item, worked.cells.get(_Worked(i, None, None), {}), pay)
                    for i, item in enumerate(self._items_of(employee))
                ],
                "Projects": [
                    self._project_row(employee, row.task, row.activity, cells, pay, keys, billed="Billed" in state)
                    for row, cells in worked.cells.items()
                    if row.task is not None
                ],
            }
        )

    def _items_of(self, employee: Row) -> Sequence[Row]:
        items: Sequence[Row] = self._items.get(employee.get("OverheadGroupKey"), ())
        return items

    def _worked(
        self, rng: random.Random, employee: Row, week: int, in_work: Sequence[Task], used: dict[int, Decimal]
    ) -> _Week:
        """Draw the hours of a week. A task is drawn in proportion to the hours that it has left."""
        worked = _Week()
        items = self._items_of(employee)
        office = [_Worked(i, None, None) for i, item in enumerate(items) if "ProjectKey" in item]
        left = [_FULL_DAY if task.hours is None else max(task.hours - used[task.phase], Decimal(0)) for task in in_work]
        tasks = rng.choices(in_work, [float(hours) for hours in left], k=3) if any(left) else []
        rows = [_Worked(None, task, self._named.key("Activity", rng.choice(_ACTIVITIES))) for task in tasks]
        absent = self._absences(rng, items)
        for n in self._work_days:
            if self._is_holiday(week, n, employee["CompanyKey"]):
                absence = _item(items, "Holiday")
            else:
                absence = absent.get(n)
            if absence is not None:
                worked.add(absence, f"D{n} Regular", _FULL_DAY)
                continue
            for hours in map(Decimal, rng.choice(_SPLITS).split()):
                open_rows = [row for row in rows if row.task and _has_hours(row.task, used, hours)]
                choices = open_rows if open_rows and (not office or rng.random() < 0.85) else office
                if choices:
                    self._work(rng, worked, rng.choice(choices), n, hours, used)
        return worked

    def _work(
        self,
        rng: random.Random,
        worked: _Week,
        row: _Worked,
        n: int,
        hours: Decimal,
        used: dict[int, Decimal],
    ) -> None:
        """Add the hours of a row on day ``n``, some with a note or overtime."""
        worked.add(row, f"D{n} Regular", hours)
        cells = worked.cells[row]
        if row.task is None:
            return
        if rng.random() < 0.05:
            overtime = rng.randint(2, 12) * _QUARTER
            worked.add(row, f"D{n} Overtime", overtime)
            hours += overtime
            if rng.random() < 0.5:
                cells[f"D{n} OT Notes"] = "Deadline"
        used[row.task.phase] += hours
        if row.task.requires_notes or rng.random() < 0.15:
            cells[f"D{n} Notes"] = rng.choice(_NOTES)

    def _absences(self, rng: random.Random, items: Sequence[Row]) -> Mapping[int, _Worked]:
        """Return the days of leave with the item that they are charged to."""
        chance = rng.random()
        vacation, sick = _item(items, "Vacation"), _item(items, "Sick Leave")
        if chance < 0.04 and vacation is not None:
            return dict.fromkeys(self._work_days, vacation)
        if chance < 0.10 and vacation is not None:
            return dict.fromkeys(self._work_days[-2:], vacation)
        if chance < 0.16 and sick is not None:
            return {rng.choice(self._work_days): sick}
        return {}

    def _is_holiday(self, week: int, n: int, company: int | None) -> bool:
        return (week, n) in self._holidays and self._holidays[week, n] in (None, company)

    def _state(self, rng: random.Random, employee: Row, week: int) -> Row:
        """Return the submission and the approvals of a timesheet of a number of weeks ago."""
        chance = rng.random()
        own = employee["EmployeeKey"]
        end = -7 * week + 6
        if chance < (0.4 if week == _SUBMITTED else 0.05 if week < _PAID else 0.005):
            return {"Rejected": chance < (0.1 if week == _SUBMITTED else 0.02)}
        row: Row = {"Submitted": True, "SubmittedDateTime": _time(rng, end), "SubmittedBy": own}
        if week == _SUBMITTED or (week < _APPROVED and chance < 0.4):
            return row
        if supervisor := self._supervisor(rng, employee):
            row |= _approval("Supervisor", _time(rng, end + 1), supervisor)
        if week < _APPROVED or not self._accountants:
            return row
        row |= _approval("Accounting", _time(rng, end + 3), rng.choice(self._accountants))
        row["ProjectManagerApproved"] = rng.random() < 0.8
        if week >= _PAID:
            row |= {"Billed": week >= _BILLED and chance < 0.9, "Paid": True}
        return filled(row)

    def _supervisor(self, rng: random.Random, employee: Row) -> int | None:
        """Return the supervisor of an employee, or somebody who may stand in."""
        own: int | None = employee.get("SupervisorKey")
        others = [row["EmployeeKey"] for row in self._supervisors if row["CompanyKey"] == employee["CompanyKey"]]
        others = [key for key in others if key != employee["EmployeeKey"]]
        return own or (rng.choice(others) if others else None)

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

    def _project_row(
        self, employee: Row, task: Task, activity: int | None, cells: Row, pay: Row, keys: KeySequences, *, billed: bool
    ) -> Row:
        cost = Decimal(pay.get("PayRate", 0))
        billing = (cost * self._multipliers.get(task.rate_table, 0)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        return filled(
            {
                "Timesheet Project Key": keys.next("TimesheetProject"),
                "Project Key": task.project,
                "Phase Key": task.phase,
                "Activity Key": activity,
                "Employee Type Key": employee.get("EmployeeTypeKey"),
                "Cost Rate": cost or None,
                "Billing Rate": billing or None,
                "Overtime Markup": pay.get("OvertimeMarkup"),
                "Burden Rate": self._burden.get(employee.get("DepartmentKey")),
                "Locked": billed,
                **_in_order(cells),
            }
        )


def _item(items: Sequence[Row], name: str) -> _Worked | None:
    """Return the row of the overhead item with a name."""
    return next((_Worked(i, None, None) for i, item in enumerate(items) if item.get("Description") == name), None)


def _has_hours(task: Task, used: Mapping[int, Decimal], hours: Decimal) -> bool:
    return task.hours is None or used.get(task.phase, Decimal(0)) + hours <= task.hours


def _pay(employee: Row, on: int) -> Row:
    """Return the pay rate in force on a day, in days from today; empty if there is none. Absolute dates are past."""
    rates: list[Row] = employee.get("PayRates", [])
    began = [rate for rate in rates if (days_from_today(rate.get("StartDate")) or on) <= on]
    return began[-1] if began else {}


def _approval(by: str, time: str, employee: int) -> Row:
    return {f"{by}Approved": True, f"{by}ApprovedDateTime": time, f"{by}ApprovedBy": employee}


def _time(rng: random.Random, on: int) -> str:
    """Return a relative time of day, during office hours on a day before today."""
    seconds = rng.randint(8 * 3600, 18 * 3600)
    return f"{day(min(on, -1))} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _in_order(cells: Row) -> Row:
    """Return the cells in the order in which a timesheet prints them."""
    columns = ("Regular", "Overtime", "Notes", "OT Notes")
    return {name: cells[name] for column in columns for n in range(1, 8) if (name := f"D{n} {column}") in cells}
