"""A record that another one refers to cannot be deleted, whatever the two are; derived from the declarations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any, NamedTuple

import pytest
from raw_http import ask

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.changes import Change
from mock_ajera.api.changes.planning import plan
from mock_ajera.api.context import WriteContext
from mock_ajera.api.families import METHODS, RECORDS
from mock_ajera.api.member import Member
from mock_ajera.api.methods import Method
from mock_ajera.api.read_model import kind_specs
from mock_ajera.api.records import Row
from mock_ajera.api.views import TenantView
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.model import Need
from mock_ajera.tenants.references import referrers
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.users import ApiUser

TARGET = 9001
NEW_STAMP = "2017-12-06 14:46:06.873 GMT-08:00"


class Reference(NamedTuple):
    """A declared reference: the record type, the members that lead to it, and the kind that it refers to."""

    kind: str
    path: tuple[Member, ...]
    to: str

    @property
    def name(self) -> str:
        return f"{self.kind}.{'.'.join(member.name for member in self.path)}"

    def body(self) -> dict[str, Any]:
        """Return a record, as a file has it, that has this reference to ``TARGET`` and no other."""
        return row(RECORDS[self.kind], self.path, count(TARGET + 1))


def row(schema: Row, path: tuple[Member, ...], keys: Iterator[int]) -> dict[str, Any]:
    """Return the least row of a schema that can be loaded, with a reference at a path if there is one."""
    found: dict[str, Any] = {}
    for member in schema.members.values():
        if member.part == "key":
            found[member.wire] = next(keys)
        elif path[:1] == (member,):
            found[member.wire] = [rows_of(member, path[1:], keys)] if path[1:] else member.to_file(TARGET)
        elif isinstance(member, f.Choice) and member.required_on:
            found[member.wire] = member.words[0]
        elif getattr(member, "at_least", 0) and member.nests:
            found[member.wire] = [row(member.nested, (), keys)]
    return found | ({path[0].wire: TARGET} if len(path) == 1 and path[0].part == "key" else {})


def rows_of(member: Member, path: tuple[Member, ...], keys: Iterator[int]) -> dict[str, Any]:
    """Return a nested row with what identifies it, if that is not its own key."""
    identity = getattr(member, "key", None)
    by = {identity.wire: next(keys)} if isinstance(identity, f.Whole) else {}
    return by | row(member.nested, path, keys)


def declared(row: Row, above: tuple[Member, ...] = ()) -> Iterator[tuple[Member, ...]]:
    for member in row.members.values():
        if member.refers_to:
            yield (*above, member)
        if member.nested is not None and member.nested is not row:
            yield from declared(member.nested, (*above, member))


REFERENCES = [
    Reference(kind, path, path[-1].refers_to) for kind, record in RECORDS.items() for path in declared(record)
]
UPDATED = {method.kind for name, method in METHODS.served.items() if name.startswith("Update")}
"""The kinds of records that a method deletes."""
each_reference = pytest.mark.parametrize("reference", REFERENCES, ids=lambda reference: reference.name)


@pytest.fixture
def linked(ajera, reference):
    """A firm in which one record refers to another that nothing else refers to."""
    ajera.put_record(reference.to, row(RECORDS[reference.to], (), count(TARGET)))
    body, key = reference.body(), RECORDS[reference.kind].key
    if key.refers_to and key not in reference.path:
        # The record shares its key with another one.
        ajera.put_record(key.refers_to, row(RECORDS[key.refers_to], (), count(body[key.name])))
    ajera.put_record(reference.kind, body)
    return ajera


def delete(ajera, kind, key):
    """Delete a record past the API; return the status and the text of the answer."""
    path = f"/_mock/tenants/{ajera.tenant.name}/records/{kind}/{key}"
    answer = ask(ajera.control_url.removesuffix("/_mock"), path, "DELETE")
    return answer.status, answer.body.decode()


@each_reference
def test_a_record_in_use_is_not_deleted(linked, reference):
    own = reference.body()[RECORDS[reference.kind].key.name]
    before = linked.tenant.fingerprint()
    status, text = delete(linked, reference.to, TARGET)
    assert status == 409
    assert f"{reference.kind} {own} refers to {reference.to} {TARGET}" in text
    assert reference.path[-1].name in text
    assert linked.tenant.fingerprint() == before
    assert delete(linked, reference.kind, own)[0] == 204
    is_owned = reference.to in RECORDS[reference.kind].owns
    assert delete(linked, reference.to, TARGET)[0] == (404 if is_owned else 204)


class Current:
    """A baseline that is never stale."""

    stamps_sent = False

    def require(self, *_: object) -> None:
        pass

    def conflicts(self, *_: object) -> list[Any]:
        return []


@each_reference
def test_the_change_engine_names_the_reference(linked, reference):
    record = RECORDS[reference.to]
    change = Change("Sent[0]", {record.key.name: TARGET}, [], Current(), delete=True)
    context = WriteContext(TenantView(linked.tenant), linked.tenant.quirk)
    with pytest.raises(errors.RecordInUse) as refused:
        plan(record, change, context, linked.tenant)
    (reason,) = refused.value.reasons
    assert reason.path == f"Sent[0].{record.key.wire}"
    special = record.in_use_by.get(reference.kind)
    assert special[0] in reason.text if special else reason.text.endswith(reference.path[-1].name)


@pytest.mark.parametrize("reference", [each for each in REFERENCES if each.to in UPDATED], ids=lambda each: each.name)
def test_an_update_does_not_delete_a_record_in_use(linked, reference):
    plural, key = RECORDS[reference.to].plural, RECORDS[reference.to].key.name
    (current,) = linked.content(f"Get{plural}", {f"Requested{plural}": [TARGET]})[plural]
    gone = {key: TARGET, "LastModifiedDate": current["LastModifiedDate"], "Delete": True}
    before = linked.tenant.fingerprint()
    answer = linked.call(f"Update{plural}", {f"Updated{plural}": [gone], f"Unchanged{plural}": [current]})
    assert answer["Errors"]
    (reason,) = linked.journal.last().reasons
    assert reason.rule == "in-use"
    own = reference.body()[RECORDS[reference.kind].key.name]
    special = RECORDS[reference.to].in_use_by.get(reference.kind)
    assert reason.text.startswith(special[0] if special else f"{reference.kind} {own} refers to it: ")
    assert linked.tenant.fingerprint() == before


def test_an_index_and_a_walk_find_the_same_referrers(ajera):
    """References are indexed for the kinds that a method deletes; for all others the records are read."""
    needs = tuple(Need(kind, deletes=True) for kind in RECORDS)
    every = Method(name="DeleteAnything", access="write", versions={}, needs=needs)
    store = SqliteStore.in_memory()
    store.load(ajera.tenant.snapshot().image)
    indexed = Tenant(store, kind_specs(RECORDS.values(), [*METHODS.values(), every]), seed=b"x")
    keys = [(kind, key) for kind, table in indexed.model.tables.items() for key in table.entries]
    assert any(list(referrers(indexed, *each)) for each in keys)
    for each in keys:
        assert list(referrers(indexed, *each)) == list(referrers(ajera.tenant, *each))
    indexed.close()


def test_a_record_may_refer_to_itself(ajera):
    """An employee who is their own supervisor can be deleted."""
    ajera.put_record("Employee", {"EmployeeKey": TARGET, "SupervisorKey": TARGET})
    assert delete(ajera, "Employee", TARGET)[0] == 204


EMPLOYEE = {"EmployeeKey": TARGET, "FirstName": "Ada", "LastName": "Target", "CompanyKey": 1, "EmployeeTypeKey": 1}


def update(ajera, *sent, single=False):
    """Change employees of the firm; those with positive keys have the current record as their baseline."""
    keys = [row["EmployeeKey"] for row in sent if row["EmployeeKey"] > 0]
    unchanged = ajera.content("GetEmployees", {"RequestedEmployees": keys})["Employees"] if keys else []
    stamps = {row["EmployeeKey"]: row["LastModifiedDate"] for row in unchanged}
    stamped = [{"LastModifiedDate": stamps.get(row["EmployeeKey"], NEW_STAMP)} | row for row in sent]
    arguments = {"UpdatedEmployees": stamped, "UnchangedEmployees": unchanged, "UseSingleTransaction": single}
    return ajera.call("UpdateEmployees", arguments)


def test_an_employee_for_whom_an_api_user_acts_is_not_deleted(ajera):
    ajera.put_record("Employee", EMPLOYEE)
    user = ApiUser.new("zoe", "Some_thing7", TARGET)
    ajera.tenant.users.put(user)
    ajera.tenant.users.put(replace(user, name="clerk"))
    before = ajera.tenant.fingerprint()

    status, text = delete(ajera, "Employee", TARGET)
    assert (status, "API user clerk refers to Employee 9001 (AuthorizingEmployee)" in text) == (409, True)
    answer = update(ajera, {"EmployeeKey": TARGET, "Delete": True})
    assert answer["Errors"]
    (reason,) = ajera.journal.last().reasons
    assert (reason.rule, reason.claim) == ("in-use", "employee.acted-for-not-deleted")
    assert reason.text == "API user 'clerk' acts for it: AuthorizingEmployee"
    assert ajera.tenant.fingerprint() == before

    for name in ("clerk", "zoe"):
        ajera.tenant.users.put(replace(user, name=name, authorizing_employee=2))
    assert update(ajera, {"EmployeeKey": TARGET, "Delete": True})["Errors"] == []
    assert ajera.tenant.row("Employee", TARGET) is None


def test_an_api_user_does_not_keep_the_record_of_another_kind(ajera):
    ajera.put_record("Client", {"ClientKey": TARGET, "Description": "Target"})
    ajera.tenant.users.put(ApiUser.new("clerk", "Some_thing7", TARGET))
    assert delete(ajera, "Client", TARGET)[0] == 204


def test_a_reference_from_an_earlier_record_of_the_request_is_named(ajera):
    ajera.put_record("Employee", EMPLOYEE)
    gone = {"EmployeeKey": TARGET, "Delete": True}
    new = {**EMPLOYEE, "EmployeeKey": -4, "LastName": "New", "SupervisorKey": TARGET}
    update(ajera, new, gone)
    (reason,) = ajera.journal.last().reasons
    assert (reason.path, reason.rule) == ("UpdatedEmployees[1].EmployeeKey", "in-use")
    assert reason.text == "Employee -4 refers to it: SupervisorKey"


def test_a_record_that_is_deleted_earlier_in_the_request_does_not_exist(ajera):
    ajera.put_record("Employee", EMPLOYEE)
    gone = {"EmployeeKey": TARGET, "Delete": True}
    update(ajera, gone, {"EmployeeKey": 7, "SupervisorKey": TARGET})
    (reason,) = ajera.journal.last().reasons
    assert (reason.path, reason.rule) == ("UpdatedEmployees[1].SupervisorKey", "reference")


def test_another_referrer_is_found_behind_one_of_the_request(ajera):
    """The request frees the record from one employee, but not from the next one."""
    ajera.put_record("Employee", EMPLOYEE)
    for key in (8001, 8002):
        ajera.put_record("Employee", {**EMPLOYEE, "EmployeeKey": key, "LastName": f"{key}", "SupervisorKey": TARGET})
    gone = {"EmployeeKey": TARGET, "Delete": True}
    update(ajera, {"EmployeeKey": 8001, "SupervisorKey": None}, gone)
    (reason,) = ajera.journal.last().reasons
    assert reason.text == "Employee 8002 refers to it: SupervisorKey"
    assert update(ajera, {"EmployeeKey": 8002, "SupervisorKey": None}, gone, single=True)["Errors"] == []


def test_an_own_reference_does_not_keep_a_record(ajera):
    ajera.put_record("Employee", {**EMPLOYEE, "SupervisorKey": TARGET})
    assert update(ajera, {"EmployeeKey": TARGET, "Delete": True})["Errors"] == []
