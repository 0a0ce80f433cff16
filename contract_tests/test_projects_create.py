"""UpdateProjects of version 1: new projects."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .answers import records, refusal, success
from .firm import Row, lacking, phases_of
from .kinds import PROJECTS
from .made import Made
from .writing import INVALID, UNKNOWN_KEY, Create, edited, new_phase, only_phase, refused

claim = pytest.mark.claim

NOT_IN_THE_SAMPLE = {"LaborEntry", "ExpenseConsultantEntry", "ReportedPercentDate"}
"""Members that the page prints for GetProjects but not in the answer of UpdateProjects."""


@claim("project.minimum-create", "write.negative-key-creates", "write.create-without-baseline")
def test_printed_minimum(made: Made, minimum: Create) -> None:
    """The minimum of the page creates a project with a group and a phase, all with new positive keys."""
    body = minimum()
    (record,) = records(made.update(PROJECTS, [body], []), "Projects")
    assert record["ProjectKey"] > 0
    assert record["Description"] == body["Description"]
    (group,) = record["InvoiceGroups"]
    assert group["InvoiceGroupKey"] > 0
    assert only_phase(record)["PhaseKey"] > 0
    assert made.remove(PROJECTS, record["ProjectKey"])


@claim("write.original-key", "write.created-record-whole", "write.count")
def test_create_response(made: Made, minimum: Create) -> None:
    """The response counts one record and contains the whole record with the key that was sent."""
    answer = made.update(PROJECTS, [minimum() | {"ProjectKey": -17}])
    (record,) = records(answer, "Projects")
    assert answer.content["NumberOfProjectsUpdated"] == 1
    assert record["OriginalProjectKey"] == -17
    current = made.read(PROJECTS, record["ProjectKey"])
    assert current is not None
    assert current.keys() - NOT_IN_THE_SAMPLE <= record.keys()
    common = (current.keys() & record.keys()) - {"InvoiceGroups"}
    assert {name: record[name] for name in common} == {name: current[name] for name in common}


@claim("project.update-answer-resources")
def test_create_response_shows_resources(made: Made, minimum: Create) -> None:
    """The record of the response has Resources on the project and on its phases."""
    (record,) = records(made.update(PROJECTS, [minimum()]), "Projects")
    assert isinstance(record["Resources"], list)
    assert all(isinstance(phase["Resources"], list) for phase in phases_of(record))


@claim("project.create-requires", "project.needs-group")
@pytest.mark.parametrize(
    "missing", ["LastModifiedDate", "Description", "BillingType", "CompanyKey", "Contacts", "InvoiceGroups"]
)
def test_new_project_needs_required_members(made: Made, minimum: Create, missing: str) -> None:
    """Every member of the minimum is required."""
    body = minimum()
    del body[missing]
    refused(made, PROJECTS, body)


@claim("project.group-requires")
@pytest.mark.parametrize("missing", ["InvoiceFormatKey", "Description", "Client", "Phases"])
def test_new_group_needs_required_members(made: Made, minimum: Create, missing: str) -> None:
    """Every member of the minimum of an invoice group is required."""
    body = minimum()
    del body["InvoiceGroups"][0][missing]
    refused(made, PROJECTS, body)


@claim("project.phase-requires")
@pytest.mark.parametrize("missing", ["LastModifiedDate", "Description", "Contacts", "BillingType"])
def test_new_phase_needs_required_members(made: Made, minimum: Create, missing: str) -> None:
    """Every member of the minimum of a phase is required."""
    body = minimum()
    del only_phase(body)[missing]
    refused(made, PROJECTS, body)


@claim("project.needs-group", "project.group-needs-phase")
@pytest.mark.parametrize(
    "edit", [lambda body: body["InvoiceGroups"].clear(), lambda body: body["InvoiceGroups"][0]["Phases"].clear()]
)
def test_new_project_needs_a_group_and_a_phase(made: Made, minimum: Create, edit: Callable[[Row], object]) -> None:
    """A project without a group is refused, and so is a group without a phase."""
    refused(made, PROJECTS, edited(minimum(), edit))


@claim("project.description-may-be-empty")
def test_empty_descriptions(made: Made, minimum: Create, new_project: Create) -> None:
    """The Description of an invoice group and of a phase may be empty."""
    groups = minimum()["InvoiceGroups"]
    groups[0]["Description"] = groups[0]["Phases"][0]["Description"] = ""
    record = new_project(InvoiceGroups=groups)
    assert [record["InvoiceGroups"][0]["Description"], only_phase(record)["Description"]] == ["", ""]


@claim("project.flag-defaults")
def test_flags_of_a_new_project(new_project: Create) -> None:
    """Flags that were not sent are false on the project and on its phase."""
    record = new_project()
    for holder in (record, only_phase(record)):
        for name in (
            "IsCertified",
            "RestrictTimeEntryToResourcesOnly",
            "ApplySalesTax",
            "RequireTimesheetNotes",
            "IsFinalBudget",
            "LockFee",
        ):
            assert holder[name] is False, name
        for name in ("BillLaborAsTE", "BillExpenseAsTE", "BillConsultantAsTE"):
            # Only printed for some billing types.
            assert holder.get(name, False) is False, name


@claim("project.billing-group-defaults")
def test_new_phase_is_not_a_billing_group(new_project: Create) -> None:
    """Flags that were not sent are false on the phase."""
    phase = only_phase(new_project())
    assert (phase["IsBillingGroup"], phase["SummarizeBillingGroup"]) == (False, False)
    assert not any(phase.get(name) for name in ("SyncToCRM", "CreateInCRM", "CRMFinalSync"))


@claim("project.entry-flag-defaults")
@pytest.mark.parametrize("name", ["LaborEntry", "ExpenseConsultantEntry"])
def test_entry_flags_of_a_new_project(new_project: Create, name: str) -> None:
    """Time and expense entry is allowed by default."""
    record = new_project()
    if name not in record:
        lacking("projects with entry flags")
    for holder in (record, only_phase(record)):
        assert holder.get(name, True) is True


@claim("project.amount-and-text-defaults", "project.default-status", "project.tax-state-none")
def test_defaults_of_a_new_project(new_project: Create) -> None:
    """Amounts are 0, texts are empty, dates and references null, and the project is active."""
    record = new_project()
    for holder in (record, only_phase(record)):
        assert holder["HoursCostBudget"] == 0
        assert holder["TotalContractAmount"] == 0
        assert holder["ID"] == ""
        assert holder["Notes"] == ""
        assert (holder["EstimatedStartDate"], holder["DepartmentKey"]) == (None, None)
        assert holder["Status"] == "Active"
        assert holder["TaxState"] == "na"


@claim("project.no-original-key-on-children")
def test_keys_of_children_are_not_echoed(made: Made, minimum: Create) -> None:
    """Groups and phases are returned without the key that was sent."""
    (record,) = records(made.update(PROJECTS, [minimum()]), "Projects")
    holders = [*record["InvoiceGroups"], *phases_of(record)]
    assert not any(name.startswith("Original") for holder in holders for name in holder)


@claim("write.negative-keys-differ-nested")
@pytest.mark.parametrize(
    "edit",
    [
        lambda body: body.update(ProjectKey=-2),
        lambda body: only_phase(body).update(PhaseKey=-2),
        lambda body: body["InvoiceGroups"][0]["Phases"].append(new_phase(-3)),
    ],
    ids=["project and group", "group and phase", "two phases"],
)
def test_negative_keys_differ_inside_a_project(made: Made, minimum: Create, edit: Callable[[Row], object]) -> None:
    """A negative key that occurs twice in one project is refused."""
    refused(made, PROJECTS, edited(minimum(), edit))


def twin_of(minimum: Create, shared: str) -> Row:
    """Return a second new project that has one negative key in common with the first, on one level."""
    other = minimum()
    keys = {"project": -1, "group": -2, "phase": -3}
    keys = {level: key if level == shared else key - 10 for level, key in keys.items()}
    other["ProjectKey"] = keys["project"]
    other["InvoiceGroups"][0]["InvoiceGroupKey"] = keys["group"]
    only_phase(other)["PhaseKey"] = keys["phase"]
    return other


@claim("write.negative-keys-differ")
def test_negative_keys_differ_across_records(made: Made, minimum: Create) -> None:
    """Two new projects with the same key are refused. With different keys they are created."""
    refusal(made.update(PROJECTS, [minimum(), twin_of(minimum, "project")]))
    assert len(records(made.update(PROJECTS, [minimum(), twin_of(minimum, "")]), "Projects")) == 2


@claim("write.negative-keys-differ-nested")
@pytest.mark.parametrize("shared", ["group", "phase"])
def test_negative_keys_differ_across_rows_of_records(made: Made, minimum: Create, shared: str) -> None:
    """Two new projects with the same key of an invoice group or phase are refused."""
    refusal(made.update(PROJECTS, [minimum(), twin_of(minimum, shared)]))


REFERENCES: dict[str, tuple[Callable[[Row], Row], tuple[str, ...]]] = {
    "project": (
        lambda body: body,
        ("CompanyKey", "ProjectTypeKey", "DepartmentKey", "WageTableKey", "TaxLocalKey", "RateTableKey"),
    ),
    "phase": (only_phase, ("ProjectTypeKey", "DepartmentKey", "WageTableKey", "TaxLocalKey", "RateTableKey")),
    "group": (lambda body: body["InvoiceGroups"][0], ("InvoiceFormatKey", "EmailInvoiceTemplateKey")),
}
"""Rows of a project, and their members that are keys of other records, required or not."""
ROLES: dict[str, tuple[str, str]] = {
    "ProjectManager": ("project", "EmployeeKey"),
    "PrincipalInCharge": ("phase", "EmployeeKey"),
    "MarketingContact": ("project", "EmployeeKey"),
    "Client": ("group", "ClientKey"),
    "BillingManager": ("group", "EmployeeKey"),
    "BillingContact": ("group", "ContactKey"),
}
"""Objects of a project that name another record: where they are, and their key."""


@claim("write.negative-reference")
@pytest.mark.parametrize(
    ("where", "name"), [(where, name) for where, (_, names) in REFERENCES.items() for name in names]
)
def test_negative_reference_is_refused(made: Made, minimum: Create, where: str, name: str) -> None:
    """A reference to an existing record must not be negative, even if it may be empty."""
    refused(made, PROJECTS, edited(minimum(), lambda body: REFERENCES[where][0](body).update({name: -9})))


@claim("write.negative-reference")
@pytest.mark.parametrize("role", ROLES)
def test_negative_reference_in_an_object_is_refused(made: Made, minimum: Create, role: str) -> None:
    """The key of a person, a client or a contact must not be negative."""
    where, key = ROLES[role]
    refused(made, PROJECTS, edited(minimum(), lambda body: REFERENCES[where][0](body).update({role: {key: -9}})))


@claim("write.negative-reference")
@pytest.mark.parametrize("where", ["project", "phase"])
def test_negative_contact_is_refused(made: Made, minimum: Create, where: str) -> None:
    """The key of a contact line must not be negative."""
    lines = [{"ContactKey": -9, "Order": 0, "Text": ""}]
    refused(made, PROJECTS, edited(minimum(), lambda body: REFERENCES[where][0](body).update(Contacts=lines)))


@claim("write.unknown-reference")
@pytest.mark.parametrize(
    "edit",
    [
        lambda body: body.update(CompanyKey=UNKNOWN_KEY),
        lambda body: body.update(RateTableKey=UNKNOWN_KEY),
        lambda body: body.update(ProjectManager={"EmployeeKey": UNKNOWN_KEY}),
        lambda body: body["InvoiceGroups"][0].update(Client={"ClientKey": UNKNOWN_KEY}),
        lambda body: body.update(Contacts=[{"ContactKey": UNKNOWN_KEY, "Order": 0}]),
        lambda body: only_phase(body).update(DepartmentKey=UNKNOWN_KEY),
    ],
    ids=["company", "rate table", "project manager", "client", "contact", "department of a phase"],
)
def test_unknown_reference_is_refused(made: Made, minimum: Create, edit: Callable[[Row], object]) -> None:
    """A reference must name an existing record."""
    assert INVALID in refused(made, PROJECTS, edited(minimum(), edit)).texts[0]


@claim("project.sub-phase-written-nested")
def test_nested_sub_phases_are_created(made: Made, minimum: Create, new_project: Create) -> None:
    """A phase inside a phase is created as its sub-phase, at any depth."""
    groups = minimum()["InvoiceGroups"]
    groups[0]["Phases"][0]["Phases"] = [new_phase(-4, Phases=[new_phase(-5)])]
    record = new_project(InvoiceGroups=groups)
    (sub,) = only_phase(record)["Phases"]
    assert [sub["Description"], sub["Phases"][0]["Description"]] == ["Phase 4", "Phase 5"]


@claim("project.tree-order")
def test_phases_keep_their_order(minimum: Create, new_project: Create) -> None:
    """Phases stay in the order in which they were sent."""
    groups = minimum()["InvoiceGroups"]
    groups[0]["Phases"] = [new_phase(-7), new_phase(-3), new_phase(-5)]
    record = new_project(InvoiceGroups=groups)
    assert [phase["Description"] for phase in phases_of(record)] == ["Phase 7", "Phase 3", "Phase 5"]


@claim("project.duplicate-ids")
def test_duplicate_id_is_accepted(made: Made, new_project: Create) -> None:
    """Two projects may have the same ID."""
    identity = f"C{made.prefix[-6:]}"
    assert new_project(ID=identity)["ID"] == new_project(ID=identity)["ID"] == identity


@claim("project.duplicate-ids-refused")
def test_strict_target_refuses_a_duplicate_id(made: Made, new_project: Create, minimum: Create) -> None:
    """A project with the ID of another one is refused, in any case. With an ID of its own it is created."""
    identity = f"D{made.prefix[-6:]}"
    new_project(ID=identity)
    if made.update(PROJECTS, [minimum() | {"ID": identity}]).succeeded:
        pytest.skip("the target accepts a duplicate ID")
    refusal(made.update(PROJECTS, [minimum() | {"ID": identity.lower()}]))
    success(made.update(PROJECTS, [minimum() | {"ID": f"{identity}-2"}]))
