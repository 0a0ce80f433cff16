"""Fixtures of the contract suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from . import plugin
from .answers import records
from .client import AjeraClient, LoginRefused, Pace, Unreachable
from .firm import Firm, Row
from .kinds import CLIENTS, CONTACTS, EMPLOYEES, KINDS, PROJECTS, VENDORS
from .made import NEW_STAMP, Made
from .pay_rates import HISTORY, hourly, salary
from .plugin import COVERAGE, REMAINING, SECRETS, SETTINGS
from .secrets import Secrets
from .target import Target
from .timesheets import Timesheets
from .vendor_invoices import VendorInvoices


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the suite's plugin unless it is registered already."""
    if not pluginmanager.has_plugin(plugin.__name__):
        pluginmanager.register(plugin, plugin.__name__)


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> Iterator[Target]:
    """Return the endpoint under test."""
    target = pytestconfig.stash[SETTINGS].target
    pytestconfig.stash[SECRETS].add(*target.secrets)
    yield target
    target.close()


@pytest.fixture(scope="session")
def client(pytestconfig: pytest.Config, target: Target) -> Iterator[AjeraClient]:
    """Return a client of the target."""
    stash = pytestconfig.stash
    client = AjeraClient(target, stash[SECRETS], Pace(stash[SETTINGS].pace), stash[COVERAGE].observe)
    if target.real:
        _open(client, stash[SECRETS])
    yield client
    client.close()


def _open(client: AjeraClient, secrets: Secrets) -> None:
    """Log in, or end the run: each test would try again, and refused logins may lock the user."""
    try:
        client.token()
    except Unreachable:
        pytest.exit("the endpoint of AJERA_API_URL does not respond; nothing was tested", pytest.ExitCode.USAGE_ERROR)
    except LoginRefused as error:
        why = secrets.hide(str(error))
        text = f"the endpoint of AJERA_API_URL refused the login ({why}); nothing else was sent"
        pytest.exit(text, pytest.ExitCode.USAGE_ERROR)


@pytest.fixture(scope="session")
def firm(client: AjeraClient, target: Target) -> Firm:
    """Return the records of the target."""
    return Firm(client, most=60 if target.real else 200)


@pytest.fixture(scope="session")
def all_made(pytestconfig: pytest.Config, client: AjeraClient, firm: Firm) -> Iterator[Made]:
    """Return the records that this run creates. They are removed at its end; the summary lists those that remain."""
    for kind in KINDS.values():
        if kind.created:
            firm.keep(kind.noun)
    made = Made(client)
    yield made
    pytestconfig.stash[REMAINING].extend(made.remove_all())


@pytest.fixture
def made(all_made: Made, target: Target) -> Iterator[Made]:
    """Return the records that a test creates, and remove them after it. Skip the test if writing is not allowed."""
    if not target.may_write:
        pytest.skip("this target is read-only")
    yield all_made
    all_made.tidy()


@pytest.fixture
def new_client(made: Made) -> Callable[..., Row]:
    """Return a function that creates a client with a recognizable name and the given members."""

    def create(**members: Any) -> Row:
        body = {"ClientKey": -1, "LastModifiedDate": NEW_STAMP, "Description": made.name("client")} | members
        (record,) = records(made.update(CLIENTS, [body]), "Clients")
        current = made.read(CLIENTS, record["ClientKey"])
        assert current, "a created client cannot be read"
        return current

    return create


@pytest.fixture
def new_contact(made: Made) -> Callable[..., Row]:
    """Return a function that creates a contact with a recognizable last name and the given members."""

    def create(**members: Any) -> Row:
        body = {"ContactKey": -1, "LastModifiedDate": NEW_STAMP, "LastName": made.name("contact")} | members
        (record,) = records(made.update(CONTACTS, [body]), "Contacts")
        current = made.read(CONTACTS, record["ContactKey"])
        assert current, "a created contact cannot be read"
        return current

    return create


@pytest.fixture
def new_vendor(made: Made) -> Callable[..., Row]:
    """Return a function that creates a vendor with a recognizable name and the given members."""

    def create(**members: Any) -> Row:
        body = {"VendorKey": -1, "LastModifiedDate": NEW_STAMP, "Name": made.name("vendor")} | members
        (record,) = records(made.update(VENDORS, [body]), "Vendors")
        current = made.read(VENDORS, record["VendorKey"])
        assert current, "a created vendor cannot be read"
        return current

    return create


