"""A firm of one's own: what is wrong with its files is said with file, record and member."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mock_ajera import MockAjera
from mock_ajera.api.families import RECORDS
from mock_ajera.sample.files import BadSample, file_name
from mock_ajera.sample.templates import sample_path
from mock_ajera.tenants.clock import Clock


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    """A copy of the shipped sample, to be spoilt."""
    return Path(shutil.copytree(sample_path(), tmp_path / "firm"))


def edit(folder: Path, name: str, change: Any) -> None:
    file = folder / name
    value = json.loads(file.read_text(encoding="utf-8"))
    change(value)
    file.write_text(json.dumps(value), encoding="utf-8")


def refusal(folder: Path) -> str:
    with pytest.raises(BadSample) as refused:
        MockAjera(sample=folder)
    return str(refused.value)


def test_a_copy_of_the_sample_loads(firm):
    """The form is public: whoever copies the sample has a firm."""
    with MockAjera(sample=firm) as ajera:
        assert ajera.call("ListProjects")["Content"]["Projects"]


def test_a_folder_without_firm_json(tmp_path):
    """The message says what a sample is."""
    assert "there is no firm.json; a sample is a folder" in refusal(tmp_path)


def test_a_file_that_is_not_json(firm):
    """File and place."""
    (firm / "clients.json").write_text("[{'ClientKey': 1}]", encoding="utf-8")
    assert "clients.json" in refusal(firm)


def test_a_misspelt_file(firm):
    """It would be ignored without a word otherwise."""
    (firm / "cliennts.json").write_text("[]", encoding="utf-8")
    said = refusal(firm)
    assert "cliennts.json: no kind of record has this file" in said
    assert "clients.json" in said


def test_a_misspelt_member(firm):
    """File, record and member."""
    edit(firm, "clients.json", lambda rows: rows[1].update(Desciption="x"))
    said = refusal(firm)
    assert "clients.json: record 2 (ClientKey " in said
    assert "Desciption: no such member" in said


@pytest.mark.parametrize("day", [0, 32])
def test_a_day_that_no_month_has(firm, day):
    """Vendors are not written by any method yet: what holds for them is seen here (claim vendor.day-to-pay)."""
    edit(
        firm, "vendors.json", lambda rows: (rows[0].update(DayOfTheMonthToPay=1), rows[1].update(DayOfTheMonthToPay=31))
    )
    with MockAjera(sample=firm) as ajera:
        vendors = ajera.call("GetVendors", {"RequestedVendors": [1, 2]})["Content"]["Vendors"]
        assert [row["DayOfTheMonthToPay"] for row in vendors] == [1, 31]
    edit(firm, "vendors.json", lambda rows: rows[0].update(DayOfTheMonthToPay=day))
    assert f"DayOfTheMonthToPay: {day} is not between 1 and 31" in refusal(firm)


def test_a_vendor_without_a_type_is_neither_consultant_nor_credit_card(firm):
    """The flags are those of the type (claim vendor.get-members)."""
    edit(firm, "vendors.json", lambda rows: rows[0].update(VendorTypeKey=None))
    with MockAjera(sample=firm) as ajera:
        (vendor,) = ajera.call("GetVendors", {"RequestedVendors": [1]})["Content"]["Vendors"]
    assert (vendor["VendorTypeIsConsultant"], vendor["VendorTypeIsCreditCard"]) == (False, False)


def test_a_text_that_is_too_long(firm):
    """The rules of the API hold for files too."""
    edit(firm, "projects.json", lambda rows: rows[0].update(Description="x" * 81))
    assert "Description: 81 characters, at most 80" in refusal(firm)


def test_a_reference_to_nothing(firm):
    """A coherent firm has none."""
    edit(firm, "projects.json", lambda rows: rows[0].update(CompanyKey=987654))
    said = refusal(firm)
    assert "projects.json: ProjectKey" in said
    assert "CompanyKey: there is no Company 987654" in said


def test_one_key_twice(firm):
    """The second is named."""
    edit(firm, "clients.json", lambda rows: rows.append(rows[0]))
    assert "the Client key 1 is already in the files" in refusal(firm)


@pytest.mark.parametrize("member", ["PhaseKey", "InvoiceGroupKey"])
def test_one_key_of_a_nested_row_twice(firm, member):
    """Keys count through all projects; phases in one sequence with projects."""

    def twice(rows):
        groups = [project["InvoiceGroups"][0] for project in rows[:2]]
        one, other = ([group["Phases"][0] for group in groups]) if member == "PhaseKey" else groups
        other[member] = one[member]

    edit(firm, "projects.json", twice)
    assert "is already in the files" in refusal(firm)


def test_a_byte_order_mark_is_no_fault(firm):
    """Some editors write one."""
    file = firm / "companies.json"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    MockAjera(sample=firm).stop()


def test_a_bad_relative_day(firm):
    """The message shows how one is written."""
    edit(firm, "projects.json", lambda rows: rows[0].update(EstimatedStartDate="@yesterday"))
    assert "EstimatedStartDate" in refusal(firm)
    edit(firm, "projects.json", lambda rows: rows[0].update(EstimatedStartDate="@today-x"))
    assert "'@today-x' is not a day such as @today-30" in refusal(firm)


def test_an_unknown_zone(firm):
    """Stamps cannot be printed without one."""
    edit(firm, "firm.json", lambda raw: raw.update(TimeZone="America/Gotham"))
    assert "America/Gotham" in refusal(firm)


def test_a_user_without_an_employee(firm):
    """The authorizing employee is an employee."""
    edit(firm, "firm.json", lambda raw: raw["ApiUsers"][0].update(AuthorizingEmployeeKey=987654))
    assert "firm.json: ApiUsers[0]: there is no Employee 987654" in refusal(firm)


def test_days_are_relative_to_the_tenants_clock(firm):
    """ "Modified since yesterday" means the same in March."""
    edit(
        firm,
        "projects.json",
        lambda rows: rows[0].update(EstimatedStartDate="@today-30", LastModifiedDate="@today-2 09:00:00.003"),
    )
    key = json.loads((firm / "projects.json").read_text(encoding="utf-8"))[0]["ProjectKey"]
    for now, start, stamp in (
        (
            datetime(2026, 3, 9, 12, tzinfo=UTC),
            "2026-02-07",
            "2026-03-07 09:00:00.003 GMT-05:00 (Eastern Standard Time)",
        ),
        (
            datetime(2026, 3, 10, 12, tzinfo=UTC),
            "2026-02-08",
            "2026-03-08 09:00:00.003 GMT-04:00 (Eastern Daylight Time)",
        ),
        (
            datetime(2026, 11, 3, 12, tzinfo=UTC),
            "2026-10-04",
            "2026-11-01 09:00:00.003 GMT-05:00 (Eastern Standard Time)",
        ),
        (
            datetime(2027, 8, 1, 12, tzinfo=UTC),
            "2027-07-02",
            "2027-07-30 09:00:00.003 GMT-04:00 (Eastern Daylight Time)",
        ),
    ):
        clock = Clock()
        clock.freeze(now)
        with MockAjera(sample=firm, clock=clock) as ajera:
            project = ajera.call("GetProjects", {"RequestedProjects": [key]})["Content"]["Projects"][0]
            assert (project["EstimatedStartDate"], project["LastModifiedDate"]) == (start, stamp)


def test_new_keys_go_on_behind_the_files_keys(firm):
    """No new record takes the key of one that is there."""
    with MockAjera(sample=firm) as ajera:
        highest = max(row["ClientKey"] for row in ajera.call("ListClients")["Content"]["Clients"])
        new = {"ClientKey": -1, "LastModifiedDate": "2017-12-06 14:46:06.873 GMT-08:00", "Description": "Quill & Sons"}
        answer = ajera.call("UpdateClients", {"UpdatedClients": [new], "UnchangedClients": []})
        assert answer["Content"]["Clients"][0]["ClientKey"] == highest + 1


def test_every_kind_has_a_file_name_of_its_own():
    """The plural of the vendor's noun in lower case."""
    names = {kind: file_name(kind) for kind in RECORDS}
    assert len(set(names.values())) == len(names)
    assert names["Company"] == "companies.json"
    assert names["InvoiceFormat"] == "invoice_formats.json"


