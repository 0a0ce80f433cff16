"""Data files of other versions: migrated, or refused and left unchanged."""

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import run

from mock_ajera import MockAjera, __version__, codec
from mock_ajera.api import fields as f
from mock_ajera.api.context import Visibility
from mock_ajera.api.database_id import hosted
from mock_ajera.api.families import RECORDS
from mock_ajera.api.families.clients import Client
from mock_ajera.api.families.contacts import ContactLine
from mock_ajera.api.families.projects.views import with_resources
from mock_ajera.api.records import Row
from mock_ajera.api.shapes import plain
from mock_ajera.api.views import TenantView
from mock_ajera.app import create_app
from mock_ajera.books.timesheets import work_of
from mock_ajera.sample import migration
from mock_ajera.sample.export import exported
from mock_ajera.sample.files import read_files
from mock_ajera.sample.templates import new_tenant, open_tenant, tenant_of
from mock_ajera.store import SqliteStore, StoreUnreadable
from mock_ajera.tenants.directory import Directory

FIRST_SLICE = Path(__file__).parents[1] / "fixtures" / "data_files" / "first_slice.db.gz"
"""A data file of commit 7c487fe, whose resources have no activities and vendors.

It has the sample of that commit, one open session, and Notes of project 14 that were written over the API.
"""
TOKEN = "dfef7f2a2228d4ff35df890da106215bd4788fd4"
LOGIN = datetime(2026, 11, 21, 12, 40, tzinfo=UTC)
"""A time during that session, which lasts 90 minutes."""


