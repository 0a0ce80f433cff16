"""The small tables that other records refer to: companies, departments, types, formats, tables of rates and wages.

Source: Ajera API, Various List Methods page and Projects page (version 1), and clients in the field.
"""

from __future__ import annotations

from mock_ajera.api import fields as f
from mock_ajera.api import filters
from mock_ajera.api.records import Record
from mock_ajera.api.shapes import ACTIVE, listing


class Table(Record):
    """A record with a name, a status and notes (claims ``reference.common-members``, ``reference.status-values``)."""

    Description = f.Text(max=80)
    Status = f.Choice(*ACTIVE, default="Active")
    Notes = f.Text()


class Company(Table):
    kind = "Company"
    CompanyKey = f.Key()


class ProjectType(Table):
    kind = "ProjectType"
    ProjectTypeKey = f.Key()


class InvoiceFormat(Table):
    kind = "InvoiceFormat"
    InvoiceFormatKey = f.Key()


class RateTable(Table):
    kind = "RateTable"
    RateTableKey = f.Key()


class WageTable(Table):
    kind = "WageTable"
    WageTableKey = f.Key()


class TaxLocal(Table):
    """A local tax. No method lists them; projects refer to them."""

    kind = "TaxLocal"
    TaxLocalKey = f.Key()


class EmailTemplate(Record):
    """A template of an e-mail. No method lists them; invoice groups and clients refer to them."""

    kind = "EmailTemplate"
    EmailTemplateKey = f.Key()
    Description = f.Text(max=80)


class ClientType(Table):
    kind = "ClientType"
    ClientTypeKey = f.Key()


class ContactType(Table):
    kind = "ContactType"
    ContactTypeKey = f.Key()


class EmployeeType(Table):
    kind = "EmployeeType"
    EmployeeTypeKey = f.Key()
    BillablePercent = f.Rate()
    BudgetCostRate = f.Rate()
    BudgetBillRate = f.Rate()


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


RECORDS = (
    COMPANY := Company(),
    DEPARTMENT := Department(),
    PROJECT_TYPE := ProjectType(),
    INVOICE_FORMAT := InvoiceFormat(),
    RATE_TABLE := RateTable(),
    WAGE_TABLE := WageTable(),
    TAX_LOCAL := TaxLocal(),
    EMAIL_TEMPLATE := EmailTemplate(),
    CLIENT_TYPE := ClientType(),
    CONTACT_TYPE := ContactType(),
    EMPLOYEE_TYPE := EmployeeType(),
    OVERHEAD_GROUP := OverheadGroup(),
)

_TABLE = ("Description", "Status", "Notes")
_DEPARTMENT = ("Department", "Notes", "Status", "DPEPercent", "OverheadPercent")

METHODS = tuple(
    listing(
        record,
        {name: name for name in (record.key, *members)},
        (filters.status("FilterByStatus", *ACTIVE, claim=claim),),
        versions=(1, 2),
        claim=claim,
    )
    for record, members, claim in (
        (COMPANY, _TABLE, "reference.common-members"),
        (DEPARTMENT, _DEPARTMENT, "reference.department-members"),
        (PROJECT_TYPE, _TABLE, "reference.common-members"),
        (INVOICE_FORMAT, _TABLE, "reference.common-members"),
        (RATE_TABLE, _TABLE, "reference.rate-table-members"),
    )
)
