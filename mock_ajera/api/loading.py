"""Load a request: canonical values of the valid members, and reasons for the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow
from marshmallow import ValidationError

from mock_ajera.api.reasons import Fault, NoSuchMember, unknown_member, within
from mock_ajera.api.schema import Schema
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import noting, relies_on


def load(
    schema: Schema, raw: Mapping[str, Any], at: str = "", *, unknown: str = "refuse"
) -> tuple[dict[str, Any], list[Reason]]:
    """Return the canonical values of the valid members of ``raw``, and the reasons for the invalid ones.

    ``unknown``: "refuse" or "ignore" members that do not exist.
    """
    try:
        with noting() as claims:
            read = schema.read(raw)
    except ValidationError:
        return _load(schema, raw, at, unknown)
    for claim in claims:
        relies_on(claim)
    return read, []


def _load(schema: Schema, raw: Mapping[str, Any], at: str, unknown: str) -> tuple[dict[str, Any], list[Reason]]:
    """Load a request that may have several faults, with marshmallow."""
    try:
        data: dict[str, Any] = schema.load(schema.known(raw) if unknown == "ignore" else raw)
    except ValidationError as error:
        valid = error.valid_data if isinstance(error.valid_data, dict) else {}
        return valid, reasons(error.messages, at, schema.unreadable)
    return data, []


def reasons(messages: Any, at: str, unreadable: str) -> list[Reason]:
    """Return marshmallow's tree of messages as reasons with paths.

    ``unreadable``: claim that a wrong type is refused.
    """
    if isinstance(messages, Mapping):
        found: list[Reason] = []
        for step, inner in sorted(messages.items(), key=_unknown_last):
            if isinstance(step, int):
                path = f"{at}[{step}]"
            elif step == marshmallow.exceptions.SCHEMA:
                path = at
            else:
                path = within(at, str(step))
            found += reasons(inner, path, unreadable)
        return found
    found = []
    for message in messages:
        if isinstance(message, Fault):
            found.append(Reason(at, message.rule, message.text, message.claim or unreadable))
        elif isinstance(message, NoSuchMember):
            found.append(unknown_member(at, known=message.known))
        else:
            # The one fault that marshmallow itself finds: a row that is not an object.
            found.append(Reason(at, "type", "an object is expected", unreadable))
    return found


def _unknown_last(item: tuple[int | str, Any]) -> str:
    """Sort unknown members by name, after the others: marshmallow has them in random order."""
    name, messages = item
    return str(name) if isinstance(messages, list) and isinstance(messages[0], NoSuchMember) else ""
