"""No thread uses the store of a tenant without the tenant's lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stored_actions import API, CONTROL, World

from mock_ajera.store import Store
from mock_ajera.tenants.tenant import Tenant

READS: dict[str, Callable[[World], Any]] = {
    "ListClients": lambda world: world.call("ListClients", {"FilterByDescriptionLike": "a%"}),
    "GetProjects": lambda world: world.call("GetProjects", {"RequestedProjects": [1]}),
    "GetExpenseReports": lambda world: world.call("GetExpenseReports", {"RequestedExpenseReports": [1]}),
    "tenants export": lambda world: world.control("GET", "/files"),
    "tenants fork": lambda world: world.control("POST", "/fork", {"name": "copy"}),
    "snapshots take": lambda world: world.control("POST", "/snapshots", {"name": "again"}),
    "records list": lambda world: world.control("GET", "/records/Company"),
    "records get": lambda world: world.control("GET", "/records/Company/901"),
    "users list": lambda world: world.control("GET", "/users"),
    "tenants show": lambda world: world.control("GET", ""),
    "journal list": lambda world: world.control("GET", "/journal"),
}
ACTIONS = {**CONTROL, **API, **READS}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "firm.db")
    world.prepare()
    yield world
    for each in list(world.tenants):
        each.close()


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_an_action_holds_the_lock(
    action: Callable[[World], Any], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite crashes Python if a thread closes a connection that another one is using."""
    usual = Tenant.store.fget
    assert usual is not None
    held: list[bool] = []

    def store(tenant: Tenant) -> Store:
        if tenant is world.tenant:
            held.append(tenant.lock._is_owned())  # type: ignore[attr-defined] # how the standard library asks, too
        return usual(tenant)

    monkeypatch.setattr(Tenant, "store", property(store))
    action(world)
    assert all(held)


def test_the_check_can_fail(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError):
        test_an_action_holds_the_lock(lambda world: world.tenant.store.size(), world, monkeypatch)
