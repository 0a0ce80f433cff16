"""Members that name other records, and those that are filled from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from marshmallow import ValidationError, missing

from mock_ajera.api.fields.values import flag, kind_of, whole
from mock_ajera.api.records import Body, Member, Schema, View, WriteContext, fault, within
from mock_ajera.tenants.trace import relies_on


class Ref(Member):
    """The key of a record of another kind, which must exist. 0 means none where none is allowed."""

    def __init__(self, kind: str, *, none: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind
        self.nullable = none

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | None:
        number = _reference(value)
        if number is None and not self.nullable:
            raise fault("reference", f"0 is no {self.kind}, and one is needed", self.claim)
        return number

    def check(self, value: Any, at: str, writing: WriteContext) -> None:
        _must_exist(self.kind, value, at, writing)

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield self.kind, ""


class Lookup(Member):
    """Filled from the record that another member refers to. On write it is taken and dropped."""

    stored = False

    def __init__(self, via: str, shows: str, *, blank: str | bool | None = "", **options: Any) -> None:
        super().__init__(**options)
        self.via, self.shows, self.blank = via, shows, blank

    @cached_property
    def kind(self) -> str:
        """The kind of record that is looked into."""
        via = self.parent.members[self.via] if isinstance(self.parent, Schema) else None
        if not isinstance(via, Ref):
            raise TypeError(f"{self.name}: {self.via} is no reference beside it")
        return via.kind

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return missing

    def apply(self, sent: Any, stored: Any, new: bool, at: str, writing: WriteContext) -> Any:
        return None

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        if self.shown is not None and self.shown in view.hidden:
            return
        summary = view.summary(self.kind, body.get(self.via))
        out[self.name] = self.blank if summary is None else summary[self.shows]

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield self.kind, self.shows


class ReverseRef(Lookup):
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


class AlwaysNull(Lookup):
    """Printed as null, or as ``empty``: there is nothing here that it could show. On write it is taken and dropped."""

    def __init__(self, *, empty: list[Any] | None = None) -> None:
        super().__init__("", "", blank=None)
        self.empty = empty

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        out[self.name] = self.empty

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield from ()


class Alias(Lookup):
    """Another member of the row under a second name. Read only."""

    def __init__(self, member: str, **options: Any) -> None:
        super().__init__(member, "", **options)

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        if self.shown in view.hidden:
            return
        out[self.name] = out[self.via]

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield from ()


class Embedded(Member):
    """Another record as an object: its key and some of its members. Stored as the key; what else is written is
    dropped.

    ``shows``: printed member -> (member of the other record, group it is printed with or None).
    ``omit``: leave the whole object out when there is none, instead of null.
    ``delete``: whether ``Delete: true`` inside takes the reference away; what else is inside is then not looked at.
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

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, Mapping):
            raise fault("type", f"an object is expected, found {kind_of(value)}")
        try:
            if self.delete and value.get("Delete") is not None and flag(value["Delete"]):
                return None
        except ValidationError as error:
            raise ValidationError({"Delete": error.messages}) from None
        if unknown := [name for name in value if name not in self._names]:
            raise ValidationError({name: ["Unknown field."] for name in unknown})
        if self.key not in value and self.delete:
            relies_on("project.role-without-key-kept")
            return missing
        try:
            if value.get(self.key) is None and not self.delete:
                raise fault("required", "required in every write", self.claim)
            number = _reference(value[self.key])
            if number is None and self.need is not None:
                raise fault("reference", f"0 is no {self.kind}, and one is needed", self.claim)
        except ValidationError as error:
            raise ValidationError({self.key: error.messages}) from None
        return number

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset((self.key, *self.shows, *(["Delete"] if self.delete else ())))

    def known(self, value: Any) -> Any:
        """The object without members that do not exist in it."""
        if not isinstance(value, Mapping):
            return value
        return {name: item for name, item in value.items() if name in self._names}

    def check(self, value: Any, at: str, writing: WriteContext) -> None:
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


class Person(Embedded):
    """An employee in a role: {EmployeeKey, FirstName, MiddleName, LastName}.

    ``role`` is the flag that the employee needs; ``claimed`` the claim that says so.
    """

    def __init__(
        self,
        role: str | None = None,
        *,
        claimed: str = "project.role-flag",
        **options: Any,
    ) -> None:
        names = {name: (name, None) for name in ("FirstName", "MiddleName", "LastName")}
        super().__init__("Employee", "EmployeeKey", names, **options)
        self.role, self.claimed = role, claimed

    def check(self, value: Any, at: str, writing: WriteContext) -> None:
        if writing.seeding:
            return
        super().check(value, at, writing)
        employee = writing.view.summary("Employee", value)
        if self.role is None or employee is None:
            return
        where = within(at, self.key)
        if not employee[self.role]:
            writing.refuse(where, "role", f"employee {value} does not have {self.role}", self.claimed)
        if employee["Status"] != "Active":
            writing.refuse(where, "inactive", f"employee {value} is not active", "project.role-active")

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield from super().lookups()
        if self.role is not None:
            yield self.kind, self.role
            yield self.kind, "Status"


def _must_exist(kind: str, key: Any, at: str, writing: WriteContext) -> None:
    if key is not None and not writing.seeding and writing.view.summary(kind, key) is None:
        writing.refuse(at, "reference", f"there is no {kind} {key}", "write.unknown-reference")


def _reference(value: Any) -> int | None:
    """A key of another record; null and 0 are none (claim ``write.zero-reference-means-none``)."""
    if value is None:
        return None
    number = whole(value)
    if number < 0:
        raise fault("reference", f"{number} cannot refer to an existing record", "write.negative-reference")
    if number == 0:
        relies_on("write.zero-reference-means-none")
    return number or None
