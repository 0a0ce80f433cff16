"""A program that sends concurrent requests to Ajera with httpx, and its tests against a mock."""

import asyncio
from urllib.parse import unquote

import httpx
import pytest

# The program. In a real project, it is in its own module.

CONCURRENT = 5
"""Concurrent requests. The real service throttles a client that sends too many per second."""


class Refused(Exception):
    """Ajera refused a call. ``why`` is the mock's reason; the real service gives none."""

    def __init__(self, response):
        super().__init__("; ".join(error["ErrorMessage"] for error in response.json()["Errors"]))
        self.why = unquote(response.headers.get("Mock-Ajera-Why", ""))


class Ajera:
    """A session. ``async with`` logs in, and logs out at the end of the block."""

    def __init__(self, url, username, password):
        self.url = url  # not base_url: httpx would append a slash to the path
        self.credentials = {"Username": username, "Password": password}
        self.http = httpx.AsyncClient(timeout=30)
        self.limit = asyncio.Semaphore(CONCURRENT)

    async def __aenter__(self):
        session = await self.post(Method="CreateAPISession", APIVersion=1, UseSessionCookie=False, **self.credentials)
        self.token = session["SessionToken"]
        return self

    async def __aexit__(self, *error):
        await self.post(Method="EndAPISession", SessionToken=self.token)
        await self.http.aclose()

    async def post(self, **body):
        """Return the Content of the response. A refusal also has HTTP status 200, so check Errors."""
        async with self.limit:
            response = await self.http.post(self.url, json=body)
        response.raise_for_status()
        answer = response.json()
        if answer["Errors"]:
            raise Refused(response)
        return answer["Content"]

    async def call(self, method, **arguments):
        return await self.post(Method=method, SessionToken=self.token, MethodArguments=arguments)


async def budgets(api):
    """Return the budgeted hours of each active project by description. Read the projects concurrently."""

    async def read(key):
        return (await api.call("GetProjects", RequestedProjects=[key]))["Projects"]

    listed = (await api.call("ListProjects", FilterByStatus=["Active"]))["Projects"]
    answers = await asyncio.gather(*(read(project["ProjectKey"]) for project in listed))
    # Ajera omits members that do not apply to the billing type of the project.
    return {project["Description"]: project.get("HoursCostBudget") for [project] in answers}


async def read_client(api, key):
    return (await api.call("GetClients", RequestedClients=[key]))["Clients"][0]


async def change_client(api, key, change):
    """Apply ``change`` to a client. On a conflict, read the client again and retry."""
    read = await read_client(api, key)
    while True:
        try:
            answer = await api.call("UpdateClients", UpdatedClients=[change(read)], UnchangedClients=[read])
            return answer["Clients"][0]
        except Refused:
            now = await read_client(api, key)
            if now["LastModifiedDate"] == read["LastModifiedDate"]:
                raise  # not a conflict: the update was refused for another reason
            read = now


# The tests. They need no asyncio plugin; with one, use the fixture ajera in the same way.


def run(ajera, program, *arguments):
    """Run a program in a session and return its result."""

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
    stored = ajera.call("GetClients", {"RequestedClients": [3]})["Content"]["Clients"]
    assert stored[0]["Website"] == changed["Website"] == "https://marrowcreek.example"


def test_a_conflict_is_retried(ajera):
    def change(client):
        """Let somebody else write the client after the first read."""
        if client["AccountID"] == "PO-7741":
            [read] = ajera.call("GetClients", {"RequestedClients": [3]})["Content"]["Clients"]
            update = {"UpdatedClients": [read | {"AccountID": "PO-7742"}], "UnchangedClients": [read]}
            ajera.call("UpdateClients", update)
        return client | {"Notes": "Bills go to the clerk"}

    changed = run(ajera, change_client, 3, change)
    assert (changed["AccountID"], changed["Notes"]) == ("PO-7742", "Bills go to the clerk")
    [conflict] = [entry for entry in ajera.journal if entry.outcome == "refused"]
    assert [reason.rule for reason in conflict.reasons] == ["stale-stamp"]


def test_a_duplicate_name_is_refused(ajera):
    with pytest.raises(Refused) as refused:
        run(ajera, change_client, 3, lambda client: client | {"Description": "Pellworth Holdings"})
    assert refused.value.why.startswith("UpdatedClients[0].Description: Client 7 already has it [unique;")
