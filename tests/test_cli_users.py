"""``mock-ajera users``, mostly on a file of ``serve --data``."""

from __future__ import annotations

import os
import re
import select
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from checkout import COMMAND, PATIENCE
from command_line import refused, run, serving, stop

from mock_ajera.api.families import METHODS
from mock_ajera.sample.templates import open_tenant
from mock_ajera.store import SqliteStore

GOOD = "Quiet_Mill9"


def boxes(text: str) -> dict[str, list[str]]:
    """Return the table of ``users show``: access and tick, by method."""
    head, *lines = text.partition("\n\n")[2].splitlines()
    assert head.split() == ["METHOD", "ACCESS", "TICKED"]
    return {line.split()[0]: line.split()[1:] for line in lines}


def test_added_user_can_log_in(data, tmp_path):
    """The user's permissions apply when the file is served again."""
    added = run("users", "add", "clerk", "--password", GOOD, "--no-write", "--clear", "ListClients", "--data", data)
    assert added.exit_code == 0
    assert added.stdout.splitlines()[0].split() == ["Name", "clerk"]
    with serving(tmp_path, "--data", str(data)) as (_, env):
        mine = env | {"AJERA_API_USERNAME": "clerk", "AJERA_API_PASSWORD": GOOD}
        assert run("call", "ListCompanies", env=mine).exit_code == 0
        assert "clerk does not have List Clients under Can Read" in run("call", "ListClients", env=mine).stderr
        assert "Update Clients under Can Write" in run("call", "UpdateClients", env=mine).stderr


def test_a_firm_without_users_is_served(data, tmp_path):
    """The server prints how to add a user."""
    for name in ("integrator", "partial", "reader"):
        run("users", "remove", name, "--data", data)
    with serving(tmp_path, "--data", str(data)) as (process, env):
        assert env["AJERA_API_USERNAME"] == ""
        assert "to add one: mock-ajera users add" in stop(process)


def test_list(data):
    """There is one line per user, with employee, master boxes and cleared methods."""
    run("users", "add", "Clerk", "--password", GOOD, "--no-read", "--data", data)
    lines = run("users", "list", "--data", data).stdout.splitlines()
    assert lines[0].split() == ["NAME", "AUTHORIZING", "EMPLOYEE", "CAN", "READ", "CAN", "WRITE", "CLEARED"]
    assert [line.split()[0] for line in lines[1:]] == ["Clerk", "integrator", "partial", "reader"]
    assert lines[1].split() == ["Clerk", "none", "no", "yes"]
    assert lines[3].split()[1] == "1"
    assert lines[3].split()[-3:] == ["yes", "yes", "ListInvoiceFormats"]


def test_show(data):
    """Each served method has one box, with its access."""
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


def test_command_goes_to_the_server_without_data(tmp_path):
    """The server is the one in the environment, and changes apply at once."""
    with serving(tmp_path) as (_, env):
        assert run("users", "add", "clerk", "--password", GOOD, env=env).exit_code == 0
        mine = env | {"AJERA_API_USERNAME": "clerk", "AJERA_API_PASSWORD": GOOD}
        assert run("call", "ListCompanies", env=mine).exit_code == 0
        assert run("users", "remove", "clerk", env=env).exit_code == 0
        assert "Unable to authenticate user" in run("call", "ListCompanies", env=mine).stderr


def test_change(data):
    """Members that are not named are unchanged, including the password."""
    run("users", "add", "clerk", "--password", GOOD, "--no-write", "--clear", "ListClients", "--data", data)
    before = new_login(data, "clerk", GOOD)
    changed = run("users", "change", "clerk", "--write", "--authorizing-employee", "2", "--data", data)
    assert changed.exit_code == 0
    printed = run("users", "show", "clerk", "--data", data).stdout
    assert re.search(r"^Can write +yes$", printed, re.MULTILINE)
    assert boxes(printed)["ListClients"] == ["read", "no"]
    assert before
    assert new_login(data, "clerk", GOOD)
    other = run("users", "change", "clerk", "--password", "Other_Mill9", "--data", data)
    assert other.exit_code == 0
    assert not new_login(data, "clerk", GOOD)
    assert new_login(data, "clerk", "Other_Mill9")


