"""The address of the endpoint: the tenant that a URL refers to."""

from __future__ import annotations

from typing import Protocol

from mock_ajera.api import database_id, errors
from mock_ajera.tenants.journal import Entry, Reason
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on

RESOURCE = "AjeraAPI.ashx"
_MAX_NAMES = 5
"""Maximum databases that a refusal lists."""


class Tenants(Protocol):
    """A directory of tenants."""

    def find(self, name: database_id.Name) -> Tenant | None: ...

    def names(self) -> list[str]: ...

    def usage_key(self) -> str: ...

    def note(self, entry: Entry) -> None: ...


def find_tenant(query: str, tenants: Tenants) -> Tenant:
    """Return the tenant with the id in the query string. Raises ``UnknownDatabase``."""
    try:
        name = database_id.decode(query)
    except ValueError as error:
        claim = "endpoint.unknown-id" if query else "endpoint.missing-id-refused"
        raise errors.UnknownDatabase(Reason("URL", "id", str(error), claim)) from None
    tenant = tenants.find(name)
    if tenant is None:
        names = tenants.names()
        known = ", ".join(names[:_MAX_NAMES] + ["..."] * (len(names) > _MAX_NAMES))
        text = f"there is no database {name}" + (f"; the databases are {known}" if known else "")
        raise errors.UnknownDatabase(Reason("URL", "id", text, "endpoint.unknown-id"))
    return tenant


def check_open(tenant: Tenant) -> None:
    """Refuse a tenant that was deleted after it was found. Raises ``UnknownDatabase``."""
    if tenant.closed:
        raise errors.UnknownDatabase(Reason("URL", "id", "the tenant was deleted", "endpoint.unknown-id"))


def note_path(path: str, tenant: Tenant) -> None:
    """Note the claims that a path relies on if it differs from the documented path."""
    prefix, _, resource = path.rpartition("/")
    if resource != RESOURCE:
        relies_on("endpoint.path-any-case")
    if prefix not in ("", f"/V{tenant.firm.database.client_id:06d}"):
        relies_on("endpoint.any-path-prefix")
