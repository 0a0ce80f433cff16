"""The adapters that every store test runs against. A new adapter is one more class here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from mock_ajera.store import SqliteStore, Store


class Adapter(Protocol):
    """Makes stores of one sort, each of them empty and apart from the others."""

    def new(self) -> Store:
        """An empty store."""

    def again(self, store: Store) -> Store:
        """The same store as the next run of the program finds it, if it keeps anything; else the store itself."""

    def close(self) -> None:
        """Close all stores that are open."""


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
    """Every adapter in turn."""
    made: Adapter = request.param(tmp_path)
    yield made
    made.close()


@pytest.fixture
def store(adapter: Adapter) -> Store:
    """An empty store of every adapter in turn."""
    return adapter.new()
