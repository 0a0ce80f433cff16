"""The field vocabulary, named after what an accountant calls things: ``from mock_ajera.api import fields as f``.

A member's class says what it takes, how it is stored and how it is printed. Vendor members are called Text, Key and Date too:
that is why this module is used through its prefix.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any, ClassVar

from marshmallow import ValidationError, missing

from mock_ajera.api.records import (
    Body,
    Member,
    Reason,
    Row,
    View,
    Writing,
    differs,
    fault,
    row_differences,
    settle_row,
    within,
)
from mock_ajera.tenants import stamps

FIRST_DAY, LAST_DAY = "1900-01-01", "2079-06-06"
"""The range of SQL Server's smalldatetime; the page prints 2019 for the year of the last day."""


class Text(Member):
    """Text of at most ``max`` characters; null and unset are the empty string."""

    null = ""

    def __init__(self, *, max: int | None = None, **options: Any) -> None:  # noqa: A002 - the page's own word
        super().__init__(**options)
        self.max = max

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise fault("type", f"text is expected, found {_kind(value)}", "errors.invalid-data")
        if self.max is not None and len(value) > self.max:
            raise fault("max-length", f"{len(value)} characters, at most {self.max}", self.claim)
        return value


class Choice(Member):
    """One of a list of words, compared without regard to case and stored as listed."""

    nullable = False

    def __init__(self, *words: str, aliases: Mapping[str, str] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.words = words
        self._spelt = {word.casefold(): word for word in words} | {
            word.casefold(): target for word, target in (aliases or {}).items()
        }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise fault("type", f"text is expected, found {_kind(value)}", "errors.invalid-data")
        word = self._spelt.get(value.casefold())
        if word is None:
            raise fault("enum", f"{_short(value)} is none of {', '.join(self.words)}", self.claim)
        return word


class Flag(Member):
    """True or false; the words "true" and "false" are taken too."""

    nullable = False

    def __init__(self, *, default: bool = False, **options: Any) -> None:
        super().__init__(default=default, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.casefold() in ("true", "false"):
            return value.casefold() == "true"
        raise fault("type", f"true or false is expected, found {_kind(value)}", "errors.invalid-data")


class Whole(Member):
    """A whole number."""

    def __init__(self, *, at_least: int | None = None, at_most: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.at_least, self.at_most = at_least, at_most
        self.nullable = self.need is None

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        number = _whole(value)
        if (self.at_least is not None and number < self.at_least) or (
            self.at_most is not None and number > self.at_most
        ):
            raise fault("range", f"{number} is not between {self.at_least} and {self.at_most}", self.claim)
        return number


class Amount(Member):
    """A decimal of 19 digits, ``places`` of them behind the point; further digits are rounded half up."""

    nullable = False
    places: ClassVar[int]

    def __init__(self, **options: Any) -> None:
        self._unit = Decimal(1).scaleb(-self.places)
        self._limit = Decimal(10) ** (19 - self.places)
        super().__init__(default=Decimal(0).quantize(self._unit), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise fault("type", f"a number is expected, found {_kind(value)}", "errors.invalid-data")
        number = Decimal(value)
        if abs(number) < self._limit:
            number = number.quantize(self._unit, ROUND_HALF_UP)
        if abs(number) >= self._limit:
            raise fault("precision", f"more than 19 digits with {self.places} decimals", self.claim)
        return number if number else abs(number)


class Money(Amount):
    """decimal(19,2): money or hours."""

    places = 2


class Rate(Amount):
    """decimal(19,4): a rate or a percentage."""

    places = 4


class Day(Member):
    """A date without a time, as YYYY-MM-DD. A time behind it is cut off."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise fault("type", f"a date is expected, found {_kind(value)}", "errors.invalid-data")
        day, separator, _ = value.replace(" ", "T").partition("T")
        try:
            if separator:
                datetime.datetime.fromisoformat(value)
            if len(day) != len(FIRST_DAY):
                raise ValueError(day)
            day = datetime.date.fromisoformat(day).isoformat()
        except ValueError:
            raise fault("date", f"{_short(value)} is not a date (YYYY-MM-DD)", "value.date-format") from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise fault("date-bounds", f"{day} is not between {FIRST_DAY} and {LAST_DAY}", "project.date-bounds")
        return day


class Stamp(Member):
    """LastModifiedDate: the stamp of the record it stands in. Written, it must be the one that is stored."""

    stored = False
    part = "stamp"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str):
            raise fault("type", f"a stamp is expected, found {_kind(value)}", "errors.invalid-data")
        try:
            return stamps.parse(value)
        except ValueError as error:
            raise fault("stamp", str(error), "value.stamp-format") from None

    def settle(self, sent: Any, stored: Any, new: bool, at: str, writing: Writing) -> Any:
        if writing.seeding:
            return
        if sent is missing or sent is None:
            writing.refuse(at, "required", "required in every write", "write.stamp-required")
        elif not new and sent != writing.stamp:
            writing.conflicts.append(
                Reason(at, "stale-stamp", "the record was changed after it was read", "write.stale-stamp")
            )

    def differences(self, stored: Any, sent: Any, at: str, writing: Writing) -> Iterator[Reason]:
        if sent != writing.stamp:
            yield differs(at)

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        out[self.name] = stamps.render(stamp, view.zone)


class Key(Member):
    """The record's own key. Negative asks for creation."""

    part = "key"
    nullable = False

    def __init__(self, *, sequence: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._sequence = sequence

    @property
    def sequence(self) -> str:
        """Name of the row of numbers that new keys are taken from."""
        return self._sequence or self.name.removesuffix("Key")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        number = _whole(value)
        if number == 0:
            raise fault("key", "a key is positive, or negative to create", "write.negative-key-creates")
        return number

    def settle(self, sent: Any, stored: Any, new: bool, at: str, writing: Writing) -> Any:
        return sent


class Ref(Member):
    """The key of a record of another kind, which must exist. 0 means none where none is allowed."""

    def __init__(self, kind: str, *, none: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind
        self.nullable = none

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | None:
        return _reference(value, self.nullable)

    def check(self, value: Any, at: str, writing: Writing) -> None:
        _must_exist(self.kind, value, at, writing)

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield self.kind, ""


class Lookup(Member):
    """Filled from the record that another member refers to. On write it is taken and dropped."""

    stored = False

    def __init__(self, via: str, shows: str, *, blank: str | None = "", **options: Any) -> None:
        super().__init__(**options)
        self.via, self.shows, self.blank = via, shows, blank

    @cached_property
    def kind(self) -> str:
        """The kind of record that is looked into."""
        if self.parent is None:
            raise TypeError(f"{self.via} is looked up outside a schema")
        kind: str = getattr(self.parent.fields[self.via], "kind")  # noqa: B009 - any member that names a kind
        return kind

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return missing

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        return missing

    def settle(self, sent: Any, stored: Any, new: bool, at: str, writing: Writing) -> Any:
        return None

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        if self.shown is not None and self.shown in view.hidden:
            return
        summary = view.summary(self.kind, body.get(self.via))
        out[self.name] = self.blank if summary is None else summary[self.shows]

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield self.kind, self.shows


class Referrer(Lookup):
    """The record that holds this one in a list of its own: its key, or with ``shows`` a member of it. Read only."""

    def __init__(self, kind: str, many: str, own: str, *, shows: str | None = None) -> None:
        super().__init__(own, shows or "", blank=None)
        self.by = (kind, many)

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        key = view.referrer(body[self.via], self.by)
        if not self.shows:
            out[self.name] = key
        else:
            summary = view.summary(self.by[0], key)
            out[self.name] = None if summary is None else summary[self.shows]

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield self.by[0], self.shows


class Unset(Lookup):
    """Printed as null: there is nothing here that it could show. On write it is taken and dropped."""

    def __init__(self) -> None:
        super().__init__("", "", blank=None)

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        out[self.name] = None

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield from ()


class Link(Member):
    """Another record as an object: its key and some of its members. Stored as the key; what else is written is dropped.

    ``shows``: printed member -> (member of the other record, group it is printed with or None).
    ``omit``: leave the whole object out when there is none, instead of null.
    ``delete``: whether ``Delete: true`` inside takes the reference away.
    """

    def __init__(
        self,
        kind: str,
        key: str,
        shows: Mapping[str, tuple[str, str | None]],
        *,
        omit: bool = False,
        delete: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.kind, self.key, self.shows, self.omit, self.delete = kind, key, shows, omit, delete

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | None:
        if not isinstance(value, Mapping):
            raise fault("type", f"an object is expected, found {_kind(value)}", "errors.invalid-data")
        for name in value:
            if name != self.key and name not in self.shows and not (self.delete and name == "Delete"):
                raise ValidationError({name: ["Unknown field."]})
        try:
            if self.delete and value.get("Delete") is not None and _FLAG.deserialize(value["Delete"]):
                return None
        except ValidationError as error:
            raise ValidationError({"Delete": error.messages}) from None
        if self.key not in value and not self.delete:
            raise ValidationError({self.key: fault("required", "required", self.claim).messages})
        try:
            return _reference(value.get(self.key), none=True)
        except ValidationError as error:
            raise ValidationError({self.key: error.messages}) from None

    def check(self, value: Any, at: str, writing: Writing) -> None:
        _must_exist(self.kind, value, within(at, self.key), writing)

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        summary = view.summary(self.kind, value)
        if summary is None:
            if not self.omit:
                out[self.name] = None
            return
        shown = {name: summary[member] for name, (member, group) in self.shows.items() if group not in view.hidden}
        out[self.name] = {self.key: value, **shown}

    def lookups(self) -> Iterator[tuple[str, str]]:
        for member, _ in self.shows.values():
            yield self.kind, member


class Person(Link):
    """An employee in a role: {EmployeeKey, FirstName, MiddleName, LastName}. ``role`` is the flag that the employee needs."""

    def __init__(self, role: str | None = None, **options: Any) -> None:
        names = {name: (name, None) for name in ("FirstName", "MiddleName", "LastName")}
        super().__init__("Employee", "EmployeeKey", names, **options)
        self.role = role

    def check(self, value: Any, at: str, writing: Writing) -> None:
        if writing.seeding:
            return
        super().check(value, at, writing)
        employee = writing.view.summary("Employee", value)
        if self.role is None or employee is None:
            return
        where = within(at, self.key)
        if not employee[self.role]:
            writing.refuse(where, "role", f"employee {value} does not have {self.role}", "project.role-flag")
        if employee["Status"] != "Active":
            writing.refuse(where, "inactive", f"employee {value} is not active", "project.role-active")

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield from super().lookups()
        if self.role is not None:
            yield self.kind, self.role
            yield self.kind, "Status"


class Values(Member):
    """Nested rows without keys of their own, replaced as a whole."""

    def __init__(self, row: type[Row], *, at_most: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.default = []
        self.row = row()
        self.at_most = at_most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Body]:
        return _rows(self.row, value)

    def settle(self, sent: Any, stored: Any, new: bool, at: str, writing: Writing) -> Any:
        before = self.default if stored is missing else stored
        if sent is missing:
            if self.need == "write" or (new and self.need == "create"):
                writing.refuse(at, "required", "required, may be empty", self.claim)
            return before
        if sent is None:
            return []
        if self.at_most is not None and len(sent) > self.at_most:
            writing.refuse(at, "at-most", f"{len(sent)} rows, at most {self.at_most}", self.claim)
        return [settle_row(self.row, row, None, f"{at}[{i}]", writing) for i, row in enumerate(sent)]

    def differences(self, stored: Any, sent: Any, at: str, writing: Writing) -> Iterator[Reason]:
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


class Children(Member):
    """Nested rows with keys of their own: merged by key, those not sent are kept."""

    def __init__(
        self, row: type[Row] | Callable[[], type[Row]], *, at_least: int = 0, omit: bool = False, **options: Any
    ) -> None:
        super().__init__(**options)
        self.default = []
        self._row = row
        self.at_least = at_least
        self.omit = omit

    @cached_property
    def row(self) -> Row:
        """The schema of the rows; a row type that nests itself is given as a function."""
        if isinstance(self._row, type):
            return self._row()
        row_type = self._row()
        # A type that nests itself is its own schema below: no second one.
        return self.parent if isinstance(self.parent, row_type) else row_type()

    @cached_property
    def key(self) -> Key:
        """The key member of the rows."""
        return next(member for member in self.row.members.values() if isinstance(member, Key))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Body]:
        return _rows(self.row, value)

    def settle(self, sent: Any, stored: Any, new: bool, at: str, writing: Writing) -> Any:
        before = [] if stored is missing else stored
        if sent is missing:
            if self.need == "write" or (new and self.need == "create"):
                writing.refuse(at, "required", f"required, at least {self.at_least}", self.claim)
            return before
        if len(sent or []) < self.at_least:
            writing.refuse(at, "at-least", f"{len(sent or [])} rows, at least {self.at_least}", self.claim)
        rows = {row[self.key.name]: row for row in before}
        for i, row in enumerate(sent or []):
            where = f"{at}[{i}]"
            key = row.get(self.key.name)
            if key is None:
                writing.refuse(within(where, self.key.name), "required", "required in every write", "write.key-required")
            elif key < 0 or (new and writing.seeding):
                rows[key] = settle_row(self.row, row, None, where, writing)
            elif key in rows:
                rows[key] = settle_row(self.row, row, rows[key], where, writing)
            else:
                writing.refuse(
                    within(where, self.key.name), "unknown-key", f"there is no {key} under this record", "write.unknown-key"
                )
        return list(rows.values())

    def differences(self, stored: Any, sent: Any, at: str, writing: Writing) -> Iterator[Reason]:
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


class Fixed(Children):
    """Nested rows that are read only: what is written is taken and dropped."""

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        return missing if value is missing or value is None else _rows(self.row, value)

    def settle(self, sent: Any, stored: Any, new: bool, at: str, writing: Writing) -> Any:
        if writing.seeding:
            return super().settle(sent, stored, new, at, writing)
        return [] if stored is missing else stored

    def differences(self, stored: Any, sent: Any, at: str, writing: Writing) -> Iterator[Reason]:
        yield from ()


class Delete(Member):
    """The flag that asks for deletion. The change engine reads it; it is neither stored nor printed."""

    stored = False

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        return bool(_FLAG.deserialize(value))

    def settle(self, sent: Any, stored: Any, new: bool, at: str, writing: Writing) -> Any:
        return None

    def differences(self, stored: Any, sent: Any, at: str, writing: Writing) -> Iterator[Reason]:
        yield from ()

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        pass


def _rows(schema: Row, value: Any) -> list[Body]:
    """Load nested rows one by one, so that a fault is found at its index and the good rows stay readable."""
    if not isinstance(value, list):
        raise fault("type", f"a list is expected, found {_kind(value)}", "errors.invalid-data")
    rows: list[Body] = []
    errors: dict[int, Any] = {}
    for i, raw in enumerate(value):
        try:
            rows.append(schema.load(raw))
        except ValidationError as error:
            errors[i] = error.messages
            rows.append(error.valid_data if isinstance(error.valid_data, dict) else {})
    if errors:
        raise ValidationError(errors, valid_data=rows)  # type: ignore[arg-type]  # marshmallow stores what it is given
    return rows


def _must_exist(kind: str, key: Any, at: str, writing: Writing) -> None:
    if key is not None and not writing.seeding and writing.view.summary(kind, key) is None:
        writing.refuse(at, "reference", f"there is no {kind} {key}", "write.unknown-reference")


def _reference(value: Any, none: bool) -> int | None:
    if value is None:
        return None
    number = _whole(value)
    if number == 0 and none:
        return None
    if number <= 0:
        raise fault("reference", f"{number} cannot refer to an existing record", "write.negative-reference")
    return number


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise fault("type", f"a whole number is expected, found {_kind(value)}", "errors.invalid-data")
    if not -(2**31) <= value < 2**31:
        raise fault("range", "a whole number of 32 bits is expected", "errors.invalid-data")
    return value


def _kind(value: Any) -> str:
    """What JSON calls the type of a value."""
    names: dict[type, str] = {str: "text", bool: "true or false", int: "a number", Decimal: "a decimal number"}
    names |= {list: "a list", dict: "an object", type(None): "null"}
    return names.get(type(value), type(value).__name__)


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")


_FLAG = Flag()
