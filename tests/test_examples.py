"""The example programs, each in small stories."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from checkout import ROOT
from client import STAMP
from programs import EXAMPLES, Programs, Run
from records import read_one, written

from mock_ajera import MockAjera
from mock_ajera.tenants.journal import Entry, Reason

WHARF, YARD, BREWERY = 1, 32, 298
"""Keys of projects of the sample firm."""


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    """Return a folder and a firm of its own."""
    with MockAjera(freeze="2026-03-02T14:00:00Z") as ajera:
        yield Programs(ajera, tmp_path)


def change(ajera: MockAjera, noun: str, key: int, **changes: Any) -> None:
    """Change a record as another user would."""
    record = read_one(ajera, noun, key)
    written(ajera, noun, record | changes, record)


def new_project(name: str) -> dict[str, Any]:
    """Return a project to be created."""
    new = {"LastModifiedDate": STAMP, "Contacts": [], "BillingType": "TimeAndExpense"}
    group = {
        "InvoiceGroupKey": -2,
        "Description": "Design",
        "InvoiceFormatKey": 1,
        "Client": {"ClientKey": 3},
        "Phases": [new | {"PhaseKey": -3, "Description": "Design"}],
    }
    return new | {"ProjectKey": -1, "Description": name, "CompanyKey": 1, "InvoiceGroups": [group]}


def test_every_example_is_on_the_page():
    page = (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")
    assert [file.name for file in EXAMPLES.glob("*.py") if f"(../examples/{file.name})" not in page] == []


# Link an account.


@pytest.mark.parametrize(
    ("part", "other", "explanation"),
    [
        ("", "", "Linked with Fennimore Quay Architects & Engineers (Ajera 10.30).\n"),
        ("AJERA_API_USERNAME", "odile", "The user name or the password is wrong. Use an API user, not"),
        ("AJERA_API_PASSWORD", "Wrong_4jera", "The user name or the password is wrong. Use an API user, not"),
        ("AJERA_API_URL", "http://127.0.0.1:1/AjeraAPI.ashx?x", "There is no server at this URL. Copy the API URL"),
        ("AJERA_API_URL", "AjeraAPI.ashx", "There is no server at this URL. Copy the API URL"),
        ("AJERA_API_URL", "{root}/V000001/Ajera.ashx?x", "The server returns HTTP status 404. Copy the API URL"),
        ("AJERA_API_URL", "{root}/V000001/AjeraAPI.ashx", "Ajera refuses the URL (The database could not be found.)"),
    ],
)
def test_link_explains_what_is_wrong(programs, part, other, explanation):
    root = programs.ajera.control_url.removesuffix("/_mock")
    run = programs.run("link_account.py", **({part: other.format(root=root)} if part else {}))
    assert (run.code, explanation in run.printed + run.errors) == (1 if part else 0, True)


def test_link_names_missing_permissions(programs):
    users = programs.ajera.tenant.users
    users.put(replace(users["integrator"], cleared=("ListContacts", "GetProjects")))
    run = programs.run("link_account.py")
    assert run.code == 1
    assert "The API user may not call GetProjects, ListContacts." in run.errors


def test_link_needs_three_settings(programs):
    run = programs.run("link_account.py", AJERA_API_PASSWORD="")
    assert run == Run(1, "", "set AJERA_API_URL, AJERA_API_USERNAME and AJERA_API_PASSWORD")


# Import projects.


def imported(programs: Programs, *options: str) -> list[str]:
    """Run the import and return the lines that it prints, without the last one."""
    run = programs.run("import_projects.py", *options)
    assert (run.code, run.errors) == (0, "")
    return run.printed.splitlines()[:-1]


def test_first_import_copies_projects_with_their_contacts(programs):
    run = programs.run("import_projects.py")
    assert run.printed == "60 projects with 27 contacts\n"
    copies = programs.read("projects.json")
    assert copies["projects"]["1"] == {
        "number": "2024-017",
        "name": "Saltmeadow Wharf Offices",
        "status": "Active",
        "manager": "Mireille Tarkington",
        "company": "Fennimore Quay Architecture, P.C.",
        "clients": ["Saltmeadow Development Group"],
        "contacts": [1],
    }
    assert copies["contacts"]["1"]["email"] == "rferrier@saltmeadow.example"


def test_daily_import_reads_only_what_has_changed(programs):
    imported(programs)
    programs.ajera.clock.advance(timedelta(days=1))
    change(programs.ajera, "Projects", WHARF, Description="Saltmeadow Lofts", ProjectManager={"EmployeeKey": 2})
    change(programs.ajera, "Projects", YARD, Status="Closed")
    change(programs.ajera, "Contacts", 1, Email="rosalind@saltmeadow.example")
    assert imported(programs) == [
        "changed  Saltmeadow Wharf Offices: name Saltmeadow Wharf Offices -> Saltmeadow Lofts",
        "changed  Saltmeadow Wharf Offices: manager Mireille Tarkington -> Tobias Renn Halloway",
        "changed  Quarrystone yard, first sketches: status Preliminary -> Closed",
        "changed  Rosalind Jane Ferrier: email rferrier@saltmeadow.example -> rosalind@saltmeadow.example",
    ]
    read = [record for entry in programs.calls[-1] if entry.method == "GetProjects" for record in entry.records]
    assert 0 < len(read) < 10


def test_daily_import_adds_new_and_removes_deleted_projects(programs):
    imported(programs)
    (made,) = written(programs.ajera, "Projects", new_project("Mill Race"))
    assert imported(programs) == ["new      Mill Race"]
    gone = read_one(programs.ajera, "Projects", made["ProjectKey"])
    written(programs.ajera, "Projects", {**gone, "Delete": True}, gone)
    assert imported(programs) == ["deleted  Mill Race"]
    assert imported(programs) == []
    assert len(programs.read("projects.json")["projects"]) == 60


def test_only_a_full_import_finds_a_renamed_client_and_company(programs):
    """Renaming a client or a company does not change the stamp of its projects."""
    imported(programs)
    programs.ajera.clock.advance(timedelta(days=1))
    change(programs.ajera, "Clients", 8, Description="Quarrystone Freight")
    (company,) = [row for row in programs.ajera.content("ListCompanies")["Companies"] if row["CompanyKey"] == 2]
    programs.ajera.put_record("Company", company | {"Description": "Fennimore Quay Engineers"})
    assert imported(programs) == []
    lines = imported(programs, "--full")
    assert "changed  Quarrystone Distribution Center: clients Quarrystone Logistics -> Quarrystone Freight" in lines
    assert any(line.endswith("Fennimore Quay Engineers") for line in lines)
    assert imported(programs, "--full") == []


def test_a_failed_import_changes_nothing(programs):
    imported(programs)
    before = programs.read("projects.json")
    change(programs.ajera, "Projects", WHARF, Description="Saltmeadow Lofts")
    run = programs.run("import_projects.py", AJERA_API_PASSWORD="Wrong_4jera")
    assert (run.code, run.errors) == (1, "import_projects: CreateAPISession: Unable to authenticate user\n")
    assert programs.read("projects.json") == before
    assert len(imported(programs)) == 1


# Sync jobs.

MIREILLE, TOBIAS, DANIEL = 3, 2, 19
"""Keys of employees who may manage projects."""
EVERYTHING: dict[str, Any] = {"template": "Feasibility Study", "client": "Village of Marrow Creek"}
"""Preferences that switch on everything that is on by default."""


def address(name: str) -> str:
    return f"{name}@fennimorequay.example"


def prepare(programs: Programs, *jobs: dict[str, Any], users: list[str] | None = None, **preferences: Any) -> None:
    """Write the jobs of the service and the preferences. By default, three employees are users."""
    known = [address(name) for name in ("mireille.tarkington", "tobias.halloway", "daniel.perry")]
    rows = [{"id": number, "manager": "", "team": []} | job for number, job in enumerate(jobs, 1)]
    programs.write("jobs.json", {"users": known if users is None else users, "jobs": rows})
    programs.write("preferences.json", EVERYTHING | preferences)


def synced(programs: Programs, code: int = 0) -> list[str]:
    """Run the sync and return the lines that it prints."""
    run = programs.run("sync_jobs.py", "preferences.json")
    assert (run.code, run.errors) == (code, "")
    return [" ".join(line.split()) for line in run.printed.splitlines()]


def jobs(programs: Programs) -> dict[str, dict[str, Any]]:
    """Return the jobs by name."""
    return {job["name"]: job for job in programs.read("jobs.json")["jobs"]}


def project(programs: Programs, name: str) -> dict[str, Any]:
    """Return the project with a name."""
    (row,) = programs.ajera.content("ListProjects", {"FilterByDescriptionEquals": name})["Projects"]
    return read_one(programs.ajera, "Projects", row["ProjectKey"])


def test_sync_creates_in_both_directions(programs):
    prepare(programs, {"name": "Boat Shed", "manager": address("daniel.perry")})
    lines = synced(programs)
    assert "created job Saltmeadow Wharf Offices" in lines
    assert "created project Boat Shed" in lines
    assert jobs(programs)["Saltmeadow Wharf Offices"]["manager"] == address("mireille.tarkington")
    made = project(programs, "Boat Shed")
    assert (made["ProjectManager"]["EmployeeKey"], made["SyncToCRM"], made["ProjectTypeKey"]) == (DANIEL, True, 10)
    assert [phase["Description"] for phase in made["InvoiceGroups"][0]["Phases"]] == ["Investigation", "Report"]
    assert synced(programs) == []


@pytest.mark.parametrize(
    ("preferences", "kinds"),
    [
        ({"create_jobs": False}, {"project"}),
        ({"create_projects": False}, {"job"}),
        ({"create_jobs": False, "create_projects": False}, set()),
    ],
)
def test_preferences_switch_creation_off(programs, preferences, kinds):
    prepare(programs, {"name": "Boat Shed"}, **preferences)
    assert {line.split()[1] for line in synced(programs)} == kinds


def test_sync_creates_no_job_for_closed_or_unmarked_projects(programs):
    prepare(programs)
    synced(programs)
    assert {"Ironworks Wharf Condition Assessment", "Marrow Creek Village Hall"} & jobs(programs).keys() == set()


def test_first_run_links_equal_names_in_any_case(programs):
    """Ajera's values replace those of the job, except for a manager that the project does not have."""
    own = {"manager": address("daniel.perry"), "team": [address("daniel.perry")]}
    prepare(programs, {"name": "SALTMEADOW wharf offices"}, {"name": "Whitcombe Brewery"} | own, create_jobs=False)
    change(
        programs.ajera,
        "Projects",
        298,
        ProjectManager=read_one(programs.ajera, "Projects", BREWERY)["ProjectManager"] | {"Delete": True},
    )
    assert synced(programs) == [
        "linked Saltmeadow Wharf Offices",
        "linked Whitcombe Brewery",
        "changed job Saltmeadow Wharf Offices: name",
        "changed job Saltmeadow Wharf Offices: manager",
        "changed project Whitcombe Brewery: ProjectManager",
    ]
    assert project(programs, "Whitcombe Brewery")["ProjectManager"]["EmployeeKey"] == DANIEL


