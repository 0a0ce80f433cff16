"""Test the contract suite itself: its effects on a target, its output, and its member table.

The suite runs in a process of its own, against a mock that poses as a real endpoint.
"""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest
import requests
from checkout import ROOT
from suite import run_on_target

import mock_ajera
from contract_tests.answers import GENERIC, Answer, refusal
from contract_tests.client import AjeraClient, Forbidden, Pace, to_json
from contract_tests.evidence import Evidence
from contract_tests.firm import Firm
from contract_tests.kinds import CLIENTS, KINDS, LINES, OF_ONE_PROJECT, TIMESHEETS, VENDOR_INVOICES
from contract_tests.made import Made
from contract_tests.members import Member, find, of_record, table, values
from contract_tests.secrets import MASK, Secrets
from contract_tests.target import Credentials, RealTarget, TargetError, decode_id, real_target
from mock_ajera import MockAjera
from mock_ajera.api import fields as f
from mock_ajera.api import sessions
from mock_ajera.api.database_id import on_premise
from mock_ajera.api.families import METHODS, RECORDS
from mock_ajera.tenants.quirks import QUIRKS
from mock_ajera.tenants.references import Referrer

WRITING = ("Update", "Create", "Delete")

READERS = ("test_sessions.py", "test_gets.py", "test_v2_projects.py")
WRITERS = (
    "test_clients_write.py",
    "test_contacts_write.py",
    "test_employees_write.py",
    "test_vendors_write.py",
    "test_projects_delete.py",
    "journeys",
)
"""Parts of the suite. tests/shipped/test_suite_on_other_server.py runs the whole suite."""


@pytest.fixture
def ajera() -> Iterator[MockAjera]:
    """Return a mock with the sample firm."""
    with MockAjera() as ajera:
        yield ajera