def test_a_record_put_past_the_api_shows_at_once():
    """A test sets its scene without a session."""
    with MockAjera() as ajera:
        ajera.put_record("Company", {"CompanyKey": 900, "Description": "Set by the test"})
        assert {"CompanyKey": 900, "Description": "Set by the test"}.items() <= ajera.call("ListCompanies")["Content"][
            "Companies"
        ][-1].items()


def test_an_edited_file_is_read_again(firm):
    """Nobody starts anew to see a change."""
    with MockAjera(sample=firm) as ajera:
        ajera.call("ListCompanies")
    edit(firm, "companies.json", lambda rows: rows[0].update(Description="Edited & Sons"))
    with MockAjera(sample=firm) as ajera:
        assert ajera.call("ListCompanies")["Content"]["Companies"][0]["Description"] == "Edited & Sons"


def test_a_record_put_again_under_its_key_is_read_anew():
    """Nothing that was rendered of the one before may pass for it."""
    with MockAjera() as ajera:
        ajera.tenant.clock.freeze()
        for name in ("one", "two"):
            ajera.put_record("Contact", {"ContactKey": 900, "FirstName": name, "LastName": "X"})
            read = ajera.call("GetContacts", {"RequestedContacts": [900]})["Content"]["Contacts"]
            assert [row["FirstName"] for row in read] == [name]
            with ajera.tenant.writing():
                ajera.tenant.remove("Contact", 900)


