"""Steps that the filter tests share: what a filter keeps, and values to filter by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .answers import refusal
from .client import AjeraClient
from .firm import Firm, Row, key_of, lacking

FAMILIES = ("Clients", "Contacts", "Employees", "Vendors", "Projects", "ProjectTemplates")
"""Those that have a List and a Get method."""

TABLES = (
    "AccountGroups",
    "BankAccounts",
    "ClientTypes",
    "Companies",
    "ContactTypes",
    "Deductions",
    "Fringes",
    "InvoiceFormats",
    "MarketingFinalDispositions",
    "PayrollTaxes",
    "Pays",
    "ProjectTypes",
    "RateTables",
    "VendorTypes",
    "WageTables",
)
"""Lists whose rows have key, Description, Status and Notes, and nothing else."""
WITH_STATUS = (*TABLES, "Activities", "Departments", "EmployeeTypes", "MarketingStages")
"""Lists that are filtered by Status."""

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