def test_name_that_occurs_twice_is_not_linked(programs):
    prepare(programs, {"name": "Saltmeadow Wharf Offices"}, {"name": "Saltmeadow wharf offices"}, create_jobs=False)
    assert synced(programs) == [
        "skipped Saltmeadow Wharf Offices: several projects or jobs have this name",
        "skipped Saltmeadow Wharf Offices: the name exists on the other side",
        "skipped Saltmeadow wharf offices: the name exists on the other side",
    ]


def test_later_runs_create_nothing_whose_name_exists(programs):
    prepare(programs, create_jobs=False)
    synced(programs)
    programs.run("job_service.py", "add", "Marrow Creek VILLAGE Hall")
    assert synced(programs) == ["skipped Marrow Creek VILLAGE Hall: the name exists on the other side"]


def test_a_run_creates_at_most_so_many(programs):
    prepare(programs, {"name": "Boat Shed"}, {"name": "Boat House"}, create_jobs=False, most_per_run=1)
    assert synced(programs) == ["1 more to create in later runs", "created project Boat Shed"]
    assert synced(programs) == ["created project Boat House"]
    assert synced(programs) == []


def test_refused_project_is_skipped(programs):
    """A later run tries it again, and the other records are created."""
    prepare(programs, {"name": "Boat Shed " * 9}, {"name": "Boat House"}, create_jobs=False)
    lines = synced(programs, code=1)
    assert lines[0].startswith("skipped Boat Shed")
    assert lines[1:] == ["created project Boat House"]
    assert len(synced(programs, code=1)) == 1


