"""UpdateProjects of version 1."""

from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from contract_tests.answers import records, refusal, success
from contract_tests.client import LEFT_OUT
from contract_tests.firm import Firm, Row, first, lacking, phases_of
from contract_tests.made import NEW_STAMP, PROJECTS, Made
from contract_tests.members import Member, of_record
from contract_tests.values import without_colon, without_name
from contract_tests.writing import INVALID, changed, delete, edited, only_phase, refused
from mock_ajera.claims import Grade

claim = pytest.mark.claim

Create = Callable[..., Row]

NOBODY = 2_000_000_000


def new_phase(key: int, **members: Any) -> Row:
    """The minimum of a new phase."""
    minimum = {
        "PhaseKey": key,
        "LastModifiedDate": NEW_STAMP,
        "Description": f"Phase {-key}",
        "Contacts": [],
        "BillingType": "TimeAndExpense",
    }
    return minimum | members


# Creating.


@claim("project.minimum-create", "write.negative-key-creates", "write.create-without-baseline")
def test_the_printed_minimum(made: Made, minimum: Create) -> None:
    """The minimum of the page creates a project with a group and a phase under real keys."""
    body = minimum()
    (record,) = records(made.update(PROJECTS, [body], []), "Projects")
    assert record["ProjectKey"] > 0
    assert record["Description"] == body["Description"]
    (group,) = record["InvoiceGroups"]
    assert group["InvoiceGroupKey"] > 0
    assert only_phase(record)["PhaseKey"] > 0
    assert made.remove(PROJECTS, record["ProjectKey"])


@claim("write.original-key", "write.created-record-whole", "write.count")
def test_the_answer_to_a_new_project(made: Made, minimum: Create) -> None:
    """The answer counts one record, and holds it whole with the key that was sent."""
    answer = made.update(PROJECTS, [minimum() | {"ProjectKey": -17}])
    (record,) = records(answer, "Projects")
    assert answer.content["NumberOfProjectsUpdated"] == 1
    assert record["OriginalProjectKey"] == -17
    current = made.read(PROJECTS, record["ProjectKey"])
    assert current is not None
    assert current.keys() <= record.keys()
    assert {name: record[name] for name in current if name != "InvoiceGroups"} == {
        name: value for name, value in current.items() if name != "InvoiceGroups"
    }


@claim("project.update-answer-resources")
def test_the_answer_shows_resources(made: Made, minimum: Create) -> None:
    """The record of the answer has Resources on the project and on its phases."""
    (record,) = records(made.update(PROJECTS, [minimum()]), "Projects")
    assert isinstance(record["Resources"], list)
    assert all(isinstance(phase["Resources"], list) for phase in phases_of(record))


@claim("project.create-requires", "project.needs-group")
@pytest.mark.parametrize(
    "missing", ["LastModifiedDate", "Description", "BillingType", "CompanyKey", "Contacts", "InvoiceGroups"]
)
def test_a_new_project_without_a_required_member(made: Made, minimum: Create, missing: str) -> None:
    """Each member of the minimum is needed."""
    body = minimum()
    del body[missing]
    refused(made, PROJECTS, body)


@claim("project.group-requires")
@pytest.mark.parametrize("missing", ["InvoiceFormatKey", "Description", "Client", "Phases"])
def test_a_new_group_without_a_required_member(made: Made, minimum: Create, missing: str) -> None:
    """Each member of the minimum of an invoice group is needed."""
    body = minimum()
    del body["InvoiceGroups"][0][missing]
    refused(made, PROJECTS, body)


@claim("project.phase-requires")
@pytest.mark.parametrize("missing", ["LastModifiedDate", "Description", "Contacts", "BillingType"])
def test_a_new_phase_without_a_required_member(made: Made, minimum: Create, missing: str) -> None:
    """Each member of the minimum of a phase is needed."""
    body = minimum()
    del only_phase(body)[missing]
    refused(made, PROJECTS, body)


@claim("project.needs-group", "project.group-needs-phase")
@pytest.mark.parametrize(
    "edit", [lambda body: body["InvoiceGroups"].clear(), lambda body: body["InvoiceGroups"][0]["Phases"].clear()]
)
def test_a_new_project_without_groups_or_phases(made: Made, minimum: Create, edit: Callable[[Row], object]) -> None:
    """A project has a group, and a group a phase."""
    refused(made, PROJECTS, edited(minimum(), edit))


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


