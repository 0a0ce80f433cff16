"""The journal: its entries, its limits and its queries."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_ajera.claims import ledger
from mock_ajera.tenants import journal as module
from mock_ajera.tenants.journal import BODY_LIMIT, MANY, Entry, Journal, Reason

CLAIMS = tuple(sorted(ledger()))[:4]
METHODS = ("ListClients", "GetProjects", "?")
RECORDS = tuple(("Project", key) for key in range(4))
LIMIT, DETAILS = 4, 2500


def entry(**members: Any) -> Entry:
    usual = {"number": 0, "at": 0, "method": "ListClients", "user": "integrator", "version": 1, "outcome": "ok"}
    return Entry(**usual | {"message": "Success", "reasons": ()} | members)


def reasons(number: int) -> tuple[Reason, ...]:
    return tuple(Reason(f"Path[{each}]", "rule", "a text", CLAIMS[0]) for each in range(number))


ENTRIES = st.builds(
    entry,
    at=st.integers(0, 3).map(lambda hours: hours * 3_600_000),
    method=st.sampled_from(METHODS),
    user=st.sampled_from(("integrator", "clerk", "-")),
    outcome=st.sampled_from(("ok", "refused", "failed")),
    claims=st.lists(st.sampled_from(CLAIMS), unique=True).map(tuple),
    records=st.lists(st.sampled_from(RECORDS), unique=True).map(tuple),
    reasons=st.integers(0, 3).map(reasons),
    body=st.none() | st.sampled_from((0, 50, 600, 1200)).map(lambda size: b"b" * size),
    answer=st.none() | st.sampled_from((50, 900)).map(lambda size: b"a" * size),
)
STEPS = st.lists(
    st.tuples(ENTRIES, st.sampled_from(("counted",) * 6 + ("setup",) * 2 + ("clear",))), min_size=4, max_size=30
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "method": st.sampled_from(METHODS),
    "outcome": st.sampled_from(("ok", "refused")),
    "record": st.sampled_from(RECORDS),
    "user": st.sampled_from(("integrator", "clerk")),
    "claim": st.sampled_from(CLAIMS),
    "since": st.integers(0, 3).map(lambda hours: entry(at=hours * 3_600_000).time),
    "until": st.integers(0, 3).map(lambda hours: entry(at=hours * 3_600_000).time),
    "after": st.integers(0, 12),
}
CRITERIA = st.lists(
    st.one_of([st.tuples(st.just(name), values) for name, values in VALUES.items()]),
    max_size=2,
    unique_by=lambda x: x[0],
).map(dict)


def matches(each: Entry, criteria: dict[str, Any]) -> bool:
    tests = {
        "method": lambda value: each.method == value,
        "outcome": lambda value: each.outcome == value,
        "record": lambda value: value in each.records,
        "user": lambda value: each.user == value,
        "claim": lambda value: value in each.claims,
        "since": lambda value: each.time >= value,
        "until": lambda value: each.time <= value,
        "after": lambda value: each.number > value,
    }
    return all(tests[name](value) for name, value in criteria.items())


def details_size(each: Entry) -> int:
    """Return the bytes of details as the journal counts them."""
    return (
        len(each.body or b"")
        + len(each.answer or b"")
        + 100 * len(each.records)
        + sum(len(r.path) + len(r.text) + 200 for r in each.reasons)
    )


@settings(max_examples=150)
@given(STEPS, st.lists(CRITERIA, min_size=4, max_size=10))
def test_any_sequence_of_requests(steps: list[Any], queries: list[dict[str, Any]]) -> None:
    """The journal keeps the last entries and the newest details, and its queries agree with a naive filter."""
    journal = Journal(LIMIT, DETAILS)
    expected: list[Entry] = []
    count, answers = 0, Counter()
    for drawn, how in steps:
        if how == "clear":
            journal.clear()
            expected.clear()
            continue
        noted = replace(drawn)
        count += 1
        expected.append(replace(noted, number=count))
        journal.note(noted, counted=how == "counted")
        assert noted.number == count
        if how == "counted":
            answers.update((claim, noted.method) for claim in noted.claims)

        kept = list(journal)
        assert len(journal) == len(kept) == min(len(expected), LIMIT)
        assert sum(map(details_size, kept)) <= DETAILS
        # Details of dropped entries are released.
        assert len(journal._detailed) <= len(kept)
        # Only the oldest entries lose their details, and no more of them than necessary.
        were = expected[-LIMIT:]
        lost = [at for at, (each, was) in enumerate(zip(kept, were, strict=True)) if each != was]
        newest = max(lost, default=-1)
        assert all(details_size(each) == 0 for each in kept[: newest + 1])
        assert not lost or sum(map(details_size, were[newest:])) > DETAILS

    kept = list(journal)
    assert journal[-2:] == tuple(kept[-2:])
    for criteria in queries:
        found = [each for each in kept if matches(each, criteria)]
        assert journal.where(**criteria) == found
        check_queries(journal, found, criteria)
    by_claim = {each.claim: each for each in journal.reliance()}
    assert {(claim, name): n for claim, each in by_claim.items() for name, n in each.methods.items()} == answers
    assert all(each.answers == sum(each.methods.values()) for each in by_claim.values())


def check_queries(journal: Journal, found: list[Entry], criteria: dict[str, Any]) -> None:
    """Check that ``one``, ``last`` and ``none`` agree with ``where``."""
    for ask, right in ((journal.one, len(found) == 1), (journal.last, bool(found)), (journal.none, not found)):
        try:
            answer = ask(**criteria)
        except AssertionError:
            assert not right
        else:
            assert right
            assert answer is (found[-1] if found else None)


def test_a_body_over_the_limit_is_omitted_but_its_size_is_kept():
    journal = Journal()
    journal.note(entry(body=b"b" * (BODY_LIMIT + 1), size=BODY_LIMIT + 1))
    assert (journal[0].body, journal[0].size) == (None, BODY_LIMIT + 1)


def test_the_number_of_records_and_reasons_of_an_entry_is_limited():
    journal = Journal()
    journal.note(entry(records=tuple(("Project", key) for key in range(MANY + 1)), reasons=reasons(MANY + 1)))
    assert journal.where(record=("Project", MANY - 1))
    assert not journal.where(record=("Project", MANY))
    assert len(journal[0].reasons) == MANY


def test_messages_and_urls_are_truncated():
    journal = Journal()
    journal.note(entry(message="m" * 1_000_000, url="u" * 60_000))
    assert len(journal[0].message + journal[0].url) < 10_000


def test_methods_over_the_limit_are_counted_together(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_METHODS_LIMIT", 3)
    journal = Journal()
    for number in range(10):
        journal.note(entry(method=f"Method {number % 5}", claims=CLAIMS[:1]))
    [reliance] = journal.reliance()
    assert reliance.methods == {"Method 0": 2, "Method 1": 2, "Method 2": 2, "...": 4}
    assert reliance.answers == 10


def test_a_dropped_entry_keeps_its_details():
    journal = Journal(limit=1)
    held = journal.note(entry(body=b"{}", records=RECORDS))
    journal.note(entry())
    assert (held.body, held.records) == (b"{}", RECORDS)


class Slow(deque[Entry]):
    """A deque that yields to other threads."""

    def append(self, each: Entry) -> None:
        time.sleep(0)
        super().append(each)


def test_several_threads_add_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each entry has a unique number, in the order of the entries."""
    journal = Journal()
    monkeypatch.setattr(journal, "_entries", Slow(maxlen=500))
    together = threading.Barrier(8)

    def note_on(_: int) -> None:
        together.wait(30)
        for _ in range(100):
            journal.note(entry(claims=CLAIMS, body=b"{}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note_on, range(8)))

    assert [each.number for each in journal] == list(range(301, 801))
    assert [each.answers for each in journal.reliance()] == [800] * len(CLAIMS)
