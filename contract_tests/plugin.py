"""The suite's pytest plugin: options, the claims of each test, secrets masked in reports, and the summary of a run.

In a checkout ``conftest.py`` registers the plugin. With ``--pyargs`` pytest reads ``conftest.py`` after it has parsed
the options, so the plugin of ``mock_ajera`` registers this one.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from .coverage import Cell, Coverage, write_cells
from .evidence import Evidence
from .secrets import Secrets
from .settings import Settings, add_options, read_options

SETTINGS = pytest.StashKey[Settings]()
SECRETS = pytest.StashKey[Secrets]()
EVIDENCE = pytest.StashKey[Evidence]()
COVERAGE = pytest.StashKey[Coverage]()
REMAINING = pytest.StashKey[list[str]]()
"""Records that the run created and could not remove."""

_REMAINING = "contract_remaining"
_CELLS = "contract_cells"

_HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the suite."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Read the options. A run that may not write to its target stops here, before any request."""
    config.addinivalue_line("markers", "claim(*ids): the claims of the ledger that the test is about")
    settings = read_options(config)
    secrets = Secrets()
    if settings.real:
        # The secrets of a mock are added when it starts.
        secrets.add(*settings.target.secrets)
    config.stash[SETTINGS] = settings
    config.stash[SECRETS] = secrets
    config.stash[EVIDENCE] = Evidence(settings.target.guesses_hold)
    config.stash[COVERAGE] = Coverage(wanted=settings.coverage is not None)
    config.stash[REMAINING] = []
    if settings.real and config.getoption("numprocesses", None):
        raise pytest.UsageError("a real target is tested in one process: --pace applies to one process")
    config.pluginmanager.register(Watch(config))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse tests without claims or with unknown ones."""
    for item in items:
        if _ours(item):
            config.stash[EVIDENCE].of(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Judge the outcome by the grade of the claims, and mask secrets in the report."""
    report = yield
    if _ours(item):
        item.config.stash[EVIDENCE].judge(item, report)
        item.config.stash[SECRETS].hide_in(report)
        coverage = item.config.stash[COVERAGE]
        if report.when == "call" and report.passed:
            coverage.passed()
        elif report.when == "teardown":
            coverage.start()
    return report


class Watch:
    """Collect the outcomes of a run, from its own tests or from those of its workers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record the outcome of a test."""
        self._config.stash[EVIDENCE].note(report)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Collect the records that a worker could not remove, and what its tests have seen."""
        output = getattr(node, "workeroutput", {})
        self._config.stash[REMAINING].extend(output.get(_REMAINING, ()))
        self._config.stash[COVERAGE].cells |= {Cell(*cell) for cell in output.get(_CELLS, ())}


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that leaves records behind, and one whose claims or skips are not as the options demand.

    The coverage is written in any case.
    """
    config = session.config
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output[_REMAINING] = config.stash[REMAINING]
        output[_CELLS] = [tuple(cell) for cell in config.stash[COVERAGE].cells]
        return
    file = config.stash[SETTINGS].coverage
    if file is not None:
        write_cells(file, config.stash[COVERAGE].cells)
    if session.exitstatus == pytest.ExitCode.OK and _complaints(config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the outcome of the claims, and the records that remain in the target."""
    evidence = config.stash[EVIDENCE]
    if not evidence.used:
        return
    terminalreporter.section("claims")
    for line in evidence.lines():
        terminalreporter.line(line)
    for line in _complaints(config):
        terminalreporter.line(config.stash[SECRETS].hide(line), red=True)


def _complaints(config: pytest.Config) -> list[str]:
    """Return the reasons to fail a run whose tests pass."""
    settings, evidence = config.stash[SETTINGS], config.stash[EVIDENCE]
    found = [f"could not be removed and remains: {name}" for name in config.stash[REMAINING]]
    if settings.every_claim and evidence.used:
        found += [f"no passed test of the claim {each}" for each in evidence.missing()]
    if settings.no_unlisted_skips:
        found += [f"a skip that skips.toml does not list: {reason}" for reason in sorted(evidence.unlisted_skips)]
    return found


def _ours(item: pytest.Item) -> bool:
    return _HERE in item.path.parents
