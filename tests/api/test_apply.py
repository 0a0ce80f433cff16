"""Applying sent values to stored ones."""

from __future__ import annotations

import pytest

from mock_ajera import MockAjera
from mock_ajera.api.context import WriteContext
from mock_ajera.api.families import RECORDS
from mock_ajera.api.views import TenantView
from mock_ajera.tenants.trace import noting


@pytest.mark.parametrize("kind", RECORDS)
def test_equal_values_need_no_check(ajera: MockAjera, kind: str) -> None:
    """What the rules of a member say of the stored value itself is nothing: it is written and matches."""
    record, tenant = RECORDS[kind], ajera.tenant
    for row in tenant.store.rows(kind):
        for path, member, value in record.visit(record.nest(tenant.body(row))):
            if member.settled_if_equal:
                context = WriteContext(TenantView(tenant), tenant.quirk)
                with noting() as claims:
                    assert member.apply(value, value, False, path, context) == value
                    assert not list(member.differences(value, value, path, context))
                assert (list(claims), context.invalid, context.conflicts, context.notes) == ([], [], [], [])
