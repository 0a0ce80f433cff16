"""Run the suite against a separate server with another firm and other quirks, as against a real endpoint."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from checkout import COMMAND

from mock_ajera.sample.templates import open_tenant
from mock_ajera.store import SqliteStore

FIRM = Path(__file__).parent / "fixtures" / "other_firm"
SUITE = Path(__file__).parents[1] / "contract_tests"
QUIRKS = ("success_code=zero", "generic_error_item=true", "unknown_method=empty", "session_minutes=45")


class OtherServer:
    """A ``mock-ajera serve`` on a file, so that its records can be compared between two runs."""

    def __init__(self, folder: Path) -> None:
        self.data, self.env_file, self.log = folder / "other.db", folder / "other.env", folder / "other.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> dict[str, str]:
        """Start the server. Return the variables of its env file."""
        self.env_file.unlink(missing_ok=True)
        quirks = [word for quirk in QUIRKS for word in ("--quirk", quirk)]
        options = ["--port", "0", "--sample", str(FIRM), "--data", str(self.data), "--env-file", str(self.env_file)]
        with self.log.open("w") as log:
            words = [COMMAND, "serve", *options, *quirks]
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while not self.env_file.exists():
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.02)
        return dict(line.split("=", 1) for line in self.env_file.read_text(encoding="utf-8").splitlines())

    def stop(self) -> str:
        """Stop the server. Return what it printed."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.process = None
        return self.log.read_text()

    def export(self) -> bytes:
        """Return the records. The server must be stopped."""
        tenant = open_tenant(SqliteStore.open(self.data), seed=b"look")
        assert tenant is not None
        try:
            return tenant.export()
        finally:
            tenant.close()

    def run_suite(self, *options: str) -> tuple[subprocess.CompletedProcess[str], str]:
        """Run the suite against the server. Return the result and what the server printed."""
        command = [sys.executable, "-m", "pytest", str(SUITE), "-q", "-p", "no:cacheprovider", "--target", "real"]
        env = {**os.environ, **self.start()}
        try:
            result = subprocess.run(
                [*command, "--pace", "0", *options],
                env=env,
                cwd=SUITE.parent,
                capture_output=True,
                text=True,
                timeout=200,
                check=False,
            )
        finally:
            printed = self.stop()
        return result, printed


@pytest.fixture
def server(tmp_path):
    """Return a stopped server whose firm is loaded."""
    other = OtherServer(tmp_path)
    other.start()
    other.stop()
    yield other
    if other.process is not None:
        other.process.kill()
        other.process.wait()


def test_read_only_run_changes_nothing(server):
    """Without flags the suite passes, and the exported records are the same bytes as before."""
    before = server.export()
    result, printed = server.run_suite("--no-unlisted-skips")
    assert result.returncode == 0, result.stdout[-3000:]
    assert server.export() == before
    assert "ListProjects" in printed
    assert " UpdateProjects" not in printed


def test_run_with_writes_covers_every_known_claim(server):
    """Every documented and observed claim has a passed test, no test is skipped, and no record is changed."""
    before = server.export()
    writing = ("--allow-writes", "--expect-database", "770", "--allow-wrong-password")
    result, printed = server.run_suite(*writing, "--every-claim", "--no-unlisted-skips")
    assert result.returncode == 0, result.stdout[-3000:]
    assert " 0 failed, 0 reported" in result.stdout
    assert server.export() == before
    assert " UpdateProjects" in printed
    assert " UpdateClients" in printed
    assert " UpdateContacts" in printed
    assert " UpdateEmployees" in printed
    assert " UpdateVendors" in printed