@claim("project.amount-and-text-defaults", "project.default-status", "project.tax-state-none")
def test_defaults_of_a_new_project(new_project: Create) -> None:
    """Amounts are 0, texts empty, and the project is active."""
    record = new_project()
    for holder in (record, only_phase(record)):
        assert holder["HoursCostBudget"] == 0
        assert holder["TotalContractAmount"] == 0
        assert holder["ID"] == ""
        assert holder["Notes"] == ""
        assert holder["Status"] == "Active"
        assert holder["TaxState"] == "na"


@claim("project.no-original-key-on-children")
def test_keys_of_children_are_not_echoed(made: Made, minimum: Create) -> None:
    """Groups and phases come back without the key that was sent."""
    (record,) = records(made.update(PROJECTS, [minimum()]), "Projects")
    holders = [*record["InvoiceGroups"], *phases_of(record)]
    assert not any(name.startswith("Original") for holder in holders for name in holder)


@claim("write.negative-keys-differ", "write.negative-keys-differ-nested")
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
    """A negative key that stands twice in one project is refused."""
    refused(made, PROJECTS, edited(minimum(), edit))


@claim("write.negative-keys-differ")
def test_negative_keys_differ_across_records(made: Made, minimum: Create) -> None:
    """Two new projects with one key are refused."""
    refusal(made.update(PROJECTS, [minimum(), minimum()]))


@claim("write.negative-reference")
@pytest.mark.parametrize(
    "edit",
    [
        lambda body: body.update(CompanyKey=-9),
        lambda body: body["InvoiceGroups"][0].update(Client={"ClientKey": -9}),
        lambda body: body["InvoiceGroups"][0].update(InvoiceFormatKey=-9),
        lambda body: body.update(Contacts=[{"ContactKey": -9, "Order": 0}]),
    ],
    ids=["company", "client", "invoice format", "contact"],
)
def test_a_negative_reference(made: Made, minimum: Create, edit: Callable[[Row], object]) -> None:
    """A reference to an existing record is not negative."""
    refused(made, PROJECTS, edited(minimum(), edit))


@claim("write.unknown-reference")
@pytest.mark.parametrize(
    "edit",
    [
        lambda body: body.update(CompanyKey=NOBODY),
        lambda body: body.update(RateTableKey=NOBODY),
        lambda body: body.update(ProjectManager={"EmployeeKey": NOBODY}),
        lambda body: body["InvoiceGroups"][0].update(Client={"ClientKey": NOBODY}),
        lambda body: body.update(Contacts=[{"ContactKey": NOBODY, "Order": 0}]),
        lambda body: only_phase(body).update(DepartmentKey=NOBODY),
    ],
    ids=["company", "rate table", "project manager", "client", "contact", "department of a phase"],
)
def test_a_reference_to_nothing(made: Made, minimum: Create, edit: Callable[[Row], object]) -> None:
    """A reference names a record that exists."""
    assert INVALID in refused(made, PROJECTS, edited(minimum(), edit)).texts[0]


@claim("project.sub-phase-written-nested")
def test_a_sub_phase_is_written_nested(made: Made, minimum: Create, new_project: Create) -> None:
    """A phase inside a phase is created as its sub-phase, on any level."""
    groups = minimum()["InvoiceGroups"]
    groups[0]["Phases"][0]["Phases"] = [new_phase(-4, Phases=[new_phase(-5)])]
    record = new_project(InvoiceGroups=groups)
    (sub,) = only_phase(record)["Phases"]
    assert [sub["Description"], sub["Phases"][0]["Description"]] == ["Phase 4", "Phase 5"]


@claim("project.tree-order")
def test_phases_keep_their_order(minimum: Create, new_project: Create) -> None:
    """Phases stand as they were sent."""
    groups = minimum()["InvoiceGroups"]
    groups[0]["Phases"] = [new_phase(-7), new_phase(-3), new_phase(-5)]
    record = new_project(InvoiceGroups=groups)
    assert [phase["Description"] for phase in phases_of(record)] == ["Phase 7", "Phase 3", "Phase 5"]


@claim("project.duplicate-ids")
def test_two_projects_of_one_id(made: Made, new_project: Create) -> None:
    """An ID may be used again."""
    identity = f"C{made.prefix[-6:]}"
    assert new_project(ID=identity)["ID"] == new_project(ID=identity)["ID"] == identity


# Changing.


@claim("write.optional-members-may-be-omitted")
def test_members_may_be_left_out(made: Made, new_project: Create) -> None:
    """A record with the required members and one changed member is enough."""
    record = new_project()
    rows = of_record("GetProjects 1 Projects").values()
    required = [row.name for row in rows if not row.parent and row.access in ("key", "required")]
    short = {name: record[name] for name in required}
    success(made.update(PROJECTS, [short | {"Notes": "changed"}], [record]))
    current = made.read(PROJECTS, record["ProjectKey"])
    assert current is not None
    assert current["Notes"] == "changed"


