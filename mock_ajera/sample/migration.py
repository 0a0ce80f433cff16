"""A firm that an older mock-ajera kept in a file, brought into today's form; or refused, never misread.

A store has a note of the form of its records, a digest of what is declared of them today. Where the note is the same
there is nothing to do. Where it is another or none, every record is walked over once: a member that is declared and
missing gets its default, and what has no place any more, or a value that its member cannot hold, is told and refused.
Both follow from the declarations: a member that is new tomorrow needs no further code here.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec
from marshmallow import ValidationError

from mock_ajera import codec
from mock_ajera.api import fields as f
from mock_ajera.api.custom_fields import CustomFields
from mock_ajera.api.families import RECORDS
from mock_ajera.api.loading import reasons
from mock_ajera.api.records import Body, CustomField, Member, Record, Row, within
from mock_ajera.sample.files import numbers_in
from mock_ajera.store import Row as StoredRow
from mock_ajera.store import Store, StoreUnreadable
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.firm import Firm
from mock_ajera.tenants.quirks import QUIRKS
from mock_ajera.tenants.sessions import Session
from mock_ajera.tenants.users import ApiUser
from mock_ajera.version import __version__

KEPT = "kept"
"""Area of the notes that say what a store was kept by."""
FORM, WRITER = "form", "writer"
_NOTES: Mapping[str, frozenset[str] | None] = {
    KEPT: frozenset({FORM, WRITER}),
    "quirk": None,
    "session": None,
    "tenant": frozenset({"firm", "clock"}),
    "user": None,
}
"""The areas of notes that there are, with their names where these are fixed."""


class MigrationError(Exception):
    """Something that is kept and has no place in today's form."""

    def __init__(self, at: str, text: str) -> None:
        super().__init__(f"{at}: {text}")


def stamp_schema(store: Store) -> None:
    """Note the form of the records and the version of this program; in a transaction."""
    for name, value in ((FORM, form()), (WRITER, __version__)):
        if store.note(KEPT, name) != value:
            store.set_note(KEPT, name, value)


def migrate(store: Store) -> None:
    """Bring what a store holds into today's form. Raises ``StoreUnreadable``, and leaves the store as it was then.

    Quirks that are not known, or not with their value, are dropped with a line on stderr: they are no part of the
    books, and a profile and --quirk set them anew.
    """
    try:
        with store.transaction():
            _check_notes(store)
            dropped = _drop_quirks(store)
            if store.note(KEPT, FORM) != form():
                _walk(store)
            stamp_schema(store)
    except MigrationError as misfit:
        wrote = store.note(KEPT, WRITER)
        by = "an older mock-ajera" if wrote is None else f"mock-ajera {wrote}"
        raise StoreUnreadable(
            f"{store.name}: {misfit}. The file was written by {by}, this is mock-ajera {__version__}."
        ) from None
    for quirk in dropped:
        print(f"mock-ajera: {store.name}: {quirk}; it is left out", file=sys.stderr)


# The form


@cache
def form() -> str:
    """A digest of the form that stored records have."""
    forms = {kind: record.close(_shape(record)) for kind, record in RECORDS.items()}
    return hashlib.sha256(json.dumps(forms).encode()).hexdigest()


def _shape(schema: Row) -> Body:
    """A row with what is declared of each member in the place of its value, and one row in each list."""
    return {
        name: ([] if member.row is schema else [_shape(member.row)])
        if isinstance(member, f.KeyedRows | f.Rows)
        else _declared(member)
        for name, member in _stored(schema)
    }


_LIMITS = ("kind", "sequence", "max", "words", "at_least", "at_most", "places", "nullable")
"""What members are declared with that decides what they can hold."""


def _declared(member: Member) -> str:
    limits = {name: getattr(member, name) for name in _LIMITS if hasattr(member, name)}
    return f"{type(member).__name__} {json.dumps(limits)}"


def _stored(schema: Row) -> Iterator[tuple[str, Member]]:
    return ((name, member) for name, member in schema.members.items() if member.stored)


# Records


def _walk(store: Store) -> None:
    """Bring every record into today's form; a record that has it is not written."""
    highest: dict[str, int] = {}
    for row in store.rows():
        where = f"{row.kind} {row.key}"
        record = RECORDS.get(row.kind)
        if record is None:
            raise MigrationError(where, f"there is no kind {row.kind} of record")
        try:
            tree = _row(record, _tree(record, row), "")
            if tree[record.key] != row.key:
                raise MigrationError(record.key, f"it is kept under another key, {row.key}")
        except MigrationError as misfit:
            raise MigrationError(where, str(misfit)) from None
        body = codec.encode(record.close(tree)).decode()
        if body != row.body:
            store.put(row.kind, row.key, row.stamp, body)
        for sequence, number in numbers_in(record, tree):
            highest[sequence] = max(highest.get(sequence, 0), number)
    for sequence, number in highest.items():
        store.raise_number(sequence, number)


