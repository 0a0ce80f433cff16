"""Create the projects of a sheet in Ajera, and read each one back.

    python create_projects.py sheet.csv

The sheet is a CSV file with a row for each project and these columns: ID, Name, Client, Company, Rate table, Billing
type, Manager (first and last name), Start and Phases (names separated by semicolons). Manager and Start may be empty.
A row whose ID exists in Ajera is left alone, so the program can be run again after a failure: Ajera itself may
accept the same ID twice. A row without an ID is refused, because nothing would tell whether Ajera has its project.

Ajera answers a request of the wrong shape with a success that creates nothing. A project counts as created only if its
key comes back, and if version 1 then reads what the sheet says.
The program reads AJERA_API_URL, AJERA_API_USERNAME and AJERA_API_PASSWORD from the environment.
It ends with exit code 0 if every row has its project, and with 1 if not.
"""

from __future__ import annotations

import sys

import requests
from ajera_client import Ajera, Record, Refused, connect, listed, read
from sheet import Names, Row, Wrong, read_sheet

COLUMNS = ("ID", "Name", "Client", "Company", "Rate table", "Billing type", "Manager", "Start", "Phases")


def names_of(ajera: Ajera) -> dict[str, Names]:
    """Return the records that a sheet can name, by column."""
    active = [row["EmployeeKey"] for row in listed(ajera, "Employees", FilterByStatus=["Active"])]
    # Ajera refuses a manager without this flag, which only GetEmployees shows.
    managers = [
        row | {"Name": f"{row['FirstName']} {row['LastName']}"}
        for row in read(ajera, "Employees", active)
        if row["IsProjectManager"]
    ]
    nouns = {
        "Client": ("Clients", "ClientKey"),
        "Company": ("Companies", "CompanyKey"),
        "Rate table": ("RateTables", "RateTableKey"),
    }
    names = {
        column: Names(column, listed(ajera, noun, FilterByStatus=["Active"]), key, "Description")
        for column, (noun, key) in nouns.items()
    }
    return names | {"Manager": Names("Manager", managers, "EmployeeKey", "Name")}


def arguments(row: Row, names: dict[str, Names]) -> Record:
    """Return the arguments that create the project of a row. Raises ``Wrong``."""
    if not row["ID"]:
        raise Wrong("ID: it is required to find out whether Ajera has the project")
    phases = [name.strip() for name in row["Phases"].split(";") if name.strip()]
    if not row["Name"] or not phases:
        raise Wrong("a name and at least one phase are required")
    project = {
        "ID": row["ID"],
        "Description": row["Name"],
        "CompanyKey": names["Company"].key(row["Company"]),
        "BillingType": row["Billing type"],
        "RateTableKey": names["Rate table"].key(row["Rate table"]),
    }
    # Values that are unknown are left out, not sent as null.
    if row["Manager"]:
        project["ProjectManager"] = {"EmployeeKey": names["Manager"].key(row["Manager"])}
    if row["Start"]:
        project["EstimatedStartDate"] = row["Start"]
    return {
        "CreateType": "Project",
        "Project": project,
        "InvoiceGroups": [{"Description": row["Name"], "ClientKey": names["Client"].key(row["Client"])}],
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


def create_all(rows: list[Row]) -> bool:
    """Create the projects of a sheet. Return whether every row has one."""
    complete = True
    with connect() as reader, connect(version=2) as writer:
        # A project in Ajera may have no ID.
        existing = {row["ID"] for row in listed(reader, "Projects") if row["ID"]}
        names = names_of(reader)
        for row in rows:
            if row["ID"] in existing:
                print(f"exists   {row['ID']}")
                continue
            try:
                key = create(writer, reader, arguments(row, names))
            except (Refused, Wrong) as error:
                complete = False
                print(f"failed   {row['ID'] or row['Name']}: {error}")
                continue
            existing.add(row["ID"])
            print(f"created  {row['ID']}: project {key}")
    return complete


def main(words: list[str]) -> int:
    """Create the projects of a sheet."""
    if len(words) != 1:
        raise SystemExit(__doc__)
    rows = read_sheet(words[0], COLUMNS)
    try:
        return 0 if create_all(rows) else 1
    except (Refused, requests.RequestException) as error:
        print(f"create_projects: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
