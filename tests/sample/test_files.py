"""Loading your own firm from files: messages have the file, the record and the member."""

from __future__ import annotations

import datetime
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from records import keys_of, new_client, read, read_one, written

from mock_ajera import MockAjera
from mock_ajera.api.families import RECORDS
from mock_ajera.sample.files import BadSample, file_name
from mock_ajera.sample.templates import sample_path
from mock_ajera.tenants.weeks import DAYS


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


def test_a_file_that_is_not_json_is_refused(firm):
    (firm / "clients.json").write_text("[{'ClientKey': 1}]", encoding="utf-8")
    assert "clients.json" in refusal(firm)


def test_a_misspelled_file_name_is_refused(firm):
    """Otherwise it would be ignored silently."""
    (firm / "cliennts.json").write_text("[]", encoding="utf-8")
    message = refusal(firm)
    assert "cliennts.json: no kind of record has this file" in message
    assert "clients.json" in message


@pytest.mark.parametrize("day", [0, 32])
def test_an_invalid_day_to_pay_is_refused(firm, day):
    """No method writes vendors yet, so files are the only test (claim vendor.day-to-pay)."""
    for row, valid in enumerate((1, 31)):
        edit(firm, "vendors.json", lambda rows, row=row, valid=valid: rows[row].update(DayOfTheMonthToPay=valid))
    with MockAjera(sample=firm) as ajera:
        assert [row["DayOfTheMonthToPay"] for row in read(ajera, "Vendors", 1, 2)] == [1, 31]
    edit(firm, "vendors.json", lambda rows: rows[0].update(DayOfTheMonthToPay=day))
    assert f"DayOfTheMonthToPay: {day} is not between 1 and 31" in refusal(firm)


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("projects.json", lambda rows: rows[0].update(Description="x" * 81), "Description: 81 characters, at most 80"),
        ("projects.json", lambda rows: rows[0].update(CompanyKey=987654), "CompanyKey: there is no Company 987654"),
        ("projects.json", lambda rows: rows[0].update(EstimatedStartDate="@yesterday"), "EstimatedStartDate"),
        (
            "projects.json",
            lambda rows: rows[0].update(EstimatedStartDate="@today-x"),
            "'@today-x' is not a day such as @today-30",
        ),
        ("clients.json", lambda rows: rows.append(rows[0]), "the Client key 1 is already in the files"),
    ],
    ids=["long text", "unknown reference", "unknown day", "malformed relative day", "repeated key"],
)
def test_an_invalid_record_is_refused(firm, file, change, message):
    """Files must obey the rules of the API."""
    edit(firm, file, change)
    said = refusal(firm)
    assert file in said
    assert message in said


def keyed_row(project, member):
    """Return the first invoice group of a project, or its first phase."""
    group = project["InvoiceGroups"][0]
    return group["Phases"][0] if member == "PhaseKey" else group


@pytest.mark.parametrize("member", ["PhaseKey", "InvoiceGroupKey"])
def test_a_nested_row_needs_its_own_key(firm, member):
    """Keys are unique across all projects; phases share a sequence with projects."""

    def twice(rows):
        keyed_row(rows[1], member)[member] = keyed_row(rows[0], member)[member]

    edit(firm, "projects.json", twice)
    assert "is already in the files" in refusal(firm)
    edit(firm, "projects.json", lambda rows: keyed_row(rows[1], member).pop(member))
    assert f"{member}: required" in refusal(firm)


def test_a_byte_order_mark_is_accepted(firm):
    file = firm / "companies.json"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    MockAjera(sample=firm).close()


@pytest.mark.parametrize(
    ("today", "start", "stamp"),
    [
        ("2026-03-09", "2026-02-07", "2026-03-07 09:00:00.003 GMT-05:00 (Eastern Standard Time)"),
        ("2026-03-10", "2026-02-08", "2026-03-08 09:00:00.003 GMT-04:00 (Eastern Daylight Time)"),
        ("2026-11-03", "2026-10-04", "2026-11-01 09:00:00.003 GMT-05:00 (Eastern Standard Time)"),
        ("2027-08-01", "2027-07-02", "2027-07-30 09:00:00.003 GMT-04:00 (Eastern Daylight Time)"),
    ],
)
def test_days_are_relative_to_the_tenants_clock(firm, today, start, stamp):
    relative = {"EstimatedStartDate": "@today-30", "LastModifiedDate": "@today-2 09:00:00.003"}
    edit(firm, "projects.json", lambda rows: rows[0].update(relative))
    with MockAjera(sample=firm, freeze=f"{today}T12:00:00Z") as ajera:
        project = read_one(ajera, "Projects", 1)
        assert (project["EstimatedStartDate"], project["LastModifiedDate"]) == (start, stamp)