def run(
    ajera: MockAjera, *options: str, only: tuple[str, ...] = ("",), **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the suite against the mock as if it were real."""
    named = {"AJERA_API_URL": ajera.url, "AJERA_API_USERNAME": ajera.username, "AJERA_API_PASSWORD": ajera.password}
    return run_on_target(named | environment, *options, only=only)


def allowing_writes(ajera: MockAjera) -> tuple[str, ...]:
    """Return the options of a run that may write."""
    return "--allow-writes", "--expect-database", str(decode_id(urlsplit(ajera.url).query)["DatabaseID"])


def methods(ajera: MockAjera) -> list[str]:
    return [entry.method for entry in ajera.journal]


def shows_no_secret(ajera: MockAjera, output: str) -> None:
    """Assert that the output contains no user name, password, id or token."""
    identity = urlsplit(ajera.url).query
    for secret in (ajera.username, ajera.password, identity, unquote(identity), unquote(identity).rstrip("=")):
        assert secret not in output
    for token in ajera.tenant.store.notes("session"):
        assert token not in output


# The effects of a run on a target.


def test_run_on_a_real_target_only_reads(ajera):
    """Without flags the run passes, writes nothing and sends no wrong password."""
    before = ajera.tenant.export()
    result = run(ajera, "-n", "0", only=(*READERS, *WRITERS))
    assert result.returncode == 0, result.stdout[-3000:]
    assert ajera.tenant.export() == before
    assert not [name for name in methods(ajera) if name.startswith(WRITING) and name != "CreateAPISession"]
    assert not [entry for entry in ajera.journal if "Unable to authenticate" in str(entry)]
    shows_no_secret(ajera, result.stdout + result.stderr)


def test_wrong_database_stops_the_run(ajera):
    """A run that names another database than the URL ends before any request."""
    result = run(ajera, "--allow-writes", "--expect-database", "999999")
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--expect-database is not the database" in result.stderr
    assert methods(ajera) == []
    shows_no_secret(ajera, result.stdout + result.stderr)


def test_a_refused_login_ends_the_run(ajera):
    """It is sent once, because refused logins may lock the user. No secret is shown."""
    result = run(ajera, "-n", "0", "--showlocals", "-vv", AJERA_API_PASSWORD="Wr0ng_and_secret")
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert "refused the login (Unable to authenticate user)" in result.stdout + result.stderr
    assert methods(ajera) == ["CreateAPISession"]
    assert "Wr0ng_and_secret" not in result.stdout + result.stderr
    shows_no_secret(ajera, result.stdout + result.stderr)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:9/AjeraAPI.ashx?eyJEYXRhYmFzZUlEIjogN30%3d", "does not respond"),
        ("", "refused the login (The database could not be found.)"),
    ],
    ids=["nobody listens", "another database"],
)
def test_a_run_on_a_wrong_url_ends_with_the_reason(ajera, url, said):
    other = f"{ajera.url.partition('?')[0]}?eyJEYXRhYmFzZUlEIjogNywgIkNsaWVudElEIjogN30%3d"
    result = run(ajera, "-n", "0", "--showlocals", "-vv", AJERA_API_URL=url or other)
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert said in result.stdout + result.stderr
    shows_no_secret(ajera, result.stdout + result.stderr)


def test_a_run_with_a_fault_is_no_evidence(ajera):
    with ajera.fault("delay", seconds=0.001, method="CreateAPISession"):
        result = run(ajera, "-n", "0")
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert "let a call go wrong on purpose (delay 1); that is no evidence" in result.stdout + result.stderr


NAMED = {
    "AJERA_API_URL": "https://ajera.example.invalid/V000001/AjeraAPI.ashx?ew0KICAiRGF0YWJhc2VJRCI6IDcNCn0%3d",
    "AJERA_API_USERNAME": "a-user",
    "AJERA_API_PASSWORD": "a-word",
}


def target_of(environment, *, allow_writes=False, expect_database=None):
    options = {"allow_writes": allow_writes, "expect_database": expect_database, "allow_wrong_password": False}
    return real_target(**options, environment=environment)


@pytest.mark.parametrize(
    ("allow_writes", "expect_database", "complaint"),
    [
        (True, None, "--allow-writes needs --expect-database"),
        (True, "8", "is not the database"),
        (True, "", "is not the database"),
        (False, "7", "belongs to --allow-writes"),
    ],
)
def test_writes_need_the_name_of_the_database(allow_writes, expect_database, complaint):
    """Both flags are required, and the name must be the one in the URL."""
    with pytest.raises(TargetError, match=complaint) as error:
        target_of(NAMED, allow_writes=allow_writes, expect_database=expect_database)
    assert "ew0K" not in str(error.value)


@pytest.mark.parametrize("spelt", ["%3d", "%3D", "=", ""])
def test_database_is_read_from_any_spelling_of_the_id(spelt):
    named = NAMED | {"AJERA_API_URL": NAMED["AJERA_API_URL"].replace("%3d", spelt)}
    target = target_of(named, allow_writes=True, expect_database="7")
    assert target.may_write
    assert not target.may_try_wrong_passwords


@pytest.mark.parametrize("name", NAMED)
def test_real_target_needs_its_environment(name):
    """The error names the missing variable."""
    with pytest.raises(TargetError, match=name):
        target_of(NAMED | {name: ""})


def test_remaining_records_are_listed_and_fail_the_run(ajera, monkeypatch):
    """The summary lists a record that cannot be removed, and the run fails."""
    monkeypatch.setattr("mock_ajera.api.changes.planning.referrers", lambda *_: [Referrer("Company", 1, "ClientKey")])
    result = run(ajera, *allowing_writes(ajera), "-k", "test_rounding", only=WRITERS[:1])
    assert result.returncode == pytest.ExitCode.TESTS_FAILED
    assert "could not be removed and remains: ClientKey" in result.stdout


# The output of a run.


def test_failing_tests_show_no_secret(ajera, monkeypatch):
    """Local variables, full output and logs hide the token, the password and the id."""
    # If the server does not end sessions, tests with a token in a variable fail.
    monkeypatch.setattr(sessions, "end", lambda tenant, session: {"message": "Bye."})
    result = run(ajera, "--showlocals", "-vv", "--tb=long", "--log-level=DEBUG", "-rA", only=("test_sessions.py",))
    assert result.returncode == pytest.ExitCode.TESTS_FAILED
    assert "test_an_ended_token_is_refused" in result.stdout
    assert f"token      = '{MASK}'" in result.stdout
    shows_no_secret(ajera, result.stdout + result.stderr)


def test_inferred_claim_that_differs_is_listed(ajera):
    """The summary lists a guess that does not hold for a real endpoint, and the run passes."""
    ajera.tenant.set_quirks({"bare_upper_date": "midnight"})
    result = run(ajera, "-k", "test_what_a_bare_date_means", only=("test_filters_by_date.py",))
    assert result.returncode == 0, result.stdout[-3000:]
    assert "inferred, and different: filter.bare-date-is-local-midnight, filter.bare-date-upper-bound" in result.stdout


def test_skipped_claims_are_listed(ajera):
    """A run without writes lists the documented and observed claims whose tests were skipped, in whole or in part."""
    result = run(ajera, only=("test_conflicts.py", "test_values.py"))
    assert result.returncode == 0, result.stdout[-3000:]
    (line,) = (line for line in result.stdout.splitlines() if line.startswith("documented or observed, and skipped"))
    assert "write.baseline-required" in line
    assert "value.stamp-zone-fits-date" not in line


def test_the_page_explains_every_outcome():
    page = (ROOT / "docs" / "contract-suite.md").read_text(encoding="utf-8")
    (counts, *_) = Evidence(guesses_hold=False).lines()
    table = page.partition("| outcome of a claim |")[2].partition("\n\n")[0]
    explained = re.findall(r"^\| ([a-z ]+) \|", table, re.MULTILINE)
    assert explained == re.findall(r"\d+ ([a-z ]+)", counts.partition(":")[2])


def test_partly_skipped_claims_have_a_number():
    evidence = Evidence(guesses_hold=False)
    for outcome in ("passed", "skipped", "skipped"):
        evidence.note(
            SimpleNamespace(
                user_properties=[("claims", "write.count")],
                outcome=outcome,
                skipped=outcome == "skipped",
                longrepr="Skipped: the target has no projects",
                when="call",
            )
        )
    assert evidence.skipped() == ["write.count (2 of 3 tests)"]


@pytest.mark.parametrize(
    "errors", [[{"ErrorID": -100, "ErrorMessage": GENERIC}], [{"ErrorID": -100, "ErrorMessage": GENERIC}] * 2]
)
def test_a_fault_of_the_server_is_no_refusal(errors):
    """A refusal has a text of its own beside the generic one."""
    body = {"ResponseCode": -100, "Message": GENERIC, "Errors": errors, "Content": {}}
    with pytest.raises(AssertionError, match="a refusal must have a reason"):
        refusal(Answer("ListClients", {}, 200, {}, body))
    reason = [{"ErrorID": -110, "ErrorMessage": "One or more properties contain invalid data"}]
    refusal(Answer("ListClients", {}, 200, {}, body | {"Errors": reason + errors}))


def test_permissions_are_tested_with_a_limited_user(ajera):
    """The methods that the user may not call are tested on a real endpoint. The password is in no output."""
    reader = {"name": "few rights", "password": "Offline_4jera", "authorizing_employee": 1, "cleared": ["ListVendors"]}
    requests.post(f"{ajera.control_url}/tenants/{ajera.tenant.name}/users", json=reader, timeout=10).raise_for_status()

    def run_with(cleared):
        options = ("--limited-user", "few rights", "--cleared", cleared, "-rs")
        return run(ajera, *options, only=("test_permissions.py",), AJERA_API_LIMITED_PASSWORD="Offline_4jera")

    right, wrong = run_with("ListVendors"), run_with("ListClients")
    assert right.returncode == 0, right.stdout[-3000:]
    assert "no user without permission" in right.stdout
    assert wrong.returncode == pytest.ExitCode.TESTS_FAILED
    shows_no_secret(ajera, right.stdout + wrong.stdout)
    assert "Offline_4jera" not in right.stdout + wrong.stdout


def test_boxes_and_employees_are_tested_with_users_who_lack_them(ajera):
    """A user who lacks nothing is noticed. The names and the password are in no output."""
    users = f"{ajera.control_url}/tenants/{ajera.tenant.name}/users"
    for name, lacks in (("no reader", {"can_read": False}), ("full rights", {})):
        body = {"name": name, "password": "Offline_4jera", "authorizing_employee": 1, **lacks}
        requests.post(users, json=body, timeout=10).raise_for_status()

    def run_with(name):
        options = ("--user-without", f"can_read={name}", "-k", "without_can_read", "-rs")
        return run(ajera, *options, only=("test_permissions.py",), AJERA_API_LIMITED_PASSWORD="Offline_4jera")

    right, wrong = run_with("no reader"), run_with("full rights")
    assert right.returncode == 0, right.stdout[-3000:]
    assert "4 passed" in right.stdout
    assert wrong.returncode == pytest.ExitCode.TESTS_FAILED
    for text in ("no reader", "full rights", "Offline_4jera"):
        assert text not in right.stdout + wrong.stdout


def test_an_id_of_a_database_name_is_tested(ajera):
    """The URL of a hosted database has another id, so the suite's own mock cannot show it."""
    origin = ajera.control_url.removesuffix("/_mock")
    url = f"{origin}/{on_premise(ajera.tenant.firm.database)}"
    done = run(ajera, "-k", "database_name", only=("test_endpoint.py",), AJERA_API_URL=url)
    assert "1 passed" in done.stdout, done.stdout[-3000:]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"limited_user": "few rights"}, "--limited-user needs --cleared"),
        ({"cleared": ["ListVendors"]}, "--cleared belongs to --limited-user"),
        ({"limited_user": "few rights", "cleared": ["ListVendors"]}, "needs AJERA_API_LIMITED_PASSWORD"),
        ({"users_without": ["pay=few rights"]}, "--user-without must be WHAT=NAME"),
        ({"users_without": ["can_read"]}, "--user-without must be WHAT=NAME"),
        ({"users_without": ["can_read=few rights"]}, "--user-without needs AJERA_API_LIMITED_PASSWORD"),
        ({"allow_lasting_records": True}, "--allow-lasting-records belongs to --allow-writes"),
    ],
)
def test_options_that_need_others(options, complaint):
    with pytest.raises(TargetError, match=complaint):
        real_target(allow_writes=False, expect_database=None, allow_wrong_password=False, environment=NAMED, **options)


