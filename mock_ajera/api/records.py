"""Record types: marshmallow schemas whose members also define how values are stored, compared and printed.

marshmallow checks requests; it is not used for reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Protocol

from marshmallow import pre_load

from mock_ajera.api.context import Examples, View, WriteContext
from mock_ajera.api.member import Body, FileContext, Member
from mock_ajera.api.reasons import within
from mock_ajera.api.schema import Schema
from mock_ajera.tenants.trace import noting, relies_on

_REMEMBERED = 256
"""Nested rows of one type that are remembered once they were read."""
_LONGEST = 10_000
"""Characters of a row that is remembered."""


class Place(NamedTuple):
    """A member with its value in a record."""

    path: str
    """The path on the wire, such as ``InvoiceGroups[0].Phases[1].Description``."""
    member: Member
    value: Any


class Row(Schema):
    """A record or nested row that is stored."""

    unreadable = "write.wrong-type-refused"
    checks: ClassVar[tuple[Check, ...]] = ()
    """Row-level rules."""
    derived: ClassVar[str] = "write.descriptions-ignored"
    """Claim that a write may send members that are derived from others, which are ignored."""
    defaults: ClassVar[Mapping[str | type[Member], str]] = {}
    """Claims of the defaults in a new row, by the name or the type of a member. The first one that fits counts."""
    examples: ClassVar[Mapping[str, Any]] = {}
    """Values of an example of a new row, by wire name: those that its members alone do not determine.

    ``...`` stands for the example of the member.
    """

    def __init__(self) -> None:
        super().__init__()
        self.walk = tuple(
            (name, member, member.settled_if_equal, member.checked_when_absent, self._claim_of_default(name, member))
            for name, member in self._members.items()
        )
        """Precomputed for ``apply_row``, which is hot."""
        self.settled_if_equal = frozenset(name for name, member in self._members.items() if member.settled_if_equal)
        self._printing = tuple(
            (name, member, member.wire if member.printed_as_stored else "") for name, member in self._members.items()
        )
        """Precomputed for ``emit``, which is hot: a wire name for members that are printed as they are stored."""
        self.second_names = tuple(member for member in self._members.values() if member.renames)
        self._stamp = next((member for member in self._members.values() if member.part == "stamp"), None)
        self._remembered: dict[str, tuple[Body, Iterable[str]]] = {}
        """The values of nested rows and the claims of reading them, by the text of the row without its stamp."""
        self._blank = {name: member.default for name, member in self._members.items() if member.stored}
        self._seeding = {
            wire: (member.name, member.as_is, member.seeded) for wire, member in self.by_wire.items() if member.stored
        }
        self._linking = tuple(member for member in self._members.values() if member.links or member.nests)

    def example(self, firm: Examples, *, keys: bool = True) -> dict[str, Any]:
        """Return a new row as a request has it: what is required, and ``examples``. ``keys``: with key and stamp."""
        wanted = {
            name: ...
            for name, member in self.by_wire.items()
            if member.required_on is not None or (keys and member.part in ("key", "stamp"))
        }
        values = {**wanted, **self.examples}
        return {
            name: self.by_wire[name].example(firm) if values[name] is ... else values[name]
            for name in self.by_wire
            if name in values
        }

    def blank(self, /, **values: Any) -> Body:
        """Return the stored body of a row with some values, and the defaults of all other members."""
        return self._blank | values

    def seeded(self, raw: Mapping[str, Any], context: FileContext) -> Body:
        """Return the tree of a row in a file that is known to be valid: no rule is checked."""
        body = dict(self._blank)
        gathered: dict[str, Any] = {}
        for wire, value in raw.items():
            member = self._seeding.get(wire)
            if member is not None:
                name, as_is, seeded = member
                body[name] = value if as_is and value is not None else seeded(value, context)
            elif wire not in self.by_wire and self._gathering is not None:
                gathered[wire.removeprefix(self._gathering.gathers)] = value
        if gathered and self._gathering is not None:
            body[self._gathering.name] = self._gathering.seeded(gathered, context)
        return body

    def read_nested(self, raw: Any) -> Body:
        """Return what ``read`` returns for a nested row. A row that was read before is not read again.

        Clients send most rows twice, as updated and unchanged, and most writes only change their stamp. The values may
        be those of other requests: they must not be changed in place.
        """
        if not isinstance(raw, dict) or any(raw.get(name) for name in self._around_stamps):
            return self.read(raw)
        stamp = None if self._stamp is None or self._stamp.wire not in raw else self._stamp
        rest = raw if stamp is None else {**raw, stamp.wire: None}
        sent = None if stamp is None else stamp.deserialize(raw[stamp.wire])
        # Unlike JSON, it distinguishes 5 from the Decimal 5.
        text = repr(rest)
        remembered = self._remembered.get(text)
        if remembered is None:
            with noting() as claims:
                values = self.read(rest)
            remembered = values, tuple(claims)
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            if len(text) <= _LONGEST:
                self._remembered[text] = remembered
        values, noted = remembered
        for claim in noted:
            relies_on(claim)
        return values if stamp is None else {**values, stamp.name: sent}

    @cached_property
    def _around_stamps(self) -> tuple[str, ...]:
        """The members with nested rows that have stamps of their own."""
        nested = ((member.wire, member.nested) for member in self._members.values())
        return tuple(wire for wire, row in nested if row is not None and row._stamp is not None)

    def _claim_of_default(self, name: str, member: Member) -> str:
        """Return the claim of a member's default; "" if there is none."""
        for of, claim in self.defaults.items():
            if of == name or (isinstance(of, type) and isinstance(member, of)):
                return claim
        return ""

    def visit(self, body: Any, at: str = "", *, wire: bool = False, only_keys: bool = False) -> Iterator[Place]:
        """Yield each member that has a value in the body, nested rows included, in the order of declaration.

        ``wire``: the body has wire names, as in requests and files. ``only_keys``: keys and references only. Malformed
        nested rows are skipped.
        """
        if not isinstance(body, Mapping):
            return
        for member in self._linking if only_keys else self._members.values():
            name = member.wire if wire else member.name
            if name in body:
                value, path = body[name], within(at, member.wire)
                if not only_keys or member.links:
                    yield Place(path, member, value)
                for step, row, inner in member.rows(value):
                    yield from row.visit(inner, path + step, wire=wire, only_keys=only_keys)

    def keys(self, body: Any, at: str = "") -> Iterator[Place]:
        """Yield the key of the row and of each nested row, where it has a value, in the order of declaration."""
        if not isinstance(body, Mapping):
            return
        for member in self._keyed:
            if member.name in body:
                value, path = body[member.name], within(at, member.wire)
                if not member.nests:
                    yield Place(path, member, value)
                for step, row, inner in member.rows(value):
                    yield from row.keys(inner, path + step)

    @cached_property
    def _keyed(self) -> tuple[Member, ...]:
        """The key, and the members with nested rows that have keys."""
        return tuple(
            member
            for member in self._members.values()
            if member.part == "key" or (member.nested is not None and (member.nested is self or member.nested._keyed))
        )

    def map(
        self, body: Any, change: Callable[[Member, Any], Any], *, wire: bool = False, only_keys: bool = False
    ) -> Any:
        """Return a copy of the body with each value changed. A member's own value is changed before its nested rows.

        ``wire``, ``only_keys``: as for ``visit``.
        """
        if not isinstance(body, Mapping):
            return body
        out = dict(self.gathered(body) if wire else body)
        for member in self._linking if only_keys else self._members.values():
            name = member.wire if wire else member.name
            if name in out:
                value = change(member, out[name]) if not only_keys or member.links else out[name]
                if member.nests:
                    value = member.map_rows(
                        value, lambda row, inner: row.map(inner, change, wire=wire, only_keys=only_keys)
                    )
                out[name] = value
        if wire and self._gathering is not None:
            values = out.pop(self._gathering.wire, {})
            out |= {self._gathering.gathers + name: value for name, value in values.items()}
        return out

    def emit(self, body: Body, view: View, stamp: int) -> dict[str, Any]:
        """Return the row as Ajera prints it."""
        out: dict[str, Any] = {}
        for name, member, wire in self._printing:
            if wire:
                out[wire] = body.get(name, member.default)
            else:
                member.emit(body, out, view, stamp)
        return out

    def export(self, body: Body, *, defaults: bool) -> dict[str, Any]:
        """Return the row as a file of a firm has it. ``defaults``: include members that have their default."""
        out: dict[str, Any] = {}
        for member in self._members.values():
            member.export(body, out, defaults=defaults)
        return out

    def lookups(self) -> Iterator[tuple[str, str]]:
        """Yield (kind, member) of the other records that the row reads."""
        for member in self._members.values():
            yield from member.lookups()


