"""A tenant as files, and back: what is read again is the tenant that was."""

from __future__ import annotations

import json
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest

from mock_ajera import MockAjera, codec
from mock_ajera.api import fields as f
from mock_ajera.api.custom_fields import CustomFields
from mock_ajera.api.families import METHODS, RECORDS
from mock_ajera.sample.export import exported, file_row
from mock_ajera.sample.files import BadSample, put, read, read_files
from mock_ajera.sample.templates import credentials, new_tenant, sample_path, tenant_of
from mock_ajera.sample.writing import laid_out, write
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.users import NewUser

OTHER_FIRM = Path(__file__).parents[1] / "fixtures" / "other_firm"
STAMP = "2017-12-06 14:46:06.873 GMT-08:00"


def frozen(*at):
    clock = Clock()
    clock.freeze(datetime(*at, tzinfo=UTC))
    return clock


@pytest.fixture
def made():
    """Makes tenants that are closed after the test."""
    with ExitStack() as stack:

        def make(sample="sample", **options):
            options.setdefault("clock", frozen(2026, 3, 7, 12))
            maker = new_tenant if isinstance(sample, str | int | Path) else tenant_of
            return stack.enter_context(closing(maker(sample, seed=b"test", **options)))

        yield make


@pytest.fixture
def scratch(made):
    return made()


def sent(files):
    """The files as whoever gets them over HTTP decodes them."""
    return codec.decode(codec.encode(files))


def books(tenant):
    """The fingerprint of a tenant without the versions of its records, and its quirks and firm."""
    known = json.loads(tenant.export())
    records = [(kind, key, stamp, body) for kind, key, _, stamp, body in known["records"]]
    numbers = {name: number for name, number in tenant.store.numbers().items() if name != "Session"}
    return records, known["users"], numbers, tenant.quirks, tenant.firm


def comes_back(tenant, made):
    """Take a tenant out, and read it in some months later."""
    again = made(read_files(sent(exported(tenant)), "the export"), clock=frozen(2026, 9, 1))
    for mine, theirs in zip(books(again), books(tenant), strict=True):
        assert mine == theirs
    return again


@pytest.mark.parametrize("sample", ["sample", OTHER_FIRM, 80, "empty"], ids=str)
def test_a_firm_comes_back_whole(sample, made):
    """Records with their stamps, users, numbers, quirks and firm; on another day too."""
    comes_back(made(sample), made)


def change(ajera):
    """What an integration does on a day: creates, changes and deletes, by the API."""

    def update(noun, updated, unchanged=()):
        answer = ajera.call(f"Update{noun}", {f"Updated{noun}": list(updated), f"Unchanged{noun}": list(unchanged)})
        assert answer["Message"] == "Success", ajera.journal[-1].reasons
        return answer["Content"][noun]

    def get(noun, *keys):
        return ajera.call(f"Get{noun}", {f"Requested{noun}": list(keys)})["Content"][noun]

    new = [{"ClientKey": -n, "LastModifiedDate": STAMP, "Description": f'"{n}" <Ünï> \\ & Söhne'} for n in (1, 2, 3)]
    first, second, _ = update("Clients", new)
    update("Clients", [{**second, "Delete": True}], [second])
    contacts = [{"ContactKey": 2, "Order": 0, "Text": "x"}, {"ContactKey": 1}]
    update("Clients", [{**first, "AnnualPercentageRate": Decimal("1.25"), "Contacts": contacts}], [first])
    projects = get("Projects", 1, 5, 14, 21, 32)
    changed = []
    for project in projects:
        custom = {"CF_LeedTarget": "Gold", "CF_SquareFootage": Decimal("0.5"), "CF_PublicWork": True}
        lists = {"Contacts": [{"ContactKey": 3, "Order": 4}]}
        changed.append({**project, **custom, **lists, "Notes": "a\nb\t@today", "TotalContractAmount": Decimal("-0.10")})
    update("Projects", changed, projects)
    phases = [
        {"PhaseKey": -2, "LastModifiedDate": STAMP, "Description": "New", "BillingType": "FixedFee", "Contacts": []}
    ]
    phases[0]["Phases"] = [phases[0] | {"PhaseKey": -3, "CF_PermitIssued": "2026-02-28"}]
    group = {"InvoiceGroupKey": -1, "Description": "G", "Client": {"ClientKey": first["ClientKey"]}}
    group |= {"InvoiceFormatKey": 1, "Phases": phases}
    head = {"LastModifiedDate": STAMP, "Description": "P", "CompanyKey": 1, "BillingType": "FixedFee", "Contacts": []}
    created = update("Projects", [head | {"ProjectKey": -9, "InvoiceGroups": [group]}])
    (gone,) = update("Projects", [head | {"ProjectKey": -9, "InvoiceGroups": [group]}])
    update("Projects", [{**gone, "Delete": True}], [gone])
    return created


