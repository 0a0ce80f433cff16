"""UpdateProjects of version 1: lengths, decimals, dates and choices."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from mock_ajera.claims import Grade

from .answers import records, refusal
from .firm import Firm, Row
from .kinds import PROJECTS
from .made import Made
from .members import Member, of_record
from .writing import INVALID, Create, only_phase, refused

claim = pytest.mark.claim


ROWS = of_record("GetProjects 1 Projects")


def is_derived(member: Member) -> bool:
    """Return whether a member is the description of a key next to it, which is not written."""
    stem = member.path.removesuffix("Description")
    return member.name.endswith("Description") and (f"{stem}Key" in ROWS or member.parent.endswith("Client"))


TEXTS = [
    member
    for member in ROWS.values()
    if member.longest
    and member.limit_grade is Grade.DOCUMENTED
    and member.access != "read-only"
    and not is_derived(member)
]
"""Writable texts with a printed limit, on projects, invoice groups, phases and contact lines."""


def place(project: Row, member: Member) -> Row:
    """Return the row that contains the member in a project with one group, one phase and one contact line on each."""
    holder = only_phase(project) if "Phases" in member.parent else project
    if member.parent == "InvoiceGroups[]":
        holder = project["InvoiceGroups"][0]
    line: Row
    if member.parent.endswith("Contacts[]"):
        (line,) = holder["Contacts"]
        return line
    return holder


@pytest.fixture
def with_text(minimum: Create, firm: Firm) -> Callable[[Member, str], Row]:
    """Return a function that makes a new project with a text as the value of a member."""

    def body(member: Member, text: str) -> Row:
        project = minimum()
        line = {"ContactKey": firm.one("Contacts")["ContactKey"], "Order": 0, "Text": ""}
        for holder in (project, only_phase(project)):
            # Members about units are only shown for this billing type.
            holder |= {"Contacts": [dict(line)], "BillingType": "UnitPrice"}
        place(project, member)[member.name] = text
        return project

    return body


@claim("project.text-limits")
@pytest.mark.parametrize("member", TEXTS, ids=lambda member: member.path)
def test_greatest_lengths(made: Made, with_text: Callable[[Member, str], Row], member: Member) -> None:
    """A text of the maximum length is stored whole. A longer text is never stored whole."""
    assert member.longest
    for length in (member.longest, member.longest + 1):
        text = made.name("limit").ljust(length, "x")[:length]
        answer = made.update(PROJECTS, [with_text(member, text)])
        if length > member.longest and not answer.succeeded:
            refusal(answer)
            continue
        (record,) = records(answer, "Projects")
        assert place(record, member)[member.name] == text[: member.longest]


@claim("write.max-length-refused")
@pytest.mark.parametrize("member", TEXTS, ids=lambda member: member.path)
def test_longer_texts_are_refused(made: Made, with_text: Callable[[Member, str], Row], member: Member) -> None:
    """A text that is too long is refused."""
    assert member.longest
    longer = made.name("limit").ljust(member.longest + 1, "x")
    assert INVALID in refused(made, PROJECTS, with_text(member, longer)).texts[0]


@claim("value.excess-digits-rounded")
def test_decimals_are_rounded(minimum: Create, new_project: Create) -> None:
    """Every number of a project and its phase is rounded half up to the decimals of its column."""
    numbers = [row for row in ROWS.values() if row.scale is not None and row.parent in ("", "InvoiceGroups[].Phases[]")]
    groups = minimum()["InvoiceGroups"]
    sent: Row = {"BillingType": "UnitPrice", "InvoiceGroups": groups}
    groups[0]["Phases"][0]["BillingType"] = "UnitPrice"
    for row in numbers:
        assert row.scale is not None
        if not row.name.startswith("Reported"):
            holder = sent if not row.parent else groups[0]["Phases"][0]
            holder[row.name] = Decimal(1) + 5 * Decimal(10) ** -(row.scale + 1)
    record = new_project(**sent)
    for holder, twin in ((sent, record), (groups[0]["Phases"][0], only_phase(record))):
        for name, value in holder.items():
            if isinstance(value, Decimal):
                places = -int(value.as_tuple().exponent) - 1
                assert twin[name] == Decimal(1) + Decimal(10) ** -places, name


@claim("project.date-order")
@pytest.mark.parametrize("stem", ["Estimated", "Actual"])
@pytest.mark.parametrize("where", ["project", "phase"])
def test_start_after_completion_is_refused(made: Made, minimum: Create, stem: str, where: str) -> None:
    """The start must not be after the completion, on projects and phases."""
    body = minimum()
    holder = body if where == "project" else only_phase(body)
    holder |= {f"{stem}StartDate": "2024-03-02", f"{stem}CompletionDate": "2024-03-01"}
    refused(made, PROJECTS, body)


@claim("project.date-order-equal", "value.day-time-cut")
def test_project_of_one_day(new_project: Create) -> None:
    """Start and completion may be equal. A time after the date is cut off."""
    record = new_project(EstimatedStartDate="2024-03-01T00:00:00", EstimatedCompletionDate="2024-03-01")
    assert (record["EstimatedStartDate"], record["EstimatedCompletionDate"]) == ("2024-03-01", "2024-03-01")


@claim("project.date-order-equal")
def test_start_is_compared_with_the_stored_completion(made: Made, new_project: Create) -> None:
    """A new start is checked against the stored completion if the completion is not sent."""
    record = new_project(EstimatedStartDate="2024-03-01", EstimatedCompletionDate="2024-03-05")
    short = {name: value for name, value in record.items() if name != "EstimatedCompletionDate"}
    refused(made, PROJECTS, short | {"EstimatedStartDate": "2024-03-06"}, record)


def dated(project: Row, where: str, name: str, day: str) -> Row:
    """Return the project with a date on itself or on its phase."""
    (project if where == "project" else only_phase(project))[name] = day
    return project


def bounded(made: Made, minimum: Create, where: str, name: str, days: tuple[str, str]) -> None:
    """Assert that the first day is stored, and that the second is refused."""
    inside, outside = days
    (record,) = records(made.update(PROJECTS, [dated(minimum(), where, name, inside)]), "Projects")
    current = made.read(PROJECTS, record["ProjectKey"])
    assert current is not None
    assert (current if where == "project" else only_phase(current))[name] == inside
    refused(made, PROJECTS, dated(minimum(), where, name, outside))


DATES = pytest.mark.parametrize(
    "name", ["EstimatedStartDate", "EstimatedCompletionDate", "ActualStartDate", "ActualCompletionDate"]
)


@claim("project.date-bounds")
@pytest.mark.parametrize("where", ["project", "phase"])
@DATES
def test_date_before_1900_is_refused(made: Made, minimum: Create, where: str, name: str) -> None:
    """1900-01-01 is accepted. The day before is refused."""
    bounded(made, minimum, where, name, ("1900-01-01", "1899-12-31"))


@claim("project.date-upper-bound")
@pytest.mark.parametrize("where", ["project", "phase"])
@DATES
def test_date_after_2079_is_refused(made: Made, minimum: Create, where: str, name: str) -> None:
    """2079-06-06 is accepted. The day after is refused."""
    bounded(made, minimum, where, name, ("2079-06-06", "2079-06-07"))


@claim("write.choice-unknown-refused")
@pytest.mark.parametrize("members", [{"Status": "Green"}, {"BillingType": "Barter"}, {"Status": "Inactive"}])
def test_values_outside_the_list_are_refused(made: Made, minimum: Create, members: dict[str, str]) -> None:
    """A value that is not in the printed list is refused."""
    assert INVALID in refused(made, PROJECTS, minimum() | members).texts[0]


@claim("write.choice-case-insensitive", "project.status-spelling")
@pytest.mark.parametrize(
    ("name", "sent", "stored"),
    [("Status", "Workhold", "WorkHold"), ("Status", "closed", "Closed"), ("BillingType", "fixedfee", "FixedFee")],
)
def test_values_in_another_case(new_project: Create, name: str, sent: str, stored: str) -> None:
    """A value is accepted in any case and returned in one spelling."""
    assert new_project(**{name: sent})[name] == stored


@claim("project.billing-type-values")
@pytest.mark.parametrize(
    "value",
    [
        value
        for value in of_record("GetProjects 1 Projects")["BillingType"].choices
        if value not in ("Null", "Adjustment", "Marketing")
    ],
)
def test_billing_types(made: Made, minimum: Create, value: str) -> None:
    """Every printed billing type is accepted."""
    groups = minimum()["InvoiceGroups"]
    groups[0]["Phases"][0]["BillingType"] = value
    (record,) = records(
        made.update(PROJECTS, [minimum() | {"BillingType": value, "InvoiceGroups": groups}]), "Projects"
    )
    assert record["BillingType"] == value
