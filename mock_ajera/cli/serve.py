"""``mock-ajera serve``: a firm on an address, and a line for each request."""

from __future__ import annotations

import datetime
import os
import re
import secrets
import shlex
import signal
import ssl
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import click
import flask

from mock_ajera import __version__
from mock_ajera.api.database_id import hosted
from mock_ajera.app import create_app
from mock_ajera.cli.completion import of_setting
from mock_ajera.cli.output import fail, printable, progress
from mock_ajera.mock import PASSWORD, USERNAME
from mock_ajera.sample.files import BadSample
from mock_ajera.sample.templates import credentials, new_tenant, open_tenant
from mock_ajera.server import Server, bind, local_url
from mock_ajera.settings import SETTINGS, Setting
from mock_ajera.store import SqliteStore, StoreError
from mock_ajera.tenants.directory import Directory
from mock_ajera.tenants.journal import Entry
from mock_ajera.tenants.quirks import profile_values
from mock_ajera.tenants.tenant import Tenant


def _option(setting: Setting) -> Callable[[Any], Any]:
    return click.option(
        setting.option,
        default=setting.default,
        help=setting.help,
        metavar=setting.metavar,
        multiple=setting.multiple,
        type=_type(setting),
        shell_complete=partial(of_setting, setting),
        envvar=setting.variable,
        show_envvar=True,
        show_default=setting.default not in (None, ()),
    )


def _type(setting: Setting) -> click.ParamType[Any] | None:
    if setting.choices:
        return click.Choice(setting.choices)
    return None if setting.at_most is None else click.IntRange(0, setting.at_most)


def _with_settings(command: Callable[..., None]) -> Callable[..., None]:
    for setting in reversed(SETTINGS):
        command = _option(setting)(command)
    return command


@click.command()
@_with_settings
def serve(**settings: Any) -> None:
    """Serve a firm until interrupted, and print a line for each request."""
    tls = _tls(settings["tls_cert"], settings["tls_key"])
    _clear_env_file(settings["env_file"])
    try:
        if settings["engine"] == "granian":
            _serve_by_granian(settings)
            return
        tenant, app = _load(settings)
    except (BadSample, StoreError, ValueError) as error:
        fail(str(error))
    with closing(tenant):
        host, port = settings["host"], settings["port"]
        try:
            server = Server(app, host, port, tls=tls)
        except OSError as error:
            _fail_to_listen(host, port, error)
        _serve(server, tenant, settings)


def _fail_to_listen(host: str, port: int, error: OSError) -> NoReturn:
    fail(f"cannot listen on {host} port {port}: {error.strerror or error}")


def _load(settings: dict[str, Any]) -> tuple[Tenant, flask.Flask]:
    tenant = _tenant(settings)
    tenant.journal.listeners.append(_print_entry)
    tenants = Directory()
    tenants.add(tenant)
    return tenant, create_app(tenants, public_url=settings["public_url"], credentials=_user(tenant, settings))


def _user(tenant: Tenant, settings: dict[str, Any]) -> tuple[str, str]:
    """Name and password to log in with. A file may hold users of another sample: of those the password is not known."""
    name, password = credentials(settings["sample"]) or (USERNAME, PASSWORD)
    if name in tenant.users and tenant.users[name].knows(password):
        return name, password
    return next(iter(tenant.users), ""), ""


def _serve_by_granian(settings: dict[str, Any]) -> None:
    try:
        from mock_ajera import granian_engine
    except ImportError:
        fail("the engine granian is not installed: pip install 'mock-ajera[fast]'")
    # What is wrong with the settings is told here, not in the process that granian starts.
    if settings["data"] is not None or not str(settings["sample"]).isdecimal():
        _tenant(settings).close()
    host = settings["host"]
    try:
        with bind(host, settings["port"]) as free:
            port = free.getsockname()[1]
    except OSError as error:
        _fail_to_listen(host, settings["port"], error)
    pair = (settings["tls_cert"], settings["tls_key"]) if settings["tls_cert"] else None
    url = local_url(host, port, tls=pair is not None)
    granian_engine.serve(partial(_load_behind_granian, url, settings), host, port, pair)


def _load_behind_granian(url: str, settings: dict[str, Any]) -> flask.Flask:
    from mock_ajera import granian_engine

    granian_engine.end_with_parent()
    tenant, app = _load(settings)
    granian_engine.when_listening(url, lambda: _ready(url, tenant, settings))
    return app


