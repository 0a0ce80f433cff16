"""One history with one seed at one time gives the same responses, byte for byte, in every process."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

import histories
import pytest
from checkout import PYTHON, ROOT, clean_environment, run, serving_mock
from histories import FROZEN, Actor, transcripts

SECRET = re.compile(r'"(?:SessionToken|UsageKey)":"([0-9a-f-]+)"')
"""Tokens and UsageKeys, which come from the seed."""


def in_process(seed: str, hash_seed: str) -> str:
    """Return what ``histories`` prints in a process of its own."""
    environment = clean_environment(PYTHONHASHSEED=hash_seed)
    return run(PYTHON, histories.__file__, "any", seed, cwd=ROOT, environment=environment)


@pytest.fixture(scope="module")
def first() -> str:
    return in_process("7", "1")


def served(folder: Path, seed: str, hash_seed: str, steps: int = 25) -> list[str]:
    """Return what ``mock-ajera serve`` answers to its own tenant, two created over HTTP, and copies of all."""
    folder.mkdir()
    options = ("--seed", seed, "--freeze", FROZEN)
    with serving_mock(folder, *options, PYTHONHASHSEED=hash_seed) as server, ExitStack() as open_:
        actors = [open_.enter_context(Actor(server.root)) for _ in range(3)]
        actors[0].adopt(actors[0].ask("GET", "/_mock/tenants/default"))
        actors[1].adopt(actors[1].ask("POST", "/_mock/tenants"))
        actors[2].adopt(actors[2].ask("POST", "/_mock/tenants", {"profile": "documented", "sample": 3}))
        return transcripts(actors, "served", steps)


def secrets(text: str) -> set[str]:
    """Return the tokens and UsageKeys in a transcript."""
    return set(SECRET.findall(text))


def test_two_processes_answer_alike(first: str) -> None:
    """Tokens, keys, stamps, order, reasons and files do not depend on the process or on its hash seed."""
    assert in_process("7", "2") == first


def test_another_seed_gives_other_tokens_and_usage_keys(first: str) -> None:
    assert len(secrets(first)) > 100
    assert not secrets(in_process("8", "1")) & secrets(first)


def test_two_servers_answer_alike(tmp_path: Path) -> None:
    """With ``--seed`` and ``--freeze`` this includes tenants and copies created later. Another seed differs."""
    first = served(tmp_path / "first", "7", "1")
    assert first == served(tmp_path / "second", "7", "2")
    assert not secrets("".join(first)) & secrets("".join(served(tmp_path / "third", "8", "1", 3)))


@pytest.mark.parametrize("body", [{}, {"sample": "empty"}])
def test_a_frozen_server_freezes_new_tenants(serve, body: dict[str, str]) -> None:
    """Their clock is frozen at the server's time, unless the request names another."""
    server = serve("--freeze", FROZEN)
    with Actor(server.root) as actor:
        made = actor.ask("POST", "/_mock/tenants", body)
        other = actor.ask("POST", "/_mock/tenants", body | {"freeze": "2027-01-04T08:00:00Z"})
    assert (made["now"], made["frozen"]) == ("2026-03-09T15:00:00.000Z", True)
    assert other["now"] == "2027-01-04T08:00:00.000Z"