def test_secrets_are_masked_in_texts():
    """The longest secret is masked first. Short words are not masked."""
    secrets = Secrets()
    secrets.add("abc", "abcdef", "x")
    assert secrets.hide("abcdef abc x") == f"{MASK} {MASK} x"


def test_credentials_are_not_printed():
    target = RealTarget("http://127.0.0.1:1/AjeraAPI.ashx?secret-id", Credentials("secret-user", "secret-word"))
    client = AjeraClient(target, Secrets(), Pace(0))
    assert "secret-" not in f"{target!r} {target.credentials!r} {client!r} {target.credentials}"


# Requests that the client refuses to send.


@pytest.fixture
def reader(ajera: MockAjera) -> AjeraClient:
    """Return a read-only client of the mock."""
    target = RealTarget(ajera.url, Credentials(ajera.username, ajera.password))
    return AjeraClient(target, Secrets(), Pace(0))


def test_read_only_client_sends_no_write(ajera, reader):
    for send in (lambda: reader.call("UpdateClients"), lambda: reader.post({"Method": "CreateProjects"})):
        with pytest.raises(Forbidden):
            send()
    assert not {"UpdateClients", "CreateProjects"} & set(methods(ajera))


def test_wrong_passwords_need_a_flag(ajera, reader):
    with pytest.raises(Forbidden):
        reader.login(Password="wrong")
    assert methods(ajera) == []


