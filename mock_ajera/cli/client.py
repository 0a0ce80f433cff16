"""A client of any Ajera endpoint, a real one or a mock: sessions, envelopes, pages."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http.client import HTTPException
from typing import Any
from urllib.parse import unquote

from mock_ajera import codec
from mock_ajera.api.headers import WHY_HEADER

_TIMEOUT = 180
"""Seconds; an update of a large project takes the real service more than a minute."""
_PAGING = ("PageSize", "PageNumber", "PageCount")


class NoAnswer(Exception):
    """Nothing came back, or nothing that Ajera would say; ``body`` is what came with HTTP 200."""

    def __init__(self, message: str, body: bytes = b"") -> None:
        super().__init__(message)
        self.body = body


class LoginRefused(Exception):
    """Ajera does not let the user in."""


@dataclass(frozen=True)
class Reply:
    """An answer of the endpoint."""

    body: bytes
    envelope: dict[str, Any]
    why: str
    """The reasons that a mock gives in a header."""

    @property
    def refused(self) -> bool:
        """Whether the call, or a record of it, was refused."""
        return bool(self.envelope["Errors"]) or self.envelope.get("ResponseCode") not in (0, 200)

    @property
    def complaint(self) -> str:
        """What the envelope says is wrong, and on a second line why."""
        items = self.envelope["Errors"]
        texts = [str(item.get("ErrorMessage", item) if isinstance(item, dict) else item) for item in items]
        said = "; ".join(texts) or str(self.envelope.get("Message"))
        return f"{said}\nwhy: {self.why}" if self.why else said

    @property
    def pages(self) -> int | None:
        """PageCount, None of an answer that is not paged."""
        count = self.envelope.get("PageCount")
        return count if isinstance(count, int) else None


def post(url: str, body: Mapping[str, Any]) -> Reply:
    """Send one request. Raises ``NoAnswer``."""
    request = urllib.request.Request(url, codec.encode(dict(body)), {"Content-Type": "application/json"})
    # What stands behind the question mark names a database: it is not for logs.
    shown = url.partition("?")[0]
    came = b""
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
            came = response.read()
            why = unquote(response.headers.get(WHY_HEADER, ""))
        envelope = codec.decode(came)
    except urllib.error.HTTPError as error:
        raise NoAnswer(f"{shown} answers HTTP {error.code} {error.reason}") from None
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise NoAnswer(f"{shown} does not answer as Ajera does: {reason}", came) from None
    if not isinstance(envelope, dict) or not isinstance(envelope.get("Errors"), list):
        raise NoAnswer(f"{shown} does not answer as Ajera does: no envelope came back", came)
    return Reply(came, envelope, why)


@contextmanager
def session(url: str, username: str, password: str, version: int) -> Iterator[str]:
    """The token of a session, which is ended at the end. Raises ``LoginRefused`` and ``NoAnswer``."""
    login = {"Username": username, "Password": password, "APIVersion": version, "UseSessionCookie": False}
    opened = post(url, {"Method": "CreateAPISession", **login})
    if opened.refused:
        raise LoginRefused(opened.complaint)
    content = opened.envelope.get("Content")
    token = content.get("SessionToken") if isinstance(content, dict) else None
    if not isinstance(token, str):
        raise NoAnswer(f"{url.partition('?')[0]} does not answer as Ajera does: the login gave no token", opened.body)
    try:
        yield token
    finally:
        # The call has its answer, or its own fault to tell. A session that is not ended expires.
        with suppress(NoAnswer):
            post(url, {"Method": "EndAPISession", "SessionToken": token})


def all_pages(ask: Callable[[int], Reply], progress: Callable[[int, int], None]) -> Reply:
    """The pages of a list as one answer without paging members; the reply of a page that is refused, if one is.

    ``ask`` gets a page by its number, ``progress`` is told after each page: its number, and how many there are. An
    answer without PageCount is not paged, and whole (claim ``paging.lists-only``). The list may grow meanwhile: the
    PageCount that came last counts (claim ``paging.page-count``).
    """
    reply = whole = ask(1)
    number = 1
    content = _lists(reply)
    while not reply.refused and reply.pages is not None:
        progress(number, reply.pages)
        if number >= reply.pages:
            envelope = {name: value for name, value in whole.envelope.items() if name not in _PAGING}
            if content is not None:
                envelope["Content"] = content
            return replace(whole, envelope=envelope)
        number += 1
        reply = ask(number)
        for name, rows in (_lists(reply) or {}).items():
            if content is None or not isinstance(rows, list):
                continue
            before = content.setdefault(name, [])
            if isinstance(before, list):
                before += rows
    return reply


def _lists(reply: Reply) -> dict[str, Any] | None:
    """Content, its arrays free to grow; None when it is no object."""
    content = reply.envelope.get("Content")
    if not isinstance(content, dict):
        return None
    return {name: list(value) if isinstance(value, list) else value for name, value in content.items()}
