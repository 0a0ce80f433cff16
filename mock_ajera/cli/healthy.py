"""``mock-ajera healthy``: the health check of a container, wherever its server listens."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from pathlib import Path

import click

from mock_ajera.cli.output import REFUSED, UNREACHABLE, fail
from mock_ajera.settings import STATE_FILE

_TIMEOUT = 2
"""Seconds. The server is on this machine."""


@click.command()
@click.option(
    STATE_FILE.option,
    metavar="FILE",
    required=True,
    envvar=STATE_FILE.variable,
    show_envvar=True,
    help="File that the server was started with.",
)
def healthy(state_file: str) -> None:
    """Check that the server of a state file is ready.

    This is the health check of the image: it needs neither the port nor the certificate of the server. Exit codes: 0,
    ready; 1, not ready; 3, no server.
    """
    try:
        url = Path(state_file).read_text(encoding="utf-8").strip()
    except OSError as error:
        fail(f"no server is ready: cannot read {state_file}: {error.strerror or error}", UNREACHABLE)
    # The server is our own, and its certificate may be self-signed or for another name.
    secure = urllib.request.HTTPSHandler(context=ssl._create_unverified_context())  # noqa: S323
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({}), secure).open(url, timeout=_TIMEOUT).close()
    except urllib.error.HTTPError as error:
        error.close()
        fail(f"{url} answered HTTP {error.code}", REFUSED)
    except (OSError, ValueError) as error:
        fail(f"no server answered at {url}: {getattr(error, 'reason', error)}", UNREACHABLE)
