"""The formats of single values on the wire."""

from __future__ import annotations

import datetime
import re

DAY = re.compile(r"\d{4}-\d\d-\d\d")
STAMP = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) GMT([+-]\d\d):(\d\d) \(([^()]+)\)")
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def instant(stamp: str) -> datetime.datetime:
    """Return the moment of a LastModifiedDate, with its offset. Raises ``AssertionError`` if it is malformed."""
    match = STAMP.fullmatch(stamp)
    assert match, f"{stamp!r} is not of the form 2017-01-08 18:38:53.367 GMT-05:00 (Eastern Standard Time)"
    day, time, hours, minutes, _ = match.groups()
    return datetime.datetime.strptime(f"{day} {time}{hours}{minutes}", "%Y-%m-%d %H:%M:%S.%f%z")


def zone_name(stamp: str) -> str:
    """Return the time zone name in the parentheses of a LastModifiedDate."""
    match = STAMP.fullmatch(stamp)
    assert match, f"{stamp!r} is not a stamp"
    return match[5]


def without_name(stamp: str) -> str:
    """Return the stamp in the form that is printed for writes: 2017-12-06 14:46:06.873 GMT-08:00."""
    return stamp.partition(" (")[0]


def without_colon(stamp: str) -> str:
    """Return the stamp in the form that is printed for filters: 2015-03-11 16:22:54.229 GMT-0700."""
    head, _, tail = without_name(stamp).rpartition(":")
    return head + tail


def in_zone(stamp: str, hours: int) -> str:
    """Return the same moment with another offset, without a time zone name."""
    zone = datetime.timezone(datetime.timedelta(hours=hours))
    moment = instant(stamp).astimezone(zone)
    text = moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}"
    return f"{text} GMT{hours:+03d}:00"


def shifted(stamp: str, **delta: float) -> str:
    """Return a stamp moved by a duration, in the long form of the filters."""
    moment = instant(stamp) + datetime.timedelta(**delta)
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}" + moment.strftime(" GMT%z")
