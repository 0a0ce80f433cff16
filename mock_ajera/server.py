"""A server that can be started and stopped, in a thread or in the foreground."""

from __future__ import annotations

import io
import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING

import flask
from werkzeug.http import parse_set_header
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from mock_ajera.api.faults.delivery import ENVIRON
from mock_ajera.delivering import delivered, reset
from mock_ajera.listening import DRAIN_TIMEOUT, listen, local_url
from mock_ajera.wsgi_calls import run_application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LOG = logging.getLogger("mock_ajera")
_RETRY = 1
"""Seconds until a server that was down tries again to listen, if another program uses its port."""
READ_TIMEOUT = 30
"""Seconds to wait for the next bytes of a request, and for the next request of a connection."""
_LENGTH = re.compile(r"[0-9]{1,6}", re.ASCII)
"""The Content-Length of a body that is read before the application runs."""

_JOINED = 2**16
"""The largest answer in bytes that is sent together with its headers: one packet less, but a copy."""


class _Waiting:
    """The connections that wait for a request."""

    def __init__(self) -> None:
        self._lock, self._connections = threading.Lock(), set[socket.socket]()
        self.closed = False

    @contextmanager
    def having(self, connection: socket.socket) -> Iterator[None]:
        """Count a connection among those that wait until the block ends."""
        with self._lock:
            self._connections.add(connection)
            if self.closed:
                _stop_reading(connection)
        try:
            yield
        finally:
            with self._lock:
                self._connections.remove(connection)

    def close(self) -> None:
        """Close the connections that wait, now and from now on. A request that has arrived is still answered."""
        with self._lock:
            self.closed = True
            for connection in self._connections:
                _stop_reading(connection)


def _stop_reading(connection: socket.socket) -> None:
    with suppress(OSError):  # The client has closed it.
        # The method of the class, because that of a TLS connection would also forget its keys.
        socket.socket.shutdown(connection, socket.SHUT_RD)


