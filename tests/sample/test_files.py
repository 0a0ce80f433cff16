"""Loading your own firm from files: messages have the file, the record and the member."""

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
    """Return a copy of the shipped sample, to be edited."""
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
    with MockAjera(sample=firm) as ajera:
        assert ajera.call("ListProjects")["Content"]["Projects"]


def test_a_folder_without_firm_json_is_refused(tmp_path):
    """The message describes a sample."""
    assert "there is no firm.json; a sample is a folder" in refusal(tmp_path)


def test_a_file_that_is_not_json_is_refused(firm):
    (firm / "clients.json").write_text("[{'ClientKey': 1}]", encoding="utf-8")
    assert "clients.json" in refusal(firm)


def test_a_misspelled_file_name_is_refused(firm):
    """Otherwise it would be ignored silently."""
    (firm / "cliennts.json").write_text("[]", encoding="utf-8")
    message = refusal(firm)
    assert "cliennts.json: no kind of record has this file" in message
    assert "clients.json" in message


def test_a_misspelled_member_is_reported_with_file_and_record(firm):
    edit(firm, "clients.json", lambda rows: rows[1].update(Desciption="x"))
    message = refusal(firm)
    assert "clients.json: record 2 (ClientKey " in message
    assert "Desciption: no such member" in message


@pytest.mark.parametrize("day", [0, 32])
def test_an_invalid_day_to_pay_is_refused(firm, day):
    """No method writes vendors yet, so files are the only test (claim vendor.day-to-pay)."""
    edit(
        firm, "vendors.json", lambda rows: (rows[0].update(DayOfTheMonthToPay=1), rows[1].update(DayOfTheMonthToPay=31))
    )
    with MockAjera(sample=firm) as ajera:
        vendors = ajera.call("GetVendors", {"RequestedVendors": [1, 2]})["Content"]["Vendors"]
        assert [row["DayOfTheMonthToPay"] for row in vendors] == [1, 31]
    edit(firm, "vendors.json", lambda rows: rows[0].update(DayOfTheMonthToPay=day))
    assert f"DayOfTheMonthToPay: {day} is not between 1 and 31" in refusal(firm)


def test_a_text_that_is_too_long_is_refused(firm):
    """Files must obey the rules of the API."""
    edit(firm, "projects.json", lambda rows: rows[0].update(Description="x" * 81))
    assert "Description: 81 characters, at most 80" in refusal(firm)


def test_a_reference_to_an_unknown_record_is_refused(firm):
    edit(firm, "projects.json", lambda rows: rows[0].update(CompanyKey=987654))
    message = refusal(firm)
    assert "projects.json: ProjectKey" in message
    assert "CompanyKey: there is no Company 987654" in message


def test_a_repeated_key_is_refused(firm):
    edit(firm, "clients.json", lambda rows: rows.append(rows[0]))
    assert "the Client key 1 is already in the files" in refusal(firm)


@pytest.mark.parametrize("member", ["PhaseKey", "InvoiceGroupKey"])
def test_a_repeated_key_of_a_nested_row_is_refused(firm, member):
    """Keys are unique across all projects; phases share a sequence with projects."""

    def twice(rows):
        groups = [project["InvoiceGroups"][0] for project in rows[:2]]
        one, other = ([group["Phases"][0] for group in groups]) if member == "PhaseKey" else groups
        other[member] = one[member]

    edit(firm, "projects.json", twice)
    assert "is already in the files" in refusal(firm)


def test_a_byte_order_mark_is_accepted(firm):
    file = firm / "companies.json"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    MockAjera(sample=firm).stop()


def test_a_malformed_relative_day_is_refused(firm):
    edit(firm, "projects.json", lambda rows: rows[0].update(EstimatedStartDate="@yesterday"))
    assert "EstimatedStartDate" in refusal(firm)
    edit(firm, "projects.json", lambda rows: rows[0].update(EstimatedStartDate="@today-x"))
    assert "'@today-x' is not a day such as @today-30" in refusal(firm)


def test_an_unknown_time_zone_is_refused(firm):
    edit(firm, "firm.json", lambda raw: raw.update(TimeZone="America/Gotham"))
    assert "America/Gotham" in refusal(firm)


def test_an_unknown_authorizing_employee_is_refused(firm):
    edit(firm, "firm.json", lambda raw: raw["ApiUsers"][0].update(AuthorizingEmployeeKey=987654))
    assert "firm.json: ApiUsers[0]: there is no Employee 987654" in refusal(firm)


def test_days_are_relative_to_the_tenants_clock(firm):
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


def test_new_keys_follow_the_highest_key_of_the_files(firm):
    with MockAjera(sample=firm) as ajera:
        highest = max(row["ClientKey"] for row in ajera.call("ListClients")["Content"]["Clients"])
        new = {"ClientKey": -1, "LastModifiedDate": "2017-12-06 14:46:06.873 GMT-08:00", "Description": "Quill & Sons"}
        answer = ajera.call("UpdateClients", {"UpdatedClients": [new], "UnchangedClients": []})
        assert answer["Content"]["Clients"][0]["ClientKey"] == highest + 1


