"""CORS: web pages may call the API if their origin is allowed, and never the control surface."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from checkout import Served, serving_mock
from command_line import refused
from raw_http import Answer, ask, post

PAGE = "http://app.example:3000"
OTHER = "http://attacker.example"


@pytest.fixture(scope="module")
def served(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start a server that a page may call."""
    options = ("--engine", engine, "--cors-origin", PAGE, "--cors-origin", "https://app.example")
    with serving_mock(tmp_path_factory.mktemp("served"), *options) as started:
        yield started


def cors(answer: Answer) -> dict[str, str]:
    """Return the CORS headers of an answer."""
    return {name.lower(): value for name, value in answer.headers.items() if name.lower().startswith("access-control")}


def preflight(url: str, origin: str) -> Answer:
    """Send what a browser sends before it posts JSON."""
    asked = (("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type"))
    return post(url, b"", ("Origin", origin), *asked, verb="OPTIONS")


def test_a_preflight_is_answered(served: Served) -> None:
    answer = preflight(served.url, PAGE)
    assert (answer.status, answer.body) == (204, b"")
    assert cors(answer)["access-control-allow-origin"] == PAGE
    assert cors(answer)["access-control-allow-methods"] == "POST"
    assert cors(answer)["access-control-allow-headers"] == "content-type"


def test_answers_and_refusals_can_be_read(served: Served) -> None:
    """Also those with another status than 200, and their reason."""
    wrong_path = f"{served.root}/api?x"
    refusals = [post(served.url, b"{", ("Origin", PAGE)), post(served.url, b"", ("Origin", PAGE), verb="PUT")]
    for answer in (*refusals, post(wrong_path, b"{}", ("Origin", PAGE))):
        assert cors(answer)["access-control-allow-origin"] == PAGE
        assert "Mock-Ajera-Why" in cors(answer)["access-control-expose-headers"]
        assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", [OTHER, "null", "http://app.example", "https://app.example:3000"])
def test_another_origin_is_not_allowed(served: Served, origin: str) -> None:
    assert cors(post(served.url, b"{", ("Origin", origin))) == {}
    assert (preflight(served.url, origin).status, cors(preflight(served.url, origin))) == (405, {})


@pytest.mark.parametrize("path", ["/_mock/version", "/_mock/health", "/_mock/openapi.json", "/"])
def test_the_control_surface_and_the_page_stay_closed(served: Served, path: str) -> None:
    assert cors(ask(served.root, path, "GET", None, ("Origin", PAGE))) == {}


def test_no_origin_is_allowed_by_default(engine: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving_mock(tmp_path_factory.mktemp("served"), "--engine", engine) as served:
        answer = post(served.url, b"{", ("Origin", PAGE))
        assert (cors(answer), answer.headers["Vary"]) == ({}, None)
        assert preflight(served.url, PAGE).status == 405


def test_every_origin(engine: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The variable takes several origins, and a star for all."""
    folder = tmp_path_factory.mktemp("served")
    with serving_mock(folder, "--engine", engine, MOCK_AJERA_CORS_ORIGIN=f"{PAGE} *") as served:
        assert cors(preflight(served.url, OTHER))["access-control-allow-origin"] == OTHER
        assert urlsplit(served.url).path.endswith("/AjeraAPI.ashx")


@pytest.mark.parametrize("text", ["app.example", "http://app.example/path", "http://", ""])
def test_what_is_no_origin_is_refused(text: str) -> None:
    assert "--cors-origin must be an origin" in refused("serve", "--port", "0", "--cors-origin", text)
