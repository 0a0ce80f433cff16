"""What a write stores is what a Get method shows: every writable member of the kinds of version 1.

A member that a target never shows looks like a lack of data. These tests write the data first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from .answers import records
from .firm import Firm, Row
from .kinds import CLIENTS, CONTACTS, EMPLOYEES, PROJECTS, VENDORS, Kind, key_of
from .made import Made
from .members import Member, of_record
from .writing import Create, changed, edited, only_phase

claim = pytest.mark.claim

FIXTURES = {CLIENTS: "new_client", CONTACTS: "new_contact", VENDORS: "new_vendor", EMPLOYEES: "new_employee"}
LISTS = {
    "AccountKey": "GLAccounts",
    "ClientTypeKey": "ClientTypes",
    "CompanyKey": "Companies",
    "ContactTypeKey": "ContactTypes",
    "DepartmentKey": "Departments",
    "EmployeeTypeKey": "EmployeeTypes",
    "InvoiceFormatKey": "InvoiceFormats",
    "OverheadGroupKey": "OverheadGroups",
    "ProjectTypeKey": "ProjectTypes",
    "RateTableKey": "RateTables",
    "VendorTypeKey": "VendorTypes",
    "WageTableKey": "WageTables",
}
"""Keys of other records, and their lists."""
PARENTS = {"project": "", "group": "InvoiceGroups[]", "phase": "InvoiceGroups[].Phases[]"}
"""Paths of the rows of a project."""


def writable(record: str, parent: str, *types: str) -> Iterator[Member]:
    """Yield the optional members of a record or row that are stored as they are sent.

    References to records without a known list are left out.
    """
    members = of_record(record)
    for member in members.values():
        stem = member.path.removesuffix("Description").removesuffix("Notes")
        derived = stem != member.path and f"{stem}Key" in members
        known = member.type != "reference" or member.name in LISTS
        if (member.parent, member.access) == (parent, "optional") and member.type in types and known and not derived:
            yield member


def keys(firm: Firm, members: Iterator[Member]) -> Row:
    """Return the key of a record for each reference."""
    return {member.name: firm.one(LISTS[member.name])[key_of(LISTS[member.name])] for member in members}


def text(member: Member) -> str:
    """Return a text that fits into a member and names it."""
    return f"~{member.name}"[: member.longest or 10]


def written(firm: Firm, record: str, parent: str, before: Row, what: str) -> Row:
    """Return new values of the members of one type."""
    of_type = writable(record, parent, what)
    values: dict[str, Callable[[], Row]] = {
        "text": lambda: {member.name: text(member) for member in of_type},
        "flag": lambda: {member.name: not before[member.name] for member in of_type if member.name in before},
        "day": lambda: {member.name: "2021-03-04" for member in of_type},
        "decimal": lambda: {member.name: Decimal("12.5") for member in of_type if member.name in before},
        "whole": lambda: {member.name: 7 for member in of_type},
        "reference": lambda: keys(firm, of_type),
    }
    return values[what]()


TYPES = ("text", "flag", "day", "decimal", "whole", "reference")


@claim("value.written-is-shown")
@pytest.mark.parametrize(
    ("kind", "what"),
    [
        pytest.param(kind, what, id=f"{kind.noun}-{what}")
        for kind in FIXTURES
        for what in TYPES
        if any(writable(f"Get{kind.noun} 1 {kind.noun}", "", what))
    ],
)
def test_members(request: pytest.FixtureRequest, made: Made, firm: Firm, kind: Kind, what: str) -> None:
    """Every member that can be written has its new value in the changed record."""
    before = request.getfixturevalue(FIXTURES[kind])()
    sent = written(firm, f"Get{kind.noun} 1 {kind.noun}", "", before, what)
    after = changed(made, kind, before, **sent)
    assert {name: after[name] for name in sent} == sent


@claim("value.written-is-shown")
@pytest.mark.parametrize(
    ("where", "what"),
    [
        (where, what)
        for where, parent in PARENTS.items()
        for what in TYPES
        if any(writable("GetProjects 1 Projects", parent, what))
    ],
)
def test_members_of_projects(made: Made, firm: Firm, new_project: Create, where: str, what: str) -> None:
    """Every member of a project, an invoice group and a phase that can be written has its new value."""
    row: dict[str, Callable[[Row], Any]] = {
        "project": lambda project: project,
        "group": lambda project: project["InvoiceGroups"][0],
        "phase": only_phase,
    }
    before = new_project()
    sent = written(firm, "GetProjects 1 Projects", PARENTS[where], row[where](before), what)
    twin = edited(before, lambda twin: row[where](twin).update(sent))
    records(made.update(PROJECTS, [twin], [before]), "Projects")
    after = made.read(PROJECTS, before["ProjectKey"])
    assert after is not None
    shown = row[where](after)
    # Some members are only shown for some billing types.
    assert {name: shown[name] for name in sent if name in shown} == {
        name: value for name, value in sent.items() if name in shown
    }


@claim("value.written-is-shown")
def test_supervisor(made: Made, firm: Firm, new_employee: Create) -> None:
    """An employee shows the supervisor that was written."""
    supervisor = firm.employee("active supervisor", lambda row: row["Status"] == "Active" and row["IsSupervisor"])
    key = supervisor["EmployeeKey"]
    assert changed(made, EMPLOYEES, new_employee(), SupervisorKey=key)["SupervisorKey"] == key
