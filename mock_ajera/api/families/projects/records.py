"""The records of the Projects family, with their members in the order of the pages.

``when`` marks members that are printed for some billing types only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import missing

from mock_ajera.api import fields as f
from mock_ajera.api.context import View, Visibility, WriteContext
from mock_ajera.api.custom_fields import CustomFields
from mock_ajera.api.envelope import varies_guesses
from mock_ajera.api.families.contacts import ContactLine
from mock_ajera.api.families.parts import DateOrder, MayBeEmpty, Unique
from mock_ajera.api.families.projects import aggregate
from mock_ajera.api.families.projects.roles import Person, ResourceEmployee
from mock_ajera.api.member import Body, Member, When
from mock_ajera.api.records import Check, Record, Row
from mock_ajera.claims import Grade
from mock_ajera.tenants.trace import relies_on

STATUSES = ("Preliminary", "Active", "Hold", "WorkHold", "BillingHold", "Closed", "Marketing")
BILLING_TYPES = (
    "Null",
    "TimeAndExpense",
    "FixedFee",
    "PercentComplete",
    "UnitPrice",
    "PercentofConstructionCost",
    "Nonbillable",
    "Marketing",
    "Overhead",
    "Adjustment",
)

_BY_TYPE = "project.members-by-billing-type"
_CONTRACT = When("BillingType", frozenset(BILLING_TYPES) - {"Overhead"}, "project.overhead-leaves-out-contract")
_UNITS = When("BillingType", frozenset({"UnitPrice"}), _BY_TYPE)
_PERCENT = When("BillingType", frozenset({"PercentComplete"}), _BY_TYPE)
_IGNORED = "write.derived-ignored"
_STATE = re.compile("[A-Z]{2}")
_FOREIGN, _FORGOTTEN = "project.foreign-child-refused", "project.no-original-key-on-children"
_DATES = (
    DateOrder("EstimatedStartDate", "EstimatedCompletionDate"),
    DateOrder("ActualStartDate", "ActualCompletionDate"),
)


_UNSET: Mapping[str | type[Member], str] = {Member: "project.amount-and-text-defaults"}
_UNLISTED_FLAGS = "project.billing-group-defaults"
WORK_DEFAULTS: Mapping[str | type[Member], str] = {
    "Status": "project.default-status",
    "TaxState": "project.tax-state-none",
    **dict.fromkeys(("LaborEntry", "ExpenseConsultantEntry"), "project.entry-flag-defaults"),
    **dict.fromkeys(("SyncToCRM", "CreateInCRM", "CRMFinalSync"), _UNLISTED_FLAGS),
    **dict.fromkeys(("IsBillingGroup", "SummarizeBillingGroup"), _UNLISTED_FLAGS),
    f.Flag: "project.flag-defaults",
    **_UNSET,
}
"""The claims of the defaults of a new project or phase."""
GROUP_DEFAULTS: Mapping[str | type[Member], str] = {f.Flag: _UNLISTED_FLAGS, **_UNSET}

_BILLED = {"BillingType": "TimeAndExpense"}
_NAMED = MayBeEmpty("Description", "project.description-may-be-empty")


class Status(f.Choice):
    """The status of a project or phase. Two of the words are special."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if value == "Workhold":
            relies_on("project.status-spelling")
        return super()._deserialize(value, attr, data, **kwargs)

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        if value == "Null":
            relies_on("project.status-null")
        super().put(value, out, view, stamp)


def _day(**options: Any) -> f.Day:
    return f.Day(bounds=("project.date-bounds", "project.date-upper-bound"), **options)


def _billing(**options: Any) -> f.Choice:
    return f.Choice(*BILLING_TYPES, default="Null", **options)


class TaxState(f.Text):
    """The abbreviation of a state; ``na`` if none is set."""

    def check(self, value: Any, at: str, context: WriteContext) -> None:
        if value != self.default and not _STATE.fullmatch(value):
            relies_on("project.tax-state-unchecked")


