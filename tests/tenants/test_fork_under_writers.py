"""Copying, restoring and deleting a tenant while clients write to it and read from it."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from client import STAMP, Client
from histories import BASE, Actor
from model_indexes import indexed

from contract_tests.kinds import CLIENTS
from mock_ajera import AjeraServer
from mock_ajera.api.database_id import hosted
from mock_ajera.api.families import KINDS, RECORDS
from mock_ajera.sample.export import exported
from mock_ajera.sample.files import numbers_in
from mock_ajera.sample.templates import new_tenant
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.directory import DatabaseIds
from mock_ajera.tenants.firm import Database
from mock_ajera.tenants.snapshots import Snapshot
from mock_ajera.tenants.tenant import Tenant

WRITERS, READERS = 8, 4
COPIES = 3


def add(server: AjeraServer, name: str, store: SqliteStore) -> Tenant:
    """Create a tenant on a store."""
    made = new_tenant("sample", seed=name.encode(), store=store)
    for table in made.model.tables.values():
        indexed(table)
    server.tenants.admit(made, name, ids=DatabaseIds())
    return made


def log_in(server: AjeraServer, tenant: Tenant) -> Client:
    return Client(f"{server.url}/{hosted(tenant.firm.database)}")


@pytest.fixture(autouse=True)
def threads_change_often() -> Iterator[None]:
    """Switch threads 100 times as often as usual, to expose races."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 100)
    yield
    sys.setswitchinterval(usual)


@pytest.fixture
def server() -> Iterator[AjeraServer]:
    with AjeraServer() as server:
        yield server


@pytest.fixture(params=["memory", "file"])
def tenant(request: pytest.FixtureRequest, server: AjeraServer, tmp_path: Path) -> Tenant:
    """Return a tenant in memory, and one in a file."""
    store = SqliteStore.in_memory() if request.param == "memory" else SqliteStore.open(tmp_path / "firm.db")
    return add(server, "busy", store)


def new_client(key: int, name: str, notes: str = "") -> dict[str, Any]:
    return {"ClientKey": key, "LastModifiedDate": STAMP, "Description": name, "Notes": notes, "Contacts": []}


def made_pair(client: Client, name: str) -> list[dict[str, Any]]:
    """Create two clients whose notes are always equal."""
    new = [new_client(-1, f"{name} left", "start"), new_client(-2, f"{name} right", "start")]
    pair = client.written(CLIENTS, new, single=True)
    for each in pair:
        del each["OriginalClientKey"]
    return pair


@contextmanager
def while_writing(server: AjeraServer, tenant: Tenant) -> Iterator[list[int]]:
    """Run eight clients that write one marker to both records of a pair and create a record with each marker.

    Yield the keys of the pairs, left and right in turns. Raises the exception of a writer.
    """
    done = threading.Event()

    def write_on(client: Client, pair: list[dict[str, Any]], number: int) -> int:
        count = 0
        while not done.is_set():
            count += 1
            marked = [each | {"Notes": f"marker {count}"} for each in pair]
            new = new_client(-1, f"Writer {number} number {count}")
            pair = client.written(CLIENTS, [*marked, new], pair, single=True)[:2]
        return count

    with ExitStack() as open_, ThreadPoolExecutor(WRITERS) as pool:
        sessions = [open_.enter_context(log_in(server, tenant)) for _ in range(WRITERS)]
        pairs = [made_pair(client, f"Pair {number}") for number, client in enumerate(sessions)]
        runs = [pool.submit(write_on, *each) for each in zip(sessions, pairs, range(WRITERS), strict=True)]
        try:
            yield [each["ClientKey"] for pair in pairs for each in pair]
        finally:
            done.set()
        assert min(run.result() for run in runs) > 0


def markers(clients: dict[int, dict[str, Any]], keys: list[int]) -> list[str]:
    """Return the marker of each pair, or both markers if they differ."""
    notes = [clients[key].get("Notes", "") for key in keys]
    return [left if left == right else f"{left}, {right}" for left, right in zip(notes[::2], notes[1::2], strict=True)]


