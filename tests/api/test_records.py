"""Records: stored and printed members, and updates of nested values."""

import json

import pytest
from records import keys_of, new_client, read, read_one, reasons, update, written

from mock_ajera import MockAjera


def flat(ajera, *keys):
    """Return Content of GetProjects in version 2."""
    return ajera.content("GetProjects", {"RequestedProjects": keys}, version=2)


@pytest.fixture
def with_resources(ajera):
    """Return a project with resources on its phases, as version 1 prints it, and these resources."""
    for key in keys_of(ajera, "Projects"):
        resources = flat(ajera, key)["Resources"]
        if any(resource["ParentKey"] != key for resource in resources):
            return read_one(ajera, "Projects", key), resources
    raise AssertionError("the sample has no such project")


@pytest.mark.parametrize("sent", [[], None, 5, [{"ResourceKey": 1}], [{"Color": "green"}], "none", "absent"])
def test_sent_resources_are_ignored(ajera, with_resources, sent):
    """The stored ones are kept (claim project.resources-not-written)."""
    project, before = with_resources
    added = {} if sent == "absent" else {"Resources": sent}

    def with_added(phases):
        return [phase | added | {"Phases": with_added(phase.get("Phases", []))} for phase in phases]

    groups = [group | {"Phases": with_added(group["Phases"])} for group in project["InvoiceGroups"]]
    changed = project | added | {"Notes": "changed", "InvoiceGroups": groups}
    assert update(ajera, "Projects", changed, project | added)["Errors"] == []
    assert flat(ajera, project["ProjectKey"])["Resources"] == before


def test_the_answer_of_an_update_has_resources_on_their_phases(ajera, with_resources):
    """Claim project.update-answer-resources."""
    project, resources = with_resources
    (shown,) = written(ajera, "Projects", project | {"Notes": "changed"}, project)

    def places(phases):
        for phase in phases:
            yield from ((resource["ResourceKey"], phase["PhaseKey"]) for resource in phase["Resources"])
            yield from places(phase.get("Phases", []))

    found = {(resource["ResourceKey"], shown["ProjectKey"]) for resource in shown["Resources"]}
    found |= {place for group in shown["InvoiceGroups"] for place in places(group["Phases"])}
    assert found == {(resource["ResourceKey"], resource["ParentKey"]) for resource in resources}


def test_derived_members_are_not_stored(ajera):
    """Stored copies would become outdated."""
    row = next(ajera.tenant.store.rows("Project"))
    body = json.loads(row.body)
    for name in ("LastModifiedDate", "Delete", "CompanyDescription"):
        assert name not in body
    assert all("LastModifiedDate" not in phase for phase in body["Phases"])


def test_no_profile_changes_version_2():
    """Its members are known only from clients."""
    bundles = []
    for profile in ("observed", "documented"):
        with MockAjera(profile=profile) as ajera:
            bundles.append(flat(ajera, *keys_of(ajera, "Projects")))
    assert bundles[0] == bundles[1]
    overhead = [project for project in bundles[0]["Projects"] if project["BillingType"] == "Overhead"]
    assert overhead
    assert all("TotalContractAmount" not in project for project in overhead)


def first_project(ajera):
    """Return the first project that has a manager."""
    return next(project for project in read(ajera, "Projects") if project["ProjectManager"])


@pytest.fixture
def lenient():
    """Return a mock that ignores unknown members."""
    with MockAjera(quirks={"unknown_members": "ignore"}) as ajera:
        yield ajera


def test_members_next_to_an_ignored_one_are_written(lenient):
    project = first_project(lenient)
    own = project["ProjectManager"]["EmployeeKey"]
    managers = [row for row in read(lenient, "Employees") if row["IsProjectManager"] and row["Status"] == "Active"]
    key = next(row["EmployeeKey"] for row in managers if row["EmployeeKey"] != own)
    contact = keys_of(lenient, "Contacts")[0]
    changed = project | {
        "ProjectManager": {"EmployeeKey": key, "Rank": 1},
        "Contacts": [{"ContactKey": contact, "Order": 0, "Text": "kept", "Color": "green"}],
        "CF_Color": "green",
        "Color": "green",
    }
    assert update(lenient, "Projects", changed, project | {"CF_Color": "red", "Color": "red"})["Errors"] == []
    after = first_project(lenient)
    assert after["ProjectManager"]["EmployeeKey"] == key
    assert [line["Text"] for line in after["Contacts"]] == ["kept"]


