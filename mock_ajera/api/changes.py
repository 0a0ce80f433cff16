"""The change engine: what an Update method does, for every family.

An Update carries ``Updated<Nouns>`` (the records as they shall be), ``Unchanged<Nouns>`` (the baseline: as they were
read) and ``UseSingleTransaction``. Each updated record is planned on its own, without touching anything; then the good
plans, or with a single transaction all or none, are written at once. What is refused is said record by record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.loading import load
from mock_ajera.api.records import (
    BatchState,
    Body,
    Record,
    Row,
    WriteContext,
    apply_row,
    row_differences,
)
from mock_ajera.api.views import TenantView
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import reads_record, relies_on


@dataclass(frozen=True, slots=True)
class Save:
    """A plan: put this tree. New rows in it still have their negative keys."""

    key: int
    tree: Body

    @property
    def new(self) -> bool:
        """Whether the record is created."""
        return self.key < 0


@dataclass(frozen=True, slots=True)
class Removal:
    """A plan: delete the record."""

    key: int


@dataclass(slots=True)
class Outcome:
    """What became of an update."""

    saved: list[tuple[int, int | None]] = field(default_factory=list)
    """(key, the negative key that was sent for it or None), in the order of the request."""
    refused: list[errors.AjeraError] = field(default_factory=list)


def update(
    record: Record,
    noun: str,
    updated: Sequence[Mapping[str, Any]],
    unchanged: Sequence[Mapping[str, Any]],
    single: bool,
    tenant: Tenant,
) -> Outcome:
    """Plan and write an update of records of one kind.

    Raises ``InvalidData`` when the request as a whole is wrong (repeated keys) and, with ``single``, the first
    refusal.
    """
    names = f"Updated{noun}", f"Unchanged{noun}"
    if repeated := list(_repeated_keys(record, updated, names[0])):
        raise errors.InvalidData(*repeated)
    view = TenantView(tenant)
    planned = BatchState()
    baselines: dict[int, list[tuple[int, Mapping[str, Any]]]] = {}
    for i, row in enumerate(unchanged):
        if type(row.get(record.key)) is int:
            baselines.setdefault(row[record.key], []).append((i, row))
    if baselines.keys() - {row.get(record.key) for row in updated if type(row.get(record.key)) is int}:
        relies_on("write.baseline-alone-ignored")
    if not updated:
        relies_on("write.nothing-to-update")
    plans: list[Save | Removal] = []
    outcome = Outcome()
    for i, raw in enumerate(updated):
        writing = WriteContext(view, tenant.quirk, None, planned)
        try:
            plan = _plan(record, raw, f"{names[0]}[{i}]", baselines, names[1], writing, tenant)
        except errors.AjeraError as error:
            outcome.refused.append(error)
        else:
            plans.append(plan)
            planned.keys.add((record.kind, plan.key))
            planned.names |= writing.names
    if single and outcome.refused:
        first = outcome.refused[0]
        first.reasons = tuple(reason for error in outcome.refused for reason in error.reasons)
        raise first
    with tenant.writing():
        for plan in plans:
            _write(record, plan, tenant, outcome)
    return outcome


def _plan(
    record: Record,
    raw: Mapping[str, Any],
    at: str,
    baselines: Mapping[int, list[tuple[int, Mapping[str, Any]]]],
    unchanged: str,
    writing: WriteContext,
    tenant: Tenant,
) -> Save | Removal:
    """Everything that is checked of one record, in the order that the claim ``write.order-of-checks`` states."""
    sent, faults = load(record, raw, at, unknown=writing.quirk("unknown_members"))
    where = f"{at}.{record.key}"
    key = sent.get(record.key)
    if key is None:
        if not any(fault.path == where for fault in faults):
            faults.insert(0, Reason(where, "required", "required in every write", "write.key-required"))
        raise errors.InvalidData(*faults)
    if key < 0:
        if sent.get("Delete"):
            raise errors.InvalidData(
                Reason(where, "delete", "a new record cannot be deleted", "write.delete-of-new-refused")
            )
        tree = apply_row(record, sent, None, at, writing)
        _raise(_all_faults(faults, writing), errors.InvalidData)
        return Save(key, tree)

    reads_record(record.kind, (key,))
    row = tenant.row(record.kind, key)
    if row is None:
        raise errors.UnknownRecord(
            Reason(where, "unknown-key", f"there is no {record.kind} {key}", "write.unknown-key")
        )
    stored = record.open(tenant.body(row))
    writing.stamp = row.stamp
    if key not in baselines:
        raise errors.InvalidData(
            Reason(
                unchanged, "baseline", f"{record.kind} {key} is not among the unchanged ones", "write.baseline-required"
            )
        )
    for index, baseline in baselines[key]:
        if baseline.get(record.stamp) is None:
            raise errors.InvalidData(
                Reason(
                    f"{unchanged}[{index}].{record.stamp}",
                    "required",
                    "required in the baseline, as it was read",
                    "write.baseline-stamp-required",
                )
            )
    if sent.get("Delete"):
        stamp = record.members[record.stamp]
        stamp.apply(sent.get(record.stamp), None, False, f"{at}.{record.stamp}", writing)
        tree = stored
        if len(sent) > len((record.key, record.stamp, "Delete")):
            relies_on("write.delete-unneeded-members-ignored")
    else:
        tree = apply_row(record, sent, stored, at, writing)
    _raise(writing.conflicts, errors.RecordChanged)
    for index, baseline in baselines[key]:
        _raise(_stale(record, baseline, stored, f"{unchanged}[{index}]", writing), errors.RecordChanged)
    if sent.get("Delete"):
        own = {record.key, "Delete", record.stamp}
        relevant = [reason for reason in faults if reason.path.removeprefix(f"{at}.") in own]
        _raise(_all_faults(relevant, writing), errors.InvalidData)
        _raise(list(_uses(record, key, where, tenant)), errors.RecordInUse)
        return Removal(key)
    _raise(_all_faults(faults, writing), errors.InvalidData)
    if tree == stored:
        raise errors.NoValidChanges(Reason(at, "no-op", "nothing differs from what is stored", "write.no-op-refused"))
    return Save(key, tree)


def _all_faults(faults: list[Reason], writing: WriteContext) -> list[Reason]:
    """What could not be read and what breaks a rule. A member that could not be read is not missing as well."""
    return faults + [
        reason
        for reason in writing.invalid
        if not any(_holds(reason.path, other.path) or _holds(other.path, reason.path) for other in faults)
    ]


def _holds(outer: str, inner: str) -> bool:
    """Whether a path is another, or leads to it."""
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))


def _raise(reasons: list[Reason], error: type[errors.AjeraError]) -> None:
    if reasons:
        raise error(*reasons)


def _stale(record: Record, raw: Mapping[str, Any], stored: Body, at: str, writing: WriteContext) -> list[Reason]:
    """Where the baseline is not what is stored. Names, descriptions and members that are unknown here do not matter."""
    baseline, faults = load(record, raw, at, unknown="ignore")
    unread = [Reason(reason.path, "baseline", reason.text, "write.baseline-differs") for reason in faults]
    return unread + list(row_differences(record, stored, baseline, at, writing))


def _uses(record: Record, key: int, at: str, tenant: Tenant) -> Iterator[Reason]:
    for kind, many, says, claim in record.used_by:
        user = tenant.model.referrer(key, (kind, many))
        if user is not None:
            yield Reason(at, "in-use", says.format(user=user), claim)


def _repeated_keys(record: Record, updated: Sequence[Mapping[str, Any]], name: str) -> Iterator[Reason]:
    """Negative keys that stand twice anywhere in the request, and records that are sent twice."""
    seen: dict[int, str] = {}
    positive: dict[int, str] = {}
    for i, raw in enumerate(updated):
        at = f"{name}[{i}]"
        for path, key in _negative_keys(record, raw, at):
            if key in seen:
                yield Reason(path, "repeated-key", f"{key} stands at {seen[key]} already", "write.negative-keys-differ")
            seen.setdefault(key, path)
        own = raw.get(record.key)
        if type(own) is int and own > 0:
            if own in positive:
                text = f"{own} stands at {positive[own]} already"
                yield Reason(f"{at}.{record.key}", "repeated-key", text, "write.record-once")
            positive.setdefault(own, at)


def _negative_keys(schema: Row, raw: Any, at: str) -> Iterator[tuple[str, int]]:
    if not isinstance(raw, Mapping):
        return
    for name, member in schema.members.items():
        value = raw.get(name)
        if isinstance(member, f.Key) and isinstance(value, int) and value < 0:
            yield f"{at}.{name}", value
        elif isinstance(member, f.KeyedRows) and not isinstance(member, f.ReadOnlyRows) and isinstance(value, list):
            for i, row in enumerate(value):
                yield from _negative_keys(member.row, row, f"{at}.{name}[{i}]")


def _write(record: Record, plan: Save | Removal, tenant: Tenant, outcome: Outcome) -> None:
    if isinstance(plan, Removal):
        tenant.remove(record.kind, plan.key)
        outcome.saved.append((plan.key, None))
        return
    tree = resolve_keys(record, plan.tree, tenant)
    key = tree[record.key]
    if plan.new:
        reads_record(record.kind, (key,))
    else:
        relies_on("write.stamp-moves")
    tenant.save(record.kind, key, record.close(tree))
    outcome.saved.append((key, plan.key if plan.new else None))


def resolve_keys(schema: Row, row: Body, tenant: Tenant) -> Body:
    """The row with a new key for each negative one, depth first in the order of the request."""
    resolved = dict(row)
    for name, member in schema.members.items():
        if isinstance(member, f.Key) and row[name] < 0:
            resolved[name] = tenant.store.next_number(member.sequence)
    for name, member in schema.members.items():
        if isinstance(member, f.KeyedRows):
            resolved[name] = [resolve_keys(member.row, child, tenant) for child in row[name]]
    return resolved
