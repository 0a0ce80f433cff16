"""What a project may contain although it looks wrong: no rule about it is known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from .firm import Firm, Row, first
from .kinds import CLIENTS, PROJECTS
from .made import Made
from .writing import Create, changed, edited, new_phase, only_phase, refused

claim = pytest.mark.claim


@claim("value.any-sign")
@pytest.mark.parametrize(
    ("name", "value"),
    [("LaborCostBudget", "-5.25"), ("SalesTaxRate", "-0.5"), ("PercentDistribution", "250"), ("HoursCostBudget", "-1")],
)
def test_numbers_of_any_sign(new_project: Create, name: str, value: str) -> None:
    """Amounts and rates below zero and percents above one hundred are stored."""
    assert new_project(**{name: Decimal(value)})[name] == Decimal(value)


@claim("value.day-as-written")
@pytest.mark.parametrize("offset", ["-05:00", "+14:00", "Z"])
def test_offset_of_a_date(new_project: Create, offset: str) -> None:
    """A minute before midnight is still that day, whatever the offset."""
    assert new_project(ActualStartDate=f"2024-02-09T23:59:00{offset}")["ActualStartDate"] == "2024-02-09"


@claim("value.flag-as-word")
@pytest.mark.parametrize("word", ["true", "True", "TRUE"])
def test_flag_as_a_word(new_project: Create, word: str) -> None:
    """A flag may be the text "true" in any case."""
    assert new_project(IsCertified=word)["IsCertified"] is True


@claim("project.contract-amount-as-sent")
def test_contract_amount_is_not_a_sum(new_project: Create) -> None:
    """TotalContractAmount may differ from the sum of the other contract amounts."""
    record = new_project(TotalContractAmount=100, LaborContractAmount=10, ExpenseContractAmount=20)
    assert record["TotalContractAmount"] == 100


@claim("project.contact-lines-repeat")
@pytest.mark.parametrize("order", [0, 1])
def test_contact_line_twice(firm: Firm, new_project: Create, order: int) -> None:
    """Two contact lines may have the same contact, and the same Order."""
    line = {"ContactKey": firm.one("Contacts")["ContactKey"], "Order": 0, "Text": ""}
    record = new_project(Contacts=[line, line | {"Order": order}])
    assert [each["ContactKey"] for each in record["Contacts"]] == [line["ContactKey"]] * 2


@claim("client.order-optional")
def test_contact_line_of_a_client_without_order(made: Made, firm: Firm, new_client: Create) -> None:
    """A contact line of a client needs only the contact."""
    key = firm.one("Contacts")["ContactKey"]
    (line,) = changed(made, CLIENTS, new_client(), Contacts=[{"ContactKey": key}])["Contacts"]
    assert line["ContactKey"] == key


@claim("project.billing-type-alone")
@pytest.mark.parametrize("billing_type", ["FixedFee", "PercentComplete", "UnitPrice", "PercentofConstructionCost"])
def test_billing_type_without_rates_and_amounts(new_project: Create, billing_type: str) -> None:
    """A project of any billing type needs no rate table and no contract amount."""
    record = new_project(BillingType=billing_type)
    assert record["BillingType"] == billing_type
    assert not record["RateTableKey"]


@claim("project.phase-dates-free")
def test_phase_outside_its_project(minimum: Create, new_project: Create) -> None:
    """A phase may begin before its project and end after it."""
    days = {"EstimatedStartDate": "2024-03-01", "EstimatedCompletionDate": "2024-04-01"}
    wider = {"EstimatedStartDate": "2024-01-01", "EstimatedCompletionDate": "2024-12-31"}
    groups = edited(minimum(), lambda twin: only_phase(twin).update(wider))["InvoiceGroups"]
    assert only_phase(new_project(InvoiceGroups=groups, **days)).items() >= wider.items()


@claim("project.phase-depth-free")
def test_phases_on_six_levels(minimum: Create, new_project: Create) -> None:
    """A phase may be nested in a phase, down to the sixth level and further."""
    deepest: Row = new_phase(-20)
    for key in range(-19, -15):
        deepest = new_phase(key, Phases=[deepest])
    groups = edited(minimum(), lambda twin: only_phase(twin).update(Phases=[deepest]))["InvoiceGroups"]
    level: Any = only_phase(new_project(InvoiceGroups=groups))
    for _ in range(5):
        (level,) = level["Phases"]
    assert level["Description"] == "Phase 20"


@claim("project.closed-editable")
def test_closed_project_is_changed(made: Made, new_project: Create) -> None:
    record = new_project(Status="Closed")
    assert changed(made, PROJECTS, record, Notes="changed")["Notes"] == "changed"


@claim("project.row-order-free")
def test_phases_in_another_order_are_no_change(made: Made, minimum: Create, new_project: Create) -> None:
    """A project whose phases are sent in another order has no change."""
    groups = edited(minimum(), lambda twin: twin["InvoiceGroups"][0]["Phases"].append(new_phase(-9)))["InvoiceGroups"]
    record = new_project(InvoiceGroups=groups)
    refused(made, PROJECTS, edited(record, lambda twin: twin["InvoiceGroups"][0]["Phases"].reverse()), record)


@claim("write.inactive-reference")
@pytest.mark.parametrize(
    ("noun", "member"), [("ProjectTypes", "ProjectTypeKey"), ("Departments", "DepartmentKey"), ("Clients", "ClientKey")]
)
def test_inactive_reference(firm: Firm, minimum: Create, new_project: Create, noun: str, member: str) -> None:
    """A new project may have an inactive project type, department or client."""
    rows = firm.some(noun) if noun == "Clients" else firm.all(noun)
    key = first([row for row in rows if row["Status"] == "Inactive"], f"inactive record in {noun}")[member]
    if noun == "Clients":
        groups = edited(minimum(), lambda twin: twin["InvoiceGroups"][0].update(Client={member: key}))["InvoiceGroups"]
        assert new_project(InvoiceGroups=groups)["InvoiceGroups"][0]["Client"][member] == key
    else:
        assert new_project(**{member: key})[member] == key


@claim("write.inactive-reference")
def test_inactive_contact_and_billing_manager(firm: Firm, minimum: Create, new_project: Create) -> None:
    """A new project may have an inactive contact, and an invoice group an inactive billing manager."""
    contact = first([row for row in firm.some("Contacts") if row["Status"] == "Inactive"], "inactive contact")
    line = {"ContactKey": contact["ContactKey"], "Order": 0, "Text": ""}
    manager = {"EmployeeKey": firm.employee("inactive", lambda row: row["Status"] == "Inactive")["EmployeeKey"]}
    groups = edited(minimum(), lambda twin: twin["InvoiceGroups"][0].update(BillingManager=manager))["InvoiceGroups"]
    record = new_project(Contacts=[line], InvoiceGroups=groups)
    assert [each["ContactKey"] for each in record["Contacts"]] == [contact["ContactKey"]]
    assert record["InvoiceGroups"][0]["BillingManager"]["EmployeeKey"] == manager["EmployeeKey"]
