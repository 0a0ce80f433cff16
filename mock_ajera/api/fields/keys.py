"""Members that identify a record: its key, its stamp, and the flag that asks for its deletion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import missing

from mock_ajera.api.context import View, WriteContext
from mock_ajera.api.fields.values import flag, json_type, whole
from mock_ajera.api.member import Body, Member
from mock_ajera.api.reasons import differs, fault
from mock_ajera.tenants import stamps
from mock_ajera.tenants.journal import Reason


class Key(Member):
    """The record's own key. Negative asks for creation.

    ``sequence``: the numbers that new keys are taken from. ``of``: kind of the record whose key this one is as well,
    with the claim that it keeps that record from being deleted.
    """

    part = "key"
    nullable = False

    def __init__(self, *, sequence: str = "", of: str = "", **options: Any) -> None:
        super().__init__(**options)
        self._sequence = sequence or of
        self.refers_to = of

    @property
    def sequence(self) -> str:
        return self._sequence or self.name.removesuffix("Key")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        number = whole(value)
        if number == 0:
            raise fault("key", "a key is positive, or negative to create", "write.zero-key-refused")
        return number

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        return stored if sent is missing else sent

    def from_stored(self, value: Any) -> Any:
        if type(value) is not int or value <= 0:
            raise fault("stored", "a key is expected, found {value}")
        return value


class Stamp(Member):
    """LastModifiedDate: the stamp of the whole record. A write must send the one that is stored."""

    stored = False
    part = "stamp"

    def __init__(self, *, created: str = "write.new-stamp-required") -> None:
        """``created``: claim that a new record needs a stamp too."""
        super().__init__()
        self.created = created

    @property
    def checked_when_absent(self) -> bool:
        return True

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str):
            raise fault("type", f"a stamp is expected, found {json_type(value)}")
        try:
            return stamps.parse(value)
        except ValueError as error:
            raise fault("stamp", str(error), "write.stamp-format-required") from None

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        if context.seeding or not context.stamps_sent:
            return
        if sent is missing or sent is None:
            context.refuse(at, "required", "required in every write", self.created if new else "write.stamp-required")
        elif not new and sent != context.stamp:
            context.conflicts.append(
                Reason(at, "stale-stamp", "the record was changed after it was read", "write.stale-stamp")
            )

    def differences(self, stored: Any, sent: Any, at: str, context: WriteContext) -> Iterator[Reason]:
        if sent != context.stamp:
            yield differs(at)

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        out[self.wire] = stamps.render(stamp, view.zone)

    def export(self, body: Body, out: dict[str, Any], *, defaults: bool) -> None:
        # Only the record itself has a stamp in a file; a nested row shows that of its record.
        if self.name in body:
            out[self.wire] = body[self.name]


class Instruction(Member):
    """A flag that tells the change engine something, such as that a row is new. It is neither stored nor printed."""

    stored = False

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        return flag(value)

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        return None

    def differences(self, stored: Any, sent: Any, at: str, context: WriteContext) -> Iterator[Reason]:
        yield from ()

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        pass


class Delete(Instruction):
    """The flag that asks for deletion of the record."""

    part = "delete"
