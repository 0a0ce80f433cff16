"""The read model of a tenant: what lists, filters, lookups and checks ask of records, in memory.

The database is the truth. The model holds a summary of each record (the members that somebody asks for) and an index
for each member that filters compare for equality. Summaries are never changed in place, so a copy of the tables is a
snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

Summary = Mapping[str, Any]

FOLDED = "~"
"""In front of a member's name: its text without regard to case."""


def fold(text: str) -> str:
    """What texts are compared by where case does not matter: sign by sign, so that a LIKE's _ stays one sign."""
    return text.lower() if text.isascii() else "".join(map(_fold_sign, text))


def _fold_sign(sign: str) -> str:
    lower = sign.lower()
    return lower if len(lower) == 1 else sign


class Entry(NamedTuple):
    """A record in the read model."""

    version: int
    stamp: int
    """UTC milliseconds."""
    summary: Summary


@dataclass(frozen=True)
class KindSpec:
    """What the read model keeps of a kind of record."""

    kind: str
    members: tuple[str, ...]
    """Members in the summary."""
    index: tuple[str, ...] = ()
    """Members in the summary (or names of ``many``) to index; with ``FOLDED`` in front, without regard to case."""
    many: Mapping[str, tuple[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    """Keys in nested rows: name -> (list member, member of its rows)."""
    looked_up: bool = False
    """Whether other records show parts of records of this kind."""

    def summary(self, body: Mapping[str, Any]) -> Summary:
        """The summary of a record."""
        found = {name: body.get(name) for name in self.members}
        for name, (rows, member) in self.many.items():
            found[name] = tuple(sorted({row[member] for row in body.get(rows, ()) if row.get(member) is not None}))
        return found


class Table:
    """All records of one kind."""

    def __init__(self, spec: KindSpec) -> None:
        self.spec = spec
        self.entries: dict[int, Entry] = {}
        self._indexes: dict[str, dict[Any, set[int]]] = {name: {} for name in spec.index}
        self._shared = False
        """Whether a copy has the same entries: then they are copied before the next change."""

    def put(self, key: int, version: int, stamp: int, body: Mapping[str, Any]) -> None:
        """Add or replace a record."""
        self.remove(key)
        self._own()
        entry = Entry(version, stamp, self.spec.summary(body))
        self.entries[key] = entry
        for name, index in self._indexes.items():
            for value in self._values(name, entry.summary):
                index.setdefault(value, set()).add(key)

    def remove(self, key: int) -> None:
        """Take a record out, if it is there."""
        if key not in self.entries:
            return
        self._own()
        entry = self.entries.pop(key)
        for name, index in self._indexes.items():
            for value in self._values(name, entry.summary):
                index[value].discard(key)
                if not index[value]:
                    del index[value]

    def keys_with(self, name: str, values: Iterable[Any]) -> set[int]:
        """Keys of the records whose indexed member has one of the values."""
        index = self._indexes[name]
        return set().union(*(index.get(value, ()) for value in values))

    def indexed(self, name: str) -> bool:
        """Whether ``keys_with`` can be asked for the member."""
        return name in self._indexes

    def copy(self) -> Table:
        """A table that can go its own way. It costs what changes later: most tables of a test's tenant never do."""
        twin = Table.__new__(Table)
        twin.spec, twin.entries, twin._indexes = self.spec, self.entries, self._indexes
        self._shared = twin._shared = True
        return twin

    def _own(self) -> None:
        if self._shared:
            self.entries = dict(self.entries)
            self._indexes = {
                name: {value: set(keys) for value, keys in index.items()} for name, index in self._indexes.items()
            }
            self._shared = False

    def _values(self, name: str, summary: Summary) -> Iterable[Any]:
        if name in self.spec.many:
            held: Iterable[Any] = summary[name]
            return held
        if name.startswith(FOLDED):
            return (fold(summary[name.removeprefix(FOLDED)] or ""),)
        return (summary[name],)


class Model:
    """The tables of a tenant, by kind."""

    def __init__(self, specs: Iterable[KindSpec]) -> None:
        self.tables = {spec.kind: Table(spec) for spec in specs}
        self.lookup_epoch = 0
        """Moves when a record that others show parts of changes; rendered records are valid for one epoch."""

    def summary(self, kind: str, key: int | None) -> Summary | None:
        """The summary of a record, None when there is none."""
        entry = None if key is None else self.tables[kind].entries.get(key)
        return None if entry is None else entry.summary

    def referrer(self, key: int, by: tuple[str, str]) -> int | None:
        """The lowest key among the records of kind ``by[0]`` whose indexed ``by[1]`` holds the key."""
        return min(self.tables[by[0]].keys_with(by[1], (key,)), default=None)

    def copy(self) -> Model:
        """A model that can go its own way."""
        twin = Model(())
        twin.tables = {kind: table.copy() for kind, table in self.tables.items()}
        twin.lookup_epoch = self.lookup_epoch
        return twin
