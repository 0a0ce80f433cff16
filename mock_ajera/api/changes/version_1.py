"""Read an Update of version 1: ``Updated<Nouns>``, ``Unchanged<Nouns>`` and negative keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from mock_ajera.api import errors
from mock_ajera.api.apply import row_differences
from mock_ajera.api.changes.planning import Change, Stored
from mock_ajera.api.context import Visibility, WriteContext
from mock_ajera.api.loading import load
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import relies_on

Raws = Sequence[Mapping[str, Any]]


class StampAndRows(msgspec.Struct, frozen=True):
    """The baseline of version 1: the stamp of the record, and the record as it was read."""

    rows: tuple[tuple[str, Mapping[str, Any]], ...]
    """Paths and contents of the unchanged rows with the key of the record."""
    at: str
    """Path of the unchanged rows."""
    stamps_sent = True

    def require(self, record: Record, stored: Stored) -> None:
        if not self.rows:
            text = f"{record.kind} {stored.key} is not in {self.at}"
            raise errors.InvalidData(Reason(self.at, "baseline", text, "write.baseline-required"))
        if record.stamp is None:
            return
        name = record.stamp.wire
        for at, row in self.rows:
            if row.get(name) is None:
                text = "required in the baseline, as it was read"
                raise errors.InvalidData(Reason(within(at, name), "required", text, "write.baseline-stamp-required"))

    def conflicts(self, record: Record, stored: Stored, context: WriteContext) -> list[Reason]:
        if len(self.rows) > 1:
            relies_on("write.baseline-twice")
        for at, row in self.rows:
            if record.delete is not None and record.delete.wire in row:
                relies_on("write.baseline-delete-ignored")
            if _omits_some(record, row):
                relies_on("write.baseline-may-omit")
            # Names, descriptions and unknown members are not compared.
            sent, faults = load(record, row, at, unknown="ignore")
            invalid = [Reason(fault.path, "baseline", fault.text, "write.baseline-invalid-value") for fault in faults]
            if found := invalid + list(row_differences(record, stored.tree, sent, at, context)):
                return found
        return []


def _omits_some(record: Record, row: Mapping[str, Any]) -> bool:
    """Return whether a row lacks a member that every answer has."""
    always = (each for each in record.members.values() if each.shown is Visibility.ALWAYS and each.when is None)
    return any(each.stored and not each.gathers and each.wire not in row for each in always)


class DerivedMembers(msgspec.Struct, frozen=True):
    """What a method does with members that Ajera derives from others: the value of a quirk, "ignore" or "refuse"."""

    quirk: str
    ignored: str
    """Claim that they are ignored."""
    refused: str
    """Claim that they are refused."""

    def faults(self, record: Record, raw: Mapping[str, Any], at: str, decision: str) -> list[Reason]:
        """Return the reasons to refuse a record in a request. Null counts as absent."""
        derived = (member.wire for member in record.members.values() if member.derived)
        sent = [name for name in derived if raw.get(name) is not None]
        if decision == "ignore":
            if sent:
                relies_on(self.ignored)
            return []
        return [Reason(within(at, name), "derived", "Ajera derives it; do not send it", self.refused) for name in sent]


def read(record: Record, updated: Raws, unchanged: Raws, unknown: str) -> list[Change]:
    """Return the changes that an Update requests, in its order.

    ``unknown``: "refuse" or "ignore" members that do not exist. Raises ``InvalidData`` for a repeated key, which makes
    the whole request invalid.
    """
    names = f"Updated{record.plural}", f"Unchanged{record.plural}"
    rows = _by_key(record, unchanged, names[1])
    changes = []
    for i, raw in enumerate(updated):
        at = f"{names[0]}[{i}]"
        sent, faults = load(record, raw, at, unknown=unknown)
        baseline = StampAndRows(tuple(rows.pop(sent.get(record.key.name), ())), names[1])
        delete = record.delete is not None and bool(sent.get(record.delete.name))
        changes.append(Change(at, sent, faults, baseline, delete))
    if repeated := list(_repeated_keys(record, changes)):
        raise errors.InvalidData(*repeated)
    if rows:
        relies_on("write.baseline-alone-ignored")
    return changes


def _by_key(record: Record, unchanged: Raws, name: str) -> dict[Any, list[tuple[str, Mapping[str, Any]]]]:
    rows: dict[Any, list[tuple[str, Mapping[str, Any]]]] = {}
    for i, row in enumerate(unchanged):
        key = row.get(record.key.wire)
        if type(key) is int:
            rows.setdefault(key, []).append((f"{name}[{i}]", row))
    return rows


def _repeated_keys(record: Record, changes: list[Change]) -> Iterator[Reason]:
    """Yield reasons for negative keys that occur twice in the request and for records that are sent twice."""
    seen: dict[int, tuple[str, bool]] = {}
    for change in changes:
        for path, _, value in record.keys(change.sent, change.at):
            if value is None:
                continue
            own = path == within(change.at, record.key.wire)
            if value < 0 or own:
                at = path if value < 0 else change.at
                if value in seen:
                    before, inner = seen[value]
                    claim = "write.negative-keys-differ" if own and not inner else "write.negative-keys-differ-nested"
                    claim = claim if value < 0 else "write.record-once"
                    yield Reason(path, "repeated-key", f"{value} is already used at {before}", claim)
                seen.setdefault(value, (at, not own))
