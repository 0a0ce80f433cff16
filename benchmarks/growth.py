"""How the cost of requests grows with the firm: ``python -m benchmarks.growth [--engine ENGINE] [PROJECTS ...]``.

Each firm is a file of copies. A million projects need 8 GB of disk, and some minutes.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.calls import Session, calls
from benchmarks.comparison import Comparison, row_of, time_of
from benchmarks.servers import ENGINES, running

CALLS = 5
"""The first calls, which are those of projects."""


def main() -> None:
    """Print a table for the firms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="*", type=int, default=[1000, 100_000, 1_000_000])
    parser.add_argument("--engine", choices=ENGINES, default=ENGINES[0])
    parser.add_argument("--seconds", type=float, default=1.0, help="duration of one round")
    options = parser.parse_args()
    columns = ("request", "projects", "mock-ajera", "baseline", "ratio (lowest to highest)")
    print(f"{row_of(*columns)}\n{row_of(*['---'] * len(columns))}", flush=True)
    sizes = []
    with running("bare", options.engine) as bare:
        for projects in options.projects:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "firm.db"
                # Filling leaves memory behind, so that the measured server opens the file anew.
                with running("servers", options.engine, str(projects), str(file)):
                    pass
                with running("servers", options.engine, str(projects), str(file)) as ours:
                    info, cost = ours.get("/info"), ours.cost()
                    for call in calls(Session(ours.port, info["path"], 1), projects)[:CALLS]:
                        found = Comparison(ours, bare, call, 1, options.seconds)
                        ratio = f"{found.ratio:.2f} ({found.low:.2f} to {found.high:.2f})"
                        print(
                            row_of(call.name, f"{projects:,}", time_of(found.ours), time_of(found.bare), ratio),
                            flush=True,
                        )
                    memory = f"{cost['memory']:.0f} MB", f"{ours.cost()['memory']:.0f} MB"
                    size = f"{file.stat().st_size / 2**20:,.0f} MB"
                    sizes.append(row_of(f"{projects:,}", size, f"{info['filled']:.1f} s", *memory))
    columns = ("projects", "file", "opened in (processor time)", "memory", "memory after the load")
    print(f"\n{row_of(*columns)}\n{row_of(*['---'] * len(columns))}", *sizes, sep="\n")


if __name__ == "__main__":
    main()
