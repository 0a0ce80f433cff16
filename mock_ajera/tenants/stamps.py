"""Stamps: the times of last modification, as SQL Server rounds them and as Ajera prints them.

A stamp is an int: UTC milliseconds since 1970, rounded to 1/300 s.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from mock_ajera.tenants.trace import relies_on
from mock_ajera.tenants.zones import Zone

__all__ = ["OutOfRange", "check_filter", "form", "next_stamp", "parse", "parse_filter", "render", "sql_round"]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall time, the offset is kept beside it
_MILLISECOND = timedelta(milliseconds=1)
_YEARS = range(1900, 2080)
_MINUTE = 60_000
_QUARTER = 15 * _MINUTE

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_STAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{3}) GMT([+-])(\d\d):?(\d\d)(?: \(.{1,80}\))?", re.ASCII
)
_DAY = re.compile(r"(\d{4})-\d\d-\d\d", re.ASCII)


class OutOfRange(ValueError):
    """A date outside the years that Ajera can store."""


def sql_round(utc_ms: int | Fraction) -> int:
    """Milliseconds as a SQL Server datetime keeps them: rounded to 1/300 s, so they end in 0, 3 or 7.

    Claim ``value.stamp-thousandths``.
    """
    return _milliseconds(_tick(utc_ms))


def next_stamp(now_ms: int, previous: int | None) -> int:
    """Return the stamp of a write at ``now_ms``: the rounded time, or a tick after ``previous`` if that is not earlier.

    Writes in quick succession never reuse a stamp of the record. A clock that was set back by more than a minute is
    respected.
    """
    relies_on("value.stamp-thousandths")
    stamp = sql_round(now_ms)
    if previous is not None and 0 <= previous - stamp < _MINUTE:
        return _milliseconds(_tick(previous) + 1)
    return stamp


def render(stamp: int, zone: Zone) -> str:
    """Return a stamp as Ajera prints it, for example ``2017-01-08 18:38:53.367 GMT-05:00 (Eastern Standard Time)``.

    Claims ``value.stamp-format``, ``value.stamp-zone-fits-date``.
    """
    quarter, rest = divmod(stamp, _QUARTER)
    parts = _parts(quarter, zone.name)
    if parts is None:
        return _rendered(stamp, *zone.offset_and_name(stamp))
    before, minute, after = parts
    seconds, thousandths = divmod(rest, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{before}{minute + minutes:02}:{seconds:02}.{thousandths:03}{after}"


def parse(text: str) -> int:
    """Return the instant of a stamp in UTC milliseconds, exactly as written.

    The zone name is optional and ignored; the offset may be that of any zone and needs no colon (claims
    ``value.stamp-echo-accepted``, ``value.stamp-short-form-accepted``, ``value.stamp-without-colon-accepted``,
    ``value.stamp-other-zone-accepted``). Raises ``ValueError`` for anything else.
    """
    found = _STAMP.fullmatch(text)
    if found is None:
        raise ValueError(
            f"{_shown(text)} is not a date and time like 2017-12-06 14:46:06.873 GMT-08:00, with three decimals"
        )
    year, month, day, hour, minute, second, thousandths, sign, hours, minutes = found.groups()
    _check_year(int(year), text)
    if int(hours) * 60 + int(minutes) > 14 * 60 or int(minutes) > 59:
        raise ValueError(f"{_shown(text)} has an impossible offset")
    try:
        wall = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second))  # noqa: DTZ001 - wall time
    except ValueError:
        raise ValueError(f"{_shown(text)} is a date or time that does not exist") from None
    if ":" not in text[text.index("GMT") : text.index("GMT") + 7]:
        relies_on("value.stamp-without-colon-accepted")
    offset = (int(hours) * 60 + int(minutes)) * 60_000
    return (wall - _EPOCH) // _MILLISECOND + int(thousandths) - (offset if sign == "+" else -offset)


def parse_filter(text: str, zone: Zone, *, upper: bool, covers_day: bool) -> int:
    """Return the bound of a filter date in UTC milliseconds.

    A stamp or an ISO 8601 time is an instant; without an offset, it is the tenant's local time (claim
    ``filter.iso-date``). A bare date is midnight in the tenant's zone (claim
    ``filter.bare-date-is-local-midnight``); as an upper bound with ``covers_day`` it is the last tick of that day
    (claim ``filter.bare-date-upper-bound``). Raises ``ValueError`` for anything else.
    """
    day = _day(text)
    if day is None:
        iso = _ISO.fullmatch(text)
        if iso is None:
            return parse(text)
        if iso[2] is None:
            since_midnight = _iso(text) - datetime.fromisoformat(iso[1]).replace(tzinfo=UTC)
            return zone.local_time(iso[1], since_midnight // _MILLISECOND)
        return (_iso(text) - _EPOCH.replace(tzinfo=UTC)) // _MILLISECOND
    if upper and covers_day:
        following = zone.local_midnight((day + timedelta(days=1)).isoformat())
        last = _milliseconds(_tick(following))
        return last if last < following else _milliseconds(_tick(following) - 1)
    return zone.local_midnight(text)


def local_day(text: str, zone: Zone) -> str:
    """Return the day of a filter date in a time zone, as YYYY-MM-DD. Raises ``ValueError`` like ``parse_filter``."""
    return zone.local_date(parse_filter(text, zone, upper=False, covers_day=False))


def form(text: str) -> Literal["day", "iso", "stamp"]:
    """Return the form of a filter date that ``check_filter`` accepts."""
    if _DAY.fullmatch(text):
        return "day"
    return "iso" if _ISO.fullmatch(text) else "stamp"


def check_filter(text: str) -> None:
    """Raise ``ValueError`` unless ``parse_filter`` can read the text, whatever the zone."""
    if _day(text) is not None:
        return
    if _ISO.fullmatch(text):
        _iso(text)
        return
    try:
        parse(text)
    except OutOfRange:
        raise
    except ValueError as error:
        others = "a date like 2017-12-06 and an ISO 8601 time like 2017-12-06T14:46:06-08:00 are accepted too"
        raise ValueError(f"{error}; {others}") from None


def _iso(text: str) -> datetime:
    """Return an ISO 8601 time; without an offset, it is UTC. Raises ``ValueError``."""
    _check_year(int(text[:4]), text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{_shown(text)} is a date or time that does not exist") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _day(text: str) -> date | None:
    """Return the day of a bare date, None for another form. Raises ``ValueError``."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    _check_year(int(found[1]), text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{_shown(text)} is a date that does not exist") from None


