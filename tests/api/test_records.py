"""Records: stored and printed members, and updates of nested values."""

from __future__ import annotations

import json

import pytest

from mock_ajera import MockAjera
from mock_ajera.api.families.projects.views import NOT_IN_GROUPS_OF_TEMPLATES, NOT_IN_TEMPLATES


@pytest.fixture
def with_resources(ajera):
    """Return a project with resources on its phases, as versions 1 and 2 print it."""
    for row in ajera.call("ListProjects")["Content"]["Projects"]:
        keys = {"RequestedProjects": [row["ProjectKey"]]}
        bundle = ajera.call("GetProjects", keys, version=2)["Content"]
        if any(resource["ParentKey"] != row["ProjectKey"] for resource in bundle["Resources"]):
            return ajera.call("GetProjects", keys)["Content"]["Projects"][0], bundle
    raise AssertionError("the sample has no such project")


def test_an_update_keeps_the_resources(ajera, with_resources):
    """Version 1 neither prints nor writes them."""
    project, before = with_resources
    changed = project | {"Notes": "changed"}
    answer = ajera.call("UpdateProjects", {"UpdatedProjects": [changed], "UnchangedProjects": [project]})
    assert answer["Errors"] == []
    after = ajera.call("GetProjects", {"RequestedProjects": [project["ProjectKey"]]}, version=2)["Content"]
    assert after["Resources"] == before["Resources"]


@pytest.mark.parametrize("sent", [[], None, 5, [{"ResourceKey": 1}], [{"Color": "green"}], "none"])
def test_sent_resources_are_ignored(ajera, with_resources, sent):
    """The stored ones are kept (claim project.resources-not-written)."""
    project, before = with_resources

    def with_resources_sent(phases):
        return [phase | {"Resources": sent, "Phases": with_resources_sent(phase.get("Phases", []))} for phase in phases]

    groups = [group | {"Phases": with_resources_sent(group["Phases"])} for group in project["InvoiceGroups"]]
    changed = project | {"Notes": "changed", "Resources": sent, "InvoiceGroups": groups}
    assert update(ajera, changed, project | {"Resources": sent})["Errors"] == []
    after = ajera.call("GetProjects", {"RequestedProjects": [project["ProjectKey"]]}, version=2)["Content"]
    assert after["Resources"] == before["Resources"]


def test_the_answer_of_an_update_has_resources_on_their_phases(ajera, with_resources):
    """Claim project.update-answer-resources."""
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


def test_derived_members_are_not_stored(ajera):
    """Stored copies would become outdated."""
    row = next(ajera.tenant.store.rows("Project"))
    body = json.loads(row.body)
    for name in ("LastModifiedDate", "Delete", "CompanyDescription"):
        assert name not in body
    assert all("LastModifiedDate" not in phase for phase in body["Phases"])


@pytest.mark.parametrize("row", [5, "x", None, []])
def test_a_row_that_is_no_object_is_refused_even_if_unknown_members_are_ignored(row):
    with MockAjera(quirks={"unknown_members": "ignore"}) as ajera:
        new = {"ClientKey": -1, "LastModifiedDate": "2017-12-06 14:46:06.873 GMT-08:00", "Description": "Row"}
        answer = ajera.call("UpdateClients", {"UpdatedClients": [new | {"Contacts": [row]}], "UnchangedClients": []})
        assert answer["Errors"]
        (reason,) = ajera.journal[-1].reasons
        assert (reason.path, reason.rule) == ("UpdatedClients[0].Contacts[0]", "type")


def test_no_profile_changes_version_2():
    """Its members are known only from clients."""
    bundles = []
    for profile in ("observed", "documented"):
        with MockAjera(profile=profile) as ajera:
            keys = [row["ProjectKey"] for row in ajera.call("ListProjects")["Content"]["Projects"]]
            bundles.append(ajera.call("GetProjects", {"RequestedProjects": keys}, version=2)["Content"])
    assert bundles[0] == bundles[1]
    overhead = [project for project in bundles[0]["Projects"] if project["BillingType"] == "Overhead"]
    assert overhead
    assert all("TotalContractAmount" not in project for project in overhead)


