"""The sessions of a tenant: logins, their tokens and when they expire."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from mock_ajera.store import Store

LOGINS = "Session"
"""Number sequence from which tokens are derived. Exports omit it, because a login changes no record."""

Transaction = Callable[[], AbstractContextManager[Store]]
"""Hold the tenant's lock and one transaction of its store, and yield the store."""
_AREA = "session"
"""Area of the notes in the store."""


@dataclass(slots=True)
class Session:
    """A login, bound to one version of the API."""

    token: str
    user: str
    version: int
    expires: int
    """UTC milliseconds."""


class Sessions(Mapping[str, Session]):
    """The sessions of a tenant by token, including those that expired since the last login.

    Each session is also a note in the store, and survives a restart of the process. Callers must hold the tenant's
    lock.
    """

    def __init__(self, transaction: Transaction, now: Callable[[], int], new_token: Callable[[int], str]) -> None:
        """``now`` returns UTC milliseconds, ``new_token`` the token for the number of a login."""
        self._transaction = transaction
        self._now = now
        self._new_token = new_token
        self._by_token: dict[str, Session] = {}

    def open(self, user: str, version: int, lifetime: int) -> Session:
        """Open a session of ``lifetime`` milliseconds, and drop all expired sessions."""
        now = self._now()
        with self._transaction() as store:
            for token in [token for token, session in self._by_token.items() if session.expires <= now]:
                self._drop(store, token)
            token = self._new_token(store.next_number(LOGINS))
            session = Session(token, user, version, now + lifetime)
            self._put(store, session)
        return session

    def expire(self, tokens: Iterable[str]) -> None:
        """Expire sessions now; their tokens are then refused (claim ``session.lifetime``).

        Raises ``KeyError`` for an unknown token; no session expires then.
        """
        with self._transaction() as store:
            expired = [replace(self._by_token[token], expires=self._now()) for token in tokens]
            for session in expired:
                self._put(store, session)

    def end(self, token: str) -> None:
        """Close a session. Raises ``KeyError`` for an unknown token."""
        with self._transaction() as store:
            self._drop(store, token)

    def clear(self) -> None:
        """Close all sessions."""
        if self._by_token:
            with self._transaction() as store:
                for token in list(self._by_token):
                    self._drop(store, token)

    def load(self, store: Store) -> None:
        """Read the sessions from the notes of a store."""
        self._by_token = {token: Session(token, **json.loads(text)) for token, text in store.notes(_AREA).items()}

    def carry_over(self, sessions: Iterable[Session], logins: int) -> None:
        """Replace all sessions, after the store was restored.

        ``logins`` is the number of logins before the restore: no token may be issued twice.
        """
        with self._transaction() as store:
            store.raise_number(LOGINS, logins)
            for token in list(self._by_token):
                self._drop(store, token)
            for session in sessions:
                self._put(store, session)

    def drop_user(self, store: Store, user: str) -> None:
        """Close the sessions of a user, within a transaction of the store."""
        for token in [token for token, session in self._by_token.items() if session.user == user]:
            self._drop(store, token)

    def _put(self, store: Store, session: Session) -> None:
        text = json.dumps({"user": session.user, "version": session.version, "expires": session.expires})
        store.set_note(_AREA, session.token, text)
        self._by_token[session.token] = session

    def _drop(self, store: Store, token: str) -> None:
        store.set_note(_AREA, token, None)
        del self._by_token[token]

    def __getitem__(self, token: str) -> Session:
        return self._by_token[token]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_token)

    def __len__(self) -> int:
        return len(self._by_token)
