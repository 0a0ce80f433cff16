"""Lookups through an index find what a walk over all records finds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from mock_ajera.tenants import value_index
from mock_ajera.tenants.folding import collated
from mock_ajera.tenants.model import Folded, KindSpec, ReferencePath, Table

NAME = Folded(("Name",))
SPEC = KindSpec(
    "Thing",
    ("Status", "Name"),
    ("Status", NAME),
    {"Owner": (ReferencePath(("Owners",), ("OwnerKey",)),)},
    frozenset({"Owner"}),
)
STATUSES = ("Active", "Closed", None)
NAMES = ("a", "A", "a ", "b", "")
OWNERS = range(1, 5)


class Tables(RuleBasedStateMachine):
    """Two tables, of which one may become a copy of the other, and the bodies that they have."""

    @initialize()
    def begin(self) -> None:
        self.tables = [Table(SPEC), Table(SPEC)]
        self.bodies: list[dict[int, dict[str, object]]] = [{}, {}]

    @rule(
        at=st.integers(0, 1),
        key=st.integers(1, 9),
        status=st.sampled_from(STATUSES),
        name=st.sampled_from(NAMES),
        owners=st.lists(st.sampled_from(OWNERS)),
    )
    def put(self, at: int, key: int, status: str | None, name: str, owners: list[int]) -> None:
        body = {"Status": status, "Name": name, "Owners": [{"OwnerKey": owner} for owner in owners]}
        self.tables[at].put(key, 1, 0, body)
        self.bodies[at][key] = body | {"Owners": owners}

    @rule(at=st.integers(0, 1), key=st.integers(1, 9))
    def remove(self, at: int, key: int) -> None:
        self.tables[at].remove(key)
        self.bodies[at].pop(key, None)

    @rule(at=st.integers(0, 1))
    def copy(self, at: int) -> None:
        """A fork, a snapshot, or a restore."""
        self.tables[1 - at] = self.tables[at].copy()
        self.bodies[1 - at] = dict(self.bodies[at])

    @rule(at=st.integers(0, 1), statuses=st.lists(st.sampled_from(STATUSES)))
    def find_by_statuses(self, at: int, statuses: list[str | None]) -> None:
        found = {key for key, body in self.bodies[at].items() if body["Status"] in statuses}
        assert self.tables[at].keys_with("Status", statuses) == found

    @rule(at=st.integers(0, 1), name=st.sampled_from(NAMES))
    def find_by_name(self, at: int, name: str) -> None:
        found = {key for key, body in self.bodies[at].items() if collated(body["Name"]) == collated(name)}
        assert self.tables[at].keys_with(NAME, [(collated(name),)]) == found

    @rule(at=st.integers(0, 1), owner=st.sampled_from(OWNERS))
    def find_referrers(self, at: int, owner: int) -> None:
        found = {key for key, body in self.bodies[at].items() if owner in body["Owners"]}
        assert self.tables[at].referrers("Owner", owner) == found


@pytest.fixture(autouse=True, scope="module")
def rebuilt() -> Iterator[None]:
    """Build an index again after few changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(value_index, "_ROOM", 5)
        yield


Tables.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestTables = Tables.TestCase


@pytest.mark.parametrize("keys", [3, 2000])
def test_changes_do_not_make_an_index_grow_forever(keys: int) -> None:
    """A few records that are renamed again and again, or many that come and go, leave nothing behind."""
    table = Table(SPEC)
    for number in range(2000):
        key = number % keys
        table.put(key, 1, 0, {"Name": f"name {number}"})
        table.put(key, 2, 0, {"Name": f"name {number + 1}"})
        if keys > number:
            table.remove(key)
        table.keys_with(NAME, [("name",)])
        index = table._indexes[NAME]
        assert len(index._changed) + len(index._added) + len(index._built) < 100
