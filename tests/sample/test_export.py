"""Exports: a loaded export is the same tenant."""

import json
import re
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path

import pytest
import records
from client import STAMP
from records import new_client, written

from mock_ajera import MockAjera, codec
from mock_ajera.api import fields as f
from mock_ajera.api.custom_fields import CustomFields
from mock_ajera.api.families import METHODS, RECORDS
from mock_ajera.api.families.projects.records import TaxState
from mock_ajera.api.families.timesheets.members import Hours, LocalTime, Note, Overtime, OvertimeNote, WeekEnd
from mock_ajera.sample.export import exported, file_row
from mock_ajera.sample.files import BadSample, put, read, read_files
from mock_ajera.sample.templates import credentials, new_tenant, sample_path, tenant_of
from mock_ajera.sample.writing import laid_out, write
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.users import NewUser

OTHER_FIRM = Path(__file__).parents[1] / "fixtures" / "other_firm"


def frozen(*at):
    clock = Clock()
    clock.freeze(datetime(*at, tzinfo=UTC))
    return clock


@pytest.fixture
def made():
    """Return a function that creates tenants, which are closed after the test."""
    with ExitStack() as stack:

        def make(sample="sample", **options):
            options.setdefault("clock", frozen(2026, 3, 7, 12))
            maker = new_tenant if isinstance(sample, str | int | Path) else tenant_of
            return stack.enter_context(closing(maker(sample, seed=b"test", **options)))

        yield make


@pytest.fixture
def scratch(made):
    return made()


def over_http(files):
    """Return the files as a client decodes them."""
    return codec.decode(codec.encode(files))


def books(tenant):
    """Return records, users, key sequences, quirks and firm of a tenant, without the versions of its records."""
    known = json.loads(tenant.export())
    rows = [(kind, key, stamp, body) for kind, key, _, stamp, body in known["records"]]
    numbers = {name: number for name, number in tenant.store.numbers().items() if name != "Session"}
    return rows, known["users"], numbers, tenant.quirks, tenant.firm


def assert_round_trip(tenant, made):
    """Export a tenant, and load it on a later date."""
    again = made(read_files(over_http(exported(tenant)), "the export"), clock=frozen(2026, 9, 1))
    for mine, theirs in zip(books(again), books(tenant), strict=True):
        assert mine == theirs
    return again


@pytest.mark.parametrize("sample", ["sample", OTHER_FIRM, 40, "empty"], ids=str)
def test_an_export_loads_as_the_same_firm(sample, made):
    assert_round_trip(made(sample), made)


def change(ajera):
    """Create, change and delete records over the API."""
    update = partial(written, ajera)
    new = [new_client(f'"{n}" <Ünï> \\ & Söhne', -n) for n in (1, 2, 3)]
    first, second, _ = update("Clients", new)
    update("Clients", [{**second, "Delete": True}], [second])
    contacts = [{"ContactKey": 2, "Order": 0, "Text": "x"}, {"ContactKey": 1}]
    update("Clients", [{**first, "AnnualPercentageRate": Decimal("1.25"), "Contacts": contacts}], [first])
    projects = records.read(ajera, "Projects", 1, 5, 14, 21, 32)
    changes = {"CF_LeedTarget": "Gold", "CF_SquareFootage": Decimal("0.5"), "CF_PublicWork": True}
    changes |= {"Contacts": [{"ContactKey": 3, "Order": 4}], "Notes": "a\nb\t@today"}
    changes |= {"TotalContractAmount": Decimal("-0.10")}
    update("Projects", [project | changes for project in projects], projects)
    head = {"LastModifiedDate": STAMP, "Description": "New", "BillingType": "FixedFee", "Contacts": []}
    below = head | {"PhaseKey": -3, "CF_PermitIssued": "2026-02-28"}
    group = {"InvoiceGroupKey": -1, "Description": "G", "Client": {"ClientKey": first["ClientKey"]}}
    group |= {"InvoiceFormatKey": 1, "Phases": [head | {"PhaseKey": -2, "Phases": [below]}]}
    new = head | {"ProjectKey": -9, "CompanyKey": 1, "InvoiceGroups": [group]}
    created = update("Projects", new)
    (deleted,) = update("Projects", new)
    update("Projects", [{**deleted, "Delete": True}], [deleted])
    return created


