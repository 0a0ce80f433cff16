"""The figures of a campaign, and what it found."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field

_SHOWN = 20


@dataclass
class Report:
    """Figures by name, and findings: descriptions of what must not happen, each with what repeats it."""

    name: str
    figures: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    _shown: float = 0.0

    def count(self, figure: str, by: int = 1) -> None:
        """Add to a figure."""
        self.figures[figure] += by

    def find(self, finding: str) -> None:
        """Note a finding, and print it at once."""
        self.findings.append(finding)
        if len(self.findings) <= _SHOWN:
            print(f"FOUND: {finding}", file=sys.stderr, flush=True)

    def progress(self, done: int, of: int) -> None:
        """Print how far the campaign is, every ten seconds."""
        now = time.monotonic()
        if now - self._shown > 10:
            self._shown = now
            print(f"{self.name}: {done} of {of}, {now - self.started:.0f} s", file=sys.stderr, flush=True)

    def table(self) -> str:
        """Return the figures and the findings as text."""
        rows = [f"{value:>12,}  {name}" for name, value in self.figures.items()]
        rows += [f"{len(self.findings):>12,}  findings", f"{time.monotonic() - self.started:>12,.0f}  seconds"]
        return "\n".join([self.name, *rows, *(f"  {each}" for each in self.findings[:_SHOWN])])
