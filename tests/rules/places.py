"""Places in a request, such as ``UpdatedProjects[0].InvoiceGroups[0].Description``: looking, putting and dropping."""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def steps(place: str) -> list[str | int]:
    """The member names and indexes of a place, outermost first."""
    return [int(index) if index else name for index, name in _STEP.findall(place)]


def look(data: Any, place: str) -> Any:
    """What stands at the place. Raises ``LookupError`` when there is nothing, ``TypeError`` when the way is blocked."""
    for step in steps(place):
        data = data[step]
    return data


def put(data: Any, place: str, value: Any) -> None:
    """Set the value at the place; an object on the way that is absent or null is made."""
    *way, last = steps(place)
    for step in way:
        if isinstance(data, dict) and data.get(step) is None:
            data[step] = {}
        data = data[step]
    data[last] = value


def drop(data: Any, place: str) -> None:
    """Take away what stands at the place; nothing happens when there is nothing."""
    *way, last = steps(place)
    for step in way:
        data = data[step]
    if isinstance(data, dict):
        data.pop(last, None)
    else:
        del data[last]
