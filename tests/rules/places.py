"""Values at a path of a request, such as ``UpdatedProjects[0].InvoiceGroups[0].Description``."""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def steps(place: str) -> list[str | int]:
    """Return the member names and indexes of a path, outermost first."""
    return [int(index) if index else name for index, name in _STEP.findall(place)]


def look(data: Any, place: str) -> Any:
    """Return the value at a path. Raises ``LookupError`` or ``TypeError`` when there is none."""
    for step in steps(place):
        data = data[step]
    return data


def put(data: Any, place: str, value: Any) -> None:
    """Set the value at a path, and create objects on the way that are absent or null."""
    *way, last = steps(place)
    for step in way:
        if isinstance(data, dict) and data.get(step) is None:
            data[step] = {}
        data = data[step]
    data[last] = value


def drop(data: Any, place: str) -> None:
    """Remove the value at a path, if there is one."""
    *way, last = steps(place)
    for step in way:
        data = data[step]
    if isinstance(data, dict):
        data.pop(last, None)
    else:
        del data[last]
