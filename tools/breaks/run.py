"""Run the contract suite against a mock with a break, and tell which test notices it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

import pytest
import requests

from contract_tests.evidence import DIFFERS
from contract_tests.target import LACKING, database_names
from mock_ajera import MockAjera
from tools.breaks.catalog import BREAKS
from tools.breaks.exchange import Break
from tools.breaks.proxy import Proxy

SUITE = Path(__file__).parents[2] / "contract_tests"
LIMITED = "limited", "Offline_4jera"
"""Name and password of the user with fewer permissions."""
CLEARED = ("ListVendors", "GetVendors", "ListVendorInvoices", "UpdateClients")
"""The methods that this user may not call."""
LACKING_USERS = {what: f"lacks {what}" for what in LACKING}
"""The names of the users who lack something, with the same password."""
SOUND = Break("", "", "no break", (), lambda exchange: exchange.send())


@dataclass(frozen=True)
class Outcome:
    """What a run of the suite has seen."""

    name: str
    failed: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    """Tests of inferred claims that the target contradicts, which do not fail the run."""
    error: str = ""

    @property
    def noticed(self) -> bool:
        """Return whether any test noticed."""
        return bool(self.failed or self.differs)

    @property
    def by(self) -> str:
        """Return the first test that noticed, as ``file::test``."""
        if self.failed:
            return self.failed[0]
        return f"{self.differs[0]} (different)" if self.differs else self.error


class Watch:
    """A pytest plugin that collects the outcomes of the tests."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.differs: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure, and a guess that does not hold."""
        test = report.nodeid.removeprefix(f"{SUITE.name}/")
        if report.failed:
            self.failed.append(test)
        elif report.skipped and DIFFERS in str(report.longrepr):
            self.differs.append(test)


def try_break(name: str, *, quick: bool = False) -> Outcome:
    """Run the suite against a break: the files that should notice it, then all. An empty name is no break.

    ``quick``: not all.
    """
    each = BREAKS[name] if name else SOUND
    outcome = Outcome(name)
    for files in (each.first,) if quick or not each.first else (each.first, ()):
        outcome = _run(each, files)
        if outcome.noticed or outcome.error:
            break
    return outcome


def try_breaks(names: list[str], jobs: int, *, quick: bool = False) -> Iterator[Outcome]:
    """Yield the outcome of each break."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(try_break, name, quick=quick): name for name in names}
        for future in as_completed(running):
            problem = future.exception()
            yield future.result() if problem is None else Outcome(running[future], error=repr(problem))


@cache
def _proxy() -> Proxy:
    """Return the proxy of this process, in front of a mock. They run until the process ends."""
    mock = MockAjera().start()
    users = f"{mock.control_url}/tenants/{mock.tenant.name}/users"
    main = requests.get(f"{users}/{mock.username}", timeout=60).json()
    body = {
        "name": LIMITED[0],
        "password": LIMITED[1],
        "authorizing_employee": main["authorizing_employee"],
        "cleared": list(CLEARED),
    }
    requests.post(users, json=body, timeout=60).raise_for_status()
    for what, name in LACKING_USERS.items():
        requests.post(users, json={**body, "name": name, "cleared": [], **LACKING[what]}, timeout=60).raise_for_status()
    return Proxy(mock)


def _run(each: Break, files: tuple[str, ...]) -> Outcome:
    proxy, watch, output = _proxy(), Watch(), io.StringIO()
    proxy.mock.reset()
    options = [
        *("--target", "real", "--allow-writes", "--expect-database", database_names(proxy.url)[0], "--pace", "0"),
        *("--allow-lasting-records", "--allow-wrong-password", "--limited-user", LIMITED[0]),
        *(word for method in CLEARED for word in ("--cleared", method)),
        *(word for what, name in LACKING_USERS.items() for word in ("--user-without", f"{what}={name}")),
        # The first run has imported the plugins already.
        *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
        *("-x", "-q", "--tb=line", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist"),
    ]
    environment = {
        "AJERA_API_URL": proxy.url,
        "AJERA_API_USERNAME": proxy.mock.username,
        "AJERA_API_PASSWORD": proxy.mock.password,
        "AJERA_API_LIMITED_PASSWORD": LIMITED[1],
    }
    paths = [str(SUITE / file) for file in files or ("",)]
    with patch.dict(os.environ, environment), proxy.answering(each), redirect_stdout(output), redirect_stderr(output):
        code = pytest.main([*paths, *options], plugins=[watch])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return Outcome(each.name, error=f"pytest ended with {code}: {output.getvalue()[-500:]}")
    if code and not watch.failed:
        watch.failed = [line for line in output.getvalue().splitlines() if "remains" in line][:1] or ["the summary"]
    return Outcome(each.name, tuple(watch.failed), tuple(watch.differs))
