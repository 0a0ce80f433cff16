"""The pytest plugin: the fixture ``ajera``, a fresh tenant behind a real socket for each test.

::

    def test_it_syncs(ajera):
        sync(url=ajera.url, username=ajera.username, password=ajera.password)
        assert ajera.journal.last().outcome == "ok"

What it is made with comes, the later over the earlier, from the options of the command line or of pytest's
configuration, from the fixture ``ajera_options``, and from the marker of a test::

    @pytest.fixture
    def ajera_options():
        return {"profile": "documented"}

    @pytest.mark.ajera(sample="empty", quirks={"session_minutes": 5})
    def test_something(ajera): ...

A fault inside the server is raised in the test that met it. At the end the inferred behaviours that the tested program
relied on are listed.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from datetime import datetime
from importlib.util import find_spec
from inspect import signature
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest

if TYPE_CHECKING:
    from mock_ajera.mock import AjeraServer, ServedTenant


class _Option(NamedTuple):
    """An option of the command line that pytest's configuration knows too."""

    name: str
    says: str
    many: bool = False


_OPTIONS = (
    _Option("sample", "Firm of the fixture ajera: sample, empty, a folder, or a number of projects."),
    _Option("profile", "Profile of the fixture ajera: observed or documented."),
    _Option("quirk", "A quirk of the fixture ajera, NAME=VALUE; may be repeated.", many=True),
    _Option("seed", "Makes tokens and usage keys of the fixture ajera repeatable."),
    _Option("freeze", "Time at which the clock of the fixture ajera stands still: ISO 8601 with an offset."),
    _Option("reliance", "What is told at the end of inferred behaviours that were relied on: all, count or off."),
)
_LEANINGS = pytest.StashKey[dict[str, int]]()
_SENT = "mock_ajera_reliance"
_SUITE = "mock_ajera_contract"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Pytest's hook: the options."""
    group = parser.getgroup("mock-ajera")
    for each in _OPTIONS:
        action = "append" if each.many else "store"
        group.addoption(f"--ajera-{each.name}", action=action, default=None, metavar=each.name.upper(), help=each.says)
        kind: Literal["linelist", "string"] = "linelist" if each.many else "string"
        parser.addini(f"ajera_{each.name}", each.says, kind, None)


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Register the plugin of the contract suite for ``--pyargs mock_ajera_contract``.

    Pytest loads the conftest.py of an installed package after it has parsed the options.
    """
    chosen = early_config.known_args_namespace
    named = {str(each).partition(".")[0].partition("::")[0] for each in chosen.file_or_dir}
    if chosen.pyargs and _SUITE in named and find_spec(_SUITE):
        early_config.pluginmanager.import_plugin(f"{_SUITE}.plugin")


def pytest_configure(config: pytest.Config) -> None:
    """Pytest's hook: the marker, and where reliance are gathered."""
    config.addinivalue_line("markers", "ajera(**options): what the fixture ajera is made with, as MockAjera")
    config.stash[_LEANINGS] = {}
    if (told := _setting(config, "reliance")) not in (None, "all", "count", "off"):
        raise pytest.UsageError(f"--ajera-reliance takes all, count or off, not {told!r}")
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
    """Pytest's hook: a line that says what is served."""
    from mock_ajera.version import __version__

    options = {"sample": "sample", "profile": "observed"} | _configured(config)
    quirks = options.pop("quirks", {})
    told = [f"{name} {value}" for name, value in options.items()] + [
        f"{name}={value}" for name, value in quirks.items()
    ]
    return f"mock-ajera {__version__}: " + ", ".join(told)


def _setting(config: pytest.Config, name: str) -> Any:
    given = config.getoption(f"ajera_{name}")
    return config.getini(f"ajera_{name}") or None if given is None else given