@pytest.mark.parametrize("week_start", DAYS)
def test_days_of_a_week_are_relative_to_the_firms_weeks(firm, week_start):
    """D1 is the first day of the week and D7 the last. The date of a timesheet is moved to the end of its week."""
    today = datetime.date(2026, 3, 11)
    days = ["@week-1 D7", "@week D1", "@week D7", "@week+3 D2"]
    edit(firm, "firm.json", lambda members: members.update(TimeStartOfWeek=week_start))
    new = [{"NonWorkDayKey": key, "Date": day, "Description": day} for key, day in enumerate(days, 900)]
    edit(firm, "non_work_days.json", lambda rows: rows.extend(new))
    edit(firm, "timesheets.json", lambda rows: rows[0].update(TimesheetDate="@week-2 D3"))
    with MockAjera(sample=firm, freeze=f"{today}T12:00:00Z") as ajera:
        listed = ajera.content("ListTimesheetNonWorkDays", version=2)["NonWorkDays"]
        (first_sheet,) = ajera.content("GetTimesheets", {"RequestedTimesheets": [1]}, version=2)["Timesheets"]
    dates = {row.get("Description"): datetime.date.fromisoformat(row["Date"][:10]) for row in listed}
    before, first, last, later = (dates[day] for day in days)
    sheet = datetime.date.fromisoformat(first_sheet["TimesheetDate"][:10])
    assert first.strftime("%A") == week_start
    assert first <= today <= last
    assert ((first - before).days, (last - first).days, (later - first).days) == (1, 6, 22)
    assert (last - sheet).days == 14


@pytest.mark.parametrize("day", ["@week D8", "@week D0", "@week", "@week-3", "@week 3 D1", "@weekD1"])
def test_a_malformed_day_of_a_week_is_refused(firm, day):
    edit(firm, "non_work_days.json", lambda rows: rows[0].update(Date=day))
    assert f"'{day}' is not a day of a week such as @week-3 D1" in refusal(firm)


def test_new_keys_follow_the_highest_key_of_the_files(ajera):
    highest = max(keys_of(ajera, "Clients"))
    (made,) = written(ajera, "Clients", new_client("Quill & Sons"))
    assert made["ClientKey"] == highest + 1


def test_every_kind_has_its_own_file_name():
    names = {kind: file_name(kind) for kind in RECORDS}
    assert len(set(names.values())) == len(names)
    assert names["Company"] == "companies.json"
    assert names["InvoiceFormat"] == "invoice_formats.json"


def test_an_edited_file_is_read_again(firm):
    """A process does not cache files."""
    MockAjera(sample=firm).close()
    edit(firm, "companies.json", lambda rows: rows[0].update(Description="Edited & Sons"))
    with MockAjera(sample=firm) as ajera:
        assert ajera.content("ListCompanies")["Companies"][0]["Description"] == "Edited & Sons"


def test_a_record_put_again_is_rendered_again(ajera):
    """The cache must not return the deleted record."""
    ajera.tenant.clock.freeze()
    for name in ("one", "two"):
        ajera.put_record("Contact", {"ContactKey": 900, "FirstName": name, "LastName": "X"})
        assert read_one(ajera, "Contacts", 900)["FirstName"] == name
        with ajera.tenant.writing():
            ajera.tenant.remove("Contact", 900)


def test_a_printed_record_can_be_put(ajera):
    """Stamps, nested resources and nulls are included."""
    for key in keys_of(ajera, "Projects"):
        asked = {"RequestedProjects": [key]}
        project = read_one(ajera, "Projects", key)
        flat = ajera.content("GetProjects", asked, version=2)
        resources = []
        for resource in flat["Resources"]:
            dropped = {"ParentKey", "PhaseKey"} if resource["PhaseKey"] == key else {"ParentKey"}
            resources.append({name: value for name, value in resource.items() if name not in dropped})
        ajera.put_record("Project", project | {"Resources": resources})
        assert read_one(ajera, "Projects", key) == project
        assert ajera.content("GetProjects", asked, version=2) == flat


@pytest.mark.parametrize("value", [None, []])
def test_a_project_can_be_put_without_resources(ajera, value):
    group = {"InvoiceGroupKey": 900, "Phases": [{"PhaseKey": 901}]}
    ajera.put_record("Project", {"ProjectKey": 900, "InvoiceGroups": [group], "Resources": value})
    assert 900 in keys_of(ajera, "Projects")


@pytest.mark.parametrize(
    ("member", "value"),
    [("Resources", 5), ("Resources", [None]), *(("InvoiceGroups", value) for value in (None, [], 5, [None]))],
)
def test_a_project_with_malformed_lists_is_refused(ajera, member, value):
    with pytest.raises(BadSample, match=member):
        ajera.put_record("Project", {"ProjectKey": 900, "Description": "Put", "CompanyKey": 1, member: value})


def test_a_text_may_begin_like_a_relative_day(ajera):
    ajera.put_record("Contact", {"ContactKey": 900, "Notes": "@today we met"})
    assert read_one(ajera, "Contacts", 900)["Notes"] == "@today we met"


