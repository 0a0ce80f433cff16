"""The files of the sample firm and of the other test firm, checked as files."""

import datetime
import json
import re
from collections import Counter
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contract_tests.members import of_record, table
from mock_ajera import MockAjera
from mock_ajera.api.families import RECORDS
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

STAMPED = ("employees", "contacts", "clients", "vendors", "projects")
TEMPLATES = ("project_templates",)


ROLES = {
    "ProjectManager": "IsProjectManager",
    "PrincipalInCharge": "IsPrincipal",
    "MarketingContact": "IsMarketingContact",
}

PROJECT = of_record("GetProjects 1 Projects")
STATUSES = {*PROJECT["Status"].choices} - {"Null"}
BILLING_TYPES = {*PROJECT["BillingType"].choices} - {"Null"}

MONEY = {member.name for member in table() if member.scale == 2} | {
    "CostAmount",
    "FeeAmount",
    "BeginBalanceCostAmount",
    "BeginBalanceFeeAmount",
}
"""Members of two decimals, beside the postings. All other decimals have four."""

WHOLE = {
    "Order",
    "BillablePercent",
    "ClientID",
    "DatabaseID",
    "NumberOfDaysFromInvoiceDate",
    "DayOfTheMonthToPay",
}

FIRST_DAY, LAST_DAY = datetime.date(1900, 1, 1), datetime.date(2079, 6, 6)
TODAYS = (datetime.date(2026, 1, 1), datetime.date(2028, 2, 29), datetime.date(2050, 11, 6))

RELATIVE = re.compile(r"@today([+-]\d{1,5})?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
TIME = r"(\d\d:\d\d:\d\d\.\d\d[037])"
RELATIVE_STAMP = re.compile(rf"@today-(\d+) {TIME}")
ABSOLUTE_STAMP = re.compile(rf"(\d{{4}}-\d\d-\d\d) {TIME} GMT([+-]\d\d):(\d\d)")

DERIVED = re.compile(
    rf"({'|'.join(key.removesuffix('Key') for key in KEYS.values())}|Supervisor|Email\w*Template)(Description|Notes)"
    r"|ContactClient.*|ContactVendor.*|Delete|PayRates|CreditCards|SocialSecurityNumber"
)


def strict(text):
    """Return the value of a JSON text without duplicate members and NaN. Decimals keep their digits."""

    def members(pairs):
        twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
        assert not twice, f"duplicate members: {twice}"
        return dict(pairs)

    def constant(name):
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text, object_pairs_hook=members, parse_float=Decimal, parse_constant=constant)