def test_people_are_matched_by_address(programs):
    """Case does not count. Missing and doubled addresses are reported, unless the preferences name the employee."""
    change(programs.ajera, "Employees", 13, Email=address("john.clayton"))
    change(programs.ajera, "Employees", MIREILLE, Email="MIREILLE.tarkington@fennimorequay.example")
    users = ["Mireille.TARKINGTON@FennimoreQuay.example", address("john.clayton"), "odile@home.example"]
    users += [address("daniel.perry"), address("Daniel.Perry"), "tobias@home.example"]
    prepare(programs, users=users, people={"tobias@home.example": TOBIAS}, create_jobs=False)
    assert synced(programs) == [
        "skipped john.clayton@fennimorequay.example: several users or active employees have this address",
        "skipped odile@home.example: no active employee has this address",
        "skipped daniel.perry@fennimorequay.example: several users or active employees have this address",
    ]
    change(programs.ajera, "Projects", WHARF, ProjectManager={"EmployeeKey": TOBIAS})
    prepare(programs, users=users, people={"tobias@home.example": TOBIAS})
    synced(programs)
    assert jobs(programs)["Saltmeadow Wharf Offices"]["manager"] == "tobias@home.example"
    assert jobs(programs)["Whitcombe Brewery"]["manager"] == users[0]


@pytest.mark.parametrize("remove_former", [False, True])
def test_reassigned_project_reassigns_the_job(programs, remove_former):
    """The former manager leaves the team if the preferences say so."""
    prepare(programs, remove_former_manager=remove_former)
    synced(programs)
    change(programs.ajera, "Projects", WHARF, ProjectManager={"EmployeeKey": TOBIAS})
    assert synced(programs) == ["changed job Saltmeadow Wharf Offices: manager"]
    job = jobs(programs)["Saltmeadow Wharf Offices"]
    former = [] if remove_former else [address("mireille.tarkington")]
    assert (job["manager"], job["team"]) == (address("tobias.halloway"), [*former, address("tobias.halloway")])


def test_reassigned_job_reassigns_the_project(programs):
    """A job without a manager clears that of the project."""
    prepare(programs, {"name": "Saltmeadow Wharf Offices", "manager": address("mireille.tarkington")})
    synced(programs)
    programs.run("job_service.py", "assign", "1", address("daniel.perry"))
    assert synced(programs) == ["changed project Saltmeadow Wharf Offices: ProjectManager"]
    assert project(programs, "Saltmeadow Wharf Offices")["ProjectManager"]["EmployeeKey"] == DANIEL
    programs.run("job_service.py", "assign", "1")
    assert synced(programs) == ["changed project Saltmeadow Wharf Offices: ProjectManager"]
    assert project(programs, "Saltmeadow Wharf Offices")["ProjectManager"] is None
    assert synced(programs) == []


def test_managers_stay_as_they_are_without_the_preference(programs):
    prepare(programs, reassign=False)
    synced(programs)
    change(programs.ajera, "Projects", WHARF, ProjectManager={"EmployeeKey": TOBIAS})
    assert synced(programs) == []
    assert jobs(programs)["Saltmeadow Wharf Offices"]["manager"] == address("mireille.tarkington")


def test_manager_without_a_match_is_skipped(programs):
    prepare(programs, {"name": "Saltmeadow Wharf Offices", "manager": address("mireille.tarkington")})
    synced(programs)
    programs.run("job_service.py", "assign", "1", "stranger@home.example")
    assert synced(programs) == ["skipped Saltmeadow Wharf Offices: stranger@home.example is not an employee in Ajera"]
    programs.run("job_service.py", "assign", "1", address("mireille.tarkington"))
    change(programs.ajera, "Projects", WHARF, ProjectManager={"EmployeeKey": 13})
    assert synced(programs) == [
        "skipped Saltmeadow Wharf Offices: its manager in Ajera is not a user of the job service"
    ]


def test_renamed_records_are_renamed_on_the_other_side(programs):
    """If both sides have changed, the name in Ajera is kept."""
    prepare(programs, {"name": "Saltmeadow Wharf Offices", "manager": address("mireille.tarkington")})
    synced(programs)
    programs.run("job_service.py", "rename", "1", "Wharf")
    assert synced(programs) == ["changed project Wharf: Description"]
    programs.run("job_service.py", "rename", "1", "Wharf 2")
    change(programs.ajera, "Projects", WHARF, Description="Wharf 3")
    assert synced(programs) == ["changed job Wharf 3: name"]


def test_deleted_records_end_their_links(programs):
    """The record on the other side is kept, and the deleted one is not created again."""
    prepare(programs, {"name": "Boat Shed"}, {"name": "Boat House"}, create_jobs=False)
    synced(programs)
    gone = project(programs, "Boat Shed")
    written(programs.ajera, "Projects", {**gone, "Delete": True}, gone)
    assert synced(programs) == ["ended Boat Shed"]
    stored = programs.read("jobs.json")
    programs.write("jobs.json", stored | {"jobs": stored["jobs"][:1]})
    programs.write("preferences.json", EVERYTHING | {"most_per_run": 50})
    assert synced(programs)[0] == "ended Boat House"
    assert {"Boat Shed", "Saltmeadow Residence"} <= jobs(programs).keys()
    assert "Boat House" not in jobs(programs)
    assert synced(programs) == []


# Create projects from a sheet.

