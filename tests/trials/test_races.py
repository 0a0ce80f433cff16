"""Races: what a client that meets each of them is answered, and what becomes of programs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from trials.tried import program

from mock_ajera import AjeraServer, MockAjera
from mock_ajera.served_tenant import ServedTenant
from mock_ajera.trials.books import Written
from mock_ajera.trials.outcome import outcome
from mock_ajera.trials.races import MARK, RACES, Meeting, Race
from mock_ajera.trials.trial import Program, good_day
from tools.campaign.meetings import FROZEN, Caller, meet

CHANGED = "The record has been changed since it was read."
ANSWERS: dict[str, tuple[list[tuple[str, str]], list[Written]]] = {
    "update/update": (
        [("GetClients", ""), ("UpdateClients", CHANGED)],
        [Written("Client", 1, "Notes", MARK)],
    ),
    "update/delete": (
        [("UpdateClients", ""), ("GetClients", ""), ("UpdateClients", "The record does not exist.")],
        [Written("Client", 25)],
    ),
    "read/delete": ([("UpdateClients", ""), ("GetClients", "")], [Written("Client", 25)]),
    "write/read": (
        [("GetClients", ""), ("UpdateClients", ""), ("GetClients", "")],
        [Written("Client", 1, "Notes", MARK)],
    ),
    "create/create": ([("UpdateClients", "One or more properties contain invalid data")], []),
    "half a transaction": (
        [("GetClients", ""), ("UpdateClients", CHANGED)],
        [Written("Client", 2, "Notes", MARK)],
    ),
    "session": ([("ListCompanies", ""), ("ListCompanies", "Invalid Session")], []),
    "versions": (
        [("GetProjects", ""), ("UpdateProjects", CHANGED)],
        [Written("Project", 1, "Notes", MARK)],
    ),
    "timesheet": (
        [("ListTimesheets", ""), ("GetTimesheets", ""), ("UpdateTimesheets", CHANGED)],
        [Written("Timesheet", 188, "Projects", MARK)],
    ),
    "pages": ([("ListClients", ""), ("ListClients", "")], [Written("Client", 23)]),
}
"""By race: the error message of each call of a client that meets it, and what the colleague has written."""


def race(name: str) -> Race:
    (found,) = (each for each in RACES if each.name == name)
    return found


@pytest.fixture(scope="module")
def server() -> AjeraServer:
    return AjeraServer()


@pytest.fixture
def firm(server: AjeraServer) -> Iterator[ServedTenant]:
    served = server.tenant("firm", seed="1", freeze=FROZEN)
    yield served
    server.forget(served)


@pytest.mark.parametrize("each", RACES, ids=lambda each: each.name)
def test_a_client_that_meets_a_race(each: Race, server: AjeraServer) -> None:
    """A new race needs a client in ``tools.campaign.meetings`` and its answers here."""
    happened, answers, written, _ = meet(server, each, "1")
    assert happened
    assert (answers, list(written)) == ANSWERS[each.name]


@pytest.mark.parametrize("each", RACES, ids=lambda each: each.name)
def test_the_same_seed_gives_the_same_race(each: Race, server: AjeraServer) -> None:
    assert meet(server, each, "7") == meet(server, each, "7")


def test_a_deleted_record_is_not_read(server: AjeraServer, firm: ServedTenant) -> None:
    """A read of keys leaves out what does not exist, without an error."""
    client = Caller(server, firm)
    with Meeting(race("read/delete")).happening(firm):
        assert client.clients(client.new_client("Mill Race")) == []


def test_a_write_that_is_read_back_has_the_words_of_the_colleague(server: AjeraServer, firm: ServedTenant) -> None:
    client = Caller(server, firm)
    with Meeting(race("write/read")).happening(firm):
        client.write("Clients", client.clients(1), "mine")
        (found,) = client.clients(1)
    assert found["Notes"] == f"mine {MARK}"


def test_nothing_is_written_of_half_a_transaction(server: AjeraServer, firm: ServedTenant) -> None:
    client = Caller(server, firm)
    with Meeting(race("half a transaction")).happening(firm):
        client.write("Clients", client.clients(1, 2), "mine", UseSingleTransaction=True)
    assert "mine" not in firm.record("Client", 1)["Notes"]


def test_a_page_misses_a_row(server: AjeraServer, firm: ServedTenant) -> None:
    """The row that would have come first on the second page has moved to the first one."""
    client, options = Caller(server, firm), {"PageResults": True, "PageSize": 23}
    with Meeting(race("pages")).happening(firm):
        seen = [
            row["ClientKey"]
            for number in (1, 2)
            for row in client.call("ListClients", **options, PageNumber=number)["Clients"]
        ]
    assert 24 in {row["ClientKey"] for row in firm.content("ListClients")["Clients"]}
    assert 24 not in seen


def test_a_row_of_a_later_page_stays(server: AjeraServer, firm: ServedTenant) -> None:
    """No client of the first page can be deleted, as others refer to it."""
    meeting = Meeting(race("pages"))
    with meeting.happening(firm):
        for number in (1, 2):
            Caller(server, firm).call("ListClients", PageResults=True, PageSize=5, PageNumber=number)
    assert not meeting.happened


def test_each_version_meets_a_change_in_the_other(server: AjeraServer, firm: ServedTenant) -> None:
    client = Caller(server, firm, version=2)
    with Meeting(race("versions")).happening(firm) as _:
        bundle = client.call("GetProjects", {"RequestedProjects": [1]})
        row = bundle["Projects"][0] | {"Notes": "mine"}
        client.call("UpdateProjects", {"UpdatedProjects": [row], "UnchangedProjects": bundle})
    assert client.answers[-1] == ("UpdateProjects", CHANGED)


def test_two_projects_with_one_id(server: AjeraServer, firm: ServedTenant) -> None:
    """Ajera accepts the same project twice: only a program that looks again can notice."""
    wanted = {
        "CreateType": "Project",
        "Project": {"ID": "M-1", "Description": "Mill", "CompanyKey": 1, "BillingType": "FixedFee", "RateTableKey": 1},
        "InvoiceGroups": [{"Description": "Mill", "ClientKey": 3}],
        "Phases": [{"Description": "Design"}],
    }
    client = Caller(server, firm, version=2)
    with Meeting(race("create/create")).happening(firm):
        client.call("CreateProjects", wanted)
    assert client.answers == [("CreateProjects", "")]
    assert [row["ID"] for row in firm.content("ListProjects")["Projects"]].count("M-1") == 2


def test_a_race_happens_once_to_a_program_with_threads(server: AjeraServer, firm: ServedTenant) -> None:
    meeting = Meeting(race("update/update"))
    clients = [Caller(server, firm) for _ in range(8)]

    def write(client: Caller) -> None:
        rows = client.clients(1)
        barrier.wait(60)
        client.write("Clients", rows, "mine")

    barrier = threading.Barrier(len(clients))
    threads = [threading.Thread(target=write, args=(client,)) for client in clients]
    with meeting.happening(firm):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert [client.answers[-1] for client in clients] == [("UpdateClients", CHANGED)] * len(clients)
    assert len(meeting.written) == 1


def test_a_race_that_does_not_fit_does_not_happen(server: AjeraServer, firm: ServedTenant) -> None:
    meeting = Meeting(race("pages"))
    with meeting.happening(firm):
        Caller(server, firm).call("ListClients")
    assert not meeting.happened
    assert not meeting.written


@pytest.mark.parametrize(
    ("name", "met", "words"),
    [
        ("overwriting", "update/update", "overwrote"),
        ("polite", "update/update", "failed, then finished"),
        ("careful", "session", "retried"),
        ("careful", "create/create", "duplicated"),
    ],
)
def test_programs(name: str, met: str, words: str, tmp_path: Path) -> None:
    tested, meeting = Program(program(name, tmp_path), 20), Meeting(race(met))
    trial = tested.trial(meeting.happening)
    assert meeting.happened
    assert str(outcome(trial, tested.trial(good_day, again=False), meeting.written)) == words


def test_calls_of_the_colleague_are_not_those_of_the_program(tmp_path: Path) -> None:
    trial = Program(program("polite", tmp_path), 20).trial(Meeting(race("update/update")).happening)
    assert {entry.user for entry in trial.run.entries} == {MockAjera().username}
