"""Response headers that explain an answer: reasons of a refusal, notes, claims, number of the journal entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, takewhile
from urllib.parse import quote

from mock_ajera.claims import ledger
from mock_ajera.tenants.journal import Entry, Reason

WHY_HEADER = "Mock-Ajera-Why"
"""The reasons of a refusal; on every answer that refuses something."""
NOTE_HEADER = "Mock-Ajera-Note"
"""What a client may not notice in an answer, such as a filter that was ignored."""
FAULT_HEADER = "Mock-Ajera-Fault"
"""The names of the faults that the request met."""
CLAIMS_HEADER = "Mock-Ajera-Claims"
"""The claims that the answer relies on, with their grades; only if the request has ``Mock-Ajera-Explain``."""
ENTRY_HEADER = "Mock-Ajera-Entry"
"""The number of the journal entry; only if the request has ``Mock-Ajera-Explain``."""
_LIMIT = 4000
"""Maximum characters of a header value: some clients accept no more than 8 KB of headers."""
_UNESCAPED = " !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""Characters that are sent as they are, besides letters and digits: printable ASCII without the percent sign."""


def why(reasons: Sequence[Reason], notes: Sequence[Reason] = (), faults: Sequence[str] = ()) -> dict[str, str]:
    """Return the headers with the reasons of a refusal, with notes, and with the names of faults; none for none."""
    named = {WHY_HEADER: reasons, NOTE_HEADER: notes, FAULT_HEADER: faults}
    return {name: header_value(map(str, each)) for name, each in named.items() if each}


def explanation(entry: Entry) -> dict[str, str]:
    """Return the headers with the claims and the number of a journal entry."""
    known = ledger()
    claims = header_value(f"{claim} ({known[claim].grade})" for claim in entry.claims)
    return {CLAIMS_HEADER: claims, ENTRY_HEADER: str(entry.number)}


def header_value(texts: Iterable[str]) -> str:
    """Join texts into one ASCII header value, percent-encoded where needed and cut off at 4,000 characters."""
    # JSON can escape half a character, which UTF-8 cannot encode.
    escaped = [
        quote(character, safe=_UNESCAPED, errors="backslashreplace") for character in "; ".join(texts)[: _LIMIT + 1]
    ]
    room = len(list(takewhile(lambda length: length <= _LIMIT, accumulate(map(len, escaped)))))
    return "".join(escaped) if room == len(escaped) else "".join(escaped[:room]) + " ..."
