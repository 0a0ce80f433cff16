"""Write plans to the store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from mock_ajera.api.changes.planning import Plan, Removal, Save
from mock_ajera.api.fields import Key
from mock_ajera.api.member import Body, Member
from mock_ajera.api.records import Record
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import reads_record, relies_on


class Saved(NamedTuple):
    """A record that was saved."""

    key: int
    body: Body
    """The stored values."""
    stamp: int
    """UTC milliseconds."""
    original: int | None = None
    """The negative key that was sent for a new record."""


class Removed(NamedTuple):
    """A record that was deleted."""

    key: int


Written = Saved | Removed


def write(record: Record, plans: Iterable[Plan], tenant: Tenant) -> list[Written]:
    """Write the plans in order, in one transaction."""
    with tenant.writing():
        return [
            remove(record, each, tenant) if isinstance(each, Removal) else save(record, each, tenant) for each in plans
        ]


def remove(record: Record, plan: Removal, tenant: Tenant) -> Removed:
    """Delete a record within ``Tenant.writing``."""
    tenant.remove(record.kind, plan.key)
    return Removed(plan.key)


def save(record: Record, plan: Save, tenant: Tenant) -> Saved:
    """Save a record within ``Tenant.writing``."""
    tree = with_new_keys(record, plan.tree, tenant)
    key = tree[record.key.name]
    if plan.new:
        reads_record(record.kind, (key,))
    else:
        relies_on("write.stamp-moves")
    body = record.flatten(tree)
    row = tenant.save(record.kind, key, body)
    return Saved(key, body, row.stamp, plan.key if plan.new else None)


def with_new_keys(record: Record, tree: Body, tenant: Tenant) -> Body:
    """Return the tree with new keys instead of negative ones.

    Keys are numbered in the order of the tree, a row before its nested rows.
    """
    if all(value is None or value >= 0 for _, _, value in record.keys(tree)):
        return tree

    def new_key(member: Member, value: Any) -> Any:
        if not member.sequence or value >= 0:
            return value
        if isinstance(member, Key) and member.forgotten:
            relies_on(member.forgotten)
        return tenant.store.next_number(member.sequence)

    keyed: Body = record.map(tree, new_key, only_keys=True)
    return keyed
