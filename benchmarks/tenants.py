"""The cost of tenants of the sample firm: create, reset, snapshot, restore and fork, in memory and in a file.

``python -m benchmarks.tenants [--turns N]``. The baseline is SQLite itself: it serializes the same firm and
deserializes it into another database.
"""

from __future__ import annotations

import argparse
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

from mock_ajera import AjeraServer, MockAjera
from mock_ajera.sample.templates import new_tenant
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.tenant import Tenant

Timed = Callable[[], Callable[[], object]]
"""Prepares a measurement and returns the measured function, which may return an object to be closed afterwards."""


def baseline(image: bytes) -> Timed:
    """Serialize a database and deserialize it into another."""
    source = sqlite3.connect(":memory:")
    source.deserialize(image)

    def copy() -> object:
        twin = sqlite3.connect(":memory:")
        twin.deserialize(source.serialize())
        return twin

    return lambda: copy


def tenant_actions(tenant: Tenant) -> dict[str, Timed]:
    """Return the actions on an existing tenant. A record is written before each of them."""
    taken = tenant.snapshot()

    def after_a_write(run: Callable[[], object]) -> Timed:
        def prepared() -> Callable[[], object]:
            with tenant.lock, tenant.writing():
                key = tenant.store.next_number("Client")
                tenant.save("Client", key, {"ClientKey": key, "Description": f"Client {key}"})
            return run

        return prepared

    return {
        "reset": after_a_write(tenant.reset),
        "snapshot": after_a_write(lambda: tenant.snapshot() and None),
        "restore": after_a_write(lambda: tenant.restore(taken)),
        "fork": after_a_write(lambda: tenant.fork(SqliteStore.in_memory(), seed=b"fork")),
    }


def measure(actions: dict[str, Timed], turns: int) -> dict[str, list[float]]:
    """Return the seconds of each action in each turn. The first turn is discarded."""
    took: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(turns + 1):
        for name, prepare in actions.items():
            run = prepare()
            began = time.perf_counter()
            made = run()
            took[name].append(time.perf_counter() - began)
            if made is not None:
                made.close()
    return {name: values[1:] for name, values in took.items()}


def in_store(folder: Path, turns: int) -> None:
    """Print the cost of tenants in memory and in a file."""
    numbers = count()

    def opened(kind: str) -> SqliteStore:
        return SqliteStore.in_memory() if kind == "memory" else SqliteStore.open(folder / f"{next(numbers)}.db")

    for kind in ("memory", "file"):
        with closing(new_tenant("sample", seed=b"measured", store=opened(kind))) as tenant:
            tenant.mark()
            image = tenant.store.dump()
            actions: dict[str, Timed] = {
                "baseline": baseline(image),
                "new tenant": lambda kind=kind: lambda: new_tenant("sample", seed=b"new", store=opened(kind)),
                **tenant_actions(tenant),
            }
            show(f"in {'memory' if kind == 'memory' else 'a file'}", measure(actions, turns))
        print(f"| image, in {kind} | {len(image) // 1024} KB | | |", flush=True)


def served(turns: int) -> None:
    """Print the cost of servers."""
    with AjeraServer() as server:
        first = server.tenant()
        image = first.tenant.store.dump()

        class TemporaryTenant:
            def __init__(self) -> None:
                self.made = server.tenant()

            def close(self) -> None:
                server.forget(self.made)

        actions = {"baseline": baseline(image), "AjeraServer.tenant()": lambda: TemporaryTenant}
        show("", measure(actions, turns))

    def started() -> Callable[[], object]:
        return lambda: MockAjera().start().close()

    class TemporaryServer:
        def __init__(self) -> None:
            self.mock = MockAjera().start()

        def close(self) -> None:
            self.mock.close()

    def stopping() -> Callable[[], object]:
        return MockAjera().start().close

    actions = {"baseline": baseline(image), "MockAjera().start()": lambda: TemporaryServer, "close()": stopping}
    show("", measure(actions, turns))


def show(where: str, took: dict[str, list[float]]) -> None:
    """Print a row for each action: the median, the minimum, and the median ratio to the baseline of the same turn."""
    base = took.pop("baseline")
    print(f"| baseline{f', {where}' if where else ''} | {micro(statistics.median(base))} | {micro(min(base))} | 1 |")
    for name, values in took.items():
        ratio = statistics.median(mine / theirs for mine, theirs in zip(values, base, strict=True))
        shown = f"{name}, {where}" if where else name
        print(f"| {shown} | {micro(statistics.median(values))} | {micro(min(values))} | {ratio:.1f} |", flush=True)


def micro(seconds: float) -> str:
    """Format seconds as microseconds."""
    return f"{seconds * 1e6:,.0f} us"


def main() -> None:
    """Run all benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=200)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, {options.turns} turns\n")
    print("| the sample firm | median | minimum | ratio to the baseline |\n|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        in_store(Path(folder), options.turns)
    served(options.turns // 4)


if __name__ == "__main__":
    main()
