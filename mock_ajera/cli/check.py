"""``mock-ajera check``: find out in seconds whether an installation works."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import click

from mock_ajera import MockAjera, __version__
from mock_ajera.cli import client
from mock_ajera.cli.output import REFUSED, fail
from mock_ajera.listening import proxy_in_the_way

_NEEDED = ("flask", "werkzeug", "marshmallow", "msgspec", "click", "faker")
_OPTIONAL = {"granian": "fast", "cryptography": "tls", "pytest": "your tests"}
"""What an optional package is for: an extra, or a use."""


class _Broken(Exception):
    """A step that did not have the expected result."""


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise _Broken(otherwise)


@click.command()
def check() -> None:
    """Check that this installation works: serve a firm, log in, read, write, and be refused.

    It takes seconds and needs no network and no running server. Exit code 1 if something does not work.
    """
    try:
        for text in _steps():
            click.echo(f"ok  {text}")
    except (_Broken, OSError, PackageNotFoundError, client.NoAnswer, client.LoginRefused) as error:
        fail(f"this installation does not work: {error}", REFUSED)
    if note := proxy_in_the_way():
        click.echo(note)
    click.echo("mock-ajera works. To use it: mock-ajera serve")


def _steps() -> Iterator[str]:
    """Do one step after the other and yield what was done."""
    yield f"mock-ajera {__version__} on Python {platform.python_version()}, {sys.platform}"
    yield f"packages: {', '.join(f'{name} {version(name)}' for name in _NEEDED)}"
    yield f"optional packages: {', '.join(f'{name} {_version(name)} ({use})' for name, use in _OPTIONAL.items())}"
    with MockAjera() as ajera:
        yield f"serve {ajera.tenant.firm.company_name} at {ajera.url.partition('?')[0]}"
        with client.session(ajera.url, ajera.username, ajera.password, 1) as token:

            def call(method: str, **arguments: Any) -> client.Reply:
                return client.post(ajera.url, {"Method": method, "SessionToken": token, "MethodArguments": arguments})

            yield f"log in as {ajera.username}"
            projects = _content(call("ListProjects"))["Projects"]
            _expect(bool(projects), "the list of projects is empty")
            yield f"list {len(projects)} projects"
            (old,) = _content(call("GetClients", RequestedClients=[1]))["Clients"]
            new = {**old, "Notes": "checked"}
            updated = _content(call("UpdateClients", UpdatedClients=[new], UnchangedClients=[old]))["Clients"]
            _expect([row["Notes"] for row in updated] == ["checked"], "the update was not stored")
            yield f"update the client {old['Description']}"
            refusal = call("ListProjects", FilterByStatus=["Actve"])
            _expect(refusal.refused and "Actve" in refusal.why, "a wrong status was not refused with a reason")
            yield f"be refused, and hear why: {refusal.why}"


def _content(reply: client.Reply) -> Mapping[str, Any]:
    _expect(not reply.refused, reply.complaint)
    content: Mapping[str, Any] = reply.envelope["Content"]
    return content


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
