"""The example programs, each in small stories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from checkout import ROOT
from client import STAMP
from programs import EXAMPLES, Programs, Run, survives_every_expiry
from records import read_one, written

from mock_ajera import MockAjera
from mock_ajera.tenants.journal import Reason

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


def synced(programs: Programs) -> list[str]:
    """Run the sync and return the lines that it prints."""
    run = programs.run("sync_jobs.py", "preferences.json")
    assert (run.code, run.errors) == (0, "")
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
    lines = synced(programs)
    assert lines[0].startswith("skipped Boat Shed")
    assert lines[1:] == ["created project Boat House"]
    assert len(synced(programs)) == 1


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


# Sessions that expire.


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


@pytest.mark.parametrize("story", [project_story, import_story, sync_story, sheet_story])
def test_sessions_may_expire_after_any_call(story, tmp_path):
    """The result is the same after each call, and nothing is created twice."""
    survives_every_expiry(story, tmp_path)