def test_only_own_records_are_written_to(ajera):
    """The suite cannot update a record that the run did not create, even with all flags."""
    target = RealTarget(ajera.url, Credentials(ajera.username, ajera.password), may_write=True)
    made = Made(AjeraClient(target, Secrets(), Pace(0)))
    with pytest.raises(Forbidden):
        made.update(CLIENTS, [{"ClientKey": 1, "Notes": "changed"}], [])
    assert methods(ajera) == []


class Lister:
    """A client whose lists have one row with one member."""

    def call(self, method, arguments=None, version=1):
        body = {"ResponseCode": 200, "Errors": [], "Content": {method.removeprefix("List"): [{"OtherKey": 1}]}}
        return Answer(method, arguments, 200, {}, body)


def test_a_key_whose_name_is_inferred_may_have_another_name():
    """Tests that need it are skipped. A key of another kind must have its name."""
    firm = Firm(Lister(), 10)
    for read in (firm.all, firm.keys):
        with pytest.raises(pytest.skip.Exception, match="the target has no ExpenseReportKey in ListExpenseReports"):
            read("ExpenseReports")
    with pytest.raises(KeyError):
        firm.keys("Clients")


def test_decimals_are_sent_exactly():
    """An echoed number keeps every digit."""
    text = '{"a": [12345678901234567.89, 0.0000]}'
    assert to_json(json.loads(text, parse_float=Decimal)) == text


