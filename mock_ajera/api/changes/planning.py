"""Plan a change of one record: check it against the stored record, without changing anything."""

from __future__ import annotations

from typing import Protocol

import msgspec
from marshmallow import missing

from mock_ajera.api import errors
from mock_ajera.api.apply import apply_row
from mock_ajera.api.context import WriteContext
from mock_ajera.api.member import Body
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.references import referrers
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import reads_record, relies_on


class Stored(msgspec.Struct, frozen=True):
    """A stored record, as a tree."""

    key: int
    stamp: int
    """UTC milliseconds."""
    tree: Body


class Baseline(Protocol):
    """The proof that a client has seen the current record.

    Version 1 sends the stamp and the unchanged rows, version 2 a bundle, timesheets an opaque token.
    """

    @property
    def stamps_sent(self) -> bool:
        """Whether each record of the request also has its stamp."""

    def require(self, record: Record, stored: Stored) -> None:
        """Raise ``InvalidData`` if the request lacks a part of the proof."""

    def conflicts(self, record: Record, stored: Stored, context: WriteContext) -> list[Reason]:
        """Return the differences between the record that the client has seen and the stored one."""


class Change(msgspec.Struct):
    """A requested change of one record, independent of the version of the API."""

    at: str
    """Path of the record in the request."""
    sent: Body
    """Canonical values of the valid members."""
    faults: list[Reason]
    """Reasons for the invalid members."""
    baseline: Baseline
    delete: bool = False

    def tree(self, record: Record, stored: Body | None, context: WriteContext) -> Body:
        """Return the record after the change. Add violations to ``context``. ``stored``: None for a new record."""
        return apply_row(record, self.sent, stored, self.at, context)


class Save(msgspec.Struct, frozen=True):
    """A plan to store a tree. Its new rows still have negative keys."""

    key: int
    tree: Body

    @property
    def new(self) -> bool:
        """Whether the record is created."""
        return self.key < 0


class Removal(msgspec.Struct, frozen=True):
    """A plan to delete the record."""

    key: int


Plan = Save | Removal


def plan(record: Record, change: Change, context: WriteContext, tenant: Tenant) -> Plan:
    """Return the plan for a change. Raises ``AjeraError``.

    The checks run in the order of the claim ``write.order-of-checks``.
    """
    at_key = within(change.at, record.key.wire)
    context.stamps_sent = change.baseline.stamps_sent
    key = change.sent.get(record.key.name)
    if key is None:
        if not any(reason.path == at_key for reason in change.faults):
            change.faults.insert(0, Reason(at_key, "required", "required in every write", "write.key-required"))
        raise errors.InvalidData(*change.faults)
    if key < 0:
        return _plan_creation(record, key, change, context, at_key)
    reads_record(record.kind, (key,))
    row = tenant.row(record.kind, key)
    if row is None:
        raise errors.UnknownRecord(
            Reason(at_key, "unknown-key", f"there is no {record.kind} {key}", "write.unknown-key")
        )
    stored = Stored(key, row.stamp, record.nest(tenant.body(row)))
    record.guard(stored.tree, change.at, context.view)
    context.stamp = row.stamp
    change.baseline.require(record, stored)
    if change.delete:
        return _plan_removal(record, stored, change, context, tenant, at_key)
    tree = change.tree(record, stored.tree, context)
    _raise_conflicts(record, stored, change, context)
    _raise_faults(change.faults, context)
    if tree == stored.tree:
        raise errors.NoValidChanges(
            Reason(change.at, "no-op", "no value differs from the stored record", "write.no-op-refused")
        )
    return Save(key, record.complete(tree, stored.tree, context.view))


def _plan_creation(record: Record, key: int, change: Change, context: WriteContext, at_key: str) -> Plan:
    if change.delete:
        raise errors.InvalidData(
            Reason(at_key, "delete", "a new record cannot be deleted", "write.delete-of-new-refused")
        )
    tree = change.tree(record, None, context)
    _raise_faults(change.faults, context)
    return Save(key, record.complete(tree, None, context.view))


def _plan_removal(
    record: Record, stored: Stored, change: Change, context: WriteContext, tenant: Tenant, at_key: str
) -> Plan:
    own = [member for member in (record.key, record.stamp, record.delete) if member is not None]
    if record.stamp is not None:
        sent = change.sent.get(record.stamp.name, missing)
        record.stamp.apply(sent, missing, False, within(change.at, record.stamp.wire), context)
    if change.sent.keys() - {member.name for member in own}:
        relies_on("write.delete-unneeded-members-ignored")
    _raise_conflicts(record, stored, change, context)
    paths = {within(change.at, member.wire) for member in own}
    _raise_faults([reason for reason in change.faults if reason.path in paths], context)
    # The references of earlier records of the request count as they will be.
    uses = [*referrers(tenant, record.kind, stored.key, context.batch.keys)]
    planned = context.batch.references.get((record.kind, stored.key))
    if planned or (context.batch.keys and len(uses) < len([*referrers(tenant, record.kind, stored.key)])):
        relies_on("write.references-in-order")
    if planned:
        uses.append(planned)
    if uses:
        raise errors.RecordInUse(*(_in_use(record, *referrer, at_key) for referrer in uses))
    return Removal(stored.key)


def _in_use(record: Record, kind: str, key: int | str, path: str, at: str) -> Reason:
    text, claim = record.in_use_by.get(kind, ("{kind} {key} refers to it: {path}", "write.delete-in-use"))
    return Reason(at, "in-use", text.format(kind=kind, key=key, path=path), claim)


def _raise_conflicts(record: Record, stored: Stored, change: Change, context: WriteContext) -> None:
    if conflicts := context.conflicts or change.baseline.conflicts(record, stored, context):
        if change.faults or context.invalid:
            relies_on("write.order-of-checks")
        raise errors.RecordChanged(*conflicts)


def _raise_faults(faults: list[Reason], context: WriteContext) -> None:
    """Refuse invalid members and violated rules. A member that is already invalid is not also reported as missing."""
    violations = [
        reason
        for reason in context.invalid
        if not any(_contains(reason.path, other.path) or _contains(other.path, reason.path) for other in faults)
    ]
    if faults or violations:
        raise errors.InvalidData(*faults, *violations)


def _contains(outer: str, inner: str) -> bool:
    """Return whether a path is the same as another or a prefix of it."""
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))
