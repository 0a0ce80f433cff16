"""The generated part of the page about the contract suite."""

from __future__ import annotations

from contract_tests.settings import OPTIONS
from tools.pages.markdown import code, table


def options() -> str:
    """Return the table of the suite's options."""
    rows = []
    for flag, settings in OPTIONS:
        value = settings.get("metavar") or " or ".join(settings.get("choices", ()))
        default = settings["default"]
        rows.append(
            (code(f"{flag} {value}".strip()), code(default) if isinstance(default, str) else "", settings["help"])
        )
    return table(("option", "default", "description"), rows)