def check(copy: Tenant, keys: list[int]) -> list[str]:
    """Check that a copy is consistent and complete. Return the markers of its pairs."""
    clients = {row.key: copy.body(row) for row in copy.store.rows("Client")}
    found = markers(clients, keys)
    assert not [each for each in found if ", " in each], "the copy contains half a transaction"
    # A writer creates one record with each marker.
    for number, marker in enumerate(found):
        count = int(marker.removeprefix("marker ")) if marker != "start" else 0
        made = {body["Description"] for body in clients.values() if body["Description"].startswith(f"Writer {number} ")}
        assert made == {f"Writer {number} number {each}" for each in range(1, count + 1)}
    # No new record can get a key that is in use.
    for kind, record in RECORDS.items():
        for row in copy.store.rows(kind):
            for sequence, number in numbers_in(record, record.nest(copy.body(row))):
                assert number <= copy.store.number(sequence)
    # The read model equals one rebuilt from the store.
    store = SqliteStore.in_memory()
    store.load(copy.store.dump())
    with closing(Tenant(store, KINDS, seed=b"rebuilt")) as rebuilt:
        for kind, table in copy.model.tables.items():
            twin = rebuilt.model.tables[kind]
            assert (table.entries, indexed(table)) == (twin.entries, indexed(twin))
    return found


def by_fork(tenant: Tenant) -> Tenant:
    return tenant.fork(SqliteStore.in_memory(), seed=b"fork")


def by_snapshot(tenant: Tenant) -> Tenant:
    tenant.snapshots.take("busy")
    return Tenant.of(tenant.snapshots["busy"], SqliteStore.in_memory(), seed=b"snapshot")


@pytest.mark.parametrize("copied", [by_fork, by_snapshot])
def test_a_copy_is_consistent(server: AjeraServer, tenant: Tenant, copied: Callable[[Tenant], Tenant]) -> None:
    """A fork and a snapshot taken while eight clients write have no half transaction and a correct read model."""
    seen = set()
    with while_writing(server, tenant) as keys:
        for _ in range(COPIES):
            with closing(copied(tenant)) as copy:
                seen.add(tuple(check(copy, keys)))
    assert len(seen) > 1, "nothing was written between the copies"


def test_an_export_is_consistent(server: AjeraServer, tenant: Tenant) -> None:
    seen = set()
    with while_writing(server, tenant) as keys:
        for _ in range(COPIES):
            records = json.loads(tenant.export())["records"]
            files = exported(tenant)
            for clients in (
                {row[1]: json.loads(row[4]) for row in records if row[0] == "Client"},
                {row["ClientKey"]: row for row in files["clients.json"]},
            ):
                seen.add(tuple(markers(clients, keys)))
            # No record is deleted, so a number without a record was assigned after the records were read.
            assert "Client" not in files["firm.json"].get("Numbers", {})
    assert not [each for found in seen for each in found if ", " in each]
    assert len(seen) > 1, "nothing was written between the copies"


