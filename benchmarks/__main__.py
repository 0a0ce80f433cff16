"""Measure and print the tables of benchmarks/README.md: ``python -m benchmarks [--projects N] [--seconds S]``."""

from __future__ import annotations

import argparse
import http.client
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from mock_ajera import MockAjera

ROUNDS = 7


class Connection:
    """A keep-alive connection that logs in once."""

    def __init__(self, port: int, path: str, version: int = 1) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port)
        self.path = path
        login = {"Username": "integrator", "Password": "Offline_4jera", "APIVersion": version}
        self.token = json.loads(self.post(path, {"Method": "CreateAPISession", **login}))["Content"]["SessionToken"]

    def post(self, path: str, body: dict[str, Any] | bytes) -> bytes:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.http.request("POST", path, data, {"Content-Type": "application/json"})
        return self.http.getresponse().read()

    def body(self, method: str, arguments: dict[str, Any]) -> bytes:
        return json.dumps({"Method": method, "SessionToken": self.token, "MethodArguments": arguments}).encode()


@contextmanager
def server(projects: int) -> Iterator[dict[str, Any]]:
    """Run the measured server in its own process."""
    command = [sys.executable, "-m", "benchmarks.bench_server", str(projects)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(10)


def cpu(port: int) -> float:
    """Return the CPU time of the server in seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/cpu")
    try:
        return float(connection.getresponse().read())
    finally:
        connection.close()


def load(send: list[Callable[[], Any]], seconds: float) -> int:
    """Send requests from one thread per sender for a duration. Return the number of responses."""
    counts = [0] * len(send)
    end = time.perf_counter() + seconds

    def work(index: int) -> None:
        while time.perf_counter() < end:
            send[index]()
            counts[index] += 1

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(send))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def compare(
    info: dict[str, Any], connections: list[Connection], requests: list[Callable[[], bytes]], seconds: float
) -> dict[str, float]:
    """Return the server's CPU time per request for mock-ajera and for the baseline, measured in alternating rounds."""
    answers = [request() for request in requests]
    size = len(connections[0].post(info["path"], answers[0]))
    costs: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(ROUNDS):
        for name in costs:
            if name == "ours":
                send = [
                    (lambda c=connection, r=request: c.post(info["path"], r()))
                    for connection, request in zip(connections, requests, strict=True)
                ]
            else:
                send = [
                    (lambda c=connection, b=answer: c.post(f"/bare/{size}", b))
                    for connection, answer in zip(connections, answers, strict=True)
                ]
            before = cpu(info["port"])
            count = load(send, seconds)
            costs[name].append((cpu(info["port"]) - before) / count)
    ours, bare = statistics.median(costs["ours"]), statistics.median(costs["bare"])
    ratios = [ours_round / bare_round for ours_round, bare_round in zip(costs["ours"], costs["bare"], strict=True)]
    spread = {"ratio": statistics.median(ratios), "low": min(ratios), "high": max(ratios)}
    return {"size": size, "ours": ours, "bare": bare, **spread}


Workload = Callable[[Connection, int], Callable[[], bytes]]
"""A function that returns the requests of a connection. Its number is passed too."""


def workloads(first: Connection, path: str) -> Iterator[tuple[str, int, Workload]]:
    """Yield the name, the version of the API and the requests of each workload."""
    named = {"FilterByDescriptionEquals": "Project 7 of the benchmark"}
    listed = json.loads(first.post(path, first.body("ListProjects", named)))["Content"]["Projects"]
    keys = [row["ProjectKey"] for row in listed]
    yield "GetProjects, 1 key", 1, _constant("GetProjects", {"RequestedProjects": keys[:1]})
    yield "GetProjects, 100 keys", 1, _constant("GetProjects", {"RequestedProjects": keys[:100]})
    yield "ListProjects by equality", 1, _constant("ListProjects", named)
    yield "ListProjects by LIKE", 1, _constant("ListProjects", {"FilterByNameLike": "t 77 of"})
    yield "UpdateProjects, 1 project", 1, partial(updates, path, keys)
    yield "GetProjectTotals", 1, _constant("GetProjectTotals", {"RequestedProjectTotals": 1})
    yield "GetGLAccounts, all", 1, _constant("GetGLAccounts", {})
    yield "ListTimesheets, the newest 500", 2, _constant("ListTimesheets", {})
    yield "ListTimesheets of an employee", 2, _constant("ListTimesheets", {"FilterByEmployee": [3]})
    yield "GetTimesheets, 1 key", 2, _constant("GetTimesheets", {"RequestedTimesheets": [1]})
    yield "ListVendorInvoices of a vendor", 2, _constant("ListVendorInvoices", {"FilterByVendor": [2]})
    yield "GetVendorInvoices, 1 key", 2, _constant("GetVendorInvoices", {"RequestedVendorInvoices": [1]})


def updates(path: str, keys: list[int], connection: Connection, index: int) -> Callable[[], bytes]:
    """Return successful updates of one project: the response of each is the record that the next one was based on."""
    got = json.loads(connection.post(path, connection.body("GetProjects", {"RequestedProjects": [keys[index]]})))
    state = {"record": got["Content"]["Projects"][0], "number": 0}

    def request() -> bytes:
        state["number"] += 1
        changed = {**state["record"], "Notes": f"note {state['number']}"}
        return connection.body("UpdateProjects", {"UpdatedProjects": [changed], "UnchangedProjects": [state["record"]]})

    post = connection.post

    def remembering(to: str, body: dict[str, Any] | bytes) -> bytes:
        answer = post(to, body)
        if to == path and b'"NumberOfProjectsUpdated":1' in answer:
            record = json.loads(answer)["Content"]["Projects"][0]
            record.pop("Resources", None)
            state["record"] = record
        return answer

    connection.post = remembering
    return request


def in_process() -> None:
    """Measure creating a tenant, and starting, resetting and stopping its server."""
    took: dict[str, list[float]] = {"new tenant": [], "start": [], "reset": [], "stop": []}
    with MockAjera():
        pass
    for _ in range(20):
        began = time.perf_counter()
        mock = MockAjera()
        created = time.perf_counter()
        mock.start()
        started = time.perf_counter()
        mock.reset()
        fresh = time.perf_counter()
        mock.close()
        stopped = time.perf_counter()
        steps = (created - began, started - created, fresh - started, stopped - fresh)
        for name, step in zip(took, steps, strict=True):
            took[name].append(step)
    for name, values in took.items():
        print(f"| {name} | {statistics.median(values) * 1000:.2f} ms |")


def main() -> None:
    """Run all benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=1.0, help="duration of one round")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, {options.projects:,} projects\n", flush=True)
    with server(options.projects) as info:
        print(f"| {options.projects:,} projects written | {info['grown']:.1f} s |", flush=True)
        port, path = info["port"], info["path"]
        print("| request | connections | response | mock-ajera | bare | ratio (lowest to highest) |")
        print("|---|---|---|---|---|---|", flush=True)
        for count in (1, 8):
            for name, version, workload in workloads(Connection(port, path), path):
                connections = [Connection(port, path, version) for _ in range(count)]
                requests = [workload(connection, index) for index, connection in enumerate(connections)]
                found = compare(info, connections, requests, options.seconds)
                print(
                    f"| {name} | {count} | {found['size'] / 1000:.1f} kB | {found['ours'] * 1e6:.0f} us "
                    f"| {found['bare'] * 1e6:.0f} us | {found['ratio']:.2f} "
                    f"({found['low']:.2f} to {found['high']:.2f}) |",
                    flush=True,
                )
    print("\n| MockAjera, in process | median of 20 |\n|---|---|")
    in_process()
    processes()


def processes() -> None:
    """Measure the time until ``serve`` is ready, relative to a process that only imports Flask."""
    code = "import sys; from werkzeug.serving import make_server; import flask; flask.Flask('x'); sys.exit()"
    bare, ours = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(7):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            bare.append(time.perf_counter() - began)
            file = Path(folder) / f"{number}.env"
            command = [sys.executable, "-m", "mock_ajera", "serve", "--port", "0", "--env-file", str(file)]
            began = time.perf_counter()
            with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
                while not file.exists():
                    time.sleep(0.002)
                ours.append(time.perf_counter() - began)
                process.terminate()
    ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, bare, strict=True))
    print(f"| serve, until ready | {statistics.median(ours) * 1000:.0f} ms, {ratio:.2f} times the import of Flask |")


def _constant(method: str, arguments: dict[str, Any]) -> Callable[[Connection, int], Callable[[], bytes]]:
    def workload(connection: Connection, index: int) -> Callable[[], bytes]:
        body = connection.body(method, arguments)
        return lambda: body

    return workload


if __name__ == "__main__":
    main()
