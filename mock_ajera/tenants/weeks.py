"""The weeks of a firm: each begins on the day of the week that the firm has chosen."""

from __future__ import annotations

import datetime

DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
"""The days of the week, in the order of their numbers in answers."""
NUMBERS = range(1, 8)
"""The numbers of the days in a timesheet: D1 is the first day of the week (claim ``timesheet.days-of-week``)."""


def week_end(day: datetime.date, week_start: str) -> datetime.date:
    """Return the last day of the week that contains a day. ``week_start``: the English name of its first day."""
    last = (DAYS.index(week_start) - 1) % 7
    return day + datetime.timedelta(days=(last - day.isoweekday()) % 7)


def day_of(last: str, number: int) -> str:
    """Return the date of a numbered day of the week that ends on a date, which is that of D7."""
    return (datetime.date.fromisoformat(last) - datetime.timedelta(days=7 - number)).isoformat()