def test_a_copy_accepts_writes_at_once(server: AjeraServer, tenant: Tenant) -> None:
    """A client creates a record in a copy made over HTTP while others write, and gets an unused key."""
    with while_writing(server, tenant) as keys, Actor(server.url) as tester:
        for number in range(COPIES // 2):
            tester.ask("POST", f"{BASE}/tenants/{tenant.name}/fork", {"name": f"copy{number}"})
            copy = server.tenants.get(f"copy{number}")
            before = {row.key for row in copy.store.rows("Client")}
            with log_in(server, copy) as client:
                [new] = client.written(CLIENTS, [new_client(-1, "Only in the copy")], single=True)
            assert new["ClientKey"] not in before
            check(copy, keys)
    names = {row["Description"] for row in (tenant.body(row) for row in tenant.store.rows("Client"))}
    assert "Only in the copy" not in names


def answers_while(act: Callable[[], None], asks: list[Callable[[], Any]]) -> set[Any]:
    """Return the different responses that several threads get while ``act`` runs."""
    done = threading.Event()

    def ask_on(ask: Callable[[], Any]) -> set[Any]:
        seen = {ask()}
        while not done.is_set():
            seen.add(ask())
        return seen

    with ThreadPoolExecutor(len(asks)) as pool:
        runs = [pool.submit(ask_on, ask) for ask in asks]
        try:
            act()
        finally:
            done.set()
        return set().union(*(run.result() for run in runs))


class Eager:
    """The lock of a tenant. It runs ``act`` as soon as a request releases it."""

    def __init__(self, tenant: Tenant, act: Callable[[], None]) -> None:
        self._lock, self._act = tenant.lock, act
        self._depth, self._acting = 0, False

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        free = self._depth == 0 and not self._acting
        self._lock.release()
        if free:
            self._acting = True
            self._act()
            self._acting = False


@pytest.mark.parametrize(
    ("method", "arguments"),
    [("ListClients", {}), ("ListClients", {"FilterByStatus": ["Actve"]}), ("NoSuchMethod", {}), ("EndAPISession", {})],
)
def test_an_answer_reflects_one_state(
    server: AjeraServer, tenant: Tenant, method: str, arguments: dict[str, Any]
) -> None:
    """A change made right after a request releases the lock does not affect its answer."""
    others = {"success_code": "zero", "generic_error_item": True, "vary_guesses": True, "unknown_method": "empty"}
    usual, other = tenant.snapshot(), tenant.fork(SqliteStore.in_memory(), seed=b"other")
    with log_in(server, tenant) as client, closing(other):
        tenant.snapshots.take("usual")
        expected = client.call(method, arguments)
        tenant.restore(usual)
        other.set_quirks(others)
        state = other.snapshot()
        with log_in(server, tenant) as again:
            usual_lock, tenant.lock = tenant.lock, Eager(tenant, lambda: tenant.restore(state))
            found = again.call(method, arguments)
            tenant.lock = usual_lock

    del expected["UsageKey"], found["UsageKey"]
    assert found == expected


def test_a_reader_sees_the_state_before_or_after_a_restore(server: AjeraServer, tenant: Tenant) -> None:
    """Records and quirks change together: no answer mixes two states."""
    with ExitStack() as open_:
        sessions = [open_.enter_context(log_in(server, tenant)) for _ in range(READERS)]
        pair = made_pair(sessions[0], "Pair")
        keys = [each["ClientKey"] for each in pair]
        states: list[Snapshot] = []
        for name, code, error in (("first", "200", False), ("second", "zero", True)):
            tenant.set_quirks({"success_code": code, "generic_error_item": error})
            named = [each | {"Notes": name, "Description": f"{name} {each['ClientKey']}"} for each in pair]
            pair = sessions[0].written(CLIENTS, named, pair, single=True)
            states.append(tenant.snapshot())
        seen: set[tuple[Any, ...]] = set()

        def turn() -> None:
            # On a busy machine a reader may have to wait: continue until one has seen both states.
            for number in range(COPIES * 800):
                tenant.restore(states[number % 2])
                if number >= COPIES * 8 and len(seen) > 1:
                    return

        def get(client: Client) -> tuple[Any, ...]:
            answer = client.call("GetClients", {"RequestedClients": keys})
            seen.add((answer["ResponseCode"], *(each["Notes"] for each in answer["Content"]["Clients"])))
            answer = client.call("ListClients", {})
            rows = [each["Description"].split()[0] for each in answer["Content"]["Clients"]]
            seen.add((answer["ResponseCode"], *(name for name in rows if name in ("first", "second"))))
            return ()

        def refused(client: Client) -> int:
            return len(client.call("ListClients", {"FilterByStatus": ["Actve"]})["Errors"])

        answers_while(turn, [partial(get, client) for client in sessions])
        errors = answers_while(turn, [partial(refused, sessions[0])])
    assert seen == {(200, "first", "first"), (0, "second", "second")}
    assert errors <= {1, 2}
    assert not tenant.journal.failures


def test_a_tenant_keeps_its_clock_and_ids_during_a_restore(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a snapshot of another tenant changes them, at any step."""
    tenant.clock.freeze()
    with closing(tenant.fork(SqliteStore.in_memory(), seed=b"other")) as other:
        other.clock.reset()
        other.set_database(Database("Other", 7, 7))
        state = other.snapshot()
    expected = tenant.clock, tenant.firm.database
    seen = []

    def watched(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            seen.append((tenant.clock, tenant.firm.database))
            return method(*arguments, **options)

        return call

    for name in ("load", "note", "notes", "set_note", "number", "raise_number"):
        monkeypatch.setattr(tenant.store, name, watched(getattr(tenant.store, name)))
    tenant.restore(state)
    seen.append((tenant.clock, tenant.firm.database))

    assert seen == [expected] * len(seen)
    assert tenant.store.note("tenant", "clock") == tenant.clock.to_text()


def test_the_store_keeps_the_last_setting_of_a_clock(tenant: Tenant) -> None:
    """When several threads set the clock at once, the store has the setting that the clock shows."""
    start = datetime(2026, 3, 9, tzinfo=UTC)

    def set_on(first: int) -> None:
        for step in range(50):
            tenant.clock.freeze(start + timedelta(minutes=first + step % 2))

    for _ in range(10):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(set_on, (0, 0, 2, 2)))
        assert tenant.store.note("tenant", "clock") == tenant.clock.to_text()


@pytest.mark.parametrize("turn", range(3))
def test_requests_during_the_deletion_of_a_tenant_are_answered(
    server: AjeraServer, tenant: Tenant, caplog: pytest.LogCaptureFixture, turn: int
) -> None:
    """Each gets an envelope with a success or a refusal, and no internal error occurs."""
    caplog.set_level(logging.WARNING)
    base = f"{BASE}/tenants/{tenant.name}"
    actions: tuple[tuple[Any, ...], ...] = (
        ("POST", f"{base}/snapshots", {"name": "s"}),
        ("GET", f"{base}/records/Client"),
        ("POST", f"{base}/clock/advance", {"by": "1s"}),
        ("PATCH", f"{base}/quirks", {"success_code": "zero"}),
        ("POST", f"{base}/reset", {}),
        ("GET", base),
    )
    started = threading.Barrier(READERS + 2 + 1)

    def client_asks(client: Client) -> list[dict[str, Any]]:
        started.wait(30)
        calls = (("ListClients", {}), ("UpdateClients", {"UpdatedClients": [new_client(-1, str(client.token))]}))
        return [client.call(*calls[each % 2]) for each in range(20)]

    def tester_asks(actor: Actor) -> list[Any]:
        started.wait(30)
        return [actor.ask(*action) for action in actions * 4]

    with ExitStack() as open_, ThreadPoolExecutor(READERS + 2) as pool:
        sessions = [open_.enter_context(log_in(server, tenant)) for _ in range(READERS)]
        testers = [open_.enter_context(Actor(server.url)) for _ in range(3)]
        clients = [pool.submit(client_asks, client) for client in sessions]
        others = [pool.submit(tester_asks, actor) for actor in testers[:2]]
        started.wait(30)
        testers[2].ask("DELETE", base)
        answers = [answer for run in clients for answer in run.result()]
        assert all(run.result() for run in others)
    for answer in answers:
        assert answer.keys() >= {"ResponseCode", "Message", "Errors", "Content", "UsageKey"}
    assert not [line for actor in testers for line in actor.transcript if "\n  5" in line]
    assert not tenant.journal.failures
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("method", ["ListClients", "UpdateClients", "EndAPISession", "CreateAPISession"])
def test_a_request_to_a_deleted_tenant_is_refused(
    server: AjeraServer, tenant: Tenant, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    """A request that found the tenant just before its deletion is answered like one that did not find it."""
    with log_in(server, tenant) as client:
        tenant.close()
        answer = client.call(method, {})
    assert (answer["ResponseCode"], len(answer["Errors"]), answer["Content"]) == (0, 1, {})
    assert [reason.text for reason in tenant.journal[-1].reasons] == ["the tenant was deleted"]
    assert caplog.records == []


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("POST", "/snapshots", {"name": "late"}),
        ("POST", "/fork", {}),
        ("POST", "/reset", {}),
        ("POST", "/clock/freeze", {}),
        ("PATCH", "/quirks", {"success_code": "zero"}),
        ("PUT", "/records/Company", {"CompanyKey": 1, "Description": "Late"}),
        ("GET", "/files", None),
    ],
)
def test_an_action_on_a_deleted_tenant_answers_404(
    server: AjeraServer, caplog: pytest.LogCaptureFixture, verb: str, path: str, body: dict[str, Any] | None
) -> None:
    """An action that found the tenant just before its deletion is not an internal error."""
    tenant = add(server, "late", SqliteStore.in_memory())
    tenant.close()
    with Actor(server.url) as tester:
        tester.ask(verb, f"{BASE}/tenants/late{path}", body)
    assert tester.transcript[-1].partition("\n  ")[2].startswith("404 ")
    assert "deleted" in tester.transcript[-1]
    assert caplog.records == []
