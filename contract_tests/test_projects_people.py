"""UpdateProjects of version 1: roles and contact lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .answers import records
from .firm import Firm, Row, first, lacking
from .kinds import PROJECTS
from .made import Made
from .writing import Create, changed, edited, only_phase, refused

claim = pytest.mark.claim


def employee_for(firm: Firm, flag: str) -> Row:
    """Return an active employee with the flag."""
    return first(
        (row for row in firm.some("Employees") if row["Status"] == "Active" and row[flag]),
        f"active employee with {flag}",
    )


ROLES = [("ProjectManager", "IsProjectManager"), ("PrincipalInCharge", "IsPrincipal")]


@claim("project.role-flag", "project.role-active", "project.role-delete")
@pytest.mark.parametrize(("role", "flag"), ROLES)
def test_role_is_assigned_and_removed(made: Made, firm: Firm, new_project: Create, role: str, flag: str) -> None:
    """An active employee with the flag can have the role. Delete inside the role removes the employee."""
    employee = employee_for(firm, flag)
    record = new_project(**{role: {"EmployeeKey": employee["EmployeeKey"]}})
    assert record[role]["EmployeeKey"] == employee["EmployeeKey"]
    assert record[role]["LastName"] == employee["LastName"]
    assert changed(made, PROJECTS, record, **{role: record[role] | {"Delete": True}})[role] is None


@claim("project.role-without-key-kept")
@pytest.mark.parametrize("role", [{}, {"FirstName": "Nobody"}])
def test_role_without_a_key(made: Made, firm: Firm, minimum: Create, new_project: Create, role: Row) -> None:
    """The key is optional. An existing project keeps its employee, and a new project has none."""
    key = employee_for(firm, "IsProjectManager")["EmployeeKey"]
    record = new_project(ProjectManager={"EmployeeKey": key})
    assert changed(made, PROJECTS, record, ProjectManager=role, Notes="other")["ProjectManager"]["EmployeeKey"] == key
    assert new_project(ProjectManager=role)["ProjectManager"] is None


@claim("project.role-delete")
def test_role_of_a_phase_is_removed(made: Made, firm: Firm, minimum: Create, new_project: Create) -> None:
    """Delete inside the role of a phase removes the employee from that phase."""
    groups = minimum()["InvoiceGroups"]
    groups[0]["Phases"][0]["ProjectManager"] = {"EmployeeKey": employee_for(firm, "IsProjectManager")["EmployeeKey"]}
    record = new_project(InvoiceGroups=groups)
    assert only_phase(record)["ProjectManager"]
    sent = edited(record, lambda twin: only_phase(twin)["ProjectManager"].update(Delete=True))
    (answered,) = records(made.update(PROJECTS, [sent], [record]), "Projects")
    assert only_phase(answered)["ProjectManager"] is None


@claim("project.role-flag")
@pytest.mark.parametrize(("role", "flag"), ROLES)
def test_role_needs_its_flag(made: Made, firm: Firm, minimum: Create, role: str, flag: str) -> None:
    """An active employee without the flag is refused."""
    employee = firm.employee(f"active employee without {flag}", lambda row: row["Status"] == "Active" and not row[flag])
    refused(made, PROJECTS, minimum() | {role: {"EmployeeKey": employee["EmployeeKey"]}})


@claim("project.role-active")
@pytest.mark.parametrize(("role", "flag"), [*ROLES, ("MarketingContact", "IsMarketingContact")])
def test_role_needs_an_active_employee(made: Made, firm: Firm, minimum: Create, role: str, flag: str) -> None:
    """An inactive employee is refused, with or without the flag."""
    inactive = sorted(
        (row for row in firm.some("Employees") if row["Status"] == "Inactive"), key=lambda row: not row[flag]
    )
    employee = first(inactive, "inactive employee")
    refused(made, PROJECTS, minimum() | {role: {"EmployeeKey": employee["EmployeeKey"]}})


@claim("project.marketing-contact-flag")
def test_marketing_contact_needs_its_flag(made: Made, firm: Firm, minimum: Create, new_project: Create) -> None:
    """An employee without the flag is refused as marketing contact."""
    employee = employee_for(firm, "IsMarketingContact")
    record = new_project(MarketingContact={"EmployeeKey": employee["EmployeeKey"]})
    assert record["MarketingContact"]["EmployeeKey"] == employee["EmployeeKey"]
    other = firm.employee("active employee without IsMarketingContact", lambda row: not row["IsMarketingContact"])
    refused(made, PROJECTS, minimum() | {"MarketingContact": {"EmployeeKey": other["EmployeeKey"]}})


@pytest.fixture
def with_lines(minimum: Create) -> Callable[[str, list[Row]], Row]:
    """Return a function that makes a new project with contact lines on the project or on its phase."""

    def body(where: str, lines: list[Row]) -> Row:
        project = minimum()
        holder(project, where)["Contacts"] = lines
        return project

    return body


def holder(project: Row, where: str) -> Row:
    """Return the project itself or its phase."""
    return project if where == "project" else only_phase(project)


@claim("project.contacts-at-most-five", "project.contact-order")
@pytest.mark.parametrize("where", ["project", "phase"])
def test_contact_lines(made: Made, firm: Firm, with_lines: Callable[[str, list[Row]], Row], where: str) -> None:
    """Five contact lines are accepted. A sixth line is refused, and so is an Order below 0 or above 4."""
    keys = [row["ContactKey"] for row in firm.all("Contacts")][:6]
    if len(keys) < 6:
        lacking("six contacts")
    lines = [{"ContactKey": key, "Order": number, "Text": f"line {key}"} for number, key in enumerate(keys)]
    (record,) = records(made.update(PROJECTS, [with_lines(where, lines[:5])]), "Projects")
    current = made.read(PROJECTS, record["ProjectKey"])
    assert current is not None
    shown = [{name: line[name] for name in lines[0]} for line in holder(current, where)["Contacts"]]
    assert sorted(shown, key=lambda line: line["Order"]) == lines[:5]
    refused(made, PROJECTS, with_lines(where, [*lines[:5], lines[5] | {"Order": 4}]))
    for order in (5, -1):
        refused(made, PROJECTS, with_lines(where, [lines[0] | {"Order": order}]))


@claim("project.contact-order-kept")
def test_order_of_a_contact_line_is_kept(firm: Firm, new_project: Create) -> None:
    """A single line may have Order 1, as in the printed samples."""
    key = firm.one("Contacts")["ContactKey"]
    (line,) = new_project(Contacts=[{"ContactKey": key, "Order": 1, "Text": "site"}])["Contacts"]
    assert (line["Order"], line["Text"]) == (1, "site")
