"""A small firm of known records behind a running mock, and valid requests to change one value of."""

from __future__ import annotations

import copy
import itertools
import json
from pathlib import Path
from typing import Any, Self

from client import STAMP, Client, arguments

from contract_tests.kinds import CLIENTS, CONTACTS, EMPLOYEES, EXPENSE_REPORTS, PROJECTS, VENDORS, Kind
from mock_ajera import MockAjera

UNKNOWN = 1_999_999_999
FIRM = Path(__file__).parent / "firm"
CHANGED = {PROJECTS: "Location", EXPENSE_REPORTS: "Notes"}
"""The member that a valid update changes, if the record has no fax number."""
FILE = {"FileName": "taxi.pdf", "FileData": "cmVjZWlwdA=="}
CHOICE = {"Value": "South", "AllowEdit": False, "Values": ["North", "South"]}


class World:
    """A mock with a firm of its own, and a session of it. Use it as a context manager."""

    def __init__(self, profile: str = "observed") -> None:
        self.profile = profile
        self.ajera = MockAjera(sample=FIRM, profile=profile, quirks={"guessed_methods": "serve"})
        self._numbers = itertools.count(1)
        files = {file: json.loads(file.read_text(encoding="utf-8")) for file in FIRM.glob("*s.json")}
        # The first member of a record is its key.
        tables = {next(iter(rows[0])).removesuffix("Key"): rows for rows in files.values()}
        self.keys = {kind: [row[f"{kind}Key"] for row in rows] for kind, rows in tables.items()}
        people = {str(row["LastName"]).lower(): row for row in tables["Employee"]}
        self.employees: dict[str, int] = {trait: row["EmployeeKey"] for trait, row in people.items()}
        """Keys of employees by the trait that their last name states."""
        self.names: dict[str, dict[str, Any]] = people | {"contact": tables["Contact"][0]}
        """Records with the names of employees, and of the first contact."""

    def __enter__(self) -> Self:
        self.ajera.__enter__()
        self.client = Client(self.ajera.url)
        self.call, self.update, self.read = self.client.call, self.client.update, self.client.read
        self.shared = {kind: self.created(kind) for kind in (PROJECTS, CLIENTS, CONTACTS, EMPLOYEES, VENDORS)}
        self.elsewhere = self.read(PROJECTS, self.created(PROJECTS))
        self.keys["Project"] = [self.shared[PROJECTS], self.elsewhere["ProjectKey"]]
        self.shared[EXPENSE_REPORTS] = self.created(EXPENSE_REPORTS)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.ajera.__exit__(None, None, None)

    def unique(self) -> str:
        """Return a text that was not used before."""
        return f"Rule {next(self._numbers)}"

    def created(self, kind: Kind, record: dict[str, Any] | None = None) -> int:
        """Create a record, a minimal one unless given, and return its key."""
        record = record or self.to_store(kind)
        attachments = [line.pop("Attachments", []) for line in record.get("Expenses", [])]
        [made] = self.client.written(kind, [record])
        if any(attachments):
            self._attach(made, attachments)
        return int(made[kind.key])

    def _attach(self, report: dict[str, Any], attachments: list[list[dict[str, Any]]]) -> None:
        """Upload a file for each attachment of each line, and write the other members of the attachments."""
        key = report["ExpenseReportKey"]
        for line, files in zip(report["Expenses"], attachments, strict=True):
            for _ in files:
                sent = {"ExpenseReportKey": key, "ExpenseKey": line["ExpenseKey"], **FILE}
                assert self.call("UploadExpenseReports", sent)["Errors"] == []
        read = self.read(EXPENSE_REPORTS, key)
        changed = copy.deepcopy(read)
        for line, files in zip(changed["Expenses"], attachments, strict=True):
            for attached, members in zip(line["Attachments"], files, strict=True):
                attached |= members
        if changed != read:
            self.client.written(EXPENSE_REPORTS, [changed], [read])

    def to_store(self, kind: Kind) -> dict[str, Any]:
        """Return a new record for ``created``. An expense report has an attachment, which no request can create."""
        record = self.new(kind)
        for line in record.get("Expenses", []):
            line["Attachments"] = [{}]
        return record

    def new(self, kind: Kind, first: int = -1) -> dict[str, Any]:
        makers = {
            PROJECTS: self.project,
            CLIENTS: self.a_client,
            CONTACTS: self.a_contact,
            EMPLOYEES: self.an_employee,
            VENDORS: self.a_vendor,
            EXPENSE_REPORTS: self.an_expense_report,
        }
        return makers[kind](first)

    def project(self, first: int = -1) -> dict[str, Any]:
        """Return a new project with one group and one phase, keys counting down from ``first``."""
        return {
            "ProjectKey": first,
            "LastModifiedDate": STAMP,
            "Description": self.unique(),
            "BillingType": "FixedFee",
            "CompanyKey": self.keys["Company"][0],
            "Contacts": self._contacts(),
            "InvoiceGroups": [self.group(first - 1)],
        }

    def group(self, first: int) -> dict[str, Any]:
        """Return a new invoice group with one phase."""
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
        return {
            "PhaseKey": key,
            "LastModifiedDate": STAMP,
            "Description": "Phase",
            "BillingType": "FixedFee",
            "Contacts": self._contacts(),
        }

    def a_client(self, key: int = -1) -> dict[str, Any]:
        return {
            "ClientKey": key,
            "LastModifiedDate": STAMP,
            "Description": self.unique(),
            "Contacts": self._contacts(),
        }

    def a_vendor(self, key: int = -1) -> dict[str, Any]:
        """Return a new vendor."""
        return {"VendorKey": key, "LastModifiedDate": STAMP, "Name": self.unique(), "Contacts": self._contacts()}

    def a_contact(self, key: int = -1) -> dict[str, Any]:
        """Return a new contact. One of its two names may be changed to one that another contact has."""
        return {
            "ContactKey": key,
            "LastModifiedDate": STAMP,
            "FirstName": self.unique(),
            "LastName": self.unique(),
        }

    def an_employee(self, key: int = -1) -> dict[str, Any]:
        """Return a new employee with two hourly pay rates."""
        return {
            "EmployeeKey": key,
            "LastModifiedDate": STAMP,
            "FirstName": self.unique(),
            "LastName": self.unique(),
            "CompanyKey": self.keys["Company"][0],
            "EmployeeTypeKey": self.keys["EmployeeType"][0],
            "PayRates": [
                {"PayRateKey": key - 1, "StartDate": "2010-01-01", "IsHourly": True, "PayRate": 30},
                {"PayRateKey": key - 2, "StartDate": "2014-01-01", "IsHourly": True, "PayRate": 40},
            ],
            "Contacts": self._contacts(),
            "CreditCards": [{"BankAccountKey": self.keys["BankAccount"][0], "Order": 0}],
        }

    def an_expense_report(self, key: int = -1) -> dict[str, Any]:
        """Return a new expense report of the authorizing employee, with one line."""
        return {
            "ExpenseReportKey": key,
            "LastModifiedDate": STAMP,
            "EmployeeKey": self.keys["Employee"][0],
            "Description": self.unique(),
            "Expenses": [{"ExpenseKey": key - 1, "Amount": 25}],
        }

    def _contacts(self) -> list[dict[str, Any]]:
        return [{"ContactKey": self.keys["Contact"][0], "Order": 0, "Text": ""}]

    def base(self, name: str, kind: Kind, key: int | None = None) -> dict[str, Any]:
        """Return the arguments of a valid request. ``key``: of the record to change or delete."""
        if name == "create":
            return arguments(kind, [self.new(kind)], [])
        if name == "create two":
            return arguments(kind, [self.new(kind), self.new(kind, -4)], [])
        if name == "delete used":
            key = self.keys[kind.key.removesuffix("Key")][0]
        assert key is not None
        read = self.read(kind, key)
        if name.startswith("delete"):
            gone = {kind.key: key, "LastModifiedDate": read["LastModifiedDate"], "Delete": name == "delete"}
            return arguments(kind, [gone], [read])
        changed = copy.deepcopy(read)
        changed[CHANGED.get(kind, "FaxDescription")] = self.unique()
        if name == "update with new":
            changed["InvoiceGroups"][0]["Phases"].append(self.phase(-4))
            changed["InvoiceGroups"].append(self.group(-5))
        return arguments(kind, [changed], [read])

    def journalled(self) -> tuple[str, dict[str, str]]:
        """Return the outcome of the last call, and the rules that refused it by path."""
        entry = self.ajera.journal[-1]
        return entry.outcome, {reason.path: reason.rule for reason in entry.reasons}
