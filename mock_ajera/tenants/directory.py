"""The tenants of a server, by their names and by the ids of their databases: the only thing global to a process."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Iterator

from mock_ajera.tenants.firm import Database
from mock_ajera.tenants.journal import Reliance
from mock_ajera.tenants.tenant import Tenant

Name = str | tuple[int, int]
FIRST_FREE = 201
"""DatabaseID of the first tenant for which none is chosen."""


def _nobody(tenant: Tenant) -> None:
    """Nobody wants to know."""


class Directory:
    """Finds a tenant by its DatabaseName or by its (ClientID, DatabaseID), and by the name that testers use.

    ``seed``: what the seeds of further tenants come from; without one they are random.
    """

    def __init__(self, seed: bytes | None = None) -> None:
        self._by_id: dict[Name, Tenant] = {}
        self._by_name: dict[str, Tenant] = {}
        self._lock = threading.RLock()
        self._seed = seed
        self._drawn = 0
        self._named = 0
        self._next_database = FIRST_FREE
        self._gone: dict[str, Reliance] = {}
        self.added: Callable[[Tenant], object] = _nobody
        """Called with each tenant that is served from now on."""
        self.ready = threading.Event()
        """Cleared while the tenants that the server begins with are being filled."""
        self.ready.set()

    def add(self, tenant: Tenant) -> None:
        """Serve a tenant. Raises ``ValueError`` when another one has its name or one of its ids."""
        with self._lock:
            ids = self._ids(tenant)
            if tenant.name in self._by_name:
                raise ValueError(f"there is a tenant {tenant.name} already")
            for each in ids:
                if each in self._by_id:
                    shown = each if isinstance(each, str) else f"ClientID {each[0]}, DatabaseID {each[1]}"
                    raise ValueError(f"the tenant {self._by_id[each].name} has the database {shown}")
            self._by_id |= dict.fromkeys(ids, tenant)
            self._by_name[tenant.name] = tenant
        self.added(tenant)

    def remove(self, name: str) -> Tenant:
        """Serve a tenant no longer. Raises ``KeyError`` when there is none of that name."""
        with self._lock:
            tenant = self._by_name.pop(name)
            # Not by what its firm says: while a tenant is restored, that is the firm of another one for a moment.
            for each in [each for each, found in self._by_id.items() if found is tenant]:
                del self._by_id[each]
            _add_reliance(self._gone, tenant.journal.reliance())
        return tenant

    def find(self, name: Name) -> Tenant | None:
        """The tenant of a DatabaseName or of (ClientID, DatabaseID), or None."""
        return self._by_id.get(name)

    def get(self, name: str) -> Tenant | None:
        """The tenant that testers call so, or None."""
        return self._by_name.get(name)

    def names(self) -> list[str]:
        """How the database of each tenant can be named, in words."""
        databases = [tenant.firm.database for tenant in self]
        return [f"{each.name} (ClientID {each.client_id}, DatabaseID {each.database_id})" for each in databases]

    def free_name(self) -> str:
        """A name that no tenant has or had: t1, t2 and so on. Two callers are never given the same one."""
        with self._lock:
            self._named += 1
            while f"t{self._named}" in self._by_name:
                self._named += 1
            return f"t{self._named}"

    def free_database(self, name: str, like: Database) -> Database:
        """Ids that no tenant has, for one of that name: those of ``like`` with another DatabaseName and DatabaseID.

        Two callers are never given the same ones: who still has the URL of a tenant that is gone must not find another.
        """
        with self._lock:
            while (like.client_id, self._next_database) in self._by_id:
                self._next_database += 1
            found = Database(f"Ajera_{name}", like.client_id, self._next_database, like.is_sample)
            self._next_database += 1
            return found

    def seed_of(self, name: str) -> bytes:
        """The seed of a tenant of that name."""
        return secrets.token_bytes(16) if self._seed is None else self._digest(f"tenant:{name}")

    def usage_key(self) -> str:
        """The UsageKey of an answer that is no tenant's: a guid, lower case, with dashes."""
        with self._lock:
            self._drawn += 1
            text = secrets.token_hex(16) if self._seed is None else self._digest(f"usage:{self._drawn}").hex()
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:32]}"

    def reliance(self, *grades: str) -> list[Reliance]:
        """The claims that the answers of all tenants rested on, of those that are gone too; most answers first."""
        with self._lock:
            found: dict[str, Reliance] = {}
            _add_reliance(found, list(self._gone.values()))
            for tenant in self:
                _add_reliance(found, tenant.journal.reliance())
        chosen = [each for each in found.values() if not grades or each.known.grade in grades]
        return sorted(chosen, key=lambda each: (-each.answers, each.claim))

    def __iter__(self) -> Iterator[Tenant]:
        with self._lock:
            return iter(list(self._by_name.values()))

    def _digest(self, purpose: str) -> bytes:
        return hmac.new(self._seed or b"", purpose.encode(), hashlib.sha256).digest()

    @staticmethod
    def _ids(tenant: Tenant) -> tuple[Name, Name]:
        database = tenant.firm.database
        return database.name, (database.client_id, database.database_id)


def _add_reliance(to: dict[str, Reliance], more: list[Reliance]) -> None:
    for each in more:
        sum_of = to.setdefault(each.claim, Reliance(each.claim))
        sum_of.answers += each.answers
        for method, answers in each.methods.items():
            sum_of.methods[method] = sum_of.methods.get(method, 0) + answers
