"""The stores that every store test runs against: in memory and in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_ajera.store import SqliteStore, Store


class Adapter:
    """Creates empty, independent stores of one kind. ``folder``: for stores in files, or None."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._opened: list[SqliteStore] = []

    def new(self) -> Store:
        path = self._folder and self._folder / f"{len(self._opened)}.db"
        self._opened.append(SqliteStore.in_memory() if path is None else SqliteStore.open(path))
        return self._opened[-1]

    def again(self, store: Store) -> Store:
        """Reopen a store in a file, as the next run of the program does. Return a store in memory itself."""
        if self._folder is not None:
            store.close()
            self._opened.append(SqliteStore.open(Path(store.name)))
            return self._opened[-1]
        return store

    def close(self) -> None:
        for store in self._opened:
            store.close()


@pytest.fixture(params=["memory", "file"])
def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Adapter]:
    """Provide every adapter in turn."""
    made = Adapter(tmp_path if request.param == "file" else None)
    yield made
    made.close()


@pytest.fixture
def store(adapter: Adapter) -> Store:
    """Provide an empty store of every adapter in turn."""
    return adapter.new()