def test_every_kind_has_its_own_file_name():
    names = {kind: file_name(kind) for kind in RECORDS}
    assert len(set(names.values())) == len(names)
    assert names["Company"] == "companies.json"
    assert names["InvoiceFormat"] == "invoice_formats.json"


def test_a_put_record_is_printed_immediately():
    with MockAjera() as ajera:
        ajera.put_record("Company", {"CompanyKey": 900, "Description": "Set by the test"})
        assert {"CompanyKey": 900, "Description": "Set by the test"}.items() <= ajera.call("ListCompanies")["Content"][
            "Companies"
        ][-1].items()


def test_an_edited_file_is_read_again(firm):
    """A process does not cache files."""
    with MockAjera(sample=firm) as ajera:
        ajera.call("ListCompanies")
    edit(firm, "companies.json", lambda rows: rows[0].update(Description="Edited & Sons"))
    with MockAjera(sample=firm) as ajera:
        assert ajera.call("ListCompanies")["Content"]["Companies"][0]["Description"] == "Edited & Sons"


def test_a_record_put_again_is_rendered_again():
    """The cache must not return the deleted record."""
    with MockAjera() as ajera:
        ajera.tenant.clock.freeze()
        for name in ("one", "two"):
            ajera.put_record("Contact", {"ContactKey": 900, "FirstName": name, "LastName": "X"})
            read = ajera.call("GetContacts", {"RequestedContacts": [900]})["Content"]["Contacts"]
            assert [row["FirstName"] for row in read] == [name]
            with ajera.tenant.writing():
                ajera.tenant.remove("Contact", 900)


def test_a_printed_record_can_be_put():
    """Stamps, nested resources and nulls are included."""
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
def test_a_project_can_be_put_without_resources(value):
    with MockAjera() as ajera:
        group = {"InvoiceGroupKey": 900, "Phases": [{"PhaseKey": 901}]}
        ajera.put_record("Project", {"ProjectKey": 900, "InvoiceGroups": [group], "Resources": value})
        assert 900 in [row["ProjectKey"] for row in ajera.call("ListProjects")["Content"]["Projects"]]


@pytest.mark.parametrize(
    ("member", "value"),
    [("Resources", 5), ("Resources", [None]), *(("InvoiceGroups", value) for value in (None, [], 5, [None]))],
)
def test_a_project_with_malformed_lists_is_refused(member, value):
    with MockAjera() as ajera, pytest.raises(BadSample, match=member):
        ajera.put_record("Project", {"ProjectKey": 900, "Description": "Put", "CompanyKey": 1, member: value})


def test_a_text_may_begin_like_a_relative_day():
    with MockAjera() as ajera:
        ajera.put_record("Contact", {"ContactKey": 900, "Notes": "@today we met"})
        (read,) = ajera.call("GetContacts", {"RequestedContacts": [900]})["Content"]["Contacts"]
        assert read["Notes"] == "@today we met"


def test_a_record_without_a_stamp_was_modified_at_the_start_of_today(firm):
    clock = Clock()
    clock.freeze(datetime(2026, 3, 9, 4, 1, tzinfo=UTC))  # a minute past midnight in New York
    edit(firm, "projects.json", lambda rows: rows[0].pop("LastModifiedDate", None))
    key = json.loads((firm / "projects.json").read_text(encoding="utf-8"))[0]["ProjectKey"]
    with MockAjera(sample=firm, clock=clock) as ajera:
        (project,) = ajera.call("GetProjects", {"RequestedProjects": [key]})["Content"]["Projects"]
        assert project["LastModifiedDate"].startswith("2026-03-09 00:00:00.")


@pytest.mark.parametrize(
    ("change", "text"),
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
        (lambda raw: raw["CustomFields"][0].update(Kind="Color"), "CustomFields[0].Kind"),
        (lambda raw: raw.update(Color="green"), "Color"),
    ],
)
def test_invalid_firm_json_is_refused(firm, change, text):
    edit(firm, "firm.json", change)
    message = refusal(firm)
    assert "firm.json" in message
    assert text in message


def test_the_name_of_a_custom_field_is_printed_without_spaces(firm):
    """Claim project.custom-field-names."""
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
def test_a_posting_without_a_phase_or_category_is_refused(firm, change):
    """No total would include it."""
    edit(firm, "ledgers.json", change)
    assert "ledgers.json: " in refusal(firm)


@pytest.mark.parametrize("member", ["PhaseKey", "InvoiceGroupKey"])
def test_a_nested_row_without_a_key_is_refused(firm, member):

    def remove_key(rows):
        group = rows[3]["InvoiceGroups"][0]
        (group["Phases"][0] if member == "PhaseKey" else group).pop(member)

    edit(firm, "projects.json", remove_key)
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
def test_malformed_resources_are_refused(firm, change):
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
def test_an_inconsistent_record_cannot_be_put(kind, record):
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
def test_duplicate_names_in_firm_json_are_refused(firm, change):
    edit(firm, "firm.json", change)
    assert "must differ" in refusal(firm)
