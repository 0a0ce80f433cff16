"""Filters of lists by status and by key, and combinations of filters.

The tests compare each filter with the records that the Get methods return.
"""

from __future__ import annotations

from typing import Any

import pytest

from .answers import records
from .client import AjeraClient
from .filtering import PROJECTS_AND_TEMPLATES, WITH_STATUS, by, keeps, needle, refuses, some_value
from .firm import Firm, lacking
from .kinds import KINDS, key_of

claim = pytest.mark.claim


# By status.


@claim("filter.none-returns-all")
def test_unfiltered_list_has_every_status(firm: Firm) -> None:
    """An unfiltered list contains active and inactive records."""
    for noun in ("ProjectTypes", "Departments", "RateTables", "InvoiceFormats", "Companies"):
        if {row["Status"] for row in firm.all(noun)} >= {"Active", "Inactive"}:
            return
    lacking("list with active and inactive records")


@claim("filter.none-returns-all")
def test_unfiltered_list_has_projects_of_every_status(firm: Firm) -> None:
    """An unfiltered ListProjects contains projects with several statuses."""
    if len({row["Status"] for row in firm.some("Projects")}) < 2:
        lacking("projects of several statuses")


@claim("client.filter-status", "contact.filter-status", "employee.filter-status", "vendor.filter-status")
@pytest.mark.parametrize("noun", ["Employees", "Contacts", "Vendors", "Clients"])
@pytest.mark.parametrize("status", ["Active", "Inactive"])
def test_status(firm: Firm, noun: str, status: str) -> None:
    """FilterByStatus keeps the records with that status."""
    keeps(firm, noun, lambda row: row["Status"] == status, FilterByStatus=[status])


@claim("project.filter-status")
@pytest.mark.parametrize("status", ["Preliminary", "Active", "Hold", "WorkHold", "BillingHold", "Closed", "Marketing"])
def test_project_status(firm: Firm, status: str) -> None:
    """FilterByStatus keeps the projects with that status, for every printed status."""
    keeps(
        firm, "Projects", lambda row: row["Status"].lower() == status.lower(), one_sided=True, FilterByStatus=[status]
    )


@claim("filter.every-listed-status", "filter.status-narrows-to-active")
def test_every_listed_status_counts(firm: Firm) -> None:
    """A filter with two statuses keeps the projects with either of them, or as on one tenant the active ones."""
    statuses = sorted({row["Status"] for row in firm.some("Projects")} - {"Active"})
    if len(statuses) < 2:
        lacking("projects of several statuses")
    both = firm.keys("Projects", FilterByStatus=statuses[:2])
    if both == firm.keys("Projects", FilterByStatus=["Active"]):
        pytest.skip("the target narrows a list of statuses to Active")
    assert both == firm.keys("Projects", FilterByStatus=statuses[:1]) | firm.keys(
        "Projects", FilterByStatus=statuses[1:2]
    )


@claim("filter.status-case-insensitive", "reference.project-type-filter")
@pytest.mark.parametrize("spelt", ["active", "ACTIVE"])
def test_status_in_any_case(firm: Firm, spelt: str) -> None:
    """Active matches in any case."""
    rows = firm.listed("ProjectTypes", FilterByStatus=[spelt])
    assert rows == firm.listed("ProjectTypes", FilterByStatus=["Active"])
    assert {row["Status"] for row in rows} <= {"Active"}


@claim("filter.status-case-elsewhere")
@pytest.mark.parametrize("noun", ["Clients", "Contacts", "Employees", "Vendors", "Companies"])
def test_status_of_other_lists_in_any_case(firm: Firm, noun: str) -> None:
    """Active matches in any case."""
    assert firm.listed(noun, FilterByStatus=["aCTIVE"]) == firm.listed(noun, FilterByStatus=["Active"])


