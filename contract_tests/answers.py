"""Responses of the endpoint, and the two outcomes that a test can expect: success and refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

GENERIC = "An error has occurred."
"""The text of the error that accompanies others, and the only text if the server has failed."""

_SHOWN = 4000
"""Maximum characters of an envelope in a failure message."""


@dataclass(frozen=True)
class Answer:
    """One response: the call, the HTTP status, and the body with ``Decimal`` numbers (None if it is not JSON)."""

    method: str
    arguments: Any
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def envelope(self) -> dict[str, Any]:
        """Return the body. Raises ``AssertionError`` if it is not an object."""
        assert isinstance(self.body, dict), f"the body is not a JSON object: {self!r}"
        return self.body

    @property
    def content(self) -> Any:
        """Return ``Content`` of any type."""
        return self.envelope.get("Content")

    @property
    def errors(self) -> list[Any]:
        """Return the items of ``Errors`` that are errors. Items with an ErrorID of 0 or more are not."""
        return [item for item in self.envelope.get("Errors") or () if not _harmless(item)]

    @property
    def specific_errors(self) -> list[Any]:
        """Return the errors without the generic one, or the generic one if it is the only error."""
        specific = [item for item in self.errors if item.get("ErrorMessage") != GENERIC]
        return specific or self.errors

    @property
    def texts(self) -> list[str]:
        """Return the messages of the specific errors."""
        return [str(item.get("ErrorMessage")) for item in self.specific_errors]

    @property
    def succeeded(self) -> bool:
        """Return whether the call succeeded: ResponseCode 0 or 200 and no error."""
        code = self.envelope.get("ResponseCode")
        return self.status == 200 and code in (0, 200) and not isinstance(code, bool) and not self.errors

    def __repr__(self) -> str:
        return f"{self.method}({_text(self.arguments)}) -> HTTP {self.status} {_text(_masked(self.body))}"


def success(answer: Answer) -> dict[str, Any]:
    """Return the Content of a response. Raises ``AssertionError`` if the call was refused."""
    assert answer.succeeded, f"success expected: {answer!r}"
    assert isinstance(answer.content, dict), f"Content is not an object: {answer!r}"
    return answer.content


def records(answer: Answer, noun: str) -> list[dict[str, Any]]:
    """Return the array ``noun`` in the Content of a response. Raises ``AssertionError`` if the call was refused."""
    rows = success(answer).get(noun)
    assert isinstance(rows, list), f"Content.{noun} is not an array: {answer!r}"
    assert all(isinstance(row, dict) for row in rows), f"Content.{noun} contains items that are not objects: {answer!r}"
    return rows


def refusal(answer: Answer) -> Answer:
    """Return the response. Raises ``AssertionError`` if the call succeeded, and if the server failed instead.

    A refusal has a reason. "An error has occurred." alone is a fault of the server.
    """
    assert answer.status == 200, f"a refusal must have HTTP status 200: {answer!r}"
    assert not answer.succeeded, f"refusal expected: {answer!r}"
    assert answer.errors, f"a refusal must have Errors: {answer!r}"
    assert set(answer.texts) != {GENERIC}, f"a refusal must have a reason: {answer!r}"
    return answer


def _harmless(item: Any) -> bool:
    number = item.get("ErrorID") if isinstance(item, dict) else None
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0


def _masked(body: Any) -> Any:
    if not isinstance(body, dict) or not isinstance(body.get("Content"), dict):
        return body
    secret = {name: "***" for name in ("SessionToken", "APIURL", "ICRConfigFile") if name in body["Content"]}
    return {**body, "Content": {**body["Content"], **secret}} if secret else body


def _text(value: Any) -> str:
    text = json.dumps(value, default=lambda other: str(other) if isinstance(other, Decimal) else repr(other))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"
