"""Raw requests: any path, any Host, repeated headers, arbitrary bytes."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 60


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)

    @property
    def everything(self) -> str:
        """Headers and body as text, to search for secrets."""
        return f"{self.headers}\n{self.body.decode()}"


def ask(
    root: str,
    path: str,
    verb: str = "GET",
    body: bytes | None = None,
    *headers: tuple[str, str],
    host: str | None = None,
) -> Answer:
    """Send one request. ``root``: scheme, host and port; ``host``: the Host header, if it differs."""
    address = urlsplit(root)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT)
    try:
        connection.putrequest(verb, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", address.netloc if host is None else host)
        connection.putheader("Connection", "close")
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders(body)
        return _read(connection.getresponse())
    finally:
        connection.close()


def post(url: str, body: Any, *headers: tuple[str, str], verb: str = "POST") -> Answer:
    """Send a body to a URL of the API. A body that is not bytes becomes JSON."""
    address = urlsplit(url)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ask(f"{address.scheme}://{address.netloc}", f"{address.path}?{address.query}", verb, data, *headers)


def send(root: str, data: bytes, *, ended: bool = False) -> bytes:
    """Send bytes and return what the server sends until it closes. ``ended``: shut the sending side down."""
    address = urlsplit(root)
    received = b""
    with socket.create_connection((address.hostname or "", address.port or 0), TIMEOUT) as connection:
        # A server may answer and close before it has read all.
        with suppress(ConnectionError, OSError):
            connection.sendall(data)
            if ended:
                connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while chunk := connection.recv(65536):
                received += chunk
    return received


def _read(response: http.client.HTTPResponse) -> Answer:
    return Answer(response.status, response.headers, response.read())
