"""The control surface over HTTP: ``/_mock/``, plain REST with JSON, derived from the declared actions.

A fault is answered as problem details (RFC 9457): ``title``, ``status``, ``detail``, and ``reasons`` where there are
several.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from http import HTTPStatus
from typing import Any

import flask
import msgspec
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.routing import Map, Rule

from mock_ajera import codec
from mock_ajera.control.action import Action, BadRequest, ControlError, converted
from mock_ajera.control.control import Control
from mock_ajera.control.openapi import document, media_of, notes
from mock_ajera.control.register import ACTIONS
from mock_ajera.tenants.tenant import TenantClosed
from mock_ajera.version import __version__

BASE, OPENAPI = "/_mock", "/openapi.json"
LIMIT = 256 * 1024 * 1024
"""Bytes of the largest body: a firm as files."""
_TOKEN = re.compile(r"[!-~]+")
_PORT = re.compile(r":\d+$", re.ASCII)
_PROXIED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")
"""Headers that proxies add."""
PARSING = threading.Lock()
"""Held while rules are made of paths: for each werkzeug parses Python, and two threads that do so at once can fail in
Python 3.11.
"""
_LOG = logging.getLogger("mock_ajera")


@dataclass(frozen=True)
class Exposure:
    """Who may use the control surface.

    On loopback anybody on this machine may, unless a token is set; elsewhere only who brings the token, and without one
    nobody. A page in somebody's browser may not, even on loopback: its requests have another origin or host name. Nor
    may what a proxy passes on: nobody knows where that comes from. Raises ``ValueError`` for a token that no header
    can bring; an empty one would let in everybody.
    """

    loopback: bool = True
    token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.token is not None and not _TOKEN.fullmatch(self.token):
            raise ValueError("--control-token takes letters, digits and signs of ASCII without spaces, at least one")

    @property
    def off(self) -> bool:
        """Whether nobody can use it."""
        return not self.loopback and self.token is None

    def refusal(self, request: flask.Request) -> tuple[HTTPStatus, str] | None:
        """Why a request is not let in, None when it is."""
        if self.token is not None:
            scheme, _, given = request.headers.get("Authorization", "").partition(" ")
            if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self.token.encode()):
                return None
            return HTTPStatus.UNAUTHORIZED, "the control surface asks for its token: Authorization: Bearer TOKEN"
        if not self.loopback:
            text = "the control surface is off: the server listens beyond this machine, and no --control-token is set"
            return HTTPStatus.FORBIDDEN, text
        why = self._outsider(request)
        return None if why is None else (HTTPStatus.FORBIDDEN, f"without a token the control surface {why}")

    @staticmethod
    def _outsider(request: flask.Request) -> str | None:
        """Why a request is not one of a program on this machine, None when it is."""
        # Of a Host that is none werkzeug makes an empty one.
        host = request.host.lower()
        if not is_loopback(_PORT.sub("", host)):
            return f"is for this machine, not for {host or 'such a Host'}"
        if any(name in request.headers for name in _PROXIED):
            return "is for this machine, not for what a proxy passes on"
        origin = request.headers.get("Origin")
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            return f"takes nothing from pages of {origin or 'nowhere'}"
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return "takes nothing from pages of others"
        return None


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Surface:
    """Answers the requests below ``/_mock/``. ``root``: what URLs in answers begin with, without a slash behind it."""

    def __init__(self, control: Control, exposure: Exposure, root: Callable[[], str]) -> None:
        self._control, self._exposure, self._root = control, exposure, root

    def answer(self, path: str) -> flask.Response:
        """The answer to the request in hand; ``path`` is what stands behind ``/_mock``."""
        request = flask.request
        request.max_content_length = LIMIT
        try:
            name, places = _routes().bind("").match(path, "GET" if request.method == "HEAD" else request.method)
            done = ACTIONS.get(name)
        except (HTTPException, ValueError) as error:  # the latter for a number with thousands of digits
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
            takes = ", ".join(sorted(allowed))
            text = f"{BASE}{path} takes {takes}, not {request.method}"
            return _problem(HTTPStatus.METHOD_NOT_ALLOWED, text, headers={"Allow": takes})
        return _problem(HTTPStatus.NOT_FOUND, f"there is no {BASE}{path}; {BASE}{OPENAPI} tells what there is")

    def _run(self, done: Action, places: Mapping[str, Any]) -> flask.Response:
        control = replace(self._control, root=self._root())
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
            return _problem(HTTPStatus.BAD_REQUEST, "the body ends before it should")
        except TenantClosed as error:
            return _problem(HTTPStatus.NOT_FOUND, f"the tenant {error.name} was deleted during the request")
        except Exception as error:  # noqa: BLE001 - no traceback reaches a client
            _LOG.exception("%s failed", done.name)
            return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"{type(error).__name__}; the log has more")


def _routes() -> Map:
    """The paths of all actions: made once, however many servers there are."""
    with PARSING:
        return _made_routes()


@cache
def _made_routes() -> Map:
    return Map(
        [Rule(_rule(each), endpoint=each.name, methods=[each.verb], strict_slashes=False) for each in ACTIONS.values()]
    )


def _rule(each: Action) -> str:
    """The path as werkzeug writes it: ``/tenants/<tenant>``."""

    def place(found: re.Match[str]) -> str:
        kind = each.types[found[1]]
        if kind is int:
            return f"<int:{found[1]}>"
        return f"<path:{found[1]}>" if notes(kind).get("slashes") else f"<{found[1]}>"

    return re.sub(r"{(\w+)}", place, each.path)


def _body(wanted: Any) -> Any:
    """The body as the type that is wanted; an empty one is an empty object. Raises ``BadRequest``."""
    data = flask.request.get_data(cache=False)
    try:
        raw = codec.decode(data.removeprefix(b"\xef\xbb\xbf")) if data.strip() else {}
    except ValueError as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    return converted(raw, wanted)


def _query(wanted: Any) -> Any:
    """The query as the struct that is wanted. Raises ``BadRequest``."""
    given = flask.request.args
    if repeated := [name for name in given if len(given.getlist(name)) > 1]:
        raise BadRequest(f"{repeated[0]} stands twice in the query")
    return converted(given.to_dict(), wanted, strict=False)


def _answer(done: Action, answer: Any) -> flask.Response:
    """The answer of a success."""
    if answer is None:
        empty = flask.Response(status=HTTPStatus.NO_CONTENT)
        del empty.headers["Content-Type"]
        return empty
    media = media_of(done.answer)
    if media is not None:
        return flask.Response(answer, done.status, mimetype=media)
    return _json(answer, done.status)


def _json(value: Any, status: HTTPStatus = HTTPStatus.OK) -> flask.Response:
    """An answer; numbers keep their digits."""
    plain = msgspec.to_builtins(value, builtin_types=(Decimal,))
    return flask.Response(codec.encode(plain), status, mimetype="application/json")


def _problem(
    status: HTTPStatus, detail: str, reasons: tuple[str, ...] = (), headers: Mapping[str, str] | None = None
) -> flask.Response:
    told: dict[str, Any] = {"title": status.phrase, "status": int(status), "detail": detail}
    if reasons:
        told["reasons"] = list(reasons)
    return flask.Response(codec.encode(told), status, headers, mimetype="application/problem+json")
