"""The same history from the same seed at the same time gives the same answers, byte for byte, in any process."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

import histories
import pytest
from checkout import COMMAND, PYTHON, ROOT, clean_environment, run, serving
from histories import FROZEN, Actor, told

SECRET = re.compile(r'"(?:SessionToken|UsageKey)":"([0-9a-f-]+)"')
"""What comes from the seed: the sample's tokens and UsageKeys."""


def in_process(seed: str, hash_seed: str) -> str:
    """What ``histories`` prints in a process of its own."""
    environment = clean_environment(PYTHONHASHSEED=hash_seed)
    return run(PYTHON, histories.__file__, "any", seed, cwd=ROOT, environment=environment)


@pytest.fixture(scope="module")
def first() -> str:
    """What the first process prints."""
    return in_process("7", "1")


def served(folder: Path, seed: str, hash_seed: str) -> list[str]:
    """What ``mock-ajera serve`` answers: its own tenant, two that are made by POST, and copies of all of them."""
    folder.mkdir()
    environment = clean_environment(PYTHONHASHSEED=hash_seed)
    words = ("serve", "--port", "0", "--env-file", "served.env", "--seed", seed, "--freeze", FROZEN)
    with serving(COMMAND, *words, cwd=folder, environment=environment) as server, ExitStack() as open_:
        actors = [open_.enter_context(Actor(server.root)) for _ in range(3)]
        actors[0].take(actors[0].ask("GET", "/_mock/tenants/default"))
        actors[1].take(actors[1].ask("POST", "/_mock/tenants"))
        actors[2].take(actors[2].ask("POST", "/_mock/tenants", {"profile": "documented", "sample": 3}))
        return told(actors, "served", 25)


def secrets(text: str) -> set[str]:
    """The tokens and UsageKeys in what was answered."""
    return set(SECRET.findall(text))


def test_two_processes_answer_alike(first: str) -> None:
    """Tokens, keys, stamps, order, reasons, files: nothing depends on the process or on the hashes of its texts."""
    assert in_process("7", "2") == first


def test_another_seed_gives_other_tokens_and_usage_keys(first: str) -> None:
    """None of them comes again."""
    assert len(secrets(first)) > 100
    assert not secrets(in_process("8", "1")) & secrets(first)


def test_two_servers_answer_alike(tmp_path: Path) -> None:
    """``serve --seed --freeze``: also tenants and copies that are made while it runs, and not with another seed."""
    first = served(tmp_path / "first", "7", "1")
    assert first == served(tmp_path / "second", "7", "2")
    assert not secrets("".join(first)) & secrets("".join(served(tmp_path / "third", "8", "1")))


@pytest.mark.parametrize("body", [{}, {"sample": "empty"}])
def test_a_frozen_server_freezes_the_tenants_that_are_made(serve, body: dict[str, str]) -> None:
    """They stand at the server's time, unless another is asked for."""
    server = serve("--freeze", FROZEN)
    with Actor(server.root) as actor:
        made = actor.ask("POST", "/_mock/tenants", body)
        other = actor.ask("POST", "/_mock/tenants", body | {"freeze": "2027-01-04T08:00:00Z"})
    assert (made["now"], made["frozen"]) == ("2026-03-09T15:00:00.000Z", True)
    assert other["now"] == "2027-01-04T08:00:00.000Z"
