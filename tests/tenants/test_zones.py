"""Time zones and their Windows names."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_ajera.tenants import zones
from mock_ajera.tenants.zones import Zone

NAMES = sorted(zones._NAMED)
DAYS = st.dates(date(1900, 1, 1), date(2079, 12, 31)).map(str)


def utc(text: str) -> int:
    """Return the UTC milliseconds of an ISO time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("name", "at", "minutes", "shown"),
    [
        ("America/New_York", "2017-01-08T23:38:53", -300, "Eastern Standard Time"),
        ("America/New_York", "2023-09-27T13:57:49", -240, "Eastern Daylight Time"),
        ("America/Toronto", "2023-07-01T12:00:00", -240, "Eastern Daylight Time"),
        ("America/Indiana/Indianapolis", "2023-07-01T12:00:00", -240, "US Eastern Daylight Time"),
        ("America/Chicago", "2023-07-01T12:00:00", -300, "Central Daylight Time"),
        ("America/Regina", "2023-07-01T12:00:00", -360, "Canada Central Standard Time"),
        ("America/Mexico_City", "2023-07-01T12:00:00", -360, "Central Standard Time (Mexico)"),
        ("America/Mexico_City", "2021-07-01T12:00:00", -300, "Central Daylight Time (Mexico)"),
        ("America/Denver", "2023-07-01T12:00:00", -360, "Mountain Daylight Time"),
        ("America/Phoenix", "2023-07-01T12:00:00", -420, "US Mountain Standard Time"),
        ("America/Los_Angeles", "2017-12-06T22:46:06", -480, "Pacific Standard Time"),
        ("America/Vancouver", "2015-07-01T12:00:00", -420, "Pacific Daylight Time"),
        ("America/Anchorage", "2023-07-01T12:00:00", -480, "Alaskan Daylight Time"),
        ("Pacific/Honolulu", "2023-07-01T12:00:00", -600, "Hawaiian Standard Time"),
        ("America/Halifax", "2023-07-01T12:00:00", -180, "Atlantic Daylight Time"),
        ("America/Puerto_Rico", "2023-07-01T12:00:00", -240, "SA Western Standard Time"),
        ("America/St_Johns", "2023-07-01T12:00:00", -150, "Newfoundland Daylight Time"),
        ("UTC", "2023-07-01T12:00:00", 0, "Coordinated Universal Time"),
        ("Europe/London", "2023-07-01T12:00:00", 60, "GMT Daylight Time"),
        ("Europe/Dublin", "2023-07-01T12:00:00", 60, "GMT Daylight Time"),
        ("Europe/Dublin", "2023-01-01T12:00:00", 0, "GMT Standard Time"),
        ("Europe/Berlin", "2023-07-01T12:00:00", 120, "W. Europe Daylight Time"),
        ("Europe/Paris", "2023-01-01T12:00:00", 60, "Romance Standard Time"),
        ("Australia/Sydney", "2023-01-01T12:00:00", 660, "AUS Eastern Daylight Time"),
        ("Australia/Brisbane", "2023-01-01T12:00:00", 600, "E. Australia Standard Time"),
        ("Australia/Adelaide", "2023-07-01T12:00:00", 570, "Cen. Australia Standard Time"),
        ("Australia/Lord_Howe", "2023-01-01T12:00:00", 660, "Lord Howe Daylight Time"),
        ("Pacific/Auckland", "2023-01-01T12:00:00", 780, "New Zealand Daylight Time"),
    ],
)
def test_offset_and_name(name: str, at: str, minutes: int, shown: str) -> None:
    """The name is the one that Windows shows for the offset at that time (claim value.stamp-zone-fits-date)."""
    assert Zone(name).offset_and_name(utc(at)) == (minutes, shown)


def test_an_offset_with_seconds_is_rounded_to_a_minute() -> None:
    """The offset of Newfoundland was 3 hours, 30 minutes and 52 seconds."""
    assert Zone("America/St_Johns").offset_and_name(utc("1930-01-01T00:00:00"))[0] == -211


@pytest.mark.parametrize("name", NAMES)
def test_every_zone_has_its_standard_time(name: str) -> None:
    """In the local winter of 2023, each zone has the standard offset and name in the table."""
    zone = Zone(name)
    winter = min(zone.offset_and_name(utc(at)) for at in ("2023-01-15T00:00:00", "2023-07-15T00:00:00"))
    standard, usual = zones._NAMED[name]
    assert winter == (usual, standard)


def test_no_zone_is_listed_twice() -> None:
    names = " ".join(zones._WINDOWS.values()).split()
    assert len(names) == len(set(names))


def test_zones_with_the_same_name_are_equal() -> None:
    assert Zone("America/New_York") == Zone("America/New_York") != Zone("America/Detroit")
    assert len({Zone("UTC"), Zone("UTC")}) == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("America/NewYork", "America/NewYork.*America/New_York"),
        ("new york", "new york.*America/New_York"),
        ("america/chicago", "america/chicago.*America/Chicago"),
        ("Denver", "Denver.*America/Denver"),
        ("nonsense", "nonsense.*America/New_York"),
        ("Central Standard Time", "give its IANA name, for instance America/Chicago"),
        # Stamps in these zones could not be printed.
        ("Asia/Tokyo", "the Windows name of the time zone Asia/Tokyo is not known"),
        ("America/Sao_Paulo", "the Windows name of the time zone America/Sao_Paulo is not known"),
    ],
)
def test_another_name_is_refused_with_similar_ones(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Zone(name)


@pytest.mark.parametrize(
    ("name", "day", "midnight"),
    [
        ("UTC", "2023-03-12", "2023-03-12T00:00:00"),
        ("America/New_York", "2023-03-12", "2023-03-12T05:00:00"),
        ("America/New_York", "2023-03-13", "2023-03-13T04:00:00"),
        ("America/New_York", "2023-11-06", "2023-11-06T05:00:00"),
        ("Pacific/Auckland", "2023-01-01", "2022-12-31T11:00:00"),
        # Clocks went from 23:30 to 0:30: the day starts then.
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00"),
        # Clocks went back at 00:01: the first of two midnights counts.
        ("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00"),
    ],
)
def test_local_midnight(name: str, day: str, midnight: str) -> None:
    assert Zone(name).local_midnight(day) == utc(midnight)


@pytest.mark.parametrize("day", ["2023-02-29", "2023-13-01", "yesterday", ""])
def test_the_midnight_of_an_invalid_date_raises(day: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|out of range|must be in"):
        Zone("UTC").local_midnight(day)


@pytest.mark.parametrize(
    ("at", "day"),
    [("2023-01-09T04:59:59.997", "2023-01-08"), ("2023-01-09T05:00:00", "2023-01-09"), ("1969-12-31", "1969-12-30")],
)
def test_the_local_date_changes_at_local_midnight(at: str, day: str) -> None:
    assert Zone("America/New_York").local_date(utc(at)) == day


@given(st.sampled_from(NAMES), DAYS)
def test_a_day_starts_with_its_midnight(name: str, day: str) -> None:
    """In every zone, midnight is in the day and the millisecond before it is not."""
    zone = Zone(name)
    midnight = zone.local_midnight(day)
    assert zone.local_date(midnight) == day
    assert zone.local_date(midnight - 1) < day
