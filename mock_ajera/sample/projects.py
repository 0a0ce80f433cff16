"""Generated projects with their invoice groups and custom fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from mock_ajera.sample import words
from mock_ajera.sample.keys import KeySequences, NamedRecords
from mock_ajera.sample.phases import Fees, PhaseBuilder
from mock_ajera.sample.postings import Vendors
from mock_ajera.sample.resources import ResourceBuilder
from mock_ajera.sample.rows import Row, day, filled, money, stamp
from mock_ajera.sample.schemes import Scheme, billing_members, draw_name, draw_role
from mock_ajera.sample.sites import nested

REFERENCE_DATE = date(2026, 7, 1)
"""The fixed date from which the years in project IDs are computed. They must not depend on the clock."""

_FORMATS = {"TimeAndExpense": 2, "PercentComplete": 3, "UnitPrice": 4}


class ProjectBuilder:
    """Builds projects that refer to the records of a firm."""

    def __init__(
        self,
        named: NamedRecords,
        resources: ResourceBuilder,
        clients: Sequence[Row],
        vendors: Vendors,
        custom_fields: frozenset[str],
    ) -> None:
        """Clients are drawn from the front of ``clients`` most often; ``custom_fields`` are names without spaces."""
        self._named, self._resources, self._custom_fields = named, resources, custom_fields
        self._vendors = vendors
        self._clients = clients
        self._active_clients = [row for row in clients if row.get("Status") != "Inactive"]

    def build(self, scheme: Scheme, number: str, keys: KeySequences) -> tuple[Row, list[Row]]:
        """Return the project of a scheme and the postings to its phases."""
        rng = scheme.rng
        key = keys.next("Project")
        name = draw_name(scheme)
        company = 1 if scheme.department == "Architecture" else 2
        consultants = round(scheme.fee * rng.uniform(0.08, 0.25) / 50) * 50 if scheme.fee > 60_000 else 0
        expenses = round(scheme.fee * 0.02 / 50) * 50
        labor = scheme.fee - consultants - expenses
        is_building = scheme.kind in words.BUILDINGS
        roles = {
            "ProjectManager": draw_role(scheme, "IsProjectManager", company),
            "PrincipalInCharge": draw_role(scheme, "IsPrincipal", company),
        }
        phases = PhaseBuilder(scheme, self._named, keys, self._vendors, roles)
        top_phases = phases.build(Fees(labor, consultants, expenses))
        worked_on = [phase for top in top_phases for phase in top.get("Phases") or [top]]
        client = self._draw_client(scheme)
        groups = _invoice_groups(scheme, name, client, top_phases, keys)
        project: Row = {
            "ProjectKey": key,
            "LastModifiedDate": stamp(rng, -scheme.finished if scheme.status == "Closed" else rng.randint(1, 90)),
            "ID": number if scheme.billing != "Overhead" else f"OH-{number[2:]}",
            "Description": name,
            "Status": scheme.status,
            "SyncToCRM": rng.random() < 0.4,
            "CompanyKey": company,
            "BillingType": scheme.billing,
            "ProjectTypeKey": self._named.key("ProjectType", scheme.kind),
            "DepartmentKey": self._named.key("Department", scheme.department),
            "BudgetedOverheadRate": Decimal("162.0") if company == 1 else Decimal("155.5"),
            **roles,
            "MarketingContact": draw_role(scheme, "IsMarketingContact", None) if rng.random() < 0.3 else None,
            "Location": f"{rng.choice(words.PLACES)}, {rng.choice(words.TOWNS)[0]}" if is_building else "",
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
            **billing_members(scheme, scheme.fee, scheme.progress),
            **(self._draw_custom_fields(scheme) if is_building and scheme.fee else {}),
            "Contacts": [
                {"ContactKey": line["ContactKey"], "Order": order, "Text": line.get("Text", "")}
                for order, line in enumerate(islice(_contacts(client), 2))
            ],
            "InvoiceGroups": groups,
            "Resources": list(self._resources.build(scheme, worked_on, keys)),
        }
        if contact := project["MarketingContact"]:
            # Drawn after the phases, whose other values must not depend on it.
            for phase in (each for group in groups for each in nested(group)):
                if phase.get("ProjectManager") == roles["ProjectManager"]:
                    phase["MarketingContact"] = contact
        return filled(project), phases.postings

    def _draw_client(self, scheme: Scheme) -> Row | None:
        clients = self._clients if scheme.status == "Closed" else self._active_clients
        index = int(len(clients) * scheme.rng.random() ** 2.2)
        return clients[index] if scheme.billing != "Overhead" else None

    def _draw_custom_fields(self, scheme: Scheme) -> Row:
        """Return values for some of the custom fields that the firm defines."""
        rng = scheme.rng
        area = max(round(scheme.fee * rng.uniform(0.1, 0.6) / 100) * 100, 600)
        permit = scheme.start + (scheme.end - scheme.start) // 2
        values: Mapping[str, Any] = {
            "SquareFootage": area,
            "PermitNumber": f"B-{(REFERENCE_DATE + timedelta(days=scheme.start)):%y}-{rng.randint(1, 9999):04d}",
            "PublicWork": scheme.kind in ("Education", "Civic"),
            "PermitIssued": day(permit) if permit < 0 else None,
            "LeedTarget": rng.choice(("Certified", "Silver", "Gold", "")),
            "FundingSource": rng.choice(("Private", "Municipal bond", "State grant")),
        }
        return {
            f"CF_{name}": value for name, value in values.items() if name in self._custom_fields and rng.random() < 0.7
        }


def _contacts(client: Row | None) -> Sequence[Row]:
    contacts: Sequence[Row] = client.get("Contacts", ()) if client else ()
    return contacts


def _invoice_groups(scheme: Scheme, name: str, client: Row | None, phases: list[Row], keys: KeySequences) -> list[Row]:
    parts = [(name[:80], phases)]
    if len(phases) > 1 and scheme.fee > 250_000:
        parts = [(phase["Description"], [phase]) for phase in phases]
    contacts = _contacts(client)
    manager = scheme.staff.accounting_manager
    return [
        filled(
            {
                "InvoiceGroupKey": keys.next("InvoiceGroup"),
                "Description": description,
                "Client": {"ClientKey": client["ClientKey"]} if client else None,
                "InvoiceFormatKey": _FORMATS.get(scheme.billing, 1),
                "EmailInvoiceTemplateKey": 1 if client and scheme.fee else None,
                "BillingManager": {"EmployeeKey": manager} if manager and scheme.fee > 100_000 else None,
                "BillingContact": {"ContactKey": contacts[0]["ContactKey"]} if contacts else None,
                "Phases": part,
            }
        )
        for description, part in parts
    ]
