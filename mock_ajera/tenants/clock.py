"""The clock of a tenant: the real time, or the time that a test sets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

__all__ = ["Clock"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_FIRST = (datetime(1900, 1, 1, tzinfo=UTC) - _EPOCH) // _MILLISECOND
_LAST = (datetime(2080, 1, 1, tzinfo=UTC) - _EPOCH) // _MILLISECOND - 1


def _ignore(text: str) -> None:
    pass


def _real() -> int:
    return time.time_ns() // 1_000_000


class Clock:
    """A clock in UTC milliseconds that follows the real time, is shifted from it, or is frozen.

    It can be set back, so a later reading may be an earlier time. Safe to use from several threads. A change that would
    leave the years 1900 to 2079 raises ``ValueError`` and has no effect.
    """

    def __init__(self, *, real: Callable[[], int] = _real) -> None:
        """``real`` returns the real time in UTC milliseconds."""
        self._real = real
        self._lock: AbstractContextManager[object] = threading.Lock()
        self._store: Callable[[str], object] = _ignore
        self._setting: tuple[bool, int] = (False, 0)
        """Whether the clock is frozen, and the frozen time or the shift from the real time in milliseconds."""

    def now(self) -> int:
        """Return the time in UTC milliseconds, not rounded."""
        frozen, value = self._setting
        return value if frozen else self._real() + value

    def now_utc(self) -> datetime:
        """Return the time in UTC."""
        return _EPOCH + timedelta(milliseconds=self.now())

    def stored_by(self, store: Callable[[str], object], lock: AbstractContextManager[object]) -> None:
        """Call ``store`` with the stored form of each new setting, under ``lock``.

        The setting is in force when ``store`` returns; if it raises, the clock does not change.
        """
        self._store, self._lock = store, lock

    def freeze(self, at: datetime | str | None = None) -> None:
        """Freeze the clock at a time, or at the current time. Raises ``ValueError`` for a time without a time zone.

        Text must be ISO 8601 with an offset.
        """
        with self._lock:
            self._set(True, _checked(self.now() if at is None else _milliseconds(at)))

    def set(self, at: datetime | str) -> None:
        """Set the clock to a time and let it run. Raises ``ValueError`` for a time without a time zone.

        Text must be ISO 8601 with an offset.
        """
        with self._lock:
            self._set(False, _checked(_milliseconds(at)) - self._real())

    def advance(self, by: timedelta) -> None:
        """Move the clock forward, or back if negative. A frozen clock stays frozen."""
        if not isinstance(by, timedelta):
            raise TypeError(f"a timedelta is required, such as timedelta(minutes=60), not {by!r}")
        with self._lock:
            step = by // _MILLISECOND
            _checked(self.now() + step)
            frozen, value = self._setting
            self._set(frozen, value + step)

    def reset(self) -> None:
        """Return to the real time."""
        with self._lock:
            self._set(False, 0)

    def _set(self, frozen: bool, value: int) -> None:
        self._store(_text(frozen, value))
        self._setting = (frozen, value)

    @property
    def frozen(self) -> bool:
        """Whether the clock is frozen."""
        return self._setting[0]

    def to_text(self) -> str:
        """Return the setting in its stored form: ``real``, ``frozen <UTC ms>`` or ``shifted <ms>``."""
        return _text(*self._setting)

    @classmethod
    def from_text(cls, text: str, *, real: Callable[[], int] = _real) -> Clock:
        """Return the clock of a stored setting. Raises ``ValueError`` for an invalid one."""
        clock = cls(real=real)
        word, _, number = text.partition(" ")
        if text == "real":
            return clock
        if word not in ("frozen", "shifted"):
            raise ValueError(f"invalid clock setting: {text!r}")
        clock._setting = (word == "frozen", int(number))
        _checked(clock.now())
        return clock


def _text(frozen: bool, value: int) -> str:
    if frozen:
        return f"frozen {value}"
    return f"shifted {value}" if value else "real"


def _milliseconds(at: datetime | str) -> int:
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            raise ValueError(f"a time in ISO 8601 is required, such as 2026-03-02T09:00:00-05:00, not {at!r}") from None
    if not isinstance(at, datetime):
        raise TypeError(f"a datetime with a time zone, or ISO 8601 text, is required, not {at!r}")
    if at.tzinfo is None:
        example = "2026-03-02T09:00:00-05:00"
        raise ValueError(f"a time with a time zone is required, such as {example}, not {at.isoformat()}")
    return (at - _EPOCH) // _MILLISECOND


def _checked(now: int) -> int:
    if not _FIRST <= now <= _LAST:
        raise ValueError("the clock must stay within the years 1900 to 2079")
    return now
