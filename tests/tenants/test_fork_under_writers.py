"""Copies of a tenant, its restores and its end while others write to it and read from it."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from histories import BASE, Actor
from rules.wire import Wire

from mock_ajera.api.database_id import hosted
from mock_ajera.api.families import KINDS, RECORDS
from mock_ajera.app import create_app
from mock_ajera.control.control import Control
from mock_ajera.sample.export import exported
from mock_ajera.sample.files import numbers_in
from mock_ajera.sample.templates import new_tenant
from mock_ajera.server import Server
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.directory import DatabaseIds, Directory
from mock_ajera.tenants.firm import Database
from mock_ajera.tenants.snapshots import Snapshot
from mock_ajera.tenants.tenant import Tenant

WRITERS, READERS = 8, 4
COPIES = 5
ENDS = 6
STAMP = "2017-12-06 14:46:06.873 GMT-08:00"


class House:
    """A server for tenants whose stores are anywhere. Use it as a context manager."""

    def __init__(self) -> None:
        self.tenants = Directory(b"house")
        self.tenants.ready.set()
        self._server = Server(create_app(self.tenants, control=Control(self.tenants)))
        self.root = self._server.url

    def __enter__(self) -> House:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        for tenant in self.tenants:
            tenant.close()

    def add(self, name: str, store: SqliteStore) -> Tenant:
        """A new tenant on a store."""
        made = new_tenant("sample", seed=name.encode(), store=store)
        self.tenants.admit(made, name, ids=DatabaseIds())
        return made

    def wire(self, tenant: Tenant) -> Wire:
        """A client of a tenant, logged in."""
        return Wire(Address(self.root, tenant))


class Address:
    """Where a tenant is served, and who logs in there."""

    def __init__(self, root: str, tenant: Tenant) -> None:
        self.url = f"{root}/{hosted(tenant.firm.database)}"
        self.username, self.password = "integrator", "Offline_4jera"


@pytest.fixture(autouse=True)
def threads_change_often() -> Iterator[None]:
    """Python changes threads 100 times as often as usual: what can come between two steps does."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 100)
    yield
    sys.setswitchinterval(usual)


@pytest.fixture
def house() -> Iterator[House]:
    with House() as house:
        yield house


@pytest.fixture(params=["memory", "file"])
def tenant(request: pytest.FixtureRequest, house: House, tmp_path: Path) -> Tenant:
    """A tenant in memory, and one in a file."""
    store = SqliteStore.in_memory() if request.param == "memory" else SqliteStore.open(tmp_path / "firm.db")
    return house.add("busy", store)


def client(key: int, name: str, notes: str = "") -> dict[str, Any]:
    return {"ClientKey": key, "LastModifiedDate": STAMP, "Description": name, "Notes": notes, "Contacts": []}


def update(wire: Wire, updated: list[Any], unchanged: list[Any], *, single: bool = True) -> list[dict[str, Any]]:
    """An update that is written: the records as they are now."""
    arguments = {"UpdatedClients": updated, "UnchangedClients": unchanged, "UseSingleTransaction": single}
    answer = wire.call("UpdateClients", arguments)
    assert answer["Errors"] == []
    return list(answer["Content"]["Clients"])


def made_pair(wire: Wire, name: str) -> list[dict[str, Any]]:
    """Two new clients, marked as belonging together."""
    pair = update(wire, [client(-1, f"{name} left", "start"), client(-2, f"{name} right", "start")], [])
    for each in pair:
        del each["OriginalClientKey"]
    return pair


@contextmanager
def while_writing(house: House, tenant: Tenant) -> Iterator[list[int]]:
    """Eight clients that write the same marker to both records of a pair, and add a new record each time.

    Gives the keys of the pairs, left and right in turns. Raises what a writer raises.
    """
    done = threading.Event()

    def write_on(wire: Wire, pair: list[dict[str, Any]], number: int) -> int:
        count = 0
        while not done.is_set():
            count += 1
            marked = [each | {"Notes": f"marker {count}"} for each in pair]
            new = client(-1, f"Writer {number} number {count}")
            pair = update(wire, [*marked, new], pair)[:2]
        return count

    with ExitStack() as open_, ThreadPoolExecutor(WRITERS) as pool:
        wires = [open_.enter_context(house.wire(tenant)) for _ in range(WRITERS)]
        pairs = [made_pair(wire, f"Pair {number}") for number, wire in enumerate(wires)]
        runs = [pool.submit(write_on, *each) for each in zip(wires, pairs, range(WRITERS), strict=True)]
        try:
            yield [each["ClientKey"] for pair in pairs for each in pair]
        finally:
            done.set()
        assert min(run.result() for run in runs) > 0


