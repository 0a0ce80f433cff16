"""What another client does to a record at the worst moment."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
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


def named(method_kind: str, arguments: Mapping[str, Any], kind: str) -> Iterator[int]:
    """Yield the keys of a kind that arguments name: requested keys, and the keys of rows at any depth.

    ``method_kind``: the kind of record that the method is about.
    """
    wire = RECORDS[kind].key.wire
    pending: deque[Any] = deque()
    for name, value in arguments.items():
        if name.startswith("Requested") and kind == method_kind:
            yield from (key for key in (value if isinstance(value, list) else [value]) if type(key) is int)
        else:
            pending.append(value)
    while pending:
        nest = pending.popleft()
        if isinstance(nest, dict):
            if type(nest.get(wire)) is int:
                yield nest[wire]
            pending += nest.values()
        elif isinstance(nest, list):
            pending += nest
