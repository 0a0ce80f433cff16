"""Read the records of a store into a read model. Every record is checked as far as the model depends on it."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from mock_ajera import codec
from mock_ajera.store import Row, Store, StoreUnreadable
from mock_ajera.tenants.model import KindSpec, Model, Table

_EARLIEST = int(datetime(1, 1, 3, tzinfo=UTC).timestamp()) * 1000
_LATEST = int(datetime(9999, 12, 29, tzinfo=UTC).timestamp()) * 1000
"""Stamps that can be shown in every time zone."""


def read_model(store: Store, specs: Iterable[KindSpec]) -> Model:
    """Return the read model of a store. Raises ``StoreUnreadable``, naming the record that cannot be read."""
    model = Model(specs)
    decoders = {kind: codec.PartDecoder(_part(table.spec)) for kind, table in model.tables.items()}
    with without_collector():
        for row in store.rows():
            try:
                table = _table(row, model)
                table.put(row.key, row.version, row.stamp, _body(row, table.spec, decoders[row.kind]))
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                why = str(error) if isinstance(error, _Unreadable) else "its body cannot be read"
                raise StoreUnreadable(f"{store.name}: {row.kind!s:.40} {row.key!s:.40}: {why}.") from None
    return model


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector from looking at records that are read or made, again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _body(row: Row, spec: KindSpec, decoder: codec.PartDecoder) -> Mapping[str, Any]:
    """Return the members of a row that the model depends on. Raises ``ValueError`` if a stored member is missing."""
    try:
        return decoder.decode(row.body)
    except ValueError:
        # Decode the whole body to tell what is wrong with it.
        body = body_of(row)
        for member in sorted(spec.stored - body.keys()):
            raise _Unreadable(f"its body has no {member}") from None
        return body


def _part(spec: KindSpec) -> codec.Part:
    """Return the members of stored bodies: those that the model depends on, and the names of the others."""
    part: codec.Part = dict.fromkeys(spec.stored)
    for kind in spec.indexed_references:
        for path in spec.references[kind]:
            rows = part
            for name in path.lists:
                inner = rows.get(name) or {}
                rows[name] = inner
                rows = inner
            rows |= dict.fromkeys(path.members, ...)
    return part | dict.fromkeys(spec.stored.intersection(spec.members), ...)


def body_of(row: Row) -> dict[str, Any]:
    """Return the canonical values of a stored row. Raises ``ValueError`` unless it is an object."""
    try:
        body = codec.decode_stored(row.body)
    except ValueError:
        raise _Unreadable("its body is not JSON") from None
    if not isinstance(body, dict):
        raise _Unreadable("its body is not an object")
    return body


class _Unreadable(ValueError):
    """A record that cannot be read. The message quotes nothing of its body."""


def _table(row: Row, model: Model) -> Table:
    """Return the table of a row whose columns are valid."""
    if row.kind not in model.tables:
        raise _Unreadable("there is no such kind of record")
    if type(row.key) is not int:
        raise _Unreadable("its key is not a whole number")
    if type(row.version) is not int or row.version < 1:
        raise _Unreadable("its version is not a number from 1")
    if type(row.stamp) is not int or not _EARLIEST <= row.stamp <= _LATEST:
        raise _Unreadable("its stamp is not a time")
    if type(row.body) is not str:
        raise _Unreadable("its body is not text")
    return model.tables[row.kind]