def test_a_tenant_comes_back_after_writes_and_deletes(made):
    """What the API stored is what the files say, and so are users, quirks and the numbers of what was deleted."""
    with MockAjera(profile="documented", quirks={"employees_per_get": 3}, clock=frozen(2026, 3, 8, 6, 59)) as ajera:
        change(ajera)
        ajera.tenant.clock.advance(timedelta(minutes=2))  # clocks went forward in New York meanwhile
        ajera.put_record("Company", {"CompanyKey": 900, "Description": "Put"})
        ajera.tenant.users.add(NewUser("clerk", "Aa-45678", None, can_write=False, cleared=("ListClients",)), METHODS)
        ajera.tenant.users.remove("partial")
        again = comes_back(ajera.tenant, made)
        assert again.quirk("employees_per_get") == 3
        assert again.users["clerk"].knows("Aa-45678")
        numbers = exported(ajera.tenant)["firm.json"]["Numbers"]
        assert set(numbers) == {"InvoiceGroup", "Project"}


def test_new_records_get_the_keys_that_they_would_have_got(made):
    """A deleted record's key does not come again."""
    with MockAjera() as ajera:
        new = {"ClientKey": -1, "LastModifiedDate": STAMP, "Description": "Gone"}
        (client,) = ajera.call("UpdateClients", {"UpdatedClients": [new], "UnchangedClients": []})["Content"]["Clients"]
        ajera.call("UpdateClients", {"UpdatedClients": [client | {"Delete": True}], "UnchangedClients": [client]})
        again = comes_back(ajera.tenant, made)
        with again.store.transaction():
            assert again.store.next_number("Client") == client["ClientKey"] + 1


SAMPLES = {
    f.Text: 'a "b" \\ \n é',
    f.Money: Decimal("12.30"),
    f.Rate: Decimal("1.2345"),
    f.Day: "2020-02-29",
    f.Whole: 2,
}


def full_row(schema, key):
    """A row in which every member that a file can have has a value that is not its default."""
    row = {}
    for name, member in schema.members.items():
        if isinstance(member, f.Key):
            row[name] = next(key)
        elif isinstance(member, CustomFields):
            row |= {"CF_PermitNumber": "B-1", "CF_SquareFootage": Decimal("7.5000")}
        elif isinstance(member, f.Choice):
            row[name] = next(word for word in member.words if word != member.default)
        elif isinstance(member, f.Flag):
            row[name] = not member.default
        elif isinstance(member, f.Ref):
            row[name] = 1
        elif isinstance(member, f.Embedded):
            row[name] = {member.key: 1}
        elif isinstance(member, f.KeyedRows | f.Rows):
            below = member.row is schema
            row[name] = [] if below else [full_row(member.row, key)]
        elif member.stored:
            row[name] = SAMPLES[type(member)]
    return row


