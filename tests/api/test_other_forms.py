"""The engine carries forms of records that no family of the API has yet, over the wire and in both versions."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from mock_ajera.api.families import METHODS, RECORDS
from mock_ajera.api.methods import Register
from mock_ajera.api.read_model import kind_specs
from mock_ajera.sample.files import fill, numbers_in, put
from mock_ajera.sample.templates import sample_of, source
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.tenant import Tenant
from tests import crew_sheets
from tests.crew_sheets import SHEET, TOKEN

NEW = "2017-12-06 14:46:06.873 GMT-08:00"
ALL = [*METHODS.values(), *crew_sheets.METHODS]


@pytest.fixture(scope="module")
def firm():
    """The sample firm with the kinds of the test family."""
    specs = kind_specs([*RECORDS.values(), *crew_sheets.RECORDS], ALL)
    with closing(Tenant(SqliteStore.in_memory(), specs, seed=b"crews")) as tenant:
        fill(tenant, sample_of(source("sample")))
        return tenant.snapshot()


@pytest.fixture
def crews(ajera, firm, monkeypatch):
    """The sample firm on a server that has the test family too."""
    monkeypatch.setattr("mock_ajera.api.authorize.METHODS", Register(ALL))
    monkeypatch.setattr("mock_ajera.served_tenant.METHOD_NAMES", tuple(Register(ALL)))
    ajera.tenant.restore(firm)
    return ajera


def sheet(**members: Any) -> dict[str, Any]:
    return {"Sheet Key": -1, "Employee Key": 3, "LastModifiedDate": NEW} | members


def create(crews, version=1, **members):
    """Create a sheet and return it as Get prints it."""
    body = sheet(**members)
    if version == 1:
        content = crews.content("UpdateCrewSheets", {"UpdatedCrewSheets": [body], "UnchangedCrewSheets": []})
        key = content["CrewSheets"][0]["Sheet Key"]
    else:
        del body["LastModifiedDate"]
        (key,) = crews.content("UpdateCrewSheets", {"Sheets": [body]}, version=2)["Written"]
    return get(crews, key, version)


def get(crews, key, version=1):
    (found,) = crews.content("GetCrewSheets", {"RequestedCrewSheets": [key]}, version=version)["CrewSheets"]
    return found


def send(crews, version, updated, baseline=None):
    """Send one record as an Update of a version and return the envelope."""
    if version == 2:
        return crews.call("UpdateCrewSheets", {"Sheets": [updated]}, version=2)
    return crews.call("UpdateCrewSheets", {"UpdatedCrewSheets": [updated], "UnchangedCrewSheets": [baseline or {}]})


def reason(crews):
    (found,) = crews.journal.last("UpdateCrewSheets").reasons
    return found.path, found.rule


both = pytest.mark.parametrize("version", [1, 2])


@both
def test_a_record_is_created_with_every_form(crews, version):
    made = create(
        crews,
        version,
        Overhead={"Detail": [{"Activity Key": 1, "D1 Regular": 4, "D2 Regular": 3.5}]},
        Projects=[{"IsNewRow": True, "Project Key": 14, "D1 Regular": 4, "D1 Notes": "Site"}],
    )
    assert made["Sheet Key"] > 0
    assert made["Overhead"]["Totals"] == {"Regular": 7.5}
    (overhead,) = made["Overhead"]["Detail"]
    assert (overhead["Activity Key"], overhead["D2 Regular"], overhead["D7 Regular"]) == (1, 3.5, 0)
    assert overhead["Activity Description"] == "Design"
    (row,) = made["Projects"]
    assert row["Row Key"] > 0
    assert (row["Project Key"], row["D1 Regular"], row["D1 Notes"]) == (14, 4, "Site")
    assert not {"IsNewRow", "D7 Regular"} & row.keys()


@both
def test_rows_are_merged_by_reference_and_by_key(crews, version):
    made = create(
        crews,
        version,
        Overhead={"Detail": [{"Activity Key": 1, "D1 Regular": 4}]},
        Projects=[{"IsNewRow": True, "Project Key": 14, "D1 Regular": 4}],
    )
    changed = made | {
        "Overhead": {"Detail": [{"Activity Key": 2, "D3 Regular": 1}, {"Activity Key": 1, "D2 Regular": 2}]},
        "Projects": [
            {"Row Key": made["Projects"][0]["Row Key"], "D1 Notes": "Late"},
            {"IsNewRow": True, "Project Key": 1},
        ],
    }
    assert send(crews, version, changed, made)["Message"] == "Success"
    now = get(crews, made["Sheet Key"], version)
    rows = {row["Activity Key"]: row for row in now["Overhead"]["Detail"]}
    assert (rows[1]["D1 Regular"], rows[1]["D2 Regular"], rows[2]["D3 Regular"]) == (4, 2, 1)
    first, second = now["Projects"]
    assert (first["D1 Regular"], first["D1 Notes"], second["Project Key"]) == (4, "Late", 1)


@both
def test_a_stale_baseline_is_refused(crews, version):
    made = create(crews, version)
    assert send(crews, version, made | {"Sheet Text": "first"}, made)["Message"] == "Success"
    before = crews.tenant.fingerprint()
    assert send(crews, version, made | {"Sheet Text": "second"}, made)["Errors"]
    assert reason(crews) == (
        ("Sheets[0].UnchangedData", "baseline")
        if version == 2
        else ("UpdatedCrewSheets[0].LastModifiedDate", "stale-stamp")
    )
    assert crews.tenant.fingerprint() == before


@both
def test_a_record_is_deleted_unless_its_baseline_is_stale(crews, version):
    made = create(crews, version)
    if version == 1:
        gone = {"Sheet Key": made["Sheet Key"], "Delete": True, "LastModifiedDate": made["LastModifiedDate"]}
        stale = gone | {"LastModifiedDate": NEW}
    else:
        gone = {"Sheet Key": made["Sheet Key"], "Delete": True, TOKEN: made[TOKEN]}
        stale = gone | {TOKEN: "x"}
    assert send(crews, version, stale, made)["Errors"]
    assert send(crews, version, gone, made)["Message"] == "Success"
    assert crews.content("ListCrewSheets")["CrewSheets"] == []


def test_a_missing_token_is_refused(crews):
    made = create(crews, 2)
    del made[TOKEN]
    assert send(crews, 2, made)["Errors"]
    assert reason(crews) == ("Sheets[0].UnchangedData", "baseline")


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"Sheet Text": "x" * 11}, "Sheet Text"),
        ({"Employee Key": 999}, "Employee Key"),
        ({"Overhead": {"Detail": [{"Activity Key": 1, "D2 Regular": "x"}]}}, "Overhead.Detail[0].D2 Regular"),
        ({"Overhead": {"Detail": [{"Activity Key": 999}]}}, "Overhead.Detail[0].Activity Key"),
        ({"Overhead": {"Detail": [{"D1 Regular": 1}]}}, "Overhead.Detail[0].Activity Key"),
        ({"Overhead": {"Nope": 1}}, "Overhead.Nope"),
        ({"Overhead": 5}, "Overhead"),
        ({"Projects": [{"IsNewRow": True}]}, "Projects[0].Project Key"),
        ({"Projects": [{"Project Key": 14}]}, "Projects[0].Row Key"),
        ({"Projects": [{"Row Key": 77, "Project Key": 14}]}, "Projects[0].Row Key"),
        ({"SheetText": "x"}, "SheetText"),
    ],
)
@both
def test_a_refusal_has_the_path_on_the_wire(crews, version, members, path):
    body = sheet(**members)
    if version == 2:
        del body["LastModifiedDate"]
    before = crews.tenant.fingerprint()
    assert send(crews, version, body)["Errors"]
    assert crews.journal.last().reasons[0].path == f"{'Sheets' if version == 2 else 'UpdatedCrewSheets'}[0].{path}"
    assert crews.tenant.fingerprint() == before


def test_what_a_user_sees_never_reaches_another_user(crews):
    """Records that depend on the user are cached for each user."""
    made = create(crews)
    user = crews.tenant.users[crews.username]
    for employee in (3, 4, 3, None, 3):
        crews.tenant.users.put(replace(user, authorizing_employee=employee))
        assert get(crews, made["Sheet Key"])["Is Mine"] is (employee == 3)


def test_a_filter_looks_through_a_reference(crews):
    name = crews.content("GetEmployees", {"RequestedEmployees": [3]})["Employees"][0]["LastName"]
    made = create(crews)
    create(crews, **{"Employee Key": 4})
    listed = crews.content("ListCrewSheets", {"FilterByNameLike": name[1:]}, version=2)["CrewSheets"]
    assert listed == [{"Sheet Key": made["Sheet Key"], "Employee": 3}]


def test_a_referenced_record_is_protected(crews):
    """A family that is added protects what it refers to without a word elsewhere."""
    create(crews, Projects=[{"IsNewRow": True, "Project Key": 41}])
    (project,) = crews.content("GetProjects", {"RequestedProjects": [41]})["Projects"]
    gone = {"ProjectKey": 41, "LastModifiedDate": project["LastModifiedDate"], "Delete": True}
    answer = crews.call("UpdateProjects", {"UpdatedProjects": [gone], "UnchangedProjects": [project]})
    assert answer["Errors"]
    assert "CrewSheet 1 refers to it: Projects[0].ProjectKey" in [each.text for each in crews.journal.last().reasons]


def test_files_have_the_names_of_the_wire(crews, monkeypatch):
    """An exported record loads again and is the same; a row has its key in the numbers of its sequence."""
    create(
        crews,
        Overhead={"Detail": [{"Activity Key": 1, "D1 Regular": 4}]},
        Projects=[{"IsNewRow": True, "Project Key": 1}],
    )
    row = crews.tenant.row("CrewSheet", 1)
    exported = SHEET.export(crews.tenant.body(row), defaults=False)
    assert exported["Overhead"] == {"Detail": [{"Activity Key": 1, "D1 Regular": 4}]}
    assert set(numbers_in(SHEET, exported, wire=True)) == {("CrewSheet", 1), ("CrewRow", 1)}
    monkeypatch.setitem(RECORDS, "CrewSheet", SHEET)
    put(crews.tenant, "CrewSheet", exported)
    assert crews.tenant.row("CrewSheet", 1).body == row.body
