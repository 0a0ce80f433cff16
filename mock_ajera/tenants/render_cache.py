"""What was rendered lately: Gets are answered from it."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any


class RenderCache:
    """The answers that were rendered lately, at most ``limit``, with what they are valid for."""

    def __init__(self, limit: int = 4096) -> None:
        self._kept: OrderedDict[Any, tuple[Any, Any]] = OrderedDict()
        self._limit = limit

    def get(self, name: Any, valid_for: Any) -> Any:
        """What was rendered, or None when there is nothing valid."""
        kept = self._kept.get(name)
        if kept is None or kept[0] != valid_for:
            return None
        self._kept.move_to_end(name)
        return kept[1]

    def put(self, name: Any, valid_for: Any, rendered: Any) -> None:
        """Keep what was rendered; the one not asked for longest goes."""
        self._kept[name] = (valid_for, rendered)
        self._kept.move_to_end(name)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)
