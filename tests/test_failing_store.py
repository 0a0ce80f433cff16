"""A store that fails: what is in memory never runs ahead of it, and the server says so until the cause is gone."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import Any

import killed_actions
import pytest
from checkout import PYTHON, ROOT, clean_environment, run
from stored_actions import API, CONTROL, NOT_STORED, PASSWORD, World, in_memory, stored

from mock_ajera.control.register import ACTIONS
from mock_ajera.sample.templates import open_tenant
from mock_ajera.store import SqliteStore

Action = Callable[[World], Any]


class Failing:
    """A connection whose commits fail with a full disk."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, values: Any = ()) -> Any:
        if sql == "COMMIT":
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        return self._connection.execute(sql, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "firm.db")
    made.prepare()
    yield made
    made.tenant.close()


def test_every_action_is_in_the_list() -> None:
    """A new action that writes belongs into ``CONTROL``."""
    writing = {name for name, each in ACTIONS.items() if each.verb != "GET"}
    assert CONTROL.keys() | NOT_STORED == writing


@pytest.mark.parametrize("action", [*CONTROL.values(), *API.values()], ids=[*CONTROL, *API])
def test_a_failed_commit_changes_nothing(
    world: World, action: Action, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The client is told the cause, memory is as before, and the same request works when the cause is gone."""
    before = in_memory(world.tenant), stored(world.tenant.store)
    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
        broken.setattr(world.tenant.store, "_connection", Failing(world.tenant.store._connection))
        answer = action(world)
    why = f"{world.file} cannot be written: the disk is full."
    if isinstance(answer, dict):
        assert (answer["ResponseCode"], answer["Errors"][0]["ErrorMessage"]) == (-100, "An error has occurred.")
    else:
        assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert answer.json["detail"] == f"the action was not performed: {why}"
    assert [why in record.getMessage() and not record.exc_info for record in caplog.records] == [True]
    assert (in_memory(world.tenant), stored(world.tenant.store)) == before

    answer = action(world)
    assert not answer["Errors"] if isinstance(answer, dict) else answer.status_code < HTTPStatus.BAD_REQUEST
    assert stored(world.tenant.store) != before[1]
    after = in_memory(world.tenant)
    world.tenant.close()
    with closing(SqliteStore.open(world.file)) as store:
        again = open_tenant(store, seed=b"seed")
        assert again is not None
        assert in_memory(again) == after


def test_a_full_disk(world: World) -> None:
    """A user that did not fit is not listed, before and after a restart, and fits when there is room again."""
    connection = world.tenant.store._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    answers = [
        world.control("POST", "/users", {"name": f"user{number}", "password": PASSWORD}) for number in range(200)
    ]
    added = [answer.json["name"] for answer in answers if answer.status_code == HTTPStatus.CREATED]
    assert "the disk is full" in answers[-1].json["detail"]
    listed = [each["name"] for each in world.control("GET", "/users").json]
    assert sorted(added) == sorted(name for name in listed if name.startswith("user"))
    not_ready = world.http.get("/_mock/ready")
    assert not_ready.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "the disk is full" in not_ready.json["detail"]

    connection.execute(f"PRAGMA max_page_count = {pages + 100}")
    assert world.http.get("/_mock/ready").status_code == HTTPStatus.OK
    assert world.control("POST", "/users", {"name": "late", "password": PASSWORD}).status_code == HTTPStatus.CREATED
    world.tenant.close()
    with closing(SqliteStore.open(world.file)) as store:
        again = open_tenant(store, seed=b"seed")
        assert again is not None
        assert again.users.keys() == {*listed, "late"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is needed")
@pytest.mark.parametrize("action", ["tenants reset", "snapshots restore", "tenants import", "users remove"])
def test_a_killed_action_leaves_the_state_before_or_after(tmp_path: Path, action: str) -> None:
    """At every statement: the file has the old state up to the commit, never a mixture."""
    environment = clean_environment(PYTHONPATH=str(ROOT))
    seen = run(PYTHON, killed_actions.__file__, tmp_path, action, cwd=ROOT, environment=environment).split()
    assert len(seen) > 5
    assert seen == ["before"] * seen.count("before") + ["after"] * seen.count("after")


def test_a_page_that_goes_bad_while_serving(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Requests that read it are answered as server faults, and the server is not ready until the page is back."""
    first = World(tmp_path / "firm.db")
    first.tenant.close()
    world = World(tmp_path / "firm.db")
    world.token = world.log_in()["Content"]["SessionToken"]
    sound = world.file.read_bytes()
    world.tenant.store._connection.execute("PRAGMA shrink_memory")
    with caplog.at_level(logging.ERROR):
        with world.file.open("r+b") as file:
            file.seek(4096)
            file.write(bytes(len(sound) - 4096))
        answer = world.call("GetProjects", {"RequestedProjects": [1]})
    assert answer["Errors"][0]["ErrorMessage"] == "An error has occurred."
    assert [record.exc_info for record in caplog.records] == [None]
    assert f"{world.file} is damaged" in caplog.text
    not_ready = world.http.get("/_mock/ready")
    assert (not_ready.status_code, "is damaged" in not_ready.json["detail"]) == (503, True)
    assert world.http.get("/_mock/health").status_code == HTTPStatus.OK

    world.file.write_bytes(sound)
    assert world.http.get("/_mock/ready").status_code == HTTPStatus.OK
    assert not world.call("GetProjects", {"RequestedProjects": [1]})["Errors"]
    world.tenant.close()
