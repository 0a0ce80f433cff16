"""The records of the Projects family, member by member as the pages print them.

``shown``: "documented" are members that the pages print and nobody has met; "observed" those met and not printed.
``when``: members that are printed for some billing types only (claims ``project.overhead-leaves-out-contract`` and
``project.members-by-billing-type``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from mock_ajera.api import fields as f
from mock_ajera.api.custom_fields import WithCustomFields
from mock_ajera.api.families.contacts import ContactLine
from mock_ajera.api.families.parts import DateOrder, MayBeEmpty, Unique
from mock_ajera.api.families.projects import aggregate
from mock_ajera.api.records import Body, Check, Record, Row, View

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

_CONTRACT = ("BillingType", frozenset(BILLING_TYPES) - {"Overhead"})
_UNITS = ("BillingType", frozenset({"UnitPrice"}))
_PERCENT = ("BillingType", frozenset({"PercentComplete"}))
_FOREIGN = "project.foreign-child-refused"
_DATES = (
    DateOrder("EstimatedStartDate", "EstimatedCompletionDate"),
    DateOrder("ActualStartDate", "ActualCompletionDate"),
)


_NAMED = MayBeEmpty("Description", "project.description-may-be-empty")


def _status() -> f.Choice:
    return f.Choice("Null", *STATUSES, default="Active")


def _day(**options: Any) -> f.Day:
    return f.Day(bounds=("project.date-bounds", "project.date-upper-bound"), **options)


def _billing(claim: str) -> f.Choice:
    return f.Choice(*BILLING_TYPES, need="write", default="Null", claim=claim)


class ResourceEmployee(f.Lookup):
    """The employee of a resource as an object, where resources are printed with names.

    The page prints it in place of ``EmployeeKey``; clients in the field read that key beside it.
    """

    _NAMES = ("FirstName", "MiddleName", "LastName")

    def emit(self, body: Body, out: Body, view: View, stamp: int) -> None:
        if self.shown in view.hidden:
            return
        key = body.get(self.via)
        summary = view.summary(self.kind, key)
        if summary is None:
            return
        if "observed" in view.hidden:
            del out[self.via]
        out[self.name] = {self.via: key} | {name: summary[name] for name in self._NAMES}

    def lookups(self) -> Iterator[tuple[str, str]]:
        for name in self._NAMES:
            yield self.kind, name


class Resource(Row):
    """A budget row of a project or phase. Read only in version 1.

    ``shown="names"``: what GetProjectsWithResources prints and the answer of an Update does not.
    """

    ResourceKey = f.Key()
    Status = f.Choice("NotStarted", "InProgress", "Complete", "Waiting", "Deferred", default="NotStarted")
    Priority = f.Text(default="None")
    Description = f.Text()
    Notes = f.Text()
    IsTask = f.Flag()
    ActivityType = f.Choice("None", "Labor", "Expense", "Consultant", default="None")
    EmployeeKey = f.Ref("Employee")
    Employee = ResourceEmployee("EmployeeKey", "", shown="names")
    EmployeeTypeKey = f.Ref("EmployeeType")
    EmployeeTypeDescription = f.Lookup("EmployeeTypeKey", "Description", shown="names")
    ActivityKey = f.Ref("Activity")
    ActivityDescription = f.Lookup("ActivityKey", "Description", shown="names")
    VendorKey = f.Ref("Vendor")
    VendorDescription = f.Lookup("VendorKey", "Name", shown="names")
    VendorTypeKey = f.Ref("VendorType")
    VendorTypeDescription = f.Lookup("VendorTypeKey", "Description", shown="names")
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


class ProjectContact(ContactLine):
    """A contact of a project or phase: the page prints its Description, in the field its Company is met instead."""

    Order = f.Whole(at_least=0, at_most=4, outside="project.contact-order", need="write", claim="project.contact-order")
    Text = f.Text(max=80)
    Description = f.Lookup("ContactKey", "Company", shown="documented")
    Company = f.Lookup("ContactKey", "Company", shown="observed")


class Phase(WithCustomFields):
    """A phase of an invoice group, or of another phase."""

    PhaseKey = f.Key(sequence="Project")
    LastModifiedDate = f.Stamp(created="project.create-requires")
    ID = f.Text(max=30)
    Description = f.Text(max=80, need="write", claim="project.phase-requires")
    SyncToCRM = f.Flag(shown="observed")
    CreateInCRM = f.Flag(shown="observed")
    CRMFinalSync = f.Flag(shown="observed")
    Status = _status()
    IsBillingGroup = f.Flag()
    SummarizeBillingGroup = f.Flag()
    BillingDescription = f.Text(max=80)
    CompanyKey = f.Ref("Company", shown="documented")
    CompanyDescription = f.Lookup("CompanyKey", "Description", shown="documented")
    ProjectTypeKey = f.Ref("ProjectType")
    ProjectTypeDescription = f.Lookup("ProjectTypeKey", "Description")
    DepartmentKey = f.Ref("Department")
    DepartmentDescription = f.Lookup("DepartmentKey", "Department")
    BudgetedOverheadRate = f.Rate(shown="observed")
    ProjectManager = f.Person(role="IsProjectManager", delete=True)
    PrincipalInCharge = f.Person(role="IsPrincipal", delete=True)
    MarketingContact = f.Person(role="IsMarketingContact", claimed="project.marketing-contact-flag", delete=True)
    Location = f.Text(shown="documented")
    WageTableKey = f.Ref("WageTable")
    WageTableDescription = f.Lookup("WageTableKey", "Description")
    IsCertified = f.Flag()
    RestrictTimeEntryToResourcesOnly = f.Flag()
    TaxState = f.Text(default="na", claim="project.tax-state-none")
    TaxLocalKey = f.Ref("TaxLocal")
    TaxLocalDescription = f.Lookup("TaxLocalKey", "Description")
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
    BillingType = _billing("project.phase-requires")
    RateTableKey = f.Ref("RateTable")
    RateTableDescription = f.Lookup("RateTableKey", "Description")
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
    ReportedPercentComplete = f.Rate(when=_PERCENT)
    ReportedPercentCompleteDate = _day(when=_PERCENT)
    PhaseInvoiceText = f.Text()
    LaborInvoiceText = f.Text()
    ExpenseInvoiceText = f.Text()
    ConsultantInvoiceText = f.Text()
    Contacts = f.Rows(ProjectContact, at_most=5, need="write", claim="project.contacts-at-most-five")
    LaborEntry = f.Flag(default=True, shown="observed")
    ExpenseConsultantEntry = f.Flag(default=True, shown="observed")
    Resources = f.ReadOnlyRows(Resource, shown="resources")
    Phases = f.KeyedRows(lambda: Phase, omit=True, foreign=_FOREIGN, claim="project.sub-phase-written-nested")

    checks: ClassVar[tuple[Check, ...]] = (*_DATES, _NAMED)


class InvoiceGroup(Row):
    """What is invoiced together: a client, a format, and phases."""

    InvoiceGroupKey = f.Key()
    Description = f.Text(max=80, need="write", claim="project.group-requires")
    Client = f.Embedded(
        "Client",
        "ClientKey",
        {"Description": ("Description", None)},
        omit=True,
        need="write",
        claim="project.group-requires",
    )
    InvoiceFormatKey = f.Ref("InvoiceFormat", none=False, need="write", claim="project.group-requires")
    InvoiceFormatDescription = f.Lookup("InvoiceFormatKey", "Description")
    EmailInvoiceTemplateKey = f.Ref("EmailTemplate")
    EmailInvoiceTemplateDescription = f.Lookup("EmailInvoiceTemplateKey", "Description")
    EmailClientStatementTemplateKey = f.Ref("EmailTemplate")
    EmailClientStatementTemplateDescription = f.Lookup("EmailClientStatementTemplateKey", "Description")
    PrintBackup = f.Flag()
    EmailIncludeBackup = f.Flag()
    BillingManager = f.Person(omit=True)
    BillingContact = f.Embedded(
        "Contact",
        "ContactKey",
        {
            "Description": ("Company", "documented"),
            "FirstName": ("FirstName", None),
            "MiddleName": ("MiddleName", None),
            "LastName": ("LastName", None),
            "Company": ("Company", "observed"),
        },
        omit=True,
    )
    InvoiceHeaderText = f.Text()
    InvoiceFooterText = f.Text()
    InvoiceScope = f.Text()
    Notes = f.Text()
    Phases = f.KeyedRows(Phase, at_least=1, foreign=_FOREIGN, need="write", claim="project.group-needs-phase")

    checks: ClassVar[tuple[Check, ...]] = (_NAMED,)


class Project(WithCustomFields, Record):
    """A project: the aggregate that is stamped, written and deleted as one."""

    kind = "Project"
    holds = {"clients": ("InvoiceGroups", "Client")}
    used_by = (("Ledger", "ProjectKey", "time, expenses or invoices are on it", "project.delete-with-work-refused"),)
    ProjectKey = f.Key()
    Delete = f.Delete()
    LastModifiedDate = f.Stamp(created="project.create-requires")
    ID = f.Text(max=30)
    Description = f.Text(max=80, need="create", claim="project.create-requires")
    SyncToCRM = f.Flag(shown="observed")
    CreateInCRM = f.Flag(shown="observed")
    CRMFinalSync = f.Flag(shown="observed")
    Status = _status()
    SummarizeBillingGroup = f.Flag(shown="observed")
    BillingDescription = f.Text(max=80)
    CompanyKey = f.Ref("Company", none=False, need="write", claim="project.update-requires")
    CompanyDescription = f.Lookup("CompanyKey", "Description")
    ProjectTypeKey = f.Ref("ProjectType")
    ProjectTypeDescription = f.Lookup("ProjectTypeKey", "Description")
    DepartmentKey = f.Ref("Department")
    DepartmentDescription = f.Lookup("DepartmentKey", "Department")
    BudgetedOverheadRate = f.Rate()
    ProjectManager = f.Person(role="IsProjectManager", delete=True)
    PrincipalInCharge = f.Person(role="IsPrincipal", delete=True)
    MarketingContact = f.Person(role="IsMarketingContact", claimed="project.marketing-contact-flag", delete=True)
    Location = f.Text()
    WageTableKey = f.Ref("WageTable")
    WageTableDescription = f.Lookup("WageTableKey", "Description")
    IsCertified = f.Flag()
    RestrictTimeEntryToResourcesOnly = f.Flag()
    TaxState = f.Text(default="na", claim="project.tax-state-none")
    TaxLocalKey = f.Ref("TaxLocal")
    TaxLocalDescription = f.Lookup("TaxLocalKey", "Description")
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
    BillingType = _billing("project.update-requires")
    RateTableKey = f.Ref("RateTable")
    RateTableDescription = f.Lookup("RateTableKey", "Description")
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
    ReportedPercentCompleteDate = _day(when=_PERCENT)
    ReportedPercentDate = f.Alias("ReportedPercentCompleteDate", shown="documented")
    PhaseInvoiceText = f.Text(shown="documented")
    LaborInvoiceText = f.Text(shown="documented")
    ExpenseInvoiceText = f.Text(shown="documented")
    ConsultantInvoiceText = f.Text(shown="documented")
    Contacts = f.Rows(ProjectContact, at_most=5, need="write", claim="project.contacts-at-most-five")
    LaborEntry = f.Flag(default=True)
    ExpenseConsultantEntry = f.Flag(default=True)
    InvoiceGroups = f.KeyedRows(InvoiceGroup, at_least=1, foreign=_FOREIGN, need="create", claim="project.needs-group")
    Resources = f.ReadOnlyRows(Resource, shown="resources")

    checks: ClassVar[tuple[Check, ...]] = (
        *_DATES,
        _NAMED,
        Unique("Project", "ProjectKey", "ID", "duplicate_project_ids", "project.duplicate-ids"),
    )

    def open(self, body: Body) -> Body:
        """The nested tree of version 1."""
        return aggregate.nest(body, self.key)

    def close(self, tree: Body) -> Body:
        """The flat lists that are stored."""
        return aggregate.flatten(tree, self.key)


class ProjectTemplate(Project):
    """What new projects are made from: a project without work, under a key of its own. Nothing writes one."""

    kind = "ProjectTemplate"
    ProjectTemplateKey = f.Key(sequence="Project")
    checks = _DATES

    class Meta:
        exclude = ("ProjectKey", "Delete")


class Posting(Row):
    """What the time, the expenses or the consultants of a phase come to: hours and money, every sum since its start.

    ``Cost`` is what was paid at plain rates; ``PremiumCost`` what overtime costs on top of that; ``Burden`` and
    ``PremiumBurden`` are the overhead on either. ``Spent`` is the work at billing rates, ``WIP`` what of it waits to be
    invoiced. ``ScheduledHours`` and ``ScheduledAmount`` are planned and not done.
    """

    PhaseKey = f.Whole(need="write")
    Category = f.Choice("Labor", "Expense", "Consultant", need="write")
    RegularHours = f.Money()
    Premium1Hours = f.Money()
    Premium2Hours = f.Money()
    Premium3Hours = f.Money()
    BilledHours = f.Money()
    WIPHours = f.Money()
    WrittenOffHours = f.Money()
    ScheduledHours = f.Money()
    ScheduledAmount = f.Money()
    Cost = f.Money()
    PremiumCost = f.Money()
    Burden = f.Money()
    PremiumBurden = f.Money()
    Spent = f.Money()
    WIP = f.Money()
    WrittenOff = f.Money()
    Billed = f.Money()
    BilledSalesTax = f.Money()
    BilledAdjustments = f.Money()
    Receipts = f.Money()
    ReceiptsSalesTax = f.Money()
    ReceiptsAdjustments = f.Money()
    ReceiptsCreditMemo = f.Money()
    VendorInvoiced = f.Money()
    Payments = f.Money()


class Ledger(Record):
    """The postings of a project. No method shows them as they are; the totals are their sums.

    They are a record of their own because work that is posted does not change the project.
    """

    kind = "Ledger"
    ProjectKey = f.Key(sequence="Project")
    Postings = f.Rows(Posting)
