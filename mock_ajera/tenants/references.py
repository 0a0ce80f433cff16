"""References between records. A record that others refer to cannot be deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mock_ajera.tenants.tenant import Tenant


class Referrer(NamedTuple):
    """A record that refers to another."""

    kind: str
    key: int
    path: str
    """Path of the reference in the stored body, such as ``Phases[3].ProjectManager``."""


def referrers(tenant: Tenant, kind: str, key: int) -> Iterator[Referrer]:
    """Yield the first record of each kind that refers to a record. References of a record to itself do not count."""
    for other, table in tenant.model.tables.items():
        paths = table.spec.references.get(kind, ())
        if not paths:
            continue
        known = table.referrers(kind, key)
        for row in tenant.store.rows(other) if known is None else tenant.store.get_many(other, sorted(known)):
            if (row.kind, row.key) == (kind, key):
                continue
            body = tenant.body(row)
            where = next((at for path in paths for at in path.find(body, key)), None)
            if where is not None:
                yield Referrer(other, row.key, where)
                break
