"""Bad requests: to the endpoint in this process, over sockets to both engines, and to the control surface."""

from __future__ import annotations

import http.client
import json
import socket
import time
from random import Random
from typing import Any
from urllib.parse import quote, urlsplit

from mock_ajera import MockAjera
from mock_ajera.api import endpoint
from mock_ajera.control.action import ACTIONS
from tools.campaign.mutation import mutated, valid
from tools.campaign.report import Report
from tools.campaign.served import Served

_SLOW = 1.0
_EACH = 20_000
"""Requests to one tenant; then a new one is taken, because accepted writes make it grow."""
_ENVELOPE = ["ResponseCode", "Message", "Errors", "Content", "UsageKey"]


def in_process(report: Report, number: int, seed: int) -> None:
    """Send mutated bodies to the endpoint: an envelope for each, no internal error, no change by a refusal."""
    for start in range(0, number, _EACH):
        with MockAjera(seed=f"campaign {seed} {start}") as ajera:
            bodies = list(valid(ajera).values())
            chance = Random(f"{seed} {start}")
            for done in range(min(_EACH, number - start)):
                _send(report, ajera, mutated(chance, bodies), chance)
                report.progress(start + done, number)


def _send(report: Report, ajera: MockAjera, body: bytes, chance: Random) -> None:
    tenant = ajera.tenant
    before = tenant.store.number("login"), _state(ajera)
    began = time.thread_time()
    query = ajera.url.partition("?")[2]
    request = endpoint.Request(query, body, None, "http://127.0.0.1/", len(body))
    answered = endpoint.answer(request, ajera._server.tenants)
    taken = time.thread_time() - began
    report.count("bad requests in process")
    entry = tenant.journal[-1]
    shown = f"{body[:3000]!r} (seed of the tenant: see the report)"
    if entry.outcome == "failed":
        report.find(f"an internal error: {tenant.journal.failures[-1]!r} by {shown}")
        tenant.journal.failures.clear()
    if taken > _SLOW * max(1.0, len(body) / 1_000_000):
        report.find(f"{taken:.1f} s for {len(body)} bytes: {shown}")
    envelope = json.loads(answered.body)
    if [name for name in envelope if not name.startswith("Page")] != _ENVELOPE:
        report.find(f"no envelope: {answered.body[:300]!r} by {shown}")
    if entry.outcome == "refused":
        report.count("of them refused")
        if not entry.reasons:
            report.find(f"a refusal without a reason by {shown}")
        if not envelope["Content"] and _state(ajera) != before[1]:
            report.find(f"a refusal changed something: {shown}")
    elif entry.method.startswith(("Update", "Create")) and chance.random() < 0.05:
        report.count("accepted writes that were read again")
        for method in ("Projects", "Clients", "Employees"):
            ajera.content(f"Get{method}", {f"Requested{method}": [1, 2]})


def _state(ajera: MockAjera) -> int:
    """Return a number that changes with every row that is written."""
    return int(getattr(ajera.tenant.store, "_connection").total_changes)  # noqa: B009


def over_sockets(report: Report, engine: str, number: int, seed: int) -> None:
    """Send broken HTTP and mutated bodies to a server: it stays up, and prints no traceback."""
    chance = Random(f"{seed} {engine}")
    with MockAjera() as ajera:
        bodies = list(valid(ajera).values())
    with Served("--engine", engine) as served:
        path = served.url.partition(f":{served.port}")[2]
        for done in range(number):
            sent = _broken(chance, path, mutated(chance, bodies))
            answered = _raw(served.port, sent)
            report.count(f"raw requests to {engine}")
            status = answered[9:12]
            if status.startswith(b"5") and status not in (b"501", b"505"):
                report.find(f"{engine}: HTTP {status.decode()} for {sent[:2000]!r}")
            if done % 500 == 499 and not served.healthy():
                report.find(f"{engine}: not healthy after {sent[:2000]!r}")
            report.progress(done, number)
        if "Traceback" in served.output():
            report.find(f"{engine}: a traceback: {served.output()[-2000:]}")