def test_pace_spreads_requests(monkeypatch):
    """A pace of four waits a quarter of a second before every request except the first."""
    waits = []
    monkeypatch.setattr("contract_tests.client.time.sleep", waits.append)
    monkeypatch.setattr("contract_tests.client.time.monotonic", lambda: 100.0)
    pace = Pace(4)
    for _ in range(3):
        pace.wait()
    assert waits == [0.0, 0.25, 0.5]


# The member table.

SERVER_RECORDS = {
    f"{verb}{record.plural} 1 {record.plural}": kind
    for kind, record in RECORDS.items()
    if (verb := next((verb for verb in ("Get", "List") if f"{verb}{record.plural}" in METHODS), None))
}


def declared(kind: str) -> dict[str, object]:
    """Return the members that the server declares, by path."""
    found: dict[str, object] = {}

    def walk(row: object, prefix: str) -> None:
        for name, member in row.members.items():
            rows = isinstance(member, f.Rows | f.KeyedRows)
            path = f"{prefix}{name}{'[]' if rows else ''}"
            found[path] = member
            if rows and not path.endswith("Phases[].Phases[]"):
                walk(member.row, f"{path}.")

    walk(RECORDS[kind], "")
    return found


def differences(record: str) -> list[str]:
    """Return the differences between the limits of the server and of the table."""
    members = declared(SERVER_RECORDS[record])
    found = []
    for path, row in of_record(record).items():
        member = members.get(path, members.get(path.removesuffix("[]")))
        if member is None:
            if row.type != "custom" and not _inside_one_member(row, members):
                found.append(f"{path} is not declared")
        elif isinstance(member, f.Text) and member.max != row.longest:
            found.append(f"{path} has {member.max} characters, {row.longest} in the table")
        elif isinstance(member, f.Money | f.Rate) and row.scale is not None and member.places != row.scale:
            found.append(f"{path} has {member.places} decimals, {row.scale} in the table")
        elif isinstance(member, f.Choice) and row.choices and set(row.choices) != set(member.words):
            found.append(f"{path} accepts {member.words}")
        elif isinstance(member, f.KeyedRows):
            continue
        elif isinstance(member, f.Rows) and row.limit and member.at_most != int(row.limit):
            found.append(f"{path} accepts {member.at_most} rows, {row.limit} in the table")
        elif isinstance(member, f.Computed):
            continue  # its value has a row of its own
        elif isinstance(member, f.Flag) != (row.type == "flag") or isinstance(member, f.Day) != (row.type == "day"):
            found.append(f"{path} is not a {row.type}")
    return found


