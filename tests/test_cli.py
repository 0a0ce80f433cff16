"""The command line, as a person uses it: processes, exit codes and words. Here ``serve`` and ``methods``."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
import trustme
from checkout import COMMAND
from command_line import run, serving, stop

from mock_ajera.api.families import METHODS
from mock_ajera.sample.templates import sample_path
from mock_ajera.settings import SETTINGS


def test_the_env_file_is_all_that_a_client_needs(tmp_path):
    """Four names, one a line, no quotes; written when the server answers."""
    with serving(tmp_path) as (_, env):
        assert list(env) == ["AJERA_API_URL", "AJERA_API_USERNAME", "AJERA_API_PASSWORD", "MOCK_AJERA_CONTROL_URL"]
        assert (env["AJERA_API_USERNAME"], env["AJERA_API_PASSWORD"]) == ("integrator", "Offline_4jera")
        called = run("call", "ListCompanies", env=env)
        assert called.exit_code == 0
        assert '"Message": "Success"' in called.stdout
        with urllib.request.urlopen(env["MOCK_AJERA_CONTROL_URL"] + "/health") as answer:
            assert answer.status == 200


def test_each_request_is_a_line_and_a_refusal_says_why(tmp_path):
    """Method, user, outcome; on refusal place, rule and claim."""
    with serving(tmp_path) as (process, env):
        refused = run("call", "ListProjects", "{FilterByStatus: ['Actve']}", env=env)
        assert refused.exit_code == 1
        assert "FilterByStatus: 'Actve' is none of" in refused.stderr
        printed = stop(process)
    assert "refused  v1  integrator    ListProjects" in printed
    assert "[enum; filter.unknown-status-refused]" in printed
    assert "Offline_4jera" not in printed.partition("Ctrl-C")[2]
    assert "\nstopped\nYour integration relied on " in printed


def test_sigterm_ends_it_though_connections_are_open(tmp_path):
    """A client that keeps its connection does not keep the server."""
    with serving(tmp_path) as (process, env):
        host, _, port = env["AJERA_API_URL"].split("/")[2].partition(":")
        with socket.create_connection((host, int(port))):
            stop(process)
        assert process.returncode == 0


def test_settings_come_from_the_environment_too(tmp_path):
    """Every option is also MOCK_AJERA_<OPTION>."""
    with serving(tmp_path, env={"MOCK_AJERA_PUBLIC_URL": "https://ajera.example:8443/"}) as (_, env):
        assert env["AJERA_API_URL"].startswith("https://ajera.example:8443/V000001/AjeraAPI.ashx?")


def test_every_setting_is_an_option_with_help():
    """The table of settings feeds the command line."""
    said = " ".join(run("serve", "--help").stdout.split())
    for setting in SETTINGS:
        assert setting.option in said
        assert setting.variable in said
        assert setting.help in said


def test_a_firm_on_file_survives_a_restart_and_a_kill(tmp_path):
    """What was acknowledged is there, even when the process is killed the moment after."""
    data = str(tmp_path / "firm.db")
    client = 'ClientKey: -1, LastModifiedDate: "2017-12-06 14:46:06.873 GMT-08:00", Description: "Kept by file"'
    new = f"{{UpdatedClients: [{{{client}}}], UnchangedClients: []}}"
    with serving(tmp_path, "--data", data) as (process, env):
        assert run("call", "UpdateClients", new, env=env).exit_code == 0
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    with serving(tmp_path, "--data", data) as (process, env):
        assert "Kept by file" in run("call", "ListClients", env=env).stdout


def test_a_file_of_another_sample_shows_its_own_user(tmp_path):
    """No password is shown that does not open it."""
    data = str(tmp_path / "firm.db")
    other = str(Path(__file__).parent / "fixtures" / "other_firm")
    with serving(tmp_path, "--data", data, "--sample", other) as (process, env):
        assert env["AJERA_API_USERNAME"] == "svc_sync"
        stop(process)
    with serving(tmp_path, "--data", data) as (process, env):
        assert (env["AJERA_API_USERNAME"], env["AJERA_API_PASSWORD"]) == ("svc_sync", "")
        assert "from the original sample" in stop(process)


def test_a_file_that_is_served_already_is_refused(tmp_path):
    """A second process would see its changes lost."""
    data = str(tmp_path / "firm.db")
    with serving(tmp_path, "--data", data):
        second = run("serve", "--port", "0", "--data", data)
    assert second.exit_code == 2
    assert "firm.db" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_foreign_database_is_refused(tmp_path):
    """It is never misread, and never written to."""
    data = tmp_path / "other.db"
    connection = sqlite3.connect(data)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    before = data.read_bytes()
    refused = run("serve", "--port", "0", "--data", str(data))
    assert refused.exit_code == 2
    assert data.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--sample", "/no/such/folder"], "there is no firm.json"),
        (["--quirk", "success_code"], "--quirk takes NAME=VALUE"),
        (["--quirk", "succes_code=zero"], "there is no quirk 'succes_code'"),
        (["--quirk", "success_code=two"], "'two' is none of 200, zero, docs"),
        (["--tls-cert", "/no/such.pem"], "--tls-cert and --tls-key go together"),
        (["--host", "203.0.113.1"], "cannot listen on 203.0.113.1"),
        (["--profile", "real"], "'real' is not one of"),
    ],
)
def test_a_wrong_option_is_said_in_a_line(options, said):
    """Exit code 2, a sentence, no traceback."""
    wrong = run("serve", "--port", "0", *options)
    assert wrong.exit_code == 2
    assert said in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_a_port_in_use_is_said_in_a_line():
    """The commonest mistake of all."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        wrong = run("serve", "--port", str(port))
    assert wrong.exit_code == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in wrong.stderr


