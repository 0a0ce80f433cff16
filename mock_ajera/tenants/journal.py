"""The journal of a tenant: what was asked, how it ended, why it was refused, and on which claims the answer rests."""

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
"""Bytes of a request's body that an entry keeps; a longer one is left out of it."""
DETAILS_LIMIT = 16 * 1024 * 1024
"""Bytes, about, of all details that a journal keeps: bodies, records and reasons. Older entries lose theirs first."""
MANY = 10_000
"""Records, and reasons, that an entry keeps: a body of a megabyte can name a hundred thousand."""
_TEXT_LIMIT = 2000
"""Characters of a message or URL that an entry keeps: both can hold what a client has sent."""
_METHODS_LIMIT = 500
"""Names of methods that a reliance tells apart: a client can think of any number."""


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


@dataclass(slots=True)
class Entry:
    """One request as the server saw it. Passwords and tokens never get here."""

    number: int
    """1 for a tenant's first request; it goes on when the journal is cleared."""
    at: int
    """UTC milliseconds by the tenant's clock."""
    method: str
    user: str
    version: int | None
    outcome: Outcome
    message: str
    """What ``Message`` said."""
    reasons: tuple[Reason, ...]
    claims: tuple[str, ...] = ()
    """Ids of the claims that the answer rests on, those of the reasons among them."""
    records: tuple[Touched, ...] = ()
    """Kind and key of the records that were asked for or written, 10,000 at the most."""
    url: str = ""
    body: bytes | None = None
    """The request as JSON, secrets replaced; None when it could not be read, or is too long to be kept.

    When an entry has become old and others take much room, body, records and reasons are gone from it.
    """
    size: int = 0
    """Bytes of the body as it came."""
    request_id: str = ""

    @property
    def time(self) -> datetime:
        """When it was, by the tenant's clock, in UTC."""
        return _EPOCH + timedelta(milliseconds=self.at)

    def curl(self) -> str:
        """A line for a shell that makes the request again; a token or password must be put in."""
        body = f"({self.size} bytes)" if self.body is None else self.body.decode()
        return f"curl -s {shlex.quote(self.url)} --data-binary {shlex.quote(body)}"

    def explain(self) -> str:
        """The entry in full, for people: the request, the answer's message, each reason, each claim with its grade."""
        lines = [str(self), f"  {self.message}", *(f"  why: {reason}" for reason in self.reasons)]
        lines += [
            f"  rests on: {known.id} ({known.grade}): {known.says}" for known in map(ledger().__getitem__, self.claims)
        ]
        return "\n".join([*lines, f"  {self.curl()}"])

    def __str__(self) -> str:
        version = f"v{self.version}" if self.version else "--"
        return f"#{self.number} {self.method} {version} {self.user} {self.outcome}"

    def to_dict(self) -> dict[str, Any]:
        """The entry as plain values for JSON; times as ISO 8601 in UTC."""
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
            "curl": self.curl(),
        }


def _taken(entry: Entry) -> int:
    """Bytes, about, that the details of an entry take."""
    reasons = sum(200 + len(each.path) + len(each.text) for each in entry.reasons)
    return len(entry.body or b"") + 100 * len(entry.records) + reasons


@dataclass(slots=True)
class Reliance:
    """A claim that answers rested on: how many, and in which methods."""

    claim: str
    answers: int = 0
    methods: dict[str, int] = field(default_factory=dict)

    @property
    def known(self) -> Claim:
        """The claim itself."""
        return ledger()[self.claim]


class Journal(Sequence[Entry]):
    """The last ``limit`` entries, oldest first; what answers rested on is counted for all of them, gone ones too.

    ``details``: bytes, about, of bodies, records and reasons that are kept.
    """

    def __init__(self, limit: int = 1000, details: int = DETAILS_LIMIT) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._count = 0
        self._detailed: deque[tuple[Entry, int]] = deque()
        """The entries that have their details, and how many bytes these take."""
        self._bytes = 0
        self._most = details
        self._reliance: dict[str, Reliance] = {}
        self._lock = threading.Lock()
        self.failures: deque[Exception] = deque(maxlen=20)
        """What was raised inside the server and answered as a failure: faults of mock-ajera itself."""
        self.listeners: list[Callable[[Entry], None]] = []

    def note(self, entry: Entry, failure: Exception | None = None, *, counted: bool = True) -> Entry:
        """Add an entry, give it its number and tell the listeners.

        ``failure``: what the request failed of. ``counted``: whether its claims are among the reliance.
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
        """Forget the entries. Numbering goes on, and so does the count of what answers rested on."""
        with self._lock:
            self._entries.clear()
            self._detailed.clear()
            self._bytes = 0

    # asking

    def where(
        self,
        method: str | None = None,
        *,
        outcome: Outcome | None = None,
        record: Touched | None = None,
        user: str | None = None,
        claim: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: int = 0,
    ) -> list[Entry]:
        """The entries that fit all that is given, oldest first.

        ``record``: kind and key, such as ``("Project", 1)``. ``claim``: one that the answer rests on. ``since`` and
        ``until``: times with a zone by the tenant's clock, both inclusive. ``after``: the number of an entry.
        """
        return [
            entry
            for entry in self
            if (method is None or entry.method == method)
            and (outcome is None or entry.outcome == outcome)
            and (record is None or record in entry.records)
            and (user is None or entry.user == user)
            and (claim is None or claim in entry.claims)
            and (since is None or entry.time >= since)
            and (until is None or entry.time <= until)
            and entry.number > after
        ]

    def one(self, method: str | None = None, **asked: Any) -> Entry:
        """The one entry that fits (see ``where``). Raises ``AssertionError``, with what there is, for none or more."""
        found = self.where(method, **asked)
        assert len(found) == 1, self._told(f"{len(found)} requests fit, expected one", found, method, asked)
        return found[0]

    def last(self, method: str | None = None, **asked: Any) -> Entry:
        """The last entry that fits (see ``where``). Raises ``AssertionError``, with what there is, for none."""
        found = self.where(method, **asked)
        assert found, self._told("no request fits", found, method, asked)
        return found[-1]

    def none(self, method: str | None = None, **asked: Any) -> None:
        """Raise ``AssertionError``, with what there is, when an entry fits (see ``where``)."""
        found = self.where(method, **asked)
        assert not found, self._told(f"{len(found)} requests fit, expected none", found, method, asked)

    def _told(self, what: str, found: list[Entry], method: str | None, asked: dict[str, Any]) -> str:
        wanted = " ".join([method or "any method", *(f"{name}={value!r}" for name, value in asked.items())])
        shown = found or list(self)
        head = f"{what}: {wanted}. " + ("They are:" if found else "The journal has:" if shown else "It is empty.")
        return "\n".join([head, *(f"  {entry}" for entry in shown[-20:])])

    def reliance(self, *grades: str) -> list[Reliance]:
        """The claims that answers rested on, those of the grades only if any is given; most answers first."""
        with self._lock:
            found = [each for each in self._reliance.values() if not grades or each.known.grade in grades]
            copies = [Reliance(each.claim, each.answers, dict(each.methods)) for each in found]
        return sorted(copies, key=lambda each: (-each.answers, each.claim))

    def jsonl(self) -> str:
        """The entries as JSON lines."""
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
