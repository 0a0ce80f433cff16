"""Evidence: the claims of each test, and the outcome of each claim in a run."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from importlib import resources

import pytest

from mock_ajera.claims import Claim, Grade, ledger

DIFFERS = "inferred: different"
"""Start of the skip reason of a test whose inferred claim does not hold for the target."""

_PROPERTY = "claims"
"""User property of a report that contains the claims of its test."""

SKIPPED = "skipped"
"""Outcome of a test that the target, or the options of the run, did not allow."""

_NOT_TESTED = "not tested"
_STATES = ("failed", "different", "passed", SKIPPED, _NOT_TESTED)
"""Possible outcomes of a claim, as docs/contract-suite.md explains them. If its tests differ, the first one counts."""


class Evidence:
    """The outcome of each claim in a run."""

    def __init__(self, guesses_hold: bool) -> None:
        """``guesses_hold``: whether a failed test of an inferred claim fails the run."""
        self._guesses_hold = guesses_hold
        self.unlisted_skips: set[str] = set()
        self._claims: Mapping[str, Claim] = ledger()
        self._listed = listed_skips()
        self._outcomes: dict[str, Counter[str]] = defaultdict(Counter)

    @property
    def used(self) -> bool:
        """Return whether any test of the suite has run."""
        return bool(self._outcomes)

    def of(self, item: pytest.Item) -> tuple[Claim, ...]:
        """Return the claims of a test.

        Raises ``pytest.UsageError`` for a test without claims, for an unknown claim, and for a test that mixes inferred
        claims with others.
        """
        ids = [each for mark in item.iter_markers("claim") for each in mark.args]
        unknown = [each for each in ids if each not in self._claims]
        if unknown:
            raise pytest.UsageError(f"{item.nodeid}: the ledger has no claim {unknown[0]!r}")
        claims = tuple(self._claims[each] for each in ids)
        if not claims:
            raise pytest.UsageError(f"{item.nodeid}: the test names no claim")
        if len({claim.grade is Grade.INFERRED for claim in claims}) > 1:
            # Its failure would both count and not fail the run.
            raise pytest.UsageError(f"{item.nodeid}: a test cannot have inferred claims and others")
        return claims

    def judge(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """Add the claims to a report. A failed test of inferred claims becomes a skip where guesses need not hold."""
        claims = self.of(item)
        report.user_properties.append((_PROPERTY, " ".join(claim.id for claim in claims)))
        inferred = all(claim.grade is Grade.INFERRED for claim in claims)
        if report.failed and report.when == "call" and inferred and not self._guesses_hold:
            report.outcome = "skipped"
            path, line, _ = item.location
            report.longrepr = (path, line or 0, f"{DIFFERS} ({', '.join(claim.id for claim in claims)})")

    def note(self, report: pytest.TestReport) -> None:
        """Record a report, which may come from another process. Reports of other tests are ignored."""
        named = [str(value) for name, value in report.user_properties if name == _PROPERTY]
        if not named:
            return
        outcome: str = report.outcome
        if report.skipped:
            outcome = SKIPPED
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            reason = reason.removeprefix("Skipped: ")
            if reason.startswith(DIFFERS):
                outcome = "different"
            elif reason not in self._listed:
                self.unlisted_skips.add(reason)
        if report.when == "call" or outcome != "passed":
            for name in named[-1].split():
                self._outcomes[name][outcome] += 1

    def state(self, claim: Claim) -> str:
        """Return the outcome of a claim in this run."""
        seen = self._outcomes.get(claim.id, Counter())
        return next((state for state in _STATES if seen[state]), _NOT_TESTED)

    def missing(self) -> list[str]:
        """Return the ids of the documented and observed claims that no passed test covers, without variants."""
        return [claim.id for claim in self._claims.values() if is_due(claim) and self.state(claim) != "passed"]

    def skipped(self) -> list[str]:
        """Return the documented and observed claims with skipped tests, and how many if other tests passed."""
        found = []
        for claim in self._claims.values():
            seen = self._outcomes.get(claim.id, Counter())
            if claim.grade is not Grade.INFERRED and seen[SKIPPED]:
                some = f" ({seen[SKIPPED]} of {seen.total()} tests)" if seen.total() > seen[SKIPPED] else ""
                found.append(f"{claim.id}{some}")
        return found

    def lines(self) -> Iterable[str]:
        """Yield the lines of the summary."""
        for grade in Grade:
            states = Counter(self.state(claim) for claim in self._claims.values() if claim.grade is grade)
            counts = ", ".join(f"{states[state]} {state}" for state in _STATES)
            yield f"{grade.value} ({sum(states.values())}): {counts}"
        if skipped := self.skipped():
            yield f"documented or observed, and skipped: {', '.join(skipped)}"
        differing = [claim.id for claim in self._claims.values() if self.state(claim) == "different"]
        if differing:
            yield f"inferred, and different: {', '.join(differing)}"


def is_due(claim: Claim) -> bool:
    """Return whether a test must cover this claim: it is not inferred, and holds for every endpoint."""
    return claim.grade is not Grade.INFERRED and not claim.variant


def listed_skips() -> frozenset[str]:
    """Return the reasons in skips.toml: those that may skip a test on a target with every kind of data."""
    text = resources.files(__package__).joinpath("skips.toml").read_text(encoding="utf-8")
    return frozenset(entry["reason"] for entry in tomllib.loads(text).get("skip", ()))
