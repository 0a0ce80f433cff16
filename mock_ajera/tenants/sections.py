"""The sections that the report of a failed test has: the requests that met a fault, were refused or were noted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

# The pytest plugin imports this module in every run: it must not import others.
if TYPE_CHECKING:
    from mock_ajera.tenants.entry import Entry
    from mock_ajera.tenants.tenant import Tenant

SHOWN = 10
"""Most requests that a section shows: the last ones."""
_REASONS = 5
"""Most reasons or notes that are shown of a request."""
_WIDTH = 1000
"""Most characters of a line."""


class Section:
    """Collects the requests of one kind."""

    def __init__(self, title: str, wanted: Callable[[Entry], bool]) -> None:
        self.title = title
        self._wanted = wanted
        self._last: deque[tuple[Entry, bool]] = deque(maxlen=SHOWN)
        self._count = 0

    def note(self, entry: Entry, routed: bool) -> bool:
        """Collect an entry and return True, if the section shows such entries.

        ``routed``: whether its URL leads to a tenant.
        """
        if not self._wanted(entry):
            return False
        self._count += 1
        self._last.append((entry, routed))
        return True

    def text(self) -> str:
        """Return the collected requests as text, empty for none."""
        omitted = self._count - len(self._last)
        texts = [f"({omitted} earlier ones)"] * (omitted > 0) + [_shown(*each) for each in self._last]
        return "\n".join(texts)

    def clear(self) -> None:
        """Forget the collected requests."""
        self._last.clear()
        self._count = 0


class Sections:
    """Collects the requests to the tenants of a server, or to the server itself, that explain a failed test."""

    def __init__(self) -> None:
        self._sections = (
            Section("met a fault of mock-ajera", lambda entry: bool(entry.faults)),
            Section("refused by mock-ajera", lambda entry: entry.outcome != "ok"),
            Section("noted by mock-ajera", lambda entry: entry.outcome == "ok" and bool(entry.notes)),
        )

    def watch(self, tenant: Tenant) -> None:
        """Collect from the journal of a tenant from now on."""
        tenant.journal.listeners.append(self.note)

    def note(self, entry: Entry, *, routed: bool = True) -> None:
        """Collect an entry in the first section that shows it. ``routed``: whether its URL leads to a tenant."""
        any(each.note(entry, routed) for each in self._sections)

    def take(self) -> Iterator[tuple[str, str]]:
        """Yield the title and the text of each section that is not empty, and start again."""
        for each in self._sections:
            if text := each.text():
                yield each.title, text
        self.clear()

    def clear(self) -> None:
        """Forget the collected requests."""
        for each in self._sections:
            each.clear()


def _shown(entry: Entry, routed: bool) -> str:
    """Return a request with its message, its faults, its reasons or notes, and a line that repeats it."""
    who = "" if entry.version is None else f" (version {entry.version}, {entry.user})"
    told = [*entry.reasons, *entry.notes]
    lines = [f"{entry.method}{who}: {entry.message}", *(f"  fault: {each}" for each in entry.faults)]
    lines += [f"  {each}" for each in told[:_REASONS]]
    if len(told) > _REASONS:
        lines.append(f"  and {len(told) - _REASONS} more reasons")
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