def test_an_export_has_writes_users_quirks_and_key_sequences(made):
    with MockAjera(profile="documented", quirks={"employees_per_get": 3}, clock=frozen(2026, 3, 8, 6, 59)) as ajera:
        change(ajera)
        ajera.tenant.clock.advance(timedelta(minutes=2))  # clocks went forward in New York meanwhile
        ajera.put_record("Company", {"CompanyKey": 900, "Description": "Put"})
        ajera.tenant.users.add(NewUser("clerk", "Aa-45678", None, can_write=False, cleared=("ListClients",)), METHODS)
        ajera.tenant.users.remove("partial")
        again = assert_round_trip(ajera.tenant, made)
        assert again.quirk("employees_per_get") == 3
        assert again.users["clerk"].knows("Aa-45678")
        numbers = exported(ajera.tenant)["firm.json"]["Numbers"]
        assert set(numbers) == {"InvoiceGroup", "Project"}


SAMPLES = {
    f.Text: 'a "b" \\ \n é',
    f.Money: Decimal("12.30"),
    f.Rate: Decimal("1.2345"),
    f.Day: "2020-02-29",
    f.Whole: 2,
    TaxState: "Oregon",
    f.RowRef: 2,
    WeekEnd: "2020-03-01",
    LocalTime: "2020-02-29T23:59:58",
    Hours: Decimal("7.25"),
    Overtime: Decimal("1.50"),
    Note: "é",
    OvertimeNote: "é",
}


CUSTOM = {
    "Project": {"CF_PermitNumber": "B-1", "CF_SquareFootage": Decimal("7.5000")},
    "Client": {"CF_CreditLimit": Decimal("7.5000"), "CF_Region": "Abroad"},
    "Contact": {"CF_LastMeeting": "2020-02-29"},
    "Employee": {"CF_Office": "Troy"},
    "Vendor": {"CF_MinorityOwned": True},
}
"""Custom fields by the kind of record that they are defined for."""


_CONTENT = {"FileSize": 3, "FileData": "AAAA"}
CONSISTENT = {"ExpenseAttachment": _CONTENT, "VendorInvoiceAttachment": _CONTENT}
"""Members whose values must fit together."""


def full_row(schema, key):
    """Return a row in which every member of a file has a value that is not its default."""
    row = {}
    for member in schema.members.values():
        if isinstance(member, f.Key):
            row[member.wire] = next(key)
        elif isinstance(member, CustomFields):
            row |= CUSTOM[member.on]
        elif isinstance(member, f.Choice):
            row[member.wire] = next(word for word in member.words if word != member.default)
        elif isinstance(member, f.Flag):
            row[member.wire] = not member.default
        elif isinstance(member, f.Ref):
            row[member.wire] = 1
        elif isinstance(member, f.Embedded):
            row[member.wire] = {member.key: 1}
        elif isinstance(member, f.KeyedRows | f.Rows):
            below = member.row is schema
            row[member.wire] = [] if below else [full_row(member.row, key)]
        elif member.stored:
            row[member.wire] = SAMPLES[type(member)]
    return row


def test_every_member_of_every_kind_survives_an_export(scratch, made):
    keys = count(9000)
    for kind in RECORDS.keys() - {"Ledger"}:
        row = full_row(RECORDS[kind], keys) | CONSISTENT.get(kind, {})
        put(scratch, kind, row)
        row_in_file = file_row(scratch, kind, scratch.row(kind, row[RECORDS[kind].key.name]))
        assert row_in_file.pop("LastModifiedDate") == "2026-03-07 07:00:00.000 GMT-05:00 (Eastern Standard Time)"
        assert row_in_file == row
    assert_round_trip(scratch, made)


def test_a_file_row_has_its_members_in_the_order_of_declaration(scratch):
    """Defaults are included. Derived members and unset custom fields are not."""
    row_in_file = file_row(scratch, "Client", scratch.row("Client", 2))
    declared = RECORDS["Client"].members
    names = [name for name in declared if declared[name].stored or name == "LastModifiedDate"]
    assert [*row_in_file, "CustomFields"] == names
    assert {"CompanyKey", "Notes"} <= row_in_file.keys()
    assert not {"ClientTypeDescription", "Delete"} & row_in_file.keys()


def test_a_file_row_of_a_project_is_nested(scratch):
    row_in_file = file_row(scratch, "Project", scratch.row("Project", 1))
    phase = row_in_file["InvoiceGroups"][0]["Phases"][0]
    assert phase["Resources"][0]["ResourceKey"]
    assert "Employee" not in phase["Resources"][0]
    assert "LastModifiedDate" not in phase
    assert set(row_in_file["Contacts"][0]) == {"ContactKey", "Order", "Text"}
    assert row_in_file["ProjectManager"] == {"EmployeeKey": row_in_file["ProjectManager"]["EmployeeKey"]}
    assert isinstance(row_in_file["CF_LeedTarget"], str)


