"""The command line: serve, call, methods.

Exit codes: 0 done; 1 Ajera refused the call; 2 wrong use of the command line, or a sample or file that cannot be
used; 3 nothing answered at the address.
"""

from __future__ import annotations

import datetime
import os
import secrets
import signal
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote

import click
import flask
import msgspec

from mock_ajera import __version__, codec
from mock_ajera.api import reading
from mock_ajera.api.database_id import hosted
from mock_ajera.api.endpoint import WHY_HEADER
from mock_ajera.api.families import METHODS
from mock_ajera.api.sessions import METHODS as SESSION_METHODS
from mock_ajera.app import create_app
from mock_ajera.mock import PASSWORD, USERNAME
from mock_ajera.sample.files import BadSample, firm_of, read
from mock_ajera.sample.templates import credentials, new_tenant, open_tenant, sample_path
from mock_ajera.server import Server, bind, local_url
from mock_ajera.settings import SETTINGS, Setting
from mock_ajera.store import SqliteStore, StoreError
from mock_ajera.tenants.directory import Directory
from mock_ajera.tenants.journal import Entry
from mock_ajera.tenants.quirks import profile_values
from mock_ajera.tenants.tenant import Tenant

REFUSED, MISUSED, UNREACHABLE = 1, 2, 3


def _fail(message: str, code: int = MISUSED) -> NoReturn:
    click.echo(f"mock-ajera: {message}", err=True)
    sys.exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mock-ajera")
def main() -> None:
    """An offline twin of the Deltek Ajera API."""


def _option(setting: Setting) -> Callable[[Any], Any]:
    return click.option(
        setting.option,
        default=setting.default,
        help=setting.help,
        metavar=setting.metavar,
        multiple=setting.multiple,
        type=click.Choice(setting.choices) if setting.choices else None,
        envvar=setting.variable,
        show_envvar=True,
        show_default=setting.default not in (None, ()),
    )


def _with_settings(command: Callable[..., None]) -> Callable[..., None]:
    for setting in reversed(SETTINGS):
        command = _option(setting)(command)
    return command


@main.command()
@_with_settings
def serve(**settings: Any) -> None:
    """Serve a firm until interrupted, and print a line for each request."""
    tls = _tls(settings["tls_cert"], settings["tls_key"])
    try:
        if settings["engine"] == "granian":
            _serve_by_granian(settings)
            return
        tenant, app = _load(settings)
    except (BadSample, StoreError, ValueError) as error:
        _fail(str(error))
    with closing(tenant):
        host, port = settings["host"], settings["port"]
        try:
            server = Server(app, host, port, tls=tls)
        except OSError as error:
            _fail_to_listen(host, port, error)
        _serve(server, tenant, settings)


def _fail_to_listen(host: str, port: int, error: OSError) -> NoReturn:
    _fail(f"cannot listen on {host} port {port}: {error.strerror or error}")


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
        _fail("the engine granian is not installed: pip install 'mock-ajera[fast]'")
    # What is wrong with the settings is told here, not in the process that granian starts.
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
        _fail("--tls-cert and --tls-key go together")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        _fail(f"{certificate}, {key}: {error}")
    return context


def _tenant(settings: dict[str, Any]) -> Tenant:
    seed = secrets.token_bytes(16) if settings["seed"] is None else str(settings["seed"]).encode()
    quirks: dict[str, Any] = profile_values(settings["profile"])
    for pair in settings["quirk"]:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ValueError(f"--quirk takes NAME=VALUE, not {pair!r}")
        quirks[name] = value
    if settings["data"] is None:
        tenant = new_tenant(settings["sample"], seed=seed)
    else:
        tenant = _kept_tenant(Path(settings["data"]), settings["sample"], seed)
    try:
        tenant.set_quirks(quirks)
    except ValueError:
        tenant.close()
        raise
    return tenant


def _kept_tenant(file: Path, sample: str, seed: bytes) -> Tenant:
    store = SqliteStore.open(file)
    try:
        return open_tenant(store, seed=seed) or new_tenant(sample, seed=seed, store=store)
    except BaseException:
        store.close()
        raise


def _ready(url: str, tenant: Tenant, settings: dict[str, Any]) -> None:
    user = _user(tenant, settings)
    root = (settings["public_url"] or url).rstrip("/")
    api_url = f"{root}/{hosted(tenant.firm.database)}"
    click.echo(f"{tenant.firm.company_name}, served by mock-ajera {__version__}")
    click.echo(f"  API URL   {api_url}")
    click.echo(f"  Username  {user[0]}")
    click.echo(f"  Password  {user[1] or '(that of the sample which the file was filled from)'}")
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
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            draft.write_text("".join(f"{name}={value}\n" for name, value in lines.items()), encoding="utf-8")
            # Whoever waits for the file must never see half of it.
            draft.replace(file)
        except OSError as error:
            _fail(f"cannot write {file}: {error.strerror or error}")


