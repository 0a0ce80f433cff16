"""A store matches a model made of dicts after any sequence of operations."""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mock_ajera.store import Row

KINDS = st.sampled_from(["Client", "Project", "Projects", "a"])
KEYS = st.integers(-3, 6)
NAMES = st.sampled_from(["one", "two", "Zoë"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


class State:
    """The expected contents of a store."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], Row] = {}
        self.numbers: dict[str, int] = {}
        self.notes: dict[str, dict[str, str]] = {}


class Histories(RuleBasedStateMachine):
    """Writes, commits, rollbacks, images and restarts in any order."""

    images: Bundle[Any] = Bundle("images")

    def __init__(self, adapter: Any) -> None:
        super().__init__()
        self.adapter = adapter
        self.store = adapter.new()
        self.state = State()
        self.before = State()
        self.open: AbstractContextManager[None] | None = None
        self.loaded = False

    @precondition(lambda self: self.open is None)
    @rule()
    def begin(self) -> None:
        self.before = copy.deepcopy(self.state)
        self.loaded = False
        self.open = self.store.transaction()
        self.open.__enter__()

    @precondition(lambda self: self.open is not None)
    @rule()
    def commit(self) -> None:
        self.open.__exit__(None, None, None)
        self.open = None

    @precondition(lambda self: self.open is not None)
    @rule(error=st.sampled_from([ZeroDivisionError, KeyboardInterrupt]))
    def roll_back(self, error: type[BaseException]) -> None:
        assert not self.open.__exit__(error, error(), None), "the exception must propagate"
        self.state, self.open = self.before, None

    @precondition(lambda self: self.open is not None)
    @rule(kind=KINDS, key=KEYS, stamp=st.integers(-(2**45), 2**45), body=TEXTS)
    def put(self, kind: str, key: int, stamp: int, body: str) -> None:
        old = self.state.rows.get((kind, key))
        row = Row(kind, key, 1 if old is None else old.version + 1, stamp, body)
        assert self.store.put(kind, key, stamp, body) == row
        self.state.rows[kind, key] = row

    @precondition(lambda self: self.open is not None)
    @rule(kind=KINDS, keys=st.sets(KEYS), stamp=st.integers(-(2**45), 2**45), body=TEXTS)
    def insert(self, kind: str, keys: set[int], stamp: int, body: str) -> None:
        new = [key for key in keys if (kind, key) not in self.state.rows]
        self.store.insert((kind, key, stamp, body) for key in new)
        self.state.rows |= {(kind, key): Row(kind, key, 1, stamp, body) for key in new}

    @precondition(lambda self: self.open is not None)
    @rule(kind=KINDS, key=KEYS)
    def delete(self, kind: str, key: int) -> None:
        if self.state.rows.pop((kind, key), None):
            self.store.delete(kind, key)
        else:
            with pytest.raises(KeyError, match=f"{kind} {key}"):
                self.store.delete(kind, key)

    @precondition(lambda self: self.open is not None)
    @rule(name=NAMES)
    def next_number(self, name: str) -> None:
        self.state.numbers[name] = self.state.numbers.get(name, 0) + 1
        assert self.store.next_number(name) == self.state.numbers[name]

    @precondition(lambda self: self.open is not None)
    @rule(name=NAMES, at_least=st.integers(-2, 12))
    def raise_number(self, name: str, at_least: int) -> None:
        self.store.raise_number(name, at_least)
        if at_least > self.state.numbers.get(name, 0):
            self.state.numbers[name] = at_least

    @precondition(lambda self: self.open is not None)
    @rule(area=NAMES, values=st.dictionaries(NAMES, st.none() | TEXTS, min_size=1))
    def set_notes(self, area: str, values: dict[str, str | None]) -> None:
        notes = self.state.notes.setdefault(area, {})
        for name, value in values.items():
            self.store.set_note(area, name, value)
            notes.pop(name, None)
            if value is not None:
                notes[name] = value

    @precondition(lambda self: self.open is None)
    @rule(target=images)
    def dump(self) -> Any:
        return self.store.dump(), copy.deepcopy(self.state)

    @precondition(lambda self: self.open is not None)
    @rule(area=NAMES)
    def clear_notes(self, area: str) -> None:
        self.store.clear_notes(area)
        self.state.notes.pop(area, None)

    @rule(image=images, keep=NAMES | st.just(""))
    def load(self, image: Any, keep: str) -> None:
        if self.open is not None and self.loaded:
            with pytest.raises(RuntimeError, match="loaded in this transaction"):
                self.store.load(image[0], keep=keep)
            return
        self.loaded = True
        self.store.load(image[0], keep=keep)
        kept = self.state.notes.get(keep, {})
        self.state = copy.deepcopy(image[1])
        if keep:
            self.state.notes[keep] = dict(kept)

    @precondition(lambda self: self.open is None)
    @rule(image=consumes(images))
    def continue_in_another_store(self, image: Any) -> None:
        self.store = self.adapter.new()
        self.load(image, "")

    @precondition(lambda self: self.open is None)
    @rule()
    def restart(self) -> None:
        self.store = self.adapter.again(self.store)

    @precondition(lambda self: self.open is None)
    @rule()
    def check(self) -> None:
        self.store._check()
        assert self.store.fault() is None

    @invariant()
    def the_store_matches_the_state(self) -> None:
        state, store = self.state, self.store
        rows = [row for _, row in sorted(state.rows.items())]
        clients = [row for row in rows if row.kind == "Client"]
        assert list(store.rows()) == rows
        assert list(store.rows("Client")) == clients
        assert store.kinds() == sorted({row.kind for row in rows})
        assert store.get_many("Client", range(6, -4, -1)) == clients[::-1]
        assert [store.get("Client", key) for key in range(-3, 7)] == [
            state.rows.get(("Client", key)) for key in range(-3, 7)
        ]
        assert list(store.numbers().items()) == sorted(state.numbers.items())
        assert store.number("one") == state.numbers.get("one", 0)
        assert store.areas() == sorted(area for area, notes in state.notes.items() if notes)
        for area, notes in state.notes.items():
            assert list(store.notes(area).items()) == sorted(notes.items())
            assert store.note(area, "Zoë") == notes.get("Zoë")

    def teardown(self) -> None:
        if self.open is not None:
            self.open.__exit__(None, None, None)
        self.adapter.close()


def test_any_history(adapter: Any) -> None:
    run_state_machine_as_test(
        lambda: Histories(adapter),
        settings=settings(max_examples=60, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow]),
    )
