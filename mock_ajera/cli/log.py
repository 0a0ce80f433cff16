"""What ``mock-ajera serve`` prints: lines for people, or JSON lines."""

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
"""Reasons of a refusal that a person is shown."""


class Log(Protocol):
    """Who is told what happens."""

    def note(self, text: str) -> None:
        """Something to know at the start."""

    def ready(self, company: str, api_url: str, user: tuple[str, str], home: str) -> None:
        """The server is ready."""

    def entry(self, tenant: Tenant, entry: Entry) -> None:
        """A request was answered."""

    def stopped(self, reliance: list[Reliance]) -> None:
        """The server has stopped; what its answers rested on that is inferred."""


class TextLog:
    """Lines for people. What the encoding of the output does not have is spelt out."""

    def __init__(self) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")

    def note(self, text: str) -> None:
        click.echo(printable(text))
        sys.stdout.flush()

    def ready(self, company: str, api_url: str, user: tuple[str, str], home: str) -> None:
        click.echo(f"{company}, served by mock-ajera {__version__}")
        click.echo(f"  API URL   {api_url}")
        click.echo(f"  Username  {user[0] or '(none: mock-ajera users add makes one)'}")
        click.echo(f"  Password  {user[1] or '(that of the sample which the file was filled from, or of users add)'}")
        click.echo(f"Open {home} in a browser to go on; Ctrl-C ends it.")
        sys.stdout.flush()

    def entry(self, tenant: Tenant, entry: Entry) -> None:
        time = datetime.datetime.now().astimezone().strftime("%H:%M:%S")
        version = f"v{entry.version}" if entry.version else "--"
        where = "" if tenant.name == DEFAULT else f"  ({tenant.name})"
        click.echo(printable(f"{time}  {entry.outcome:<7}  {version}  {entry.user:<12}  {entry.method}{where}"))
        for reason in entry.reasons[:_REASONS]:
            click.echo(f"{'':10}{printable(str(reason))}")
        if len(entry.reasons) > _REASONS:
            click.echo(f"{'':10}and {len(entry.reasons) - _REASONS} more reasons")
        sys.stdout.flush()

    def stopped(self, reliance: list[Reliance]) -> None:
        click.echo("stopped")
        if reliance:
            many = f"{len(reliance)} inferred behaviour{'s' if len(reliance) > 1 else ''}"
            click.echo(f"Your integration relied on {many}: nobody has said or seen that Ajera does so.")
        for each in reliance:
            click.echo(f"{each.answers:7}  {each.claim}: {each.known.says}")


class JsonLog:
    """JSON lines, each with ``event`` and the real time in UTC; what Python's logging has to say goes there as well.

    They are ASCII: whatever encoding the output has, they can be read.
    """

    def __init__(self) -> None:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(_Formatter())
        logging.getLogger("mock_ajera").addHandler(handler)

    def note(self, text: str) -> None:
        _line("note", {"text": text})

    def ready(self, company: str, api_url: str, user: tuple[str, str], home: str) -> None:
        _line(
            "ready", {"version": __version__, "company": company, "api_url": api_url, "username": user[0], "home": home}
        )

    def entry(self, tenant: Tenant, entry: Entry) -> None:
        told = entry.to_dict()
        del told["curl"]
        _line("request", {"tenant": tenant.name} | told)

    def stopped(self, reliance: list[Reliance]) -> None:
        _line("stopped", {"inferred": {each.claim: each.answers for each in reliance}})


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = {"level": record.levelname.lower(), "text": record.getMessage()}
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return _json("log", told)


def _line(event: str, told: Mapping[str, Any]) -> None:
    click.echo(_json(event, told))
    sys.stdout.flush()


def _json(event: str, told: Mapping[str, Any]) -> str:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"time": now, "event": event, **told})
