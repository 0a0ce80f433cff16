"""The rules of each member of a row that UpdateTimesheets accepts, made from ``contract_tests/members.csv``.

A value inside the limits is written, and a Get shows it. A value outside the limits is refused, and nothing is changed.
The table has no limits of hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from contract_tests.members import Member
from mock_ajera.api.context import Visibility
from mock_ajera.api.families.timesheets.records import OverheadRow, ProjectRow

from . import places, values
from .cases import Case, Place, assert_refused, of_table, parameters, put, put_valid
from .table import ABSENT
from .timesheets import CHARGE, ITEM, KEY, MEMBERS, NOUN, ROW, UPDATE, Sheet, Timesheets
from .world import World

OVERHEAD = Place("overhead", f"{NOUN}[0].UpdatedOverheads[0]")
STORED = Place("row", f"{NOUN}[0].UpdatedProjects[0]")
NEW = Place("new row", f"{NOUN}[0].UpdatedProjects[0]")
ROWS = {OVERHEAD: ("Overhead", ITEM), STORED: ("Project", ROW), NEW: ("Project", ROW)}
"""The rows of an update, with the section that prints them and the member that identifies them."""
FIXED = {
    STORED: {"Project Key": "@other Project", "Phase Key": "@other Phase", "Activity Key": "@other Activity"},
    OVERHEAD: {
        "Locked": True,
        "Timesheet Overhead Group": "@other OverheadGroup",
        "Project Key": "@key Project",
        "Activity Key": "@key Activity",
    },
}
"""Members that identify a stored row, with other values of their type."""
OVERTIME = tuple(f"D{day} {name}" for day in range(1, 8) for name in ("Overtime", "OT Notes"))
SCHEMAS = {OVERHEAD: OverheadRow(), STORED: ProjectRow(), NEW: ProjectRow()}
UNTRIED = {OVERHEAD: set(), STORED: {*OVERTIME, "IsNewRow"}, NEW: {*OVERTIME, ROW}}
"""Members that are no rule of their own: overtime is never written, and a row has either a key or IsNewRow."""
Refusable = Callable[[Place], dict[str, Any]]


def printed(row: Place) -> dict[str, Member]:
    """Return the members of a row in the table."""
    inside = f"{ROWS[row][0]}.Detail[]"
    return {member.name: member for member in MEMBERS.values() if member.parent == inside}


def writable(row: Place) -> Iterator[Member]:
    for member in printed(row).values():
        if member.access not in ("key", "read-only") and not (row is STORED and member.name in CHARGE):
            yield member


def cases() -> Iterator[Case]:
    for row, (_, key) in ROWS.items():
        for member in writable(row):
            yield from hours(row, member) if member.type == "decimal" else of_row(row, member)
        if row is not NEW:
            yield from of_table(row, printed(row)[key])
            yield Case(row, key, "unknown-key", refuse="@unknown")
        for name, other in FIXED.get(row, {}).items():
            yield Case(row, name, "fixed", refuse=other)
    yield Case(STORED, ROW, "new", refuse=-1)
    yield Case(NEW, "IsNewRow", "flag", accept="true", reads=None, refuse="perhaps")


def hours(row: Place, member: Member) -> Iterator[Case]:
    yield Case(row, member.name, "number-type", accept=Decimal("7.25"), refuse="a lot")
    yield Case(row, member.name, "most", accept=24, refuse=Decimal("24.01"))
    yield Case(row, member.name, "least", accept=Decimal("0.01"), refuse=Decimal("-0.01"))
    yield Case(row, member.name, "rounding", accept=Decimal("7.005"), reads=Decimal("7.01"))
    if row is not NEW:
        yield Case(row, member.name, "removed", before=2, accept=0, reads=None)


def of_row(row: Place, member: Member) -> Iterator[Case]:
    for case in of_table(row, member):
        if member.name == "Project Key" and case.accept is not ABSENT:
            yield replace(case, others={f"{row.at}.Phase Key": "@elsewhere PhaseKey"})
        else:
            yield case if row is not NEW else replace(case, before=ABSENT)
    if member.name == "Phase Key":
        elsewhere = {f"{row.at}.Project Key": "@other Project"}
        yield Case(row, member.name, "of-project", accept="@elsewhere PhaseKey", others=elsewhere)
        yield Case(row, member.name, "of-another-project", refuse="@elsewhere PhaseKey")
    if member.type == "text" and row is not NEW:
        for kind, empty in (("removed", ""), ("null-removes", "@null")):
            yield Case(row, member.name, kind, before="Site visit", accept=empty, reads=None)


CASES = tuple(cases())
ACCEPTED, REFUSED = parameters(CASES)


def stored(row: Place, timesheets: Timesheets) -> Sheet:
    return timesheets.with_row() if row is STORED else timesheets.created()


def update(row: Place, sheet: Sheet, timesheets: Timesheets) -> dict[str, Any]:
    """Return a request that is valid as soon as it changes a member of the row."""
    if row is NEW:
        return timesheets.update(sheet, [timesheets.charge()])
    section, key = ROWS[row]
    rows = [{key: sheet[section]["Detail"][0][key]}]
    return timesheets.update(sheet, **{"projects" if row is STORED else "overheads": rows})


@pytest.mark.parametrize("case", ACCEPTED)
def test_the_nearest_valid_request_is_written(case: Case, world: World, timesheets: Timesheets) -> None:
    sheet = stored(case.row, timesheets)
    if case.before is not ABSENT:
        arguments = update(case.row, sheet, timesheets)
        put(arguments, world, case.place, case.before)
        sheet = timesheets.written(UPDATE, arguments)
    arguments = update(case.row, sheet, timesheets)
    expected = put_valid(arguments, world, case)

    section, _ = ROWS[case.row]
    [row] = timesheets.written(UPDATE, arguments)[section]["Detail"]

    assert values.same(row.get(case.member), expected)
    if case.row is not NEW:
        assert not values.same(sheet[section]["Detail"][0].get(case.member), expected)


@pytest.fixture(scope="module")
def keys_to_refuse(timesheets: Timesheets) -> dict[Place, int]:
    """Return a timesheet for each row, which every request leaves as it is."""
    return {row: stored(row, timesheets)[KEY] for row in ROWS}


@pytest.fixture
def refusable(timesheets: Timesheets, keys_to_refuse: dict[Place, int]) -> Refusable:
    """Return a function that returns the arguments of an update for a row."""
    return lambda row: update(row, timesheets.read(keys_to_refuse[row]), timesheets)


@pytest.mark.parametrize("case", REFUSED)
def test_the_invalid_request_is_refused(case: Case, world: World, refusable: Refusable) -> None:
    """The journal names the path."""
    arguments = refusable(case.row)
    put(arguments, world, case.place, case.refuse)
    assert_refused(world, UPDATE, arguments, case.place)


@pytest.mark.parametrize("value", ["@remove", "@null", False])
def test_a_row_without_a_key_needs_its_flag(value: Any, world: World, refusable: Refusable) -> None:
    arguments = refusable(NEW)
    put(arguments, world, f"{NEW.at}.IsNewRow", value)
    assert_refused(world, UPDATE, arguments, f"{NEW.at}.{ROW}")


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("TimesheetKey", ["@remove", "@null", "@unknown", 0, -1, "one", Decimal("1.5"), True]),
        ("UnchangedData.Overhead", ["@remove", "@null", 1, "stale"]),
        ("UnchangedData.Project", ["@remove", "@null", 1, "stale"]),
    ],
)
def test_the_timesheet_is_identified(name: str, refused: list[Any], world: World, refusable: Refusable) -> None:
    for value in refused:
        arguments = refusable(NEW)
        put(arguments, world, f"{NOUN}[0].{name}", value)
        assert_refused(world, UPDATE, arguments, f"{NOUN}[0].{name}")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.label)
@pytest.mark.parametrize("name", ["Nickname", "Cost Rate", "Company Key", *OVERTIME])
def test_other_members_are_refused(row: Place, name: str, world: World, refusable: Refusable) -> None:
    """Members that Ajera itself enters, that no method prints, or that do not exist."""
    arguments = refusable(row)
    places.put(arguments, f"{row.at}.{name}", "late" if name.endswith("Notes") else 1)
    assert_refused(world, UPDATE, arguments, f"{row.at}.{name}")


@pytest.mark.parametrize("row", [OVERHEAD, STORED], ids=lambda row: row.label)
def test_a_row_that_was_read_can_be_sent_back(row: Place, timesheets: Timesheets) -> None:
    """Keys that stay are accepted; names, and the sums of a day, are ignored."""
    sheet = stored(row, timesheets)
    arguments = update(row, sheet, timesheets)
    section, _ = ROWS[row]
    [read] = sheet[section]["Detail"]
    derived = {member.wire: "other" for member in SCHEMAS[row].members.values() if member.derived}
    places.put(arguments, row.at, read | derived | {"D2 Regular": 3})
    [written] = timesheets.written(UPDATE, arguments)[section]["Detail"]
    assert written == read | {"D2 Regular": 3, "D2": 3}


def test_every_member_has_a_valid_and_an_invalid_value() -> None:
    """A row accepts the writable members of the table, and no others. A key has no other valid value."""
    for row, schema in SCHEMAS.items():
        known = {member.name for member in writable(row)} | ({"IsNewRow"} if row is NEW else set())
        own = set() if row is NEW else {ROWS[row][1]}
        declared = {
            member.wire
            for member in schema.members.values()
            if not member.derived and member.shown is not Visibility.NEVER
        }
        assert declared == known | own | FIXED.get(row, {}).keys() | UNTRIED[row]
        tried = {param.values[0].member for param in ACCEPTED if param.values[0].row is row}
        assert tried == known
        refused = {param.values[0].member for param in REFUSED if param.values[0].row is row}
        assert refused == known | own | FIXED.get(row, {}).keys()
