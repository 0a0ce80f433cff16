"""Records: what is kept of them, and how a fault in them is named."""

from __future__ import annotations

import json

import pytest

from mock_ajera import MockAjera


@pytest.fixture
def with_resources(ajera):
    """A project with resources on its phases, as versions 1 and 2 read it."""
    for row in ajera.call("ListProjects")["Content"]["Projects"]:
        keys = {"RequestedProjects": [row["ProjectKey"]]}
        bundle = ajera.call("GetProjects", keys, version=2)["Content"]
        if any(resource["ParentKey"] != row["ProjectKey"] for resource in bundle["Resources"]):
            return ajera.call("GetProjects", keys)["Content"]["Projects"][0], bundle
    raise AssertionError("the sample has no such project")


def test_an_update_keeps_the_resources(ajera, with_resources):
    """Version 1 neither shows nor writes them, so a change of the project must not lose them."""
    project, before = with_resources
    changed = project | {"Notes": "changed"}
    answer = ajera.call("UpdateProjects", {"UpdatedProjects": [changed], "UnchangedProjects": [project]})
    assert answer["Errors"] == []
    after = ajera.call("GetProjects", {"RequestedProjects": [project["ProjectKey"]]}, version=2)["Content"]
    assert after["Resources"] == before["Resources"]


def test_the_answer_of_an_update_shows_the_resources_where_they_are(ajera, with_resources):
    """On the phases that have them (claim project.update-answer-resources)."""
    project, bundle = with_resources
    changed = project | {"Notes": "changed"}
    answer = ajera.call("UpdateProjects", {"UpdatedProjects": [changed], "UnchangedProjects": [project]})
    (shown,) = answer["Content"]["Projects"]

    def places(phases):
        for phase in phases:
            yield from ((resource["ResourceKey"], phase["PhaseKey"]) for resource in phase["Resources"])
            yield from places(phase.get("Phases", []))

    found = {(resource["ResourceKey"], shown["ProjectKey"]) for resource in shown["Resources"]}
    found |= {place for group in shown["InvoiceGroups"] for place in places(group["Phases"])}
    assert found == {(resource["ResourceKey"], resource["ParentKey"]) for resource in bundle["Resources"]}


def test_what_is_derived_is_not_stored(ajera):
    """No stamp, no name of another record: they could only grow old."""
    row = next(ajera.tenant.store.rows("Project"))
    body = json.loads(row.body)
    for name in ("LastModifiedDate", "Delete", "CompanyDescription"):
        assert name not in body
    assert all("LastModifiedDate" not in phase for phase in body["Phases"])


@pytest.mark.parametrize("row", [5, "x", None, []])
def test_a_row_that_is_no_object_is_refused_even_where_unknown_members_are_ignored(row):
    """It is not a member that the server does not know."""
    with MockAjera(quirks={"unknown_members": "ignore"}) as ajera:
        new = {"ClientKey": -1, "LastModifiedDate": "2017-12-06 14:46:06.873 GMT-08:00", "Description": "Row"}
        answer = ajera.call("UpdateClients", {"UpdatedClients": [new | {"Contacts": [row]}], "UnchangedClients": []})
        assert answer["Errors"]
        (reason,) = ajera.journal[-1].reasons
        assert (reason.path, reason.rule) == ("UpdatedClients[0].Contacts[0]", "type")


def test_no_profile_changes_version_2():
    """Its members are known from the field only, those by billing type too."""
    bundles = []
    for profile in ("observed", "documented"):
        with MockAjera(profile=profile) as ajera:
            keys = [row["ProjectKey"] for row in ajera.call("ListProjects")["Content"]["Projects"]]
            bundles.append(ajera.call("GetProjects", {"RequestedProjects": keys}, version=2)["Content"])
    assert bundles[0] == bundles[1]
    overhead = [project for project in bundles[0]["Projects"] if project["BillingType"] == "Overhead"]
    assert overhead
    assert all("TotalContractAmount" not in project for project in overhead)
