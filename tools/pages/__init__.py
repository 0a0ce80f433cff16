"""The generated parts of the README and the docs, rewritten in place by ``python -m tools.pages`` (``make pages``).

A page marks a generated part with two comments and is edited by hand everywhere else::

    <!-- generated: settings -->
    | option | variable | default | description |
    <!-- end -->
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.pages import command_line, contract, control, coverage, faults, methods, reference, settings, trials

ROOT = Path(__file__).resolve().parents[2]
PARTS: Mapping[str, Callable[[], str]] = {
    "actions": control.actions,
    "bad days of the examples": trials.bad_days,
    "call options": command_line.call_options,
    "chaos options": command_line.chaos_options,
    "contract options": contract.options,
    "contract variants": contract.variants,
    "coverage": coverage.coverage,
    "fault kinds": faults.kinds,
    "groups": command_line.groups,
    "methods": methods.methods,
    "quirks": settings.quirks,
    "races options": command_line.races_options,
    "races of the examples": trials.races,
    "seed options": command_line.seed_options,
    "settings": settings.settings,
    **reference.parts(),
}
"""The function that generates each part, by the name in the comment."""
_PART = re.compile(r"^<!-- generated: ([^>\n]+) -->\n(.*?)^<!-- end -->$", re.MULTILINE | re.DOTALL)


def render(page: str) -> str:
    """Return the text of a page with its generated parts rewritten. Raises ``ValueError`` for an unknown part."""

    def part(found: re.Match[str]) -> str:
        name = found[1]
        if name not in PARTS:
            raise ValueError(f"unknown part {name!r}; known parts: {', '.join(PARTS)}")
        return f"<!-- generated: {name} -->\n\n{PARTS[name]()}\n\n<!-- end -->"

    return _PART.sub(part, page)


def pages() -> list[Path]:
    """Return the pages that have a generated part."""
    every = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page for page in every if _PART.search(page.read_text(encoding="utf-8"))]
