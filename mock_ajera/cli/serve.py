"""``mock-ajera serve``: serve firms until interrupted, and log each request."""

from __future__ import annotations

import errno
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import click
import flask
from click.core import ParameterSource

from mock_ajera.api.database_id import hosted
from mock_ajera.app import create_app
from mock_ajera.cli import env_file, tls
from mock_ajera.cli.completion import of_setting
from mock_ajera.cli.first_tenants import closing, empty_directory, fill, login
from mock_ajera.cli.log import JsonLog, Log, TextLog
from mock_ajera.cli.output import exports, fail, outlive_readers
from mock_ajera.cli.rule_text import RuleText
from mock_ajera.cli.serve_settings import ServeSettings
from mock_ajera.cli.url import Url
from mock_ajera.control.access import BASE, DEFAULT_URL
from mock_ajera.control.control import Control
from mock_ajera.listening import listen, local_url, proxy_in_the_way
from mock_ajera.sample.files import BadSample
from mock_ajera.sample.templates import source
from mock_ajera.server import Server
from mock_ajera.settings import SETTINGS, Setting
from mock_ajera.store import StoreError
from mock_ajera.tenants.directory import Directory
from mock_ajera.tenants.tenant import DEFAULT


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
    if setting.metavar == "RULE":
        return RuleText()
    if setting.at_most is None:
        return None
    number = click.IntRange(setting.at_least, setting.at_most)
    number.name = "integer"  # click would say that 80x is not a valid integer range
    return number


def _with_settings(command: Callable[..., None]) -> Callable[..., None]:
    for setting in reversed(SETTINGS):
        command = _option(setting)(command)
    return command


@click.command()
@_with_settings
@click.pass_context
def serve(context: click.Context, /, **options: Any) -> None:
    """Serve a firm until interrupted, and log each request.

    The text log has the local time of this machine, the JSON log and the journal have UTC.
    """
    # SIGTERM ends the server like Ctrl-C, even while firms are being loaded.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    outlive_readers()
    for file in (options["env_file"], options["state_file"]):
        if file is not None:
            env_file.clear(file)
    chosen = context.get_parameter_source("profile") is not ParameterSource.DEFAULT
    try:
        settings = ServeSettings(**options, profile_chosen=chosen)
        with tls.certificate(settings) as pair:
            tls_context = tls.context_of(pair)
            if settings.engine == "granian":
                _serve_by_granian(settings, pair)
            else:
                app, control = _app(settings)
                try:
                    server = Server(
                        app, settings.host, settings.port, tls=tls_context, read_timeout=settings.read_timeout
                    )
                except OSError as error:
                    _fail_to_listen(settings, error)
                control.down = server.go_down
                _serve(server, control.tenants, settings)
    except (BadSample, StoreError, ValueError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        return


def _serve(server: Server, tenants: Directory, settings: ServeSettings) -> None:
    log = _log(settings)
    with server, closing(tenants):
        try:
            fill(tenants, settings, log)
            _report_ready(server.url, tenants, settings, log)
            server.wait()
        except KeyboardInterrupt:
            log.stopped(tenants)


def _serve_by_granian(settings: ServeSettings, pair: tls.Pair | None) -> None:
    try:
        from mock_ajera import granian_engine
    except ImportError:
        fail('--engine granian needs the extra fast; in a checkout, run: pip install -e ".[fast]"')
    # Report an unusable sample or file before granian starts its worker.
    source(settings.sample)
    if settings.data is not None or not settings.sample.isdecimal() or settings.faults:
        tenants = empty_directory(settings)
        with closing(tenants):
            fill(tenants, settings, None)
    try:
        sockets = listen(settings.host, settings.port)
    except OSError as error:
        _fail_to_listen(settings, error)
    (address, port), *others = (each.getsockname()[:2] for each in sockets)
    for each in sockets:
        each.close()
    url = local_url(settings.host, port, tls=settings.tls)
    load = partial(_load_in_granian, url, others, settings, pair)
    granian_engine.serve(load, address, port, pair, body_limit=settings.body_limit, read_timeout=settings.read_timeout)


def _load_in_granian(
    url: str, others: list[tuple[str, int]], settings: ServeSettings, pair: tls.Pair | None
) -> flask.Flask:
    from mock_ajera import granian_engine

    granian_engine.end_with_parent()
    outlive_readers()
    log = _log(settings)
    app, control = _app(settings)
    tenants = control.tenants
    for address, port in others:
        # Granian listens on one address.
        Server(app, address, port, tls=tls.context_of(pair), read_timeout=settings.read_timeout).start()

    def fill_and_report() -> None:
        fill(tenants, settings, log)
        granian_engine.when_listening(url, lambda: _report_ready(url, tenants, settings, log))

    granian_engine.in_background(fill_and_report)
    return app


def _fail_to_listen(settings: ServeSettings, error: OSError) -> NoReturn:
    why, hint = error.strerror or str(error), ""
    if error.errno == errno.EADDRINUSE:
        why, hint = "the port is in use", "; choose another one with --port, or a free one with --port 0"
    fail(f"cannot listen on {settings.host} port {settings.port}: {why}{hint}")


def _log(settings: ServeSettings) -> Log:
    return JsonLog() if settings.log_format == "json" else TextLog()


def _app(settings: ServeSettings) -> tuple[flask.Flask, Control]:
    tenants = empty_directory(settings)
    control = Control(
        tenants,
        settings.shown(),
        {**settings.profile_quirks, **settings.asked_quirks},
        settings.frozen_at,
        None if settings.tenants is None else Path(settings.tenants),
        resets=settings.engine != "granian",
    )
    app = create_app(
        tenants,
        public_url=settings.public_url,
        credentials=lambda: login(tenants, settings),
        control=control,
        exposure=settings.exposure,
        cors=settings.cors,
        body_limit=settings.body_limit,
    )
    return app, control


def _report_ready(url: str, tenants: Directory, settings: ServeSettings, log: Log) -> None:
    tenant = tenants.get(DEFAULT)
    assert tenant is not None
    user = login(tenants, settings)
    root = (settings.public_url or url).rstrip("/")
    api_url = f"{root}/{hosted(tenant.firm.database)}"
    control_url = f"{root}{BASE}"
    log.ready(tenant.firm.company_name, api_url, user, f"{url}/", None if settings.exposure.off else control_url)
    if control_url != DEFAULT_URL:
        variables = {"AJERA_API_URL": api_url}
        if not settings.exposure.off:
            variables["MOCK_AJERA_CONTROL_URL"] = control_url
        log.note(f"For mock-ajera's commands in another terminal: {exports(variables)}")
    if note := proxy_in_the_way():
        log.note(note)
    for other in tenants:
        if other is not tenant:
            who = next(iter(other.users), "nobody")
            log.note(f"  {other.name}: {other.firm.company_name}, {root}/{hosted(other.firm.database)}, user {who}")
    if settings.exposure.off:
        log.note(
            f"{BASE}/ is off except for health checks: the server accepts connections from other machines, and "
            "--control-token is not set."
        )
    if settings.env_file:
        variables = {
            "AJERA_API_URL": api_url,
            "AJERA_API_USERNAME": user[0],
            "AJERA_API_PASSWORD": user[1],
            "MOCK_AJERA_CONTROL_URL": control_url,
        }
        env_file.write(settings.env_file, variables)
    if settings.state_file:
        env_file.write_text(settings.state_file, f"{url}{BASE}/ready\n")
