"""Nested rows: replaced as a whole, merged by key, or read only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from marshmallow import ValidationError, missing

from mock_ajera.api.fields.keys import Key
from mock_ajera.api.fields.values import kind_of
from mock_ajera.api.loading import reasons
from mock_ajera.api.records import (
    Body,
    Member,
    Row,
    View,
    WriteContext,
    apply_row,
    differs,
    fault,
    row_differences,
    within,
)
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import relies_on


class Rows(Member):
    """Nested rows without keys of their own, replaced as a whole."""

    def __init__(self, row: type[Row], *, at_most: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.default = []
        self.row = row()
        self.at_most = at_most

    def known(self, value: Any) -> Any:
        """The rows without members that do not exist in them."""
        return _known(self.row, value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Body]:
        return _rows(self.row, value)

    def apply(self, sent: Any, stored: Any, new: bool, at: str, writing: WriteContext) -> Any:
        before = self.default if stored is missing else stored
        if sent is missing:
            if self.must_be_sent(new):
                writing.refuse(at, "required", "required, may be empty", self.claim)
            return before
        if sent is None and self.need is not None:
            writing.refuse(at, "null", "null is not a value of this member", "write.null-for-required-refused")
            return before
        if sent is None:
            return []
        if self.at_most is not None and len(sent) > self.at_most:
            writing.refuse(at, "at-most", f"{len(sent)} rows, at most {self.at_most}", self.claim)
        return [apply_row(self.row, row, None, f"{at}[{i}]", writing) for i, row in enumerate(sent)]

    def differences(self, stored: Any, sent: Any, at: str, writing: WriteContext) -> Iterator[Reason]:
        before = [] if stored is missing else stored
        if len(before) != len(sent or []):
            yield differs(at)
            return
        for i, (row, twin) in enumerate(zip(before, sent or [], strict=True)):
            yield from row_differences(self.row, row, twin, f"{at}[{i}]", writing)

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        out[self.name] = [self.row.emit(row, view, stamp) for row in value]

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield from self.row.lookups()


class KeyedRows(Member):
    """Nested rows with keys of their own: merged by key, those not sent are kept.

    ``foreign``: claim that a row which does not stand under this record is refused.
    """

    def __init__(
        self,
        row: type[Row] | Callable[[], type[Row]],
        *,
        at_least: int = 0,
        omit: bool = False,
        foreign: str = "write.unknown-key",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.default = []
        self._row = row
        self.at_least, self.omit, self.foreign = at_least, omit, foreign

    @cached_property
    def row(self) -> Row:
        """The schema of the rows; a row type that nests itself is given as a function."""
        row_type: type[Row] = self._row if isinstance(self._row, type) else self._row()
        if type(self.parent) is row_type:
            # A type that nests itself is its own schema below: no second one.
            return self.parent
        return row_type()

    @cached_property
    def key(self) -> Key:
        """The key member of the rows."""
        return next(member for member in self.row.members.values() if isinstance(member, Key))

    def known(self, value: Any) -> Any:
        """The rows without members that do not exist in them."""
        return _known(self.row, value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Body]:
        return _rows(self.row, value)

    def apply(self, sent: Any, stored: Any, new: bool, at: str, writing: WriteContext) -> Any:
        before = [] if stored is missing else stored
        if sent is missing:
            if self.must_be_sent(new):
                writing.refuse(at, "required", f"required, at least {self.at_least}", self.claim)
            return before
        if len(sent or []) < self.at_least:
            writing.refuse(at, "at-least", f"{len(sent or [])} rows, at least {self.at_least}", self.claim)
        rows = {row[self.key.name]: row for row in before}
        seen: set[int | None] = set()
        for i, row in enumerate(sent or []):
            where = f"{at}[{i}]"
            key = row.get(self.key.name)
            if key is not None and key in seen:
                text = f"{key} stands in this list already"
                writing.refuse(within(where, self.key.name), "repeated-key", text, "write.record-once")
            seen.add(key)
            if key is None:
                writing.refuse(
                    within(where, self.key.name), "required", "required in every write", "write.key-required"
                )
            elif key < 0 or (new and writing.seeding):
                rows[key] = apply_row(self.row, row, None, where, writing)
            elif key in rows:
                rows[key] = apply_row(self.row, row, rows[key], where, writing)
            else:
                text = f"there is no {key} under this record"
                writing.refuse(within(where, self.key.name), "unknown-key", text, self.foreign)
        if not rows.keys() <= seen:
            relies_on("project.absent-children-kept")
        return list(rows.values())

    def differences(self, stored: Any, sent: Any, at: str, writing: WriteContext) -> Iterator[Reason]:
        rows = {row[self.key.name]: row for row in ([] if stored is missing else stored)}
        for i, row in enumerate(sent or []):
            where = f"{at}[{i}]"
            twin = rows.get(row.get(self.key.name))
            if twin is None:
                yield differs(within(where, self.key.name))
            else:
                yield from row_differences(self.row, twin, row, where, writing)

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        if value or not self.omit:
            out[self.name] = [self.row.emit(row, view, stamp) for row in value]

    def lookups(self) -> Iterator[tuple[str, str]]:
        if self.row is not self.parent:
            yield from self.row.lookups()


class ReadOnlyRows(KeyedRows):
    """Nested rows that are read only: what is written is taken and dropped unread, unless the firm is being set up."""

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        return missing if value is None else value

    def apply(self, sent: Any, stored: Any, new: bool, at: str, writing: WriteContext) -> Any:
        before = [] if stored is missing else stored
        if not writing.seeding:
            relies_on("project.resources-not-written")
            return before
        try:
            rows = super().deserialize(sent)
        except ValidationError as error:
            writing.invalid += reasons(error.messages, at, self.row.unreadable)
            return before
        return super().apply(rows, stored, new, at, writing)

    def differences(self, stored: Any, sent: Any, at: str, writing: WriteContext) -> Iterator[Reason]:
        yield from ()


def _known(schema: Row, value: Any) -> Any:
    return [schema.known(row) for row in value] if isinstance(value, list) else value


def _rows(schema: Row, value: Any) -> list[Body]:
    """Load nested rows one by one, so that a fault is found at its index and the good rows stay readable."""
    if not isinstance(value, list):
        raise fault("type", f"a list is expected, found {kind_of(value)}")
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
