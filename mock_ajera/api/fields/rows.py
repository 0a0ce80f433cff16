"""Nested objects and rows: replaced as a whole, merged by key, or read-only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from marshmallow import ValidationError, missing

from mock_ajera.api.apply import apply_row, row_differences
from mock_ajera.api.context import Examples, View, WriteContext
from mock_ajera.api.fields.values import json_type
from mock_ajera.api.loading import reasons
from mock_ajera.api.member import Body, FileContext, Member
from mock_ajera.api.reasons import differs, fault, within
from mock_ajera.api.records import Row
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import relies_on

RowType = type[Row] | Callable[[], type[Row]]


class _Nesting(Member):
    """A member with rows of another schema.

    ``row``: the row type, or a function that returns it, for a type that nests itself.
    """

    nests = True
    notes_equal = True

    def __init__(self, row: RowType, **options: Any) -> None:
        super().__init__(**options)
        self._row = row

    @cached_property
    def row(self) -> Row:
        """The schema of the rows."""
        row_type: type[Row] = self._row if isinstance(self._row, type) else self._row()
        if type(self.parent) is row_type:
            # A type that nests itself must not create a second schema.
            return self.parent
        return row_type()

    @property
    def nested(self) -> Row | None:
        return self.row

    def lookups(self) -> Iterator[tuple[str, str]]:
        if self.row is not self.parent:
            yield from self.row.lookups()

    def limits(self) -> Any:
        if self.row is self.parent:
            return []
        return {name: member.limits() for name, member in self.row.members.items() if member.stored}


class Object(_Nesting):
    """A nested object that is changed member by member. Absent members are kept."""

    type_name = "object, of which absent members are kept"

    def __init__(self, row: RowType, **options: Any) -> None:
        super().__init__(row, **options)
        self.default = {}

    def known(self, value: Any) -> Any:
        return self.row.known(value)

    def read(self, value: Any) -> Any:
        return self.deserialize(value) if value is None else self.row.read(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Body:
        if not isinstance(value, Mapping):
            raise fault("type", f"an object is expected, found {json_type(value)}")
        loaded: Body = self.row.load(value)
        return loaded

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        before = None if stored is missing or not stored else stored
        if sent is missing and self.must_be_sent(new):
            context.refuse(at, "required", "required", self.claim)
        if sent is missing or sent is None:
            return before or self._empty
        return apply_row(self.row, sent, before, at, context)

    def differences(self, stored: Any, sent: Any, at: str, context: WriteContext) -> Iterator[Reason]:
        yield from row_differences(self.row, {} if stored is missing else stored, sent or {}, at, context)

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        out[self.wire] = self.row.emit(value or self._empty, view, stamp)

    @cached_property
    def _empty(self) -> Body:
        return self.row.blank()

    def export(self, body: Body, out: dict[str, Any], *, defaults: bool) -> None:
        value = body.get(self.name) or {}
        if value or defaults:
            out[self.wire] = self.row.export(value, defaults=defaults)

    def seeded(self, value: Any, context: FileContext) -> Any:
        return self.row.seeded(value, context)

    def rows(self, value: Any) -> Iterable[tuple[str, Row, Any]]:
        return (("", self.row, value),)

    def map_rows(self, value: Any, change: Callable[[Row, Any], Any]) -> Any:
        return change(self.row, value)


class Rows(_Nesting):
    """Nested rows without keys, replaced as a whole.

    ``empty``: claim that a list without rows is printed as it is. ``replaced``: claim that the sent rows replace all.
    ``order``: claim that the rows are in the order in which they were created.
    """

    def __init__(
        self,
        row: RowType,
        *,
        at_most: int | None = None,
        empty: str = "",
        replaced: str = "",
        order: str = "",
        **options: Any,
    ) -> None:
        super().__init__(row, **options)
        self.default = []
        self.at_most = at_most
        self.empty, self.replaced, self.order = empty, replaced, order

    @property
    def type_name(self) -> str:
        rows = "objects" if self.at_most is None else f"at most {self.at_most} objects"
        return f"list of {rows}, replaced as a whole"

    def known(self, value: Any) -> Any:
        return [self.row.known(row) for row in value] if isinstance(value, list) else value

    def read(self, value: Any) -> Any:
        return [self.row.read_nested(row) for row in value] if isinstance(value, list) else self.deserialize(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Body]:
        return _loaded(self.row, value)

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        before = self.default if stored is missing else stored
        sent = self.accepted(sent, at, context)
        if sent is missing:
            if self.must_be_sent(new):
                context.refuse(at, "required", "required, but may be empty", self.claim)
            return before
        if sent is None and self.required_on is not None:
            context.refuse(at, "null", "null is not allowed", "write.null-for-required-refused")
            return before
        if sent is None:
            return []
        if self.at_most is not None and len(sent) > self.at_most:
            context.refuse(at, "at-most", f"{len(sent)} rows, at most {self.at_most}", self.claim)
        if self.replaced and before:
            relies_on(self.replaced)
        return [apply_row(self.row, row, None, f"{at}[{i}]", context) for i, row in enumerate(sent)]

    def differences(self, stored: Any, sent: Any, at: str, context: WriteContext) -> Iterator[Reason]:
        before = [] if stored is missing else stored
        if len(before) != len(sent or []):
            yield differs(at)
            return
        for i, (stored_row, row) in enumerate(zip(before, sent or [], strict=True)):
            yield from row_differences(self.row, stored_row, row, f"{at}[{i}]", context)

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        if self.order and len(value) > 1:
            relies_on(self.order)
        if self.empty and not value:
            relies_on(self.empty)
        out[self.wire] = [self.row.emit(row, view, stamp) for row in value]

    def export(self, body: Body, out: dict[str, Any], *, defaults: bool) -> None:
        value = body.get(self.name, self.default)
        if value or defaults:
            out[self.wire] = [self.row.export(row, defaults=defaults) for row in value]

    def seeded(self, value: Any, context: FileContext) -> Any:
        return [self.row.seeded(row, context) for row in value]

    def from_stored(self, value: Any) -> Any:
        if not isinstance(value, list):
            raise fault("stored", "a list is expected")
        return value

    def rows(self, value: Any) -> Iterable[tuple[str, Row, Any]]:
        return ((f"[{i}]", self.row, row) for i, row in enumerate(value)) if isinstance(value, list) else ()

    def map_rows(self, value: Any, change: Callable[[Row, Any], Any]) -> Any:
        return [change(self.row, row) for row in value] if isinstance(value, list) else value


class RowClaims(NamedTuple):
    """The claims that rows merged by key rely on; "" for one that does not apply."""

    foreign: str = "write.unknown-key"
    """The key of another record's row is refused."""
    kept: str = "project.absent-children-kept"
    """Absent rows are kept."""
    sent: str = ""
    """Sent rows are merged."""
    added: str = ""
    """A new row is created in an existing record."""


