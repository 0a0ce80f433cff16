"""UpdateProjects of version 1: deletions, and several records in one call."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .answers import records, refusal, success
from .client import LEFT_OUT
from .firm import Row
from .kinds import PROJECTS
from .made import Made
from .writing import INVALID, Create, changed, delete, edited, only_phase, refused

claim = pytest.mark.claim


# Deleting.


@claim("write.delete-flag", "write.delete-result", "write.count")
def test_a_project_is_deleted(made: Made, new_project: Create) -> None:
    """Key, stamp and flag delete a project; the answer is the key and a flag, and the project is gone."""
    record = new_project()
    answer = made.update(PROJECTS, [delete(record)], [record])
    assert records(answer, "Projects") == [{"ProjectKey": record["ProjectKey"], "Deleted": True}]
    assert answer.content["NumberOfProjectsUpdated"] == 1
    assert made.read(PROJECTS, record["ProjectKey"]) is None


@claim("write.delete-unneeded-members-ignored")
def test_a_deletion_with_more_members(made: Made, new_project: Create) -> None:
    """The rest of a record to be deleted is not looked at."""
    record = new_project()
    success(made.update(PROJECTS, [record | {"Delete": True, "Description": "x" * 100, "CompanyKey": -1}], [record]))


@claim("write.delete-of-new-refused")
def test_a_new_project_is_not_deleted(made: Made, minimum: Create) -> None:
    """A negative key is not deleted."""
    refused(made, PROJECTS, minimum() | {"Delete": True})


@claim("write.unknown-key")
def test_a_project_that_does_not_exist(made: Made, new_project: Create) -> None:
    """A deleted project can neither be changed nor deleted."""
    record = new_project()
    made.update(PROJECTS, [delete(record)], [record])
    made.adopt(PROJECTS, record["ProjectKey"])
    refusal(made.update(PROJECTS, [record | {"Notes": "changed"}], [record]))
    refusal(made.update(PROJECTS, [delete(record)], [record]))
    assert made.remove(PROJECTS, record["ProjectKey"])


@claim("write.zero-key-refused", "write.key-required")
@pytest.mark.parametrize(
    "edit",
    [
        lambda body: body.update(ProjectKey=0),
        lambda body: body.pop("ProjectKey"),
        lambda body: only_phase(body).pop("PhaseKey"),
    ],
)
def test_a_record_without_a_key(made: Made, minimum: Create, edit: Callable[[Row], object]) -> None:
    """Every record and row has a key, and it is not 0."""
    refused(made, PROJECTS, edited(minimum(), edit))


# Several at once.


@claim("write.mixed-call", "write.count")
def test_one_call_creates_changes_and_deletes(made: Made, minimum: Create, new_project: Create) -> None:
    """The answer holds a record for each of three, and counts three."""
    kept, gone = new_project(), new_project()
    answer = made.update(PROJECTS, [minimum(), kept | {"Notes": "changed"}, delete(gone)], [kept, gone])
    rows = records(answer, "Projects")
    assert answer.content["NumberOfProjectsUpdated"] == 3 == len(rows)
    (created,) = [row for row in rows if "OriginalProjectKey" in row]
    assert {row["ProjectKey"] for row in rows} == {created["ProjectKey"], kept["ProjectKey"], gone["ProjectKey"]}
    assert [row for row in rows if row.get("Deleted")] == [{"ProjectKey": gone["ProjectKey"], "Deleted": True}]


@claim("write.answer-order")
def test_the_order_of_the_answer(made: Made, minimum: Create, new_project: Create) -> None:
    """Records are answered in the order in which they were sent."""
    one, other = new_project(), new_project()
    rows = records(made.update(PROJECTS, [delete(other), one | {"Notes": "changed"}], [one, other]), "Projects")
    assert [row["ProjectKey"] for row in rows] == [other["ProjectKey"], one["ProjectKey"]]


def good_and_bad(minimum: Create) -> list[Row]:
    """A new project that is right, and one whose Description is missing."""
    bad = minimum() | {"ProjectKey": -11}
    del bad["Description"]
    bad["InvoiceGroups"][0] |= {"InvoiceGroupKey": -12}
    only_phase(bad)["PhaseKey"] = -13
    return [minimum(), bad]


@claim("write.single-transaction")
def test_a_single_transaction(made: Made, minimum: Create) -> None:
    """With a single transaction one bad record keeps all from being written."""
    good, bad = good_and_bad(minimum)
    refusal(made.update(PROJECTS, [good, bad], single=True))
    listed = made.client.call("ListProjects", {"FilterByDescriptionEquals": good["Description"]})
    assert records(listed, "Projects") == []


@claim("write.single-transaction-default")
@pytest.mark.parametrize("single", [LEFT_OUT, False], ids=["left out", "false"])
def test_without_the_transaction_flag(made: Made, minimum: Create, single: object) -> None:
    """The flag may be left out or false."""
    (record,) = records(made.update(PROJECTS, [minimum()], single=single), "Projects")
    assert made.remove(PROJECTS, record["ProjectKey"])


@claim("write.each-record-alone", "write.mixed-outcome", "errors.item-per-record", "write.refused-leaves-nothing")
def test_a_mixed_outcome(made: Made, minimum: Create) -> None:
    """Without a single transaction the good record is written and answered, the bad one told in Errors."""
    good, bad = good_and_bad(minimum)
    answer = made.update(PROJECTS, [bad, good])
    assert len(answer.specific_errors) == 1, f"one error expected: {answer!r}"
    (record,) = answer.content["Projects"]
    assert record["OriginalProjectKey"] == -1
    assert answer.content["NumberOfProjectsUpdated"] == 1


@claim("write.record-once")
def test_a_record_twice(made: Made, new_project: Create) -> None:
    """One record does not stand in a call twice."""
    record = new_project()
    refusal(made.update(PROJECTS, [record | {"Notes": "one"}, record | {"Notes": "two"}], [record]))
    assert made.read(PROJECTS, record["ProjectKey"]) == record


@claim("write.content-wrapper")
def test_wrapped_arguments(made: Made, minimum: Create) -> None:
    """The wrapper of the printed sample is refused."""
    wrapped = {"UpdatedProjects": [minimum()], "UnchangedProjects": [], "UseSingleTransaction": False}
    left_out = dict.fromkeys(wrapped, LEFT_OUT)
    answer = made.update(PROJECTS, [], Content=wrapped, **left_out)
    if answer.succeeded:
        pytest.skip("the target takes the wrapper of the printed sample")
    assert INVALID in refusal(answer).texts[0]


@claim("project.overhead-echo")
def test_an_overhead_project_is_sent_back(made: Made, minimum: Create, new_project: Create) -> None:
    """A project whose groups lack a required member can be changed as it was read."""
    groups = minimum()["InvoiceGroups"]
    groups[0]["Phases"][0]["BillingType"] = "Overhead"
    record = new_project(BillingType="Overhead", InvoiceGroups=groups)
    assert changed(made, PROJECTS, record, Notes="changed")["Notes"] == "changed"


@claim("write.record-once")
@pytest.mark.parametrize("name", ["InvoiceGroups", "Phases"])
def test_a_row_twice(made: Made, new_project: Create, name: str) -> None:
    """One invoice group or phase does not stand in a project twice."""
    record = new_project()
    sent = edited(record, lambda twin: twin.update(Notes="changed"))
    rows = sent["InvoiceGroups"] if name == "InvoiceGroups" else sent["InvoiceGroups"][0]["Phases"]
    rows.append(rows[0])
    refused(made, PROJECTS, sent, record)
