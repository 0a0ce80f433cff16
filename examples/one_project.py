"""The life of one project: create it, update it, try a stale update and an invalid one, and delete it.

The program reads AJERA_API_URL from the environment, and AJERA_API_USERNAME and AJERA_API_PASSWORD if they differ from
those of the sample firm. It needs only the package requests, not mock-ajera. It writes to the database at that URL.
"""

from __future__ import annotations

import contextlib
import copy
import os
from typing import Any
from urllib.parse import unquote

import requests

ID = "EXAMPLE-BOATHOUSE"
"""The ID of the project, by which a later run finds it if this one is cut short."""
TIMEOUT = float(os.environ.get("AJERA_TIMEOUT", "60"))
"""Seconds without a sign of Ajera after which a call fails."""


class Refused(Exception):
    """Ajera refused a call. ``why`` is the mock's reason; the real service gives none."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__("; ".join(error["ErrorMessage"] for error in response.json()["Errors"]))
        self.why = unquote(response.headers.get("Mock-Ajera-Why", ""))


class Ajera:
    """A version 1 session, which is replaced by a new one when it is over."""

    def __init__(self) -> None:
        self.url = os.environ["AJERA_API_URL"]
        self.log_in()

    def log_in(self) -> None:
        """Open a session."""
        session = self.post(
            Method="CreateAPISession",
            Username=os.environ.get("AJERA_API_USERNAME", "integrator"),
            Password=os.environ.get("AJERA_API_PASSWORD", "Offline_4jera"),
            APIVersion=1,
            UseSessionCookie=False,
        )
        self.token = session["SessionToken"]

    def post(self, **body: Any) -> dict[str, Any]:
        """Return the Content of the response. A refusal also has HTTP status 200, so check Errors."""
        response = requests.post(self.url, json=body, timeout=TIMEOUT)
        response.raise_for_status()
        envelope = response.json()
        # A success may have an item with ErrorID 0, which is no error.
        if any(error["ErrorID"] != 0 for error in envelope["Errors"]) or envelope["ResponseCode"] not in (0, 200):
            raise Refused(response)
        content: dict[str, Any] = envelope["Content"]
        return content

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a method by name and return its Content. If the session is over, log in and repeat the call."""
        try:
            return self.post(Method=method, SessionToken=self.token, MethodArguments=arguments)
        except Refused as refused:
            if "invalid session" not in str(refused).lower():
                raise
        self.log_in()
        return self.post(Method=method, SessionToken=self.token, MethodArguments=arguments)

    def log_out(self) -> None:
        """End the session, unless it is over."""
        with contextlib.suppress(Refused):
            self.post(Method="EndAPISession", SessionToken=self.token)

    def update(self, updated: dict[str, Any], unchanged: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write one project and return it. Ajera needs the version that was read, so that it can detect a conflict."""
        content = self.call(
            "UpdateProjects", UpdatedProjects=[updated], UnchangedProjects=[unchanged] if unchanged else []
        )
        projects = content.get("Projects") or [{}]
        return dict(projects[0])

    def delete(self, read: dict[str, Any]) -> None:
        """Delete a project that was read."""
        wanted = {"ProjectKey": read["ProjectKey"], "LastModifiedDate": read["LastModifiedDate"], "Delete": True}
        self.update(wanted, read)

    def project(self, key: int) -> dict[str, Any]:
        """Return a project in its current state."""
        return dict(self.call("GetProjects", RequestedProjects=[key])["Projects"][0])


def new_project(ajera: Ajera) -> dict[str, Any]:
    """Return the minimum that Ajera accepts for a new project. Negative keys, each used once, mark new records."""

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
        "ID": ID,
        "Description": "Boathouse on the Severn",
        "CompanyKey": company,
        "InvoiceGroups": [group],
    }


def clean_up(ajera: Ajera) -> None:
    """Delete what this program has left: an answer can be lost after Ajera has created the project."""
    for row in ajera.call("ListProjects")["Projects"]:
        if row["ID"] == ID:
            ajera.delete(ajera.project(row["ProjectKey"]))


def report(step: str, refused: Refused) -> None:
    """Print the message from Ajera, and below it the mock's reasons."""
    print(step, refused)
    print("        ", refused.why.replace("]; ", "]\n         "))


def main() -> None:
    """Run all steps and print a line for each."""
    ajera = Ajera()
    clean_up(ajera)
    made = ajera.update(new_project(ajera))
    key = made["ProjectKey"]
    print("created ", made["Description"])
    print("         sent with key", made["OriginalProjectKey"], "and stored with a positive key" if key > 0 else key)

    read = ajera.project(key)
    changed = copy.deepcopy(read)
    changed["Description"] = "Boathouse on the Wye"
    changed["InvoiceGroups"][0]["Phases"][0]["HoursCostBudget"] = 12500.50
    now = ajera.update(changed, read)
    print("changed ", now["Description"])
    print("         budget of the phase:", now["InvoiceGroups"][0]["Phases"][0]["HoursCostBudget"])

    stale = read | {"Notes": "Based on the version before the change."}
    try:
        ajera.update(stale, read)
    except Refused as refused:
        report("conflict", refused)

    read = ajera.project(key)
    try:
        ajera.update(read | {"Description": "Boathouse " * 9}, read)
    except Refused as refused:
        report("refused ", refused)

    ajera.delete(read)
    print("deleted ", "projects left:", ajera.call("GetProjects", RequestedProjects=[key])["Projects"])
    clean_up(ajera)
    ajera.log_out()


if __name__ == "__main__":
    main()
