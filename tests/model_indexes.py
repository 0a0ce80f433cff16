"""The indexes of a read model, to compare them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from mock_ajera.tenants.model import Table, To


def indexed(table: Table) -> dict[Any, dict[Hashable, set[int]]]:
    """Return the keys of the records in each index by their values. Indexes that were not needed yet are built."""
    found = {}
    for name in (*table.spec.index, *map(To, table.spec.indexed_references)):
        index = table._built(name)
        found[name] = {value: keys for value in (*index._built, *index._added) if (keys := index.keys(value))}
    return found
