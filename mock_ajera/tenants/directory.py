"""The tenants of a server, by the ids that name them: the only thing that is global to a process."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from mock_ajera.tenants.tenant import Tenant

Name = str | tuple[int, int]


class Directory:
    """Finds a tenant by its DatabaseName or by its (ClientID, DatabaseID)."""

    def __init__(self) -> None:
        self._tenants: dict[Name, Tenant] = {}
        self._lock = threading.Lock()

    def add(self, tenant: Tenant) -> None:
        """Serve a tenant. Raises ``ValueError`` when another one has one of its names."""
        with self._lock:
            names = self._names(tenant)
            for name in names:
                if name in self._tenants:
                    raise ValueError(f"a tenant named {name} is served already")
            self._tenants |= dict.fromkeys(names, tenant)

    def remove(self, tenant: Tenant) -> None:
        """Serve a tenant no longer."""
        with self._lock:
            for name in self._names(tenant):
                self._tenants.pop(name, None)

    def find(self, name: Name) -> Tenant | None:
        """The tenant of a name, or None."""
        return self._tenants.get(name)

    def names(self) -> list[str]:
        """How each tenant can be named, in words."""
        databases = [tenant.firm.database for tenant in self]
        return [f"{each.name} (ClientID {each.client_id}, DatabaseID {each.database_id})" for each in databases]

    def __iter__(self) -> Iterator[Tenant]:
        return iter(dict.fromkeys(self._tenants.values()))

    @staticmethod
    def _names(tenant: Tenant) -> tuple[Name, Name]:
        database = tenant.firm.database
        return database.name, (database.client_id, database.database_id)
