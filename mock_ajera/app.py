"""The Flask application: Ajera's endpoint at any path prefix, a home page, and the control surface."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import flask
from werkzeug.datastructures import Headers
from werkzeug.exceptions import ClientDisconnected, HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.routing import BaseConverter

from mock_ajera.api import endpoint
from mock_ajera.api.address import RESOURCE, find_tenant
from mock_ajera.api.database_id import hosted, on_premise
from mock_ajera.api.errors import AjeraError
from mock_ajera.api.faults.delivery import ENVIRON
from mock_ajera.api.headers import why
from mock_ajera.api.reading import LIMIT
from mock_ajera.api.sessions import METHOD_NAMES
from mock_ajera.control.access import BASE, PARSING, Exposure, is_local
from mock_ajera.control.control import Control
from mock_ajera.cors import Cors
from mock_ajera.tenants.directory import Directory
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.tenant import DEFAULT
from mock_ajera.wsgi_calls import REQUEST_ID_HEADER, Answer, Direct, call_of, headers_of, is_plain_call, root_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from mock_ajera.control.http import Surface

ANY_CASE = "ajera"
_ENDPOINT = "mock_ajera_endpoint"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_BROWSERS_ASK = ("/favicon.ico",)
"""Paths that a browser asks for by itself: no mistake of a client."""


class _Resource(BaseConverter):
    """The name of the resource in any case, because IIS ignores case (claim ``endpoint.path-any-case``)."""

    regex = f"(?i:{re.escape(RESOURCE)})"


def create_app(
    tenants: Directory,
    *,
    public_url: str | None = None,
    credentials: Callable[[], tuple[str, str]] | None = None,
    control: Control | None = None,
    exposure: Exposure | None = None,
    cors: Cors | None = None,
    body_limit: int = LIMIT,
) -> flask.Flask:
    """Return an application that serves the tenants.

    ``public_url``: start of APIURL if it is not the address to which the request was sent. ``credentials``: returns the
    user name and password for the home page. ``exposure``: who may use the control surface; by default, programs on
    this machine. ``cors``: the web pages that may call the API; by default, none. ``body_limit``: in bytes.
    """
    tenants.methods = METHOD_NAMES
    urls, exposure = _Urls(public_url), exposure or Exposure()
    ajera = _Endpoint(tenants, urls, cors or Cors(), body_limit)
    home = _Home(tenants, urls, credentials, exposure)
    surface = _ControlSurface(control or Control(tenants), exposure, urls.root, ajera.cors)
    app = flask.Flask("mock_ajera", static_folder=None)
    # werkzeug cuts a chunked body off at its limit without a word: with one byte more, the endpoint notices.
    app.config["MAX_CONTENT_LENGTH"] = body_limit + 1
    app.url_map.converters[ANY_CASE] = _Resource
    with PARSING:
        for rule in (f"/<{ANY_CASE}:resource>", f"/<path:prefix>/<{ANY_CASE}:resource>"):
            app.add_url_rule(rule, "ajera", ajera.view, methods=_METHODS, provide_automatic_options=False)
        app.add_url_rule("/", "home", home.view)
    app.before_request(surface.intercept)
    app.after_request(surface.open_to_pages)
    app.register_error_handler(HTTPException, ajera.refuse)
    app.register_error_handler(RequestEntityTooLarge, ajera.too_large)
    app.extensions[_ENDPOINT] = ajera
    return app


def direct(app: flask.Flask) -> Direct:
    """Return what answers plain calls of an application without Flask, for an engine that is made for load."""
    ajera: _Endpoint = app.extensions[_ENDPOINT]
    return ajera.answer_directly


def may_wait(app: flask.Flask) -> Callable[[WSGIEnvironment], bool]:
    """Return what tells whether a fault may make a request to an application wait."""
    ajera: _Endpoint = app.extensions[_ENDPOINT]
    return ajera.may_wait


class _Urls:
    """The URLs of the server: by default, those of the address to which the current request was sent."""

    def __init__(self, public_url: str | None) -> None:
        self._public = None if not public_url else f"{public_url.rstrip('/')}/"

    def api_root(self) -> str:
        """Return the URL of the server, with a slash at the end."""
        return self.api_root_in(flask.request.environ)

    def api_root_in(self, environ: WSGIEnvironment) -> str:
        """Return the URL of the server for a request, with a slash at the end."""
        return self._public or root_of(environ)

    def root(self) -> str:
        """Return the URL of the server, without a slash at the end."""
        return self.api_root().rstrip("/")

    def is_public(self, host: str) -> bool:
        """Return whether a host, with its port, is that of the public URL."""
        return self._public is not None and urlsplit(self._public).netloc == host


class _Endpoint:
    """Ajera's endpoint."""

    def __init__(self, tenants: Directory, urls: _Urls, cors: Cors, body_limit: int) -> None:
        self._tenants, self._urls, self.cors, self._body_limit = tenants, urls, cors, body_limit

    def view(self, resource: str, prefix: str = "") -> flask.Response:
        """Answer a request of any HTTP method; only POST is accepted."""
        request = flask.request
        preflight = self.cors.preflight(request)
        if preflight is not None:
            return preflight
        if request.method != "POST":
            raise MethodNotAllowed(["POST"])
        body = request.get_data(cache=False)
        return self._answer(body if len(body) <= self._body_limit else None)

    def too_large(self, error: RequestEntityTooLarge) -> flask.Response:
        """Answer a request whose body is larger than the limit."""
        return self._answer(None)

    def refuse(self, error: HTTPException) -> flask.Response:
        """Answer a request that is no call of the API: another path, another HTTP method, an incomplete body."""
        path, verb = flask.request.path, flask.request.method
        reason = Reason("", "http", str(error.description).rstrip("."), "endpoint.one-resource")
        if isinstance(error, ClientDisconnected):
            reason = Reason("", "http", "the body is shorter than declared", "endpoint.one-resource")
        elif path.rpartition("/")[2].casefold() != RESOURCE.casefold():
            other = f"{path} accepts GET only" if isinstance(error, MethodNotAllowed) else f"there is nothing at {path}"
            text = f"{other}; Ajera's API is at /{RESOURCE}?<id>, and GET / shows its URL"
            reason = Reason("URL", "path", text, "endpoint.other-resource")
        elif isinstance(error, MethodNotAllowed):
            reason = Reason("", "http-method", f"Ajera's API accepts POST only, not {verb}", "endpoint.only-post")
        status = f"{error.code} {error.name}"
        call = self._call(flask.request.environ, None)
        if path not in _BROWSERS_ASK:
            endpoint.note_refusal(call, self._tenants, status, reason)
        response = flask.Response(f"{status}: {reason.text}.\n", error.code, why([reason]), mimetype="text/plain")
        response.headers[REQUEST_ID_HEADER] = call.request_id
        if isinstance(error, MethodNotAllowed):
            response.headers["Allow"] = ", ".join(error.valid_methods or ())
        return response

    def _answer(self, body: bytes | None) -> flask.Response:
        if not self._tenants.ready.is_set():
            text = "The server is still starting.\n"
            return flask.Response(text, 503, {"Retry-After": "1"}, mimetype="text/plain")
        environ = flask.request.environ
        call = self._call(environ, body)
        status, headers, sent = _sent(endpoint.answer(call, self._tenants), call, environ)
        return flask.Response(sent, status, headers)

    def answer_directly(self, environ: WSGIEnvironment, body: bytes) -> Answer | None:
        """Answer a plain call as ``view`` does. Return None for a request that needs Flask."""
        is_for_flask = not is_plain_call(environ) or _controls(environ["PATH_INFO"])
        if is_for_flask or self.cors.origins or not self._tenants.ready.is_set() or self.may_wait(environ):
            return None
        call = self._call(environ, body)
        return _sent(endpoint.answer(call, self._tenants), call, environ)

    def may_wait(self, environ: WSGIEnvironment) -> bool:
        """Return whether a request is one to a tenant with faults."""
        try:
            return bool(find_tenant(environ["QUERY_STRING"], self._tenants).faults)
        except AjeraError:
            return False

    def _call(self, environ: WSGIEnvironment, body: bytes | None) -> endpoint.Request:
        return call_of(environ, body, api_root=self._urls.api_root_in(environ), limit=self._body_limit)


