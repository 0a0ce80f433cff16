"""The directory: how a tenant is admitted, and which ids and quirks it gets."""

from __future__ import annotations

import pytest

from mock_ajera.sample.templates import new_tenant
from mock_ajera.tenants.directory import DatabaseIds, Directory, Taken
from mock_ajera.tenants.firm import Database
from mock_ajera.tenants.quirks import Layers, profile_values
from mock_ajera.tenants.tenant import Tenant


@pytest.fixture
def directory():
    tenants = Directory(b"test")
    yield tenants
    for tenant in tenants:
        tenant.close()


def filled() -> Tenant:
    return new_tenant("empty", seed=b"test")


def test_asked_quirks_override_those_of_the_firm_and_these_the_profile(directory):
    tenant = filled()
    tenant.set_quirks({"success_code": "zero", "session_minutes": 5})
    layers = Layers(profile_values("documented"), tenant.own_quirks, {"session-minutes": 7})
    directory.admit(tenant, "one", quirks=layers)
    assert tenant.quirk("session_minutes") == 7
    assert tenant.quirk("success_code") == "zero"
    assert tenant.quirk("members") == "documented"


def test_quirks_stay_without_layers(directory):
    tenant = filled()
    tenant.set_quirks({"success_code": "zero"})
    directory.admit(tenant, "one")
    assert tenant.quirk("success_code") == "zero"


def test_a_tenant_keeps_the_ids_of_its_firm_unless_ids_are_given(directory):
    first, second, third = filled(), filled(), filled()
    directory.admit(first, "first")
    directory.admit(second, "second", ids=DatabaseIds())
    directory.admit(third, "third", ids=DatabaseIds("Chosen", client_id=7))
    assert first.firm.database == Database("Ajera_Main", 1, 101)
    assert second.firm.database == Database("Ajera_second", 1, 201)
    assert third.firm.database == Database("Chosen", 7, 202)
    assert directory.find((1, 201)) is directory.find("Ajera_second") is directory.get("second") is second


def test_a_reset_returns_to_the_admitted_state(directory):
    tenant = filled()
    directory.admit(tenant, "one", quirks=Layers(asked={"success_code": "zero"}), ids=DatabaseIds())
    tenant.set_quirks({"success_code": "docs"})
    tenant.reset()
    assert tenant.quirk("success_code") == "zero"
    assert tenant.firm.database.name == "Ajera_one"


@pytest.mark.parametrize(
    ("name", "ids", "message"),
    [
        ("one", DatabaseIds(), "tenant one already exists"),
        ("two", None, "the tenant one has the database Ajera_Main"),
        ("two", DatabaseIds(database_id=101), "the tenant one has the database ClientID 1, DatabaseID 101"),
    ],
)
def test_a_tenant_whose_name_or_id_is_taken_is_refused_and_closed(directory, name, ids, message):
    directory.admit(filled(), "one")
    tenant = filled()
    with pytest.raises(Taken, match=message):
        directory.admit(tenant, name, ids=ids)
    assert tenant.closed
    assert [each.name for each in directory] == ["one"]


def test_a_tenant_with_an_invalid_quirk_is_refused_and_closed(directory):
    tenant = filled()
    with pytest.raises(ValueError, match="success_code"):
        directory.admit(tenant, "one", quirks=Layers(asked={"success_code": "two"}))
    assert tenant.closed
    assert list(directory) == []
