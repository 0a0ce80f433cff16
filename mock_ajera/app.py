"""The Flask application: Ajera's endpoint at any path prefix, a page for people, and the health check."""

from __future__ import annotations

import re
from importlib import resources

import flask
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import BaseConverter

from mock_ajera.api import endpoint
from mock_ajera.api.database_id import hosted, on_premise
from mock_ajera.api.reading import LIMIT
from mock_ajera.api.sessions import COOKIE
from mock_ajera.tenants.directory import Directory

RESOURCE = "AjeraAPI.ashx"


ANY_CASE = "ajera"


class _Resource(BaseConverter):
    """The name of the resource in any case: Ajera is served by IIS, which does not tell cases apart (claim
    ``endpoint.path-any-case``).
    """

    regex = f"(?i:{re.escape(RESOURCE)})"


def create_app(
    tenants: Directory, *, public_url: str | None = None, credentials: tuple[str, str] | None = None
) -> flask.Flask:
    """An application that serves the tenants.

    ``public_url``: what APIURL starts with, where it is not the address that the request came to.
    ``credentials``: user name and password that the page for people shows.
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
        query = request.environ.get("QUERY_STRING", "")
        cookie = request.cookies.get(COOKIE)
        body = request.get_data(cache=False)
        answered = endpoint.answer(endpoint.Request(query, body, cookie, api_root()), tenants)
        response = flask.Response(answered.body, 200, answered.headers, mimetype="application/json")
        if answered.cookie is not None:
            response.set_cookie(COOKIE, answered.cookie, httponly=True, samesite="Lax")
        return response

    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    for rule in (f"/<{ANY_CASE}:resource>", f"/<path:prefix>/<{ANY_CASE}:resource>"):
        app.add_url_rule(rule, "ajera", ajera, methods=methods, provide_automatic_options=False)

    @app.get("/")
    def home() -> str:
        page = resources.files("mock_ajera").joinpath("home.html").read_text(encoding="utf-8")
        tenant = next(iter(tenants), None)
        url = api_root() + hosted(tenant.firm.database) if tenant else ""
        named = api_root() + on_premise(tenant.firm.database) if tenant else ""
        user, password = credentials or ("", "")
        company = tenant.firm.company_name if tenant else ""
        return flask.render_template_string(page, url=url, named=named, user=user, password=password, company=company)

    @app.get("/_mock/health")
    def health() -> dict[str, object]:
        return {"status": "ready", "tenants": len(list(tenants))}

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> flask.Response:
        text = f"{error.code} {error.name}. Ajera's API is at /{RESOURCE}?<id>; GET / says more.\n"
        return flask.Response(text, error.code, mimetype="text/plain")

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(error: RequestEntityTooLarge) -> flask.Response:
        query, length = flask.request.environ.get("QUERY_STRING", ""), flask.request.content_length
        answered = endpoint.answer(endpoint.Request(query, None, None, api_root(), length), tenants)
        return flask.Response(answered.body, 200, answered.headers, mimetype="application/json")

    app.config["MAX_CONTENT_LENGTH"] = LIMIT
    return app