@claim("write.omitted-is-kept", "project.absent-children-kept")
def test_what_is_left_out_is_kept(made: Made, new_project: Create) -> None:
    """Members, groups and phases that are left out stay as they are."""
    record = new_project(ID="C-1", Location="Portland")
    short = {name: record[name] for name in ("ProjectKey", "LastModifiedDate", "CompanyKey", "BillingType", "Contacts")}
    success(made.update(PROJECTS, [short | {"Notes": "changed"}], [record]))
    current = made.read(PROJECTS, record["ProjectKey"])
    assert current is not None
    assert (current["ID"], current["Location"], current["Notes"]) == ("C-1", "Portland", "changed")
    assert [phase["PhaseKey"] for phase in phases_of(current)] == [phase["PhaseKey"] for phase in phases_of(record)]


@claim("write.null-clears")
def test_null_clears(made: Made, firm: Firm, new_project: Create) -> None:
    """null takes away a date and a key."""
    record = new_project(EstimatedStartDate="2024-02-29", ProjectTypeKey=firm.active("ProjectTypes")["ProjectTypeKey"])
    current = changed(made, PROJECTS, record, EstimatedStartDate=None, ProjectTypeKey=None)
    assert current["EstimatedStartDate"] is None
    assert (current["ProjectTypeKey"], current["ProjectTypeDescription"]) == (None, "")


@claim("write.null-for-required-refused")
@pytest.mark.parametrize("name", ["CompanyKey", "BillingType", "Description"])
def test_null_for_a_required_member(made: Made, new_project: Create, name: str) -> None:
    """A required member cannot be cleared."""
    record = new_project()
    assert INVALID in refused(made, PROJECTS, record | {name: None}, record).texts[0]


@claim("project.update-requires")
@pytest.mark.parametrize("missing", ["CompanyKey", "BillingType", "Contacts"])
def test_a_change_without_a_required_member(made: Made, new_project: Create, missing: str) -> None:
    """A changed project still needs these members."""
    record = new_project()
    short = {name: value for name, value in (record | {"Notes": "changed"}).items() if name != missing}
    refused(made, PROJECTS, short, record)


@claim("write.derived-ignored")
def test_descriptions_of_keys_are_ignored(made: Made, new_project: Create) -> None:
    """What follows from a key is not written, and does no harm."""
    record = new_project()
    current = changed(
        made,
        PROJECTS,
        record,
        lambda twin: twin["InvoiceGroups"][0]["Client"].update(Description="another name"),
        CompanyDescription="another firm",
        Notes="changed",
    )
    assert current["CompanyDescription"] == record["CompanyDescription"]
    assert current["InvoiceGroups"][0]["Client"] == record["InvoiceGroups"][0]["Client"]
    assert current["Notes"] == "changed"


@claim("project.resources-not-written")
def test_resources_are_dropped(made: Made, new_project: Create) -> None:
    """Resources are taken and not written."""
    current = changed(made, PROJECTS, new_project(), Resources=[], Notes="changed")
    assert current["Notes"] == "changed"


@claim("project.new-phase-in-existing")
def test_a_phase_is_added(made: Made, new_project: Create) -> None:
    """A phase with a negative key joins an existing group, or an existing phase."""
    record = new_project()
    record = changed(made, PROJECTS, record, lambda twin: twin["InvoiceGroups"][0]["Phases"].append(new_phase(-3)))
    assert [phase["Description"] for phase in phases_of(record)] == ["Design", "Phase 3"]
    record = changed(made, PROJECTS, record, lambda twin: only_phase(twin).update(Phases=[new_phase(-4)]))
    assert only_phase(record)["Phases"][0]["Description"] == "Phase 4"


@claim("project.new-group-in-existing")
def test_a_group_is_added(made: Made, minimum: Create, new_project: Create) -> None:
    """An invoice group with a negative key joins an existing project."""
    (group,) = minimum()["InvoiceGroups"]
    record = new_project()
    current = changed(made, PROJECTS, record, lambda twin: twin["InvoiceGroups"].append(group))
    assert len(current["InvoiceGroups"]) == 2


@claim("project.moving-phase-refused", "project.foreign-child-refused")
def test_a_phase_is_not_moved(made: Made, new_project: Create) -> None:
    """A phase of another project cannot be taken over."""
    record, other = new_project(), new_project()
    sent = edited(record, lambda twin: twin["InvoiceGroups"][0]["Phases"].append(copy.deepcopy(only_phase(other))))
    refused(made, PROJECTS, sent, record)