@claim("reference.status-filter", "reference.project-type-filter")
@pytest.mark.parametrize("noun", WITH_STATUS)
@pytest.mark.parametrize("status", ["Active", "Inactive"])
def test_status_of_reference_lists(firm: Firm, noun: str, status: str) -> None:
    """FilterByStatus keeps the rows with that status."""
    assert firm.listed(noun, FilterByStatus=[status]) == [row for row in firm.all(noun) if row["Status"] == status]


@claim("reference.project-type-filter")
@pytest.mark.parametrize("status", ["Active", "Inactive"])
def test_status_of_project_types(firm: Firm, status: str) -> None:
    """FilterByStatus keeps the rows with that status."""
    rows = firm.listed("ProjectTypes", FilterByStatus=[status])
    assert rows == [row for row in firm.all("ProjectTypes") if row["Status"] == status]


@claim("filter.project-status-case-insensitive")
def test_project_status_in_any_case(firm: Firm) -> None:
    """Project statuses match in any case, including the spelling that writes use."""
    assert firm.keys("Projects", FilterByStatus=["aCTIVE"]) == firm.keys("Projects", FilterByStatus=["Active"])
    assert firm.keys("Projects", FilterByStatus=["Workhold"]) == firm.keys("Projects", FilterByStatus=["WorkHold"])


@claim("filter.unknown-status-refused")
@pytest.mark.parametrize("noun", [noun for noun in KINDS if noun != "ExpenseReports"])
def test_unknown_status_is_refused(client: AjeraClient, noun: str) -> None:
    refuses(client, noun, FilterByStatus=["Green"])


# By key.


@claim("project.filter-company")
@pytest.mark.parametrize("noun", PROJECTS_AND_TEMPLATES)
def test_projects_of_a_company(firm: Firm, noun: str) -> None:
    """FilterByCompany keeps the projects of the company."""
    company = some_value(firm, noun, "CompanyKey")
    keeps(firm, noun, lambda row: row["CompanyKey"] == company, FilterByCompany=[company])


@claim(
    "employee.filter-company",
    "employee.filter-department",
    "employee.filter-supervisor",
    "employee.filter-employee-type",
)
@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("FilterByCompany", "CompanyKey"),
        ("FilterByDepartment", "DepartmentKey"),
        ("FilterBySupervisor", "SupervisorKey"),
        ("FilterByEmployeeType", "EmployeeTypeKey"),
    ],
)
def test_employees_by_key(firm: Firm, name: str, member: str) -> None:
    """The key filters of ListEmployees keep the employees with that key."""
    key = some_value(firm, "Employees", member)
    keeps(firm, "Employees", lambda row: row[member] == key, **by(name, [key]))


@claim("project.filter-project-type")
@pytest.mark.parametrize("noun", PROJECTS_AND_TEMPLATES)
def test_projects_of_a_type(firm: Firm, noun: str) -> None:
    """FilterByProjectType keeps the projects of the type."""
    key = some_value(firm, noun, "ProjectTypeKey")
    keeps(firm, noun, lambda row: row["ProjectTypeKey"] == key, FilterByProjectType=[key])


@claim("client.filter-client-type", "contact.filter-contact-type")
@pytest.mark.parametrize(
    ("noun", "name", "member"),
    [("Clients", "FilterByClientType", "ClientTypeKey"), ("Contacts", "FilterByContactType", "ContactTypeKey")],
)
def test_records_of_a_type(firm: Firm, noun: str, name: str, member: str) -> None:
    """The type filter keeps the records of the type."""
    key = some_value(firm, noun, member)
    keeps(firm, noun, lambda row: row[member] == key, **by(name, [key]))


@claim("filter.null-item-means-none")
@pytest.mark.parametrize(
    ("noun", "name", "member"),
    [
        ("Projects", "FilterByProjectType", "ProjectTypeKey"),
        ("Contacts", "FilterByContactType", "ContactTypeKey"),
        ("Employees", "FilterByEmployeeType", "EmployeeTypeKey"),
    ],
)
def test_null_as_a_type(firm: Firm, noun: str, name: str, member: str) -> None:
    """Null keeps the records without a type. A key next to it keeps the records of that type too."""
    keeps(firm, noun, lambda row: row[member] is None, **by(name, [None]))
    key = some_value(firm, noun, member)
    keeps(firm, noun, lambda row: row[member] in (None, key), one_sided=True, **by(name, [key, None]))


