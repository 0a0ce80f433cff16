"""Requests as no well-behaved client makes them: any path, any Host, headers twice, bytes of one's own."""

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
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def everything(self) -> str:
        """Headers and body, to be searched for what must not be there."""
        return f"{self.headers}\n{self.body.decode()}"


def ask(
    root: str,
    path: str,
    verb: str = "GET",
    body: bytes | None = None,
    *headers: tuple[str, str],
    host: str | None = None,
) -> Answer:
    """The answer to one request; ``root`` has scheme, host and port, ``host`` stands in place of its Host header."""
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


def send(root: str, data: bytes, *, ended: bool = False) -> bytes:
    """What comes back to bytes until the server closes; ``ended`` tells it that no more will come."""
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
