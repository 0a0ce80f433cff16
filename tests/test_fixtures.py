"""The files of the sample firm and of the other test firm, checked as files."""

import datetime
import json
import re
from collections import Counter, defaultdict
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from records import depth, phases

from contract_tests.members import of_record
from mock_ajera import MockAjera
from mock_ajera.api.context import Visibility
from mock_ajera.api.families import RECORDS
from mock_ajera.sample.export import exported
from mock_ajera.sample.files import file_name

TESTS = Path(__file__).parent
FIXTURES = TESTS.parent / "fixtures"
FOLDERS = {"sample": FIXTURES / "sample", "other": TESTS / "fixtures" / "other_firm"}

KEYS = {
    path.stem: next(iter(json.loads(path.read_text(encoding="utf-8"))[0]))
    for path in FOLDERS["sample"].glob("*.json")
    if path.stem != "firm"
}
"""The key member of the records of each file: their first."""

STAMPED = ("employees", "contacts", "clients", "vendors", "projects", "expense_reports")
TEMPLATES = ("project_templates",)


ROLES = {"ProjectManager": "IsProjectManager", "PrincipalInCharge": "IsPrincipal"}
ROLES["MarketingContact"] = "IsMarketingContact"

PROJECT = of_record("GetProjects 1 Projects")
STATUSES = {*PROJECT["Status"].choices} - {"Null"}
BILLING_TYPES = {*PROJECT["BillingType"].choices} - {"Null"}

DEFAULTS = ("", 0, [], None, "Active", "na", "Printed")
"""Values that an export leaves out."""
FIRST_DAY, LAST_DAY = datetime.date(1900, 1, 1), datetime.date(2079, 6, 6)
TODAY = datetime.date(2026, 1, 1)

TIME = r"(\d\d:\d\d:\d\d\.\d\d[037])"
STAMP = re.compile(rf"(?:@today-(\d+)|(\d{{4}}-\d\d-\d\d)) {TIME}(?(2) GMT[+-]\d\d:\d\d)")
"""A stamp: days before today, or a date with an offset."""


def without_duplicates(pairs):
    """Return the members of a JSON object, which must have different names."""
    members = dict(pairs)
    assert len(members) == len(pairs), f"duplicate members: {pairs}"
    return members


def read(file):
    """Return the value of a file. Decimals keep their digits."""
    return json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=without_duplicates, parse_float=Decimal)


