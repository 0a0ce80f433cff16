"""The read model of a tenant: in-memory summaries of records for lists, filters, lookups and checks.

The store is authoritative. The model has a summary of each record (only members that are read from the model), an index
of each member that filters compare for equality, and an index of references. Summaries are never changed in place, so a
copy of the tables is a snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import count
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import msgspec

from mock_ajera.tenants.text_index import TextIndex

Summary = Mapping[str, Any]
References = Mapping[str, frozenset[int]]
"""Kind -> keys of the records of that kind that a record refers to."""


class Folded(NamedTuple):
    """An index over text members that compares them as ``collated`` does."""

    members: tuple[str, ...]


class ReferencePath(NamedTuple):
    """The path of references in a stored body."""

    lists: tuple[str, ...]
    """Names of the nested lists on the path to the rows; empty for the record itself."""
    members: tuple[str, ...]
    """Members of these rows that contain a key."""

    def keys(self, body: Mapping[str, Any]) -> list[int]:
        """Return the keys in a stored body."""
        rows: list[Mapping[str, Any]] = [body]
        for name in self.lists:
            rows = [row for outer in rows for row in outer.get(name) or ()]
        return [key for row in rows for member in self.members if (key := row.get(member)) is not None]

    def find(self, body: Mapping[str, Any], key: int) -> Iterator[str]:
        """Yield the path of each occurrence of a key in a stored body, such as ``Phases[3].ProjectManager``."""
        rows = [("", body)]
        for name in self.lists:
            rows = [(f"{at}{name}[{i}].", row) for at, outer in rows for i, row in enumerate(outer.get(name) or ())]
        for at, row in rows:
            for member in self.members:
                if row.get(member) == key:
                    yield at + member


def fold(text: str) -> str:
    """Case-fold a text without changing its length, so that a LIKE's _ still matches one character."""
    return text.lower() if text.isascii() else "".join(map(_fold_character, text))


def collated(text: str) -> str:
    """Return the form in which two texts are equal for SQL Server's =: case and trailing blanks do not count."""
    return fold(text.rstrip(" "))


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
    """A demand of a method or filter on the read model of one kind of record."""

    kind: str
    members: tuple[str, ...] = ()
    """Members in the summary."""
    indexed: tuple[str | Folded, ...] = ()
    """Members in the summary to compare for equality."""
    referred_by: str = ""
    """A kind whose references to these records are looked up in reverse."""
    deletes: bool = False
    """Whether the method deletes records, and so must find all references to them."""


_NO_REFERENCES: References = MappingProxyType({})


@lru_cache(maxsize=100_000)
def _few(*keys: int) -> frozenset[int]:
    """Return a set of at most one key. Most records refer to no or one record of a kind: they share its set."""
    return frozenset(keys)


_SCANNED = 500
"""Records of a kind whose texts are compared one by one, without an index."""
_STATES = count(1)
T = TypeVar("T")


class KindSpec(msgspec.Struct, frozen=True, dict=True):
    """The parts of one kind of record that the read model has."""

    kind: str
    members: tuple[str, ...]
    """Members in the summary."""
    index: tuple[str | Folded, ...] = ()
    """Members in the summary to index for equality."""
    references: Mapping[str, tuple[ReferencePath, ...]] = MappingProxyType({})
    """Paths of the references to other kinds, by kind."""
    indexed_references: frozenset[str] = frozenset()
    """The kinds for which references to them are indexed."""
    owns: tuple[str, ...] = ()
    """The kinds whose records are removed with the last record of this kind that refers to them."""
    looks_up: tuple[str, ...] = ()
    """The kinds whose records these display or check for."""
    stored: frozenset[str] = frozenset()
    """The members of every stored body."""

    def summary(self, body: Mapping[str, Any]) -> Summary:
        """Return the summary of a stored body."""
        return {name: body.get(name) for name in self.members}

    def references_in(self, body: Mapping[str, Any]) -> References:
        """Return the keys that a stored body refers to, for the indexed kinds."""
        if not self.indexed_references:
            return _NO_REFERENCES
        found: dict[str, set[int]] = {kind: set() for kind in self.indexed_references}
        for lists, members in self._referring.items():
            rows: list[Mapping[str, Any]] = [body]
            for name in lists:
                rows = [row for outer in rows for row in outer.get(name) or ()]
            for row in rows:
                for member, kind in members:
                    key = row.get(member)
                    if key is not None:
                        found[kind].add(key)
        return {kind: frozenset(keys) if len(keys) > 1 else _few(*keys) for kind, keys in found.items()}

    @cached_property
    def _referring(self) -> Mapping[tuple[str, ...], Sequence[tuple[str, str]]]:
        """The members of each list of rows that refer to an indexed kind, with the kind."""
        found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        for kind in self.indexed_references:
            for path in self.references[kind]:
                found.setdefault(path.lists, []).extend((member, kind) for member in path.members)
        return found


