"""The control surface over HTTP: ``/_mock/``, plain REST with JSON, derived from the declared actions.

Errors are problem details (RFC 9457): ``title``, ``status``, ``detail``, and ``reasons`` if there are several.
"""

from __future__ import annotations

import hmac
import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial
from http import HTTPStatus
from typing import Any

import flask
import msgspec
from msgspec.structs import replace
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.routing import Map, Rule

from mock_ajera import codec
from mock_ajera.control.action import Action, BadRequest, ControlError, converted
from mock_ajera.control.control import Control
from mock_ajera.control.openapi import document, media_of, notes
from mock_ajera.control.register import ACTIONS
from mock_ajera.listening import is_closed, is_loopback
from mock_ajera.store import StoreError
from mock_ajera.tenants.tenant import TenantClosed
from mock_ajera.version import __version__

BASE, OPENAPI = "/_mock", "/openapi.json"
PROBLEM = "application/problem+json"
"""The media type of an error."""
LIMIT = 256 * 1024 * 1024
"""Maximum size of a body in bytes: a firm as files."""
_TOKEN = re.compile(r"[!-~]+")
_PORT = re.compile(r":\d+$", re.ASCII)
_PROXIED = re.compile(
    "forwarded|via|x-forwarded-.*|x-original-.*|x-envoy-.*|x-proxy.*|cf-.*|cdn-loop|x-real-ip|.*-client-ip|.*-connecting-ip",
    re.IGNORECASE,
)
"""The headers that proxies add."""
PARSING = threading.Lock()
"""Held while routes are created: werkzeug parses Python for each, which is not thread-safe in Python 3.11."""
_LOG = logging.getLogger("mock_ajera")


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


class Surface:
    """Answers the requests below ``/_mock/``. ``root`` returns the base of URLs, without a trailing slash."""

    def __init__(self, control: Control, exposure: Exposure, root: Callable[[], str]) -> None:
        self._control, self._exposure, self._root = control, exposure, root

    def answer(self, path: str) -> flask.Response:
        """Answer the current request. ``path`` is the part after ``/_mock``."""
        request = flask.request
        request.max_content_length = LIMIT
        try:
            name, places = _routes().bind("").match(path, "GET" if request.method == "HEAD" else request.method)
            done = ACTIONS.get(name)
        except (HTTPException, ValueError) as error:  # ValueError for a number with thousands of digits
            done, fault = None, error
        if done is None or not done.open:
            refused = self._exposure.refusal(request)
            if refused is not None:
                status, text = refused
                headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
                return _problem(status, text, headers=headers)
        if done is not None:
            return self._run(done, places)
        allowed = fault.valid_methods if isinstance(fault, MethodNotAllowed) else None
        if path == OPENAPI:
            if request.method in ("GET", "HEAD"):
                return _json(document(__version__, self._root() + BASE))
            allowed = ("GET", "HEAD")
        if allowed:
            methods = ", ".join(sorted(allowed))
            text = f"{BASE}{path} accepts {methods}, not {request.method}"
            return _problem(HTTPStatus.METHOD_NOT_ALLOWED, text, headers={"Allow": methods})
        return _problem(HTTPStatus.NOT_FOUND, f"there is no {BASE}{path}; see {BASE}{OPENAPI}")

    def _run(self, done: Action, places: Mapping[str, Any]) -> flask.Response:
        # The engine granian does not show its connection.
        connection = flask.request.environ.get("werkzeug.socket")
        control = replace(self._control, root=self._root(), gone=partial(is_closed, connection))
        try:
            given = dict(places)
            if done.body is not None:
                given["body"] = _body(done.body)
            if done.query is not None:
                given["query"] = _query(done.query)
            return _answer(done, done.run(control, **given))
        except ControlError as error:
            return _problem(error.status, str(error), error.reasons)
        except RequestEntityTooLarge:
            return _problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body has more than {LIMIT} bytes")
        except HTTPException:
            return _problem(HTTPStatus.BAD_REQUEST, "the body is incomplete")
        except TenantClosed as error:
            return _problem(HTTPStatus.NOT_FOUND, f"the tenant {error.name} was deleted during the request")
        except StoreError as error:
            _LOG.error("%s failed: %s", done.name, error)
            return _problem(HTTPStatus.SERVICE_UNAVAILABLE, f"the action was not performed: {error}")
        except Exception as error:  # noqa: BLE001 - no traceback reaches a client
            _LOG.exception("%s failed", done.name)
            return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"{type(error).__name__}; the log has more")


def _routes() -> Map:
    """Return the routes of all actions, created once for all servers."""
    with PARSING:
        return _made_routes()


@cache
def _made_routes() -> Map:
    return Map(
        [Rule(_rule(each), endpoint=each.name, methods=[each.verb], strict_slashes=False) for each in ACTIONS.values()]
    )


def _rule(each: Action) -> str:
    """Return the path in werkzeug's form: ``/tenants/<tenant>``."""

    def place(found: re.Match[str]) -> str:
        kind = each.types[found[1]]
        if kind is int:
            return f"<int:{found[1]}>"
        return f"<path:{found[1]}>" if notes(kind).get("slashes") else f"<{found[1]}>"

    return re.sub(r"{(\w+)}", place, each.path)


def _body(wanted: Any) -> Any:
    """Return the body as a type; an empty body is an empty object. Raises ``BadRequest``."""
    data = flask.request.get_data(cache=False)
    try:
        raw = codec.decode(data.removeprefix(b"\xef\xbb\xbf")) if data.strip() else {}
    except ValueError as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    return converted(raw, wanted)


def _query(wanted: Any) -> Any:
    """Return the query as a struct. Raises ``BadRequest``."""
    given = flask.request.args
    if repeated := [name for name in given if len(given.getlist(name)) > 1]:
        raise BadRequest(f"{repeated[0]} is repeated in the query")
    return converted(given.to_dict(), wanted, strict=False)


def _answer(done: Action, answer: Any) -> flask.Response:
    """Return the answer of a successful action."""
    if answer is None:
        empty = flask.Response(status=HTTPStatus.NO_CONTENT)
        del empty.headers["Content-Type"]
        return empty
    media = media_of(done.answer)
    if media is not None:
        return flask.Response(answer, done.status, mimetype=media)
    return _json(answer, done.status)


def _json(value: Any, status: HTTPStatus = HTTPStatus.OK) -> flask.Response:
    """Return an answer as JSON with exact numbers."""
    plain = msgspec.to_builtins(value, builtin_types=(Decimal,))
    return flask.Response(codec.encode(plain), status, mimetype="application/json")


def _problem(
    status: HTTPStatus, detail: str, reasons: tuple[str, ...] = (), headers: Mapping[str, str] | None = None
) -> flask.Response:
    problem: dict[str, Any] = {"title": status.phrase, "status": int(status), "detail": detail}
    if reasons:
        problem["reasons"] = list(reasons)
    return flask.Response(codec.encode(problem), status, headers, mimetype=PROBLEM)
