"""The table of the API's methods in the README, from the register."""

from __future__ import annotations

from collections.abc import Iterable

from mock_ajera.api.families import FAMILIES
from mock_ajera.api.sessions import METHODS as SESSION_METHODS
from tools.pages.markdown import table

_VERSIONS = {(1, 2): "versions 1 and 2", (1,): "version 1 only", (2,): "version 2 only"}


def methods() -> str:
    """Return a row for each family: its methods by version, and those that are known only by name."""
    rows: list[tuple[str, ...]] = [("sessions", _names(SESSION_METHODS), "", "", "")]
    for subject, family in FAMILIES.items():
        served = (
            _names(
                method.name
                for method in family.methods
                if tuple(sorted(method.known)) == versions and not method.guessed
            )
            for versions in _VERSIONS
        )
        guessed = _names(method.name for method in family.methods if method.guessed)
        rows.append((subject, *served, guessed))
    return table(("family", *_VERSIONS.values(), "quirk `guessed_methods`"), rows)


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
