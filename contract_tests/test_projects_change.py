"""UpdateProjects of version 1: changes of projects, and their stamps."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from .answers import records, success
from .firm import Firm, Row, lacking, phases_of
from .kinds import PROJECTS
from .made import Made
from .members import of_record
from .totals import TOTALS, totals_of
from .values import without_colon, without_name
from .writing import INVALID, Create, changed, edited, new_phase, only_phase, refused

claim = pytest.mark.claim


# Changing.


@claim("write.optional-members-may-be-omitted")
def test_members_may_be_left_out(made: Made, new_project: Create) -> None:
    """The required members and one changed member are enough."""
    record = new_project()
    rows = of_record("GetProjects 1 Projects").values()
    required = [row.name for row in rows if not row.parent and row.access in ("key", "required")]
    short = {name: record[name] for name in required}
    success(made.update(PROJECTS, [short | {"Notes": "changed"}], [record]))
    current = made.read(PROJECTS, record["ProjectKey"])
    assert current is not None
    assert current["Notes"] == "changed"


@claim("write.omitted-is-kept", "project.absent-children-kept")
def test_omitted_members_are_kept(made: Made, new_project: Create) -> None:
    """Members, groups and phases that are left out stay as they are."""
    record = new_project(ID="C-1", Location="Portland")
    short = {name: record[name] for name in ("ProjectKey", "LastModifiedDate", "CompanyKey", "BillingType", "Contacts")}
    success(made.update(PROJECTS, [short | {"Notes": "changed"}], [record]))
    current = made.read(PROJECTS, record["ProjectKey"])
    assert current is not None
    assert (current["ID"], current["Location"], current["Notes"]) == ("C-1", "Portland", "changed")
    assert [phase["PhaseKey"] for phase in phases_of(current)] == [phase["PhaseKey"] for phase in phases_of(record)]


@claim("project.absent-children-kept")
@pytest.mark.parametrize("left_out", ["group", "phase", "sub-phase"])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_row_beside_others_is_kept(
    made: Made, minimum: Create, new_project: Create, left_out: str, position: int
) -> None:
    """A group, a phase or a sub-phase that is left out beside others stays as it is."""
    (group,) = minimum()["InvoiceGroups"]
    phases = [new_phase(-10), new_phase(-11, Phases=[new_phase(-12), new_phase(-13), new_phase(-14)]), new_phase(-15)]
    groups = [group | {"InvoiceGroupKey": key, "Phases": [new_phase(key - 1)]} for key in (-20, -30)]
    record = new_project(InvoiceGroups=[group | {"Phases": phases}, *groups])

    def without(twin: Row) -> None:
        rows = twin["InvoiceGroups"]
        if left_out != "group":
            rows = rows[0]["Phases"]
        if left_out == "sub-phase":
            rows = rows[1]["Phases"]
        del rows[position]

    current = changed(made, PROJECTS, record, without, Notes="changed")
    assert [group["InvoiceGroupKey"] for group in current["InvoiceGroups"]] == [
        group["InvoiceGroupKey"] for group in record["InvoiceGroups"]
    ]
    assert sorted(phase["PhaseKey"] for phase in phases_of(current)) == sorted(
        phase["PhaseKey"] for phase in phases_of(record)
    )


@claim("write.null-clears")
def test_null_clears(made: Made, firm: Firm, new_project: Create) -> None:
    """Null clears a date, a key and a text."""
    record = new_project(
        EstimatedStartDate="2024-02-29",
        ProjectTypeKey=firm.active("ProjectTypes")["ProjectTypeKey"],
        Location="Portland",
    )
    current = changed(made, PROJECTS, record, EstimatedStartDate=None, ProjectTypeKey=None, Location=None)
    assert current["EstimatedStartDate"] is None
    assert (current["ProjectTypeKey"], current["ProjectTypeDescription"]) == (None, "")
    assert current["Location"] == ""


@claim("write.null-clears")
@pytest.mark.parametrize("nothing", [None, ""])
def test_custom_field_is_cleared(made: Made, new_project: Create, nothing: str | None) -> None:
    """Null clears the text of a custom field, and so does an empty text."""
    record = new_project()
    name = next((name for name, value in record.items() if name.startswith("CF_") and value == ""), None)
    if name is None:
        lacking("text custom field")
    record = changed(made, PROJECTS, record, **{name: "written"})
    assert changed(made, PROJECTS, record, **{name: nothing})[name] == ""


@claim("write.null-for-required-refused")
@pytest.mark.parametrize("name", ["CompanyKey", "BillingType", "Description"])
def test_null_for_a_required_member(made: Made, new_project: Create, name: str) -> None:
    """A required member cannot be cleared."""
    record = new_project()
    assert INVALID in refused(made, PROJECTS, record | {name: None}, record).texts[0]


@claim("project.update-requires")
@pytest.mark.parametrize("missing", ["CompanyKey", "BillingType", "Contacts"])
def test_change_needs_required_members(made: Made, new_project: Create, missing: str) -> None:
    """A changed project without one of these members is refused."""
    record = new_project()
    short = {name: value for name, value in (record | {"Notes": "changed"}).items() if name != missing}
    refused(made, PROJECTS, short, record)


@claim("write.derived-ignored")
def test_description_of_the_company_is_ignored(made: Made, new_project: Create) -> None:
    """CompanyDescription follows from its key."""
    record = new_project()
    current = changed(made, PROJECTS, record, CompanyDescription="another firm", Notes="changed")
    assert current["CompanyDescription"] == record["CompanyDescription"]
    assert current["Notes"] == "changed"


def describe(twin: Row, text: str) -> None:
    """Set descriptions that follow from keys."""
    twin["ProjectTypeDescription"] = text
    group = twin["InvoiceGroups"][0]
    group["Client"]["Description"] = group["InvoiceFormatDescription"] = text
    only_phase(twin)["RateTableDescription"] = text


@claim("write.descriptions-ignored")
def test_descriptions_of_keys_are_ignored(made: Made, new_project: Create) -> None:
    """The descriptions of other keys are ignored, too."""
    record = new_project()
    current = changed(made, PROJECTS, record, lambda twin: describe(twin, "x" * 80), Notes="changed")
    assert current["ProjectTypeDescription"] == record["ProjectTypeDescription"]
    for name in ("Client", "InvoiceFormatDescription"):
        assert current["InvoiceGroups"][0][name] == record["InvoiceGroups"][0][name]
    assert only_phase(current)["RateTableDescription"] == only_phase(record)["RateTableDescription"]


@claim("write.derived-descriptions-limited")
@pytest.mark.parametrize("place", ["project", "client", "phase"])
def test_descriptions_of_keys_have_a_maximum(made: Made, new_project: Create, place: str) -> None:
    """A description of 81 characters is refused where the page prints a maximum of 80."""
    record = new_project()
    twin = edited(record, lambda twin: describe(twin, "x" * 80)) | {"Notes": "changed"}
    group = twin["InvoiceGroups"][0]
    holder, name = {
        "project": (twin, "ProjectTypeDescription"),
        "client": (group["Client"], "Description"),
        "phase": (only_phase(twin), "RateTableDescription"),
    }[place]
    holder[name] = "x" * 81
    refused(made, PROJECTS, twin, record)


@claim("project.tax-state-unchecked")
def test_tax_state_is_any_text(made: Made, new_project: Create) -> None:
    """TaxState is stored as it is sent."""
    assert changed(made, PROJECTS, new_project(), TaxState="Oregon")["TaxState"] == "Oregon"


@claim("project.resources-not-written")
def test_resources_are_ignored(made: Made, new_project: Create) -> None:
    """Resources are accepted and not written, in a new project too."""
    current = changed(made, PROJECTS, new_project(Resources=[]), Resources=[], Notes="changed")
    assert current["Notes"] == "changed"
    answer = made.client.call("GetProjectsWithResources", {"RequestedProjects": [current["ProjectKey"]]})
    (shown,) = records(answer, "Projects")
    assert "Resources" in shown
    assert changed(made, PROJECTS, shown, Notes="again")["Notes"] == "again"


@claim("project.totals-not-written")
def test_record_with_totals_is_refused(made: Made, new_project: Create) -> None:
    """The record of GetProjectTotals can be sent only without its totals."""
    record = new_project()
    sent = totals_of(made.client, record["ProjectKey"]) | {"Notes": "changed"}
    assert INVALID in refused(made, PROJECTS, sent, record).texts[0]
    without = [*TOTALS, "Billed Hours", "Resource Hours", "Receipts Adjustments Expense"]
    plain = {name: value for name, value in sent.items() if name not in (*without, "InvoiceGroups")}
    success(made.update(PROJECTS, [plain], [record]))


@claim("project.new-phase-in-existing")
def test_phase_is_added(made: Made, new_project: Create) -> None:
    """A phase with a negative key is added to an existing group or to an existing phase."""
    record = new_project()
    record = changed(made, PROJECTS, record, lambda twin: twin["InvoiceGroups"][0]["Phases"].append(new_phase(-3)))
    assert [phase["Description"] for phase in phases_of(record)] == ["Design", "Phase 3"]
    record = changed(made, PROJECTS, record, lambda twin: only_phase(twin).update(Phases=[new_phase(-4)]))
    assert only_phase(record)["Phases"][0]["Description"] == "Phase 4"


@claim("project.new-group-in-existing")
def test_group_is_added(made: Made, minimum: Create, new_project: Create) -> None:
    """An invoice group with a negative key is added to an existing project."""
    (group,) = minimum()["InvoiceGroups"]
    record = new_project()
    current = changed(made, PROJECTS, record, lambda twin: twin["InvoiceGroups"].append(group))
    assert len(current["InvoiceGroups"]) == 2


@claim("project.foreign-child-refused")
def test_phase_of_another_project_is_refused(made: Made, new_project: Create) -> None:
    record, other = new_project(), new_project()
    sent = edited(record, lambda twin: twin["InvoiceGroups"][0]["Phases"].append(copy.deepcopy(only_phase(other))))
    refused(made, PROJECTS, sent, record)


UNKNOWN: dict[str, Callable[[Row], Row]] = {
    "project": lambda twin: twin,
    "project manager": lambda twin: twin["ProjectManager"],
    "contact line": lambda twin: twin["Contacts"][0],
    "group": lambda twin: twin["InvoiceGroups"][0],
    "client": lambda twin: twin["InvoiceGroups"][0]["Client"],
    "phase": only_phase,
    "project manager of a phase": lambda twin: only_phase(twin)["ProjectManager"],
    "contact line of a phase": lambda twin: only_phase(twin)["Contacts"][0],
}
"""Rows and objects of a project."""


@claim("write.unknown-members-refused")
@pytest.mark.parametrize("where", UNKNOWN)
def test_unknown_member_is_refused(made: Made, firm: Firm, minimum: Create, where: str) -> None:
    """An unknown member is refused in every row and object, of a new project and of a changed one."""
    manager = firm.employee("project manager", lambda row: row["Status"] == "Active" and row["IsProjectManager"])
    project = minimum()
    for holder in (project, only_phase(project)):
        holder["ProjectManager"] = {"EmployeeKey": manager["EmployeeKey"]}
        holder["Contacts"] = [{"ContactKey": firm.one("Contacts")["ContactKey"], "Order": 0, "Text": ""}]
    wrong = edited(project, lambda twin: UNKNOWN[where](twin).update(Color="green"))
    assert INVALID in refused(made, PROJECTS, wrong).texts[0]
    (record,) = records(made.update(PROJECTS, [project]), "Projects")
    current = made.read(PROJECTS, record["ProjectKey"])
    assert current is not None
    wrong = edited(current, lambda twin: UNKNOWN[where](twin).update(Color="green"))
    assert INVALID in refused(made, PROJECTS, wrong, current).texts[0]


@claim("write.unknown-members-refused")
def test_member_of_a_project_only(made: Made, new_project: Create) -> None:
    """A phase does not have every member of a project."""
    record = new_project()
    wrong = edited(record, lambda twin: only_phase(twin).update(ConstructionCost=1))
    assert INVALID in refused(made, PROJECTS, wrong, record).texts[0]


@claim("project.unknown-custom-field")
def test_unknown_custom_field_is_refused(made: Made, new_project: Create) -> None:
    """A CF_ member that names no custom field is refused."""
    record = new_project()
    refused(made, PROJECTS, record | {"CF_NoSuchFieldOfTheSuite": "x"}, record)


@claim("write.custom-fields-written")
def test_custom_fields_are_written(made: Made, new_project: Create) -> None:
    """A text custom field is written under the name that it is read by."""
    record = new_project()
    name = next((name for name, value in record.items() if name.startswith("CF_") and value == ""), None)
    if name is None:
        lacking("text custom field")
    assert changed(made, PROJECTS, record, lambda twin: twin.update({name: "written"}))[name] == "written"


@claim("write.custom-choice-by-value")
def test_drop_down_accepts_object_or_value(made: Made, new_project: Create) -> None:
    """A drop-down custom field accepts a value alone or the whole object."""
    record = new_project()
    choices = {name: value for name, value in record.items() if name.startswith("CF_") and isinstance(value, dict)}
    name = next((name for name, value in choices.items() if len(value["Values"]) > 1), None)
    if name is None:
        lacking("drop-down custom field with two values")
    one, other = choices[name]["Values"][:2]
    record = changed(made, PROJECTS, record, **{name: one})
    assert record[name]["Value"] == one
    assert changed(made, PROJECTS, record, **{name: record[name] | {"Value": other}})[name]["Value"] == other


# Stamps.


@claim("value.stamp-short-form-accepted")
def test_stamp_without_time_zone_name(made: Made, new_project: Create) -> None:
    """The printed form without the name in parentheses is accepted."""
    record = new_project()
    sent = edited(record, lambda twin: twin.update(LastModifiedDate=without_name(record["LastModifiedDate"])))
    only_phase(sent)["LastModifiedDate"] = without_name(only_phase(record)["LastModifiedDate"])
    success(made.update(PROJECTS, [sent | {"Notes": "changed"}], [record]))


@claim("value.stamp-without-colon-accepted")
def test_stamp_without_a_colon(made: Made, new_project: Create) -> None:
    """The form that filters use is accepted too."""
    record = new_project()
    sent = record | {"LastModifiedDate": without_colon(record["LastModifiedDate"]), "Notes": "changed"}
    success(made.update(PROJECTS, [sent], [record]))


@claim("write.stamp-required")
def test_change_needs_a_stamp(made: Made, new_project: Create) -> None:
    """A changed record without its stamp is refused."""
    record = new_project()
    short = {name: value for name, value in record.items() if name != "LastModifiedDate"}
    refused(made, PROJECTS, short | {"Notes": "changed"}, record)


@claim("write.stamp-required")
def test_deletion_needs_a_stamp(made: Made, new_project: Create) -> None:
    """A deleted record without its stamp is refused."""
    record = new_project()
    refused(made, PROJECTS, {"ProjectKey": record["ProjectKey"], "Delete": True}, record)


@claim("write.stamp-format-required")
@pytest.mark.parametrize("text", ["2017-12-06", "12/06/2017", "", "2017-12-06T14:46:06.873-08:00", "now"])
def test_stamp_in_another_format_is_refused(made: Made, minimum: Create, text: str) -> None:
    """A stamp in another format is refused, on a new record too."""
    refused(made, PROJECTS, minimum() | {"LastModifiedDate": text})
