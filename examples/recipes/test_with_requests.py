"""A program that calls Ajera with requests, and its tests against a mock."""

from urllib.parse import unquote

import pytest
import requests

# The program. In a real project, it is in its own module.


class Refused(Exception):
    """Ajera refused a call. ``why`` is the mock's reason; the real service gives none."""

    def __init__(self, response):
        super().__init__("; ".join(error["ErrorMessage"] for error in response.json()["Errors"]))
        self.why = unquote(response.headers.get("Mock-Ajera-Why", ""))


class Ajera:
    """A session. ``with`` logs in, and logs out at the end of the block."""

    def __init__(self, url, username, password):
        self.url = url
        self.credentials = {"Username": username, "Password": password}
        self.http = requests.Session()

    def __enter__(self):
        session = self.post(Method="CreateAPISession", APIVersion=1, UseSessionCookie=False, **self.credentials)
        self.token = session["SessionToken"]
        return self

    def __exit__(self, *error):
        self.post(Method="EndAPISession", SessionToken=self.token)
        self.http.close()

    def post(self, **body):
        """Return the Content of the response. A refusal also has HTTP status 200, so check Errors."""
        response = self.http.post(self.url, json=body, timeout=30)
        response.raise_for_status()
        answer = response.json()
        if answer["Errors"]:
            raise Refused(response)
        return answer["Content"]

    def call(self, method, **arguments):
        return self.post(Method=method, SessionToken=self.token, MethodArguments=arguments)


def active_projects(api):
    """Return the keys of the active projects by description."""
    projects = api.call("ListProjects", FilterByStatus=["Active"])["Projects"]
    return {project["Description"]: project["ProjectKey"] for project in projects}


def read_client(api, name):
    [found] = api.call("ListClients", FilterByNameEquals=name)["Clients"]
    [client] = api.call("GetClients", RequestedClients=[found["ClientKey"]])["Clients"]
    return client


def write_client(api, read, **changes):
    """Write a client. Ajera needs the new record and the one that was read, so that it can detect a conflict."""
    [written] = api.call("UpdateClients", UpdatedClients=[read | changes], UnchangedClients=[read])["Clients"]
    return written


# The tests.


@pytest.fixture
def api(ajera):
    with Ajera(ajera.url, ajera.username, ajera.password) as api:
        yield api


def test_an_active_project_is_found_and_read(api):
    key = active_projects(api)["Saltmeadow Wharf Offices"]
    [project] = api.call("GetProjects", RequestedProjects=[key])["Projects"]
    assert project["ID"] == "2024-017"
    assert project["InvoiceGroups"][0]["Client"]["Description"] == "Saltmeadow Development Group"


def test_a_client_is_changed(api, ajera):
    read = read_client(api, "Village of Marrow Creek")
    written = write_client(api, read, Email="clerk@marrowcreek.example")
    assert written["LastModifiedDate"] != read["LastModifiedDate"]

    # Read the client again, without the program.
    stored = ajera.call("GetClients", {"RequestedClients": [read["ClientKey"]]})["Content"]["Clients"]
    assert stored == [read | {"Email": "clerk@marrowcreek.example", "LastModifiedDate": written["LastModifiedDate"]}]


def test_a_stale_update_is_refused(api, ajera):
    read = read_client(api, "Village of Marrow Creek")
    write_client(api, read, Notes="Somebody else wrote first")
    with pytest.raises(Refused) as refused:
        write_client(api, read, Notes="Too late")
    assert refused.value.why.startswith("UpdatedClients[0].LastModifiedDate: the record was changed after it was read")
    assert [reason.rule for reason in ajera.journal[-1].reasons] == ["stale-stamp"]


def test_the_program_logs_out(ajera):
    with Ajera(ajera.url, ajera.username, ajera.password) as api:
        pass
    with pytest.raises(Refused, match="Invalid Session"):
        active_projects(api)
    assert [entry.method for entry in ajera.journal] == ["CreateAPISession", "EndAPISession", "ListProjects"]
