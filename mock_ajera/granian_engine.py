"""Granian as the server, for load: ``serve --engine granian`` (extra ``fast``). One process: a tenant lives in one."""

from __future__ import annotations

from collections.abc import Callable

import flask

THREADS = 8


def serve(
    app: flask.Flask,
    host: str,
    port: int,
    ready: Callable[[str], None],
    tls: tuple[str, str] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM."""
    raise SystemExit("pending")
