"""The base of the field vocabulary: a member of a record and the forms of its value.

A value has five forms: on the wire (as JSON), canonical (used by handlers and the change engine), stored, in the
files of a firm, and printed. A field owns the conversions between them.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Self

from marshmallow import fields, missing

from mock_ajera.api.context import Examples, View, Visibility, WriteContext
from mock_ajera.api.reasons import differs, fault, quoted, unknown_member
from mock_ajera.tenants.firm import CustomField
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.model import Need
from mock_ajera.tenants.trace import relies_on

if TYPE_CHECKING:
    from mock_ajera.api.records import Row

Body = dict[str, Any]
"""Canonical values of a record by the names of its members; the store keeps it as JSON."""
Required = Literal["on_create", "always"]
NO_CLAIM = "reading.wrong-shape-refused"
"""The claim that a value is refused, of a member that declares none of its own."""
_ALWAYS = Visibility.ALWAYS
_BY_PROFILE = (Visibility.OBSERVED, Visibility.DOCUMENTED)


class FileContext(NamedTuple):
    """The context in which a file of a firm is read."""

    today: datetime.date
    """The day that relative days count from."""
    week_start: str
    """The first day of the firm's week, such as "Monday"."""
    custom_fields: Mapping[str, tuple[CustomField, ...]]
    """The firm's custom fields by kind of record."""


class When(NamedTuple):
    """A condition under which a member is printed."""

    member: str
    """Another member of the row."""
    values: frozenset[str]
    """The values of it for which the member is printed."""
    claim: str
    """Claim that the member is left out otherwise."""


class Copied(NamedTuple):
    """A value of another record that a member prints."""

    at: str
    """The path inside the member; "" if it is the whole value."""
    kind: str
    member: str


