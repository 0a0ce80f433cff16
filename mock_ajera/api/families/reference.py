"""The small tables that other records refer to, such as companies, departments, types, formats and rates.

Source: Ajera API, Various List Methods page and Projects page (version 1), and public API clients.
"""

from __future__ import annotations

from msgspec.structs import replace

from mock_ajera.api import fields as f
from mock_ajera.api import filters
from mock_ajera.api.context import Visibility
from mock_ajera.api.methods import Answer, Call, Method, Operation, guessed_method
from mock_ajera.api.records import Record, Row
from mock_ajera.api.shapes import ACTIVE, LISTED_IN_VERSION_2, list_method


class Table(Row):
    """Name, status and notes (claims ``reference.common-members``, ``reference.status-values``)."""

    Description = f.Text(max=80)
    Status = f.Choice(*ACTIVE, default="Active")
    Notes = f.Text()


class AccountGroup(Record):
    """A group of GL accounts. Its list prints neither the order nor the flags; accounts print them."""

    kind = "AccountGroup"
    AccountGroupKey = f.Key()
    Order = f.Whole(default=0)
    PrintNetProfitAfterGroup = f.Flag()
    SummarizeGroupOnFS = f.Flag()
    table = f.Members(Table)


class Activity(Record):
    """An activity that time, expenses and vendor invoices are charged to (claim ``reference.activity-members``)."""

    kind = "Activity"
    ActivityKey = f.Key()
    UnitBased = f.Flag()
    UnitDescription = f.Text(max=50)
    UnitCostRate = f.Rate()
    ICRExpense = f.Flag()
    table = f.Members(Table)


class AttachmentCategory(Record):
    """A category of attached files."""

    kind = "AttachmentCategory"
    AttachmentCategoryKey = f.Key()
    table = f.Members(Table)


class BankAccount(Record):
    """A bank account of the firm."""

    kind = "BankAccount"
    BankAccountKey = f.Key()
    table = f.Members(Table)


class ClientType(Record):
    """A type of client."""

    kind = "ClientType"
    ClientTypeKey = f.Key()
    table = f.Members(Table)


class Company(Record):
    """A company of the firm."""

    kind = "Company"
    CompanyKey = f.Key()
    table = f.Members(Table)


class ContactType(Record):
    """A type of contact."""

    kind = "ContactType"
    ContactTypeKey = f.Key()
    table = f.Members(Table)


class Deduction(Record):
    """A payroll deduction."""

    kind = "Deduction"
    DeductionKey = f.Key()
    table = f.Members(Table)


class EmailTemplate(Record):
    """A template for e-mails. No method lists them; invoice groups and clients refer to them."""

    kind = "EmailTemplate"
    EmailTemplateKey = f.Key()
    Description = f.Text(max=80)


class EmployeeType(Record):
    """A type of employee, with its budget rates."""

    kind = "EmployeeType"
    EmployeeTypeKey = f.Key()
    BillablePercent = f.Rate()
    BudgetCostRate = f.Rate()
    BudgetBillRate = f.Rate()
    table = f.Members(Table)


class Fringe(Record):
    """A fringe benefit of payroll."""

    kind = "Fringe"
    FringeKey = f.Key()
    table = f.Members(Table)


class InvoiceFormat(Record):
    """A format of invoices."""

    kind = "InvoiceFormat"
    InvoiceFormatKey = f.Key()
    table = f.Members(Table)


class MarketingFinalDisposition(Record):
    """The outcome of a sales pursuit."""

    kind = "MarketingFinalDisposition"
    MarketingFinalDispositionKey = f.Key()
    table = f.Members(Table)


class MarketingStage(Record):
    """A stage of a sales pursuit, with its full name in ``LongDescription``.

    Claim ``reference.marketing-stage-members``.
    """

    kind = "MarketingStage"
    MarketingStageKey = f.Key()
    Description = f.Text(max=80)
    LongDescription = f.Text()
    Status = f.Choice(*ACTIVE, default="Active")


class Pay(Record):
    """A type of pay."""

    kind = "Pay"
    PayKey = f.Key()
    table = f.Members(Table)


class PayrollTax(Record):
    """A payroll tax."""

    kind = "PayrollTax"
    PayrollTaxKey = f.Key()
    table = f.Members(Table)


class ProjectType(Record):
    """A type of project."""

    kind = "ProjectType"
    ProjectTypeKey = f.Key()
    table = f.Members(Table)


class RateTable(Record):
    """A table of billing rates. The API shows no rates; the multiplier is ours (claim ``timesheet.billing-rate``)."""

    kind = "RateTable"
    RateTableKey = f.Key()
    table = f.Members(Table)
    LaborMultiplier = f.Rate(default=3, shown=Visibility.NEVER)
    """The billing rate of labor is the pay per hour, multiplied by this."""


class TaxLocal(Record):
    """A local tax. No method lists them; projects and phases refer to them."""

    kind = "TaxLocal"
    TaxLocalKey = f.Key()
    table = f.Members(Table)


class VendorType(Record):
    """A type of vendor. Its list can be filtered by the flags but does not print them; vendors print them."""

    kind = "VendorType"
    VendorTypeKey = f.Key()
    IsConsultant = f.Flag()
    IsCreditCard = f.Flag()
    table = f.Members(Table)


class WageTable(Record):
    """A table of wages."""

    kind = "WageTable"
    WageTableKey = f.Key()
    table = f.Members(Table)


