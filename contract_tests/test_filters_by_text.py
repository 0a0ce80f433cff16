"""Filters of lists by text."""

from __future__ import annotations

from typing import Any

import pytest

from .filtering import PROJECTS_AND_TEMPLATES, by, joined, keeps, needle
from .firm import Firm, first

claim = pytest.mark.claim


@claim("client.filter-name-like-column")
def test_clients_by_part_of_the_name(firm: Firm) -> None:
    """FilterByNameLike finds a client by a part of its Description."""
    part = needle(firm, "Clients", "Description")
    keeps(firm, "Clients", lambda row: part.lower() in row["Description"].lower(), FilterByNameLike=part)


def part_of(text: str, where: str) -> str:
    """Return the beginning, the end or the inside of a text."""
    third = max(1, len(text) // 3)
    return {"prefix": text[:-third], "suffix": text[third:], "inside": text[third:-third]}[where].strip()


def equals_matches_the_whole(firm: Firm, noun: str, name: str, where: str) -> None:
    """Assert that an Equals filter finds a record by its whole Description, and not by a part of it."""
    rows = firm.some(noun)
    text = max((row["Description"] for row in rows), key=len)
    part = part_of(text, where)
    keeps(firm, noun, lambda row: row["Description"].lower() == text.lower(), **by(name, text))
    keeps(firm, noun, lambda row: row["Description"].lower() == part.lower(), one_sided=True, **by(name, part))


PARTS = pytest.mark.parametrize("where", ["prefix", "suffix", "inside"])


@claim("client.filter-name-equals-column")
@PARTS
def test_clients_by_the_whole_name(firm: Firm, where: str) -> None:
    """FilterByNameEquals finds a client by its whole Description, not by a part of it."""
    equals_matches_the_whole(firm, "Clients", "FilterByNameEquals", where)


@claim("project.filter-description-like", "filter.like-matches-anywhere")
@pytest.mark.parametrize("noun", PROJECTS_AND_TEMPLATES)
def test_projects_by_part_of_the_description(firm: Firm, noun: str) -> None:
    """FilterByDescriptionLike finds a project by a part of its Description."""
    part = needle(firm, noun, "Description")
    keeps(firm, noun, lambda row: part.lower() in row["Description"].lower(), FilterByDescriptionLike=part)


@claim("project.filter-description-equals", "filter.equals-whole-text")
@PARTS
@pytest.mark.parametrize("noun", PROJECTS_AND_TEMPLATES)
def test_projects_by_the_whole_description(firm: Firm, noun: str, where: str) -> None:
    """FilterByDescriptionEquals finds a project by its whole Description, not by a part of it."""
    equals_matches_the_whole(firm, noun, "FilterByDescriptionEquals", where)


@claim("project.filter-id-like", "filter.like-matches-anywhere")
@pytest.mark.parametrize("noun", PROJECTS_AND_TEMPLATES)
def test_projects_by_part_of_the_id(firm: Firm, noun: str) -> None:
    """FilterByIDLike finds a project by a part of its ID."""
    part = needle(firm, noun, "ID")
    keeps(firm, noun, lambda row: part.lower() in row["ID"].lower(), FilterByIDLike=part)


@claim("project.filter-name-like")
@pytest.mark.parametrize("member", ["Description", "ID"])
@pytest.mark.parametrize("noun", PROJECTS_AND_TEMPLATES)
def test_projects_by_name(firm: Firm, noun: str, member: str) -> None:
    """FilterByNameLike searches Description and ID."""
    part = needle(firm, noun, member)
    keeps(
        firm,
        noun,
        lambda row: part.lower() in row["Description"].lower() or part.lower() in row["ID"].lower(),
        FilterByNameLike=part,
    )


@claim("employee.filter-name-columns")
@pytest.mark.parametrize("member", ["FirstName", "LastName"])
def test_employees_by_name(firm: Firm, member: str) -> None:
    """FilterByNameLike finds an employee by a part of a name."""
    part = needle(firm, "Employees", member)
    keeps(firm, "Employees", lambda row: part.lower() in joined(row), FilterByNameLike=part)


@claim("client.filter-name-like", "client.filter-name-equals", "vendor.filter-name-like")
@claim("employee.filter-name-like", "contact.filter-text")
@pytest.mark.parametrize(
    ("noun", "name"),
    [
        ("Clients", "FilterByNameLike"),
        ("Clients", "FilterByNameEquals"),
        ("Vendors", "FilterByNameLike"),
        ("Employees", "FilterByNameLike"),
        ("Contacts", "FilterByText"),
    ],
)
def test_text_filter_is_accepted(firm: Firm, noun: str, name: str) -> None:
    """The filter is an argument of the list: a text that no record can have keeps none."""
    assert firm.all(noun)
    assert firm.keys(noun, **by(name, "no such text in any record")) == set()


@claim("contact.filter-text-columns")
@pytest.mark.parametrize("member", ["LastName", "Company"])
def test_columns_of_the_text_filter(firm: Firm, member: str) -> None:
    """FilterByText searches each of the names and the company."""
    part = needle(firm, "Contacts", member)
    columns = ("FirstName", "MiddleName", "LastName", "Company")
    keeps(firm, "Contacts", lambda row: any(part.lower() in row[name].lower() for name in columns), FilterByText=part)


@claim("contact.filter-name-like-unknown")
@pytest.mark.parametrize("filters", [{"FilterByNameLike": "no such name"}, {"FilterByClient": [2_000_000_000]}])
def test_unknown_contact_filters_are_ignored(firm: Firm, filters: dict[str, Any]) -> None:
    """The filters that one client sends although the page does not list them are ignored."""
    assert len(firm.listed("Contacts", **filters)) == len(firm.all("Contacts"))


@claim("employee.filter-name-columns")
def test_employees_by_full_name(firm: Firm) -> None:
    """FilterByNameLike finds an employee by first and last name joined by a space."""
    row = first((row for row in firm.some("Employees") if not row["MiddleName"]), "employee without a middle name")
    assert row["EmployeeKey"] in firm.keys("Employees", FilterByNameLike=f"{row['FirstName']} {row['LastName']}")


@claim("filter.like-case-insensitive", "filter.equals-case-insensitive")
def test_text_filters_in_any_case(firm: Firm) -> None:
    """Like and Equals ignore case."""
    text = firm.some("Projects")[0]["Description"]
    for name in ("FilterByDescriptionLike", "FilterByDescriptionEquals"):
        assert firm.keys("Projects", **{name: text.upper()}) == firm.keys("Projects", **{name: text.lower()})
        assert firm.keys("Projects", **{name: text.upper()})


@claim("filter.like-wildcards")
def test_wildcards(firm: Firm) -> None:
    """% matches any text, and _ matches one character."""
    text = needle(firm, "Projects", "Description")
    key = next(row["ProjectKey"] for row in firm.some("Projects") if text in row["Description"])
    assert key in firm.keys("Projects", FilterByDescriptionLike=f"{text[0]}%{text[-1]}")
    assert key in firm.keys("Projects", FilterByDescriptionLike=f"{text[0]}_{text[2:]}")
