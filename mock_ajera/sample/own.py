"""Store the records of this package's own firms: the shipped sample and generated ones.

No rule is checked. Tests load these firms like those of users too, and compare what is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from itertools import islice

from mock_ajera import codec
from mock_ajera.api.families import KINDS, RECORDS
from mock_ajera.api.member import Body, FileContext
from mock_ajera.sample.files import BATCH, STAMP, Sample, firm_of, stamp_of
from mock_ajera.store import Store
from mock_ajera.tenants import stamps
from mock_ajera.tenants.model import Model, ReferencePath
from mock_ajera.tenants.opening import without_collector


def store_records(
    store: Store, sample: Sample, day: str, seen: Callable[[str], object] | None = None, *, reads: bool = True
) -> Model:
    """Store the records of a firm in an empty store, and return their read model.

    ``day``: of its clock; relative days count from it. ``seen``: called with the kind of each record, to show progress.
    ``reads``: whether the model is needed; without, it is empty, and this takes a tenth less time.
    """
    firm, today = firm_of(sample), date.fromisoformat(day)
    context = FileContext(today, firm.week_start, firm.custom_fields_by_kind)
    usual = stamps.next_stamp(firm.zone.local_midnight(day), None)
    model = Model(KINDS)
    remaining = sample.all_records()
    more = True
    while more:
        highest: dict[str, int] = {}
        records: list[tuple[str, int, int, str]] = []
        with without_collector(), store.transaction():
            for kind, raw in islice(remaining, BATCH):
                record = RECORDS[kind]
                stamp_name = record.stamp.wire if record.stamp else STAMP
                text = raw.get(stamp_name)
                members = raw if text is None else {name: raw[name] for name in raw if name != stamp_name}
                body = record.flatten(record.seeded(record.from_file(members), context))
                stamp = usual if text is None else stamp_of(text, today, firm.zone)
                key = body[record.key.name]
                records.append((kind, key, stamp, codec.encode_known(body).decode()))
                if reads:
                    model.tables[kind].put(key, 1, stamp, body)
                for sequence, number in _highest(kind, body):
                    highest[sequence] = max(highest.get(sequence, 0), number)
                if seen is not None:
                    seen(kind)
            store.insert(records)
            for sequence, number in highest.items():
                store.raise_number(sequence, number)
        more = bool(records)
    return model


def _highest(kind: str, body: Body) -> Iterator[tuple[str, int]]:
    """Yield the highest key of each list of rows in a stored body, with its sequence."""
    for sequence, path in _sequences(kind):
        if keys := path.keys(body):
            yield sequence, max(keys)


@cache
def _sequences(kind: str) -> Sequence[tuple[str, ReferencePath]]:
    """Return the paths of the keys in stored bodies of a kind, with their sequences."""
    return [
        (member.sequence, ReferencePath(path, (member.name,)))
        for path, member in RECORDS[kind].stored_members()
        if member.sequence
    ]


__all__ = ["store_records"]
