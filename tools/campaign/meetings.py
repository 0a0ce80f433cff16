"""Each race of ``mock-ajera races`` with a client in this process that meets it: the same seed, the same answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from werkzeug.test import Client

from mock_ajera import AjeraServer, codec
from mock_ajera.api.database_id import hosted
from mock_ajera.served_tenant import ServedTenant
from mock_ajera.trials.books import Written
from mock_ajera.trials.races import MARK, RACES, Meeting, Race
from tools.campaign.mutation import STAMP
from tools.campaign.report import Report

FROZEN = "2026-03-02T14:00:00Z"
Answers = list[tuple[str, str]]
"""The method of each call, and the error message of its answer; "" for a success."""


class Caller:
    """A client in this process, as a tested program: faults happen to its calls."""

    def __init__(self, server: AjeraServer, ajera: ServedTenant, version: int = 1) -> None:
        self._http = Client(server.app, use_cookies=False)
        self._path = f"/{hosted(ajera.tenant.firm.database)}"
        self._login = {"Username": ajera.username, "Password": ajera.password, "APIVersion": version}
        self._token = ""
        self.answers: Answers = []
        """What was answered to each call but the login."""

    def call(self, method: str, arguments: Mapping[str, Any] | None = None, **options: Any) -> Any:
        """Call a method in the session of the client. Return Content, which is empty after an error."""
        if not self._token:
            self._token = self._post({"Method": "CreateAPISession", **self._login})["Content"]["SessionToken"]
        body = {"Method": method, "SessionToken": self._token, "MethodArguments": arguments or {}, **options}
        envelope = self._post(body)
        self.answers.append((method, "; ".join(error["ErrorMessage"] for error in envelope["Errors"])))
        return envelope["Content"]

    def log_out(self) -> None:
        """Forget the session."""
        self._token = ""

    def clients(self, *keys: int) -> list[dict[str, Any]]:
        """Read clients."""
        rows: list[dict[str, Any]] = self.call("GetClients", {"RequestedClients": list(keys)})["Clients"]
        return rows

    def new_client(self, name: str) -> int:
        """Create a client, and return its key."""
        new = {"ClientKey": -1, "LastModifiedDate": STAMP, "Description": name, "Contacts": []}
        made = self.call("UpdateClients", {"UpdatedClients": [new], "UnchangedClients": []}).get("Clients")
        return int(made[0]["ClientKey"]) if made else 0

    def write(self, noun: str, rows: list[dict[str, Any]], notes: str, **options: Any) -> Any:
        """Write records that were read, with other notes."""
        new = [row | {"Notes": notes} for row in rows]
        return self.call(f"Update{noun}", {f"Updated{noun}": new, f"Unchanged{noun}": rows, **options})

    def _post(self, body: Mapping[str, Any]) -> Any:
        return codec.decode(self._http.post(self._path, data=codec.encode(body), content_type="application/json").data)


def _update(client: Caller) -> None:
    client.write("Clients", client.clients(1), "by the program")


def _update_new(client: Caller) -> None:
    """Update a client to which nothing refers, so that the colleague can delete it."""
    client.write("Clients", client.clients(client.new_client("Mill Race")), "by the program")


def _read_new(client: Caller) -> None:
    client.clients(client.new_client("Mill Race"))


def _read_back(client: Caller) -> None:
    client.write("Clients", client.clients(1), "by the program")
    client.clients(1)


def _create(client: Caller) -> None:
    client.new_client("Mill Race")


def _update_two(client: Caller) -> None:
    client.write("Clients", client.clients(1, 2), "by the program", UseSingleTransaction=True)


def _list_twice(client: Caller) -> None:
    client.call("ListCompanies")
    client.call("ListCompanies")


def _update_project(client: Caller) -> None:
    client.write("Projects", client.call("GetProjects", {"RequestedProjects": [1]})["Projects"], "by the program")


def _edit_timesheet(client: Caller) -> None:
    """Write to the first timesheet that can be edited and has a row of a project."""
    keys = [row["Timesheet Key"] for row in client.call("ListTimesheets")["Timesheets"] if not row.get("Submitted")]
    for sheet in client.call("GetTimesheets", {"RequestedTimesheets": keys[:10]})["Timesheets"]:
        rows = sheet["Project"].get("Detail")
        if rows:
            row = {"Timesheet Project Key": rows[0]["Timesheet Project Key"], "D1 Notes": "by the program"}
            edit = {"TimesheetKey": sheet["TimesheetKey"], "UnchangedData": sheet["UnchangedData"]}
            client.call("UpdateTimesheets", {"Timesheets": [edit | {"UpdatedProjects": [row]}]})
            return


def _turn_pages(client: Caller) -> None:
    """Read pages of which the first has a client that can be deleted."""
    for page in (1, 2):
        client.call("ListClients", PageResults=True, PageSize=23, PageNumber=page)


MEETINGS: Mapping[str, tuple[int, Callable[[Caller], None]]] = {
    "update/update": (1, _update),
    "update/delete": (1, _update_new),
    "read/delete": (1, _read_new),
    "write/read": (1, _read_back),
    "create/create": (1, _create),
    "half a transaction": (1, _update_two),
    "session": (1, _list_twice),
    "versions": (1, _update_project),
    "timesheet": (2, _edit_timesheet),
    "pages": (1, _turn_pages),
}
"""By race: the version of the API, and a client that meets the race."""
THREADED = ("update/update", "update/delete", "write/read", "session")
"""The races that happen to threads which update one client."""
_PATIENCE = 120
"""Seconds after which threads that have not ended wait for each other."""


def meet(server: AjeraServer, race: Race, seed: str) -> tuple[bool, Answers, Sequence[Written], bytes]:
    """Let a client meet a race in a new firm. Return whether it happened, the answers, and what there is then."""
    version, act = MEETINGS[race.name]
    meeting, ajera = Meeting(race), server.tenant("firm", seed=seed, freeze=FROZEN)
    client = Caller(server, ajera, version)
    with meeting.happening(ajera):
        act(client)
    found = meeting.happened, client.answers, meeting.written, ajera.tenant.fingerprint()
    server.forget(ajera)
    return found


def run(report: Report, seeds: int) -> None:
    """Let a client meet each race with each seed, twice: the race happens, with the same answers and records."""
    server = AjeraServer()
    for number in range(seeds):
        for race in RACES:
            first, second = (meet(server, race, str(number)) for _ in range(2))
            report.count(race.name)
            if not first[0]:
                report.find(f"{race.name} did not happen with the seed {number}")
            if first != second:
                report.find(f"{race.name} with the seed {number}: {first[:3]} and {second[:3]}")
        report.progress(number, seeds)


def under_threads(report: Report, writers: int, updates: int) -> None:
    """Let threads update one record while each race happens: no update is lost, and no thread waits forever.

    The races that such threads cannot meet happen to threads that do what meets them.
    """
    for race in RACES:
        if race.name in THREADED:
            _under_threads(report, race, writers, updates)
        else:
            _all_meet(report, race, writers)


def _all_meet(report: Report, race: Race, threads: int) -> None:
    server, meeting = AjeraServer(), Meeting(race)
    ajera = server.tenant("firm")
    version, act = MEETINGS[race.name]
    ended: list[int] = []

    def run_one() -> None:
        # A client may be refused, or miss a record that another one has deleted.
        with suppress(LookupError, ValueError):
            act(Caller(server, ajera, version))
        ended.append(1)

    _run_at_once(run_one, threads, meeting, ajera)
    report.count(f"{race.name}: threads that ended", len(ended))
    if len(ended) < threads or not meeting.happened or ajera.journal.failures:
        failures = list(ajera.journal.failures)
        report.find(
            f"{race.name}: {len(ended)} of {threads} ended; it happened: {meeting.happened}; failed: {failures}"
        )
    server.forget(ajera)


def _run_at_once(run: Callable[[], None], threads: int, meeting: Meeting, ajera: ServedTenant) -> None:
    """Run a function in threads while the race can happen."""
    started = [threading.Thread(target=run, daemon=True) for _ in range(threads)]
    with meeting.happening(ajera):
        for thread in started:
            thread.start()
        for thread in started:
            thread.join(_PATIENCE)


def _under_threads(report: Report, race: Race, writers: int, updates: int) -> None:
    server, meeting = AjeraServer(), Meeting(race)
    ajera = server.tenant("firm")
    new = {"ClientKey": -1, "LastModifiedDate": STAMP, "Description": "Shared", "Notes": "0", "Contacts": []}
    made = ajera.content("UpdateClients", {"UpdatedClients": [new], "UnchangedClients": []})["Clients"]
    key = int(made[0]["ClientKey"])
    acknowledged: list[int] = []

    def write() -> None:
        client = Caller(server, ajera)
        acknowledged.append(sum(_add_one(client, key) for _ in range(updates)))

    _run_at_once(write, writers, meeting, ajera)
    if len(acknowledged) < writers or not meeting.happened:
        report.find(f"{race.name}: {len(acknowledged)} of {writers} writers ended; it happened: {meeting.happened}")
        return
    report.count(f"{race.name}: acknowledged updates", sum(acknowledged))
    found = ajera.content("GetClients", {"RequestedClients": [key]})["Clients"]
    left = found[0]["Notes"] if found else "gone"
    expected = f"{sum(acknowledged)} {MARK if meeting.written else ''}".strip()
    if left != ("gone" if race.name == "update/delete" else expected):
        report.find(f"{race.name}: the record has {left!r} after {sum(acknowledged)} acknowledged updates")
    server.forget(ajera)


def _add_one(client: Caller, key: int) -> bool:
    """Add one to the number in a record, whatever it takes. Return whether it was done: the record may be gone."""
    while True:
        rows = client.call("GetClients", {"RequestedClients": [key]}).get("Clients")
        if rows:
            number, _, mark = rows[0]["Notes"].partition(" ")
            client.write("Clients", rows, f"{int(number) + 1} {mark}".strip())
        answer = client.answers[-1][1]
        if answer == "Invalid Session":
            client.log_out()
        elif not answer or "changed since" not in answer:
            return bool(rows) and not answer
