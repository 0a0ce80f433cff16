"""Records that were rendered recently, by who may see them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Final

Audience = Hashable
"""Who may see a rendered record, such as the key of an employee; equal audiences see the same."""


class _Everybody:
    def __repr__(self) -> str:
        return "EVERYBODY"


EVERYBODY: Final[Audience] = _Everybody()
"""The audience of answers that do not depend on the user. It equals nothing but itself."""


class RenderCache:
    """Rendered records, with the state that each is valid for. The least recently used one is dropped first."""

    def __init__(self, limit: int = 4096) -> None:
        """``limit`` is the largest number of entries."""
        self._kept: OrderedDict[tuple[str, int, str, Audience], tuple[Any, Any]] = OrderedDict()
        self._limit = limit

    def get(self, kind: str, key: int, view: str, audience: Audience, valid_for: Any) -> Any:
        """Return the rendered record, or None unless there is one for this audience that is valid for this state."""
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