@claim("write.unknown-members-refused")
@pytest.mark.parametrize(
    "edit",
    [
        lambda twin: twin.update(Colour="green"),
        lambda twin: twin["InvoiceGroups"][0].update(Colour="green"),
        lambda twin: only_phase(twin).update(ConstructionCost=1),
    ],
    ids=["project", "group", "phase"],
)
def test_members_that_do_not_exist(made: Made, new_project: Create, edit: Callable[[Row], object]) -> None:
    """A member that the record does not have is refused, on every level."""
    record = new_project()
    assert INVALID in refused(made, PROJECTS, edited(record, edit), record).texts[0]


@claim("project.unknown-custom-field")
def test_a_custom_field_that_does_not_exist(made: Made, new_project: Create) -> None:
    """A CF_ member without a custom field is refused."""
    record = new_project()
    refused(made, PROJECTS, record | {"CF_NoSuchFieldOfTheSuite": "x"}, record)


@claim("write.custom-fields-written")
def test_custom_fields_are_written(made: Made, new_project: Create) -> None:
    """A text custom field takes a value under the name that it is read by."""
    record = new_project()
    name = next((name for name, value in record.items() if name.startswith("CF_") and value == ""), None)
    if name is None:
        lacking("text custom field")
    assert changed(made, PROJECTS, record, lambda twin: twin.update({name: "written"}))[name] == "written"


@claim("write.custom-choice-by-value")
def test_a_drop_down_takes_object_or_value(made: Made, new_project: Create) -> None:
    """A drop-down custom field takes a bare value and the whole object."""
    record = new_project()
    choices = {name: value for name, value in record.items() if name.startswith("CF_") and isinstance(value, dict)}
    name = next((name for name, value in choices.items() if len(value["Values"]) > 1), None)
    if name is None:
        lacking("drop-down custom field with two values")
    one, other = choices[name]["Values"][:2]
    record = changed(made, PROJECTS, record, **{name: one})
    assert record[name]["Value"] == one
    assert changed(made, PROJECTS, record, **{name: record[name] | {"Value": other}})[name]["Value"] == other


# People.


def employee_for(firm: Firm, flag: str) -> Row:
    """An active employee with the flag."""
    return first(
        (row for row in firm.some("Employees") if row["Status"] == "Active" and row[flag]),
        f"active employee with {flag}",
    )


ROLES = [("ProjectManager", "IsProjectManager"), ("PrincipalInCharge", "IsPrincipal")]


@claim("project.role-flag", "project.role-active", "project.role-delete")
@pytest.mark.parametrize(("role", "flag"), ROLES)
def test_a_role_is_taken_and_given_up(made: Made, firm: Firm, new_project: Create, role: str, flag: str) -> None:
    """An active employee with the flag takes the role; Delete inside takes the employee off."""
    employee = employee_for(firm, flag)
    record = new_project(**{role: {"EmployeeKey": employee["EmployeeKey"]}})
    assert record[role]["EmployeeKey"] == employee["EmployeeKey"]
    assert record[role]["LastName"] == employee["LastName"]
    assert changed(made, PROJECTS, record, **{role: record[role] | {"Delete": True}})[role] is None


@claim("project.role-delete")
def test_a_role_of_a_phase_is_given_up(made: Made, firm: Firm, minimum: Create, new_project: Create) -> None:
    """Delete inside the role of a phase takes the employee off that phase."""
    groups = minimum()["InvoiceGroups"]
    groups[0]["Phases"][0]["ProjectManager"] = {"EmployeeKey": employee_for(firm, "IsProjectManager")["EmployeeKey"]}
    record = new_project(InvoiceGroups=groups)
    assert only_phase(record)["ProjectManager"]
    sent = edited(record, lambda twin: only_phase(twin)["ProjectManager"].update(Delete=True))
    (answered,) = records(made.update(PROJECTS, [sent], [record]), "Projects")
    assert only_phase(answered)["ProjectManager"] is None


@claim("project.role-flag")
@pytest.mark.parametrize(("role", "flag"), ROLES)
def test_a_role_needs_its_flag(made: Made, firm: Firm, minimum: Create, role: str, flag: str) -> None:
    """An active employee without the flag is refused."""
    employee = firm.employee(f"active employee without {flag}", lambda row: row["Status"] == "Active" and not row[flag])
    refused(made, PROJECTS, minimum() | {role: {"EmployeeKey": employee["EmployeeKey"]}})


