"""The behavior of every store that its model of dicts does not have: limits, misuse and independence."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from mock_ajera.store import Store, StoreClosed, StoreUnreadable


def state(store: Store) -> Any:
    """Return everything that the tests write to a store."""
    return list(store.rows()), store.numbers(), store.notes("user")


def fill(store: Store) -> None:
    """Write a record, a number and a note."""
    with store.transaction():
        store.put("Client", 3, 100, '{"Description": "Kepler & Sons"}')
        store.next_number("Client")
        store.set_note("user", "integrator", "{}")


def undone(store: Store, writes: Callable[[], object]) -> None:
    """Run a transaction that writes and then fails."""

    def attempt() -> None:
        with store.transaction():
            writes()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        attempt()


class TestMark:
    """A store returns to its mark by undoing the changes since."""

    def test_every_change_is_undone(self, store: Store) -> None:
        fill(store)
        with store.transaction():
            store.put("Client", 4, 200, "deleted")
            store.put("Client", 3, 300, "in version 2")
            store.mark()
        before = state(store)
        with store.transaction():
            store.put("Client", 3, 400, "")
            store.delete("Client", 4)
            store.put("Vendor", 1, 500, "new")
            store.next_number("Vendor")
            store.set_note("user", "added", "{}")
            store.set_note("user", "integrator", None)
        with store.transaction():
            store.put("Client", 3, 600, "again")
            store.put("Client", 4, 600, "put again")
            store.put("Vendor", 2, 600, "new and gone")
            store.delete("Vendor", 2)
        with store.transaction():
            changed = store.rewind()
        assert state(store) == before
        rows = {(row.kind, row.key): row for row in before[0]}
        assert changed == [
            *(("Client", rows["Client", key]) for key in (3, 4)),
            *(("Vendor", key) for key in (1, 2)),
        ]

    def test_it_can_be_returned_to_again(self, store: Store) -> None:
        fill(store)
        with store.transaction():
            store.mark()
        before = state(store)
        for stamp in range(3):
            with store.transaction():
                store.put("Client", 3, stamp, "")
                store.put("Client", stamp + 10, stamp, "")
            with store.transaction():
                assert len(store.rewind()) == 2
            assert state(store) == before
        with store.transaction():
            assert store.rewind() == []

    def test_an_area_of_notes_is_kept(self, store: Store) -> None:
        with store.transaction():
            store.set_note("session", "old", "")
            store.mark()
        with store.transaction():
            store.set_note("session", "new", "")
            store.set_note("user", "new", "")
            store.rewind(keep="session")
        assert (store.notes("session"), store.notes("user")) == ({"old": "", "new": ""}, {})

    def test_what_is_rolled_back_is_no_change(self, store: Store) -> None:
        fill(store)
        with store.transaction():
            store.mark()
        before = state(store)
        undone(store, lambda: store.put("Client", 3, 999, ""))
        with store.transaction():
            store.put("Client", 5, 1, "")
        undone(store, store.rewind)
        assert store.get("Client", 5) is not None
        with store.transaction():
            assert store.rewind() == [("Client", 5)]
        assert state(store) == before

    def test_a_loaded_image_is_undone(self, store: Store) -> None:
        fill(store)
        image = store.dump()
        with store.transaction():
            store.put("Client", 3, 200, "changed")
            store.put("Client", 9, 200, "not in the image")
            store.mark()
        before = state(store)
        with store.transaction():
            store.load(image)
        assert state(store) != before
        with store.transaction():
            store.rewind()
        assert state(store) == before

    def test_a_later_mark_replaces_it(self, store: Store) -> None:
        with store.transaction():
            store.mark()
        fill(store)
        with store.transaction():
            store.mark()
        after = state(store)
        with store.transaction():
            store.delete("Client", 3)
        with store.transaction():
            store.rewind()
        assert state(store) == after

    def test_without_a_mark_there_is_nothing_to_return_to(self, store: Store) -> None:
        with pytest.raises(LookupError), store.transaction():
            store.rewind()


class TestRecords:
    @pytest.mark.parametrize("key", [2**63, -(2**63) - 1, 10**40])
    def test_a_huge_key_is_missing(self, store: Store, key: int) -> None:
        """Reading a key that is too large to be stored is not an error."""
        fill(store)
        assert store.get("Client", key) is None
        assert [row.key for row in store.get_many("Client", [key, 3])] == [3]

    def test_get_many_keeps_the_order_of_the_keys(self, store: Store) -> None:
        """Missing rows are omitted, and a key given twice returns its row twice."""
        with store.transaction():
            for key in (1, 2, 3, 4):
                store.put("Client", key, 0, "")
            store.put("Vendor", 9, 0, "")
        assert [row.key for row in store.get_many("Client", iter([4, 9, 1, 4]))] == [4, 1, 4]
        assert store.get_many("Client", []) == []

    def test_get_many_accepts_any_number_of_keys(self, store: Store) -> None:
        """It accepts far more keys than a SQL statement accepts variables."""
        with store.transaction():
            store.put("Client", 70_000, 0, "")
        assert [row.key for row in store.get_many("Client", range(80_000))] == [70_000]

    def test_rows_are_ordered_by_kind_and_key(self, store: Store) -> None:
        """The order does not depend on when a row was put, also across several pages."""
        with store.transaction():
            for kind, key in [("b", 2), ("a", 1000), ("c", 1), ("b", -5), *(("a", key) for key in range(999, 0, -1))]:
                store.put(kind, key, 0, "")
        found = [(row.kind, row.key) for row in store.rows()]
        assert found == [*(("a", key) for key in range(1, 1001)), ("b", -5), ("b", 2), ("c", 1)]

    def test_the_store_may_change_while_rows_are_read(self, store: Store) -> None:
        """Each record can be rewritten, and a write rolled back, during the iteration."""
        with store.transaction():
            for key in range(600):
                store.put("Client", key, 0, "old")
        for row in store.rows():
            with store.transaction():
                store.put(row.kind, row.key, 1, "new")
            undone(store, partial(store.delete, row.kind, row.key))
        assert [(row.key, row.version, row.body) for row in store.rows()] == [(key, 2, "new") for key in range(600)]


class TestTransactions:
    def test_nesting_is_refused_and_rolls_back_the_outer_transaction(self, store: Store) -> None:

        def nested() -> None:
            with store.transaction():
                store.put("Client", 1, 0, "")
                with store.transaction():
                    raise AssertionError("not reached")

        with pytest.raises(RuntimeError, match="already open"):
            nested()
        assert store.get("Client", 1) is None

    @pytest.mark.parametrize(
        "write",
        [
            lambda store: store.put("Client", 3, 0, ""),
            lambda store: store.insert([("Client", 4, 0, "")]),
            lambda store: store.delete("Client", 3),
            lambda store: store.next_number("Client"),
            lambda store: store.raise_number("Client", 9),
            lambda store: store.raise_number("Client", 0),
            lambda store: store.set_note("user", "integrator", "x"),
            lambda store: store.set_note("user", "integrator", None),
            lambda store: store.clear_notes("user"),
        ],
        ids=[
            "put",
            "insert",
            "delete",
            "next_number",
            "raise_number",
            "raise_number to 0",
            "set_note",
            "remove note",
            "clear_notes",
        ],
    )
    def test_writing_needs_a_transaction(self, store: Store, write: Any) -> None:
        """Every method that writes raises outside a transaction and writes nothing."""
        fill(store)
        before = state(store)
        with pytest.raises(RuntimeError, match="needs a transaction"):
            write(store)
        assert state(store) == before


class TestImages:
    def test_stores_loaded_from_one_image_are_independent(self, adapter: Any, store: Store) -> None:
        """Writes to one store do not affect the source, another copy or the image."""
        fill(store)
        image, before = store.dump(), state(store)
        kept = bytes(bytearray(image))
        one, other = adapter.new(), adapter.new()
        one.load(image)
        other.load(image)
        with one.transaction():
            one.put("Client", 3, 900, "one")
        with store.transaction():
            store.put("Client", 3, 901, "source")
        assert one.get("Client", 3).version == 2
        assert state(other) == before
        assert image == kept

    def test_a_loaded_store_can_be_written(self, adapter: Any, store: Store) -> None:
        """Sequences continue, the store can grow far beyond the size of the image, and rollback works."""
        fill(store)
        copy = adapter.new()
        copy.load(store.dump())
        with copy.transaction():
            assert copy.next_number("Client") == 2
            for key in range(10, 400):
                copy.put("Client", key, 0, "x" * 5000)
        before = state(copy)
        undone(copy, lambda: [copy.delete("Client", key) for key in range(10, 400)])
        assert state(copy) == before
        assert len(before[0]) == 391

    @pytest.mark.parametrize("spoil", [lambda i: b"", lambda i: b"x" * 4096, lambda i: i[:-4096], lambda i: i + b"x"])
    def test_an_invalid_image_is_refused_and_changes_nothing(self, store: Store, spoil: Any) -> None:
        """Empty, unrelated, truncated and extended bytes are refused."""
        fill(store)
        before = state(store)
        with pytest.raises(StoreUnreadable, match="image"):
            store.load(spoil(store.dump()))
        assert state(store) == before

    def test_dump_is_refused_in_a_transaction(self, store: Store) -> None:
        """An image never contains part of a transaction."""
        with store.transaction(), pytest.raises(RuntimeError, match="transaction"):
            store.dump()

    def test_a_load_is_rolled_back_with_its_transaction(self, adapter: Any, store: Store) -> None:
        other = adapter.new()
        fill(other)
        with store.transaction():
            store.put("Vendor", 1, 5, "{}")
            store.set_note("session", "token", "{}")
        before = state(store)
        undone(store, partial(store.load, other.dump(), keep="session"))
        assert state(store) == before
        with store.transaction():
            store.load(other.dump(), keep="session")
            store.put("Client", 4, 100, "{}")
        assert state(store)[1:] == state(other)[1:]
        assert [(row.kind, row.key) for row in store.rows()] == [("Client", 3), ("Client", 4)]
        assert store.notes("session") == {"token": "{}"}


class TestOnCommit:
    def test_it_is_called_after_the_commit_in_order(self, store: Store) -> None:
        seen: list[str] = []
        with store.transaction():
            store.on_commit(lambda: seen.append("first"))
            store.on_commit(lambda: seen.append("second"))
            assert not seen
        assert seen == ["first", "second"]
        with store.transaction():
            pass
        assert seen == ["first", "second"]

    def test_it_is_not_called_after_a_rollback(self, store: Store) -> None:
        seen: list[str] = []
        undone(store, lambda: store.on_commit(lambda: seen.append("never")))
        with store.transaction():
            pass
        assert not seen

    def test_it_needs_a_transaction(self, store: Store) -> None:
        with pytest.raises(RuntimeError, match="needs a transaction"):
            store.on_commit(lambda: None)


def test_a_transaction_may_end_after_its_store_was_closed(store: Store) -> None:
    """After Ctrl-C the interrupt propagates, not an error of the store."""
    transaction = store.transaction()
    transaction.__enter__()
    store.put("Client", 1, 1, "{}")
    store.close()
    assert transaction.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None) is False


def test_closing_twice_is_allowed(store: Store) -> None:
    store.close()
    store.close()


def test_a_closed_store_raises_store_closed(store: Store) -> None:
    store.close()
    for late in (store.dump, store.numbers, store.size, store.kinds, partial(store.get, "Client", 1)):
        with pytest.raises(StoreClosed):
            late()
    with pytest.raises(StoreClosed), store.transaction():
        pass