def test_every_member_of_every_kind_comes_back(scratch, made):
    """Those that a method neither shows nor takes, too."""
    keys = count(9000)
    for kind in RECORDS.keys() - {"Ledger"}:
        row = full_row(RECORDS[kind], keys)
        put(scratch, kind, row)
        told = file_row(scratch, kind, scratch.row(kind, row[RECORDS[kind].key]))
        assert told.pop("LastModifiedDate") == "2026-03-07 07:00:00.000 GMT-05:00 (Eastern Standard Time)"
        assert told == row
    comes_back(scratch, made)


def test_a_record_has_its_members_in_their_order(scratch):
    """As they are declared, the defaults among them, and nothing that is derived."""
    told = file_row(scratch, "Client", scratch.row("Client", 2))
    declared = RECORDS["Client"].members
    assert list(told) == [name for name, member in declared.items() if member.stored or name == "LastModifiedDate"]
    assert {"CompanyKey", "Notes"} <= told.keys()
    assert not {"ClientTypeDescription", "Delete"} & told.keys()


def test_a_project_is_nested(scratch):
    """Phases below groups and phases, each with its resources; contacts without names; drop-downs bare."""
    told = file_row(scratch, "Project", scratch.row("Project", 1))
    phase = told["InvoiceGroups"][0]["Phases"][0]
    assert phase["Resources"][0]["ResourceKey"]
    assert "Employee" not in phase["Resources"][0]
    assert "LastModifiedDate" not in phase
    assert set(told["Contacts"][0]) == {"ContactKey", "Order", "Text"}
    assert told["ProjectManager"] == {"EmployeeKey": told["ProjectManager"]["EmployeeKey"]}
    assert isinstance(told["CF_LeedTarget"], str)


def test_what_a_file_may_not_say_is_not_told(scratch, made):
    """A group that has no phase in the books is put again as it is told."""
    put(scratch, "Project", {"ProjectKey": 900, "CompanyKey": 1, "InvoiceGroups": [{"InvoiceGroupKey": 900}]})
    told = file_row(scratch, "Project", scratch.row("Project", 900))
    assert "Phases" not in told["InvoiceGroups"][0]
    put(scratch, "Project", told)
    comes_back(scratch, made)


def test_an_export_leaves_out_what_is_usual(scratch):
    """Files are for people, too: a member that has its default may be left out of them."""
    (client,) = [row for row in exported(scratch)["clients.json"] if row["ClientKey"] == 8]
    assert not {"Status", "Notes", "Contacts", "ClientTypeKey", "SendStatements"} & client.keys()


def test_an_export_has_a_file_for_each_kind(made):
    """An array that may be empty."""
    files = exported(made("empty"))
    assert len(files) == len(RECORDS) + 1
    assert all(rows == [] for name, rows in files.items() if name != "firm.json")


def test_two_exports_are_the_same_text(scratch, made):
    """Of one tenant, of its twin that was read in, and of the twin kept in a file and opened again."""
    again = made(read_files(sent(exported(scratch)), "the export"))
    assert laid_out(exported(scratch)) == laid_out(exported(scratch)) == laid_out(exported(again))


def test_the_order_of_users_is_not_that_of_their_making(scratch):
    """Nobody can tell it after the file was opened again."""
    scratch.users.add(NewUser("another", "Aa-45678"), METHODS)
    assert [user["Username"] for user in exported(scratch)["firm.json"]["ApiUsers"]] == sorted(scratch.users)


def test_an_export_is_a_folder_that_is_served(tmp_path):
    """The same answers, and the same users with the same passwords."""
    with MockAjera() as ajera:
        (created,) = change(ajera)
        write(read_files(exported(ajera.tenant), "the export"), tmp_path / "firm")
        keys = {"RequestedProjects": [1, 5, created["ProjectKey"]]}
        with MockAjera(sample=tmp_path / "firm") as again:
            assert books(again.tenant) == books(ajera.tenant)
            assert again.call("GetProjects", keys)["Content"] == ajera.call("GetProjects", keys)["Content"]


