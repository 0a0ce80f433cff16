"""An entry of a journal: one request, its outcome, the reasons and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from mock_ajera.claims import ledger
from mock_ajera.tenants import repeat
from mock_ajera.tenants.trace import Touched

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Outcome = Literal["ok", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason for a refusal, or a note on a success: path, rule, text and claim."""

    path: str
    """Path in the request, such as ``UpdatedProjects[0].Description``; empty for the whole request."""
    rule: str
    """Slug of the rule, such as ``max-length``."""
    text: str
    claim: str
    """Id of the claim that the rule relies on."""

    def to_dict(self) -> dict[str, str]:
        """Return the reason as plain JSON values."""
        return {"path": self.path, "rule": self.rule, "text": self.text, "claim": self.claim}

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.text} [{self.rule}; {self.claim}]"


@dataclass(slots=True)
class Entry:
    """One request. It never contains passwords or tokens."""

    number: int
    """1 for the first request in a journal. Clearing it does not reset the number."""
    at: int
    """UTC milliseconds by the tenant's clock."""
    method: str
    """The value of ``Method``; HTTP method and path of a request that is no call, such as ``GET /AjeraAPI.ashx``."""
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

    When the journal is full, the oldest entries lose their body, answer, records and reasons.
    """
    size: int = 0
    """Size in bytes of the body as received."""
    request_id: str = ""
    notes: tuple[Reason, ...] = ()
    """What a client may not notice in an answer, such as a list that was cut off."""
    answer: bytes | None = None
    """The answer as JSON without its token; None if it was too large or no JSON."""
    milliseconds: int = 0
    """How long the server took to answer, rounded up."""
    verb: str = "POST"
    """The HTTP method."""
    faults: tuple[str, ...] = ()
    """The names of the faults that the request met."""

    @property
    def time(self) -> datetime:
        """The time of the request in UTC, by the tenant's clock."""
        return _EPOCH + timedelta(milliseconds=self.at)

    def curl(self) -> str:
        """Return a line for a POSIX shell that logs in and repeats the request.

        It reads the password from the environment variable ``AJERA_API_PASSWORD``.
        """
        return repeat.curl(self)

    def python(self) -> str:
        """Return a line of Python that repeats the request in a test with the fixture ``ajera``."""
        return repeat.python(self)

    def explain(self) -> str:
        """Return the entry as text: the request, the message, each reason, and each claim with its grade."""
        lines = [str(self), f"  {self.message}", *(f"  why: {reason}" for reason in self.reasons)]
        lines += [f"  note: {note}" for note in self.notes]
        lines += [
            f"  relies on: {known.id} ({known.grade}): {known.says}" for known in map(ledger().__getitem__, self.claims)
        ]
        return "\n".join([*lines, f"  {self.curl()}"])

    def __str__(self) -> str:
        version = f"v{self.version}" if self.version else "--"
        met = f" (fault: {', '.join(self.faults)})" if self.faults else ""
        return f"#{self.number} {self.method} {version} {self.user} {self.outcome}{met}"

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as plain JSON values. Times are ISO 8601 in UTC; request and answer are JSON texts."""
        return {
            "number": self.number,
            "at": f"{self.time:%Y-%m-%dT%H:%M:%S}.{self.at % 1000:03d}Z",
            "method": self.method,
            "user": self.user,
            "version": self.version,
            "outcome": self.outcome,
            "message": self.message,
            "reasons": [each.to_dict() for each in self.reasons],
            "notes": [each.to_dict() for each in self.notes],
            "claims": list(self.claims),
            "faults": list(self.faults),
            "records": [f"{kind} {key}" for kind, key in self.records],
            "request_id": self.request_id,
            "milliseconds": self.milliseconds,
            "request": None if self.body is None else self.body.decode(),
            "answer": None if self.answer is None else self.answer.decode(),
            "curl": self.curl(),
        }
