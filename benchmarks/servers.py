"""The measured server, in a process of its own: ``python -m benchmarks.servers ENGINE PORT PROJECTS [FILE]``."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import flask

from benchmarks import copies
from benchmarks.bare import measured
from mock_ajera.api.database_id import hosted
from mock_ajera.api.reading import LIMIT
from mock_ajera.app import create_app
from mock_ajera.server import READ_TIMEOUT, Server
from mock_ajera.tenants.directory import Directory

ENGINES = ("werkzeug", "granian")


@dataclass(frozen=True)
class Running:
    """A server that runs."""

    port: int

    def cost(self) -> dict[str, float]:
        """Return the processor time in seconds and the resident memory in MB of the serving process."""
        found: dict[str, float] = self.get("/cost")
        return found

    def get(self, path: str) -> Any:
        """Return the JSON at a path."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


@contextmanager
def running(module: str, engine: str, *words: str) -> Iterator[Running]:
    """Run a server of the benchmarks until the block ends."""
    server = Running(free_port())
    command = [sys.executable, "-m", f"benchmarks.{module}", engine, str(server.port), *words]
    with subprocess.Popen(command) as process:
        try:
            while not _answers(server):
                if process.poll() is not None:
                    raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
                time.sleep(0.05)
            yield server
        finally:
            process.terminate()


def free_port() -> int:
    """Return a port that is free at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def _answers(server: Running) -> bool:
    try:
        server.cost()
    except ConnectionError:
        return False
    return True


def _create(projects: int, data: Path | None) -> flask.Flask:
    """Return mock-ajera with a firm of so many projects, from a file if there is one."""
    began = time.process_time()
    tenant = copies.opened(data) if data is not None and data.exists() else copies.grown(projects, data)
    directory = Directory()
    directory.add(tenant)
    info = {"path": f"/{hosted(tenant.firm.database)}", "filled": time.process_time() - began}
    app = measured(create_app(directory))
    app.add_url_rule("/info", "info", lambda: info)
    return app


def main() -> None:
    """Serve until the process is terminated."""
    engine, port, projects, *data = sys.argv[1:]
    create = partial(_create, int(projects), Path(data[0]) if data else None)
    if engine == "werkzeug":
        with Server(create(), "127.0.0.1", int(port)) as server:
            server.wait()
    else:
        from mock_ajera import granian_engine

        granian_engine.serve(create, "127.0.0.1", int(port), None, body_limit=LIMIT, read_timeout=READ_TIMEOUT)


if __name__ == "__main__":
    main()
