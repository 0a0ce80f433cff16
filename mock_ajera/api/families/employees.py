"""Employees: the people of the firm. Source: Ajera API, Employees page, and public API clients."""

from __future__ import annotations

from mock_ajera.api import fields as f
from mock_ajera.api import filters
from mock_ajera.api.context import Visibility
from mock_ajera.api.families.contacts import ContactLine
from mock_ajera.api.families.parts import Addresses, Phones, active
from mock_ajera.api.methods import not_served
from mock_ajera.api.records import Record
from mock_ajera.api.shapes import ACTIVE, get_method, list_method, plain


class Employee(Record):
    """A person who works for the firm."""

    kind = "Employee"
    EmployeeKey = f.Key()
    LastModifiedDate = f.Stamp()
    FirstName = f.Text(required="on_create")
    MiddleName = f.Text()
    LastName = f.Text(required="on_create")
    Title = f.Text()
    Status = active()
    CompanyKey = f.Ref("Company", nullable=False, required="on_create")
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
    Contacts = f.Rows(ContactLine)
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
    DayOfTheMonthToPay = f.Whole()
    PayRates = f.AlwaysNull(empty=[])
    CreditCards = f.AlwaysNull()
    Notes = f.Text()
    phones = f.Members(Phones)
    addresses = f.Members(Addresses)


RECORDS = (EMPLOYEE := Employee(),)

_NAMES = ("FirstName", "MiddleName", "LastName")

METHODS = (
    list_method(
        EMPLOYEE,
        {
            "EmployeeKey": "EmployeeKey",
            **{name: name for name in _NAMES},
            "Company": "CompanyKey",
            "Department": "DepartmentKey",
            "RestrictToOwnCompany": "RestrictToOwnCompany",
            "RestrictToOwnDepartment": "RestrictToOwnDepartment",
        },
        (
            filters.keys("FilterByDepartment", "DepartmentKey", "employee.filter-department"),
            filters.keys("FilterByCompany", "CompanyKey", "employee.filter-company"),
            filters.keys("FilterBySupervisor", "SupervisorKey", "employee.filter-supervisor"),
            filters.status("FilterByStatus", *ACTIVE, claim="employee.filter-status"),
            filters.JoinedLike("FilterByNameLike", _NAMES, "employee.filter-name-columns"),
            filters.keys("FilterByEmployeeType", "EmployeeTypeKey", "employee.filter-employee-type", null_items=True),
            *filters.modified(),
        ),
        claim="employee.list-members",
    ),
    get_method(EMPLOYEE, {1: plain(EMPLOYEE)}, most="employees_per_get", claim="list.get-several"),
    not_served("UpdateEmployees", "write", 1),
)
