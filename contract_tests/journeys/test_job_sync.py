"""Two-way sync of projects with the jobs of another system."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ..answers import records
from ..firm import Firm, Row, lacking
from ..kinds import PROJECTS
from ..made import Made
from ..writing import changed

claim = pytest.mark.claim


@claim("project.filter-description-equals", "project.filter-sync-to-crm", "project.minimum-create")
def test_job_becomes_a_project(made: Made, firm: Firm, minimum: Callable[[], Row]) -> None:
    """If no project has the name of the job, one is created and marked. Both lists show it at once."""
    project = minimum() | {"SyncToCRM": True}
    name = project["Description"]
    assert firm.listed("Projects", FilterByDescriptionEquals=name) == []
    (created,) = records(made.update(PROJECTS, [project]), "Projects")
    assert firm.keys("Projects", FilterByDescriptionEquals=name) == {created["ProjectKey"]}
    assert created["ProjectKey"] in firm.keys("Projects", FilterBySyncToCRM=[True])


@claim("filter.equals-case-insensitive")
def test_first_sync_finds_a_name_in_any_case(firm: Firm, new_project: Callable[..., Row]) -> None:
    """A job whose name differs from that of the project only in case is linked to it."""
    project = new_project(SyncToCRM=True)
    assert firm.keys("Projects", FilterByDescriptionEquals=project["Description"].upper()) == {project["ProjectKey"]}


@claim("project.person-object", "project.role-delete", "project.unset-role-null")
def test_reassigned_job_reassigns_the_project(made: Made, firm: Firm, new_project: Callable[..., Row]) -> None:
    """The second manager replaces the first. A job without a manager clears the role."""
    managers = [row for row in firm.some("Employees") if row["IsProjectManager"] and row["Status"] == "Active"]
    if len(managers) < 2:
        lacking("two active project managers")
    project = new_project()
    for manager in managers[:2]:
        project = changed(made, PROJECTS, project, ProjectManager={"EmployeeKey": manager["EmployeeKey"]})
        assert project["ProjectManager"]["EmployeeKey"] == manager["EmployeeKey"]
        assert project["ProjectManager"]["LastName"] == manager["LastName"]
    project = changed(made, PROJECTS, project, ProjectManager=project["ProjectManager"] | {"Delete": True})
    assert project["ProjectManager"] is None


@claim("employee.editable-members")
def test_address_of_an_employee_is_kept_as_written(new_employee: Callable[..., Row]) -> None:
    """Addresses are compared regardless of case, because Ajera returns what was typed. A missing one is empty."""
    assert new_employee(Email="Ada.L@Example.COM")["Email"] == "Ada.L@Example.COM"
    assert new_employee()["Email"] == ""