def _inside_one_member(row: Member, members: dict[str, object]) -> bool:
    """Return whether a row is part of a single member of the server, such as ProjectManager."""
    return isinstance(members.get(row.parent.removesuffix("[]")), f.Embedded)


@pytest.mark.parametrize("record", SERVER_RECORDS)
def test_server_has_the_limits_of_the_table(record):
    """The server declares every member of the table, with the same length, decimals, values and rows."""
    found = differences(record)
    assert not found, (
        "The server and contract_tests/members.csv (type, limit) differ; correct the one that differs from the source, "
        f"see {HOW_TO}#add-a-member: {found}"
    )


@pytest.mark.parametrize(
    ("path", "option", "value"),
    [
        ("Description", "max", 81),
        ("InvoiceGroups[].Phases[].ID", "max", None),
        ("Status", "words", ("Active",)),
        ("Contacts[]", "at_most", 6),
    ],
)
def test_wrong_limit_is_found(monkeypatch, path, option, value):
    monkeypatch.setattr(declared("Project")[path], option, value)
    assert any(line.startswith(path) for line in differences("GetProjects 1 Projects"))


def test_wrong_limit_fails_the_suite(ajera, monkeypatch):
    """The suite finds the wrong limit over HTTP, by the stored text."""
    monkeypatch.setattr(declared("Project")["Description"], "max", 200)
    options = (*allowing_writes(ajera), "-k", "test_greatest_lengths and Description")
    result = run(ajera, *options, only=("test_projects_values.py",))
    assert result.returncode == pytest.ExitCode.TESTS_FAILED
    assert "test_greatest_lengths[Description]" in result.stdout


def test_table_names_every_member_once():
    """A path occurs once in a record, and every row has a source."""
    paths = [(row.record, row.path) for row in table()]
    assert len(paths) == len(set(paths))
    assert all(row.source for row in table())


def test_claims_of_a_test_are_checked():
    """A test needs known claims, either all inferred or none."""

    class Item:
        nodeid = "contract_tests/test_x.py::test_y"

        def __init__(self, *ids: str) -> None:
            self._ids = ids

        def iter_markers(self, name: str) -> Iterator[object]:
            return iter([SimpleNamespace(args=self._ids)])

    evidence = Evidence(guesses_hold=False)
    for ids in ((), ("list.no-such-claim",), ("list.key-order", "list.get-several")):
        with pytest.raises(pytest.UsageError):
            evidence.of(Item(*ids))
    assert evidence.of(Item("list.key-order"))


# Completeness.

HOW_TO = "docs/contributing.md"


@pytest.fixture(scope="module")
def printing_all() -> Iterator[MockAjera]:
    """Return a mock that prints the members of both profiles and serves guessed methods."""
    with MockAjera(quirks={"members": "all", "guessed_methods": "serve"}) as ajera:
        yield ajera


def example(ajera: MockAjera, method: str) -> dict[str, object]:
    """Return arguments for a List or Get method that reads as many records as possible."""
    if method in OF_ONE_PROJECT:
        return {OF_ONE_PROJECT[method]: 1}
    if method.startswith("List"):
        return {}
    if method == "GetTimesheets":
        listed = ajera.content("ListTimesheets", version=2)["Timesheets"]
        return {TIMESHEETS.argument: [row["Timesheet Key"] for row in listed]}
    if method == "GetVendorInvoices":
        listed = ajera.content("ListVendorInvoices", version=2)["VendorInvoices"]
        return {VENDOR_INVOICES.argument: [row[VENDOR_INVOICES.key] for row in listed]}
    noun = next((noun for noun in KINDS if method.startswith(f"Get{noun}")), None)
    assert noun, f"{method}: add a row for its records to KINDS in contract_tests/kinds.py, see {HOW_TO}#add-a-family"
    kind = KINDS[noun]
    return {kind.argument: [row[kind.key] for row in ajera.content(f"List{noun}")[noun]][:50]}


