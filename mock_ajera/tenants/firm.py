"""The firm of a tenant: names, ids, time zone, start of the week and custom fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from mock_ajera.tenants.zones import Zone


@dataclass(frozen=True)
class Database:
    """The database that the id in the URL names."""

    name: str
    """DatabaseName, the on-premises form."""
    client_id: int
    database_id: int
    is_sample: bool = True


@dataclass(frozen=True)
class Firm:
    """The data of a firm that logins return and records depend on."""

    company_name: str
    time_zone: str
    ajera_version: str
    week_start: str
    database: Database
    custom_fields: tuple[Mapping[str, Any], ...] = ()

    @cached_property
    def zone(self) -> Zone:
        """The time zone of printed stamps."""
        return Zone(self.time_zone)

    def to_text(self) -> str:
        """Return the firm in its stored form."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_text(cls, text: str) -> Firm:
        """Return the firm from its stored form."""
        raw = json.loads(text)
        raw["database"] = Database(**raw["database"])
        raw["custom_fields"] = tuple(
            definition | {"values": tuple(definition["values"])} for definition in raw["custom_fields"]
        )
        return cls(**raw)