WRONG_SHAPE = Reason("Project", "shape", "an object is expected", "project.v2-wrong-shape")
SHEET = """ID,Name,Client,Company,Rate table,Billing type,Manager,Start,Phases
S-1,Library,Saltmeadow Development Group,"Fennimore Quay Architecture, P.C.",Standard Billing Rates,FixedFee,{},,A; B
S-2,Pavilion,saltmeadow development group,"Fennimore Quay Architecture, P.C.",Standard Billing Rates,TimeAndExpense,,,A
"""


def created(programs: Programs, sheet: str) -> Run:
    """Run the program with a sheet."""
    (programs.folder / "sheet.csv").write_text(sheet, encoding="utf-8")
    return programs.run("create_projects.py", "sheet.csv")


def test_projects_of_a_sheet_are_created_once(programs):
    run = created(programs, SHEET.format("Odile Marchetti"))
    assert (run.code, [line[:12] for line in run.printed.splitlines()]) == (0, ["created  S-1", "created  S-2"])
    (row,) = programs.ajera.content("ListProjects", {"FilterByIDLike": "S-1"})["Projects"]
    project = read_one(programs.ajera, "Projects", row["ProjectKey"])
    assert [phase["Description"] for phase in project["InvoiceGroups"][0]["Phases"]] == ["A", "B"]
    assert project["ProjectManager"]["EmployeeKey"] == 1
    again = programs.run("create_projects.py", "sheet.csv")
    assert (again.code, again.printed) == (0, "exists   S-1\nexists   S-2\n")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("Library", "", "a name and at least one phase are required"),
        ("A; B", " ; ", "a name and at least one phase are required"),
        ("{}", "Nobody Known", "Manager: there is no 'Nobody Known'"),
        ("Saltmeadow", "Brackish", "Client: there is no 'Brackish Development Group'"),
        ("FixedFee", "Barter", "CreateProjects: One or more properties contain invalid data"),
    ],
)
def test_row_that_cannot_be_created_is_reported(programs, old, new, why):
    """The other rows are created."""
    run = created(programs, SHEET.replace(old, new, 1).replace("{}", ""))
    assert (run.code, run.printed.splitlines()[0]) == (1, f"failed   S-1: {why}")
    assert run.printed.splitlines()[1].startswith("created  S-2")


def test_row_without_an_id_is_reported(programs):
    """It cannot be compared with the projects in Ajera, of which some have no ID either."""
    run = created(programs, SHEET.replace("S-1", "").replace("{}", ""))
    assert (run.code, run.printed.splitlines()[0]) == (
        1,
        "failed   Library: ID: it is required to find out whether Ajera has the project",
    )
    assert run.printed.splitlines()[1].startswith("created  S-2")


def test_success_that_creates_nothing_is_a_failure(programs, monkeypatch):
    """The program does not trust a success without a key."""
    monkeypatch.setattr("mock_ajera.api.families.projects.creating._wrong_shape", lambda arguments: [WRONG_SHAPE])
    run = created(programs, SHEET.replace("{}", ""))
    assert (run.code, run.printed.splitlines()[0]) == (
        1,
        "failed   S-1: Ajera reports a success but has created nothing",
    )


def test_sheet_without_a_column_is_refused(programs):
    run = created(programs, "ID,Name\nS-1,Library\n")
    assert (run.code, run.errors.startswith("sheet.csv: the sheet has no column Client, Company")) == (1, True)


def test_a_file_that_cannot_be_read_is_refused(programs):
    for program in ("create_projects.py", "enter_invoices.py", "sync_jobs.py"):
        run = programs.run(program, "nowhere.csv")
        assert (run.code, run.errors) == (1, "nowhere.csv: No such file or directory")
    for text in ("{", '{"creat_jobs": true}'):
        (programs.folder / "preferences.json").write_text(text)
        run = programs.run("sync_jobs.py", "preferences.json")
        assert (run.code, run.errors.startswith("preferences.json: these are no preferences: ")) == (1, True)


# Audit timesheets.

WEEK = "2026-02-22"
"""The end of a week of the sample firm, whose weeks start on Monday."""


def audited(programs: Programs, *words: str, **variables: str) -> dict[str, list[str]]:
    """Run the audit and return what it prints, by employee. The first line of each is the hours, if there are any."""
    run = programs.run("audit_timesheets.py", *words, **variables)
    assert (run.code, run.errors) == (0, "")
    lines = run.printed.splitlines()[1:]
    starts = [number for number, line in enumerate(lines) if not line.startswith(" ")]
    found = {}
    for start, end in pairwise([*starts, len(lines)]):
        hours = " ".join(lines[start][30:].split())
        found[lines[start][:30].strip()] = [hours] * bool(hours) + [line.strip() for line in lines[start + 1 : end]]
    return found


def new_timesheet(programs: Programs, employee: int, day: str, *rows: dict[str, Any]) -> int:
    """Create a timesheet with rows of projects, and return its key."""
    ajera, new = programs.ajera, {"EmployeeKey": employee, "TimesheetDate": day}
    (sheet,) = ajera.content("CreateTimesheet", {"Timesheet": new}, version=2)["Timesheets"]
    edit = {"TimesheetKey": sheet["TimesheetKey"], "UnchangedData": sheet["UnchangedData"], "UpdatedOverheads": []}
    edit["UpdatedProjects"] = [{"IsNewRow": True, **row} for row in rows]
    if rows:
        ajera.content("UpdateTimesheets", {"Timesheets": [edit]}, version=2)
    return int(sheet["TimesheetKey"])


def hire(programs: Programs, **members: Any) -> int:
    """Create an employee named Ada Quay, and return the key."""
    new = {"EmployeeKey": -1, "LastModifiedDate": STAMP, "FirstName": "Ada", "LastName": "Quay", "EmployeeTypeKey": 1}
    (made,) = written(programs.ajera, "Employees", new | {"CompanyKey": 1} | members)
    return int(made["EmployeeKey"])


def test_audit_shows_the_hours_of_each_day(programs):
    found = audited(programs, WEEK)
    assert found["Wendell Castellane"] == ["8 8 10.5 8 8 - - 42.5"]
    assert found["Odile Marchetti"] == ["8 7.5 8 8 8 - - 39.5", "only overhead on Mon: Holiday"]