class RateTable(f.Ref):
    """The rate table of a project or phase. An Overhead one without it prints 0 or null.

    Claim ``project.overhead-rate-table-zero``.
    """

    def __init__(self) -> None:
        super().__init__("RateTable")

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        super().emit(body, out, view, stamp)
        if view.overhead_rate_table == "zero" and body["BillingType"] == "Overhead" and out[self.wire] is None:
            out[self.wire] = 0


class EntryFlag(f.Flag):
    """Whether time or expenses can be entered. Its default is a guess, which the quirk ``vary_guesses`` turns over."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default=True, **options)

    @property
    def checked_when_absent(self) -> bool:
        return True

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        if sent is missing and stored is missing and not context.seeding:
            context.defaulted.add("project.entry-flag-defaults")
            # In version 2, time can be entered on a new project at once: that is no guess.
            return not (context.stamps_sent and varies_guesses(context.quirk))
        return super().apply(sent, stored, new, at, context)


class Resource(Row):
    """A budget row of a project or phase. Read-only in version 1.

    ``Visibility.RESOURCE_NAMES`` marks members that GetProjectsWithResources prints and the answer of an Update omits.
    """

    ResourceKey = f.Key()
    Status = f.Choice("NotStarted", "InProgress", "Complete", "Waiting", "Deferred", default="NotStarted")
    Priority = f.Text(default="None")
    Description = f.Text()
    IsTask = f.Flag()
    ActivityType = f.Choice("None", "Labor", "Expense", "Consultant", default="None")
    EmployeeKey = f.Ref("Employee")
    Employee = ResourceEmployee("EmployeeKey", shown=Visibility.RESOURCE_NAMES)
    EmployeeTypeKey = f.Ref("EmployeeType")
    EmployeeTypeDescription = f.Lookup("EmployeeTypeKey", "Description", shown=Visibility.RESOURCE_NAMES)
    ActivityKey = f.Ref("Activity")
    ActivityDescription = f.Lookup("ActivityKey", "Description", shown=Visibility.RESOURCE_NAMES)
    VendorKey = f.Ref("Vendor")
    VendorDescription = f.Lookup("VendorKey", "Name", shown=Visibility.RESOURCE_NAMES)
    VendorTypeKey = f.Ref("VendorType")
    VendorTypeDescription = f.Lookup("VendorTypeKey", "Description", shown=Visibility.RESOURCE_NAMES)
    Reference = f.Text()
    PercentDistribution = f.Money()
    Units = f.Money()
    CostRate = f.Rate()
    CostAmount = f.Money()
    FeeRate = f.Rate()
    FeeAmount = f.Money()
    MarkupRate = f.Rate()
    BeginBalanceCostAmount = f.Money()
    BeginBalanceFeeAmount = f.Money()
    EstimatedStartDate = _day()
    EstimatedCompletionDate = _day()
    ActualStartDate = _day()
    ActualCompletionDate = _day()
    Notes = f.Text(shown=Visibility.UPDATES)


class PhaseResource(Row):
    """A resource of a phase. No sample of the page has its notes; clients read them in version 2."""

    resource = f.Members(Resource, but={"Notes": f.Text(shown=Visibility.OBSERVED)})


def _order_kept(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    relies_on("project.contact-order-kept")


class ProjectContact(Row):
    """A contact of a project or phase. The page has its Description; clients read its Company instead."""

    derived = _IGNORED
    Description = f.Lookup("ContactKey", "Company", shown=Visibility.DOCUMENTED)
    line = f.Members(
        ContactLine,
        but={
            "Order": f.Whole(
                at_least=0,
                at_most=4,
                outside="project.contact-order",
                required="always",
                claim="project.contact-order",
            ),
            "Text": f.Text(max=80),
            "Company": f.Lookup("ContactKey", "Company", shown=Visibility.OBSERVED),
        },
    )

    checks: ClassVar[tuple[Check, ...]] = (_order_kept,)


class Work(Row):
    """The members of projects and phases, in printed order. Each of the two omits or changes some."""

    LastModifiedDate = f.Stamp(created="project.create-requires")
    ID = f.Text(max=30)
    Description = f.Text(max=80)
    SyncToCRM = f.Flag(shown=Visibility.OBSERVED)
    CreateInCRM = f.Flag(shown=Visibility.OBSERVED)
    CRMFinalSync = f.Flag(shown=Visibility.OBSERVED)
    Status = Status("Null", *STATUSES, default="Active")
    IsBillingGroup = f.Flag()
    SummarizeBillingGroup = f.Flag()
    BillingDescription = f.Text(max=80)
    CompanyKey = f.Ref("Company")
    CompanyDescription = f.Lookup("CompanyKey", "Description", ignored=_IGNORED)
    ProjectTypeKey = f.Ref("ProjectType")
    ProjectTypeDescription = f.Lookup("ProjectTypeKey", "Description", max=80)
    DepartmentKey = f.Ref("Department")
    DepartmentDescription = f.Lookup("DepartmentKey", "Department", max=80)
    BudgetedOverheadRate = f.Rate()
    ProjectManager = Person(role="IsProjectManager", delete=True)
    PrincipalInCharge = Person(role="IsPrincipal", delete=True)
    MarketingContact = Person(role="IsMarketingContact", role_claim="project.marketing-contact-flag", delete=True)
    Location = f.Text()
    WageTableKey = f.Ref("WageTable")
    WageTableDescription = f.Lookup("WageTableKey", "Description", max=80)
    IsCertified = f.Flag()
    RestrictTimeEntryToResourcesOnly = f.Flag()
    TaxState = TaxState(default="na", claim="project.tax-state-none")
    TaxLocalKey = f.Ref("TaxLocal")
    TaxLocalDescription = f.Lookup("TaxLocalKey", "Description", max=80)
    EstimatedStartDate = _day()
    EstimatedCompletionDate = _day()
    ActualStartDate = _day()
    ActualCompletionDate = _day()
    ApplySalesTax = f.Flag()
    SalesTaxCode = f.Text(max=20)
    SalesTaxRate = f.Rate()
    RequireTimesheetNotes = f.Flag()
    Notes = f.Text()
    HoursCostBudget = f.Money()
    LaborCostBudget = f.Money()
    ExpenseCostBudget = f.Money()
    ConsultantCostBudget = f.Money()
    PercentDistribution = f.Money()
    IsFinalBudget = f.Flag()
    BillingType = _billing()
    RateTableKey = RateTable()
    RateTableDescription = f.Lookup("RateTableKey", "Description", max=80)
    TotalContractAmount = f.Money(when=_CONTRACT)
    LaborContractAmount = f.Money(when=_CONTRACT)
    ExpenseContractAmount = f.Money(when=_CONTRACT)
    ConsultantContractAmount = f.Money(when=_CONTRACT)
    BillLaborAsTE = f.Flag(when=_CONTRACT)
    BillExpenseAsTE = f.Flag(when=_CONTRACT)
    BillConsultantAsTE = f.Flag(when=_CONTRACT)
    LockFee = f.Flag()
    Units = f.Money(when=_UNITS)
    UnitRate = f.Rate(when=_UNITS)
    UnitDescription = f.Text(max=50, when=_UNITS)
    ConstructionCost = f.Money(when=_CONTRACT)
    PercentOfConstructionCost = f.Rate(when=_CONTRACT)
    ReportedPercentComplete = f.Rate(when=_PERCENT)
    ReportedPercentCompleteDate = _day(when=_PERCENT, shown=Visibility.UPDATES)
    ReportedPercentDate = f.SecondName(
        "ReportedPercentCompleteDate", shown=Visibility.SECOND_NAME, claim="project.percent-date-name-written"
    )
    PhaseInvoiceText = f.Text()
    LaborInvoiceText = f.Text()
    ExpenseInvoiceText = f.Text()
    ConsultantInvoiceText = f.Text()
    Contacts = f.Rows(ProjectContact, at_most=5, required="always", claim="project.contacts-at-most-five")
    LaborEntry = EntryFlag(shown=Visibility.GETS)
    ExpenseConsultantEntry = EntryFlag(shown=Visibility.GETS)


class Phase(Row):
    """A phase of an invoice group, or of another phase."""

    PhaseKey = f.Key(sequence="Project", forgotten=_FORGOTTEN)
    work = f.Members(
        Work,
        but={
            "LastModifiedDate": f.Stamp(created="project.create-requires", shared="project.one-stamp"),
            "Description": f.Text(max=80, required="always", claim="project.phase-requires"),
            "CompanyKey": f.Ref("Company", shown=Visibility.DOCUMENTED),
            "CompanyDescription": f.Lookup("CompanyKey", "Description", max=80, shown=Visibility.DOCUMENTED),
            "BudgetedOverheadRate": f.Rate(shown=Visibility.OBSERVED),
            "Location": f.Text(shown=Visibility.DOCUMENTED),
            "BillingType": _billing(required="always", claim="project.phase-requires"),
            "ConstructionCost": None,
            "PercentOfConstructionCost": None,
            "ReportedPercentCompleteDate": _day(when=_PERCENT),
            "ReportedPercentDate": None,
            "LaborEntry": EntryFlag(shown=Visibility.OBSERVED),
            "ExpenseConsultantEntry": EntryFlag(shown=Visibility.OBSERVED),
        },
    )
    Resources = f.ReadOnlyRows(PhaseResource, shown=Visibility.RESOURCES)
    Phases = f.KeyedRows(
        lambda: Phase,
        omit="project.leaf-phase-without-phases",
        claims=f.RowClaims(_FOREIGN, sent="project.sub-phase-written-nested"),
        order="project.tree-order",
    )
    CustomFields = CustomFields("Project", claim="project.v1-custom-fields-prefixed")

    defaults = WORK_DEFAULTS
    checks: ClassVar[tuple[Check, ...]] = (*_DATES, _NAMED)
    examples: ClassVar[Mapping[str, Any]] = _BILLED


class InvoiceGroup(Row):
    """Phases that are invoiced together, with a client and an invoice format."""

    InvoiceGroupKey = f.Key(forgotten=_FORGOTTEN)
    Description = f.Text(max=80, required="always", claim="project.group-requires")
    Client = f.Embedded(
        "Client",
        "ClientKey",
        {"Description": ("Description", Visibility.ALWAYS)},
        limits={"Description": 80},
        omit=True,
        required="always",
        claim="project.group-requires",
    )
    InvoiceFormatKey = f.Ref("InvoiceFormat", nullable=False, required="always", claim="project.group-requires")
    InvoiceFormatDescription = f.Lookup("InvoiceFormatKey", "Description", max=80)
    EmailInvoiceTemplateKey = f.Ref("EmailTemplate")
    EmailInvoiceTemplateDescription = f.Lookup("EmailInvoiceTemplateKey", "Description", max=80)
    EmailClientStatementTemplateKey = f.Ref("EmailTemplate", shown=Visibility.GETS)
    EmailClientStatementTemplateDescription = f.Lookup(
        "EmailClientStatementTemplateKey", "Description", shown=Visibility.GETS
    )
    PrintBackup = f.Flag(shown=Visibility.GETS)
    EmailIncludeBackup = f.Flag(shown=Visibility.GETS)
    BillingManager = Person(omit=True)
    BillingContact = f.Embedded(
        "Contact",
        "ContactKey",
        {
            "Description": ("Company", Visibility.DOCUMENTED),
            "FirstName": ("FirstName", Visibility.ALWAYS),
            "MiddleName": ("MiddleName", Visibility.ALWAYS),
            "LastName": ("LastName", Visibility.ALWAYS),
            "Company": ("Company", Visibility.OBSERVED),
        },
        omit=True,
    )
    InvoiceHeaderText = f.Text()
    InvoiceFooterText = f.Text()
    InvoiceScope = f.Text()
    Notes = f.Text()
    Phases = f.KeyedRows(
        Phase,
        at_least=1,
        claims=f.RowClaims(_FOREIGN, added="project.new-phase-in-existing"),
        order="project.tree-order",
        required="always",
        claim="project.group-needs-phase",
    )

    defaults = GROUP_DEFAULTS
    checks: ClassVar[tuple[Check, ...]] = (_NAMED,)


def _only_in_gets(row: type[Row]) -> list[str]:
    """Return the members that the pages show in answers of Get methods only."""
    return [name for name, member in row().by_wire.items() if member.shown is Visibility.GETS]


class _Aggregate(Record):
    """A project or template: nested in version 1, flat in version 2 and in the store."""

    flat = ("Phases", "Resources")

    def nest(self, body: Body) -> Body:
        return aggregate.nest(body, self.key.name)

    def flatten(self, tree: Body) -> Body:
        return aggregate.flatten(tree, self.key.name)


class Project(_Aggregate):
    """A project with all its rows, which is stamped, written and deleted as one."""

    kind = "Project"
    defaults = WORK_DEFAULTS
    grades: ClassVar[Mapping[str, Grade]] = {"InvoiceGroups[].Phases[].Phases": Grade.OBSERVED}
    in_use_by: ClassVar[Mapping[str, tuple[str, str]]] = {
        "Ledger": ("it has time, expenses or invoices", "project.delete-with-work-refused"),
        "VendorInvoice": ("it is on a vendor invoice", "project.delete-with-work-refused"),
        "Timesheet": ("it is on a timesheet", "project.delete-with-work-refused"),
    }
    ProjectKey = f.Key()
    Delete = f.Delete()
    work = f.Members(
        Work,
        but={
            "Description": f.Text(max=80, required="on_create", claim="project.create-requires"),
            "IsBillingGroup": None,
            "SummarizeBillingGroup": f.Flag(shown=Visibility.OBSERVED),
            "CompanyKey": f.Ref("Company", nullable=False, required="always", claim="project.update-requires"),
            "BillingType": _billing(required="always", claim="project.update-requires"),
            "PhaseInvoiceText": f.Text(shown=Visibility.DOCUMENTED),
            "LaborInvoiceText": f.Text(shown=Visibility.DOCUMENTED),
            "ExpenseInvoiceText": f.Text(shown=Visibility.DOCUMENTED),
            "ConsultantInvoiceText": f.Text(shown=Visibility.DOCUMENTED),
        },
    )
    InvoiceGroups = f.KeyedRows(
        InvoiceGroup,
        at_least=1,
        claims=f.RowClaims(_FOREIGN, added="project.new-group-in-existing"),
        required="on_create",
        claim="project.needs-group",
    )
    Resources = f.ReadOnlyRows(Resource, shown=Visibility.RESOURCES)
    CustomFields = CustomFields("Project", claim="project.v1-custom-fields-prefixed")

    checks: ClassVar[tuple[Check, ...]] = (
        *_DATES,
        _NAMED,
        Unique(("ID",), "project.duplicate-ids-refused", "duplicate_project_ids", "project.duplicate-ids"),
    )
    examples: ClassVar[Mapping[str, Any]] = _BILLED

    def from_file(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        return aggregate.place_resources(raw)


class ProjectWithResources(Project):
    """A project in a write that also changes its resources and those of its phases."""

    all_rows = True


class ProjectTemplate(_Aggregate):
    """A model for new projects: a project without work, with its own key. No method writes one."""

    kind = "ProjectTemplate"
    requested = "RequestedProjects"
    grades: ClassVar[Mapping[str, Grade]] = {
        **Project.grades,
        # The page has these for projects but not for templates; clients read them all.
        **dict.fromkeys(_only_in_gets(Work), Grade.OBSERVED),
        **{f"InvoiceGroups[].{name}": Grade.OBSERVED for name in _only_in_gets(InvoiceGroup)},
    }
    project = f.Members(Project, but={"ProjectKey": None, "Delete": None, "CustomFields": None})
    ProjectTemplateKey = f.Key(sequence="Project")
    CustomFields = CustomFields("Project", claim="project.v1-custom-fields-prefixed")

    checks: ClassVar[tuple[Check, ...]] = _DATES