def test_a_folder_and_its_values_are_one_sample():
    """What is read from files is what is read of their values."""
    folder = sample_path()
    values = {file.name: codec.decode(file.read_bytes()) for file in folder.glob("*.json")}
    assert read_files(values, folder) == read(folder)


@pytest.mark.parametrize(
    ("zone", "at"),
    [("America/New_York", (1900, 1, 1)), ("Pacific/Auckland", (2079, 12, 31, 23, 59, 59))],
)
def test_stamps_at_the_ends_of_time_come_back(zone, at, made):
    """The local year is one there that no stamp has."""
    files = exported(made("empty"))
    files["firm.json"]["TimeZone"] = zone
    tenant = made(read_files(files, "x"))
    tenant.clock.freeze(datetime(*at, tzinfo=UTC))
    put(tenant, "Contact", {"ContactKey": 1})
    comes_back(tenant, made)


def test_every_kind_of_record_may_have_a_stamp_in_a_file(scratch):
    """Also one that is never printed with it."""
    put(scratch, "Company", {"CompanyKey": 900, "LastModifiedDate": "2026-01-02 03:04:05.007 GMT+00:00"})
    row = scratch.row("Company", 900)
    assert row.stamp == 1767323045007


def firm_json(**members):
    files = exported_sample()
    files["firm.json"] |= members
    return files


def exported_sample():
    return {"firm.json": json.loads((sample_path() / "firm.json").read_text(encoding="utf-8"))}


USER = {"Username": "one", "AuthorizingEmployeeKey": None}
HASH = "pbkdf2:sha256:100$salt$" + "0a" * 32


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"ApiUsers": [USER]}, "one of `Password` and `PasswordHash` is needed, and not both - at `ApiUsers[0]`"),
        ({"ApiUsers": [USER | {"Password": "x", "PasswordHash": HASH}]}, "and not both - at `ApiUsers[0]`"),
        ({"ApiUsers": [USER | {"PasswordHash": "Offline_4jera"}]}, "`PasswordHash` is no hash"),
        ({"ApiUsers": [USER | {"PasswordHash": HASH.replace(":100$", ":1000000000$")}]}, "`PasswordHash` is no hash"),
        ({"ApiUsers": [USER | {"PasswordHash": None}]}, "ApiUsers[0].PasswordHash"),
        ({"Quirks": {"colour": "green"}}, "Quirks.colour: there is no quirk 'colour'; there are bare_upper_date"),
        ({"Quirks": {"members": "green"}}, "Quirks.members: quirk members: 'green' is none of observed"),
        ({"Quirks": {"session_minutes": -1}}, "Quirks.session_minutes"),
        ({"Quirks": []}, "`Quirks`"),
        ({"Numbers": {"Phase": 5}}, "Numbers.Phase: there is no sequence of keys 'Phase'; there are AccountGroup"),
        ({"Numbers": {"Session": 5}}, "Numbers.Session: there is no sequence of keys"),
        ({"Numbers": {"Client": "5"}}, "Numbers.Client: a whole number from 1 to 2147483647 is expected, found '5'"),
        ({"Numbers": {"Client": 0}}, "Numbers.Client: a whole number from 1"),
        ({"Numbers": {"Client": 2**31}}, "Numbers.Client: a whole number from 1"),
        ({"Numbers": {"Client": True}}, "Numbers.Client: a whole number from 1"),
        ({"Numbers": 5}, "`Numbers`"),
    ],
)
def test_what_is_wrong_in_firm_json(members, said):
    """Member and file are named, before anything is loaded."""
    with pytest.raises(BadSample) as refused:
        read_files(firm_json(**members), "the export")
    assert str(refused.value).startswith("the export: firm.json: ")
    assert said in str(refused.value)


