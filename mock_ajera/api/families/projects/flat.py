"""The form of a project in version 2: four flat lists (Projects, InvoiceGroups, Phases, Resources), linked by keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from marshmallow import missing

from mock_ajera.api import fields as f
from mock_ajera.api.context import View, Visibility, WriteContext
from mock_ajera.api.custom_fields import CustomFieldsObject
from mock_ajera.api.families.parts import NotEmpty, without_nulls
from mock_ajera.api.families.projects.records import (
    BILLING_TYPES,
    GROUP_DEFAULTS,
    WORK_DEFAULTS,
    InvoiceGroup,
    Phase,
    Project,
    Resource,
)
from mock_ajera.api.families.projects.roles import NAMES
from mock_ajera.api.families.projects.views import ALL_RESOURCES
from mock_ajera.api.member import Body, Copied, Member
from mock_ajera.api.methods import Layout
from mock_ajera.api.reasons import fault
from mock_ajera.api.records import Check, Record, Row
from mock_ajera.api.views import TenantView
from mock_ajera.claims import Grade
from mock_ajera.tenants.trace import relies_on

_REQUIRED = "project.v2-create-requires"
INHERITED = (
    *("Status", "ProjectTypeKey", "DepartmentKey", "BudgetedOverheadRate", "ProjectManager", "PrincipalInCharge"),
    *("MarketingContact", "WageTableKey", "IsCertified", "TaxState", "TaxLocalKey", "RequireTimesheetNotes"),
    *("BillingType", "RateTableKey"),
)
"""The members that a new phase has from its project unless it sends its own."""
_NAMED = NotEmpty("Description", "project.v2-description-not-empty")


def _description() -> f.Text:
    return f.Text(max=80, required="on_create", claim=_REQUIRED)


def _but(row: type[Row], **others: Member | None) -> dict[str, Member | None]:
    """Return the members of a row that version 2 replaces or lacks: those that only the page of version 1 has."""
    page_only = (Visibility.DOCUMENTED, Visibility.SECOND_NAME)
    documented = (name for name, each in row.declared_members().items() if each.shown in page_only)
    return dict.fromkeys(documented) | {"CustomFields": CustomFieldsObject("Project")} | others


class Link(f.Whole):
    """The key of the project, parent or invoice group that a row belongs to. An existing row stays where it is."""

    type_name = "key of the row around this one, which no write changes"

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        if new:
            return None if sent is missing else sent
        if sent is not missing and sent != stored:
            text = f"a row cannot be moved from {stored} to {sent}"
            context.refuse(at, "moved", text, "project.v2-rows-not-moved")
        return stored


class NotDeleted(f.Instruction):
    """The flag that deletes a project in version 1; version 2 refuses it."""

    type_name = "false: version 2 does not delete projects"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if super()._deserialize(value, attr, data, **kwargs):
            raise fault("delete", "version 2 does not delete projects", "project.v2-delete-refused")
        return False


class EmployeeNames(f.Lookup):
    """The names of the employee of a resource, without a key; blank if there is none.

    Claim ``project.v2-resource-employee``.
    """

    @property
    def type_name(self) -> str:
        return f"object with {', '.join(NAMES)} of the {self.kind} in {self.via_wire}"

    def value(self, body: Body, view: View) -> Any:
        summary = view.summary(self.kind, body.get(self.via)) or {}
        return {name: summary.get(name, "") for name in NAMES}

    def copies(self) -> Iterator[Copied]:
        for name in NAMES:
            yield Copied(name, self.kind, name)


_OF_BILLING_TYPES = dict.fromkeys(
    ("Units", "UnitRate", "UnitDescription", "ReportedPercentComplete", "ReportedPercentCompleteDate"), Grade.INFERRED
)
_DOCUMENTED = {"CustomFields": Grade.DOCUMENTED}
"""The members of projects and phases that are not known from clients."""


class FlatProject(Record):
    """A project without its rows and without contacts (claim ``project.v2-without-contacts``)."""

    grade = Grade.OBSERVED
    grades: ClassVar[Mapping[str, Grade]] = {**_OF_BILLING_TYPES, **_DOCUMENTED}

    kind = "Project"
    project = f.Members(
        Project,
        _but(
            Project,
            Delete=NotDeleted(),
            Description=_description(),
            CompanyKey=f.Ref("Company", nullable=False),
            BillingType=f.Choice(*BILLING_TYPES, required="on_create", default="Null", claim=_REQUIRED),
            RateTableKey=f.Ref("RateTable", nullable=False, required="on_create", claim=_REQUIRED),
            Contacts=None,
            InvoiceGroups=None,
            Resources=None,
        ),
    )

    defaults = WORK_DEFAULTS
    checks: ClassVar[tuple[Check, ...]] = (*Project.checks, _NAMED)
    examples: ClassVar[Mapping[str, Any]] = Project.examples


class FlatGroup(Row):
    """An invoice group with the key of its project and of its client (claim ``project.v2-client-flat``)."""

    grade = Grade.OBSERVED
    grades: ClassVar[Mapping[str, Grade]] = {"ProjectKey": Grade.DOCUMENTED, "BillingContact": Grade.INFERRED}

    InvoiceGroupKey = f.Key()
    ProjectKey = Link()
    Description = _description()
    Client = f.Ref("Client", wire="ClientKey", nullable=False, required="on_create", claim=_REQUIRED)
    ClientDescription = f.Lookup("Client", "Description")
    group = f.Members(
        InvoiceGroup,
        but={
            "InvoiceGroupKey": None,
            "Description": None,
            "Client": None,
            "InvoiceFormatKey": f.Ref("InvoiceFormat", claim="project.v2-format-optional"),
            "Phases": None,
        },
    )

    defaults = GROUP_DEFAULTS
    checks: ClassVar[tuple[Check, ...]] = (_NAMED,)


class FlatPhase(Row):
    """A phase of any depth with the keys of its project, parent and invoice group (claim ``project.v2-links``)."""

    grade = Grade.OBSERVED
    grades: ClassVar[Mapping[str, Grade]] = {
        **dict.fromkeys(("ProjectKey", "ParentKey", "InvoiceGroupKey"), Grade.DOCUMENTED),
        **_OF_BILLING_TYPES,
        **_DOCUMENTED,
    }

    ProjectKey = Link()
    PhaseKey = f.Key(sequence="Project")
    ParentKey = Link()
    InvoiceGroupKey = Link()
    phase = f.Members(
        Phase,
        _but(
            Phase,
            PhaseKey=None,
            Description=_description(),
            BillingType=f.Choice(*BILLING_TYPES, default="Null"),
            Contacts=None,
            Phases=None,
            Resources=None,
        ),
    )

    defaults: ClassVar = {**dict.fromkeys(INHERITED, "project.v2-phase-inherits"), **WORK_DEFAULTS}
    checks: ClassVar[tuple[Check, ...]] = (*Phase.checks, _NAMED)


_UNSEEN = (
    *("EmployeeKey", "EmployeeTypeKey", "EmployeeTypeDescription", "ActivityKey", "ActivityDescription"),
    *("VendorKey", "VendorDescription", "VendorTypeKey", "VendorTypeDescription", "EstimatedStartDate"),
    *("EstimatedCompletionDate", "ActualStartDate", "ActualCompletionDate"),
)
"""The members of resources that neither the page of version 2 nor a client shows."""


class FlatResource(Row):
    """A resource with both ParentKey, which clients read, and PhaseKey, which the page has: two names of one link."""

    grade = Grade.OBSERVED
    grades: ClassVar[Mapping[str, Grade]] = {
        "PhaseKey": Grade.DOCUMENTED,
        **dict.fromkeys(_UNSEEN, Grade.INFERRED),
    }

    ResourceKey = f.Key()
    ParentKey = Link()
    PhaseKey = Link()
    resource = f.Members(Resource, but={"ResourceKey": None, "Employee": EmployeeNames("EmployeeKey", shows="")})


PROJECT, GROUP, PHASE, RESOURCE = FlatProject(), FlatGroup(), FlatPhase(), FlatResource()
LISTS = {"Projects": PROJECT, "InvoiceGroups": GROUP, "Phases": PHASE, "Resources": RESOURCE}
"""The rows of each list of a bundle."""
LAYOUTS = tuple(Layout.of(name, row, *ALL_RESOURCES) for name, row in LISTS.items())
KEYS = {name: next(each.name for each in row.members.values() if each.part == "key") for name, row in LISTS.items()}
"""The member that identifies a row of each list."""


def flat(body: Body, view: TenantView, stamp: int) -> dict[str, list[Any]]:
    """Render a project in version 2, without nulls."""
    view = view.in_version_2()
    if len(body["Phases"]) > 1:
        relies_on("project.tree-order")
    return {
        name: [without_nulls(LISTS[name].emit(row, view, stamp)) for row in rows]
        for name, rows in rows_of(body).items()
    }


def rows_of(body: Body) -> dict[str, list[Body]]:
    """Return the rows of a stored project by the list in which version 2 has them."""
    link = {"ProjectKey": body["ProjectKey"]}
    return {
        "Projects": [body],
        "InvoiceGroups": [group | link for group in body["InvoiceGroups"]],
        "Phases": [phase | link for phase in body["Phases"]],
        "Resources": [resource | {"PhaseKey": resource["ParentKey"]} for resource in body["Resources"]],
    }


def parent_link(noun: str, row: Mapping[str, Any]) -> tuple[str, Any]:
    """Return the name and the value of the link from a row of a list to its parent."""
    name = "ParentKey"
    if noun == "Resources" and not row.get(name) and row.get("PhaseKey"):
        relies_on("project.v2-resource-phase-key")
        name = "PhaseKey"
    return name, row.get(name)
