"""Contents and order of the lists."""

from __future__ import annotations

import pytest

from .answers import records, success
from .client import AjeraClient
from .filtering import LISTS, TABLES
from .firm import Firm, lacking
from .kinds import KINDS, key_of

claim = pytest.mark.claim


@claim("project.list-members", "contact.list-members", "employee.list-members")
@pytest.mark.parametrize(
    ("noun", "names"),
    [
        ("Projects", ("ProjectKey", "ID", "Description")),
        ("Contacts", ("ContactKey", "FirstName", "MiddleName", "LastName", "Company")),
        ("Employees", ("EmployeeKey", "FirstName", "MiddleName", "LastName")),
    ],
)
def test_printed_members(firm: Firm, noun: str, names: tuple[str, ...]) -> None:
    """Every row has the members that the page prints."""
    rows = firm.all(noun) or lacking(noun)
    assert all(set(names) <= row.keys() for row in rows)


@claim("client.list-members")
def test_members_of_clients(firm: Firm) -> None:
    """Every row has exactly the two members that existing clients read."""
    rows = firm.all("Clients") or lacking("Clients")
    assert all(row.keys() == {"ClientKey", "Description"} for row in rows)


@claim("contact.list-link-keys")
def test_link_keys_of_contacts(firm: Firm) -> None:
    """Every row shows the client and the vendor of the contact."""
    rows = firm.all("Contacts") or lacking("Contacts")
    assert all({"ContactClientKey", "ContactVendorKey"} <= row.keys() for row in rows)


@claim("employee.list-without-email")
def test_email_of_employees(firm: Firm) -> None:
    """GetEmployees shows Email. ListEmployees does not."""
    assert all("Email" not in row for row in firm.all("Employees"))
    assert all("Email" in row for row in firm.some("Employees"))


@claim("employee.list-company-and-department", "employee.detail-company-and-department")
def test_company_and_department_of_employees(firm: Firm) -> None:
    """The list names the two keys Company and Department. The details name them CompanyKey and DepartmentKey."""
    rows = {row["EmployeeKey"]: row for row in firm.all("Employees")}
    for record in firm.some("Employees"):
        row = rows[record["EmployeeKey"]]
        assert (row["Company"], row["Department"]) == (record["CompanyKey"], record["DepartmentKey"])
        assert isinstance(row["RestrictToOwnCompany"], bool)
        assert isinstance(row["RestrictToOwnDepartment"], bool)


@claim("project.list-content-array")
@pytest.mark.parametrize("version", [1, 2])
def test_projects_are_an_array(client: AjeraClient, version: int) -> None:
    """Content contains the array Projects in both versions."""
    assert list(success(client.call("ListProjects", version=version))) == ["Projects"]


@claim("reference.account-groups-named")
def test_name_of_the_list_of_account_groups(client: AjeraClient) -> None:
    """Content contains the array AccountGroups and nothing else."""
    content = success(client.call("ListAccountGroups"))
    if "GLAccounts" in content:
        pytest.skip("the target names the account groups as the page prints them")
    assert list(content) == ["AccountGroups"]


@claim("project.list-same-in-both-versions")
def test_projects_in_both_versions(client: AjeraClient) -> None:
    """The list is the same in both versions, with and without a filter."""
    for filters in ({}, {"FilterByStatus": ["Active"]}):
        one, other = (records(client.call("ListProjects", filters, version=version), "Projects") for version in (1, 2))
        assert one == other


@claim("list.basic-members")
@pytest.mark.parametrize("noun", KINDS)
def test_lists_are_short(firm: Firm, noun: str) -> None:
    """A list row has fewer members than the record."""
    assert len(firm.one(noun)) < len(firm.some(noun)[0])