class Member(fields.Field[Any]):
    """A member of a record.

    ``wire``: its name in requests, answers and files, if that is not the Python attribute ("D1 Regular").
    ``required``: "on_create" (a new record must send it) or "always" (every write must).
    ``default``: canonical value in a new record that does not send it.
    ``shown``: when it is printed.
    ``when``: a condition under which it is printed.
    """

    name: str
    wire: str
    stored: ClassVar[bool] = True
    part: ClassVar[Literal["key", "stamp", "delete", ""]] = ""
    """The role of the member in its record, beyond a value."""
    nullable: bool = True
    null: ClassVar[Any] = None
    """The canonical value of an explicit null."""
    derived: ClassVar[bool] = False
    """Whether Ajera derives the value from other members, so that a write cannot set it."""
    refers_to: str = ""
    """The kind of record that the value is a key of."""
    only_sent: ClassVar[bool] = False
    """Whether only requests have it."""
    object_names: frozenset[str] = frozenset()
    """The names of the members of a value that is an object, but no row."""
    nests: ClassVar[bool] = False
    """Whether the value contains nested rows."""
    notes_equal: ClassVar[bool] = False
    """Whether a rule, a note or a claim may follow from a sent value even if it equals the stored one."""
    renames: ClassVar[bool] = False
    """Whether it is a second name of another member; see ``renamed``."""
    as_is: ClassVar[bool] = False
    """Whether a valid value in a file is also the stored one, unless it is null."""
    plain: ClassVar[type | None] = None
    """A type whose values are canonical as they are on the wire; texts only if they are ASCII and not too long."""
    longest: float = inf
    """Maximum characters of a plain text."""
    gathers: ClassVar[str] = ""
    """A prefix: all wire names that start with it are gathered into this member."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Drop ``plain`` if the class reads values in its own way."""
        super().__init_subclass__(**kwargs)
        if "_deserialize" in vars(cls) and "plain" not in vars(cls):
            cls.plain = None

    def __init__(
        self,
        *,
        wire: str | None = None,
        required: Required | None = None,
        default: Any = None,
        shown: Visibility = Visibility.ALWAYS,
        when: When | None = None,
        claim: str = NO_CLAIM,
    ) -> None:
        super().__init__(allow_none=True, data_key=wire)
        self.required_on = required
        self.default = self.null if default is None else default
        self.shown = shown
        self.when = when
        self.claim = claim

    def __deepcopy__(self, memo: Mapping[int, Any]) -> Self:
        """Return a copy for another schema. marshmallow's own copy is the same, and takes many times as long."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    @property
    def settled_if_equal(self) -> bool:
        """Whether a sent value that equals the stored one is written, and matches as a baseline, without a check."""
        return self.stored and not self.notes_equal and self.shown is not Visibility.NEVER

    @property
    def printed_as_stored(self) -> bool:
        """Whether the stored value is always printed, and printed as it is."""
        own = type(self)
        return own.emit is Member.emit and own.put is Member.put and self.shown is _ALWAYS and self.when is None

    @property
    def links(self) -> bool:
        """Whether the value is the key of this record or of another."""
        return self.part == "key" or bool(self.refers_to)

    @property
    def stored_as(self) -> str:
        """The member of the stored row that has its value."""
        return self.name

    @property
    def sequence(self) -> str:
        """The sequence that new keys are numbered from; empty for a member that is not a key."""
        return ""

    @property
    def type_name(self) -> str:
        """The type of the value in plain words."""
        return "any value"

    @property
    def needed(self) -> str:
        """When a request must have it: "always", "to create", or "" for never."""
        return {"on_create": "to create", "always": "always"}.get(str(self.required_on), "")

    @property
    def sending(self) -> Iterator[str]:
        """What a request must observe, beyond the type and when the member is required."""
        yield from ()

    def example(self, firm: Examples) -> Any:
        """Return a valid value for a new row."""
        return self.default

    # Loading: from the wire to the canonical value

    @property
    def checked_when_absent(self) -> bool:
        """Whether ``apply`` must run even if the member is not sent."""
        return self.required_on is not None

    def known(self, value: Any) -> Any:
        """Return the wire value without nested members that do not exist."""
        return value

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Return the canonical value. An absent value stays absent, so that an update can distinguish it from null.

        Raises ``ValidationError``.
        """
        if value is missing:
            return missing
        if value is None:
            return None if self.required_on is not None else self.null
        return self._deserialize(value, attr, data, **kwargs)

    def read(self, value: Any) -> Any:
        """Return what ``deserialize`` returns, with nested rows as ``Schema.read`` reads them."""
        return self.deserialize(value)

    def renamed(self, sent: Mapping[str, Any], at: str, context: WriteContext) -> Mapping[str, Any]:
        """Return the values of a write, with the value of a second name under the first one."""
        return sent

    # Changing: from the stored value to the new one

    def must_be_sent(self, new: bool) -> bool:
        """Return whether a write without the member is refused."""
        return self.required_on == "always" or (new and self.required_on == "on_create")

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        """Return the value after the write. ``sent`` and ``stored`` are ``missing`` if there is none."""
        before = self.default if stored is missing else stored
        sent = self.accepted(sent, at, context)
        if sent is missing:
            if self.must_be_sent(new):
                self._refuse_absence(before, new, at, context)
            return before
        if sent is None and (self.required_on is not None or not self.nullable):
            if new or before not in (None, ""):
                context.refuse(at, "null", "null is not allowed", "write.null-for-required-refused")
            return before
        if new or sent != before:
            if sent == self.null and before != self.null:
                relies_on("write.null-clears")
            self.check(sent, at, context)
        if sent != before and self.shown in _BY_PROFILE and self.shown in context.view.hidden:
            relies_on("write.unseen-members-written")
            text = f"stored, but version 1 prints it only if the quirk members is {self.shown.name.lower()} or all"
            context.notes.append(Reason(at, "unseen", text, "write.unseen-members-written"))
        return sent

    def accepted(self, sent: Any, at: str, context: WriteContext) -> Any:
        """Return what was sent; ``missing`` for a member that no method prints, which does not exist for a client."""
        if sent is missing or self.shown is not Visibility.NEVER or context.seeding:
            return sent
        if context.unknown == "refuse":
            context.invalid.append(unknown_member(at))
        return missing

    def _refuse_absence(self, before: Any, new: bool, at: str, context: WriteContext) -> None:
        # A record that Ajera itself prints without this member must remain writable.
        if new or before not in (None, ""):
            when = "to create" if self.required_on == "on_create" else "in every write"
            context.refuse(at, "required", f"required {when}", self.claim)
        else:
            relies_on("project.overhead-echo")

    def check(self, value: Any, at: str, context: WriteContext) -> None:
        """Refuse a new value that violates a rule that depends on the tenant."""

    def differences(self, stored: Any, sent: Any, at: str, context: WriteContext) -> Iterator[Reason]:
        """Yield the reasons why the value of a baseline does not match the stored one."""
        if self.shown is Visibility.NEVER:
            return
        value, current = self.null if sent is None else sent, self.default if stored is missing else stored
        if value != current:
            yield differs(at, f"{quoted(value)} does not match the stored value {quoted(current)}")

    # Printing

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        """Add the member to ``out`` as Ajera prints it, unless it is hidden."""
        if self.shown is not _ALWAYS and self.shown in view.hidden:
            return
        if self.when is not None and not view.all_members and body.get(self.when.member) not in self.when.values:
            relies_on(self.when.claim)
            return
        self.put(body.get(self.name, self.default), out, view, stamp)

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        """Add the canonical value to ``out``."""
        out[self.wire] = value

    def value(self, body: Body, view: View) -> Any:
        """Return the printed value, in canonical form."""
        return body.get(self.name, self.default)

    def copies(self) -> Iterator[Copied]:
        """Yield the values of other records that this member prints."""
        yield from ()

    def lookups(self) -> Iterator[tuple[str, str]]:
        """Yield (kind, member) of other records that this member reads; "" if it only checks that they exist."""
        for copied in self.copies():
            yield copied.kind, copied.member

    def needs(self, kind: str) -> Iterator[Need]:
        """Yield further needs of the read model, for a record of a kind."""
        yield from ()

    # Files of a firm

    def from_file(self, value: Any, context: FileContext) -> Any:
        """Return the wire value of a value in a file. Raises ``ValueError`` for a malformed relative day."""
        return value

    def seeded(self, value: Any, context: FileContext) -> Any:
        """Return the stored value of a value in a file that is known to be valid: no rule is checked."""
        return self.deserialize(self.from_file(value, context))

    def to_file(self, value: Any) -> Any:
        """Return the value as files have it; a value that already has this form is returned unchanged."""
        return value

    def export(self, body: Body, out: dict[str, Any], *, defaults: bool) -> None:
        """Add the stored value to ``out`` as files have it. ``defaults``: even if it is the default."""
        if not self.stored:
            return
        value = body.get(self.name, self.default)
        if defaults or value != self.default:
            out[self.wire] = self.to_file(value)

    # Stored values of an older version

    def limits(self) -> Any:
        """Return the declared limits of the values that the member can store, as plain JSON."""
        names = ("max", "words", "at_least", "at_most", "places", "nullable")
        declared = {name: getattr(self, name) for name in names if hasattr(self, name)}
        return [type(self).__name__, self.refers_to, self.sequence, declared]

    def from_stored(self, value: Any) -> Any:
        """Return the value as the member stores it today. Raises ``ValidationError`` if the member cannot store it."""
        if type(value) is type(self.default) and value == self.default:
            return self.default
        if value is None and self.null is None and self.nullable:
            return None
        current = self.deserialize(self.to_file(value))
        if current != value or current is None:
            raise fault("stored", "{value} is not a valid value")
        return current

    # Nested rows

    def rows(self, value: Any) -> Iterable[tuple[str, Row, Any]]:
        """Return (path step, schema, row) for each row nested in the value."""
        return ()

    def map_rows(self, value: Any, change: Callable[[Row, Any], Any]) -> Any:
        """Return the value with each nested row replaced."""
        return value

    @property
    def nested(self) -> Row | None:
        """The schema of the nested rows; None for a plain value."""
        return None