@pytest.mark.parametrize("row", [5, "x", None, []])
def test_a_row_that_is_no_object_is_refused_even_if_unknown_members_are_ignored(lenient, row):
    assert update(lenient, "Clients", new_client(Contacts=[row]))["Errors"]
    assert reasons(lenient) == [("UpdatedClients[0].Contacts[0]", "type")]


@pytest.mark.parametrize("value", [5, "x", [], False])
def test_a_person_that_is_no_object_is_refused(lenient, value):
    """Ignoring the value would remove the reference."""
    project = first_project(lenient)
    assert update(lenient, "Projects", project | {"ProjectManager": value}, project)["Errors"]
    assert reasons(lenient) == [("UpdatedProjects[0].ProjectManager", "type")]


def test_a_null_key_removes_a_reference_despite_an_ignored_member(lenient):
    project = first_project(lenient)
    changed = project | {"ProjectManager": {"EmployeeKey": None, "Rank": 1}}
    assert update(lenient, "Projects", changed, project)["Errors"] == []
    assert read_one(lenient, "Projects", project["ProjectKey"])["ProjectManager"] is None


def test_unknown_members_of_a_baseline_are_ignored(ajera):
    """So are unknown custom fields (claim write.baseline-may-omit)."""
    project = first_project(ajera)
    baseline = project | {"CF_Color": "red", "Color": "red"}
    assert update(ajera, "Projects", project | {"Notes": "other"}, baseline)["Errors"] == []


def test_a_deleted_reference_is_not_checked(ajera):
    project = first_project(ajera)
    changed = project | {"ProjectManager": {"Delete": True, "Rank": 1}}
    assert update(ajera, "Projects", changed, project)["Errors"] == []


def test_a_hidden_member_cannot_be_written(ajera, lenient):
    """The company of a client is used by a filter but never printed."""
    new = new_client(CompanyKey=1)
    assert update(ajera, "Clients", new)["Errors"]
    assert reasons(ajera) == [("UpdatedClients[0].CompanyKey", "unknown-member")]
    before = lenient.content("ListClients", {"FilterByCompany": [1]})
    assert update(lenient, "Clients", new)["Errors"] == []
    assert lenient.content("ListClients", {"FilterByCompany": [1]}) == before


def test_a_stored_violation_is_tolerated(ajera):
    """A duplicate name does not block the update of another member."""
    one, other = read(ajera, "Clients", 1, 2)
    ajera.put_record("Client", other | {"Description": one["Description"]})
    other = read_one(ajera, "Clients", 2)
    assert update(ajera, "Clients", other | {"Notes": "still twice"}, other)["Errors"] == []


def test_the_name_of_a_record_in_the_same_request_is_not_free(ajera):
    one = read_one(ajera, "Clients", 1)
    answer = update(ajera, "Clients", [one | {"Notes": "stays"}, new_client(one["Description"])], one)
    assert [row["ClientKey"] for row in answer["Content"]["Clients"]] == [1]
    assert reasons(ajera)[0][1] == "unique"


def test_an_unset_custom_number_is_null_in_version_1_and_zero_in_version_2(ajera):
    """Claim project.v2-custom-number-unset."""
    unset = [row["ProjectKey"] for row in read(ajera, "Projects") if row["CF_SquareFootage"] is None]
    rows = [row["CustomFields"] for row in flat(ajera, *unset)["Projects"] if "CustomFields" in row]
    assert {str(row["SquareFootage"]) for row in rows} == {"0.0"}


def test_a_drop_down_without_a_value_is_refused(ajera):
    """It does not clear the stored value."""
    project = next(row for row in read(ajera, "Projects") if row["CF_LeedTarget"]["Value"])
    for value in ({}, {"AllowEdit": True}, {"value": "Gold"}):
        assert update(ajera, "Projects", project | {"CF_LeedTarget": value}, project)["Errors"]
        assert reasons(ajera)[0][0] == "UpdatedProjects[0].CF_LeedTarget"


def test_a_hidden_member_of_a_baseline_is_not_compared(ajera):
    """Otherwise a baseline could reveal it."""
    client = read_one(ajera, "Clients", 1)
    assert update(ajera, "Clients", client | {"Notes": "other"}, client | {"CompanyKey": 987654})["Errors"] == []


