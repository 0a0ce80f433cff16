"""Import the projects of an Ajera account with their contacts, and keep the copies up to date.

    python import_projects.py [--full]

The first run reads everything. A later run, once a day, reads what has changed since the previous one. That does not
include new names of clients and companies: renaming a client does not change the LastModifiedDate of its projects.
Therefore ``--full``, once a week, reads everything again and compares.

The copies are in projects.json, which is written only at the end: a run that fails is repeated by the next one.
The program reads AJERA_API_URL, AJERA_API_USERNAME and AJERA_API_PASSWORD from the environment.
It ends with exit code 0, or with 1 if Ajera refused a call or could not be reached.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import requests
from ajera_client import Ajera, Record, Refused, connect, listed, read

COPIES = Path("projects.json")


class Copies:
    """Projects and contacts as this program stores them, by their keys in Ajera."""

    def __init__(self, stored: dict[str, Any]) -> None:
        self.since: str = stored.get("since", "")
        """The last day on which a record that was read had been changed."""
        self.projects: dict[int, Record] = {int(key): row for key, row in stored.get("projects", {}).items()}
        self.contacts: dict[int, Record] = {int(key): row for key, row in stored.get("contacts", {}).items()}

    def save(self, file: Path) -> None:
        """Replace the file in one step, so that a crash does not leave half of it."""
        new = file.with_suffix(".new")
        new.write_text(json.dumps(vars(self), indent=1), encoding="utf-8")
        new.replace(file)


def person(row: Record | None) -> str:
    """Return the full name of a person, or an empty text."""
    names = [row[part] for part in ("FirstName", "MiddleName", "LastName")] if row else []
    return " ".join(name for name in names if name)


def project_of(row: Record) -> Record:
    """Return the copy of a project."""
    groups = row["InvoiceGroups"]
    return {
        "number": row["ID"],
        "name": row["Description"],
        "status": row["Status"],
        "manager": person(row["ProjectManager"]),
        "company": row["CompanyDescription"],
        # An invoice group without a client has no Client member.
        "clients": sorted({group["Client"]["Description"] for group in groups if group.get("Client")}),
        "contacts": [line["ContactKey"] for line in row["Contacts"]],
    }


def contact_of(row: Record) -> Record:
    """Return the copy of a contact."""
    return {
        "name": person(row),
        "company": row["Company"],
        "email": row["Email"],
        "phone": row["PrimaryPhoneNumber"],
    }


def keys(ajera: Ajera, noun: str, key: str, since: str = "") -> set[int]:
    """Return the keys of all records, or of those that have been changed since a day.

    The filter is inclusive. A day as the bound reads some records twice, but misses none that was saved in the same
    second, and needs no arithmetic with time zones: the day is that of the firm.
    """
    filters = {"FilterByEarliestModifiedDate": since} if since else {}
    return {row[key] for row in listed(ajera, noun, **filters)}


def report(name: str, old: Record, new: Record) -> None:
    """Print the differences between two copies of one record."""
    for member in new:
        if old[member] != new[member]:
            print(f"changed  {name}: {member} {shown(old[member])} -> {shown(new[member])}")


def shown(value: Any) -> str:
    """Return a value as text."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value) or "(none)"


def bring_up_to_date(ajera: Ajera, copies: Copies, *, full: bool) -> None:
    """Read what is new or changed, remove what has been deleted, and print it all."""
    first = not copies.since
    since = "" if full else copies.since
    # Before the records are read: a change during the run is read by the next run.
    existing = keys(ajera, "Projects", "ProjectKey")
    changed = keys(ajera, "Projects", "ProjectKey", since) if since else existing
    changed_contacts = keys(ajera, "Contacts", "ContactKey", since)

    # Deleted records are in no list of changes. They are the copies whose key is gone.
    for key in sorted(copies.projects.keys() - existing):
        print(f"deleted  {copies.projects.pop(key)['name']}")

    projects = read(ajera, "Projects", sorted(changed | (existing - copies.projects.keys())))
    for row in projects:
        new, old = project_of(row), copies.projects.get(row["ProjectKey"])
        if old:
            report(old["name"], old, new)
        elif not first:
            print(f"new      {new['name']}")
        copies.projects[row["ProjectKey"]] = new

    # A contact that a project has just been given is not necessarily a changed one.
    used = {key for project in copies.projects.values() for key in project["contacts"]}
    copies.contacts = {key: copy for key, copy in copies.contacts.items() if key in used}
    contacts = read(ajera, "Contacts", sorted(used & changed_contacts | used - copies.contacts.keys()))
    for row in contacts:
        new, old = contact_of(row), copies.contacts.get(row["ContactKey"])
        if old:
            report(old["name"], old, new)
        copies.contacts[row["ContactKey"]] = new

    days = [row["LastModifiedDate"][:10] for row in projects + contacts]
    copies.since = max([copies.since, *days])


def main(arguments: list[str]) -> int:
    """Import, save the copies and print their numbers."""
    stored = json.loads(COPIES.read_text(encoding="utf-8")) if COPIES.exists() else {}
    copies = Copies(stored)
    try:
        with connect() as ajera:
            bring_up_to_date(ajera, copies, full="--full" in arguments)
    except (Refused, requests.RequestException) as error:
        print(f"import_projects: {error}", file=sys.stderr)
        return 1
    copies.save(COPIES)
    print(f"{len(copies.projects)} projects with {len(copies.contacts)} contacts")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