@claim("project.role-active")
@pytest.mark.parametrize(("role", "flag"), ROLES)
def test_a_role_needs_an_active_employee(made: Made, firm: Firm, minimum: Create, role: str, flag: str) -> None:
    """An employee who has left is refused, with the flag or without."""
    inactive = sorted(
        (row for row in firm.some("Employees") if row["Status"] == "Inactive"), key=lambda row: not row[flag]
    )
    employee = first(inactive, "inactive employee")
    refused(made, PROJECTS, minimum() | {role: {"EmployeeKey": employee["EmployeeKey"]}})


@claim("project.marketing-contact-must-fit")
def test_the_marketing_contact_needs_its_flag(made: Made, firm: Firm, minimum: Create, new_project: Create) -> None:
    """The marketing contact is an active employee with the flag."""
    employee = employee_for(firm, "IsMarketingContact")
    record = new_project(MarketingContact={"EmployeeKey": employee["EmployeeKey"]})
    assert record["MarketingContact"]["EmployeeKey"] == employee["EmployeeKey"]
    other = firm.employee("active employee without IsMarketingContact", lambda row: not row["IsMarketingContact"])
    refused(made, PROJECTS, minimum() | {"MarketingContact": {"EmployeeKey": other["EmployeeKey"]}})


@claim("project.contacts-at-most-five", "project.contact-order")
def test_contact_lines(made: Made, firm: Firm, minimum: Create, new_project: Create) -> None:
    """Five contact lines are taken, a sixth and an Order of 5 are refused."""
    keys = [row["ContactKey"] for row in firm.all("Contacts")][:6]
    if len(keys) < 6:
        lacking("six contacts")
    lines = [{"ContactKey": key, "Order": number, "Text": ""} for number, key in enumerate(keys)]
    record = new_project(Contacts=lines[:5])
    assert {line["ContactKey"] for line in record["Contacts"]} == set(keys[:5])
    refused(made, PROJECTS, minimum() | {"Contacts": [*lines[:5], lines[5] | {"Order": 4}]})
    refused(made, PROJECTS, minimum() | {"Contacts": [lines[5]]})


@claim("project.contact-order-kept")
def test_the_order_of_a_contact_line_is_kept(firm: Firm, new_project: Create) -> None:
    """A single line may have Order 1, as in the printed samples."""
    key = firm.one("Contacts")["ContactKey"]
    (line,) = new_project(Contacts=[{"ContactKey": key, "Order": 1, "Text": "site"}])["Contacts"]
    assert (line["Order"], line["Text"]) == (1, "site")


# Values.

ROWS = of_record("GetProjects 1 Projects")


def is_derived(member: Member) -> bool:
    """Whether a member is the description of a key beside it, which is not written."""
    stem = member.path.removesuffix("Description")
    return member.name.endswith("Description") and (f"{stem}Key" in ROWS or member.parent.endswith("Client"))


TEXTS = [
    member
    for member in ROWS.values()
    if member.longest
    and member.limit_grade is Grade.DOCUMENTED
    and member.access != "read-only"
    and not is_derived(member)
]
"""Texts with a printed limit that can be written, on projects, invoice groups, phases and contact lines."""


def place(project: Row, member: Member) -> Row:
    """Where the member stands in a project with one group, one phase and one contact line on each."""
    holder = only_phase(project) if "Phases" in member.parent else project
    if member.parent == "InvoiceGroups[]":
        holder = project["InvoiceGroups"][0]
    line: Row
    if member.parent.endswith("Contacts[]"):
        (line,) = holder["Contacts"]
        return line
    return holder


@pytest.fixture
def with_text(minimum: Create, firm: Firm) -> Callable[[Member, str], Row]:
    """A new project with a text in the place of a member."""

    def body(member: Member, text: str) -> Row:
        project = minimum()
        line = {"ContactKey": firm.one("Contacts")["ContactKey"], "Order": 0, "Text": ""}
        for holder in (project, only_phase(project)):
            # Members about units are shown for this billing type only.
            holder |= {"Contacts": [dict(line)], "BillingType": "UnitPrice"}
        place(project, member)[member.name] = text
        return project

    return body


@claim("project.text-limits")
@pytest.mark.parametrize("member", TEXTS, ids=lambda member: member.path)
def test_greatest_lengths(made: Made, with_text: Callable[[Member, str], Row], member: Member) -> None:
    """A text of the greatest length is stored whole; a longer one is never stored whole."""
    assert member.longest
    for length in (member.longest, member.longest + 1):
        text = made.name("limit").ljust(length, "x")[:length]
        answer = made.update(PROJECTS, [with_text(member, text)])
        if length > member.longest and not answer.succeeded:
            continue
        (record,) = records(answer, "Projects")
        assert place(record, member)[member.name] == text[: member.longest]