@claim("project.filter-sync-to-crm")
@pytest.mark.parametrize("noun", PROJECTS_AND_TEMPLATES)
def test_projects_by_the_crm_flag(firm: Firm, noun: str) -> None:
    """FilterBySyncToCRM splits the projects by the flag."""
    if not all("SyncToCRM" in row for row in firm.some(noun)):
        lacking("projects with SyncToCRM")
    keeps(firm, noun, lambda row: row["SyncToCRM"] is True, one_sided=True, FilterBySyncToCRM=[True])
    keeps(firm, noun, lambda row: row["SyncToCRM"] is False, one_sided=True, FilterBySyncToCRM=[False])
    keeps(firm, noun, lambda row: True, one_sided=True, FilterBySyncToCRM=[True, False])


@claim("client.filter-company", "contact.filter-company", "vendor.filter-company")
@pytest.mark.parametrize("noun", ["Clients", "Contacts", "Vendors"])
def test_company_filter_is_accepted(firm: Firm, noun: str) -> None:
    """FilterByCompany is an argument of the list and adds no records."""
    key = firm.one("Companies")["CompanyKey"]
    assert firm.keys(noun, FilterByCompany=[key]) <= {row[key_of(noun)] for row in firm.all(noun)}


@claim("vendor.filter-company")
def test_vendors_of_a_company(firm: Firm) -> None:
    """FilterByCompany keeps the vendors of the companies: none is of two, and those of several are those of each."""
    companies = [row["CompanyKey"] for row in firm.all("Companies")]
    kept = [firm.keys("Vendors", FilterByCompany=[key]) for key in companies]
    if sum(map(bool, kept)) < 2:
        lacking("vendors of two companies")
    assert sum(map(len, kept)) == len(set().union(*kept))
    assert firm.keys("Vendors", FilterByCompany=companies) == set().union(*kept)


@claim("vendor.filter-name-like-column")
def test_vendors_by_name(firm: Firm) -> None:
    """FilterByNameLike searches Name."""
    text = needle(firm, "Vendors", "Name")
    keeps(firm, "Vendors", lambda row: text.lower() in row["Name"].lower(), FilterByNameLike=text)


@claim("vendor.filter-vendor-type")
def test_vendors_by_type(firm: Firm) -> None:
    """FilterByVendorType keeps the vendors of the type."""
    key = some_value(firm, "Vendors", "VendorTypeKey")
    keeps(firm, "Vendors", lambda row: row["VendorTypeKey"] == key, FilterByVendorType=[key])


@claim("filter.null-item-elsewhere")
@pytest.mark.parametrize("kind", ["Client", "Vendor"])
def test_null_as_a_type_of_clients_and_vendors(firm: Firm, kind: str) -> None:
    """Null keeps the records without a type."""
    member = f"{kind}TypeKey"
    keeps(firm, f"{kind}s", lambda row: row[member] is None, one_sided=True, **by(f"FilterBy{kind}Type", [None]))


@claim("reference.vendor-type-flags")
@pytest.mark.parametrize(
    ("argument", "member"),
    [("FilterByIsConsultant", "VendorTypeIsConsultant"), ("FilterByIsCreditCard", "VendorTypeIsCreditCard")],
)
def test_vendor_types_by_flag(firm: Firm, argument: str, member: str) -> None:
    """The flag filters split the types as their vendors show them. A single flag needs no array."""
    flags = {row["VendorTypeKey"]: row[member] for row in firm.some("Vendors") if row["VendorTypeKey"] is not None}
    if len(set(flags.values())) < 2:
        lacking(f"vendors that differ in {member}")
    for value in (True, False):
        kept = firm.keys("VendorTypes", **{argument: [value]})
        assert kept & flags.keys() == {key for key, flag in flags.items() if flag is value}
        assert firm.keys("VendorTypes", **{argument: value}) == kept


