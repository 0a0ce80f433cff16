"""Filters of the lists, each against the records that the Get methods answer."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from contract_tests.answers import records, refusal
from contract_tests.client import AjeraClient
from contract_tests.firm import Firm, Row, first, key_of, lacking
from contract_tests.values import instant, shifted, without_colon

claim = pytest.mark.claim

FAMILIES = ("Clients", "Contacts", "Employees", "Projects")

Test = Callable[[Row], Any]


def keeps(firm: Firm, noun: str, test: Test, *, one_sided: bool = False, **filters: Any) -> None:
    """The filters keep exactly the records that pass the test, as far as their details are known."""
    known = firm.some(noun)
    wanted = {row[key_of(noun)] for row in known if test(row)}
    if not one_sided and not 0 < len(wanted) < len(known):
        lacking(f"{noun} on both sides of {', '.join(filters)}")
    kept = firm.keys(noun, **filters) & {row[key_of(noun)] for row in known}
    assert kept == wanted, f"List{noun} {filters}: too many {sorted(kept - wanted)}, missing {sorted(wanted - kept)}"


def by(name: str, value: Any) -> dict[str, Any]:
    """A filter whose name is a parameter of the test."""
    return {name: value}


def refuses(client: AjeraClient, noun: str, **filters: Any) -> None:
    """The filters are refused as invalid data."""
    text = refusal(client.call(f"List{noun}", filters)).texts[0]
    assert "One or more properties contain invalid data" in text


def some_value(firm: Firm, noun: str, member: str) -> Any:
    """A value of the member that some records have and others do not."""
    values = [row.get(member) for row in firm.some(noun)]
    for value in values:
        if value is not None and values.count(value) < len(values):
            return value
    return lacking(f"{noun} that differ in {member}")


def middle(text: str) -> str:
    """The inside of a text, without its first and last character."""
    return text[1:-1].strip()


def needle(firm: Firm, noun: str, member: str) -> str:
    """The inside of a text that is long enough to tell records apart and without signs that LIKE may read."""
    for row in firm.some(noun):
        text = middle(row[member])
        if (
            len(text) >= 3
            and not set(text) & set("%_[]")
            and not all(text.lower() in other[member].lower() for other in firm.some(noun))
        ):
            return text
    return lacking(f"{noun} with a telling {member}")


def joined(row: Row) -> str:
    """The names of a person, in one text and in lower case."""
    return " ".join(row[name] or "" for name in ("FirstName", "MiddleName", "LastName")).lower()


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


@claim("client.filter-status", "contact.filter-status", "employee.filter-status")
@pytest.mark.parametrize("noun", FAMILIES[:3])
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


@claim("reference.status-filter")
@pytest.mark.parametrize("noun", ["Companies", "Departments", "InvoiceFormats", "RateTables"])
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
@pytest.mark.parametrize("noun", FAMILIES)
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


@claim("client.filter-company", "contact.filter-company")
@pytest.mark.parametrize("noun", ["Clients", "Contacts"])
def test_company_filter_is_taken(firm: Firm, noun: str) -> None:
    """FilterByCompany is an argument of the list and adds nothing to it."""
    key = firm.one("Companies")["CompanyKey"]
    assert firm.keys(noun, FilterByCompany=[key]) <= {row[key_of(noun)] for row in firm.all(noun)}


@claim("filter.unknown-key-matches-none")
def test_key_that_does_not_exist(firm: Firm) -> None:
    """A company that does not exist has no projects."""
    assert firm.keys("Projects", FilterByCompany=[2_000_000_000]) == set()


# By text.


@claim("client.filter-name-like", "filter.like-matches-anywhere")
def test_clients_by_part_of_the_name(firm: Firm) -> None:
    """FilterByNameLike finds a client by the inside of its Description."""
    part = needle(firm, "Clients", "Description")
    keeps(firm, "Clients", lambda row: part.lower() in row["Description"].lower(), FilterByNameLike=part)


@claim("client.filter-name-equals", "filter.equals-whole-text")
def test_clients_by_the_whole_name(firm: Firm) -> None:
    """FilterByNameEquals finds a client by its whole Description, not by a part of it."""
    name = firm.some("Clients")[0]["Description"]
    keeps(firm, "Clients", lambda row: row["Description"].lower() == name.lower(), FilterByNameEquals=name)
    part = needle(firm, "Clients", "Description")
    keeps(
        firm, "Clients", lambda row: row["Description"].lower() == part.lower(), one_sided=True, FilterByNameEquals=part
    )


@claim("project.filter-description-like", "filter.like-matches-anywhere")
def test_projects_by_part_of_the_description(firm: Firm) -> None:
    """FilterByDescriptionLike finds a project by the inside of its Description."""
    part = needle(firm, "Projects", "Description")
    keeps(firm, "Projects", lambda row: part.lower() in row["Description"].lower(), FilterByDescriptionLike=part)


@claim("project.filter-description-equals", "filter.equals-whole-text")
def test_projects_by_the_whole_description(firm: Firm) -> None:
    """FilterByDescriptionEquals finds a project by its whole Description, not by a part of it."""
    text = firm.some("Projects")[0]["Description"]
    keeps(firm, "Projects", lambda row: row["Description"].lower() == text.lower(), FilterByDescriptionEquals=text)
    part = needle(firm, "Projects", "Description")
    keeps(
        firm,
        "Projects",
        lambda row: row["Description"].lower() == part.lower(),
        one_sided=True,
        FilterByDescriptionEquals=part,
    )


@claim("project.filter-id-like", "filter.like-matches-anywhere")
def test_projects_by_part_of_the_id(firm: Firm) -> None:
    """FilterByIDLike finds a project by the inside of its ID."""
    part = needle(firm, "Projects", "ID")
    keeps(firm, "Projects", lambda row: part.lower() in row["ID"].lower(), FilterByIDLike=part)


@claim("project.filter-name-like")
@pytest.mark.parametrize("member", ["Description", "ID"])
def test_projects_by_name(firm: Firm, member: str) -> None:
    """FilterByNameLike looks in Description and ID."""
    part = needle(firm, "Projects", member)
    keeps(
        firm,
        "Projects",
        lambda row: part.lower() in row["Description"].lower() or part.lower() in row["ID"].lower(),
        FilterByNameLike=part,
    )


@claim("employee.filter-name-like")
@pytest.mark.parametrize("member", ["FirstName", "LastName"])
def test_employees_by_name(firm: Firm, member: str) -> None:
    """FilterByNameLike finds an employee by the inside of a name."""
    part = needle(firm, "Employees", member)
    keeps(firm, "Employees", lambda row: part.lower() in joined(row), FilterByNameLike=part)


@claim("contact.filter-text")
def test_contacts_by_text(firm: Firm) -> None:
    """FilterByText finds a contact by the inside of its last name, and not every contact."""
    part = needle(firm, "Contacts", "LastName")
    kept = firm.keys("Contacts", FilterByText=part)
    assert {row["ContactKey"] for row in firm.some("Contacts") if part.lower() in row["LastName"].lower()} <= kept
    assert len(kept) < len(firm.all("Contacts"))


@claim("contact.filter-text-columns")
@pytest.mark.parametrize("member", ["LastName", "Company"])
def test_columns_of_the_text_filter(firm: Firm, member: str) -> None:
    """FilterByText looks in the names and the company, in each of them."""
    part = needle(firm, "Contacts", member)
    columns = ("FirstName", "MiddleName", "LastName", "Company")
    keeps(firm, "Contacts", lambda row: any(part.lower() in row[name].lower() for name in columns), FilterByText=part)


@claim("contact.filter-name-like-unknown")
@pytest.mark.parametrize("filters", [{"FilterByNameLike": "no such name"}, {"FilterByClient": [2_000_000_000]}])
def test_filters_that_contacts_do_not_have(firm: Firm, filters: dict[str, Any]) -> None:
    """The filters that one client sends beyond the page are ignored."""
    assert len(firm.listed("Contacts", **filters)) == len(firm.all("Contacts"))


@claim("employee.filter-name-columns")
def test_employees_by_full_name(firm: Firm) -> None:
    """FilterByNameLike finds an employee by the names joined by a blank."""
    row = first((row for row in firm.some("Employees") if not row["MiddleName"]), "employee without a middle name")
    assert row["EmployeeKey"] in firm.keys("Employees", FilterByNameLike=f"{row['FirstName']} {row['LastName']}")


@claim("filter.like-case-insensitive", "filter.equals-case-insensitive")
def test_text_filters_in_any_case(firm: Firm) -> None:
    """Like and Equals do not regard case."""
    text = firm.some("Projects")[0]["Description"]
    for name in ("FilterByDescriptionLike", "FilterByDescriptionEquals"):
        assert firm.keys("Projects", **{name: text.upper()}) == firm.keys("Projects", **{name: text.lower()})
        assert firm.keys("Projects", **{name: text.upper()})


@claim("filter.like-wildcards")
def test_wildcards(firm: Firm) -> None:
    """% stands for any text and _ for one character."""
    text = needle(firm, "Projects", "Description")
    key = next(row["ProjectKey"] for row in firm.some("Projects") if text in row["Description"])
    assert key in firm.keys("Projects", FilterByDescriptionLike=f"{text[0]}%{text[-1]}")
    assert key in firm.keys("Projects", FilterByDescriptionLike=f"{text[0]}_{text[2:]}")


# By date.


def middle_stamp(firm: Firm, noun: str) -> str:
    """A LastModifiedDate with earlier and later ones."""
    stamps: list[str] = sorted({row["LastModifiedDate"] for row in firm.some(noun)}, key=instant)
    return stamps[len(stamps) // 2] if len(stamps) > 2 else lacking(f"{noun} of different ages")


@claim(
    "filter.earliest-modified",
    "filter.long-date",
    "client.filter-modified",
    "contact.filter-modified",
    "employee.filter-modified",
)
@pytest.mark.parametrize("noun", FAMILIES)
def test_modified_since(firm: Firm, noun: str) -> None:
    """FilterByEarliestModifiedDate keeps what was modified at that instant or later."""
    bound = middle_stamp(firm, noun)
    keeps(
        firm,
        noun,
        lambda row: instant(row["LastModifiedDate"]) >= instant(bound),
        FilterByEarliestModifiedDate=without_colon(bound),
    )


@claim(
    "filter.latest-modified",
    "filter.long-date",
    "client.filter-modified",
    "contact.filter-modified",
    "employee.filter-modified",
)
@pytest.mark.parametrize("noun", FAMILIES)
def test_modified_until(firm: Firm, noun: str) -> None:
    """FilterByLatestModifiedDate keeps what was modified at that instant or earlier."""
    bound = middle_stamp(firm, noun)
    keeps(
        firm,
        noun,
        lambda row: instant(row["LastModifiedDate"]) <= instant(bound),
        FilterByLatestModifiedDate=without_colon(bound),
    )


@claim("filter.bare-date", "project.filter-modified")
def test_bare_dates(firm: Firm) -> None:
    """A bare date bounds the list, a day more or less."""
    bound = middle_stamp(firm, "Projects")
    day = instant(bound).date()
    kept = firm.keys("Projects", FilterByEarliestModifiedDate=day.isoformat())
    for row in firm.some("Projects"):
        distance = instant(row["LastModifiedDate"]) - instant(bound)
        if distance > datetime.timedelta(days=1):
            assert row["ProjectKey"] in kept
        if distance < datetime.timedelta(days=-2):
            assert row["ProjectKey"] not in kept
    assert firm.keys("Projects", FilterByLatestModifiedDate="1990-01-01") == set()
    assert firm.keys("Projects", FilterByEarliestModifiedDate="2078-01-01") == set()


@claim("filter.stamp-as-date")
def test_a_stamp_as_it_was_returned(firm: Firm) -> None:
    """A LastModifiedDate with its zone name is taken."""
    bound = middle_stamp(firm, "Projects")
    for text in (bound, without_colon(bound)):
        assert firm.keys("Projects", FilterByEarliestModifiedDate=text) == firm.keys(
            "Projects", FilterByEarliestModifiedDate=shifted(bound, days=0)
        )


@claim("filter.bare-date-is-local-midnight", "filter.bare-date-upper-bound")
def test_what_a_bare_date_means(firm: Firm) -> None:
    """A day begins at the tenant's midnight, and as an upper bound it is a whole day."""
    day = middle_stamp(firm, "Projects")[:10]
    keeps(firm, "Projects", lambda row: row["LastModifiedDate"][:10] >= day, FilterByEarliestModifiedDate=day)
    keeps(firm, "Projects", lambda row: row["LastModifiedDate"][:10] <= day, FilterByLatestModifiedDate=day)


@claim("filter.date-formats")
@pytest.mark.parametrize("text", ["yesterday", "11/03/2015", "2015-13-01", "2015-03-11T16:22", 20150311])
def test_dates_that_cannot_be_read(client: AjeraClient, text: object) -> None:
    """A date in another form is refused."""
    refuses(client, "Projects", FilterByEarliestModifiedDate=text)


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