class Firm:
    """The files of one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.firm = read(folder / "firm.json")
        self.rows = {kind: read(file) if (file := folder / f"{kind}.json").exists() else [] for kind in KEYS}
        self.projects = self.rows["projects"]

    def record(self, kind, key):
        """Return the record of a kind with a key, or None."""
        return next((row for row in self.rows[kind] if row[KEYS[kind]] == key), None)

    def objects(self):
        """Yield every object of the records: (kind, path, object)."""
        for kind, rows in self.rows.items():
            for row in rows:
                yield from objects(row, kind, f"{kind} {row[KEYS[kind]]}")


def objects(row, kind, at):
    """Yield an object and those inside it: (kind, path, object)."""
    yield kind, at, row
    for name, value in row.items():
        for number, item in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(item, dict):
                yield from objects(item, kind, f"{at}: {name}[{number}]")


def texts(firm):
    """Yield every text of the records: (path, member, text)."""
    for _, at, row in firm.objects():
        for name, value in row.items():
            if isinstance(value, str):
                yield at, name, value


def age(stamp):
    """Return the days between a stamp and ``TODAY``."""
    found = STAMP.fullmatch(stamp)
    assert found, f"{stamp!r} is not a stamp"
    return int(found[1]) if found[1] else (TODAY - datetime.date.fromisoformat(found[2])).days


@pytest.fixture(params=FOLDERS)
def firm(request):
    return Firm(FOLDERS[request.param])


@pytest.fixture
def sample():
    return Firm(FOLDERS["sample"])


@pytest.fixture
def other():
    return Firm(FOLDERS["other"])


# The files.


def test_a_file_for_each_kind(firm):
    """A folder has firm.json, one file for each kind and no other file."""
    found, wanted = {path.name for path in firm.folder.iterdir()}, {"firm.json", *map(file_name, RECORDS)}
    owed = sorted(found ^ wanted)
    assert not owed, f"Add or remove these files in {firm.folder}, see docs/contributing.md#add-a-list-method: {owed}"


@pytest.mark.parametrize("today", ["2026-01-01", "2028-02-29", "2050-11-06"])
def test_the_firm_loads_on_any_day(firm, today):
    """The loader accepts every record. It checks keys, references, lengths, choices, dates and custom fields."""
    with closing(MockAjera(sample=firm.folder, freeze=f"{today}T12:00:00Z").tenant) as tenant:
        assert tenant.firm.company_name == firm.firm["CompanyName"]
        assert len(list(tenant.store.rows("Project"))) == len(firm.projects)
        assert len(list(tenant.store.rows("Client"))) == len(firm.rows["clients"])


def differences(written, stored, at):
    """Yield the members that are not stored as written. A member with its default need not be stored."""
    if isinstance(written, dict):
        # The resources of a phase are stored with those of its project, and stamps in the time zone of the firm.
        for name in written.keys() - {"Resources", "LastModifiedDate"}:
            if name in stored:
                yield from differences(written[name], stored[name], f"{at}.{name}")
            elif written[name] not in DEFAULTS:
                yield f"{at}.{name} is not stored"
    elif isinstance(written, list):
        for number, (row, other) in enumerate(zip(written, stored, strict=False)):
            yield from differences(row, other, f"{at}[{number}]")
    elif not str(stored).startswith(str(written)) and not str(written).startswith("@"):
        yield f"{at}: {written} is stored as {stored}"


def test_every_member_is_stored_as_written(firm):
    """Records are in key order, numbers have their decimals, and no member is derived, such as a looked-up text."""
    with closing(MockAjera(sample=firm.folder).tenant) as tenant:
        stored = exported(tenant)
    for kind, rows in firm.rows.items():
        assert list(differences(rows, stored[f"{kind}.json"], kind)) == []


def test_files_have_one_layout(firm):
    """Files are UTF-8 without a byte order mark, with line feeds, and letters are not escaped."""
    for path in firm.folder.iterdir():
        raw = path.read_bytes()
        assert not raw.startswith(b"\xef\xbb\xbf")
        assert raw.endswith(b"\n")
        assert not any(each in raw for each in (b"\r", b"\t", b"\\u", b" \n"))


# Keys and references.


def test_sample_keys_have_no_gaps(sample):
    """Projects, templates and their phases are numbered together. The other sequences count from 1.

    The phases above generated ones have the last keys.
    """
    templates = [{"ProjectKey": row["ProjectTemplateKey"], **row} for row in sample.rows["project_templates"]]
    whole = sorted([*sample.projects, *templates], key=lambda row: row["ProjectKey"])
    sequences = {kind: [row[KEYS[kind]] for row in rows] for kind, rows in sample.rows.items()}
    for kind in ("projects", "ledgers", *TEMPLATES):
        del sequences[kind]
    sequences["phases"] = sorted(
        key for row in whole for key in (row["ProjectKey"], *(phase["PhaseKey"] for phase in phases(row)))
    )
    sequences["groups"] = [group["InvoiceGroupKey"] for row in whole for group in row["InvoiceGroups"]]
    sequences["resources"] = sorted(row["ResourceKey"] for row in sample.projects for row in row.get("Resources", ()))
    for kind, keys in sequences.items():
        assert keys == list(range(1, len(keys) + 1)), kind


def test_the_other_firm_shares_no_key(sample, other):
    """A key of the sample is unknown in the other firm."""
    for kind, rows in other.rows.items():
        keys = [row[KEYS[kind]] for row in rows]
        assert keys[0] % 2 == 1, kind
        assert keys[0] > 900, kind
    assert sample.firm["CompanyName"] != other.firm["CompanyName"]
    assert {user["Username"] for user in sample.firm["ApiUsers"]}.isdisjoint(
        user["Username"] for user in other.firm["ApiUsers"]
    )


def test_employees_in_roles_have_the_flag(firm):
    """An employee in a role has its flag, and is active unless the project or phase is closed."""
    for project in firm.projects:
        for row in (project, *phases(project)):
            closed = "Closed" in (project.get("Status"), row.get("Status"))
            for role, flag in ROLES.items():
                if role in row:
                    employee = firm.record("employees", row[role]["EmployeeKey"])
                    assert employee.get(flag) is True
                    assert employee.get("Status", "Active") == "Active" or closed


def test_supervisors_have_the_flag(firm):
    """A supervisor is active and not their own supervisor."""
    for row in firm.rows["employees"]:
        if "SupervisorKey" in row:
            supervisor = firm.record("employees", row["SupervisorKey"])
            assert supervisor.get("IsSupervisor") is True
            assert supervisor.get("Status", "Active") == "Active"
            assert supervisor is not row


def test_authorizing_employees_are_administrators(firm):
    """The authorizing employee of an API user is active and of an administrator type."""
    for user in firm.firm["ApiUsers"]:
        employee = firm.record("employees", user["AuthorizingEmployeeKey"])
        assert employee.get("Status", "Active") == "Active"
        assert "Administrator" in firm.record("employee_types", employee["EmployeeTypeKey"])["Description"]


def test_only_records_have_a_stamp(firm):
    """Phases and groups have no LastModifiedDate. All records of the stamped kinds have one."""
    for kind, at, row in firm.objects():
        whole = KEYS[kind] in row and kind in (*STAMPED, *TEMPLATES) and ":" not in at
        assert ("LastModifiedDate" in row) == whole, at


# Values.


def test_stamps_are_valid(firm):
    """Stamps are in the past, rounded as in SQL Server, and outside the hour that daylight saving repeats."""
    for kind in STAMPED:
        for row in firm.rows[kind]:
            assert age(row["LastModifiedDate"]) >= 1
            assert datetime.time.fromisoformat(STAMP.fullmatch(row["LastModifiedDate"])[3]).hour >= 3


@pytest.mark.parametrize("kind", STAMPED)
def test_stamps_vary_in_age(firm, kind):
    """One record changed yesterday, at least three this week, others weeks and years ago."""
    ages = [age(row["LastModifiedDate"]) for row in firm.rows[kind]]
    assert 1 in ages
    assert 3 <= sum(days <= 7 for days in ages) < len(ages)
    assert any(14 <= days <= 365 for days in ages)
    assert any(days > 365 for days in ages)
    assert len(set(ages)) > 2


def test_resources_multiply(firm):
    """The amount of a resource is its units times its rate, rounded half up."""
    for project in firm.projects:
        for row in project.get("Resources", ()):
            for rate, amount in (("CostRate", "CostAmount"), ("FeeRate", "FeeAmount")):
                if rate in row:
                    product = (row["Units"] * row[rate]).quantize(Decimal("0.01"), "ROUND_HALF_UP")
                    assert row[amount] == product, row["ResourceKey"]


def test_nothing_real(firm):
    """Phone numbers and addresses are fictitious, and the only passwords are the documented ones."""
    passwords = {"Offline_4jera", "Reading_4jera", "Partly_4jera", "Another_F1rm"}
    assert {user["Password"] for user in firm.firm["ApiUsers"]} <= passwords
    for at, name, text in texts(firm):
        if name.endswith(("PhoneNumber", "FaxNumber")):
            assert re.fullmatch(r"\d{3}-555-01\d\d", text), f"{at}: {name} {text}"
        elif name.endswith("Email") or name == "Website":
            assert re.fullmatch(r"([a-z.-]+@|https://)[a-z]+\.example", text.lower()), f"{at}: {name} {text}"
        else:
            assert not re.search(r"\d{3}-\d{4}\b|\d{3}-\d{2}-\d{4}|\w@\w|://", text), f"{at}: {name} {text}"
        if name != "FileData":
            assert not re.search(r"[A-Za-z0-9+/=]{26,}", text), f"{at}: {name} looks like a token"
        assert "password" not in text.casefold(), f"{at}: {name} {text}"


def test_a_record_names_a_contact_once(firm):
    for _, at, row in firm.objects():
        keys = [line["ContactKey"] for line in row.get("Contacts", ())]
        assert len(keys) == len(set(keys)), at


def test_postings_are_consistent(firm):
    """Receipts do not exceed what was billed, or payments what was invoiced."""
    for ledger in firm.rows["ledgers"]:
        amounts = defaultdict(lambda: defaultdict(int))
        for row in ledger["Postings"]:
            for measure, value in row["Amounts"].items():
                amounts[row["PhaseKey"], row["Category"]][measure] += value
        for place, amount in amounts.items():
            at = (ledger["ProjectKey"], *place)
            assert amount["Receipts"] <= amount["Billed"] + amount["BilledAdjustments"], at
            assert amount["Payments"] <= amount["VendorInvoiced"] <= amount["Cost"], at
            assert (amount["Burden"] > 0) <= (amount["Cost"] > 0), at
            assert amount["RegularHours"] >= amount["Premium1Hours"], at


# Contents of the sample firm.


def test_every_status_and_billing_type(sample):
    assert {project.get("Status", "Active") for project in sample.projects} == STATUSES
    assert {project["BillingType"] for project in sample.projects} == BILLING_TYPES


def test_every_custom_field(sample):
    """One project has every custom field, some have none, and some have one only on a phase."""
    defined = custom_fields(sample, "Project")
    assert {field["Kind"] for field in defined} == {"Number", "Text", "Flag", "Day", "Choice"}
    sets = [{name for name in project if name.startswith("CF_")} for project in sample.projects]
    assert max(map(len, sets)) == len(defined)
    assert set() in sets
    assert any(
        name.startswith("CF_")
        for project, names in zip(sample.projects, sets, strict=True)
        if not names
        for phase in phases(project)
        for name in phase
    )


def custom_fields(firm, kind):
    """Return the definitions of the custom fields of a kind."""
    return [field for field in firm.firm["CustomFields"] if kind in field.get("On", ["Project"])]


@pytest.mark.parametrize("kind", ["Client", "Contact", "Employee", "Vendor"])
def test_custom_fields_of_other_kinds(firm, kind):
    """One record has every custom field of its kind, and some have none."""
    sets = [{name for name in row if name.startswith("CF_")} for row in firm.rows[f"{kind.lower()}s"]]
    assert {f"CF_{field['Name']}" for field in custom_fields(firm, kind)} in sets
    assert set() in sets


def test_vendors_of_the_sample_have_two_flags(sample):
    """A public client shows a firm with two such custom fields."""
    assert [field["Kind"] for field in custom_fields(sample, "Vendor")] == ["Flag", "Flag"]


def set_members(row):
    """Return the members of a row in a file whose value is not empty."""
    return {name for name, value in row.items() if value not in ("", None, 0, False, [])}


NESTED = (
    *(("Employee", "PayRates"), ("Employee", "CreditCards"), ("ExpenseReport", "Expenses")),
    *(("Timesheet", "Overheads"), ("Timesheet", "Projects")),
)
MAIN = ("Employee", "Contact", "Client", "Vendor", "GLAccount", "ExpenseReport", "Timesheet", "Project")
WHOLE = {kind: (kind, "") for kind in MAIN}
WHOLE |= {f"{kind}.{member}": (kind, member) for kind, member in NESTED}


@pytest.mark.parametrize(("kind", "member"), WHOLE.values(), ids=WHOLE)
def test_rows_with_all_members_and_with_few(sample, kind, member):
    """One record has every printed member, and one has no more than a write needs, a stamp and a name.

    Nested rows have every member together. Employees always have a department: the package ajera expects one.
    """
    record, rows = RECORDS[kind], sample.rows[file_name(kind).removesuffix(".json")]
    if member:
        record, rows = record.members[member].row, [item for row in rows for item in row.get(member, ())]
    members = [each for each in record.members.values() if each.stored and not each.gathers]
    without_default = {
        each.wire for each in members if each.default in ("", None, 0, False, []) and each.shown is not Visibility.NEVER
    }
    sets = [set_members(row) for row in rows]
    if member:
        # An hourly rate has no salary, and a personal expense no project.
        assert without_default <= set().union(*sets)
        return
    assert any(without_default <= each for each in sets)
    needed = {each.wire for each in members if each.required_on is not None}
    names = {"LastModifiedDate", "ID", "Description", "LastName", "CompanyKey", "DepartmentKey", *list(rows[0])[:2]}
    assert any(row.keys() <= needed | names for row in rows)


EDGES = {
    "phases three levels deep": lambda p: max(map(depth, p["InvoiceGroups"])) == 3,
    "three invoice groups": lambda p: len(p["InvoiceGroups"]) == 3,
    "five contacts": lambda p: len(p["Contacts"]) == 5,
    "resources of a phase": lambda p: any("PhaseKey" in row for row in p.get("Resources", ())),
    "a resource of the project": lambda p: any("PhaseKey" not in row for row in p.get("Resources", ())),
    "overhead without a client": lambda p: (
        p["BillingType"] == "Overhead"
        and not any("Client" in group or group["InvoiceFormatKey"] for group in p["InvoiceGroups"])
    ),
    "no project type": lambda p: "ProjectTypeKey" not in p,
    "no roles": lambda p: not ROLES.keys() & p.keys(),
    "no dates": lambda p: not any("StartDate" in name or "CompletionDate" in name for name in p),
    "the bounds of days": lambda p: (
        p.get("ActualStartDate") == str(FIRST_DAY) and p.get("ActualCompletionDate") == str(LAST_DAY)
    ),
    "an amount of zero": lambda p: p.get("TotalContractAmount") == 0,
    "a negative amount": lambda p: any(phase.get("TotalContractAmount", 0) < 0 for phase in phases(p)),
    "80 characters": lambda p: len(p["Description"]) == PROJECT["Description"].longest,
    "an ID of 30 characters": lambda p: len(p.get("ID", "")) == PROJECT["ID"].longest,
    "no ID": lambda p: not p.get("ID"),
    "characters special to LIKE": lambda p: set("%_[\"'") <= set(p["Description"]),
    "units": lambda p: p["BillingType"] == "UnitPrice" and "UnitRate" in p,
    "a billing manager": lambda p: any("BillingManager" in group for group in p["InvoiceGroups"]),
    "today": lambda p: '"@today"' in json.dumps(p, default=str),
}


@pytest.mark.parametrize("edge", EDGES)
def test_edges(sample, edge):
    """Some projects have this edge case, but not all."""
    having = [project["ProjectKey"] for project in sample.projects if EDGES[edge](project)]
    assert 0 < len(having) < len(sample.projects)


def test_edges_across_projects(sample):
    """Some projects are synced to a CRM, and two share an ID."""
    assert 2 <= sum(project.get("SyncToCRM", False) for project in sample.projects) <= len(sample.projects) / 2
    ids = Counter(project["ID"] for project in sample.projects if "ID" in project)
    assert sorted(ids.values())[-2:] == [1, 2]


def test_people(firm):
    """Employees with and without every flag exist, active and inactive, and a former project manager."""
    rows = firm.rows["employees"]
    active = [row for row in rows if row.get("Status", "Active") == "Active"]
    assert len(rows) - len(active) >= 2
    assert any(row.get("IsProjectManager") for row in rows if row not in active)
    for flag in (*ROLES.values(), "IsSupervisor"):
        assert 0 < sum(row.get(flag, False) for row in active) < len(active), flag
    assert any("MiddleName" in row for row in rows)
    assert any("EmployeeTypeKey" not in row for row in rows)
    assert any(not (row["FirstName"] + row["LastName"]).isascii() for row in rows)


def test_contacts_and_clients(firm):
    """Contacts and clients exist with and without links and types, active and inactive."""
    contacts, clients = firm.rows["contacts"], firm.rows["clients"]
    linked = {line["ContactKey"] for row in clients for line in row.get("Contacts", ())}
    assert len(contacts) >= 6
    for rows, type_key in ((contacts, "ContactTypeKey"), (clients, "ClientTypeKey")):
        assert any(row.get("Status") == "Inactive" for row in rows)
        assert 0 < sum(type_key in row for row in rows) < len(rows)
    assert linked < {row["ContactKey"] for row in contacts}
    assert 0 < sum("Contacts" in row for row in clients) < len(clients)
    names = [row["Description"].casefold() for row in clients]
    assert len(names) == len(set(names)), "two clients have the same name"
    assert any("&" in name and "'" in name for name in names)


def test_users_of_the_sample(sample):
    """One user may do everything, one may only read, and one lacks a single permission."""
    users = [(user["Username"], user["CanRead"], user["CanWrite"], user["Cleared"]) for user in sample.firm["ApiUsers"]]
    assert sorted(users) == [
        ("integrator", True, True, []),
        ("partial", True, True, ["ListInvoiceFormats"]),
        ("reader", True, False, []),
    ]
    assert sample.firm["ApiUsers"][0]["Password"] == "Offline_4jera"


def test_the_sample_has_the_documented_database_name(sample):
    """The pages print the id of this name. The numbers give an id with base64 padding."""
    numbers = {"ClientID": 1, "DatabaseID": 101}
    assert sample.firm["Database"] == {"DatabaseName": "Ajera_Main", **numbers, "IsSampleData": True}


def test_the_readme_describes_each_project_made_by_hand(sample):
    """The table of the README has the keys, statuses and billing types of the twelve projects made by hand."""
    table = re.findall(
        r"^\| (\d+) \| (\d+)(?:-(\d+))? \| (\d+)(?:-(\d+))? \| (\w+) \| (\w+) \| .+ \|$",
        (FIXTURES / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    documented = [tuple(int(text) if text.isdigit() else text for text in row) for row in table]
    known = []
    for project in sample.projects[:12]:
        ranges = []
        groups = [group["InvoiceGroupKey"] for group in project["InvoiceGroups"]]
        for keys in ([phase["PhaseKey"] for phase in phases(project)], groups):
            ranges += [keys[0], keys[-1] if len(keys) > 1 else ""]
        known.append((project["ProjectKey"], *ranges, project.get("Status", "Active"), project["BillingType"]))
    assert documented == known


# Contents of the other firm.


def test_the_other_firm_is_varied(other):
    """The contract suite finds projects on both sides of its filters, and a list longer than a page of ten."""
    numbers = {"ClientID": 42, "DatabaseID": 770}
    assert other.firm["Database"] == {"DatabaseName": "Ajera_Other", **numbers, "IsSampleData": False}
    assert len(other.projects) == 5
    assert len({project.get("Status", "Active") for project in other.projects}) >= 4
    assert len({project["BillingType"] for project in other.projects}) == 5
    assert max(depth(group) for project in other.projects for group in project["InvoiceGroups"]) == 3
    assert max(len(project["InvoiceGroups"]) for project in other.projects) == 2
    assert {field["Kind"] for field in custom_fields(other, "Project")} == {"Number", "Text", "Flag", "Choice"}
    assert max(len(other.rows[kind]) for kind in STAMPED) > 10