def test_true_is_not_a_key(ajera):
    """It does not repeat the key 1 either."""
    one = read_one(ajera, "Clients", 1)
    answer = update(ajera, "Clients", [one | {"Notes": "other"}, {"ClientKey": True, "Description": "x"}], one)
    assert [row["Notes"] for row in answer["Content"]["Clients"]] == ["other"]


@pytest.mark.parametrize(("profile", "observed"), [("observed", True), ("documented", False)])
def test_observed_totals_are_printed_on_projects_only(profile, observed):
    """Claim project.totals-more-members."""
    names = {"Billed Hours", "Resource Hours", "Receipts Adjustments Expense"}
    with MockAjera(profile=profile, quirks={"project_totals": "object"}) as ajera:
        totals = ajera.content("GetProjectTotals", {"RequestedProjectTotals": 1})["ProjectTotals"]
        assert (names <= totals.keys(), bool(names & totals.keys())) == (observed, observed)
        for group in totals["InvoiceGroups"]:
            assert not any(names & phase.keys() for phase in group["Phases"])


DATE, SECOND_NAME = "ReportedPercentCompleteDate", "ReportedPercentDate"


def change_date(ajera, dates, unchanged=None):
    """Send a project back with other dates of the reported percent; return the stored date, or None if refused."""
    before = read_one(ajera, "Projects", 1)
    sent = {name: value for name, value in before.items() if name not in (DATE, SECOND_NAME)} | dates
    if update(ajera, "Projects", sent, before if unchanged is None else before | unchanged)["Errors"]:
        return None
    return read_one(ajera, "Projects", 1)[SECOND_NAME]


@pytest.mark.parametrize(
    ("dates", "stored"),
    [
        ({SECOND_NAME: "2020-01-01"}, "2020-01-01"),
        ({DATE: "2020-01-02"}, "2020-01-02"),
        ({DATE: "2020-01-03", SECOND_NAME: "2020-01-04"}, "2020-01-03"),
        ({SECOND_NAME: "yesterday"}, None),
    ],
)
def test_the_second_name_of_the_reported_date_is_written(dates, stored):
    """Claim project.percent-date-name-written."""
    with MockAjera(profile="documented") as ajera:
        assert change_date(ajera, dates) == stored


@pytest.mark.parametrize("name", [DATE, SECOND_NAME])
def test_both_names_of_the_reported_date_are_compared_in_the_baseline(name):
    with MockAjera(profile="documented") as ajera:
        assert change_date(ajera, {DATE: "2020-01-01"}, {name: "1999-09-09"}) is None
        assert reasons(ajera)[0][0] == f"UnchangedProjects[0].{name}"


def test_only_the_first_name_of_the_reported_date_exists_in_the_observed_profile(ajera):
    """Claim project.reported-date-name."""
    before = read_one(ajera, "Projects", 1)
    for value in ("2020-01-01", None):
        assert update(ajera, "Projects", before | {"Notes": "x", SECOND_NAME: value}, before)["Errors"]
        assert reasons(ajera) == [(f"UpdatedProjects[0].{SECOND_NAME}", "unknown-member")]
    assert update(ajera, "Projects", before | {"Notes": "x"}, before | {SECOND_NAME: "1999-09-09"})["Errors"] == []


def test_version_2_has_custom_fields_if_one_is_set(ajera):
    """Claims project.v2-custom-fields-object and project.v2-custom-fields-absent."""
    projects = read(ajera, "Projects")
    rows = flat(ajera, *(project["ProjectKey"] for project in projects))["Projects"]
    shown = {row["ProjectKey"] for row in rows if "CustomFields" in row}
    for project in projects:
        values = [value for name, value in project.items() if name.startswith("CF_")]
        some = any(value["Value"] if isinstance(value, dict) else value for value in values)
        assert some == (project["ProjectKey"] in shown)
    assert 0 < len(shown) < len(projects)


def test_resource_hours_are_the_units_of_labor(ajera):
    """They include the resources of the phases."""
    seen = set()
    for key in keys_of(ajera, "Projects")[:40]:
        totals = ajera.content("GetProjectTotals", {"RequestedProjectTotals": key})["ProjectTotals"]
        rows = flat(ajera, key)["Resources"]
        assert totals["Resource Hours"] == sum(row["Units"] for row in rows if row["ActivityType"] == "Labor")
        seen |= {row["ActivityType"] for row in rows if row["Units"]}
    assert {"Labor", "Expense"} <= seen
