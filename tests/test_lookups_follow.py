"""A value looked up from a key follows the record: the next Get shows a rename."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rules.world import World

from contract_tests.kinds import CLIENTS, CONTACTS, EMPLOYEES, PROJECTS


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        yield world


def both_versions(world: World, key: int) -> tuple[str, str, str, str]:
    """Return the names of company and client of a project, in versions 1 and 2."""
    project = world.read(PROJECTS, key)
    content = world.ajera.call("GetProjects", {"RequestedProjects": [key]}, version=2)["Content"]
    return (
        project["CompanyDescription"],
        content["Projects"][0]["CompanyDescription"],
        project["InvoiceGroups"][0]["Client"]["Description"],
        content["InvoiceGroups"][0]["ClientDescription"],
    )


def test_renamed_records_show_in_a_project_read_before(world: World) -> None:
    """Projects show the new names of company and client, in both versions."""
    company, client = world.keys["Company"][0], world.keys["Client"][0]
    key = world.created(PROJECTS)
    assert both_versions(world, key) == (f"Company {company}",) * 2 + (f"Client {client}",) * 2

    world.ajera.put_record("Company", {"CompanyKey": company, "Description": "Renamed", "Status": "Active"})

    assert both_versions(world, key) == ("Renamed",) * 2 + (f"Client {client}",) * 2

    read = world.read(CLIENTS, client)
    world.client.written(CLIENTS, [read | {"Description": "New name"}], [read])

    assert both_versions(world, key) == ("Renamed",) * 2 + ("New name",) * 2


def test_a_renamed_contact_shows_in_records_read_before(world: World) -> None:
    """The contact lines of clients, employees and projects show the new name after UpdateContacts."""
    keys = {kind: world.created(kind) for kind in (CLIENTS, EMPLOYEES, PROJECTS)}
    for kind, key in keys.items():
        assert world.read(kind, key)["Contacts"][0]["LastName"] == world.names["contact"]["LastName"]
    read = world.read(CONTACTS, world.keys["Contact"][0])

    world.client.written(CONTACTS, [read | {"LastName": "Renamed"}], [read])

    for kind, key in keys.items():
        assert world.read(kind, key)["Contacts"][0]["LastName"] == "Renamed"


def test_a_renamed_employee_shows_in_projects_read_before(world: World) -> None:
    """The roles of a project show the new name after UpdateEmployees."""
    manager = world.employees["manager"]
    key = world.created(PROJECTS)
    assert world.read(PROJECTS, key)["InvoiceGroups"][0]["BillingManager"]["LastName"] == "Manager"
    read = world.read(EMPLOYEES, manager)

    world.client.written(EMPLOYEES, [read | {"LastName": "Renamed"}], [read])

    assert world.read(PROJECTS, key)["InvoiceGroups"][0]["BillingManager"]["LastName"] == "Renamed"


def test_a_renamed_bank_account_shows_in_employees_read_before(world: World) -> None:
    account = world.keys["BankAccount"][0]
    key = world.created(EMPLOYEES)
    assert world.read(EMPLOYEES, key)["CreditCards"][0]["Description"] == f"BankAccount {account}"

    world.ajera.put_record("BankAccount", {"BankAccountKey": account, "Description": "Renamed", "Status": "Active"})

    assert world.read(EMPLOYEES, key)["CreditCards"][0]["Description"] == "Renamed"


def test_a_rename_does_not_change_the_project(world: World) -> None:
    """A project read before a rename can be updated: names are not part of its baseline or stamp."""
    company = world.keys["Company"][0]
    key = world.created(PROJECTS)
    read = world.read(PROJECTS, key)
    world.ajera.put_record("Company", {"CompanyKey": company, "Description": "Renamed", "Status": "Active"})

    [changed] = world.client.written(PROJECTS, [read | {"Notes": "After the rename"}], [read])

    assert changed["CompanyDescription"] == "Renamed"


def test_an_update_answers_with_the_new_company_name(world: World) -> None:
    other = world.keys["Company"][1]
    key = world.created(PROJECTS)
    read = world.read(PROJECTS, key)

    [changed] = world.client.written(PROJECTS, [read | {"CompanyKey": other}], [read])

    assert changed["CompanyDescription"] == f"Company {other}"
    assert both_versions(world, key)[:2] == (f"Company {other}",) * 2


def test_a_renamed_invoice_format_shows_in_groups_read_before(world: World) -> None:
    key = world.created(PROJECTS)
    (group,) = world.read(PROJECTS, key)["InvoiceGroups"]
    named = {"InvoiceFormatKey": group["InvoiceFormatKey"], "Description": "Renamed", "Status": "Active"}
    assert group["InvoiceFormatDescription"] != "Renamed"

    world.ajera.put_record("InvoiceFormat", named)

    (group,) = world.read(PROJECTS, key)["InvoiceGroups"]
    assert group["InvoiceFormatDescription"] == "Renamed"