class KeyedRows(Rows):
    """Nested rows that are merged by key. Absent rows are kept.

    ``by``: the member that identifies a row, by default its key. A row is new if its key is negative, if its flag
    ``new`` is set and it has no key, or if ``by`` is a reference that no stored row has.
    ``omit``: claim that a list without rows is not printed; "" prints it.
    """

    def __init__(
        self,
        row: RowType,
        *,
        by: str = "",
        new: str = "",
        at_least: int = 0,
        omit: str = "",
        claims: RowClaims | None = None,
        **options: Any,
    ) -> None:
        super().__init__(row, **options)
        self._by, self.new = by, new
        self.at_least, self.omit, self.claims = at_least, omit, claims or RowClaims()

    @property
    def type_name(self) -> str:
        return f"list of objects, merged by {self.key.wire}; absent ones are kept"

    def example(self, firm: Examples) -> Any:
        return [self.row.example(firm)]

    @cached_property
    def key(self) -> Member:
        """The member that identifies a row."""
        members = self.row.members
        return members[self._by] if self._by else next(each for each in members.values() if each.part == "key")

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        before = [] if stored is missing else stored
        if sent is missing:
            if self.must_be_sent(new):
                context.refuse(at, "required", f"required, at least {self.at_least}", self.claim)
            return before
        if len(sent or []) < self.at_least:
            context.refuse(at, "at-least", f"{len(sent or [])} rows, at least {self.at_least}", self.claim)
        rows = {row[self.key.name]: row for row in before}
        seen: set[int | None] = set()
        for i, row in enumerate(sent or []):
            path = f"{at}[{i}]"
            key = self._key_of(row, i)
            at_key = within(path, self.key.wire)
            if key is not None and key in seen:
                context.refuse(at_key, "repeated-key", f"{key} is already in this list", "write.record-once")
            seen.add(key)
            if key is None:
                context.refuse(at_key, "required", "required in every write", "write.key-required")
            elif context.seeding and key == row.get(self.key.name) and key < 1:
                context.refuse(at_key, "key", "a positive whole number is expected", "write.key-required")
            elif key in rows and key > 0:
                rows[key] = apply_row(self.row, row, rows[key], path, context)
            elif key < 0 or self._by or (new and context.seeding):
                rows[key] = apply_row(self.row, {**row, self.key.name: key}, None, path, context)
            else:
                context.refuse(at_key, "unknown-key", f"this record has no row with the key {key}", self.claims.foreign)
        self._note({row[self.key.name] for row in before}, seen, existing=stored is not missing)
        return list(rows.values())

    def _note(self, before: set[int | None], sent: set[int | None], *, existing: bool) -> None:
        """Note the claims of a write, by the keys of the stored rows and of the sent ones."""
        if sent and self.claims.sent:
            relies_on(self.claims.sent)
        if existing and self.claims.added and not sent <= before:
            relies_on(self.claims.added)
        if not before <= sent:
            relies_on(self.claims.kept)

    def _key_of(self, row: Mapping[str, Any], index: int) -> int | None:
        """Return the identity of a sent row; a negative number for a row that is new by its flag."""
        key: int | None = row.get(self.key.name)
        if key is None and self.new and row.get(self.new):
            return -1 - index
        return key

    def differences(self, stored: Any, sent: Any, at: str, context: WriteContext) -> Iterator[Reason]:
        rows = {row[self.key.name]: row for row in ([] if stored is missing else stored)}
        for i, row in enumerate(sent or []):
            path = f"{at}[{i}]"
            stored_row = rows.get(row.get(self.key.name))
            if stored_row is None:
                yield differs(within(path, self.key.wire))
            else:
                yield from row_differences(self.row, stored_row, row, path, context)

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        if value or not self.omit:
            super().put(value, out, view, stamp)
        else:
            relies_on(self.omit)

    def export(self, body: Body, out: dict[str, Any], *, defaults: bool) -> None:
        # A file must not have an empty list if at least one row is required.
        if body.get(self.name) or not self.at_least:
            super().export(body, out, defaults=defaults)


