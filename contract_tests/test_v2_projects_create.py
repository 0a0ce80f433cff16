"""CreateProjects: one project with its invoice groups and phases, in version 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .answers import refusal, success
from .client import AjeraClient
from .firm import Firm, Row, lacking, phases_of
from .kinds import PROJECTS
from .made import Made
from .writing import INVALID, UNKNOWN_KEY

claim = pytest.mark.claim

Arguments = dict[str, Any]


def created(made: Made, arguments: Arguments) -> Row:
    """Create a project, and return the bundle that a new Get returns."""
    content = success(made.create_project(arguments))
    (project,) = content["Projects"]
    return made.read_rows(project["ProjectKey"])


def names(made: Made) -> set[str]:
    """Return the descriptions of the projects that this run has made."""
    rows = success(made.client.call("ListProjects", {"FilterByDescriptionLike": made.prefix}))["Projects"]
    return {row["Description"] for row in rows}


def creates_nothing(made: Made, arguments: Arguments) -> None:
    """Assert that a request is refused and that no project is created."""
    before = names(made)
    refusal(made.create_project(arguments))
    assert names(made) == before, "a refused request created a project"


@claim("project.v2-create", "project.v2-answer-bundle")
def test_answer_is_the_created_bundle(made: Made, v2_minimum: Callable[[], Arguments]) -> None:
    """Content is the bundle of the new project, with positive keys, as GetProjects returns it."""
    arguments = v2_minimum()
    content = success(made.create_project(arguments))
    (project,) = content["Projects"]
    assert project["ProjectKey"] > 0
    assert project["Description"] == arguments["Project"]["Description"]
    assert content == made.read_rows(project["ProjectKey"])


@claim("project.v2-create")
def test_version_1_reads_the_project_at_once(made: Made, v2_minimum: Callable[[], Arguments]) -> None:
    """Both versions read the new project, and its phases are open for time."""
    arguments = v2_minimum()
    arguments["Project"]["ID"] = "26-114"
    bundle = created(made, arguments)
    key = bundle["Projects"][0]["ProjectKey"]
    project = made.read(PROJECTS, key)
    assert project is not None
    assert (project["ID"], project["Description"]) == ("26-114", arguments["Project"]["Description"])
    (group,) = project["InvoiceGroups"]
    assert group["Client"]["ClientKey"] == arguments["InvoiceGroups"][0]["ClientKey"]
    answer = made.client.call("ListChargeablePhases", {"ProjectKey": key}, version=2)
    phases = success(answer)["ChargeablePhases"]
    assert {row["Key"] for row in phases if row["Enabled"]} == {phase["PhaseKey"] for phase in phases_of(project)}


@claim("project.v2-create")
def test_values_of_the_project(made: Made, firm: Firm, v2_minimum: Callable[[], Arguments]) -> None:
    """The members that clients send are stored."""
    manager = firm.employee(
        "active project manager", lambda row: row.get("IsProjectManager") and row["Status"] == "Active"
    )
    values = {
        "ID": "26-115",
        "DepartmentKey": firm.active("Departments")["DepartmentKey"],
        "ProjectTypeKey": firm.active("ProjectTypes")["ProjectTypeKey"],
        "Status": "Preliminary",
        "EstimatedStartDate": "2026-03-02",
        "EstimatedCompletionDate": "2026-09-30",
        "Notes": "From the sheet",
    }
    arguments = v2_minimum()
    arguments["Project"] |= values | {"ProjectManager": {"EmployeeKey": manager["EmployeeKey"]}}
    (project,) = created(made, arguments)["Projects"]
    assert {name: project[name] for name in values} == values
    assert project["ProjectManager"]["LastName"] == manager["LastName"]


@claim("project.v2-create-requires")
@pytest.mark.parametrize("missing", ["Description", "BillingType", "RateTableKey"])
def test_required_members_of_the_project(made: Made, v2_minimum: Callable[[], Arguments], missing: str) -> None:
    arguments = v2_minimum()
    del arguments["Project"][missing]
    creates_nothing(made, arguments)


@claim("project.v2-create-requires")
@pytest.mark.parametrize(
    ("rows", "missing"), [("InvoiceGroups", "Description"), ("InvoiceGroups", "ClientKey"), ("Phases", "Description")]
)
def test_required_members_of_rows(made: Made, v2_minimum: Callable[[], Arguments], rows: str, missing: str) -> None:
    arguments = v2_minimum()
    del arguments[rows][0][missing]
    creates_nothing(made, arguments)


@claim("project.v2-description-not-empty")
@pytest.mark.parametrize("rows", ["Project", "InvoiceGroups", "Phases"])
def test_empty_descriptions_are_refused(made: Made, v2_minimum: Callable[[], Arguments], rows: str) -> None:
    """The Description of a project, invoice group or phase must not be empty."""
    arguments = v2_minimum()
    row = arguments[rows] if rows == "Project" else arguments[rows][0]
    row["Description"] = ""
    creates_nothing(made, arguments)


@claim("project.v2-company-required")
def test_company_is_required(made: Made, firm: Firm, v2_minimum: Callable[[], Arguments]) -> None:
    """A firm with several companies needs the company of the project."""
    if len(firm.all("Companies")) < 2:
        lacking("second company")
    arguments = v2_minimum()
    del arguments["Project"]["CompanyKey"]
    creates_nothing(made, arguments)


@claim("project.v2-format-optional")
def test_invoice_format_is_optional(made: Made, v2_minimum: Callable[[], Arguments]) -> None:
    """An invoice group without InvoiceFormatKey is created."""
    arguments = v2_minimum()
    arguments["InvoiceGroups"][0].pop("InvoiceFormatKey", None)
    (group,) = created(made, arguments)["InvoiceGroups"]
    assert group["Description"] == arguments["InvoiceGroups"][0]["Description"]


@claim("project.v2-create-ignores-custom-fields")
def test_custom_fields_are_ignored(made: Made, firm: Firm, v2_minimum: Callable[[], Arguments]) -> None:
    """A request with custom fields creates a project without them."""
    fields = next((row["CustomFields"] for row in firm.v2("Projects") if "CustomFields" in row), None)
    arguments = v2_minimum()
    arguments["Project"]["CustomFields"] = fields or lacking("project with custom fields")
    assert "CustomFields" not in created(made, arguments)["Projects"][0]


@claim("project.v2-first-group")
def test_phases_are_top_level_phases_of_the_first_group(made: Made, v2_minimum: Callable[[], Arguments]) -> None:
    arguments = v2_minimum()
    arguments["Phases"] = [{"Description": "First"}, {"Description": "Second"}]
    bundle = created(made, arguments)
    project, groups = bundle["Projects"][0]["ProjectKey"], bundle["InvoiceGroups"]
    assert [row["Description"] for row in bundle["Phases"]] == ["First", "Second"]
    for phase in bundle["Phases"]:
        assert (phase["ParentKey"], phase["InvoiceGroupKey"]) == (project, groups[0]["InvoiceGroupKey"])


@claim("project.v2-create-keys")
def test_phases_name_their_group_and_their_parent(made: Made, v2_minimum: Callable[[], Arguments]) -> None:
    """Negative keys put a phase into another invoice group or below another phase."""
    arguments = v2_minimum()
    first = arguments["InvoiceGroups"][0] | {"InvoiceGroupKey": -2}
    arguments["InvoiceGroups"] = [first, first | {"InvoiceGroupKey": -3, "Description": "Two"}]
    arguments["Phases"] = [
        {"PhaseKey": -4, "InvoiceGroupKey": -2, "Description": "Outer"},
        {"PhaseKey": -5, "ParentKey": -4, "Description": "Inner"},
        {"PhaseKey": -6, "InvoiceGroupKey": -3, "Description": "Other"},
    ]
    bundle = created(made, arguments)
    one, two = (row["InvoiceGroupKey"] for row in bundle["InvoiceGroups"])
    outer, inner, other = bundle["Phases"]
    assert [outer["InvoiceGroupKey"], inner["InvoiceGroupKey"], other["InvoiceGroupKey"]] == [one, one, two]
    assert inner["ParentKey"] == outer["PhaseKey"]
    arguments["Phases"][2]["PhaseKey"] = -4
    creates_nothing(made, arguments)


@claim("project.v2-rows-in-any-order")
def test_a_phase_is_listed_before_its_parent(made: Made, v2_minimum: Callable[[], Arguments]) -> None:
    arguments = v2_minimum()
    arguments["Phases"] = [
        {"ParentKey": -4, "Description": "Inner"},
        {"Description": "First"},
        {"PhaseKey": -4, "Description": "Second"},
    ]
    phases = created(made, arguments)["Phases"]
    assert [row["Description"] for row in phases] == ["First", "Second", "Inner"]
    assert phases[2]["ParentKey"] == phases[1]["PhaseKey"]


@claim("project.v2-phase-inherits")
def test_a_phase_has_the_values_of_its_project(made: Made, firm: Firm, v2_minimum: Callable[[], Arguments]) -> None:
    """A phase without values of its own has those of the project."""
    arguments = v2_minimum()
    arguments["Project"] |= {"Status": "Preliminary", "BillingType": "FixedFee"}
    arguments["Phases"] = [{"Description": "As the project"}, {"Description": "Own", "BillingType": "Nonbillable"}]
    project, (first, second) = (bundle := created(made, arguments))["Projects"][0], bundle["Phases"]
    for name in ("Status", "BillingType", "RateTableKey"):
        assert first[name] == project[name], name
    assert second["BillingType"] == "Nonbillable"


@claim("project.role-flag")
def test_manager_without_the_flag_is_refused(made: Made, firm: Firm, v2_minimum: Callable[[], Arguments]) -> None:
    """A project manager needs the flag of the role."""
    other = firm.employee("employee who is no project manager", lambda row: row.get("IsProjectManager") is False)
    arguments = v2_minimum()
    arguments["Project"]["ProjectManager"] = {"EmployeeKey": other["EmployeeKey"]}
    creates_nothing(made, arguments)


@claim("write.unknown-reference")
@pytest.mark.parametrize(
    ("rows", "name"),
    [("Project", "RateTableKey"), ("Project", "DepartmentKey"), ("InvoiceGroups", "ClientKey")],
)
def test_unknown_references_are_refused(made: Made, v2_minimum: Callable[[], Arguments], rows: str, name: str) -> None:
    arguments = v2_minimum()
    row = arguments[rows] if rows == "Project" else arguments[rows][0]
    row[name] = UNKNOWN_KEY
    assert INVALID in refusal(made.create_project(arguments)).texts[0]


WRONG_SHAPES: dict[str, Callable[[Arguments], object]] = {
    "no CreateType": lambda each: each.pop("CreateType"),
    "other CreateType": lambda each: each.update(CreateType="Projects"),
    "no Project": lambda each: each.pop("Project"),
    "a list of projects": lambda each: each.update(Project=[each["Project"]]),
    "misnamed Project": lambda each: each.update(Projects=each.pop("Project")),
}
"""Mistakes that make the shape wrong."""


@claim("project.v2-wrong-shape")
@pytest.mark.parametrize("mistake", WRONG_SHAPES)
def test_wrong_shape_is_a_success_that_creates_nothing(
    made: Made, v2_minimum: Callable[[], Arguments], mistake: str
) -> None:
    """A request of the wrong shape succeeds, creates nothing and returns an example without a key."""
    arguments, before = v2_minimum(), names(made)
    WRONG_SHAPES[mistake](arguments)
    answer = made.create_project(arguments)
    if not answer.succeeded:
        pytest.skip("the target refuses requests of the wrong shape")
    assert answer.content, "an example of the request is expected"
    assert not answer.content.get("Projects"), "a success without a key is expected"
    assert names(made) == before


@claim("project.v2-skeleton-ours")
def test_example_shows_the_arguments(made: Made, v2_minimum: Callable[[], Arguments]) -> None:
    """The example has the four arguments. An empty list of phases is the wrong shape, too."""
    content = success(made.create_project(v2_minimum() | {"Phases": []}))
    assert content.keys() == {"CreateType", "Project", "InvoiceGroups", "Phases"}
    assert {"Description", "BillingType", "RateTableKey"} <= content["Project"].keys()


@claim("project.v2-create-extra-arguments")
def test_further_arguments_are_ignored(made: Made, v2_minimum: Callable[[], Arguments]) -> None:
    arguments = v2_minimum() | {"Resources": []}
    assert created(made, arguments)["Projects"]


@claim("session.method-of-other-version")
def test_version_1_refuses_the_method(client: AjeraClient, made: Made, v2_minimum: Callable[[], Arguments]) -> None:
    """CreateProjects needs a version 2 session."""
    text = refusal(client.call("CreateProjects", v2_minimum())).texts[0]
    assert "CreateProjects" in text
    assert "for api version 1 but is supported with api version 2" in text