@claim("write.max-length-refused")
@pytest.mark.parametrize("member", TEXTS, ids=lambda member: member.path)
def test_longer_texts_are_refused(made: Made, with_text: Callable[[Member, str], Row], member: Member) -> None:
    """A text that is too long is refused."""
    assert member.longest
    longer = made.name("limit").ljust(member.longest + 1, "x")
    assert INVALID in refused(made, PROJECTS, with_text(member, longer)).texts[0]


@claim("value.excess-digits-rounded")
def test_decimals_are_rounded(minimum: Create, new_project: Create) -> None:
    """Every number of a project and its phase is rounded half up to the decimals of its column."""
    numbers = [row for row in ROWS.values() if row.scale is not None and row.parent in ("", "InvoiceGroups[].Phases[]")]
    groups = minimum()["InvoiceGroups"]
    sent: Row = {"BillingType": "UnitPrice", "InvoiceGroups": groups}
    groups[0]["Phases"][0]["BillingType"] = "UnitPrice"
    for row in numbers:
        assert row.scale is not None
        if not row.name.startswith("Reported"):
            holder = sent if not row.parent else groups[0]["Phases"][0]
            holder[row.name] = Decimal(1) + 5 * Decimal(10) ** -(row.scale + 1)
    record = new_project(**sent)
    for holder, twin in ((sent, record), (groups[0]["Phases"][0], only_phase(record))):
        for name, value in holder.items():
            if isinstance(value, Decimal):
                places = -int(value.as_tuple().exponent) - 1
                assert twin[name] == Decimal(1) + Decimal(10) ** -places, name


@claim("project.date-order")
@pytest.mark.parametrize("stem", ["Estimated", "Actual"])
@pytest.mark.parametrize("where", ["project", "phase"])
def test_a_start_after_the_completion(made: Made, minimum: Create, stem: str, where: str) -> None:
    """The start is not after the completion, on projects and phases."""
    body = minimum()
    holder = body if where == "project" else only_phase(body)
    holder |= {f"{stem}StartDate": "2024-03-02", f"{stem}CompletionDate": "2024-03-01"}
    refused(made, PROJECTS, body)


@claim("project.date-order-equal", "value.day-time-cut")
def test_a_project_of_one_day(new_project: Create) -> None:
    """Start and completion may be equal, and a time behind the date is cut."""
    record = new_project(EstimatedStartDate="2024-03-01T00:00:00", EstimatedCompletionDate="2024-03-01")
    assert (record["EstimatedStartDate"], record["EstimatedCompletionDate"]) == ("2024-03-01", "2024-03-01")


@claim("project.date-order-equal")
def test_the_other_date_is_the_stored_one(made: Made, new_project: Create) -> None:
    """A new start is compared with the completion that is stored."""
    record = new_project(EstimatedStartDate="2024-03-01", EstimatedCompletionDate="2024-03-05")
    short = {name: value for name, value in record.items() if name != "EstimatedCompletionDate"}
    refused(made, PROJECTS, short | {"EstimatedStartDate": "2024-03-06"}, record)


@claim("project.date-bounds")
def test_a_date_before_1900(made: Made, minimum: Create, new_project: Create) -> None:
    """The first day is taken, the day before is not."""
    assert new_project(ActualStartDate="1900-01-01")["ActualStartDate"] == "1900-01-01"
    refused(made, PROJECTS, minimum() | {"ActualStartDate": "1899-12-31"})


@claim("project.date-upper-bound")
def test_a_date_after_2079(made: Made, minimum: Create, new_project: Create) -> None:
    """The last day is taken, the day after is not."""
    assert new_project(ActualCompletionDate="2079-06-06")["ActualCompletionDate"] == "2079-06-06"
    refused(made, PROJECTS, minimum() | {"ActualCompletionDate": "2079-06-07"})


@claim("write.choice-unknown-refused")
@pytest.mark.parametrize("members", [{"Status": "Green"}, {"BillingType": "Barter"}, {"Status": "Inactive"}])
def test_values_outside_the_list(made: Made, minimum: Create, members: dict[str, str]) -> None:
    """A value that is not in the printed list is refused."""
    assert INVALID in refused(made, PROJECTS, minimum() | members).texts[0]


@claim("write.choice-case-insensitive", "project.status-spelling")
@pytest.mark.parametrize(
    ("name", "sent", "stored"),
    [("Status", "Workhold", "WorkHold"), ("Status", "closed", "Closed"), ("BillingType", "fixedfee", "FixedFee")],
)
def test_values_in_another_case(new_project: Create, name: str, sent: str, stored: str) -> None:
    """A value is taken in any case and returned in one spelling."""
    assert new_project(**{name: sent})[name] == stored