def test_a_record_as_the_api_prints_it_can_be_put():
    """Stamps, nested resources and nulls included: it reads as it was written."""
    with MockAjera() as ajera:
        for row in ajera.call("ListProjects")["Content"]["Projects"]:
            keys = {"RequestedProjects": [row["ProjectKey"]]}
            (project,) = ajera.call("GetProjects", keys)["Content"]["Projects"]
            flat = ajera.call("GetProjects", keys, version=2)["Content"]
            by_phase = {}
            for resource in flat["Resources"]:
                by_phase.setdefault(resource["PhaseKey"], []).append(
                    {name: value for name, value in resource.items() if name != "ParentKey"}
                )
            resources = [resource for rows in by_phase.values() for resource in rows]
            for resource in resources:
                if resource["PhaseKey"] == row["ProjectKey"]:
                    del resource["PhaseKey"]
            ajera.put_record("Project", project | {"Resources": resources})
            assert ajera.call("GetProjects", keys)["Content"]["Projects"] == [project]
            assert ajera.call("GetProjects", keys, version=2)["Content"] == flat


@pytest.mark.parametrize("value", [None, []])
def test_a_project_put_without_resources(value):
    """Null is as good as none."""
    with MockAjera() as ajera:
        group = {"InvoiceGroupKey": 900, "Phases": [{"PhaseKey": 901}]}
        ajera.put_record("Project", {"ProjectKey": 900, "InvoiceGroups": [group], "Resources": value})
        assert 900 in [row["ProjectKey"] for row in ajera.call("ListProjects")["Content"]["Projects"]]


@pytest.mark.parametrize(
    ("member", "value"),
    [("Resources", 5), ("Resources", [None]), *(("InvoiceGroups", value) for value in (None, [], 5, [None]))],
)
def test_a_project_put_with_lists_that_are_none(member, value):
    """Refused in words."""
    with MockAjera() as ajera, pytest.raises(BadSample, match=member):
        ajera.put_record("Project", {"ProjectKey": 900, "Description": "Put", "CompanyKey": 1, member: value})


def test_a_text_may_begin_as_a_relative_day_does():
    """Only days are relative."""
    with MockAjera() as ajera:
        ajera.put_record("Contact", {"ContactKey": 900, "Notes": "@today we met"})
        (read,) = ajera.call("GetContacts", {"RequestedContacts": [900]})["Content"]["Contacts"]
        assert read["Notes"] == "@today we met"


