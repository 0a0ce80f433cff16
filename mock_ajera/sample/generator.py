"""A firm of any size, grown from a smaller one: the same records, and behind them generated ones.

The same base, number of projects and seed give the same records, byte by byte, with one version of faker. Days stay
relative to the clock of the tenant. Projects and their ledgers come one by one, so that a large firm needs no more
memory than it takes to keep it.

Sizes are those of a real firm: few large projects and many small ones, most of them closed, some clients who come back
often and many who came once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from mock_ajera.sample import words
from mock_ajera.sample.files import Sample, numbers_of
from mock_ajera.sample.people import People
from mock_ajera.sample.postings import Progress, postings
from mock_ajera.sample.rows import Row, day, filled, money, stamp
from mock_ajera.sample.schemes import PHASES, Scheme, by_billing, drawn, project_name, role

YEAR_OF_IDS = date(2026, 7, 1)
"""The day that project numbers, which begin with a year, take for today: they must not change with the clock."""

_FORMATS = {"TimeAndExpense": 2, "PercentComplete": 3, "UnitPrice": 4}
_WAITING = ("NotStarted", "InProgress", "InProgress", "Waiting", "Deferred")


def grow(base: Sample, projects: int, seed: str) -> Sample:
    """A firm with that many projects: the first ones of the base, or all of them and generated ones behind.

    The base is the shipped sample, or one with its tables. Raises ``ValueError`` for a number below 1.
    """
    if projects < 1:
        raise ValueError(f"a firm has at least one project, not {projects}")
    own = list(base.records["Project"])
    if projects <= len(own):
        kept = {row["ProjectKey"] for row in own[:projects]}
        ledgers = [row for row in base.records["Ledger"] if row["ProjectKey"] in kept]
        return replace(base, records={**base.records, "Project": own[:projects], "Ledger": ledgers})
    growth = _Growth(base, projects, seed)
    added: dict[str, Iterable[Row]] = {
        "Employee": growth.employees,
        "Contact": growth.contacts,
        "Client": growth.clients,
        "Vendor": growth.vendors,
    }
    records: dict[str, Iterable[Row]] = {
        kind: [*rows, *added.get(kind, ())] for kind, rows in base.records.items() if kind not in ("Project", "Ledger")
    }
    # Postings follow from the project: it is made a second time for them rather than kept.
    records["Project"] = _Again(lambda: chain(own, (project for project, _ in growth.work())))
    records["Ledger"] = _Again(
        lambda: chain(
            base.records["Ledger"],
            ({"ProjectKey": project["ProjectKey"], "Postings": found} for project, found in growth.work() if found),
        )
    )
    return replace(base, records={kind: records[kind] for kind in base.records})


class _Again:
    """Rows that can be walked over more than once without being kept."""

    def __init__(self, start: Callable[[], Iterator[Row]]) -> None:
        self._start = start

    def __iter__(self) -> Iterator[Row]:
        return self._start()


@dataclass
class _Keys:
    """The next key of each sequence."""

    last: dict[str, int]

    def next(self, sequence: str) -> int:
        self.last[sequence] = self.last.get(sequence, 0) + 1
        return self.last[sequence]


class _Growth:
    def __init__(self, base: Sample, projects: int, seed: str) -> None:
        self._base, self._seed = base, seed
        # Draws go by the number of a project in the firm: one that is grown twice has no project twice.
        self._behind = len(list(base.records["Project"]))
        self._count = projects - self._behind
        self._first_keys = numbers_of(base)
        self._by_name = {
            kind: {row.get("Description") or row.get("Department"): row for row in base.records[kind]}
            for kind in ("ProjectType", "Department", "ClientType", "EmployeeType", "VendorType", "RateTable")
        }
        self._ids = {row.get("ID") for row in base.records["Project"]}
        keys = _Keys(dict(self._first_keys))
        people = People(f"{seed} behind {self._behind}", self._key, keys.next)
        more = max(0, self._count - 48)
        self.employees = people.employees(15 + more // 60)
        names = {row["Description"].lower() for row in base.records["Client"]}
        self.clients, self.contacts = people.clients(4 + round(0.25 * self._count), names)
        names = {row["Name"].lower() for row in base.records["Vendor"]}
        self.vendors = people.vendors(9 + more // 100, names)
        self._all_employees = [*base.records["Employee"], *self.employees]
        # Clients who come back often stand in front: the draw favours low places.
        self._all_clients = [*self.clients, *base.records["Client"]]
        self._open_clients = [row for row in self._all_clients if row.get("Status") != "Inactive"]

    def _key(self, kind: str, name: str) -> int | None:
        """The key of a record of the base by its name; None where the base has none of that name."""
        row = self._by_name[kind].get(name)
        return None if row is None else int(row[f"{kind}Key"])

    def work(self) -> Iterator[tuple[Row, list[Row]]]:
        """Each generated project with the postings of its phases."""
        keys = _Keys(dict(self._first_keys))
        numbers: dict[int, int] = {}
        for i in range(self._count):
            rng = random.Random(f"{self._seed} project {self._behind + i}")
            scheme = drawn(rng, i, self._count, self._all_employees)
            year = (YEAR_OF_IDS + timedelta(days=scheme.start)).year
            while True:
                numbers[year] = numbers.get(year, 0) + 1
                number = f"{year}-{numbers[year]:03d}"
                if number not in self._ids:
                    break
            yield self._project(scheme, number, keys)

    def _project(self, scheme: Scheme, number: str, keys: _Keys) -> tuple[Row, list[Row]]:
        rng = scheme.rng
        key = keys.next("Project")
        name = project_name(scheme)
        company = 1 if scheme.department == "Architecture" else 2
        consultants = round(scheme.fee * rng.uniform(0.08, 0.25) / 50) * 50 if scheme.fee > 60_000 else 0
        expenses = round(scheme.fee * 0.02 / 50) * 50
        labor = scheme.fee - consultants - expenses
        building = scheme.kind in words.BUILDINGS
        total, found = self._phases(scheme, key, labor, consultants, expenses, keys)
        clients = self._all_clients if scheme.status == "Closed" else self._open_clients
        place = int(len(clients) * rng.random() ** 2.2)
        client = clients[place] if scheme.billing != "Overhead" else None
        groups = self._groups(scheme, name, client, total, keys)
        lines = (client or {}).get("Contacts", ())
        project: Row = {
            "ProjectKey": key,
            "LastModifiedDate": stamp(rng, -scheme.finished if scheme.status == "Closed" else rng.randint(1, 90)),
            "ID": number if scheme.billing != "Overhead" else f"OH-{number[2:]}",
            "Description": name,
            "Status": scheme.status,
            "SyncToCRM": rng.random() < 0.4,
            "CompanyKey": company,
            "BillingType": scheme.billing,
            "ProjectTypeKey": self._key("ProjectType", scheme.kind),
            "DepartmentKey": self._key("Department", scheme.department),
            "BudgetedOverheadRate": Decimal("162.0") if company == 1 else Decimal("155.5"),
            "ProjectManager": role(scheme, "IsProjectManager", company),
            "PrincipalInCharge": role(scheme, "IsPrincipal", company),
            "MarketingContact": role(scheme, "IsMarketingContact", None) if rng.random() < 0.3 else None,
            "Location": f"{rng.choice(words.PLACES)}, {rng.choice(words.TOWNS)[0]}" if building else "",
            "TaxState": "NY" if rng.random() < 0.3 else "na",
            "EstimatedStartDate": day(scheme.start),
            "EstimatedCompletionDate": day(scheme.end),
            "ActualStartDate": day(scheme.start) if scheme.start < 0 else None,
            "ActualCompletionDate": day(scheme.finished) if scheme.status == "Closed" else None,
            "RequireTimesheetNotes": rng.random() < 0.15,
            "Notes": rng.choice(words.NOTES),
            "HoursCostBudget": Decimal(round(labor / 150)),
            "LaborCostBudget": money(labor / 3),
            "ExpenseCostBudget": money(expenses / 1.1),
            "ConsultantCostBudget": money(consultants / 1.1),
            "RateTableKey": 1 if rng.random() < 0.7 else 2,
            "TotalContractAmount": scheme.fee,
            "LaborContractAmount": labor,
            "ExpenseContractAmount": expenses,
            "ConsultantContractAmount": consultants,
            **by_billing(scheme, scheme.fee, scheme.progress),
            **(self._custom(scheme) if building and scheme.fee else {}),
            "Contacts": [
                {"ContactKey": line["ContactKey"], "Order": order, "Text": line.get("Text", "")}
                for order, line in enumerate(islice(lines, 2))
            ],
            "InvoiceGroups": groups,
            "Resources": list(self._resources(scheme, groups, keys)),
        }
        return filled(project), found

    def _groups(self, scheme: Scheme, name: str, client: Row | None, phases: list[Row], keys: _Keys) -> list[Row]:
        parts = [(name[:80], phases)]
        if len(phases) > 4 and scheme.fee > 250_000:
            parts = [("Base Services", phases[:-1]), ("Construction Phase Services", phases[-1:])]
        lines = (client or {}).get("Contacts", ())
        manager = next((row["EmployeeKey"] for row in scheme.employees if row.get("IsAccountingManager")), None)
        return [
            filled(
                {
                    "InvoiceGroupKey": keys.next("InvoiceGroup"),
                    "Description": description,
                    "Client": {"ClientKey": client["ClientKey"]} if client else None,
                    "InvoiceFormatKey": _FORMATS.get(scheme.billing, 1),
                    "EmailInvoiceTemplateKey": 1 if client and scheme.fee else None,
                    "BillingManager": {"EmployeeKey": manager} if manager and scheme.fee > 100_000 else None,
                    "BillingContact": {"ContactKey": lines[0]["ContactKey"]} if lines else None,
                    "Phases": part,
                }
            )
            for description, part in parts
        ]

    def _phases(
        self, scheme: Scheme, project: int, labor: int, consultants: int, expenses: int, keys: _Keys
    ) -> tuple[list[Row], list[Row]]:
        """The phases on top, and the postings of all."""
        rng = scheme.rng
        if scheme.billing == "Overhead":
            plan: tuple[tuple[str, int], ...] = tuple((name, 20) for name in words.OVERHEAD[: rng.randint(2, 5)])
        elif scheme.billing == "Marketing":
            plan = (("Proposal", 70), ("Interview", 30))
        elif scheme.kind == "Feasibility Study" or scheme.fee < 12_000:
            plan = rng.choice(words.SMALL)
        elif scheme.department == "Architecture" and rng.random() < 0.15:
            plan = words.INTERIORS
        else:
            plan = PHASES[scheme.department]
        shares = [percent / sum(percent for _, percent in plan) for _, percent in plan]
        found: list[Row] = []
        rows: list[Row] = []
        at = 0.0
        for (name, _), share in zip(plan, shares, strict=True):
            rows.append(
                self._phase(
                    scheme,
                    name,
                    (at, at + share),
                    (labor * share, consultants * share, expenses * share),
                    1,
                    keys,
                    found,
                )
            )
            at += share
        # Rounding: the last phase makes the sums those of the project.
        for member, whole in (
            ("LaborContractAmount", labor),
            ("ConsultantContractAmount", consultants),
            ("ExpenseContractAmount", expenses),
        ):
            rows[-1][member] += whole - sum(row[member] for row in rows)
        rows[-1]["TotalContractAmount"] = sum(
            rows[-1][f"{part}ContractAmount"] for part in ("Labor", "Consultant", "Expense")
        )
        return [filled(row) for row in rows], found

    def _phase(
        self,
        scheme: Scheme,
        name: str,
        span: tuple[float, float],
        fees: tuple[float, float, float],
        level: int,
        keys: _Keys,
        found: list[Row],
    ) -> Row:
        rng = scheme.rng
        labor, consultants, expenses = (round(fee / 50) * 50 for fee in fees)
        days = scheme.end - scheme.start
        start, end = (scheme.start + round(days * part) for part in span)
        done = min(max(round((scheme.progress - span[0]) / (span[1] - span[0]), 6), 0.0), 1.0)
        key = keys.next("Project")
        below: list[Row] = []
        names = words.SUB_PHASES.get(name, ())
        if names and (labor > 90_000 if level == 1 else labor > 40_000 and level == 2):
            share = 1 / len(names)
            for i, sub in enumerate(names):
                part = (span[0] + (span[1] - span[0]) * i * share, span[0] + (span[1] - span[0]) * (i + 1) * share)
                inner = (labor * share, consultants * share, expenses * share)
                below.append(self._phase(scheme, sub, part, inner, level + 1, keys, found))
        else:
            progress = Progress(scheme.billing, labor, consultants, expenses, done, scheme.status == "Closed")
            found += postings(rng, key, progress)
        finished = done >= 1.0 and scheme.status not in ("Closed", "Preliminary", "Marketing") and rng.random() < 0.6
        if below:
            finished = all(row["Status"] == "Closed" for row in below)
        row: Row = {
            "PhaseKey": key,
            "ID": f"{name[:1]}{level}" if rng.random() < 0.2 else "",
            "Description": name,
            "Status": "Closed" if finished else scheme.status,
            "BillingType": scheme.billing,
            "DepartmentKey": self._key("Department", scheme.department),
            "EstimatedStartDate": day(start),
            "EstimatedCompletionDate": day(end),
            "ActualStartDate": day(start) if done > 0 else None,
            "ActualCompletionDate": day(end) if done >= 1.0 else None,
            "HoursCostBudget": Decimal(round(labor / 150)),
            "LaborCostBudget": money(labor / 3),
            "RateTableKey": 1,
            "TotalContractAmount": labor + consultants + expenses,
            "LaborContractAmount": labor,
            "ExpenseContractAmount": expenses,
            "ConsultantContractAmount": consultants,
            **by_billing(scheme, labor + consultants + expenses, done),
            "Contacts": [],
            "Phases": below,
        }
        row.pop("ConstructionCost", None)
        row.pop("PercentOfConstructionCost", None)
        return row if level == 1 else filled(row)

    def _resources(self, scheme: Scheme, groups: list[Row], keys: _Keys) -> Iterator[Row]:
        if scheme.status not in ("Active", "Hold", "WorkHold") or scheme.fee < 20_000:
            return
        rng = scheme.rng
        types = [row for row in self._by_name["EmployeeType"].values() if row.get("BudgetBillRate")]
        consultants = self._vendors_of("Engineering Consultant")
        for phase in (phase for group in groups for phase in group["Phases"]):
            for _ in range(rng.randint(0, 2)):
                kind = rng.choice(types)
                units = Decimal(rng.randint(2, 60) * 4)
                staff = [
                    row["EmployeeKey"]
                    for row in scheme.employees
                    if row.get("EmployeeTypeKey") == kind["EmployeeTypeKey"] and row.get("Status") != "Inactive"
                ]
                named = {"EmployeeKey": rng.choice(staff)} if staff and rng.random() < 0.6 else {}
                cost, fee = Decimal(str(kind["BudgetCostRate"])), Decimal(str(kind["BudgetBillRate"]))
                yield filled(
                    {
                        "ResourceKey": keys.next("Resource"),
                        "PhaseKey": phase["PhaseKey"],
                        "Status": "Complete" if "ActualCompletionDate" in phase else rng.choice(_WAITING),
                        "Description": rng.choice(words.TASKS),
                        "IsTask": rng.random() < 0.3,
                        "ActivityType": "Labor",
                        **named,
                        "EmployeeTypeKey": kind["EmployeeTypeKey"],
                        "ActivityKey": rng.choice((1, 2)),
                        "Units": units,
                        "CostRate": cost,
                        "CostAmount": money(units * cost),
                        "FeeRate": fee,
                        "FeeAmount": money(units * fee),
                        "EstimatedStartDate": phase.get("EstimatedStartDate"),
                        "EstimatedCompletionDate": phase.get("EstimatedCompletionDate"),
                    }
                )
            if phase["ConsultantContractAmount"] and consultants and rng.random() < 0.5:
                vendor = rng.choice(consultants)
                yield {
                    "ResourceKey": keys.next("Resource"),
                    "PhaseKey": phase["PhaseKey"],
                    "Status": "InProgress",
                    "Description": "Consultant",
                    "ActivityType": "Consultant",
                    "VendorKey": vendor["VendorKey"],
                    "VendorTypeKey": vendor["VendorTypeKey"],
                    "CostAmount": money(phase["ConsultantContractAmount"] / 1.1),
                    "MarkupRate": 10,
                    "FeeAmount": phase["ConsultantContractAmount"],
                }

    def _vendors_of(self, kind: str) -> list[Row]:
        key = self._key("VendorType", kind)
        return [row for row in (*self._base.records["Vendor"], *self.vendors) if row.get("VendorTypeKey") == key]

    def _custom(self, scheme: Scheme) -> Row:
        """Values of the custom fields that the base defines and that are known here."""
        rng = scheme.rng
        area = max(round(scheme.fee * rng.uniform(0.1, 0.6) / 100) * 100, 600)
        known: Mapping[str, Any] = {
            "SquareFootage": area,
            "PermitNumber": f"B-{(YEAR_OF_IDS + timedelta(days=scheme.start)):%y}-{rng.randint(1, 9999):04d}",
            "PublicWork": scheme.kind in ("Education", "Civic"),
            "PermitIssued": day(permit) if (permit := scheme.start + (scheme.end - scheme.start) // 2) < 0 else None,
            "LeedTarget": rng.choice(("Certified", "Silver", "Gold", "")),
            "FundingSource": rng.choice(("Private", "Municipal bond", "State grant")),
        }
        defined = {custom.Name.replace(" ", "") for custom in self._base.firm.CustomFields}
        drawn_values = {name: value for name, value in known.items() if name in defined and rng.random() < 0.7}
        return {f"CF_{name}": value for name, value in drawn_values.items()}
