"""``mock-ajera serve``: firms on an address, and a line for each request."""

from __future__ import annotations

import os
import re
import shlex
import signal
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import click
import flask
from click.core import ParameterSource

from mock_ajera.api.database_id import hosted
from mock_ajera.app import create_app
from mock_ajera.cli.completion import of_setting
from mock_ajera.cli.log import JsonLog, Log, TextLog
from mock_ajera.cli.output import fail, progress
from mock_ajera.cli.url import Url
from mock_ajera.control.control import Control
from mock_ajera.control.http import BASE, Exposure, is_loopback
from mock_ajera.sample.files import BadSample
from mock_ajera.sample.templates import PASSWORD, USERNAME, credentials, new_tenant, open_tenant, source
from mock_ajera.server import Server, bind, local_url
from mock_ajera.settings import SETTINGS, Setting
from mock_ajera.store import SqliteStore, StoreError
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.directory import Directory
from mock_ajera.tenants.quirks import QUIRKS, profile_values
from mock_ajera.tenants.tenant import DEFAULT, Tenant

Settings = dict[str, Any]


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
    if setting.metavar == "URL":
        return Url()
    return None if setting.at_most is None else click.IntRange(0, setting.at_most)


def _with_settings(command: Callable[..., None]) -> Callable[..., None]:
    for setting in reversed(SETTINGS):
        command = _option(setting)(command)
    return command


