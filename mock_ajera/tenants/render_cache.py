"""A cache of rendered records, separate for each audience."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Final

Audience = Hashable
"""Users for whom a record renders the same, such as the key of an employee."""


class _Everybody:
    def __repr__(self) -> str:
        return "EVERYBODY"


EVERYBODY: Final[Audience] = _Everybody()
"""The audience of responses that do not depend on the user. It is equal only to itself."""


class RenderCache:
    """Rendered records, each valid for one state. The least recently used record is dropped first."""

    def __init__(self, limit: int = 4096) -> None:
        """``limit`` is the largest number of entries."""
        self._kept: OrderedDict[tuple[str, int, str, Audience], tuple[Any, Any]] = OrderedDict()
        self._limit = limit

    def get(self, kind: str, key: int, view: str, audience: Audience, valid_for: Any) -> Any:
        """Return the record rendered for an audience, or None if there is none or it is not valid for this state."""
        name = (kind, key, view, audience)
        kept = self._kept.get(name)
        if kept is None or kept[0] != valid_for:
            return None
        self._kept.move_to_end(name)
        return kept[1]

    def put(self, kind: str, key: int, view: str, audience: Audience, valid_for: Any, rendered: Any) -> None:
        """Store a rendered record for an audience."""
        name = (kind, key, view, audience)
        self._kept[name] = (valid_for, rendered)
        self._kept.move_to_end(name)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)
