"""The quirks of a tenant."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from mock_ajera.control.action import BadRequest, action
from mock_ajera.control.control import Control
from mock_ajera.tenants.quirks import QUIRKS, profile_values
from mock_ajera.tenants.tenant import Tenant

Values = Annotated[dict[str, Any], Meta(description="Values by name.", extra={"cli": "pairs"})]


class QuirkInfo(msgspec.Struct):
    """A quirk, and the value that it has."""

    columns: ClassVar[tuple[str, ...]] = ("name", "value", "says")
    name: str
    value: Any
    choices: list[Any] | None
    """None is any whole number from 0."""
    observed: Any
    documented: Any
    says: str
    claim: str


class Profile(msgspec.Struct, forbid_unknown_fields=True):
    """Which bundle of values."""

    profile: Literal["observed", "documented"]


@action("quirks list", "GET", "/tenants/{tenant}/quirks", kept=True)
def list_quirks(control: Control, tenant: str) -> list[QuirkInfo]:
    """Tell every quirk with the value that it has in a tenant."""
    return _info(control.tenant(tenant))


@action("quirks set", "PATCH", "/tenants/{tenant}/quirks", kept=True)
def set_quirks(control: Control, tenant: str, body: Values) -> list[QuirkInfo]:
    """Give quirks values; all of them, or none when one is wrong."""
    found = control.tenant(tenant)
    try:
        found.set_quirks(body)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    return _info(found)


@action("quirks profile", "PUT", "/tenants/{tenant}/quirks/profile", kept=True)
def set_profile(control: Control, tenant: str, body: Profile) -> list[QuirkInfo]:
    """Give every quirk the value that a profile has."""
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
