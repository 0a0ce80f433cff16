"""The journal of a tenant: what was asked, how it ended, and why it was refused."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, overload

_LOG = logging.getLogger("mock_ajera")

Outcome = Literal["ok", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was refused: where, by which rule, in words, on which claim."""

    path: str
    """Place in the request, such as ``UpdatedProjects[0].Description``; empty for the request as a whole."""
    rule: str
    """Slug of the rule, such as ``max-length``."""
    text: str
    claim: str
    """Id of the claim in the ledger that the rule rests on."""

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.text} [{self.rule}; {self.claim}]"


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as the server saw it. Passwords and tokens never get here."""

    number: int
    at: int
    """UTC milliseconds by the tenant's clock."""
    method: str
    user: str
    version: int | None
    outcome: Outcome
    message: str
    """What ``Message`` said."""
    reasons: tuple[Reason, ...]


class Journal(Sequence[Entry]):
    """The last ``limit`` entries, oldest first."""

    def __init__(self, limit: int = 1000) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._count = 0
        self._lock = threading.Lock()
        self.listeners: list[Callable[[Entry], None]] = []

    def note(
        self,
        *,
        at: int,
        method: str,
        user: str,
        version: int | None,
        outcome: Outcome,
        message: str,
        reasons: tuple[Reason, ...],
    ) -> Entry:
        """Add an entry and tell the listeners."""
        with self._lock:
            self._count += 1
            entry = Entry(self._count, at, method, user, version, outcome, message, reasons)
            self._entries.append(entry)
        for listener in self.listeners:
            try:
                listener(entry)
            except Exception:  # noqa: BLE001 - who listens cannot undo what was answered
                _LOG.exception("a listener of the journal failed")
        return entry

    def clear(self) -> None:
        """Forget the entries; numbering goes on."""
        self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | Sequence[Entry]:
        return tuple(self._entries)[index] if isinstance(index, slice) else self._entries[index]
