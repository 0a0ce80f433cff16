"""The journal of a tenant: its requests, their outcomes and reasons, and the claims that answers relied on."""

from __future__ import annotations

import json
import logging
import shlex
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, overload

from mock_ajera.claims import Claim, ledger
from mock_ajera.tenants.trace import Touched

_LOG = logging.getLogger("mock_ajera")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Outcome = Literal["ok", "refused", "failed"]

BODY_LIMIT = 32 * 1024
"""Maximum size in bytes of a request body in an entry; a larger one is omitted."""
DETAILS_LIMIT = 16 * 1024 * 1024
"""Approximate maximum size in bytes of all bodies, records and reasons. The oldest entries lose theirs first."""
MANY = 10_000
"""Maximum number of records and of reasons in an entry; a body of a megabyte can name a hundred thousand."""
_TEXT_LIMIT = 2000
"""Maximum number of characters of a message or URL in an entry; both can contain data from the client."""
_METHODS_LIMIT = 500
"""Maximum number of method names that are counted separately; a client can invent any number."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason for a refusal: path, rule, text and claim."""

    path: str
    """Path in the request, such as ``UpdatedProjects[0].Description``; empty for the whole request."""
    rule: str
    """Slug of the rule, such as ``max-length``."""
    text: str
    claim: str
    """Id of the claim that the rule relies on."""

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.text} [{self.rule}; {self.claim}]"


@dataclass(slots=True)
class Entry:
    """One request. It never contains passwords or tokens."""

    number: int
    """1 for a tenant's first request. Clearing the journal does not reset it."""
    at: int
    """UTC milliseconds by the tenant's clock."""
    method: str
    user: str
    version: int | None
    outcome: Outcome
    message: str
    """The value of ``Message`` in the answer."""
    reasons: tuple[Reason, ...]
    claims: tuple[str, ...] = ()
    """Ids of the claims that the answer relies on, including those of the reasons."""
    records: tuple[Touched, ...] = ()
    """Kind and key of the records that were read or written, at most 10,000."""
    url: str = ""
    body: bytes | None = None
    """The request as JSON without secrets; None if it was unreadable or too large.

    When the journal is full, the oldest entries lose their body, records and reasons.
    """
    size: int = 0
    """Size in bytes of the body as received."""
    request_id: str = ""
    warnings: tuple[str, ...] = ()
    """What a client could miss because Ajera succeeds silently, such as a list that is cut off."""

    @property
    def time(self) -> datetime:
        """The time of the request in UTC, by the tenant's clock."""
        return _EPOCH + timedelta(milliseconds=self.at)

    def curl(self) -> str:
        """Return a shell command that repeats the request; the token or password must be filled in."""
        body = f"({self.size} bytes)" if self.body is None else self.body.decode()
        return f"curl -s {shlex.quote(self.url)} --data-binary {shlex.quote(body)}"

    def explain(self) -> str:
        """Return the entry as text: the request, the message, reasons, warnings, and each claim with its grade."""
        lines = [str(self), f"  {self.message}", *(f"  why: {reason}" for reason in self.reasons)]
        lines += [f"  warning: {warning}" for warning in self.warnings]
        lines += [
            f"  relies on: {known.id} ({known.grade}): {known.says}" for known in map(ledger().__getitem__, self.claims)
        ]
        return "\n".join([*lines, f"  {self.curl()}"])

    def __str__(self) -> str:
        version = f"v{self.version}" if self.version else "--"
        return f"#{self.number} {self.method} {version} {self.user} {self.outcome}"

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as plain JSON values; times are ISO 8601 in UTC."""
        return {
            "number": self.number,
            "at": f"{self.time:%Y-%m-%dT%H:%M:%S}.{self.at % 1000:03d}Z",
            "method": self.method,
            "user": self.user,
            "version": self.version,
            "outcome": self.outcome,
            "message": self.message,
            "reasons": [
                {"path": each.path, "rule": each.rule, "text": each.text, "claim": each.claim} for each in self.reasons
            ],
            "claims": list(self.claims),
            "records": [f"{kind} {key}" for kind, key in self.records],
            "request_id": self.request_id,
            "warnings": list(self.warnings),
            "curl": self.curl(),
        }


def _taken(entry: Entry) -> int:
    """Return the approximate size in bytes of the details of an entry."""
    reasons = sum(200 + len(each.path) + len(each.text) for each in entry.reasons)
    return len(entry.body or b"") + 100 * len(entry.records) + reasons


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


@dataclass(frozen=True)
class Criteria:
    """Criteria for entries. None matches every entry."""

    method: str | None = None
    outcome: Outcome | None = None
    record: Touched | None = None
    """Kind and key, such as ``("Project", 1)``."""
    user: str | None = None
    claim: str | None = None
    """A claim that the answer relied on."""
    since: datetime | None = None
    """Earliest time, with a time zone, by the tenant's clock."""
    until: datetime | None = None
    """Latest time, likewise."""
    after: int = 0
    """The number of an earlier entry."""

    def match(self, entry: Entry) -> bool:
        """Return whether an entry matches all criteria."""
        return (
            all(getattr(self, name) in (None, getattr(entry, name)) for name in ("method", "outcome", "user"))
            and (self.record is None or self.record in entry.records)
            and (self.claim is None or self.claim in entry.claims)
            and (self.since is None or entry.time >= self.since)
            and (self.until is None or entry.time <= self.until)
            and entry.number > self.after
        )


class Journal(Sequence[Entry]):
    """The last ``limit`` entries, oldest first. Claims are counted for all entries, including removed ones.

    ``details``: approximate maximum size in bytes of all bodies, records and reasons.
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

    def note(self, entry: Entry, failure: Exception | None = None, *, counted: bool = True) -> Entry:
        """Add an entry, set its number and call the listeners.

        ``failure``: the internal error of the request. ``counted``: whether its claims are counted as relied on.
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
        for listener in self.listeners:
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
        taken = _taken(entry)
        self._detailed.append((entry, taken))
        self._bytes += taken
        oldest = self._entries[0].number
        while self._detailed and (self._bytes > self._most or self._detailed[0][0].number < oldest):
            first, taken = self._detailed.popleft()
            self._bytes -= taken
            if first.number >= oldest:
                first.body, first.records, first.reasons = None, (), ()

    def clear(self) -> None:
        """Remove all entries. Numbers and the counts of claims continue."""
        with self._lock:
            self._entries.clear()
            self._detailed.clear()
            self._bytes = 0

    # reading

    def where(self, method: str | None = None, **criteria: Any) -> list[Entry]:
        """Return the entries that match all criteria (see ``Criteria``), oldest first.

        Raises ``TypeError`` for an unknown criterion.
        """
        wanted = Criteria(method, **criteria)
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
        """Return the claims that answers relied on, most answers first. ``grades``: only claims of these grades."""
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
