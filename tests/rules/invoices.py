"""What the rules of new and of changed vendor invoices have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from contract_tests.kinds import LINES, PROJECTS, VENDOR_INVOICES
from contract_tests.members import Member, of_record

from . import cases
from .cases import Case
from .limits import is_companion
from .table import ABSENT
from .world import World

NOUN, KEY = VENDOR_INVOICES.noun, VENDOR_INVOICES.key
CREATE, UPDATE, UPLOAD = (f"{verb}{NOUN}" for verb in ("Create", "Update", "Upload"))
PROJECT = ("ProjectKey", "PhaseKey", "ActivityKey")
WITH_ANOTHER = ("ProjectKey", "PhaseKey")
"""Members whose valid values depend on another member."""


@dataclass(frozen=True)
class Place(cases.Place):
    """A row of a request, and the path of the line whose amount is that of the invoice."""

    line: str

    @property
    def array(self) -> str:
        """Return the list in Content that has the row."""
        return LINES if "LineItems" in self.at else NOUN

    @property
    def members(self) -> Mapping[str, Member]:
        return of_record(f"Get{NOUN} 2 {self.array}")


def writable(row: Place) -> Iterator[Member]:
    """Yield the members that a new invoice or line may have."""
    for member in row.members.values():
        outside = member.access in ("key", "read-only") or is_companion(member, row.members)
        if not outside and not member.parent and member.name != KEY:
            yield member


def limits(row: Place, member: Member) -> Iterator[Case]:
    """Yield the rules of a member that follow from the table of members."""
    both = {f"{row.at.partition('.')[0]}.Amount", f"{row.line}.CostAmount"}
    for case in cases.of_table(row, member):
        if member.name in ("Amount", "CostAmount"):
            yield replace(case, others=dict.fromkeys(both, case.accept))
        elif member.name not in WITH_ANOTHER:
            yield case
        elif case.refuse is not ABSENT:
            yield replace(case, accept=ABSENT)


def of_project(row: Place, absent: str) -> Iterator[Case]:
    """Yield the rules of the project of a line. ``absent``: what leaves the line without a member."""
    for name in PROJECT:
        yield Case(row, name, "charged", refuse=absent)
    elsewhere = {f"{row.at}.ProjectKey": "@other Project", f"{row.at}.PhaseKey": "@elsewhere PhaseKey"}
    for name in WITH_ANOTHER:
        yield Case(row, name, "of-project", accept=elsewhere[f"{row.at}.{name}"], others=elsewhere)
    yield Case(row, "PhaseKey", "of-another-project", refuse="@elsewhere PhaseKey")


def charge(member: str, world: World) -> dict[str, int]:
    """Return what the line of a rule of this member is charged to: a project, or else an account."""
    if member not in PROJECT:
        return {"AccountKey": world.keys["GLAccount"][0]}
    project = world.read(PROJECTS, world.keys["Project"][0])
    phase = project["InvoiceGroups"][0]["Phases"][0]["PhaseKey"]
    keys = (project["ProjectKey"], phase, world.keys["Activity"][0])
    return dict(zip(PROJECT, keys, strict=True))


def new(member: str, world: World) -> dict[str, Any]:
    """Return the arguments that create an invoice of one line, for the rules of a member."""
    line = {"CostAmount": 75} | charge(member, world)
    least = {"VendorKey": world.keys["Vendor"][0], "CompanyKey": world.keys["Company"][0], "Amount": 75}
    return {NOUN: [least | {"LineItems": [line]}]}


def created(arguments: dict[str, Any], world: World) -> int:
    """Create an invoice. Return its key."""
    return int(cases.call(world, CREATE, arguments)[NOUN][0][KEY])


def content(world: World, key: int) -> dict[str, Any]:
    """Return the whole Content of an invoice."""
    return cases.call(world, f"Get{NOUN}", {VENDOR_INVOICES.argument: [key]})
