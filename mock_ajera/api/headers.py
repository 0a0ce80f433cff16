"""Response headers that explain an answer: reasons, warnings, claims, and the number of the journal entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, takewhile
from urllib.parse import quote

from mock_ajera.claims import ledger
from mock_ajera.tenants.journal import Entry, Reason

WHY_HEADER = "Mock-Ajera-Why"
"""The reasons of a refusal; on every answer that refuses something."""
WARNING_HEADER = "Mock-Ajera-Warning"
"""What a client could miss because Ajera succeeds silently; on every answer with a warning."""
CLAIMS_HEADER = "Mock-Ajera-Claims"
"""The claims that the answer relies on, with their grades; only if the request has ``Mock-Ajera-Explain``."""
ENTRY_HEADER = "Mock-Ajera-Entry"
"""The number of the journal entry; only if the request has ``Mock-Ajera-Explain``."""
_LIMIT = 4000
"""Maximum characters of a header value: some clients accept no more than 8 KB of headers."""
_UNESCAPED = " !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""Characters that are sent as they are, besides letters and digits: printable ASCII without the percent sign."""


def why(reasons: Sequence[Reason]) -> dict[str, str]:
    """Return the header with the reasons of a refusal; none for an answer without reasons."""
    return {WHY_HEADER: header_value(map(str, reasons))} if reasons else {}


def warning(entry: Entry) -> dict[str, str]:
    """Return the header with the warnings of a journal entry; none for an entry without warnings."""
    return {WARNING_HEADER: header_value(entry.warnings)} if entry.warnings else {}


def explanation(entry: Entry) -> dict[str, str]:
    """Return the headers with the claims and the number of a journal entry."""
    known = ledger()
    claims = header_value(f"{claim} ({known[claim].grade})" for claim in entry.claims)
    return {CLAIMS_HEADER: claims, ENTRY_HEADER: str(entry.number)}


def header_value(texts: Iterable[str]) -> str:
    """Join texts into one ASCII header value, percent-encoded where needed and cut off at 4,000 characters."""
    escaped = [quote(character, safe=_UNESCAPED) for character in "; ".join(texts)[: _LIMIT + 1]]
    room = len(list(takewhile(lambda length: length <= _LIMIT, accumulate(map(len, escaped)))))
    return "".join(escaped) if room == len(escaped) else "".join(escaped[:room]) + " ..."
