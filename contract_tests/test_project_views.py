"""Other reads of projects: resources, totals, templates and chargeable phases."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from .answers import refusal, success
from .client import AjeraClient
from .firm import Firm, Row, lacking, phases_of, spread
from .made import Made
from .totals import SUMS, TOTALS, totals_of
from .writing import INVALID, UNKNOWN_KEY, Create, new_phase

claim = pytest.mark.claim


@pytest.fixture(scope="module")
def keys(firm: Firm) -> list[int]:
    """Return keys of some projects, spread over the list."""
    return spread([row["ProjectKey"] for row in firm.some("Projects")], 8)


@pytest.fixture(scope="module")
def totals(client: AjeraClient, keys: list[int]) -> list[Row]:
    """Return the totals of these projects."""
    return [totals_of(client, key) for key in keys]


def with_totals(project: Row) -> list[Row]:
    """Return a project and its top-level phases, which all show totals."""
    return [project, *(phase for group in project["InvoiceGroups"] for phase in group["Phases"])]


# Resources.


@pytest.fixture(scope="module")
def with_resources(client: AjeraClient, firm: Firm) -> list[Row]:
    """Return the known projects with their resources."""
    wanted = [row["ProjectKey"] for row in firm.some("Projects")]
    found: list[Row] = []
    for at in range(0, len(wanted), 20):
        arguments = {"RequestedProjects": wanted[at : at + 20]}
        found += success(client.call("GetProjectsWithResources", arguments))["Projects"]
    return found


def resources(projects: list[Row]) -> list[Row]:
    """Return every resource of the projects."""
    owners = [owner for project in projects for owner in (project, *phases_of(project))]
    return [row for owner in owners for row in owner["Resources"]] or lacking("resources")


@claim("project.get-with-resources")
def test_projects_with_resources(firm: Firm, with_resources: list[Row]) -> None:
    """The record is that of GetProjects, with Resources on the project and on each phase."""
    known = {row["ProjectKey"]: row for row in firm.some("Projects")}
    for project in with_resources:
        assert isinstance(project["Resources"], list)
        assert all(isinstance(phase["Resources"], list) for phase in phases_of(project))
        assert {name: value for name, value in project.items() if name not in ("Resources", "InvoiceGroups")} == {
            name: value for name, value in known[project["ProjectKey"]].items() if name != "InvoiceGroups"
        }


@claim("project.resource-employee", "project.resource-employee-null")
def test_employees_of_resources(firm: Firm, with_resources: list[Row]) -> None:
    """An employee is an object with a key and names. Without one, EmployeeKey is null and there is no object."""
    people = {row["EmployeeKey"]: row for row in firm.all("Employees")}
    rows = resources(with_resources)
    for row in rows:
        employee = row.get("Employee")
        if employee is None:
            assert "Employee" not in row
            assert row["EmployeeKey"] is None
        else:
            assert employee["LastName"] == people[employee["EmployeeKey"]]["LastName"]
    if len({"Employee" in row for row in rows}) < 2:
        lacking("resources with and without an employee")


@claim("project.resource-descriptions")
def test_descriptions_of_resources(with_resources: list[Row]) -> None:
    """Each of the four keys has its description next to it."""
    for row in resources(with_resources):
        for name in ("EmployeeType", "Activity", "Vendor", "VendorType"):
            assert bool(row[f"{name}Description"]) <= (row[f"{name}Key"] is not None)


@claim("project.v2-resource-employee")
def test_employees_of_resources_in_version_2(firm: Firm) -> None:
    """The names are in an object without a key. They are empty if there is no employee."""
    for row in firm.v2("Resources") or lacking("resources"):
        assert row["Employee"].keys() == {"FirstName", "MiddleName", "LastName"}
        assert all(isinstance(name, str) for name in row["Employee"].values())


# Totals.


@claim("project.totals-members", "project.totals-content")
def test_totals_of_project_and_phases(totals: list[Row]) -> None:
    """Every printed total is a number on the project and on its phases."""
    for project in totals:
        for owner in with_totals(project):
            assert set(TOTALS) <= owner.keys()
            assert all(isinstance(owner[name], int | Decimal) for name in TOTALS)
        assert not any(set(TOTALS) & group.keys() for group in project["InvoiceGroups"])


@claim("project.totals-content")
def test_content_is_one_object(client: AjeraClient, keys: list[int]) -> None:
    """Content has one member, ProjectTotals, which is the project."""
    content = success(client.call("GetProjectTotals", {"RequestedProjectTotals": keys[0]}))
    if "Projects" in content:
        pytest.skip("the target returns the totals as the page prints them")
    assert content.keys() == {"ProjectTotals"}
    assert content["ProjectTotals"]["ProjectKey"] == keys[0]


@claim("project.totals-more-members")
def test_more_totals_of_a_project(totals: list[Row]) -> None:
    """The project has three totals that the page does not print."""
    names = {"Billed Hours", "Resource Hours", "Receipts Adjustments Expense"}
    if not any(names & project.keys() for project in totals):
        pytest.skip("the target shows only the printed totals")
    assert all(names <= project.keys() for project in totals)


@claim("project.totals-members")
def test_other_members_are_those_of_the_project(firm: Firm, totals: list[Row]) -> None:
    """Besides the totals, the record has the members that GetProjects returns."""
    known = {row["ProjectKey"]: row for row in firm.some("Projects")}
    for project in totals:
        for name, value in known[project["ProjectKey"]].items():
            if name != "InvoiceGroups":
                assert project[name] == value


@claim("project.totals-add-up")
@pytest.mark.parametrize("name", SUMS)
def test_totals_add_up(totals: list[Row], name: str) -> None:
    """A total is the sum of its parts, on projects and phases."""
    for project in totals:
        for owner in with_totals(project):
            assert owner[name] == sum((owner[part] for part in SUMS[name]), Decimal(0))


@claim("project.totals-balances")
def test_balances(totals: list[Row]) -> None:
    """The balances are what was billed and not received, and what was invoiced and not paid."""
    for owner in (owner for project in totals for owner in with_totals(project)):
        billed = owner["Billed"] + owner["Billed Sales Tax"] + owner["Billed Adjustments"]
        received = owner["Receipts"] + owner["Receipts Sales Tax"]
        received += owner["Receipts Adjustments"] + owner["Receipts Credit Memo"]
        assert owner["Receivable Balance"] == billed - received
        assert owner["Payable Balance"] == owner["Vendor Invoiced"] - owner["Payments"]


@claim("project.totals-of-phases")
@pytest.mark.parametrize("name", TOTALS)
def test_phases_sum_to_their_project(totals: list[Row], name: str) -> None:
    """A total of a project is the sum of the totals of its phases."""
    for project in totals:
        own, *phases = with_totals(project)
        assert own[name] == sum((phase[name] for phase in phases), Decimal(0))


@claim("project.totals-one-key")
@pytest.mark.parametrize("wrong", ["list", "none"])
def test_totals_of_one_project_only(client: AjeraClient, keys: list[int], wrong: str) -> None:
    """An array of keys is refused, and so is a missing key."""
    arguments: dict[str, Any] = {"RequestedProjectTotals": keys[:1]} if wrong == "list" else {}
    assert INVALID in refusal(client.call("GetProjectTotals", arguments)).texts[0]


@claim("project.totals-unknown-key")
def test_totals_of_an_unknown_project(client: AjeraClient) -> None:
    """An unknown key returns no project."""
    content = success(client.call("GetProjectTotals", {"RequestedProjectTotals": UNKNOWN_KEY}))
    assert not content.get("Projects")
    assert not content.get("ProjectTotals")


# Templates.


@claim("project.template-list-members")
def test_list_of_templates(firm: Firm) -> None:
    """Every row has exactly the three printed members."""
    rows = firm.all("ProjectTemplates") or lacking("templates")
    assert all(row.keys() == {"ProjectTemplateKey", "ID", "Description"} for row in rows)


@claim("project.template-members")
def test_templates(firm: Firm) -> None:
    """A template has a key of its own instead of a ProjectKey, and has invoice groups and phases."""
    for row in firm.some("ProjectTemplates"):
        assert "ProjectKey" not in row
        assert "Delete" not in row
        assert all(group["Phases"] for group in row["InvoiceGroups"])


@claim("project.template-list-members")
def test_templates_by_status(firm: Firm) -> None:
    """The filters are those of ListProjects."""
    rows = firm.some("ProjectTemplates")
    for status in {row["Status"] for row in rows}:
        kept = firm.keys("ProjectTemplates", FilterByStatus=[status])
        assert {row["ProjectTemplateKey"] for row in rows if row["Status"] == status} <= kept


@claim("project.template-asked-by-projects-only")
def test_name_of_the_argument(client: AjeraClient, firm: Firm) -> None:
    """Templates are requested with RequestedProjects."""
    key = firm.one("ProjectTemplates")["ProjectTemplateKey"]
    answer = client.call("GetProjectTemplates", {"RequestedProjectTemplates": [key]})
    assert INVALID in refusal(answer).texts[0]


# Chargeable phases.


def chargeable(client: AjeraClient, key: int, version: int = 1) -> list[Row]:
    """Return the rows of ListChargeablePhases."""
    content = success(client.call("ListChargeablePhases", {"ProjectKey": key}, version=version))
    found: list[Row] = content["ChargeablePhases"]
    return found


@claim("project.chargeable-members")
def test_members_of_chargeable_phases(client: AjeraClient, firm: Firm, keys: list[int]) -> None:
    """Level 0 is the project. Its phases follow with their keys."""
    known = {row["ProjectKey"]: row for row in firm.some("Projects")}
    for key in keys:
        top, *phases = chargeable(client, key)
        assert top.keys() == {"Key", "Description", "Level", "Enabled", "WBS", "RequireNotes"}
        assert (top["Key"], top["Level"], top["Description"]) == (key, 0, known[key]["Description"])
        assert {row["Key"] for row in phases} == {phase["PhaseKey"] for phase in phases_of(known[key])}


@claim("project.chargeable-order")
def test_order_of_chargeable_phases(client: AjeraClient, firm: Firm, keys: list[int]) -> None:
    """The rows are in the order of the tree."""
    known = {row["ProjectKey"]: row for row in firm.some("Projects")}
    for key in keys:
        rows = chargeable(client, key)
        assert [row["Key"] for row in rows[1:]] == [phase["PhaseKey"] for phase in phases_of(known[key])]
        assert all(row["Level"] <= before["Level"] + 1 for before, row in pairwise(rows))


@claim("project.chargeable-wbs")
def test_wbs_of_chargeable_phases(made: Made, minimum: Create, new_project: Create) -> None:
    """WBS and Level are the position of a phase in the tree, across invoice groups. Only leaf phases accept time."""
    groups = [minimum()["InvoiceGroups"][0] | {"InvoiceGroupKey": key} for key in (-2, -3)]
    closed = new_phase(-9, Status="Closed", Phases=[new_phase(-10)])
    groups[0]["Phases"] = [new_phase(-4), new_phase(-5, Phases=[new_phase(-6), new_phase(-7, Phases=[new_phase(-8)])])]
    groups[1]["Phases"] = [closed, new_phase(-11, RequireTimesheetNotes=True)]
    project = new_project(Status="Active", InvoiceGroups=groups)
    rows = chargeable(made.client, project["ProjectKey"])
    assert [
        tuple(row[name] for name in ("Description", "Level", "WBS", "Enabled", "RequireNotes")) for row in rows
    ] == [
        (project["Description"], 0, "", False, False),
        ("Phase 4", 1, "1", True, False),
        ("Phase 5", 1, "2", False, False),
        ("Phase 6", 2, "2.1", True, False),
        ("Phase 7", 2, "2.2", False, False),
        ("Phase 8", 3, "2.2.1", True, False),
        ("Phase 9", 1, "3", False, False),
        ("Phase 10", 2, "3.1", False, False),
        ("Phase 11", 1, "4", True, True),
    ]


@claim("project.status-governs-time")
def test_phases_that_accept_time(client: AjeraClient, firm: Firm, keys: list[int]) -> None:
    """Only leaf phases with an open status accept time."""
    taking = {"Marketing", "Preliminary", "Active", "BillingHold"}
    for project in firm.some("Projects"):
        if project["ProjectKey"] in keys:
            below = {phase["PhaseKey"]: phase for phase in phases_of(project)}
            for row in chargeable(client, project["ProjectKey"])[1:]:
                phase = below[row["Key"]]
                if phase["Status"] not in taking or project["Status"] not in taking or phase.get("Phases"):
                    assert row["Enabled"] is False


@claim("project.status-null")
def test_project_without_a_status(made: Made, new_project: Create) -> None:
    """The status is Null, no status filter finds the project, and it accepts no time."""
    project = new_project(Status="Null")
    assert project["Status"] == "Null"
    statuses = ["Preliminary", "Active", "Hold", "WorkHold", "BillingHold", "Closed", "Marketing"]
    listed = success(made.client.call("ListProjects", {"FilterByStatus": statuses}))["Projects"]
    assert project["ProjectKey"] not in [row["ProjectKey"] for row in listed]
    rows = chargeable(made.client, project["ProjectKey"])
    assert [row["Enabled"] for row in rows] == [False] * len(rows)


@claim("project.chargeable-unknown-key")
def test_chargeable_phases_of_an_unknown_project(client: AjeraClient) -> None:
    """An unknown key returns no rows and no error."""
    assert chargeable(client, 2_000_000_000) == []


@claim("project.chargeable-both-versions")
def test_chargeable_phases_in_version_2(client: AjeraClient, keys: list[int]) -> None:
    """Both versions return the same rows."""
    for key in keys:
        assert chargeable(client, key, version=2) == chargeable(client, key)


@claim("project.chargeable-one-key")
@pytest.mark.parametrize("wrong", ["list", "none"])
def test_chargeable_phases_of_one_project_only(client: AjeraClient, keys: list[int], wrong: str) -> None:
    """An array of keys is refused, and so is a missing key."""
    arguments: dict[str, Any] = {"ProjectKey": keys[:1]} if wrong == "list" else {}
    assert INVALID in refusal(client.call("ListChargeablePhases", arguments)).texts[0]