def _tree(record: Record, row: StoredRow) -> Body:
    """What is stored of a record, as the tree that its members are declared of."""
    try:
        body = codec.decode_stored(row.body)
    except msgspec.MsgspecError as error:
        raise MigrationError("its body", f"it is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise MigrationError("its body", "it is not an object")
    if record.key not in body:
        raise MigrationError(record.key, "it is missing")
    body = {name: member.default for name, member in _stored(record)} | body
    try:
        tree = record.open(body)
        whole = _lengths(record.close(tree)) == _lengths(body)
    except (AttributeError, KeyError, TypeError):
        whole = False
    if not whole:
        raise MigrationError("its body", "its rows do not hang together")
    return tree


def _lengths(body: Body) -> dict[str, int]:
    return {name: len(value) for name, value in body.items() if isinstance(value, list)}


def _row(schema: Row, row: Any, at: str) -> Body:
    """The row with the members that are declared, each of them with a value that it can hold."""
    if not isinstance(row, dict):
        raise MigrationError(at, "an object is expected")
    found: Body = {}
    for name, member in _stored(schema):
        where = within(at, name)
        if name in row:
            found[name] = _value(member, row[name], where)
        elif isinstance(member, f.Key):
            raise MigrationError(where, "it is missing")
        else:
            found[name] = member.default
    for name in row:
        if name not in found:
            raise MigrationError(within(at, name), "there is no such member")
    return found


def _value(member: Member, value: Any, at: str) -> Any:
    """The value as the member holds it: equal to what is kept."""
    if isinstance(member, f.Key):
        if type(value) is not int or value <= 0:
            raise MigrationError(at, f"a key is expected, found {_shown(value)}")
    elif type(value) is type(member.default) and value == member.default:
        # Most of a firm is defaults: they are known without being read.
        return member.default
    if isinstance(member, f.KeyedRows | f.Rows):
        if not isinstance(value, list):
            raise MigrationError(at, "a list is expected")
        return [_row(member.row, item, f"{at}[{i}]") for i, item in enumerate(value)]
    if isinstance(member, CustomFields):
        # Which there are is the firm's own affair, and kept with it.
        if not isinstance(value, dict) or not all(isinstance(item, str | bool | Decimal) for item in value.values()):
            raise MigrationError(at, "an object of custom fields is expected")
        return value
    if value is None and member.null is None and member.nullable:
        return None
    sent = {member.key: value} if isinstance(member, f.Embedded) else value
    try:
        held = member.deserialize(sent)
    except ValidationError as error:
        raise MigrationError(at, reasons(error.messages, at, "")[0].text) from None
    if held != value or held is None:
        raise MigrationError(at, f"it cannot hold {_shown(value)}")
    return held


def _shown(value: Any) -> str:
    return f"{codec.encode(value).decode():.60}"


# Notes


def _check_notes(store: Store) -> None:
    """Whether every note can be read. One that cannot is of a newer version, or spoilt."""
    for area in store.areas():
        known = _NOTES.get(area, frozenset())
        for name, text in store.notes(area).items():
            if known is not None and name not in known:
                raise MigrationError(f"the note {area}/{name}", "it is not known")
            try:
                _read_note(area, name, text)
            except (KeyError, TypeError, ValueError) as error:
                raise MigrationError(f"the note {area}/{name}", f"it cannot be read ({error})") from None


def _read_note(area: str, name: str, text: str) -> None:
    if (area, name) == ("tenant", "firm"):
        firm = Firm.from_text(text)
        _ = firm.zone
        for definition in firm.custom_fields:
            if CustomField(**definition).kind not in get_args(get_type_hints(CustomField)["kind"]):
                raise ValueError(f"there is no kind {definition['kind']!r} of custom field")
    elif (area, name) == ("tenant", "clock"):
        Clock.from_text(text)
    elif area == "user":
        ApiUser.from_text(text)
    elif area == "session":
        Session(name, **json.loads(text))


def _drop_quirks(store: Store) -> list[str]:
    """Take the quirks out that this program does not know, or not with their value; what is said of each of them."""
    dropped = []
    for name, text in store.notes("quirk").items():
        try:
            QUIRKS.checked(name, json.loads(text))
        except ValueError:
            store.set_note("quirk", name, None)
            dropped.append(f"the quirk {name} = {text:.60} is not known")
    return dropped
