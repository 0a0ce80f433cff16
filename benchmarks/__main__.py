"""Measure and print the tables of benchmarks/README.md.

``python -m benchmarks [--engine ENGINE] [--projects N] [--seconds S] [--only TEXT]``
"""

from __future__ import annotations

import argparse
import platform
import statistics
from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks import start
from benchmarks.calls import Session, calls
from benchmarks.comparison import ROUNDS, Comparison, row_of, time_of
from benchmarks.load import Connection, percentile, run_for
from benchmarks.servers import ENGINES, Running, running

CONNECTIONS = (1, 8)


def compare(ours: Running, bare: Running, engine: str, projects: int, seconds: float, only: str) -> Iterator[str]:
    """Print the table of an engine, and yield the goals that it misses."""
    columns = ("connections", "in flight", "response", "mock-ajera", "baseline", "ratio (lowest to highest)", "goal")
    print(f"\n{row_of(f'{engine}: request', *columns)}\n{row_of(*['---'] * 8)}", flush=True)
    for count in CONNECTIONS:
        for call in calls(Session(ours.port, ours.get("/info")["path"], 1), projects):
            if only not in call.name:
                continue
            found = Comparison(ours, bare, call, count, seconds)
            goal = call.goals[engine][CONNECTIONS.index(count)] if engine in call.goals else None
            ratio = f"{found.ratio:.2f} ({found.low:.2f} to {found.high:.2f})"
            size, flying = f"{found.size / 1000:.1f} kB", f"{min(found.flying):.1f}"
            costs = time_of(found.ours), time_of(found.bare)
            print(row_of(call.name, count, flying, size, *costs, ratio, goal or "none"), flush=True)
            if goal is not None and found.ratio > goal:
                yield f"{engine}: {call.name}, {count} connections: {found.ratio:.2f} times the baseline, goal {goal}"


def beside(ours: Running, engine: str, projects: int, seconds: float) -> None:
    """Print how long a reader waits beside seven connections that search."""
    path = ours.get("/info")["path"]
    session = Session(ours.port, path, 1)
    by_name = {call.name: call for call in calls(session, projects)}
    title = f"{engine}: a reader of one project, beside seven connections of"
    print(f"\n{row_of(title, 'median', '99%')}\n{row_of(*['---'] * 3)}", flush=True)
    rounds: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name in ("ListProjects by equality, 100 rows", "ListProjects by LIKE, 100 rows"):
            reader = Connection(ours.port, path, by_name["GetProjects, 1 key"].make(session, 0))
            others = [Connection(ours.port, path, by_name[name].make(session, 0)) for _ in range(7)]
            run_for([reader, *others], seconds)
            rounds.setdefault(name, []).extend(reader.latencies)
    for name, latencies in rounds.items():
        print(row_of(name, time_of(statistics.median(latencies)), time_of(percentile(latencies, 99))), flush=True)


def main() -> None:
    """Run the benchmarks of requests, tenants in a process, and the start."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, action="append", help="the engine to measure; all by default")
    parser.add_argument("--projects", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=1.0, help="duration of one round")
    parser.add_argument("--only", default="", metavar="TEXT", help="only requests with this in their name")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, {options.projects:,} projects", flush=True)
    missed: list[str] = []
    for engine in options.engine or ENGINES:
        with ExitStack() as stack:
            ours = stack.enter_context(running("servers", engine, str(options.projects)))
            bare = stack.enter_context(running("bare", engine))
            idle = ours.cost()["memory"]
            missed += compare(ours, bare, engine, options.projects, options.seconds, options.only)
            beside(ours, engine, options.projects, options.seconds)
            print(f"\n{engine}: {idle:.0f} MB with the firm in memory, {ours.cost()['memory']:.0f} MB after the load.")
        missed += start.compare(engine)
    print()
    start.in_process()
    for each in missed:
        print(f"GOAL MISSED: {each}")
    if not missed:
        print("All goals are reached.")


if __name__ == "__main__":
    main()