class StoredMember(NamedTuple):
    """A member in a stored body."""

    path: tuple[str, ...]
    """Names of the lists above its row."""
    member: Member


def _stored_members(
    row: Row, flat: tuple[str, ...], path: tuple[str, ...], seen: set[tuple[str, ...]]
) -> Iterator[StoredMember]:
    seen.add(path)
    for name, member in row.members.items():
        if member.stored:
            yield StoredMember(path, member)
            inner = (name,) if name in flat else (*path, name)
            if member.nested is not None and member.nested is not row and inner not in seen:
                yield from _stored_members(member.nested, flat, inner, seen)


class Record(Row):
    """A type of record with its own keys."""

    kind: ClassVar[str]
    """The vendor's singular noun."""
    requested: ClassVar[str] = ""
    """The argument of Get that contains the keys, if it is not derived from the noun."""
    flat: ClassVar[tuple[str, ...]] = ()
    """Keyed nested rows that are stored as one list of the record, regardless of their depth in the tree."""
    all_rows: ClassVar[bool] = False
    """Whether writes also change nested rows that are otherwise read-only."""
    owns: ClassVar[tuple[str, ...]] = ()
    """Kinds of records that are removed with the last record of this kind that refers to them."""
    in_use_by: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Special texts and claims for refusing to delete a record in use, by the kind of record that refers to it."""

    def __init__(self) -> None:
        super().__init__()
        key = self._only("key")
        if key is None:
            raise TypeError(f"{type(self).__name__} has no key")
        self.key = key
        self.stamp = self._only("stamp")
        """None if the record has no stamp in answers."""
        self.delete = self._only("delete")
        """The flag that requests deletion; None if the API cannot delete the record."""

    def stored_members(self) -> Iterator[StoredMember]:
        """Yield each stored member once, with the path of its row in a stored body."""
        yield from _stored_members(self, self.flat, (), set())

    @pre_load
    def without_original(self, raw: Any, **kwargs: Any) -> Any:
        """Drop ``Original<Key>``, so that the answer to a creation can be sent back."""
        if not isinstance(raw, Mapping) or self.original not in raw:
            return raw
        relies_on("write.original-key-ignored")
        return {name: value for name, value in raw.items() if name != self.original}

    @property
    def plural(self) -> str:
        """The name of the kind's list in Content and in method names."""
        return plural(self.kind)

    @property
    def original(self) -> str:
        """The member in which a created record has the negative key that was sent for it."""
        return f"Original{self.key.wire}"

    @property
    def unique(self) -> tuple[tuple[str, ...], ...]:
        """The members of each uniqueness rule; the read model indexes them."""
        return tuple(members for check in self.checks if (members := getattr(check, "unique", ())))

    def _only(self, part: str) -> Member | None:
        found = [member for member in self._members.values() if member.part == part]
        if len(found) > 1:
            raise TypeError(f"{type(self).__name__} has {len(found)} members of the part {part!r}")
        return found[0] if found else None

    def nest(self, body: Body) -> Body:
        """Return the stored body as the tree that version 1 reads and writes."""
        return body

    def flatten(self, tree: Body) -> Body:
        """Return the body to store for a tree."""
        return tree

    def from_file(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a record from a file in the form of a request. Raises ``ValueError``."""
        return raw

    def from_older(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a stored body that an older mock-ajera may have written, in today's form."""
        return body

    def guard(self, stored: Body, at: str, view: View) -> None:
        """Raise ``AjeraError`` if the reader of the view may neither change nor delete the stored record.

        ``at``: path of the record in the request.
        """

    def complete(self, tree: Body, stored: Body | None, view: View) -> Body:
        """Return the tree of a valid write with the values that Ajera itself sets.

        ``stored``: the tree before the write; None for a new record.
        """
        return tree

    def check_seed(self, tree: Body, in_use: Callable[[str, int], bool]) -> str:
        """Return the fault of a whole record in a firm that is being loaded; "" if there is none.

        ``in_use``: returns whether a key of a sequence is in use.
        """
        return ""


def by_kind(records: Iterable[Record]) -> dict[str, Record]:
    """Return the records by kind. Raises ``ValueError`` for a kind that is declared twice."""
    found: dict[str, Record] = {}
    for record in records:
        if record.kind in found:
            raise ValueError(f"the record {record.kind} is declared twice")
        found[record.kind] = record
    return found


def plural(noun: str) -> str:
    """Return Ajera's plural of a record name: Companies, Pays, PayrollTaxes, Clients."""
    if noun.endswith("x"):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun[-1] == "y" and noun[-2] not in "aeou" else f"{noun}s"


class Check(Protocol):
    """A row-level rule, run after the members of the row.

    Violations that are already stored are tolerated: the books of a firm contain values that a write would not accept.
    """

    def __call__(self, schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None: ...
