"""The read model of a tenant: in-memory summaries of records for lists, filters, lookups and checks.

The store is authoritative. The model has a summary of each record (only members that are read from the model), an index
of each member that filters compare for equality, and an index of references. Summaries are never changed in place, so a
copy of the tables is a snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import count
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import msgspec

from mock_ajera.tenants.folding import collated, fold
from mock_ajera.tenants.text_index import TextIndex
from mock_ajera.tenants.value_index import ValueIndex
from mock_ajera.tenants.values import values_type

Summary = Mapping[str, Any]
References = Mapping[str, tuple[int, ...]]
"""Kind -> keys of the records of that kind that a record refers to."""


class Folded(NamedTuple):
    """An index over text members that compares them as ``collated`` does."""

    members: tuple[str, ...]


class To(NamedTuple):
    """An index over references to records of a kind."""

    kind: str


_Index = str | Folded | To


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


class Entry(msgspec.Struct, frozen=True, gc=False):
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


_ALIKE = 10_000
"""Values that are remembered to be shared."""
_SCANNED = 500
"""Records of a kind whose texts are compared one by one, without an index."""
_STATES = count(1)
T = TypeVar("T")
V = TypeVar("V", str, tuple[int, ...])


@lru_cache(_ALIKE)
def _shared(value: V) -> V:
    """Return an equal value that is shared: many records have the same status, or refer to the same records."""
    return value


class _Referring(NamedTuple):
    """The members of a row that refer to indexed kinds, and those of the rows in its lists."""

    members: list[tuple[str, int]]
    """Each member, with the number of the kind that it refers to."""
    lists: dict[str, _Referring]


def _collect(row: Mapping[str, Any], referring: _Referring, found: Sequence[set[Any]]) -> None:
    """Add the keys in a row by the numbers of their kinds, and None for a member that is not set."""
    members, lists = referring
    get = row.get
    for member, kind in members:
        found[kind].add(get(member))
    for name, inner in lists.items():
        for each in get(name) or ():
            _collect(each, inner, found)


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
        values = map(body.get, self.members)
        return self._summary(*[_shared(value) if type(value) is str else value for value in values])

    def references_in(self, body: Mapping[str, Any]) -> References:
        """Return the keys that a stored body refers to, for the indexed kinds."""
        found: list[set[Any]] = [set() for _ in self.indexed_references]
        _collect(body, self._referring, found)
        for keys in found:
            keys.discard(None)
        return self._references(*[_shared(tuple(sorted(keys) if len(keys) > 1 else keys)) for keys in found])

    @cached_property
    def _summary(self) -> Callable[..., Summary]:
        return values_type(self.members)

    @cached_property
    def _references(self) -> Callable[..., References]:
        return values_type(self.indexed_references)

    @cached_property
    def _referring(self) -> _Referring:
        root = _Referring([], {})
        for number, kind in enumerate(self.indexed_references):
            for path in self.references[kind]:
                rows = root
                for name in path.lists:
                    rows = rows.lists.setdefault(name, _Referring([], {}))
                rows.members.extend((member, number) for member in path.members)
        return root


class Table:
    """All records of one kind."""

    def __init__(self, spec: KindSpec) -> None:
        self.spec = spec
        self.entries: dict[int, Entry] = {}
        self._indexes: dict[_Index, ValueIndex] = {}
        """Indexes of values, each built when it is first needed."""
        self._texts: dict[tuple[str, ...], TextIndex] = {}
        """Indexes of texts by members, each built when it is first needed."""
        self._shared = False
        """Whether entries and indexes are shared with a copy, and must be copied before the next change."""
        self.state = next(_STATES)
        """A number that changes with every change. Equal numbers mean equal records, in copies too."""

    def put(self, key: int, version: int, stamp: int, body: Mapping[str, Any]) -> None:
        """Add or replace a record."""
        self._own()
        before = self.entries.get(key)
        entry = Entry(version, stamp, self.spec.summary(body), self.spec.references_in(body))
        self.entries[key] = entry
        for members, texts in list(self._texts.items()):
            texts.add(key, _text(entry, members), None if before is None else _text(before, members))
            if texts.full:
                del self._texts[members]
        self._index(key, before, entry)

    def remove(self, key: int) -> None:
        """Remove a record if it exists."""
        if key in self.entries:
            self._own()
            self._index(key, self.entries.pop(key), None)

    def _index(self, key: int, before: Entry | None, after: Entry | None) -> None:
        for name, index in list(self._indexes.items()):
            index.change(key, _values(before, name), _values(after, name))
            if index.full:
                del self._indexes[name]

    def keys_with(self, name: str | Folded, values: Iterable[Any]) -> set[int]:
        """Return the keys of the records whose indexed member has one of the values."""
        if name not in self.spec.index:
            raise LookupError(f"{self.spec.kind} has no index of {name}")
        return set().union(*map(self._built(name).keys, values))

    def _built(self, name: _Index) -> ValueIndex:
        index = self._indexes.get(name)
        if index is None:
            values = ((key, _values(entry, name)) for key, entry in self.entries.items())
            index = self._indexes[name] = ValueIndex(values, len(self.entries))
        return index

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
        return self._built(To(kind)).keys(key) if kind in self.spec.indexed_references else None

    def copy(self) -> Table:
        """Return an independent copy. Both share their entries until one of them changes."""
        twin = Table.__new__(Table)
        twin.spec, twin.entries, twin.state = self.spec, self.entries, self.state
        # Also shared are indexes that are built before one of them changes.
        twin._indexes, twin._texts = self._indexes, self._texts
        self._shared = twin._shared = True
        return twin

    def _own(self) -> None:
        self.state = next(_STATES)
        if self._shared:
            self.entries = dict(self.entries)
            # A tenant that shares these dicts may build an index at the same moment.
            self._indexes = {name: index.copy() for name, index in list(self._indexes.items())}
            self._texts = {members: texts.copy() for members, texts in list(self._texts.items())}
            self._shared = False


def _values(entry: Entry | None, name: _Index) -> tuple[Hashable, ...]:
    """Return the values of a record in an index."""
    if entry is None:
        return ()
    if isinstance(name, str):
        return (entry.summary[name],)
    if isinstance(name, Folded):
        return (tuple([collated(entry.summary[member] or "") for member in name.members]),)
    keys: tuple[int, ...] = entry.references[name.kind]
    return keys


def _text(entry: Entry, members: Iterable[str]) -> str:
    return fold(" ".join(text for member in members if (text := entry.summary[member])))


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
