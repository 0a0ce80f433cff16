"""References between records. A record that others refer to cannot be deleted."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import NamedTuple

from mock_ajera.tenants.tenant import Tenant

API_USER = "API user"


class Referrer(NamedTuple):
    """A record or API user that refers to a record."""

    kind: str
    key: int | str
    """The key of the record, or the name of the API user."""
    path: str
    """Path of the reference in the stored body, such as ``Phases[3].ProjectManager``."""


def referrers(tenant: Tenant, kind: str, key: int, but: Container[tuple[str, int]] = frozenset()) -> Iterator[Referrer]:
    """Yield the first record of each kind that refers to a record, and the first API user that acts for an employee.

    References of a record to itself do not count. ``but``: kind and key of records whose references do not count.
    """
    for other, table in tenant.model.tables.items():
        paths = table.spec.references.get(kind, ())
        if not paths:
            continue
        known = table.referrers(kind, key)
        for row in tenant.store.rows(other) if known is None else tenant.store.get_many(other, sorted(known)):
            if (row.kind, row.key) == (kind, key) or (row.kind, row.key) in but:
                continue
            body = tenant.body(row)
            where = next((at for path in paths for at in path.find(body, key)), None)
            if where is not None:
                yield Referrer(other, row.key, where)
                break
    if kind == "Employee":
        names = sorted(user.name for user in tenant.users.values() if user.authorizing_employee == key)
        yield from (Referrer(API_USER, name, "AuthorizingEmployee") for name in names[:1])
