"""Isolation of tenants: nothing done to one shows in another, in any order and at the same time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from histories import VERBS, Actor, Step, drawn
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from raw_http import post
from werkzeug.routing import Map

from mock_ajera import AjeraServer, codec
from mock_ajera.api.database_id import hosted
from mock_ajera.control import http

STEPS = st.tuples(st.sampled_from(VERBS), st.integers(0, 99), st.integers(0, 9))
NAMES = ("red", "blue", "green", "grey")
IN_VERSION_2 = [
    (0, ("log_in", 99, 0)),
    *((0, (verb, 0, how)) for verb in ("change", "delete", "get") for how in range(10)),
]
"""Every way to read and write a record in a session of version 2, whose projects are flat."""
THREADS, LENGTH = 4, 60

Outcome = tuple[list[str], list[bytes]]
"""The transcript of a tenant, and the final fingerprints of it and its copies."""


@pytest.fixture(scope="module")
def server() -> Iterator[AjeraServer]:
    with AjeraServer() as server:
        yield server


def begun(server: AjeraServer, number: int) -> Actor:
    """Create a tenant whose name, ids and seed depend on its number only.

    The ids are far from those of copies.
    """
    return Actor(server.url).begin(NAMES[number], f"seed {number}", database_id=900_001 + number)


def ended(server: AjeraServer, actor: Actor) -> Outcome:
    """Delete a tenant and return its outcome."""
    tenants = [server.tenants.get(name) for name in (actor.name, *actor.copies)]
    assert not any(tenant.journal.failures for tenant in tenants)
    fingerprints = [tenant.fingerprint() for tenant in tenants]
    actor.end()
    return actor.transcript, fingerprints


def alone(server: AjeraServer, number: int, history: list[Step]) -> Outcome:
    """Run a history without another tenant."""
    with begun(server, number) as actor:
        for step in history:
            actor.do(step)
        return ended(server, actor)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 1), STEPS), max_size=50))
@example(IN_VERSION_2)
def test_two_tenants_in_turns_are_as_each_alone(server: AjeraServer, history: list[tuple[int, Step]]) -> None:
    """When two histories are interleaved, each transcript and fingerprint equals that of the tenant alone."""
    with ExitStack() as open_:
        actors = [open_.enter_context(begun(server, number)) for number in (0, 1)]
        for number, step in history:
            actors[number].do(step)
        together = [ended(server, actor) for actor in actors]

    for number in (0, 1):
        assert together[number] == alone(server, number, [step for who, step in history if who == number])


def test_tenants_at_the_same_time_are_as_each_alone(server: AjeraServer) -> None:
    """When four threads run one tenant each, each transcript and fingerprint equals that of the tenant alone."""
    histories = [drawn(f"at the same time {number}", LENGTH) for number in range(THREADS)]

    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(alone, [server] * THREADS, range(THREADS), histories))

    for number, history in enumerate(histories):
        assert together[number] == alone(server, number, history)


def test_the_routes_of_the_control_surface_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread makes them, even if several first requests arrive at once."""
    made: list[int] = []
    usual = http.Map

    def counted(rules: list[Any]) -> Map:
        made.append(len(rules))
        time.sleep(0.05)
        return usual(rules)

    monkeypatch.setattr(http, "Map", counted)
    http._made_routes.cache_clear()
    with ThreadPoolExecutor(THREADS) as pool:
        found = [each.result() for each in [pool.submit(http._routes) for _ in range(THREADS)]]

    assert len(made) == 1
    assert all(each is found[0] for each in found)


def test_tenants_created_at_the_same_time_have_their_own_names_and_ids(server: AjeraServer) -> None:
    """This is so in Python, by forking and over HTTP, without names given."""

    def make(number: int) -> str:
        if number % 3 == 0:
            return server.tenant().tenant.name
        if number % 3 == 1:
            return server.fork(parent).tenant.name
        with Actor(server.url) as actor:
            return str(actor.ask("POST", "/_mock/tenants", {})["name"])

    parent = server.tenant()
    with ThreadPoolExecutor(12) as pool:
        names = list(pool.map(make, range(24)))
    tenants = [server.tenants.get(name) for name in names]

    assert len(set(names)) == len(names)
    assert len({tenant.firm.database.database_id for tenant in tenants}) == len(names)
    assert all(server.tenants.find(tenant.firm.database.name) is tenant for tenant in tenants)


def test_names_and_ids_of_a_deleted_tenant_are_not_reused(server: AjeraServer) -> None:
    """A client of a deleted tenant cannot reach a later one, while other tenants exist."""
    server.tenant()
    for how in ("tenant", "http"):
        if how == "tenant":
            made = server.tenant()
            server.forget(made)
            gone, after = made.tenant, server.tenant().tenant
        else:
            with Actor(server.url) as actor:
                gone = server.tenants.get(actor.ask("POST", "/_mock/tenants", {})["name"])
                actor.ask("DELETE", f"/_mock/tenants/{gone.name}")
                after = server.tenants.get(actor.ask("POST", "/_mock/tenants", {})["name"])
        assert gone.name != after.name
        assert gone.firm.database.database_id != after.firm.database.database_id
        assert server.tenants.find(gone.firm.database.name) is None


@pytest.mark.parametrize("how", ["tenant", "http"])
def test_a_token_of_another_tenant_with_the_same_seed_is_refused(server: AjeraServer, how: str) -> None:
    """The name of a tenant is part of its tokens, so a client that mixes up two databases is found out."""
    if how == "tenant":
        one, other = (server.tenant(seed="same").tenant for _ in range(2))
    else:
        with Actor(server.url) as actor:
            names = [actor.ask("POST", "/_mock/tenants", {"seed": "same"})["name"] for _ in range(2)]
        one, other = (server.tenants.get(name) for name in names)
    tokens = [{tenant.sessions.open("integrator", 1, 60_000).token for _ in range(20)} for tenant in (one, other)]
    assert not tokens[0] & tokens[1]
    assert one.usage_key() != other.usage_key()
    body = codec.encode({"Method": "ListCompanies", "SessionToken": tokens[0].pop()})
    answer = post(f"{server.url}/{hosted(other.firm.database)}", body)
    assert b"Invalid Session" in answer.body
