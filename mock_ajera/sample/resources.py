"""The resources of a generated project: planned work of staff and consultants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from mock_ajera.sample import words
from mock_ajera.sample.keys import KeySequences
from mock_ajera.sample.rows import Row, filled, money
from mock_ajera.sample.schemes import Scheme

_STATUSES = ("NotStarted", "InProgress", "InProgress", "Waiting", "Deferred")


class ResourceBuilder:
    """Builds the resources of projects from a firm's employee types and consultants."""

    def __init__(self, employee_types: Sequence[Row], consultants: Sequence[Row]) -> None:
        self._employee_types = [row for row in employee_types if row.get("BudgetBillRate")]
        self._consultants = consultants

    def build(self, scheme: Scheme, phases: Sequence[Row], keys: KeySequences) -> Iterator[Row]:
        """Yield the resources of phases. Small and inactive projects have none."""
        if scheme.status not in ("Active", "Hold", "WorkHold") or scheme.fee < 20_000:
            return
        rng = scheme.rng
        for phase in phases:
            for _ in range(rng.randint(0, 2)):
                yield self._labor(scheme, phase, keys)
            if phase["ConsultantContractAmount"] and self._consultants and rng.random() < 0.5:
                yield self._consultant(scheme, phase, keys)

    def _labor(self, scheme: Scheme, phase: Row, keys: KeySequences) -> Row:
        rng = scheme.rng
        employee_type = rng.choice(self._employee_types)
        units = Decimal(rng.randint(2, 60) * 4)
        staff = scheme.staff.of_type(employee_type["EmployeeTypeKey"])
        employee = {"EmployeeKey": rng.choice(staff)} if staff and rng.random() < 0.6 else {}
        cost, fee = Decimal(str(employee_type["BudgetCostRate"])), Decimal(str(employee_type["BudgetBillRate"]))
        return filled(
            {
                "ResourceKey": keys.next("Resource"),
                "PhaseKey": phase["PhaseKey"],
                "Status": "Complete" if "ActualCompletionDate" in phase else rng.choice(_STATUSES),
                "Description": rng.choice(words.TASKS),
                "IsTask": rng.random() < 0.3,
                "ActivityType": "Labor",
                **employee,
                "EmployeeTypeKey": employee_type["EmployeeTypeKey"],
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

    def _consultant(self, scheme: Scheme, phase: Row, keys: KeySequences) -> Row:
        vendor = scheme.rng.choice(self._consultants)
        return {
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