class _Handler(WSGIRequestHandler):
    """Handles the requests of a connection, with HTTP/1.1. The journal logs them.

    werkzeug closes a connection after each request, because the next one could follow a body that was not read. Most
    bodies are read before the application runs; their connections are kept. The others are left to werkzeug.
    """

    protocol_version = "HTTP/1.1"
    app: flask.Flask
    waiting: _Waiting
    rfile: io.BufferedReader

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing: the journal logs requests."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's own name
        """Log broken connections and malformed HTTP at debug level."""
        logging.getLogger("mock_ajera.http").debug(message, *args)

    def setup(self) -> None:
        """Send small answers without delay."""
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._environ: WSGIEnvironment = {}

    def handle_one_request(self) -> None:
        """Wait for a request and answer it."""
        self.connection.settimeout(self.timeout)
        with self.waiting.having(self.connection):
            self.rfile.peek(1)
        super().handle_one_request()

    def make_environ(self) -> WSGIEnvironment:
        """Return the WSGI environment."""
        self._environ = super().make_environ()
        return self._environ

    def run_wsgi(self) -> None:
        """Answer a request. Keep its connection if the client knows where the answer ends."""
        body = self._read_ahead()
        if body is None:
            super().run_wsgi()
            return
        environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(body)
        status, headers, answer = run_application(self.app, environ)
        delivery = environ.get(ENVIRON)
        has_end = delivery is None and "Content-Length" in dict(headers)
        if not has_end or self.waiting.closed or "close" in parse_set_header(environ.get("HTTP_CONNECTION")):
            self.close_connection = True
        # A slow reader of a long answer is no slow request.
        self.connection.settimeout(None)
        head = self._head(status, headers)
        if len(answer) > _JOINED:
            self.wfile.write(head)
            head = b""
        for piece in [answer] if delivery is None else delivered(answer, delivery, self.connection):
            self.wfile.write(head + piece)
            head = b""

    def _read_ahead(self) -> bytes | None:
        """Return the body of a request, or None if its end is unknown or far.

        A body may be shorter than declared: the application refuses it.
        """
        lengths = self.headers.get_all("Content-Length", ["0"])
        is_plain = len(lengths) == 1 and _LENGTH.fullmatch(lengths[0]) and "Transfer-Encoding" not in self.headers
        if self.request_version != "HTTP/1.1" or not is_plain:
            return None
        body, length = b"", int(lengths[0])
        with suppress(TimeoutError):
            body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
        return body

    def _head(self, status: str, headers: list[tuple[str, str]]) -> bytes:
        """Return the status line and the headers of an answer."""
        lines = [f"HTTP/1.1 {status}", f"Server: {self.version_string()}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in headers]
        lines += ["Connection: close"] * self.close_connection
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
        """Wait for no other request."""
        self.close_connection = True

    def finish(self) -> None:
        """Close the connection, with a reset if a fault says so."""
        super().finish()
        delivery = self._environ.get(ENVIRON)
        if delivery is not None and delivery.end == "reset":
            reset(self.connection)


class Server:
    """An application on the sockets of a host, threaded. Also a context manager."""

    def __init__(
        self,
        app: flask.Flask,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        read_timeout: float = READ_TIMEOUT,
    ) -> None:
        """Bind the sockets; port 0 means a free one. Raises ``OSError`` if the address is not available."""
        self._app, self._host, self._tls = app, host, tls
        self._read_timeout = read_timeout
        self._lock = threading.RLock()
        self._threads: list[threading.Thread] = []
        self._back: threading.Timer | None = None
        """Starts the server that is down for a while."""
        self._bind(port)
        self.port: int = self._sockets[0].getsockname()[1]
        self.url = local_url(host, self.port, tls=tls is not None)

    def _bind(self, port: int) -> None:
        self._sockets = listen(self._host, port)
        self._waiting = _Waiting()
        settings = {"app": self._app, "waiting": self._waiting, "timeout": self._read_timeout}
        handler = type("_Handler", (_Handler,), settings)
        self._servers = [_made(_draining(self._app), bound, handler, self._tls) for bound in self._sockets]

    def start(self) -> Server:
        """Serve in a thread for each socket."""
        for server in self._servers:
            self._threads.append(threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True))
            self._threads[-1].start()
        return self

    def wait(self) -> None:
        """Wait for an interrupt (``KeyboardInterrupt``), whichever thread receives the signal."""
        while self._back is not None or any(thread.is_alive() for thread in self._threads):
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server without waiting for requests, which are still answered."""
        with self._lock:
            if self._back is not None:
                self._back.cancel()
                self._back = None
            self._close()

    def go_down(self, seconds: float) -> None:
        """Refuse connections for a while, and then listen on the same port again. Requests are still answered."""
        with self._lock:
            if self._back is not None:
                self._back.cancel()
            self._come_back_after(seconds)
            self._close()

    def _come_back_after(self, seconds: float) -> None:
        self._back = threading.Timer(seconds, self._come_back)
        self._back.daemon = True
        self._back.start()

    def _come_back(self) -> None:
        with self._lock:
            if self._back is not threading.current_thread():
                return
            try:
                self._bind(self.port)
            except OSError as error:
                _LOG.warning("port %s cannot be used again yet: %s", self.port, error.strerror or error)
                self._come_back_after(_RETRY)
            else:
                self.start()
                self._back = None

    def _close(self) -> None:
        for server, bound in zip(self._servers, self._sockets, strict=True):
            server.shutdown()
            server.server_close()
            bound.close()
        self._waiting.close()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._servers, self._sockets = [], []

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def _made(
    app: WSGIApplication, bound: socket.socket, handler: type[_Handler], tls: ssl.SSLContext | None
) -> BaseWSGIServer:
    address, port = bound.getsockname()[:2]
    made = make_server(address, port, app, threaded=True, request_handler=handler, fd=bound.fileno())
    if tls is not None:
        # The thread of the connection does the handshake, so that a silent client does not block others.
        made.socket = tls.wrap_socket(made.socket, server_side=True, do_handshake_on_connect=False)
        made.ssl_context = tls
    return made


def _draining(app: flask.Flask) -> WSGIApplication:
    """Return an application that bounds how long the server waits for a body that was refused unread.

    werkzeug reads the rest of a request after the answer. A client that keeps the connection open and waits for its
    end must not wait forever.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        connection: socket.socket = environ["werkzeug.socket"]
        chunks = app(environ, start_response)
        # A slow reader of a long answer is no slow request.
        connection.settimeout(None)
        delivery = environ.get(ENVIRON)
        try:
            yield from chunks if delivery is None else delivered(b"".join(chunks), delivery, connection)
        finally:
            connection.settimeout(DRAIN_TIMEOUT)
            if hasattr(chunks, "close"):
                chunks.close()

    return answer