def _broken(chance: Random, path: str, body: bytes) -> bytes:
    """Return a request that is broken in its line, its headers or its length, or has only a mutated body."""
    line = chance.choice(
        (
            f"POST {path} HTTP/1.1",
            f"POST {path} HTTP/1.1",
            f"POST {path} HTTP/1.0",
            f"{chance.choice(('GET', 'PUT', 'TRACE', 'x', ''))} {path} HTTP/1.1",
            f"POST {path[: chance.randrange(len(path))]} HTTP/1.1",
            f"POST {path}{chance.choice(('%00', '%zz', '?', '#', ' ', '/../..', '%ed%a0%80'))} HTTP/1.1",
            f"POST {path} HTTP/9.9",
            f"POST /_mock/{chance.choice(('health', 'tenants', '%2e', 'x' * 3000))} HTTP/1.1",
            "".join(chance.choices("POST /HT\t:%\x00\x7f", k=30)),
        )
    )
    length = chance.choice((len(body),) * 6 + (0, -1, 2**63, "x", "5, 6", ""))
    headers = [f"Content-Length: {length}", "Host: 127.0.0.1", "Connection: close"]
    if chance.random() < 0.3:
        headers.append(
            chance.choice(
                (
                    "Transfer-Encoding: chunked",
                    "Content-Type: application/json; charset=utf-16",
                    "Content-Encoding: gzip",
                    "Expect: 100-continue",
                    "Cookie: AjeraAPISession=\x01",
                    "X-Request-Id: a\tb",
                    f"X-Long: {'y' * 20_000}",
                    "No colon",
                )
            )
        )
    return "\r\n".join([line, *headers, "", ""]).encode("latin-1") + body


def _raw(port: int, sent: bytes) -> bytes:
    """Send bytes, end the sending side, and return the beginning of the answer."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(4096)
    except OSError:
        return b""


def to_the_control_surface(report: Report, number: int, seed: int) -> None:
    """Send arbitrary bodies and queries to each action: no internal error, no change by a refusal."""
    chance = Random(f"{seed} control")
    names = ("default", "x", "../x", "%00", "t1", "1", "", "Client 1", "9" * 50)
    values: tuple[Any, ...] = (None, 0, -1, "", "x", [], {}, True, 1e300, "2026-11-29T00:00:00Z", "reader", "sample")
    with MockAjera(seed=seed) as ajera:
        root = ajera.control_url
        for done in range(number):
            action = chance.choice(list(ACTIONS.values()))
            path = action.path
            for each in action.path_parameters:
                path = path.replace(f"{{{each}}}", chance.choice(names))
            wanted = list(getattr(action.body or action.query, "__annotations__", {})) or ["x"]
            sent = {chance.choice(wanted): chance.choice(values) for _ in range(chance.randint(0, 3))}
            before = _state(ajera)
            report.count("requests to the control surface")
            try:
                status = _ask(root, action.verb, path, sent)
            except ConnectionResetError:
                # The server answers some requests without their bodies; one that is still on its way resets the answer.
                report.count("answers lost by a reset")
                continue
            if status >= 500 and status != 503:
                report.find(f"HTTP {status} for {action.verb} {path} {sent}")
            if status >= 400 and _state(ajera) != before:
                report.find(f"a refusal changed something: {action.verb} {path} {sent}")
            if ajera._server.tenants.get("default") is None:
                report.find(f"the default tenant is gone after {action.verb} {path} {sent}")
                return
            report.progress(done, number)


def _ask(root: str, verb: str, path: str, sent: Any) -> int:
    parts = urlsplit(root)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
    try:
        body = json.dumps(sent).encode()
        headers = {"Content-Type": "application/json"}
        connection.request(verb, parts.path + quote(path, safe="/%"), body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
