"""The Flask application: Ajera's endpoint at any path prefix, a page for people, and the control surface."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from importlib import resources

import flask
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import BaseConverter

from mock_ajera.api import endpoint
from mock_ajera.api.database_id import hosted, on_premise
from mock_ajera.api.endpoint import RESOURCE
from mock_ajera.api.reading import LIMIT
from mock_ajera.api.sessions import COOKIE
from mock_ajera.control.control import Control
from mock_ajera.control.http import BASE, PARSING, Exposure, Surface
from mock_ajera.tenants.directory import Directory
from mock_ajera.tenants.tenant import DEFAULT

ANY_CASE = "ajera"


class _Resource(BaseConverter):
    """The name of the resource in any case: Ajera is served by IIS, which does not tell cases apart (claim
    ``endpoint.path-any-case``).
    """

    regex = f"(?i:{re.escape(RESOURCE)})"


REQUEST_ID_HEADER, EXPLAIN_HEADER, SETUP_HEADER = "X-Request-Id", "Mock-Ajera-Explain", "Mock-Ajera-Setup"
_YES = ("1", "true", "yes")
_REQUEST_ID = re.compile(r"[\w.:/+=-]{1,100}", re.ASCII)


def create_app(
    tenants: Directory,
    *,
    public_url: str | None = None,
    credentials: Callable[[], tuple[str, str]] | None = None,
    control: Control | None = None,
    exposure: Exposure | None = None,
) -> flask.Flask:
    """An application that serves the tenants.

    ``public_url``: what APIURL starts with, where it is not the address that the request came to.
    ``credentials``: tells user name and password that the page for people shows. ``exposure``: who may use the control
    surface; whoever is on this machine, where nothing is said.
    """
    app = flask.Flask("mock_ajera", static_folder=None)
    app.url_map.converters[ANY_CASE] = _Resource

    def api_root() -> str:
        return f"{public_url.rstrip('/')}/" if public_url else flask.request.host_url

    def ajera(resource: str, prefix: str = "") -> flask.Response:
        request = flask.request
        if request.method != "POST":
            text = f"Ajera's API takes POST only, not {request.method}.\n"
            return flask.Response(text, 405, {"Allow": "POST"}, mimetype="text/plain")
        return answer(request.get_data(cache=False))

    def answer(body: bytes | None) -> flask.Response:
        request = flask.request
        if not tenants.ready.is_set():
            text = "The firms are still being filled.\n"
            return flask.Response(text, 503, {"Retry-After": "1"}, mimetype="text/plain")
        sent_id = request.headers.get(REQUEST_ID_HEADER, "")
        asked = endpoint.Request(
            query=request.environ.get("QUERY_STRING", ""),
            body=body,
            cookie=request.cookies.get(COOKIE),
            api_root=api_root(),
            length=request.content_length,
            path=request.path,
            request_id=sent_id if _REQUEST_ID.fullmatch(sent_id) else secrets.token_hex(8),
            explain=request.headers.get(EXPLAIN_HEADER, "").lower() in _YES,
            setup=request.headers.get(SETUP_HEADER, "").lower() in _YES,
        )
        answered = endpoint.answer(asked, tenants)
        response = flask.Response(answered.body, 200, answered.headers, mimetype="application/json")
        response.headers[REQUEST_ID_HEADER] = asked.request_id
        if answered.cookie is not None:
            response.set_cookie(COOKIE, answered.cookie, httponly=True, samesite="Lax")
        return response

    def home() -> str:
        page = resources.files("mock_ajera").joinpath("home.html").read_text(encoding="utf-8")
        tenant = tenants.get(DEFAULT) or next(iter(tenants), None)
        url = api_root() + hosted(tenant.firm.database) if tenant else ""
        named = api_root() + on_premise(tenant.firm.database) if tenant else ""
        user, password = credentials() if credentials else ("", "")
        company = tenant.firm.company_name if tenant else ""
        return flask.render_template_string(page, url=url, named=named, user=user, password=password, company=company)

    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    with PARSING:
        for rule in (f"/<{ANY_CASE}:resource>", f"/<path:prefix>/<{ANY_CASE}:resource>"):
            app.add_url_rule(rule, "ajera", ajera, methods=methods, provide_automatic_options=False)
        app.add_url_rule("/", "home", home)

    def root() -> str:
        return api_root().rstrip("/")

    surface = Surface(control or Control(tenants), exposure or Exposure(), root)

    # Not by a rule: whatever is below it, by whatever verb, is the control surface's to refuse.
    @app.before_request
    def control_surface() -> flask.Response | None:
        path = flask.request.path
        if path == BASE or path.startswith(f"{BASE}/"):
            return surface.answer(path.removeprefix(BASE) or "/")
        return None

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> flask.Response:
        text = f"{error.code} {error.name}. Ajera's API is at /{RESOURCE}?<id>; GET / says more.\n"
        return flask.Response(text, error.code, mimetype="text/plain")

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(error: RequestEntityTooLarge) -> flask.Response:
        return answer(None)

    app.config["MAX_CONTENT_LENGTH"] = LIMIT
    return app
