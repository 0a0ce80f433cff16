"""The output of ``mock-ajera serve``: text or JSON lines."""

from __future__ import annotations

import datetime
import io
import json
import logging
import sys
import threading
from collections.abc import Mapping
from typing import Any, Protocol

import click

from mock_ajera.cli.output import printable
from mock_ajera.tenants.directory import Directory
from mock_ajera.tenants.journal import Entry
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

    def stopped(self, tenants: Directory) -> None:
        """Log that the server has stopped, with the faults and the inferred claims that its responses relied on."""


class _Output:
    """Standard output, for the lines of one event at a time. Nothing is printed after the last event."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def print(self, *lines: str, last: bool = False) -> None:
        """Print lines. ``last``: block every later call.

        A thread that prints while Python ends would abort the process.
        """
        self._lock.acquire()
        try:
            click.echo("\n".join(lines))
            sys.stdout.flush()
        finally:
            if not last:
                self._lock.release()


class TextLog(_Output):
    """Text lines. Characters that the output encoding lacks are escaped."""

    def __init__(self) -> None:
        super().__init__()
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")

    def note(self, text: str) -> None:
        self.print(printable(text))

    def ready(self, company: str, api_url: str, user: tuple[str, str], home: str, control_url: str | None) -> None:
        lines = [
            f"{printable(company)}, served by mock-ajera {__version__}",
            f"  API URL   {api_url}",
            f"  Username  {user[0] or '(none; to add one: mock-ajera users add)'}",
            f"  Password  {user[1] or '(from the original sample, or as set with mock-ajera users)'}",
        ]
        if control_url is not None:
            lines.append(f"  Control   {control_url}")
        self.print(*lines, f"Open {home} in a browser for a login example. Press Ctrl-C to stop.")

    def entry(self, tenant: Tenant | None, entry: Entry) -> None:
        time = datetime.datetime.now().astimezone().strftime("%H:%M:%S")
        version = f"v{entry.version}" if entry.version else "--"
        where = "" if tenant is None else _where(tenant)
        lines = [f"{time}  {entry.outcome:<7}  {version}  {entry.user:<12}  {entry.method}{where}"]
        lines += [f"{'':10}{reason}" for reason in entry.reasons[:_REASONS]]
        if len(entry.reasons) > _REASONS:
            lines.append(f"{'':10}and {len(entry.reasons) - _REASONS} more reasons")
        lines += [f"{'':10}note: {note}" for note in entry.notes]
        lines += [f"{'':10}fault: {name}" for name in entry.faults]
        self.print(*map(printable, lines))

    def stopped(self, tenants: Directory) -> None:
        lines = ["stopped"]
        faults = tenants.faults()
        if faults:
            lines.append("How often each fault fired, and to how many calls it applied:")
        lines += [
            f"{fault.fired:7} of {fault.calls}  {fault}{_where(tenant)}{'' if fault.fired else ': never'}"
            for tenant, fault in faults
        ]
        reliance = tenants.reliance("inferred")
        if reliance:
            count = f"{len(reliance)} inferred behavior{'s' if len(reliance) > 1 else ''}"
            lines.append(f"Your integration relied on {count}, neither documented nor observed:")
        lines += [f"{each.answers:7}  {each.claim}: {each.known.says}" for each in reliance]
        self.print(*map(printable, lines), last=True)


def _where(tenant: Tenant) -> str:
    return "" if tenant.name == DEFAULT else f"  ({tenant.name})"


class JsonLog(_Output):
    """JSON lines with ``event`` and the real time in UTC. Records of Python's logging are included.

    The lines are ASCII, so that they are valid in any output encoding.
    """

    def __init__(self) -> None:
        super().__init__()
        logging.getLogger("mock_ajera").addHandler(_Handler(self))

    def note(self, text: str) -> None:
        self._line("note", {"text": text})

    def ready(self, company: str, api_url: str, user: tuple[str, str], home: str, control_url: str | None) -> None:
        members = {
            "company": company,
            "api_url": api_url,
            "username": user[0],
            "home": home,
            "control_url": control_url,
        }
        self._line("ready", {"version": __version__} | members)

    def entry(self, tenant: Tenant | None, entry: Entry) -> None:
        members = {name: value for name, value in entry.to_dict().items() if name not in _ONLY_IN_JOURNAL}
        self._line("request", {"tenant": None if tenant is None else tenant.name} | members)

    def stopped(self, tenants: Directory) -> None:
        inferred = {each.claim: each.answers for each in tenants.reliance("inferred")}
        faults = [
            {
                "tenant": tenant.name,
                "name": fault.name,
                "rule": fault.rule.text,
                "calls": fault.calls,
                "fired": fault.fired,
            }
            for tenant, fault in tenants.faults()
        ]
        self._line("stopped", {"inferred": inferred, "faults": faults}, last=True)

    def _line(self, event: str, members: Mapping[str, Any], *, last: bool = False) -> None:
        self.print(_json(event, members), last=last)


class _Handler(logging.Handler):
    """Prints records of Python's logging."""

    def __init__(self, output: _Output) -> None:
        super().__init__()
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        members = {"level": record.levelname.lower(), "text": record.getMessage()}
        if record.exc_info:
            members["traceback"] = logging.Formatter().formatException(record.exc_info)
        self._output.print(_json("log", members))


def _json(event: str, members: Mapping[str, Any]) -> str:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"time": now, "event": event, **members})
