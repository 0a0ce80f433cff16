"""The contents of the read model for each kind of record, derived from the needs of methods, lookups and rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from mock_ajera.api.methods import Method
from mock_ajera.api.records import Record
from mock_ajera.tenants.model import Folded, KindSpec, Need, ReferencePath


class _Needs(msgspec.Struct):
    """The needs for a kind of record, collected from all declarations."""

    members: dict[str, None] = {}
    index: dict[str | Folded, None] = {}
    referred_by: set[str] = set()
    deletes: bool = False


def kind_specs(records: Iterable[Record], methods: Iterable[Method]) -> tuple[KindSpec, ...]:
    """Return the contents of the read model for each kind."""
    by_kind = {record.kind: record for record in records}
    needs = {kind: _Needs() for kind in by_kind}
    for need in _needed(by_kind.values(), methods):
        of_kind = needs[need.kind]
        of_kind.members |= dict.fromkeys(need.members)
        of_kind.index |= dict.fromkeys(need.indexed)
        of_kind.referred_by |= {need.referred_by} - {""}
        of_kind.deletes |= need.deletes
    for record in by_kind.values():
        for kind, member in record.lookups():
            if member:
                needs[kind].members[member] = None
    return tuple(_spec(record, needs) for record in by_kind.values())


def _needed(records: Iterable[Record], methods: Iterable[Method]) -> Iterator[Need]:
    for method in methods:
        yield from method.needs
    for record in records:
        for members in record.unique:
            yield Need(record.kind, members, (Folded(members),))
        for member in record.members.values():
            yield from member.needs(record.kind)


def _spec(record: Record, needs: Mapping[str, _Needs]) -> KindSpec:
    own = needs[record.kind]
    references = stored_references(record)
    return KindSpec(
        record.kind,
        tuple(own.members),
        tuple(own.index),
        references,
        frozenset(
            to for to in references if needs[to].deletes or record.kind in needs[to].referred_by or to in record.owns
        ),
        record.owns,
        tuple(dict.fromkeys(kind for kind, _ in record.lookups())),
        frozenset(member.name for path, member in record.stored_members() if not path),
    )


def stored_references(record: Record) -> Mapping[str, tuple[ReferencePath, ...]]:
    """Return the paths at which stored records of a type refer to others, by the kind referred to."""
    found: defaultdict[str, defaultdict[tuple[str, ...], list[str]]] = defaultdict(lambda: defaultdict(list))
    for path, member in record.stored_members():
        if member.refers_to:
            found[member.refers_to][path].append(member.name)
    return {
        kind: tuple(ReferencePath(path, tuple(members)) for path, members in paths.items())
        for kind, paths in found.items()
    }
