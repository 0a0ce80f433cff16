"""CORS: which web pages may read the answers of the API in a browser. Never those of the control surface."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import flask

_EXPOSED = "Mock-Ajera-Why, Mock-Ajera-Note, Mock-Ajera-Fault, Mock-Ajera-Claims, Mock-Ajera-Entry, X-Request-Id"
"""Response headers that a page may read."""
_MAX_AGE = "600"


@dataclass(frozen=True)
class Cors:
    """The origins that may call the API: none by default, as in Ajera (claim ``endpoint.no-cors``); ``*`` for all."""

    origins: frozenset[str] = frozenset()

    @classmethod
    def of(cls, origins: Iterable[str]) -> Cors:
        """Return the access rules for origins. Raises ``ValueError`` for a text that is no origin."""
        return cls(frozenset(map(_origin, origins)))

    def preflight(self, request: flask.Request) -> flask.Response | None:
        """Return the answer to the preflight of an allowed origin, None for other requests."""
        wanted = request.headers.get("Access-Control-Request-Method")
        if request.method != "OPTIONS" or wanted is None or not self._allows(request):
            return None
        headers = {"Access-Control-Allow-Methods": "POST", "Access-Control-Max-Age": _MAX_AGE}
        if names := request.headers.get("Access-Control-Request-Headers"):
            headers["Access-Control-Allow-Headers"] = names
        answer = flask.Response(status=204, headers=headers)
        del answer.headers["Content-Type"]
        return answer

    def add_headers(self, request: flask.Request, response: flask.Response) -> None:
        """Let the page that sent a request read the response, if its origin is allowed."""
        if not self.origins:
            return
        response.vary.add("Origin")
        if self._allows(request):
            # The name of the origin, and not *, so that the session cookie is sent as well.
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response.headers["Access-Control-Allow-Credentials"] = "true"
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED

    def _allows(self, request: flask.Request) -> bool:
        origin = request.headers.get("Origin")
        return origin is not None and ("*" in self.origins or origin.lower() in self.origins)


def _origin(text: str) -> str:
    origin = text.rstrip("/").lower()
    parts = urlsplit(origin)
    if origin != "*" and (not parts.scheme or not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}"):
        raise ValueError(f"--cors-origin must be an origin such as http://localhost:3000, or *, not {text!r}")
    return origin
