"""A small firm of known records behind a running mock, and sound requests to mutate."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from mock_ajera import MockAjera

PRINTED_STAMP = "2017-12-06 14:46:06.873 GMT-08:00"
UNKNOWN = 1_999_999_999
FIRST_KEY = 600_000
"""Keys of the firm's records start here, out of the way of the sample's."""

EMPLOYEES: Mapping[str, Mapping[str, Any]] = {
    "manager": {"IsProjectManager": True},
    "principal": {"IsPrincipal": True},
    "marketing": {"IsMarketingContact": True},
    "plain": {},
    "inactive-manager": {"IsProjectManager": True, "Status": "Inactive"},
    "inactive-principal": {"IsPrincipal": True, "Status": "Inactive"},
    "inactive-marketing": {"IsMarketingContact": True, "Status": "Inactive"},
}
KINDS = (
    "Company", "ProjectType", "Department", "WageTable", "TaxLocal", "RateTable", "InvoiceFormat", "EmailTemplate",
    "ClientType",
)  # fmt: skip
CUSTOM_FIELDS = (
    {"name": "RuleNumber", "kind": "Number"},
    {"name": "RuleText", "kind": "Text"},
    {"name": "RuleFlag", "kind": "Flag"},
    {"name": "RuleDay", "kind": "Day"},
    {"name": "RuleChoice", "kind": "Choice", "values": ("North", "South")},
)
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


class World:
    """A mock with a firm of its own. Use it as a context manager."""

    def __init__(self, profile: str = "observed") -> None:
        self.profile = profile
        self.ajera = MockAjera(profile=profile)
        self.keys: dict[str, list[int]] = {}
        self.employees: dict[str, int] = {}
        self.names: dict[str, dict[str, str]] = {}
        self._numbers = itertools.count(1)
        self._next = itertools.count(FIRST_KEY)

    def __enter__(self) -> World:
        self.ajera.__enter__()
        self._settle()
        self.taken = f"Client {self.keys['Client'][0]}"
        self.shared = {"projects": self.new_project(), "clients": self.new_client()}
        self.elsewhere = self.read(PROJECTS, self.new_project())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ajera.__exit__(kind, error, trace)

    # the firm

    def _settle(self) -> None:
        for kind in KINDS:
            self.keys[kind] = []
            for _ in range(2):
                key = next(self._next)
                called = "Department" if kind == "Department" else "Description"
                self._put(kind, {kind + "Key": key, called: self.description(kind, key), "Status": "Active"})
                self.keys[kind].append(key)
        self.keys["Contact"] = []
        for number in range(7):
            key = next(self._next)
            person = {"FirstName": f"Cara{number}", "MiddleName": "Q", "LastName": "Stone", "Title": "Owner"}
            self._put("Contact", {"ContactKey": key, "Company": "Stone & Co", "Status": "Active"} | person)
            self.keys["Contact"].append(key)
            self.names.setdefault("contact", person)
        for trait, flags in EMPLOYEES.items():
            key = next(self._next)
            person = {"FirstName": "Emil", "MiddleName": "R", "LastName": trait.title()}
            work = {"CompanyKey": self.keys["Company"][0], "DepartmentKey": self.keys["Department"][0]}
            self._put("Employee", {"EmployeeKey": key, "Status": "Active"} | person | work | flags)
            self.employees[trait] = key
            self.names[trait] = person
        self.keys["Client"] = []
        for _ in range(2):
            key = next(self._next)
            self._put("Client", {"ClientKey": key, "Description": self.description("Client", key)})
            self.keys["Client"].append(key)
        tenant = self.ajera.tenant
        defined = tuple({"values": (), "allow_edit": False} | field for field in CUSTOM_FIELDS)
        tenant.set_firm(replace(tenant.firm, custom_fields=defined))

    def _put(self, kind: str, record: dict[str, Any]) -> None:
        self.ajera.tenant.put_record(kind, record)

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
        return self.ajera.call(method, arguments)

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
