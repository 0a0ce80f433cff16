"""The weeks of a firm: each begins on the day of the week that the firm has chosen."""

from __future__ import annotations

import datetime

DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
"""The days of the week, in the order of their numbers in answers."""


def week_end(day: datetime.date, week_start: str) -> datetime.date:
    """Return the last day of the week that contains a day. ``week_start``: the English name of its first day."""
    last = (DAYS.index(week_start) - 1) % 7
    return day + datetime.timedelta(days=(last - day.isoweekday()) % 7)
