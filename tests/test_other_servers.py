"""The commands meet a server that is neither an Ajera API nor a control surface: they say so in a sentence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme
from command_line import refused, serving

PAGE = b"<!DOCTYPE html><title>My web app</title>"
ANSWERS = {
    "page": (200, "text/html", PAGE),
    "json": (200, "application/json", b'{"Errors": null}'),
    "list": (200, "application/json", b"[]"),
    "text": (200, "text/plain", b"\xff hello"),
    "empty": (200, "application/json", b""),
    "nothing": (204, "application/json", b""),
    "missing": (404, "text/html", PAGE),
    "unknown-verb": (501, "text/html", PAGE),
    "failed": (503, "text/html", PAGE),
    "problem": (400, "application/problem+json", b'{"title": "Bad"}'),
    "problems": (400, "application/problem+json", b"[]"),
    "moved": (302, "text/html", b""),
    "loop": (302, "text/html", b""),
}


class Handler(BaseHTTPRequestHandler):
    """Answers every request by the first word of its path, as a web app answers with its page."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        word = self.path.partition("?")[0].split("/")[1]
        status, media_type, body = ANSWERS[word]
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        if word in ("moved", "loop"):
            self.send_header("Location", {"moved": "/page?secret", "loop": self.path}[word])
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    do_GET = do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 - the handler's names

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve, and return the base of the URLs."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


def one_line(said: str) -> str:
    """Return the message. It must be one line."""
    assert said.count("\n") == 1
    assert said.startswith("mock-ajera: ")
    return said


@pytest.mark.parametrize(
    ("word", "what"),
    [
        ("page", "answered with a web page."),
        ("json", "answered with other JSON."),
        ("list", "answered with other JSON."),
        ("text", "answered with a text that is not JSON."),
        ("empty", "answered with an empty body."),
        ("missing", "answered HTTP 404 Not Found."),
        ("unknown-verb", "answered HTTP 501 Not Implemented."),
        ("moved", "answered with a web page (after a redirect to "),
        ("loop", "answered HTTP 302 The HTTP server returned a redirect error that would lead to an infinite loop."),
    ],
)
def test_call_says_that_it_is_no_api_url(url: str, word: str, what: str) -> None:
    said = one_line(refused("call", "ListClients", "--url", f"{url}/{word}/AjeraAPI.ashx?secret", code=3))
    assert f"{url}/{word}/AjeraAPI.ashx is not an Ajera API URL: the server {what}" in said
    assert said.endswith("set it with --url or AJERA_API_URL\n")
    assert "secret" not in said


def test_call_says_that_the_server_failed(url: str) -> None:
    """Such a URL may be right: nothing is said about it."""
    failed = f"{url}/failed/AjeraAPI.ashx"
    said = one_line(refused("call", "ListClients", "--url", f"{failed}?x", code=3))
    assert said == f"mock-ajera: the server of {failed} failed: it answered HTTP 503 Service Unavailable\n"


def test_the_root_of_a_mock_is_no_api_url(url: str, tmp_path: Path) -> None:
    with serving(tmp_path) as (_, env):
        root = env["AJERA_API_URL"].partition("/V")[0]
        assert "/ is not an Ajera API URL: " in one_line(refused("call", "ListClients", "--url", f"{root}/", code=3))


PLAUSIBLE = {
    ("nothing", "snapshots delete x"),
    ("list", "tenants list"),
    ("list", "quirks set session_minutes=5"),
    ("json", "tenants export default --to firm"),
}
"""What a control surface might answer, too."""


@pytest.mark.parametrize("word", ANSWERS)
@pytest.mark.parametrize(
    "command",
    [
        *("clock show", "tenants list", "server ready", "quirks set session_minutes=5", "snapshots delete x"),
        *("journal export", "tenants export default --to firm", "users add a --password Quiet_Mill9"),
    ],
)
def test_a_control_command_says_that_it_is_no_control_surface(
    url: str, word: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A web app may answer every path with its page; nothing is done then."""
    monkeypatch.chdir(tmp_path)
    if (word, command) in PLAUSIBLE:
        return
    said = one_line(refused(*command.split(), "--control-url", f"{url}/{word}", code=3))
    assert f"{url}/{word}/_mock is not a control surface: the server answered " in said
    assert said.endswith("Check --control-url or MOCK_AJERA_CONTROL_URL\n")
    assert not (tmp_path / "firm").exists()


def test_https_and_http_are_told_apart(tmp_path: Path) -> None:
    authority = trustme.CA()
    with serving(tmp_path) as (_, env):
        wrong = env["AJERA_API_URL"].replace("http:", "https:")
        said = one_line(refused("call", "ListClients", "--url", wrong, code=3))
        assert "it does not accept HTTPS (" in said
        assert "with HTTP, the URL starts with http://" in said
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    issued.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    files = ("--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem"))
    with serving(tmp_path, *files) as (_, env):
        for words in (("call", "ListClients"), ("clock", "show")):
            assert "its certificate is not trusted (" in one_line(refused(*words, code=3, env=env))
            plain = {name: value.replace("https:", "http:") for name, value in env.items()}
            assert "with HTTPS, the URL starts with https://" in one_line(refused(*words, code=3, env=plain))


def test_a_host_that_does_not_exist() -> None:
    said = one_line(refused("call", "ListClients", "--url", "http://ajera.invalid/AjeraAPI.ashx?secret", code=3))
    assert said.startswith("mock-ajera: http://ajera.invalid/AjeraAPI.ashx cannot be used: ")
    assert "secret" not in said