class _Unparsed(list[Any]):
    """Rows of a request that are not parsed."""


class ReadOnlyRows(KeyedRows):
    """Nested rows that a write may send but not change.

    They are set when a firm is loaded, and by the writes of a record with ``all_rows``.
    """

    type_name = "list of objects, which only a method for resources writes"

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        if value is None:
            return missing
        return _Unparsed(value) if isinstance(value, list) else value

    def read(self, value: Any) -> Any:
        if self.known(value) != value:
            raise fault("unknown-member", "a row has a member that does not exist")
        return self.deserialize(value)

    def rows(self, value: Any) -> Iterable[tuple[str, Row, Any]]:
        return () if isinstance(value, _Unparsed) else super().rows(value)

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        before = [] if stored is missing else stored
        if not (context.seeding or context.all_rows):
            relies_on("project.resources-not-written")
            return before
        if sent is missing:
            return before
        try:
            rows = super().deserialize(list(sent) if isinstance(sent, _Unparsed) else sent)
        except ValidationError as error:
            context.invalid += reasons(error.messages, at, self.row.unreadable)
            return before
        return super().apply(rows, stored, new, at, context)

    def differences(self, stored: Any, sent: Any, at: str, context: WriteContext) -> Iterator[Reason]:
        yield from ()


def _loaded(schema: Row, value: Any) -> list[Body]:
    """Load nested rows one by one, so that faults have indexes and the valid rows remain usable."""
    if not isinstance(value, list):
        raise fault("type", f"a list is expected, found {json_type(value)}")
    rows: list[Body] = []
    errors: dict[int, Any] = {}
    for i, raw in enumerate(value):
        try:
            rows.append(schema.load(raw))
        except ValidationError as error:
            errors[i] = error.messages
            rows.append(error.valid_data if isinstance(error.valid_data, dict) else {})
    if errors:
        raise ValidationError(errors, valid_data=rows)
    return rows
