"""A tenant: one Ajera database with its records and settings. Tenants share no state."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from mock_ajera import codec
from mock_ajera.store import Row, Store
from mock_ajera.tenants import stamps
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.faults import Faults
from mock_ajera.tenants.firm import Database, Firm
from mock_ajera.tenants.journal import Journal
from mock_ajera.tenants.lock_outs import LockOuts
from mock_ajera.tenants.model import KindSpec, Model
from mock_ajera.tenants.opening import body_of, read_model
from mock_ajera.tenants.quirks import QUIRKS, profile_values
from mock_ajera.tenants.render_cache import RenderCache
from mock_ajera.tenants.sessions import AREA as SESSIONS
from mock_ajera.tenants.sessions import LOGINS, Sessions
from mock_ajera.tenants.snapshots import Snapshot, Snapshots
from mock_ajera.tenants.tokens import Tokens
from mock_ajera.tenants.users import AREA as USERS
from mock_ajera.tenants.users import ApiUser, Users

DEFAULT = "default"
"""Name of the default tenant of a server."""


class TenantClosed(Exception):
    """The store of a closed tenant was used. ``name`` is the name of the tenant."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the tenant {name} is closed")


class _Change(msgspec.Struct, frozen=True):
    """A change of a record in a transaction."""

    kind: str
    key: int
    row: Row | None = None
    """None if the record is removed."""
    body: Mapping[str, Any] = {}


def _change(kind: str, change: Row | int) -> _Change:
    """Return the change of a kind to another row, or the removal of a key."""
    return _Change(kind, change) if isinstance(change, int) else _Change(kind, change.key, change, body_of(change))


