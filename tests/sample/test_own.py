"""The firms of the package are stored without checks: as they would be with them."""

from contextlib import closing
from datetime import UTC, datetime

import pytest
from checkout import ROOT

from mock_ajera.api.families import KINDS
from mock_ajera.sample.files import fill
from mock_ajera.sample.templates import new_tenant, sample_of, source
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.tenant import Tenant

FILLED = [(name, "2026-07-01") for name in ("sample", "empty", "1", "7", "45", "150")]
FILLED += [("sample", "2024-02-29"), ("sample", "2026-11-01"), ("150", "2027-01-03")]


@pytest.mark.parametrize(("name", "day"), FILLED)
def test_each_record_is_stored_as_if_it_was_checked(name, day):
    """Every rule holds, every reference is to an existing record, and the bytes, stamps and numbers are the same."""
    clock = Clock()
    clock.freeze(datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC))
    with (
        closing(new_tenant(name, seed=b"own", clock=clock)) as own,
        closing(Tenant(SqliteStore.in_memory(), KINDS, seed=b"checked")) as checked,
    ):
        checked.clock.freeze(datetime.fromtimestamp(own.firm.zone.local_midnight(day) / 1000, UTC))
        fill(checked, sample_of(source(name)))
        assert records(own) == records(checked)
        assert own.store.numbers() == checked.store.numbers()
        assert entries(own) == entries(checked)


def records(tenant):
    return [(row.kind, row.key, row.version, row.stamp, row.body) for row in tenant.store.rows()]


def entries(tenant):
    """Return the read model, with the texts of its values: 5 and the Decimal 5.00 are equal, but differ in print."""
    tables = tenant.model.tables.items()
    return {kind: {key: (each, str(each.summary)) for key, each in table.entries.items()} for kind, table in tables}


def test_only_the_records_of_the_package_are_not_checked():
    assert sample_of(source("sample")).own
    assert sample_of(source("70")).own
    assert not sample_of(source(ROOT / "tests" / "fixtures" / "other_firm")).own
