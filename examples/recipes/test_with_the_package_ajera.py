"""A program built on the package ajera, and its tests against a mock."""

from urllib.parse import unquote

import pytest
from ajera import AjeraClient

# The program, as it would stand in a module of its own.


def active_projects(client):
    """The keys of the active projects, by description."""
    return {project.description: project.project_key for project in client.list_projects(filter_by_status=["Active"])}


def set_email(client, name, email):
    """Write a client's e-mail address. The package reads the client, and sends it as it was and as it shall be."""
    [found] = client.list_clients(filter_by_name_equals=name)
    return client.update_client(found.client_key, email=email)


def log_out(client):
    """The package has no method for it, and opens a session for each version of the API."""
    for version in (1, 2):
        body = {"Method": "EndAPISession", "SessionToken": client.get_session_token(version)}
        client.http.post(client.url, json=body).raise_for_status()


# Its tests.


@pytest.fixture
def client(ajera):
    with AjeraClient(url=ajera.url, username=ajera.username, password=ajera.password) as client:
        yield client


def test_an_active_project_is_found_and_read(client):
    key = active_projects(client)["Saltmeadow Wharf Offices"]
    [project] = client.get_projects([key]).projects
    assert project.id == "2024-017"
    assert client.get_project_totals(key).totals["Billed"] > 0


def test_a_client_is_changed(client, ajera):
    changed = set_email(client, "Village of Marrow Creek", "clerk@marrowcreek.example")

    # What is in the books now, past the program.
    books = ajera.call("GetClients", {"RequestedClients": [changed.client_key]})["Content"]["Clients"]
    assert books[0]["Email"] == changed.email == "clerk@marrowcreek.example"


def test_who_comes_too_late_is_refused(client, ajera):
    def somebody_is_faster(response):
        if ajera.journal[-1].method == "GetClients":
            [read] = ajera.call("GetClients", {"RequestedClients": [3]})["Content"]["Clients"]
            update = {"UpdatedClients": [read | {"Notes": "I was here first"}], "UnchangedClients": [read]}
            ajera.call("UpdateClients", update)

    client.http.event_hooks["response"].append(somebody_is_faster)
    with pytest.raises(Exception, match="API Error"):
        set_email(client, "Village of Marrow Creek", "clerk@marrowcreek.example")
    assert [reason.rule for reason in ajera.journal[-1].reasons] == ["stale-stamp"]


def test_a_name_that_is_taken_is_refused(client):
    """The package hands out no headers, but the client of httpx that it has inside does."""
    whys = []
    client.http.event_hooks["response"].append(lambda response: whys.append(response.headers.get("Mock-Ajera-Why", "")))
    with pytest.raises(Exception, match="API Error"):
        client.update_client(3, description="Pellworth Holdings")
    assert unquote(whys[-1]).startswith("UpdatedClients[0].Description: Client 7 has it already [unique;")


def test_who_has_logged_out_is_refused(client, ajera):
    active_projects(client)
    log_out(client)
    with pytest.raises(Exception, match="Invalid Session"):  # the package does not log in again by itself
        active_projects(client)
    assert [entry.method for entry in ajera.journal].count("EndAPISession") == 2
