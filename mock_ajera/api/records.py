"""What a record type is: a marshmallow schema whose members also know how they are stored, compared and shown.

Three things walk over the members: ``loading.load`` (a request comes in), the change engine (``settle``) and ``emit``
(an answer goes out). marshmallow checks what comes in; it stays off the reading path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, Literal, Protocol

import marshmallow
from marshmallow import RAISE, ValidationError, fields, missing, pre_load

from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.model import Summary
from mock_ajera.tenants.trace import relies_on
from mock_ajera.tenants.zones import Zone

Need = Literal["create", "write"]
Body = dict[str, Any]
"""Canonical values of a record by member name; what the store keeps as JSON."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a member says of a value that it cannot take. The place is added by the schemas around it."""

    rule: str
    text: str
    claim: str = ""
    """Empty for what holds of every schema alike: then it is the schema's ``unreadable``."""


def fault(rule: str, text: str, claim: str = "") -> ValidationError:
    """A ``Fault`` as marshmallow carries it."""
    return ValidationError([Fault(rule, text, claim)])


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field that a firm has defined for its projects and phases."""

    name: str
    kind: Literal["Text", "Number", "Flag", "Day", "Choice"]
    values: tuple[str, ...] = ()
    allow_edit: bool = False


class View(Protocol):
    """What rendering a record needs of its tenant."""

    zone: Zone
    custom_fields: tuple[CustomField, ...]
    all_members: bool
    hidden: frozenset[str]

    def summary(self, kind: str, key: int | None) -> Summary | None: ...

    def referrer(self, key: int, by: tuple[str, str]) -> int | None: ...

    def holders(self, kind: str, member: str, text: str) -> set[int]: ...


@dataclass(slots=True)
class BatchState:
    """What the records before in the same request come to: a unique text is compared with what will be stored."""

    keys: set[tuple[str, int]] = field(default_factory=set)
    """(kind, key) of the records that are saved or deleted: what is stored of them no longer counts."""
    names: set[tuple[str, str, str]] = field(default_factory=set)
    """(kind, member, folded text) that they take."""


@dataclass(slots=True)
class WriteContext:
    """What checking a write needs, and where it collects what is wrong with one record."""

    view: View
    quirk: Callable[[str], Any]
    stamp: int | None
    """The stored stamp of the record; None for a new one."""
    planned: BatchState = field(default_factory=BatchState)
    names: set[tuple[str, str, str]] = field(default_factory=set)
    """Unique texts that the record would take."""
    seeding: bool = False
    """Whether a firm is being set up: rows come with keys and without stamps; references are checked afterwards."""
    invalid: list[Reason] = field(default_factory=list)
    conflicts: list[Reason] = field(default_factory=list)

    def refuse(self, at: str, rule: str, text: str, claim: str) -> None:
        """Note that a rule is broken."""
        self.invalid.append(Reason(at, rule, text, claim))


class Member(fields.Field[Any]):
    """A member of a record.

    ``need``: "create" (must be sent with a new record) or "write" (with every write of the record).
    ``default``: canonical value of a new record that does not send it.
    ``shown``: name of the group of members it is printed with (see the quirk ``members``); None is always, ``NEVER``
    is a member of the books that the API neither shows nor takes.
    ``when``: a member and the values of it under which this member is printed, such as ``("BillingType", BILLED)``.
    """

    name: str
    stored: ClassVar[bool] = True
    part: ClassVar[Literal["key", "stamp", ""]] = ""
    """What the member is to its record, beside a value."""
    nullable: bool = True
    null: ClassVar[Any] = None
    """The canonical value of an explicit null."""

    def __init__(
        self,
        *,
        need: Need | None = None,
        default: Any = None,
        shown: str | None = None,
        when: tuple[str, frozenset[str]] | None = None,
        claim: str = "errors.invalid-data",
        data_key: str | None = None,
    ) -> None:
        super().__init__(allow_none=True, data_key=data_key)
        self.need = need
        self.default = self.null if default is None else default
        self.shown = shown
        self.when = when
        self.claim = claim

    # coming in

    @property
    def asks(self) -> bool:
        """Whether it has something to say when it is not sent; otherwise it stays as it is."""
        return self.need is not None

    def known(self, value: Any) -> Any:
        """The value without members that do not exist here, for a server that ignores them."""
        return value

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """The canonical value; an absent one stays absent, so that an update can tell it from null."""
        if value is missing:
            return missing
        if value is None:
            return None if self.need is not None else self.null
        return self._deserialize(value, attr, data, **kwargs)

    def differences(self, stored: Any, sent: Any, at: str, writing: WriteContext) -> Iterator[Reason]:
        """Where a baseline's value is not the stored one."""
        if self.shown == NEVER:
            return
        said, known = self.null if sent is None else sent, self.default if stored is missing else stored
        if said != known:
            yield differs(at, f"{_quoted(said)} is not what is stored: {_quoted(known)}")

    def must_be_sent(self, new: bool) -> bool:
        """Whether a write without the member is refused: any, or one of a new record only."""
        return self.need == "write" or (new and self.need == "create")

    def apply(self, sent: Any, stored: Any, new: bool, at: str, writing: WriteContext) -> Any:
        """The value after the write; ``sent`` and ``stored`` are ``missing`` when there is none."""
        before = self.default if stored is missing else stored
        if self.shown == NEVER and sent is not missing and not writing.seeding:
            if writing.quirk("unknown_members") == "refuse":
                writing.invalid.append(unknown_member(at))
            sent = missing
        if sent is missing:
            if self.must_be_sent(new):
                self._miss(before, new, at, writing)
            return before
        if sent is None and (self.need is not None or not self.nullable):
            if new or before not in (None, ""):
                writing.refuse(at, "null", "null is not a value of this member", "write.null-for-required-refused")
            return before
        if new or sent != before:
            if sent == self.null and before != self.null:
                relies_on("write.null-clears")
            self.check(sent, at, writing)
        return sent

    def _miss(self, before: Any, new: bool, at: str, writing: WriteContext) -> None:
        # The echo of a record which Ajera itself prints without the member must stay writable.
        if new or before not in (None, ""):
            when = "to create" if self.need == "create" else "in every write"
            writing.refuse(at, "required", f"required {when}", self.claim)

    def check(self, value: Any, at: str, writing: WriteContext) -> None:
        """Refuse a new value that breaks a rule which needs the tenant."""

    def lookups(self) -> Iterator[tuple[str, str]]:
        """(kind, member) of other records that this member asks for; no member where only existence counts."""
        yield from ()

    # going out

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        """Put the member into ``out`` as Ajera prints it, or leave it out."""
        if self.shown is not None and self.shown in view.hidden:
            return
        if self.when is not None and not view.all_members and body.get(self.when[0]) not in self.when[1]:
            return
        self.put(body.get(self.name, self.default), out, view, stamp)

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        """Put the value into ``out``."""
        out[self.name] = value


