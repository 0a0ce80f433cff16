"""UpdateProjects of version 2: changed rows, with the bundle of GetProjects as baseline."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from .answers import refusal, success
from .firm import Firm, Row, lacking, phases_of
from .kinds import EMPLOYEES, PROJECTS
from .made import Made
from .writing import NO_CHANGE, UNKNOWN_KEY, Create

claim = pytest.mark.claim

Bundle = dict[str, list[Any]]


@pytest.fixture
def bundle(made: Made, new_project: Create) -> Bundle:
    """Return a new project as version 2 reads it."""
    return made.read_rows(new_project()["ProjectKey"])


def key_of(bundle: Bundle) -> int:
    """Return the key of the project."""
    key: int = bundle["Projects"][0]["ProjectKey"]
    return key


def changed(made: Made, bundle: Bundle, *rows: Row) -> Bundle:
    """Send changed rows. Assert that the answer is the bundle that a new Get returns, and return that."""
    content = success(made.update_rows(rows, bundle))
    current = made.read_rows(key_of(bundle))
    assert content == current
    return current


def refused(made: Made, bundle: Bundle, *rows: Row, baseline: Any = None, **more: Any) -> str:
    """Send changed rows. Assert that they are refused and that the project is unchanged, and return the text."""
    before = made.read_rows(key_of(bundle))
    text = refusal(made.update_rows(rows, bundle if baseline is None else baseline, **more)).texts[0]
    assert made.read_rows(key_of(bundle)) == before, "a refused request changed the project"
    return text


@claim("project.v2-update", "project.v2-answer-bundle")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Description", None),
        ("ID", "26-116"),
        ("Location", "Harbor Street"),
        ("BillingDescription", "Design services"),
        ("Notes", "Call before noon"),
    ],
)
def test_members_of_a_project_change(made: Made, bundle: Bundle, name: str, value: str | None) -> None:
    """Only the changed members are sent with the key. All others stay as they are."""
    value = made.name("renamed") if value is None else value
    current = changed(made, bundle, {"ProjectKey": key_of(bundle), name: value})
    (before,), (after,) = bundle["Projects"], current["Projects"]
    assert after[name] == value
    assert {**after, name: None, "LastModifiedDate": None} == {**before, name: None, "LastModifiedDate": None}
    assert current["InvoiceGroups"] == bundle["InvoiceGroups"]


@claim("write.stamp-moves")
def test_version_1_reads_the_change(made: Made, bundle: Bundle) -> None:
    """Both versions write the same project, and a change moves the stamp of the project and its phases."""
    current = changed(made, bundle, {"ProjectKey": key_of(bundle), "Notes": "Written in version 2"})
    project = made.read(PROJECTS, key_of(bundle))
    assert project is not None
    assert project["Notes"] == "Written in version 2"
    stamp = current["Projects"][0]["LastModifiedDate"]
    assert stamp != bundle["Projects"][0]["LastModifiedDate"]
    assert [project["LastModifiedDate"], *(phase["LastModifiedDate"] for phase in phases_of(project))] == [stamp, stamp]


@claim("project.v2-changes-of-every-list")
def test_rows_of_every_list_change_together(made: Made, bundle: Bundle) -> None:
    """One request changes the project, an invoice group and a phase, and adds a resource."""
    (group,), (phase,) = bundle["InvoiceGroups"], bundle["Phases"]
    current = changed(
        made,
        bundle,
        {"PhaseKey": phase["PhaseKey"], "TotalContractAmount": 1250.5},
        {"ProjectKey": key_of(bundle), "Notes": "Four lists"},
        {"InvoiceGroupKey": group["InvoiceGroupKey"], "InvoiceScope": "All of it"},
        {"ResourceKey": -9, "ParentKey": phase["PhaseKey"], "Description": "Drafter", "Units": 12},
    )
    assert current["Projects"][0]["Notes"] == "Four lists"
    assert current["InvoiceGroups"][0]["InvoiceScope"] == "All of it"
    assert float(current["Phases"][0]["TotalContractAmount"]) == 1250.5
    (resource,) = current["Resources"]
    assert (resource["ParentKey"], resource["Units"]) == (phase["PhaseKey"], 12)
    again = changed(made, current, {"ResourceKey": resource["ResourceKey"], "Status": "InProgress"})
    assert again["Resources"][0]["Status"] == "InProgress"


@claim("project.v2-rows-placed", "project.v2-phase-inherits")
def test_new_rows(made: Made, bundle: Bundle) -> None:
    """Rows with negative keys are added where their keys say."""
    key = key_of(bundle)
    (group,), (phase,) = bundle["InvoiceGroups"], bundle["Phases"]
    current = changed(
        made,
        bundle,
        {"PhaseKey": -1, "ProjectKey": key, "ParentKey": phase["PhaseKey"], "Description": "Below"},
        {"InvoiceGroupKey": -2, "ProjectKey": key, "Description": "Second", "ClientKey": group["ClientKey"]},
        {"PhaseKey": -3, "ProjectKey": key, "InvoiceGroupKey": -2, "Description": "In the second"},
    )
    second = current["InvoiceGroups"][1]["InvoiceGroupKey"]
    by_name = {row["Description"]: row for row in current["Phases"]}
    below, other = by_name["Below"], by_name["In the second"]
    assert (below["ParentKey"], below["InvoiceGroupKey"]) == (phase["PhaseKey"], group["InvoiceGroupKey"])
    assert (other["ParentKey"], other["InvoiceGroupKey"]) == (key, second)
    assert below["BillingType"] == current["Projects"][0]["BillingType"]


@claim("project.v2-rows-in-any-order")
def test_new_rows_are_listed_in_any_order(made: Made, bundle: Bundle) -> None:
    """A row may be listed before the new rows that it is in. The order of phases on one level is that of the list."""
    key, client = key_of(bundle), bundle["InvoiceGroups"][0]["ClientKey"]
    current = changed(
        made,
        bundle,
        {"ResourceKey": -7, "ParentKey": -3, "Description": "Drafter"},
        {"PhaseKey": -3, "ParentKey": -2, "Description": "Lowest"},
        {"PhaseKey": -2, "ParentKey": -1, "Description": "Middle"},
        {"PhaseKey": -4, "InvoiceGroupKey": -9, "Description": "First"},
        {"PhaseKey": -1, "InvoiceGroupKey": -9, "Description": "Second"},
        {"InvoiceGroupKey": -9, "ProjectKey": key, "Description": "New", "ClientKey": client},
    )
    group = current["InvoiceGroups"][1]["InvoiceGroupKey"]
    added = current["Phases"][1:]
    assert [row["Description"] for row in added] == ["First", "Second", "Middle", "Lowest"]
    _, second, middle, lowest = added
    assert {row["InvoiceGroupKey"] for row in added} == {group}
    parents = [key, key, second["PhaseKey"], middle["PhaseKey"]]
    assert [row["ParentKey"] for row in added] == parents
    assert current["Resources"][0]["ParentKey"] == lowest["PhaseKey"]


@claim("project.v2-rows-placed")
def test_phases_in_a_circle_are_refused(made: Made, bundle: Bundle) -> None:
    """Two new phases that are in each other are nowhere, with and without a ProjectKey."""
    rows = [{"PhaseKey": -1, "ParentKey": -2}, {"PhaseKey": -2, "ParentKey": -1}, {"PhaseKey": -3, "ParentKey": -3}]
    for link in ({}, {"ProjectKey": key_of(bundle)}):
        refused(made, bundle, *({**row, "Description": "Round", **link} for row in rows))


@claim("project.v2-rows-placed")
@pytest.mark.parametrize(
    "row",
    [
        {"PhaseKey": -1, "ParentKey": UNKNOWN_KEY, "Description": "Nowhere"},
        {"PhaseKey": -1, "InvoiceGroupKey": UNKNOWN_KEY, "Description": "Nowhere"},
        {"InvoiceGroupKey": -1, "Description": "Without a phase", "ClientKey": 0},
        {"PhaseKey": UNKNOWN_KEY, "Description": "Not there"},
        {"ResourceKey": -1, "ParentKey": UNKNOWN_KEY, "Description": "Nowhere"},
    ],
    ids=["unknown parent", "unknown group", "group without a phase", "unknown phase", "resource of an unknown phase"],
)
def test_rows_without_a_place_are_refused(made: Made, bundle: Bundle, row: Row) -> None:
    client = bundle["InvoiceGroups"][0]["ClientKey"]
    given = {"ClientKey": client} if "ClientKey" in row else {}
    refused(made, bundle, {"ProjectKey": key_of(bundle), **row, **given})


@claim("project.v2-phase-inherits")
def test_a_new_phase_inherits_a_manager_who_has_left(made: Made, new_employee: Create, new_project: Create) -> None:
    """Only values that are sent are checked: the project keeps its inactive manager, and its new phase has them too."""
    employee = new_employee(IsProjectManager=True)
    person = {"EmployeeKey": employee["EmployeeKey"]}
    key = new_project(ProjectManager=person)["ProjectKey"]
    success(made.update(EMPLOYEES, [employee | {"Status": "Inactive"}], [employee]))
    bundle, new = made.read_rows(key), {"PhaseKey": -1, "ProjectKey": key, "Description": "Later"}
    refused(made, bundle, {**new, "ProjectManager": person})
    phase = changed(made, bundle, new)["Phases"][-1]
    assert phase["ProjectManager"]["EmployeeKey"] == employee["EmployeeKey"]


@claim("project.v2-resource-phase-key")
def test_a_resource_names_its_phase_with_either_name(made: Made, bundle: Bundle) -> None:
    """PhaseKey is a second name of ParentKey. Two that differ are refused."""
    key, phase = key_of(bundle), bundle["Phases"][0]["PhaseKey"]
    new = {"ResourceKey": -1, "Description": "Drafter"}
    refused(made, bundle, {**new, "ParentKey": key, "PhaseKey": phase})
    current = changed(
        made, bundle, {**new, "PhaseKey": phase}, {**new, "ResourceKey": -2, "ParentKey": phase, "PhaseKey": phase}
    )
    assert [(row["ParentKey"], row["PhaseKey"]) for row in current["Resources"]] == [(phase, phase)] * 2


@claim("project.v2-rows-not-moved")
@pytest.mark.parametrize("link", ["ParentKey", "PhaseKey"])
def test_a_resource_is_not_moved(made: Made, bundle: Bundle, link: str) -> None:
    """A resource stays on its phase."""
    key, phase = key_of(bundle), bundle["Phases"][0]["PhaseKey"]
    new = {"ResourceKey": -1, "ParentKey": phase, "Description": "Drafter"}
    current = changed(made, bundle, new, {"PhaseKey": -2, "ProjectKey": key, "Description": "Other"})
    other = next(row["PhaseKey"] for row in current["Phases"] if row["Description"] == "Other")
    resource = current["Resources"][0]["ResourceKey"]
    refused(made, current, {"ResourceKey": resource, link: other, "Units": 7})
    (row,) = changed(made, current, {"ResourceKey": resource, link: phase, "Units": 7})["Resources"]
    assert (row["ParentKey"], row["Units"]) == (phase, 7)


@claim("project.v2-rows-not-moved")
def test_a_phase_is_not_moved(made: Made, bundle: Bundle) -> None:
    """A phase stays below its parent."""
    key, (phase,) = key_of(bundle), bundle["Phases"]
    current = changed(made, bundle, {"PhaseKey": -1, "ProjectKey": key, "Description": "Other"})
    other = next(row["PhaseKey"] for row in current["Phases"] if row["Description"] == "Other")
    refused(made, current, {"PhaseKey": phase["PhaseKey"], "ParentKey": other})


@claim("project.v2-custom-fields-object")
def test_custom_fields_are_written_as_an_object(made: Made, firm: Firm, bundle: Bundle) -> None:
    """A custom field is set and cleared in the object CustomFields; version 1 prints it with the prefix."""
    fields = next((row["CustomFields"] for row in firm.v2("Projects") if "CustomFields" in row), None)
    name = next((name for name, value in (fields or {}).items() if isinstance(value, str) and value), None)
    if name is None:
        lacking("custom text")
    current = changed(made, bundle, {"ProjectKey": key_of(bundle), "CustomFields": {name: "B-2217"}})
    assert current["Projects"][0]["CustomFields"][name] == "B-2217"
    project = made.read(PROJECTS, key_of(bundle))
    assert project is not None
    assert project[f"CF_{name}"] == "B-2217"
    again = changed(made, current, {"ProjectKey": key_of(bundle), "CustomFields": {name: ""}})
    assert "CustomFields" not in again["Projects"][0]


@claim("write.null-clears")
def test_null_clears_a_reference(made: Made, firm: Firm, bundle: Bundle) -> None:
    key = key_of(bundle)
    department = firm.active("Departments")["DepartmentKey"]
    current = changed(made, bundle, {"ProjectKey": key, "DepartmentKey": department})
    assert current["Projects"][0]["DepartmentKey"] == department
    assert "DepartmentKey" not in changed(made, current, {"ProjectKey": key, "DepartmentKey": None})["Projects"][0]


@claim("project.v2-update")
def test_people_are_set_and_cleared(made: Made, firm: Firm, bundle: Bundle) -> None:
    """A person is an object with EmployeeKey; Delete in it clears the role, as in version 1."""
    key = key_of(bundle)
    manager = firm.employee(
        "active project manager", lambda row: row.get("IsProjectManager") and row["Status"] == "Active"
    )
    person = {"EmployeeKey": manager["EmployeeKey"]}
    current = changed(made, bundle, {"ProjectKey": key, "ProjectManager": person})
    assert current["Projects"][0]["ProjectManager"]["EmployeeKey"] == person["EmployeeKey"]
    cleared = {"ProjectKey": key, "ProjectManager": {"Delete": True}}
    assert "ProjectManager" not in changed(made, current, cleared)["Projects"][0]


@claim("project.v2-stale-bundle")
def test_stale_bundle_is_refused(made: Made, bundle: Bundle) -> None:
    """A bundle that was read before another change is refused, for the project as for its phases."""
    key, (phase,) = key_of(bundle), bundle["Phases"]
    changed(made, bundle, {"ProjectKey": key, "Notes": "First"})
    refused(made, bundle, {"ProjectKey": key, "Notes": "Second"})
    refused(made, bundle, {"PhaseKey": phase["PhaseKey"], "Notes": "Second"})


@claim("project.v2-stale-bundle")
def test_change_in_version_1_makes_the_bundle_stale(made: Made, bundle: Bundle) -> None:
    """The two versions protect the same record."""
    project = made.read(PROJECTS, key_of(bundle))
    assert project is not None
    success(made.update(PROJECTS, [project | {"Notes": "Written in version 1"}], [project]))
    refused(made, bundle, {"ProjectKey": key_of(bundle), "Notes": "Written in version 2"})


@claim("project.v2-stale-bundle")
@pytest.mark.parametrize("noun", ["Projects", "InvoiceGroups", "Phases"])
def test_edited_bundle_is_refused(made: Made, bundle: Bundle, noun: str) -> None:
    """A bundle must be unchanged in each list."""
    edited = copy.deepcopy(bundle)
    edited[noun][0]["Notes"] = "Not what is stored"
    refused(made, bundle, {"ProjectKey": key_of(bundle), "Location": "Elsewhere"}, baseline=edited)


@claim("project.v2-bundle-required")
def test_bundle_is_required(made: Made, bundle: Bundle) -> None:
    """An update without the project in the bundle, or without its stamp, is refused."""
    row = {"ProjectKey": key_of(bundle), "Notes": "New"}
    edited = copy.deepcopy(bundle)
    del edited["Projects"][0]["LastModifiedDate"]
    baselines: tuple[Any, ...] = ({}, {"Projects": []}, edited, [bundle["Projects"][0]], [])
    for baseline in baselines:
        refused(made, bundle, row, baseline=baseline)


@claim("project.v2-no-op-refused")
def test_update_without_a_change_is_refused(made: Made, bundle: Bundle) -> None:
    (project,) = bundle["Projects"]
    text = refused(made, bundle, {"ProjectKey": key_of(bundle), "Description": project["Description"]})
    assert text == NO_CHANGE


@claim("project.v2-delete-refused")
def test_projects_are_not_deleted(made: Made, bundle: Bundle) -> None:
    """Version 2 has no Delete."""
    refused(made, bundle, {"ProjectKey": key_of(bundle), "Delete": True})


@claim("project.v2-update-creates-no-project")
def test_update_creates_no_project(made: Made, bundle: Bundle) -> None:
    """A negative ProjectKey is refused."""
    refused(made, bundle, {"ProjectKey": -1, "Description": made.name("not created")})


@claim("write.record-once", "write.key-required")
@pytest.mark.parametrize("rows", [2, 0])
def test_each_row_is_named_once(made: Made, bundle: Bundle, rows: int) -> None:
    """A row that is sent twice is refused, and so is one without a key."""
    row = {"ProjectKey": key_of(bundle), "Notes": "Twice"}
    refused(made, bundle, *([row] * rows or [{"Notes": "Nobody"}]))


@claim("write.unknown-members-refused")
def test_unknown_members_are_refused(made: Made, bundle: Bundle) -> None:
    """A member that does not exist is refused, and so is one of version 1 only."""
    for name in ("Colour", "Contacts", "InvoiceGroups"):
        refused(made, bundle, {"ProjectKey": key_of(bundle), name: []})


@claim("write.each-record-alone", "project.v2-single-transaction")
def test_projects_stand_alone_unless_in_one_transaction(made: Made, new_project: Create) -> None:
    """The valid project is written and the other is refused; in a single transaction both are refused."""
    keys = [new_project()["ProjectKey"], new_project()["ProjectKey"]]
    bundle = made.read_rows(*keys)
    rows = [{"ProjectKey": keys[0], "Notes": "Good"}, {"ProjectKey": keys[1], "CompanyKey": UNKNOWN_KEY}]
    refusal(made.update_rows(rows, bundle, UseSingleTransaction=True))
    assert made.read_rows(*keys) == bundle
    refusal(made.update_rows(rows, bundle))
    assert [row["Notes"] for row in made.read_rows(*keys)["Projects"]] == ["Good", ""]
