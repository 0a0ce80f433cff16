"""``mock-ajera users``: the API users of a firm that is kept in a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from mock_ajera.api.families import METHODS
from mock_ajera.api.unserved import UNSERVED
from mock_ajera.cli.completion import methods_with_a_box, paths
from mock_ajera.cli.output import fail, print_table, printable
from mock_ajera.sample.templates import open_tenant
from mock_ajera.store import SqliteStore, StoreError
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.users import ApiUser, BadUser, NewUser

_BOXES = frozenset({*METHODS, *UNSERVED})


def _files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    return paths("file", incomplete)


def _with_data(command: Callable[..., None]) -> Callable[..., None]:
    """The option may stand behind the command too, where most people put it."""
    return click.option("--data", metavar="FILE", help="The file, as behind users.", shell_complete=_files)(command)


@click.group()
@click.option(
    "--data",
    metavar="FILE",
    envvar="MOCK_AJERA_DATA",
    show_envvar=True,
    shell_complete=_files,
    help="File that the firm is kept in; it must not be served at the moment.",
)
@click.pass_context
def users(context: click.Context, data: str | None) -> None:
    """Manage the API users of a firm that `serve --data FILE` keeps.

    As on Ajera's own screen a user has two master boxes, Can Read and Can Write, and below them a box for each method.
    """
    context.obj = data


@users.command("list")
@_with_data
@click.pass_obj
def list_users(of_group: str | None, data: str | None) -> None:
    """Print the users, as a table."""
    with _tenant(data or of_group) as tenant:
        rows = [
            (
                printable(user.name),
                _employee(tenant, user),
                _yes(user.can_read),
                _yes(user.can_write),
                " ".join(user.cleared),
            )
            for user in sorted(tenant.users.values(), key=lambda user: user.name.casefold())
        ]
    print_table(("NAME", "AUTHORIZING EMPLOYEE", "CAN READ", "CAN WRITE", "CLEARED"), rows)


@users.command()
@click.argument("name")
@_with_data
@click.pass_obj
def show(of_group: str | None, name: str, data: str | None) -> None:
    """Print the boxes of the user NAME: [x] is ticked."""
    with _tenant(data or of_group) as tenant:
        user = _find(tenant, name)
        click.echo(f"Name                  {printable(user.name)}")
        click.echo(f"Authorizing employee  {_employee(tenant, user)}")
        click.echo(f"Can Read              {_yes(user.can_read)}")
        click.echo(f"Can Write             {_yes(user.can_write)}")
    click.echo()
    rows = []
    for method in sorted(METHODS.values(), key=lambda method: method.name):
        box = "[x]" if user.may(method.name, method.access) else "[ ]"
        rows.append((method.name, *(box if method.access == access else "" for access in ("read", "write"))))
    print_table(("METHOD", "CAN READ", "CAN WRITE"), rows)
    others = [method for method in user.cleared if method not in METHODS]
    if others:
        click.echo(f"\nCleared besides, of methods that are not served: {' '.join(others)}")


@users.command()
@click.argument("name")
@click.option("--password", help="Asked for when it is not given; from a pipe, a line of standard input.")
@click.option("--read/--no-read", "can_read", default=True, show_default=True, help="The master box Can Read.")
@click.option("--write/--no-write", "can_write", default=True, show_default=True, help="The master box Can Write.")
@click.option(
    "--clear",
    metavar="METHOD",
    multiple=True,
    shell_complete=methods_with_a_box,
    help="Clear the box of a method; may be repeated.",
)
@click.option("--authorizing-employee", type=int, metavar="KEY", help="Employee that the user acts for.")
@_with_data
@click.pass_obj
def add(
    of_group: str | None,
    /,
    name: str,
    password: str | None,
    clear: tuple[str, ...],
    authorizing_employee: int | None,
    data: str | None,
    *,
    can_read: bool,
    can_write: bool,
) -> None:
    """Add the user NAME, with every box ticked that is not cleared."""
    with _tenant(data or of_group) as tenant:
        secret = _asked_for() if password is None else password
        new = NewUser(name, secret, authorizing_employee, can_read=can_read, can_write=can_write, cleared=clear)
        try:
            tenant.add_user(new, _BOXES)
        except BadUser as error:
            fail("\n  ".join([f"{printable(name)} cannot be an API user:", *map(str, error.reasons)]))
    click.echo(f"{name} is added")


@users.command()
@click.argument("name")
@_with_data
@click.pass_obj
def remove(of_group: str | None, name: str, data: str | None) -> None:
    """Remove the user NAME; its sessions end."""
    with _tenant(data or of_group) as tenant:
        tenant.remove_user(_find(tenant, name).name)
    click.echo(f"{printable(name)} is removed")


@contextmanager
def _tenant(data: str | None) -> Iterator[Tenant]:
    """The firm of a file, which is nobody else's meanwhile."""
    if data is None:
        fail("--data FILE is needed: the file that the firm is kept in")
    file = Path(data)
    if not file.exists():
        fail(f"there is no file {file}; mock-ajera serve --data {file} makes one")
    if file.is_file() and not file.stat().st_size:
        # To open it would make a store of it.
        fail(f"{file} is empty")
    try:
        store = SqliteStore.open(file)
    except StoreError as error:
        fail(str(error))
    with closing(store):
        tenant = open_tenant(store, seed=b"users")
        if tenant is None:
            fail(f"{file} holds no firm yet; mock-ajera serve --data {file} fills it")
        yield tenant


def _find(tenant: Tenant, name: str) -> ApiUser:
    if name not in tenant.users:
        there = ", ".join(map(printable, sorted(tenant.users))) or "none"
        fail(f"there is no API user {printable(name)}; there are {there}")
    return tenant.users[name]


def _asked_for() -> str:
    """A password, without an echo. What a script pipes in is a line."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        try:
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        except click.Abort:
            password = ""
    if not password:
        fail("no password was given")
    return password


def _employee(tenant: Tenant, user: ApiUser) -> str:
    key = user.authorizing_employee
    if key is None:
        return "none"
    summary = tenant.model.summary("Employee", key)
    if summary is None:
        return f"{key}, who is gone"
    return printable(f"{key}, {summary['FirstName']} {summary['LastName']}")


def _yes(ticked: bool) -> str:
    return "yes" if ticked else "no"
