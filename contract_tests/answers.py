"""What an endpoint answered, and the two things that a test can expect of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_SHOWN = 4000
"""How many characters of an envelope a failing test shows."""


@dataclass(frozen=True)
class Answer:
    """One answer: what was asked, the HTTP status, and the body with ``Decimal`` numbers, None if it is not JSON."""

    method: str
    arguments: Any
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def envelope(self) -> dict[str, Any]:
        """The body, which must be an object."""
        assert isinstance(self.body, dict), f"the body is not a JSON object: {self!r}"
        return self.body

    @property
    def content(self) -> Any:
        """``Content``, whatever it is."""
        return self.envelope.get("Content")

    @property
    def errors(self) -> list[Any]:
        """The items of ``Errors`` that tell of an error. Items with an ErrorID of 0 or more do not."""
        return [item for item in self.envelope.get("Errors") or () if not _harmless(item)]

    @property
    def specific_errors(self) -> list[Any]:
        """The errors but for the generic one that may stand beside them; the generic one if there is no other."""
        specific = [item for item in self.errors if item.get("ErrorMessage") != "An error has occurred."]
        return specific or self.errors

    @property
    def texts(self) -> list[str]:
        """The messages of the specific errors."""
        return [str(item.get("ErrorMessage")) for item in self.specific_errors]

    @property
    def succeeded(self) -> bool:
        """Whether the call did what was asked: ResponseCode 0 or 200 and no error."""
        code = self.envelope.get("ResponseCode")
        return self.status == 200 and code in (0, 200) and not isinstance(code, bool) and not self.errors

    def __repr__(self) -> str:
        return f"{self.method}({_text(self.arguments)}) -> HTTP {self.status} {_text(_masked(self.body))}"


def success(answer: Answer) -> dict[str, Any]:
    """The Content of an answer that must have succeeded."""
    assert answer.succeeded, f"success expected: {answer!r}"
    assert isinstance(answer.content, dict), f"Content is not an object: {answer!r}"
    return answer.content


def records(answer: Answer, noun: str) -> list[dict[str, Any]]:
    """The records of an answer that must have succeeded: the array ``noun`` in its Content."""
    rows = success(answer).get(noun)
    assert isinstance(rows, list), f"Content.{noun} is not an array: {answer!r}"
    assert all(isinstance(row, dict) for row in rows), f"Content.{noun} holds something else than objects: {answer!r}"
    return rows


def refusal(answer: Answer) -> Answer:
    """The answer, which must be a refusal."""
    assert answer.status == 200, f"a refusal comes with HTTP status 200: {answer!r}"
    assert not answer.succeeded, f"refusal expected: {answer!r}"
    assert answer.errors, f"a refusal is told by Errors: {answer!r}"
    return answer


def _harmless(item: Any) -> bool:
    """Whether an item of Errors is no error."""
    number = item.get("ErrorID") if isinstance(item, dict) else None
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0


def _masked(body: Any) -> Any:
    """The body without the token and the URL of a login."""
    if not isinstance(body, dict) or not isinstance(body.get("Content"), dict):
        return body
    secret = {name: "***" for name in ("SessionToken", "APIURL", "ICRConfigFile") if name in body["Content"]}
    return {**body, "Content": {**body["Content"], **secret}} if secret else body


def _text(value: Any) -> str:
    """JSON text of a value, cut where it grows too long to read."""
    text = json.dumps(value, default=lambda other: str(other) if isinstance(other, Decimal) else repr(other))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"
