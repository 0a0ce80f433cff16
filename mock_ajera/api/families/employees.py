"""Employees: the people of the firm. Source: Ajera API, Employees page, and public API clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import missing

from mock_ajera.api import fields as f
from mock_ajera.api import filters
from mock_ajera.api.context import Visibility, WriteContext
from mock_ajera.api.custom_fields import CustomFields
from mock_ajera.api.families.contacts import ContactLine
from mock_ajera.api.families.parts import Addresses, NotEmpty, Phones, Unique, active
from mock_ajera.api.member import Body, Member
from mock_ajera.api.methods import graded
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record, Row
from mock_ajera.api.shapes import ACTIVE, get_method, list_method, plain, update_method
from mock_ajera.claims import Grade
from mock_ajera.tenants.references import API_USER
from mock_ajera.tenants.trace import relies_on

NAME = ("FirstName", "MiddleName", "LastName")


def salaried(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Keep the hourly rate of a salaried row. Ajera computes it; a file states it."""
    before = schema.members["PayRate"].default if stored is None else stored["PayRate"]
    if not context.seeding and not row["IsHourly"] and row["PayRate"] != before:
        relies_on("employee.salaried-rate-ignored")
        row["PayRate"] = before


class PayRate(Row):
    """What an employee earns from a day on. Hours in a pay period are unknown, so no hourly rate is computed."""

    PayRateKey = f.Key()
    StartDate = f.Day()
    PayPeriod = f.Text()
    IsHourly = f.Flag()
    Salary = f.Money()
    PayRate = f.Rate()
    OvertimeMarkup = f.Rate()
    IncludeOvertimeInSalary = f.Flag()
    DoubleTimeMarkup = f.Rate()
    IncludeDoubleTimeInSalary = f.Flag()
    OtherTimeMarkup = f.Rate()
    IncludeOtherTimeMarkupInSalary = f.Flag()

    checks = (salaried,)


class PayRates(f.KeyedRows):
    """The history of an employee's pay rates. The first one keeps its start date."""

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        rows = super().apply(sent, stored, new, at, context)
        if stored is not missing and stored and rows[0]["StartDate"] != stored[0]["StartDate"]:
            key = self.key.name
            i = next(i for i, row in enumerate(sent) if row.get(key) == stored[0][key])
            text = f"the first pay rate starts on {stored[0]['StartDate']}"
            context.refuse(f"{at}[{i}].StartDate", "first-start", text, "employee.first-start-refused")
        return rows


class CreditCard(Row):
    """A credit card of the firm that an employee uses."""

    derived = "employee.card-text-from-account"
    BankAccountKey = f.Ref("BankAccount", nullable=False, required="always", claim="employee.card-needs-account")
    Order = f.Whole()
    CardholderName = f.Text()
    Description = f.Lookup("BankAccountKey", "Description")


