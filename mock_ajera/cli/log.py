"""The output of ``mock-ajera serve``: text or JSON lines."""

from __future__ import annotations

import datetime
import io
import json
import logging
import sys
from collections.abc import Mapping
from typing import Any, Protocol

import click

from mock_ajera.cli.output import printable
from mock_ajera.tenants.journal import Entry, Reliance
from mock_ajera.tenants.tenant import DEFAULT, Tenant
from mock_ajera.version import __version__

_REASONS = 5
"""Most reasons printed for a refusal."""
_ONLY_IN_JOURNAL = ("request", "answer", "curl")
"""Members of an entry that are too long for a line."""


class Log(Protocol):
    """Receives the events of a server."""

    def note(self, text: str) -> None:
        """Log a note at the start."""

    def ready(self, company: str, api_url: str, user: tuple[str, str], home: str, control_url: str | None) -> None:
        """Log that the server is ready. ``control_url``: None if the control surface is off."""

    def entry(self, tenant: Tenant | None, entry: Entry) -> None:
        """Log a request that was answered; ``tenant`` is None if it reached none."""

    def stopped(self, reliance: list[Reliance]) -> None:
        """Log that the server has stopped, with the inferred claims that its responses relied on."""


class TextLog:
    """Text lines. Characters that the output encoding lacks are escaped."""

    def __init__(self) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")

    def note(self, text: str) -> None:
        click.echo(printable(text))
        sys.stdout.flush()

    def ready(self, company: str, api_url: str, user: tuple[str, str], home: str, control_url: str | None) -> None:
        click.echo(f"{printable(company)}, served by mock-ajera {__version__}")
        click.echo(f"  API URL   {api_url}")
        click.echo(f"  Username  {user[0] or '(none; to add one: mock-ajera users add)'}")
        click.echo(f"  Password  {user[1] or '(from the original sample, or as set with mock-ajera users)'}")
        if control_url is not None:
            click.echo(f"  Control   {control_url}")
        click.echo(f"Open {home} in a browser for a login example. Press Ctrl-C to stop.")
        sys.stdout.flush()

    def entry(self, tenant: Tenant | None, entry: Entry) -> None:
        time = datetime.datetime.now().astimezone().strftime("%H:%M:%S")
        version = f"v{entry.version}" if entry.version else "--"
        where = "" if tenant is None or tenant.name == DEFAULT else f"  ({tenant.name})"
        click.echo(printable(f"{time}  {entry.outcome:<7}  {version}  {entry.user:<12}  {entry.method}{where}"))
        for reason in entry.reasons[:_REASONS]:
            click.echo(f"{'':10}{printable(str(reason))}")
        if len(entry.reasons) > _REASONS:
            click.echo(f"{'':10}and {len(entry.reasons) - _REASONS} more reasons")
        for note in entry.notes:
            click.echo(f"{'':10}note: {printable(str(note))}")
        sys.stdout.flush()

    def stopped(self, reliance: list[Reliance]) -> None:
        click.echo("stopped")
        if reliance:
            count = f"{len(reliance)} inferred behavior{'s' if len(reliance) > 1 else ''}"
            click.echo(f"Your integration relied on {count}, neither documented nor observed:")
        for each in reliance:
            click.echo(f"{each.answers:7}  {each.claim}: {each.known.says}")


class JsonLog:
    """JSON lines with ``event`` and the real time in UTC. Records of Python's logging are included.

    The lines are ASCII, so that they are valid in any output encoding.
    """

    def __init__(self) -> None:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(_Formatter())
        logging.getLogger("mock_ajera").addHandler(handler)

    def note(self, text: str) -> None:
        _line("note", {"text": text})

    def ready(self, company: str, api_url: str, user: tuple[str, str], home: str, control_url: str | None) -> None:
        members = {
            "company": company,
            "api_url": api_url,
            "username": user[0],
            "home": home,
            "control_url": control_url,
        }
        _line("ready", {"version": __version__} | members)

    def entry(self, tenant: Tenant | None, entry: Entry) -> None:
        members = {name: value for name, value in entry.to_dict().items() if name not in _ONLY_IN_JOURNAL}
        _line("request", {"tenant": None if tenant is None else tenant.name} | members)

    def stopped(self, reliance: list[Reliance]) -> None:
        _line("stopped", {"inferred": {each.claim: each.answers for each in reliance}})


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        members = {"level": record.levelname.lower(), "text": record.getMessage()}
        if record.exc_info:
            members["traceback"] = self.formatException(record.exc_info)
        return _json("log", members)


def _line(event: str, members: Mapping[str, Any]) -> None:
    click.echo(_json(event, members))
    sys.stdout.flush()


def _json(event: str, members: Mapping[str, Any]) -> str:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"time": now, "event": event, **members})
