"""Concurrent updates: one winner per round, no lost update, and no half transaction visible."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from client import Client
from rules.world import World

from contract_tests.kinds import PROJECTS
from mock_ajera import MockAjera

PAIRS = 4
"""Projects, each with two competing clients: eight threads."""
ROUNDS = 50
"""Rounds per project: 200 in total."""
TRANSACTIONS = 60
PATIENCE = 30
"""Seconds that a thread waits for another."""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Start one firm for all tests. Each test uses its own projects."""
    with World() as world:
        yield world


def changed(read: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Return a copy of a project with other values."""
    return copy.deepcopy(read) | members


Update = Callable[[dict[str, Any], dict[str, str]], dict[str, Any]]
"""Returns the arguments of an update: (Content that was read, values) -> arguments."""


def records(read: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    """Return the whole record and its baseline, as in version 1."""
    return {"UpdatedProjects": [changed(read["Projects"][0], **values)], "UnchangedProjects": read["Projects"]}


def rows(read: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    """Return the changed members and the bundle, as in version 2."""
    row = {"ProjectKey": read["Projects"][0]["ProjectKey"], **values}
    return {"UpdatedProjects": [row], "UnchangedProjects": read}


VERSIONS = {records: 1, rows: 2}


class Race:
    """Two clients that read one project at the same time and then update it, round after round."""

    def __init__(self, world: World, update: Update) -> None:
        self.world, self.update = world, update
        self.key = world.created(PROJECTS)
        self.together = threading.Barrier(2)
        self.accepted: list[dict[str, str]] = [{} for _ in range(ROUNDS)]

    def run(self, member: str) -> None:
        """Run one client, which changes one member. Raises ``BrokenBarrierError`` when the other client fails."""
        try:
            with Client(self.world.ajera.url, version=VERSIONS[self.update]) as client:
                for number in range(ROUNDS):
                    self._round(client, member, number)
        except BaseException:
            self.together.abort()
            raise

    def _round(self, client: Client, member: str, number: int) -> None:
        self.together.wait(PATIENCE)
        read = client.call("GetProjects", {"RequestedProjects": [self.key]})["Content"]
        self.together.wait(PATIENCE)
        value = f"{member} {number}"
        answer = client.call("UpdateProjects", self.update(read, {member: value}))
        if not answer["Errors"]:
            self.accepted[number][member] = value


@pytest.mark.parametrize("update", VERSIONS)
def test_one_client_wins_each_round(world: World, update: Update) -> None:
    """Of two updates with one baseline, one is written and one refused, 200 times with eight threads."""
    races = [Race(world, update) for _ in range(PAIRS)]
    with ThreadPoolExecutor(2 * PAIRS) as pool:
        runs = [pool.submit(race.run, member) for race in races for member in ("ID", "Notes")]
        for run in runs:
            run.result()

    assert [len(accepted) for race in races for accepted in race.accepted] == [1] * (PAIRS * ROUNDS)
    for race in races:
        last: dict[str, str] = {"ID": "", "Notes": ""}
        for accepted in race.accepted:
            last |= accepted
        read = world.read(PROJECTS, race.key)
        assert {member: read[member] for member in last} == last


def test_a_reader_never_sees_half_a_transaction(world: World) -> None:
    keys = [world.created(PROJECTS), world.created(PROJECTS)]
    done = threading.Event()

    def read_on() -> list[tuple[str, ...]]:
        seen: list[tuple[str, ...]] = []
        with Client(world.ajera.url) as client:
            while not done.is_set() or not seen:
                content = client.call("GetProjects", {"RequestedProjects": keys})["Content"]
                seen.append(tuple(project["Notes"] for project in content["Projects"]))
        return seen

    def write_on() -> None:
        try:
            with Client(world.ajera.url) as client:
                for number in range(TRANSACTIONS):
                    reads = [client.read(PROJECTS, key) for key in keys]
                    edits = [changed(read, Notes=f"Together {number}") for read in reads]
                    answer = client.update(PROJECTS, edits, reads, single=True)
                    assert answer["Errors"] == []
        finally:
            done.set()

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read_on) for _ in range(3)]
        pool.submit(write_on).result()
        seen = [pair for reader in readers for pair in reader.result()]

    assert {len(set(pair)) for pair in seen} == {1}
    assert all(world.read(PROJECTS, key)["Notes"] == f"Together {TRANSACTIONS - 1}" for key in keys)


THREADS = 8


Read = Callable[[Client], Any]
"""Reads the record that all threads change."""

Write = Callable[[Client, Any, str], dict[str, Any]]
"""Writes a text into it, with what was read as baseline. Returns the answer."""


def winners(ajera: MockAjera, read: Read, write: Write) -> list[list[str]]:
    """Let eight threads read a record at the same time and then write it, 200 times. Return the texts accepted."""
    together = threading.Barrier(THREADS)
    accepted: list[list[str]] = [[] for _ in range(PAIRS * ROUNDS)]

    def run(number: int) -> None:
        try:
            with Client(ajera.url, version=2) as client:
                for turn, texts in enumerate(accepted):
                    together.wait(PATIENCE)
                    baseline = read(client)
                    together.wait(PATIENCE)
                    text = f"{turn} of {number}"
                    if not write(client, baseline, text)["Errors"]:
                        texts.append(text)
        except BaseException:
            together.abort()
            raise

    with ThreadPoolExecutor(THREADS) as pool:
        for result in [pool.submit(run, number) for number in range(THREADS)]:
            result.result()
    return accepted


def test_one_writer_of_a_timesheet_wins_each_round() -> None:
    """Of eight updates with the same UnchangedData, one is written and seven are refused, 200 times."""
    arguments = {"RequestedTimesheets": [900]}

    def read(client: Client) -> Any:
        (sheet,) = client.call("GetTimesheets", arguments)["Content"]["Timesheets"]
        return sheet["UnchangedData"]

    def write(client: Client, unchanged: Any, text: str) -> dict[str, Any]:
        edit = {"Timesheet Project Key": 900, "D1 Notes": text}
        change = {"TimesheetKey": 900, "UpdatedProjects": [edit], "UnchangedData": unchanged}
        return client.call("UpdateTimesheets", {"Timesheets": [change]})

    with MockAjera() as ajera:
        row = {"Timesheet Project Key": 900, "Project Key": 1, "Phase Key": 4, "Activity Key": 1}
        sheet = {"TimesheetKey": 900, "EmployeeKey": 1, "TimesheetDate": "@today-700", "Projects": [row]}
        ajera.put_record("Timesheet", sheet)
        accepted = winners(ajera, read, write)
        assert [len(texts) for texts in accepted] == [1] * len(accepted)
        (current,) = ajera.content("GetTimesheets", arguments, version=2)["Timesheets"]
        assert [current["Project"]["Detail"][0]["D1 Notes"]] == accepted[-1]


def test_one_writer_of_a_line_of_a_vendor_invoice_wins_each_round() -> None:
    """Of eight updates with the same Content as baseline, one is written and seven are refused, 200 times."""
    arguments = {"RequestedVendorInvoices": [9000]}

    def read(client: Client) -> Any:
        return client.call("GetVendorInvoices", arguments)["Content"]

    def write(client: Client, unchanged: Any, text: str) -> dict[str, Any]:
        change = {"VendorInvoiceKey": 9000, "LineItems": [{"TransactionKey": 9001, "Notes": text}]}
        sent = {"UpdatedVendorInvoices": [change], "UnchangedVendorInvoices": unchanged}
        return client.call("UpdateVendorInvoices", sent)

    with MockAjera(quirks={"guessed_methods": "serve"}) as ajera:
        line = {"TransactionKey": 9001, "AccountKey": 32, "CostAmount": 20}
        invoice = {"VendorInvoiceKey": 9000, "VendorKey": 1, "Amount": 20, "LineItems": [line]}
        ajera.put_record("VendorInvoice", invoice)
        accepted = winners(ajera, read, write)
        assert [len(texts) for texts in accepted] == [1] * len(accepted)
        (current,) = ajera.content("GetVendorInvoices", arguments, version=2)["VendorInvoicesDetails"]
        assert [current["Notes"]] == accepted[-1]
