"""A server that can be started and stopped, in a thread or in the foreground."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from types import TracebackType

import flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


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


def local_url(host: str, port: int, *, tls: bool) -> str:
    """Return the URL of a server on this machine; for all addresses, the one of loopback."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - a look-up, no listening
    return f"{'https' if tls else 'http'}://{f'[{shown}]' if ':' in shown else shown}:{port}"


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 means a free one. Raises ``OSError`` if the address is not available."""
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=128)


class Server:
    """An application on a socket, threaded. Also a context manager."""

    def __init__(
        self, app: flask.Flask, host: str = "127.0.0.1", port: int = 0, *, tls: ssl.SSLContext | None = None
    ) -> None:
        """Bind the socket; port 0 means a free one. Raises ``OSError`` if the address is not available."""
        bound = bind(host, port)
        self._socket = bound
        self._server: BaseWSGIServer = make_server(
            host,
            bound.getsockname()[1],
            app,
            threaded=True,
            request_handler=_Handler,
            fd=bound.fileno(),
        )
        if tls is not None:
            # The thread of the connection does the handshake, so that a silent client does not block others.
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
            self._server.ssl_context = tls
        self.port: int = bound.getsockname()[1]
        self.url = local_url(host, self.port, tls=tls is not None)
        self._thread: threading.Thread | None = None

    def start(self) -> Server:
        """Serve in a thread."""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)
        self._thread.start()
        return self

    def wait(self) -> None:
        """Wait for an interrupt (``KeyboardInterrupt``), whichever thread receives the signal."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(0.05)

    def stop(self) -> None:
        """Stop the server without waiting for requests. Open connections are closed with the process."""
        self._server.shutdown()
        self._server.server_close()
        self._socket.close()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
