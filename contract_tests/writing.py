"""Steps that the writing tests share: change a record, have a change refused, and read the result."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from .answers import Answer, records, refusal
from .firm import Row
from .kinds import PROJECTS, Kind
from .made import NEW_STAMP, Made

INVALID = "One or more properties contain invalid data"
NO_CHANGE = "No valid changes to this object exist."

UNKNOWN_KEY = 2_000_000_000
"""A key that no record has."""

Create = Callable[..., Row]
"""A function that creates a record, or makes its body, with the given members."""


def changed(made: Made, kind: Kind, record: Row, edit: Callable[[Row], object] | None = None, /, **members: Any) -> Row:
    """Send the record with an edit and other members, and as its own baseline. Return the changed record."""
    sent = edited(record, edit) if edit else record
    (answered,) = records(made.update(kind, [sent | members], [record]), kind.noun)
    current = made.read(kind, record[kind.key])
    assert current is not None, "a changed record cannot be read"
    assert answered[kind.key] == record[kind.key]
    return current


def refused(made: Made, kind: Kind, updated: Mapping[str, Any], *unchanged: Mapping[str, Any]) -> Answer:
    """Send a record. Assert that it is refused and that an existing record is unchanged."""
    answer = refusal(made.update(kind, [updated], list(unchanged)))
    key = updated.get(kind.key)
    if unchanged and isinstance(key, int) and key > 0:
        assert made.read(kind, key) == unchanged[0], "a refused record was changed"
    return answer


def edited(record: Row, edit: Callable[[Row], object]) -> Row:
    """Return a deep copy of the record with an edit."""
    twin = copy.deepcopy(record)
    edit(twin)
    return twin


def only_phase(project: Row) -> Row:
    """Return the first phase of the first invoice group."""
    phase: Row = project["InvoiceGroups"][0]["Phases"][0]
    return phase


def delete(record: Row, kind: Kind = PROJECTS) -> Row:
    """Return the body that deletes a record."""
    return {kind.key: record[kind.key], "LastModifiedDate": record["LastModifiedDate"], "Delete": True}


def new_phase(key: int, **members: Any) -> Row:
    """Return the minimum of a new phase."""
    minimum = {
        "PhaseKey": key,
        "LastModifiedDate": NEW_STAMP,
        "Description": f"Phase {-key}",
        "Contacts": [],
        "BillingType": "TimeAndExpense",
    }
    return minimum | members
