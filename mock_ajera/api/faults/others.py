"""What another client does to a record at the worst moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_ajera.api import fields as f
from mock_ajera.api.families import RECORDS
from mock_ajera.api.member import Member
from mock_ajera.tenants.references import referrers
from mock_ajera.tenants.tenant import Tenant

_MARK = " (changed by another client)"


def changed_member(kind: str) -> Member | None:
    """Return the text of a record that ``change_record`` changes; None if records of the kind have no such text."""
    members = RECORDS[kind].members
    texts = [members[name] for name in ("Notes", "Description", "Name", "LastName") if name in members]
    return next((each for each in texts if isinstance(each, f.Text) and each.stored), None)


def change_record(tenant: Tenant, kind: str, key: int) -> bool:
    """Change the text of a record, and so its stamp. Return False if the record is gone."""
    member = changed_member(kind)
    with tenant.lock:
        row = tenant.row(kind, key)
        if row is None or member is None:
            return False
        body = tenant.body(row)
        text = body[member.name]
        changed = text.removesuffix(_MARK) if text.endswith(_MARK) else f"{text}{_MARK}"
        most = getattr(member, "max", None)
        if most is not None and len(changed) > most:
            changed = _MARK.strip()[:most]
        with tenant.writing():
            tenant.save(kind, key, {**body, member.name: changed})
    return True


def delete_record(tenant: Tenant, kind: str, key: int) -> bool:
    """Delete a record. Return False if it is gone, or if another one refers to it."""
    with tenant.lock:
        if tenant.row(kind, key) is None or any(True for _ in referrers(tenant, kind, key)):
            return False
        with tenant.writing():
            tenant.remove(kind, key)
    return True


def named(method_kind: str, arguments: Mapping[str, Any], kind: str, key: int) -> bool:
    """Return whether arguments name a record: as a requested key, or as the key of a row at any depth."""
    wire = RECORDS[kind].key.wire
    pending: list[Any] = []
    for name, value in arguments.items():
        if name.startswith("Requested") and kind == method_kind:
            if key in (value if isinstance(value, list) else [value]):
                return True
        else:
            pending.append(value)
    while pending:
        nest = pending.pop()
        if isinstance(nest, dict):
            if nest.get(wire) == key:
                return True
            pending += nest.values()
        elif isinstance(nest, list):
            pending += nest
    return False
