"""Markdown for generated parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def code(value: object) -> str:
    """Return a value as it is written on the command line, in backticks."""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