class Table:
    """All records of one kind."""

    def __init__(self, spec: KindSpec) -> None:
        self.spec = spec
        self.entries: dict[int, Entry] = {}
        self._indexes: dict[str | Folded, dict[Any, set[int]]] = {name: {} for name in spec.index}
        self._referrers: dict[str, dict[int, set[int]]] = {kind: {} for kind in spec.indexed_references}
        """Kind -> key of that kind -> keys of the records in this table that refer to it."""
        self._texts: dict[tuple[str, ...], TextIndex] = {}
        """Indexes of texts by members, each built when it is first needed."""
        self._shared = False
        """Whether entries and indexes are shared with a copy, and must be copied before the next change."""
        self.state = next(_STATES)
        """A number that changes with every change. Equal numbers mean equal records, in copies too."""

    def put(self, key: int, version: int, stamp: int, body: Mapping[str, Any]) -> None:
        """Add or replace a record."""
        before = self.entries.get(key)
        if before is not None:
            self.remove(key)
        self._own()
        entry = Entry(version, stamp, self.spec.summary(body), self.spec.references_in(body))
        self.entries[key] = entry
        for members, texts in list(self._texts.items()):
            texts.add(key, _text(entry, members), None if before is None else _text(before, members))
            if texts.full:
                del self._texts[members]
        for index, value in self._postings(entry):
            index.setdefault(value, set()).add(key)

    def remove(self, key: int) -> None:
        """Remove a record if it exists."""
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

    def keys_containing(self, parts: Collection[str], members: tuple[str, ...]) -> set[int] | None:
        """Return the keys of records whose texts may contain each of the folded parts, or None: all must be compared.

        The texts are those of the members, and these joined by spaces.
        """
        if len(self.entries) <= _SCANNED:
            return None
        if members not in self._texts:
            self._texts[members] = TextIndex({key: _text(entry, members) for key, entry in self.entries.items()})
        found = self._texts[members].candidates(parts)
        return None if found is None else {key for key in found if key in self.entries}

    def referrers(self, kind: str, key: int) -> set[int] | None:
        """Return the keys of the records that refer to a record, or None if these references are not indexed."""
        index = self._referrers.get(kind)
        return None if index is None else index.get(key, set())

    def copy(self) -> Table:
        """Return an independent copy. Both share their entries until one of them changes."""
        twin = Table.__new__(Table)
        twin.spec, twin.entries, twin._indexes, twin._referrers = (
            self.spec,
            self.entries,
            self._indexes,
            self._referrers,
        )
        # Also shared are indexes of texts that are built before one of them changes.
        twin._texts = self._texts
        twin.state = self.state
        self._shared = twin._shared = True
        return twin

    def _own(self) -> None:
        self.state = next(_STATES)
        if self._shared:
            self.entries = dict(self.entries)
            self._indexes = {name: _copied(index) for name, index in self._indexes.items()}
            self._referrers = {kind: _copied(index) for kind, index in self._referrers.items()}
            self._texts = {members: texts.copy() for members, texts in self._texts.items()}
            self._shared = False

    def _postings(self, entry: Entry) -> list[tuple[dict[Any, set[int]], Any]]:
        """Return the indexes that have a record, with its value in each."""
        summary = entry.summary
        found: list[tuple[dict[Any, set[int]], Any]] = [
            (index, tuple([collated(summary[member] or "") for member in name.members]))
            if isinstance(name, Folded)
            else (index, summary[name])
            for name, index in self._indexes.items()
        ]
        found += [(self._referrers[kind], key) for kind, keys in entry.references.items() for key in keys]
        return found


def _text(entry: Entry, members: Iterable[str]) -> str:
    return fold(" ".join(text for member in members if (text := entry.summary[member])))


def _copied(index: Mapping[Any, set[int]]) -> dict[Any, set[int]]:
    return {value: set(keys) for value, keys in index.items()}


class Model:
    """The tables of a tenant, by kind."""

    def __init__(self, specs: Iterable[KindSpec]) -> None:
        self.tables = {spec.kind: Table(spec) for spec in specs}
        self._computed: dict[type, tuple[tuple[int, ...], Any]] = {}

    def states(self, kinds: Iterable[str]) -> tuple[int, ...]:
        """Return a number for each kind. Equal numbers mean equal records."""
        return tuple(self.tables[kind].state for kind in kinds)

    def computed(self, result: type[T], kinds: Iterable[str], compute: Callable[[T | None], T]) -> T:
        """Return a result that is computed from all records of some kinds, again only after one of them has changed.

        ``compute`` gets the last result, or None. Copies of the model share results, so it must not change them.
        """
        state = self.states(kinds)
        known = self._computed.get(result)
        if known is None or known[0] != state:
            known = self._computed[result] = (state, compute(None if known is None else known[1]))
        value: T = known[1]
        return value

    def summary(self, kind: str, key: int | None) -> Summary | None:
        """Return the summary of a record, or None if it does not exist."""
        entry = None if key is None else self.tables[kind].entries.get(key)
        return None if entry is None else entry.summary

    def copy(self) -> Model:
        """Return an independent copy."""
        twin = Model(())
        twin.tables = {kind: table.copy() for kind, table in self.tables.items()}
        twin._computed = dict(self._computed)
        return twin
