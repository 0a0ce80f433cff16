"""Filters of lists by LastModifiedDate."""

from __future__ import annotations

import datetime

import pytest

from .client import AjeraClient
from .filtering import keeps, refuses
from .firm import Firm, lacking
from .kinds import STAMPED
from .values import instant, shifted, without_colon

claim = pytest.mark.claim


def middle_stamp(firm: Firm, noun: str) -> str:
    """Return a LastModifiedDate that has both earlier and later ones."""
    stamps: list[str] = sorted({row["LastModifiedDate"] for row in firm.some(noun)}, key=instant)
    return stamps[len(stamps) // 2] if len(stamps) > 2 else lacking(f"{noun} of different ages")


@claim(
    "filter.earliest-modified",
    "filter.long-date",
    "client.filter-modified",
    "contact.filter-modified",
    "employee.filter-modified",
)
@pytest.mark.parametrize("noun", STAMPED)
def test_modified_since(firm: Firm, noun: str) -> None:
    """FilterByEarliestModifiedDate keeps the records that were modified at that moment or later."""
    bound = middle_stamp(firm, noun)
    keeps(
        firm,
        noun,
        lambda row: instant(row["LastModifiedDate"]) >= instant(bound),
        FilterByEarliestModifiedDate=without_colon(bound),
    )


@claim(
    "filter.latest-modified",
    "filter.long-date",
    "client.filter-modified",
    "contact.filter-modified",
    "employee.filter-modified",
)
@pytest.mark.parametrize("noun", STAMPED)
def test_modified_until(firm: Firm, noun: str) -> None:
    """FilterByLatestModifiedDate keeps the records that were modified at that moment or earlier."""
    bound = middle_stamp(firm, noun)
    keeps(
        firm,
        noun,
        lambda row: instant(row["LastModifiedDate"]) <= instant(bound),
        FilterByLatestModifiedDate=without_colon(bound),
    )


@claim("filter.bare-date", "project.filter-modified")
def test_bare_dates(firm: Firm) -> None:
    """A date without a time bounds the list, give or take a day."""
    bound = middle_stamp(firm, "Projects")
    day = instant(bound).date()
    kept = firm.keys("Projects", FilterByEarliestModifiedDate=day.isoformat())
    for row in firm.some("Projects"):
        distance = instant(row["LastModifiedDate"]) - instant(bound)
        if distance > datetime.timedelta(days=1):
            assert row["ProjectKey"] in kept
        if distance < datetime.timedelta(days=-2):
            assert row["ProjectKey"] not in kept
    assert firm.keys("Projects", FilterByLatestModifiedDate="1990-01-01") == set()
    assert firm.keys("Projects", FilterByEarliestModifiedDate="2078-01-01") == set()


@claim("filter.stamp-as-date")
def test_returned_stamp_is_accepted(firm: Firm) -> None:
    """A LastModifiedDate is accepted with its time zone name."""
    bound = middle_stamp(firm, "Projects")
    for text in (bound, without_colon(bound)):
        assert firm.keys("Projects", FilterByEarliestModifiedDate=text) == firm.keys(
            "Projects", FilterByEarliestModifiedDate=shifted(bound, days=0)
        )


@claim("filter.bare-date-is-local-midnight", "filter.bare-date-upper-bound")
def test_what_a_bare_date_means(firm: Firm) -> None:
    """A day begins at the tenant's midnight. As an upper bound it includes the whole day."""
    day = middle_stamp(firm, "Projects")[:10]
    keeps(firm, "Projects", lambda row: row["LastModifiedDate"][:10] >= day, FilterByEarliestModifiedDate=day)
    keeps(firm, "Projects", lambda row: row["LastModifiedDate"][:10] <= day, FilterByLatestModifiedDate=day)


@claim("filter.date-formats")
@pytest.mark.parametrize(
    "text", ["yesterday", "11/03/2015", "2015-13-01", "2015-03-11T", "2015-03-11 16:22:54", 20150311]
)
def test_dates_in_other_formats_are_refused(client: AjeraClient, text: object) -> None:
    refuses(client, "Projects", FilterByEarliestModifiedDate=text)


@claim("filter.iso-date")
def test_iso_8601_time(firm: Firm) -> None:
    """A time with an offset is the moment that it names."""
    bound = middle_stamp(firm, "Projects")
    keeps(
        firm,
        "Projects",
        lambda row: instant(row["LastModifiedDate"]) >= instant(bound),
        FilterByEarliestModifiedDate=instant(bound).astimezone(datetime.UTC).isoformat(timespec="milliseconds"),
    )


@claim("filter.iso-date")
def test_iso_8601_time_without_an_offset(firm: Firm) -> None:
    """It is in the time zone of the stamps."""
    bound = middle_stamp(firm, "Projects")
    local = instant(bound).replace(tzinfo=None).isoformat(timespec="milliseconds")
    assert firm.keys("Projects", FilterByEarliestModifiedDate=local) == firm.keys(
        "Projects", FilterByEarliestModifiedDate=bound
    )


@claim("filter.date-range")
@pytest.mark.parametrize("text", ["1899-12-31", "2080-01-01", "1899-12-31T00:00:00Z", "2080-01-01T00:00:00Z"])
def test_dates_out_of_range_are_refused(client: AjeraClient, text: str) -> None:
    refuses(client, "Projects", FilterByEarliestModifiedDate=text)
