"""Two writers: stamps and baselines."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from .answers import records, refusal, success
from .firm import Row
from .kinds import CLIENTS, PROJECTS
from .made import Made
from .values import in_zone, instant, shifted
from .writing import NO_CHANGE, changed, delete, edited, new_phase, only_phase, refused

claim = pytest.mark.claim

Create = Callable[..., Row]


@claim("write.baseline-required")
def test_change_needs_a_baseline(made: Made, new_project: Create) -> None:
    """A changed record that is not among the unchanged records is refused."""
    record = new_project()
    refused(made, PROJECTS, record | {"Notes": "changed"})
    assert made.read(PROJECTS, record["ProjectKey"]) == record


@claim("write.original-key-ignored")
def test_create_response_can_be_sent_back(made: Made, minimum: Create) -> None:
    """A created record can be changed as it was returned, including the negative key that was sent for it."""
    (record,) = records(made.update(PROJECTS, [minimum()]), "Projects")
    success(made.update(PROJECTS, [record | {"Notes": "changed"}], [record]))
    current = made.read(PROJECTS, record["ProjectKey"])
    assert current is not None
    assert current["Notes"] == "changed"


@claim("write.baseline-stamp-required")
def test_baseline_needs_a_stamp(made: Made, new_project: Create) -> None:
    """A baseline without LastModifiedDate is refused."""
    record = new_project()
    baseline = {name: value for name, value in record.items() if name != "LastModifiedDate"}
    refusal(made.update(PROJECTS, [record | {"Notes": "changed"}], [baseline]))
    assert made.read(PROJECTS, record["ProjectKey"]) == record


@claim("write.baseline-required")
def test_deletion_needs_a_baseline(made: Made, new_project: Create) -> None:
    """A deleted record that is not among the unchanged records is refused."""
    record = new_project()
    refused(made, PROJECTS, delete(record))
    assert made.read(PROJECTS, record["ProjectKey"]) == record


@claim("write.stale-stamp", "write.stamp-moves")
def test_second_writer_is_refused(made: Made, new_client: Create) -> None:
    """A writer whose record was changed after it was read is refused, and succeeds after reading it again."""
    read = new_client()
    current = changed(made, CLIENTS, read, Notes="first")
    assert instant(current["LastModifiedDate"]) != instant(read["LastModifiedDate"])
    refusal(made.update(CLIENTS, [read | {"Email": "second@example.invalid"}], [read]))
    assert changed(made, CLIENTS, current, Email="second@example.invalid")["Notes"] == "first"


@claim("write.stale-stamp")
def test_stale_deletion_is_refused(made: Made, new_project: Create) -> None:
    """A record that was changed after it was read is not deleted."""
    read = new_project()
    current = changed(made, PROJECTS, read, Notes="first")
    refusal(made.update(PROJECTS, [delete(read)], [read]))
    assert made.read(PROJECTS, read["ProjectKey"]) == current


@claim("write.stale-stamp")
def test_wrong_stamp_is_refused(made: Made, new_client: Create) -> None:
    """A stamp that is not the stored one is refused even if the baseline is correct."""
    record = new_client()
    sent = record | {"Notes": "changed", "LastModifiedDate": shifted(record["LastModifiedDate"], hours=-1)}
    refused(made, CLIENTS, sent, record)


@claim("write.stale-stamp")
def test_wrong_stamp_of_a_phase_is_refused(made: Made, new_project: Create) -> None:
    record = new_project()
    earlier = shifted(record["LastModifiedDate"], hours=-1)
    sent = edited(record | {"Notes": "changed"}, lambda twin: only_phase(twin).update(LastModifiedDate=earlier))
    refused(made, PROJECTS, sent, record)


@claim("value.stamp-other-zone-accepted")
@pytest.mark.parametrize("hours", [0, 9, -3])
def test_stamp_in_another_time_zone_is_accepted(made: Made, new_client: Create, hours: int) -> None:
    """The same moment with another offset counts as the same stamp."""
    record = new_client()
    sent = record | {"Notes": "changed", "LastModifiedDate": in_zone(record["LastModifiedDate"], hours)}
    success(made.update(CLIENTS, [sent], [record]))


@claim("write.baseline-differs")
@pytest.mark.parametrize(
    "edit",
    [
        lambda twin: twin.update(Notes="another"),
        lambda twin: twin.update(CompanyKey=2_000_000),
        lambda twin: twin.update(HoursCostBudget=Decimal("1.50")),
        lambda twin: twin.update(EstimatedStartDate="2024-01-01"),
        lambda twin: only_phase(twin).update(Description="another"),
        lambda twin: twin["InvoiceGroups"][0].update(Notes="another"),
    ],
    ids=["text", "key", "amount", "date", "phase", "group"],
)
def test_baseline_must_match_the_stored_record(made: Made, new_project: Create, edit: Callable[[Row], object]) -> None:
    """A baseline with a value that is not the stored one is refused."""
    record = new_project()
    refusal(made.update(PROJECTS, [record | {"Location": "changed"}], [edited(record, edit)]))
    assert made.read(PROJECTS, record["ProjectKey"]) == record


@claim("write.baseline-may-omit", "write.baseline-numbers-by-value")
@pytest.mark.parametrize(
    "edit",
    [
        lambda twin: twin.pop("InvoiceGroups"),
        lambda twin: [twin.pop(name) for name in list(twin) if twin[name] is None],
        lambda twin: [twin.pop(name) for name in list(twin) if name.startswith("CF_")],
        lambda twin: twin.update(CompanyDescription="another"),
        lambda twin: twin.update(Color="green"),
        lambda twin: twin.update(HoursCostBudget=Decimal("0.0000")),
    ],
    ids=["nested rows", "nulls", "custom fields", "derived", "unknown", "trailing zeros"],
)
def test_differences_that_a_baseline_may_have(made: Made, new_project: Create, edit: Callable[[Row], object]) -> None:
    """Nested rows, nulls, custom fields, derived and unknown members, and trailing zeros may differ."""
    record = new_project()
    success(made.update(PROJECTS, [record | {"Location": "changed"}], [edited(record, edit)]))


@claim("write.baseline-may-omit")
def test_baseline_without_one_of_several_phases(made: Made, new_project: Create, minimum: Create) -> None:
    """A phase that the baseline omits is not compared. The phases that it has still are."""
    groups = edited(minimum(), lambda twin: twin["InvoiceGroups"][0]["Phases"].append(new_phase(-9)))["InvoiceGroups"]
    record = new_project(InvoiceGroups=groups)
    without = edited(record, lambda twin: twin["InvoiceGroups"][0]["Phases"].pop())
    wrong = edited(without, lambda twin: only_phase(twin).update(Notes="another"))
    refusal(made.update(PROJECTS, [record | {"Location": "changed"}], [wrong]))
    success(made.update(PROJECTS, [record | {"Location": "changed"}], [without]))


@claim("write.baseline-invalid-value")
@pytest.mark.parametrize(("name", "value"), [("HoursCostBudget", "0.00"), ("CompanyKey", str), ("IsCertified", 0)])
def test_value_of_another_type_in_a_baseline(made: Made, new_project: Create, name: str, value: Any) -> None:
    """A number as text is not the stored number, and 0 is not false."""
    record = new_project()
    wrong = value(record[name]) if callable(value) else value
    refusal(made.update(PROJECTS, [record | {"Location": "changed"}], [record | {name: wrong}]))
    success(made.update(PROJECTS, [record | {"Location": "changed"}], [record]))


@claim("write.no-op-refused", "errors.no-change-text")
def test_project_without_a_change_is_refused(made: Made, new_project: Create) -> None:
    """An unchanged project is refused with the documented text, and its stamp stays."""
    record = new_project()
    assert NO_CHANGE in refused(made, PROJECTS, record, record).texts


@claim("write.order-of-checks")
def test_stale_record_with_an_invalid_value(made: Made, new_client: Create) -> None:
    """A stale record with an invalid value is reported as stale."""
    read = new_client()
    changed(made, CLIENTS, read, Notes="first")
    stale = made.update(CLIENTS, [read | {"Notes": "second"}], [read]).texts
    assert made.update(CLIENTS, [read | {"Status": "Green"}], [read]).texts == stale


@claim("write.stamp-moves", "project.one-stamp")
def test_each_write_changes_the_stamp(made: Made, new_project: Create) -> None:
    """Every write gives the project and its phases one new stamp that they never had before."""
    record: Any = new_project()
    seen = {record["LastModifiedDate"]}
    for number in range(3):
        (record,) = records(made.update(PROJECTS, [record | {"Notes": str(number)}], [record]), "Projects")
        record = made.read(PROJECTS, record["ProjectKey"])
        assert record["LastModifiedDate"] not in seen
        assert only_phase(record)["LastModifiedDate"] == record["LastModifiedDate"]
        seen.add(record["LastModifiedDate"])


@claim("write.baseline-twice")
@pytest.mark.parametrize("wrong", [0, 1])
def test_both_baselines_of_a_record_must_match(made: Made, new_client: Create, wrong: int) -> None:
    """Two baselines of one record are accepted if both match, and refused if either differs."""
    record = new_client()
    sent = record | {"Notes": "changed"}
    baselines = [record, record]
    baselines[wrong] = record | {"Notes": "another"}
    refusal(made.update(CLIENTS, [sent], baselines))
    success(made.update(CLIENTS, [sent], [record, record]))


@claim("write.baseline-delete-ignored")
def test_delete_in_a_baseline_is_ignored(made: Made, new_client: Create) -> None:
    record = new_client()
    success(made.update(CLIENTS, [record | {"Notes": "changed"}], [record | {"Delete": True}]))
    assert made.read(CLIENTS, record["ClientKey"]) is not None


@claim("write.baseline-names-not-compared")
def test_renamed_reference_is_no_conflict(made: Made, minimum: Create, new_client: Create, new_project: Create) -> None:
    """A project that was read before its client was renamed can still be changed."""
    owner = new_client()
    groups = minimum()["InvoiceGroups"]
    groups[0]["Client"] = {"ClientKey": owner["ClientKey"]}
    record = new_project(InvoiceGroups=groups)
    changed(made, CLIENTS, owner, Description=made.name("renamed"))
    success(made.update(PROJECTS, [record | {"Notes": "changed"}], [record]))


@claim("write.stamp-range")
@pytest.mark.parametrize(("year", "accepted"), [("1900", True), ("2079", True), ("1899", False), ("2080", False)])
def test_stamps_of_new_records(made: Made, year: str, accepted: bool) -> None:
    """The stamp of a new record may be any moment of 1900 to 2079."""
    stamp = f"{year}-06-01 14:46:06.873 GMT-08:00"
    new = {"ClientKey": -1, "LastModifiedDate": stamp, "Description": made.name("client")}
    (success if accepted else refusal)(made.update(CLIENTS, [new], []))
