"""The rules of each member that CreateVendorInvoices accepts, made from ``contract_tests/members.csv``.

A value inside the limits is written, and a Get shows it. A value outside the limits is refused, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from contract_tests.kinds import LINES, PROJECTS, VENDOR_INVOICES
from contract_tests.members import Member, of_record
from mock_ajera.api.families.vendor_invoices.creating import NewInvoice, NewLine

from . import places, values
from .limits import is_companion, of_member
from .table import ABSENT
from .world import World

NOUN = VENDOR_INVOICES.noun
LINE = f"{NOUN}[0].LineItems[0]"
RECORDS = {f"{NOUN}[0]": f"Get{NOUN} 2 {NOUN}", LINE: f"Get{NOUN} 2 {LINES}"}
"""The rows of a request, with the records of the member table."""
PROJECT = ("ProjectKey", "PhaseKey", "ActivityKey")
WITH_ANOTHER = ("ProjectKey", "PhaseKey")
"""Members whose valid values depend on another member."""


@dataclass(frozen=True)
class Case:
    """A rule of one member of an invoice or a line."""

    member: Member
    place: str
    kind: str
    accept: Any = ABSENT
    reads: Any = ABSENT
    refuse: Any = ABSENT
    others: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return f"{'line' if 'LineItems' in self.place else 'invoice'}.{self.member.name}.{self.kind}"


def writable() -> Iterator[tuple[str, Member]]:
    """Yield the members that a new invoice or line may have, with the path of their row."""
    for at, record in RECORDS.items():
        members = of_record(record)
        for member in members.values():
            outside = member.access in ("key", "read-only") or is_companion(member, members)
            if not outside and not member.parent and member.name != VENDOR_INVOICES.key:
                yield at, member


def cases() -> Iterator[Case]:
    for at, member in writable():
        for row in of_member(member, member.name):
            case = {name: row[name] for name in ("accept", "reads", "refuse") if name in row}
            kind = "-".join(filter(None, (row["kind"], row.get("case", ""))))
            if member.name in WITH_ANOTHER:
                case.pop("accept", None)
            # The amount of an invoice is that of its line.
            both = {f"{NOUN}[0].Amount", f"{LINE}.CostAmount"}
            others = dict.fromkeys(both, row.get("accept")) if member.name in ("Amount", "CostAmount") else {}
            if case:
                yield Case(member, f"{at}.{member.name}", kind, **case, others=others)
    line = of_record(RECORDS[LINE])
    for name in PROJECT:
        yield Case(line[name], f"{LINE}.{name}", "charged", refuse="@remove")
    elsewhere = {f"{LINE}.ProjectKey": "@other Project", f"{LINE}.PhaseKey": "@elsewhere PhaseKey"}
    for name in WITH_ANOTHER:
        place = f"{LINE}.{name}"
        yield Case(line[name], place, "of-project", accept=elsewhere[place], others=elsewhere)
    yield Case(line["PhaseKey"], f"{LINE}.PhaseKey", "of-another-project", refuse="@elsewhere PhaseKey")


CASES = tuple(cases())
ACCEPTED = [pytest.param(case, id=case.label) for case in CASES if case.accept is not ABSENT]
REFUSED = [pytest.param(case, id=case.label) for case in CASES if case.refuse is not ABSENT]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as world:
        yield world


def request(case: Case, world: World) -> dict[str, Any]:
    """Return the arguments of a valid request."""
    project = world.read(PROJECTS, world.keys["Project"][0])
    phase = project["InvoiceGroups"][0]["Phases"][0]["PhaseKey"]
    charge = {"AccountKey": world.keys["GLAccount"][0]}
    if case.member.name in PROJECT:
        keys = (project["ProjectKey"], phase, world.keys["Activity"][0])
        charge = dict(zip(PROJECT, keys, strict=True))
    company = world.keys["Company"][0]
    least = {"VendorKey": world.keys["Vendor"][0], "CompanyKey": company, "Amount": 75}
    return {NOUN: [least | {"LineItems": [{"CostAmount": 75} | charge]}]}


def put(arguments: dict[str, Any], world: World, place: str, value: Any) -> None:
    sent = values.made(value, world, arguments, place)
    if sent is values.REMOVE:
        places.drop(arguments, place)
    else:
        places.put(arguments, place, sent)


def call(world: World, arguments: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = world.ajera.call(f"Create{NOUN}", arguments, version=2)
    return answer


@pytest.mark.parametrize("case", ACCEPTED)
def test_the_nearest_valid_request_is_written(case: Case, world: World) -> None:
    arguments = request(case, world)
    for place, value in (case.others | {case.place: case.accept}).items():
        put(arguments, world, place, value)
    expected = places.look(arguments, case.place) if case.reads is ABSENT else case.reads

    answer = call(world, arguments)

    assert answer["Errors"] == []
    key = answer["Content"][NOUN][0][VENDOR_INVOICES.key]
    content = world.ajera.content(f"Get{NOUN}", {VENDOR_INVOICES.argument: [key]}, version=2)
    (row,) = content[LINES if case.place.startswith(LINE) else NOUN]
    assert values.same(row.get(case.member.name), expected)


@pytest.mark.parametrize("case", REFUSED)
def test_the_invalid_request_is_refused(case: Case, world: World) -> None:
    """The journal names the path."""
    arguments = request(case, world)
    put(arguments, world, case.place, case.refuse)
    before = world.ajera.tenant.fingerprint()

    answer = call(world, arguments)

    assert answer["Errors"]
    assert world.ajera.tenant.fingerprint() == before
    outcome, reasons = world.journalled()
    assert outcome == "refused"
    assert case.place in reasons


@pytest.mark.parametrize("at", RECORDS)
@pytest.mark.parametrize("name", ["Nickname", "Status", "Category", "IsBilled", "PaidDate", "TransactionKey"])
def test_other_members_are_refused(at: str, name: str, world: World) -> None:
    """Members that only Ajera sets, and members that do not exist."""
    arguments = request(CASES[0], world)
    places.put(arguments, f"{at}.{name}", 1)
    assert call(world, arguments)["Errors"]
    assert f"{at}.{name}" in world.journalled()[1]


def test_every_member_has_a_valid_and_an_invalid_value() -> None:
    """The method accepts the writable members of the table, and no others."""
    known = {f"{at}.{member.name}" for at, member in writable()}
    declared = {f"{NOUN}[0].{name}" for name in NewInvoice().by_wire} | {f"{LINE}.{name}" for name in NewLine().by_wire}
    assert known | {f"{NOUN}[0].LineItems"} == declared
    for found in (ACCEPTED, REFUSED):
        assert {param.values[0].place for param in found} == known
