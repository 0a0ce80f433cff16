"""The rules of each member that CreateVendorInvoices accepts, made from ``contract_tests/members.csv``.

A value inside the limits is written, and a Get shows it. A value outside the limits is refused, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_ajera.api.families.vendor_invoices.creating import NewInvoice, NewLine

from . import invoices, places, values
from .cases import Case, assert_refused, parameters, put, put_valid
from .invoices import CREATE, NOUN, Place
from .world import World

INVOICE, LINE = f"{NOUN}[0]", f"{NOUN}[0].LineItems[0]"
ROWS = (Place("invoice", INVOICE, LINE), Place("line", LINE, LINE))


def cases() -> Iterator[Case]:
    for row in ROWS:
        for member in invoices.writable(row):
            yield from invoices.limits(row, member)
    yield from invoices.of_project(ROWS[1], "@remove")


CASES = tuple(cases())
ACCEPTED, REFUSED = parameters(CASES)


@pytest.mark.parametrize("case", ACCEPTED)
def test_the_nearest_valid_request_is_written(case: Case, world: World) -> None:
    arguments = invoices.new(case.member, world)
    expected = put_valid(arguments, world, case)

    (row,) = invoices.content(world, invoices.created(arguments, world))[case.row.array]

    assert values.same(row.get(case.member), expected)


@pytest.mark.parametrize("case", REFUSED)
def test_the_invalid_request_is_refused(case: Case, world: World) -> None:
    """The journal names the path."""
    arguments = invoices.new(case.member, world)
    put(arguments, world, case.place, case.refuse)
    assert_refused(world, CREATE, arguments, case.place)


@pytest.mark.parametrize("at", [INVOICE, LINE])
@pytest.mark.parametrize("name", ["Nickname", "Status", "Category", "IsBilled", "PaidDate", "TransactionKey"])
def test_other_members_are_refused(at: str, name: str, world: World) -> None:
    """Members that only Ajera sets, and members that do not exist."""
    arguments = invoices.new("AccountKey", world)
    places.put(arguments, f"{at}.{name}", 1)
    assert_refused(world, CREATE, arguments, f"{at}.{name}")


def test_every_member_has_a_valid_and_an_invalid_value() -> None:
    """The method accepts the writable members of the table, and no others."""
    known = {f"{row.at}.{member.name}" for row in ROWS for member in invoices.writable(row)}
    declared = {f"{INVOICE}.{name}" for name in NewInvoice().by_wire} | {f"{LINE}.{name}" for name in NewLine().by_wire}
    assert known | {f"{INVOICE}.LineItems"} == declared
    for found in (ACCEPTED, REFUSED):
        assert {param.values[0].place for param in found} == known
