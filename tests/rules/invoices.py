"""What the rules of new and of changed vendor invoices have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contract_tests.kinds import LINES, PROJECTS, VENDOR_INVOICES
from contract_tests.members import Member, of_record

from . import places, values
from .limits import is_companion, of_member
from .table import ABSENT
from .world import World

NOUN, KEY = VENDOR_INVOICES.noun, VENDOR_INVOICES.key
PROJECT = ("ProjectKey", "PhaseKey", "ActivityKey")
WITH_ANOTHER = ("ProjectKey", "PhaseKey")
"""Members whose valid values depend on another member."""


class Place(NamedTuple):
    """A row of a request: its path, and the line whose amount is that of the invoice."""

    label: str
    at: str
    line: str

    @property
    def array(self) -> str:
        """Return the list in Content that has the row."""
        return LINES if "LineItems" in self.at else NOUN

    @property
    def members(self) -> Mapping[str, Member]:
        return of_record(f"Get{NOUN} 2 {self.array}")


@dataclass(frozen=True)
class Case:
    """A rule of one member of an invoice or a line."""

    row: Place
    member: str
    kind: str
    accept: Any = ABSENT
    reads: Any = ABSENT
    refuse: Any = ABSENT
    before: Any = ABSENT
    others: dict[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{self.row.at}.{self.member}"

    @property
    def label(self) -> str:
        return f"{self.row.label}.{self.member}.{self.kind}".replace(" ", "-")


def writable(row: Place) -> Iterator[Member]:
    """Yield the members that a new invoice or line may have."""
    for member in row.members.values():
        outside = member.access in ("key", "read-only") or is_companion(member, row.members)
        if not outside and not member.parent and member.name != KEY:
            yield member


def limits(row: Place, member: Member) -> Iterator[Case]:
    """Yield the rules of a member that follow from the table of members."""
    for rule in of_member(member, member.name):
        case = {name: rule[name] for name in ("accept", "reads", "refuse") if name in rule}
        kind = "-".join(filter(None, (rule["kind"], rule.get("case", ""))))
        if member.name in WITH_ANOTHER:
            case.pop("accept", None)
        both = {f"{row.at.partition('.')[0]}.Amount", f"{row.line}.CostAmount"}
        others = dict.fromkeys(both, rule.get("accept")) if member.name in ("Amount", "CostAmount") else {}
        if case:
            yield Case(row, member.name, kind, **case, others=others)


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


def new(line: dict[str, Any], world: World) -> dict[str, Any]:
    """Return the arguments that create an invoice of one line."""
    company = world.keys["Company"][0]
    least = {"VendorKey": world.keys["Vendor"][0], "CompanyKey": company, "Amount": 75}
    return {NOUN: [least | {"LineItems": [{"CostAmount": 75} | line]}]}


def put(arguments: dict[str, Any], world: World, place: str, value: Any) -> None:
    sent = values.made(value, world, arguments, place)
    if sent is values.REMOVE:
        places.drop(arguments, place)
    else:
        places.put(arguments, place, sent)


def put_valid(arguments: dict[str, Any], world: World, case: Case) -> Any:
    """Make a request the valid one of a rule. Return the value that a Get then shows."""
    for place, value in (case.others | {case.place: case.accept}).items():
        put(arguments, world, place, value)
    return places.look(arguments, case.place) if case.reads is ABSENT else case.reads


def call(world: World, verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = world.ajera.call(f"{verb}{NOUN}", arguments, version=2)
    return answer


def content(world: World, key: int) -> dict[str, Any]:
    """Return the whole Content of an invoice."""
    read: dict[str, Any] = world.ajera.content(f"Get{NOUN}", {VENDOR_INVOICES.argument: [key]}, version=2)
    return read


def assert_refused(world: World, verb: str, arguments: dict[str, Any], at: str) -> None:
    """Assert that a request changes nothing, and that the journal names the path."""
    before = world.ajera.tenant.fingerprint()
    assert call(world, verb, arguments)["Errors"]
    assert world.ajera.tenant.fingerprint() == before
    outcome, reasons = world.journalled()
    assert outcome == "refused"
    assert at in reasons
