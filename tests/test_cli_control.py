"""The commands of the control surface: derived from the actions, on a server and on a file."""

from __future__ import annotations

import json
import shutil
from contextlib import closing

import pytest
from command_line import commands, run, serving, stop
from command_line import run_here as command

from mock_ajera.control.register import ACTIONS
from mock_ajera.sample.templates import new_tenant, sample_path
from mock_ajera.store import SqliteStore


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """What a server wrote into its env file."""
    with serving(tmp_path_factory.mktemp("server")) as (_, env):
        yield env


@pytest.fixture
def data(tmp_path):
    """The sample firm in a file."""
    file = tmp_path / "firm.db"
    new_tenant("sample", seed=b"test", store=SqliteStore.open(file)).close()
    return str(file)


def asked(env, *words: str) -> str:
    """What a command prints that must succeed."""
    done = command(*words, env=env)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_every_action_has_a_command():
    """And every command of a group is an action."""
    assert {words for words, _ in commands()} >= {*ACTIONS}
    groups = {action.group for action in ACTIONS.values()}
    assert {words for words, _ in commands() if words.partition(" ")[0] in groups and " " in words} <= {*ACTIONS}


def test_tenants(server, tmp_path):
    """Made, copied, taken out as files and in again, and deleted."""
    made = asked(server, "tenants", "create", "--name", "mine", "--sample", "empty", "--quirk", "session_minutes=5")
    assert made.splitlines()[0].split() == ["Name", "mine"]
    quirks = [line.split()[:2] for line in asked(server, "quirks", "list", "--tenant", "mine").splitlines()]
    assert ["session_minutes", "5"] in quirks
    assert ["vary_guesses", "false"] in quirks
    asked(server, "tenants", "fork", "default", "--name", "copy", "--database-id", "900")
    listed = asked(server, "tenants", "list").splitlines()
    assert listed[0].split() == ["NAME", "DATABASE", "NAME", "CLIENT", "ID", "DATABASE", "ID", "RECORDS", "COMPANY"]
    assert [line.split()[0] for line in listed[1:]] == ["default", "mine", "copy"]
    out = tmp_path / "out"
    assert "mock-ajera serve --sample" in asked(server, "tenants", "export", "copy", "--to", str(out))
    assert {"firm.json", "projects.json"} <= {file.name for file in out.iterdir()}
    again = command("tenants", "export", "copy", "--to", str(out), env=server)
    assert (again.exit_code, again.stdout) == (2, "")
    asked(server, "tenants", "import", "mine", str(out))
    counts = {each["name"]: each["records"] for each in json.loads(asked(server, "tenants", "list", "--json"))}
    assert counts["mine"] == counts["copy"] > 0
    asked(server, "tenants", "create", "--name", "third", "--files", str(out))
    for name in ("mine", "copy", "third"):
        assert asked(server, "tenants", "delete", name) == "done\n"


def test_an_export_can_be_served(server, tmp_path):
    """As a firm of one's own."""
    asked(server, "tenants", "export", "default", "--to", str(tmp_path / "mine"))
    with serving(tmp_path, "--sample", str(tmp_path / "mine")) as (_, env):
        mine = {**env, "AJERA_API_PASSWORD": "Offline_4jera"}
        assert asked(mine, "call", "ListProjects", "--content") == asked(server, "call", "ListProjects", "--content")


def test_the_clock_and_the_sessions(server):
    """As a script moves them."""
    assert asked(server, "clock", "freeze", "--at", "2026-03-09T12:00:00Z").splitlines()[1].split() == ["Frozen", "yes"]
    assert "2026-03-09T13:30:00.000Z" in asked(server, "clock", "advance", "90m")
    assert "2026-03-09T13:00:00.000Z" in asked(server, "clock", "advance", "-30m")
    assert "2026-03-08T12:00:00.000Z" in asked(server, "clock", "advance", "--", "-1d1h")
    asked(server, "clock", "reset")
    assert asked(server, "sessions", "expire").split() == ["Expired", "0"]
    wrong = command("clock", "advance", "soon", env=server)
    assert (wrong.exit_code, wrong.stderr.startswith("mock-ajera: 'soon' is no stretch of time")) == (2, True)
    wrong = command("clock", "advance", "1h", "--tenent", "default", env=server)
    assert (wrong.exit_code, "unexpected extra argument" in wrong.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("tenants", "create", "--name", "Bad Name"),
            "Small letters, digits, dots, dashes and underscores. - at `name`",
        ),
        (("clock", "set", "tomorrow"), "ISO 8601 with an offset, such as 2026-03-09T08:00:00Z. - at `at`"),
        (("journal", "list", "--since", "2026-01-01"), "By the tenant's clock, ISO 8601 with an offset. - at `since`"),
    ],
)
def test_a_text_of_another_form(server, words, said):
    """What it should be, in words."""
    wrong = command(*words, env=server)
    assert (wrong.exit_code, wrong.stderr.strip()) == (2, f"mock-ajera: {said}")


