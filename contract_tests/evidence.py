"""Evidence: which claims each test is about, and what a run has shown of each claim."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from importlib import resources

import pytest

from mock_ajera.claims import Claim, Grade, ledger

DIFFERS = "inferred: differs"
"""How the skip reason of a test begins that found an inferred claim to be wrong of a real endpoint."""

_PROPERTY = "claims"
"""The user property of a report that names the claims of its test."""

_STATES = ("failed", "reported", "passed", "skipped", "not run")
"""What can have become of a claim, the first that holds counts."""


class Evidence:
    """What the tests of a run say about the claims."""

    def __init__(self, guesses_hold: bool) -> None:
        """``guesses_hold``: whether a failed test of an inferred claim fails the run."""
        self._guesses_hold = guesses_hold
        self.unlisted_skips: set[str] = set()
        self._claims: Mapping[str, Claim] = ledger()
        self._listed = listed_skips()
        self._outcomes: dict[str, Counter[str]] = defaultdict(Counter)

    @property
    def used(self) -> bool:
        """Whether any test of the suite has run."""
        return bool(self._outcomes)

    def of(self, item: pytest.Item) -> tuple[Claim, ...]:
        """The claims of a test.

        Raises ``pytest.UsageError`` for a test without claims, an unknown claim, and inferred claims beside others.
        """
        ids = [each for mark in item.iter_markers("claim") for each in mark.args]
        unknown = [each for each in ids if each not in self._claims]
        if unknown:
            raise pytest.UsageError(f"{item.nodeid}: the ledger has no claim {unknown[0]!r}")
        claims = tuple(self._claims[each] for each in ids)
        if not claims:
            raise pytest.UsageError(f"{item.nodeid}: the test names no claim")
        if len({claim.grade is Grade.INFERRED for claim in claims}) > 1:
            # Its failure would have to be reported and to count at once.
            raise pytest.UsageError(f"{item.nodeid}: inferred claims and others do not go into one test")
        return claims

    def judge(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """Write the claims into a report. Where an inferred one fails on a real endpoint the test becomes a skip."""
        claims = self.of(item)
        report.user_properties.append((_PROPERTY, " ".join(claim.id for claim in claims)))
        inferred = all(claim.grade is Grade.INFERRED for claim in claims)
        if report.failed and report.when == "call" and inferred and not self._guesses_hold:
            report.outcome = "skipped"
            path, line, _ = item.location
            report.longrepr = (path, line or 0, f"{DIFFERS} ({', '.join(claim.id for claim in claims)})")

    def note(self, report: pytest.TestReport) -> None:
        """Take a report into account, which may come from another process. Those of other tests say nothing."""
        named = [str(value) for name, value in report.user_properties if name == _PROPERTY]
        if not named:
            return
        outcome: str = report.outcome
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            reason = reason.removeprefix("Skipped: ")
            if reason.startswith(DIFFERS):
                outcome = "reported"
            elif reason not in self._listed:
                self.unlisted_skips.add(reason)
        if report.when == "call" or outcome != "passed":
            for name in named[-1].split():
                self._outcomes[name][outcome] += 1

    def state(self, claim: Claim) -> str:
        """What has become of a claim in this run."""
        seen = self._outcomes.get(claim.id, Counter())
        return next((state for state in _STATES if seen[state]), "not run")

    def missing(self) -> list[str]:
        """Ids of the documented and observed claims, but for variants, that no passed test showed."""
        return [claim.id for claim in self._claims.values() if is_due(claim) and self.state(claim) != "passed"]

    def lines(self) -> Iterable[str]:
        """The summary, a line at a time."""
        for grade in Grade:
            states = Counter(self.state(claim) for claim in self._claims.values() if claim.grade is grade)
            counts = ", ".join(f"{states[state]} {state}" for state in _STATES)
            yield f"{grade.value} ({sum(states.values())}): {counts}"
        reported = [claim.id for claim in self._claims.values() if self.state(claim) == "reported"]
        if reported:
            yield f"inferred and different here: {', '.join(reported)}"


def is_due(claim: Claim) -> bool:
    """Whether a test has to show this claim: it is known, and of every endpoint."""
    return claim.grade is not Grade.INFERRED and not claim.variant


def listed_skips() -> frozenset[str]:
    """The reasons of skips.toml: those for which a test may be skipped on a target that has everything."""
    text = resources.files(__package__).joinpath("skips.toml").read_text(encoding="utf-8")
    return frozenset(entry["reason"] for entry in tomllib.loads(text).get("skip", ()))
