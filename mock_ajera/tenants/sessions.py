"""The sessions of a tenant: logins, their tokens and when they expire."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial

import msgspec
from msgspec.structs import replace

from mock_ajera.store import Store

LOGINS = "Session"
"""Number sequence from which tokens are derived. Exports omit it, because a login changes no record."""
AREA = "session"
"""Area of the notes in the store."""

Transaction = Callable[[], AbstractContextManager[Store]]
"""Hold the tenant's lock and one transaction of its store, and yield the store."""


class Session(msgspec.Struct, frozen=True):
    """A login, bound to one version of the API."""

    token: str
    user: str
    version: int
    expires: int
    """UTC milliseconds."""


class Sessions(Mapping[str, Session]):
    """The sessions of a tenant by token, including those that expired since the last login.

    Each session is also a note in the store, and survives a restart of the process. A change is visible when its
    transaction is committed. Callers must hold the tenant's lock. No method but ``load`` takes longer with more open
    sessions than those that it changes.
    """

    def __init__(self, transaction: Transaction, now: Callable[[], int], new_token: Callable[[int], str]) -> None:
        """``now`` returns UTC milliseconds, ``new_token`` the token for the number of a login."""
        self._transaction = transaction
        self._now = now
        self._new_token = new_token
        self._replace({})

    def open(self, user: str, version: int, lifetime: int, *, at_most: int = 0) -> Session:
        """Open a session of ``lifetime`` milliseconds, and drop all expired sessions.

        ``at_most``: how many open sessions a user may have, 0 for any number. The oldest ones end.
        """
        now = self._now()
        with self._transaction() as store:
            expired = self._expired(now)
            for token in expired:
                self._drop(store, token)
            earlier = [token for token in self._by_user.get(user, ()) if token not in expired] if at_most else []
            for token in earlier[: max(0, len(earlier) + 1 - at_most)]:
                self._drop(store, token)
            token = self._new_token(store.next_number(LOGINS))
            session = Session(token, user, version, now + lifetime)
            self._put(store, session)
        return session

    def prolong(self, session: Session, lifetime: int) -> Session:
        """Let a session expire in ``lifetime`` milliseconds from now, and return it."""
        prolonged = replace(session, expires=self._now() + lifetime)
        if prolonged != session:
            with self._transaction() as store:
                self._put(store, prolonged)
        return prolonged

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
            self._drop(store, self._by_token[token].token)

    def load(self, store: Store) -> None:
        """Read the sessions from the notes of a store, within a transaction."""
        found = {token: Session(token, **json.loads(text)) for token, text in store.notes(AREA).items()}
        store.on_commit(partial(self._replace, found))

    def clear(self, store: Store) -> None:
        """Close all sessions, within a transaction of the store."""
        store.clear_notes(AREA)
        store.on_commit(partial(self._replace, {}))

    def keep_users(self, store: Store, users: Container[str]) -> None:
        """Close the sessions of all other users, within a transaction of the store."""
        for user, tokens in self._by_user.items():
            if user not in users:
                for token in tokens:
                    self._drop(store, token)

    def drop_user(self, store: Store, user: str) -> None:
        """Close the sessions of a user, within a transaction of the store."""
        for token in self._by_user.get(user, ()):
            self._drop(store, token)

    def _put(self, store: Store, session: Session) -> None:
        text = json.dumps({"user": session.user, "version": session.version, "expires": session.expires})
        store.set_note(AREA, session.token, text)
        store.on_commit(partial(self._show, session))

    def _drop(self, store: Store, token: str) -> None:
        store.set_note(AREA, token, None)
        store.on_commit(partial(self._hide, token))

    def _replace(self, sessions: dict[str, Session]) -> None:
        self._by_token = sessions
        self._by_user: dict[str, dict[str, None]] = {}
        """Tokens of each user in the order of their logins; after a restart, in that of their expiration."""
        for session in sorted(sessions.values(), key=lambda each: each.expires):
            self._by_user.setdefault(session.user, {})[session.token] = None
        self._sort()

    def _show(self, session: Session) -> None:
        self._by_token[session.token] = session
        self._by_user.setdefault(session.user, {})[session.token] = None
        heapq.heappush(self._by_expiry, (session.expires, session.token))
        if len(self._by_expiry) > 2 * len(self._by_token) + 100:
            self._sort()

    def _hide(self, token: str) -> None:
        session = self._by_token.pop(token)
        del self._by_user[session.user][token]
        if not self._by_user[session.user]:
            del self._by_user[session.user]

    def _sort(self) -> None:
        self._by_expiry = [(session.expires, token) for token, session in self._by_token.items()]
        """A heap. Entries of sessions that ended or now expire at another time stay until the next sorting."""
        heapq.heapify(self._by_expiry)

    def _expired(self, now: int) -> list[str]:
        """Return the tokens of all expired sessions, each once."""
        while self._by_expiry and not self._is_current(*self._by_expiry[0]):
            heapq.heappop(self._by_expiry)
        found: dict[str, None] = {}
        places = [0]
        while places:
            place = places.pop()
            if place < len(self._by_expiry) and self._by_expiry[place][0] <= now:
                # The entries below one in a heap are never earlier.
                places += (2 * place + 1, 2 * place + 2)
                if self._is_current(*self._by_expiry[place]):
                    # A session that expired twice at one time has two entries.
                    found[self._by_expiry[place][1]] = None
        return list(found)

    def _is_current(self, expires: int, token: str) -> bool:
        session = self._by_token.get(token)
        return session is not None and session.expires == expires

    def __getitem__(self, token: str) -> Session:
        return self._by_token[token]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_token)

    def __len__(self) -> int:
        return len(self._by_token)
