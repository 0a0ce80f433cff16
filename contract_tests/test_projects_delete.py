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
def test_project_is_deleted(made: Made, new_project: Create) -> None:
    """Key, stamp and flag delete a project. The response contains the key and a flag."""
    record = new_project()
    answer = made.update(PROJECTS, [delete(record)], [record])
    assert records(answer, "Projects") == [{"ProjectKey": record["ProjectKey"], "Deleted": True}]
    assert answer.content["NumberOfProjectsUpdated"] == 1
    assert made.read(PROJECTS, record["ProjectKey"]) is None


@claim("write.delete-unneeded-members-ignored")
def test_other_members_of_a_deletion_are_ignored(made: Made, new_project: Create) -> None:
    """The other members of a record to delete are not checked."""
    record = new_project()
    success(made.update(PROJECTS, [record | {"Delete": True, "Description": "x" * 100, "CompanyKey": -1}], [record]))


@claim("write.delete-of-new-refused")
def test_deletion_of_a_new_project_is_refused(made: Made, minimum: Create) -> None:
    """A record with a negative key cannot be deleted."""
    refused(made, PROJECTS, minimum() | {"Delete": True})


@claim("write.unknown-key")
def test_unknown_project_is_refused(made: Made, new_project: Create) -> None:
    """A deleted project can be neither changed nor deleted."""
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
def test_record_needs_a_key(made: Made, minimum: Create, edit: Callable[[Row], object]) -> None:
    """Every record and row needs a key other than 0."""
    refused(made, PROJECTS, edited(minimum(), edit))


# Several at once.


@claim("write.count")
def test_count_of_created_and_deleted_records(made: Made, minimum: Create, new_project: Create) -> None:
    gone = new_project()
    answer = made.update(PROJECTS, [minimum(), delete(gone)], [gone])
    assert answer.content["NumberOfProjectsUpdated"] == 2 == len(records(answer, "Projects"))


@claim("write.count-changed")
def test_count_of_changed_records(made: Made, new_project: Create) -> None:
    record = new_project()
    answer = made.update(PROJECTS, [record | {"Notes": "changed"}], [record])
    assert answer.content["NumberOfProjectsUpdated"] == 1 == len(records(answer, "Projects"))


@claim("write.mixed-call")
def test_one_call_creates_changes_and_deletes(made: Made, minimum: Create, new_project: Create) -> None:
    """The response contains one record for each of the three."""
    kept, gone = new_project(), new_project()
    answer = made.update(PROJECTS, [minimum(), kept | {"Notes": "changed"}, delete(gone)], [kept, gone])
    rows = records(answer, "Projects")
    assert len(rows) == 3
    (created,) = [row for row in rows if "OriginalProjectKey" in row]
    assert {row["ProjectKey"] for row in rows} == {created["ProjectKey"], kept["ProjectKey"], gone["ProjectKey"]}
    assert [row for row in rows if row.get("Deleted")] == [{"ProjectKey": gone["ProjectKey"], "Deleted": True}]


@claim("write.answer-order")
def test_order_of_the_response(made: Made, minimum: Create, new_project: Create) -> None:
    """Records are returned in the order in which they were sent."""
    one, other = new_project(), new_project()
    rows = records(made.update(PROJECTS, [delete(other), one | {"Notes": "changed"}], [one, other]), "Projects")
    assert [row["ProjectKey"] for row in rows] == [other["ProjectKey"], one["ProjectKey"]]


def good_and_bad(minimum: Create) -> list[Row]:
    """Return a valid new project, and one whose Description is missing."""
    bad = minimum() | {"ProjectKey": -11}
    del bad["Description"]
    bad["InvoiceGroups"][0] |= {"InvoiceGroupKey": -12}
    only_phase(bad)["PhaseKey"] = -13
    return [minimum(), bad]


@claim("write.single-transaction-default")
@pytest.mark.parametrize("single", [LEFT_OUT, False], ids=["left out", "false"])
def test_transaction_flag_is_optional(made: Made, minimum: Create, single: object) -> None:
    """The flag may be left out or false."""
    (record,) = records(made.update(PROJECTS, [minimum()], single=single), "Projects")
    assert made.remove(PROJECTS, record["ProjectKey"])


@claim("write.each-record-alone", "write.mixed-outcome", "errors.item-per-record", "write.refused-leaves-nothing")
def test_mixed_outcome(made: Made, minimum: Create) -> None:
    """Without a single transaction the valid record is written and returned, and Errors reports the invalid one."""
    good, bad = good_and_bad(minimum)
    answer = made.update(PROJECTS, [bad, good])
    assert len(answer.specific_errors) == 1, f"one error expected: {answer!r}"
    (record,) = answer.content["Projects"]
    assert record["OriginalProjectKey"] == -1
    assert answer.content["NumberOfProjectsUpdated"] == 1


@claim("write.record-once")
def test_duplicate_record_is_refused(made: Made, new_project: Create) -> None:
    """A record must not occur twice in a call."""
    record = new_project()
    refusal(made.update(PROJECTS, [record | {"Notes": "one"}, record | {"Notes": "two"}], [record]))
    assert made.read(PROJECTS, record["ProjectKey"]) == record


@claim("write.content-wrapper")
def test_wrapped_arguments_are_refused(made: Made, minimum: Create) -> None:
    """The Content wrapper of the printed sample is refused."""
    wrapped = {"UpdatedProjects": [minimum()], "UnchangedProjects": [], "UseSingleTransaction": False}
    left_out = dict.fromkeys(wrapped, LEFT_OUT)
    answer = made.update(PROJECTS, [], Content=wrapped, **left_out)
    if answer.succeeded:
        pytest.skip("the target accepts the wrapper of the printed sample")
    assert INVALID in refusal(answer).texts[0]


@claim("project.overhead-echo")
def test_overhead_project_can_be_sent_back(made: Made, minimum: Create, new_project: Create) -> None:
    """A project whose groups lack a required member can be changed as it was read."""
    groups = minimum()["InvoiceGroups"]
    groups[0]["Phases"][0]["BillingType"] = "Overhead"
    record = new_project(BillingType="Overhead", InvoiceGroups=groups)
    assert changed(made, PROJECTS, record, Notes="changed")["Notes"] == "changed"


@claim("write.record-once")
@pytest.mark.parametrize("name", ["InvoiceGroups", "Phases"])
def test_duplicate_row_is_refused(made: Made, new_project: Create, name: str) -> None:
    """An invoice group or phase must not occur twice in a project."""
    record = new_project()
    sent = edited(record, lambda twin: twin.update(Notes="changed"))
    rows = sent["InvoiceGroups"] if name == "InvoiceGroups" else sent["InvoiceGroups"][0]["Phases"]
    rows.append(rows[0])
    refused(made, PROJECTS, sent, record)
