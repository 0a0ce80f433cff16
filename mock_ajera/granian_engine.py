"""The server Granian, for load: ``serve --engine granian`` (extra ``fast``).

Granian runs the application in one separate process, because a tenant lives in one process. Granian's own WSGI server
reads bodies in the threads of the application and without a time limit; hence RSGI.
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
from functools import partial
from pathlib import Path

import flask
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from mock_ajera.app import direct, may_wait
from mock_ajera.rsgi import Adapter

THREADS = 8
_GRACE = 2
"""Seconds for requests in flight when the server is stopped."""


def serve(
    load: Callable[[], flask.Flask],
    address: str,
    port: int,
    tls: tuple[str, str] | None,
    *,
    body_limit: int,
    read_timeout: float,
) -> None:
    """Serve until SIGINT or SIGTERM. ``load`` is picklable and creates the application in the serving process."""
    Server(
        "mock_ajera",
        address,
        port,
        interface=Interfaces.RSGI,
        workers=1,
        http1_settings=HTTP1Settings(header_read_timeout=int(read_timeout * 1000)),
        log_level=LogLevels.error,
        workers_kill_timeout=_GRACE,
        ssl_cert=Path(tls[0]) if tls else None,
        ssl_key=Path(tls[1]) if tls else None,
    ).serve(target_loader=partial(_adapter, load, body_limit, read_timeout), wrap_loader=False)


def _adapter(load: Callable[[], flask.Flask], body_limit: int, read_timeout: float) -> Adapter:
    app = load()
    return Adapter(app, direct(app), may_wait(app), threads=THREADS, read_ahead=body_limit, read_timeout=read_timeout)


def end_with_parent() -> None:
    """End this process when its parent is gone: an orphaned worker would occupy the port forever."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def in_background(work: Callable[[], None]) -> None:
    """Run work in a thread; end this process if it fails."""

    def run() -> None:
        try:
            work()
        except BaseException:  # noqa: BLE001 - without the work, the server is useless
            traceback.print_exc()
            os._exit(1)

    threading.Thread(target=run, daemon=True).start()


def when_listening(url: str, then: Callable[[], None]) -> None:
    """Call ``then`` in a thread as soon as the server at the URL passes its health check."""
    # The certificate may be self-signed, and this is our own server.
    context = ssl._create_unverified_context()  # noqa: S323 - the only way in the standard library
    # No proxy knows the way to this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))

    def wait() -> None:
        while True:
            try:
                opener.open(f"{url}/_mock/health", timeout=5).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
            else:
                then()
                return

    threading.Thread(target=wait, daemon=True).start()
