"""The start of a server: until the first call of the API is answered, and the life of a tenant in a process."""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from benchmarks.servers import free_port
from mock_ajera import MockAjera

ROUNDS = 9
GOAL = 1.7
"""Highest ratio to the start of bare Flask on the same engine."""
_LOGIN = json.dumps(
    {"Method": "CreateAPISession", "Username": "integrator", "Password": "Offline_4jera", "APIVersion": 1}
)
_ID = "ew0KICAiQ2xpZW50SUQiOiAxLA0KICAiRGF0YWJhc2VJRCI6IDEwMSwNCiAgIklzU2FtcGxlRGF0YSI6IHRydWUNCn0%3d"
_PATH = f"/V000001/AjeraAPI.ashx?{_ID}"


def compare(engine: str) -> Iterator[str]:
    """Print how long the start takes beside bare Flask, in turns, and yield the goal if it is missed."""
    commands: dict[str, Callable[[int], list[str]]] = {
        "bare": lambda port: [sys.executable, "-m", "benchmarks.bare", engine, str(port)],
        "ours": lambda port: [sys.executable, "-m", "mock_ajera", "serve", "--engine", engine, "--port", str(port)],
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as bytecode:
        # An installed package has bytecode; a checkout may not. The first round writes it.
        environment = os.environ | {"PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}
        for command in commands.values():
            _until_answered(command, environment)
        for _ in range(ROUNDS):
            for name, command in commands.items():
                took[name].append(_until_answered(command, environment))
    ratios = [mine / theirs for mine, theirs in zip(took["ours"], took["bare"], strict=True)]
    ratio = statistics.median(ratios)
    medians = [statistics.median(took[name]) * 1000 for name in ("ours", "bare")]
    print(
        f"\n{engine}: the first call is answered {medians[0]:.0f} ms after the start, by bare Flask after "
        f"{medians[1]:.0f} ms: {ratio:.2f} times ({min(ratios):.2f} to {max(ratios):.2f}), goal {GOAL}.",
        flush=True,
    )
    if ratio > GOAL:
        yield f"{engine}: the start takes {ratio:.2f} times that of bare Flask, goal {GOAL}"


def _until_answered(command: Callable[[int], list[str]], environment: Mapping[str, str]) -> float:
    """Return the seconds from the start of a process to its first answer to a login that is not 503."""
    port = free_port()
    began = time.perf_counter()
    silent = subprocess.DEVNULL
    with subprocess.Popen(command(port), env=environment, stdout=silent, stderr=silent) as server:
        try:
            while not _answers(port):
                time.sleep(0.003)
            return time.perf_counter() - began
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        connection.request("POST", _PATH, _LOGIN)
        answer = connection.getresponse()
        answer.read()
    except ConnectionError:
        return False
    else:
        return answer.status != http.HTTPStatus.SERVICE_UNAVAILABLE
    finally:
        connection.close()


def in_process() -> None:
    """Print how long it takes to create a tenant, and to start, reset and close its server."""
    took: dict[str, list[float]] = {"new tenant": [], "start": [], "reset": [], "close": []}
    with MockAjera():
        pass
    for _ in range(20):
        moments = [time.perf_counter()]
        mock = MockAjera()
        moments.append(time.perf_counter())
        for step in (mock.start, mock.reset, mock.close):
            step()
            moments.append(time.perf_counter())
        for name, (began, ended) in zip(took, pairwise(moments), strict=True):
            took[name].append(ended - began)
    print("| MockAjera, in process | median of 20 |\n|---|---|")
    for name, values in took.items():
        print(f"| {name} | {statistics.median(values) * 1000:.2f} ms |")
