"""``mock-ajera users``: the API users of a firm on file."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from checkout import PATIENCE
from command_line import COMMAND, run, serving, stop

from mock_ajera.api.families import METHODS
from mock_ajera.sample.templates import new_tenant, open_tenant
from mock_ajera.store import SqliteStore

GOOD = "Quiet_Mill9"


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The sample firm in a file."""
    file = tmp_path_factory.mktemp("filled") / "firm.db"
    new_tenant("sample", seed=b"test", store=SqliteStore.open(file)).close()
    return file


@pytest.fixture
def data(filled, tmp_path):
    """A copy of it for one test."""
    return shutil.copy(filled, tmp_path / "firm.db")


def boxes(text: str) -> dict[str, list[str]]:
    """The table of ``users show``: by method under which master box its box stands, and whether it is ticked."""
    head, *lines = text.partition("\n\n")[2].splitlines()
    assert head.split() == ["METHOD", "ACCESS", "TICKED"]
    return {line.split()[0]: line.split()[1:] for line in lines}


def test_a_user_that_was_added_logs_in(data, tmp_path):
    """With its own boxes, when the file is served again."""
    added = run("users", "add", "clerk", "--password", GOOD, "--no-write", "--clear", "ListClients", "--data", data)
    assert added.returncode == 0
    assert added.stdout.splitlines()[0].split() == ["Name", "clerk"]
    with serving(tmp_path, "--data", str(data)) as (_, env):
        mine = env | {"AJERA_API_USERNAME": "clerk", "AJERA_API_PASSWORD": GOOD}
        assert run("call", "ListCompanies", env=mine).returncode == 0
        assert "clerk does not have List Clients under Can Read" in run("call", "ListClients", env=mine).stderr
        assert "Update Clients under Can Write" in run("call", "UpdateClients", env=mine).stderr


def test_a_user_that_was_removed_is_gone(data, tmp_path):
    """It cannot log in, and the others can."""
    removed = run("users", "remove", "reader", "--data", data)
    assert (removed.returncode, removed.stdout) == (0, "done\n")
    with serving(tmp_path, "--data", str(data)) as (_, env):
        gone = run("call", "ListCompanies", env=env | {"AJERA_API_USERNAME": "reader"})
        assert "Unable to authenticate user" in gone.stderr
        assert run("call", "ListCompanies", env=env).returncode == 0


def test_a_firm_without_users_is_served(data, tmp_path):
    """And says what to do about it."""
    for name in ("integrator", "partial", "reader"):
        run("users", "remove", name, "--data", data)
    with serving(tmp_path, "--data", str(data)) as (process, env):
        assert env["AJERA_API_USERNAME"] == ""
        assert "mock-ajera users add makes one" in stop(process)


def test_list(data):
    """One line a user: employee, master boxes, and what is cleared."""
    run("users", "add", "Clerk", "--password", GOOD, "--no-read", "--data", data)
    lines = run("users", "list", "--data", data).stdout.splitlines()
    assert lines[0].split() == ["NAME", "AUTHORIZING", "EMPLOYEE", "CAN", "READ", "CAN", "WRITE", "CLEARED"]
    assert [line.split()[0] for line in lines[1:]] == ["Clerk", "integrator", "partial", "reader"]
    assert lines[1].split() == ["Clerk", "none", "no", "yes"]
    assert lines[3].split()[1] == "1"
    assert lines[3].split()[-3:] == ["yes", "yes", "ListInvoiceFormats"]


def test_show(data):
    """Each method that is served has one box, under the heading that it belongs to."""
    employee = ["--authorizing-employee", "2"]
    run("users", "add", "clerk", "--password", GOOD, "--no-write", "--clear", "ListClients", *employee, "--data", data)
    printed = run("users", "show", "clerk", "--data", data).stdout
    assert re.search(r"^Authorizing employee +2$", printed, re.MULTILINE)
    ticked = boxes(printed)
    assert set(ticked) == set(METHODS.served)
    assert ticked["GetClients"] == ["read", "yes"]
    assert ticked["ListClients"] == ["read", "no"]
    writing = [name for name, method in METHODS.served.items() if method.access == "write"]
    assert [ticked[name] for name in writing] == [["write", "no"]] * len(writing)


def test_show_names_what_is_cleared_and_not_served(data):
    """Nothing that was cleared is kept back."""
    other = min(METHODS.keys() - METHODS.served.keys())
    run("users", "add", "clerk", "--password", GOOD, "--clear", other, "--data", data)
    printed = run("users", "show", "clerk", "--data", data).stdout
    assert re.search(rf"^Cleared +{other}$", printed, re.MULTILINE)


def test_a_server_is_asked_where_no_file_is_named(tmp_path):
    """The one of the env file; the user is there at once."""
    with serving(tmp_path) as (_, env):
        assert run("users", "add", "clerk", "--password", GOOD, env=env).returncode == 0
        mine = env | {"AJERA_API_USERNAME": "clerk", "AJERA_API_PASSWORD": GOOD}
        assert run("call", "ListCompanies", env=mine).returncode == 0
        assert run("users", "remove", "clerk", env=env).returncode == 0
        assert "Unable to authenticate user" in run("call", "ListCompanies", env=mine).stderr


def test_change(data):
    """What is not named stays, the password too."""
    run("users", "add", "clerk", "--password", GOOD, "--no-write", "--clear", "ListClients", "--data", data)
    before = new_login(data, "clerk", GOOD)
    changed = run("users", "change", "clerk", "--write", "--authorizing-employee", "2", "--data", data)
    assert changed.returncode == 0
    printed = run("users", "show", "clerk", "--data", data).stdout
    assert re.search(r"^Can write +yes$", printed, re.MULTILINE)
    assert boxes(printed)["ListClients"] == ["read", "no"]
    assert before
    assert new_login(data, "clerk", GOOD)
    other = run("users", "change", "clerk", "--password", "Other_Mill9", "--data", data)
    assert other.returncode == 0
    assert not new_login(data, "clerk", GOOD)
    assert new_login(data, "clerk", "Other_Mill9")