def test_a_record_without_a_stamp_is_not_of_the_future(firm):
    """It was last modified when the day of the firm began."""
    clock = Clock()
    clock.freeze(datetime(2026, 3, 9, 4, 1, tzinfo=UTC))  # a minute past midnight in New York
    edit(firm, "projects.json", lambda rows: rows[0].pop("LastModifiedDate", None))
    key = json.loads((firm / "projects.json").read_text(encoding="utf-8"))[0]["ProjectKey"]
    with MockAjera(sample=firm, clock=clock) as ajera:
        (project,) = ajera.call("GetProjects", {"RequestedProjects": [key]})["Content"]["Projects"]
        assert project["LastModifiedDate"].startswith("2026-03-09 00:00:00.")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: raw.pop("CompanyName"), "`CompanyName`"),
        (lambda raw: raw.update(TimeStartOfWeek="Funday"), "Funday"),
        (lambda raw: raw["ApiUsers"][0].update(CanWrite="no"), "ApiUsers[0].CanWrite"),
        (lambda raw: raw["ApiUsers"][1].update(Cleared="ListClients"), "ApiUsers[1].Cleared"),
        (
            lambda raw: raw["ApiUsers"][1].update(Cleared=["ListClient"]),
            "Cleared: there is no method ListClient",
        ),
        (lambda raw: raw["ApiUsers"].append(5), "ApiUsers[3]"),
        (lambda raw: raw["ApiUsers"][0].pop("Password"), "`Password`"),
        (lambda raw: raw["Database"].update(ClientID="1"), "Database.ClientID"),
        (lambda raw: raw["CustomFields"][0].update(Kind="Colour"), "CustomFields[0].Kind"),
        (lambda raw: raw.update(Colour="green"), "Colour"),
    ],
)
def test_what_is_wrong_in_firm_json(firm, change, said):
    """File and place."""
    edit(firm, "firm.json", change)
    told = refusal(firm)
    assert "firm.json" in told
    assert said in told


def test_a_custom_field_loses_its_blanks(firm):
    """As Ajera shows it (claim project.custom-field-names)."""
    edit(firm, "firm.json", lambda raw: raw["CustomFields"].append({"Name": "Roof Area", "Kind": "Number"}))
    with MockAjera(sample=firm) as ajera:
        key = ajera.call("ListProjects")["Content"]["Projects"][0]["ProjectKey"]
        (project,) = ajera.call("GetProjects", {"RequestedProjects": [key]})["Content"]["Projects"]
        assert "CF_RoofArea" in project


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[0].update(ProjectKey=987654),
        lambda rows: rows[0]["Postings"][0].update(PhaseKey=987654),
        lambda rows: rows[0]["Postings"][0].pop("PhaseKey"),
        lambda rows: rows[0]["Postings"][0].pop("Category"),
    ],
)
def test_a_posting_that_no_total_would_show(firm, change):
    """It is refused, not lost."""
    edit(firm, "ledgers.json", change)
    assert "ledgers.json: " in refusal(firm)


@pytest.mark.parametrize("member", ["PhaseKey", "InvoiceGroupKey"])
def test_a_nested_row_without_its_key_is_not_lost(firm, member):
    """It cannot be kept without one, so it is refused."""

    def spoil(rows):
        group = rows[3]["InvoiceGroups"][0]
        (group["Phases"][0] if member == "PhaseKey" else group).pop(member)

    edit(firm, "projects.json", spoil)
    assert f"{member}: required" in refusal(firm)


@pytest.mark.parametrize(
    "change",
    [
        lambda project: project.update(Resources=[{"ResourceKey": 900, "PhaseKey": [1]}]),
        lambda project: project.update(Resources=[{"ResourceKey": 900, "PhaseKey": "x"}]),
        lambda project: project.update(Resources=[{"ResourceKey": 900, "PhaseKey": 987654}]),
        lambda project: project["InvoiceGroups"][0]["Phases"][0].update(PhaseKey=[1]),
        lambda project: project["InvoiceGroups"][0]["Phases"][0].update(Resources=5),
    ],
)
def test_resources_in_no_form(firm, change):
    """Said in words."""
    edit(firm, "projects.json", lambda rows: change(rows[0]))
    assert "projects.json: record 1" in refusal(firm)


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        ("Client", {"ClientKey": 900, "Description": "x", "ClientTypeKey": 987654}),
        ("Cliennt", {"ClientKey": 900}),
        ("Ledger", {"ProjectKey": 987654, "Postings": []}),
        ("Ledger", {"ProjectKey": 1, "Postings": [{"PhaseKey": 6, "Category": "Labor", "Cost": 100}]}),
    ],
)
def test_a_record_put_that_does_not_fit(kind, record):
    """A scene is coherent too."""
    with MockAjera() as ajera, pytest.raises(BadSample, match=r"there is no|an existing phase"):
        ajera.put_record(kind, record)


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw["CustomFields"].append({"Name": "Leed Target", "Kind": "Text"}),
        lambda raw: raw["CustomFields"].append({"Name": " ", "Kind": "Text"}),
        lambda raw: raw["ApiUsers"].append(raw["ApiUsers"][0]),
    ],
)
def test_names_in_firm_json_differ(firm, change):
    """One would take the place of the other."""
    edit(firm, "firm.json", change)
    assert "must differ" in refusal(firm)
