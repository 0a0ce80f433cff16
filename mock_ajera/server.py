"""A server that can be started and stopped, in a thread or in the foreground."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING

import flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from mock_ajera.api.faults.delivery import ENVIRON
from mock_ajera.delivering import delivered, reset
from mock_ajera.listening import DRAIN_TIMEOUT, listen, local_url

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LOG = logging.getLogger("mock_ajera")
_RETRY = 1
"""Seconds until a server that was down tries again to listen, if another program uses its port."""
READ_TIMEOUT = 30
"""Seconds to wait for the next bytes of a request."""


class _Handler(WSGIRequestHandler):
    """Handles HTTP/1.1 with one connection for each request. The journal logs requests."""

    protocol_version = "HTTP/1.1"

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

    def make_environ(self) -> WSGIEnvironment:
        """Return the WSGI environment."""
        self._environ = super().make_environ()
        return self._environ

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
        self._app, self._host, self._tls = _draining(app), host, tls
        self._handler = type("_Handler", (_Handler,), {"timeout": read_timeout})
        self._lock = threading.RLock()
        self._threads: list[threading.Thread] = []
        self._back: threading.Timer | None = None
        """Starts the server that is down for a while."""
        self._bind(port)
        self.port: int = self._sockets[0].getsockname()[1]
        self.url = local_url(host, self.port, tls=tls is not None)

    def _bind(self, port: int) -> None:
        self._sockets = listen(self._host, port)
        self._servers = [_made(self._app, bound, self._handler, self._tls) for bound in self._sockets]

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
        """Stop the server without waiting for requests. Open connections are closed with the process."""
        with self._lock:
            if self._back is not None:
                self._back.cancel()
                self._back = None
            self._close()

    def go_down(self, seconds: float) -> None:
        """Refuse connections for a while, and then listen on the same port again. Open connections stay open."""
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
