"""Files that another mock-ajera has kept: brought into today's form, or refused in words and left as they were."""

from __future__ import annotations

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
from mock_ajera.api.database_id import hosted
from mock_ajera.api.families import RECORDS
from mock_ajera.api.families.clients import Client
from mock_ajera.api.families.contacts import ContactLine
from mock_ajera.api.families.projects.views import nested, with_resources
from mock_ajera.api.records import Row
from mock_ajera.api.shapes import plain
from mock_ajera.api.views import TenantView
from mock_ajera.app import create_app
from mock_ajera.sample import migration
from mock_ajera.sample.export import exported
from mock_ajera.sample.files import read_files
from mock_ajera.sample.templates import new_tenant, open_tenant, tenant_of
from mock_ajera.store import SqliteStore, StoreUnreadable
from mock_ajera.tenants.directory import Directory

FIRST_SLICE = Path(__file__).parents[1] / "fixtures" / "data_files" / "first_slice.db.gz"
"""What ``serve --data`` of commit 7c487fe left behind, before resources had activities and vendors: it was filled from
the sample of those days, one user logged in, and the Notes of project 14 were written through the API.
"""
TOKEN = "dfef7f2a2228d4ff35df890da106215bd4788fd4"
LOGIN = datetime(2026, 11, 21, 12, 40, tzinfo=UTC)
"""Some minutes after that login, which was for an hour and a half."""


