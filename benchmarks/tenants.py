"""What tenants of the sample firm cost: made, reset, kept, brought back, copied; in memory and in a file.

``python -m benchmarks.tenants [--turns N]``. The yardstick is SQLite's own: the image of the same firm, serialized and
opened again as another database.
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
"""Does what is not measured beforehand, and gives what is; that returns what is closed afterwards, if anything."""


def yardstick(image: bytes) -> Timed:
    """The image out of one database and into another."""
    source = sqlite3.connect(":memory:")
    source.deserialize(image)

    def copy() -> object:
        twin = sqlite3.connect(":memory:")
        twin.deserialize(source.serialize())
        return twin

    return lambda: copy


def of_a_tenant(tenant: Tenant) -> dict[str, Timed]:
    """What is done to a tenant that is there; each but the last time it has something that was not there before."""
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


def measure(scenes: dict[str, Timed], turns: int) -> dict[str, list[float]]:
    """Seconds of each scene, in turns; the first turn is not counted."""
    took: dict[str, list[float]] = {name: [] for name in scenes}
    for _ in range(turns + 1):
        for name, prepare in scenes.items():
            run = prepare()
            began = time.perf_counter()
            made = run()
            took[name].append(time.perf_counter() - began)
            if made is not None:
                made.close()
    return {name: values[1:] for name, values in took.items()}


def in_store(folder: Path, turns: int) -> None:
    """Print what a tenant costs in memory and in a file."""
    numbers = count()

    def opened(kind: str) -> SqliteStore:
        return SqliteStore.in_memory() if kind == "memory" else SqliteStore.open(folder / f"{next(numbers)}.db")

    for kind in ("memory", "file"):
        with closing(new_tenant("sample", seed=b"measured", store=opened(kind))) as tenant:
            tenant.snapshots.save_baseline()
            image = tenant.store.dump()
            scenes: dict[str, Timed] = {
                "yardstick": yardstick(image),
                "new tenant": lambda kind=kind: lambda: new_tenant("sample", seed=b"new", store=opened(kind)),
                **of_a_tenant(tenant),
            }
            show(f"in {'memory' if kind == 'memory' else 'a file'}", measure(scenes, turns))
        print(f"| image, in {kind} | {len(image) // 1024} KB | | |", flush=True)


def served(turns: int) -> None:
    """Print what servers cost."""
    with AjeraServer() as server:
        first = server.tenant()
        image = first.tenant.store.dump()

        class Forgotten:
            def __init__(self) -> None:
                self.made = server.tenant()

            def close(self) -> None:
                server.forget(self.made)

        scenes = {"yardstick": yardstick(image), "AjeraServer.tenant()": lambda: Forgotten}
        show("", measure(scenes, turns))

    def started() -> Callable[[], object]:
        return lambda: MockAjera().start().stop()

    class Started:
        def __init__(self) -> None:
            self.mock = MockAjera().start()

        def close(self) -> None:
            self.mock.stop()

    def stopping() -> Callable[[], object]:
        return MockAjera().start().stop

    scenes = {"yardstick": yardstick(image), "MockAjera().start()": lambda: Started, "stop()": stopping}
    show("", measure(scenes, turns))


def show(where: str, took: dict[str, list[float]]) -> None:
    """A line for each scene: the median, the lowest, and the median's ratio to the yardstick of the same turn."""
    bare = took.pop("yardstick")
    print(f"| yardstick{f', {where}' if where else ''} | {micro(statistics.median(bare))} | {micro(min(bare))} | 1 |")
    for name, values in took.items():
        ratio = statistics.median(mine / theirs for mine, theirs in zip(values, bare, strict=True))
        shown = f"{name}, {where}" if where else name
        print(f"| {shown} | {micro(statistics.median(values))} | {micro(min(values))} | {ratio:.1f} |", flush=True)


def micro(seconds: float) -> str:
    """Microseconds."""
    return f"{seconds * 1e6:,.0f} us"


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=200)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, {options.turns} turns\n")
    print("| the sample firm | median | lowest | ratio to the yardstick |\n|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        in_store(Path(folder), options.turns)
    served(options.turns // 4)


if __name__ == "__main__":
    main()