def test_audit_counts_overtime(programs):
    row = {"Timesheet Project Key": 900, "Project Key": WHARF, "Phase Key": 4, "Activity Key": 1}
    row |= {"D1 Regular": 8, "D1 Overtime": 2.5, "D7 Overtime": 1}
    sheet = {"TimesheetKey": 900, "TimesheetDate": WEEK, "EmployeeKey": hire(programs), "Projects": [row]}
    programs.ajera.put_record("Timesheet", sheet)
    assert audited(programs, WEEK)["Ada Quay"][0] == "10.5 - - - - - 1 11.5"


def test_audit_names_timesheets_that_are_not_submitted_or_missing(programs):
    found = audited(programs, "2026-03-01")
    assert "not submitted" in found["Dale Anderson"]
    assert "rejected" in found["Priscilla Dunmore"]
    assert "not submitted" not in [*found["Priscilla Dunmore"], *found["Andrew Braun"]]
    missing = [name for name, lines in found.items() if lines == ["no timesheet"]]
    assert missing == ["Tobias Halloway", "Wendell Castellane", "Leopold Nakamura-Brandt", "Natasha Bell"]


@pytest.mark.parametrize(("hired", "misses"), [("2026-02-22", True), ("2026-02-23", False)])
def test_audit_expects_no_timesheet_before_the_first_day(programs, hired, misses):
    hire(programs, DateHired=hired)
    assert ("Ada Quay" in audited(programs, WEEK)) is misses


@pytest.mark.parametrize("name", ["DateHired", "DateRehired"])
def test_audit_expects_hours_from_the_first_day(programs, name):
    hired = {"DateHired": "2019-01-07"} | {name: "2026-02-18"}
    new_timesheet(programs, hire(programs, **hired), WEEK)
    assert "no hours on Wed, Thu, Fri" in audited(programs, WEEK)["Ada Quay"]


@pytest.mark.parametrize(("company", "days"), [(1, "Mon, Tue, Wed, Thu"), (2, "Mon, Tue, Thu")])
def test_audit_expects_hours_on_workdays(programs, company, days):
    """Friday is a day off of the firm, Wednesday of one company only."""
    programs.ajera.put_record("NonWorkDay", {"NonWorkDayKey": 900, "Date": "2026-02-20"})
    programs.ajera.put_record("NonWorkDay", {"NonWorkDayKey": 901, "Date": "2026-02-18", "CompanyKey": 2})
    new_timesheet(programs, hire(programs, CompanyKey=company), WEEK)
    assert f"no hours on {days}" in audited(programs, WEEK)["Ada Quay"]


def test_audit_names_hours_without_a_note(programs):
    """Only phases that require notes are reported, on days with hours."""
    charged = {"Project Key": WHARF, "Activity Key": 1}
    with_note = {"D1 Regular": 8, "D1 Notes": "Sections", "D2 Regular": 4}
    new_timesheet(programs, hire(programs), WEEK, charged | {"Phase Key": 4} | with_note)
    assert not any("no note" in line for lines in audited(programs, WEEK).values() for line in lines)
    wharf = read_one(programs.ajera, "Projects", WHARF)
    changed = deepcopy(wharf)
    for phase in changed["InvoiceGroups"][0]["Phases"]:
        phase["RequireTimesheetNotes"] = True
    written(programs.ajera, "Projects", changed, wharf)
    lines = audited(programs, WEEK)["Ada Quay"]
    assert "no note on Tue: 2024-017 Saltmeadow Wharf Offices, Construction Documents" in lines


def test_audit_names_hours_without_the_note_that_a_project_requires(programs):
    row = {"Project Key": WHARF, "Activity Key": 1, "Phase Key": 4, "D2 Regular": 4}
    new_timesheet(programs, hire(programs), WEEK, row)
    change(programs.ajera, "Projects", WHARF, RequireTimesheetNotes=True)
    lines = audited(programs, WEEK)["Ada Quay"]
    assert "no note on Tue: 2024-017 Saltmeadow Wharf Offices, Construction Documents" in lines


def test_audit_reports_a_note_of_spaces(programs):
    wharf = read_one(programs.ajera, "Projects", WHARF)
    changed = deepcopy(wharf)
    for phase in changed["InvoiceGroups"][0]["Phases"]:
        phase["RequireTimesheetNotes"] = True
    written(programs.ajera, "Projects", changed, wharf)
    sheet = {"TimesheetKey": 1000, "TimesheetDate": WEEK, "EmployeeKey": 10, "Overheads": []}
    row = {"Timesheet Project Key": 1000, "Project Key": WHARF, "Phase Key": 4, "Activity Key": 1}
    programs.ajera.put_record("Timesheet", sheet | {"Projects": [row | {"D2 Regular": 8, "D2 Notes": "  "}]})
    lines = audited(programs, WEEK)["Leopold Nakamura-Brandt"]
    assert any(line.startswith("no note on Tue") for line in lines)


def test_audit_expects_no_timesheet_before_a_rehire(programs):
    change(programs.ajera, "Employees", 12, DateHired="2019-01-07", DateRehired="2026-03-02")
    assert "Natasha Bell" not in audited(programs, WEEK)


def test_audit_reads_a_week_that_the_list_cuts_off(programs):
    """A list has at most 500 timesheets, so the program asks again by employee."""
    ajera = programs.ajera
    person = {"FirstName": "Ada", "CompanyKey": 1, "EmployeeTypeKey": 1, "Status": "Active"}
    for number in range(1000, 1490):
        ajera.put_record("Employee", person | {"EmployeeKey": number, "LastName": str(number)})
        sheet = {"TimesheetKey": number, "TimesheetDate": WEEK, "EmployeeKey": number}
        ajera.put_record("Timesheet", sheet | {"Overheads": [], "Projects": []})
    found = audited(programs, WEEK)
    assert found["Ada 1000"] == ["- - - - - - - 0", "not submitted", "no hours on Mon, Tue, Wed, Thu, Fri"]
    assert found["Odile Marchetti"][0] == "8 7.5 8 8 8 - - 39.5"
    assert len(found) == 510
    keys = [len(entry.records) for entry in programs.calls[-1] if entry.method == "GetTimesheets"]
    assert (max(keys), sum(keys)) == (10, 508)


