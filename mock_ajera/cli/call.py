"""``mock-ajera call``: call one method of any Ajera endpoint."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import msgspec

from mock_ajera import codec
from mock_ajera.api import reading
from mock_ajera.api.database_id import hosted
from mock_ajera.api.errors import OtherVersion
from mock_ajera.cli import client
from mock_ajera.cli.completion import served_methods
from mock_ajera.cli.output import REFUSED, UNREACHABLE, fail
from mock_ajera.cli.url import Url
from mock_ajera.sample.files import firm_of, read
from mock_ajera.sample.templates import PASSWORD, USERNAME, sample_path

_PAGE_SIZE = 100
"""Records per page with --all-pages. Ajera's default of 10 would need ten times as many calls."""


@dataclass(frozen=True)
class _Options:
    """The values of the options."""

    url: str | None
    username: str
    password: str
    api_version: str
    page: int | None
    page_size: int | None
    all_pages: bool
    only_content: bool
    raw: bool


@click.command()
@click.argument("method", shell_complete=served_methods)
@click.argument("arguments", default="{}")
@click.option(
    "--url",
    type=Url(),
    envvar="AJERA_API_URL",
    show_envvar=True,
    help="API URL with its id. Default: the sample firm on port 8080.",
)
@click.option(
    "--username",
    envvar="AJERA_API_USERNAME",
    show_envvar=True,
    default=USERNAME,
    show_default=True,
    help="Name of the API user.",
)
@click.option(
    "--password",
    envvar="AJERA_API_PASSWORD",
    show_envvar=True,
    default=PASSWORD,
    help="Password of the API user. Default: the sample's.",
)
@click.option(
    "--api-version", type=click.Choice(["1", "2"]), default="1", show_default=True, help="API version of the session."
)
@click.option("--page", type=int, metavar="N", help="Request this page of a list; the first is 1.")
@click.option("--page-size", type=int, metavar="N", help="Records per page; Ajera's default is 10.")
@click.option(
    "--all-pages",
    is_flag=True,
    help=f"Request all pages, {_PAGE_SIZE} records each by default, and print one list.",
)
@click.option("--content", "only_content", is_flag=True, help="Print only Content, without the envelope.")
@click.option("--raw", is_flag=True, help="Print the response body byte for byte.")
def call(method: str, arguments: str, **given: Any) -> None:
    """Call one method of any Ajera endpoint and print the response.

    The command logs in, calls METHOD with ARGUMENTS and logs out.

    ARGUMENTS is a JSON object, @FILE to read it from a file, or - to read it from standard input. Exit codes: 1, Ajera
    refused the login or the call; 2, the call was not made; 3, no Ajera endpoint answered.

    \b
    mock-ajera call ListProjects '{"FilterByStatus": ["Active"]}'
    mock-ajera call UpdateClients @clients.json
    mock-ajera call ListClients --all-pages --content
    """  # noqa: D301 - click does not rewrap the lines after this character
    options = _Options(**given)
    if options.raw and (options.all_pages or options.only_content):
        other = "--all-pages" if options.all_pages else "--content"
        fail(f"--raw prints one response body; it cannot be combined with {other}")
    if options.all_pages and options.page is not None:
        fail("--all-pages starts at the first page; it cannot be combined with --page")
    sent = {"Method": method, "MethodArguments": _arguments(arguments)}
    target = options.url or default_url()
    try:
        with client.session(target, options.username, options.password, int(options.api_version)) as token:
            sent["SessionToken"] = token
            if options.all_pages:
                reply = _all_pages(target, sent, _PAGE_SIZE if options.page_size is None else options.page_size)
            else:
                reply = client.post(target, {**sent, **_paging(options.page, options.page_size)})
    except client.LoginRefused as error:
        fail(f"cannot log in: {error}", REFUSED)
    except client.NoAnswer as error:
        if options.raw:
            click.echo(error.body, nl=False)
        fail(str(error), UNREACHABLE)
    if options.raw:
        click.echo(reply.body, nl=False)
    else:
        printed = reply.envelope.get("Content") if options.only_content else reply.envelope
        click.echo(msgspec.json.format(codec.encode(printed), indent=2))
    if reply.note:
        click.echo(f"mock-ajera: note: {reply.note}", err=True)
    if reply.refused:
        fail(f"refused: {reply.complaint}{_version_hint(reply, options.api_version)}", REFUSED)


def _version_hint(reply: client.Reply, version: str) -> str:
    """Return a line with the option for a method of the other version of the API; "" for any other refusal."""
    other = "2" if version == "1" else "1"
    named = OtherVersion.text.rpartition("{method}")[2].format(version=version, other=other)
    return f"\nto call it in version {other}, add --api-version {other}" if named in reply.complaint else ""


def _arguments(given: str) -> Mapping[str, Any]:
    source = "ARGUMENTS"
    if given == "-":
        text, source = sys.stdin.buffer.read(), "standard input"
    elif given.startswith("@"):
        source = given[1:]
        try:
            text = Path(given[1:]).read_bytes()
        except OSError as error:
            fail(f"cannot read {given[1:]}: {error.strerror or error}")
    else:
        text = given.encode()
    try:
        return reading.read(text)
    except ValueError as error:
        fail(f"invalid JSON in {source}: {error}")


def _paging(page: int | None, size: int | None) -> dict[str, Any]:
    """Return the members that request a page, which belong next to Method (claim ``paging.top-level``)."""
    given = {"PageNumber": page, "PageSize": size}
    members = {name: number for name, number in given.items() if number is not None}
    return {"PageResults": True, **members} if members else {}


def _all_pages(url: str, sent: Mapping[str, Any], size: int) -> client.Reply:
    """Request all pages, with a line of progress on a terminal."""
    on_terminal = sys.stderr.isatty()

    def progress(number: int, pages: int) -> None:
        if on_terminal and pages > 1:
            click.echo(f"\rpage {number} of {pages}", nl=number >= pages, err=True)

    return client.all_pages(lambda number: client.post(url, {**sent, **_paging(number, size)}), progress)


def default_url() -> str:
    """Return the API URL of the sample firm on the default port."""
    return f"http://127.0.0.1:8080/{hosted(firm_of(read(sample_path())).database)}"