@claim("list.listed-keys-can-be-got")
@pytest.mark.parametrize("noun", KINDS)
def test_listed_records_can_be_read(firm: Firm, noun: str) -> None:
    """The Get method returns a record for every requested key from the list."""
    listed = {row[key_of(noun)] for row in firm.all(noun)}
    found = [row[key_of(noun)] for row in firm.some(noun)]
    assert set(found) <= listed
    assert len(found) == len(set(found)) >= min(len(listed), 20)


@claim("list.key-order")
@pytest.mark.parametrize("noun", LISTS)
def test_order(firm: Firm, noun: str) -> None:
    """Lists are in ascending order of their keys."""
    keys = [row[key_of(noun)] for row in firm.all(noun)]
    assert keys == sorted(keys)


@claim("list.listed-once")
@pytest.mark.parametrize("noun", LISTS)
def test_each_key_is_listed_once(firm: Firm, noun: str) -> None:
    keys = [row[key_of(noun)] for row in firm.all(noun)]
    assert len(keys) == len(set(keys))


@claim(
    "reference.common-members",
    "reference.company-members",
    "reference.status-values",
    "reference.status-values-observed",
    "reference.empty-notes",
    "reference.version-1",
    "reference.account-group-members",
    "reference.marketing-disposition-members",
    "reference.payroll-lists",
    "reference.rate-table-members",
    "reference.type-lists",
    "reference.vendor-type-members",
)
@pytest.mark.parametrize("noun", TABLES)
def test_members_of_reference_lists(firm: Firm, noun: str) -> None:
    """The members are key, Description, Status and Notes. Notes is text even if it is empty."""
    for row in firm.all(noun) or lacking(noun):
        assert row.keys() == {key_of(noun), "Description", "Status", "Notes"}
        assert row["Status"] in ("Active", "Inactive")
        assert isinstance(row["Notes"], str)


@claim("reference.attachment-categories", "permission.guessed-methods")
@pytest.mark.parametrize("version", [1, 2])
def test_members_of_attachment_categories(firm: Firm, version: int) -> None:
    """The list is known only by name. If it is served, its members are those of most lists."""
    for row in firm.all("AttachmentCategories", version) or lacking("AttachmentCategories"):
        assert row.keys() == {"AttachmentCategoryKey", "Description", "Status", "Notes"}


@claim("reference.overhead-group-members")
def test_members_of_overhead_groups(firm: Firm) -> None:
    """The members are key, Description and Notes. There is no Status to filter by."""
    for row in firm.all("OverheadGroups") or lacking("OverheadGroups"):
        assert row.keys() == {"OverheadGroupKey", "Description", "Notes"}


@claim("reference.marketing-stage-members")
def test_members_of_marketing_stages(firm: Firm) -> None:
    """A stage has a short and a long name, and no Notes."""
    for row in firm.all("MarketingStages") or lacking("MarketingStages"):
        assert row.keys() == {"MarketingStageKey", "Description", "LongDescription", "Status"}


@claim("reference.activity-members")
def test_members_of_activities(firm: Firm) -> None:
    """Activities add units and the flag for scanned receipts to the common members."""
    more = {"UnitBased", "UnitDescription", "UnitCostRate", "ICRExpense"}
    for row in firm.all("Activities") or lacking("Activities"):
        assert row.keys() == {"ActivityKey", "Description", "Status", "Notes"} | more


@claim("reference.employee-type-members")
def test_members_of_employee_types(firm: Firm) -> None:
    """Employee types add a percentage and two rates to the common members."""
    more = {"BillablePercent", "BudgetCostRate", "BudgetBillRate"}
    for row in firm.all("EmployeeTypes") or lacking("EmployeeTypes"):
        assert row.keys() == {"EmployeeTypeKey", "Description", "Status", "Notes"} | more


@claim("reference.department-members", "reference.version-1")
def test_members_of_departments(firm: Firm) -> None:
    """The name of a department is in Department, and there are two percentages."""
    for row in firm.all("Departments") or lacking("Departments"):
        assert row.keys() == {"DepartmentKey", "Department", "Status", "Notes", "DPEPercent", "OverheadPercent"}
