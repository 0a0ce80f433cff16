"""The proxy: it passes every request to a mock, and lets a break answer those that call a method."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from contract_tests.client import to_json
from mock_ajera import MockAjera
from tools.breaks.exchange import Break, Exchange, Wrong

_OF_ONE_HOP = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}


class Proxy(ThreadingHTTPServer):
    """A server in front of a mock, which a break may answer for."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 50

    def __init__(self, mock: MockAjera) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mock = mock
        self.wrong: Wrong = Exchange.send
        self.sessions: dict[str, tuple[int, str]] = {}
        self.memory: dict[str, Any] = {}
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        """Return the API URL of the mock with the address of the proxy."""
        return urlsplit(self.mock.url)._replace(netloc=f"127.0.0.1:{self.server_port}").geturl()

    @contextmanager
    def answering(self, each: Break) -> Iterator[None]:
        """Let a break answer inside the block."""
        self.wrong = each.wrong
        self.sessions.clear()
        self.memory.clear()
        try:
            with each.inside():
                yield
        finally:
            self.wrong = Exchange.send


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Proxy

    def setup(self) -> None:
        super().setup()
        self._upstream = HTTPConnection(urlsplit(self.server.mock.url).netloc, timeout=60)

    def finish(self) -> None:
        self._upstream.close()
        with suppress(OSError):
            super().finish()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = _parsed(body)
        if not isinstance(request, dict) or not isinstance(request.get("Method"), str):
            self._answer(*self._forward(body))
            return
        seen: list[tuple[int, list[tuple[str, str]]]] = []

        def forward(other: dict[str, Any]) -> dict[str, Any]:
            status, headers, raw = self._forward(to_json(other).encode())
            seen.append((status, headers))
            answer = _parsed(raw)
            if not isinstance(answer, dict):
                raise _NotAnEnvelope(raw)
            return answer

        token = request.get("SessionToken")
        version, user = self.server.sessions.get(token, (0, "")) if isinstance(token, str) else (0, "")
        exchange = Exchange(request, version, user, self.server.mock, forward, self.server.sessions, self.server.memory)
        try:
            answer = self.server.wrong(exchange)
        except _NotAnEnvelope as other:
            self._answer(*seen[-1], other.raw)
            return
        if request["Method"] == "CreateAPISession" and isinstance(answer.get("Content"), dict):
            opened = answer["Content"].get("SessionToken")
            if isinstance(opened, str):
                self.server.sessions[opened] = int(request["APIVersion"]), str(request["Username"])
        status, headers = seen[-1] if seen else (200, [("Content-Type", "application/json; charset=utf-8")])
        self._answer(answer.pop("HTTP", status), headers, to_json(answer).encode())

    def do_GET(self) -> None:
        self._answer(*self._forward(self.rfile.read(int(self.headers.get("Content-Length") or 0))))

    do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = do_GET

    def log_message(self, *_: Any) -> None:
        """Print no line for a request."""

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_ONE_HOP}
        for attempt in range(2):
            try:
                self._upstream.request(self.command, self.path, body, headers)
                response = self._upstream.getresponse()
                return response.status, response.getheaders(), response.read()
            except OSError:
                # The mock may close a connection that was kept open.
                self._upstream.close()
                if attempt:
                    raise
        raise AssertionError("not reached")

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _OF_ONE_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _NotAnEnvelope(Exception):
    def __init__(self, raw: bytes) -> None:
        self.raw = raw


def _parsed(body: bytes) -> Any:
    """Return strict JSON, and None for anything else, which the mock reads unchanged."""
    try:
        return json.loads(body, parse_float=Decimal, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member occurs twice")
    return members
