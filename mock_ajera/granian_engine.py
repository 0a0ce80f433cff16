"""Granian as the server, for load: ``serve --engine granian`` (extra ``fast``).

Granian runs the application in a process of its own; there is one, because a tenant lives in one process. Faults on
the transport are not to be had here: they need the server that tests use.
"""

from __future__ import annotations

import os
import ssl
import threading
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

THREADS = 8
_GRACE = 2
"""Seconds that requests in flight have when the server is stopped."""


def serve(load: Callable[[], flask.Flask], host: str, port: int, tls: tuple[str, str] | None = None) -> None:
    """Serve until SIGINT or SIGTERM. ``load`` makes the application in the serving process, and is picklable."""
    Server(
        "mock_ajera",
        host,
        port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
        workers_kill_timeout=_GRACE,
        ssl_cert=Path(tls[0]) if tls else None,
        ssl_key=Path(tls[1]) if tls else None,
    ).serve(target_loader=load, wrap_loader=False)


def end_with_parent() -> None:
    """End this process when the one that started it is gone: a worker left alone would keep the port for ever."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def in_background(work: Callable[[], None]) -> None:
    """Do work while requests are answered already; when it fails, this process ends."""

    def run() -> None:
        try:
            work()
        except BaseException:  # noqa: BLE001 - whatever it is, nobody would be served
            traceback.print_exc()
            os._exit(1)

    threading.Thread(target=run, daemon=True).start()


def when_listening(url: str, then: Callable[[], None]) -> None:
    """Call back, in a thread, as soon as the server at the URL answers its health check."""
    # The certificate may be self-signed; this is our own server on our own address.
    context = ssl._create_unverified_context()  # noqa: S323 - the one way that the standard library has

    def wait() -> None:
        while True:
            try:
                urllib.request.urlopen(f"{url}/_mock/health", timeout=5, context=context).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
            else:
                then()
                return

    threading.Thread(target=wait, daemon=True).start()
