"""``mock-ajera call``: one method of any Ajera endpoint."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from mock_ajera import codec
from mock_ajera.api import reading
from mock_ajera.api.database_id import hosted
from mock_ajera.cli import client
from mock_ajera.cli.completion import served_methods
from mock_ajera.cli.output import REFUSED, UNREACHABLE, fail
from mock_ajera.cli.url import Url
from mock_ajera.sample.files import firm_of, read
from mock_ajera.sample.templates import PASSWORD, USERNAME, sample_path

_WALKED = 100
"""Records a page of --all-pages: a tenth of the calls that Ajera's own 10 would take."""


@click.command()
@click.argument("method", shell_complete=served_methods)
@click.argument("arguments", default="{}")
@click.option(
    "--url",
    type=Url(),
    envvar="AJERA_API_URL",
    show_envvar=True,
    help="API URL, with its id; default: the sample firm on port 8080.",
)
@click.option("--username", envvar="AJERA_API_USERNAME", show_envvar=True, default=USERNAME, show_default=True)
@click.option(
    "--password", envvar="AJERA_API_PASSWORD", show_envvar=True, default=PASSWORD, help="Default: the sample's."
)
@click.option(
    "--api-version", type=click.Choice(["1", "2"]), default="1", show_default=True, help="Version of the session."
)
@click.option("--page", type=int, metavar="N", help="Ask for this page of a list; the first is 1.")
@click.option("--page-size", type=int, metavar="N", help="Records on a page; Ajera's default is 10.")
@click.option(
    "--all-pages", is_flag=True, help=f"Ask for page after page, of {_WALKED} records each, and print them as one list."
)
@click.option("--content", "only_content", is_flag=True, help="Print Content only, without the envelope.")
@click.option("--raw", is_flag=True, help="Print the body of the answer byte for byte.")
def call(
    method: str,
    arguments: str,
    url: str | None,
    username: str,
    password: str,
    api_version: str,
    page: int | None,
    page_size: int | None,
    *,
    all_pages: bool,
    only_content: bool,
    raw: bool,
) -> None:
    """Log in to any Ajera endpoint, call METHOD with ARGUMENTS, print the answer and log out.

    ARGUMENTS is a JSON object, @FILE that holds one, or - for standard input. Exit code 1 means that Ajera refused the
    call, 2 that it was not made, 3 that nothing answered.

    \b
    mock-ajera call ListProjects '{"FilterByStatus": ["Active"]}'
    mock-ajera call UpdateClients @clients.json
    mock-ajera call ListClients --all-pages --content
    """  # noqa: D301 - click keeps lines behind this sign as they are
    if raw and (all_pages or only_content):
        fail(f"--raw prints one body as it came: it does not go with {'--all-pages' if all_pages else '--content'}")
    if all_pages and page is not None:
        fail("--all-pages begins with the first page: it does not go with --page")
    sent = {"Method": method, "MethodArguments": _arguments(arguments)}
    target = url or default_url()
    try:
        with client.session(target, username, password, int(api_version)) as token:
            sent["SessionToken"] = token
            if all_pages:
                reply = _walk(target, sent, _WALKED if page_size is None else page_size)
            else:
                reply = client.post(target, {**sent, **_paging(page, page_size)})
    except client.LoginRefused as error:
        fail(f"cannot log in: {error}", REFUSED)
    except client.NoAnswer as error:
        if raw:
            click.echo(error.body, nl=False)
        fail(str(error), UNREACHABLE)
    if raw:
        click.echo(reply.body, nl=False)
    else:
        shown = reply.envelope.get("Content") if only_content else reply.envelope
        click.echo(msgspec.json.format(codec.encode(shown), indent=2))
    if reply.refused:
        fail(f"refused: {reply.complaint}", REFUSED)


def _arguments(given: str) -> Mapping[str, Any]:
    """The arguments, from where they are."""
    place = "the arguments are"
    if given == "-":
        text, place = sys.stdin.buffer.read(), "what came on standard input is"
    elif given.startswith("@"):
        place = f"{given[1:]} is"
        try:
            text = Path(given[1:]).read_bytes()
        except OSError as error:
            fail(f"cannot read {given[1:]}: {error.strerror or error}")
    else:
        text = given.encode()
    try:
        return reading.read(text)
    except ValueError as error:
        fail(f"{place} not JSON: {error}")


def _paging(page: int | None, size: int | None) -> dict[str, Any]:
    """The members beside Method that ask for a page (claim ``paging.top-level``); none where nothing is asked."""
    asked = {"PageNumber": page, "PageSize": size}
    members = {name: number for name, number in asked.items() if number is not None}
    return {"PageResults": True, **members} if members else {}


def _walk(url: str, sent: Mapping[str, Any], size: int) -> client.Reply:
    """The answer of all pages, with a line of progress for a person who waits."""
    watched = sys.stderr.isatty()

    def progress(number: int, pages: int) -> None:
        if watched and pages > 1:
            click.echo(f"\rpage {number} of {pages}", nl=number >= pages, err=True)

    return client.all_pages(lambda number: client.post(url, {**sent, **_paging(number, size)}), progress)


def default_url() -> str:
    """The API URL of the sample firm on the default port."""
    return f"http://127.0.0.1:8080/{hosted(firm_of(read(sample_path())).database)}"