class Schema(marshmallow.Schema):
    """A set of members: a record type, a nested row or the arguments of a method."""

    class Meta:
        unknown = RAISE

    unreadable: ClassVar[str] = "errors.invalid-data"
    """Claim that a value of the wrong type is refused."""

    @property
    def members(self) -> Mapping[str, Member]:
        """Members by name, in the order in which they are declared and printed."""
        return self._members

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Marshmallow's hook, run once a member when the schema is built."""
        if not isinstance(field_obj, Member):
            raise TypeError(f"{type(self).__name__}.{field_name} is not a member of the field vocabulary")
        field_obj.name = field_name

    def __init__(self) -> None:
        super().__init__()
        members = {name: member for name, member in self.fields.items() if isinstance(member, Member)}
        # A record's own members stand before those of the groups that it shares with other records; those of a record
        # that it is a variant of are its own.
        groups = [base for base in type(self).__mro__[1:] if "kind" not in vars(base)]
        shared = {name for base in groups for name in getattr(base, "_declared_fields", ())}
        self._members = {name: members[name] for name in sorted(members, key=lambda name: name in shared)}
        self._taken = {member.data_key or name: member for name, member in members.items()}

    def known(self, raw: Any) -> Any:
        """What comes in without members that do not exist here, at any depth; what is no object as it is."""
        if not isinstance(raw, Mapping):
            return raw
        return {name: self._taken[name].known(value) for name, value in raw.items() if name in self._taken}


class Row(Schema):
    """A record or nested row that is stored."""

    unreadable = "write.wrong-type-refused"

    def __init__(self) -> None:
        super().__init__()
        self.walk = tuple((name, member, member.asks) for name, member in self._members.items())
        """Name, member and whether it asks, for a loop that runs very often."""

    checks: ClassVar[tuple[Check, ...]] = ()
    """Rules over several members of a row."""

    def emit(self, body: Body, view: View, stamp: int) -> dict[str, Any]:
        """The row as Ajera prints it."""
        out: dict[str, Any] = {}
        for member in self._members.values():
            member.emit(body, out, view, stamp)
        return out

    def lookups(self) -> Iterator[tuple[str, str]]:
        """(kind, member) of other records that the row asks for."""
        for member in self._members.values():
            yield from member.lookups()


