"""The life of one project: created, changed, changed too late, refused and deleted.

It takes AJERA_API_URL from the environment, and AJERA_API_USERNAME and AJERA_API_PASSWORD where they are not those of
the sample firm. It needs the package requests, and nothing of mock-ajera. It writes into the database that it is
pointed at.
"""

from __future__ import annotations

import copy
import os
from typing import Any
from urllib.parse import unquote

import requests


class Refused(Exception):
    """Ajera refused a call. A mock says why; the real service does not."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__("; ".join(error["ErrorMessage"] for error in response.json()["Errors"]))
        self.why = unquote(response.headers.get("Mock-Ajera-Why", ""))


class Ajera:
    """A session of version 1."""

    def __init__(self) -> None:
        self.url = os.environ["AJERA_API_URL"]
        self.token = ""
        session = self.post(
            Method="CreateAPISession",
            Username=os.environ.get("AJERA_API_USERNAME", "integrator"),
            Password=os.environ.get("AJERA_API_PASSWORD", "Offline_4jera"),
            APIVersion=1,
            UseSessionCookie=False,
        )
        self.token = session["SessionToken"]

    def post(self, **body: Any) -> dict[str, Any]:
        """The Content of the answer. A refusal comes with status 200, too: only its Errors tell."""
        response = requests.post(self.url, json=body, timeout=60)
        response.raise_for_status()
        envelope = response.json()
        if envelope["Errors"] or envelope["ResponseCode"] not in (0, 200):
            raise Refused(response)
        content: dict[str, Any] = envelope["Content"]
        return content

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a method by its name."""
        return self.post(Method=method, SessionToken=self.token, MethodArguments=arguments)

    def update(self, updated: dict[str, Any], unchanged: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write one project, and say what it was when it was read: that is how Ajera finds out who came too late."""
        content = self.call(
            "UpdateProjects", UpdatedProjects=[updated], UnchangedProjects=[unchanged] if unchanged else []
        )
        projects = content.get("Projects") or [{}]
        return dict(projects[0])

    def project(self, key: int) -> dict[str, Any]:
        """A project as it is now."""
        return dict(self.call("GetProjects", RequestedProjects=[key])["Projects"][0])


def new_project(ajera: Ajera) -> dict[str, Any]:
    """The least that Ajera takes for a new project. Negative keys ask for creation and differ from each other."""

    def first(method: str, members: str) -> dict[str, Any]:
        return dict(ajera.call(method, FilterByStatus=["Active"])[members][0])

    new = {"LastModifiedDate": "2017-12-06 14:46:06.873 GMT-08:00", "Contacts": [], "BillingType": "TimeAndExpense"}
    group = {
        "InvoiceGroupKey": -2,
        "Description": "Design",
        "InvoiceFormatKey": first("ListInvoiceFormats", "InvoiceFormats")["InvoiceFormatKey"],
        "Client": {"ClientKey": first("ListClients", "Clients")["ClientKey"]},
        "Phases": [new | {"PhaseKey": -3, "Description": "Schematic design"}],
    }
    company = first("ListCompanies", "Companies")["CompanyKey"]
    return new | {
        "ProjectKey": -1,
        "Description": "Boathouse on the Severn",
        "CompanyKey": company,
        "InvoiceGroups": [group],
    }


def tell(step: str, refused: Refused) -> None:
    """What Ajera says, and below it the reasons of a mock."""
    print(step, refused)
    print("        ", refused.why.replace("]; ", "]\n         "))


def main() -> None:
    """Tell the story, a line for each step."""
    ajera = Ajera()
    made = ajera.update(new_project(ajera))
    key = made["ProjectKey"]
    print("created ", made["Description"])
    print("         asked for with key", made["OriginalProjectKey"], "and got one above zero" if key > 0 else key)

    read = ajera.project(key)
    changed = copy.deepcopy(read)
    changed["Description"] = "Boathouse on the Wye"
    changed["InvoiceGroups"][0]["Phases"][0]["HoursCostBudget"] = 12500.50
    now = ajera.update(changed, read)
    print("changed ", now["Description"])
    print("         budget of the phase:", now["InvoiceGroups"][0]["Phases"][0]["HoursCostBudget"])

    late = read | {"Notes": "Written by somebody who read it before the change."}
    try:
        ajera.update(late, read)
    except Refused as refused:
        tell("conflict", refused)

    read = ajera.project(key)
    try:
        ajera.update(read | {"Description": "Boathouse " * 9}, read)
    except Refused as refused:
        tell("refused ", refused)

    ajera.update({"ProjectKey": key, "LastModifiedDate": read["LastModifiedDate"], "Delete": True}, read)
    print("deleted ", "what is left:", ajera.call("GetProjects", RequestedProjects=[key])["Projects"])
    ajera.post(Method="EndAPISession", SessionToken=ajera.token)


if __name__ == "__main__":
    main()