def _check_year(year: int, text: str) -> None:
    if year not in _YEARS:
        raise OutOfRange(f"{_shown(text)} is not within the years 1900 to 2079")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")


def _tick(utc_ms: int | Fraction) -> int:
    """Return the number of the nearest 1/300 s."""
    return int((utc_ms * 3 + 5) // 10)


def _milliseconds(tick: int) -> int:
    return (tick * 10 + 1) // 3


@lru_cache(maxsize=65536)
def _parts(quarter: int, zone: str) -> tuple[str, int, str] | None:
    """Return the shared parts of the stamps of a quarter hour: text up to the minute, first minute, text after the ms.

    Return None if there are none: the offset changes within the quarter hour, as in Newfoundland at 12:01 a.m., or is
    not a multiple of a quarter hour, as some were before 1970.
    """
    start = quarter * _QUARTER
    offset, name = Zone(zone).offset_and_name(start)
    if offset % 15 or Zone(zone).offset_and_name(start + _QUARTER - 1)[0] != offset:
        return None
    text = _rendered(start, offset, name)
    return text[:14], int(text[14:16]), text[23:]


def _rendered(stamp: int, minutes: int, name: str) -> str:
    wall = _EPOCH + timedelta(milliseconds=stamp, minutes=minutes)
    hours, rest = divmod(abs(minutes), 60)
    time = wall.isoformat(sep=" ", timespec="milliseconds")
    return f"{time} GMT{'-' if minutes < 0 else '+'}{hours:02}:{rest:02} ({name})"
