"""Rules of single members as cases of a test, for methods that exist in version 2 only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from contract_tests.members import Member

from . import places, values
from .limits import of_member
from .table import ABSENT
from .world import World


@dataclass(frozen=True)
class Place:
    """A row of a request, and its path."""

    label: str
    at: str


@dataclass(frozen=True)
class Case:
    """A rule of one member of a row."""

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


def of_table(row: Place, member: Member) -> Iterator[Case]:
    """Yield the rules of a member that follow from the table of members."""
    for rule in of_member(member, member.name):
        case = {name: rule[name] for name in ("accept", "reads", "refuse", "before") if name in rule}
        yield Case(row, member.name, "-".join(filter(None, (rule["kind"], rule.get("case", "")))), **case)


def parameters(cases: Iterable[Case]) -> tuple[list[Any], list[Any]]:
    """Return the cases with a value to accept, and those with one to refuse, as parameters of tests."""
    every = [(case, pytest.param(case, id=case.label)) for case in cases]
    accepted = [parameter for case, parameter in every if case.accept is not ABSENT]
    return accepted, [parameter for case, parameter in every if case.refuse is not ABSENT]


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
    expected = places.look(arguments, case.place) if case.reads is ABSENT else case.reads
    return values.made(expected, world, arguments, case.place)


def call(world: World, method: str, arguments: dict[str, Any], *, version: int = 2) -> dict[str, Any]:
    """Call a method, which must succeed. Return its Content."""
    answer = world.ajera.call(method, arguments, version=version)
    assert answer["Errors"] == []
    content: dict[str, Any] = answer["Content"]
    return content


def assert_refused(world: World, method: str, arguments: dict[str, Any], at: str) -> None:
    """Assert that a request changes nothing, and that the journal names the path."""
    before = world.ajera.tenant.fingerprint()
    assert world.ajera.call(method, arguments, version=2)["Errors"]
    assert world.ajera.tenant.fingerprint() == before
    outcome, reasons = world.journalled()
    assert outcome == "refused"
    assert at in reasons
