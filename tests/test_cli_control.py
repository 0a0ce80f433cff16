"""The commands of the control surface, on a server and on a data file."""

from __future__ import annotations

import json
import shutil

import pytest
from command_line import commands, refused, run, serving, stop

from mock_ajera.control.register import ACTIONS
from mock_ajera.sample.templates import sample_path


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Start a server. Yield the variables of its env file."""
    with serving(tmp_path_factory.mktemp("server")) as (_, env):
        yield env


def asked(env, *words: str) -> str:
    """Run a command, which must succeed, and return its output."""
    done = run(*words, env=env)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_every_action_has_a_command():
    """Every command of a group is an action, too."""
    assert {words for words, _ in commands()} >= {*ACTIONS}
    groups = {action.group for action in ACTIONS.values()}
    assert {words for words, _ in commands() if words.partition(" ")[0] in groups and " " in words} <= {*ACTIONS}


def test_tenants(server, tmp_path):
    """Tenants are created, forked, exported, imported and deleted."""
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
    again = run("tenants", "export", "copy", "--to", str(out), env=server)
    assert (again.exit_code, again.stdout) == (2, "")
    asked(server, "tenants", "import", "mine", str(out))
    counts = {each["name"]: each["records"] for each in json.loads(asked(server, "tenants", "list", "--json"))}
    assert counts["mine"] == counts["copy"] > 0
    asked(server, "tenants", "create", "--name", "third", "--files", str(out))
    for name in ("mine", "copy", "third"):
        assert asked(server, "tenants", "delete", name) == "done\n"


def test_clock_and_sessions(server):
    assert asked(server, "clock", "freeze", "--at", "2026-03-09T12:00:00Z").splitlines()[1].split() == ["Frozen", "yes"]
    assert "2026-03-09T13:30:00.000Z" in asked(server, "clock", "advance", "90m")
    assert "2026-03-09T13:00:00.000Z" in asked(server, "clock", "advance", "-30m")
    assert "2026-03-08T12:00:00.000Z" in asked(server, "clock", "advance", "--", "-1d1h")
    # Not the option -h.
    assert '"2026-03-08T10:30:00.000Z"' in asked(server, "clock", "advance", "-1h30m", "--json")
    assert "Usage:" in asked(server, "clock", "advance", "-h")
    asked(server, "clock", "reset")
    assert asked(server, "sessions", "expire").split() == ["Expired", "0"]


def test_records_from_the_command_line_a_file_and_a_pipe(server, tmp_path):
    (tmp_path / "company.json").write_text('{"CompanyKey": 901, "Description": "From a file"}')
    assert run("records", "put", "Company", '{"CompanyKey": 900, "Description": "Put"}', env=server).exit_code == 0
    asked(server, "records", "put", "Company", f"@{tmp_path / 'company.json'}")
    piped = run("records", "put", "Company", "-", env=server, given='{"CompanyKey": 902, "Description": "Piped"}')
    assert piped.exit_code == 0
    kept = asked(server, "records", "show", "Company", "900").partition("\nRecord\n")[2]
    assert json.loads(kept)["Description"] == "Put"
    assert max(map(len, asked(server, "records", "list", "Project").splitlines())) < 140
    shown = json.loads(asked(server, "records", "list", "Company", "--after", "899", "--json"))
    assert [each["record"]["Description"] for each in shown] == ["Put", "From a file", "Piped"]
    for key in ("900", "901", "902"):
        asked(server, "records", "delete", "Company", key)
    for text in ("{", "[]", "@nowhere.json"):
        assert run("records", "put", "Company", text, env=server).exit_code == 2


def test_journal_and_reliance(server):
    """The journal shows a refusal with its reason, and the reliance report its claim."""
    run("call", "ListClients", '{"FilterByStatus": ["Actve"]}', env=server)
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
        (("tenants", "show", "nobody"), 2, "there is no tenant 'nobody'; the tenants are "),
        (("tenants", "delete", "default"), 1, "the default tenant cannot be deleted"),
        (("tenants", "create", "--database-id", "101"), 1, "the tenant default has the database"),
        (("quirks", "set", "session_minutes"), 2, "expected NAME=VALUE"),
        (("quirks", "set", "session_minutes=many"), 2, "a whole number from 0 to "),
        (("snapshots", "restore", "none"), 2, "has no snapshot 'none'"),
        (("tenants", "import", "default", "nowhere"), 2, "a folder with firm.json"),
        (("clock", "advance", "soon"), 2, "mock-ajera: 'soon' is not a duration"),
        (("tenants", "create", "--name", "B d"), 2, "`name` is not valid; expected: Lowercase letters, digits, dots"),
        (("clock", "set", "tomorrow"), 2, "`at` is not valid; expected: ISO 8601 with an offset"),
        (("clock", "set", "2026-03-09T08:00:00"), 2, "`at` is not valid; expected: ISO 8601 with an offset"),
        (("journal", "list", "--since", "2026-03-09T08:00:00"), 2, "`since` is not valid; expected: Earliest time"),
        (("journal", "list", "--since", "2026-01-01"), 2, "`since` is not valid; expected: Earliest time of a request"),
    ],
)
def test_a_refused_action(server, words, code, said):
    """One line on stderr; the exit code tells invalid use from a state that does not allow the action."""
    done = run(*words, env=server)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_misspelled_option_is_refused(server):
    said = refused("clock", "advance", "1h", "--tenent", "default", env=server)
    assert "No such option '--tenent'. Did you mean '--tenant'?" in said


def test_a_server_with_a_control_token(tmp_path):
    """The token comes from an option or the environment. Without it, or with another one, the exit code is 1."""
    token = {"MOCK_AJERA_CONTROL_TOKEN": "obvious-fake"}
    with serving(tmp_path, env=token) as (_, env):
        assert asked(env | token, "tenants", "list")
        assert asked(env, "tenants", "list", "--control-token", "obvious-fake")
        for wrong in ({}, {"MOCK_AJERA_CONTROL_TOKEN": "other"}):
            said = refused("tenants", "list", code=1, env=env | wrong)
            assert "requires its token" in said
            assert "obvious-fake" not in said


def test_another_server_at_the_url(server):
    url = server["AJERA_API_URL"].partition("/V")[0] + "/other"
    assert "is not a control surface" in refused("tenants", "list", "--control-url", url, code=3)


# on a data file


def test_a_data_file_can_be_changed_without_a_server(data, tmp_path):
    """Clock, quirks and records are stored and served later."""
    asked({}, "clock", "freeze", "--at", "2026-03-09T12:00:00Z", "--data", data)
    asked({}, "quirks", "set", "success_code=zero", "--data", data)
    asked({}, "records", "put", "Company", '{"CompanyKey": 900, "Description": "Put"}', "--data", data)
    with serving(tmp_path, "--data", data) as (_, env):
        answer = json.loads(asked(env, "call", "ListCompanies"))
        assert answer["ResponseCode"] == 0
        assert "Put" in str(answer)
        assert "2026-03-09T12:00:00.000Z" in asked(env, "clock", "show")


def test_actions_on_memory_need_a_server(data):
    for words in ("journal list", "tenants list", "snapshots list", "tenants reset default"):
        assert "No such option" in run(*words.split(), "--data", data).stderr


# serve


def test_stored_quirks_apply_until_a_profile_is_chosen(data, tmp_path):
    run("quirks", "set", "session_minutes=7", "--data", data)

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
    """Create a folder of firms with different ids."""
    for number, name in enumerate(names, 300):
        shutil.copytree(sample_path(), folder / name)
        file = folder / name / "firm.json"
        said = json.loads(file.read_text(encoding="utf-8"))
        said["CompanyName"] = f"Firm {name}"
        said["Database"] = {"DatabaseName": f"Ajera_{name}", "ClientID": 3, "DatabaseID": number, "IsSampleData": True}
        file.write_text(json.dumps(said), encoding="utf-8")
    return str(folder)


def test_a_folder_of_firms(tmp_path):
    """Each is a tenant under its name and a sample for new tenants. ``default`` is the default tenant."""
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


def test_a_folder_of_firms_with_duplicate_ids(tmp_path):
    """The message names the other tenant and the file to change."""
    shutil.copytree(sample_path(), tmp_path / "firms" / "north")
    said = refused("serve", "--port", "0", "--tenants", str(tmp_path / "firms"))
    assert "north: the tenant default has the database Ajera_Main; set another Database in its firm.json" in said


@pytest.mark.parametrize("name", ["empty", "none"])
def test_a_folder_without_firms(tmp_path, name):
    (tmp_path / "empty").mkdir()
    said = refused("serve", "--port", "0", "--tenants", str(tmp_path / name))
    assert "--tenants" in said or "no firm" in said