def update(ajera, changed, baseline):
    return ajera.call("UpdateProjects", {"UpdatedProjects": [changed], "UnchangedProjects": [baseline]})


def first_project(ajera):
    """Return the first project that has a manager."""
    keys = [row["ProjectKey"] for row in ajera.call("ListProjects")["Content"]["Projects"]]
    projects = ajera.call("GetProjects", {"RequestedProjects": keys})["Content"]["Projects"]
    return next(project for project in projects if project["ProjectManager"])


@pytest.fixture
def lenient():
    """Return a mock that ignores unknown members."""
    with MockAjera(quirks={"unknown_members": "ignore"}) as ajera:
        yield ajera


def test_members_next_to_an_ignored_one_are_written(lenient):
    project = first_project(lenient)
    people = lenient.call("ListEmployees")["Content"]["Employees"]
    keys = [row["EmployeeKey"] for row in people]
    people = lenient.call("GetEmployees", {"RequestedEmployees": keys})["Content"]["Employees"]
    own = project["ProjectManager"]["EmployeeKey"]
    key = next(
        row["EmployeeKey"]
        for row in people
        if row["IsProjectManager"] and row["Status"] == "Active" and row["EmployeeKey"] != own
    )
    contact = lenient.call("ListContacts")["Content"]["Contacts"][0]["ContactKey"]
    changed = project | {
        "ProjectManager": {"EmployeeKey": key, "Rank": 1},
        "Contacts": [{"ContactKey": contact, "Order": 0, "Text": "kept", "Color": "green"}],
        "CF_Color": "green",
        "Color": "green",
    }
    assert update(lenient, changed, project | {"CF_Color": "red", "Color": "red"})["Errors"] == []
    after = first_project(lenient)
    assert after["ProjectManager"]["EmployeeKey"] == key
    assert [line["Text"] for line in after["Contacts"]] == ["kept"]


@pytest.mark.parametrize("value", [5, "x", [], False])
def test_a_person_that_is_no_object_is_refused(lenient, value):
    """Ignoring the value would remove the reference."""
    project = first_project(lenient)
    assert update(lenient, project | {"ProjectManager": value}, project)["Errors"]
    assert [(reason.path, reason.rule) for reason in lenient.journal[-1].reasons] == [
        ("UpdatedProjects[0].ProjectManager", "type")
    ]


def test_a_null_key_removes_a_reference_despite_an_ignored_member(lenient):
    project = first_project(lenient)
    changed = project | {"ProjectManager": {"EmployeeKey": None, "Rank": 1}}
    assert update(lenient, changed, project)["Errors"] == []
    (after,) = lenient.call("GetProjects", {"RequestedProjects": [project["ProjectKey"]]})["Content"]["Projects"]
    assert after["ProjectManager"] is None


def test_unknown_members_of_a_baseline_are_ignored(ajera):
    """So are unknown custom fields (claim write.baseline-may-omit)."""
    project = first_project(ajera)
    baseline = project | {"CF_Color": "red", "Color": "red"}
    assert update(ajera, project | {"Notes": "other"}, baseline)["Errors"] == []


def test_a_deleted_reference_is_not_checked(ajera):
    project = first_project(ajera)
    changed = project | {"ProjectManager": {"Delete": True, "Rank": 1}}
    assert update(ajera, changed, project)["Errors"] == []


def test_the_answer_to_a_creation_can_be_sent_back(ajera):
    """The negative key in it is ignored (claim write.original-key-ignored)."""
    new = {"ClientKey": -1, "LastModifiedDate": "2017-12-06 14:46:06.873 GMT-08:00", "Description": "Echo"}
    made = ajera.call("UpdateClients", {"UpdatedClients": [new], "UnchangedClients": []})["Content"]["Clients"][0]
    assert made["OriginalClientKey"] == -1
    changed = {"UpdatedClients": [made | {"Notes": "echoed"}], "UnchangedClients": [made]}
    assert ajera.call("UpdateClients", changed)["Errors"] == []