@pytest.fixture
def old(tmp_path):
    """Return a copy of the file of the first slice."""
    file = tmp_path / "old.db"
    file.write_bytes(gzip.decompress(FIRST_SLICE.read_bytes()))
    return file


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Return a file of today with the sample."""
    file = tmp_path_factory.mktemp("filled") / "today.db"
    new_tenant("sample", seed=b"x", store=SqliteStore.open(file)).close()
    return file


@pytest.fixture
def today(filled, tmp_path):
    """Return a file of today, to be edited."""
    return Path(shutil.copy(filled, tmp_path / "today.db"))


def opened(file):
    tenant = open_tenant(SqliteStore.open(file), seed=b"x")
    assert tenant is not None
    return closing(tenant)


def reopen(file):
    with opened(file):
        pass


def sql(file, statement, *values):
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(statement, values).fetchall()
        connection.commit()
    return rows


def edit_note(file, area, name, change):
    """Change the value of a note."""
    ((text,),) = sql(file, "SELECT value FROM note WHERE area = ? AND name = ?", area, name)
    value = json.loads(text)
    change(value)
    sql(file, "UPDATE note SET value = ? WHERE area = ? AND name = ?", json.dumps(value), area, name)


def rows_of(file):
    """Return (version, stamp, body) of every stored record by (kind, key)."""
    rows = sql(file, "SELECT kind, key, version, stamp, body FROM record")
    return {(kind, key): (version, stamp, body) for kind, key, version, stamp, body in rows}


def edit(file, kind, key, change):
    """Change the body of a record by members or a function, and remove the note of the form."""
    ((text,),) = sql(file, "SELECT body FROM record WHERE kind = ? AND key = ?", kind, key)
    body = codec.decode(text)
    body = body | change if isinstance(change, dict) else change(body) or body
    sql(file, "UPDATE record SET body = ? WHERE kind = ? AND key = ?", codec.encode(body).decode(), kind, key)
    sql(file, "DELETE FROM note WHERE area = 'kept' AND name = 'form'")


def refusal(file):
    """Return the message of a refused file, which must be left unchanged."""
    before = file.read_bytes()
    store = SqliteStore.open(file)
    with closing(store), pytest.raises(StoreUnreadable) as refused:
        open_tenant(store, seed=b"x")
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    message = str(refused.value)
    assert message.startswith(f"{file}: ")
    assert message.endswith(f", this is mock-ajera {__version__}.")
    return message


def read(tenant, method, keys, token):
    """Return the records that a Get answers."""
    tenants = Directory()
    tenants.add(tenant)
    argument = "RequestedProjects" if "Projects" in method else f"Requested{method.removeprefix('Get')}"
    body = {"Method": method, "SessionToken": token, "MethodArguments": {argument: keys}}
    url = f"/{hosted(tenant.firm.database)}"
    answer = codec.decode(create_app(tenants).test_client().post(url, data=codec.encode(body)).data)
    (records,) = answer["Content"].values()
    return records


def with_members_of(model, value):
    """Return a value with only the members that a model has, at any depth."""
    if isinstance(model, dict):
        return {name: with_members_of(item, value[name]) for name, item in model.items()}
    if isinstance(model, list):
        return [with_members_of(item, row) for item, row in zip(model, value, strict=True)]
    return value


@pytest.mark.parametrize(
    ("kind", "method", "render"),
    [
        ("Client", "GetClients", plain(RECORDS["Client"])),
        ("Contact", "GetContacts", plain(RECORDS["Contact"])),
        ("Employee", "GetEmployees", plain(RECORDS["Employee"])),
        ("Project", "GetProjects", plain(RECORDS["Project"])),
        ("Project", "GetProjectsWithResources", with_resources(RECORDS["Project"])),
    ],
)
def test_a_file_of_the_first_slice_is_served(old, kind, method, render):
    """Records are unchanged, absent members have defaults, and the session is still open."""
    before = {key: (stamp, body) for (each, key), (_, stamp, body) in rows_of(old).items() if each == kind}
    with opened(old) as tenant:
        tenant.clock.freeze(LOGIN)
        view = TenantView(tenant)
        # Rendering uses defaults for absent members, so this is the unmigrated file.
        expected = [render(codec.decode(body), view, stamp) for stamp, body in before.values()]
        answered = read(tenant, method, list(before), TOKEN)
    assert len(answered) == len(before) > 7
    assert answered == codec.decode(codec.encode([row for rows in expected for row in rows[f"{kind}s"]]))


def test_new_members_get_defaults_in_an_old_file(old):
    """Stamps and the values in the file do not change."""
    before = rows_of(old)
    reopen(old)
    after = rows_of(old)
    assert before.keys() == after.keys()
    new = {"ActivityKey": None, "VendorKey": None, "VendorTypeKey": None}
    resources = []
    for name, (_, stamp, text) in before.items():
        old_body, body = json.loads(text), json.loads(after[name][2])
        assert after[name][1] == stamp
        assert with_members_of(old_body, body) == old_body
        resources += zip(old_body.get("Resources", ()), body.get("Resources", ()), strict=True)
    assert len(resources) == 8
    for old_resource, resource in resources:
        assert not new.keys() & old_resource.keys()
        assert new.items() <= resource.items()


def test_an_old_file_keeps_writes_sessions_users_quirks_and_sequences(old):
    numbers = sql(old, "SELECT name, number FROM sequence ORDER BY name")
    with opened(old) as tenant:
        tenant.clock.freeze(LOGIN)
        (project,) = read(tenant, "GetProjects", [14], TOKEN)
        assert project["Notes"] == "Written by the first slice."
        assert tenant.users["reader"].knows("Reading_4jera")
        assert tenant.quirk("session_minutes") == 90
        assert list(tenant.store.numbers().items()) == numbers


def test_the_custom_fields_of_an_old_file_are_of_projects(old):
    with opened(old) as tenant:
        assert tenant.firm.custom_fields
        assert tenant.firm.custom_fields_by_kind == {"Project": tenant.firm.custom_fields}


def test_an_old_file_can_be_exported_and_loaded(old):
    with opened(old) as tenant, closing(tenant_of(read_files(exported(tenant), "x"), seed=b"x")) as again:
        bodies = {(row.kind, row.key): (row.stamp, row.body) for row in tenant.store.rows()}
        assert {(row.kind, row.key): (row.stamp, row.body) for row in again.store.rows()} == bodies


def test_a_migrated_file_is_not_written_again(old):
    reopen(old)
    first, bytes_of_first = rows_of(old), old.read_bytes()
    reopen(old)
    assert rows_of(old) == first
    assert old.read_bytes() == bytes_of_first


class Counting(SqliteStore):
    """A store that counts the passes over its records."""

    passes = 0

    def rows(self, kind=None):
        self.passes += 1
        return super().rows(kind)


@pytest.mark.parametrize(("deleted_note", "passes"), [("", 0), ("form", 1), ("writer", 0)])
def test_records_are_visited_only_if_the_form_is_unknown(today, deleted_note, passes):
    """A large firm must open quickly."""
    sql(today, "DELETE FROM note WHERE area = 'kept' AND name = ?", deleted_note)
    with closing(Counting.open(today)) as store:
        migration.migrate(store)
        assert store.passes == passes
        migration.migrate(store)
        assert store.passes == passes


@pytest.mark.parametrize("sample", ["sample", "empty", 70])
def test_a_new_firm_needs_no_migration(sample, tmp_path):
    with closing(new_tenant(sample, seed=b"x", store=Counting.open(tmp_path / "new.db"))) as tenant:
        tenant.store.passes = 0
        migration.migrate(tenant.store)
        assert tenant.store.passes == 0
        assert tenant.store.notes("kept") == {"form": migration.form(), "writer": __version__}


def test_a_file_of_today_without_notes_gets_them(today):
    before = rows_of(today)
    sql(today, "DELETE FROM note WHERE area = 'kept'")
    with opened(today) as tenant:
        assert tenant.store.notes("kept") == {"form": migration.form(), "writer": __version__}
    assert rows_of(today) == before


def test_the_last_writer_is_noted(today):
    sql(today, "UPDATE note SET value = '0.0.7' WHERE area = 'kept' AND name = 'writer'")
    with opened(today) as tenant:
        assert tenant.store.note("kept", "writer") == __version__


# Newer declarations


class NewerLine(ContactLine):
    Pronoun = f.Text(default="they")


class NewerClient(Client):
    kind = "Client"
    Rating = f.Choice("Good", "Bad", default="Good")
    Limit = f.Money()
    Contacts = f.Rows(NewerLine, at_most=5)


@pytest.fixture
def declare(monkeypatch):
    """Return a function that replaces the declaration of a kind."""

    def declare(record):
        monkeypatch.setitem(RECORDS, record.kind, record)
        migration.form.cache_clear()

    yield declare
    monkeypatch.undo()
    migration.form.cache_clear()


def test_new_members_get_defaults_at_any_depth(today, declare):
    """They are in their declared position, and the stamp does not change."""
    before = rows_of(today)
    declare(NewerClient())
    store = SqliteStore.open(today)
    with closing(store):
        migration.migrate(store)
        row = store.get("Client", 1)
    body = json.loads(row.body)
    assert (body["Rating"], body["Limit"]) == ("Good", 0)
    assert [line["Pronoun"] for line in body["Contacts"]] == ["they"]
    assert list(body) == [name for name, member in NewerClient().members.items() if member.stored]
    assert row.stamp == before["Client", 1][1]
    assert {name for name, found in rows_of(today).items() if found != before[name]} == {
        name for name in before if name[0] == "Client"
    }


def test_a_file_of_a_newer_version_is_refused(today, declare, monkeypatch):
    """The message has the version of the writer."""
    declare(NewerClient())
    with monkeypatch.context() as patch, closing(SqliteStore.open(today)) as store:
        patch.setattr(migration, "__version__", "9.9.9")
        migration.migrate(store)
    monkeypatch.undo()
    migration.form.cache_clear()
    message = refusal(today)
    assert message.startswith(f"{today}: Client 1: ")
    assert "no such member. The file was written by mock-ajera 9.9.9, this is" in message


def test_an_unknown_kind_is_refused(today):
    sql(today, "INSERT INTO record VALUES ('Zone', 7, 1, 0, '{}')")
    sql(today, "DELETE FROM note WHERE area = 'kept'")
    assert "Zone 7: there is no record kind Zone. The file was written by an older mock-ajera" in refusal(today)


class Inner(Row):
    InnerKey = f.Key()
    Text = f.Text(max=5)


def declared(row=Inner, member=None):
    """Return a client record with one more member: rows of a type, or another member."""
    return type("Outer", (Client,), {"kind": "Client", "Extra": f.KeyedRows(row) if member is None else member})()


def inner(**members):
    return type("Inner", (Inner,), members)


def test_every_declaration_has_its_own_form(declare):
    """The form depends on the limits of every member, at any depth."""
    declarations = [
        Client(),
        declared(),
        declared(inner(More=f.Text())),
        declared(inner(Text=f.Text(max=6))),
        declared(inner(Text=f.Day())),
        declared(inner(InnerKey=f.Key(sequence="Client"))),
        declared(member=f.Text()),
        declared(member=f.Choice("A", "B")),
        declared(member=f.Choice("A", "C")),
        declared(member=f.Ref("Company")),
        declared(member=f.Ref("Company", nullable=False)),
        declared(member=f.Ref("Contact")),
        declared(member=f.Embedded("Company", "CompanyKey", {})),
        declared(member=f.Money()),
        declared(member=f.Rate()),
        declared(member=f.Whole()),
        declared(member=f.Whole(at_most=5)),
        declared(member=f.Whole(at_least=5)),
    ]
    forms = set()
    for record in declarations:
        declare(record)
        forms.add(migration.form())
    assert len(forms) == len(declarations)


def test_the_stored_layout_of_a_project_changes_the_form(declare, monkeypatch):
    before = migration.form()
    project = type("Project", (type(RECORDS["Project"]),), {"kind": "Project", "flat": ("Resources",)})
    declare(project())
    assert migration.form() != before


def test_options_that_do_not_affect_stored_values_do_not_change_the_form(declare):
    declare(declared(member=f.Text()))
    before = migration.form()
    declare(declared(member=f.Text(shown=Visibility.DOCUMENTED, claim="x", default="y", required="always")))
    assert migration.form() == before


def test_the_form_is_the_same_in_every_process():
    """Otherwise every start would visit all records."""
    program = "from mock_ajera.sample import migration; print(migration.form())"
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        printed = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment, check=True)
        assert printed.stdout.decode().strip() == migration.form()


# Refused files


def phase(body):
    return body["Phases"][0]


@pytest.mark.parametrize(
    ("kind", "change", "text"),
    [
        ("Client", {"Color": "red"}, "Color: no such member"),
        ("Client", {"self": "red"}, "self: no such member"),
        ("Client", lambda body: body["Contacts"][0].update(Color=1), "Contacts[0].Color: no such member"),
        ("Client", {"Notes": 5}, "Notes: text is expected, found a number"),
        ("Client", {"Notes": None}, "Notes: null is not a valid value"),
        ("Client", {"Status": "Asleep"}, "Status: 'Asleep' is not one of Active, Inactive"),
        ("Client", {"Status": "ACTIVE"}, 'Status: "ACTIVE" is not a valid value'),
        ("Client", {"Status": None}, "Status: null is not a valid value"),
        ("Client", {"SendStatements": 1}, "SendStatements: true or false is expected"),
        ("Client", {"SendStatements": 0}, "SendStatements: true or false is expected"),
        ("Client", {"SendStatements": "true"}, 'SendStatements: "true" is not a valid value'),
        ("Client", {"SendStatements": None}, "SendStatements: null is not a valid value"),
        ("Client", {"DateEstablished": "2026-02-30"}, "DateEstablished: '2026-02-30' is not a"),
        ("Client", {"DateEstablished": "2026-02-03 10:00"}, 'DateEstablished: "2026-02-03 10:00" is not a valid value'),
        ("Client", {"AnnualPercentageRate": "1"}, "AnnualPercentageRate: a number is expected"),
        ("Client", {"AnnualPercentageRate": None}, "AnnualPercentageRate: null is not a valid value"),
        ("Client", {"AnnualPercentageRate": codec.number("0.00005")}, "AnnualPercentageRate: 0.00005 is not a valid"),
        ("Client", {"ClientTypeKey": "1"}, "ClientTypeKey: a whole number is expected"),
        ("Client", {"ClientTypeKey": 0}, "ClientTypeKey: 0 is not a valid value"),
        ("Client", {"ClientKey": 2}, "ClientKey: stored under another key, 1"),
        ("Client", {"ClientKey": -1}, "ClientKey: a key is expected, found -1"),
        ("Client", {"ClientKey": None}, "ClientKey: a key is expected, found null"),
        ("Client", lambda body: body.pop("ClientKey") and None, "ClientKey: missing"),
        ("Client", {"Contacts": {}}, "Contacts: a list is expected"),
        ("Client", {"Contacts": [5]}, "Contacts[0]: an object is expected"),
        ("Client", lambda body: [body], "body: not an object"),
        ("Project", {"Description": "x" * 81}, "Description: 81 characters, at most 80"),
        ("Project", {"CustomFields": []}, "CustomFields: an object of custom fields is expected"),
        ("Project", {"CustomFields": {"A": 5}}, "CustomFields: an object of custom fields is"),
        ("Project", {"ProjectManager": {"EmployeeKey": 1}}, "ProjectManager: "),
        ("Project", lambda body: phase(body).update(Color=1), "InvoiceGroups[0].Phases[0].Color: no such"),
        ("Project", lambda body: phase(body).update(Status=1), "InvoiceGroups[0].Phases[0].Status: text is expected"),
        ("Project", lambda body: phase(body).pop("PhaseKey") and None, "body: inconsistent nested rows"),
        ("Project", lambda body: phase(body).update(ParentKey=9999), "body: inconsistent nested rows"),
        ("Project", lambda body: body["Phases"].append(phase(body)), "body: inconsistent nested rows"),
        ("Project", lambda body: body.pop("Phases") and None, "body: inconsistent nested rows"),
        ("Project", {"Phases": [5]}, "body: inconsistent nested rows"),
        ("Project", {"InvoiceGroups": None}, "body: inconsistent nested rows"),
    ],
)
def test_an_invalid_record_is_refused(today, kind, change, text):
    """The file is unchanged, including the records before the invalid one."""
    edit(today, "AccountGroup", 1, lambda body: body.pop("Notes") and None)
    edit(today, kind, 1, change)
    message = refusal(today)
    assert message.startswith(f"{today}: {kind} 1: {text}")
    assert message.endswith(f". The file was written by mock-ajera {__version__}, this is mock-ajera {__version__}.")


def test_a_body_that_is_not_json_is_refused(today):
    sql(today, """UPDATE record SET body = '{"ClientKey":' WHERE kind = 'Client' AND key = 3""")
    sql(today, "DELETE FROM note WHERE area = 'kept'")
    assert "Client 3: body: not valid JSON" in refusal(today)


@pytest.mark.parametrize(
    ("area", "name", "value", "text"),
    [
        ("color", "red", "1", "the note color/red: unknown. The file"),
        ("tenant", "color", "1", "the note tenant/color: unknown. The file"),
        ("kept", "color", "1", "the note kept/color: unknown. The file"),
        ("tenant", "clock", "backwards", "the note tenant/clock: cannot be read (invalid clock setting"),
        ("tenant", "firm", "{", "the note tenant/firm: cannot be read ("),
        ("tenant", "firm", "{}", "the note tenant/firm: cannot be read ('database')"),
        ("user", "integrator", '{"name": "integrator"}', "the note user/integrator: cannot be read ('cleared')"),
        ("user", "integrator", "[]", "the note user/integrator: cannot be read ("),
        ("session", "abc", '{"user": "integrator"}', "the note session/abc: cannot be read ("),
    ],
)
def test_an_unreadable_note_is_refused(today, area, name, value, text):
    """It is refused even if the records have today's form."""
    sql(today, "INSERT OR REPLACE INTO note VALUES (?, ?, ?)", area, name, value)
    assert refusal(today).startswith(f"{today}: {text}")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda firm: firm.update(color="red"), "Unexpected keyword argument 'color'"),
        (lambda firm: firm.update(time_zone="Mars/Olympus"), "there is no time zone"),
        (lambda firm: firm["custom_fields"][0].update(kind="Color"), "there is no custom field kind 'Color'"),
        (lambda firm: firm["custom_fields"][0].update(shade=1), "Unexpected keyword argument 'shade'"),
        (lambda firm: firm["custom_fields"][0].update(on=["Client", "Crew"]), "there are no custom fields on Crew"),
    ],
)
def test_a_firm_of_a_newer_version_is_refused(today, change, text):
    """Its additional data would be lost."""
    edit_note(today, "tenant", "firm", change)
    assert text in refusal(today)


