"""Where the control surface is, and who may use it. The surface itself is imported when it is first requested."""

from __future__ import annotations

import hmac
import re
import threading
from dataclasses import dataclass, field
from http import HTTPStatus

import flask

from mock_ajera.listening import is_loopback

BASE = "/_mock"
DEFAULT_URL = f"http://127.0.0.1:8080{BASE}"
PARSING = threading.Lock()
"""Held while routes are created: werkzeug parses Python for each, which is not thread-safe in Python 3.11."""
_TOKEN = re.compile(r"[!-~]+")
_PORT = re.compile(r":\d+$", re.ASCII)
_PROXIED = re.compile(
    "forwarded|via|x-forwarded-.*|x-original-.*|x-envoy-.*|x-proxy.*|cf-.*|cdn-loop|x-real-ip|.*-client-ip|.*-connecting-ip",
    re.IGNORECASE,
)
"""The headers that proxies add."""


@dataclass(frozen=True)
class Exposure:
    """Who may use the control surface.

    On loopback, every program on this machine may use it unless a token is set. On other addresses, requests need the
    token; without one, the surface is off. Web pages (with another origin or host name) and requests through a proxy
    are refused even on loopback. Raises ``ValueError`` for a token that is empty or cannot be sent in a header.
    """

    loopback: bool = True
    token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.token is not None and not _TOKEN.fullmatch(self.token):
            raise ValueError("--control-token must be one or more printable ASCII characters without spaces")

    @property
    def off(self) -> bool:
        """Whether the control surface is off."""
        return not self.loopback and self.token is None

    def refusal(self, request: flask.Request) -> tuple[HTTPStatus, str] | None:
        """Return the status and reason to refuse a request, None to allow it."""
        if self.token is not None:
            scheme, _, given = request.headers.get("Authorization", "").partition(" ")
            if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self.token.encode()):
                return None
            return HTTPStatus.UNAUTHORIZED, "the control surface requires its token: Authorization: Bearer TOKEN"
        if not self.loopback:
            text = "the control surface is off: the server listens beyond this machine, and no --control-token is set"
            return HTTPStatus.FORBIDDEN, text
        why = self._outsider(request)
        return None if why is None else (HTTPStatus.FORBIDDEN, f"without a token, the control surface {why}")

    @staticmethod
    def _outsider(request: flask.Request) -> str | None:
        """Return why a request is not from a program on this machine, None if it is."""
        # werkzeug turns an invalid Host into an empty string.
        host = request.host.lower()
        if not is_local(host):
            return f"only accepts requests to this machine, not to {host or 'an invalid host'}"
        if any(_PROXIED.fullmatch(name) for name, _ in request.headers):
            return "rejects requests through a proxy"
        origin = request.headers.get("Origin")
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            return f"rejects requests from web pages (origin {origin or 'unknown'})"
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return "rejects requests from web pages of another site"
        return None


def is_local(host: str) -> bool:
    """Return whether a Host header names this machine."""
    return is_loopback(_PORT.sub("", host.lower()))
