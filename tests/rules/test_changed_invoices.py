"""The rules of each member that UpdateVendorInvoices accepts, made from ``contract_tests/members.csv``.

A value inside the limits is written, and a Get shows it. A value outside the limits is refused, and nothing is changed.
The method is known only by its name, so all of its rules are inferred.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contract_tests.members import Member
from mock_ajera.api.context import Visibility
from mock_ajera.api.families.vendor_invoices.records import INVOICE, LINE
from mock_ajera.api.records import Row

from . import invoices, places, values
from .cases import Case, assert_refused, call, parameters, put, put_valid
from .invoices import KEY, NOUN, PROJECT, UPDATE, UPLOAD, Place
from .table import ABSENT
from .world import FILE, UNKNOWN, World

UPDATED, UNCHANGED = f"Updated{NOUN}", f"Unchanged{NOUN}"
HEAD, LINES = f"{UPDATED}[0]", f"{UPDATED}[0].LineItems"
HEADER = Place("invoice", HEAD, f"{LINES}[0]")
FIRST = Place("line", f"{LINES}[0]", f"{LINES}[0]")
NEW = Place("new line", f"{LINES}[1]", f"{LINES}[1]")
ROWS = (HEADER, FIRST, NEW)

ONLY_CHANGED = ("DateToPay", "Attachments")
"""Members that only this method sets, so that the table of members has them as read-only."""
KEPT = ("Date", "AccountingDate", "CompanyKey")
"""Members that an invoice always has."""
SET_BY_AJERA = ("Status", "Type")
Refusable = Callable[..., dict[str, Any]]


def keys(row: Place) -> Iterator[Member]:
    own = KEY if row is HEADER else "TransactionKey"
    yield row.members[own]


def settable(row: Place) -> Iterator[Member]:
    """Yield the members that an invoice or a line may change."""
    yield from invoices.writable(row)
    yield from (member for member in row.members.values() if row is HEADER and member.name in ONLY_CHANGED)


def cases() -> Iterator[Case]:
    for row in ROWS:
        for member in keys(row):
            yield from invoices.limits(row, member)
        for member in settable(row):
            # An existing row may leave out any member but its key.
            yield from (rule for rule in invoices.limits(row, member) if row is NEW or rule.kind != "required")
            yield from cleared(row, member)
    yield from invoices.of_project(FIRST, "@null")
    yield from invoices.of_project(NEW, "@remove")
    yield Case(HEADER, KEY, "unknown-key", refuse="@unknown")
    yield Case(HEADER, KEY, "new", refuse=-1)
    yield Case(FIRST, "TransactionKey", "unknown-key", refuse="@unknown")
    yield Case(HEADER, "Attachments", "removed", accept=[], reads=None)


def cleared(row: Place, member: Member) -> Iterator[Case]:
    """Yield the rule that null removes a value, if it may: the printed member is then absent, or an empty text."""
    if row is HEADER and member.name in KEPT:
        yield Case(row, member.name, "null-refused", refuse="@null")
        return
    before = {"day": "2015-03-11", "reference": f"@key {member.name.removesuffix('Key')}", "text": "before"}
    needed = member.access == "required-on-create" or member.name in (*PROJECT, "AccountKey")
    if member.type in before and row is not NEW and not needed:
        reads = "" if member.type == "text" else None
        yield Case(row, member.name, "null-clears", before=before[member.type], accept="@null", reads=reads)


CASES = tuple(cases())
ACCEPTED, REFUSED = parameters(CASES)


def stored(world: World, member: str) -> dict[str, Any]:
    """Create an invoice with a file, for the rules of a member. Return its whole Content."""
    key = invoices.created(invoices.new(member, world), world)
    call(world, UPLOAD, {KEY: key, **FILE})
    return invoices.content(world, key)


def update(content: dict[str, Any], row: Place, world: World, member: str = "") -> dict[str, Any]:
    """Return the arguments of a valid update, with a new line that has the whole amount if that is the row."""
    line = {"TransactionKey": content[FIRST.array][0]["TransactionKey"]}
    lines = [line]
    if row is NEW:
        line["CostAmount"] = 0
        lines.append({"TransactionKey": -1, "CostAmount": 75} | invoices.charge(member, world))
    change = {KEY: content[NOUN][0][KEY], "Number": world.unique(), "LineItems": lines}
    return {UPDATED: [change], UNCHANGED: content}


def written(read: dict[str, Any], world: World, arguments: dict[str, Any]) -> dict[str, Any]:
    """Send a valid update. Return the whole Content afterwards."""
    call(world, UPDATE, arguments)
    return invoices.content(world, read[NOUN][0][KEY])


@pytest.mark.parametrize("case", ACCEPTED)
def test_the_nearest_valid_request_is_written(case: Case, world: World) -> None:
    read = stored(world, case.member)
    if case.before is not ABSENT:
        arguments = update(read, case.row, world)
        put(arguments, world, case.place, case.before)
        read = written(read, world, arguments)
    arguments = update(read, case.row, world, case.member)
    expected = put_valid(arguments, world, case)

    row = written(read, world, arguments)[case.row.array][-1]

    assert values.same(row.get(case.member), expected)
    if case.row is not NEW:
        assert not values.same(read[case.row.array][0].get(case.member), expected)


@pytest.fixture(scope="module")
def keys_to_refuse(world: World) -> dict[bool, int]:
    """Return two invoices that every request leaves as they are, by whether a project is charged."""
    return {charged: stored(world, PROJECT[0] if charged else "")[NOUN][0][KEY] for charged in (True, False)}


@pytest.fixture
def refusable(world: World, keys_to_refuse: dict[bool, int]) -> Refusable:
    """Return a function that returns the arguments of a valid update for a row and the rules of a member."""

    def arguments(row: Place, member: str = "") -> dict[str, Any]:
        read = invoices.content(world, keys_to_refuse[member in PROJECT])
        return update(read, row, world, member)

    return arguments


@pytest.mark.parametrize("case", REFUSED)
def test_the_invalid_request_is_refused(case: Case, world: World, refusable: Refusable) -> None:
    """The journal names the path."""
    arguments = refusable(case.row, case.member)
    put(arguments, world, case.place, case.refuse)
    assert_refused(world, UPDATE, arguments, case.place)


@pytest.mark.parametrize(
    ("name", "value", "at"),
    [
        ("LineItems", [], "LineItems"),
        ("LineItems", {"a": 1}, "LineItems"),
        ("LineItems", "@twice", "LineItems[1].TransactionKey"),
        ("Attachments", [{}], "Attachments[0].FileKey"),
        ("Attachments", [{"FileKey": UNKNOWN}], "Attachments[0].FileKey"),
    ],
)
def test_invalid_rows_are_refused(name: str, value: Any, at: str, world: World, refusable: Refusable) -> None:
    """An invoice has a line, a line is sent once, and a file exists."""
    arguments = refusable(HEADER)
    put(arguments, world, f"{HEAD}.{name}", value)
    assert_refused(world, UPDATE, arguments, f"{HEAD}.{at}")


def test_the_file_of_another_invoice_is_refused(world: World, refusable: Refusable) -> None:
    arguments = refusable(HEADER)
    [other] = refusable(HEADER, PROJECT[0])[UNCHANGED][NOUN][0]["Attachments"]
    places.put(arguments, f"{HEAD}.Attachments", [other])
    assert_refused(world, UPDATE, arguments, f"{HEAD}.Attachments[0].FileKey")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.label)
@pytest.mark.parametrize("name", ["Nickname", "Category", "FeeAmount", "IsBilled", "PaidDate"])
def test_other_members_are_refused(row: Place, name: str, world: World, refusable: Refusable) -> None:
    """Members that no method prints, and members that do not exist."""
    arguments = refusable(row)
    places.put(arguments, f"{row.at}.{name}", 1)
    assert_refused(world, UPDATE, arguments, f"{row.at}.{name}")


@pytest.mark.parametrize("name", SET_BY_AJERA)
def test_status_and_type_are_refused_unless_they_stay(name: str, world: World) -> None:
    read = stored(world, "")
    for value in ("Voided", "Credit Card", "Nowhere", 1):
        arguments = update(read, HEADER, world)
        places.put(arguments, f"{HEAD}.{name}", value)
        assert_refused(world, UPDATE, arguments, f"{HEAD}.{name}")
    arguments = update(read, HEADER, world)
    places.put(arguments, f"{HEAD}.{name}", "Normal")
    assert written(read, world, arguments)[NOUN][0][name] == "Normal"


def test_members_of_other_records_are_ignored(world: World) -> None:
    """Descriptions, IDs and computed flags are not written, so a client may send back what it has read."""
    read = stored(world, PROJECT[0])
    arguments = update(read, HEADER, world)
    for row, schema in ((HEADER, INVOICE), (FIRST, LINE)):
        for member in schema.members.values():
            if member.derived:
                places.put(arguments, f"{row.at}.{member.wire}", "other")
    content = written(read, world, arguments)
    expected = copy.deepcopy(read)
    expected[NOUN][0]["Number"] = arguments[UPDATED][0]["Number"]
    assert content == expected


@pytest.mark.parametrize("name", [UPDATED, UNCHANGED])
@pytest.mark.parametrize("value", ["@remove", "@null", "one", 1], ids=repr)
def test_both_arguments_are_required(name: str, value: Any, world: World, refusable: Refusable) -> None:
    arguments = refusable(HEADER)
    put(arguments, world, name, value)
    assert_refused(world, UPDATE, arguments, name)


def changeable(schema: Row) -> set[str]:
    """Return the members of a row that a write may send to change them."""
    return {
        member.wire for member in schema.members.values() if not member.derived and member.shown is not Visibility.NEVER
    }


def test_every_member_has_a_valid_and_an_invalid_value() -> None:
    """The method accepts the writable members of the table, and no others. A key has no other valid value."""
    for row, schema, set_elsewhere in (
        (HEADER, INVOICE, {"LineItems", *SET_BY_AJERA}),
        (FIRST, LINE, set()),
        (NEW, LINE, set()),
    ):
        known = {member.name for member in settable(row)}
        own = {member.name for member in keys(row)}
        assert known | own | set_elsewhere == changeable(schema)
        tried = [param.values[0] for param in ACCEPTED if param.values[0].row is row]
        assert {case.member for case in tried} == known
        refused = {param.values[0].member for param in REFUSED if param.values[0].row is row}
        assert refused == known | own