def test_a_user_of_a_newer_version_is_refused(today):
    """An unknown restriction must not be ignored."""
    edit_note(today, "user", "reader", lambda user: user.update(only_from="127.0.0.1"))
    assert "the note user/reader: cannot be read (" in refusal(today)


# Accepted files


def test_an_equal_value_is_written_in_todays_form(today):
    edit(today, "Client", 1, {"PrePaymentBeginningBalance": 5})
    with opened(today) as tenant:
        assert '"PrePaymentBeginningBalance":5.00,' in tenant.row("Client", 1).body


def test_members_are_written_in_the_order_of_declaration(today):
    before = rows_of(today)["Client", 1][2]
    edit(today, "Client", 1, lambda body: dict(reversed(body.items())))
    reopen(today)
    assert rows_of(today)["Client", 1][2] == before


def test_an_absent_list_becomes_empty(today):
    """The layout of a project requires some lists."""
    before = rows_of(today)["Project", 32][2]
    assert json.loads(before)["Resources"] == []
    edit(today, "Project", 32, lambda body: body.pop("Resources") and None)
    reopen(today)
    assert rows_of(today)["Project", 32][2] == before


def test_rows_of_timesheets_keep_the_rates_that_an_older_version_stored(today):
    """It stored one set of rates for all days of a row."""

    def without_day_rates(body):
        for row in (*body["Projects"], *body["Overheads"]):
            assert not row.pop("DayRates")

    def costs(tenant):
        return [work.amounts.get("Cost") for work in work_of(tenant.body(tenant.row("Timesheet", 1)))]

    with opened(today) as tenant:
        before = costs(tenant)
    edit(today, "Timesheet", 1, without_day_rates)
    with opened(today) as tenant:
        assert costs(tenant) == before
        assert any(before)