@claim("reference.activity-description-like")
def test_activities_by_description(firm: Firm) -> None:
    """FilterByDescriptionLike keeps the activities whose Description contains the text."""
    rows = firm.all("Activities") or lacking("Activities")
    text = rows[0]["Description"][:4].lower()
    kept = firm.listed("Activities", FilterByDescriptionLike=text)
    assert kept == [row for row in rows if text in row["Description"].lower()]


@claim("filter.unknown-key-matches-none")
@pytest.mark.parametrize(
    ("noun", "name"),
    [
        *((noun, "FilterByCompany") for noun in ("Projects", "Clients", "Contacts", "Vendors", "Employees")),
        ("Projects", "FilterByProjectType"),
        ("Clients", "FilterByClientType"),
        ("Contacts", "FilterByContactType"),
        ("Vendors", "FilterByVendorType"),
        *(("Employees", f"FilterBy{stem}") for stem in ("Department", "Supervisor", "EmployeeType")),
    ],
)
def test_unknown_key_matches_nothing(firm: Firm, name: str, noun: str) -> None:
    """A key that names no record, such as an unknown company, keeps nothing."""
    assert firm.keys(noun, **by(name, [2_000_000_000])) == set()


# Together.


@claim("filter.or-within-and-between")
def test_values_are_alternatives(firm: Firm) -> None:
    """A filter with two keys keeps the records with either of them."""
    keys = sorted({row["ProjectTypeKey"] for row in firm.some("Projects")} - {None})
    if len(keys) < 2:
        lacking("projects of several types")
    both = firm.keys("Projects", FilterByProjectType=keys[:2])
    assert both == firm.keys("Projects", FilterByProjectType=keys[:1]) | firm.keys(
        "Projects", FilterByProjectType=keys[1:2]
    )


@claim("filter.or-within-and-between")
def test_filters_are_combined(firm: Firm) -> None:
    """Two filters keep the records that pass both."""
    part = needle(firm, "Projects", "Description")
    both = firm.keys("Projects", FilterByStatus=["Active"], FilterByDescriptionLike=part)
    assert both == firm.keys("Projects", FilterByStatus=["Active"]) & firm.keys(
        "Projects", FilterByDescriptionLike=part
    )


@claim("filter.null-is-absent", "filter.empty-array-is-absent")
@pytest.mark.parametrize(
    "filters",
    [
        {"FilterByStatus": None, "FilterByNameLike": None, "FilterByEarliestModifiedDate": None},
        {"FilterByStatus": [], "FilterByCompany": []},
        {"FilterByNameLike": ""},
    ],
    ids=["null", "empty array", "empty text"],
)
def test_filters_without_a_value(client: AjeraClient, firm: Firm, filters: dict[str, Any]) -> None:
    """Filters without a value have no effect."""
    assert len(records(client.call("ListProjects", filters), "Projects")) == len(
        records(client.call("ListProjects"), "Projects")
    )


@claim("filter.bare-value-refused")
@pytest.mark.parametrize(
    ("noun", "name", "value"),
    [
        ("Projects", "FilterByStatus", "Active"),
        ("Projects", "FilterByCompany", 1),
        ("Projects", "FilterBySyncToCRM", True),
        ("Clients", "FilterByClientType", 1),
        ("Employees", "FilterByDepartment", 1),
    ],
)
def test_bare_value_is_refused(client: AjeraClient, noun: str, name: str, value: object) -> None:
    """A value without its list is refused as invalid data."""
    refuses(client, noun, **{name: value})


@claim("filter.null-item-refused")
@pytest.mark.parametrize("name", ["FilterByStatus", "FilterByCompany", "FilterBySyncToCRM"])
def test_null_in_a_list_is_refused(client: AjeraClient, name: str) -> None:
    """A null is refused in the filters by a member that every project has."""
    refuses(client, "Projects", **{name: [None]})
