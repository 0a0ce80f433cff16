"""The behavior that every store adapter shares."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from mock_ajera.store import Row, Store, StoreClosed, StoreUnreadable


def state(store: Store) -> Any:
    """Return everything that the tests write to a store."""
    return list(store.rows()), store.numbers(), store.notes("user")


def fill(store: Store) -> None:
    """Write a record, a number and a note."""
    with store.transaction():
        store.put("Client", 3, 100, '{"Description": "Kepler & Sons"}')
        store.next_number("Client")
        store.set_note("user", "integrator", "{}")


def undone(store: Store, writes: Callable[[], object], error: type[BaseException] = ZeroDivisionError) -> None:
    """Run a transaction that writes and then fails, and check that the exception propagates."""

    def attempt() -> None:
        with store.transaction():
            writes()
            raise error

    with pytest.raises(error):
        attempt()


class TestRecords:
    """Rows by kind and key."""

    def test_a_new_store_is_empty(self, store: Store) -> None:
        assert state(store) == ([], {}, {})
        assert store.kinds() == []

    def test_get_returns_the_row_that_was_put(self, store: Store) -> None:
        """The timestamp and the text are unchanged."""
        body = '{"Description": "Zoë \\u0000 \U0001f3d7 \x00 end"}'
        with store.transaction():
            put = store.put("Client", 7, 1_483_918_733_367, body)
        assert put == Row("Client", 7, 1, 1_483_918_733_367, body)
        assert store.get("Client", 7) == put

    def test_a_missing_record_is_none(self, store: Store) -> None:
        """A key that was never put, or only for another kind, has no row."""
        fill(store)
        assert store.get("Client", 4) is None
        assert store.get("Vendor", 3) is None

    @pytest.mark.parametrize("key", [2**63, -(2**63) - 1, 10**40])
    def test_a_huge_key_is_missing(self, store: Store, key: int) -> None:
        """Reading a key that is too large to be stored is not an error."""
        fill(store)
        assert store.get("Client", key) is None
        assert [row.key for row in store.get_many("Client", [key, 3])] == [3]

    def test_kinds_have_their_own_keys(self, store: Store) -> None:
        """Two records of different kinds may have the same key."""
        with store.transaction():
            store.put("Client", 1, 10, "client")
            store.put("Vendor", 1, 20, "vendor")
            store.delete("Vendor", 1)
        assert [row.body for row in store.rows()] == ["client"]

    def test_each_put_raises_the_version(self, store: Store) -> None:
        """The version is incremented even if the text does not change."""
        with store.transaction():
            first = store.put("Client", 1, 10, "a")
            second = store.put("Client", 1, 20, "b")
        with store.transaction():
            third = store.put("Client", 1, 20, "b")
        assert [first.version, second.version, third.version] == [1, 2, 3]
        assert store.get("Client", 1) == third

    def test_a_deleted_record_restarts_at_version_1(self, store: Store) -> None:
        fill(store)
        with store.transaction():
            store.put("Client", 3, 200, "second")
            store.delete("Client", 3)
        assert store.get("Client", 3) is None
        with store.transaction():
            assert store.put("Client", 3, 300, "new").version == 1

    def test_deleting_a_missing_record_raises_key_error(self, store: Store) -> None:
        """The message has the kind and the key."""
        with pytest.raises(KeyError, match="Client 9"), store.transaction():
            store.delete("Client", 9)

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

    def test_rows_of_one_kind(self, store: Store) -> None:
        with store.transaction():
            store.put("Client", 2, 0, "")
            store.put("Client", 1, 0, "")
            store.put("ClientType", 3, 0, "")
        assert [row.key for row in store.rows("Client")] == [1, 2]
        assert list(store.rows("Vendor")) == []

    def test_kinds_are_those_with_rows(self, store: Store) -> None:
        """Each kind is listed once, in order, and no longer after its last row is deleted."""
        with store.transaction():
            for kind, key in [("b", 1), ("a", 1), ("a", 2), ("c", 1)]:
                store.put(kind, key, 0, "")
            store.delete("c", 1)
        assert store.kinds() == ["a", "b"]

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
    """Commit and rollback."""

    def test_a_committed_transaction_persists(self, adapter: Any, store: Store) -> None:
        """Committed writes are still there in the next run."""
        fill(store)
        before = state(store)
        assert before[0]
        assert state(adapter.again(store)) == before

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
    def test_an_exception_rolls_everything_back(self, adapter: Any, store: Store, error: type[BaseException]) -> None:
        """Rows, numbers and notes are as before, and the exception propagates."""
        fill(store)
        before = state(store)

        def writes() -> None:
            store.put("Client", 3, 200, "changed")
            store.put("Client", 4, 200, "new")
            store.next_number("Client")
            store.next_number("Vendor")
            store.raise_number("Project", 50)
            store.set_note("user", "integrator", None)
            store.set_note("user", "other", "{}")

        undone(store, writes, error)
        assert state(store) == before
        assert state(adapter.again(store)) == before

    def test_a_transaction_sees_its_own_writes(self, store: Store) -> None:
        """A put can be read before the commit."""
        with store.transaction():
            row = store.put("Client", 1, 0, "")
            assert store.get("Client", 1) == row
            assert list(store.rows()) == [row]

    def test_a_transaction_works_after_a_rollback(self, store: Store) -> None:
        undone(store, lambda: None)
        fill(store)
        assert store.number("Client") == 1

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
            lambda store: store.delete("Client", 3),
            lambda store: store.next_number("Client"),
            lambda store: store.raise_number("Client", 9),
            lambda store: store.raise_number("Client", 0),
            lambda store: store.set_note("user", "integrator", "x"),
            lambda store: store.set_note("user", "integrator", None),
        ],
        ids=["put", "delete", "next_number", "raise_number", "raise_number to 0", "set_note", "remove note"],
    )
    def test_writing_needs_a_transaction(self, store: Store, write: Any) -> None:
        """Every method that writes raises outside a transaction and writes nothing."""
        fill(store)
        before = state(store)
        with pytest.raises(RuntimeError, match="needs a transaction"):
            write(store)
        assert state(store) == before


class TestNumbers:
    """Number sequences."""

    def test_numbers_count_from_1(self, store: Store) -> None:
        """Sequences are independent; the number of an unused sequence is 0."""
        with store.transaction():
            given = [store.next_number("Client"), store.next_number("Client"), store.next_number("Vendor")]
        assert given == [1, 2, 1]
        assert (store.number("Client"), store.number("Vendor"), store.number("Project")) == (2, 1, 0)

    def test_raising_a_number_never_lowers_it(self, store: Store) -> None:
        with store.transaction():
            store.raise_number("Client", 40)
            store.raise_number("Client", 7)
            assert store.next_number("Client") == 41

    def test_numbers_lists_the_sequences_in_use(self, store: Store) -> None:
        """They are ordered by name; reading a number or raising it to 0 does not create a sequence."""
        with store.transaction():
            store.next_number("Vendor")
            store.raise_number("Client", 5)
            store.raise_number("Project", 0)
        store.number("Contact")
        assert list(store.numbers().items()) == [("Client", 5), ("Vendor", 1)]


class TestNotes:
    """Notes by area and name."""

    def test_a_note_is_written_replaced_and_deleted(self, store: Store) -> None:
        """None deletes a note, and does nothing if there is no note."""
        with store.transaction():
            store.set_note("user", "a", "1")
            store.set_note("user", "a", "2")
            store.set_note("user", "b", "3")
        assert store.note("user", "a") == "2"
        with store.transaction():
            store.set_note("user", "a", None)
            store.set_note("user", "a", None)
        assert store.note("user", "a") is None
        assert store.notes("user") == {"b": "3"}

    def test_areas_are_independent(self, store: Store) -> None:
        """Two notes in different areas may have the same name."""
        with store.transaction():
            store.set_note("user", "a", "1")
            store.set_note("quirk", "a", "2")
            store.set_note("user", "a", None)
        assert (store.note("user", "a"), store.note("quirk", "a")) == (None, "2")

    def test_areas_are_ordered_by_name(self, store: Store) -> None:
        """Each area is listed once, and no longer after its last note is deleted."""
        with store.transaction():
            for area, name in (("user", "a"), ("user", "b"), ("quirk", "a"), ("clock", "a")):
                store.set_note(area, name, "1")
            store.set_note("clock", "a", None)
        assert store.areas() == ["quirk", "user"]

    def test_notes_are_ordered_by_name(self, store: Store) -> None:
        with store.transaction():
            for name in "cab":
                store.set_note("user", name, "")
        assert list(store.notes("user")) == ["a", "b", "c"]

    def test_an_empty_text_is_a_note(self, store: Store) -> None:
        with store.transaction():
            store.set_note("user", "a", "")
        assert store.note("user", "a") == ""


class TestImages:
    """Dump and load."""

    def test_loading_restores_everything(self, adapter: Any, store: Store) -> None:
        """Rows, numbers and notes are as dumped, also in the next run; later writes are gone."""
        fill(store)
        image, before = store.dump(), state(store)
        with store.transaction():
            store.put("Client", 3, 500, "later")
            store.put("Vendor", 1, 500, "later")
            store.next_number("Vendor")
            store.set_note("user", "integrator", None)
        store.load(image)
        assert state(store) == before
        assert state(adapter.again(store)) == before

    def test_loading_an_empty_image_empties_the_store(self, adapter: Any, store: Store) -> None:
        fill(store)
        store.load(adapter.new().dump())
        assert state(store) == ([], {}, {})

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

    def test_dump_and_load_are_refused_in_a_transaction(self, store: Store) -> None:
        """An image never contains part of a transaction."""
        image = store.dump()
        with store.transaction():
            with pytest.raises(RuntimeError, match="transaction"):
                store.dump()
            with pytest.raises(RuntimeError, match="transaction"):
                store.load(image)


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
