"""Import of projects with their contacts: the first run, and the runs that read the changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ..answers import records, refusal
from ..client import AjeraClient
from ..firm import Firm, Row
from ..kinds import CLIENTS, CONTACTS, PROJECTS
from ..made import Made
from ..writing import changed

claim = pytest.mark.claim


@claim("list.listed-keys-can-be-got", "project.contacts-array")
def test_first_import(firm: Firm) -> None:
    """Every contact of a project can be read."""
    used = {line["ContactKey"] for project in firm.some("Projects") for line in project["Contacts"]}
    assert {row["ContactKey"] for row in firm.get("Contacts", *sorted(used))} == used


@claim("filter.earliest-modified", "filter.bare-date")
def test_changed_projects_are_listed(made: Made, firm: Firm, new_project: Callable[..., Row]) -> None:
    """A renamed, reassigned and closed project is in the list of changes since the day of its stamp."""
    manager = firm.employee("project manager", lambda row: row["IsProjectManager"] and row["Status"] == "Active")
    project = new_project()
    for members in (
        {"Description": made.name("renamed")},
        {"ProjectManager": {"EmployeeKey": manager["EmployeeKey"]}},
        {"Status": "Closed"},
    ):
        project = changed(made, PROJECTS, project, **members)
        day = project["LastModifiedDate"][:10]
        assert project["ProjectKey"] in firm.keys("Projects", FilterByEarliestModifiedDate=day)


@claim("filter.earliest-modified")
def test_deleted_project_is_only_missing(made: Made, firm: Firm, new_project: Callable[..., Row]) -> None:
    """A deleted project is in no list, not even in the list of changes."""
    project = new_project()
    assert made.remove(PROJECTS, project["ProjectKey"])
    day = project["LastModifiedDate"][:10]
    for filters in ({}, {"FilterByEarliestModifiedDate": day}):
        assert project["ProjectKey"] not in firm.keys("Projects", **filters)
    assert firm.get("Projects", project["ProjectKey"]) == []


@claim("write.rename-moves-own-stamp-only")
def test_renamed_client_is_no_change_of_its_projects(
    made: Made, firm: Firm, new_client: Callable[..., Row], minimum: Callable[[], Row]
) -> None:
    """The project has the new name of its client, and the stamp that it had before."""
    client = new_client()
    body = minimum()
    body["InvoiceGroups"][0]["Client"] = {"ClientKey": client["ClientKey"]}
    (created,) = records(made.update(PROJECTS, [body]), "Projects")
    before = made.read(PROJECTS, created["ProjectKey"])
    assert before

    renamed = changed(made, CLIENTS, client, Description=made.name("renamed"))
    (project,) = firm.get("Projects", created["ProjectKey"])
    assert project["InvoiceGroups"][0]["Client"]["Description"] == renamed["Description"]
    assert project["LastModifiedDate"] == before["LastModifiedDate"]
    assert made.remove(PROJECTS, created["ProjectKey"])


@claim("write.rename-moves-own-stamp-only")
def test_renamed_contact_is_no_change_of_its_projects(
    made: Made, firm: Firm, new_contact: Callable[..., Row], new_project: Callable[..., Row]
) -> None:
    """The project has the new name of its contact, and the stamp that it had before."""
    contact = new_contact()
    project = new_project(Contacts=[{"ContactKey": contact["ContactKey"], "Order": 0, "Text": "Owner"}])
    changed(made, CONTACTS, contact, FirstName="Renamed")
    (now,) = firm.get("Projects", project["ProjectKey"])
    assert now["Contacts"][0]["FirstName"] == "Renamed"
    assert now["LastModifiedDate"] == project["LastModifiedDate"]


@claim("session.ended-token-refused")
def test_import_continues_in_a_new_session(client: AjeraClient, firm: Firm) -> None:
    """When the session is over, the next call is refused. The same call succeeds in a new session."""
    token = client.new_token()
    listed = records(client.call("ListProjects", token=token), "Projects")
    client.logout(token)
    arguments = {"RequestedProjects": [row["ProjectKey"] for row in listed[:3]]}
    ended = refusal(client.call("GetProjects", arguments, token=token))
    assert any("invalid session" in text.lower() for text in ended.texts)
    assert len(records(client.call("GetProjects", arguments, token=client.new_token()), "Projects")) == len(listed[:3])
