"""A program that uses the package ajera, and its tests against a mock."""

from urllib.parse import unquote

import pytest
from ajera import AjeraClient

# The program. In a real project, it is in its own module.


def active_projects(client):
    """Return the keys of the active projects by description."""
    return {project.description: project.project_key for project in client.list_projects(filter_by_status=["Active"])}


def set_email(client, name, email):
    """Set a client's email address. The package reads the client and sends both the old and the new version."""
    [found] = client.list_clients(filter_by_name_equals=name)
    return client.update_client(found.client_key, email=email)


def log_out(client):
    """Log out. The package has no method for this, and opens one session for each version of the API."""
    for version in (1, 2):
        body = {"Method": "EndAPISession", "SessionToken": client.get_session_token(version)}
        client.http.post(client.url, json=body).raise_for_status()


# The tests.


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

    # Read the client again, without the program.
    stored = ajera.call("GetClients", {"RequestedClients": [changed.client_key]})["Content"]["Clients"]
    assert stored[0]["Email"] == changed.email == "clerk@marrowcreek.example"


def test_a_stale_update_is_refused(client, ajera):
    def write_first(response):
        if ajera.journal[-1].method == "GetClients":
            [read] = ajera.call("GetClients", {"RequestedClients": [3]})["Content"]["Clients"]
            update = {"UpdatedClients": [read | {"Notes": "I was here first"}], "UnchangedClients": [read]}
            ajera.call("UpdateClients", update)

    client.http.event_hooks["response"].append(write_first)
    with pytest.raises(Exception, match="API Error"):
        set_email(client, "Village of Marrow Creek", "clerk@marrowcreek.example")
    assert [reason.rule for reason in ajera.journal[-1].reasons] == ["stale-stamp"]


def test_a_duplicate_name_is_refused(client):
    """The package does not return headers; its httpx client does."""
    whys = []
    client.http.event_hooks["response"].append(lambda response: whys.append(response.headers.get("Mock-Ajera-Why", "")))
    with pytest.raises(Exception, match="API Error"):
        client.update_client(3, description="Pellworth Holdings")
    assert unquote(whys[-1]).startswith("UpdatedClients[0].Description: Client 7 already has it [unique;")


def test_a_call_after_logout_is_refused(client, ajera):
    active_projects(client)
    log_out(client)
    with pytest.raises(Exception, match="Invalid Session"):  # the package does not log in again
        active_projects(client)
    assert [entry.method for entry in ajera.journal].count("EndAPISession") == 2