def _print_entry(entry: Entry) -> None:
    time = datetime.datetime.fromtimestamp(entry.at / 1000, datetime.UTC).astimezone().strftime("%H:%M:%S")
    version = f"v{entry.version}" if entry.version else "--"
    click.echo(f"{time}  {entry.outcome:<7}  {version}  {entry.user:<12}  {_printable(entry.method)}")
    for reason in entry.reasons[:5]:
        click.echo(f"{'':10}{_printable(str(reason))}")
    if len(entry.reasons) > 5:
        click.echo(f"{'':10}and {len(entry.reasons) - 5} more reasons")
    sys.stdout.flush()


def _printable(text: str) -> str:
    """A text that came from a client, as one line that does nothing to a terminal."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


@main.command()
@click.argument("method")
@click.argument("arguments", default="{}")
@click.option(
    "--url",
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
def call(method: str, arguments: str, url: str | None, username: str, password: str, api_version: str) -> None:
    r"""Log in to any Ajera endpoint, call METHOD with ARGUMENTS (JSON), print the answer and log out.

    \b
    mock-ajera call ListProjects '{"FilterByStatus": ["Active"]}'
    """
    try:
        sent = reading.read(arguments.encode())
    except ValueError as error:
        _fail(f"the arguments are not JSON: {error}")
    target = url or default_url()
    login = {"Username": username, "Password": password, "APIVersion": int(api_version), "UseSessionCookie": False}
    opened, why = _post(target, {"Method": "CreateAPISession", **login})
    if _refused(opened):
        _fail(f"cannot log in: {_errors(opened)}{_because(why)}", REFUSED)
    token = opened["Content"]["SessionToken"]
    answer, why = _post(target, {"Method": method, "SessionToken": token, "MethodArguments": sent})
    _post(target, {"Method": "EndAPISession", "SessionToken": token})
    click.echo(msgspec.json.format(codec.encode(answer), indent=2))
    if _refused(answer):
        _fail(f"refused: {_errors(answer)}{_because(why)}", REFUSED)


def default_url() -> str:
    """The API URL of the sample firm on the default port."""
    return f"http://127.0.0.1:8080/{hosted(firm_of(read(sample_path())).database)}"


def _post(url: str, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The envelope, and the reasons that a mock gives in a header."""
    request = urllib.request.Request(url, codec.encode(body), {"Content-Type": "application/json"})
    shown = url.partition("?")[0]
    try:
        with urllib.request.urlopen(request, timeout=180) as response:
            answer = codec.decode(response.read())
            why = unquote(response.headers.get(WHY_HEADER, ""))
    except urllib.error.HTTPError as error:
        _fail(f"{shown} answers HTTP {error.code} {error.reason}", UNREACHABLE)
    except (OSError, ValueError) as error:
        _fail(f"{shown} does not answer as Ajera does: {getattr(error, 'reason', error)}", UNREACHABLE)
    if not isinstance(answer, dict) or not isinstance(answer.get("Errors"), list):
        _fail(f"{shown} does not answer as Ajera does: no envelope came back", UNREACHABLE)
    return answer, why


def _refused(answer: dict[str, Any]) -> bool:
    return bool(answer["Errors"]) or answer.get("ResponseCode") not in (0, 200)


def _errors(answer: dict[str, Any]) -> str:
    texts = [str(item.get("ErrorMessage", item)) for item in answer["Errors"]]
    return "; ".join(texts) or str(answer.get("Message"))


def _because(why: str) -> str:
    return f"\nwhy: {why}" if why else ""


@main.command()
def methods() -> None:
    """Print the methods that are served, as a table."""
    rows = [("METHOD", "VERSIONS", "PERMISSION", "GRADE", "ARGUMENTS")]
    rows += [(name, "1, 2", "none needed", "documented", "") for name in SESSION_METHODS]
    for method in sorted(METHODS.values(), key=lambda method: method.name):
        versions = ", ".join(map(str, method.versions))
        box = f"{method.permission} ({method.access})"
        rows.append((method.name, versions, box, method.grade, " ".join(method.arguments.members)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*cells, row[4]]).rstrip())


if __name__ == "__main__":
    main()
