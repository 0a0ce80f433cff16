"""A tenant: one Ajera database with everything that belongs to it. Nothing of it is shared with another."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from mock_ajera import codec
from mock_ajera.store import Row, Store
from mock_ajera.tenants import stamps
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.firm import Database, Firm
from mock_ajera.tenants.journal import Journal
from mock_ajera.tenants.model import KindSpec, Model
from mock_ajera.tenants.quirks import QUIRKS, profile_values
from mock_ajera.tenants.render_cache import RenderCache
from mock_ajera.tenants.users import ApiUser, NewUser

DEFAULT = "default"
"""Name of the tenant that a server begins with."""
BASELINE_LIMIT = 64 * 1024 * 1024
"""Bytes of a firm of which no copy is kept to reset it to: it would double what the firm takes."""
SNAPSHOTS = 100
"""Snapshots of a tenant that are kept under a name."""
_LOGINS = "Session"
"""The sequence that tokens are made from; a login changes nothing that an export shows."""


@dataclass(slots=True)
class Session:
    """A login. Bound to one version of the API."""

    token: str
    user: str
    version: int
    expires: int
    """UTC milliseconds."""


@dataclass(frozen=True)
class Snapshot:
    """The state of a tenant at one moment."""

    image: bytes
    """The store, as it dumps itself."""
    model: Model


class Tenant:
    """One Ajera database: records, API users, sessions, clock, numbers, quirks and journal.

    ``lock`` is held while a handler runs: a reader never sees half of a transaction.
    """

    name = DEFAULT
    """What a tester calls it."""

    def __init__(self, store: Store, specs: Iterable[KindSpec], *, seed: bytes, clock: Clock | None = None) -> None:
        self._begin(store, seed)
        self._model = Model(specs)
        self._load_state()
        if clock is not None:
            self.clock = clock

    def _begin(self, store: Store, seed: bytes) -> None:
        """What every tenant begins with, whatever its state."""
        self.store = store
        self.lock = threading.RLock()
        self.journal = Journal()
        self.render_cache = RenderCache()
        self.quirk_epoch = 0
        self._seed = seed
        self._drawn = 0
        self._pending: list[tuple[str, Row | int]] | None = None
        self.closed = False
        self._baseline: Snapshot | None = None
        self._snapshots: dict[str, Snapshot] = {}

    def _load_state(self) -> None:
        """Everything in memory, from the store."""
        for row in self.store.rows():
            self._model.tables[row.kind].put(row.key, row.version, row.stamp, self.body(row))
        self._read_notes()

    def _read_notes(self, clock: Clock | None = None, database: Database | None = None) -> None:
        """What the tenant is besides its records. Clock and ids that are given stand in place of those in the store."""
        text = self.store.note("tenant", "firm")
        firm = None if text is None else Firm.from_text(text)
        if firm is None or database in (None, firm.database):
            self._firm = firm
        else:
            # Never, not for a moment, are the ids those of another tenant: it is found by them.
            self.set_firm(replace(firm, database=database))
        self._kept_clock = self.store.note("tenant", "clock") or "real"
        self.clock = Clock.from_text(self._kept_clock) if clock is None else clock
        self._quirks = profile_values("observed") | {
            name: json.loads(text) for name, text in self.store.notes("quirk").items()
        }
        self.users = {name: ApiUser.from_text(text) for name, text in self.store.notes("user").items()}
        self.sessions = {
            token: Session(token, **json.loads(text)) for token, text in self.store.notes("session").items()
        }

    @property
    def clock(self) -> Clock:
        """The clock. How it is set is kept in the store."""
        return self._clock

    @clock.setter
    def clock(self, clock: Clock) -> None:
        self._clock = clock
        clock.changed = self._keep_clock
        self._keep_clock()

    def _keep_clock(self) -> None:
        with self.lock:
            # Asked for under the lock: of two threads that set the clock the later one is kept.
            text = self._clock.to_text()
            if text != self._kept_clock:
                with self.store.transaction():
                    self.store.set_note("tenant", "clock", text)
                self._kept_clock = text

    @property
    def model(self) -> Model:
        """The read model."""
        return self._model

    @property
    def firm(self) -> Firm:
        """The firm. Raises ``LookupError`` while the tenant is still empty."""
        if self._firm is None:
            raise LookupError("the tenant has no firm yet")
        return self._firm

    # records

    def row(self, kind: str, key: int) -> Row | None:
        """The stored row of a record."""
        return self.store.get(kind, key)

    @staticmethod
    def body(row: Row) -> dict[str, Any]:
        """The canonical values of a stored row."""
        body = codec.decode_stored(row.body)
        if not isinstance(body, dict):
            raise TypeError(f"{row.kind} {row.key} is not an object")
        return body

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: what ``save`` and ``remove`` do inside is seen when it ends well, or never."""
        self._pending = []
        try:
            with self.store.transaction():
                yield
            for kind, change in self._pending:
                table = self._model.tables[kind]
                if isinstance(change, int):
                    table.remove(change)
                    # A record put again under the key starts anew with version 1: nothing old may pass for it.
                    self.render_cache = RenderCache()
                else:
                    table.put(change.key, change.version, change.stamp, self.body(change))
                if table.spec.looked_up:
                    self._model.lookup_epoch += 1
        finally:
            self._pending = None

    def save(self, kind: str, key: int, body: Mapping[str, Any], *, stamp: int | None = None) -> Row:
        """Put a record, with a new stamp unless one is given; inside ``writing``."""
        if self._pending is None:
            raise RuntimeError("save is called outside a transaction")
        if stamp is None:
            before = self._model.tables[kind].entries.get(key)
            stamp = stamps.next_stamp(self.clock.now(), None if before is None else before.stamp)
        row = self.store.put(kind, key, stamp, codec.encode(body).decode())
        self._pending.append((kind, row))
        return row

    def remove(self, kind: str, key: int) -> None:
        """Delete a record; inside ``writing``."""
        if self._pending is None:
            raise RuntimeError("remove is called outside a transaction")
        self.store.delete(kind, key)
        self._pending.append((kind, key))

    def export(self) -> bytes:
        """Records and API users in a canonical form: equal bytes mean equal books."""
        with self.lock:
            records = [[row.kind, row.key, row.version, row.stamp, row.body] for row in self.store.rows()]
            users = sorted(self.store.notes("user").items())
        return json.dumps({"records": records, "users": users}, ensure_ascii=False).encode()

    def fingerprint(self) -> bytes:
        """The export and the number sequences: everything that a refused write must leave as it was."""
        with self.lock:
            numbers = sorted(item for item in self.store.numbers().items() if item[0] != _LOGINS)
            return self.export() + json.dumps(numbers).encode()

    # settings

    def quirk(self, name: str) -> Any:
        """The value of a quirk."""
        return self._quirks[name]

    def set_quirks(self, values: Mapping[str, Any]) -> None:
        """Set quirks by name. Raises ``ValueError`` for an unknown name or value, and then sets none."""
        checked = {QUIRKS.spelt(name): QUIRKS.checked(name, value) for name, value in values.items()}
        with self.lock, self.store.transaction():
            for name, value in checked.items():
                self.store.set_note("quirk", name, json.dumps(value))
            self._quirks |= checked
            self.quirk_epoch += 1

    @property
    def quirks(self) -> Mapping[str, Any]:
        """The value of every quirk by name."""
        return dict(self._quirks)

    @property
    def own_quirks(self) -> Mapping[str, Any]:
        """The quirks that do not have the value of profile ``observed``."""
        usual = profile_values("observed")
        return {name: value for name, value in self._quirks.items() if value != usual[name]}

    def set_database(self, database: Database) -> None:
        """Give the tenant other ids. Whoever finds tenants by their ids must not have it yet."""
        self.set_firm(replace(self.firm, database=database))

    def set_firm(self, firm: Firm, *, kept: bool = True) -> None:
        """Say what firm this is. One that is not kept is being filled, and nothing if that is broken off."""
        with self.lock, self.store.transaction():
            if kept:
                self.store.set_note("tenant", "firm", firm.to_text())
            self._firm = firm

    def set_user(self, user: ApiUser) -> None:
        """Add an API user, or replace the one of that name."""
        with self.lock, self.store.transaction():
            self.store.set_note("user", user.name, user.to_text())
            self.users[user.name] = user

    def add_user(self, new: NewUser, boxes: Container[str]) -> ApiUser:
        """Add an API user by the rules of the screen; ``boxes`` are the methods that have one. Raises ``BadUser``."""
        with self.lock:
            user = new.checked(self.users, self._is_employee, boxes)
            self.set_user(user)
        return user

    def change_user(self, before: ApiUser, new: NewUser, boxes: Container[str]) -> ApiUser:
        """Change an API user by the rules of the screen; its name stays. Raises ``BadUser``."""
        with self.lock:
            others = [name for name in self.users if name != before.name]
            user = new.checked(others, self._is_employee, boxes, before)
            self.set_user(user)
        return user

    def _is_employee(self, key: int) -> bool:
        return self._model.summary("Employee", key) is not None

    def remove_user(self, name: str) -> None:
        """Remove an API user, whose sessions end (claim ``session.ends-with-its-user``).

        Raises ``LookupError`` when there is no such user.
        """
        with self.lock:
            if name not in self.users:
                raise LookupError(f"there is no API user {name!r}")
            with self.store.transaction():
                for token in [token for token, session in self.sessions.items() if session.user == name]:
                    self._drop_session(token)
                self.store.set_note("user", name, None)
                del self.users[name]

    # sessions

    def add_session(self, user: str, version: int, lifetime: int) -> Session:
        """Open a session of ``lifetime`` milliseconds; those that have expired are forgotten."""
        now = self.clock.now()
        with self.store.transaction():
            for token in [token for token, session in self.sessions.items() if session.expires <= now]:
                self._drop_session(token)
            number = self.store.next_number(_LOGINS)
            session = Session(self._digest("session", number)[:40], user, version, now + lifetime)
            self._keep_session(session)
        return session

    def expire_sessions(self, tokens: Iterable[str]) -> None:
        """Let sessions expire now: their tokens are refused as those of sessions that have expired.

        Raises ``KeyError`` for a token of no session.
        """
        with self.lock, self.store.transaction():
            for token in tokens:
                self._keep_session(replace(self.sessions[token], expires=self.clock.now()))

    def end_session(self, token: str) -> None:
        """Close a session."""
        with self.store.transaction():
            self._drop_session(token)

    def _keep_session(self, session: Session) -> None:
        text = json.dumps({"user": session.user, "version": session.version, "expires": session.expires})
        self.store.set_note("session", session.token, text)
        self.sessions[session.token] = session

    def _drop_session(self, token: str) -> None:
        self.store.set_note("session", token, None)
        del self.sessions[token]

    # numbers

    def usage_key(self) -> str:
        """A new UsageKey: a guid, lower case, with dashes."""
        self._drawn += 1
        text = self._digest("usage", self._drawn)
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:32]}"

    def _digest(self, purpose: str, number: int) -> str:
        return hmac.new(self._seed, f"{purpose}:{number}".encode(), hashlib.sha256).hexdigest()

    # life

    @classmethod
    def of(cls, snapshot: Snapshot, store: Store, *, seed: bytes) -> Tenant:
        """A tenant in the state of a snapshot, on an empty store. Sessions stay behind."""
        store.load(snapshot.image)
        twin = cls.__new__(cls)
        twin._begin(store, seed)
        twin._model = snapshot.model.copy()
        twin._read_notes()
        if twin.sessions:
            with store.transaction():
                for token in list(twin.sessions):
                    twin._drop_session(token)
        return twin

    def fork(self, store: Store, *, seed: bytes) -> Tenant:
        """A tenant with the same records, users and settings on another, empty store. Sessions stay behind."""
        return Tenant.of(self.snapshot(), store, seed=seed)

    def snapshot(self) -> Snapshot:
        """The state as it is now, to come back to."""
        with self.lock:
            return Snapshot(self.store.dump(), self._model.copy())

    def save_baseline(self) -> None:
        """Remember the state as the one to reset to, unless it is too large to be kept twice."""
        with self.lock:
            self._baseline = self.snapshot() if self.store.size() <= BASELINE_LIMIT else None

    def reset(self, *, sessions: bool = True) -> None:
        """Go back to the state that ``save_baseline`` remembered, as ``restore`` does.

        With the sessions stay the API users that were added since: a service that logged in as one goes on. Those that
        there were are as they were. Raises ``LookupError`` when no state was remembered.
        """
        if self._baseline is None:
            raise LookupError("no copy of the beginning of so large a firm is kept: take a snapshot, and restore that")
        self.restore(self._baseline, sessions=sessions, added_users=sessions)

    @property
    def snapshots(self) -> Mapping[str, Snapshot]:
        """The snapshots that were kept, by name."""
        return dict(self._snapshots)

    def keep_snapshot(self, name: str) -> Snapshot:
        """Take a snapshot and keep it under a name, in place of one that has it. Raises ``LookupError`` when full."""
        with self.lock:
            if name not in self._snapshots and len(self._snapshots) >= SNAPSHOTS:
                raise LookupError(f"{SNAPSHOTS} snapshots are kept already: delete one first")
            self._snapshots[name] = taken = self.snapshot()
        return taken

    def drop_snapshot(self, name: str) -> None:
        """Keep a snapshot no longer. Raises ``KeyError`` when there is none of that name."""
        with self.lock:
            del self._snapshots[name]

    def restore(self, snapshot: Snapshot, *, sessions: bool = True, added_users: bool = False) -> None:
        """Go back to a snapshot: records, users, quirks, and the keys that new records get.

        Open sessions stay open unless told otherwise and the clock goes on, so that a service under test does not
        notice; the journal is cleared. The ids stay as they are, whosever the snapshot is. ``added_users``: whether
        API users that the snapshot does not have stay.
        """
        with self.lock:
            kept, users = self.sessions if sessions else {}, self.users if added_users else {}
            logins, clock, database = self.store.number(_LOGINS), self.clock, self.firm.database
            self.store.load(snapshot.image)
            self._model = snapshot.model.copy()
            self.render_cache = RenderCache()
            self.journal.clear()
            self._read_notes(clock, database)
            for name in users.keys() - self.users.keys():
                self.set_user(users[name])
            with self.store.transaction():
                # A token is made from the number of its login: none may come twice.
                self.store.raise_number(_LOGINS, logins)
                for token in list(self.sessions):
                    self._drop_session(token)
                for session in kept.values():
                    if session.user in self.users:
                        self._keep_session(session)

    def close(self) -> None:
        """Close the store."""
        with self.lock:
            self.closed = True
            self.store.close()
