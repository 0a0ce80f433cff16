"""Custom fields of clients, contacts, employees and vendors in version 1.

A firm defines its own custom fields. The tests find them, and valid values of them, in the records of the target.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .answers import refusal, success
from .firm import Firm, Row, lacking
from .kinds import CLIENTS, CONTACTS, EMPLOYEES, VENDORS, Kind
from .made import Made
from .writing import Create, refused

claim = pytest.mark.claim

KINDS = (CLIENTS, CONTACTS, EMPLOYEES, VENDORS)
OF_EACH_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.noun)

NewRecord = Callable[[Kind], Row]


@pytest.fixture
def new(new_client: Create, new_contact: Create, new_employee: Create, new_vendor: Create) -> NewRecord:
    """Return a function that creates a record of a kind."""
    create = {CLIENTS: new_client, CONTACTS: new_contact, EMPLOYEES: new_employee, VENDORS: new_vendor}
    return lambda kind: create[kind]()


def custom(record: Row) -> Row:
    """Return the custom fields of a record."""
    return {name: value for name, value in record.items() if name.startswith("CF_")}


def is_set(value: Any) -> bool:
    """Return whether a printed custom field has a value."""
    return (value["Value"] if isinstance(value, dict) else value) not in (None, False, "")


def values_of(firm: Firm, kind: Kind) -> Row:
    """Return a value of each custom field that any record of a kind has set. Skip the test if there is none."""
    return set_values(firm, kind) or lacking(f"{kind.noun} with a custom field that is set")


def set_values(firm: Firm, kind: Kind) -> Row:
    """Return a value of each custom field that any record of a kind has set."""
    rows = map(custom, firm.some(kind.noun))
    return {name: value for row in rows for name, value in row.items() if is_set(value)}


def short(kind: Kind, record: Row, **members: Any) -> Row:
    """Return an update of a record with only the given members, because some targets refuse derived ones."""
    return {name: record[name] for name in (kind.key, "LastModifiedDate")} | members


def written(made: Made, kind: Kind, record: Row, **members: Any) -> Row:
    """Write members of a record, and return the current record."""
    success(made.update(kind, [short(kind, record, **members)], [record]))
    current = made.read(kind, record[kind.key])
    assert current is not None, "a changed record cannot be read"
    return current


# Reading.


def prints_custom_fields(firm: Firm, kind: Kind) -> None:
    """Assert that custom fields are members with a prefix and without spaces, and that lists do not have them."""
    rows = firm.some(kind.noun)
    names = {name for row in rows for name in custom(row)}
    assert all(len(name) > 3 and " " not in name for name in names or lacking(f"{kind.noun} with custom fields"))
    assert not any("CustomFields" in row for row in rows)
    assert not any(custom(row) for row in firm.all(kind.noun))


@claim("vendor.custom-fields")
def test_custom_fields_of_vendors(firm: Firm) -> None:
    """The custom fields of a vendor are members of the record. ListVendors does not print them."""
    prints_custom_fields(firm, VENDORS)


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(CLIENTS, marks=claim("client.custom-fields")),
        pytest.param(CONTACTS, marks=claim("contact.custom-fields")),
        pytest.param(EMPLOYEES, marks=claim("employee.custom-fields")),
    ],
    ids=lambda kind: kind.noun,
)
def test_custom_fields_of_other_kinds(firm: Firm, kind: Kind) -> None:
    """The custom fields of clients, contacts and employees are members of the record. Lists do not print them."""
    prints_custom_fields(firm, kind)


# Writing.


@claim("write.custom-fields-elsewhere")
@OF_EACH_KIND
def test_custom_fields_are_written(made: Made, firm: Firm, new: NewRecord, kind: Kind) -> None:
    """Each custom field is written under the name and with the value that it is read by, one at a time and together."""
    values, record = values_of(firm, kind), new(kind)
    for name, value in values.items():
        expected = custom(record) | {name: value}
        record = written(made, kind, record, **{name: value})
        assert custom(record) == expected
    other = written(made, kind, new(kind), **values)
    assert custom(other) == custom(record)


@claim("write.custom-fields-elsewhere", "write.null-clears")
@OF_EACH_KIND
def test_custom_fields_are_cleared(made: Made, firm: Firm, new: NewRecord, kind: Kind) -> None:
    """Null clears a custom field of any type."""
    before, values = new(kind), values_of(firm, kind)
    record = written(made, kind, before, **values)
    assert custom(record) != custom(before)
    assert custom(written(made, kind, record, **dict.fromkeys(values))) == custom(before)


@claim("write.custom-fields-elsewhere", "write.omitted-is-kept")
@OF_EACH_KIND
def test_omitted_custom_fields_are_kept(made: Made, firm: Firm, new: NewRecord, kind: Kind) -> None:
    """An update without custom fields keeps them."""
    record = written(made, kind, new(kind), **values_of(firm, kind))
    current = written(made, kind, record, Notes="changed")
    assert (custom(current), current["Notes"]) == (custom(record), "changed")


@claim("write.custom-fields-elsewhere", "write.wrong-type-refused")
@OF_EACH_KIND
def test_custom_field_of_another_type_is_refused(made: Made, firm: Firm, new: NewRecord, kind: Kind) -> None:
    """An array is not a valid value of any custom field. The other members of the record are not written either."""
    values, record = values_of(firm, kind), new(kind)
    for name in values:
        refused(made, kind, short(kind, record, Notes="changed", **{name: ["x"]}), record)


@claim("write.custom-fields-elsewhere", "project.unknown-custom-field")
@OF_EACH_KIND
def test_unknown_custom_field_is_refused(made: Made, new: NewRecord, kind: Kind) -> None:
    """A CF_ member that names no custom field of the kind is refused."""
    record = new(kind)
    refused(made, kind, short(kind, record, Notes="changed", CF_NoSuchFieldOfTheSuite="x"), record)


@claim("write.custom-fields-elsewhere", "write.custom-choice-by-value")
def test_drop_down_accepts_a_bare_value(made: Made, firm: Firm, new: NewRecord) -> None:
    """A drop-down custom field of any kind of record accepts a value without the object."""
    choices = [
        (kind, name, value)
        for kind in KINDS
        for name, value in set_values(firm, kind).items()
        if isinstance(value, dict)
    ]
    for kind, name, choice in choices or lacking("drop-down custom field outside projects"):
        assert written(made, kind, new(kind), **{name: choice["Value"]})[name] == choice


@claim("write.custom-fields-elsewhere", "write.baseline-may-omit")
@OF_EACH_KIND
def test_baseline_may_omit_custom_fields(made: Made, firm: Firm, new: NewRecord, kind: Kind) -> None:
    """A baseline need not have the custom fields of the record."""
    record = written(made, kind, new(kind), **values_of(firm, kind))
    baseline = {name: value for name, value in record.items() if name not in custom(record)}
    success(made.update(kind, [short(kind, record, Notes="changed")], [baseline]))
    current = made.read(kind, record[kind.key])
    assert current is not None
    assert custom(current) == custom(record)


@claim("write.custom-fields-elsewhere", "write.baseline-differs")
@OF_EACH_KIND
def test_baseline_must_have_the_stored_custom_fields(made: Made, firm: Firm, new: NewRecord, kind: Kind) -> None:
    """A baseline with a custom field that is not the stored one is refused."""
    record = new(kind)
    for name, value in values_of(firm, kind).items():
        refusal(made.update(kind, [short(kind, record, Notes="changed")], [record | {name: value}]))
    assert made.read(kind, record[kind.key]) == record
