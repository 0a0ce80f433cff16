"""The cost of a call in the server's process, compared with the baseline in alternating rounds."""

from __future__ import annotations

import statistics

from benchmarks.calls import Call, Session
from benchmarks.load import Connection, Constant, ask, run_for
from benchmarks.servers import Running

ROUNDS = 7


class Comparison:
    """A call beside the baseline with the same request and an answer of the same size, in alternating rounds."""

    def __init__(self, ours: Running, bare: Running, call: Call, count: int, seconds: float) -> None:
        path = ours.get("/info")["path"]
        sessions = [Session(ours.port, path, call.version) for _ in range(count)]
        callers = [call.make(session, number) for number, session in enumerate(sessions)]
        request = callers[0].request()
        self.size = ask(ours.port, path, callers[0])
        self.flying: list[float] = []
        costs: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(ROUNDS):
            for name, server in (("ours", ours), ("bare", bare)):
                if name == "ours":
                    connections = [Connection(server.port, path, caller, call.once) for caller in callers]
                else:
                    to = f"/bare/{self.size}"
                    connections = [Connection(server.port, to, Constant(request), call.once) for _ in range(count)]
                before = server.cost()["cpu"]
                flying = run_for(connections, seconds)
                answers = sum(len(each.latencies) for each in connections)
                costs[name].append((server.cost()["cpu"] - before) / answers)
                if name == "ours":
                    self.flying.append(flying)
        self.ours, self.bare = statistics.median(costs["ours"]), statistics.median(costs["bare"])
        ratios = [mine / theirs for mine, theirs in zip(costs["ours"], costs["bare"], strict=True)]
        self.ratio, self.low, self.high = statistics.median(ratios), min(ratios), max(ratios)


def row_of(*cells: object) -> str:
    """Return a row of a Markdown table."""
    return f"| {' | '.join(map(str, cells))} |"


def time_of(seconds: float) -> str:
    """Return a duration as a text."""
    return f"{seconds * 1e6:,.0f} us" if seconds < 0.01 else f"{seconds * 1e3:.1f} ms"