def test_a_number_below_a_key_in_use(scratch):
    """A new record would take the key of one that is there."""
    files = exported(scratch)
    highest = max(row["ClientKey"] for row in files["clients.json"])
    files["firm.json"]["Numbers"] = {"Client": highest - 1}
    with pytest.raises(BadSample, match=rf"firm.json: Numbers.Client: {highest - 1} is below {highest}, a key"):
        tenant_of(read_files(files, "the export"), seed=b"x")
    files["firm.json"]["Numbers"] = {"Client": highest}
    tenant_of(read_files(files, "the export"), seed=b"x").close()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "the export: there is no firm.json; a sample is"),
        ({"clients.json": []}, "the export: there is no firm.json; a sample is"),
        (firm_json() | {"cliennts.json": []}, "the export: cliennts.json: no kind of record has this file"),
        (firm_json() | {"README.md": "x"}, "the export: README.md: no kind of record has this file"),
        ({"firm.json": []}, "the export: firm.json: "),
        (firm_json(Colour="green"), "the export: firm.json: Object contains unknown field `Colour`"),
        (firm_json() | {"clients.json": {}}, "the export: clients.json: an array of records is expected"),
        (firm_json() | {"clients.json": None}, "the export: clients.json: an array of records is expected"),
    ],
)
def test_files_that_are_no_sample(files, said):
    """Refused as those of a folder are."""
    with pytest.raises(BadSample) as refused:
        read_files(files, "the export")
    assert str(refused.value).startswith(said)


def test_a_record_that_is_none_is_named(scratch):
    """File, record and member, as of a folder."""
    files = exported(scratch)
    files["clients.json"][1]["Desciption"] = "x"
    with pytest.raises(BadSample, match=r"the export: clients.json: record 2 \(ClientKey 2\): Desciption: no such"):
        tenant_of(read_files(files, "the export"), seed=b"x")


def test_quirks_of_a_firm_stand_over_the_profile_and_below_what_is_given(tmp_path):
    """Whoever starts it has the last word."""
    with MockAjera(quirks={"members": "all", "session_minutes": 5}) as ajera:
        write(read_files(exported(ajera.tenant), "the export"), tmp_path / "firm")
    with MockAjera(sample=tmp_path / "firm", profile="documented", quirks={"session_minutes": 7}) as again:
        values = again.tenant.quirks
        assert (values["members"], values["session_minutes"]) == ("all", 7)
        assert values["success_code"] == "docs"


def test_the_password_of_an_exported_user_is_not_known(tmp_path, made):
    """Only its hash is: the first user whose password the files say is shown."""
    files = exported(made("empty"))
    write(read_files(files, "x"), tmp_path / "hashes")
    assert credentials(tmp_path / "hashes") is None
    files["firm.json"]["ApiUsers"].append({"Username": "zoe", "Password": "Aa-45678"})
    write(read_files(files, "x"), tmp_path / "one")
    assert credentials(tmp_path / "one") == ("zoe", "Aa-45678")


def test_an_empty_firm(made):
    """The sample's firm and users, no record, no custom field, and nobody whom a user acts for."""
    empty, sample = made("empty"), made()
    assert credentials("empty") == credentials("sample")
    assert list(empty.store.rows()) == []
    assert empty.firm.company_name == sample.firm.company_name
    assert empty.firm.custom_fields == ()
    assert {name: user.authorizing_employee for name, user in empty.users.items()} == dict.fromkeys(sample.users)
    assert sample.users["integrator"].authorizing_employee == 1


def test_an_empty_firm_takes_records(made):
    """The first of a kind has the key 1."""
    with MockAjera(sample="empty") as ajera:
        new = {"ClientKey": -1, "LastModifiedDate": STAMP, "Description": "The first"}
        answer = ajera.call("UpdateClients", {"UpdatedClients": [new], "UnchangedClients": []})
        assert answer["Content"]["Clients"][0]["ClientKey"] == 1
        comes_back(ajera.tenant, made)


def test_a_tenant_in_a_file_is_exported_as_one_in_memory(tmp_path, made):
    """Nothing depends on the store."""
    kept = made("sample", store=SqliteStore.open(tmp_path / "firm.db"))
    assert isinstance(kept, Tenant)
    assert exported(kept) == exported(made())
