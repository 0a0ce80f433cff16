"""A server during start-up: it reports its state, can be stopped, and explains invalid settings in one line."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from checkout import COMMAND, PATIENCE, clean_environment
from command_line import run
from raw_http import ask

from mock_ajera.api.database_id import hosted
from mock_ajera.tenants.tenant import Database

LARGE, LARGER, ENDLESS = "150", "3000", "1000000"
FIRST = 300_000
"""Bytes in the file once records have been written."""
HOSTED = f"/{hosted(Database('Ajera_Main', 1, 101))}"


def free_port() -> int:
    """Return a free port. A server prints its port only when it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def wait(process: subprocess.Popen[str], until: Callable[[], bool]) -> None:
    """Wait until something is so while a server runs."""
    deadline = time.monotonic() + 4 * PATIENCE
    while not until():
        assert process.poll() is None, process.stdout and process.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def starting(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a server. Yield the process and the root URL at which it will listen."""
    root = f"http://127.0.0.1:{free_port()}"
    words = [str(COMMAND), "serve", "--port", root.rpartition(":")[2], "--env-file", "served.env", *options]
    with subprocess.Popen(
        words, cwd=folder, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process, root
        finally:
            process.kill()


def stopped(process: subprocess.Popen[str], by: signal.Signals = signal.SIGTERM) -> None:
    """Stop a server, which must exit with code 0 and without a traceback."""
    process.send_signal(by)
    printed = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 0
    assert "Traceback" not in printed


def listens(root: str) -> bool:
    """Return whether a server listens at ``root``."""
    try:
        return ask(root, "/_mock/health").status == 200
    except OSError:
        return False


def test_a_server_is_starting_and_then_ready(engine: str, tmp_path: Path) -> None:
    """Health answers at once. The API and readiness answer 503 until the firm is loaded."""
    with starting(tmp_path, "--sample", LARGE, "--engine", engine) as (process, root):
        wait(process, lambda: listens(root))
        assert ask(root, "/_mock/health").json == {"status": "starting", "tenants": 0}
        waiting = ask(root, "/_mock/ready")
        assert (waiting.status, waiting.headers["Content-Type"]) == (503, "application/problem+json")
        assert "still being loaded" in waiting.json["detail"]
        for path in (HOSTED, "/AjeraAPI.ashx?nonsense"):
            early = ask(root, path, "POST", b'{"Method": "ListCompanies"}')
            assert (early.status, early.headers["Retry-After"]) == (503, "1")
            assert b"still starting" in early.body
        assert ask(root, "/_mock/tenants").json == []
        assert ask(root, "/").status == 200
        assert not (tmp_path / "served.env").exists()
        wait(process, lambda: ask(root, "/_mock/ready").status == 200)
        assert ask(root, "/_mock/health").json == {"status": "ready", "tenants": 1}
        assert ask(root, HOSTED, "POST", b'{"Method": "ListCompanies"}').json["Message"] == "Invalid Session"


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_server_can_be_stopped_while_it_starts(engine: str, tmp_path: Path, by: signal.Signals) -> None:
    """It exits at once with code 0, without a traceback and without an env file."""
    with starting(tmp_path, "--sample", ENDLESS, "--engine", engine) as (process, root):
        wait(process, lambda: listens(root))
        assert ask(root, "/_mock/health").json["status"] == "starting"
        stopped(process, by)
    assert not (tmp_path / "served.env").exists()
    assert not listens(root)


def written(folder: Path) -> int:
    """Return the size of all files in a folder. SQLite may delete its journal at any moment."""
    total = 0
    for file in folder.iterdir():
        with suppress(FileNotFoundError):
            total += file.stat().st_size
    return total


def test_a_server_can_be_stopped_while_it_fills_a_file(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The incomplete file is refused later."""
    data = ("--data", "firm.db", "--engine", engine)
    with starting(tmp_path, "--sample", LARGER, *data) as (process, _):
        wait(process, lambda: written(tmp_path) >= FIRST)
        stopped(process)
    monkeypatch.chdir(tmp_path)
    again = run("serve", "--port", "0", *data)
    assert again.exit_code == 2
    assert "is incomplete: delete it" in again.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--sample", "/no/such/folder"), "there is no folder /no/such/folder; a sample is sample, empty, a number of"),
        (("--sample", "emtpy"), "/emtpy; did you mean empty?"),
        (("--sample", "0"), "at least one project"),
        (("--sample", LARGE, "--quirk", "success_code=9"), "'9' is not one of"),
        (("--sample", LARGE, "--quirk", "session_minutes=9999999999999"), "a whole number from 0 to"),
        (("--sample", LARGE, "--freeze", "yesterday"), "--freeze must be a time"),
        (("--sample", LARGE, "--freeze", "2026-01-01T00:00:00"), "a time with a time zone is required"),
        (("--sample", LARGE, "--freeze", "1066-10-14T09:00:00Z"), "1900 to 2079"),
        *(
            (("--sample", LARGE, "--control-token", token), "--control-token must be ")
            for token in ("", " ", "two words", "t\xf6ken", "line\n")
        ),
        (("--tenants", "/no/such/folder"), "--tenants must be a folder"),
        (("--data", "/no/such/folder/firm.db"), "firm.db"),
    ],
)
def test_an_invalid_setting_is_explained_in_one_line(engine: str, options: tuple[str, ...], said: str) -> None:
    """Exit code 2 and one sentence, before granian starts a worker."""
    wrong = run("serve", "--port", "0", "--engine", engine, *options)
    assert wrong.exit_code == 2, wrong.stderr
    assert said in wrong.stderr
    assert wrong.stderr.startswith("mock-ajera: ")
    assert wrong.stderr.count("\n") == 1


def test_a_busy_port_is_explained_in_one_line(engine: str) -> None:
    """The port is checked before the firm is loaded."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        wrong = run("serve", "--port", port, "--sample", ENDLESS, "--engine", engine)
    assert wrong.exit_code == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in wrong.stderr
    assert wrong.stderr.count("\n") == 1
