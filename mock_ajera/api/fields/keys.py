"""Members that a record is known by: its key, its stamp, and the flag that asks for its deletion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import missing

from mock_ajera.api.fields.values import flag, kind_of, whole
from mock_ajera.api.records import Body, Member, View, WriteContext, differs, fault
from mock_ajera.tenants import stamps
from mock_ajera.tenants.journal import Reason


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
        number = whole(value)
        if number == 0:
            raise fault("key", "a key is positive, or negative to create", "write.zero-key-refused")
        return number

    def apply(self, sent: Any, stored: Any, new: bool, at: str, writing: WriteContext) -> Any:
        return sent


class Stamp(Member):
    """LastModifiedDate: the stamp of the record it stands in. Written, it must be the one that is stored."""

    stored = False
    part = "stamp"
    asks = True

    def __init__(self, *, created: str = "write.new-stamp-required") -> None:
        """``created``: claim that a new record needs a stamp too."""
        super().__init__()
        self.created = created

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str):
            raise fault("type", f"a stamp is expected, found {kind_of(value)}")
        try:
            return stamps.parse(value)
        except ValueError as error:
            raise fault("stamp", str(error), "write.stamp-format-required") from None

    def apply(self, sent: Any, stored: Any, new: bool, at: str, writing: WriteContext) -> Any:
        if writing.seeding:
            return
        if sent is missing or sent is None:
            writing.refuse(at, "required", "required in every write", self.created if new else "write.stamp-required")
        elif not new and sent != writing.stamp:
            writing.conflicts.append(
                Reason(at, "stale-stamp", "the record was changed after it was read", "write.stale-stamp")
            )

    def differences(self, stored: Any, sent: Any, at: str, writing: WriteContext) -> Iterator[Reason]:
        if sent != writing.stamp:
            yield differs(at)

    def put(self, value: Any, out: dict[str, Any], view: View, stamp: int) -> None:
        out[self.name] = stamps.render(stamp, view.zone)


class Delete(Member):
    """The flag that asks for deletion. The change engine reads it; it is neither stored nor printed."""

    stored = False

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        return flag(value)

    def apply(self, sent: Any, stored: Any, new: bool, at: str, writing: WriteContext) -> Any:
        return None

    def differences(self, stored: Any, sent: Any, at: str, writing: WriteContext) -> Iterator[Reason]:
        yield from ()

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        pass