def test_null_is_accepted_for_nullable_members(today):
    edit(today, "Client", 1, {"ClientTypeKey": None, "DateEstablished": None})
    with opened(today) as tenant:
        assert tenant.body(tenant.row("Client", 1))["ClientTypeKey"] is None


def test_a_new_key_is_not_in_use_after_a_migration(today):
    """An older version may have used another sequence."""
    sql(today, "DELETE FROM sequence WHERE name IN ('Client', 'Project')")
    sql(today, "DELETE FROM note WHERE area = 'kept'")
    with opened(today) as tenant, tenant.store.transaction():
        phases = [phase["PhaseKey"] for row in tenant.store.rows("Project") for phase in tenant.body(row)["Phases"]]
        assert tenant.store.next_number("Client") == max(tenant.model.tables["Client"].entries) + 1
        assert tenant.store.next_number("Project") > max(phases)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("color", '"green"', 'the quirk color = "green"'),
        ("members", '"green"', 'the quirk members = "green"'),
        ("session_minutes", "{", "the quirk session_minutes = {"),
    ],
)
def test_an_unknown_quirk_is_dropped_with_a_warning(today, capsys, name, value, text):
    """The warning is printed once."""
    sql(today, "INSERT OR REPLACE INTO note VALUES ('quirk', ?, ?), ('quirk', 'success_code', '\"zero\"')", name, value)
    with opened(today) as tenant:
        assert tenant.quirk("success_code") == "zero"
        assert "color" not in tenant.quirks
        assert (tenant.quirk("members"), tenant.quirk("session_minutes")) == ("observed", 60)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"mock-ajera: {today}: {text}")
    assert line.endswith(" is unknown and is dropped")
    reopen(today)
    assert capsys.readouterr().err == ""


def test_a_refused_file_keeps_its_quirks(today, capsys):
    sql(today, "INSERT INTO note VALUES ('quirk', 'color', '1')")
    edit(today, "Client", 1, {"Color": "red"})
    refusal(today)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["users", "list"], ["seed", "5"]])
def test_a_command_prints_one_line_for_a_refused_file(today, words):
    edit(today, "Client", 1, {"Color": "red"})
    done = run(*words, "--data", str(today))
    assert done.exit_code == 2
    assert done.stderr.startswith(f"mock-ajera: {today}: Client 1: Color: no such member.")
    assert len(done.stderr.splitlines()) == 1


def test_a_store_in_memory_has_the_note_of_the_form():
    """Its snapshots can be restored into a file."""
    with MockAjera() as ajera:
        assert ajera.tenant.store.note("kept", "form") == migration.form()
