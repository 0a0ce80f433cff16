"""Load a request: canonical values of what can be read, and the reasons for what cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow
from marshmallow import ValidationError

from mock_ajera.api.reasons import Fault, unknown_member
from mock_ajera.api.records import Schema
from mock_ajera.tenants.journal import Reason


def load(
    schema: Schema, raw: Mapping[str, Any], at: str = "", *, unknown: str = "refuse"
) -> tuple[dict[str, Any], list[Reason]]:
    """Return canonical values of what can be read of ``raw``, and the reasons for what cannot.

    ``unknown``: "refuse" or "ignore" members that do not exist.
    """
    try:
        data: dict[str, Any] = schema.load(schema.known(raw) if unknown == "ignore" else raw)
    except ValidationError as error:
        valid = error.valid_data if isinstance(error.valid_data, dict) else {}
        return valid, reasons(error.messages, at, schema.unreadable)
    return data, []


def reasons(messages: Any, at: str, unreadable: str) -> list[Reason]:
    """Return marshmallow's tree of messages as reasons with paths. ``unreadable``: claim for a wrong type."""
    if isinstance(messages, Mapping):
        found: list[Reason] = []
        for step, below in messages.items():
            if isinstance(step, int):
                where = f"{at}[{step}]"
            elif step == marshmallow.exceptions.SCHEMA:
                where = at
            else:
                where = f"{at}.{step}" if at else str(step)
            found += reasons(below, where, unreadable)
        return found
    found = []
    for message in messages:
        if isinstance(message, Fault):
            found.append(Reason(at, message.rule, message.text, message.claim or unreadable))
        elif message == "Unknown field.":
            found.append(unknown_member(at))
        else:
            # The one fault that marshmallow itself finds: a row that is not an object.
            found.append(Reason(at, "type", "an object is expected", unreadable))
    return found
