"""The coverage recorder of the contract suite. tests/shipped/test_coverage_page.py runs the whole suite with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from suite import run_suite

from contract_tests.answers import Answer
from contract_tests.coverage import CREATE, DELETE, PERMISSION, READ, UPDATE, Cell, Coverage, read_cells, write_cells

Row = dict[str, Any]


def session(user: str, token: str) -> tuple[Row, Answer]:
    request = {"Method": "CreateAPISession", "Username": user, "APIVersion": 1}
    return request, answer({"SessionToken": token})


def answer(content: Row, error: str = "") -> Answer:
    body = {
        "ResponseCode": 200,
        "Errors": [{"ErrorID": -1, "ErrorMessage": error}] if error else [],
        "Content": content,
    }
    return Answer("", None, 200, {}, body)


class Exchanges:
    """Exchanges of one test."""

    def __init__(self) -> None:
        self.coverage = Coverage()
        for user, token in (("one", "1"), ("two", "2")):
            self.coverage.observe(*session(user, token))

    def call(self, method: str, arguments: Row, content: Row, *, user: str = "1", error: str = "") -> None:
        request = {"Method": method, "SessionToken": user, "MethodArguments": arguments}
        self.coverage.observe(request, answer(content, error))

    def list(self, *keys: int, **filters: object) -> None:
        self.call("ListClients", filters, {"Clients": [{"ClientKey": key} for key in keys]})

    def get(self, key: int, *rows: Row) -> None:
        self.call("GetClients", {"RequestedClients": [key]}, {"Clients": list(rows)})

    def update(self, key: int, **members: object) -> None:
        self.call("UpdateClients", {"UpdatedClients": []}, {"Clients": [{"ClientKey": key, **members}]})

    def names(self, method: str) -> set[str]:
        """Return the names of the cells of a method after the test has passed."""
        self.coverage.passed()
        return {cell.name for cell in self.coverage.cells if cell.method == method}


@pytest.fixture
def run() -> Exchanges:
    return Exchanges()


def test_a_filter_is_seen_if_it_keeps_some_records(run: Exchanges) -> None:
    run.list(1, 2)
    run.list(1, 2, FilterByText="a")
    assert run.names("ListClients") == set()
    run.list(1, FilterByText="b")
    assert run.names("ListClients") == {READ, "FilterByText"}


def test_a_filter_is_seen_if_all_records_are_read_after_it(run: Exchanges) -> None:
    run.list(1, FilterByText="a")
    run.list(1)
    assert run.names("ListClients") == set()
    run.list(1, 2)
    assert run.names("ListClients") == {READ, "FilterByText"}


def test_a_write_after_an_answer_with_a_filter_is_not_its_effect(run: Exchanges) -> None:
    run.list(1, 2, FilterByText="a")
    run.update(3, OriginalClientKey=-1)
    run.list(1, 2, 3)
    assert run.names("ListClients") == {READ}


def test_a_filter_is_seen_with_the_same_other_arguments_only(run: Exchanges) -> None:
    run.list(1, 2, FilterByText="a", FilterByStatus=["Active"])
    run.list(1, FilterByText="b", FilterByStatus=["Inactive"])
    assert run.names("ListClients") == {READ}


def test_a_write_between_two_answers_is_not_the_effect_of_a_filter(run: Exchanges) -> None:
    run.list(1, 2, FilterByText="a")
    run.update(3, OriginalClientKey=-1)
    run.list(3, FilterByText="b")
    assert run.names("ListClients") == {READ}


def test_after_a_write_the_records_that_the_run_wrote_do_not_count(run: Exchanges) -> None:
    run.list(1, 2, FilterByText="a")
    run.update(3, OriginalClientKey=-1)
    run.list(1, 2, 3, FilterByText="b")
    run.update(3, Deleted=True)
    run.list(1, 2, FilterByText="c")
    assert run.names("ListClients") == {READ}
    run.list(2, 3, FilterByText="d")
    assert run.names("ListClients") == {READ, "FilterByText"}


def test_a_write_counts_for_the_first_read_after_it(run: Exchanges) -> None:
    """A later change is not its effect."""
    run.get(3, {"ClientKey": 3, "Notes": "old"})
    run.update(3)
    run.get(3, {"ClientKey": 3, "Notes": "old"})
    run.get(3, {"ClientKey": 3, "Notes": "new"})
    assert run.names("UpdateClients") == set()


def test_a_write_of_an_earlier_test_does_not_count(run: Exchanges) -> None:
    run.get(3, {"ClientKey": 3, "Notes": "old"})
    run.update(3)
    run.coverage.start()
    run.get(3, {"ClientKey": 3, "Notes": "new"})
    assert run.names("UpdateClients") == set()


def test_a_creation_is_seen_if_the_record_can_be_read(run: Exchanges) -> None:
    run.update(3, OriginalClientKey=-1)
    assert run.names("UpdateClients") == set()
    run.get(3)
    run.update(4, OriginalClientKey=-1)
    run.get(4, {"ClientKey": 4})
    assert run.names("UpdateClients") == {CREATE}


def test_an_update_is_seen_if_more_than_the_stamp_changes(run: Exchanges) -> None:
    run.get(3, {"ClientKey": 3, "Notes": "", "LastModifiedDate": "1"})
    run.update(3)
    run.get(3, {"ClientKey": 3, "Notes": "", "LastModifiedDate": "2"})
    assert run.names("UpdateClients") == set()
    run.update(3)
    run.get(3, {"ClientKey": 3, "Notes": "new", "LastModifiedDate": "3"})
    assert run.names("UpdateClients") == {UPDATE}


def test_a_deletion_is_seen_if_the_record_is_gone(run: Exchanges) -> None:
    for after in ([{"ClientKey": 3}], []):
        run.get(3, {"ClientKey": 3})
        run.update(3, Deleted=True)
        assert run.names("UpdateClients") == set()
        run.get(3, *after)
    assert run.names("UpdateClients") == {DELETE}


def test_a_permission_is_seen_if_another_user_is_refused(run: Exchanges) -> None:
    refused = "Unauthorized method: ListClients"
    run.call("ListClients", {}, {}, user="1")
    run.call("ListClients", {}, {}, user="1", error=refused)
    assert run.names("ListClients") == set()
    run.call("ListClients", {}, {}, user="2", error=refused)
    assert run.names("ListClients") == {PERMISSION}


def test_a_failed_test_has_seen_nothing(run: Exchanges) -> None:
    run.list(1, 2)
    run.list(1, FilterByText="b")
    run.coverage.start()
    assert run.names("ListClients") == set()


def test_a_file_of_cells_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = {Cell("ListClients", 1, READ), Cell("ListClients", 2, "FilterByText")}
    write_cells(tmp_path / "cells.csv", written)
    assert read_cells(tmp_path / "cells.csv") == written


def test_a_file_in_a_folder_that_does_not_exist_is_refused_at_once(tmp_path: Path) -> None:
    done = run_suite("--coverage", str(tmp_path / "none" / "cells.csv"), only=("test_vendors.py",))
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "this is a folder, or its folder does not exist" in done.stderr