@pytest.mark.parametrize("method", [name for name in METHODS.served if name.startswith(("List", "Get"))])
def test_every_served_member_is_in_the_table(printing_all, method):
    """Every member of every List and Get method has a row.

    A version without rows of its own returns the members of version 1.
    """
    arguments = example(printing_all, method)
    owed: dict[str, None] = {}
    for version in METHODS[method].known:
        for array, content in printing_all.content(method, arguments, version=version).items():
            rows = content if isinstance(content, list) else [content]
            if (method, array) == ("ListVendorInvoices", LINES):
                assert rows == []
                continue
            assert rows, f"{method} answers no {array}: add records to fixtures/sample, see {HOW_TO}#add-a-list-method"
            known = version if of_record(f"{method} {version} {array}") else 1
            members = of_record(f"{method} {known} {array}")
            owed |= {
                f"{method},{known},{array},{path}": None
                for row in rows
                for path, _ in values(row)
                if find(members, path) is None
            }
    assert not owed, "\n".join(
        [f"Add a row for each of these to contract_tests/members.csv, see {HOW_TO}#add-a-member:", *owed]
    )


def quirks_set_by(path: Path) -> set[str]:
    """Return the quirks that a test module sets by name: ``quirks={...}`` or ``set_quirks(...)``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            given = [keyword.value for keyword in node.keywords if keyword.arg == "quirks"]
            if isinstance(node.func, ast.Attribute) and node.func.attr == "set_quirks":
                found |= {keyword.arg for keyword in node.keywords if keyword.arg}
                given += node.args
            names = [key for each in given if isinstance(each, ast.Dict) for key in each.keys]
            found |= {name.value for name in names if isinstance(name, ast.Constant)}
    return found


def test_every_quirk_has_a_test():
    """A test sets each quirk by name."""
    tested = set().union(*(quirks_set_by(path) for path in (ROOT / "tests").rglob("test_*.py")))
    owed = sorted(QUIRKS.keys() - tested)
    assert not owed, f"Add a test of the behavior to tests/tenants/test_quirks.py, see {HOW_TO}#add-a-quirk: {owed}"


def readers(quirk: str) -> list[str]:
    """Return the places in the server that read a quirk.

    A place reads a quirk with ``quirk("name")`` or ``quirks["name"]``, or passes its name to code that reads it.
    """
    found, passed = [], []
    for place, node in server_code():
        parts: list[ast.expr] = []
        if isinstance(node, ast.Call):
            parts = [*node.args, *(keyword.value for keyword in node.keywords)]
            reads = isinstance(node.func, ast.Attribute | ast.Name) and _last_name(node.func) == "quirk"
        elif isinstance(node, ast.Subscript):
            parts, reads = [node.slice], _last_name(node.value).endswith("quirks")
        if any(isinstance(part, ast.Constant) and part.value == quirk for part in parts):
            (found if reads else passed).append(place)
    return found or passed


@cache
def server_code() -> list[tuple[str, ast.Call | ast.Subscript]]:
    """Return the calls and subscripts in the server, each with its file and line."""
    server = Path(mock_ajera.__file__).parent
    return [
        (f"{path.relative_to(server)}:{node.lineno}", node)
        for path in sorted(server.rglob("*.py"))
        if path.name != "quirks.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call | ast.Subscript)
    ]


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("quirk", QUIRKS)
def test_every_quirk_has_one_reader(quirk):
    found = readers(quirk)
    assert len(found) == 1, f"{quirk} is read in {found or 'no place'}, see {HOW_TO}#add-a-quirk"
