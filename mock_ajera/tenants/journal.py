"""A journal: the requests to a tenant or a server, and the claims that answers relied on."""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from mock_ajera.claims import Claim, Grade, ledger
from mock_ajera.tenants.criteria import Criteria
from mock_ajera.tenants.entry import Entry, Outcome, Reason

_LOG = logging.getLogger("mock_ajera")

__all__ = ["BODY_LIMIT", "DETAILS_LIMIT", "MANY", "Criteria", "Entry", "Journal", "Outcome", "Reason", "Reliance"]

BODY_LIMIT = 32 * 1024
"""Maximum size in bytes of a request or answer in an entry; a larger one is omitted."""
DETAILS_LIMIT = 16 * 1024 * 1024
"""Approximate maximum bytes of all bodies, answers, records and reasons. The oldest entries lose theirs first."""
MANY = 10_000
"""Maximum number of records and of reasons in an entry; a body of a megabyte can name a hundred thousand."""
_TEXT_LIMIT = 2000
"""Maximum number of characters of a message or URL in an entry; both can contain data from the client."""
_METHODS_LIMIT = 500
"""Maximum number of method names that are counted separately; a client can invent any number."""


def _taken(entry: Entry) -> int:
    """Return the approximate size in bytes of the details of an entry."""
    reasons = sum(200 + len(each.path) + len(each.text) for each in entry.reasons)
    return len(entry.body or b"") + len(entry.answer or b"") + 100 * len(entry.records) + reasons


@dataclass(slots=True)
class Reliance:
    """A claim that answers relied on, with the number of answers by method."""

    claim: str
    answers: int = 0
    methods: dict[str, int] = field(default_factory=dict)

    @property
    def known(self) -> Claim:
        """The claim itself."""
        return ledger()[self.claim]


class Journal(Sequence[Entry]):
    """The last ``limit`` entries, oldest first. Claims are counted for all entries, including removed ones.

    ``details``: approximate maximum size in bytes of all bodies, answers, records and reasons.
    """

    def __init__(self, limit: int = 1000, details: int = DETAILS_LIMIT) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._count = 0
        self._detailed: deque[tuple[Entry, int]] = deque()
        """The entries that still have their details, with the size of these in bytes."""
        self._bytes = 0
        self._most = details
        self._reliance: dict[str, Reliance] = {}
        self._lock = threading.Lock()
        self.failures: deque[Exception] = deque(maxlen=20)
        """Internal errors of mock-ajera, which were answered as failures."""
        self.listeners: list[Callable[[Entry], None]] = []
        self.known: dict[str, Callable[[], Collection[str]]] = {}
        """The names that ``where`` accepts (see ``Known``); any for a criterion that is absent or has no names."""

    def note(
        self, entry: Entry, failure: Exception | None = None, *, counted: bool = True, announced: bool = True
    ) -> Entry:
        """Add an entry, set its number and call the listeners.

        ``failure``: the internal error of the request. ``counted``: whether its claims are counted as relied on.
        ``announced``: whether the listeners are called.
        """
        with self._lock:
            if failure is not None:
                self.failures.append(failure)
            self._count += 1
            entry.number = self._count
            self._entries.append(entry)
            self._keep_details(entry)
            for claim in entry.claims if counted else ():
                reliance = self._reliance.get(claim)
                if reliance is None:
                    reliance = self._reliance[claim] = Reliance(claim)
                reliance.answers += 1
                known = entry.method in reliance.methods or len(reliance.methods) < _METHODS_LIMIT
                method = entry.method if known else "..."
                reliance.methods[method] = reliance.methods.get(method, 0) + 1
        for listener in tuple(self.listeners) if announced else ():
            try:
                listener(entry)
            except Exception:  # noqa: BLE001 - who listens cannot undo what was answered
                _LOG.exception("a listener of the journal failed")
        return entry

    def _keep_details(self, entry: Entry) -> None:
        entry.message, entry.url = entry.message[:_TEXT_LIMIT], entry.url[:_TEXT_LIMIT]
        entry.records, entry.reasons = entry.records[:MANY], entry.reasons[:MANY]
        if entry.body is not None and len(entry.body) > BODY_LIMIT:
            entry.body = None
        if entry.answer is not None and len(entry.answer) > BODY_LIMIT:
            entry.answer = None
        taken = _taken(entry)
        self._detailed.append((entry, taken))
        self._bytes += taken
        oldest = self._entries[0].number
        while self._detailed and (self._bytes > self._most or self._detailed[0][0].number < oldest):
            first, taken = self._detailed.popleft()
            self._bytes -= taken
            if first.number >= oldest:
                first.body, first.answer, first.records, first.reasons = None, None, (), ()

    def clear(self) -> None:
        """Remove all entries. Numbers and the counts of claims continue."""
        with self._lock:
            self._entries.clear()
            self._detailed.clear()
            self._bytes = 0

    # reading

    def where(self, method: str | None = None, **criteria: Any) -> list[Entry]:
        """Return the entries that match all criteria (see ``Criteria``), oldest first.

        Raises ``TypeError`` for an unknown criterion, and ``ValueError`` for a value that does not exist: an outcome, a
        claim, a method, an API user or a kind of record.
        """
        wanted = Criteria(method, **criteria)
        wanted.check_names(self.known, self)
        return [entry for entry in self if wanted.match(entry)]

    def one(self, method: str | None = None, **criteria: Any) -> Entry:
        """Return the only entry that matches (see ``where``). Raises ``AssertionError`` with the entries otherwise."""
        found = self.where(method, **criteria)
        assert len(found) == 1, self._mismatch(f"{len(found)} requests match, expected one", found, method, criteria)
        return found[0]

    def last(self, method: str | None = None, **criteria: Any) -> Entry:
        """Return the last entry that matches (see ``where``). Raises ``AssertionError`` if none does."""
        found = self.where(method, **criteria)
        assert found, self._mismatch("no request matches", found, method, criteria)
        return found[-1]

    def none(self, method: str | None = None, **criteria: Any) -> None:
        """Raise ``AssertionError`` with the entries that match (see ``where``), if there are any."""
        found = self.where(method, **criteria)
        assert not found, self._mismatch(f"{len(found)} requests match, expected none", found, method, criteria)

    def _mismatch(self, problem: str, found: list[Entry], method: str | None, criteria: dict[str, Any]) -> str:
        wanted = " ".join([method or "any method", *(f"{name}={value!r}" for name, value in criteria.items())])
        shown = found or list(self)
        listed = "They are:" if found else "The journal contains:" if shown else "The journal is empty."
        head = f"{problem}: {wanted}. {listed}"
        return "\n".join([head, *(f"  {entry}" for entry in shown[-20:])])

    def reliance(self, *grades: str) -> list[Reliance]:
        """Return the claims that answers relied on, most answers first. ``grades``: only claims of these grades.

        Raises ``ValueError`` for an unknown grade.
        """
        if unknown := set(grades) - set(Grade):
            raise ValueError(f"there is no grade {min(unknown)!r}; the grades are {', '.join(Grade)}")
        with self._lock:
            found = [each for each in self._reliance.values() if not grades or each.known.grade in grades]
            copies = [Reliance(each.claim, each.answers, dict(each.methods)) for each in found]
        return sorted(copies, key=lambda each: (-each.answers, each.claim))

    def jsonl(self) -> str:
        """Return the entries as JSON lines."""
        return "".join(json.dumps(entry.to_dict(), ensure_ascii=False) + "\n" for entry in self)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter(tuple(self._entries))

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | Sequence[Entry]:
        return tuple(self)[index] if isinstance(index, slice) else self._entries[index]