def new_login(data, name, password) -> bool:
    """Return whether the password matches that of the user in the file."""
    with closing(SqliteStore.open(data)) as store:
        tenant = open_tenant(store, seed=b"x")
        return tenant.users[name].knows(password)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["integrator", "--password", GOOD], "user 'integrator' already exists [unique;"),
        (["Integrator", "--password", GOOD], "differs from the user 'integrator' only in case"),
        (["clerk", "--password", "short"], "5 characters, at least 8"),
        (["clerk", "--password", GOOD, "--authorizing-employee", "987654"], "there is no employee 987654"),
        (["clerk", "--password", GOOD, "--clear", "ListClient"], "the method 'ListClient' has no check box"),
        (["clerk", "--password", GOOD, "--clear", "CreateAPISession"], "'CreateAPISession' has no check box"),
    ],
)
def test_invalid_user_is_refused(data, arguments, message):
    """The message cites a claim, and the file is unchanged."""
    said = refused("users", "add", *arguments, "--data", data)
    assert message in said
    assert "permission." in said
    assert "clerk" not in run("users", "list", "--data", data).stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("add clerk", "no password was given"),
        ("show nobody", "there is no API user 'nobody'; the users are integrator, partial, reader"),
        ("remove nobody", "there is no API user 'nobody'; the users are integrator, partial, reader"),
    ],
)
def test_missing_password_or_user_is_refused(data, words, message):
    assert message in refused("users", *words.split(), "--data", data)


def test_password_is_not_printed_or_stored(data):
    added = run("users", "add", "clerk", "--password", GOOD, "--data", data)
    shown = run("users", "show", "clerk", "--data", data)
    assert GOOD not in added.output + shown.output
    assert GOOD.encode() not in Path(data).read_bytes()


def test_all_reasons_are_reported_at_once(data):
    """There is one line per reason. None has the password."""
    said = refused("users", "add", "reader", "--password", "ajera", "--clear", "X", "--data", data)
    assert len(said.splitlines()) == 8
    assert "must not contain 'ajera'" in said
    assert "xyzzy" not in run("users", "add", "clerk", "--password", "xyzzy", "--data", data).output


def test_a_password_from_a_pipe(data):
    """The password is the first line of standard input."""
    assert run("users", "add", "clerk", "--data", data, given=f"{GOOD}\n").exit_code == 0
    assert new_login(data, "clerk", GOOD)


def test_password_prompt_has_no_echo(data):
    """On a terminal, the prompt asks twice and shows nothing."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    command = [COMMAND, "users", "add", "clerk", "--data", data]
    # In a new session, the process does not use the terminal that the tests were started from.
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as process:
        seen = ""
        for prompt in ("Password: ", "Repeat for confirmation: "):
            while not seen.endswith(prompt):
                seen += read_terminal(ours)
            os.write(ours, f"{GOOD}\n".encode())
        while "Can read" not in seen:
            seen += read_terminal(ours)
        assert process.wait(60) == 0
    os.close(theirs)
    os.close(ours)
    assert GOOD not in seen


def read_terminal(terminal: int) -> str:
    """Return the next output of a terminal. Raises ``AssertionError`` when there is none."""
    ready, _, _ = select.select([terminal], [], [], PATIENCE)
    assert ready, "the command prints nothing more"
    return os.read(terminal, 1024).decode()


# files and servers


def test_file_in_use_is_refused(data, tmp_path):
    """The server would not notice a change, and a second server cannot use the file."""
    with serving(tmp_path, "--data", data):
        said = refused("users", "list", "--data", data)
        assert "firm.db" in refused("serve", "--port", "0", "--data", data)
    assert "in use by another process. Without --data, the command goes to the server that uses it." in said


def test_file_without_a_firm_is_refused(tmp_path):
    """A missing file is not created, and an empty or foreign one is not changed."""
    missing, empty, new, other = (tmp_path / name for name in ("missing.db", "empty.db", "new.db", "other.db"))
    other.write_text("A letter. " * 900, encoding="utf-8")
    empty.touch()
    SqliteStore.open(new).close()
    messages = {missing: "there is no file", empty: "is empty", new: "has no firm", other: "is not a mock-ajera store"}
    for file, message in messages.items():
        assert message in refused("users", "list", "--data", str(file))
    assert not missing.exists()
    assert empty.stat().st_size == 0
    assert other.read_text(encoding="utf-8") == "A letter. " * 900


def test_unreachable_server():
    """The message has the URL."""
    url = "http://127.0.0.1:9/_mock"
    assert f"no server answered at {url}" in refused("users", "list", "--control-url", url, code=3)