class OverheadItem(Row):
    """An item of an overhead group, which time is charged to: a project, or an account."""

    OverheadGroupDetailKey = f.Key()
    Description = f.Text(max=80)
    ProjectKey = f.Ref("Project")
    PhaseKey = f.Whole()
    ActivityKey = f.Ref("Activity")
    AccountKey = f.Ref("GLAccount")


class OverheadGroup(Record):
    """An overhead group, which employees refer to. Timesheets show its items; its list does not print them."""

    kind = "OverheadGroup"
    OverheadGroupKey = f.Key()
    Description = f.Text(max=80)
    Notes = f.Text()
    Details = f.KeyedRows(OverheadItem, shown=Visibility.NEVER)


class Department(Record):
    """A department, with its name in ``Department`` (claim ``reference.department-members``)."""

    kind = "Department"
    DepartmentKey = f.Key()
    Department = f.Text(max=80)
    Notes = f.Text()
    Status = f.Choice(*ACTIVE, default="Active")
    DPEPercent = f.Rate()
    OverheadPercent = f.Rate()


_TABLE = ("Description", "Status", "Notes")
_STATUS = filters.status("FilterByStatus", *ACTIVE, claim="reference.status-filter")
_TYPES_STATUS = filters.status(
    "FilterByStatus", *ACTIVE, cased="filter.status-case-insensitive", claim="reference.project-type-filter"
)

_LISTED: tuple[tuple[Record, tuple[str, ...], tuple[filters.Filter, ...], str], ...] = (
    (AccountGroup(), _TABLE, (_STATUS,), "reference.account-group-members"),
    (
        Activity(),
        (*_TABLE, "UnitBased", "UnitDescription", "UnitCostRate", "ICRExpense"),
        (
            _STATUS,
            filters.Like("FilterByDescriptionLike", ("Description",), "reference.activity-description-like"),
        ),
        "reference.activity-members",
    ),
    (AttachmentCategory(), _TABLE, (), "reference.attachment-categories"),
    (BankAccount(), _TABLE, (_STATUS,), "reference.payroll-lists"),
    (ClientType(), _TABLE, (_STATUS,), "reference.type-lists"),
    (Company(), _TABLE, (_STATUS,), "reference.company-members"),
    (ContactType(), _TABLE, (_STATUS,), "reference.type-lists"),
    (Deduction(), _TABLE, (_STATUS,), "reference.payroll-lists"),
    (
        Department(),
        ("Department", "Notes", "Status", "DPEPercent", "OverheadPercent"),
        (_STATUS,),
        "reference.department-members",
    ),
    (
        EmployeeType(),
        (*_TABLE, "BillablePercent", "BudgetCostRate", "BudgetBillRate"),
        (_STATUS,),
        "reference.employee-type-members",
    ),
    (Fringe(), _TABLE, (_STATUS,), "reference.payroll-lists"),
    (InvoiceFormat(), _TABLE, (_STATUS,), "reference.company-members"),
    (MarketingFinalDisposition(), _TABLE, (_TYPES_STATUS,), "reference.marketing-disposition-members"),
    (
        MarketingStage(),
        ("Description", "LongDescription", "Status"),
        (_TYPES_STATUS,),
        "reference.marketing-stage-members",
    ),
    (OverheadGroup(), ("Description", "Notes"), (), "reference.overhead-group-members"),
    (Pay(), _TABLE, (_STATUS,), "reference.payroll-lists"),
    (PayrollTax(), _TABLE, (_STATUS,), "reference.payroll-lists"),
    (ProjectType(), _TABLE, (_TYPES_STATUS,), "reference.common-members"),
    (RateTable(), _TABLE, (_STATUS,), "reference.rate-table-members"),
    (
        VendorType(),
        _TABLE,
        (
            _STATUS,
            filters.flags("FilterByIsCreditCard", "IsCreditCard", "reference.vendor-type-flags", bare=True),
            filters.flags("FilterByIsConsultant", "IsConsultant", "reference.vendor-type-flags", bare=True),
        ),
        "reference.vendor-type-members",
    ),
    (WageTable(), _TABLE, (_STATUS,), "reference.payroll-lists"),
)
"""Record, members that its list prints after the key, filters, and the claim of the list."""

RECORDS = (*(record for record, *_ in _LISTED), TaxLocal(), EmailTemplate())

_NAME_ONLY = ("ListAttachmentCategories",)

_METHODS = tuple(
    list_method(
        record,
        {name: name for name in (record.key.name, *members)},
        list_filters,
        guessed={2: LISTED_IN_VERSION_2},
        claim=claim,
        needs_employee=record.kind == "AccountGroup",
    )
    for record, members, list_filters, claim in _LISTED
)


def _account_groups(operation: Operation) -> Operation:
    """Return the operation of ListAccountGroups whose list has the name that a quirk says."""

    def handle(call: Call) -> Answer:
        answer = operation.handle(call)
        (rows,) = answer.content.values()
        return replace(answer, content={call.tenant.quirk("account_groups"): rows})

    return replace(operation, handle=handle, manual=(*operation.manual, "reference.account-groups-named"))


def _named(method: Method) -> Method:
    """Return the method with the name of its list that sources give it."""
    if method.name != "ListAccountGroups":
        return method
    return replace(method, versions={number: _account_groups(each) for number, each in method.versions.items()})


METHODS = tuple(guessed_method(method) if method.name in _NAME_ONLY else _named(method) for method in _METHODS)
