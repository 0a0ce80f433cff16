"""Several records in one Update call, of each kind: creations, changes and deletions beside a refused record."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import NamedTuple

import pytest

from .answers import records, refusal
from .firm import Row, phases_of
from .kinds import CLIENTS, CONTACTS, EMPLOYEES, PROJECTS, VENDORS, Kind
from .made import NEW_STAMP, Made
from .members import Member, of_record
from .writing import Create, delete

claim = pytest.mark.claim

FIXTURES = {
    CLIENTS: "new_client",
    CONTACTS: "new_contact",
    VENDORS: "new_vendor",
    EMPLOYEES: "new_employee",
    PROJECTS: "new_project",
}
"""The fixture that creates a record of each kind."""
TEXTS = {EMPLOYEES: "Title"}
"""A text that can be changed, where it is not Notes."""


def _written(member: Member) -> bool:
    return member.access != "read-only"


class Family(NamedTuple):
    """A kind, and how to make its records."""

    kind: Kind
    create: Create
    body: Callable[[int], Row]
    """Makes a new record with a negative key. The negative keys of its children are unique to it."""

    def changed(self, record: Row) -> Row:
        """Return the record with a change. Members that cannot be written are left out: a target may refuse them."""
        members = of_record(f"Get{self.kind.noun} 1 {self.kind.noun}")
        sent = {name: value for name, value in record.items() if name not in members or _written(members[name])}
        return copy.deepcopy(sent) | {TEXTS.get(self.kind, "Notes"): "changed"}

    def name(self, record: Row) -> str:
        """Return the name by which the suite finds the record in a list."""
        return str(record[self.kind.named_by])


@pytest.fixture(params=FIXTURES, ids=lambda kind: kind.noun)
def family(request: pytest.FixtureRequest, made: Made, minimum: Create, employee_body: Create) -> Family:
    """Return each kind in turn."""
    kind = request.param

    def body(key: int) -> Row:
        if kind is EMPLOYEES:
            return employee_body(key)
        if kind is not PROJECTS:
            return {kind.key: key, "LastModifiedDate": NEW_STAMP, kind.named_by: made.name(kind.noun)}
        project = minimum() | {"ProjectKey": key}
        project["InvoiceGroups"][0]["InvoiceGroupKey"] = key - 1
        for phase in phases_of(project):
            phase["PhaseKey"] = key - 2
        return project

    return Family(kind, request.getfixturevalue(FIXTURES[kind]), body)


def bad_creation(family: Family, kept: Row) -> Row:
    """Return a new record that is refused."""
    return family.body(-50) | {"Status": "Green"}


def bad_change(family: Family, kept: Row) -> Row:
    """Return a change that is refused."""
    return family.changed(kept) | {"Status": "Green"}


def bad_deletion(family: Family, kept: Row) -> Row:
    """Return a deletion that is refused."""
    return delete(kept, family.kind) | {"LastModifiedDate": NEW_STAMP}


@claim("write.single-transaction")
@pytest.mark.parametrize("position", ["first", "last"])
@pytest.mark.parametrize("bad", [bad_creation, bad_change, bad_deletion])
def test_one_refused_record_prevents_all_writes(
    made: Made, family: Family, bad: Callable[[Family, Row], Row], position: str
) -> None:
    """With UseSingleTransaction, no record is created, changed or deleted, before or after the refused one."""
    kind, kept, gone, other = family.kind, family.create(), family.create(), family.create()
    good = [family.body(-1), family.changed(kept), delete(gone, kind)]
    wrong = bad(family, other)
    sent = [wrong, *good] if position == "first" else [*good, wrong]
    refusal(made.update(kind, sent, [kept, gone, other], single=True))
    assert [made.read(kind, row[kind.key]) for row in (kept, gone, other)] == [kept, gone, other]
    names = {str(row[kind.named_by]) for row in records(made.client.call(f"List{kind.noun}"), kind.noun)}
    assert family.name(good[0]) not in names


@claim("write.mixed-call")
def test_creation_change_and_deletion_are_kept(made: Made, family: Family) -> None:
    """One call creates, changes and deletes. The records read afterwards are those of the response."""
    kind, kept, gone = family.kind, family.create(), family.create()
    new = family.body(-1)
    answer = made.update(kind, [new, family.changed(kept), delete(gone, kind)], [kept, gone], single=True)
    rows = records(answer, kind.noun)
    assert len(rows) == 3
    assert {kind.key: gone[kind.key], "Deleted": True} in rows
    (created,) = (row for row in rows if kind.original in row)
    read = made.read(kind, created[kind.key])
    assert read is not None
    assert family.name(read) == family.name(new)
    changed = made.read(kind, kept[kind.key])
    assert changed is not None
    assert changed[TEXTS.get(kind, "Notes")] == "changed"
    assert made.read(kind, gone[kind.key]) is None


@claim("write.count")
def test_creations_and_deletions_are_counted(made: Made, family: Family) -> None:
    kind, gone = family.kind, family.create()
    answer = made.update(kind, [family.body(-1), delete(gone, kind)], [gone])
    assert answer.content[kind.count] == len(records(answer, kind.noun)) == 2


@claim("write.count-changed")
def test_changes_are_counted(made: Made, family: Family) -> None:
    """A change counts beside a creation."""
    kind, kept = family.kind, family.create()
    answer = made.update(kind, [family.body(-1), family.changed(kept)], [kept])
    assert answer.content[kind.count] == len(records(answer, kind.noun)) == 2


@claim("write.stale-stamp")
@pytest.mark.parametrize("what", ["change", "deletion"])
def test_a_stale_record_is_refused(made: Made, family: Family, what: str) -> None:
    """A record that was changed after it was read can be neither changed nor deleted, whatever its baseline."""
    kind, read = family.kind, family.create()
    made.update(kind, [family.changed(read)], [read])
    current = made.read(kind, read[kind.key])
    sent = delete(read, kind) if what == "deletion" else read | {TEXTS.get(kind, "Notes"): "second"}
    for baseline in (read, current):
        refusal(made.update(kind, [sent], [baseline]))
        assert made.read(kind, read[kind.key]) == current


@claim("write.baseline-required")
@pytest.mark.parametrize("what", ["change", "deletion"])
def test_a_record_without_a_baseline_is_refused(made: Made, family: Family, what: str) -> None:
    """A record that is not among the unchanged records can be neither changed nor deleted."""
    kind, read = family.kind, family.create()
    sent = delete(read, kind) if what == "deletion" else family.changed(read)
    refusal(made.update(kind, [sent], []))
    assert made.read(kind, read[kind.key]) == read


@claim("write.unknown-members-refused")
def test_an_unknown_member_is_refused(made: Made, family: Family) -> None:
    """A member that the kind does not have is refused in a new record and in a changed one."""
    kind, record = family.kind, family.create()
    refusal(made.update(kind, [family.body(-1) | {"Color": "green"}], []))
    refusal(made.update(kind, [family.changed(record) | {"Color": "green"}], [record]))
    assert made.read(kind, record[kind.key]) == record
