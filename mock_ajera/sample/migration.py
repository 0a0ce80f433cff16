"""Migrate a store that an older mock-ajera has written, or refuse it.

A store has a note with the form of its records, a digest of their declarations. If the note matches today's form,
there is nothing to do. Otherwise, every record is visited once. An absent member gets its default. An unknown member,
or a value that its member cannot store, refuses the store. Both follow from the declarations: a new member needs no
code here.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec
from marshmallow import ValidationError

from mock_ajera import codec
from mock_ajera.api.families import RECORDS
from mock_ajera.api.loading import reasons
from mock_ajera.api.member import Body, Member
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record, Row
from mock_ajera.sample.files import numbers_in
from mock_ajera.sample.firm_file import CUSTOMIZABLE
from mock_ajera.store import Row as StoredRow
from mock_ajera.store import Store, StoreUnreadable
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.firm import CustomField, Firm
from mock_ajera.tenants.quirks import QUIRKS
from mock_ajera.tenants.sessions import Session
from mock_ajera.tenants.users import ApiUser
from mock_ajera.version import __version__

KEPT = "kept"
"""Area of the notes about the program that wrote a store."""
FORM, WRITER = "form", "writer"
_NOTES: Mapping[str, frozenset[str] | None] = {
    KEPT: frozenset({FORM, WRITER}),
    "quirk": None,
    "session": None,
    "tenant": frozenset({"firm", "clock"}),
    "user": None,
}
"""The known areas of notes, with the names of their notes if these are fixed."""


class MigrationError(Exception):
    """A store has a value that today's declarations do not allow."""

    def __init__(self, at: str, text: str) -> None:
        super().__init__(f"{at}: {text}")


def stamp_schema(store: Store) -> None:
    """Note the form of the records and the version of this program. Requires an open transaction."""
    for name, value in ((FORM, form()), (WRITER, __version__)):
        if store.note(KEPT, name) != value:
            store.set_note(KEPT, name, value)


def migrate(store: Store) -> None:
    """Migrate a store to today's form. Raises ``StoreUnreadable`` if that is not possible; the store is then unchanged.

    Unknown quirks and values of quirks are dropped with a line on stderr. They are not part of the books and can be set
    again.
    """
    try:
        with store.transaction():
            _check_notes(store)
            dropped = _drop_quirks(store)
            if store.note(KEPT, FORM) != form():
                _migrate_records(store)
            stamp_schema(store)
    except MigrationError as error:
        version = store.note(KEPT, WRITER)
        writer = "an older mock-ajera" if version is None else f"mock-ajera {version}"
        raise StoreUnreadable(
            f"{store.name}: {error}. The file was written by {writer}, this is mock-ajera {__version__}."
        ) from None
    for quirk in dropped:
        print(f"mock-ajera: {store.name}: {quirk} and is dropped", file=sys.stderr)


# The form


@cache
def form() -> str:
    """Return a digest of the form of stored records."""
    forms = {
        kind: [[path, member.name, member.limits()] for path, member in record.stored_members()]
        for kind, record in RECORDS.items()
    }
    return hashlib.sha256(json.dumps(forms).encode()).hexdigest()


# Records


def _migrate_records(store: Store) -> None:
    """Migrate every record to today's form. Records that already have it are not written."""
    highest: dict[str, int] = {}
    for row in store.rows():
        label = f"{row.kind} {row.key}"
        record = RECORDS.get(row.kind)
        if record is None:
            raise MigrationError(label, f"there is no record kind {row.kind}")
        try:
            tree = _row(record, _tree(record, row), "")
            _check_key(record, tree, row.key)
        except MigrationError as error:
            raise MigrationError(label, str(error)) from None
        body = codec.encode(record.flatten(tree)).decode()
        if body != row.body:
            store.put(row.kind, row.key, row.stamp, body)
        for sequence, number in numbers_in(record, tree):
            highest[sequence] = max(highest.get(sequence, 0), number)
    for sequence, number in highest.items():
        store.raise_number(sequence, number)


def _check_key(record: Record, tree: Body, key: int) -> None:
    if tree[record.key.name] != key:
        raise MigrationError(record.key.name, f"stored under another key, {key}")


