"""The control surface over HTTP: ``/_mock/``, plain REST with JSON, derived from the declared actions.

Errors are problem details (RFC 9457): ``title``, ``status``, ``detail``, and ``reasons`` if there are several.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
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
from mock_ajera.control.access import BASE, PARSING, Exposure
from mock_ajera.control.action import Action, BadRequest, ControlError, converted
from mock_ajera.control.control import Control
from mock_ajera.control.openapi import document, media_of, notes
from mock_ajera.control.register import ACTIONS
from mock_ajera.listening import is_closed
from mock_ajera.store import StoreError
from mock_ajera.tenants.tenant import TenantClosed
from mock_ajera.version import __version__

OPENAPI = "/openapi.json"
PROBLEM = "application/problem+json"
"""The media type of an error."""
LIMIT = 256 * 1024 * 1024
"""Maximum size of a body in bytes: a firm as files."""
_LOG = logging.getLogger("mock_ajera")


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