class Firm:
    """The files of one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.firm = strict((folder / "firm.json").read_text(encoding="utf-8"))
        self.rows = {kind: strict((folder / f"{kind}.json").read_text(encoding="utf-8")) for kind in KEYS}
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


def phases(holder):
    """Yield the phases of a project, a phase before its sub-phases."""
    for group in holder.get("InvoiceGroups", ()):
        yield from phases(group)
    for phase in holder.get("Phases", ()):
        yield phase
        yield from phases(phase)


def depth(holder):
    """Return the number of phase levels below a group or phase."""
    return max((1 + depth(phase) for phase in holder.get("Phases", ())), default=0)


def day(text, today):
    """Return the date of a text in the files. Raises ``AssertionError`` for a text that is not a date."""
    relative = RELATIVE.fullmatch(text)
    if relative:
        return today + datetime.timedelta(days=int(relative[1] or 0))
    assert DAY.fullmatch(text), f"{text!r} is not a day"
    return datetime.date.fromisoformat(text)


def is_day(name, firm):
    """Return whether a member of this name is a date."""
    custom = {f"CF_{field['Name']}" for field in firm.firm["CustomFields"] if field["Kind"] == "Day"}
    return (
        name in custom
        or (name.endswith("Date") and name not in {"LastModifiedDate", *WHOLE})
        or name.startswith("Date")
    )


def age(stamp, today):
    """Return the days between a stamp and ``today``."""
    relative = RELATIVE_STAMP.fullmatch(stamp)
    if relative:
        return int(relative[1])
    absolute = ABSOLUTE_STAMP.fullmatch(stamp)
    assert absolute, f"{stamp!r} is not a stamp"
    return (today - datetime.date.fromisoformat(absolute[1])).days


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
    assert {path.name for path in firm.folder.iterdir()} == {"firm.json", *map(file_name, RECORDS)}


def test_the_firm_loads(firm):
    """The loader accepts every record. It checks keys, references, lengths, choices, dates and custom fields."""
    with closing(MockAjera(sample=firm.folder).tenant) as tenant:
        assert tenant.firm.company_name == firm.firm["CompanyName"]
        assert len(list(tenant.store.rows("Project"))) == len(firm.projects)
        assert len(list(tenant.store.rows("Client"))) == len(firm.rows["clients"])


def test_files_have_one_layout(firm):
    """Files are UTF-8 without a byte order mark, indented by two spaces, with line feeds."""
    for path in firm.folder.iterdir():
        raw = path.read_bytes()
        assert not raw.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in raw
        assert b"\t" not in raw
        assert raw.endswith(b"\n")
        assert b"\\u" not in raw, f"{path.name}: letters are not escaped"
        before = 0
        for line in raw.decode().splitlines():
            indent = len(line) - len(line.lstrip(" "))
            assert indent % 2 == 0, f"{path.name}: {line}"
            assert indent <= before + 2, f"{path.name}: {line}"
            assert line == line.rstrip()
            before = indent


def test_firm_file(firm):
    """firm.json has the settings of a tenant."""
    raw = firm.firm
    assert raw.keys() == {
        "CompanyName",
        "TimeZone",
        "AjeraVersion",
        "Database",
        "TimeStartOfWeek",
        "CustomFields",
        "ApiUsers",
    }
    ZoneInfo(raw["TimeZone"])
    assert raw["Database"].keys() == {"DatabaseName", "ClientID", "DatabaseID", "IsSampleData"}
    for field in raw["CustomFields"]:
        assert field["Kind"] in ("Number", "Text", "Flag", "Day", "Choice")
        assert (field["Kind"] == "Choice") == ("Values" in field)
        assert re.fullmatch(r"[A-Za-z]+", field["Name"])


# Keys and references.


def test_records_are_sorted_by_key(firm):
    for kind, rows in firm.rows.items():
        keys = [row[KEYS[kind]] for row in rows]
        assert keys == sorted(keys), kind


def test_sample_keys_have_no_gaps(sample):
    """Projects, templates and their phases are numbered together. The other sequences count from 1."""
    for kind, rows in sample.rows.items():
        if kind not in ("projects", "ledgers", *TEMPLATES):
            assert [row[KEYS[kind]] for row in rows] == list(range(1, len(rows) + 1)), kind
    whole = [*sample.projects, *sample.rows["project_templates"]]
    whole.sort(key=lambda row: row.get("ProjectKey", row.get("ProjectTemplateKey")))
    keys = [
        key
        for row in whole
        for key in (row.get("ProjectKey", row.get("ProjectTemplateKey")), *(p["PhaseKey"] for p in phases(row)))
    ]
    assert keys == list(range(1, len(keys) + 1))
    groups = [group["InvoiceGroupKey"] for row in whole for group in row["InvoiceGroups"]]
    assert groups == list(range(1, len(groups) + 1))
    resources = [row["ResourceKey"] for project in sample.projects for row in project.get("Resources", ())]
    assert sorted(resources) == list(range(1, len(resources) + 1))


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
    """An employee in a role has its flag, and is active unless the project is closed."""
    for project in firm.projects:
        for row in (project, *phases(project)):
            for role, flag in ROLES.items():
                if role in row:
                    employee = firm.record("employees", row[role]["EmployeeKey"])
                    assert employee.get(flag) is True
                    assert employee.get("Status", "Active") == "Active" or project.get("Status") == "Closed"


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


# Members that files leave out.


def test_nothing_derived_is_stored(firm):
    """No file has looked-up texts, back references, secrets of employees, or Delete."""
    for _, at, row in firm.objects():
        found = [name for name in row if DERIVED.fullmatch(name)]
        assert not found, f"{at}: {found}"


def test_references_have_only_a_key(firm):
    """A reference object has only its key. A contact line also has Order and Text."""
    alone = {"Client": {"ClientKey"}, "BillingManager": {"EmployeeKey"}, "BillingContact": {"ContactKey"}}
    alone |= {role: {"EmployeeKey"} for role in ROLES}
    for _, at, row in firm.objects():
        for name in alone.keys() & row.keys():
            assert row[name].keys() == alone[name], f"{at}: {name}"
        for line in row.get("Contacts", ()):
            assert {"ContactKey", "Order"} <= line.keys() <= {"ContactKey", "Order", "Text"}, at


def test_only_records_have_a_stamp(firm):
    """Phases and groups have no LastModifiedDate. All records of the stamped kinds have one."""
    for kind, at, row in firm.objects():
        whole = KEYS[kind] in row and kind in (*STAMPED, *TEMPLATES) and ":" not in at
        assert ("LastModifiedDate" in row) == whole, at


# Values.


def test_dates_are_in_range(firm):
    """Every date is valid and in the range of a project, whatever the current date."""
    for _, at, row in firm.objects():
        for name, value in row.items():
            if is_day(name, firm):
                for today in TODAYS:
                    assert FIRST_DAY <= day(value, today) <= LAST_DAY, f"{at}: {name}"
            elif name != "LastModifiedDate":
                assert not str(value).startswith("@"), f"{at}: {name}"


@pytest.mark.parametrize("pair", ["Estimated", "Actual"])
def test_starts_are_not_after_completions(firm, pair):
    """A start is not after its completion, whatever the current date."""
    for _, at, row in firm.objects():
        start, completion = row.get(f"{pair}StartDate"), row.get(f"{pair}CompletionDate")
        if start and completion:
            assert all(day(start, today) <= day(completion, today) for today in TODAYS), at


def test_stamps_are_valid(firm):
    """Stamps are in the past, rounded as in SQL Server, and outside the hour that daylight saving repeats."""
    for kind in STAMPED:
        for row in firm.rows[kind]:
            stamp = row["LastModifiedDate"]
            assert age(stamp, TODAYS[0]) >= 1, stamp
            time = datetime.time.fromisoformat((RELATIVE_STAMP.fullmatch(stamp) or ABSOLUTE_STAMP.fullmatch(stamp))[2])
            assert time.hour >= 3, stamp


@pytest.mark.parametrize("kind", STAMPED)
def test_stamps_vary_in_age(firm, kind):
    """One record changed yesterday, at least three this week, others weeks and years ago."""
    ages = [age(row["LastModifiedDate"], TODAYS[0]) for row in firm.rows[kind]]
    assert 1 in ages
    assert 3 <= sum(days <= 7 for days in ages) < len(ages)
    assert any(14 <= days <= 365 for days in ages)
    assert any(days > 365 for days in ages)
    assert len(set(ages)) > 2


def test_numbers_have_their_decimals(firm):
    """Money has two decimals, rates and custom numbers have four, and no number has more than 19 digits."""
    for kind, at, row in firm.objects():
        for name, value in row.items():
            if isinstance(value, Decimal):
                digits = value.as_tuple()
                assert digits.exponent == (-2 if kind == "ledgers" or name in MONEY else -4), f"{at}: {name} {value}"
                assert len(digits.digits) <= 19, f"{at}: {name} {value}"
            elif type(value) is int:
                assert name.endswith("Key") or name in WHOLE, f"{at}: {name} {value}"


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
            assert re.fullmatch(r"([a-z.-]+@|https://)[a-z]+\.example", text), f"{at}: {name} {text}"
        else:
            assert not re.search(r"\d{3}-\d{4}\b|\d{3}-\d{2}-\d{4}|\w@\w|://", text), f"{at}: {name} {text}"
        assert not re.search(r"[A-Za-z0-9+/=]{26,}", text), f"{at}: {name} looks like a token"
        assert "password" not in text.casefold(), f"{at}: {name} {text}"


def test_a_record_names_a_contact_once(firm):
    for _, at, row in firm.objects():
        keys = [line["ContactKey"] for line in row.get("Contacts", ())]
        assert len(keys) == len(set(keys)), at


def test_postings_are_unique(firm):
    """A ledger has at most one posting for each phase and category of its project."""
    for ledger in firm.rows["ledgers"]:
        places = [(row["PhaseKey"], row["Category"]) for row in ledger["Postings"]]
        assert len(places) == len(set(places))


def test_postings_are_consistent(firm):
    """Receipts do not exceed what was billed, payments what was invoiced, and burden requires a cost."""
    for ledger in firm.rows["ledgers"]:
        for row in ledger["Postings"]:
            at = (ledger["ProjectKey"], row["PhaseKey"], row["Category"])
            assert row.get("Receipts", 0) <= row.get("Billed", 0) + row.get("BilledAdjustments", 0), at
            assert row.get("Payments", 0) <= row.get("VendorInvoiced", 0) <= row.get("Cost", 0), at
            assert (row.get("Burden", 0) > 0) <= (row.get("Cost", 0) > 0), at
            assert row.get("RegularHours", 0) >= row.get("Premium1Hours", 0), at


# Contents of the sample firm.


def test_every_status_and_billing_type(sample):
    """Projects have each status and each billing type."""
    assert {project.get("Status", "Active") for project in sample.projects} == STATUSES
    assert {project["BillingType"] for project in sample.projects} == BILLING_TYPES


def test_every_custom_field(sample):
    """One project has every kind of custom field, some have none, and some have one only on a phase."""
    assert {field["Kind"] for field in sample.firm["CustomFields"]} == {"Number", "Text", "Flag", "Day", "Choice"}
    sets = [{name for name in project if name.startswith("CF_")} for project in sample.projects]
    assert max(map(len, sets)) == len(sample.firm["CustomFields"])
    assert set() in sets
    assert any(
        name.startswith("CF_")
        for project, names in zip(sample.projects, sets, strict=True)
        if not names
        for phase in phases(project)
        for name in phase
    )


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
    "nineteen digits": lambda p: p.get("TotalContractAmount") == Decimal("12345678901234567.89"),
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


@pytest.mark.parametrize("folder", FOLDERS)
def test_people(folder):
    """Employees with and without every flag exist, active and inactive, and a former project manager."""
    rows = Firm(FOLDERS[folder]).rows["employees"]
    active = [row for row in rows if row.get("Status", "Active") == "Active"]
    assert len(rows) - len(active) >= 2
    assert any(row.get("IsProjectManager") for row in rows if row not in active)
    for flag in (*ROLES.values(), "IsSupervisor"):
        assert 0 < sum(row.get(flag, False) for row in active) < len(active), flag
    assert any("MiddleName" in row for row in rows)
    assert any("EmployeeTypeKey" not in row for row in rows)
    assert any(not (row["FirstName"] + row["LastName"]).isascii() for row in rows)


@pytest.mark.parametrize("folder", FOLDERS)
def test_contacts_and_clients(folder):
    """Contacts and clients exist with and without links and types, active and inactive."""
    firm = Firm(FOLDERS[folder])
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
    users = {user["Username"]: user for user in sample.firm["ApiUsers"]}
    assert next(iter(users.values()))["Password"] == "Offline_4jera"
    assert [users[name]["CanWrite"] for name in ("integrator", "reader", "partial")] == [True, False, True]
    assert [users[name]["Cleared"] for name in ("integrator", "reader", "partial")] == [[], [], ["ListInvoiceFormats"]]
    assert all(user["CanRead"] for user in users.values())


def test_the_sample_has_the_documented_database_name(sample):
    """The pages print the id of this name. The numbers give an id with base64 padding."""
    assert sample.firm["Database"] == {
        "DatabaseName": "Ajera_Main",
        "ClientID": 1,
        "DatabaseID": 101,
        "IsSampleData": True,
    }


def test_the_readme_describes_each_project_made_by_hand(sample):
    """The table of the README has the keys, statuses and billing types of the twelve projects made by hand."""
    table = re.findall(
        r"^\| (\d+) \| (\d+)(?:-(\d+))? \| (\d+)(?:-(\d+))? \| (\w+) \| (\w+) \| .+ \|$",
        (FIXTURES / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    documented = [tuple(int(text) if text.isdigit() else text for text in row) for row in table]
    known = []
    for project in sample.projects:
        below = [phase["PhaseKey"] for phase in phases(project)]
        groups = [group["InvoiceGroupKey"] for group in project["InvoiceGroups"]]
        known.append(
            (
                project["ProjectKey"],
                below[0],
                below[-1] if len(below) > 1 else "",
                groups[0],
                groups[-1] if len(groups) > 1 else "",
                project.get("Status", "Active"),
                project["BillingType"],
            )
        )
    assert documented == known[:12]


# Contents of the other firm.


def test_the_other_firm_is_varied(other):
    """The contract suite finds projects on both sides of its filters, and a list longer than a page of ten."""
    assert other.firm["Database"] == {
        "DatabaseName": "Ajera_Other",
        "ClientID": 42,
        "DatabaseID": 770,
        "IsSampleData": False,
    }
    assert len(other.projects) == 5
    assert len({project.get("Status", "Active") for project in other.projects}) >= 4
    assert len({project["BillingType"] for project in other.projects}) == 5
    assert max(depth(group) for project in other.projects for group in project["InvoiceGroups"]) == 3
    assert max(len(project["InvoiceGroups"]) for project in other.projects) == 2
    assert {field["Kind"] for field in other.firm["CustomFields"]} == {"Number", "Text", "Flag", "Choice"}
    assert max(len(other.rows[kind]) for kind in STAMPED) > 10