def markers(clients: dict[int, dict[str, Any]], keys: list[int]) -> list[str]:
    """The marker of each pair; one that differs within its pair shows both."""
    notes = [clients[key].get("Notes", "") for key in keys]
    return [left if left == right else f"{left}, {right}" for left, right in zip(notes[::2], notes[1::2], strict=True)]


def check(copy: Tenant, keys: list[int]) -> list[str]:
    """Whether a copy is of one moment, and whole; gives the markers of its pairs."""
    clients = {row.key: copy.body(row) for row in copy.store.rows("Client")}
    found = markers(clients, keys)
    assert not [each for each in found if ", " in each], "half of a transaction is in the copy"
    # A writer adds a record with each marker: as many are there as the markers say.
    for number, marker in enumerate(found):
        count = int(marker.removeprefix("marker ")) if marker != "start" else 0
        made = {body["Description"] for body in clients.values() if body["Description"].startswith(f"Writer {number} ")}
        assert made == {f"Writer {number} number {each}" for each in range(1, count + 1)}
    _check_numbers(copy)
    _check_model(copy)
    return found


def _check_numbers(copy: Tenant) -> None:
    """No new record gets a key that is in use."""
    for kind, record in RECORDS.items():
        for row in copy.store.rows(kind):
            for sequence, number in numbers_in(record, record.open(copy.body(row))):
                assert number <= copy.store.number(sequence)


def _check_model(copy: Tenant) -> None:
    """The read model says what one would that is made anew from the store."""
    store = SqliteStore.in_memory()
    store.load(copy.store.dump())
    with closing(Tenant(store, KINDS, seed=b"anew")) as anew:
        for kind, table in copy.model.tables.items():
            twin = anew.model.tables[kind]
            assert (table.entries, table._indexes) == (twin.entries, twin._indexes)


def by_fork(tenant: Tenant) -> Tenant:
    return tenant.fork(SqliteStore.in_memory(), seed=b"fork")


def by_snapshot(tenant: Tenant) -> Tenant:
    tenant.snapshots.take("busy")
    return Tenant.of(tenant.snapshots["busy"], SqliteStore.in_memory(), seed=b"snapshot")


@pytest.mark.parametrize("copied", [by_fork, by_snapshot])
def test_a_copy_is_of_one_moment(house: House, tenant: Tenant, copied: Callable[[Tenant], Tenant]) -> None:
    """Fork and snapshot while eight clients write: no half transaction, no key twice, and a right read model."""
    with while_writing(house, tenant) as keys:
        seen = []
        for _ in range(COPIES):
            with closing(copied(tenant)) as copy:
                seen.append(tuple(check(copy, keys)))

    assert len(set(seen)) > 1, "nobody wrote meanwhile"


def test_an_export_is_of_one_moment(house: House, tenant: Tenant) -> None:
    """Its records are, and those of the files are."""
    with while_writing(house, tenant) as keys:
        seen = []
        for _ in range(COPIES):
            records = json.loads(tenant.export())["records"]
            seen.append(markers({row[1]: json.loads(row[4]) for row in records if row[0] == "Client"}, keys))
            files = exported(tenant)
            seen.append(markers({row["ClientKey"]: row for row in files["clients.json"]}, keys))
            # Nobody deletes: a number that no record has was given after the records were read.
            assert "Client" not in files["firm.json"].get("Numbers", {})

    assert not [each for found in seen for each in found if ", " in each]
    assert len(set(map(tuple, seen))) > 1, "nobody wrote meanwhile"