def test_a_group_without_phases_can_be_put_again(scratch, made):
    """A file must not have an empty list of phases."""
    put(scratch, "Project", {"ProjectKey": 900, "CompanyKey": 1, "InvoiceGroups": [{"InvoiceGroupKey": 900}]})
    row_in_file = file_row(scratch, "Project", scratch.row("Project", 900))
    assert "Phases" not in row_in_file["InvoiceGroups"][0]
    put(scratch, "Project", row_in_file)
    assert_round_trip(scratch, made)


def test_an_export_omits_defaults(scratch):
    (client,) = [row for row in exported(scratch)["clients.json"] if row["ClientKey"] == 8]
    assert not {"Status", "Notes", "Contacts", "ClientTypeKey", "SendStatements"} & client.keys()


def test_an_export_has_a_file_for_each_kind(made):
    """Each file is an array, which may be empty."""
    files = exported(made("empty"))
    assert len(files) == len(RECORDS) + 1
    assert all(rows == [] for name, rows in files.items() if name != "firm.json")


def test_exports_of_a_tenant_and_its_copy_are_identical(scratch, made):
    again = made(read_files(over_http(exported(scratch)), "the export"))
    assert laid_out(exported(scratch)) == laid_out(exported(scratch)) == laid_out(exported(again))


def test_users_are_exported_by_name(scratch):
    """A reopened store does not have the order of creation."""
    scratch.users.add(NewUser("another", "Aa-45678"), METHODS)
    assert [user["Username"] for user in exported(scratch)["firm.json"]["ApiUsers"]] == sorted(scratch.users)


def test_an_exported_folder_can_be_served(tmp_path):
    with MockAjera() as ajera:
        (created,) = change(ajera)
        write(read_files(exported(ajera.tenant), "the export"), tmp_path / "firm")
        keys = {"RequestedProjects": [1, 5, created["ProjectKey"]]}
        with MockAjera(sample=tmp_path / "firm") as again:
            assert books(again.tenant) == books(ajera.tenant)
            assert again.call("GetProjects", keys)["Content"] == ajera.call("GetProjects", keys)["Content"]


def test_a_folder_and_the_values_of_its_files_are_the_same_sample():
    folder = sample_path()
    values = {file.name: codec.decode(file.read_bytes()) for file in folder.glob("*.json")}
    assert read_files(values, folder) == read(folder)


@pytest.mark.parametrize(
    ("zone", "at"),
    [("America/New_York", (1900, 1, 1)), ("Pacific/Auckland", (2079, 12, 31, 23, 59, 59))],
)
def test_stamps_at_the_ends_of_the_range_survive_an_export(zone, at, made):
    """Their local year is out of range."""
    files = exported(made("empty"))
    files["firm.json"]["TimeZone"] = zone
    tenant = made(read_files(files, "x"))
    tenant.clock.freeze(datetime(*at, tzinfo=UTC))
    put(tenant, "Contact", {"ContactKey": 1})
    assert_round_trip(tenant, made)


def test_every_kind_of_record_may_have_a_stamp_in_a_file(scratch):
    put(scratch, "Company", {"CompanyKey": 900, "LastModifiedDate": "2026-01-02 03:04:05.007 GMT+00:00"})
    row = scratch.row("Company", 900)
    assert row.stamp == 1767323045007


def firm_json(**members):
    return {"firm.json": json.loads((sample_path() / "firm.json").read_text(encoding="utf-8")) | members}


USER = {"Username": "one", "AuthorizingEmployeeKey": None}
HASH, LONG_HASH = (f"pbkdf2:sha256:{rounds}$salt${'0a' * 32}" for rounds in (100, 1_000_000_000))


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"ApiUsers": [USER]}, "exactly one of `Password` and `PasswordHash` is required - at `ApiUsers[0]`"),
        ({"ApiUsers": [USER | {"Password": "x", "PasswordHash": HASH}]}, "is required - at `ApiUsers[0]`"),
        ({"ApiUsers": [USER | {"PasswordHash": "Offline_4jera"}]}, "`PasswordHash` is not a password hash"),
        ({"ApiUsers": [USER | {"PasswordHash": LONG_HASH}]}, "`PasswordHash` is not a password hash"),
        ({"ApiUsers": [USER | {"PasswordHash": None}]}, "ApiUsers[0].PasswordHash"),
        (
            {"Quirks": {"color": "green"}},
            "Quirks.color: there is no quirk 'color'; the quirks are account_groups",
        ),
        ({"Quirks": {"members": "green"}}, "Quirks.members: quirk members: 'green' is not one of observed"),
        ({"Quirks": {"session_minutes": -1}}, "Quirks.session_minutes"),
        ({"Quirks": []}, "`Quirks`"),
        ({"Numbers": {"Phase": 5}}, "Numbers.Phase: there is no key sequence 'Phase'; the sequences are AccountGroup"),
        ({"Numbers": {"Session": 5}}, "Numbers.Session: there is no key sequence"),
        ({"Numbers": {"Client": "5"}}, "Numbers.Client: a whole number from 1 to 2147483647 is expected, found '5'"),
        ({"Numbers": {"Client": 0}}, "Numbers.Client: a whole number from 1"),
        ({"Numbers": {"Client": 2**31}}, "Numbers.Client: a whole number from 1"),
        ({"Numbers": {"Client": True}}, "Numbers.Client: a whole number from 1"),
        ({"Numbers": 5}, "`Numbers`"),
    ],
)
def test_invalid_firm_json_is_refused(members, text):
    """The message has the member and the file."""
    with pytest.raises(BadSample, match=rf"the export: firm\.json: .*{re.escape(text)}"):
        read_files(firm_json(**members), "the export")