def _serve(server: Server, tenant: Tenant, settings: dict[str, Any]) -> None:
    # SIGTERM ends it as Ctrl-C does. The main thread serves: it wakes up often enough to see a signal, whichever
    # thread the system gave it to.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _ready(server.url, tenant, settings)
        server.serve_forever()
    except KeyboardInterrupt:
        server.close()
    click.echo("stopped")


def _tls(certificate: str | None, key: str | None) -> ssl.SSLContext | None:
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        fail("--tls-cert and --tls-key go together")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        fail(f"{certificate}, {key}: {error}")
    return context


def _tenant(settings: dict[str, Any]) -> Tenant:
    seed = secrets.token_bytes(16) if settings["seed"] is None else str(settings["seed"]).encode()
    quirks: dict[str, Any] = profile_values(settings["profile"])
    for pair in settings["quirk"]:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ValueError(f"--quirk takes NAME=VALUE, not {pair!r}")
        quirks[name] = value
    with progress(settings["sample"]) as seen:
        make = partial(new_tenant, settings["sample"], seed=seed, grown_from=settings["seed"], seen=seen)
        tenant = make() if settings["data"] is None else _kept_tenant(Path(settings["data"]), seed, make)
    try:
        tenant.set_quirks(quirks)
    except ValueError:
        tenant.close()
        raise
    return tenant


def _kept_tenant(file: Path, seed: bytes, make: Callable[..., Tenant]) -> Tenant:
    store = SqliteStore.open(file)
    try:
        return open_tenant(store, seed=seed) or make(store=store)
    except BaseException:
        store.close()
        raise


def _ready(url: str, tenant: Tenant, settings: dict[str, Any]) -> None:
    user = _user(tenant, settings)
    root = (settings["public_url"] or url).rstrip("/")
    api_url = f"{root}/{hosted(tenant.firm.database)}"
    click.echo(f"{tenant.firm.company_name}, served by mock-ajera {__version__}")
    click.echo(f"  API URL   {api_url}")
    click.echo(f"  Username  {user[0] or '(none: mock-ajera users add makes one)'}")
    click.echo(f"  Password  {user[1] or '(that of the sample which the file was filled from, or of users add)'}")
    click.echo(f"Open {url}/ in a browser to go on; Ctrl-C ends it.")
    sys.stdout.flush()
    if settings["env_file"]:
        lines = {
            "AJERA_API_URL": api_url,
            "AJERA_API_USERNAME": user[0],
            "AJERA_API_PASSWORD": user[1],
            "MOCK_AJERA_CONTROL_URL": f"{root}/_mock",
        }
        file = Path(settings["env_file"])
        draft = _draft(file)
        text = "".join(f"{name}={_quoted(value)}\n" for name, value in lines.items())
        try:
            draft.write_text(text, encoding="utf-8")
            # Whoever waits for the file must never see half of it.
            draft.replace(file)
        except OSError as error:
            fail(f"cannot write {file}: {error.strerror or error}")


def _quoted(value: str) -> str:
    """A value for a shell that reads the file. As it is where that will do: other readers take quotes for signs."""
    return value if re.fullmatch(r"[\w@%+=:,./?\[\]-]*", value, re.ASCII) else shlex.quote(value)


def _draft(file: Path) -> Path:
    return file.with_name(f".{file.name}.{os.getpid()}")


def _clear_env_file(name: str | None) -> None:
    """Take away what a server before has left: whoever waits for the file waits for this one."""
    if name is None:
        return
    file = Path(name)
    draft = _draft(file)
    try:
        # Tried under another name: whoever waits must not take an empty file for the whole one.
        draft.touch()
        draft.unlink()
        file.unlink(missing_ok=True)
    except OSError as error:
        fail(f"cannot write {file}: {error.strerror or error}")


def _print_entry(entry: Entry) -> None:
    time = datetime.datetime.fromtimestamp(entry.at / 1000, datetime.UTC).astimezone().strftime("%H:%M:%S")
    version = f"v{entry.version}" if entry.version else "--"
    click.echo(f"{time}  {entry.outcome:<7}  {version}  {entry.user:<12}  {printable(entry.method)}")
    for reason in entry.reasons[:5]:
        click.echo(f"{'':10}{printable(str(reason))}")
    if len(entry.reasons) > 5:
        click.echo(f"{'':10}and {len(entry.reasons) - 5} more reasons")
    sys.stdout.flush()
