"""A client for any Ajera endpoint, real or mock: sessions, envelopes, pages."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace

from mock_ajera import codec
from mock_ajera.api.envelope import has_errors
from mock_ajera.api.headers import NOTE_HEADER, WHY_HEADER
from mock_ajera.cli.opener import Response, Unreachable, send

_TIMEOUT = 180
"""Seconds. The real service takes more than a minute to update a large project."""
NOT_RUNNING = "Is a server running? Start one with mock-ajera serve, or set"
"""The hint for an address where nobody listens; the option and the variable follow."""
_FORM = "Such a URL looks like http://127.0.0.1:8080/V000001/AjeraAPI.ashx?ID; set it with --url or AJERA_API_URL"
_OK, _SERVER_FAILED, _UNKNOWN_VERB = 200, 500, 501
_PAGING = ("PageSize", "PageNumber", "PageCount")


class NoAnswer(Exception):
    """No response, or not one of an Ajera endpoint; ``body`` is the body of a response with HTTP 200."""

    def __init__(self, message: str, body: bytes = b"") -> None:
        super().__init__(message)
        self.body = body


class LoginRefused(Exception):
    """Ajera refused the login."""


class Reply(msgspec.Struct, frozen=True):
    """A response of the endpoint."""

    body: bytes
    envelope: dict[str, Any]
    why: str
    """The reasons that a mock sends in a header; empty without them."""
    note: str = ""
    """What a mock notes, such as a filter that was ignored; empty without it."""

    @property
    def refused(self) -> bool:
        """Whether the call, or a record of it, was refused."""
        return has_errors(self.envelope) or self.envelope.get("ResponseCode") not in (0, 200)

    @property
    def complaint(self) -> str:
        """The error messages of the envelope and, on a second line, the reasons."""
        items = self.envelope["Errors"]
        texts = [str(item.get("ErrorMessage", item) if isinstance(item, dict) else item) for item in items]
        messages = "; ".join(texts) or str(self.envelope.get("Message"))
        return f"{messages}\nwhy: {self.why}" if self.why else messages

    @property
    def pages(self) -> int | None:
        """PageCount, or None for a response that is not paged."""
        count = self.envelope.get("PageCount")
        return count if isinstance(count, int) else None


def post(url: str, body: Mapping[str, Any]) -> Reply:
    """Send one request. Raises ``NoAnswer``."""
    request = urllib.request.Request(url, codec.encode(dict(body)), {"Content-Type": "application/json"})
    # The query names a database: keep it out of messages, which end up in logs.
    shown = url.partition("?")[0]
    try:
        response = send(request, timeout=_TIMEOUT)
    except Unreachable as error:
        if error.nobody:
            raise NoAnswer(f"{shown} refused the connection. {NOT_RUNNING} --url or AJERA_API_URL") from None
        raise NoAnswer(f"{shown} cannot be used: {error}. Check --url or AJERA_API_URL") from None
    if response.status >= _SERVER_FAILED and response.status != _UNKNOWN_VERB:
        raise NoAnswer(f"the server of {shown} failed: it answered {response.described}")
    envelope = _envelope(response)
    if envelope is None:
        printed = response.body if response.status == _OK else b""
        raise NoAnswer(f"{shown} is not an Ajera API URL: the server answered {response.described}. {_FORM}", printed)
    why, note = (unquote(response.headers.get(name, "")) for name in (WHY_HEADER, NOTE_HEADER))
    return Reply(response.body, envelope, why, note)


def _envelope(response: Response) -> dict[str, Any] | None:
    """Return the envelope of a response, None if it has none."""
    if response.status != _OK:
        return None
    try:
        found = codec.decode(response.body)
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("Errors"), list) else None


@contextmanager
def session(url: str, username: str, password: str, version: int) -> Iterator[str]:
    """Open a session, yield its token and end the session. Raises ``LoginRefused`` and ``NoAnswer``."""
    login = {"Username": username, "Password": password, "APIVersion": version, "UseSessionCookie": False}
    opened = post(url, {"Method": "CreateAPISession", **login})
    if opened.refused:
        raise LoginRefused(opened.complaint)
    content = opened.envelope.get("Content")
    token = content.get("SessionToken") if isinstance(content, dict) else None
    if not isinstance(token, str):
        raise NoAnswer(f"{url.partition('?')[0]} is not an Ajera API URL: the login returned no token", opened.body)
    try:
        yield token
    finally:
        # The result of the call matters more than a failed logout: the session will expire.
        with suppress(NoAnswer):
            post(url, {"Method": "EndAPISession", "SessionToken": token})


def all_pages(fetch: Callable[[int], Reply], progress: Callable[[int, int], None]) -> Reply:
    """Return all pages of a list as one reply without paging members, or the first reply that is refused.

    ``fetch`` returns a page by its number. ``progress`` is called after each page with its number and the number of
    pages. A response without PageCount is not paged and is complete (claim ``paging.lists-only``). The list may grow
    in the meantime: the latest PageCount counts (claim ``paging.page-count``).
    """
    reply = whole = fetch(1)
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
        reply = fetch(number)
        for name, rows in (_lists(reply) or {}).items():
            if content is None or not isinstance(rows, list):
                continue
            before = content.setdefault(name, [])
            if isinstance(before, list):
                before += rows
    return reply


def _lists(reply: Reply) -> dict[str, Any] | None:
    """Return Content with copies of its arrays, or None when it is not an object."""
    content = reply.envelope.get("Content")
    if not isinstance(content, dict):
        return None
    return {name: list(value) if isinstance(value, list) else value for name, value in content.items()}