def test_a_copy_can_be_written_to_at_once(house: House, tenant: Tenant) -> None:
    """Copies made over HTTP while others write: a client creates a record in each, under a key that is free there."""
    with while_writing(house, tenant) as keys, Actor(house.root) as tester:
        for number in range(COPIES // 2):
            tester.ask("POST", f"{BASE}/tenants/{tenant.name}/fork", {"name": f"copy{number}"})
            copy = house.tenants.get(f"copy{number}")
            before = {row.key for row in copy.store.rows("Client")}
            with house.wire(copy) as wire:
                [new] = update(wire, [client(-1, "Only in the copy")], [])
            assert new["ClientKey"] not in before
            check(copy, keys)
    names = {row["Description"] for row in (tenant.body(row) for row in tenant.store.rows("Client"))}
    assert "Only in the copy" not in names


def answers_while(act: Callable[[], None], asks: list[Callable[[], Any]]) -> list[list[Any]]:
    """What each of several threads is answered, again and again, while something is done."""
    done = threading.Event()

    def ask_on(ask: Callable[[], Any]) -> list[Any]:
        seen = [ask()]
        while not done.is_set():
            seen.append(ask())
        return seen

    with ThreadPoolExecutor(len(asks)) as pool:
        runs: list[Future[list[Any]]] = [pool.submit(ask_on, ask) for ask in asks]
        try:
            act()
        finally:
            done.set()
        return [run.result() for run in runs]


class Eager:
    """The lock of a tenant, with somebody who acts the moment that a request lets it go."""

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
def test_an_answer_is_made_of_one_moment(house: House, tenant: Tenant, method: str, arguments: dict[str, Any]) -> None:
    """Whatever is done right after a request had its turn does not show in its answer."""
    others = {"success_code": "zero", "generic_error_item": True, "vary_guesses": True, "unknown_method": "empty"}
    usual, other = tenant.snapshot(), tenant.fork(SqliteStore.in_memory(), seed=b"other")
    with house.wire(tenant) as wire, closing(other):
        tenant.snapshots.take("usual")
        expected = wire.call(method, arguments)
        tenant.restore(usual)
        other.set_quirks(others)
        state = other.snapshot()
        with house.wire(tenant) as again:
            usual_lock, tenant.lock = tenant.lock, Eager(tenant, lambda: tenant.restore(state))
            found = again.call(method, arguments)
            tenant.lock = usual_lock

    del expected["UsageKey"], found["UsageKey"]
    assert found == expected


def test_a_reader_sees_the_state_before_a_restore_or_the_one_after(house: House, tenant: Tenant) -> None:
    """Records and quirks change at one moment: no answer has some of one state and some of the other."""
    with ExitStack() as open_:
        wires = [open_.enter_context(house.wire(tenant)) for _ in range(READERS)]
        pair = made_pair(wires[0], "Pair")
        keys = [each["ClientKey"] for each in pair]
        states: list[Snapshot] = []
        for name, code, error in (("first", "200", False), ("second", "zero", True)):
            tenant.set_quirks({"success_code": code, "generic_error_item": error})
            named = [each | {"Notes": name, "Description": f"{name} {each['ClientKey']}"} for each in pair]
            pair = update(wires[0], named, pair)
            states.append(tenant.snapshot())

        met: set[tuple[Any, ...]] = set()

        def turn() -> None:
            # On a busy machine a reader may have no turn for a while: it goes on until one has met both.
            for number in range(COPIES * 800):
                tenant.restore(states[number % 2])
                if number >= COPIES * 8 and len(met) > 1:
                    return

        def noted(ask: Callable[[Wire], tuple[Any, ...]], wire: Wire) -> tuple[Any, ...]:
            answer = ask(wire)
            met.add(answer)
            return answer

        def get(wire: Wire) -> tuple[Any, ...]:
            answer = wire.call("GetClients", {"RequestedClients": keys})
            return answer["ResponseCode"], *(each["Notes"] for each in answer["Content"]["Clients"])

        def listed(wire: Wire) -> tuple[Any, ...]:
            answer = wire.call("ListClients", {})
            rows = [each["Description"].split()[0] for each in answer["Content"]["Clients"]]
            return answer["ResponseCode"], *(name for name in rows if name in ("first", "second"))

        def refused(wire: Wire) -> tuple[Any, ...]:
            return (len(wire.call("ListClients", {"FilterByStatus": ["Actve"]})["Errors"]),)

        asks = [partial(noted, ask, wire) for ask, wire in zip((get, listed) * 2, wires, strict=True)]
        answers_while(turn, asks)
        errors = {each for found in answers_while(turn, [partial(refused, wires[0])]) for each in found}

    assert met == {(200, "first", "first"), (0, "second", "second")}
    assert errors <= {(1,), (2,)}
    assert not tenant.journal.failures


def test_clock_and_ids_are_those_of_the_tenant_while_it_is_restored(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also from a snapshot of another: at no step is it found under other ids, or at another time."""
    tenant.clock.freeze()
    with closing(tenant.fork(SqliteStore.in_memory(), seed=b"other")) as other:
        other.clock.reset()
        other.set_database(Database("Other", 7, 7))
        state = other.snapshot()
    expected = tenant.clock, tenant.firm.database
    seen = []

    def watched(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            seen.append((tenant.clock, tenant.firm.database))
            return method(*arguments)

        return call

    for name in ("load", "note", "notes", "set_note", "number", "raise_number"):
        monkeypatch.setattr(tenant.store, name, watched(getattr(tenant.store, name)))
    tenant.restore(state)
    seen.append((tenant.clock, tenant.firm.database))

    assert seen == [expected] * len(seen)
    assert tenant.store.note("tenant", "clock") == tenant.clock.to_text()


def test_the_last_setting_of_a_clock_is_the_one_that_is_kept(tenant: Tenant) -> None:
    """Several threads set it at once: what the store has is what the clock shows."""
    start = datetime(2026, 3, 9, tzinfo=UTC)

    def set_on(first: int) -> None:
        for step in range(50):
            tenant.clock.freeze(start + timedelta(minutes=first + step % 2))

    for _ in range(10):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(set_on, (0, 0, 2, 2)))
        assert tenant.store.note("tenant", "clock") == tenant.clock.to_text()


def test_a_reader_sees_the_state_before_a_reset_or_the_one_after(house: House, tenant: Tenant) -> None:
    """A reset of a tenant that others write to and read from is never seen half."""
    with ExitStack() as open_:
        wires = [open_.enter_context(house.wire(tenant)) for _ in range(READERS)]

        def turn() -> None:
            for number in range(COPIES * 2):
                update(wires[0], [client(-1, f"{number} left"), client(-2, f"{number} right")], [])
                tenant.snapshots.reset()

        def listed(wire: Wire) -> frozenset[str]:
            rows = wire.call("ListClients", {"FilterByNameLike": "t"})["Content"]["Clients"]
            return frozenset(each["Description"].partition(" ")[2] for each in rows if each["Description"][0].isdigit())

        asks = [partial(listed, wire) for wire in wires[1:]]
        seen = {each for found in answers_while(turn, asks) for each in found}

    assert seen <= {frozenset(), frozenset({"left", "right"})}
    assert not tenant.journal.failures


def test_requests_to_a_tenant_that_is_deleted_meanwhile_are_answered(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Each with a proper envelope, a success or a refusal, and nothing fails inside the server."""
    caplog.set_level(logging.WARNING)
    for number in range(ENDS):
        store = SqliteStore.open(tmp_path / f"{number}.db") if number % 2 else SqliteStore.in_memory()
        tenant = house.add(f"short{number}", store)
        with ExitStack() as open_:
            wires = [open_.enter_context(house.wire(tenant)) for _ in range(READERS)]
            testers = [open_.enter_context(Actor(house.root)) for _ in range(2)]
            started = threading.Barrier(READERS + 2 + 1)

            def client_asks(wire: Wire, started: threading.Barrier = started) -> list[dict[str, Any]]:
                started.wait(30)
                calls = (("ListClients", {}), ("UpdateClients", {"UpdatedClients": [client(-1, wire.token)]}))
                return [wire.call(*calls[each % 2]) for each in range(20)]

            def tester_asks(
                actor: Actor, name: str = tenant.name, started: threading.Barrier = started
            ) -> list[dict[str, Any]]:
                started.wait(30)
                base = f"{BASE}/tenants/{name}"
                asked: list[tuple[Any, ...]] = [
                    ("POST", f"{base}/snapshots", {"name": "s"}),
                    ("GET", f"{base}/records/Client"),
                    ("POST", f"{base}/clock/advance", {"by": "1s"}),
                    ("PATCH", f"{base}/quirks", {"success_code": "zero"}),
                    ("POST", f"{base}/reset", {}),
                    ("GET", base),
                ]
                return [actor.ask(*asked[each % len(asked)]) for each in range(24)]

            with ThreadPoolExecutor(READERS + 2) as pool:
                runs = [pool.submit(client_asks, wire) for wire in wires]
                runs += [pool.submit(tester_asks, actor) for actor in testers]
                started.wait(30)
                with Actor(house.root) as third:
                    third.ask("DELETE", f"{BASE}/tenants/{tenant.name}")
                answers = [run.result() for run in runs]

        for answer in (each for answered in answers[:READERS] for each in answered):
            assert answer.keys() >= {"ResponseCode", "Message", "Errors", "Content", "UsageKey"}
        said = [line for actor in testers for line in actor.said]
        assert not [line for line in said if "\n  5" in line]
        assert not tenant.journal.failures
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("method", ["ListClients", "UpdateClients", "EndAPISession", "CreateAPISession"])
def test_a_request_that_comes_too_late_is_refused(
    house: House, tenant: Tenant, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    """One that found the tenant just before it was deleted is answered as one that did not find it."""
    with house.wire(tenant) as wire:
        tenant.close()
        answer = wire.call(method, {})
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
def test_a_tester_who_comes_too_late_is_told_so(
    house: House, caplog: pytest.LogCaptureFixture, verb: str, path: str, body: dict[str, Any] | None
) -> None:
    """An action that found the tenant just before it was deleted is no failure of the server."""
    tenant = house.add("late", SqliteStore.in_memory())
    tenant.close()
    with Actor(house.root) as tester:
        tester.ask(verb, f"{BASE}/tenants/late{path}", body)
    assert tester.said[-1].partition("\n  ")[2].startswith("404 ")
    assert "deleted" in tester.said[-1]
    assert caplog.records == []