class Named(NotEmpty, frozen=True):
    """A name that must not be empty. The files of a firm may lack it."""

    def __call__(self, schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
        if not context.seeding:
            super().__call__(schema, row, stored, at, context)


def typed(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a new employee without a type. The files of a firm may contain one."""
    if stored is None and not context.seeding and row["EmployeeTypeKey"] is None:
        context.refuse(within(at, "EmployeeTypeKey"), "required", "required to create", "employee.type-required")


class Employee(Record):
    """A person who works for the firm."""

    kind = "Employee"
    defaults: ClassVar = {Member: "employee.defaults"}
    derived = "employee.derived-ignored"
    grade = Grade.OBSERVED
    grades: ClassVar[Mapping[str, Grade]] = {"CF_*": Grade.INFERRED}
    EmployeeKey = f.Key()
    Delete = f.Delete()
    LastModifiedDate = f.Stamp()
    FirstName = f.Text(required="on_create", claim="employee.names-required")
    MiddleName = f.Text()
    LastName = f.Text(required="on_create", claim="employee.names-required")
    Title = f.Text()
    Status = active("employee.status-values")
    CompanyKey = f.Ref("Company", nullable=False, required="on_create", claim="employee.company-required")
    DepartmentKey = f.Ref("Department")
    IsPrincipal = f.Flag()
    IsSupervisor = f.Flag()
    IsProjectManager = f.Flag()
    IsAccountingManager = f.Flag()
    IsMarketingContact = f.Flag()
    RestrictToOwnCompany = f.Flag(shown=Visibility.NEVER)
    RestrictToOwnDepartment = f.Flag(shown=Visibility.NEVER)
    SupervisorKey = f.Ref("Employee")
    FaxNumber = f.Text()
    FaxDescription = f.Text()
    Email = f.Text()
    Website = f.Text()
    AllowChangesAfterProcessed = f.Flag()
    Text = f.Text()
    EmployeeTypeKey = f.Ref("EmployeeType")
    EmployeeTypeDescription = f.Lookup("EmployeeTypeKey", "Description")
    EmployeeTypeNotes = f.Lookup("EmployeeTypeKey", "Notes")
    Contacts = f.Rows(ContactLine, at_most=5, claim="employee.contacts-at-most-five")
    Gender = f.Text()
    BirthDate = f.Day()
    DateHired = f.Day()
    DateRehired = f.Day()
    DateTerminated = f.Day()
    BillablePercent = f.Whole()
    SocialSecurityNumber = f.Text()
    PayrollServiceID = f.Text()
    OverheadGroupKey = f.Ref("OverheadGroup")
    UseEmployees = f.Flag()
    CalculatePaymentDateMethod = f.Text()
    NumberOfDaysFromInvoiceDate = f.Whole()
    DayOfTheMonthToPay = f.Whole(at_least=1, at_most=31, outside="employee.day-to-pay")
    PayRates = PayRates(
        PayRate, claims=f.RowClaims(kept="employee.absent-pay-rates-kept", sent="employee.pay-rates-keyed")
    )
    CreditCards = f.Rows(CreditCard, replaced="employee.cards-replaced")
    Notes = f.Text()
    phones = f.Members(Phones)
    addresses = f.Members(Addresses)
    CustomFields = CustomFields("Employee", claim="employee.custom-fields")

    checks = (
        Named("FirstName", "employee.names-required"),
        Named("LastName", "employee.names-required"),
        typed,
        Unique(
            NAME, "employee.duplicate-name-refused", "duplicate_employee_names", compared="employee.name-of-three-parts"
        ),
    )
    examples: ClassVar[Mapping[str, Any]] = {"FirstName": "Avery", "LastName": "Example", "EmployeeTypeKey": ...}
    in_use_by: ClassVar = {API_USER: ("{kind} {key!r} acts for it: {path}", "employee.acted-for-not-deleted")}


RECORDS = (EMPLOYEE := Employee(),)

METHODS = (
    graded(
        list_method(
            EMPLOYEE,
            {
                "EmployeeKey": "EmployeeKey",
                **{name: name for name in NAME},
                "Company": "CompanyKey",
                "Department": "DepartmentKey",
                "RestrictToOwnCompany": "RestrictToOwnCompany",
                "RestrictToOwnDepartment": "RestrictToOwnDepartment",
            },
            (
                filters.keys("FilterByDepartment", "DepartmentKey", "employee.filter-department"),
                filters.keys("FilterByCompany", "CompanyKey", "employee.filter-company"),
                filters.keys("FilterBySupervisor", "SupervisorKey", "employee.filter-supervisor", of="Employee"),
                filters.status("FilterByStatus", *ACTIVE, claim="employee.filter-status"),
                filters.JoinedLike("FilterByNameLike", NAME, "employee.filter-name-columns"),
                filters.keys(
                    "FilterByEmployeeType",
                    "EmployeeTypeKey",
                    "employee.filter-employee-type",
                    null_items="filter.null-item-means-none",
                ),
                *filters.modified(),
            ),
            claim="employee.list-members",
        ),
        dict.fromkeys(("Company", "Department", "RestrictToOwnCompany", "RestrictToOwnDepartment"), Grade.OBSERVED),
    ),
    get_method(EMPLOYEE, {1: plain(EMPLOYEE)}, most="employees_per_get", claim="list.get-several"),
    update_method(EMPLOYEE, plain(EMPLOYEE), claim="employee.update-creates-changes-deletes"),
)
