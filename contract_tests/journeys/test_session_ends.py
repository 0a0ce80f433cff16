"""Long runs: the session ends in the middle, and the program logs in and repeats the call."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ..answers import records, refusal
from ..client import AjeraClient
from ..firm import Firm, Row
from ..kinds import CLIENTS
from ..made import NEW_STAMP, Made
from ..writing import changed

claim = pytest.mark.claim


@claim("session.ended-token-refused", "session.new-token-each-login")
def test_the_session_ends_between_reading_and_writing(
    client: AjeraClient, made: Made, new_client: Callable[..., Row]
) -> None:
    """The refused update has changed nothing, so the record that was read before is still the baseline."""
    record = new_client()
    body = {"UpdatedClients": [record | {"Website": "https://firm.example"}], "UnchangedClients": [record]}
    token = client.new_token()
    client.logout(token)
    refusal(client.call("UpdateClients", body, token=token))
    assert made.read(CLIENTS, record["ClientKey"]) == record
    assert changed(made, CLIENTS, record, Website="https://firm.example")["Website"] == "https://firm.example"


@claim("session.ended-token-refused")
def test_a_repeated_creation_creates_one_record(client: AjeraClient, made: Made, firm: Firm) -> None:
    """A creation that was refused because of the session can be sent again."""
    name = made.name("client")
    body = {"ClientKey": -1, "LastModifiedDate": NEW_STAMP, "Description": name}
    client.logout(client.token())
    (created,) = records(made.update(CLIENTS, [body]), "Clients")
    found = [row["ClientKey"] for row in firm.listed("Clients") if row["Description"] == name]
    assert found == [created["ClientKey"]]


@claim("session.end-only-own", "session.versions-side-by-side")
def test_the_other_version_goes_on(client: AjeraClient, firm: Firm) -> None:
    """A program with a session of each version logs in again for one of them."""
    one, other = client.new_token(), client.new_token(2)
    client.logout(one)
    refusal(client.call("ListCompanies", token=one))
    key = firm.one("Projects")["ProjectKey"]
    assert records(client.call("GetProjects", {"RequestedProjects": [key]}, version=2, token=other), "Projects")
    client.logout(other)
