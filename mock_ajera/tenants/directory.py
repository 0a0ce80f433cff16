"""The tenants of a server by name and by database ids."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

import msgspec

from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.faults import Fault
from mock_ajera.tenants.firm import Database
from mock_ajera.tenants.journal import Entry, Journal, Reliance
from mock_ajera.tenants.quirks import Layers
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.tokens import Tokens

Name = str | tuple[int, int]
"""DatabaseName, or ClientID and DatabaseID."""
FIRST_FREE = 201
"""Lowest DatabaseID that is assigned to a tenant without one of its own."""


class Taken(ValueError):
    """Another tenant has the name or one of the ids."""


class DatabaseIds(msgspec.Struct, frozen=True):
    """The database ids of a new tenant. None means that a free one is assigned."""

    database_name: str | None = None
    client_id: int | None = None
    database_id: int | None = None


def _ignore(tenant: Tenant) -> None:
    pass


class Directory:
    """The tenants of a server: API requests find them by database ids, control actions by name."""

    def __init__(self, seed: bytes | None = None, *, time_scale: float = 1.0) -> None:
        """``seed`` makes the tenants' seeds and the directory's own usage keys reproducible.

        ``time_scale``: that of the faults of every tenant.
        """
        self._time_scale = time_scale
        self._by_id: dict[Name, Tenant] = {}
        self._by_name: dict[str, Tenant] = {}
        self._lock = threading.RLock()
        self._seeds = None if seed is None else Tokens(seed)
        self._tokens = self._seeds or Tokens(secrets.token_bytes(16))
        self._named = 0
        self._next_database = FIRST_FREE
        self._removed: dict[str, Reliance] = {}
        """Reliance of removed tenants, by claim."""
        self._clock = Clock()
        self.methods: Collection[str] = ()
        """The names of the API's methods, for queries of the journals; none if they are not to be checked."""
        self.journal = Journal()
        """The refused requests that reached no tenant, by real time."""
        self.journal.known["method"] = lambda: self.methods
        self.added: Callable[[Tenant], object] = _ignore
        """Called with each new tenant."""
        self.ready = threading.Event()
        """Cleared while the first tenants of the server are being loaded."""
        self.ready.set()

    def admit(self, tenant: Tenant, name: str, *, quirks: Layers | None = None, ids: DatabaseIds | None = None) -> None:
        """Set a tenant's quirks, name and database ids, mark the state for resets, and add it.

        ``quirks``: None leaves the quirks unchanged. ``ids``: None keeps the ids of the firm. Raises ``ValueError``
        for an unknown quirk or value and ``Taken`` for a name or id in use, and closes the tenant then.
        """
        try:
            if quirks is not None:
                tenant.set_quirks(quirks.merged())
            with self._lock:
                tenant.name = name
                if ids is not None:
                    tenant.set_database(self._database(name, tenant.firm.database, ids))
                tenant.mark()
                self.add(tenant)
        except BaseException:
            tenant.close()
            raise

    def add(self, tenant: Tenant) -> None:
        """Add a tenant unchanged. Raises ``Taken`` if another one has its name or one of its ids."""
        with self._lock:
            ids = self._ids(tenant)
            if tenant.name in self._by_name:
                raise Taken(f"tenant {tenant.name} already exists")
            for each in ids:
                if each in self._by_id:
                    shown = each if isinstance(each, str) else f"ClientID {each[0]}, DatabaseID {each[1]}"
                    raise Taken(f"the tenant {self._by_id[each].name} has the database {shown}")
            self._by_id |= dict.fromkeys(ids, tenant)
            self._by_name[tenant.name] = tenant
            tenant.journal.known["method"] = lambda: self.methods
        tenant.faults.time_scale = self._time_scale
        self.added(tenant)

    def remove(self, name: str) -> Tenant:
        """Remove a tenant and return it, still open. Raises ``KeyError`` for an unknown name."""
        with self._lock:
            tenant = self._by_name.pop(name)
            # Compare identities, not database ids: another thread may be restoring the tenant.
            for each in [each for each, found in self._by_id.items() if found is tenant]:
                del self._by_id[each]
            _add_reliance(self._removed, tenant.journal.reliance())
        return tenant

    def note(self, entry: Entry) -> None:
        """Note a refused request that reached no tenant, and set its time.

        If there is just one tenant, its journal has the entry, too; only the listeners of the server's are called.
        """
        entry.at = self._clock.now()
        self.journal.note(entry, counted=False)
        tenants = list(self)
        if len(tenants) == 1:
            (alone,) = tenants
            alone.journal.note(replace(entry, at=alone.clock.now()), counted=False, announced=False)

    def find(self, name: Name) -> Tenant | None:
        """Return the tenant with a DatabaseName or a (ClientID, DatabaseID), or None."""
        return self._by_id.get(name)

    def get(self, name: str) -> Tenant | None:
        """Return the tenant with a name, or None."""
        return self._by_name.get(name)

    def faults(self) -> list[tuple[Tenant, Fault]]:
        """Return each fault with its tenant."""
        return [(tenant, fault) for tenant in self for fault in tenant.faults]

    def names(self) -> list[str]:
        """Return the DatabaseName and the ids of every tenant, as text for error messages."""
        databases = [tenant.firm.database for tenant in self]
        return [f"{each.name} (ClientID {each.client_id}, DatabaseID {each.database_id})" for each in databases]

    def free_name(self) -> str:
        """Return a name that is not in use: t1, t2 and so on. No two calls return the same one."""
        with self._lock:
            self._named += 1
            while f"t{self._named}" in self._by_name:
                self._named += 1
            return f"t{self._named}"

    def seed_of(self, name: str, chosen: str | None = None) -> bytes:
        """Return the seed for a tenant with this name; it is random unless one is chosen or the directory has one.

        The name is part of it: two tenants never issue the same token. Raises ``ValueError`` for half a character.
        """
        for what, text in (("name of the tenant", name), ("seed", chosen or "")):
            try:
                text.encode()
            except UnicodeEncodeError:
                raise ValueError(f"the {what} {text!r} has half a character (a lone surrogate)") from None
        seeds = self._seeds if chosen is None else Tokens(chosen.encode())
        return secrets.token_bytes(16) if seeds is None else seeds.digest(f"tenant:{name}")

    def usage_key(self) -> str:
        """Return a UsageKey for a response that belongs to no tenant."""
        with self._lock:
            return self._tokens.usage_key()

    def reliance(self, *grades: str) -> list[Reliance]:
        """Return the claims that responses relied on, most responses first, for all tenants including removed ones.

        ``grades`` limits the result to claims with these grades.
        """
        with self._lock:
            found: dict[str, Reliance] = {}
            _add_reliance(found, list(self._removed.values()))
            for tenant in self:
                _add_reliance(found, tenant.journal.reliance())
        chosen = [each for each in found.values() if not grades or each.known.grade in grades]
        return sorted(chosen, key=lambda each: (-each.answers, each.claim))

    def __iter__(self) -> Iterator[Tenant]:
        with self._lock:
            return iter(list(self._by_name.values()))

    def _database(self, name: str, firm: Database, ids: DatabaseIds) -> Database:
        """Replace each missing id with a free one.

        No DatabaseID is assigned twice: the URL of a removed tenant must not lead to another one.
        """
        while (firm.client_id, self._next_database) in self._by_id:
            self._next_database += 1
        free = self._next_database
        self._next_database += 1
        return Database(
            f"Ajera_{name}" if ids.database_name is None else ids.database_name,
            firm.client_id if ids.client_id is None else ids.client_id,
            free if ids.database_id is None else ids.database_id,
            firm.is_sample,
        )

    @staticmethod
    def _ids(tenant: Tenant) -> tuple[Name, Name]:
        database = tenant.firm.database
        return database.name, (database.client_id, database.database_id)


def _add_reliance(to: dict[str, Reliance], more: list[Reliance]) -> None:
    for each in more:
        total = to.setdefault(each.claim, Reliance(each.claim))
        total.answers += each.answers
        for method, answers in each.methods.items():
            total.methods[method] = total.methods.get(method, 0) + answers
