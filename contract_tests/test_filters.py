"""Filters of the lists by status and key, and several filters together.

Each is held against the records that the Get methods answer.
"""

from __future__ import annotations

from typing import Any

import pytest

from .answers import records
from .client import AjeraClient
from .filtering import WITH_STATUS, by, keeps, needle, refuses, some_value
from .firm import Firm, lacking
from .kinds import KINDS, key_of

claim = pytest.mark.claim


# By status.


@claim("filter.none-returns-all")
def test_without_a_status_filter_every_status_comes(firm: Firm) -> None:
    """An unfiltered list holds active and inactive records."""
    for noun in ("ProjectTypes", "Departments", "RateTables", "InvoiceFormats", "Companies"):
        if {row["Status"] for row in firm.all(noun)} >= {"Active", "Inactive"}:
            return
    lacking("list with active and inactive records")


@claim("filter.none-returns-all")
def test_without_a_status_filter_every_project_comes(firm: Firm) -> None:
    """An unfiltered ListProjects holds projects of several statuses."""
    if len({row["Status"] for row in firm.some("Projects")}) < 2:
        lacking("projects of several statuses")


@claim("client.filter-status", "contact.filter-status", "employee.filter-status", "vendor.filter-status")
@pytest.mark.parametrize("noun", ["Employees", "Contacts", "Vendors", "Clients"])
@pytest.mark.parametrize("status", ["Active", "Inactive"])
def test_status(firm: Firm, noun: str, status: str) -> None:
    """FilterByStatus keeps the records of that status."""
    keeps(firm, noun, lambda row: row["Status"] == status, FilterByStatus=[status])


@claim("project.filter-status")
@pytest.mark.parametrize("status", ["Preliminary", "Active", "Hold", "WorkHold", "BillingHold", "Closed", "Marketing"])
def test_project_status(firm: Firm, status: str) -> None:
    """FilterByStatus keeps the projects of that status, for every printed status."""
    keeps(
        firm, "Projects", lambda row: row["Status"].lower() == status.lower(), one_sided=True, FilterByStatus=[status]
    )


@claim("filter.every-listed-status")
def test_every_listed_status_counts(firm: Firm) -> None:
    """Two statuses keep what each of them keeps."""
    statuses = sorted({row["Status"] for row in firm.some("Projects")})
    if len(statuses) < 2:
        lacking("projects of several statuses")
    both = firm.keys("Projects", FilterByStatus=statuses[:2])
    assert both == firm.keys("Projects", FilterByStatus=statuses[:1]) | firm.keys(
        "Projects", FilterByStatus=statuses[1:2]
    )


@claim("filter.status-case-insensitive", "reference.project-type-filter")
@pytest.mark.parametrize("spelt", ["active", "ACTIVE"])
def test_status_in_any_case(firm: Firm, spelt: str) -> None:
    """Active is matched in any case."""
    rows = firm.listed("ProjectTypes", FilterByStatus=[spelt])
    assert rows == firm.listed("ProjectTypes", FilterByStatus=["Active"])
    assert {row["Status"] for row in rows} <= {"Active"}


@claim("reference.status-filter", "reference.project-type-filter")
@pytest.mark.parametrize("noun", WITH_STATUS)
@pytest.mark.parametrize("status", ["Active", "Inactive"])
def test_status_of_reference_lists(firm: Firm, noun: str, status: str) -> None:
    """FilterByStatus keeps the rows of that status."""
    assert firm.listed(noun, FilterByStatus=[status]) == [row for row in firm.all(noun) if row["Status"] == status]


@claim("reference.project-type-filter")
@pytest.mark.parametrize("status", ["Active", "Inactive"])
def test_status_of_project_types(firm: Firm, status: str) -> None:
    """FilterByStatus keeps the rows of that status."""
    rows = firm.listed("ProjectTypes", FilterByStatus=[status])
    assert rows == [row for row in firm.all("ProjectTypes") if row["Status"] == status]


@claim("filter.project-status-case-insensitive")
def test_project_status_in_any_case(firm: Firm) -> None:
    """Project statuses are matched in any case, also in the spelling of the writes."""
    assert firm.keys("Projects", FilterByStatus=["aCTIVE"]) == firm.keys("Projects", FilterByStatus=["Active"])
    assert firm.keys("Projects", FilterByStatus=["Workhold"]) == firm.keys("Projects", FilterByStatus=["WorkHold"])


@claim("filter.unknown-status-refused")
@pytest.mark.parametrize("noun", KINDS)
def test_status_that_does_not_exist(client: AjeraClient, noun: str) -> None:
    """A status that nothing has is refused."""
    refuses(client, noun, FilterByStatus=["Green"])


# By key.


