"""The generated part of the page about faults: what can go wrong."""

from __future__ import annotations

from mock_ajera.api.faults.kinds import KINDS
from tools.pages.markdown import code, table


def kinds() -> str:
    """Return the table of kinds, by what goes wrong."""
    rows = [
        (
            each.group,
            code(each.name),
            each.says,
            " or ".join(each.phases),
            ", ".join(f"**{code(name)}**" if name in each.needs else code(name) for name in each.takes),
        )
        for each in KINDS.values()
    ]
    return table(("what", "fault", "what happens", "phase", "members"), rows)
