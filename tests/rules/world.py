"""A small firm of known records behind a running mock, and sound requests to mutate."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from mock_ajera import MockAjera

from .wire import Wire

PRINTED_STAMP = "2017-12-06 14:46:06.873 GMT-08:00"
UNKNOWN = 1_999_999_999
FIRM = Path(__file__).parent / "firm"
CHOICE = {"Value": "South", "AllowEdit": False, "Values": ["North", "South"]}


@dataclass(frozen=True)
class Family:
    """How a family calls its Update and its Get."""

    entity: str

    @property
    def plural(self) -> str:
        return self.entity + "s"

    @property
    def key(self) -> str:
        return self.entity + "Key"


PROJECTS = Family("Project")
CLIENTS = Family("Client")
FAMILIES = {"projects": PROJECTS, "clients": CLIENTS}


_FILES = {
    "Company": "companies.json",
    "ProjectType": "project_types.json",
    "Department": "departments.json",
    "WageTable": "wage_tables.json",
    "TaxLocal": "tax_locals.json",
    "RateTable": "rate_tables.json",
    "InvoiceFormat": "invoice_formats.json",
    "EmailTemplate": "email_templates.json",
    "ClientType": "client_types.json",
    "Contact": "contacts.json",
    "Client": "clients.json",
}


def _rows(file: str) -> list[dict[str, Any]]:
    return list(json.loads((FIRM / file).read_text(encoding="utf-8")))


class World:
    """A mock with a firm of its own. Use it as a context manager."""

    def __init__(self, profile: str = "observed") -> None:
        self.profile = profile
        self.ajera = MockAjera(sample=FIRM, profile=profile)
        self._numbers = itertools.count(1)
        self.keys = {kind: [row[f"{kind}Key"] for row in _rows(file)] for kind, file in _FILES.items()}
        people = {str(row["LastName"]).lower(): row for row in _rows("employees.json")}
        self.employees: dict[str, int] = {trait: row["EmployeeKey"] for trait, row in people.items()}
        """Keys of employees by what sets them apart."""
        self.names: dict[str, dict[str, Any]] = people | {"contact": _rows("contacts.json")[0]}
        """Records with the names of employees, and of the first contact."""

    def __enter__(self) -> World:
        self.ajera.__enter__()
        self._wire = Wire(self.ajera)
        self.taken = f"Client {self.keys['Client'][0]}"
        self.shared = {"projects": self.new_project(), "clients": self.new_client()}
        self.elsewhere = self.read(PROJECTS, self.new_project())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.__exit__(kind, error, trace)
        self.ajera.__exit__(kind, error, trace)

    @staticmethod
    def description(kind: str, key: int) -> str:
        """What a record of the firm is called."""
        return f"{kind} {key}"

    def unique(self) -> str:
        """A text that was not used before."""
        return f"Rule {next(self._numbers)}"

    # sound requests

    def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """One call on a version 1 session: the whole envelope."""
        return self._wire.call(method, arguments)

    def update(self, family: Family, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """One Update."""
        return self.call(f"Update{family.plural}", arguments)

    def read(self, family: Family, key: int) -> dict[str, Any]:
        """One record by Get. Raises ``AssertionError`` when it is not there."""
        answer = self.call(f"Get{family.plural}", {f"Requested{family.plural}": [key]})
        assert answer["Errors"] == []
        [record] = answer["Content"][family.plural]
        return dict(record)

    def project(self, first: int = -1) -> dict[str, Any]:
        """A new project with one group and one phase, keys counting down from ``first``."""
        contact = self.keys["Contact"][0]
        return {
            "ProjectKey": first,
            "LastModifiedDate": PRINTED_STAMP,
            "Description": self.unique(),
            "BillingType": "FixedFee",
            "CompanyKey": self.keys["Company"][0],
            "Contacts": [{"ContactKey": contact, "Order": 0, "Text": ""}],
            "InvoiceGroups": [self.group(first - 1)],
        }

    def group(self, first: int) -> dict[str, Any]:
        """A new invoice group with one phase."""
        return {
            "InvoiceGroupKey": first,
            "InvoiceFormatKey": self.keys["InvoiceFormat"][0],
            "Description": "Group",
            "Client": {"ClientKey": self.keys["Client"][0]},
            "BillingManager": {"EmployeeKey": self.employees["manager"]},
            "BillingContact": {"ContactKey": self.keys["Contact"][0]},
            "Phases": [self.phase(first - 1)],
        }

    def phase(self, key: int) -> dict[str, Any]:
        """A new phase."""
        return {
            "PhaseKey": key,
            "LastModifiedDate": PRINTED_STAMP,
            "Description": "Phase",
            "BillingType": "FixedFee",
            "Contacts": [{"ContactKey": self.keys["Contact"][0], "Order": 0, "Text": ""}],
        }

    def client(self, key: int = -1) -> dict[str, Any]:
        """A new client."""
        return {
            "ClientKey": key,
            "LastModifiedDate": PRINTED_STAMP,
            "Description": self.unique(),
            "Contacts": [{"ContactKey": self.keys["Contact"][0], "Order": 0, "Text": ""}],
        }

    def new(self, family: Family, first: int = -1) -> dict[str, Any]:
        """A new record of the family."""
        return self.project(first) if family is PROJECTS else self.client(first)

    def written(self, family: Family, record: dict[str, Any]) -> int:
        """Write a new record and give its key."""
        answer = self.update(family, arguments(family, [record], []))
        assert answer["Errors"] == []
        return int(answer["Content"][family.plural][0][family.key])

    def new_project(self) -> int:
        """The key of a project just made."""
        return self.written(PROJECTS, self.project())

    def new_client(self) -> int:
        """The key of a client just made."""
        return self.written(CLIENTS, self.client())

    def base(self, name: str, family: Family, key: int | None = None) -> dict[str, Any]:
        """The arguments of a sound request; ``key`` is the record to change or delete."""
        if name == "create":
            return arguments(family, [self.new(family)], [])
        if name == "create two":
            return arguments(family, [self.new(family), self.new(family, -4)], [])
        if name == "delete used":
            key = self.keys["Client"][0]
        assert key is not None
        read = self.read(family, key)
        if name.startswith("delete"):
            gone = {family.key: key, "LastModifiedDate": read["LastModifiedDate"], "Delete": name == "delete"}
            return arguments(family, [gone], [read])
        changed = copy.deepcopy(read)
        changed["Location" if family is PROJECTS else "FaxDescription"] = self.unique()
        if name == "update with new":
            changed["InvoiceGroups"][0]["Phases"].append(self.phase(-4))
            changed["InvoiceGroups"].append(self.group(-5))
        return arguments(family, [changed], [read])


def arguments(family: Family, updated: list[Any], unchanged: list[Any], *, single: bool = False) -> dict[str, Any]:
    """The arguments of an Update."""
    return {
        f"Updated{family.plural}": updated,
        f"Unchanged{family.plural}": unchanged,
        "UseSingleTransaction": single,
    }


def journalled(world: World) -> tuple[str, dict[str, str]]:
    """The outcome of the last call and, by place, the rule that refused it."""
    entry = world.ajera.journal[-1]
    return entry.outcome, {reason.path: reason.rule for reason in entry.reasons}


def as_text(value: Any) -> str:
    """Anything that an answer holds, as text to search."""
    if isinstance(value, Mapping):
        return " ".join(f"{name} {as_text(item)}" for name, item in value.items())
    if isinstance(value, list):
        return " ".join(as_text(item) for item in value)
    return str(value)