def new_login(data, name, password) -> bool:
    """Whether the password is that of the user in the file."""
    with closing(SqliteStore.open(data)) as store:
        tenant = open_tenant(store, seed=b"x")
        return tenant.users[name].knows(password)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["integrator", "--password", GOOD], "there is a user 'integrator' already [unique;"),
        (["Integrator", "--password", GOOD], "differs from the user 'integrator' in capitals only"),
        (["clerk", "--password", "short"], "5 characters, at least 8"),
        (["clerk", "--password", GOOD, "--authorizing-employee", "987654"], "there is no employee 987654"),
        (["clerk", "--password", GOOD, "--clear", "ListClient"], "the method 'ListClient' has no box"),
        (["clerk", "--password", GOOD, "--clear", "CreateAPISession"], "'CreateAPISession' has no box"),
    ],
)
def test_a_user_that_is_refused(data, arguments, said):
    """Exit code 2, what is wrong with the claim behind it, and the file is as it was."""
    refused = run("users", "add", *arguments, "--data", data)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert "permission." in refused.stderr
    assert "clerk" not in run("users", "list", "--data", data).stdout


def test_all_that_is_wrong_is_said_at_once(data):
    """One line a reason; the password itself is in none of them."""
    refused = run("users", "add", "reader", "--password", "ajera", "--clear", "X", "--data", data)
    assert len(refused.stderr.splitlines()) == 8
    assert "'ajera' is not allowed" in refused.stderr
    secret = run("users", "add", "clerk", "--password", "xyzzy", "--data", data)
    assert "xyzzy" not in secret.stdout + secret.stderr


def test_no_password_is_printed_or_kept(data):
    """Neither on the screen nor in the file."""
    said = run("users", "add", "clerk", "--password", GOOD, "--data", data)
    said_later = run("users", "show", "clerk", "--data", data)
    assert GOOD not in said.stdout + said.stderr + said_later.stdout
    assert GOOD.encode() not in Path(data).read_bytes()


def test_a_password_from_a_pipe(data, tmp_path):
    """The first line of standard input."""
    assert run("users", "add", "clerk", "--data", data, given=f"{GOOD}\n").returncode == 0
    with serving(tmp_path, "--data", str(data)) as (process, env):
        mine = env | {"AJERA_API_USERNAME": "clerk", "AJERA_API_PASSWORD": GOOD}
        assert run("call", "ListCompanies", env=mine).returncode == 0
        stop(process)


def test_no_password_at_all(data):
    """Exit code 2, and no user."""
    refused = run("users", "add", "clerk", "--data", data)
    assert refused.returncode == 2
    assert "no password was given" in refused.stderr


def test_a_password_is_asked_for_without_an_echo(data):
    """Twice, on the terminal, and it does not appear there."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    command = [*COMMAND, "users", "add", "clerk", "--data", data]
    # In a session of its own the terminal is not the one that the tests were started from.
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as process:
        seen = ""
        for prompt in ("Password: ", "Repeat for confirmation: "):
            while not seen.endswith(prompt):
                seen += heard(ours)
            os.write(ours, f"{GOOD}\n".encode())
        while "Can read" not in seen:
            seen += heard(ours)
        assert process.wait(60) == 0
    os.close(theirs)
    os.close(ours)
    assert GOOD not in seen


def heard(terminal: int) -> str:
    """What a terminal shows next. Raises ``AssertionError`` when it stays silent."""
    ready, _, _ = select.select([terminal], [], [], PATIENCE)
    assert ready, "the command says nothing more"
    return os.read(terminal, 1024).decode()


@pytest.mark.parametrize("command", [["show", "nobody"], ["remove", "nobody"]])
def test_a_user_that_is_not_there(data, command):
    """Exit code 2, and the names that there are."""
    wrong = run("users", *command, "--data", data)
    assert wrong.returncode == 2
    assert "there is no API user 'nobody'; there are integrator, partial, reader" in wrong.stderr


def test_a_file_that_is_served(data, tmp_path):
    """Its server would not notice: it is refused, with a hint."""
    with serving(tmp_path, "--data", str(data)):
        refused = run("users", "list", "--data", data)
    assert refused.returncode == 2
    assert "is in use by another process. Without --data the server that has it is asked." in refused.stderr


def test_a_file_that_is_not_there(tmp_path):
    """None is made."""
    wrong = run("users", "list", "--data", str(tmp_path / "none.db"))
    assert wrong.returncode == 2
    assert "there is no file" in wrong.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file(tmp_path):
    """It stays empty."""
    (tmp_path / "empty.db").touch()
    wrong = run("users", "list", "--data", str(tmp_path / "empty.db"))
    assert (wrong.returncode, (tmp_path / "empty.db").stat().st_size) == (2, 0)
    assert "is empty" in wrong.stderr


def test_a_file_without_a_firm(tmp_path):
    """There are no users without a firm."""
    SqliteStore.open(tmp_path / "new.db").close()
    wrong = run("users", "list", "--data", str(tmp_path / "new.db"))
    assert wrong.returncode == 2
    assert "holds no firm yet" in wrong.stderr


def test_nobody_to_ask():
    """Exit code 3, and the address."""
    wrong = run("users", "list", "--control-url", "http://127.0.0.1:9/_mock")
    assert wrong.returncode == 3
    assert "nothing answers at http://127.0.0.1:9/_mock" in wrong.stderr