def _configured(config: pytest.Config) -> dict[str, Any]:
    """What the command line and the configuration say, as arguments of ``MockAjera``. Raises ``UsageError``."""
    options = {name: value for name in ("sample", "profile", "seed") if (value := _setting(config, name)) is not None}
    quirks = {}
    for pair in _setting(config, "quirk") or ():
        name, equals, value = pair.partition("=")
        if not equals:
            raise pytest.UsageError(f"--ajera-quirk takes NAME=VALUE, not {pair!r}")
        quirks[name] = value
    if quirks:
        options["quirks"] = quirks
    freeze = _setting(config, "freeze")
    if freeze is not None:
        try:
            options["freeze"] = datetime.fromisoformat(freeze)
        except ValueError:
            raise pytest.UsageError(f"--ajera-freeze takes a time in ISO 8601, not {freeze!r}") from None
    return options


@pytest.fixture
def ajera_options() -> dict[str, Any]:
    """Keyword arguments of ``MockAjera`` for the fixture ``ajera``, to be overridden."""
    return {}


@pytest.fixture(scope="session")
def ajera_server(pytestconfig: pytest.Config) -> Iterator[AjeraServer]:
    """The server of this run: ``tenant()`` makes a tenant, ``fork()`` a copy of one."""
    # Imported here: a plugin must not slow down the start of every pytest run.
    from mock_ajera.mock import AjeraServer

    with AjeraServer() as server:
        yield server
        gathered = pytestconfig.stash[_LEANINGS]
        for each in server.tenants.reliance("inferred"):
            gathered[each.claim] = gathered.get(each.claim, 0) + each.answers


@pytest.fixture
def ajera(
    request: pytest.FixtureRequest, ajera_server: AjeraServer, ajera_options: dict[str, Any]
) -> Iterator[ServedTenant]:
    """A fresh tenant of the test's own."""
    options = _configured(request.config) | ajera_options
    for marker in reversed(list(request.node.iter_markers("ajera"))):
        if marker.args:
            raise pytest.UsageError(f"the marker ajera takes options by name, such as sample=..., not {marker.args!r}")
        options |= marker.kwargs
    known = [name for name, each in signature(ajera_server.make).parameters.items() if each.kind is each.KEYWORD_ONLY]
    if unknown := sorted(options.keys() - set(known)):
        raise pytest.UsageError(f"the fixture ajera has no option {', '.join(unknown)}; there are {', '.join(known)}")
    made = ajera_server.tenant(**options)
    try:
        yield made
    finally:
        ajera_server.forget(made)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Pytest's hook: a fault inside the server is the test's failure, whatever its program made of the answer."""
    try:
        result = yield
    finally:
        made = getattr(item, "funcargs", {}).get("ajera")
        if made is not None and made.journal.failures:
            raise made.journal.failures[0]
    return result


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Pytest's hook: a worker of xdist hands over what it gathered."""
    sent = getattr(session.config, "workeroutput", None)
    if sent is not None:
        sent[_SENT] = json.dumps(session.config.stash[_LEANINGS])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """The hook of xdist: take what a worker gathered."""
    sent = getattr(node, "workeroutput", {}).get(_SENT, "{}")
    gathered = node.config.stash[_LEANINGS]
    for claim, answers in json.loads(sent).items():
        gathered[claim] = gathered.get(claim, 0) + answers


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Pytest's hook: the inferred behaviours that were relied on."""
    gathered = config.stash[_LEANINGS]
    told = _setting(config, "reliance") or "all"
    if not gathered or told == "off":
        return
    from mock_ajera.claims import ledger

    number = len(gathered)
    terminalreporter.section("mock-ajera")
    terminalreporter.write_line(
        f"The tested program relied on {number} inferred behaviour{'s' if number > 1 else ''}: nobody has said or seen "
        "that Ajera does so."
    )
    if told == "count":
        return
    for claim, answers in sorted(gathered.items(), key=lambda item: (-item[1], item[0])):
        terminalreporter.write_line(f"{answers:6}  {claim}: {ledger()[claim].says}")
    terminalreporter.write_line(
        "The quirk vary_guesses changes some of them: run again with --ajera-quirk vary_guesses=true."
    )
