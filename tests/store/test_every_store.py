"""What every store does, whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from mock_ajera.store import Row, Store, StoreClosed, StoreUnreadable


def state(store: Store) -> Any:
    """All that a test puts into a store."""
    return list(store.rows()), store.numbers(), store.notes("user")


def fill(store: Store) -> None:
    """One of everything."""
    with store.transaction():
        store.put("Client", 3, 100, '{"Description": "Kepler & Sons"}')
        store.next_number("Client")
        store.set_note("user", "integrator", "{}")


def undone(store: Store, writes: Callable[[], object], error: type[BaseException] = ZeroDivisionError) -> None:
    """A transaction that writes and then fails; the failure has to come through."""

    def attempt() -> None:
        with store.transaction():
            writes()
            raise error

    with pytest.raises(error):
        attempt()


class TestRecords:
    """Rows by kind and key."""

    def test_a_new_store_is_empty(self, store: Store) -> None:
        """Nothing is in a new store."""
        assert state(store) == ([], {}, {})
        assert store.kinds() == []

    def test_what_is_put_can_be_got(self, store: Store) -> None:
        """A row comes back with its stamp and its text, to the letter."""
        body = '{"Description": "Zoë \\u0000 \U0001f3d7 \x00 end"}'
        with store.transaction():
            put = store.put("Client", 7, 1_483_918_733_367, body)
        assert put == Row("Client", 7, 1, 1_483_918_733_367, body)
        assert store.get("Client", 7) == put

    def test_a_missing_record_is_none(self, store: Store) -> None:
        """A key that was never put, or only in another kind, has no row."""
        fill(store)
        assert store.get("Client", 4) is None
        assert store.get("Vendor", 3) is None

    @pytest.mark.parametrize("key", [2**63, -(2**63) - 1, 10**40])
    def test_a_key_beyond_all_bounds_is_missing(self, store: Store, key: int) -> None:
        """Asking for a key that no store could hold is no error."""
        fill(store)
        assert store.get("Client", key) is None
        assert [row.key for row in store.get_many("Client", [key, 3])] == [3]

    def test_kinds_have_their_own_keys(self, store: Store) -> None:
        """The same key in two kinds is two records."""
        with store.transaction():
            store.put("Client", 1, 10, "client")
            store.put("Vendor", 1, 20, "vendor")
            store.delete("Vendor", 1)
        assert [row.body for row in store.rows()] == ["client"]

    def test_each_put_raises_the_version(self, store: Store) -> None:
        """Versions are 1, 2, 3, whether the text differs or not."""
        with store.transaction():
            first = store.put("Client", 1, 10, "a")
            second = store.put("Client", 1, 20, "b")
        with store.transaction():
            third = store.put("Client", 1, 20, "b")
        assert [first.version, second.version, third.version] == [1, 2, 3]
        assert store.get("Client", 1) == third

    def test_a_deleted_record_starts_again_at_version_1(self, store: Store) -> None:
        """Nothing of a deleted record is remembered."""
        fill(store)
        with store.transaction():
            store.put("Client", 3, 200, "second")
            store.delete("Client", 3)
        assert store.get("Client", 3) is None
        with store.transaction():
            assert store.put("Client", 3, 300, "new").version == 1

    def test_deleting_what_is_not_there_is_a_key_error(self, store: Store) -> None:
        """The error names kind and key."""
        with pytest.raises(KeyError, match="Client 9"), store.transaction():
            store.delete("Client", 9)

    def test_get_many_keeps_the_order_asked_for(self, store: Store) -> None:
        """Rows come as asked: missing ones are left out, one asked for twice comes twice."""
        with store.transaction():
            for key in (1, 2, 3, 4):
                store.put("Client", key, 0, "")
            store.put("Vendor", 9, 0, "")
        assert [row.key for row in store.get_many("Client", iter([4, 9, 1, 4]))] == [4, 1, 4]
        assert store.get_many("Client", []) == []

    def test_get_many_takes_any_number_of_keys(self, store: Store) -> None:
        """Far more keys than a SQL statement takes variables."""
        with store.transaction():
            store.put("Client", 70_000, 0, "")
        assert [row.key for row in store.get_many("Client", range(80_000))] == [70_000]

    def test_rows_come_by_kind_and_key(self, store: Store) -> None:
        """The order does not depend on when a row was put; more rows than are read at a time."""
        with store.transaction():
            for kind, key in [("b", 2), ("a", 1000), ("c", 1), ("b", -5), *(("a", key) for key in range(999, 0, -1))]:
                store.put(kind, key, 0, "")
        found = [(row.kind, row.key) for row in store.rows()]
        assert found == [*(("a", key) for key in range(1, 1001)), ("b", -5), ("b", 2), ("c", 1)]

    def test_rows_of_one_kind(self, store: Store) -> None:
        """A kind gives its own rows only."""
        with store.transaction():
            store.put("Client", 2, 0, "")
            store.put("Client", 1, 0, "")
            store.put("ClientType", 3, 0, "")
        assert [row.key for row in store.rows("Client")] == [1, 2]
        assert list(store.rows("Vendor")) == []

    def test_kinds_are_those_with_rows(self, store: Store) -> None:
        """In order, each once; a kind whose last row went is gone."""
        with store.transaction():
            for kind, key in [("b", 1), ("a", 1), ("a", 2), ("c", 1)]:
                store.put(kind, key, 0, "")
            store.delete("c", 1)
        assert store.kinds() == ["a", "b"]

    def test_the_store_may_be_changed_while_rows_are_read(self, store: Store) -> None:
        """Each record can be rewritten, and rolled back, as it comes by."""
        with store.transaction():
            for key in range(600):
                store.put("Client", key, 0, "old")
        for row in store.rows():
            with store.transaction():
                store.put(row.kind, row.key, 1, "new")
            undone(store, partial(store.delete, row.kind, row.key))
        assert [(row.key, row.version, row.body) for row in store.rows()] == [(key, 2, "new") for key in range(600)]


class TestTransactions:
    """All or nothing."""

    def test_a_committed_transaction_stays(self, adapter: Any, store: Store) -> None:
        """What was written is there afterwards, in the next run too."""
        fill(store)
        before = state(store)
        assert before[0]
        assert state(adapter.again(store)) == before

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
    def test_an_exception_rolls_everything_back(self, adapter: Any, store: Store, error: type[BaseException]) -> None:
        """Rows, numbers and notes are as before, and the exception goes on."""
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
        """What was put can be got before the commit."""
        with store.transaction():
            row = store.put("Client", 1, 0, "")
            assert store.get("Client", 1) == row
            assert list(store.rows()) == [row]

    def test_after_a_rollback_the_next_transaction_works(self, store: Store) -> None:
        """A failed transaction leaves nothing open."""
        undone(store, lambda: None)
        fill(store)
        assert store.number("Client") == 1

    def test_nesting_is_refused_and_undoes_the_outer(self, store: Store) -> None:
        """A transaction within a transaction is a mistake of the caller; nothing is half written."""

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
        """Outside one, every writing method is refused and writes nothing."""
        fill(store)
        before = state(store)
        with pytest.raises(RuntimeError, match="needs a transaction"):
            write(store)
        assert state(store) == before


class TestNumbers:
    """Sequences that give keys."""

    def test_numbers_count_from_1(self, store: Store) -> None:
        """Each sequence by itself; an unused one stands at 0."""
        with store.transaction():
            given = [store.next_number("Client"), store.next_number("Client"), store.next_number("Vendor")]
        assert given == [1, 2, 1]
        assert (store.number("Client"), store.number("Vendor"), store.number("Project")) == (2, 1, 0)

    def test_raising_lifts_but_never_lowers(self, store: Store) -> None:
        """The next number is beyond the highest that was named."""
        with store.transaction():
            store.raise_number("Client", 40)
            store.raise_number("Client", 7)
            assert store.next_number("Client") == 41

    def test_numbers_lists_the_sequences_in_use(self, store: Store) -> None:
        """By name, in order; asking for a number or raising to nothing starts no sequence."""
        with store.transaction():
            store.next_number("Vendor")
            store.raise_number("Client", 5)
            store.raise_number("Project", 0)
        store.number("Contact")
        assert list(store.numbers().items()) == [("Client", 5), ("Vendor", 1)]


class TestNotes:
    """Small texts by area and name."""

    def test_a_note_is_kept_replaced_and_removed(self, store: Store) -> None:
        """The last text counts; None removes it, also when there is none."""
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

    def test_areas_are_apart(self, store: Store) -> None:
        """The same name in two areas is two notes."""
        with store.transaction():
            store.set_note("user", "a", "1")
            store.set_note("quirk", "a", "2")
            store.set_note("user", "a", None)
        assert (store.note("user", "a"), store.note("quirk", "a")) == (None, "2")

    def test_areas_come_by_name(self, store: Store) -> None:
        """Each once, and none that has no note any more."""
        with store.transaction():
            for area, name in (("user", "a"), ("user", "b"), ("quirk", "a"), ("clock", "a")):
                store.set_note(area, name, "1")
            store.set_note("clock", "a", None)
        assert store.areas() == ["quirk", "user"]

    def test_notes_come_by_name(self, store: Store) -> None:
        """An area lists its notes in the order of their names."""
        with store.transaction():
            for name in "cab":
                store.set_note("user", name, "")
        assert list(store.notes("user")) == ["a", "b", "c"]

    def test_an_empty_text_is_a_note(self, store: Store) -> None:
        """Empty is not absent."""
        with store.transaction():
            store.set_note("user", "a", "")
        assert store.note("user", "a") == ""


class TestImages:
    """Dump and load."""

    def test_loading_brings_everything_back(self, adapter: Any, store: Store) -> None:
        """Rows, numbers and notes are as when dumped, in the next run too; what came later is gone."""
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

    def test_an_image_of_an_empty_store_empties(self, adapter: Any, store: Store) -> None:
        """Load replaces, it does not add."""
        fill(store)
        store.load(adapter.new().dump())
        assert state(store) == ([], {}, {})

    def test_stores_of_one_image_go_their_own_ways(self, adapter: Any, store: Store) -> None:
        """Neither the source, nor another copy, nor the image sees what a copy writes."""
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
        """It goes on where the image stopped, far beyond the size that it had, and rolls back as ever."""
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
    def test_a_bad_image_is_refused_and_changes_nothing(self, store: Store, spoil: Any) -> None:
        """Empty, foreign, cut or lengthened bytes."""
        fill(store)
        before = state(store)
        with pytest.raises(StoreUnreadable, match="image"):
            store.load(spoil(store.dump()))
        assert state(store) == before

    def test_dump_and_load_wait_for_the_end_of_a_transaction(self, store: Store) -> None:
        """An image never holds half a transaction."""
        image = store.dump()
        with store.transaction():
            with pytest.raises(RuntimeError, match="transaction"):
                store.dump()
            with pytest.raises(RuntimeError, match="transaction"):
                store.load(image)


def test_a_transaction_may_end_after_its_store_was_closed(store: Store) -> None:
    """As Ctrl-C has it: the interrupt is what is told, and no fault of the store."""
    transaction = store.transaction()
    transaction.__enter__()
    store.put("Client", 1, 1, "{}")
    store.close()
    assert transaction.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None) is False


def test_closing_twice_is_allowed(store: Store) -> None:
    """A store may be given up more than once."""
    store.close()
    store.close()


def test_a_closed_store_says_so(store: Store) -> None:
    """Whoever comes too late meets an error that can be told from a fault."""
    store.close()
    for late in (store.dump, store.numbers, store.size, store.kinds, partial(store.get, "Client", 1)):
        with pytest.raises(StoreClosed):
            late()
    with pytest.raises(StoreClosed), store.transaction():
        pass
