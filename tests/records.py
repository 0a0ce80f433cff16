"""Records of a mock, read and written with its Python API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from client import STAMP

from mock_ajera import MockAjera

Record = dict[str, Any]


def keys_of(ajera: MockAjera, noun: str) -> list[int]:
    """Return the keys in the answer of a List method."""
    return [row[f"{noun[:-1]}Key"] for row in ajera.content(f"List{noun}")[noun]]


def read(ajera: MockAjera, noun: str, *keys: int, version: int = 1) -> list[Record]:
    """Return the records with these keys, or all records."""
    argument = f"Requested{noun.replace('ProjectTemplates', 'Projects')}"
    return list(ajera.content(f"Get{noun}", {argument: keys or keys_of(ajera, noun)}, version=version)[noun])


def read_one(ajera: MockAjera, noun: str, key: int, version: int = 1) -> Record:
    """Return the record with a key."""
    (record,) = read(ajera, noun, key, version=version)
    return record


def phases(holder: Record) -> Iterator[Record]:
    """Yield the phases of a project, a phase before its sub-phases."""
    for group in holder.get("InvoiceGroups", ()):
        yield from phases(group)
    for phase in holder.get("Phases", ()):
        yield phase
        yield from phases(phase)


def depth(holder: Record) -> int:
    """Return the number of phase levels below a group or phase."""
    return max((1 + depth(phase) for phase in holder.get("Phases", ())), default=0)


def new_client(name: str = "New", key: int = -1, **members: Any) -> Record:
    """Return a client to be created."""
    return {"ClientKey": key, "LastModifiedDate": STAMP, "Description": name, **members}


def update(
    ajera: MockAjera, noun: str, updated: Record | Sequence[Any], unchanged: Record | Sequence[Any] = (), **more: Any
) -> Record:
    """Update one or several records. Return the envelope."""
    sent, baseline = ([each] if isinstance(each, dict) else list(each) for each in (updated, unchanged))
    return ajera.call(f"Update{noun}", {f"Updated{noun}": sent, f"Unchanged{noun}": baseline, **more})


def written(
    ajera: MockAjera, noun: str, updated: Record | Sequence[Any], unchanged: Record | Sequence[Any] = ()
) -> list[Record]:
    """Update one or several records, which must succeed. Return the records in the answer."""
    answer = update(ajera, noun, updated, unchanged)
    assert answer["Errors"] == [], ajera.journal[-1].reasons
    return list(answer["Content"][noun])


def reasons(ajera: MockAjera) -> list[tuple[str, str]]:
    """Return the path and rule of each reason of the last refusal."""
    return [(reason.path, reason.rule) for reason in ajera.journal[-1].reasons]
