"""The firm of a tenant: names, ids, time zone, start of the week and custom fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

import msgspec

from mock_ajera.tenants.zones import Zone


class Database(msgspec.Struct, frozen=True):
    """The database that the id in the URL names."""

    name: str
    """DatabaseName, the on-premises form."""
    client_id: int
    database_id: int
    is_sample: bool = True


class CustomField(msgspec.Struct, frozen=True):
    """A custom field that a firm has defined."""

    name: str
    kind: Literal["Text", "Number", "Flag", "Day", "Choice"]
    values: tuple[str, ...] = ()
    allow_edit: bool = False
    on: tuple[str, ...] = ("Project",)
    """The kinds of records that have it. Phases and templates have the custom fields of projects."""


class Firm(msgspec.Struct, frozen=True, dict=True):
    """The data of a firm that logins return and records depend on."""

    company_name: str
    time_zone: str
    ajera_version: str
    week_start: str
    database: Database
    custom_fields: tuple[CustomField, ...] = ()
    icr_mobile: bool = False
    """Whether the firm scans receipts with Ajera's mobile app."""

    @cached_property
    def zone(self) -> Zone:
        """The time zone of printed stamps."""
        return Zone(self.time_zone)

    @cached_property
    def custom_fields_by_kind(self) -> Mapping[str, tuple[CustomField, ...]]:
        """The custom fields of each kind of record that has any, in the order of definition."""
        kinds = dict.fromkeys(kind for field in self.custom_fields for kind in field.on)
        return {kind: tuple(field for field in self.custom_fields if kind in field.on) for kind in kinds}

    def to_text(self) -> str:
        """Return the firm in its stored form."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_text(cls, text: str) -> Firm:
        """Return the firm from its stored form."""
        raw = json.loads(text)
        raw["database"] = Database(**raw["database"])
        raw["custom_fields"] = tuple(map(_custom_field, raw["custom_fields"]))
        return cls(**raw)


def _custom_field(raw: Mapping[str, Any]) -> CustomField:
    tuples = {name: tuple(value) for name, value in raw.items() if isinstance(value, list)}
    return CustomField(**{**raw, **tuples})
