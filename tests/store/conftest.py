"""The adapters that every store test runs against. A new adapter is a class in this module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from mock_ajera.store import SqliteStore, Store


class Adapter(Protocol):
    """Creates empty, independent stores of one kind."""

    def new(self) -> Store:
        """Create an empty store."""

    def again(self, store: Store) -> Store:
        """Reopen a persistent store, as the next run of the program does; return any other store itself."""

    def close(self) -> None:
        """Close all open stores."""


class Memory:
    """Stores in memory."""

    def __init__(self, folder: Path) -> None:
        self._made: list[Store] = []

    def new(self) -> Store:
        self._made.append(SqliteStore.in_memory())
        return self._made[-1]

    def again(self, store: Store) -> Store:
        return store

    def close(self) -> None:
        for store in self._made:
            store.close()


class File:
    """Stores in files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[Store, Path] = {}
        self._number = 0

    def new(self) -> Store:
        self._number += 1
        return self._opened(self._folder / f"{self._number}.db")

    def again(self, store: Store) -> Store:
        store.close()
        return self._opened(self._open.pop(store))

    def close(self) -> None:
        for store in self._open:
            store.close()

    def _opened(self, path: Path) -> Store:
        store = SqliteStore.open(path)
        self._open[store] = path
        return store


@pytest.fixture(params=[Memory, File], ids=["memory", "file"])
def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Adapter]:
    """Provide every adapter in turn."""
    made: Adapter = request.param(tmp_path)
    yield made
    made.close()


@pytest.fixture
def store(adapter: Adapter) -> Store:
    """Provide an empty store of every adapter in turn."""
    return adapter.new()
