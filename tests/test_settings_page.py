"""The page of settings and quirks has every one of them, with the values that the code has."""

from __future__ import annotations

from collections.abc import Iterable

from checkout import ROOT

from mock_ajera.settings import SETTINGS
from mock_ajera.tenants.quirks import QUIRKS

PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def table(*rows: Iterable[object]) -> str:
    """A table of Markdown: its head, and its rows."""
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * (lines[0].count("|") - 1), *lines[1:]])


def shown(value: object) -> str:
    """A value as it is written on the command line."""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def test_settings() -> None:
    """One row a setting: option, variable, default, help."""
    rows = [
        (
            f"`{setting.option}`",
            f"`{setting.variable}`",
            "" if setting.default in (None, ()) else shown(setting.default),
            setting.help,
        )
        for setting in SETTINGS
    ]
    assert table(("option", "variable", "default", "what it does"), *rows) in PAGE


def test_quirks() -> None:
    """One row a quirk: its values, that of each profile, what it is about."""
    rows = [
        (
            f"`{quirk.name}`",
            ", ".join(map(shown, quirk.choices)) if quirk.choices else "a number",
            shown(quirk.observed),
            shown(quirk.documented),
            quirk.says,
        )
        for quirk in QUIRKS.values()
    ]
    assert table(("quirk", "values", "observed", "documented", "what it is about"), *rows) in PAGE
