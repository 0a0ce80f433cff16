"""The cost of the journal: memory of a tenant over many requests, and time of a small request.

``python -m benchmarks.journal [--requests N]``. The requests are a mix of lists, gets, updates of 20 KB and refusals.
They go directly to the endpoint, without a socket.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from mock_ajera.api import endpoint, redact
from mock_ajera.api.database_id import hosted
from mock_ajera.sample.templates import new_tenant
from mock_ajera.tenants.directory import Directory
from mock_ajera.tenants.journal import Entry, Journal
from mock_ajera.tenants.tenant import Tenant

TURNS = 2000


class Client:
    """Sends requests to the endpoint of a tenant in a session."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenants = Directory()
        self._tenants.add(tenant)
        self._tenants.ready.set()
        self._query = hosted(tenant.firm.database).partition("?")[2]
        login = {"Username": "integrator", "Password": "Offline_4jera", "APIVersion": 1}
        self._token = self.post(self.body("CreateAPISession", **login))["SessionToken"]

    def body(self, method: str, arguments: dict[str, Any] | None = None, **top_level: Any) -> bytes:
        token = getattr(self, "_token", None)
        return json.dumps({"Method": method, "SessionToken": token, "MethodArguments": arguments} | top_level).encode()

    def send(self, body: bytes) -> bytes:
        request = endpoint.Request(query=self._query, body=body, cookie=None, api_root="http://127.0.0.1/")
        return endpoint.answer(request, self._tenants).body

    def post(self, body: bytes) -> dict[str, Any]:
        return dict(json.loads(self.send(body))["Content"])


def mix(client: Client) -> Iterator[Callable[[], object]]:
    """Yield an endless rotation of five kinds of requests."""
    small = {
        "list": client.body("ListClients", {"FilterByStatus": ["Active"]}),
        "get": client.body("GetProjects", {"RequestedProjects": [1]}),
        "refused": client.body("ListProjects", {"FilterByStatus": ["Actve"]}),
        "no session": client.body("ListClients", {}, SessionToken="none"),
    }
    stamp = "2017-12-06 14:46:06.873 GMT-08:00"
    new = {"ClientKey": -1, "LastModifiedDate": stamp, "Description": "Long", "Contacts": []}
    made = client.post(client.body("UpdateClients", {"UpdatedClients": [new], "UnchangedClients": []}))
    state = {"read": made["Clients"][0], "number": 0}

    def update() -> None:
        state["number"] += 1
        changed = state["read"] | {"Notes": f"{state['number']} ".ljust(10_000, "n")}
        arguments = {"UpdatedClients": [changed], "UnchangedClients": [state["read"]]}
        [state["read"]] = client.post(client.body("UpdateClients", arguments))["Clients"]

    sends = [lambda body=body: client.send(body) for body in small.values()]
    yield from cycle([*sends, update])


def resident() -> float:
    """Return the resident memory of the process in megabytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024


def memory(requests: int) -> None:
    """Print the memory after increasing numbers of requests."""
    tenant = new_tenant("sample", seed=b"measured")
    tenant.set_quirks({"session_minutes": 100_000})
    client = Client(tenant)
    print(f"| requests | memory | entries | bodies |\n|---|---|---|---|\n| 1 | {resident():.0f} MB | | |", flush=True)
    shown = {requests // 100, requests // 10, requests}
    for number, send in enumerate(mix(client), 1):
        send()
        if number in shown:
            bodies = sum(len(entry.body or b"") for entry in tenant.journal)
            print(f"| {number:,} | {resident():.0f} MB | {len(tenant.journal):,} | {bodies / 1e6:.1f} MB |", flush=True)
        if number == requests:
            break
    tenant.close()


class NullJournal(Journal):
    """A journal that records nothing."""

    def note(self, entry: Entry, failure: Exception | None = None, *, counted: bool = True) -> Entry:
        return entry


def median(run: Callable[[], object]) -> float:
    """Return the median duration of a call in seconds."""
    took = []
    for _ in range(TURNS):
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def share() -> None:
    """Print the journal's share of the time of a small request, as a whole and by its parts."""
    tenant = new_tenant("sample", seed=b"measured")
    client = Client(tenant)
    body = client.body("ListClients", {"FilterByStatus": ["Active"]})
    journals = {"with": tenant.journal, "without": NullJournal()}
    took: dict[str, list[float]] = {name: [] for name in journals}
    for _ in range(TURNS):
        for name, journal in journals.items():
            tenant.journal = journal
            began = time.perf_counter()
            client.send(body)
            took[name].append(time.perf_counter() - began)
    tenant.journal = journals["with"]
    last = tenant.journal[-1]
    raw = json.loads(body)
    noting = median(lambda: tenant.journal.note(last))
    replacing = median(lambda: redact.journal_body(raw, len(body)))
    whole = statistics.median(took["with"])
    print(f"\n| a small list, request of {len(body)} bytes | {whole * 1e6:.0f} us |\n|---|---|")
    print(f"| saved without a journal | {(whole - statistics.median(took['without'])) * 1e6:.1f} us |")
    print(f"| Journal.note alone | {noting * 1e6:.1f} us, {noting / whole:.1%} |")
    print(f"| removing secrets from the body | {replacing * 1e6:.1f} us, {replacing / whole:.1%} |")
    tenant.close()


def main() -> None:
    """Run all benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}\n", flush=True)
    memory(options.requests)
    share()


if __name__ == "__main__":
    main()
