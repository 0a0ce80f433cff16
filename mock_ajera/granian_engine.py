"""Granian as the server, for load: ``serve --engine granian`` (extra ``fast``). One process: a tenant lives in one."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
from granian.constants import Interfaces
from granian.server.embed import Server

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
