"""While firms are filled the server is there and says so; it can be ended, and what is wrong is said in a line."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from checkout import COMMAND, PATIENCE, clean_environment, completed
from raw_http import ask

from mock_ajera.api.database_id import hosted
from mock_ajera.tenants.tenant import Database

LARGE, LARGER, ENDLESS = "300", "3000", "1000000"
FIRST = 300_000
"""Bytes after which records have been written."""
HOSTED = f"/{hosted(Database('Ajera_Main', 1, 101))}"


def free_port() -> int:
    """A port that nobody has: which one it takes, a server says when it is ready only."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def filling(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that listens already and still fills a large firm, and its root."""
    root = f"http://127.0.0.1:{free_port()}"
    words = [str(COMMAND), "serve", "--port", root.rpartition(":")[2], "--env-file", "served.env", *options]
    with subprocess.Popen(
        words, cwd=folder, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            deadline = time.monotonic() + 4 * PATIENCE
            while not listens(root):
                assert process.poll() is None, process.stdout and process.stdout.read()
                assert time.monotonic() < deadline
                time.sleep(0.01)
            yield process, root
        finally:
            process.kill()


def listens(root: str) -> bool:
    """Whether anybody does."""
    try:
        return ask(root, "/_mock/health").status == 200
    except OSError:
        return False


def test_it_is_starting_and_then_ready(engine: str, tmp_path: Path) -> None:
    """Health answers at once; Ajera and readiness tell a client to come again, until the firm is there."""
    with filling(tmp_path, "--sample", LARGE, "--engine", engine) as (process, root):
        assert ask(root, "/_mock/health").json == {"status": "starting", "tenants": 0}
        waiting = ask(root, "/_mock/ready")
        assert (waiting.status, waiting.headers["Content-Type"]) == (503, "application/problem+json")
        assert "still being loaded" in waiting.json["detail"]
        for path in (HOSTED, "/AjeraAPI.ashx?nonsense"):
            early = ask(root, path, "POST", b'{"Method": "ListCompanies"}')
            assert (early.status, early.headers["Retry-After"]) == (503, "1")
            assert b"still being filled" in early.body
        assert ask(root, "/_mock/tenants").json == []
        assert ask(root, "/").status == 200
        assert not (tmp_path / "served.env").exists()
        deadline = time.monotonic() + 4 * PATIENCE
        while ask(root, "/_mock/ready").status != 200:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert ask(root, "/_mock/health").json == {"status": "ready", "tenants": 1}
        assert ask(root, HOSTED, "POST", b'{"Method": "ListCompanies"}').json["Message"] == "Invalid Session"


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_it_can_be_ended(engine: str, tmp_path: Path, by: signal.Signals) -> None:
    """Without a traceback, without an env file, with exit code 0, and long before the firm would be there."""
    with filling(tmp_path, "--sample", ENDLESS, "--engine", engine) as (process, root):
        assert ask(root, "/_mock/health").json["status"] == "starting"
        process.send_signal(by)
        printed = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 0
    assert "Traceback" not in printed
    assert not (tmp_path / "served.env").exists()
    assert not listens(root)


def test_it_can_be_ended_while_it_fills_a_file(engine: str, tmp_path: Path) -> None:
    """The file is not taken for a whole one afterwards."""
    data = ("--data", "firm.db", "--engine", engine)
    words = [str(COMMAND), "serve", "--port", "0", "--sample", LARGER, *data]
    with subprocess.Popen(
        words, cwd=tmp_path, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            deadline = time.monotonic() + 4 * PATIENCE
            while sum(file.stat().st_size for file in tmp_path.iterdir()) < FIRST:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            printed = process.communicate(timeout=PATIENCE)[0]
        finally:
            process.kill()
    assert process.returncode == 0
    assert "Traceback" not in printed
    again = start("--port", "0", *data, folder=tmp_path)
    assert again.returncode == 2
    assert "not filled to its end" in again.stderr


def start(*options: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A server that does not come up."""
    words = [str(COMMAND), "serve", *options]
    return completed(*words, cwd=folder)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--sample", "/no/such/folder"), "there is no firm.json"),
        (("--sample", "0"), "at least one project"),
        (("--sample", LARGE, "--quirk", "success_code=9"), "'9' is none of"),
        (("--sample", LARGE, "--quirk", "session_minutes=9999999999999"), "a whole number from 0 to"),
        (("--sample", LARGE, "--freeze", "yesterday"), "--freeze takes a time"),
        (("--sample", LARGE, "--freeze", "2026-01-01T00:00:00"), "a time with a zone is needed"),
        (("--tenants", "/no/such/folder"), "--tenants is a folder"),
        (("--data", "/no/such/folder/firm.db"), "firm.db"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(engine: str, tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    """Exit code 2 and one sentence, whichever process finds it."""
    wrong = start("--port", "0", "--engine", engine, *options, folder=tmp_path)
    assert wrong.returncode == 2, wrong.stderr
    assert said in wrong.stderr
    assert wrong.stderr.startswith("mock-ajera: ")
    assert wrong.stderr.count("\n") == 1


def test_a_busy_port_is_said_in_a_line(engine: str, tmp_path: Path) -> None:
    """Before anything is filled."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        wrong = start("--port", port, "--sample", ENDLESS, "--engine", engine, folder=tmp_path)
    assert wrong.returncode == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in wrong.stderr
    assert wrong.stderr.count("\n") == 1
