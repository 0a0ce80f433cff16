"""Helpers of the filter tests: what a filter keeps, and values to filter by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mock_ajera.claims import Grade

from .answers import refusal
from .client import AjeraClient
from .firm import Firm, Row, lacking
from .kinds import KINDS, OF_ONE_PROJECT, ONLY_IN_VERSION_2, key_of
from .members import table

LISTS = tuple(
    dict.fromkeys(
        member.array
        for member in table()
        if member.method == f"List{member.array}"
        and member.method not in OF_ONE_PROJECT
        and member.array not in ONLY_IN_VERSION_2
    )
)
"""Nouns of the List methods of version 1 in the member table that need no argument."""


def _known_list_members() -> dict[str, set[str]]:
    """Return the members of the lists that are not in ``KINDS`` and not a guess, by noun."""
    members: dict[str, set[str]] = {}
    for member in table():
        if member.array in LISTS and member.array not in KINDS and member.grade is not Grade.INFERRED:
            members.setdefault(member.array, set()).add(member.path)
    return members


WITH_STATUS = tuple(noun for noun, members in _known_list_members().items() if "Status" in members)
"""Reference lists with a Status, which they can be filtered by."""
TABLES = tuple(
    noun
    for noun, members in _known_list_members().items()
    if members == {key_of(noun), "Description", "Status", "Notes"}
)
"""Reference lists with these four members and no other."""

PROJECTS_AND_TEMPLATES = ("Projects", "ProjectTemplates")
"""They have the same filters."""

Test = Callable[[Row], Any]


def keeps(firm: Firm, noun: str, test: Test, *, one_sided: bool = False, **filters: Any) -> None:
    """Assert that the filters keep exactly the records that pass the test, among those whose details are known."""
    known = firm.some(noun)
    wanted = {row[key_of(noun)] for row in known if test(row)}
    if not one_sided and not 0 < len(wanted) < len(known):
        lacking(f"{noun} on both sides of {', '.join(filters)}")
    kept = firm.keys(noun, **filters) & {row[key_of(noun)] for row in known}
    assert kept == wanted, f"List{noun} {filters}: too many {sorted(kept - wanted)}, missing {sorted(wanted - kept)}"


def by(name: str, value: Any) -> dict[str, Any]:
    """Return a filter whose name is a parameter of the test."""
    return {name: value}


def refuses(client: AjeraClient, noun: str, **filters: Any) -> None:
    """Assert that the filters are refused as invalid data."""
    text = refusal(client.call(f"List{noun}", filters)).texts[0]
    assert "One or more properties contain invalid data" in text


def some_value(firm: Firm, noun: str, member: str) -> Any:
    """Return a value of the member that some records have and others do not."""
    values = [row.get(member) for row in firm.some(noun)]
    for value in values:
        if value is not None and values.count(value) < len(values):
            return value
    return lacking(f"{noun} that differ in {member}")


def middle(text: str) -> str:
    """Return a text without its first and last character."""
    return text[1:-1].strip()


def needle(firm: Firm, noun: str, member: str) -> str:
    """Return a part of a text that some records contain and others do not, without the wildcards of LIKE."""
    for row in firm.some(noun):
        text = middle(row[member])
        if (
            len(text) >= 3
            and not set(text) & set("%_[]")
            and not all(text.lower() in other[member].lower() for other in firm.some(noun))
        ):
            return text
    return lacking(f"{noun} with a distinctive {member}")


def joined(row: Row) -> str:
    """Return the names of a person as one lowercase text."""
    return " ".join(row[name] or "" for name in ("FirstName", "MiddleName", "LastName")).lower()