def test_audit_takes_the_last_week_by_default(programs):
    run = programs.run("audit_timesheets.py")
    first, last = (date.fromisoformat(word) for word in run.printed.split()[:3:2])
    assert (first.weekday(), last - first) == (0, timedelta(days=6))
    assert timedelta(0) < datetime.now().astimezone().date() - last < timedelta(days=9)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["2026-02-21"], "2026-02-21 is not the end of a week: the weeks of this firm start on Monday"),
        (["soon"], "soon is not a date like 2026-02-22"),
        (["2026-02-22", "2026-03-01"], "python audit_timesheets.py [WEEK_END]"),
    ],
)
def test_audit_refuses_other_days(programs, words, why):
    run = programs.run("audit_timesheets.py", *words)
    assert (run.code, run.printed, why in run.errors) == (1, "", True)


def test_audit_needs_access_to_timesheets(programs):
    change(programs.ajera, "Employees", 1, Status="Inactive")
    run = programs.run("audit_timesheets.py", WEEK)
    assert (run.code, "no access to timesheets" in run.errors) == (1, True)


def test_refused_audit_is_a_failure(programs):
    users = programs.ajera.tenant.users
    users.put(replace(users["integrator"], cleared=("GetTimesheets",)))
    run = programs.run("audit_timesheets.py", WEEK)
    assert (run.code, run.errors) == (1, "audit_timesheets: GetTimesheets: Unauthorized method: GetTimesheets\n")


# Enter vendor invoices.

COPPERLINE = "Copperline Reprographics,C-501,2026-02-26,{company},190.15"
PAPER = f"{COPPERLINE},140.15,,2024-017,Design Development,Large-format Prints,"
LICENSES = f"{COPPERLINE},50.00,6410,,,,License"
POWER = "Marrow Creek Power & Light,88-2,2026-02-27,{company},204.00,204.00,6320,,,,"


def entered(programs: Programs, *rows: str) -> Run:
    """Run the program with a sheet of these rows."""
    columns = "Vendor,Number,Date,Company,Total,Amount,Account,Project,Phase,Activity,Notes"
    lines = [row.format(company='"Fennimore Quay Architecture, P.C."') for row in rows]
    (programs.folder / "invoices.csv").write_text("\n".join([columns, *lines]), encoding="utf-8")
    return programs.run("enter_invoices.py", "invoices.csv")


def invoices(programs: Programs, **filters: Any) -> list[dict[str, Any]]:
    """Return the rows of the list of vendor invoices."""
    return list(programs.ajera.content("ListVendorInvoices", filters, version=2)["VendorInvoices"])


def test_invoices_of_a_sheet_are_entered_once(programs):
    run = entered(programs, PAPER, POWER, LICENSES)
    names = ["Copperline Reprographics C-501", "Marrow Creek Power & Light 88-2"]
    assert (run.code, run.printed.splitlines()) == (
        0,
        [
            f"created  {names[0]}: invoice 263",
            f"created  {names[1]}: invoice 264",
            f"unpaid   {names[0]}",
            f"unpaid   {names[1]}",
        ],
    )
    content = programs.ajera.content("GetVendorInvoices", {"RequestedVendorInvoices": [263]}, version=2)
    (invoice,) = content["VendorInvoices"]
    assert (invoice["VendorKey"], invoice["Date"], invoice["Amount"]) == (2, "2026-02-26", Decimal("190.15"))
    prints, license_ = content["VendorInvoicesDetails"]
    assert (prints["ProjectKey"], prints["PhaseKey"], prints["ActivityKey"]) == (WHARF, 3, 9)
    assert (license_["AccountKey"], license_["CostAmount"], license_["Notes"]) == (32, 50, "License")
    again = programs.run("enter_invoices.py", "invoices.csv")
    assert (again.code, again.printed) == (0, run.printed.replace("created", "exists "))
    assert len(invoices(programs)) == 264


def test_invoices_with_the_same_printed_name_are_both_entered(programs):
    """The number of one vendor begins with the end of the other's name."""
    for key, name in ((9001, "Ace"), (9002, "Ace Print")):
        programs.ajera.put_record("Vendor", {"VendorKey": key, "Name": name})
    rows = [POWER.replace("Marrow Creek Power & Light,88-2", each) for each in ("Ace,Print 7", "Ace Print,7")]
    run = entered(programs, *rows)
    created = [f"created  Ace Print 7: invoice {key}" for key in (263, 264)]
    assert (run.code, run.printed.splitlines()) == (0, [*created, *["unpaid   Ace Print 7"] * 2])
    assert [row["VendorKey"] for row in invoices(programs)[-2:]] == [9001, 9002]


def test_payment_state_is_that_of_the_filters(programs):
    """A paid invoice of the sample is found by its number, in any case."""
    run = entered(programs, POWER.replace("Marrow Creek Power & Light,88-2", "wilson & shea land surveyors,7014"))
    name = "wilson & shea land surveyors 7014"
    assert run.printed.splitlines() == [f"exists   {name}: invoice 251", f"paid     {name}"]


def test_warning_is_printed(programs):
    """A voided invoice with the same number does not prevent the new one."""
    run = entered(programs, POWER.replace("Marrow Creek Power & Light,88-2", "Stillwater Office Supply,13001"))
    assert run.code == 0
    warning, created = run.printed.splitlines()[:2]
    assert warning == "warning  Vendor 13 already has an invoice with the number 13001."
    assert created == "created  Stillwater Office Supply 13001: invoice 263"


def test_an_invoice_of_the_year_before_is_found(programs):
    """Some vendors start their numbers anew each year, so older invoices do not count."""
    older = POWER.replace("Marrow Creek Power & Light,88-2", "Copperline Reprographics,2001")
    run = entered(programs, older.replace("2026-02-27", "2025-02-10"))
    assert run.printed.splitlines()[0] == "exists   Copperline Reprographics 2001: invoice 1"
    run = entered(programs, older.replace("2026-02-27", "2025-02-20"))
    assert run.printed.splitlines()[-2] == "created  Copperline Reprographics 2001: invoice 263"


