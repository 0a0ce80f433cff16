"""The pytest plugin: the fixture ``ajera``, a fresh tenant behind a real socket for each test.

::

    def test_it_syncs(ajera):
        sync(url=ajera.url, username=ajera.username, password=ajera.password)
        assert ajera.journal.last().outcome == "ok"

Options come from the command line or pytest's configuration, from the fixture ``ajera_options``, and from the marker of
a test; the later override the earlier::

    @pytest.fixture
    def ajera_options():
        return {"profile": "documented"}

    @pytest.mark.ajera(sample="empty", quirks={"session_minutes": 5})
    def test_something(ajera): ...

The report of a failed test shows the requests that met a fault, or that mock-ajera refused or noted, during the test.
A fault that no call met gives a warning (``FaultNeverFired``). An internal error of the server is raised in the test
that caused it. The run ends with a list of the inferred behaviors that the tested program relied on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Iterator
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest

from mock_ajera.tenants.sections import Sections

if TYPE_CHECKING:
    from mock_ajera.mock import AjeraServer, ServedTenant


class _Option(NamedTuple):
    """A command-line option that can also be set in pytest's configuration."""

    name: str
    help: str
    many: bool = False


_OPTIONS = (
    _Option("sample", "Firm of the fixture ajera: sample, empty, a folder, or a number of projects."),
    _Option("profile", "Profile of the fixture ajera: observed or documented."),
    _Option("quirk", "Quirk of the fixture ajera, NAME=VALUE. May be repeated.", many=True),
    _Option("seed", "Seed for reproducible tokens and usage keys of the fixture ajera."),
    _Option("freeze", "Time at which to freeze the clock of the fixture ajera, such as 2026-03-09T08:00:00Z."),
    _Option("reliance", "Report of inferred behaviors that the tested program relied on: all, themes, count or off."),
)
_REPORTS = ("all", "themes", "count", "off")
_LONGEST = 20
"""Most inferred behaviors that are listed one by one unless the option asks for all."""
_RELIANCE = pytest.StashKey[dict[str, int]]()
_SECTIONS = pytest.StashKey[Sections]()
_SENT = "mock_ajera_reliance"
_SUITE = "mock_ajera_contract"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("mock-ajera")
    for each in _OPTIONS:
        action = "append" if each.many else "store"
        group.addoption(f"--ajera-{each.name}", action=action, default=None, metavar=each.name.upper(), help=each.help)
        kind: Literal["linelist", "string"] = "linelist" if each.many else "string"
        parser.addini(f"ajera_{each.name}", each.help, kind, None)


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Register the plugin of the contract suite for ``--pyargs mock_ajera_contract``.

    Pytest loads the conftest.py of an installed package after it has parsed the options.
    """
    chosen = early_config.known_args_namespace
    named = {str(each).partition(".")[0].partition("::")[0] for each in chosen.file_or_dir}
    if chosen.pyargs and _SUITE in named and find_spec(_SUITE):
        early_config.pluginmanager.import_plugin(f"{_SUITE}.plugin")


def pytest_configure(config: pytest.Config) -> None:
    """Add the marker and check the options."""
    config.addinivalue_line("markers", "ajera(**options): options of MockAjera for the fixture ajera")
    config.stash[_RELIANCE] = {}
    config.stash[_SECTIONS] = Sections()
    if (report := _setting(config, "reliance")) not in (None, *_REPORTS):
        raise pytest.UsageError(f"--ajera-reliance must be one of {', '.join(_REPORTS)}, not {report!r}")
    chosen = _configured(config)
    if {"profile", "quirks"} & chosen.keys():
        from mock_ajera.tenants.quirks import QUIRKS, profile_values

        try:
            profile_values(chosen.get("profile", "observed"))
            for name, value in chosen.get("quirks", {}).items():
                QUIRKS.checked(name, value)
        except ValueError as error:
            raise pytest.UsageError(str(error)) from None


def pytest_report_header(config: pytest.Config) -> str:
    """Return a header line with the version and the options."""
    from mock_ajera.version import __version__

    options = {"sample": "sample", "profile": "observed"} | _configured(config)
    quirks = options.pop("quirks", {})
    shown = [f"{name} {value}" for name, value in options.items()] + [
        f"{name}={value}" for name, value in quirks.items()
    ]
    return f"mock-ajera {__version__}: " + ", ".join(shown)


def _setting(config: pytest.Config, name: str) -> Any:
    given = config.getoption(f"ajera_{name}")
    return config.getini(f"ajera_{name}") or None if given is None else given


def _configured(config: pytest.Config) -> dict[str, Any]:
    """Return the options of command line and configuration as arguments of ``MockAjera``. Raises ``UsageError``."""
    options = {name: value for name in ("sample", "profile", "seed") if (value := _setting(config, name)) is not None}
    quirks = {}
    for pair in _setting(config, "quirk") or ():
        name, equals, value = pair.partition("=")
        if not equals:
            raise pytest.UsageError(f"--ajera-quirk must be NAME=VALUE, not {pair!r}")
        quirks[name] = value
    if quirks:
        options["quirks"] = quirks
    freeze = _setting(config, "freeze")
    if freeze is not None:
        try:
            options["freeze"] = datetime.fromisoformat(freeze)
        except ValueError:
            text = f"--ajera-freeze must be a time in ISO 8601, such as 2026-03-09T08:00:00Z, not {freeze!r}"
            raise pytest.UsageError(text) from None
    return options


@pytest.fixture
def ajera_options() -> dict[str, Any]:
    """Return keyword arguments of ``MockAjera`` for the fixture ``ajera``. Override it to set them."""
    return {}


@pytest.fixture(scope="session")
def ajera_server(pytestconfig: pytest.Config) -> Iterator[AjeraServer]:
    """Return the server of this run: ``tenant()`` creates a tenant, ``fork()`` copies one."""
    # A late import: the plugin must not slow down every start of pytest.
    from mock_ajera.mock import AjeraServer

    # Not started yet: a test that uses no URL runs where sockets are forbidden.
    server = AjeraServer(on_demand=True)
    sections = pytestconfig.stash[_SECTIONS]
    server.tenants.added = sections.watch
    server.journal.listeners.append(partial(sections.note, routed=False))
    try:
        yield server
        collected = pytestconfig.stash[_RELIANCE]
        for each in server.tenants.reliance("inferred"):
            collected[each.claim] = collected.get(each.claim, 0) + each.answers
    finally:
        server.close()


@pytest.fixture
def ajera(
    request: pytest.FixtureRequest, ajera_server: AjeraServer, ajera_options: dict[str, Any]
) -> Iterator[ServedTenant]:
    """Return a new tenant for the test."""
    from mock_ajera.api.faults.checking import BadRule
    from mock_ajera.mock import Options

    options = _configured(request.config) | ajera_options
    for marker in reversed(list(request.node.iter_markers("ajera"))):
        if marker.args:
            raise pytest.UsageError(
                f"the marker ajera accepts keyword arguments only, such as sample=..., not {marker.args!r}"
            )
        options |= marker.kwargs
    known = Options.__struct_fields__
    if unknown := sorted(options.keys() - set(known)):
        raise pytest.UsageError(
            f"the fixture ajera has no option {', '.join(unknown)}; the options are {', '.join(known)}"
        )
    if ajera_server.stopped:
        ajera_server.start()
    try:
        made = ajera_server.tenant(**options)
    except BadRule as error:
        raise pytest.UsageError(str(error)) from None
    for fault in made.tenant.faults:
        # Where the test is, not where pytest calls this function.
        fault.place = str(request.node.path), (request.node.location[1] or 0) + 1
    try:
        yield made
    finally:
        ajera_server.forget(made)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Forget the requests of the previous test."""
    item.config.stash[_SECTIONS].clear()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the requests that met a fault, were refused or were noted to the report of a failed test.

    A test may also fail in its setup or teardown.
    """
    report = yield
    if report.failed:
        report.sections += item.config.stash[_SECTIONS].take()
        made = getattr(item, "funcargs", {}).get("ajera")
        if made is not None and not made.journal:
            from mock_ajera.listening import proxy_in_the_way

            if note := proxy_in_the_way():
                report.sections.append(("no request reached mock-ajera", note))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Raise an internal error of the server in the test, however the tested program handled the answer."""
    try:
        result = yield
    finally:
        made = getattr(item, "funcargs", {}).get("ajera")
        if made is not None and made.journal.failures:
            raise made.journal.failures[0]
    return result


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send the claims that an xdist worker collected."""
    sent = getattr(session.config, "workeroutput", None)
    if sent is not None:
        sent[_SENT] = json.dumps(session.config.stash[_RELIANCE])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Receive the claims that an xdist worker collected."""
    sent = getattr(node, "workeroutput", {}).get(_SENT, "{}")
    collected = node.config.stash[_RELIANCE]
    for claim, answers in json.loads(sent).items():
        collected[claim] = collected.get(claim, 0) + answers


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the inferred behaviors that the tested program relied on."""
    collected = config.stash[_RELIANCE]
    report = _setting(config, "reliance") or ("all" if len(collected) <= _LONGEST else "themes")
    if not collected or report == "off":
        return
    number = len(collected)
    terminalreporter.section("mock-ajera")
    terminalreporter.write_line(
        f"The tested program relied on {number} inferred behavior{'s' if number > 1 else ''}: no page or client shows "
        "that Ajera behaves this way."
    )
    if report == "count":
        return
    for line in _by_theme(collected) if report == "themes" else _each(collected):
        terminalreporter.write_line(line)
    terminalreporter.write_line(
        "The quirk vary_guesses changes some of them. Run again with --ajera-quirk vary_guesses=true."
    )


def _each(collected: dict[str, int]) -> Iterator[str]:
    """Yield a line for each claim, most answers first."""
    from mock_ajera.claims import ledger

    for claim, answers in sorted(collected.items(), key=lambda item: (-item[1], item[0])):
        yield f"{answers:6}  {claim}: {ledger()[claim].says}"


def _by_theme(collected: dict[str, int]) -> Iterator[str]:
    """Yield a line for each theme of claims, with the number of its claims."""
    themes = Counter(claim.partition(".")[0] for claim in collected)
    for theme, number in sorted(themes.items(), key=lambda item: (-item[1], item[0])):
        yield f"{number:6}  {theme}"
    yield "List each with --ajera-reliance all."
