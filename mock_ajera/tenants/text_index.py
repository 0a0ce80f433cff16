"""An index of the texts of records, which finds those that may contain a text without looking at the others.

It has the grams of each text: every three adjacent characters. A gram that a record once had stays, so the index names
too many records, never too few: the caller compares their texts.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping
from itertools import chain

_GRAM = 3
_LARGEST = 2**31 - 1
_ROOM = 1000
"""Keys that can be added to a small index before it is built again."""
_WORTH = 32
"""Comparing a text takes as long as looking up so many keys."""


class TextIndex:
    """The keys of records by the grams of their texts."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        # A key has 4 bytes, not the 8 of a list or the 60 of a set: the grams of 100,000 projects are 4,000,000.
        code = "i" if max(texts, default=0) <= _LARGEST else "q"
        self._built: dict[str, array[int]] = {}
        """Shared with copies, and never changed."""
        for key, text in texts.items():
            for gram in _grams(text):
                keys = self._built.get(gram)
                if keys is None:
                    keys = self._built[gram] = array(code)
                keys.append(key)
        self._room = _ROOM + sum(map(len, self._built.values()))
        """Keys that can be added before the index is built again: as many as it had."""
        self._added: dict[str, list[int]] = {}

    def copy(self) -> TextIndex:
        """Return an independent copy, which another tenant can change under its own lock."""
        twin = TextIndex.__new__(TextIndex)
        twin._built, twin._room = self._built, self._room
        twin._added = {gram: list(keys) for gram, keys in self._added.items()}
        return twin

    def add(self, key: int, text: str, before: str | None) -> None:
        """Add a text of a record. ``before``: the text that it had."""
        for gram in _grams(text) - (set() if before is None else _grams(before)):
            self._added.setdefault(gram, []).append(key)
            self._room -= 1

    @property
    def full(self) -> bool:
        """Whether it is time to build the index again."""
        return self._room < 0

    def candidates(self, parts: Collection[str]) -> set[int] | None:
        """Return the keys of all records whose text may contain each of the parts, or None if that may be any."""
        long = [part for part in parts if len(part) >= _GRAM]
        if not long:
            return self._with_prefix(max(parts, key=len)) if any(parts) else None
        grams = {part[at : at + _GRAM] for part in long for at in range(len(part) - _GRAM + 1)}
        rarest, *others = sorted(grams, key=self._count)
        found = set(self._keys(rarest))
        for gram in others:
            if self._count(gram) > _WORTH * len(found):
                break
            found.intersection_update(self._keys(gram))
        return found

    def _with_prefix(self, part: str) -> set[int]:
        """Return the keys of the texts with a part that is shorter than a gram."""
        grams = {gram for gram in chain(self._built, self._added) if gram.startswith(part)}
        return set(chain.from_iterable(map(self._keys, grams)))

    def _count(self, gram: str) -> int:
        return len(self._built.get(gram, ())) + len(self._added.get(gram, ()))

    def _keys(self, gram: str) -> Iterable[int]:
        return chain(self._built.get(gram, ()), self._added.get(gram, ()))


def _grams(text: str) -> set[str]:
    """Return the grams of a text. Those at its end are shorter: one begins at each character."""
    return {text[at : at + _GRAM] for at in range(len(text))}
