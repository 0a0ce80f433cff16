"""The generated part of the page about the contract suite."""

from __future__ import annotations

from itertools import groupby

from contract_tests.settings import OPTIONS
from mock_ajera.claims import Grade, ledger
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


def variants() -> str:
    """Return the table of the documented and observed claims that ``--every-claim`` does not demand."""
    found = [claim for claim in ledger().values() if claim.variant and claim.grade is not Grade.INFERRED]
    rows = [
        (theme, ", ".join(code(claim.id) for claim in claims))
        for theme, claims in groupby(sorted(found, key=lambda claim: claim.id), key=lambda claim: claim.theme)
    ]
    return table(("theme", "variants"), rows)