@pytest.fixture
def employee_body(made: Made, firm: Firm) -> Callable[..., Row]:
    """Return a function that makes the least body of a new employee, with references of the target."""

    def body(key: int = -1, **members: Any) -> Row:
        return {
            "EmployeeKey": key,
            "LastModifiedDate": NEW_STAMP,
            "FirstName": "Ada",
            "LastName": made.name("employee"),
            "CompanyKey": firm.active("Companies")["CompanyKey"],
            "EmployeeTypeKey": firm.active("EmployeeTypes")["EmployeeTypeKey"],
        } | members

    return body


@pytest.fixture
def new_employee(made: Made, employee_body: Callable[..., Row]) -> Callable[..., Row]:
    """Return a function that creates an employee with a recognizable last name and the given members."""

    def create(**members: Any) -> Row:
        (record,) = records(made.update(EMPLOYEES, [employee_body(**members)]), "Employees")
        current = made.read(EMPLOYEES, record["EmployeeKey"])
        assert current, "a created employee cannot be read"
        return current

    return create


@pytest.fixture
def history(new_employee: Callable[..., Row]) -> Row:
    """Return a new employee with three pay rates: hourly, salaried, hourly."""
    first, second, third = HISTORY
    return new_employee(PayRates=[hourly(-2, first), salary(-3, second), hourly(-4, third)])


@pytest.fixture
def minimum(made: Made, firm: Firm) -> Callable[[], Row]:
    """Return a function that makes the printed minimum of a new project, with references of the target."""

    def body() -> Row:
        phase = {
            "PhaseKey": -3,
            "LastModifiedDate": NEW_STAMP,
            "Description": "Design",
            "Contacts": [],
            "BillingType": "TimeAndExpense",
        }
        group = {
            "InvoiceGroupKey": -2,
            "InvoiceFormatKey": firm.active("InvoiceFormats")["InvoiceFormatKey"],
            "Description": "Invoices",
            "Client": {"ClientKey": firm.one("Clients")["ClientKey"]},
            "Phases": [phase],
        }
        return {
            "ProjectKey": -1,
            "LastModifiedDate": NEW_STAMP,
            "Description": made.name("project"),
            "BillingType": "TimeAndExpense",
            "CompanyKey": firm.active("Companies")["CompanyKey"],
            "Contacts": [],
            "InvoiceGroups": [group],
        }

    return body


@pytest.fixture
def v2_minimum(made: Made, firm: Firm) -> Callable[[], dict[str, Any]]:
    """Return a function that makes the least arguments of CreateProjects, with references of the target."""

    def arguments() -> dict[str, Any]:
        description = made.name("project")
        group = {
            "Description": description,
            "ClientKey": firm.one("Clients")["ClientKey"],
            "InvoiceFormatKey": firm.active("InvoiceFormats")["InvoiceFormatKey"],
        }
        return {
            "CreateType": "Project",
            "Project": {
                "Description": description,
                "CompanyKey": firm.active("Companies")["CompanyKey"],
                "BillingType": "TimeAndExpense",
                "RateTableKey": firm.active("RateTables")["RateTableKey"],
            },
            "InvoiceGroups": [group],
            "Phases": [{"Description": description}],
        }

    return arguments


@pytest.fixture
def new_project(made: Made, minimum: Callable[[], Row]) -> Callable[..., Row]:
    """Return a function that creates a project from the printed minimum and the given members."""

    def create(**members: Any) -> Row:
        (record,) = records(made.update(PROJECTS, [minimum() | members]), "Projects")
        current = made.read(PROJECTS, record["ProjectKey"])
        assert current, "a created project cannot be read"
        return current

    return create


@pytest.fixture
def lasting(target: Target) -> None:
    """Skip the test where it may not write what it cannot delete."""
    if not target.may_leave_records:
        pytest.skip("needs --allow-lasting-records")


@pytest.fixture
def timesheets(client: AjeraClient, firm: Firm, lasting: None) -> Timesheets:
    """Return the timesheets that the suite writes."""
    return Timesheets(client, firm)


@pytest.fixture
def invoices(client: AjeraClient, firm: Firm, lasting: None) -> VendorInvoices:
    """Return the vendor invoices that the suite writes."""
    return VendorInvoices(client, firm)
