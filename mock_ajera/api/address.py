"""The address of the endpoint: which tenant a URL names."""

from __future__ import annotations

from typing import Protocol

from mock_ajera.api import database_id, errors
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on

RESOURCE = "AjeraAPI.ashx"


class Tenants(Protocol):
    """A directory of tenants."""

    def find(self, name: database_id.Name) -> Tenant | None: ...

    def names(self) -> list[str]: ...

    def usage_key(self) -> str: ...


def find_tenant(query: str, tenants: Tenants) -> Tenant:
    """Return the tenant that the id in the query string names. Raises ``UnknownDatabase``."""
    try:
        name = database_id.decode(query)
    except ValueError as error:
        raise errors.UnknownDatabase(Reason("URL", "id", str(error), "endpoint.unknown-id")) from None
    tenant = tenants.find(name)
    if tenant is None:
        text = f"there is no database {name}; there are {', '.join(tenants.names()[:5]) or 'none'}"
        raise errors.UnknownDatabase(Reason("URL", "id", text, "endpoint.unknown-id"))
    return tenant


def check_open(tenant: Tenant) -> None:
    """Refuse a tenant that was deleted after it was found. Raises ``UnknownDatabase``."""
    if tenant.closed:
        raise errors.UnknownDatabase(Reason("URL", "id", "the tenant was deleted", "endpoint.unknown-id"))


def note_path(path: str, tenant: Tenant) -> None:
    """Note the claims that a path relies on where it differs from the printed path."""
    prefix, _, resource = path.rpartition("/")
    if resource != RESOURCE:
        relies_on("endpoint.path-any-case")
    if prefix not in ("", f"/V{tenant.firm.database.client_id:06d}"):
        relies_on("endpoint.any-path-prefix")
