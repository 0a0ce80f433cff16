"""What is looked up from a key follows the record that the key names: a rename shows in the next Get."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest
from rules.world import World

from contract_tests.made import CLIENTS, PROJECTS


@pytest.fixture
def world() -> Iterator[World]:
    """A firm that the test may rename."""
    with World() as world:
        yield world


def both_versions(world: World, key: int) -> tuple[str, str, str, str]:
    """The names of company and client of a project, in version 1 and in version 2."""
    project = world.read(PROJECTS, key)
    content = world.ajera.call("GetProjects", {"RequestedProjects": [key]}, version=2)["Content"]
    return (
        project["CompanyDescription"],
        content["Projects"][0]["CompanyDescription"],
        project["InvoiceGroups"][0]["Client"]["Description"],
        content["InvoiceGroups"][0]["ClientDescription"],
    )


def test_a_renamed_company_shows_in_projects_read_before(world: World) -> None:
    """A project that was read shows the company's new name when it is read again, in both versions."""
    company = world.keys["Company"][0]
    client = f"Client {world.keys['Client'][0]}"
    key = world.created(PROJECTS)
    assert both_versions(world, key) == (f"Company {company}",) * 2 + (client,) * 2

    world.ajera.put_record("Company", {"CompanyKey": company, "Description": "Renamed", "Status": "Active"})

    assert both_versions(world, key) == ("Renamed",) * 2 + (client,) * 2


def test_a_renamed_client_shows_in_projects_read_before(world: World) -> None:
    """A client renamed by UpdateClients shows under its new name in its projects, in both versions."""
    key = world.created(PROJECTS)
    company, *_ = both_versions(world, key)
    read = world.read(CLIENTS, world.keys["Client"][0])
    renamed = copy.deepcopy(read) | {"Description": "Renamed"}

    answer = world.update(CLIENTS, [renamed], [read])

    assert answer["Errors"] == []
    assert both_versions(world, key) == (company,) * 2 + ("Renamed",) * 2


def test_a_rename_does_not_change_the_project(world: World) -> None:
    """A project read before the rename can still be written: names are no part of its baseline or its stamp."""
    company = world.keys["Company"][0]
    key = world.created(PROJECTS)
    read = world.read(PROJECTS, key)
    world.ajera.put_record("Company", {"CompanyKey": company, "Description": "Renamed", "Status": "Active"})
    changed = copy.deepcopy(read) | {"Notes": "After the rename"}

    answer = world.update(PROJECTS, [changed], [read])

    assert answer["Errors"] == []
    assert answer["Content"]["Projects"][0]["CompanyDescription"] == "Renamed"


def test_the_answer_of_a_change_shows_the_new_lookup(world: World) -> None:
    """A project moved to another company shows that company's name at once."""
    other = world.keys["Company"][1]
    key = world.created(PROJECTS)
    read = world.read(PROJECTS, key)
    changed = copy.deepcopy(read) | {"CompanyKey": other}

    answer = world.update(PROJECTS, [changed], [read])

    assert answer["Errors"] == []
    assert answer["Content"]["Projects"][0]["CompanyDescription"] == f"Company {other}"
    assert both_versions(world, key)[:2] == (f"Company {other}",) * 2


def test_a_renamed_invoice_format_shows_in_the_groups_read_before(world: World) -> None:
    """What only the rows inside a project show is followed too."""
    key = world.created(PROJECTS)
    (group,) = world.read(PROJECTS, key)["InvoiceGroups"]
    named = {"InvoiceFormatKey": group["InvoiceFormatKey"], "Description": "Renamed", "Status": "Active"}
    assert group["InvoiceFormatDescription"] != "Renamed"

    world.ajera.put_record("InvoiceFormat", named)

    (group,) = world.read(PROJECTS, key)["InvoiceGroups"]
    assert group["InvoiceFormatDescription"] == "Renamed"
