"""Users whose logins are refused for a while after wrong passwords (quirk ``wrong_passwords``)."""

from __future__ import annotations

from collections.abc import Callable

DURATION = 10 * 60_000
"""Milliseconds for which logins are refused, from the last try (claim ``session.lock-out``)."""


class LockOuts:
    """The wrong passwords of each user since the last login. In memory only: a restart unlocks everybody.

    Callers must hold the tenant's lock.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        """``now`` returns UTC milliseconds."""
        self._now = now
        self._wrong: dict[str, tuple[int, int]] = {}
        """The number of wrong passwords and the time of the last try, by user."""

    def count(self, user: str) -> None:
        """Count a wrong password."""
        self._wrong[user] = (self._wrong.get(user, (0, 0))[0] + 1, self._now())

    def hold(self, user: str, most: int) -> bool:
        """Return whether a login is refused because of ``most`` wrong passwords. If so, the time starts again."""
        wrong, last = self._wrong.get(user, (0, 0))
        if wrong < most:
            return False
        if last + DURATION <= self._now():
            self.forget(user)
            return False
        self._wrong[user] = (wrong, self._now())
        return True

    def forget(self, user: str) -> None:
        """Forget the wrong passwords of a user."""
        self._wrong.pop(user, None)

    def clear(self) -> None:
        """Forget all wrong passwords."""
        self._wrong.clear()
