"""The refused requests of a test, as its report shows them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

# The pytest plugin imports this module in every run: it must not import others.
if TYPE_CHECKING:
    from mock_ajera.tenants.entry import Entry
    from mock_ajera.tenants.tenant import Tenant

SHOWN = 10
"""Most requests that are shown: the last ones."""
_REASONS = 5
"""Most reasons that are shown of a request."""
_WIDTH = 1000
"""Most characters of a line."""


class Refusals:
    """Collects the requests that are refused by the tenants of a server, or by the server itself."""

    def __init__(self) -> None:
        self._last: deque[tuple[Entry, bool]] = deque(maxlen=SHOWN)
        self._count = 0

    def watch(self, tenant: Tenant) -> None:
        """Collect from the journal of a tenant from now on."""
        tenant.journal.listeners.append(self.note)

    def note(self, entry: Entry, *, routed: bool = True) -> None:
        """Collect an entry if it was refused. ``routed``: whether its URL leads to a tenant."""
        if entry.outcome != "ok":
            self._count += 1
            self._last.append((entry, routed))

    def take(self) -> str:
        """Return the collected requests as text, empty for none, and start again."""
        omitted = self._count - len(self._last)
        texts = [f"({omitted} earlier ones)"] * (omitted > 0) + [_shown(*each) for each in self._last]
        self.clear()
        return "\n".join(texts)

    def clear(self) -> None:
        """Forget the collected requests."""
        self._last.clear()
        self._count = 0


def _shown(entry: Entry, routed: bool) -> str:
    """Return a request with its message, its reasons, and a line that repeats it."""
    who = "" if entry.version is None else f" (version {entry.version}, {entry.user})"
    lines = [f"{entry.method}{who}: {entry.message}", *(f"  {reason}" for reason in entry.reasons[:_REASONS])]
    if len(entry.reasons) > _REASONS:
        lines.append(f"  and {len(entry.reasons) - _REASONS} more reasons")
    form = "python" if routed and entry.body is not None else "curl"
    again = str(getattr(entry, form)())
    if len(again) >= _WIDTH:
        # The report would be unreadable. The journal of a test has the same numbers when the test is run again.
        fixture = "ajera" if routed else "ajera_server"
        again = f"print({fixture}.journal.where(after={entry.number - 1})[0].{form}())  # prints a long line"
    lines.append(f"  to repeat it: {again}")
    return "\n".join(_printable(line if len(line) <= _WIDTH else f"{line[:_WIDTH]} ...") for line in lines)


def _printable(text: str) -> str:
    """Return a text with control characters and lone surrogates escaped."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
