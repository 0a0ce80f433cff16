"""The read model of a tenant: what lists, filters, lookups and checks need of records, in memory.

The database is the truth. The model keeps a summary of each record (the members that something reads), an index for
each member that filters compare for equality, and an index of references. Summaries are never changed in place, so a
copy of the tables is a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

Summary = Mapping[str, Any]
References = Mapping[str, frozenset[int]]
"""Kind -> keys of the records of that kind that a record refers to."""


class Folded(NamedTuple):
    """An index over the texts of members, where case does not matter."""

    members: tuple[str, ...]


class ReferencePath(NamedTuple):
    """Where references lie in a stored body."""

    lists: tuple[str, ...]
    """Names of the nested lists that lead to the rows; empty for the record itself."""
    members: tuple[str, ...]
    """Members of these rows that hold a key."""

    def keys(self, body: Mapping[str, Any]) -> Iterator[int]:
        """Yield the keys in a stored body."""
        rows: list[Mapping[str, Any]] = [body]
        for name in self.lists:
            rows = [row for outer in rows for row in outer.get(name) or ()]
        for row in rows:
            for member in self.members:
                key = row.get(member)
                if key is not None:
                    yield key

    def find(self, body: Mapping[str, Any], key: int) -> Iterator[str]:
        """Yield where a key is in a stored body: ``Phases[3].ProjectManager``."""
        rows = [("", body)]
        for name in self.lists:
            rows = [(f"{at}{name}[{i}].", row) for at, outer in rows for i, row in enumerate(outer.get(name) or ())]
        for at, row in rows:
            for member in self.members:
                if row.get(member) == key:
                    yield at + member


def fold(text: str) -> str:
    """Case-fold a text character by character, so that the _ of a LIKE still matches one."""
    return text.lower() if text.isascii() else "".join(map(_fold_character, text))


def _fold_character(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character


class Entry(NamedTuple):
    """A record in the read model."""

    version: int
    stamp: int
    """UTC milliseconds."""
    summary: Summary
    references: References


class Need(NamedTuple):
    """What a method or filter needs of the records of a kind."""

    kind: str
    members: tuple[str, ...] = ()
    """Members in the summary."""
    indexed: tuple[str | Folded, ...] = ()
    """Members in the summary that are compared for equality."""
    referred_by: str = ""
    """A kind whose references to these records are followed back."""
    deletes: bool = False
    """Whether records are deleted, so that every reference to them must be found."""


_NO_REFERENCES: References = MappingProxyType({})


@dataclass(frozen=True)
class KindSpec:
    """What the read model keeps of a kind of record."""

    kind: str
    members: tuple[str, ...]
    """Members in the summary."""
    index: tuple[str | Folded, ...] = ()
    """Members in the summary to index for equality."""
    references: Mapping[str, tuple[ReferencePath, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Where records of the kind refer to others, by the kind referred to."""
    indexed_references: frozenset[str] = frozenset()
    """The kinds referred to for which the model keeps an index."""
    looked_up: bool = False
    """Whether other records show parts of records of this kind."""

    def summary(self, body: Mapping[str, Any]) -> Summary:
        """Return the summary of a stored body."""
        return {name: body.get(name) for name in self.members}

    def references_in(self, body: Mapping[str, Any]) -> References:
        """Return the keys of other records in a stored body, for the kinds that are indexed."""
        if not self.indexed_references:
            return _NO_REFERENCES
        return {
            kind: frozenset(key for path in self.references[kind] for key in path.keys(body))
            for kind in self.indexed_references
        }


class Table:
    """All records of one kind."""

    def __init__(self, spec: KindSpec) -> None:
        self.spec = spec
        self.entries: dict[int, Entry] = {}
        self._indexes: dict[str | Folded, dict[Any, set[int]]] = {name: {} for name in spec.index}
        self._referrers: dict[str, dict[int, set[int]]] = {kind: {} for kind in spec.indexed_references}
        """Kind -> key of that kind -> keys of the records here that refer to it."""
        self._shared = False
        """Whether a copy has the same entries; they are copied before the next change then."""

    def put(self, key: int, version: int, stamp: int, body: Mapping[str, Any]) -> None:
        """Add or replace a record."""
        self.remove(key)
        self._own()
        entry = Entry(version, stamp, self.spec.summary(body), self.spec.references_in(body))
        self.entries[key] = entry
        for index, value in self._postings(entry):
            index.setdefault(value, set()).add(key)

    def remove(self, key: int) -> None:
        """Remove a record, if there is one."""
        if key not in self.entries:
            return
        self._own()
        for index, value in self._postings(self.entries.pop(key)):
            index[value].discard(key)
            if not index[value]:
                del index[value]

    def keys_with(self, name: str | Folded, values: Iterable[Any]) -> set[int]:
        """Return the keys of the records whose indexed member has one of the values."""
        index = self._indexes[name]
        return set().union(*(index.get(value, ()) for value in values))

    def indexed(self, name: str | Folded) -> bool:
        """Return whether ``keys_with`` supports the member."""
        return name in self._indexes

    def referrers(self, kind: str, key: int) -> set[int] | None:
        """Return the keys of the records that refer to a record; None where that is not indexed."""
        index = self._referrers.get(kind)
        return None if index is None else index.get(key, set())

    def copy(self) -> Table:
        """Return an independent table. The entries are shared until one of the two changes."""
        twin = Table.__new__(Table)
        twin.spec, twin.entries, twin._indexes, twin._referrers = (
            self.spec,
            self.entries,
            self._indexes,
            self._referrers,
        )
        self._shared = twin._shared = True
        return twin

    def _own(self) -> None:
        if self._shared:
            self.entries = dict(self.entries)
            self._indexes = {name: _copied(index) for name, index in self._indexes.items()}
            self._referrers = {kind: _copied(index) for kind, index in self._referrers.items()}
            self._shared = False

    def _postings(self, entry: Entry) -> Iterator[tuple[dict[Any, set[int]], Any]]:
        for name, index in self._indexes.items():
            if isinstance(name, Folded):
                yield index, tuple(fold(entry.summary[member] or "") for member in name.members)
            else:
                yield index, entry.summary[name]
        for kind, keys in entry.references.items():
            for key in keys:
                yield self._referrers[kind], key


def _copied(index: Mapping[Any, set[int]]) -> dict[Any, set[int]]:
    return {value: set(keys) for value, keys in index.items()}


class Model:
    """The tables of a tenant, by kind."""

    def __init__(self, specs: Iterable[KindSpec]) -> None:
        self.tables = {spec.kind: Table(spec) for spec in specs}
        self.lookup_epoch = 0
        """Counts the changes of records that others show parts of; a rendered record is valid for one epoch."""

    def summary(self, kind: str, key: int | None) -> Summary | None:
        """Return the summary of a record, None when there is none."""
        entry = None if key is None else self.tables[kind].entries.get(key)
        return None if entry is None else entry.summary

    def referrer(self, to: str, key: int, by: str) -> int | None:
        """Return the lowest key among the records of kind ``by`` that refer to a record; None when there is none."""
        return min(self.tables[by].referrers(to, key) or (), default=None)

    def copy(self) -> Model:
        """Return an independent model."""
        twin = Model(())
        twin.tables = {kind: table.copy() for kind, table in self.tables.items()}
        twin.lookup_epoch = self.lookup_epoch
        return twin