def test_a_sequence_below_a_key_in_use_is_refused(scratch):
    files = exported(scratch)
    highest = max(row["ClientKey"] for row in files["clients.json"])
    files["firm.json"]["Numbers"] = {"Client": highest - 1}
    with pytest.raises(BadSample, match=rf"firm.json: Numbers.Client: {highest - 1} is below {highest}, a key"):
        tenant_of(read_files(files, "the export"), seed=b"x")
    files["firm.json"]["Numbers"] = {"Client": highest}
    tenant_of(read_files(files, "the export"), seed=b"x").close()


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({}, "the export: there is no firm.json; a sample is"),
        ({"clients.json": []}, "the export: there is no firm.json; a sample is"),
        (firm_json() | {"cliennts.json": []}, "the export: cliennts.json: no kind of record has this file"),
        (firm_json() | {"README.md": "x"}, "the export: README.md: no kind of record has this file"),
        ({"firm.json": []}, "the export: firm.json: "),
        (firm_json(Color="green"), "the export: firm.json: Object contains unknown field `Color`"),
        (firm_json() | {"clients.json": {}}, "the export: clients.json: an array of records is expected"),
        (firm_json() | {"clients.json": None}, "the export: clients.json: an array of records is expected"),
    ],
)
def test_invalid_files_are_refused(files, text):
    with pytest.raises(BadSample, match=f"^{re.escape(text)}"):
        read_files(files, "the export")


def test_an_invalid_record_is_reported_with_file_and_member(scratch):
    files = exported(scratch)
    files["clients.json"][1]["Desciption"] = "x"
    with pytest.raises(BadSample, match=r"the export: clients.json: record 2 \(ClientKey 2\): Desciption: no such"):
        tenant_of(read_files(files, "the export"), seed=b"x")


def test_quirks_of_a_firm_override_the_profile_but_not_options(tmp_path):
    with MockAjera(quirks={"members": "all", "session_minutes": 5}) as ajera:
        write(read_files(exported(ajera.tenant), "the export"), tmp_path / "firm")
    with MockAjera(sample=tmp_path / "firm", profile="documented", quirks={"session_minutes": 7}) as again:
        values = again.tenant.quirks
        assert (values["members"], values["session_minutes"]) == ("all", 7)
        assert values["success_code"] == "docs"


def test_credentials_are_of_the_first_user_with_a_password(tmp_path, made):
    """An export has only password hashes."""
    files = exported(made("empty"))
    write(read_files(files, "x"), tmp_path / "hashes")
    assert credentials(tmp_path / "hashes") is None
    files["firm.json"]["ApiUsers"].append({"Username": "zoe", "Password": "Aa-45678"})
    write(read_files(files, "x"), tmp_path / "one")
    assert credentials(tmp_path / "one") == ("zoe", "Aa-45678")


def test_the_empty_sample_has_the_firm_and_users_of_the_sample(made):
    empty, sample = made("empty"), made()
    assert credentials("empty") == credentials("sample")
    assert list(empty.store.rows()) == []
    assert empty.firm.company_name == sample.firm.company_name
    assert empty.firm.custom_fields == ()
    assert {name: user.authorizing_employee for name, user in empty.users.items()} == dict.fromkeys(sample.users)
    assert sample.users["integrator"].authorizing_employee == 1


def test_the_first_record_of_an_empty_firm_has_the_key_1(made):
    with MockAjera(sample="empty") as ajera:
        assert written(ajera, "Clients", new_client())[0]["ClientKey"] == 1
        assert_round_trip(ajera.tenant, made)


def test_the_export_does_not_depend_on_the_store(tmp_path, made):
    kept = made("sample", store=SqliteStore.open(tmp_path / "firm.db"))
    assert isinstance(kept, Tenant)
    assert exported(kept) == exported(made())