@pytest.fixture
def old(tmp_path):
    """A copy of the file from the first slice."""
    file = tmp_path / "old.db"
    file.write_bytes(gzip.decompress(FIRST_SLICE.read_bytes()))
    return file


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A file of today with the sample."""
    file = tmp_path_factory.mktemp("filled") / "today.db"
    new_tenant("sample", seed=b"x", store=SqliteStore.open(file)).close()
    return file


@pytest.fixture
def today(filled, tmp_path):
    """A file of today, to be edited."""
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


def rows_of(file):
    """(kind, key) -> (version, stamp, body) of everything that is stored."""
    rows = sql(file, "SELECT kind, key, version, stamp, body FROM record")
    return {(kind, key): (version, stamp, body) for kind, key, version, stamp, body in rows}


def edit(file, kind, key, change):
    """Change the body of a record by hand, as no note of its form tells."""
    ((text,),) = sql(file, "SELECT body FROM record WHERE kind = ? AND key = ?", kind, key)
    body = codec.decode(text)
    body = change(body) or body
    sql(file, "UPDATE record SET body = ? WHERE kind = ? AND key = ?", codec.encode(body).decode(), kind, key)
    sql(file, "DELETE FROM note WHERE area = 'kept' AND name = 'form'")


def refusal(file):
    """What is said of a file that is refused; it is left byte by byte as it was."""
    before = file.read_bytes()
    store = SqliteStore.open(file)
    with closing(store), pytest.raises(StoreUnreadable) as refused:
        open_tenant(store, seed=b"x")
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    said = str(refused.value)
    assert said.startswith(f"{file}: ")
    assert said.endswith(f", this is mock-ajera {__version__}.")
    return said


def read(tenant, method, keys, token):
    """The records that a Get answers, over the application."""
    tenants = Directory()
    tenants.add(tenant)
    argument = "RequestedProjects" if "Projects" in method else f"Requested{method.removeprefix('Get')}"
    body = {"Method": method, "SessionToken": token, "MethodArguments": {argument: keys}}
    url = f"/{hosted(tenant.firm.database)}"
    answer = codec.decode(create_app(tenants).test_client().post(url, data=codec.encode(body)).data)
    (records,) = answer["Content"].values()
    return records


@pytest.mark.parametrize(
    ("kind", "method", "render"),
    [
        ("Client", "GetClients", plain(RECORDS["Client"])),
        ("Contact", "GetContacts", plain(RECORDS["Contact"])),
        ("Employee", "GetEmployees", plain(RECORDS["Employee"])),
        ("Project", "GetProjects", nested(RECORDS["Project"])),
        ("Project", "GetProjectsWithResources", with_resources(RECORDS["Project"])),
    ],
)
def test_a_file_of_the_first_slice_is_served(old, kind, method, render):
    """Each record as it was, what it lacks by the defaults of today; to whoever was logged in."""
    before = {key: (stamp, body) for (each, key), (_, stamp, body) in rows_of(old).items() if each == kind}
    with opened(old) as tenant:
        tenant.clock.freeze(LOGIN)
        view = TenantView(tenant)
        # A member that is not stored is rendered by its default: this is what the file says, read by no migration.
        expected = [render(codec.decode(body), view, stamp) for stamp, body in before.values()]
        answered = read(tenant, method, list(before), TOKEN)
    assert len(answered) == len(before) > 7
    assert answered == codec.decode(codec.encode([row for rows in expected for row in rows[f"{kind}s"]]))


def test_what_the_first_slice_did_not_know(old):
    """Resources have no activity and no vendor, three levels down; stamps and all other values are as they were."""
    before = rows_of(old)
    reopen(old)
    after = rows_of(old)
    assert before.keys() == after.keys()
    new = {"ActivityKey": None, "VendorKey": None, "VendorTypeKey": None}
    resources = 0
    for name, (_, stamp, text) in before.items():
        body = json.loads(text)
        for resource in body.get("Resources", ()):
            assert not new.keys() & resource.keys()
            resource |= new
            resources += 1
        assert (stamp, body) == (after[name][1], json.loads(after[name][2]))
    assert resources == 8


def test_a_file_of_the_first_slice_keeps_its_write(old):
    """And the login, the users with their passwords, the quirks and the numbers."""
    numbers = sql(old, "SELECT name, number FROM sequence ORDER BY name")
    with opened(old) as tenant:
        tenant.clock.freeze(LOGIN)
        (project,) = read(tenant, "GetProjects", [14], TOKEN)
        assert project["Notes"] == "Written by the first slice."
        assert tenant.users["reader"].knows("Reading_4jera")
        assert tenant.quirk("session_minutes") == 90
        assert list(tenant.store.numbers().items()) == numbers


def test_a_file_of_the_first_slice_is_written_like_any_other(old):
    """An export of it comes back whole."""
    with opened(old) as tenant, closing(tenant_of(read_files(exported(tenant), "x"), seed=b"x")) as again:
        bodies = {(row.kind, row.key): (row.stamp, row.body) for row in tenant.store.rows()}
        assert {(row.kind, row.key): (row.stamp, row.body) for row in again.store.rows()} == bodies


def test_a_file_of_the_first_slice_behind_the_command_line(old, serve):
    """``serve --data`` as it is run."""
    served = serve("--data", str(old))
    options = ["--url", served.url, "--username", "integrator", "--password", "Offline_4jera", "--content"]
    asked = run("call", "GetProjects", '{"RequestedProjects": [14]}', *options)
    assert "Written by the first slice." in asked.stdout, asked.stderr


def test_a_second_time_nothing_is_left_to_do(old):
    """No record is written again."""
    reopen(old)
    first, bytes_of_first = rows_of(old), old.read_bytes()
    reopen(old)
    assert rows_of(old) == first
    assert old.read_bytes() == bytes_of_first


class Counting(SqliteStore):
    """A store that counts how often its records are walked over."""

    walks = 0

    def rows(self, kind=None):
        self.walks += 1
        return super().rows(kind)


@pytest.mark.parametrize(("forget", "walks"), [("", 0), ("form", 1), ("writer", 0)])
def test_records_are_walked_over_where_the_form_is_not_known(today, forget, walks):
    """A large firm is opened without a look at its records."""
    sql(today, "DELETE FROM note WHERE area = 'kept' AND name = ?", forget)
    with closing(Counting.open(today)) as store:
        migration.migrate(store)
        assert store.walks == walks
        migration.migrate(store)
        assert store.walks == walks


@pytest.mark.parametrize("sample", ["sample", "empty", 70])
def test_a_new_firm_needs_no_walk(sample, tmp_path):
    """Its form is noted when it is filled, with the program that did it."""
    with closing(new_tenant(sample, seed=b"x", store=Counting.open(tmp_path / "new.db"))) as tenant:
        tenant.store.walks = 0
        migration.migrate(tenant.store)
        assert tenant.store.walks == 0
        assert tenant.store.notes("kept") == {"form": migration.form(), "writer": __version__}


def test_a_file_without_a_note_in_todays_form(today):
    """It is walked over, nothing is written, and the next time it is known."""
    before = rows_of(today)
    sql(today, "DELETE FROM note WHERE area = 'kept'")
    reopen(today)
    assert rows_of(today) == before
    assert sql(today, "SELECT value FROM note WHERE area = 'kept' AND name = 'form'") == [(migration.form(),)]


def test_the_program_that_opened_a_file_last_is_noted(today):
    """It may have written since."""
    sql(today, "UPDATE note SET value = '0.0.7' WHERE area = 'kept' AND name = 'writer'")
    reopen(today)
    assert sql(today, "SELECT value FROM note WHERE area = 'kept' AND name = 'writer'") == [(__version__,)]


# Declarations of tomorrow


class LineOfTomorrow(ContactLine):
    Pronoun = f.Text(default="they")


class ClientOfTomorrow(Client):
    kind = "Client"
    Rating = f.Choice("Good", "Bad", default="Good")
    Limit = f.Money()
    Contacts = f.Rows(LineOfTomorrow, at_most=5)


@pytest.fixture
def tomorrow(monkeypatch):
    """Declares a kind of record otherwise."""

    def declare(record):
        monkeypatch.setitem(RECORDS, record.kind, record)
        migration.form.cache_clear()

    yield declare
    monkeypatch.undo()
    migration.form.cache_clear()


def test_members_of_tomorrow_have_their_defaults(today, tomorrow):
    """At any depth, in their place, with nothing but their declaration; the stamp stays."""
    before = rows_of(today)
    tomorrow(ClientOfTomorrow())
    store = SqliteStore.open(today)
    with closing(store):
        migration.migrate(store)
        row = store.get("Client", 1)
    body = json.loads(row.body)
    assert (body["Rating"], body["Limit"]) == ("Good", 0)
    assert [line["Pronoun"] for line in body["Contacts"]] == ["they"]
    assert list(body) == [name for name, member in ClientOfTomorrow().members.items() if member.stored]
    assert row.stamp == before["Client", 1][1]
    assert {name for name, found in rows_of(today).items() if found != before[name]} == {
        name for name in before if name[0] == "Client"
    }


def test_members_of_tomorrow_have_no_place_today(today, tomorrow, monkeypatch):
    """A newer file is refused, and says by whom it was written."""
    tomorrow(ClientOfTomorrow())
    with monkeypatch.context() as patch, closing(SqliteStore.open(today)) as store:
        patch.setattr(migration, "__version__", "9.9.9")
        migration.migrate(store)
    monkeypatch.undo()
    migration.form.cache_clear()
    said = refusal(today)
    assert said.startswith(f"{today}: Client 1: ")
    assert "there is no such member. The file was written by mock-ajera 9.9.9, this is" in said


def test_a_kind_of_tomorrow_has_no_place_today(today):
    """Nobody would find its records."""
    sql(today, "INSERT INTO record VALUES ('Zone', 7, 1, 0, '{}')")
    sql(today, "DELETE FROM note WHERE area = 'kept'")
    assert "Zone 7: there is no kind Zone of record. The file was written by an older mock-ajera" in refusal(today)


class Inner(Row):
    InnerKey = f.Key()
    Text = f.Text(max=5)


def declared(row=Inner, member=None):
    """A client with one more member: a list of such rows, or another one."""
    return type("Outer", (Client,), {"kind": "Client", "Extra": f.KeyedRows(row) if member is None else member})()


def inner(**members):
    return type("Inner", (Inner,), members)


def test_every_declaration_has_a_form_of_its_own(tomorrow):
    """Whatever decides what a member can hold is in it, at any depth."""
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
        declared(member=f.Ref("Company", none=False)),
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
        tomorrow(record)
        forms.add(migration.form())
    assert len(forms) == len(declarations)


def test_a_layout_has_a_form_of_its_own(tomorrow, monkeypatch):
    """How a project is laid out in the store is no member, and is told all the same."""
    before = migration.form()
    project = type("Project", (type(RECORDS["Project"]),), {"kind": "Project", "close": lambda self, tree: tree})
    tomorrow(project())
    assert migration.form() != before


def test_what_decides_nothing_is_not_in_the_form(tomorrow):
    """A claim, a group of members and a default are not about what is stored."""
    tomorrow(declared(member=f.Text()))
    before = migration.form()
    tomorrow(declared(member=f.Text(shown="documented", claim="x", default="y", need="write")))
    assert migration.form() == before


def test_the_form_is_the_same_in_every_process():
    """Otherwise every start would walk."""
    program = "from mock_ajera.sample import migration; print(migration.form())"
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        printed = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment, check=True)
        assert printed.stdout.decode().strip() == migration.form()


# What is refused


def phase(body):
    return body["Phases"][0]


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("Client", lambda body: body.update(Colour="red"), "Colour: there is no such member"),
        ("Client", lambda body: body["Contacts"][0].update(Colour=1), "Contacts[0].Colour: there is no such member"),
        ("Client", lambda body: body.update(Notes=5), "Notes: text is expected, found a number"),
        ("Client", lambda body: body.update(Notes=None), "Notes: it cannot hold null"),
        ("Client", lambda body: body.update(Status="Asleep"), "Status: 'Asleep' is none of Active, Inactive"),
        ("Client", lambda body: body.update(Status="ACTIVE"), 'Status: it cannot hold "ACTIVE"'),
        ("Client", lambda body: body.update(Status=None), "Status: it cannot hold null"),
        ("Client", lambda body: body.update(SendStatements=1), "SendStatements: true or false is expected"),
        ("Client", lambda body: body.update(SendStatements=0), "SendStatements: true or false is expected"),
        ("Client", lambda body: body.update(SendStatements="true"), 'SendStatements: it cannot hold "true"'),
        ("Client", lambda body: body.update(SendStatements=None), "SendStatements: it cannot hold null"),
        ("Client", lambda body: body.update(DateEstablished="2026-02-30"), "DateEstablished: '2026-02-30' is not a"),
        ("Client", lambda body: body.update(DateEstablished="2026-02-03 10:00"), "DateEstablished: it cannot hold"),
        ("Client", lambda body: body.update(AnnualPercentageRate="1"), "AnnualPercentageRate: a number is expected"),
        ("Client", lambda body: body.update(AnnualPercentageRate=None), "AnnualPercentageRate: it cannot hold null"),
        (
            "Client",
            lambda body: body.update(AnnualPercentageRate=codec.number("0.00005")),
            "AnnualPercentageRate: it cannot hold 0.00005",
        ),
        ("Client", lambda body: body.update(ClientTypeKey="1"), "ClientTypeKey: a whole number is expected"),
        ("Client", lambda body: body.update(ClientTypeKey=0), "ClientTypeKey: it cannot hold 0"),
        ("Client", lambda body: body.update(ClientKey=2), "ClientKey: it is kept under another key, 1"),
        ("Client", lambda body: body.update(ClientKey=-1), "ClientKey: a key is expected, found -1"),
        ("Client", lambda body: body.update(ClientKey=None), "ClientKey: a key is expected, found null"),
        ("Client", lambda body: body.pop("ClientKey") and None, "ClientKey: it is missing"),
        ("Client", lambda body: body.update(Contacts={}), "Contacts: a list is expected"),
        ("Client", lambda body: body.update(Contacts=[5]), "Contacts[0]: an object is expected"),
        ("Client", lambda body: [body], "its body: it is not an object"),
        ("Project", lambda body: body.update(Description="x" * 81), "Description: 81 characters, at most 80"),
        ("Project", lambda body: body.update(CustomFields=[]), "CustomFields: an object of custom fields is expected"),
        ("Project", lambda body: body.update(CustomFields={"A": 5}), "CustomFields: an object of custom fields is"),
        ("Project", lambda body: body.update(ProjectManager={"EmployeeKey": 1}), "ProjectManager: "),
        ("Project", lambda body: phase(body).update(Colour=1), "InvoiceGroups[0].Phases[0].Colour: there is no"),
        ("Project", lambda body: phase(body).update(Status=1), "InvoiceGroups[0].Phases[0].Status: text is expected"),
        ("Project", lambda body: phase(body).pop("PhaseKey") and None, "its body: its rows do not hang together"),
        ("Project", lambda body: phase(body).update(ParentKey=9999), "its body: its rows do not hang together"),
        ("Project", lambda body: body["Phases"].append(phase(body)), "its body: its rows do not hang together"),
        ("Project", lambda body: body.pop("Phases") and None, "its body: its rows do not hang together"),
        ("Project", lambda body: body.update(Phases=[5]), "its body: its rows do not hang together"),
        ("Project", lambda body: body.update(InvoiceGroups=None), "its body: its rows do not hang together"),
    ],
)
def test_what_has_no_place_is_refused(today, kind, change, said):
    """File, record, member and writer are named; the file is left as it was, the records before it too."""
    edit(today, "AccountGroup", 1, lambda body: body.pop("Notes") and None)
    edit(today, kind, 1, change)
    told = refusal(today)
    assert told.startswith(f"{today}: {kind} 1: {said}")
    assert told.endswith(f". The file was written by mock-ajera {__version__}, this is mock-ajera {__version__}.")


def test_a_body_that_is_not_json(today):
    """As a broken disk may leave it."""
    sql(today, """UPDATE record SET body = '{"ClientKey":' WHERE kind = 'Client' AND key = 3""")
    sql(today, "DELETE FROM note WHERE area = 'kept'")
    assert "Client 3: its body: it is not JSON" in refusal(today)


@pytest.mark.parametrize(
    ("area", "name", "value", "said"),
    [
        ("colour", "red", "1", "the note colour/red: it is not known"),
        ("tenant", "colour", "1", "the note tenant/colour: it is not known"),
        ("kept", "colour", "1", "the note kept/colour: it is not known"),
        ("tenant", "clock", "backwards", "the note tenant/clock: it cannot be read (not the setting of a clock"),
        ("tenant", "firm", "{", "the note tenant/firm: it cannot be read ("),
        ("tenant", "firm", "{}", "the note tenant/firm: it cannot be read ('database')"),
        ("user", "integrator", '{"name": "integrator"}', "the note user/integrator: it cannot be read ('cleared')"),
        ("user", "integrator", "[]", "the note user/integrator: it cannot be read ("),
        ("session", "abc", '{"user": "integrator"}', "the note session/abc: it cannot be read ("),
    ],
)
def test_a_note_that_cannot_be_read(today, area, name, value, said):
    """A newer version's, or a spoilt one: refused, also where the records have today's form."""
    sql(today, "INSERT OR REPLACE INTO note VALUES (?, ?, ?)", area, name, value)
    assert refusal(today).startswith(f"{today}: {said}")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda firm: firm.update(colour="red"), "unexpected keyword argument 'colour'"),
        (lambda firm: firm.update(time_zone="Mars/Olympus"), "there is no time zone"),
        (lambda firm: firm["custom_fields"][0].update(kind="Colour"), "there is no kind 'Colour' of custom field"),
        (lambda firm: firm["custom_fields"][0].update(shade=1), "unexpected keyword argument 'shade'"),
    ],
)
def test_a_firm_of_tomorrow(today, change, said):
    """What is more in it would be lost."""
    ((text,),) = sql(today, "SELECT value FROM note WHERE area = 'tenant' AND name = 'firm'")
    firm = json.loads(text)
    change(firm)
    sql(today, "UPDATE note SET value = ? WHERE area = 'tenant' AND name = 'firm'", json.dumps(firm))
    assert said in refusal(today)


def test_a_user_of_tomorrow(today):
    """A user who may less than is known here must not be taken for one who may more."""
    ((text,),) = sql(today, "SELECT value FROM note WHERE area = 'user' AND name = 'reader'")
    changed = json.dumps(json.loads(text) | {"only_from": "127.0.0.1"})
    sql(today, "UPDATE note SET value = ? WHERE area = 'user' AND name = 'reader'", changed)
    assert "the note user/reader: it cannot be read (" in refusal(today)


# What is taken


def test_a_value_that_is_equal_is_written_as_it_is_today(today):
    """A whole number in an amount has its decimals, as if it had been written today."""
    edit(today, "Client", 1, lambda body: body.update(PrePaymentBeginningBalance=5))
    with opened(today) as tenant:
        assert '"PrePaymentBeginningBalance":5.00,' in tenant.row("Client", 1).body


def test_members_are_put_in_their_order(today):
    """What is brought up is as what is written."""
    before = rows_of(today)["Client", 1][2]
    edit(today, "Client", 1, lambda body: dict(reversed(body.items())))
    reopen(today)
    assert rows_of(today)["Client", 1][2] == before


def test_a_list_that_is_missing_is_empty(today):
    """Also one that the layout of a project asks for."""
    before = rows_of(today)["Project", 32][2]
    assert json.loads(before)["Resources"] == []
    edit(today, "Project", 32, lambda body: body.pop("Resources") and None)
    reopen(today)
    assert rows_of(today)["Project", 32][2] == before


def test_an_unset_value_is_taken_where_one_may_be(today):
    """No reference, no day."""
    edit(today, "Client", 1, lambda body: body.update(ClientTypeKey=None, DateEstablished=None))
    with opened(today) as tenant:
        assert tenant.body(tenant.row("Client", 1))["ClientTypeKey"] is None


def test_a_new_key_is_none_that_is_in_use(today):
    """Also where an older version took keys from another sequence."""
    sql(today, "DELETE FROM sequence WHERE name IN ('Client', 'Project')")
    sql(today, "DELETE FROM note WHERE area = 'kept'")
    with opened(today) as tenant, tenant.store.transaction():
        phases = [phase["PhaseKey"] for row in tenant.store.rows("Project") for phase in tenant.body(row)["Phases"]]
        assert tenant.store.next_number("Client") == max(tenant.model.tables["Client"].entries) + 1
        assert tenant.store.next_number("Project") > max(phases)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("colour", '"green"', 'the quirk colour = "green" is not known'),
        ("members", '"green"', 'the quirk members = "green" is not known'),
        ("session_minutes", "{", "the quirk session_minutes = { is not known"),
    ],
)
def test_a_quirk_that_is_not_known_is_left_out(today, capsys, name, value, said):
    """It is no part of the books: a line on stderr says so, once."""
    sql(today, "INSERT OR REPLACE INTO note VALUES ('quirk', ?, ?), ('quirk', 'success_code', '\"zero\"')", name, value)
    with opened(today) as tenant:
        assert tenant.quirk("success_code") == "zero"
        assert "colour" not in tenant.quirks
        assert (tenant.quirk("members"), tenant.quirk("session_minutes")) == ("observed", 60)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"mock-ajera: {today}: {said}")
    assert line.endswith("; it is left out")
    reopen(today)
    assert capsys.readouterr().err == ""


def test_a_refused_file_keeps_its_quirks(today, capsys):
    """Nothing is said of them, either."""
    sql(today, "INSERT INTO note VALUES ('quirk', 'colour', '1')")
    edit(today, "Client", 1, lambda body: body.update(Colour="red"))
    refusal(today)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["users", "list"], ["seed", "5"]])
def test_a_command_says_why_a_file_is_refused(today, words):
    """In one line, without a trace of the program."""
    edit(today, "Client", 1, lambda body: body.update(Colour="red"))
    done = run(*words, "--data", str(today))
    assert done.returncode == 2
    assert done.stderr.startswith(f"mock-ajera: {today}: Client 1: Colour: there is no such member.")
    assert len(done.stderr.splitlines()) == 1


def test_a_tenant_with_all_that_it_can_have_is_opened_again(tmp_path):
    """No note that this program writes is unknown to it."""
    file = tmp_path / "all.db"
    tenant = new_tenant("sample", seed=b"x", store=SqliteStore.open(file))
    tenant.set_quirks({"members": "all"})
    tenant.sessions.open("integrator", 1, 60_000)
    tenant.clock.freeze()
    tenant.close()
    with opened(file) as again:
        assert again.sessions
        assert again.clock.frozen


def test_the_memory_of_a_test_is_signed_too():
    """What is restored into a file from it is known there."""
    with MockAjera() as ajera:
        assert ajera.tenant.store.note("kept", "form") == migration.form()
