"""The table over the wire: the nearest sound request is written and read back, the broken one is refused."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from . import places, values
from .table import ABSENT, Rule, rules
from .world import FAMILIES, Family, World, as_text, journalled

RULES = (*rules("projects"), *rules("clients"))
ACCEPTED = [
    pytest.param(rule, base, profile, id=f"{rule.family}-{rule.id}-{base}-{profile}")
    for rule in RULES
    if rule.accept is not ABSENT
    for profile, bases in (("observed", rule.base), ("documented", rule.base[-1:]))
    for base in bases
]
REFUSED = [
    pytest.param(rule, base, id=f"{rule.family}-{rule.id}-{base}")
    for rule in RULES
    if rule.refuse is not ABSENT
    for base in rule.base
]

RECORDS = {
    "project": "UpdatedProjects[0]",
    "invoice group": "UpdatedProjects[0].InvoiceGroups[0]",
    "phase": "UpdatedProjects[0].InvoiceGroups[0].Phases[0]",
    "project contact": "UpdatedProjects[0].Contacts[0]",
    "phase contact": "UpdatedProjects[0].InvoiceGroups[0].Phases[0].Contacts[0]",
    "client": "UpdatedClients[0]",
    "client contact": "UpdatedClients[0].Contacts[0]",
    "request": "",
}

Worlds = Callable[[str], World]


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    """A running mock for each profile, started when first asked for."""
    with ExitStack() as stack:
        yield functools.cache(lambda profile: stack.enter_context(World(profile)))


@pytest.fixture(scope="module")
def refusing() -> Iterator[World]:
    """A mock in which nothing is written but what the refused requests start from, so that it stays small."""
    with World() as world:
        yield world


@dataclass
class Request:
    """A sound request on its way to become the one that a rule asks for."""

    rule: Rule
    world: World
    family: Family
    arguments: dict[str, Any]
    key: int | None
    before: Any

    @property
    def place(self) -> str:
        """The place of the rule's member in the arguments."""
        return self.inside(values.custom(self.rule.member))

    def inside(self, member: str) -> str:
        """The place of a member of the rule's record."""
        return ".".join(filter(None, (RECORDS[self.rule.record], member)))

    def put(self, place: str, value: Any) -> None:
        """Set a value of the table at the place."""
        sent = values.made(value, self.world, self.arguments, place)
        if sent is values.REMOVE:
            places.drop(self.arguments, place)
        else:
            places.put(self.arguments, place, sent)

    def allowed(self) -> set[str]:
        """The places that the trace of the refusal may name."""
        own = {"@record": RECORDS[self.rule.record], "@member": self.place}
        found = set()
        for text in self.rule.at:
            for mark, place in own.items():
                text = text.replace(mark, place)
            found.add(text)
        return found


def sound(rule: Rule, base: str, world: World, *, own: bool) -> Request:
    """The sound request that the rule starts from, on a record of its own where the test will write."""
    family = FAMILIES[rule.family]
    before: Any = ABSENT
    key: int | None = None
    if base not in ("create", "create two", "delete used"):
        key = world.shared[rule.family]
        if own or rule.before is not ABSENT or rule.stored:
            record = {f"Updated{family.plural}": [world.new(family)]}
            making = Request(rule, world, family, record, None, ABSENT)
            for member, value in rule.stored.items():
                making.put(making.inside(member), value)
            if rule.before is not ABSENT:
                making.put(making.place, rule.before)
                before = places.look(record, making.place)
            key = world.written(family, record[f"Updated{family.plural}"][0])
    request = Request(rule, world, family, world.base(base, family, key), key, before)
    for member, value in rule.with_.items():
        request.put(request.inside(member), value)
    return request


@pytest.mark.parametrize(("rule", "base", "profile"), ACCEPTED)
def test_the_nearest_sound_request_is_written(rule: Rule, base: str, profile: str, worlds: Worlds) -> None:
    """A value just inside the rule is taken, and a Get shows it."""
    world = worlds(profile)
    request = sound(rule, base, world, own=True)
    request.put(request.place, rule.accept)
    sent = places.look(request.arguments, request.place) if rule.reads is ABSENT else None

    answer = world.update(request.family, request.arguments)

    assert answer["Errors"] == []
    outcome, _ = journalled(world)
    assert outcome == "ok"
    if rule.reads == "@unstated" or rule.shown not in ("", profile):
        return
    key = answer["Content"][request.family.plural][0][request.family.key]
    record = {f"Updated{request.family.plural}": [world.read(request.family, key)]}
    read = places.look(record, request.place)
    match rule.reads:
        case "@none":
            assert read in (None, "", "Null")
        case "@kept":
            stored = places.look(request.arguments, request.place.replace("Updated", "Unchanged", 1))
            assert values.without_stamps(read) == values.without_stamps(stored)
        case "@before":
            assert read == request.before
        case str() as text if text.startswith("@not "):
            assert read != text.removeprefix("@not ")
        case _:
            expected = sent if rule.reads is ABSENT else rule.reads
            assert values.same(read, values.made(expected, world, request.arguments, request.place))


@pytest.mark.parametrize(("rule", "base"), REFUSED)
def test_the_broken_request_is_refused(rule: Rule, base: str, refusing: World) -> None:
    """A value just outside the rule is refused: nothing is written, the trace names the place, the answer does not."""
    world = refusing
    request = sound(rule, base, world, own=False)
    request.put(request.place, rule.refuse)
    for place, value in rule.edits.items():
        request.put(place, value)
    before = world.ajera.tenant.fingerprint()

    answer = world.update(request.family, request.arguments)

    assert answer["Errors"]
    assert answer["ResponseCode"] <= 0
    assert all(error["ErrorID"] < 0 for error in answer["Errors"])
    if rule.message:
        assert rule.message in [error["ErrorMessage"] for error in answer["Errors"]]
    assert world.ajera.tenant.fingerprint() == before
    outcome, reasons = journalled(world)
    assert outcome == "refused"
    assert reasons
    assert reasons.keys() <= request.allowed()
    body = as_text(answer)
    for reason in world.ajera.journal[-1].reasons:
        assert reason.rule
        assert reason.text
        assert not any(trace in body for trace in (reason.path, reason.rule, reason.claim) if trace)