@click.command()
@_with_settings
@click.pass_context
def serve(context: click.Context, /, **settings: Any) -> None:
    """Serve a firm until interrupted, and print a line for each request."""
    settings["profile_chosen"] = context.get_parameter_source("profile") is not ParameterSource.DEFAULT
    # SIGTERM ends it as Ctrl-C does, while firms are being filled too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _clear_env_file(settings["env_file"])
    try:
        _exposure(settings)
        with _tls_files(settings) as pair:
            tls = _tls(pair)
            if settings["engine"] == "granian":
                _serve_by_granian(settings, pair)
            else:
                _serve(settings, tls)
    except (BadSample, StoreError, ValueError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        return


def _serve(settings: Settings, tls: ssl.SSLContext | None) -> None:
    host, port, log = settings["host"], settings["port"], _log(settings)
    tenants = _directory(settings)
    app = _app(tenants, settings)
    try:
        server = Server(app, host, port, tls=tls)
    except OSError as error:
        _fail_to_listen(host, port, error)
    with server, _closing(tenants):
        try:
            _fill(tenants, settings, log)
            _ready(server.url, tenants, settings, log)
            server.wait()
        except KeyboardInterrupt:
            log.stopped(tenants.reliance("inferred"))


def _serve_by_granian(settings: Settings, pair: tuple[str, str] | None) -> None:
    try:
        from mock_ajera import granian_engine
    except ImportError:
        fail("the engine granian is not installed: pip install 'mock-ajera[fast]'")
    # What is wrong with the settings is told here, not in the process that granian starts.
    tenants = _directory(settings)
    _app(tenants, settings)
    _clock(settings)
    source(settings["sample"])
    if settings["data"] is not None or not str(settings["sample"]).isdecimal():
        with _closing(tenants):
            _fill(tenants, settings, None)
    host = settings["host"]
    try:
        with bind(host, settings["port"]) as free:
            port = free.getsockname()[1]
    except OSError as error:
        _fail_to_listen(host, settings["port"], error)
    url = local_url(host, port, tls=pair is not None)
    granian_engine.serve(partial(_load_behind_granian, url, settings), host, port, pair)


def _load_behind_granian(url: str, settings: Settings) -> flask.Flask:
    from mock_ajera import granian_engine

    granian_engine.end_with_parent()
    log, tenants = _log(settings), _directory(settings)

    def fill() -> None:
        _fill(tenants, settings, log)
        granian_engine.when_listening(url, lambda: _ready(url, tenants, settings, log))

    granian_engine.beside(fill)
    return _app(tenants, settings)


def _fail_to_listen(host: str, port: int, error: OSError) -> NoReturn:
    fail(f"cannot listen on {host} port {port}: {error.strerror or error}")


# what is served


def _log(settings: Settings) -> Log:
    return JsonLog() if settings["log_format"] == "json" else TextLog()


def _directory(settings: Settings) -> Directory:
    seed = settings["seed"]
    tenants = Directory(None if seed is None else str(seed).encode())
    tenants.ready.clear()
    return tenants


def _app(tenants: Directory, settings: Settings) -> flask.Flask:
    shown = {
        each.name: "set" if each.secret and value is not None else value
        for each in SETTINGS
        for value in (settings[each.name.replace("-", "_")],)
    }
    folder = None if settings["tenants"] is None else Path(settings["tenants"])
    return create_app(
        tenants,
        public_url=settings["public_url"],
        credentials=lambda: _user(tenants, settings),
        control=Control(tenants, shown, _quirks(settings), _frozen_at(settings), folder),
        exposure=_exposure(settings),
    )


def _exposure(settings: Settings) -> Exposure:
    """Who may use the control surface. Raises ``ValueError``."""
    return Exposure(is_loopback(settings["host"]), settings["control_token"])


def _quirks(settings: Settings) -> dict[str, Any]:
    """The quirks that every tenant is given. Raises ``ValueError``."""
    quirks = profile_values(settings["profile"])
    for pair in settings["quirk"]:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ValueError(f"--quirk takes NAME=VALUE, not {pair!r}")
        quirks[QUIRKS.spelt(name)] = QUIRKS.checked(name, value)
    return quirks


def _fill(tenants: Directory, settings: Settings, log: Log | None) -> None:
    """Make the tenants that the server begins with, and let them be served."""
    if log is not None:
        tenants.added = lambda tenant: tenant.journal.listeners.append(partial(log.entry, tenant))
    folders = _folders(settings["tenants"])
    seed = tenants.seed_of(DEFAULT) if settings["seed"] is None else str(settings["seed"]).encode()
    sample = folders.pop(DEFAULT, settings["sample"])
    with progress(sample) as seen:
        make = partial(new_tenant, sample, seed=seed, clock=_clock(settings), grown_from=settings["seed"], seen=seen)
        first = make() if settings["data"] is None else _kept_tenant(settings, seed, make)
    _add(tenants, first, DEFAULT, settings, kept=settings["data"] is not None)
    for name, folder in folders.items():
        _add(tenants, new_tenant(folder, seed=tenants.seed_of(name), clock=_clock(settings)), name, settings)
    tenants.ready.set()


def _add(tenants: Directory, made: Tenant, name: str, settings: Settings, *, kept: bool = False) -> None:
    """Serve a tenant, with the quirks that the command line asks for.

    What a firm says itself stands over the profile; what its file has kept stands unless a profile is chosen.
    """
    try:
        asked = dict(pair.split("=", 1) for pair in settings["quirk"])
        if kept and settings["profile_chosen"]:
            made.set_quirks(_quirks(settings))
        else:
            made.set_quirks({**profile_values(settings["profile"]), **made.own_quirks, **asked})
        made.name = name
        made.snapshots.save_baseline()
        tenants.add(made)
    except ValueError as error:
        made.close()
        if name == DEFAULT:
            raise
        raise ValueError(f"{settings['tenants']}/{name}: {error}; its firm.json says which it is to have") from None


def _folders(given: str | None) -> dict[str, str | Path]:
    """The user's own firms by name. Raises ``BadSample``."""
    if given is None:
        return {}
    folder = Path(given)
    if not folder.is_dir():
        raise BadSample(f"{folder}: --tenants is a folder with a folder for each firm")
    found: dict[str, str | Path] = {each.name: each for each in sorted(folder.iterdir()) if each.is_dir()}
    if not found:
        raise BadSample(f"{folder}: there is no folder in it, so no firm")
    return found


def _frozen_at(settings: Settings) -> datetime | None:
    """The time at which clocks stand still. Raises ``ValueError``."""
    if settings["freeze"] is None:
        return None
    try:
        return datetime.fromisoformat(settings["freeze"])
    except ValueError:
        raise ValueError(f"--freeze takes a time in ISO 8601, not {settings['freeze']!r}") from None


def _clock(settings: Settings) -> Clock:
    clock = Clock()
    at = _frozen_at(settings)
    if at is not None:
        clock.freeze(at)
    return clock


def _kept_tenant(settings: Settings, seed: bytes, make: Callable[..., Tenant]) -> Tenant:
    store = SqliteStore.open(Path(settings["data"]))
    try:
        kept = open_tenant(store, seed=seed)
        if kept is None:
            return make(store=store)
        if settings["freeze"] is not None:
            kept.clock = _clock(settings)
    except BaseException:
        store.close()
        raise
    return kept


@contextmanager
def _closing(tenants: Directory) -> Iterator[None]:
    try:
        yield
    finally:
        for tenant in tenants:
            tenant.close()


def _user(tenants: Directory, settings: Settings) -> tuple[str, str]:
    """Name and password to log in with. A file may hold users of another sample: of those the password is not known."""
    tenant = tenants.get(DEFAULT)
    if tenant is None:
        return "", ""
    sample: str | Path = _folders(settings["tenants"]).get(DEFAULT) or settings["sample"]
    name, password = credentials(sample) or (USERNAME, PASSWORD)
    if name in tenant.users and tenant.users[name].knows(password):
        return name, password
    return next(iter(tenant.users), ""), ""


# certificates


@contextmanager
def _tls_files(settings: Settings) -> Iterator[tuple[str, str] | None]:
    """Files of certificate and key; where they are made, the key is there for as long as it is served with."""
    certificate, key, made = settings["tls_cert"], settings["tls_key"], settings["tls_self_signed"]
    if made is not None:
        if certificate is not None or key is not None:
            fail("--tls-self-signed makes a certificate: it does not go with --tls-cert and --tls-key")
        try:
            from mock_ajera import self_signed
        except ImportError:
            fail("a certificate cannot be made here: pip install 'mock-ajera[tls]'")
        hosts = [each for each in (settings["host"], urlsplit(settings["public_url"] or "").hostname) if each]
        with ExitStack() as files:
            try:
                pair = files.enter_context(self_signed.certificate(hosts, Path(made)))
            except OSError as error:
                fail(f"cannot write {made}: {error.strerror or error}")
            yield pair
    elif certificate is None and key is None:
        yield None
    elif certificate is None or key is None:
        fail("--tls-cert and --tls-key go together")
    else:
        yield certificate, key


def _tls(pair: tuple[str, str] | None) -> ssl.SSLContext | None:
    if pair is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(*pair)
    except (OSError, ssl.SSLError) as error:
        fail(f"{', '.join(pair)}: {error}")
    return context


# ready


def _ready(url: str, tenants: Directory, settings: Settings, log: Log) -> None:
    tenant = tenants.get(DEFAULT)
    assert tenant is not None
    user = _user(tenants, settings)
    root = (settings["public_url"] or url).rstrip("/")
    api_url = f"{root}/{hosted(tenant.firm.database)}"
    log.ready(tenant.firm.company_name, api_url, user, f"{url}/")
    for other in tenants:
        if other is not tenant:
            who = next(iter(other.users), "nobody")
            log.note(f"  {other.name}: {other.firm.company_name}, {root}/{hosted(other.firm.database)}, user {who}")
    if _exposure(settings).off:
        log.note(
            f"{BASE}/ is off but for its health: the server listens beyond this machine, and no --control-token is set."
        )
    if settings["env_file"]:
        lines = {
            "AJERA_API_URL": api_url,
            "AJERA_API_USERNAME": user[0],
            "AJERA_API_PASSWORD": user[1],
            "MOCK_AJERA_CONTROL_URL": f"{root}{BASE}",
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