def test_records_from_the_command_line_a_file_and_a_pipe(server, tmp_path):
    """JSON in each case."""
    (tmp_path / "company.json").write_text('{"CompanyKey": 901, "Description": "From a file"}')
    assert command("records", "put", "Company", '{"CompanyKey": 900, "Description": "Put"}', env=server).exit_code == 0
    asked(server, "records", "put", "Company", f"@{tmp_path / 'company.json'}")
    piped = command("records", "put", "Company", "-", env=server, given='{"CompanyKey": 902, "Description": "Piped"}')
    assert piped.exit_code == 0
    shown = json.loads(asked(server, "records", "list", "Company", "--after", "899", "--json"))
    assert [each["record"]["Description"] for each in shown] == ["Put", "From a file", "Piped"]
    for key in ("900", "901", "902"):
        asked(server, "records", "delete", "Company", key)
    for text in ("{", "[]", "@nowhere.json"):
        assert command("records", "put", "Company", text, env=server).exit_code == 2


def test_the_journal_and_what_was_leaned_on(server):
    """The refusal with its reason, as a table and in full; behaviours with their sentences."""
    command("call", "ListClients", '{"FilterByStatus": ["Actve"]}', env=server)
    table = asked(server, "journal", "list", "--outcome", "refused").splitlines()
    assert table[0].split() == ["NUMBER", "AT", "VERSION", "USER", "OUTCOME", "METHOD", "MESSAGE"]
    assert table[-1].split()[3:6] == ["integrator", "refused", "ListClients"]
    shown = asked(server, "journal", "show", table[-1].split()[0])
    assert "filter.unknown-status-refused" in shown
    assert "curl -s " in shown
    assert "Offline_4jera" not in asked(server, "journal", "export")
    assert "filter.unknown-status-refused: " not in asked(server, "reliance")  # a table has no colons
    assert "filter.unknown-status-refused" in asked(server, "reliance")
    assert asked(server, "claims", "show", "filter.unknown-status-refused").splitlines()[1].split() == [
        "Grade",
        "inferred",
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("tenants", "show", "nobody"), 2, "there is no tenant 'nobody'; there are "),
        (("tenants", "delete", "default"), 1, "the default tenant is not deleted"),
        (("tenants", "create", "--database-id", "101"), 1, "the tenant default has the database"),
        (("quirks", "set", "session_minutes"), 2, "NAME=VALUE is expected"),
        (("quirks", "set", "session_minutes=many"), 2, "a whole number from 0 to "),
        (("snapshots", "restore", "none"), 2, "has no snapshot 'none'"),
        (("tenants", "import", "default", "nowhere"), 2, "a folder with firm.json"),
    ],
)
def test_what_is_refused(server, words, code, said):
    """One line on stderr, and an exit code that tells wrong use from what does not go now."""
    done = command(*words, env=server)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_server_that_asks_for_a_token(tmp_path):
    """It comes from the environment; without it, or with another, exit code 1."""
    token = {"MOCK_AJERA_CONTROL_TOKEN": "obvious-fake"}
    with serving(tmp_path, env=token) as (_, env):
        assert asked(env | token, "tenants", "list")
        for wrong in ({}, {"MOCK_AJERA_CONTROL_TOKEN": "other"}):
            done = command("tenants", "list", env=env | wrong)
            assert done.exit_code == 1
            assert "asks for its token" in done.stderr
            assert "obvious-fake" not in done.stdout + done.stderr


def test_something_else_at_the_address(server):
    """Exit code 3, and no traceback."""
    done = command("tenants", "list", "--control-url", server["AJERA_API_URL"].partition("/V")[0])
    assert done.exit_code == 3
    assert "not as the control surface does" in done.stderr


# on a file


def test_a_file_is_worked_on_without_a_server(data, tmp_path):
    """Clock, quirks and records stay in it, and are served afterwards."""
    assert command("clock", "freeze", "--at", "2026-03-09T12:00:00Z", "--data", data).exit_code == 0
    assert command("quirks", "set", "success_code=zero", "--data", data).exit_code == 0
    put = command("records", "put", "Company", '{"CompanyKey": 900, "Description": "Put"}', "--data", data)
    assert put.exit_code == 0
    with serving(tmp_path, "--data", data) as (_, env):
        answer = json.loads(asked(env, "call", "ListCompanies"))
        assert answer["ResponseCode"] == 0
        assert "Put" in str(answer)
        assert "2026-03-09T12:00:00.000Z" in asked(env, "clock", "show")


