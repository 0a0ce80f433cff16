"""A program that asks Ajera many things at once through httpx, and its tests against a mock."""

import asyncio
from urllib.parse import unquote

import httpx
import pytest

# The program, as it would stand in a module of its own.

AT_ONCE = 5
"""Requests in flight: the real service does not take many in a second."""


class Refused(Exception):
    """Ajera refused a call. ``why`` is the mock's reason; the real service does not give one."""

    def __init__(self, response):
        super().__init__("; ".join(error["ErrorMessage"] for error in response.json()["Errors"]))
        self.why = unquote(response.headers.get("Mock-Ajera-Why", ""))


class Ajera:
    """A session: logged in by ``async with``, logged out at its end."""

    def __init__(self, url, username, password):
        self.url = url  # not as base_url: httpx would put a slash behind its path
        self.credentials = {"Username": username, "Password": password}
        self.http = httpx.AsyncClient(timeout=30)
        self.places = asyncio.Semaphore(AT_ONCE)

    async def __aenter__(self):
        session = await self.post(Method="CreateAPISession", APIVersion=1, UseSessionCookie=False, **self.credentials)
        self.token = session["SessionToken"]
        return self

    async def __aexit__(self, *error):
        await self.post(Method="EndAPISession", SessionToken=self.token)
        await self.http.aclose()

    async def post(self, **body):
        """The Content of the answer. A refusal has HTTP status 200 too: only its Errors tell."""
        async with self.places:
            response = await self.http.post(self.url, json=body)
        response.raise_for_status()
        answer = response.json()
        if answer["Errors"]:
            raise Refused(response)
        return answer["Content"]

    async def call(self, method, **arguments):
        return await self.post(Method=method, SessionToken=self.token, MethodArguments=arguments)


async def budgets(api):
    """The hours budgeted for each active project, by its description; the projects are read side by side."""

    async def read(key):
        return (await api.call("GetProjects", RequestedProjects=[key]))["Projects"]

    listed = (await api.call("ListProjects", FilterByStatus=["Active"]))["Projects"]
    answers = await asyncio.gather(*(read(project["ProjectKey"]) for project in listed))
    # Ajera shows a member only where the billing type of the project has a use for it.
    return {project["Description"]: project.get("HoursCostBudget") for [project] in answers}


async def read_client(api, key):
    return (await api.call("GetClients", RequestedClients=[key]))["Clients"][0]


async def change_client(api, key, change):
    """Write what ``change`` makes of a client. Who comes too late reads it again and makes the change there."""
    read = await read_client(api, key)
    while True:
        try:
            answer = await api.call("UpdateClients", UpdatedClients=[change(read)], UnchangedClients=[read])
            return answer["Clients"][0]
        except Refused:
            now = await read_client(api, key)
            if now["LastModifiedDate"] == read["LastModifiedDate"]:
                raise  # nobody was faster: it is refused for another reason
            read = now


# Its tests. They need no plugin for asyncio; with one, the fixture ajera is used in the same way.


def run(ajera, program, *arguments):
    """What a program returns that runs in a session."""

    async def logged_in():
        async with Ajera(ajera.url, ajera.username, ajera.password) as api:
            return await program(api, *arguments)

    return asyncio.run(logged_in())


def test_active_projects_are_read(ajera):
    found = run(ajera, budgets)
    assert found["Saltmeadow Wharf Offices"] == 1150
    methods = [entry.method for entry in ajera.journal]
    assert methods == ["CreateAPISession", "ListProjects", *["GetProjects"] * len(found), "EndAPISession"]


def test_a_client_is_changed(ajera):
    changed = run(ajera, change_client, 3, lambda client: client | {"Website": "https://marrowcreek.example"})
    books = ajera.call("GetClients", {"RequestedClients": [3]})["Content"]["Clients"]
    assert books[0]["Website"] == changed["Website"] == "https://marrowcreek.example"


def test_who_comes_too_late_tries_again(ajera):
    def slowly(client):
        """Somebody else changes the client after it was read the first time."""
        if client["AccountID"] == "PO-7741":
            [read] = ajera.call("GetClients", {"RequestedClients": [3]})["Content"]["Clients"]
            update = {"UpdatedClients": [read | {"AccountID": "PO-7742"}], "UnchangedClients": [read]}
            ajera.call("UpdateClients", update)
        return client | {"Notes": "Bills go to the clerk"}

    changed = run(ajera, change_client, 3, slowly)
    assert (changed["AccountID"], changed["Notes"]) == ("PO-7742", "Bills go to the clerk")
    [conflict] = [entry for entry in ajera.journal if entry.outcome == "refused"]
    assert [reason.rule for reason in conflict.reasons] == ["stale-stamp"]


def test_a_name_that_is_taken_is_refused(ajera):
    with pytest.raises(Refused) as refused:
        run(ajera, change_client, 3, lambda client: client | {"Description": "Pellworth Holdings"})
    assert refused.value.why.startswith("UpdatedClients[0].Description: Client 7 has it already [unique;")
