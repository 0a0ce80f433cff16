"""An index of the values of records, which finds the records that have a value without looking at the others.

It is built at once, in a tenth of the time and memory of sets that grow record by record. What changes afterwards is
kept apart, so that a copy shares all the rest.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Hashable, Iterable

_ROOM = 1000
"""Records that can change in a small index before it is built again."""


class ValueIndex:
    """The keys of records by their values."""

    def __init__(self, values: Iterable[tuple[int, Collection[Hashable]]], records: int) -> None:
        """Build the index from the key of each record with its values. ``records``: how many there are."""
        built: dict[Hashable, int | array[int]] = {}
        for key, each in values:
            for value in each:
                keys = built.get(value)
                if keys is None:
                    built[value] = key
                elif isinstance(keys, int):
                    built[value] = array("q", (keys, key))
                else:
                    keys.append(key)
        self._built = built
        """The key of the only record that had a value, or the keys of several. Shared with copies; never changed."""
        self._room = _ROOM + records
        """Records that can change before the index is built again: as many as it had."""
        self._changed: dict[int, Collection[Hashable]] = {}
        """The values of records that have changed since, none for one that was removed."""
        self._added: dict[Hashable, set[int]] = {}
        """The keys of these records by their values."""

    def copy(self) -> ValueIndex:
        """Return an independent copy, which another tenant can change under its own lock."""
        twin = ValueIndex.__new__(ValueIndex)
        twin._built, twin._room, twin._changed = self._built, self._room, dict(self._changed)
        twin._added = {value: set(keys) for value, keys in self._added.items()}
        return twin

    def keys(self, value: Hashable) -> set[int]:
        """Return the keys of the records that have a value."""
        built = self._built.get(value, ())
        found = {built} if isinstance(built, int) else set(built)
        return found.difference(self._changed) | self._added.get(value, set())

    def change(self, key: int, before: Collection[Hashable], after: Collection[Hashable]) -> None:
        """Replace the values of a record. One that did not exist had none, nor has one that is removed."""
        if before == after:
            return
        for value in self._changed.get(key, ()):
            self._added[value].remove(key)
            if not self._added[value]:
                del self._added[value]
        self._changed[key] = after
        for value in after:
            self._added.setdefault(value, set()).add(key)

    @property
    def full(self) -> bool:
        """Whether it is time to build the index again."""
        return len(self._changed) > self._room
