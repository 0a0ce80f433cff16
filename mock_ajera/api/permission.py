"""The check boxes of an API user that apply to a call."""

from __future__ import annotations

from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on
from mock_ajera.tenants.users import ApiUser


def user_in_effect(name: str, tenant: Tenant) -> ApiUser:
    """Return a user with the check boxes that apply: those of some minutes ago (quirk ``permission_minutes``)."""
    user = tenant.users.with_boxes_before(name, tenant.quirk("permission_minutes") * 60_000)
    if user is not tenant.users[name]:
        relies_on("permission.takes-minutes")
    return user