@claim("project.billing-type-values")
@pytest.mark.parametrize(
    "value",
    [
        value
        for value in of_record("GetProjects 1 Projects")["BillingType"].choices
        if value not in ("Null", "Adjustment", "Marketing")
    ],
)
def test_billing_types(made: Made, minimum: Create, value: str) -> None:
    """Every printed billing type is taken."""
    groups = minimum()["InvoiceGroups"]
    groups[0]["Phases"][0]["BillingType"] = value
    (record,) = records(
        made.update(PROJECTS, [minimum() | {"BillingType": value, "InvoiceGroups": groups}]), "Projects"
    )
    assert record["BillingType"] == value


# Stamps.


@claim("value.stamp-short-form-accepted")
def test_a_stamp_without_its_zone_name(made: Made, new_project: Create) -> None:
    """The printed form, without the name in brackets, is taken."""
    record = new_project()
    sent = edited(record, lambda twin: twin.update(LastModifiedDate=without_name(record["LastModifiedDate"])))
    only_phase(sent)["LastModifiedDate"] = without_name(only_phase(record)["LastModifiedDate"])
    success(made.update(PROJECTS, [sent | {"Notes": "changed"}], [record]))


@claim("value.stamp-without-colon-accepted")
def test_a_stamp_without_a_colon(made: Made, new_project: Create) -> None:
    """The form of the filters is taken too."""
    record = new_project()
    sent = record | {"LastModifiedDate": without_colon(record["LastModifiedDate"]), "Notes": "changed"}
    success(made.update(PROJECTS, [sent], [record]))


@claim("write.stamp-required")
def test_a_change_without_a_stamp(made: Made, new_project: Create) -> None:
    """A changed record needs its stamp."""
    record = new_project()
    short = {name: value for name, value in record.items() if name != "LastModifiedDate"}
    refused(made, PROJECTS, short | {"Notes": "changed"}, record)


@claim("write.stamp-required")
def test_a_deletion_without_a_stamp(made: Made, new_project: Create) -> None:
    """A deleted record needs its stamp."""
    record = new_project()
    refused(made, PROJECTS, {"ProjectKey": record["ProjectKey"], "Delete": True}, record)


@claim("write.stamp-format-required")
@pytest.mark.parametrize("text", ["2017-12-06", "12/06/2017", "", "2017-12-06T14:46:06.873-08:00", "now"])
def test_a_stamp_in_another_form(made: Made, minimum: Create, text: str) -> None:
    """A stamp that is not in the printed form is refused, on a new record too."""
    refused(made, PROJECTS, minimum() | {"LastModifiedDate": text})


# Deleting.


@claim("write.delete-flag", "write.delete-result", "write.count")
def test_a_project_is_deleted(made: Made, new_project: Create) -> None:
    """Key, stamp and flag delete a project; the answer is the key and a flag, and the project is gone."""
    record = new_project()
    answer = made.update(PROJECTS, [delete(record)], [record])
    assert records(answer, "Projects") == [{"ProjectKey": record["ProjectKey"], "Deleted": True}]
    assert answer.content["NumberOfProjectsUpdated"] == 1
    assert made.read(PROJECTS, record["ProjectKey"]) is None


@claim("write.delete-unneeded-members-ignored")
def test_a_deletion_with_more_members(made: Made, new_project: Create) -> None:
    """The rest of a record to be deleted is not looked at."""
    record = new_project()
    success(made.update(PROJECTS, [record | {"Delete": True, "Description": "x" * 100, "CompanyKey": -1}], [record]))


@claim("write.delete-of-new-refused")
def test_a_new_project_is_not_deleted(made: Made, minimum: Create) -> None:
    """A negative key is not deleted."""
    refused(made, PROJECTS, minimum() | {"Delete": True})


@claim("write.unknown-key")
def test_a_project_that_does_not_exist(made: Made, new_project: Create) -> None:
    """A deleted project can neither be changed nor deleted."""
    record = new_project()
    made.update(PROJECTS, [delete(record)], [record])
    made.adopt(PROJECTS, record["ProjectKey"])
    refusal(made.update(PROJECTS, [record | {"Notes": "changed"}], [record]))
    refusal(made.update(PROJECTS, [delete(record)], [record]))
    assert made.remove(PROJECTS, record["ProjectKey"])


@claim("write.zero-key-refused", "write.key-required")
@pytest.mark.parametrize(
    "edit",
    [
        lambda body: body.update(ProjectKey=0),
        lambda body: body.pop("ProjectKey"),
        lambda body: only_phase(body).pop("PhaseKey"),
    ],
)
def test_a_record_without_a_key(made: Made, minimum: Create, edit: Callable[[Row], object]) -> None:
    """Every record and row has a key, and it is not 0."""
    refused(made, PROJECTS, edited(minimum(), edit))


