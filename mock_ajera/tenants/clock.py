"""The clock of a tenant: the real time, or whatever time a test needs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

__all__ = ["Clock"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_FIRST = (datetime(1900, 1, 1, tzinfo=UTC) - _EPOCH) // _MILLISECOND
_LAST = (datetime(2080, 1, 1, tzinfo=UTC) - _EPOCH) // _MILLISECOND - 1


def _nobody() -> None:
    """Nobody keeps the setting of a clock that stands alone."""


def _real() -> int:
    return time.time_ns() // 1_000_000


class Clock:
    """Tells UTC milliseconds. Runs with the real time, at a distance from it, or stands still.

    It may be set back, so a later reading can be an earlier time. Safe to use from several threads. Whatever would
    take the clock out of the years 1900 to 2079 raises ``ValueError`` and changes nothing.
    """

    def __init__(self, *, real: Callable[[], int] = _real) -> None:
        """``real`` tells the real time in UTC milliseconds."""
        self._real = real
        self._lock = threading.Lock()
        self.changed: Callable[[], object] = _nobody
        """Called after the clock was set: whoever keeps the setting."""
        self._setting: tuple[bool, int] = (False, 0)
        """Whether it stands still, and the time it stands at or the distance to the real time, in milliseconds."""

    def now(self) -> int:
        """The time in UTC milliseconds, not rounded."""
        frozen, value = self._setting
        return value if frozen else self._real() + value

    def now_utc(self) -> datetime:
        """The time with the zone UTC."""
        return _EPOCH + timedelta(milliseconds=self.now())

    def freeze(self, at: datetime | str | None = None) -> None:
        """Stand still at a time, or at the present one. Raises ``ValueError`` for a time without a zone.

        A text is a time in ISO 8601 with an offset.
        """
        with self._lock:
            self._setting = (True, _checked(self.now() if at is None else _milliseconds(at)))
        self.changed()

    def set(self, at: datetime | str) -> None:
        """Make it that time, and run on from there. Raises ``ValueError`` for a time without a zone.

        A text is a time in ISO 8601 with an offset.
        """
        with self._lock:
            self._setting = (False, _checked(_milliseconds(at)) - self._real())
        self.changed()

    def advance(self, by: timedelta) -> None:
        """Go forward, or back when negative. A clock that stands still stands still afterwards."""
        if not isinstance(by, timedelta):
            raise TypeError(f"a timedelta is needed, such as timedelta(minutes=60), not {by!r}")
        with self._lock:
            step = by // _MILLISECOND
            _checked(self.now() + step)
            frozen, value = self._setting
            self._setting = (frozen, value + step)
        self.changed()

    def reset(self) -> None:
        """Run with the real time."""
        with self._lock:
            self._setting = (False, 0)
        self.changed()

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._setting[0]

    def to_text(self) -> str:
        """The setting, for storing: ``real``, ``frozen <UTC ms>`` or ``shifted <ms>``."""
        frozen, value = self._setting
        if frozen:
            return f"frozen {value}"
        return f"shifted {value}" if value else "real"

    @classmethod
    def from_text(cls, text: str, *, real: Callable[[], int] = _real) -> Clock:
        """The clock of a stored setting. Raises ``ValueError`` for a text that ``to_text`` does not write."""
        clock = cls(real=real)
        word, _, number = text.partition(" ")
        if text == "real":
            return clock
        if word not in ("frozen", "shifted"):
            raise ValueError(f"not the setting of a clock: {text!r}")
        clock._setting = (word == "frozen", int(number))
        return clock


def _milliseconds(at: datetime | str) -> int:
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            raise ValueError(f"a time in ISO 8601 is needed, such as 2026-03-02T09:00:00-05:00, not {at!r}") from None
    if not isinstance(at, datetime):
        raise TypeError(f"a datetime with a zone is needed, or a text in ISO 8601, not {at!r}")
    if at.tzinfo is None:
        raise ValueError(f"a time with a zone is needed, not {at.isoformat()}")
    return (at - _EPOCH) // _MILLISECOND


def _checked(now: int) -> int:
    if not _FIRST <= now <= _LAST:
        raise ValueError("the clock must stay within the years 1900 to 2079")
    return now
