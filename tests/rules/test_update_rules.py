"""Each rule over the wire: the nearest valid request is written and read back, the invalid one is refused."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from contract_tests.kinds import KINDS, Kind
from contract_tests.members import of_record, table

from . import places, values
from .limits import is_companion, noun_of, record_of
from .table import ABSENT, Rule, rules
from .world import World

FAMILIES = ("projects", "clients", "contacts", "employees", "vendors", "expense_reports")
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
    "expense report": "UpdatedExpenseReports[0]",
    "expense": "UpdatedExpenseReports[0].Expenses[0]",
    "attachment": "UpdatedExpenseReports[0].Expenses[0].Attachments[0]",
    "request": "",
}

NOT_SET = ("key", "stamp")
"""Types of members that Ajera sets: a write sends them, but has no other valid value for them."""
WRITABLE = tuple(
    dict.fromkeys(
        member.array
        for member in table()
        if member.record == f"Get{member.array} 1 {member.array}" and member.access not in ("key", "read-only")
    )
)
"""The families with members that a write sets, by the suite's table."""

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
    kind = KINDS[noun_of(rule.family)]
    before: Any = ABSENT
    key: int | None = None
    if base not in ("create", "create two", "delete used"):
        key = world.shared[kind]
        if own or rule.before is not ABSENT or rule.stored:
            record = {f"Updated{kind.noun}": [world.to_store(kind)]}
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
    stored = world.read(request.kind, key)
    if "ReportedPercentDate" in stored:
        # The documented profile reads it under this name and writes it under the other one.
        stored["ReportedPercentCompleteDate"] = stored["ReportedPercentDate"]
    read = places.look({f"Updated{request.kind.noun}": [stored]}, request.place)
    match rule.reads:
        case "@none":
            assert read in (None, "", "Null")
        case "@kept":
            unchanged = places.look(request.arguments, request.place.replace("Updated", "Unchanged", 1))
            assert values.without_stamps(read) == values.without_stamps(unchanged)
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


def concerns(rule: Rule, record: str, member: str) -> bool:
    """Return whether a rule is about a member, about a member of that object, or about the object that contains it."""
    about = re.sub(r"@custom \w+", "CF_*", rule.member)
    value = rule.accept if rule.accept is not ABSENT else rule.refuse
    inside = [f"{about}.{name}" for name in value] if isinstance(value, dict) else []
    return rule.record == record and (member in (about, *inside) or about.startswith(f"{member}."))


@pytest.mark.parametrize("noun", WRITABLE)
def test_every_writable_member_has_a_valid_and_an_invalid_value(noun: str) -> None:
    """The members come from the suite's table. A description next to a key is ignored, so it has no invalid value."""
    rules_of_noun = [rule for rule in RULES if noun_of(rule.family) == noun]
    shown = [rule for rule in rules_of_noun if rule.reads != "@unstated" and rule.accept not in (ABSENT, "@remove")]
    refused = [rule for rule in rules_of_noun if rule.refuse is not ABSENT]
    members = of_record(f"Get{noun} 1 {noun}")
    owed = []
    for member in members.values():
        record, name = record_of(member), member.path.rpartition("[].")[2].removesuffix("[]")
        if record is None:
            owed.append(f"{member.path}: a record in RECORDS of limits.py")
        elif member.access != "read-only":
            if member.type not in NOT_SET and not any(concerns(rule, record, name) for rule in shown):
                owed.append(f"{member.path}: a valid value that is read back")
            if not is_companion(member, members) and not any(concerns(rule, record, name) for rule in refused):
                owed.append(f"{member.path}: an invalid value")
    assert owed == [], f"add rules to tests/rules; see docs/contributing.md#add-a-family: {'; '.join(owed)}"


@pytest.mark.parametrize("family", FAMILIES)
def test_rules_have_unique_ids(family: str) -> None:
    ids = [rule.id for rule in RULES if rule.family == family]
    assert [name for name, times in Counter(ids).items() if times > 1] == []