def test_a_hidden_member_cannot_be_written(ajera, lenient):
    """The company of a client is used by a filter but never printed."""
    new = {"ClientKey": -1, "LastModifiedDate": "2017-12-06 14:46:06.873 GMT-08:00", "Description": "Unseen"}
    arguments = {"UpdatedClients": [new | {"CompanyKey": 1}], "UnchangedClients": []}
    assert ajera.call("UpdateClients", arguments)["Errors"]
    (reason,) = ajera.journal[-1].reasons
    assert (reason.path, reason.rule) == ("UpdatedClients[0].CompanyKey", "unknown-member")
    before = lenient.call("ListClients", {"FilterByCompany": [1]})["Content"]
    assert lenient.call("UpdateClients", arguments)["Errors"] == []
    assert lenient.call("ListClients", {"FilterByCompany": [1]})["Content"] == before


def test_a_stored_violation_is_tolerated(ajera):
    """A duplicate name does not block the update of another member."""
    clients = [row["ClientKey"] for row in ajera.call("ListClients")["Content"]["Clients"]]
    one, other = ajera.call("GetClients", {"RequestedClients": clients[:2]})["Content"]["Clients"]
    ajera.put_record("Client", other | {"Description": one["Description"]})
    (other,) = ajera.call("GetClients", {"RequestedClients": [clients[1]]})["Content"]["Clients"]
    changed = {"UpdatedClients": [other | {"Notes": "still twice"}], "UnchangedClients": [other]}
    assert ajera.call("UpdateClients", changed)["Errors"] == []


def test_the_name_of_a_record_in_the_same_request_is_not_free(ajera):
    clients = [row["ClientKey"] for row in ajera.call("ListClients")["Content"]["Clients"]]
    (one,) = ajera.call("GetClients", {"RequestedClients": clients[:1]})["Content"]["Clients"]
    new = {"ClientKey": -1, "LastModifiedDate": one["LastModifiedDate"], "Description": one["Description"]}
    arguments = {"UpdatedClients": [one | {"Notes": "stays"}, new], "UnchangedClients": [one]}
    answer = ajera.call("UpdateClients", arguments)
    assert [row["ClientKey"] for row in answer["Content"]["Clients"]] == [one["ClientKey"]]
    assert ajera.journal[-1].reasons[0].rule == "unique"


def test_an_unset_custom_number_is_null_in_version_1_and_zero_in_version_2(ajera):
    """Claim project.v2-custom-number-unset."""
    keys = [row["ProjectKey"] for row in ajera.call("ListProjects")["Content"]["Projects"]]
    nested = ajera.call("GetProjects", {"RequestedProjects": keys})["Content"]["Projects"]
    flat = ajera.call("GetProjects", {"RequestedProjects": keys}, version=2)["Content"]["Projects"]
    unset = {row["ProjectKey"] for row in nested if row["CF_SquareFootage"] is None}
    shown = [
        row["CustomFields"]["SquareFootage"]
        for row in flat
        if row["ProjectKey"] in unset & {row["ProjectKey"] for row in flat if "CustomFields" in row}
    ]
    assert shown
    assert set(map(str, shown)) == {"0.0"}


def test_a_drop_down_without_a_value_is_refused(ajera):
    """It does not clear the stored value."""
    project = next(row for row in read_all(ajera) if row["CF_LeedTarget"]["Value"])
    for value in ({}, {"AllowEdit": True}, {"value": "Gold"}):
        assert update(ajera, project | {"CF_LeedTarget": value}, project)["Errors"]
        assert ajera.journal[-1].reasons[0].path == "UpdatedProjects[0].CF_LeedTarget"


def read_all(ajera):
    keys = [row["ProjectKey"] for row in ajera.call("ListProjects")["Content"]["Projects"]]
    return ajera.call("GetProjects", {"RequestedProjects": keys})["Content"]["Projects"]


def test_a_hidden_member_of_a_baseline_is_not_compared(ajera):
    """Otherwise a baseline could reveal it."""
    keys = [row["ClientKey"] for row in ajera.call("ListClients")["Content"]["Clients"]]
    (client,) = ajera.call("GetClients", {"RequestedClients": keys[:1]})["Content"]["Clients"]
    arguments = {"UpdatedClients": [client | {"Notes": "other"}], "UnchangedClients": [client | {"CompanyKey": 987654}]}
    assert ajera.call("UpdateClients", arguments)["Errors"] == []


