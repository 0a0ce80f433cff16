"""The books of a firm, compared before and after a program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from client import STAMP

from mock_ajera import MockAjera
from mock_ajera.trials.books import Books, Changes, Written

Act = Callable[[MockAjera], Any]
MARK = "(by a colleague)"


def changed_by(*acts: Act) -> Changes:
    """Return the changes of acts in a new firm."""
    ajera = MockAjera(seed="1")
    before = Books(ajera.tenant)
    for act in acts:
        act(ajera)
    return before.changes_until(Books(ajera.tenant))


def contact(name: str) -> Act:
    """Create a contact."""
    new = {"ContactKey": -1, "LastModifiedDate": STAMP, "LastName": name}
    return lambda ajera: ajera.content("UpdateContacts", {"UpdatedContacts": [new], "UnchangedContacts": []})


def project(name: str) -> Act:
    """Create a project. Ajera accepts a name twice."""
    wanted = {
        "CreateType": "Project",
        "Project": {"Description": name, "CompanyKey": 1, "BillingType": "TimeAndExpense", "RateTableKey": 1},
        "InvoiceGroups": [{"Description": name, "ClientKey": 3}],
        "Phases": [{"Description": "Design"}],
    }
    return lambda ajera: ajera.content("CreateProjects", wanted, version=2)


def notes(text: str) -> Act:
    """Write the notes of client 1."""
    return lambda ajera: ajera.change_record("Client", 1, Notes=text)


def test_a_program_that_reads_changes_nothing() -> None:
    assert not changed_by(lambda ajera: ajera.content("ListProjects"))


def test_new_records_are_known_by_their_names() -> None:
    assert [str(item) for item in changed_by(project("Mill Race")).items] == ["Project 'Mill Race'"]


def test_changed_records_are_known_by_their_keys() -> None:
    (item,) = changed_by(notes("new")).items
    assert str(item).startswith("Client 1 '")


def test_the_keys_of_new_records_do_not_matter() -> None:
    """A run may have used up numbers: for the record itself, its rows, and the references to it."""
    plain = changed_by(project("Mill Race"))
    later = changed_by(project("Boat Shed"), project("Mill Race"))
    assert plain.lacking(later) == ["Project 'Boat Shed'"]
    assert later.lacking(plain) == []


def test_the_keys_of_new_phases_do_not_matter() -> None:
    """An employee works on a new project."""

    def worked(ajera: MockAjera) -> None:
        made = project("Mill Race")(ajera)
        week = {"EmployeeKey": 6, "TimesheetDate": "2025-12-21", "AllowPast90Days": True}
        (sheet,) = ajera.content("CreateTimesheet", {"Timesheet": week}, version=2)["Timesheets"]
        row = {
            "IsNewRow": True,
            "Project Key": made["Projects"][0]["ProjectKey"],
            "Phase Key": made["Phases"][0]["PhaseKey"],
            "Activity Key": 1,
            "D1 Regular": 8,
        }
        edit = {name: sheet[name] for name in ("TimesheetKey", "UnchangedData")} | {"UpdatedProjects": [row]}
        ajera.content("UpdateTimesheets", {"Timesheets": [edit]}, version=2)

    assert changed_by(worked).lacking(changed_by(project("Boat Shed"), worked)) == ["Project 'Boat Shed'"]


def test_a_write_without_effect_is_no_change() -> None:
    """The stamp of a record does not count, so that writing the same twice is the same as writing it once."""
    assert changed_by(notes("a"), notes("b")).items == changed_by(notes("b")).items


@pytest.mark.parametrize(
    ("first", "second", "lacking"),
    [
        ([notes("a")], [notes("b")], 1),
        ([notes("a")], [], 0),
        ([], [notes("a")], 1),
        ([contact("Quay")], [contact("Quay")], 0),
    ],
)
def test_what_another_run_has_done(first: list[Act], second: list[Act], lacking: int) -> None:
    assert len(changed_by(*first).lacking(changed_by(*second))) == lacking


def test_a_deletion() -> None:
    deleted = changed_by(lambda ajera: ajera.delete_record("Client", 23))
    assert deleted
    assert changed_by().lacking(deleted) == ["Client 23 (deletion)"]
    assert deleted.lacking(deleted) == []


def test_copies_of_what_was_created_once() -> None:
    once, twice = changed_by(project("Mill Race")), changed_by(project("Mill Race"), project("Mill Race"))
    assert [str(item) for item in twice.copies_beyond(once)] == ["Project 'Mill Race'"]
    assert once.copies_beyond(twice) == []


def test_what_somebody_else_has_written_is_left_out() -> None:
    """A member is left out of the comparison, and so is a whole record that somebody else has deleted."""
    ajera = MockAjera()
    before = Books(ajera.tenant)
    ajera.change_record("Client", 1, Notes=MARK)
    ajera.delete_record("Client", 23)
    theirs = [Written("Client", 1, "Notes", MARK), Written("Client", 23)]
    assert before.changes_until(Books(ajera.tenant))
    assert not before.changes_until(Books(ajera.tenant), theirs)


def test_what_a_program_writes_to_another_member_of_the_record_counts() -> None:
    ajera = MockAjera()
    before = Books(ajera.tenant)
    ajera.change_record("Client", 1, Notes=MARK, Description="Mill Race Trust")
    (item,) = before.changes_until(Books(ajera.tenant), [Written("Client", 1, "Notes", MARK)]).items
    assert b"Mill Race Trust" in item.text
    assert b"colleague" not in item.text


@pytest.mark.parametrize(("now", "lacks"), [(f"mine {MARK}", False), (MARK, False), ("mine", True), ("", True)])
def test_whether_a_text_of_somebody_else_is_there(now: str, *, lacks: bool) -> None:
    ajera = MockAjera()
    ajera.change_record("Client", 1, Notes=now)
    assert Books(ajera.tenant).lacks(Written("Client", 1, "Notes", MARK)) == lacks


def test_a_record_that_is_gone_lacks_nothing() -> None:
    assert not Books(MockAjera().tenant).lacks(Written("Client", 99, "Notes", MARK))


def test_times_at_which_something_was_done_do_not_matter() -> None:
    """Two runs submit a timesheet at different times."""

    def submitted(at: str) -> Act:
        def act(ajera: MockAjera) -> None:
            ajera.clock.freeze(at)
            rows = ajera.content("ListTimesheets", version=2)["Timesheets"]
            key = next(row["Timesheet Key"] for row in rows if not row.get("Submitted"))
            ajera.content("SubmitTimesheets", {"RequestedTimesheets": [key]}, version=2)

        return act

    first, second = (changed_by(submitted(f"2026-03-02T14:00:0{second}Z")) for second in (1, 2))
    assert first
    assert first.items == second.items