# Several at once.


@claim("write.mixed-call", "write.count")
def test_one_call_creates_changes_and_deletes(made: Made, minimum: Create, new_project: Create) -> None:
    """The answer holds a record for each of three, and counts three."""
    kept, gone = new_project(), new_project()
    answer = made.update(PROJECTS, [minimum(), kept | {"Notes": "changed"}, delete(gone)], [kept, gone])
    rows = records(answer, "Projects")
    assert answer.content["NumberOfProjectsUpdated"] == 3 == len(rows)
    (created,) = [row for row in rows if "OriginalProjectKey" in row]
    assert {row["ProjectKey"] for row in rows} == {created["ProjectKey"], kept["ProjectKey"], gone["ProjectKey"]}
    assert [row for row in rows if row.get("Deleted")] == [{"ProjectKey": gone["ProjectKey"], "Deleted": True}]


@claim("write.answer-order")
def test_the_order_of_the_answer(made: Made, minimum: Create, new_project: Create) -> None:
    """Records are answered in the order in which they were sent."""
    one, other = new_project(), new_project()
    rows = records(made.update(PROJECTS, [delete(other), one | {"Notes": "changed"}], [one, other]), "Projects")
    assert [row["ProjectKey"] for row in rows] == [other["ProjectKey"], one["ProjectKey"]]


def good_and_bad(minimum: Create) -> list[Row]:
    """A new project that is right, and one whose Description is missing."""
    bad = minimum() | {"ProjectKey": -11}
    del bad["Description"]
    bad["InvoiceGroups"][0] |= {"InvoiceGroupKey": -12}
    only_phase(bad)["PhaseKey"] = -13
    return [minimum(), bad]


@claim("write.single-transaction")
def test_a_single_transaction(made: Made, minimum: Create) -> None:
    """With a single transaction one bad record keeps all from being written."""
    good, bad = good_and_bad(minimum)
    refusal(made.update(PROJECTS, [good, bad], single=True))
    listed = made.client.call("ListProjects", {"FilterByDescriptionEquals": good["Description"]})
    assert records(listed, "Projects") == []


@claim("write.single-transaction-default")
@pytest.mark.parametrize("single", [LEFT_OUT, False], ids=["left out", "false"])
def test_without_the_transaction_flag(made: Made, minimum: Create, single: object) -> None:
    """The flag may be left out or false."""
    (record,) = records(made.update(PROJECTS, [minimum()], single=single), "Projects")
    assert made.remove(PROJECTS, record["ProjectKey"])


@claim("write.each-record-alone", "write.mixed-outcome", "errors.item-per-record", "write.refused-leaves-nothing")
def test_a_mixed_outcome(made: Made, minimum: Create) -> None:
    """Without a single transaction the good record is written and answered, the bad one told in Errors."""
    good, bad = good_and_bad(minimum)
    answer = made.update(PROJECTS, [bad, good])
    assert len(answer.specific_errors) == 1, f"one error expected: {answer!r}"
    (record,) = answer.content["Projects"]
    assert record["OriginalProjectKey"] == -1
    assert answer.content["NumberOfProjectsUpdated"] == 1


@claim("write.record-once")
def test_a_record_twice(made: Made, new_project: Create) -> None:
    """One record does not stand in a call twice."""
    record = new_project()
    refusal(made.update(PROJECTS, [record | {"Notes": "one"}, record | {"Notes": "two"}], [record]))
    assert made.read(PROJECTS, record["ProjectKey"]) == record


@claim("write.content-wrapper")
def test_wrapped_arguments(made: Made, minimum: Create) -> None:
    """The wrapper of the printed sample is refused."""
    wrapped = {"UpdatedProjects": [minimum()], "UnchangedProjects": [], "UseSingleTransaction": False}
    left_out = dict.fromkeys(wrapped, LEFT_OUT)
    answer = made.update(PROJECTS, [], Content=wrapped, **left_out)
    if answer.succeeded:
        pytest.skip("the target takes the wrapper of the printed sample")
    assert INVALID in refusal(answer).texts[0]


@claim("project.overhead-echo")
def test_an_overhead_project_is_sent_back(made: Made, minimum: Create, new_project: Create) -> None:
    """A project whose groups lack a required member can be changed as it was read."""
    groups = minimum()["InvoiceGroups"]
    groups[0]["Phases"][0]["BillingType"] = "Overhead"
    record = new_project(BillingType="Overhead", InvoiceGroups=groups)
    assert changed(made, PROJECTS, record, Notes="changed")["Notes"] == "changed"
