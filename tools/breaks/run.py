"""Run the contract suite against a mock with a break, and tell which test notices it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from xml.etree import ElementTree

import requests

from contract_tests.evidence import DIFFERS
from contract_tests.target import database_names
from mock_ajera import MockAjera
from tools.breaks.catalog import BREAKS
from tools.breaks.exchange import Exchange, Wrong
from tools.breaks.proxy import proxied

SUITE = Path(__file__).parents[2] / "contract_tests"
LIMITED = "limited", "Limited_4jera"
"""Name and password of the user with fewer permissions."""
CLEARED = ("ListVendors", "GetVendors", "ListVendorInvoices")
"""The methods that this user may not call."""


@dataclass(frozen=True)
class Outcome:
    """What a run of the suite has seen."""

    name: str
    failed: tuple[str, ...]
    differs: tuple[str, ...]
    """Tests of inferred claims that the target contradicts, which are only reported."""
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
        return f"{self.differs[0]} (reported)" if self.differs else self.error


def sound(exchange: Exchange) -> dict[str, object]:
    """Answer as the mock does."""
    return exchange.send()


def try_break(name: str, *, quick: bool = False) -> Outcome:
    """Run the suite against a break: the files that should notice it, then all. An empty name is no break.

    ``quick``: not all.
    """
    wrong = BREAKS[name].wrong if name else sound
    first = BREAKS[name].first if name else ()
    outcome = Outcome(name, (), ())
    for files in (first,) if quick or not first else (first, ()):
        outcome = _run(name, wrong, files)
        if outcome.noticed or outcome.error:
            break
    return outcome


def try_breaks(names: list[str], jobs: int, *, quick: bool = False) -> Iterator[Outcome]:
    """Yield the outcome of each break. Each runs in a process of its own: a break may change the mock itself."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        for future in as_completed([pool.submit(try_break, name, quick=quick) for name in names]):
            yield future.result()


def _run(name: str, wrong: Wrong, files: tuple[str, ...]) -> Outcome:
    with MockAjera() as mock, proxied(mock, wrong) as url, tempfile.TemporaryDirectory() as folder:
        _add_limited_user(mock)
        report = Path(folder) / "report.xml"
        options = [
            *("--target", "real", "--allow-writes", "--expect-database", database_names(url)[0], "--pace", "0"),
            *("--allow-lasting-records", "--allow-wrong-password", "--limited-user", LIMITED[0]),
            *(word for method in CLEARED for word in ("--cleared", method)),
            *("-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist"),
            f"--junitxml={report}",
        ]
        environment = {
            "AJERA_API_URL": url,
            "AJERA_API_USERNAME": mock.username,
            "AJERA_API_PASSWORD": mock.password,
            "AJERA_API_LIMITED_PASSWORD": LIMITED[1],
        }
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *(str(SUITE / file) for file in files or ("",)), *options],
            env=os.environ | environment,
            cwd=SUITE.parent,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if not report.exists():
            return Outcome(name, (), (), error=f"no report: {done.stdout[-500:]}{done.stderr[-500:]}")
        failed, differs = _read(report)
        if done.returncode and not failed:
            failed = (_complaint(done.stdout),)
        return Outcome(name, failed, differs)


def _add_limited_user(mock: MockAjera) -> None:
    users = f"{mock.control_url}/tenants/{mock.tenant.name}/users"
    name, password = LIMITED
    main = requests.get(f"{users}/{mock.username}", timeout=10).json()
    body = {
        "name": name,
        "password": password,
        "authorizing_employee": main["authorizing_employee"],
        "cleared": list(CLEARED),
    }
    requests.post(users, json=body, timeout=10).raise_for_status()


def _read(report: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    failed, differs = [], []
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - pytest has just written it
        test = f"{case.get('classname', '').removeprefix('contract_tests.').replace('.', '/')}.py::{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(test)
        skipped = case.find("skipped")
        if skipped is not None and DIFFERS in str(skipped.get("message")):
            differs.append(test)
    return tuple(failed), tuple(differs)


def _complaint(output: str) -> str:
    return next((line for line in output.splitlines() if "remains" in line), output[-200:].strip())
