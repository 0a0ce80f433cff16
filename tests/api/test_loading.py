"""Loading a request: the fast reader and marshmallow give the same values, reasons and claims."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import permutations
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from mock_ajera import MockAjera, codec
from mock_ajera.api import endpoint
from mock_ajera.api.families import METHODS
from mock_ajera.api.firm_values import FirmValues
from mock_ajera.api.schema import Schema
from tools.campaign.mutation import mutated

WRITES = [
    (name, version) for name, each in METHODS.served.items() if each.access == "write" for version in each.versions
]
READ_FIRST = ("Clients", "Contacts", "Employees", "ExpenseReports", "Projects", "ProjectsWithResources", "Vendors")


class Firm:
    """A firm that serves every method. A request leaves nothing behind."""

    def __init__(self, ajera: MockAjera) -> None:
        self.ajera = ajera
        self._values = FirmValues(ajera.tenant, ajera.username, ajera.password)
        self.writes = {each: list(self._bodies(*each)) for each in WRITES}
        """Bodies that each method accepts: its example, and records as they were read with a changed text."""
        self._before = ajera.tenant.snapshot()

    def _bodies(self, name: str, version: int) -> Iterator[dict[str, Any]]:
        for sent in self._arguments(name, version):
            yield {"Method": name, "SessionToken": self.ajera.token(version), "MethodArguments": sent}

    def _arguments(self, name: str, version: int) -> Iterator[dict[str, Any]]:
        example = METHODS[name].versions[version].example
        yield example(self._values) if example else {}
        noun = name.removeprefix("Update")
        rows = noun.removesuffix("WithResources")
        if noun in READ_FIRST and version == 1:
            for record in self.ajera.content(f"Get{noun}", {f"Requested{rows}": [1, 2, 5]})[rows]:
                changed = next(each for each in ("Notes", "Description") if each in record)
                yield {f"Updated{rows}": [record | {changed: "Other"}], f"Unchanged{rows}": [record]}

    def outcome(self, body: bytes) -> object:
        """Send a request. Return everything that it caused."""
        ajera, tenant = self.ajera, self.ajera.tenant
        request = endpoint.Request(ajera.url.partition("?")[2], body, None, "http://there/")
        answered = endpoint.answer(request, ajera._server.tenants)
        entry = ajera.journal[-1]
        assert entry.outcome in ("ok", "refused"), entry
        written = [tenant.row(*record) for record in entry.records]
        answer = json.loads(answered.body) | {"UsageKey": ""}
        tenant.restore(self._before)
        return answer, entry.reasons, entry.notes, entry.claims, entry.records, entry.body, written


@pytest.fixture(scope="module", params=["refuse", "ignore"])
def firm(request: pytest.FixtureRequest) -> Iterator[Firm]:
    """Return a firm that refuses or ignores members that do not exist."""
    quirks = {"guessed_methods": "serve", "version_2_untried": "serve", "unknown_members": request.param}
    with MockAjera(seed="loading", quirks=quirks, freeze="2026-03-09T15:00:00Z") as ajera:
        yield Firm(ajera)


def by_marshmallow(firm: Firm, body: bytes) -> object:
    """Send a request that marshmallow alone loads, as if the fast reader could read nothing."""
    with patch.object(Schema, "read", side_effect=ValidationError("not read")):
        return firm.outcome(body)


@pytest.mark.parametrize("write", WRITES, ids=str)
def test_a_valid_write_is_loaded_as_marshmallow_loads_it(firm: Firm, write: tuple[str, int]) -> None:
    for sent in firm.writes[write]:
        body = codec.encode(sent)
        # The second time, the nested rows have been read before.
        assert firm.outcome(body) == firm.outcome(body) == by_marshmallow(firm, body)


@pytest.mark.parametrize("write", WRITES, ids=str)
@settings(max_examples=10)
@given(seed=st.integers(0, 10**6))
def test_any_write_is_loaded_as_marshmallow_loads_it(firm: Firm, write: tuple[str, int], seed: int) -> None:
    """Changed values, names and members are refused for the same reasons, and rely on the same claims."""
    bodies = json.loads(json.dumps(firm.writes[write], default=float))
    body = mutated(Random(seed), bodies)
    assert firm.outcome(body) == by_marshmallow(firm, body)


@pytest.mark.parametrize("method", ["UpdateProjects", "UpdateProjectsWithResources"])
def test_an_unknown_member_of_a_resource_is_treated_as_marshmallow_treats_it(firm: Firm, method: str) -> None:
    """Only one of the methods reads resources; both drop unknown members before that, if these are ignored."""
    for sent in firm.writes["UpdateProjectsWithResources", 1]:
        known = codec.encode({**sent, "Method": method})
        body = known.replace(b'"ResourceKey":', b'"Nonsense":1,"ResourceKey":')
        assert firm.outcome(body) == by_marshmallow(firm, body)


@pytest.mark.parametrize(("known", "other"), [(rb'"Order":(\d)', rb'"Order":\1e0'), (rb"(GMT...):", rb"\1")])
def test_a_row_that_was_read_before_is_read_again_if_it_differs(firm: Firm, known: bytes, other: bytes) -> None:
    """1e0 is no whole number, and another form of a stamp relies on a claim."""
    bodies = [codec.encode(each) for each in firm.writes["UpdateProjects", 1][1:]]
    body = next(each for each in bodies if re.search(known, each))
    different = re.sub(known, other, body)
    for number, order in enumerate(permutations((body, different))):
        # A text that no row had before
        one, two = (each.replace(b'"BillingDescription":"', b'"BillingDescription":"%d' % number) for each in order)
        assert firm.outcome(one) == by_marshmallow(firm, one) != firm.outcome(two) == by_marshmallow(firm, two)
