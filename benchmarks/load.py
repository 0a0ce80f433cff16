"""Load from one thread over several connections. Each has a request in flight all the time."""

from __future__ import annotations

import re
import selectors
import socket
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


class Caller(Protocol):
    """What a connection sends. A request may depend on the last answer."""

    def request(self) -> bytes:
        """Return the body of the next request."""

    def answered(self, body: bytes) -> None:
        """Take the body of the answer."""


@dataclass
class Constant:
    """A caller that sends the same request again and again."""

    body: bytes

    def request(self) -> bytes:
        """Return the body."""
        return self.body

    def answered(self, body: bytes) -> None:
        """Do nothing."""


@dataclass
class Connection:
    """A connection, kept if the server keeps it, and made anew if the server has closed it."""

    port: int
    path: str
    caller: Caller
    once: bool = False
    """Whether each request asks the server to close its connection."""
    latencies: list[float] = field(default_factory=list)
    """Seconds from each request to its whole answer, with the time to connect."""
    ended: float = 0
    """When the last answer was complete."""
    size: int = 0
    """Size of the last answer in bytes."""
    closes: bool = False
    """Whether the server closes the connection after the last answer."""
    socket: socket.socket | None = None

    def send(self) -> None:
        """Send the next request."""
        body = self.caller.request()
        self._began = time.perf_counter()
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Type: application/json\r\n"
        if self.once:
            head += "Connection: close\r\n"
        self.socket.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        self._received = bytearray()
        self._length: int | None = None

    def receive(self) -> bool:
        """Receive what is there. Return whether the answer is complete."""
        assert self.socket is not None
        chunk = self.socket.recv(1 << 20)
        if not chunk:
            raise ConnectionError("the server has closed the connection within an answer")
        self._received += chunk
        if self._length is None:
            self._end = self._received.find(b"\r\n\r\n")
            if self._end < 0:
                return False
            head = bytes(self._received[: self._end])
            if not head.startswith(b"HTTP/1.1 200"):
                raise ConnectionError(head.decode("latin-1"))
            found = _LENGTH.search(head)
            assert found is not None
            self._length, self.closes = int(found[1]), _CLOSE.search(head) is not None
        if len(self._received) < self._end + 4 + self._length:
            return False
        self.ended = time.perf_counter()
        self.latencies.append(self.ended - self._began)
        self.size = self._length
        self.caller.answered(bytes(self._received[self._end + 4 :]))
        return True

    def close(self) -> None:
        """Close the connection. The next request opens a new one."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def ask(port: int, path: str, caller: Caller) -> int:
    """Send one request and wait for its answer. Return the size of the answer in bytes."""
    connection = Connection(port, path, caller)
    run([connection], lambda: True)
    return connection.size


def run_for(connections: Sequence[Connection], seconds: float) -> float:
    """Keep a request of each connection in flight for a duration. Return how many were, on average."""
    began = time.perf_counter()
    run(connections, lambda: time.perf_counter() >= began + seconds)
    return sum(sum(each.latencies) / (each.ended - began) for each in connections)


def run(connections: Sequence[Connection], is_over: Callable[[], bool]) -> None:
    """Send requests until it is over, and wait for the last answers."""
    with selectors.DefaultSelector() as selector:

        def send(connection: Connection) -> None:
            known = connection.socket
            connection.send()
            if connection.socket is not known:
                selector.register(connection.socket, selectors.EVENT_READ, connection)

        for connection in connections:
            send(connection)
        flying = len(connections)
        while flying:
            for key, _ in selector.select():
                connection = key.data
                if not connection.receive():
                    continue
                over = is_over()
                if over or connection.closes:
                    selector.unregister(key.fileobj)
                    connection.close()
                if over:
                    flying -= 1
                else:
                    send(connection)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile of at least two values."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
