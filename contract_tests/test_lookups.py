"""Names and descriptions beside keys: they are those of the records that the keys name."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from .firm import Firm, Row, lacking
from .kinds import key_of
from .members import record_names

claim = pytest.mark.claim


class Lookup(NamedTuple):
    """A key, the list with its records, and the texts beside the key with their members of the list."""

    key: str
    noun: str
    texts: Mapping[str, str]


def described(stem: str, noun: str, text: str = "Description") -> Lookup:
    """Return a lookup of one text: ``CompanyDescription`` beside ``CompanyKey``."""
    return Lookup(f"{stem}Key", noun, {f"{stem}Description": text})


PERSON = {name: name for name in ("FirstName", "MiddleName", "LastName")}

LOOKUPS = (
    described("Company", "Companies"),
    described("ProjectType", "ProjectTypes"),
    described("Department", "Departments", "Department"),
    described("WageTable", "WageTables"),
    described("RateTable", "RateTables"),
    described("InvoiceFormat", "InvoiceFormats"),
    described("Activity", "Activities"),
    described("Client", "Clients"),
    described("ContactClient", "Clients"),
    described("Vendor", "Vendors", "Name"),
    described("ContactVendor", "Vendors", "Name"),
    described("Project", "Projects"),
    Lookup("ProjectKey", "Projects", {"ProjectID": "ID"}),
    Lookup("ClientTypeKey", "ClientTypes", {"ClientTypeDescription": "Description", "ClientTypeNotes": "Notes"}),
    Lookup("ContactTypeKey", "ContactTypes", {"ContactTypeDescription": "Description", "ContactTypeNotes": "Notes"}),
    Lookup(
        "EmployeeTypeKey", "EmployeeTypes", {"EmployeeTypeDescription": "Description", "EmployeeTypeNotes": "Notes"}
    ),
    Lookup("VendorTypeKey", "VendorTypes", {"VendorTypeDescription": "Description", "VendorTypeNotes": "Notes"}),
    Lookup("AccountKey", "GLAccounts", {"AccountDescription": "Description", "AccountID": "ID"}),
    Lookup("ContactKey", "Contacts", PERSON | {"Company": "Company"}),
    Lookup("EmployeeKey", "Employees", PERSON),
    Lookup("EmployeeKey", "Employees", {f"Employee{name}": name for name in PERSON}),
    Lookup("CreditCardVendorKey", "Vendors", {"CreditCardVendorName": "Name"}),
    Lookup("Activity Key", "Activities", {"Activity": "Description"}),
    Lookup("Employee Type Key", "EmployeeTypes", {"Employee Type": "Description"}),
)

RECORDS = tuple(name for name in record_names() if name.startswith("Get"))


def objects(value: Any) -> Iterator[Row]:
    """Yield every object in a value, at any depth."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)


def rows_of(firm: Firm, record: str) -> list[Row]:
    """Return rows of a record. None if the target has none, or does not serve the method."""
    with contextlib.suppress(pytest.skip.Exception):
        return firm.rows(record)
    return []


def beside(rows: list[Row], lookup: Lookup) -> list[Row]:
    """Return the objects that have the key and one of the texts, and whose key is set."""
    return [each for each in objects(rows) if each.get(lookup.key) and lookup.texts.keys() & each.keys()]


def compare(firm: Firm, lookups: Iterable[Lookup], records: Iterable[str]) -> None:
    """Assert that each text beside a key is that of the record in its list. Skip the test if no key is set."""
    found = 0
    for record, lookup in itertools.product(records, lookups):
        listed = {row[key_of(lookup.noun)]: row for row in firm.all(lookup.noun)}
        for each in beside(rows_of(firm, record), lookup):
            row = listed.get(each[lookup.key])
            if row is None:
                continue  # a list may leave out what the user may not see
            shown = {name: each[name] for name in lookup.texts if name in each}
            wanted = {name: row[lookup.texts[name]] for name in shown}
            assert shown == wanted, f"{record} {lookup.key} {each[lookup.key]}"
            found += 1
    if not found:
        lacking("records with such a key")


@claim("project.descriptions-of-keys")
@pytest.mark.parametrize("stem", ["ProjectType", "Department", "WageTable", "RateTable", "InvoiceFormat"])
def test_descriptions_of_projects(firm: Firm, stem: str) -> None:
    """Projects, phases and invoice groups show the descriptions of the records that their keys name."""
    compare(firm, [each for each in LOOKUPS if f"{stem}Description" in each.texts], ["GetProjects 1 Projects"])


@claim("value.texts-of-keys")
@pytest.mark.parametrize("noun", dict.fromkeys(lookup.noun for lookup in LOOKUPS))
def test_texts_beside_keys(firm: Firm, noun: str) -> None:
    """In every record, each text beside a key is the text of the record that the key names."""
    compare(firm, [lookup for lookup in LOOKUPS if lookup.noun == noun], RECORDS)


@claim("value.texts-of-keys")
def test_each_key_has_one_text(firm: Firm) -> None:
    """In every record, the description beside a key is the same for the same key, and not blank for every key."""
    texts: dict[tuple[str, str], dict[int, str]] = {}
    for record in RECORDS:
        for each in objects(rows_of(firm, record)):
            for name, value in each.items():
                key = each.get(f"{name.removesuffix('Description')}Key")
                if name.endswith("Description") and key:
                    shown = texts.setdefault((record, name), {})
                    assert shown.setdefault(key, value) == value, f"{record} {name} of {key}"
    assert texts or lacking("records with descriptions beside keys")
    assert not [place for place, shown in texts.items() if not any(shown.values())]
