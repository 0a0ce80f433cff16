"""The members that only timesheets have: week ends, local times, and values of the seven days."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from mock_ajera.api import fields as f
from mock_ajera.api.context import View, WriteContext
from mock_ajera.api.fields.values import absolute_day, json_type
from mock_ajera.api.member import Body, FileContext, Member
from mock_ajera.api.reasons import fault
from mock_ajera.tenants.weeks import NUMBERS, week_end

MOST_HOURS = 24
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)


class WeekEnd(f.Day):
    """The last day of a week of the firm. A relative day in a file means the end of the week that contains it."""

    type_name = "date, the last day of a week of the firm: 2026-11-25"

    def from_file(self, value: Any, context: FileContext) -> Any:
        day = super().from_file(value, context)
        if day == value:
            return value
        return week_end(datetime.date.fromisoformat(day), context.week_start).isoformat()


class LocalTime(Member):
    """A time of the firm's wall clock, as YYYY-MM-DDTHH:MM:SS. In a file it may be ``@today-3 09:15:00``."""

    type_name = "date and time of the firm: 2026-11-25T09:15:00"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise fault("type", f"a time is expected, found {json_type(value)}")
        try:
            return datetime.datetime.fromisoformat(value if _TIME.fullmatch(value) else "").isoformat()
        except ValueError:
            raise fault("date", "a time such as 2025-03-14T09:15:00 is expected") from None

    def from_file(self, value: Any, context: FileContext) -> Any:
        if not isinstance(value, str) or not value.startswith("@today"):
            return value
        day, _, time = value.partition(" ")
        return f"{absolute_day(day, context.today)}T{time}"


class _Sparse(Member):
    """A member that is printed only if it has a value (claim ``timesheet.rows-sparse``)."""

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        if value != self.default:
            super().put(value, out, view, stamp)


def printed(hours: Decimal) -> Decimal | int:
    """Return hours as they are printed: a whole number without decimals (claim ``timesheet.whole-hours``)."""
    return int(hours) if hours == hours.to_integral_value() else hours


class Hours(_Sparse, f.Money):
    """The hours of a day."""

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        super().put(printed(value), out, view, stamp)

    def check(self, value: Any, at: str, context: WriteContext) -> None:
        if not context.seeding and not 0 <= value <= MOST_HOURS:
            context.refuse(at, "range", f"{value} is not between 0 and {MOST_HOURS}", "timesheet.hours-in-a-day")


class Overtime(Hours):
    """The overtime of a day, which Ajera itself enters."""

    def check(self, value: Any, at: str, context: WriteContext) -> None:
        if not context.seeding:
            context.refuse(at, "read-only", "overtime cannot be written", "timesheet.overtime-not-written")


class Note(_Sparse, f.Text):
    """A note on the hours of a day."""


class OvertimeNote(Note):
    """A note on the overtime of a day, which Ajera itself enters."""

    def check(self, value: Any, at: str, context: WriteContext) -> None:
        if not context.seeding:
            context.refuse(at, "read-only", "overtime cannot be written", "timesheet.overtime-not-written")


class SparseRef(_Sparse, f.Ref):
    """A reference that is printed only if it has a value."""


class AllHours(f.Computed):
    """All hours of a day, regular and overtime."""

    type_name = "hours of the day, computed by Ajera"

    def __init__(self, day: int, **options: Any) -> None:
        super().__init__(**options)
        self._day = day

    def value(self, body: Body, view: View) -> Any:
        return hours_of(body, self._day)

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        if hours_of(body, self._day):
            super().emit(body, out, view, stamp)
            if self.wire in out:
                out[self.wire] = printed(out[self.wire])


def of_each_day(name: str, member: Callable[..., Member], **options: Any) -> Mapping[str, Member]:
    """Return a member for each day: ``D1Regular``, which is ``D1 Regular`` on the wire, to ``D7Regular``."""
    return {f"D{day}{name.replace(' ', '')}": member(wire=f"D{day} {name}", **options) for day in NUMBERS}


def hours_of(row: Body, day: int) -> Decimal:
    """Return all hours of a row on a day."""
    regular: Decimal = row[f"D{day}Regular"]
    overtime: Decimal = row.get(f"D{day}Overtime", Decimal(0))
    return regular + overtime
