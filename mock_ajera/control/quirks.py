"""The quirks of a tenant."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from mock_ajera.control.action import action, bad_request_for
from mock_ajera.control.control import Control
from mock_ajera.tenants.quirks import QUIRKS, profile_values
from mock_ajera.tenants.tenant import Tenant

Values = Annotated[dict[str, Any], Meta(description="Values by quirk name.", extra={"cli": "pairs"})]


class QuirkInfo(msgspec.Struct):
    """A quirk and its current value."""

    columns: ClassVar[tuple[str, ...]] = ("name", "value", "says")
    name: str
    value: Any
    choices: list[Any] | None
    """Null for a quirk that accepts any whole number from 0."""
    observed: Any
    documented: Any
    says: str
    claim: str


class Profile(msgspec.Struct, forbid_unknown_fields=True):
    """The profile to apply."""

    profile: Literal["observed", "documented"]


@action("quirks list", "GET", "/tenants/{tenant}/quirks", kept=True)
def list_quirks(control: Control, tenant: str) -> list[QuirkInfo]:
    """List all quirks with their values in a tenant."""
    return _info(control.tenant(tenant))


@action("quirks set", "PATCH", "/tenants/{tenant}/quirks", kept=True)
def set_quirks(control: Control, tenant: str, body: Values) -> list[QuirkInfo]:
    """Set quirks. If one value is invalid, none is changed."""
    found = control.tenant(tenant)
    with bad_request_for(ValueError):
        found.set_quirks(body)
    return _info(found)


@action("quirks profile", "PUT", "/tenants/{tenant}/quirks/profile", kept=True)
def set_profile(control: Control, tenant: str, body: Profile) -> list[QuirkInfo]:
    """Set every quirk to its value in a profile."""
    found = control.tenant(tenant)
    found.set_quirks(profile_values(body.profile))
    return _info(found)


def _info(tenant: Tenant) -> list[QuirkInfo]:
    values = tenant.quirks
    return [
        QuirkInfo(
            quirk.name,
            values[quirk.name],
            None if quirk.choices is None else list(quirk.choices),
            quirk.observed,
            quirk.documented,
            quirk.says,
            quirk.claim,
        )
        for quirk in QUIRKS.values()
    ]