def test_methods_is_the_register_as_a_table():
    """One line for each method that is served."""
    lines = run("methods").stdout.splitlines()
    assert lines[0].split() == ["METHOD", "VERSIONS", "PERMISSION", "GRADE", "ARGUMENTS"]
    assert {line.split()[0] for line in lines[1:]} == {*METHODS.served, "CreateAPISession", "EndAPISession"}


def test_granian_serves_the_same(tmp_path):
    """The engine for load answers like the other, and ends promptly."""
    pytest.importorskip("granian")
    with serving(tmp_path, "--engine", "granian") as (process, env):
        called = run("call", "ListCompanies", env=env)
        assert called.exit_code == 0
        stop(process)


@pytest.fixture
def certificate(tmp_path):
    """Options that serve https by a throwaway certificate, and the environment of a client that trusts it."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    options = ("--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem"))
    return options, {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}


def test_https(tmp_path, certificate, engine):
    """With the files of a certificate both engines serve https, and APIURL says so."""
    options, trusting = certificate
    with serving(tmp_path, *options, "--engine", engine) as (_, env):
        assert env["AJERA_API_URL"].startswith("https://127.0.0.1:")
        with socket.create_connection(("127.0.0.1", int(env["AJERA_API_URL"].split("/")[2].rpartition(":")[2]))):
            # A client that connects and says nothing keeps nobody waiting.
            called = run("call", "ListCompanies", env=env | trusting)
        assert called.exit_code == 0, called.stderr
        distrusting = run("call", "ListCompanies", env=env)
    assert distrusting.exit_code == 3
    assert "certificate" in distrusting.stderr.lower()


def test_ipv6(tmp_path, engine):
    """An address of version 6 stands in brackets in the URL."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with serving(tmp_path, "--host", "::1", "--engine", engine) as (_, env):
        assert env["AJERA_API_URL"].startswith("http://[::1]:")
        assert run("call", "ListCompanies", env=env).exit_code == 0


def test_nothing_that_a_client_sends_moves_the_terminal(tmp_path):
    """Line ends and escape sequences are spelt out: a request is its own line and no other."""
    with serving(tmp_path) as (process, env):
        run("call", "List\x1b[2J\nProjects", env=env)
        member = r"\u001b[2J\n12:00:00  ok"
        written = f'{{UpdatedClients: [{{ClientKey: -1, "{member}": 1}}], UnchangedClients: []}}'
        run("call", "UpdateClients", written, env=env)
        printed = stop(process)
    assert "List\\x1b[2J\\nProjects" in printed
    assert "[0].\\x1b[2J\\n12:00:00  ok: no such member" in printed
    assert "\x1b" not in printed