def test_a_record_without_a_stamp_was_modified_at_the_start_of_today(firm):
    edit(firm, "projects.json", lambda rows: rows[0].pop("LastModifiedDate", None))
    # It is a minute past midnight in New York.
    with MockAjera(sample=firm, freeze="2026-03-09T04:01:00Z") as ajera:
        assert read_one(ajera, "Projects", 1)["LastModifiedDate"].startswith("2026-03-09 00:00:00.")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda raw: raw.pop("CompanyName"), "`CompanyName`"),
        (lambda raw: raw.update(TimeZone="America/Gotham"), "America/Gotham"),
        (
            lambda raw: raw["ApiUsers"][0].update(AuthorizingEmployeeKey=987654),
            "ApiUsers[0]: there is no Employee 987654",
        ),
        (lambda raw: raw.update(TimeStartOfWeek="Funday"), "Funday"),
        (lambda raw: raw["ApiUsers"][0].update(CanWrite="no"), "ApiUsers[0].CanWrite"),
        (lambda raw: raw["ApiUsers"][1].update(Cleared="ListClients"), "ApiUsers[1].Cleared"),
        (lambda raw: raw["ApiUsers"][1].update(Cleared=["ListClient"]), "Cleared: there is no method ListClient"),
        (lambda raw: raw["ApiUsers"].append(5), "ApiUsers[3]"),
        (lambda raw: raw["ApiUsers"][0].pop("Password"), "`Password`"),
        (lambda raw: raw["Database"].update(ClientID="1"), "Database.ClientID"),
        (lambda raw: raw["CustomFields"][0].update(Kind="Color"), "CustomFields[0].Kind"),
        *(
            (lambda raw, name=name: raw["CustomFields"][0].update(Name=name), "Name: at most 80 printable characters")
            for name in ("\t", "CF_Region", "x" * 81)
        ),
        (
            lambda raw: raw["CustomFields"].append({"Name": "Bad", "Kind": "Text", "Values": ["a"]}),
            "Values: only a Choice has values, not a Text",
        ),
        (
            lambda raw: raw["CustomFields"].append({"Name": "Bad", "Kind": "Choice"}),
            "Values: a Choice without AllowEdit needs at least one value",
        ),
        (lambda raw: raw["CustomFields"].append({"Name": "Leed Target", "Kind": "Text"}), "must differ"),
        (lambda raw: raw["CustomFields"].append({"Name": " ", "Kind": "Text"}), "must differ"),
        (
            lambda raw: raw["CustomFields"].append({"Name": "Region", "Kind": "Text", "On": ["Vendor", "Client"]}),
            "the names of custom fields of Clients must differ",
        ),
        *(
            (lambda raw, on=on: raw["CustomFields"][1].update(On=on), f"each once, found {on} - at `CustomFields[1]`")
            for on in (["Client", "Ledger"], ["client"], [], ["Vendor", "Vendor"])
        ),
        (lambda raw: raw["CustomFields"][1].update(On="Client"), "CustomFields[1].On"),
        (lambda raw: raw["ApiUsers"].append(raw["ApiUsers"][0]), "must differ"),
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
        assert "CF_RoofArea" in read_one(ajera, "Projects", 1)


def test_kinds_can_have_different_custom_fields_of_one_name(firm):
    """A relative day is one only where the field is a day."""
    edit(firm, "firm.json", lambda raw: raw["CustomFields"].append({"Name": "Due", "Kind": "Day", "On": ["Vendor"]}))
    other = {"Name": "Due", "Kind": "Text", "On": ["Contact", "Client"]}
    edit(firm, "firm.json", lambda raw: raw["CustomFields"].append(other))
    for kind in ("clients", "contacts", "vendors"):
        edit(firm, f"{kind}.json", lambda rows: rows[0].update(CF_Due="@today"))
    with MockAjera(sample=firm) as ajera:
        assert [read_one(ajera, noun, 1)["CF_Due"] for noun in ("Clients", "Contacts")] == ["@today", "@today"]
        assert "@" not in read_one(ajera, "Vendors", 1)["CF_Due"]


def test_a_custom_field_without_on_is_of_projects(firm):
    edit(firm, "firm.json", lambda raw: raw["CustomFields"].append({"Name": "Due", "Kind": "Day"}))
    with MockAjera(sample=firm) as ajera:
        found = [noun for noun in ("Projects", "Clients", "Vendors") if "CF_Due" in read_one(ajera, noun, 1)]
    assert found == ["Projects"]


def test_a_value_of_a_custom_field_of_another_kind_is_refused(firm):
    edit(firm, "vendors.json", lambda rows: rows[0].update(CF_SquareFootage=5))
    assert "CF_SquareFootage: no such member" in refusal(firm)


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
def test_an_inconsistent_record_cannot_be_put(ajera, kind, record):
    with pytest.raises(BadSample, match=r"there is no|an existing phase"):
        ajera.put_record(kind, record)
