"""The small tables that other records refer to: companies, departments, types, formats, rates, pays and the like.

Source: Ajera API, Various List Methods page and Projects page (version 1), and clients in the field.
"""

from __future__ import annotations

from dataclasses import replace

from mock_ajera.api import fields as f
from mock_ajera.api import filters
from mock_ajera.api.records import Record
from mock_ajera.api.shapes import ACTIVE, list_method


class Table(Record):
    """A record with a name, a status and notes (claims ``reference.common-members``, ``reference.status-values``)."""

    Description = f.Text(max=80)
    Status = f.Choice(*ACTIVE, default="Active")
    Notes = f.Text()


class AccountGroup(Table):
    kind = "AccountGroup"
    AccountGroupKey = f.Key()


class Activity(Table):
    """What time, expenses and vendors' invoices are charged for (claim ``reference.activity-members``)."""

    kind = "Activity"
    ActivityKey = f.Key()
    UnitBased = f.Flag()
    UnitDescription = f.Text(max=50)
    UnitCostRate = f.Rate()
    ICRExpense = f.Flag()


class AttachmentCategory(Table):
    kind = "AttachmentCategory"
    AttachmentCategoryKey = f.Key()


class BankAccount(Table):
    kind = "BankAccount"
    BankAccountKey = f.Key()


class ClientType(Table):
    kind = "ClientType"
    ClientTypeKey = f.Key()


class Company(Table):
    kind = "Company"
    CompanyKey = f.Key()


class ContactType(Table):
    kind = "ContactType"
    ContactTypeKey = f.Key()


class Deduction(Table):
    kind = "Deduction"
    DeductionKey = f.Key()


class EmailTemplate(Record):
    """A template of an e-mail. No method lists them; invoice groups and clients refer to them."""

    kind = "EmailTemplate"
    EmailTemplateKey = f.Key()
    Description = f.Text(max=80)


class EmployeeType(Table):
    kind = "EmployeeType"
    EmployeeTypeKey = f.Key()
    BillablePercent = f.Rate()
    BudgetCostRate = f.Rate()
    BudgetBillRate = f.Rate()


class Fringe(Table):
    kind = "Fringe"
    FringeKey = f.Key()


class InvoiceFormat(Table):
    kind = "InvoiceFormat"
    InvoiceFormatKey = f.Key()


class MarketingFinalDisposition(Table):
    kind = "MarketingFinalDisposition"
    MarketingFinalDispositionKey = f.Key()


class MarketingStage(Record):
    """How far a chase has come; its name in full stands in ``LongDescription`` (claim
    ``reference.marketing-stage-members``).
    """

    kind = "MarketingStage"
    MarketingStageKey = f.Key()
    Description = f.Text(max=80)
    LongDescription = f.Text()
    Status = f.Choice(*ACTIVE, default="Active")


class Pay(Table):
    kind = "Pay"
    PayKey = f.Key()


class PayrollTax(Table):
    kind = "PayrollTax"
    PayrollTaxKey = f.Key()


class ProjectType(Table):
    kind = "ProjectType"
    ProjectTypeKey = f.Key()


class RateTable(Table):
    kind = "RateTable"
    RateTableKey = f.Key()


class TaxLocal(Table):
    """A local tax. No method lists them; projects refer to them."""

    kind = "TaxLocal"
    TaxLocalKey = f.Key()


class VendorType(Table):
    """A type of vendor. The flags are filtered by and not listed; vendors show them."""

    kind = "VendorType"
    VendorTypeKey = f.Key()
    IsConsultant = f.Flag()
    IsCreditCard = f.Flag()


class WageTable(Table):
    kind = "WageTable"
    WageTableKey = f.Key()


class OverheadGroup(Record):
    kind = "OverheadGroup"
    OverheadGroupKey = f.Key()
    Description = f.Text(max=80)
    Notes = f.Text()


class Department(Record):
    """A department; its name stands in ``Department`` (claim ``reference.department-members``)."""

    kind = "Department"
    DepartmentKey = f.Key()
    Department = f.Text(max=80)
    Notes = f.Text()
    Status = f.Choice(*ACTIVE, default="Active")
    DPEPercent = f.Rate()
    OverheadPercent = f.Rate()


_TABLE = ("Description", "Status", "Notes")
_STATUS = filters.status("FilterByStatus", *ACTIVE, claim="reference.status-filter")
_TYPES_STATUS = filters.status("FilterByStatus", *ACTIVE, claim="reference.project-type-filter")

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
    (Company(), _TABLE, (_STATUS,), "reference.common-members"),
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
    (InvoiceFormat(), _TABLE, (_STATUS,), "reference.common-members"),
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
"""Record, members that its list prints behind the key, filters, and the claim that the list rests on."""

RECORDS = (*(record for record, *_ in _LISTED), TaxLocal(), EmailTemplate())

METHODS = tuple(
    replace(
        list_method(
            record,
            {name: name for name in (record.key, *members)},
            taken,
            versions=(1, 2),
            version_2="reference.version-2-too",
            claim=claim,
        ),
        needs_employee=record.kind == "AccountGroup",
    )
    for record, members, taken, claim in _LISTED
)
