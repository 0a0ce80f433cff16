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
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec
from marshmallow import ValidationError

from mock_ajera import codec
from mock_ajera.api.context import CustomField
from mock_ajera.api.families import RECORDS
from mock_ajera.api.loading import reasons
from mock_ajera.api.member import Body, Member
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record, Row
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
    """A stored value that today's declarations do not allow."""

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
    """Return a digest of the form of stored records."""
    forms = {
        kind: [[path, member.name, member.limits()] for path, member in record.stored_members()]
        for kind, record in RECORDS.items()
    }
    return hashlib.sha256(json.dumps(forms).encode()).hexdigest()


# Records


def _walk(store: Store) -> None:
    """Migrate every record to today's form; a record that has it is not written."""
    highest: dict[str, int] = {}
    for row in store.rows():
        where = f"{row.kind} {row.key}"
        record = RECORDS.get(row.kind)
        if record is None:
            raise MigrationError(where, f"there is no kind {row.kind} of record")
        try:
            tree = _row(record, _tree(record, row), "")
            if tree[record.key.name] != row.key:
                raise MigrationError(record.key.name, f"it is stored under another key, {row.key}")
        except MigrationError as error:
            raise MigrationError(where, str(error)) from None
        body = codec.encode(record.flatten(tree)).decode()
        if body != row.body:
            store.put(row.kind, row.key, row.stamp, body)
        for sequence, number in numbers_in(record, tree):
            highest[sequence] = max(highest.get(sequence, 0), number)
    for sequence, number in highest.items():
        store.raise_number(sequence, number)


def _tree(record: Record, row: StoredRow) -> Body:
    """Return a stored record as the tree of its declaration."""
    try:
        body = codec.decode_stored(row.body)
    except msgspec.MsgspecError as error:
        raise MigrationError("its body", f"it is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise MigrationError("its body", "it is not an object")
    if record.key.name not in body:
        raise MigrationError(record.key.name, "it is missing")
    body = {name: member.default for name, member in record.members.items() if member.stored} | body
    try:
        tree = record.nest(body)
        whole = _lengths(record.flatten(tree)) == _lengths(body)
    except (AttributeError, KeyError, TypeError):
        whole = False
    if not whole:
        raise MigrationError("its body", "inconsistent nested rows")
    return tree


def _lengths(body: Body) -> dict[str, int]:
    return {name: len(value) for name, value in body.items() if isinstance(value, list)}


def _row(schema: Row, row: Any, at: str) -> Body:
    """Return the row with exactly the declared members, each with a value that it can store."""
    if not isinstance(row, dict):
        raise MigrationError(at, "an object is expected")
    stored = {name: member for name, member in schema.members.items() if member.stored}
    found: Body = {}
    for name, member in stored.items():
        if name in row:
            found[name] = _value(member, row[name], within(at, name))
        elif member.part == "key":
            raise MigrationError(within(at, name), "it is missing")
        else:
            found[name] = member.default
    for name in row:
        if name not in found:
            raise MigrationError(within(at, name), "there is no such member")
    return found


def _value(member: Member, value: Any, at: str) -> Any:
    """Return the value as the member stores it: equal to what is stored, with its nested rows migrated."""
    try:
        held = member.from_stored(value)
    except ValidationError as error:
        reason = reasons(error.messages, at, "")[0]
        text = reason.text.format(value=_shown(value)) if reason.rule == "stored" else reason.text
        raise MigrationError(at, text) from None
    steps = iter(member.rows(held))
    return member.map_rows(held, lambda row, inner: _row(row, inner, at + next(steps)[0]))


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