class Record(Row):
    """A record type with keys of its own."""

    kind: ClassVar[str]
    """The vendor's singular noun."""
    holds: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Keys held in nested rows that the read model indexes: name -> (list member, member of its rows)."""
    used_by: ClassVar[tuple[tuple[str, str, str, str], ...]] = ()
    """(kind, indexed member, why in words, claim) of records that keep this one from being deleted.

    In the words ``{user}`` stands for the key of such a record.
    """

    def __init__(self) -> None:
        super().__init__()
        self.key = self._only("key")
        """Name of the member that holds the key."""
        self.stamp = self._only("stamp")
        """Name of the member that shows the stamp; empty when the record shows none."""

    @pre_load
    def take_back(self, raw: Any, **kwargs: Any) -> Any:
        """The answer of a creation can be sent back: the key that was sent for it then says nothing now."""
        if not isinstance(raw, Mapping) or self.original not in raw:
            return raw
        relies_on("write.original-key-ignored")
        return {name: value for name, value in raw.items() if name != self.original}

    @property
    def plural(self) -> str:
        """The name of the kind's list in Content and of its methods, as the vendor has it."""
        return plural(self.kind)

    @property
    def original(self) -> str:
        """The member in which a created record shows the negative key that was sent for it."""
        return f"Original{self.key}"

    @property
    def kept(self) -> tuple[str, ...]:
        """Own members that the checks ask of other records of the kind."""
        return tuple(name for check in self.checks for name in getattr(check, "keeps", ()))

    def _only(self, part: str) -> str:
        names = [name for name, member in self._members.items() if member.part == part]
        if len(names) > 1 or (part == "key" and not names):
            raise TypeError(f"{type(self).__name__} has {len(names)} members that are its {part}")
        return names[0] if names else ""

    def open(self, body: Body) -> Body:
        """The stored body as the tree that requests and answers speak of."""
        return body

    def close(self, tree: Body) -> Body:
        """The tree as the body to store."""
        return tree


def plural(noun: str) -> str:
    """The vendor's plural of a noun of his: Companies, Pays, PayrollTaxes, Clients."""
    if noun.endswith("x"):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun[-1] == "y" and noun[-2] not in "aeou" else f"{noun}s"


class Check(Protocol):
    """A rule over a whole row, asked for after its members are settled.

    What breaks it already (``stored``) may stay: the books of a firm hold what a write would not take.
    """

    def __call__(self, row: Body, stored: Body | None, at: str, writing: WriteContext) -> None: ...


NEVER = "never"
"""Group of members that are in the books and not in the API."""


def unknown_member(at: str, claim: str = "write.unknown-members-refused") -> Reason:
    """A member that does not exist here."""
    return Reason(at, "unknown-member", "no such member", claim)


def differs(at: str, text: str = "the baseline is not what is stored") -> Reason:
    """A baseline that does not say what is stored."""
    return Reason(at, "baseline", text, "write.baseline-differs")


def _quoted(value: Any) -> str:
    """A canonical value as a reason shows it."""
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def apply_row(schema: Row, sent: Mapping[str, Any], stored: Body | None, at: str, writing: WriteContext) -> Body:
    """The row after the write: what was sent over what is stored over the defaults. Faults go to ``writing``."""
    row: Body = {}
    for name, member, asks in schema.walk:
        said = sent.get(name, missing)
        if said is missing and stored is not None and member.stored and not member.must_be_sent(new=False):
            _keep(member, stored, writing)
        if said is missing and not asks:
            if member.stored:
                row[name] = member.default if stored is None else stored.get(name, member.default)
            continue
        before = missing if stored is None else stored.get(name, missing)
        value = member.apply(said, before, stored is None, within(at, name), writing)
        if member.stored:
            row[name] = value
    for check in schema.checks:
        check(row, stored, at, writing)
    return row


def _keep(member: Member, stored: Body, writing: WriteContext) -> None:
    # The echo of what was printed leaves nothing out.
    out: dict[str, Any] = {}
    member.emit(stored, out, writing.view, 0)
    if out:
        relies_on("write.omitted-is-kept")


def row_differences(
    schema: Row, stored: Body, sent: Mapping[str, Any], at: str, writing: WriteContext
) -> Iterator[Reason]:
    """Where a baseline row is not what is stored; members that it does not name are not compared."""
    for name, value in sent.items():
        yield from schema.members[name].differences(stored.get(name, missing), value, within(at, name), writing)


def within(at: str, name: str) -> str:
    """The path of a member."""
    return f"{at}.{name}" if at else name