class Tenant:
    """One Ajera database: records, API users, sessions, clock, quirks and journal.

    Hold ``lock`` while handling a request, so that no request sees part of a transaction.
    """

    name = DEFAULT
    """Name in the directory and on the control surface."""

    def __init__(
        self,
        store: Store,
        specs: Iterable[KindSpec],
        *,
        seed: bytes,
        clock: Clock | None = None,
        model: Model | None = None,
    ) -> None:
        """Open the tenant of a store; it is empty if the store is.

        ``clock`` replaces the stored clock. ``model``: the read model of the store, if the caller knows it.
        """
        self._begin(store, seed)
        self._model = read_model(store, specs) if model is None else model
        with self.transaction():
            self.sessions.load(store)
            self._load_settings(store)
        self.clock = Clock.from_text(self._stored_clock) if clock is None else clock

    def _begin(self, store: Store, seed: bytes) -> None:
        """Set all attributes that are not read from the store."""
        self._store = store
        self.lock = threading.RLock()
        self.journal = Journal()
        self.faults = Faults(seed)
        self.render_cache = RenderCache()
        self.quirk_epoch = 0
        """Counts changes of quirks. A rendered record is valid for one epoch."""
        self.closed = False
        self._pending: list[_Change] | None = None
        self._stored_clock = store.note("tenant", "clock") or Clock().to_text()
        tokens = Tokens(seed)
        self.usage_key = tokens.usage_key
        self.sessions = Sessions(self.transaction, lambda: self.clock.now(), tokens.session_token)
        self.users = Users(self.transaction, self.sessions, self._employee, lambda: self.clock.now())
        self.lock_outs = LockOuts(lambda: self.clock.now())
        self.snapshots = Snapshots(self)
        self.journal.known |= {
            "user": lambda: self.users,
            "record": lambda: self.model.tables,
            "fault": lambda: self.faults.names,
        }

    def _load_settings(self, store: Store) -> Mapping[str, ApiUser]:
        """Read the firm, the quirks and the API users, within a transaction, and return the users."""
        text = store.note("tenant", "firm")
        firm = None if text is None else Firm.from_text(text)
        own = {name: json.loads(value) for name, value in store.notes("quirk").items()}
        store.on_commit(partial(self._show_settings, firm, profile_values("observed") | own))
        return self.users.load(store)

    def _show_settings(self, firm: Firm | None, quirks: Mapping[str, Any]) -> None:
        self._firm = firm
        self._show_quirks(quirks)

    def _show_quirks(self, quirks: Mapping[str, Any]) -> None:
        self._quirks = quirks
        self.quirk_epoch += 1

    @property
    def store(self) -> Store:
        """The store. Raises ``TenantClosed`` after ``close``."""
        if self.closed:
            raise TenantClosed(self.name)
        return self._store

    @contextmanager
    def transaction(self) -> Iterator[Store]:
        """Hold the lock and one transaction of the store. Raises ``TenantClosed``."""
        with self.lock:
            store = self.store
            with store.transaction():
                yield store

    # records

    @property
    def model(self) -> Model:
        """The read model."""
        return self._model

    def row(self, kind: str, key: int) -> Row | None:
        """Return the stored row of a record, or None."""
        return self.store.get(kind, key)

    @staticmethod
    def body(row: Row) -> dict[str, Any]:
        """Return the canonical values of a stored row. Raises ``ValueError`` unless it is an object."""
        return body_of(row)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Run one transaction. Changes by ``save`` and ``remove`` become visible together when it is committed."""
        pending = self._pending = []
        try:
            with self.transaction() as store:
                yield
                self._remove_owned(pending)
                store.on_commit(partial(self._show_records, pending))
        finally:
            self._pending = None

    def _show_records(self, changes: Iterable[_Change]) -> None:
        for change in changes:
            table = self._model.tables[change.kind]
            if change.row is None:
                table.remove(change.key)
                # A new record with this key starts at version 1 again: drop the renderings of the old one.
                self.render_cache = RenderCache()
            else:
                table.put(change.key, change.row.version, change.row.stamp, change.body)

    def _remove_owned(self, changes: Iterable[_Change]) -> None:
        """Remove the records that were owned by changed records and that no record refers to any more."""
        last = {(change.kind, change.key): change for change in changes}
        for (kind, key), change in last.items():
            table = self._model.tables[kind]
            before = table.entries.get(key) if table.spec.owns else None
            if before is None:
                continue
            after = {} if change.row is None else table.spec.references_in(change.body)
            for owned in table.spec.owns:
                for gone in sorted(set(before.references[owned]).difference(after.get(owned, ()))):
                    if table.referrers(owned, gone) == {key}:
                        self.remove(owned, gone)

    def save(self, kind: str, key: int, body: Mapping[str, Any], *, stamp: int | None = None) -> Row:
        """Store a record within ``writing``. ``stamp`` is in UTC milliseconds; the default is a new one.

        Raises ``RuntimeError`` outside ``writing``.
        """
        if self._pending is None:
            raise RuntimeError("save is called outside a transaction")
        if stamp is None:
            before = self._model.tables[kind].entries.get(key)
            stamp = stamps.next_stamp(self.clock.now(), None if before is None else before.stamp)
        row = self.store.put(kind, key, stamp, codec.encode_known(body).decode())
        self._pending.append(_Change(kind, key, row, body))
        return row

    def remove(self, kind: str, key: int) -> None:
        """Delete a record within ``writing``.

        Raises ``RuntimeError`` outside ``writing``, and ``KeyError`` if there is no such record.
        """
        if self._pending is None:
            raise RuntimeError("remove is called outside a transaction")
        self.store.delete(kind, key)
        self._pending.append(_Change(kind, key))

    def export(self) -> bytes:
        """Return records and API users in a canonical form, equal for tenants with the same content."""
        with self.lock:
            records = [[row.kind, row.key, row.version, row.stamp, row.body] for row in self.store.rows()]
            users = sorted(self.store.notes("user").items())
        return codec.encode({"records": records, "users": users})

    def fingerprint(self) -> bytes:
        """Return the export and the number sequences, which a refused write must not change."""
        with self.lock:
            numbers = sorted(item for item in self.store.numbers().items() if item[0] != LOGINS)
            return self.export() + codec.encode(numbers)

    def _employee(self, key: int) -> dict[str, Any] | None:
        row = self.row("Employee", key)
        return None if row is None else self.body(row)

    # settings

    @property
    def clock(self) -> Clock:
        """The clock. Its setting is stored."""
        return self._clock

    @clock.setter
    def clock(self, clock: Clock) -> None:
        with self.lock:
            self._store_clock(clock.to_text())
            clock.stored_by(self._store_clock, self.lock)
            self._clock = clock

    def _store_clock(self, text: str) -> None:
        if text != self._stored_clock:
            with self.transaction() as store:
                store.set_note("tenant", "clock", text)
            self._stored_clock = text

    def quirk(self, name: str) -> Any:
        """Return the value of a quirk."""
        return self._quirks[name]

    def set_quirks(self, values: Mapping[str, Any]) -> None:
        """Set quirks by name. Raises ``ValueError`` for an unknown name or value; no quirk changes then."""
        checked = {QUIRKS.spelt(name): QUIRKS.checked(name, value) for name, value in values.items()}
        with self.transaction() as store:
            for name, value in checked.items():
                store.set_note("quirk", name, json.dumps(value))
            store.on_commit(partial(self._show_quirks, {**self._quirks, **checked}))

    @property
    def quirks(self) -> Mapping[str, Any]:
        """The value of every quirk by name."""
        return dict(self._quirks)

    @property
    def own_quirks(self) -> Mapping[str, Any]:
        """The quirks whose value differs from profile ``observed``."""
        usual = profile_values("observed")
        return {name: value for name, value in self._quirks.items() if value != usual[name]}

    @property
    def firm(self) -> Firm:
        """The firm. Raises ``LookupError`` while the tenant is empty."""
        if self._firm is None:
            raise LookupError("the tenant has no firm yet")
        return self._firm

    def set_firm(self, firm: Firm, *, kept: bool = True) -> None:
        """Set the firm. ``kept`` also stores it.

        A store with records but without a firm is incomplete: store the firm only when all records are loaded.
        """
        with self.transaction() as store:
            if kept:
                store.set_note("tenant", "firm", firm.to_text())
            store.on_commit(partial(setattr, self, "_firm", firm))

    def set_database(self, database: Database) -> None:
        """Change the database ids, by which a directory finds the tenant. Call it before adding the tenant to one."""
        self.set_firm(replace(self.firm, database=database))

    # life cycle

    @classmethod
    def of(cls, snapshot: Snapshot, store: Store, *, seed: bytes) -> Tenant:
        """Return a tenant in the state of a snapshot, on an empty store. Sessions are not copied."""
        store.load(snapshot.image)
        twin = cls.__new__(cls)
        twin._begin(store, seed)
        twin._model = snapshot.model.copy()
        with twin.transaction():
            twin.sessions.clear(store)
            twin._load_settings(store)
        twin.clock = Clock.from_text(twin._stored_clock)
        return twin

    def fork(self, store: Store, *, seed: bytes) -> Tenant:
        """Return a copy of this tenant on an empty store. Sessions are not copied."""
        return Tenant.of(self.snapshot(), store, seed=seed)

    def snapshot(self) -> Snapshot:
        """Return the current state."""
        with self.lock:
            return Snapshot(self.store.dump(), self._model.copy())

    def restore(self, snapshot: Snapshot, *, sessions: bool = True) -> None:
        """Restore records, users, quirks and number sequences from a snapshot of this tenant or another one.

        The clock and the database ids stay the same. The journal is cleared. ``sessions``: keep the sessions of users
        that still exist.
        """

        def load(store: Store) -> Callable[[], None]:
            store.load(snapshot.image, keep=SESSIONS)
            return partial(self._show_model, snapshot.model)

        self._return(load, sessions=sessions, added_users=False)

    def mark(self) -> None:
        """Make the current state the one that ``reset`` returns to."""
        with self.transaction() as store:
            store.mark()

    def reset(self, *, sessions: bool = True) -> None:
        """Restore what ``mark`` remembers, as ``restore`` does.

        ``sessions``: keep sessions, and API users that were added since. Raises ``LookupError`` without a mark.
        """

        def rewind(store: Store) -> Callable[[], None]:
            changed = store.rewind(keep=SESSIONS)
            return partial(self._show_records, (_change(kind, change) for kind, change in changed))

        self._return(rewind, sessions=sessions, added_users=sessions)

    def _return(self, load: Callable[[Store], Callable[[], None]], *, sessions: bool, added_users: bool) -> None:
        """Return to another state. ``load``: loads it into the store, and returns how to show its records."""
        with self.transaction() as store:
            logins, before, database = store.number(LOGINS), store.notes(USERS), self.firm.database
            show = load(store)
            store.raise_number(LOGINS, logins)
            store.set_note("tenant", "clock", self._stored_clock)
            firm = Firm.from_text(store.note("tenant", "firm") or "")
            # A request may look up the tenant by its ids at any moment: they never change.
            store.set_note("tenant", "firm", replace(firm, database=database).to_text())
            if added_users:
                for name in before.keys() - store.notes(USERS).keys():
                    store.set_note(USERS, name, before[name])
            restored = self._load_settings(store)
            if sessions:
                self.sessions.keep_users(store, restored)
            else:
                self.sessions.clear(store)
            store.on_commit(show)
            store.on_commit(self._forget)

    def _show_model(self, model: Model) -> None:
        self._model = model.copy()

    def _forget(self) -> None:
        """Forget what was printed and asked before the tenant returned to another state."""
        self.render_cache = RenderCache()
        self.journal.clear()
        self.lock_outs.clear()

    def fault(self) -> str | None:
        """Return why the store cannot be used, or None (see ``Store.fault``)."""
        with self.lock:
            return None if self.closed else self._store.fault()

    def close(self) -> None:
        """Close the store and drop the snapshots. Any later use of the store raises ``TenantClosed``."""
        with self.lock:
            self.closed = True
            self._store.close()
            # Images are large, and a tenant is part of a reference cycle, which Python frees much later.
            self.snapshots.clear()