def test_an_env_file_that_cannot_be_written(tmp_path, engine):
    """Said in a line, before anything is served."""
    file = str(tmp_path / "no" / "such" / "folder.env")
    wrong = run("serve", "--port", "0", "--env-file", file, "--engine", engine)
    assert wrong.exit_code == 2
    assert "cannot write" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_a_reader_of_the_lines_who_goes_away_is_no_port_in_use():
    """`mock-ajera serve | head -1` ends without a word about listening."""
    command = [COMMAND, "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        said = process.communicate(timeout=30)[1]
    assert "cannot listen" not in said


def test_an_env_file_of_a_server_before_is_taken_away(tmp_path):
    """Whoever waits for the file waits for this server, even if it does not come up."""
    file = tmp_path / "old.env"
    file.write_text("AJERA_API_URL=http://old\n", encoding="utf-8")
    assert run("serve", "--port", "0", "--env-file", str(file), "--sample", str(tmp_path)).exit_code == 2
    assert not file.exists()


def test_the_env_file_is_read_by_a_shell(tmp_path):
    """Whatever signs a password of one's own has."""
    firm = Path(shutil.copytree(sample_path(), tmp_path / "firm"))
    text = (firm / "firm.json").read_text(encoding="utf-8")
    (firm / "firm.json").write_text(text.replace("Offline_4jera", "it's $4 \\\\ jera"), encoding="utf-8")
    with serving(tmp_path, "--sample", str(firm)):
        script = f'. {tmp_path / "server.env"}; printf %s "$AJERA_API_PASSWORD"'
        assert subprocess.check_output(["sh", "-c", script], text=True) == "it's $4 \\ jera"


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_a_port_that_is_none(port):
    """Said in a line."""
    wrong = run("serve", "--port", port)
    assert wrong.exit_code == 2
    assert "Traceback" not in wrong.stderr


def test_a_generated_firm_is_served(tmp_path, engine):
    """By the number of its projects."""
    with serving(tmp_path, "--sample", "75", "--engine", engine) as (_, env):
        called = run("call", "ListProjects", "--content", env=env)
        assert len(json.loads(called.stdout)["Projects"]) == 75


def test_seed_makes_files_and_stores(tmp_path):
    """Which are served; nothing that is there is overwritten."""
    folder, file = tmp_path / "firm", tmp_path / "firm.db"
    assert run("seed", "70", "--to", str(folder)).exit_code == 0
    assert run("seed", "70", "--data", str(file)).exit_code == 0
    for option in (("--sample", str(folder)), ("--data", str(file))):
        with serving(tmp_path, *option) as (_, env):
            called = run("call", "ListProjects", "--content", env=env)
            assert len(json.loads(called.stdout)["Projects"]) == 70
    for option in (("--to", str(folder)), ("--data", str(file))):
        again = run("seed", "70", *option)
        assert again.exit_code == 2
        assert "already" in again.stderr


@pytest.mark.parametrize("options", [(), ("--to", "a", "--data", "b")])
def test_seed_wants_one_place(options):
    """Not none and not two."""
    wrong = run("seed", "5", *options)
    assert wrong.exit_code == 2
    assert "give one target" in wrong.stderr


def test_a_file_that_was_not_filled_to_its_end(tmp_path):
    """It is not served as if it were whole."""
    file = tmp_path / "half.db"
    assert run("seed", "3", "--data", str(file)).exit_code == 0
    with sqlite3.connect(file) as database:
        database.execute("DELETE FROM note WHERE area = 'tenant' AND name = 'firm'")
    database.close()
    wrong = run("serve", "--port", "0", "--data", str(file))
    assert wrong.exit_code == 2
    assert "not filled to its end" in wrong.stderr


def test_a_worker_does_not_outlive_its_server(tmp_path):
    """Killed without a chance to say goodbye, granian's server leaves no worker on the port."""
    with serving(tmp_path, "--engine", "granian") as (process, env):
        process.kill()
        process.wait()
        port = int(env["AJERA_API_URL"].split("/")[2].partition(":")[2])
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                return
            time.sleep(0.05)
    pytest.fail("the port is still served")


def test_the_env_file_is_never_there_without_its_lines(tmp_path):
    """Whoever waits for it reads it whole, from the start of the server on."""
    file = tmp_path / "watched.env"
    command = [COMMAND, "serve", "--port", "0", "--env-file", str(file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            while not file.exists():
                assert process.poll() is None
            assert "AJERA_API_URL=http" in file.read_text(encoding="utf-8")
        finally:
            process.terminate()