def _tree(record: Record, row: StoredRow) -> Body:
    """Return the tree of a stored record."""
    try:
        body = codec.decode_stored(row.body)
    except msgspec.MsgspecError as error:
        raise MigrationError("body", f"not valid JSON: {error}") from None
    if not isinstance(body, dict):
        raise MigrationError("body", "not an object")
    if record.key.name not in body:
        raise MigrationError(record.key.name, "missing")
    body = record.blank(**body)
    try:
        body = dict(record.from_older(body))
        tree = record.nest(body)
        complete = _lengths(record.flatten(tree)) == _lengths(body)
    except (AttributeError, KeyError, TypeError):
        complete = False
    if not complete:
        raise MigrationError("body", "inconsistent nested rows")
    return tree


def _lengths(body: Body) -> dict[str, int]:
    return {name: len(value) for name, value in body.items() if isinstance(value, list)}


def _row(schema: Row, row: Any, at: str) -> Body:
    """Return the row with exactly the declared members, each with a valid value."""
    if not isinstance(row, dict):
        raise MigrationError(at, "an object is expected")
    stored = {name: member for name, member in schema.members.items() if member.stored}
    migrated: Body = {}
    for name, member in stored.items():
        if name in row:
            migrated[name] = _value(member, row[name], within(at, name))
        elif member.part == "key":
            raise MigrationError(within(at, name), "missing")
        else:
            migrated[name] = member.default
    for name in row:
        if name not in migrated:
            raise MigrationError(within(at, name), "no such member")
    return migrated


def _value(member: Member, value: Any, at: str) -> Any:
    """Return the value as the member stores it today, with its nested rows migrated."""
    try:
        current = member.from_stored(value)
    except ValidationError as error:
        reason = reasons(error.messages, at, "")[0]
        text = reason.text.format(value=_shortened(value)) if reason.rule == "stored" else reason.text
        raise MigrationError(at, text) from None
    steps = iter(member.rows(current))
    return member.map_rows(current, lambda row, inner: _row(row, inner, at + next(steps)[0]))


def _shortened(value: Any) -> str:
    return f"{codec.encode(value).decode():.60}"


# Notes


def _check_notes(store: Store) -> None:
    """Require that every note can be read. An unreadable note is damaged or from a newer version."""
    for area in store.areas():
        known = _NOTES.get(area, frozenset())
        for name, text in store.notes(area).items():
            if known is not None and name not in known:
                raise MigrationError(f"the note {area}/{name}", "unknown")
            try:
                _read_note(area, name, text)
            except (AttributeError, KeyError, OverflowError, OSError, TypeError, ValueError) as error:
                raise MigrationError(f"the note {area}/{name}", f"cannot be read ({error})") from None


def _read_note(area: str, name: str, text: str) -> None:
    if (area, name) == ("tenant", "firm"):
        firm = Firm.from_text(text)
        _ = firm.zone
        for field in firm.custom_fields:
            if field.kind not in get_args(get_type_hints(CustomField)["kind"]):
                raise ValueError(f"there is no custom field kind {field.kind!r}")
            if unknown := set(field.on).difference(CUSTOMIZABLE):
                raise ValueError(f"there are no custom fields on {', '.join(sorted(unknown))}")
        msgspec.json.decode(text, type=Firm)
    elif (area, name) == ("tenant", "clock"):
        Clock.from_text(text)
    elif area == "user":
        ApiUser.from_text(text)
        msgspec.json.decode(text, type=ApiUser)
    elif area == "session":
        session = msgspec.convert(msgspec.structs.asdict(Session(name, **json.loads(text))), Session)
        _ = datetime.fromtimestamp(session.expires / 1000, UTC)


def _drop_quirks(store: Store) -> list[str]:
    """Drop quirks with unknown names or values, and return a text for each."""
    dropped = []
    for name, text in store.notes("quirk").items():
        try:
            QUIRKS.checked(name, json.loads(text))
        except ValueError:
            store.set_note("quirk", name, None)
            dropped.append(f"the quirk {name} = {text:.60} is unknown")
    return dropped
