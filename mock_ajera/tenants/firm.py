"""The firm of a tenant: its names and ids, its zone and week, and the custom fields that it has defined."""

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
    """What the id in the URL names."""

    name: str
    """DatabaseName, the on-premise form."""
    client_id: int
    database_id: int
    is_sample: bool = True


@dataclass(frozen=True)
class Firm:
    """What the login tells about the firm, and what its records are made with."""

    company_name: str
    time_zone: str
    ajera_version: str
    week_start: str
    database: Database
    custom_fields: tuple[Mapping[str, Any], ...] = ()

    @cached_property
    def zone(self) -> Zone:
        """The zone that stamps are printed in."""
        return Zone(self.time_zone)

    def to_text(self) -> str:
        """The firm as the store keeps it."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_text(cls, text: str) -> Firm:
        """The firm that ``to_text`` wrote."""
        raw = json.loads(text)
        raw["database"] = Database(**raw["database"])
        raw["custom_fields"] = tuple(
            definition | {"values": tuple(definition["values"])} for definition in raw["custom_fields"]
        )
        return cls(**raw)
