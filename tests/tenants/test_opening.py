"""The read model of an opened store depends on a part of each body only."""

from contextlib import closing

import pytest

from mock_ajera.api.families import KINDS
from mock_ajera.sample.templates import new_tenant
from mock_ajera.tenants import opening
from mock_ajera.tenants.model import Entry
from mock_ajera.tenants.opening import body_of, read_model


@pytest.fixture(scope="module")
def firm():
    with closing(new_tenant("150", seed=b"opening")) as tenant:
        yield tenant


def test_the_model_is_that_of_the_whole_bodies(firm):
    model = read_model(firm.store, KINDS)
    for spec in KINDS:
        for row in firm.store.rows(spec.kind):
            body, entry = body_of(row), model.tables[spec.kind].entries[row.key]
            assert entry == Entry(row.version, row.stamp, spec.summary(body), spec.references_in(body))


def test_no_sound_body_is_decoded_whole(firm, monkeypatch):
    monkeypatch.setattr(opening, "body_of", lambda row: pytest.fail(f"{row.kind} {row.key}"))
    read_model(firm.store, KINDS)
