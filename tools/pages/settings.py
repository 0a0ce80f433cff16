"""The generated parts of the page about settings and quirks."""

from __future__ import annotations

from mock_ajera.settings import SETTINGS
from mock_ajera.tenants.quirks import QUIRKS
from tools.pages.markdown import code, table


def settings() -> str:
    """Return the table of settings."""
    rows = [
        (
            code(setting.option),
            code(setting.variable),
            "" if setting.default in (None, ()) else code(setting.default),
            setting.help,
        )
        for setting in SETTINGS
    ]
    return table(("option", "variable", "default", "description"), rows)


def quirks() -> str:
    """Return the table of quirks."""
    rows = [
        (
            code(quirk.name),
            ", ".join(map(code, quirk.choices)) if quirk.choices else "a number",
            code(quirk.observed),
            code(quirk.documented),
            quirk.says,
        )
        for quirk in QUIRKS.values()
    ]
    return table(("quirk", "values", "observed", "documented", "description"), rows)
