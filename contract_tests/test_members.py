"""Compare every member of every record with the member table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from mock_ajera.claims import Grade

from .firm import Firm, Row, lacking
from .members import Member, find, holders, of_record, record_names, values
from .values import DAY, STAMP

claim = pytest.mark.claim

RECORDS = record_names()


@pytest.fixture(params=RECORDS)
def record(request: pytest.FixtureRequest) -> str:
    """Return a record of the table."""
    return str(request.param)


@pytest.fixture
def rows(firm: Firm, record: str) -> list[Row]:
    """Return rows of the target for that record."""
    return firm.rows(record) or lacking(record)


def placed(record: str, rows: list[Row], *types: str) -> Iterator[tuple[Member, Any]]:
    """Yield the table row and the value of each member that has one of the types."""
    members = {path: member for path, member in of_record(record).items() if member.type in types}
    for row in rows:
        for path, value in values(row):
            if path in members:
                yield members[path], value


def all_hold(record: str, rows: list[Row], types: tuple[str, ...], test: Callable[[Member, Any], bool]) -> None:
    """Assert that every value of these types passes the test. Null passes where the table allows it."""
    wrong = {
        f"{member.path} = {value!r}"
        for member, value in placed(record, rows, *types)
        if not (value is None and member.null == "yes") and not test(member, value)
    }
    assert not wrong, f"{record}: {sorted(wrong)[:10]}"


def number(value: Any) -> bool:
    """Return whether a value is a JSON number."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def whole(value: Any) -> bool:
    """Return whether a value is a whole JSON number."""
    return isinstance(value, int) and not isinstance(value, bool)


def decimals(value: Any) -> int:
    """Return the number of decimals without trailing zeros."""
    exponent = Decimal(value).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 99


def missing(record: str, rows: list[Row], wanted: Callable[[Member], bool]) -> set[str]:
    """Return the paths of the wanted members that at least one row lacks."""
    members = [member for member in of_record(record).values() if wanted(member)]
    lacks: set[str] = set()
    for row in rows:
        for path, holder in holders(row):
            lacks |= {each.path for each in members if each.parent == path and each.name not in holder}
    return lacks


@claim("list.members-shown")
def test_printed_members_are_shown(record: str, rows: list[Row]) -> None:
    """Members that the pages print for every record are present, even if they are null."""
    lacks = missing(record, rows, lambda each: each.presence == "always" and each.grade is Grade.DOCUMENTED)
    assert not lacks, f"{record} lacks {sorted(lacks)}"


@claim("list.members-observed")
def test_observed_members_are_shown(record: str, rows: list[Row]) -> None:
    """Members that clients read from every record are present, unless the target shows only printed members."""
    wanted = [
        each.path
        for each in of_record(record).values()
        if each.grade is Grade.OBSERVED and each.presence in ("always", "observed") and each.null != "omitted"
    ]
    lacks = missing(record, rows, lambda each: each.path in wanted)
    if wanted and lacks and _prints_the_page_only(record, rows):
        pytest.skip("the target shows only the printed members")
    assert not lacks, f"{record} lacks {sorted(lacks)}"


@claim("list.no-other-members")
def test_no_member_is_unknown(record: str, rows: list[Row]) -> None:
    """Every member of a record is in the table."""
    members = of_record(record)
    unknown = {path for row in rows for path, _ in values(row) if find(members, path) is None}
    assert not unknown, f"{record}: {sorted(unknown)}"


@claim("value.keys-are-integers")
def test_keys(record: str, rows: list[Row]) -> None:
    """Primary keys are positive integers. References are integers or null."""
    all_hold(record, rows, ("key",), lambda member, value: whole(value) and value > 0)
    all_hold(record, rows, ("reference",), lambda member, value: value is None or (whole(value) and value >= 0))


@claim("value.flags-are-booleans")
def test_flags(record: str, rows: list[Row]) -> None:
    """Flags are true or false."""
    all_hold(record, rows, ("flag",), lambda member, value: isinstance(value, bool))


@claim("value.decimals-are-numbers", "value.zero-not-null")
def test_decimals(record: str, rows: list[Row]) -> None:
    """Amounts, hours and rates are numbers, never text. Only pay rates may be null."""
    all_hold(record, rows, ("decimal",), lambda member, value: number(value))


@claim("value.scale")
def test_scale(record: str, rows: list[Row]) -> None:
    """No number has more decimals than its column."""
    all_hold(
        record,
        rows,
        ("decimal",),
        lambda member, value: member.scale is None or value is None or decimals(value) <= member.scale,
    )


@claim("value.date-format")
def test_days(record: str, rows: list[Row]) -> None:
    """Dates are YYYY-MM-DD or null."""
    all_hold(record, rows, ("day",), lambda member, value: isinstance(value, str) and bool(DAY.fullmatch(value)))


@claim("value.stamp-format")
def test_stamps(record: str, rows: list[Row]) -> None:
    """LastModifiedDate has decimals, an offset and a time zone name."""
    all_hold(record, rows, ("stamp",), lambda member, value: isinstance(value, str) and bool(STAMP.fullmatch(value)))


@claim("value.empty-text")
def test_texts(record: str, rows: list[Row]) -> None:
    """Text members are strings, even when empty. They are null only where the table allows it."""
    all_hold(record, rows, ("text", "choice"), lambda member, value: isinstance(value, str))


@claim("project.text-limits")
def test_lengths(record: str, rows: list[Row]) -> None:
    """No text is longer than its printed limit."""
    all_hold(
        record,
        rows,
        ("text",),
        lambda member, value: (
            member.longest is None
            or member.limit_grade is not Grade.DOCUMENTED
            or value is None
            or len(value) <= member.longest
        ),
    )


@claim("project.status-values", "project.billing-type-values", "reference.status-values")
def test_printed_choices(record: str, rows: list[Row]) -> None:
    """Members with a printed list of values have one of them, in any case."""
    all_hold(
        record,
        rows,
        ("choice",),
        lambda member, value: (
            member.limit_grade is not Grade.DOCUMENTED
            or value.casefold() in {each.casefold() for each in member.choices}
        ),
    )


@claim("client.status-values", "project.status-spelling")
def test_choices_and_their_spelling(record: str, rows: list[Row]) -> None:
    """Members with a known list of values have one of them, spelled as in the list."""
    all_hold(record, rows, ("choice",), lambda member, value: not member.choices or value in member.choices)


@claim("project.contacts-array")
def test_contact_lines(firm: Firm) -> None:
    """Projects and phases have an array of at most five contact lines."""
    for holder in [*firm.some("Projects"), *firm.phases()]:
        assert isinstance(holder["Contacts"], list)
        assert len(holder["Contacts"]) <= 5


@claim("project.contact-order")
def test_order_of_contact_lines(firm: Firm) -> None:
    """Order is between 0 and 4."""
    lines = [line for holder in [*firm.some("Projects"), *firm.phases()] for line in holder["Contacts"]]
    if not lines:
        lacking("project with contacts")
    assert all(whole(line["Order"]) and 0 <= line["Order"] <= 4 for line in lines)


def _prints_the_page_only(record: str, rows: list[Row]) -> bool:
    extra = {
        row.name
        for row in of_record(record).values()
        if row.presence == "observed" and row.grade is Grade.OBSERVED and not row.parent
    }
    return any(not any(name in row for row in rows) for name in extra)
