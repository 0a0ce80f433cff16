"""Calls of the API in WSGI environments, and their answers as HTTP headers."""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.http import dump_cookie, parse_cookie, parse_options_header
from werkzeug.wsgi import get_content_length, get_host

from mock_ajera.api import endpoint
from mock_ajera.api.address import RESOURCE
from mock_ajera.api.sessions import COOKIE

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

REQUEST_ID_HEADER, EXPLAIN_HEADER, SETUP_HEADER = "X-Request-Id", "Mock-Ajera-Explain", "Mock-Ajera-Setup"
_YES = ("1", "true", "yes")
_REQUEST_ID = re.compile(r"[\w.:/+=-]{1,100}", re.ASCII)
_PLAIN_HOST = re.compile(r"[a-z0-9.-]+(:[0-9]+)?|\[[0-9a-f:.]+\](:[0-9]+)?", re.ASCII | re.IGNORECASE)
_PLAIN_PATH = re.compile(rf"(/[\w.~-]+)*/{re.escape(RESOURCE)}", re.ASCII | re.IGNORECASE)

Answer = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers and body."""
Direct = Callable[["WSGIEnvironment", bytes], Answer | None]
"""Answers a call without Flask, given its whole body. Returns None for a request that needs Flask."""


def run_application(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return the answer of an application to a request: status, headers and body."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
        started[:] = [(status, headers)]
        return io.BytesIO().write

    chunks = app(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    return *started[0], body


def root_of(environ: WSGIEnvironment) -> str:
    """Return the URL of the server to which a request was sent, with a slash at the end."""
    return f"{environ['wsgi.url_scheme']}://{get_host(environ)}/"


def is_plain_call(environ: WSGIEnvironment) -> bool:
    """Return whether a request is a POST to the endpoint, and neither its path nor its Host is unusual."""
    return (
        environ["REQUEST_METHOD"] == "POST"
        and _PLAIN_PATH.fullmatch(environ["PATH_INFO"]) is not None
        and _PLAIN_HOST.fullmatch(environ.get("HTTP_HOST", "")) is not None
    )


def call_of(environ: WSGIEnvironment, body: bytes | None, *, api_root: str, limit: int) -> endpoint.Request:
    """Return the call in a WSGI environment. ``body``: None if it is larger than ``limit``, in bytes."""
    sent_id = environ.get("HTTP_X_REQUEST_ID", "")
    cookie, content_type = environ.get("HTTP_COOKIE"), environ.get("CONTENT_TYPE", "")
    return endpoint.Request(
        query=environ.get("QUERY_STRING", ""),
        body=body,
        cookie=parse_cookie(cookie).get(COOKIE) if cookie else None,
        api_root=api_root,
        length=get_content_length(environ),
        limit=limit,
        charset=parse_options_header(content_type)[1].get("charset", "") if ";" in content_type else "",
        path="/" + environ["PATH_INFO"].encode("latin-1").decode(errors="replace").lstrip("/"),
        request_id=sent_id if _REQUEST_ID.fullmatch(sent_id) else secrets.token_hex(8),
        explain=environ.get("HTTP_MOCK_AJERA_EXPLAIN", "").lower() in _YES,
        setup=environ.get("HTTP_MOCK_AJERA_SETUP", "").lower() in _YES,
        verb=environ["REQUEST_METHOD"],
    )


def headers_of(answered: endpoint.Response, call: endpoint.Request) -> list[tuple[str, str]]:
    """Return the headers of an answer."""
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(answered.body))),
        *answered.headers.items(),
        (REQUEST_ID_HEADER, call.request_id),
    ]
    if answered.cookie is not None:
        headers.append(("Set-Cookie", dump_cookie(COOKIE, answered.cookie, httponly=True, samesite="Lax")))
    return headers
