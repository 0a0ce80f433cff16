"""Run the suite against a separate server with another firm and other quirks, as against a real endpoint."""

from __future__ import annotations

import os
from contextlib import closing

import pytest
from checkout import COMMAND, ROOT, serving
from suite import run_on_target

from mock_ajera.sample.templates import open_tenant
from mock_ajera.store import SqliteStore

FIRM = ROOT / "tests" / "fixtures" / "other_firm"
QUIRKS = ("success_code=zero", "generic_error_item=true", "unknown_method=empty", "session_minutes=45")
OPTIONS = ("--sample", FIRM, *(word for quirk in QUIRKS for word in ("--quirk", quirk)))


@pytest.fixture
def data(tmp_path):
    """Return a data file with the firm, of a server that was stopped."""
    serve(tmp_path / "other.db", lambda served: None)
    return tmp_path / "other.db"


def serve(data, use):
    """Start a server on a data file, use it and stop it. Return the result of ``use`` and what the server printed."""
    words = (COMMAND, "serve", "--port", "0", "--data", data, "--env-file", "served.env", *OPTIONS)
    with serving(*words, cwd=data.parent, environment=os.environ) as served:
        result = use(served)
    return result, (data.parent / "served.txt").read_text(encoding="utf-8")


def run_suite(data, *options):
    """Run the suite against a server on a data file. Return the result and what the server printed."""
    return serve(data, lambda served: run_on_target(served.variables, *options))


def export(data):
    """Return the records of a data file."""
    with closing(open_tenant(SqliteStore.open(data), seed=b"look")) as tenant:
        return tenant.export()


def test_read_only_run_changes_nothing(data):
    """Without flags the suite passes, and the exported records are the same bytes as before."""
    before = export(data)
    result, printed = run_suite(data, "--no-unlisted-skips")
    assert result.returncode == 0, result.stdout
    assert export(data) == before
    assert "ListProjects" in printed
    assert " UpdateProjects" not in printed


def test_run_with_writes_covers_every_known_claim(data):
    """Every documented and observed claim has a passed test, no test is skipped, and no record is changed."""
    before = export(data)
    writing = ("--allow-writes", "--expect-database", "770", "--allow-wrong-password")
    result, printed = run_suite(data, *writing, "--every-claim", "--no-unlisted-skips")
    assert result.returncode == 0, result.stdout
    assert " 0 failed, 0 different" in result.stdout
    assert export(data) == before
    assert " UpdateProjects" in printed
    assert " UpdateClients" in printed
    assert " UpdateContacts" in printed
    assert " UpdateEmployees" in printed
    assert " UpdateVendors" in printed