def test_custom_fields_are_printed_last(ajera):
    key = ajera.call("ListProjectTemplates")["Content"]["ProjectTemplates"][0]["ProjectTemplateKey"]
    (template,) = ajera.call("GetProjectTemplates", {"RequestedProjects": [key]})["Content"]["ProjectTemplates"]
    for record in (template, read_all(ajera)[0]):
        assert [name.startswith("CF_") for name in record] == [False] * (len(record) - 6) + [True] * 6


def test_true_is_not_a_key(ajera):
    """It does not repeat the key 1 either."""
    client = {"ClientKey": True, "Description": "x"}
    keys = [row["ClientKey"] for row in ajera.call("ListClients")["Content"]["Clients"]]
    (one,) = ajera.call("GetClients", {"RequestedClients": keys[:1]})["Content"]["Clients"]
    arguments = {"UpdatedClients": [one | {"Notes": "other"}, client], "UnchangedClients": [one]}
    answer = ajera.call("UpdateClients", arguments)
    assert [row["Notes"] for row in answer["Content"]["Clients"]] == ["other"]


@pytest.mark.parametrize(("profile", "observed"), [("observed", True), ("documented", False)])
def test_observed_totals_are_printed_on_projects_only(profile, observed):
    """Claim project.totals-more-members."""
    names = {"Billed Hours", "Resource Hours", "Receipts Adjustments Expense"}
    with MockAjera(profile=profile, quirks={"project_totals": "object"}) as ajera:
        totals = ajera.call("GetProjectTotals", {"RequestedProjectTotals": 1})["Content"]["ProjectTotals"]
        assert (names <= totals.keys(), bool(names & totals.keys())) == (observed, observed)
        for group in totals["InvoiceGroups"]:
            assert not any(names & phase.keys() for phase in group["Phases"])


@pytest.mark.parametrize(("profile", "observed"), [("observed", True), ("documented", False)])
def test_observed_members_of_templates_are_not_in_the_documented_profile(profile, observed):
    with MockAjera(profile=profile) as ajera:
        keys = [row["ProjectTemplateKey"] for row in ajera.call("ListProjectTemplates")["Content"]["ProjectTemplates"]]
        for template in ajera.call("GetProjectTemplates", {"RequestedProjects": keys})["Content"]["ProjectTemplates"]:
            assert {name in template for name in NOT_IN_TEMPLATES} == {observed}
            for group in template["InvoiceGroups"]:
                assert {name in group for name in NOT_IN_GROUPS_OF_TEMPLATES} == {observed}


def test_version_2_has_custom_fields_if_one_is_set(ajera):
    """Claims project.v2-custom-fields-object and project.v2-custom-fields-absent."""
    before = read_all(ajera)
    keys = [project["ProjectKey"] for project in before]
    now = ajera.call("GetProjects", {"RequestedProjects": keys}, version=2)["Content"]["Projects"]
    shown = {row["ProjectKey"] for row in now if "CustomFields" in row}
    for project in before:
        values = [value for name, value in project.items() if name.startswith("CF_")]
        some = any(value["Value"] if isinstance(value, dict) else value for value in values)
        assert some == (project["ProjectKey"] in shown)
    assert 0 < len(shown) < len(keys)


def test_resource_hours_are_the_units_of_labor(ajera):
    """They include the resources of the phases."""
    keys = [row["ProjectKey"] for row in ajera.call("ListProjects")["Content"]["Projects"]]
    seen = set()
    for key in keys[:40]:
        totals = ajera.call("GetProjectTotals", {"RequestedProjectTotals": key})["Content"]["ProjectTotals"]
        rows = ajera.call("GetProjects", {"RequestedProjects": [key]}, version=2)["Content"]["Resources"]
        assert totals["Resource Hours"] == sum(row["Units"] for row in rows if row["ActivityType"] == "Labor")
        seen |= {row["ActivityType"] for row in rows if row["Units"]}
    assert {"Labor", "Expense"} <= seen