def test_rows_of_an_invoice_must_be_equal_in_case_too(programs):
    """They are one invoice, not two."""
    run = entered(programs, PAPER, LICENSES.replace("C-501", "c-501"))
    assert (run.code, run.printed) == (
        1,
        "failed   Copperline Reprographics C-501: Number: the rows of the invoice differ\n",
    )


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("140.15", "140.10", "Total: it is 190.15, but the lines add up to 190.10"),
        ("140.15", "140.155", "Amount: '140.155' is not an amount in dollars and cents"),
        ("140.15", "", "Amount: '' is not an amount in dollars and cents"),
        ("190.15", "19.15", "Total: the rows of the invoice differ"),
        ("2026-02-26", "2026-02-30", "Date: the rows of the invoice differ"),
        ("140.15,,", "140.15,6410,", "Account, Project: a line needs one of them"),
        ("2024-017", "", "Account, Project: a line needs one of them"),
        ("2024-017", "2024-999", "Project: there is no '2024-999'"),
        ("Design Development", "Dance", "Phase: there is no 'Dance'"),
        ("Large-format Prints", "", "Activity: there is no ''"),
    ],
)
def test_invoice_with_a_fault_is_not_sent(programs, old, new, why):
    """The others are entered."""
    run = entered(programs, PAPER.replace(old, new, 1), LICENSES, POWER)
    assert (run.code, run.printed.splitlines()[0]) == (1, f"failed   Copperline Reprographics C-501: {why}")
    assert run.printed.splitlines()[1].startswith("created  Marrow Creek Power & Light 88-2")
    assert [entry.method for entry in programs.calls[-1]].count("CreateVendorInvoices") == 1


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("Marrow", "Nobody", " 88-2: Vendor: there is no 'Nobody Creek Power & Light'"),
        ("88-2", "", " : Number: it is required to find out whether Ajera has the invoice"),
        ("2026-02-27", "27 Feb", " 88-2: Date: '27 Feb' is not a date like 2026-02-27"),
        ("6320", "1110", " 88-2: CreateVendorInvoices: One or more properties contain invalid data"),
    ],
)
def test_only_invoice_with_a_fault_is_reported(programs, old, new, why):
    run = entered(programs, POWER.replace(old, new))
    assert (run.code, len(run.printed.splitlines())) == (1, 1)
    assert run.printed.startswith("failed   ")
    assert why in run.printed
    assert len(invoices(programs)) == 262


def test_invoice_that_reads_differently_is_a_failure(programs, monkeypatch):
    module = "mock_ajera.api.families.vendor_invoices.records._new_line"
    monkeypatch.setattr(module, lambda line, *_: line | {"ActivityKey": 8})
    run = entered(programs, PAPER, LICENSES)
    assert run.code == 1
    assert run.printed.startswith("failed   Copperline Reprographics C-501: invoice 263 is not as expected: ")


# The week of a firm.

LIBRARY = ("Harbor Street Library", "Dale Anderson", "2025-12-21", "Copperline Reprographics", "6410")


def week_gone_through(programs: Programs, *changed: str) -> Run:
    """Run the program. ``changed``: arguments to replace, each followed by its replacement."""
    other = dict(zip(changed[::2], changed[1::2], strict=True))
    return programs.run("week_of_a_firm.py", *(other.get(word, word) for word in LIBRARY))


def test_week_of_a_firm_leaves_books_that_agree(programs):
    """Hours and an invoice that version 2 has written are in the totals and balances of version 1."""
    run = week_gone_through(programs)
    assert (run.code, run.errors) == (0, "")
    lines = [" ".join(line.split()) for line in run.printed.splitlines() if line]
    assert lines == [
        "created project 368, Harbor Street Library",
        "staffed Odile Marchetti",
        "worked Dale Anderson, the week to 2025-12-21",
        "invoiced Copperline Reprographics",
        "Hours Worked 32.25",
        "Cost Labor 1128.75",
        "Cost 2739.15",
        "Vendor Invoiced 1610.40",
        "2010 Accounts Payable -1700.00",
        "5010 Direct Labor 1128.75",
        "5210 Direct Expenses 1610.40",
        "6010 Labor Applied to Projects -1128.75",
        "6410 Software 89.60",
        "sum of the accounts 0.00",
        "the books agree",
    ]
    (sheet,) = programs.ajera.content("ListTimesheets", sheets_of(11, "2025-12-21"), version=2)["Timesheets"]
    assert (sheet["Timesheet Total"], sheet["Submitted"]) == (Decimal("32.25"), True)
    versions = {entry.method: entry.version for entry in programs.calls[-1]}
    assert (versions["CreateProjects"], versions["UpdateProjects"], versions["GetGLAccounts"]) == (2, 1, 1)


def sheets_of(employee: int, week: str) -> dict[str, Any]:
    """Return the filters of ListTimesheets for one timesheet."""
    dates = {"FilterByEarliestTimesheetDate": week, "FilterByLatestTimesheetDate": week}
    return dates | {"FilterByEmployee": [employee]}


def test_week_of_a_firm_uses_the_pay_rate_of_the_week(programs):
    """Odile is paid by the hour until August 2025. She does not manage the project that she works on."""
    run = week_gone_through(programs, "Dale Anderson", "Odile Marchetti", "2025-12-21", "2025-07-27")
    assert run.code == 0
    assert "staffed   Tobias Halloway" in run.printed
    assert re.search(r"Cost Labor +1693\.13\n", run.printed)


def test_week_of_a_firm_uses_the_pay_rate_of_each_day(programs):
    """A raise in the middle of the week counts from its first day."""
    raised = {"PayRateKey": -2, "StartDate": "2025-12-18", "PayPeriod": "Biweekly", "IsHourly": True, "PayRate": 70}
    change(programs.ajera, "Employees", 11, PayRates=[raised])
    run = week_gone_through(programs)
    assert run.code == 0
    # 21.75 hours at 35 dollars, and 10.5 at 70.
    assert re.search(r"Cost Labor +1496\.25\n", run.printed)


