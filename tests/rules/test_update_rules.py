"""Each rule over the wire: the nearest valid request is written and read back, the invalid one is refused."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from contract_tests.kinds import KINDS, Kind

from . import places, values
from .table import ABSENT, Rule, rules
from .world import World

FAMILIES = ("projects", "clients", "contacts", "employees", "vendors")
RULES = tuple(rule for family in FAMILIES for rule in rules(family))
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
    "contact": "UpdatedContacts[0]",
    "vendor": "UpdatedVendors[0]",
    "vendor contact": "UpdatedVendors[0].Contacts[0]",
    "employee": "UpdatedEmployees[0]",
    "first pay rate": "UpdatedEmployees[0].PayRates[0]",
    "pay rate": "UpdatedEmployees[0].PayRates[1]",
    "employee contact": "UpdatedEmployees[0].Contacts[0]",
    "credit card": "UpdatedEmployees[0].CreditCards[0]",
    "request": "",
}

Worlds = Callable[[str], World]


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    """Yield a function that returns the running mock of a profile, and starts it on first use."""
    with ExitStack() as stack:
        yield functools.cache(lambda profile: stack.enter_context(World(profile)))


@pytest.fixture(scope="module")
def refusing() -> Iterator[World]:
    """Yield a mock for refused requests. It stays small, so that its fingerprint is quick."""
    with World() as world:
        yield world


@dataclass
class Request:
    """A valid request that becomes the one of a rule."""

    rule: Rule
    world: World
    kind: Kind
    arguments: dict[str, Any]
    key: int | None
    before: Any

    @property
    def place(self) -> str:
        """Path of the rule's member in the arguments."""
        return self.inside(values.custom(self.rule.member))

    def inside(self, member: str) -> str:
        """Return the path of a member of the rule's record."""
        return ".".join(filter(None, (RECORDS[self.rule.record], member)))

    def put(self, place: str, value: Any) -> None:
        """Set a value of the table at a path."""
        sent = values.made(value, self.world, self.arguments, place)
        if sent is values.REMOVE:
            places.drop(self.arguments, place)
        else:
            places.put(self.arguments, place, sent)

    def allowed(self) -> set[str]:
        """Return the paths that the journal may name for the refusal."""
        own = {"@record": RECORDS[self.rule.record], "@member": self.place}
        found = set()
        for text in self.rule.at:
            for mark, place in own.items():
                text = text.replace(mark, place)
            found.add(text)
        return found


def valid(rule: Rule, base: str, world: World, *, own: bool) -> Request:
    """Return the valid request of a rule. ``own``: on a record of its own, because the test writes to it."""
    kind = KINDS[rule.family.title()]
    before: Any = ABSENT
    key: int | None = None
    if base not in ("create", "create two", "delete used"):
        key = world.shared[kind]
        if own or rule.before is not ABSENT or rule.stored:
            record = {f"Updated{kind.noun}": [world.new(kind)]}
            making = Request(rule, world, kind, record, None, ABSENT)
            for member, value in rule.stored.items():
                making.put(making.inside(member), value)
            if rule.before is not ABSENT:
                making.put(making.place, rule.before)
                before = places.look(record, making.place)
            key = world.created(kind, record[f"Updated{kind.noun}"][0])
    request = Request(rule, world, kind, world.base(base, kind, key), key, before)
    for member, value in rule.with_.items():
        request.put(request.inside(member), value)
    return request


@pytest.mark.parametrize(("rule", "base", "profile"), ACCEPTED)
def test_the_nearest_valid_request_is_written(rule: Rule, base: str, profile: str, worlds: Worlds) -> None:
    """A value just inside the limit is accepted, and a Get shows it."""
    world = worlds(profile)
    request = valid(rule, base, world, own=True)
    request.put(request.place, rule.accept)
    sent = places.look(request.arguments, request.place) if rule.reads is ABSENT else None

    answer = world.call(f"Update{request.kind.noun}", request.arguments)

    assert answer["Errors"] == []
    outcome, _ = world.journalled()
    assert outcome == "ok"
    if rule.reads == "@unstated" or rule.shown not in ("", profile):
        return
    key = answer["Content"][request.kind.noun][0][request.kind.key]
    record = {f"Updated{request.kind.noun}": [world.read(request.kind, key)]}
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
def test_the_invalid_request_is_refused(rule: Rule, base: str, refusing: World) -> None:
    """A value just outside the limit is refused. The journal names its path and the rule, the answer does not."""
    world = refusing
    request = valid(rule, base, world, own=False)
    request.put(request.place, rule.refuse)
    for place, value in rule.edits.items():
        request.put(place, value)
    before = world.ajera.tenant.fingerprint()

    answer = world.call(f"Update{request.kind.noun}", request.arguments)

    assert answer["Errors"]
    assert answer["ResponseCode"] <= 0
    assert all(error["ErrorID"] < 0 for error in answer["Errors"])
    if rule.message:
        assert rule.message in [error["ErrorMessage"] for error in answer["Errors"]]
    assert world.ajera.tenant.fingerprint() == before
    outcome, reasons = world.journalled()
    assert outcome == "refused"
    assert reasons
    assert reasons.keys() <= request.allowed()
    body = str(answer)
    for reason in world.ajera.journal[-1].reasons:
        assert reason.rule
        assert reason.text
        assert not any(trace in body for trace in (reason.path, reason.rule, reason.claim) if trace)


@pytest.mark.parametrize("family", FAMILIES)
def test_rules_have_unique_ids(family: str) -> None:
    ids = [rule.id for rule in RULES if rule.family == family]
    assert [name for name, times in Counter(ids).items() if times > 1] == []
