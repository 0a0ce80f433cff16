"""The baseline: a bare Flask view that reads the request and returns a prepared body of a size.

It shows the cost of a server that does nothing: ``python -m benchmarks.bare ENGINE PORT``. With Granian it runs on
Granian's own WSGI server. It imports nothing of mock-ajera, because its start is measured, too.
"""

from __future__ import annotations

import os
import sys
import time
from functools import cache
from pathlib import Path

import flask
from werkzeug.serving import WSGIRequestHandler, make_server

_PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


def create() -> flask.Flask:
    """Return the application."""
    app = flask.Flask("bare")

    @app.post("/bare/<int:size>")
    def bare(size: int) -> flask.Response:
        flask.request.get_data(cache=False)
        return flask.Response(prepared(size), mimetype="application/json")

    @cache
    def prepared(size: int) -> bytes:
        return b"x" * size

    return measured(app)


def measured(app: flask.Flask) -> flask.Flask:
    """Add a route for the processor time in seconds and the resident memory in MB of the serving process."""
    app.add_url_rule("/cost", "cost", lambda: {"cpu": time.process_time(), "memory": _memory()})
    return app


def _memory() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_SIZE / 2**20


def main() -> None:
    """Serve until the process is terminated."""
    engine, port = sys.argv[1], int(sys.argv[2])
    if engine == "werkzeug":
        make_server("127.0.0.1", port, create(), threaded=True, request_handler=_Handler).serve_forever()
    else:
        from granian.constants import Interfaces
        from granian.log import LogLevels
        from granian.server import Server

        server = Server("bare", "127.0.0.1", port, interface=Interfaces.WSGI, log_level=LogLevels.error)
        server.serve(target_loader=create, wrap_loader=False)


if __name__ == "__main__":
    main()