def somebody(programs: Programs, after: str, act: Callable[[], object]) -> None:
    """Let somebody else act right after the first call of a method."""

    def listener(entry: Entry) -> None:
        if entry.method == after:
            programs.ajera.journal.listeners.remove(listener)
            act()

    programs.ajera.journal.listeners.append(listener)


@pytest.mark.parametrize("account", [32, 29], ids=["same account", "other account"])
def test_week_of_a_firm_notices_other_balances(programs, account):
    """Somebody else enters an invoice in the meantime."""
    line = {"AccountKey": account, "CostAmount": 20}
    invoice = {"VendorKey": 2, "CompanyKey": 1, "Date": "2025-12-21", "Amount": 20, "LineItems": [line]}
    arguments = {"VendorInvoices": [invoice]}
    call = programs.ajera.content
    somebody(programs, "CreateVendorInvoices", lambda: call("CreateVendorInvoices", arguments, version=2))
    run = week_gone_through(programs)
    assert (run.code, run.printed.splitlines()[-1]) == (1, "the books do not agree")


def test_week_of_a_firm_notices_other_totals(programs):
    """Somebody without a pay rate works on the project: its hours move, and no account does."""
    row = {"Project Key": 368, "Phase Key": 369, "Activity Key": 1, "D1 Regular": 1}
    somebody(programs, "SubmitTimesheets", lambda: new_timesheet(programs, 6, "2025-12-21", row))
    run = week_gone_through(programs)
    assert (run.code, run.printed.splitlines()[-1]) == (1, "the books do not agree")
    assert "Hours Worked                           33.25" in run.printed


def test_week_of_a_firm_reads_the_manager_in_version_2(programs):
    somebody(
        programs, "UpdateProjects", lambda: change(programs.ajera, "Projects", 368, ProjectManager={"EmployeeKey": 3})
    )
    run = week_gone_through(programs)
    assert (run.code, run.errors) == (1, "week_of_a_firm: version 2 shows another project manager\n")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("Dale Anderson", "Dale Nobody", "Employee: there is no 'Dale Nobody'"),
        ("Dale Anderson", "Odile Marchetti", "Odile Marchetti is not paid by the hour"),
        ("Copperline Reprographics", "Nobody & Sons", "Vendor: there is no 'Nobody & Sons'"),
        ("6410", "9", "Account: there is no '9'"),
        ("2025-12-21", "2026-02-22", "Dale Anderson has a timesheet for the week to 2026-02-22"),
        ("2025-12-21", "2099-12-20", "the week to 2099-12-20 is not over"),
        ("2025-12-21", "soon", "soon is not a date like 2026-02-22"),
    ],
)
def test_week_of_a_firm_checks_everything_first(programs, old, new, why):
    run = week_gone_through(programs, old, new)
    assert (run.code, run.printed, why in run.errors) == (1, "", True)
    assert not [entry.method for entry in programs.calls[-1] if entry.method in ("CreateProjects", "UpdateProjects")]


# Stories that tests/shipped/test_examples_expiry.py plays again and again.


def sheet_story(programs: Programs) -> None:
    """Create the projects of a sheet, and run the program again."""
    assert created(programs, SHEET.format("Odile Marchetti")).code == 0
    assert programs.run("create_projects.py", "sheet.csv").code == 0


def project_story(programs: Programs) -> None:
    """Create, change and delete one project."""
    run = programs.run("one_project.py")
    assert (run.code, run.printed.splitlines()[-1]) == (0, "deleted  projects left: []")


def import_story(programs: Programs) -> None:
    """Link, import, and import again after changes."""
    programs.run("link_account.py")
    programs.run("import_projects.py")
    programs.ajera.clock.advance(timedelta(days=1))
    change(programs.ajera, "Projects", WHARF, Description="Saltmeadow Lofts")
    change(programs.ajera, "Contacts", 1, Email="rosalind@saltmeadow.example")
    change(programs.ajera, "Clients", 8, Description="Quarrystone Freight")
    programs.run("import_projects.py")
    programs.run("import_projects.py", "--full")
    assert [run.code for run in programs.runs] == [0, 0, 0, 0]


def sync_story(programs: Programs) -> None:
    """Sync for the first time, and again after changes on both sides."""
    own = {"manager": address("mireille.tarkington")}
    prepare(programs, {"name": "Saltmeadow Wharf Offices"} | own, {"name": "Boat Shed"}, {"name": "Boat House"})
    programs.run("sync_jobs.py", "preferences.json")
    programs.ajera.clock.advance(timedelta(days=1))
    programs.run("job_service.py", "assign", "1", address("daniel.perry"))
    programs.run("job_service.py", "rename", "2", "Boat Barn")
    change(programs.ajera, "Projects", BREWERY, ProjectManager={"EmployeeKey": TOBIAS})
    programs.run("sync_jobs.py", "preferences.json")
    assert [run.code for run in programs.runs] == [0] * 4


def audit_story(programs: Programs) -> None:
    """Audit a week, and again after a timesheet is created and submitted."""
    programs.run("audit_timesheets.py", WEEK)
    key = new_timesheet(programs, 10, WEEK, {"Project Key": WHARF, "Phase Key": 4, "Activity Key": 1, "D1 Regular": 8})
    programs.ajera.content("SubmitTimesheets", {"RequestedTimesheets": [key]}, version=2)
    programs.run("audit_timesheets.py", WEEK)
    assert [run.code for run in programs.runs] == [0, 0]


def invoice_story(programs: Programs) -> None:
    """Enter the invoices of a sheet, and run the program again."""
    assert entered(programs, PAPER, LICENSES, POWER).code == 0
    assert programs.run("enter_invoices.py", "invoices.csv").code == 0


def week_story(programs: Programs) -> None:
    """Take a project through a week."""
    assert week_gone_through(programs).code == 0


STORIES = [project_story, import_story, sync_story, sheet_story, audit_story, invoice_story, week_story]