def test_what_is_not_kept_in_a_file_needs_a_server(data):
    """The option is not there."""
    for words in ("journal list", "tenants list", "snapshots list", "tenants reset default"):
        assert "No such option" in command(*words.split(), "--data", data).stderr


# serve


def test_kept_quirks_stand_until_a_profile_is_chosen(data, tmp_path):
    """As a user expects of a file that keeps everything."""
    command("quirks", "set", "session_minutes=7", "--data", data)

    def minutes(*options: str) -> str:
        with serving(tmp_path, "--data", data, *options) as (_, env):
            listed = json.loads(asked(env, "quirks", "list", "--json"))
        return str(next(each["value"] for each in listed if each["name"] == "session_minutes"))

    assert minutes() == "7"
    assert minutes("--quirk", "success_code=zero") == "7"
    assert minutes("--quirk", "session_minutes=9") == "9"
    assert minutes() == "9"
    assert minutes("--profile", "observed") == "60"


def firms(folder, *names: str):
    """A folder of firms, each with ids of its own."""
    for number, name in enumerate(names, 300):
        shutil.copytree(sample_path(), folder / name)
        file = folder / name / "firm.json"
        said = json.loads(file.read_text(encoding="utf-8"))
        said["CompanyName"] = f"Firm {name}"
        said["Database"] = {"DatabaseName": f"Ajera_{name}", "ClientID": 3, "DatabaseID": number, "IsSampleData": True}
        file.write_text(json.dumps(said), encoding="utf-8")
    return str(folder)


def test_a_folder_of_firms(tmp_path):
    """Each is a tenant under its name, and new tenants can be made from it; ``default`` takes the first place."""
    folder = firms(tmp_path / "firms", "north", "default")
    with serving(tmp_path, "--tenants", folder) as (process, env):
        listed = {each["name"]: each for each in json.loads(asked(env, "tenants", "list", "--json"))}
        assert {name: each["company"] for name, each in listed.items()} == {
            "default": "Firm default",
            "north": "Firm north",
        }
        there = env | {"AJERA_API_URL": listed["north"]["url"]}
        assert asked(there, "call", "ListClients", "--content")
        made = json.loads(asked(env, "tenants", "create", "--sample", "north", "--json"))
        assert made["company"] == "Firm north"
        assert made["database_id"] not in {each["database_id"] for each in listed.values()}
        printed = stop(process)
        assert f"  north: Firm north, {listed['north']['url']}, user integrator\n" in printed
        assert "(north)" in printed


def test_a_folder_of_firms_with_one_id(tmp_path):
    """Says whose it is, and where to change it."""
    shutil.copytree(sample_path(), tmp_path / "firms" / "north")
    done = run("serve", "--port", "0", "--tenants", str(tmp_path / "firms"))
    assert done.returncode == 2
    assert "north: the tenant default has the database Ajera_Main; set another Database in its firm.json" in done.stderr


@pytest.mark.parametrize("name", ["empty", "none"])
def test_a_folder_without_firms(tmp_path, name):
    """Exit code 2."""
    (tmp_path / "empty").mkdir()
    done = run("serve", "--port", "0", "--tenants", str(tmp_path / name))
    assert done.returncode == 2
    assert "--tenants" in done.stderr or "no firm" in done.stderr


def test_at_the_end_the_user_reads_what_was_leaned_on(tmp_path):
    """Inferred behaviours, with how often."""
    with serving(tmp_path) as (process, env):
        command("call", "ListClients", '{"FilterByNameLike": "a"}', env=env)
        said = stop(process)
    tail = said.partition("stopped\n")[2]
    assert "Your integration relied on " in tail
    assert "      1  filter.like-case-insensitive: " in tail


def test_a_frozen_server(tmp_path):
    """Every tenant's clock stands still, and its days are counted from then."""
    with serving(tmp_path, "--freeze", "2026-03-09T12:00:00Z") as (_, env):
        for name in ("default", "other"):
            if name == "other":
                asked(env, "tenants", "create", "--name", "other")
            shown = json.loads(asked(env, "tenants", "show", name, "--json"))
            assert (shown["now"], shown["frozen"]) == ("2026-03-09T12:00:00.000Z", True)
    wrong = run("serve", "--port", "0", "--freeze", "noon")
    assert (wrong.returncode, "--freeze takes a time in ISO 8601" in wrong.stderr) == (2, True)


def test_a_data_file_of_another_program_is_left_alone(tmp_path):
    """By the commands too."""
    file = tmp_path / "other.db"
    with closing(__import__("sqlite3").connect(file)) as connection:
        connection.execute("CREATE TABLE mine (x)")
    before = file.read_bytes()
    done = command("users", "list", "--data", str(file))
    assert (done.exit_code, file.read_bytes()) == (2, before)
    assert "is not a mock-ajera store" in done.stderr
