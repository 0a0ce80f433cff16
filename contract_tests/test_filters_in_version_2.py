"""Filters in version 2: each keeps the records that it keeps in version 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from .client import AjeraClient
from .filtering import WITH_STATUS, middle
from .firm import Firm, lacking, listed_rows
from .kinds import key_of
from .values import without_colon

claim = pytest.mark.claim

Values = Callable[[Firm, str], Iterable[Any]]


def words(*texts: str) -> Values:
    """Return lists of one word."""
    return lambda firm, noun: ([text] for text in texts)


def keys_of(other: str) -> Values:
    """Return lists of one key of another list."""
    return lambda firm, noun: ([row[key_of(other)]] for row in firm.all(other))


def whole(member: str) -> Values:
    """Return the texts of a member."""
    return lambda firm, noun: (row[member] for row in firm.some(noun) if row[member])


def part(member: str) -> Values:
    """Return parts of the texts of a member."""
    return lambda firm, noun: (middle(text) for text in whole(member)(firm, noun))


def stamps(firm: Firm, noun: str) -> Iterable[str]:
    """Return the LastModifiedDate of each record."""
    return (without_colon(row["LastModifiedDate"]) for row in firm.some(noun))


STATUS = words("Active", "Inactive")
MODIFIED: dict[str, Values] = {"FilterByEarliestModifiedDate": stamps, "FilterByLatestModifiedDate": stamps}
DOCUMENTED: dict[str, dict[str, Values]] = {
    "Projects": {
        "FilterByStatus": words("Active", "Closed"),
        "FilterByCompany": keys_of("Companies"),
        "FilterByProjectType": keys_of("ProjectTypes"),
        "FilterByNameLike": part("Description"),
        "FilterByDescriptionLike": part("Description"),
        "FilterByDescriptionEquals": whole("Description"),
        "FilterByIDLike": part("ID"),
        "FilterBySyncToCRM": lambda firm, noun: ([True], [False]),
        **MODIFIED,
    },
    "GLAccounts": {
        "FilterByStatus": STATUS,
        "FilterByAccountGroup": keys_of("AccountGroups"),
        "FilterByType": words("Expense", "Income"),
    },
}
"""Filters by noun, with values to try."""
GUESSED: dict[str, dict[str, Values]] = {
    "Clients": {
        "FilterByStatus": STATUS,
        "FilterByCompany": keys_of("Companies"),
        "FilterByClientType": keys_of("ClientTypes"),
        "FilterByNameLike": part("Description"),
        "FilterByNameEquals": whole("Description"),
        **MODIFIED,
    },
    "Contacts": {
        "FilterByStatus": STATUS,
        "FilterByCompany": keys_of("Companies"),
        "FilterByContactType": keys_of("ContactTypes"),
        "FilterByText": part("LastName"),
        **MODIFIED,
    },
    "Vendors": {
        "FilterByStatus": STATUS,
        "FilterByCompany": keys_of("Companies"),
        "FilterByVendorType": keys_of("VendorTypes"),
        "FilterByNameLike": part("Name"),
        **MODIFIED,
    },
    "VendorTypes": {
        "FilterByStatus": STATUS,
        "FilterByIsConsultant": lambda firm, noun: ([True], [False]),
        "FilterByIsCreditCard": lambda firm, noun: ([True], [False]),
    },
    "ProjectTypes": {"FilterByStatus": STATUS},
    "Activities": {"FilterByStatus": STATUS, "FilterByDescriptionLike": lambda firm, noun: ("a", "e", "o")},
}
for _noun in WITH_STATUS:
    GUESSED.setdefault(_noun, {"FilterByStatus": STATUS})


def filters(table: dict[str, dict[str, Values]]) -> list[Any]:
    """Return a parameter for each filter of a table."""
    return [
        pytest.param(noun, name, values, id=f"{noun}-{name}")
        for noun, by_name in table.items()
        for name, values in by_name.items()
    ]


def keeps_the_same(client: AjeraClient, firm: Firm, noun: str, name: str, values: Values) -> None:
    """Compare the versions with values until two of them keep different records."""
    kept: set[frozenset[int]] = set()
    for value in values(firm, noun):
        one, two = (
            {row[key_of(noun)] for row in listed_rows(client.call(f"List{noun}", {name: value}, version=version), noun)}
            for version in (1, 2)
        )
        assert two == one, f"List{noun} {name} {value!r}"
        kept.add(frozenset(one))
        if len(kept) > 1:
            return
    lacking(f"{noun} that differ in {name}")


@claim("project.list-same-in-both-versions", "account.list-members")
@pytest.mark.parametrize(("noun", "name", "values"), filters(DOCUMENTED))
def test_filters_of_projects_and_accounts(
    client: AjeraClient, firm: Firm, noun: str, name: str, values: Values
) -> None:
    keeps_the_same(client, firm, noun, name, values)


@claim("reference.version-2-too")
@pytest.mark.parametrize(("noun", "name", "values"), filters(GUESSED))
def test_filters_of_other_lists(client: AjeraClient, firm: Firm, noun: str, name: str, values: Values) -> None:
    keeps_the_same(client, firm, noun, name, values)