@claim("project.filter-company")
def test_projects_of_a_company(firm: Firm) -> None:
    """FilterByCompany keeps the projects of the company."""
    company = some_value(firm, "Projects", "CompanyKey")
    keeps(firm, "Projects", lambda row: row["CompanyKey"] == company, FilterByCompany=[company])


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
def test_projects_of_a_type(firm: Firm) -> None:
    """FilterByProjectType keeps the projects of the type."""
    key = some_value(firm, "Projects", "ProjectTypeKey")
    keeps(firm, "Projects", lambda row: row["ProjectTypeKey"] == key, FilterByProjectType=[key])


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
def test_null_among_the_types(firm: Firm, noun: str, name: str, member: str) -> None:
    """null keeps the records without a type, a key beside it those of that type too."""
    keeps(firm, noun, lambda row: row[member] is None, **by(name, [None]))
    key = some_value(firm, noun, member)
    keeps(firm, noun, lambda row: row[member] in (None, key), one_sided=True, **by(name, [key, None]))


@claim("project.filter-sync-to-crm")
def test_projects_by_the_crm_flag(firm: Firm) -> None:
    """FilterBySyncToCRM parts the projects by the flag."""
    if not all("SyncToCRM" in row for row in firm.some("Projects")):
        lacking("SyncToCRM in its projects")
    keeps(firm, "Projects", lambda row: row["SyncToCRM"] is True, one_sided=True, FilterBySyncToCRM=[True])
    keeps(firm, "Projects", lambda row: row["SyncToCRM"] is False, one_sided=True, FilterBySyncToCRM=[False])
    keeps(firm, "Projects", lambda row: True, one_sided=True, FilterBySyncToCRM=[True, False])


@claim("client.filter-company", "contact.filter-company", "vendor.filter-company")
@pytest.mark.parametrize("noun", ["Clients", "Contacts", "Vendors"])
def test_company_filter_is_taken(firm: Firm, noun: str) -> None:
    """FilterByCompany is an argument of the list and adds nothing to it."""
    key = firm.one("Companies")["CompanyKey"]
    assert firm.keys(noun, FilterByCompany=[key]) <= {row[key_of(noun)] for row in firm.all(noun)}


@claim("vendor.filter-name-like")
def test_vendors_by_name(firm: Firm) -> None:
    """FilterByNameLike looks into Name."""
    text = needle(firm, "Vendors", "Name")
    keeps(firm, "Vendors", lambda row: text.lower() in row["Name"].lower(), FilterByNameLike=text)


@claim("vendor.filter-vendor-type")
def test_vendors_by_type(firm: Firm) -> None:
    """FilterByVendorType keeps the vendors of the type; null those without one."""
    key = some_value(firm, "Vendors", "VendorTypeKey")
    keeps(firm, "Vendors", lambda row: row["VendorTypeKey"] == key, FilterByVendorType=[key])
    keeps(firm, "Vendors", lambda row: row["VendorTypeKey"] is None, one_sided=True, FilterByVendorType=[None])


@claim("reference.vendor-type-flags")
@pytest.mark.parametrize(
    ("argument", "member"),
    [("FilterByIsConsultant", "VendorTypeIsConsultant"), ("FilterByIsCreditCard", "VendorTypeIsCreditCard")],
)
def test_vendor_types_by_flag(firm: Firm, argument: str, member: str) -> None:
    """The flags that vendors show of their types part the types; one flag may stand without a list."""
    flags = {row["VendorTypeKey"]: row[member] for row in firm.some("Vendors") if row["VendorTypeKey"] is not None}
    if len(set(flags.values())) < 2:
        lacking(f"vendors that differ in {member}")
    for value in (True, False):
        kept = firm.keys("VendorTypes", **{argument: [value]})
        assert kept & flags.keys() == {key for key, flag in flags.items() if flag is value}
        assert firm.keys("VendorTypes", **{argument: value}) == kept


@claim("reference.activity-description-like")
def test_activities_by_description(firm: Firm) -> None:
    """FilterByDescriptionLike keeps the activities in whose Description the text occurs."""
    rows = firm.all("Activities") or lacking("Activities")
    text = rows[0]["Description"][:4].lower()
    kept = firm.listed("Activities", FilterByDescriptionLike=text)
    assert kept == [row for row in rows if text in row["Description"].lower()]


@claim("filter.unknown-key-matches-none")
def test_key_that_does_not_exist(firm: Firm) -> None:
    """A company that does not exist has no projects."""
    assert firm.keys("Projects", FilterByCompany=[2_000_000_000]) == set()


# Together.


@claim("filter.or-within-and-between")
def test_values_are_alternatives(firm: Firm) -> None:
    """Two keys keep what either of them keeps."""
    keys = sorted({row["ProjectTypeKey"] for row in firm.some("Projects")} - {None})
    if len(keys) < 2:
        lacking("projects of several types")
    both = firm.keys("Projects", FilterByProjectType=keys[:2])
    assert both == firm.keys("Projects", FilterByProjectType=keys[:1]) | firm.keys(
        "Projects", FilterByProjectType=keys[1:2]
    )


@claim("filter.or-within-and-between")
def test_filters_add_up(firm: Firm) -> None:
    """Two filters keep what both keep."""
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
def test_filters_that_are_none(client: AjeraClient, firm: Firm, filters: dict[str, Any]) -> None:
    """Filters without a value filter nothing."""
    assert len(records(client.call("ListProjects", filters), "Projects")) == len(
        records(client.call("ListProjects"), "Projects")
    )
