"""Members that refer to other records, and members that are computed from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from marshmallow import ValidationError, missing

from mock_ajera.api.context import Examples, View, Visibility, WriteContext
from mock_ajera.api.fields.values import check_length, flag, json_type
from mock_ajera.api.fields.values import key as key_of
from mock_ajera.api.member import Body, Copied, FileContext, Member
from mock_ajera.api.reasons import NoSuchMember, fault, unknown_member, within
from mock_ajera.api.records import Record, Row
from mock_ajera.api.schema import Schema
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.model import Need
from mock_ajera.tenants.trace import relies_on

_LIMITED = "write.derived-descriptions-limited"


class Ref(Member):
    """The key of a record of another kind, which must exist. If the member is nullable, 0 means no record."""

    as_is = True

    def __init__(self, kind: str, *, nullable: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.refers_to = kind
        self.nullable = nullable

    @property
    def type_name(self) -> str:
        return f"key of the kind {self.refers_to}"

    def example(self, firm: Examples) -> Any:
        return firm.key(self.refers_to)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | None:
        number = _reference(value)
        if number is None and not self.nullable:
            raise _missing_reference(self.refers_to, self.claim)
        return number

    def check(self, value: Any, at: str, context: WriteContext) -> None:
        _must_exist(self.refers_to, value, at, context)

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield self.refers_to, ""


class RowRef(Member):
    """The key of a row of another record, such as a phase. A check of its own must find the row; 0 means none."""

    type_name = "key of a row in the record of another member"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | None:
        return _reference(value)


class Computed(Member):
    """A member that is computed when it is printed. A write may send it; the value is dropped.

    ``compute``: returns the value to print, from the canonical row and the view. ``ignored``: claim that a write may
    send it, if it is not the row's ``derived``.
    """

    stored = False
    derived = True

    def __init__(
        self, compute: Callable[[Body, View], Any] | None = None, *, ignored: str = "", **options: Any
    ) -> None:
        super().__init__(**options)
        self._compute, self.ignored = compute, ignored

    @property
    def type_name(self) -> str:
        return "computed by Ajera"

    def value(self, body: Body, view: View) -> Any:
        return self._compute(body, view) if self._compute else None

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        ignored = self.ignored or (self.parent.derived if isinstance(self.parent, Row) else "")
        if ignored:
            relies_on(ignored)
        return missing

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        return None

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        if self.shown not in view.hidden:
            out[self.wire] = self.value(body, view)


class AlwaysNull(Computed):
    """A member without data in mock-ajera: printed as null, or as ``empty``."""

    type_name = "always empty"

    def __init__(self, *, empty: list[Any] | None = None) -> None:
        super().__init__(lambda *_: empty)


class SecondName(Computed):
    """A second name of another member of the row. A write may use it where it is printed; the first name wins.

    ``claim``: the claim for that.
    """

    renames = True

    def __init__(self, member: str, **options: Any) -> None:
        super().__init__(lambda body, _: body.get(member), **options)
        self.member = member

    @property
    def type_name(self) -> str:
        return f"same value as {self.member}"

    @property
    def stored_as(self) -> str:
        return self.member

    @property
    def _first(self) -> Member:
        if not isinstance(self.parent, Schema):
            raise TypeError(f"{self.name}: only a row can have a SecondName")
        return self.parent.members[self.member]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self._first.deserialize(value, attr, data)

    def renamed(self, sent: Mapping[str, Any], at: str, context: WriteContext) -> Mapping[str, Any]:
        """Return the values of a write, with this one under the first name."""
        if self.name not in sent:
            return sent
        rest = {name: value for name, value in sent.items() if name != self.name}
        if self.shown in context.view.hidden:
            if context.unknown == "refuse":
                context.invalid.append(unknown_member(within(at, self.wire)))
            return rest
        relies_on(self.claim)
        return {self.member: sent[self.name]} | rest

    def differences(self, stored: Any, sent: Any, at: str, context: WriteContext) -> Iterator[Reason]:
        if self.shown not in context.view.hidden:
            yield from self._first.differences(stored, sent, at, context)


class Lookup(Computed):
    """A member of the record that the member ``via`` of the row refers to.

    ``shows``: the member to print. ``blank``: what is printed if there is no record. ``max``: the printed maximum of
    characters, which a write must not exceed though the text is dropped.
    """

    def __init__(
        self,
        via: str,
        shows: str,
        *,
        blank: str | int | None = "",
        max: int | None = None,  # noqa: A002 - the page's own word
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.via, self.shows, self.blank, self.max = via, shows, blank, max

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        check_length(value, self.max, _LIMITED)
        return super()._deserialize(value, attr, data, **kwargs)

    @cached_property
    def kind(self) -> str:
        """The kind of the record that is read."""
        via = self.parent.members[self.via] if isinstance(self.parent, Schema) else None
        if via is None or not via.refers_to:
            raise TypeError(f"{self.name}: {self.via} is not a reference in the same row")
        return via.refers_to

    @property
    def via_wire(self) -> str:
        """The name of ``via`` on the wire."""
        return self.parent.members[self.via].wire if isinstance(self.parent, Schema) else self.via

    @property
    def type_name(self) -> str:
        return f"{self.shows} of the {self.kind} in {self.via_wire}"

    def value(self, body: Body, view: View) -> Any:
        summary = view.summary(self.kind, body.get(self.via))
        return self.blank if summary is None else summary[self.shows]

    def copies(self) -> Iterator[Copied]:
        yield Copied("", self.kind, self.shows)


class ReverseRef(Computed):
    """The first record of a kind that refers to this one: its key, or its member ``shows``.

    ``first``: claim that it is the first one if there are several.
    """

    def __init__(self, kind: str, *, shows: str = "", first: str) -> None:
        super().__init__()
        self.kind, self.shows, self.first = kind, shows, first

    @property
    def type_name(self) -> str:
        return f"{self.shows or 'key'} of the first {self.kind} that refers to this record"

    def value(self, body: Body, view: View) -> Any:
        own = self.parent
        if not isinstance(own, Record):
            raise TypeError(f"{self.name}: only a record can have a ReverseRef")
        referrers = view.referrers(own.kind, body[own.key.name], self.kind)
        if len(referrers) > 1:
            relies_on(self.first)
        key = min(referrers, default=None)
        if not self.shows:
            return key
        summary = view.summary(self.kind, key)
        return None if summary is None else summary[self.shows]

    def copies(self) -> Iterator[Copied]:
        if self.shows:
            yield Copied("", self.kind, self.shows)

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield self.kind, self.shows

    def needs(self, kind: str) -> Iterator[Need]:
        yield Need(kind, referred_by=self.kind)


class Embedded(Member):
    """Another record as an object with its key and some of its members. Only the key is stored.

    ``shows``: printed member -> (member of the other record, its visibility).
    ``limits``: printed member -> maximum of characters, as ``max`` of ``Lookup``.
    ``omit``: if there is no record, omit the object instead of printing null.
    ``delete``: whether ``Delete: true`` in the object removes the reference; its other members are then not checked.
    """

    def __init__(
        self,
        kind: str,
        key: str,
        shows: Mapping[str, tuple[str, Visibility]],
        *,
        limits: Mapping[str, int] | None = None,
        omit: bool = False,
        delete: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.refers_to, self.key, self.shows, self.omit, self.delete = kind, key, shows, omit, delete
        self.object_names = frozenset((key, *shows, *(["Delete"] if delete else ())))
        self.limits_of = limits or {}

    @property
    def type_name(self) -> str:
        return f"object with {', '.join((self.key, *self.shows))}"

    @property
    def sending(self) -> Iterator[str]:
        yield f"only {self.key} is written"
        if self.delete:
            yield '"Delete": true in the object removes it'

    def example(self, firm: Examples) -> Any:
        return {self.key: firm.key(self.refers_to)}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, Mapping):
            raise fault("type", f"an object is expected, found {json_type(value)}")
        try:
            if self.delete and value.get("Delete") is not None and flag(value["Delete"]):
                return None
        except ValidationError as error:
            raise ValidationError({"Delete": error.messages}) from None
        if unknown := [name for name in value if name not in self.object_names]:
            raise ValidationError({name: [NoSuchMember(self.object_names)] for name in unknown})
        for name, most in self.limits_of.items():
            try:
                check_length(value.get(name), most, _LIMITED)
            except ValidationError as error:
                raise ValidationError({name: error.messages}) from None
        if not value.keys().isdisjoint(self.shows):
            relies_on("write.descriptions-ignored" if "Description" in value else "write.derived-ignored")
        if self.key not in value and self.delete:
            relies_on("project.role-without-key-kept")
            return missing
        try:
            return self._key_in(value)
        except ValidationError as error:
            raise ValidationError({self.key: error.messages}) from None

    def _key_in(self, value: Mapping[str, Any]) -> int | None:
        if value.get(self.key) is None and not self.delete:
            raise fault("required", "required in every write", self.claim)
        number = _reference(value[self.key])
        if number is None and self.required_on is not None:
            raise _missing_reference(self.refers_to, self.claim)
        return number

    def seeded(self, value: Any, context: FileContext) -> Any:
        return value and value[self.key]

    def known(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {name: item for name, item in value.items() if name in self.object_names}

    def check(self, value: Any, at: str, context: WriteContext) -> None:
        _must_exist(self.refers_to, value, within(at, self.key), context)

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        summary = view.summary(self.refers_to, value)
        if summary is None:
            if not self.omit:
                out[self.wire] = None
            return
        shown = {name: summary[member] for name, (member, when) in self.shows.items() if when not in view.hidden}
        out[self.wire] = {self.key: value, **shown}

    def copies(self) -> Iterator[Copied]:
        for name, (member, _) in self.shows.items():
            yield Copied(name, self.refers_to, member)

    def to_file(self, value: Any) -> Any:
        return {self.key: value} if type(value) is int else value


def _must_exist(kind: str, key: Any, at: str, context: WriteContext) -> None:
    if key is None or context.seeding:
        return
    if removed := (kind, key) in context.batch.removed:
        relies_on("write.references-in-order")
    if removed or context.view.summary(kind, key) is None:
        context.refuse(at, "reference", f"there is no {kind} {key}", "write.unknown-reference")


def _missing_reference(kind: str, claim: str) -> ValidationError:
    return fault("reference", f"0 means no {kind}, but one is required", claim)


def _reference(value: Any) -> int | None:
    """Return the key of another record; None for null and for 0 (claim ``write.zero-reference-means-none``)."""
    if value is None:
        return None
    number = key_of(value)
    if number < 0:
        raise fault("reference", f"{number} cannot refer to an existing record", "write.negative-reference")
    if number == 0:
        relies_on("write.zero-reference-means-none")
    return number or None
