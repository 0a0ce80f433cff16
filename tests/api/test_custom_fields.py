"""Custom fields of every kind of record that can have them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from records import Record, keys_of, read_one, update, written

from mock_ajera import MockAjera

DEFINED = {
    "Projects": 6,
    "ProjectTemplates": 6,
    "Clients": 4,
    "Contacts": 3,
    "Employees": 3,
    "Vendors": 2,
}
"""Numbers of custom fields of the sample firm, by noun."""

REGION = {"AllowEdit": True, "Values": ["Capital District", "Hudson Valley", "New England"]}
OFFICE = {"AllowEdit": False, "Values": ["Troy", "Kingston"]}

FIELDS = [
    ("Clients", "CF_MasterAgreement", "MSA 1", "MSA 2", ""),
    ("Clients", "CF_CreditLimit", Decimal("0.5000"), Decimal("12.2500"), None),
    ("Clients", "CF_PoRequired", True, True, False),
    ("Clients", "CF_Region", REGION | {"Value": "New England"}, REGION | {"Value": "Abroad"}, REGION | {"Value": ""}),
    ("Contacts", "CF_LastMeeting", "2026-02-28", "2024-02-29", None),
    ("Contacts", "CF_HolidayCard", True, True, False),
    ("Employees", "CF_LicenseNumber", "NY 1", "NY 2", ""),
    ("Employees", "CF_LicenseExpires", "2026-02-28", "2024-02-29", None),
    ("Employees", "CF_Office", OFFICE | {"Value": "Troy"}, OFFICE | {"Value": "Kingston"}, OFFICE | {"Value": ""}),
    ("Vendors", "CF_InsuranceOnFile", True, True, False),
    ("Vendors", "CF_MinorityOwned", True, True, False),
]
"""Noun, name, two values and the printed unset value."""

EACH_FIELD = pytest.mark.parametrize(
    ("noun", "name", "one", "other", "unset"), FIELDS, ids=[f"{noun}-{name}" for noun, name, *_ in FIELDS]
)


@pytest.fixture
def ajera() -> Iterator[MockAjera]:
    with MockAjera() as ajera:
        yield ajera


def custom(record: Record) -> Record:
    return {name: value for name, value in record.items() if name.startswith("CF_")}


def bare(ajera: MockAjera, noun: str) -> Record:
    """Return the last record of a kind, which has no custom field that is set."""
    return read_one(ajera, noun, keys_of(ajera, noun)[-1])


@pytest.mark.parametrize("profile", ["observed", "documented"])
@pytest.mark.parametrize("noun", DEFINED)
def test_custom_fields_are_printed_last(profile: str, noun: str) -> None:
    """Get prints them in both profiles, List in none."""
    with MockAjera(profile=profile) as ajera:
        listed = ajera.content(f"List{noun}")[noun]
        record = read_one(ajera, noun, listed[0][f"{noun[:-1]}Key"])
    assert [name.startswith("CF_") for name in record] == [
        at >= len(record) - DEFINED[noun] for at in range(len(record))
    ]
    assert not any(custom(row) for row in listed)


@EACH_FIELD
def test_a_custom_field_is_set_changed_and_unset(
    ajera: MockAjera, noun: str, name: str, one: Any, other: Any, unset: Any
) -> None:
    record = bare(ajera, noun)
    others = custom(record) | {name: None}
    assert record[name] == unset
    for sent, shown in ((one, one), (other, other), (None, unset)):
        if shown != record[name]:
            (record,) = written(ajera, noun, record | {name: sent}, record)
        assert record[name] == shown
        assert read_one(ajera, noun, record[f"{noun[:-1]}Key"]) == record
        assert custom(record) | {name: None} == others


@pytest.mark.parametrize("noun", ["Clients", "Contacts", "Employees", "Vendors"])
@pytest.mark.parametrize("name", ["CF_Unknown", "CF_SquareFootage"])
def test_a_custom_field_that_the_kind_does_not_have_is_unknown(noun: str, name: str) -> None:
    """The custom fields of other kinds are unknown too."""
    with MockAjera() as ajera:
        record = bare(ajera, noun)
        assert update(ajera, noun, record | {name: 5}, record)["Errors"]
        assert [(reason.path, reason.rule, reason.claim) for reason in ajera.journal[-1].reasons] == [
            (f"Updated{noun}[0].{name}", "unknown-member", "project.unknown-custom-field")
        ]
        ajera.set_quirks(unknown_members="ignore")
        (after,) = written(ajera, noun, record | {name: 5, "Notes": "changed"}, record)
        assert (custom(after), after["Notes"]) == (custom(record), "changed")


def test_a_choice_outside_the_list_is_refused(ajera: MockAjera) -> None:
    """Unless the field accepts other values."""
    record = bare(ajera, "Employees")
    assert update(ajera, "Employees", record | {"CF_Office": "Boston"}, record)["Errors"]
    assert ajera.journal[-1].reasons[0].claim == "project.custom-field-choice"
    assert "write.custom-fields-elsewhere" in ajera.journal[-1].claims