def _sent(answered: endpoint.Response, call: endpoint.Request, environ: WSGIEnvironment) -> Answer:
    """Return what is sent. If it met a fault, the server sends it as its delivery says, which is in ``environ``."""
    delivery = answered.delivery
    if delivery is None:
        return 200, headers_of(answered, call), answered.body
    body = answered.body if delivery.body is None else delivery.body
    headers = Headers(headers_of(answered, call))
    headers.update({**delivery.headers, "Content-Length": str(len(body))})
    if not delivery.is_whole:
        environ[ENVIRON] = delivery
    return delivery.status, list(headers), body


class _Home:
    """The home page: URL, credentials and first calls of the default tenant, or of the first one without a default."""

    def __init__(
        self,
        tenants: Directory,
        urls: _Urls,
        credentials: Callable[[], tuple[str, str]] | None,
        exposure: Exposure,
    ) -> None:
        self._tenants, self._urls, self._credentials, self._exposure = tenants, urls, credentials, exposure

    def view(self) -> str | flask.Response:
        """Return the page as HTML, or refuse a host name that is not one of this server."""
        host = flask.request.host
        if self._exposure.loopback and not is_local(host) and not self._urls.is_public(host):
            # A web page may have a name that resolves to 127.0.0.1; it must not read the credentials.
            text = f"This server is not {host or 'an invalid host'}. To open it by that name, set --public-url.\n"
            return flask.Response(text, 403, mimetype="text/plain")
        page = resources.files("mock_ajera").joinpath("home.html").read_text(encoding="utf-8")
        root = self._urls.api_root()
        tenant = self._tenants.get(DEFAULT) or next(iter(self._tenants), None)
        user, password = self._credentials() if self._credentials else ("", "")
        return flask.render_template_string(
            page,
            url=root + hosted(tenant.firm.database) if tenant else "",
            named=root + on_premise(tenant.firm.database) if tenant else "",
            user=user,
            password=password,
            company=tenant.firm.company_name if tenant else "",
        )


class _ControlSurface:
    """The control surface in the application. It is never open to web pages of other origins."""

    def __init__(self, control: Control, exposure: Exposure, root: Callable[[], str], cors: Cors) -> None:
        self._control, self._exposure, self._root, self._cors = control, exposure, root, cors

    @cached_property
    def _surface(self) -> Surface:
        # A late import: the actions and their types take a while, and many servers never get a request for one.
        from mock_ajera.control.http import Surface

        return Surface(self._control, self._exposure, self._root)

    def intercept(self) -> flask.Response | None:
        """Answer a request to any path of the control surface, whatever its HTTP method, before routing applies."""
        path = flask.request.path
        if _controls(path):
            return self._surface.answer(path.removeprefix(BASE) or "/")
        return None

    def open_to_pages(self, response: flask.Response) -> flask.Response:
        """Add the CORS headers to an answer of the API, and to one for a path that does not exist."""
        if flask.request.endpoint in (None, "ajera") and not _controls(flask.request.path):
            self._cors.add_headers(flask.request, response)
        return response


def _controls(path: str) -> bool:
    return path == BASE or path.startswith(f"{BASE}/")
