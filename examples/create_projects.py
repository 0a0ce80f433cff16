"""Create the projects of a sheet in Ajera, and read each one back.

    python create_projects.py sheet.csv

The sheet is a CSV file with a row for each project and these columns: ID, Name, Client, Company, Rate table, Billing
type, Manager (first and last name), Start and Phases (names separated by semicolons). Manager and Start may be empty.
A row whose ID exists in Ajera is left alone, so the program can be run again after a failure: Ajera itself would accept
the same ID twice.

Ajera answers a request of the wrong shape with a success that creates nothing. A project counts as created only if its
key comes back, and if version 1 then reads what the sheet says.
The program reads AJERA_API_URL, AJERA_API_USERNAME and AJERA_API_PASSWORD from the environment.
It ends with exit code 0 if every row has its project, and with 1 if not.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

import requests
from ajera_client import Ajera, Record, Refused, connect, listed, read

COLUMNS = ("ID", "Name", "Client", "Company", "Rate table", "Billing type", "Manager", "Start", "Phases")


class Wrong(Exception):
    """A row that cannot be created as it is."""


class Names:
    """The keys of the records that a sheet names."""

    def __init__(self, ajera: Ajera) -> None:
        self._keys = {
            "Client": keys(listed(ajera, "Clients", FilterByStatus=["Active"]), "ClientKey"),
            "Company": keys(listed(ajera, "Companies", FilterByStatus=["Active"]), "CompanyKey"),
            "Rate table": keys(listed(ajera, "RateTables", FilterByStatus=["Active"]), "RateTableKey"),
        }
        active = [row["EmployeeKey"] for row in listed(ajera, "Employees", FilterByStatus=["Active"])]
        # Ajera refuses a manager without this flag, which only GetEmployees shows.
        managers = [row for row in read(ajera, "Employees", active) if row["IsProjectManager"]]
        self._keys["Manager"] = keys(
            ({**row, "Description": f"{row['FirstName']} {row['LastName']}"} for row in managers), "EmployeeKey"
        )

    def key(self, column: str, row: dict[str, str]) -> int:
        """Return the key of the record that a column of a row names. Raises ``Wrong``."""
        found = self._keys[column].get(row[column].casefold(), [])
        if len(found) != 1:
            raise Wrong(f"{column}: there {'are several' if found else 'is no'} {row[column]!r}")
        return found[0]


def keys(rows: Iterable[Record], key: str) -> dict[str, list[int]]:
    """Return the keys of records by their Description, regardless of case."""
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row["Description"].casefold(), []).append(row[key])
    return found


def arguments(row: dict[str, str], names: Names) -> Record:
    """Return the arguments that create the project of a row. Raises ``Wrong``."""
    phases = [name.strip() for name in row["Phases"].split(";") if name.strip()]
    if not row["Name"] or not phases:
        raise Wrong("a name and at least one phase are required")
    project = {
        "ID": row["ID"],
        "Description": row["Name"],
        "CompanyKey": names.key("Company", row),
        "BillingType": row["Billing type"],
        "RateTableKey": names.key("Rate table", row),
    }
    # Values that are unknown are left out, not sent as null.
    if row["Manager"]:
        project["ProjectManager"] = {"EmployeeKey": names.key("Manager", row)}
    if row["Start"]:
        project["EstimatedStartDate"] = row["Start"]
    return {
        "CreateType": "Project",
        "Project": project,
        "InvoiceGroups": [{"Description": row["Name"], "ClientKey": names.key("Client", row)}],
        "Phases": [{"Description": name} for name in phases],
    }


def create(writer: Ajera, reader: Ajera, wanted: Record) -> int:
    """Create a project and return its key. Raises ``Refused`` and ``Wrong``."""
    content = writer.call("CreateProjects", wanted)
    if not content.get("Projects"):
        raise Wrong("Ajera reports a success but has created nothing")
    key: int = content["Projects"][0]["ProjectKey"]
    (project,) = read(reader, "Projects", [key])
    (group,) = project["InvoiceGroups"]
    found = (project["ID"], project["Description"], [phase["Description"] for phase in group["Phases"]])
    expected = (
        wanted["Project"]["ID"],
        wanted["Project"]["Description"],
        [phase["Description"] for phase in wanted["Phases"]],
    )
    if found != expected:
        raise Wrong(f"project {key} is not as expected: {found}")
    return key


def create_all(rows: list[dict[str, str]]) -> bool:
    """Create the projects of a sheet. Return whether every row has one."""
    complete = True
    with connect() as reader, connect(version=2) as writer:
        existing = {row["ID"] for row in listed(reader, "Projects")}
        names = Names(reader)
        for row in rows:
            if row["ID"] in existing:
                print(f"exists   {row['ID']}")
                continue
            try:
                key = create(writer, reader, arguments(row, names))
            except (Refused, Wrong) as error:
                complete = False
                print(f"failed   {row['ID']}: {error}")
                continue
            existing.add(row["ID"])
            print(f"created  {row['ID']}: project {key}")
    return complete


def main(words: list[str]) -> int:
    """Create the projects of a sheet."""
    if len(words) != 1:
        raise SystemExit(__doc__)
    with Path(words[0]).open(encoding="utf-8-sig", newline="") as file:
        sheet = csv.DictReader(file)
        if missing := [name for name in COLUMNS if name not in (sheet.fieldnames or ())]:
            raise SystemExit(f"{words[0]}: the sheet has no column {', '.join(missing)}")
        rows = [{name: (row[name] or "").strip() for name in COLUMNS} for row in sheet]
    try:
        return 0 if create_all(rows) else 1
    except (Refused, requests.RequestException) as error:
        print(f"create_projects: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
