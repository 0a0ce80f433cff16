"""Members that identify a record (key and stamp), and flags that control a write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import missing

from mock_ajera.api.context import Examples, View, WriteContext
from mock_ajera.api.fields.values import Whole, flag, json_type, key
from mock_ajera.api.member import Body, Member
from mock_ajera.api.reasons import differs, fault
from mock_ajera.tenants import stamps
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import relies_on

EXAMPLE_STAMP = "2017-12-06 14:46:06.873 GMT-08:00"


class Key(Member):
    """The key of the record. A negative key requests creation.

    ``sequence``: the sequence that new keys are numbered from. ``of``: another kind of record with the same key;
    this record refers to it. ``new``: what a new row has for it. ``forgotten``: claim that an answer does not tell
    which negative key it was.
    """

    part = "key"
    nullable = False
    as_is = True
    type_name = "key (a whole number)"

    def __init__(
        self,
        *,
        sequence: str = "",
        of: str = "",
        new: str = "negative in a new row",
        forgotten: str = "",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._new = new
        self._sequence = sequence or of
        self.refers_to = of
        self.forgotten = forgotten

    @property
    def sending(self) -> Iterator[str]:
        if self._new:
            yield self._new

    def example(self, firm: Examples) -> Any:
        return firm.new_key()

    @property
    def sequence(self) -> str:
        return self._sequence or self.name.removesuffix("Key")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        number = key(value)
        if number == 0:
            raise fault("key", "a key must be positive, or negative to create a record", "write.zero-key-refused")
        return number

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        return stored if sent is missing else sent

    def from_stored(self, value: Any) -> Any:
        if type(value) is not int or value <= 0:
            raise fault("stored", "a key is expected, found {value}")
        return value


class AskedKey(Whole):
    """The key of a record in the arguments of a method. A record of this ``kind`` with the key need not exist."""

    type_name = "key (a whole number)"

    def __init__(self, kind: str = "", *, typed: str = "reading.key-is-whole-number", **options: Any) -> None:
        super().__init__(typed=typed, **options)
        self.kind = kind

    def example(self, firm: Examples) -> Any:
        return firm.key(self.kind) if self.kind else super().example(firm)


class Stamp(Member):
    """LastModifiedDate: the stamp of the whole record. A write must send the stored one.

    ``created``: claim that a new record needs a stamp too. ``shared``: claim that a row has the stamp of its record.
    """

    stored = False
    part = "stamp"
    type_name = f"date and time with offset: {EXAMPLE_STAMP}"

    def __init__(self, *, created: str = "write.new-stamp-required", shared: str = "") -> None:
        super().__init__()
        self.created, self.shared = created, shared

    @property
    def sending(self) -> Iterator[str]:
        yield "as it was read; any time in a new record"

    def example(self, firm: Examples) -> Any:
        return EXAMPLE_STAMP

    @property
    def checked_when_absent(self) -> bool:
        return True

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str):
            raise fault("type", f"a stamp is expected, found {json_type(value)}")
        try:
            return stamps.parse(value)
        except ValueError as error:
            claim = "write.stamp-range" if isinstance(error, stamps.OutOfRange) else "write.stamp-format-required"
            raise fault("stamp", str(error), claim) from None

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        if context.seeding:
            return
        if sent is missing or sent is None:
            if context.stamps_sent:
                claim = self.created if new else "write.stamp-required"
                context.refuse(at, "required", "required in every write", claim)
        elif not new and sent != context.stamp:
            context.conflicts.append(
                Reason(at, "stale-stamp", "the record was changed after it was read", "write.stale-stamp")
            )

    def differences(self, stored: Any, sent: Any, at: str, context: WriteContext) -> Iterator[Reason]:
        if sent != context.stamp:
            yield differs(at)

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        if self.shared:
            relies_on(self.shared)
        out[self.wire] = stamps.render(stamp, view.zone)

    def export(self, body: Body, out: dict[str, Any], *, defaults: bool) -> None:
        # In a file, only the record has a stamp; nested rows print the same one.
        if self.name in body:
            out[self.wire] = body[self.name]


class Instruction(Member):
    """A flag that controls a write, such as marking a row as new. It is neither stored nor printed."""

    stored = False
    only_sent = True
    type_name = "true or false"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        return flag(value)

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        return None

    def differences(self, stored: Any, sent: Any, at: str, context: WriteContext) -> Iterator[Reason]:
        yield from ()

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        pass


class Delete(Instruction):
    """The flag that requests deletion of the record."""

    part = "delete"
    type_name = "true to delete the record"
