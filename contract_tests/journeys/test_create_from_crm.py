"""CRM: when a project is won, create the client and the project in Ajera."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ..answers import records
from ..firm import Firm, Row
from ..kinds import CLIENTS, PROJECTS
from ..made import NEW_STAMP, Made

claim = pytest.mark.claim


@claim(
    "client.update-creates-changes-deletes", "project.minimum-create", "write.original-key", "write.read-back-at-once"
)
def test_client_and_project(made: Made, firm: Firm, minimum: Callable[[], Row]) -> None:
    """Look up the references, check that the project is new, create the client and the project, and read both back."""
    name = made.name("won")
    assert firm.listed("Projects", FilterByDescriptionEquals=name) == []
    assert firm.active("Companies")
    assert firm.active("InvoiceFormats")

    body = {"ClientKey": -1, "LastModifiedDate": NEW_STAMP, "Description": name}
    (client,) = records(made.update(CLIENTS, [body]), "Clients")
    assert client["OriginalClientKey"] == -1

    project = minimum() | {"Description": name}
    project["InvoiceGroups"][0]["Client"] = {"ClientKey": client["ClientKey"]}
    (created,) = records(made.update(PROJECTS, [project]), "Projects")

    token = made.client.new_token()
    found = records(made.client.call("ListProjects", {"FilterByDescriptionEquals": name}, token=token), "Projects")
    assert [row["ProjectKey"] for row in found] == [created["ProjectKey"]]
    (record,) = firm.get("Projects", created["ProjectKey"])
    assert record["InvoiceGroups"][0]["Client"] == {"ClientKey": client["ClientKey"], "Description": name}

    assert made.remove(PROJECTS, created["ProjectKey"])
    assert made.remove(CLIENTS, client["ClientKey"])
