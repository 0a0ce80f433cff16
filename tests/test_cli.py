"""``mock-ajera serve``, ``seed`` and ``methods``."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import trustme
from checkout import COMMAND
from command_line import refused, run, serving, stop

from mock_ajera import MockAjera
from mock_ajera.api.families import METHODS
from mock_ajera.sample.templates import sample_path
from mock_ajera.settings import SETTINGS


def test_the_env_file_has_what_a_client_needs(tmp_path):
    """It has four variables, one per line without quotes, and is written when the server is ready."""
    with serving(tmp_path) as (_, env):
        assert list(env) == ["AJERA_API_URL", "AJERA_API_USERNAME", "AJERA_API_PASSWORD", "MOCK_AJERA_CONTROL_URL"]
        assert (env["AJERA_API_USERNAME"], env["AJERA_API_PASSWORD"]) == ("integrator", "Offline_4jera")
        called = run("call", "ListCompanies", env=env)
        assert called.exit_code == 0
        assert '"Message": "Success"' in called.stdout
        with urllib.request.urlopen(env["MOCK_AJERA_CONTROL_URL"] + "/health") as answer:
            assert answer.status == 200


def test_each_request_is_one_line(tmp_path):
    """The line of a refusal also has path, rule and claim. The output ends with the claims relied on."""
    with serving(tmp_path) as (process, env):
        assert "FilterByStatus: 'Actve' is not one of" in refused(
            "call", "ListProjects", "{FilterByStatus: ['Actve']}", code=1, env=env
        )
        run("call", "ListClients", '{"FilterByNameLike": "a"}', env=env)
        printed = stop(process)
    assert "refused  v1  integrator    ListProjects" in printed
    assert "[enum; filter.unknown-status-refused]" in printed
    assert "Offline_4jera" not in printed.partition("Ctrl-C")[2]
    _, tail = printed.split("\nstopped\n")
    assert tail.startswith("Your integration relied on ")
    assert "      1  filter.like-case-insensitive: " in tail


def test_sigterm_stops_a_server_with_open_connections(tmp_path):
    with serving(tmp_path) as (process, env):
        host, _, port = env["AJERA_API_URL"].split("/")[2].partition(":")
        with socket.create_connection((host, int(port))):
            stop(process)
        assert process.returncode == 0


def test_the_output_has_what_other_commands_need(tmp_path):
    """It names the control surface and, unless all is as the commands assume, the line that sets their variables."""
    with serving(tmp_path) as (process, env):
        printed = stop(process)
    assert f"  Control   {env['MOCK_AJERA_CONTROL_URL']}\n" in printed
    (line,) = re.findall("^.* in another terminal: (export .*)$", printed, re.MULTILINE)
    script = f'{line}; printf %s "$AJERA_API_URL $MOCK_AJERA_CONTROL_URL"'
    expected = f"{env['AJERA_API_URL']} {env['MOCK_AJERA_CONTROL_URL']}"
    assert subprocess.check_output(["sh", "-c", script], text=True) == expected


def test_control_characters_in_the_name_of_the_firm_are_escaped(tmp_path):
    firm = Path(shutil.copytree(sample_path(), tmp_path / "firm"))
    text = (firm / "firm.json").read_text(encoding="utf-8")
    (firm / "firm.json").write_text(text.replace("Fennimore", "\\u001b[2J\\u202eFenn"), encoding="utf-8")
    with serving(tmp_path, "--sample", str(firm)) as (process, _):
        assert stop(process).startswith("\\x1b[2J\\u202eFenn")


def test_settings_can_come_from_the_environment(tmp_path):
    with serving(tmp_path, env={"MOCK_AJERA_PUBLIC_URL": "https://ajera.example:8443/"}) as (_, env):
        assert env["AJERA_API_URL"].startswith("https://ajera.example:8443/V000001/AjeraAPI.ashx?")


def test_every_setting_is_an_option_with_help():
    said = " ".join(run("serve", "--help").stdout.split())
    for setting in SETTINGS:
        assert setting.option in said
        assert setting.variable in said
        assert setting.help in said


def test_serve_imports_only_what_every_server_needs():
    """What some servers need is imported when it is used: the start takes mostly imports."""
    program = "import sys, mock_ajera.cli.serve; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout.split()
    rare = {"control.http", "control.register", "granian_engine", "sample.generator", "self_signed", "mock"}
    others = {"asyncio", "cryptography", "faker", "granian", "tomllib"}
    assert not (others | {f"mock_ajera.{each}" for each in rare}) & {*loaded}


def test_a_data_file_survives_a_kill(tmp_path):
    """A record is stored once its creation is answered, even if the process is killed right after."""
    data = str(tmp_path / "firm.db")
    client = 'ClientKey: -1, LastModifiedDate: "2017-12-06 14:46:06.873 GMT-08:00", Description: "Kept by file"'
    new = f"{{UpdatedClients: [{{{client}}}], UnchangedClients: []}}"
    with serving(tmp_path, "--data", data) as (process, env):
        assert run("call", "UpdateClients", new, env=env).exit_code == 0
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    with serving(tmp_path, "--data", data) as (process, env):
        assert "Kept by file" in run("call", "ListClients", env=env).stdout


def test_a_data_file_keeps_its_own_user(tmp_path):
    """The server does not print a password that is not valid."""
    data = ("--data", str(tmp_path / "firm.db"))
    with serving(tmp_path, *data, "--sample", str(Path(__file__).parent / "fixtures" / "other_firm")) as (process, env):
        assert env["AJERA_API_USERNAME"] == "svc_sync"
        stop(process)
    with serving(tmp_path, *data) as (process, env):
        assert (env["AJERA_API_USERNAME"], env["AJERA_API_PASSWORD"]) == ("svc_sync", "")
        assert "from the original sample" in stop(process)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("serve --quirk success_code", "--quirk must be NAME=VALUE"),
        ("serve --quirk succes_code=zero", "there is no quirk 'succes_code'"),
        ("serve --quirk success_code=two", "'two' is not one of 200, zero, docs"),
        ("serve --host 203.0.113.1", "cannot listen on 203.0.113.1"),
        ("serve --profile real", "'real' is not one of"),
        ("serve --engine granian --env-file no/such/folder.env", "cannot write"),
        ("serve --engine werkzeug --env-file no/such/folder.env", "cannot write"),
        ("serve --port 99999", "--port"),
        ("serve --port -1", "--port"),
        ("serve --port http", "--port"),
        ("seed 5", "give one target"),
        ("seed 5 --to a --data b", "give one target"),
    ],
)
def test_an_invalid_option_is_explained(tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    command, *options = words.split()
    assert said in refused(command, *(["--port", "0"] if command == "serve" else []), *options)


@pytest.mark.parametrize(
    ("module", "options", "said"),
    [
        (
            "mock_ajera.self_signed",
            ["--tls-self-signed", "made.pem"],
            'needs the extra tls; in a checkout, run: pip install -e ".[tls]"',
        ),
        (
            "mock_ajera.granian_engine",
            ["--engine", "granian"],
            'needs the extra fast; in a checkout, run: pip install -e ".[fast]"',
        ),
    ],
)
def test_an_extra_that_is_missing_is_named(tmp_path, monkeypatch, module, options, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delattr("mock_ajera." + module.rpartition(".")[2], raising=False)
    assert said in refused("serve", "--port", "0", *options)


@pytest.mark.parametrize(
    "words",
    [
        *("call X?", "call ListClients --password Secret?", "methods ?", "?", "serve --seed ?"),
        *(
            "serve --data ?.sqlite",
            "seed 1 --to ?",
            "users add clerk --password Secret?",
            "users show ?",
            "clock set ?",
        ),
    ],
)
def test_an_argument_that_is_not_utf_8_is_refused(words):
    """Python has half a character for each byte that it cannot decode."""
    given = words.replace("?", "\udcff").split()
    assert refused(*given) == f"mock-ajera: argument {len(given)} is not UTF-8\n"


@pytest.mark.parametrize("name", ["AJERA_API_PASSWORD", "MOCK_AJERA_SEED", "MOCK_AJERA_CONTROL_TOKEN"])
def test_a_variable_that_is_not_utf_8_is_refused(name):
    assert refused("call", "ListClients", env={name: "\udcff"}) == f"mock-ajera: the variable {name} is not UTF-8\n"


def test_methods_lists_every_served_method():
    lines = run("methods").stdout.splitlines()
    assert lines[0].split() == ["METHOD", "VERSIONS", "PERMISSION", "GRADE", "ARGUMENTS"]
    assert {line.split()[0] for line in lines[1:-3]} == {*METHODS.served, "CreateAPISession", "EndAPISession"}
    assert lines[-1] == "mock-ajera methods NAME prints the quirk, types, members and an example."


def test_methods_has_the_grade_and_the_versions_that_are_served_by_default():
    """A version in parentheses is served only with a quirk."""
    rows = {name: cells for name, *cells in (re.split(" {2,}", line) for line in run("methods").stdout.splitlines())}
    with MockAjera() as ajera:
        for name, method in METHODS.served.items():
            shown = [f"{each}" if is_served(ajera, name, each) else f"({each})" for each in method.versions]
            versions, _, grade, *_ = rows[name]
            assert (versions, grade) == (", ".join(shown), method.grade)


def is_served(ajera, name, version):
    """Return whether a call of a method is not refused for its name or its version."""
    ajera.call(name, {}, version=version)
    return not {reason.rule for reason in ajera.journal.last().reasons} & {"version", "unknown-method"}


def test_https(tmp_path, engine):
    """Both engines serve https with the files of a certificate."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    files = ("--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem"))
    with serving(tmp_path, *files, "--engine", engine) as (_, env):
        assert env["AJERA_API_URL"].startswith("https://127.0.0.1:")
        with socket.create_connection(("127.0.0.1", int(env["AJERA_API_URL"].split("/")[2].rpartition(":")[2]))):
            # A client that connects and sends nothing does not block others.
            called = run("call", "ListCompanies", env=env | {"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
        assert called.exit_code == 0, called.stderr
        assert "certificate" in refused("call", "ListCompanies", code=3, env=env).lower()


def test_ipv6(tmp_path, engine):
    """An IPv6 address is in brackets in the URL."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with serving(tmp_path, "--host", "::1", "--engine", engine) as (_, env):
        assert env["AJERA_API_URL"].startswith("http://[::1]:")
        assert run("call", "ListCompanies", env=env).exit_code == 0


@pytest.mark.parametrize("log", ["text", "json"])
def test_a_server_outlives_the_reader_of_its_output(tmp_path, engine, log):
    """After `mock-ajera serve | head`, calls succeed, nothing is printed, and SIGTERM ends the server with code 0."""
    file = tmp_path / "served.env"
    words = [COMMAND, "serve", "--port", "0", "--engine", engine, "--log-format", log, "--env-file", file]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        while not file.exists():
            assert process.poll() is None
            time.sleep(0.02)
        env = dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())
        for _ in range(3):
            assert run("call", "ListCompanies", env=env).exit_code == 0
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
    assert (process.returncode, said) == (0, "")


def test_a_server_can_be_started_without_an_output(tmp_path, engine):
    """After `mock-ajera serve >&- 2>&-`, a call succeeds, and SIGTERM ends the server with code 0."""
    file = tmp_path / "served.env"
    script = f"exec {COMMAND} serve --port 0 --engine {engine} --env-file {file} >&- 2>&-"
    with subprocess.Popen(["sh", "-c", script]) as process:
        while not file.exists():
            assert process.poll() is None
            time.sleep(0.02)
        env = dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())
        assert run("call", "ListCompanies", env=env).exit_code == 0
        process.send_signal(signal.SIGTERM)
    assert process.returncode == 0


def test_an_old_env_file_is_removed(tmp_path):
    """A program that waits for the file waits for this server, even if it fails to start."""
    file = tmp_path / "old.env"
    file.write_text("AJERA_API_URL=http://old\n", encoding="utf-8")
    refused("serve", "--port", "0", "--env-file", str(file), "--sample", str(tmp_path))
    assert not file.exists()


def test_a_shell_can_read_the_env_file(tmp_path):
    """Special characters in a password are quoted."""
    firm = Path(shutil.copytree(sample_path(), tmp_path / "firm"))
    text = (firm / "firm.json").read_text(encoding="utf-8")
    (firm / "firm.json").write_text(text.replace("Offline_4jera", "it's $4 \\\\ jera"), encoding="utf-8")
    with serving(tmp_path, "--sample", str(firm)):
        script = f'. {tmp_path / "server.env"}; printf %s "$AJERA_API_PASSWORD"'
        assert subprocess.check_output(["sh", "-c", script], text=True) == "it's $4 \\ jera"


@pytest.mark.parametrize(
    ("target", "option", "said"), [("--to", "--sample", "is not empty"), ("--data", "--data", "already")]
)
def test_seed_creates_files_and_data_files(tmp_path, target, option, said):
    """The result can be served, and is not overwritten."""
    made = str(tmp_path / "firm")
    assert run("seed", "7", target, made).exit_code == 0
    with serving(tmp_path, option, made) as (_, env):
        called = run("call", "ListProjects", "--content", env=env)
        assert len(json.loads(called.stdout)["Projects"]) == 7
    assert said in refused("seed", "7", target, made)


def test_a_worker_does_not_outlive_its_server(tmp_path):
    """If granian's main process is killed, its worker ends too."""
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


def test_the_env_file_appears_complete(tmp_path):
    file = tmp_path / "watched.env"
    command = [COMMAND, "serve", "--port", "0", "--env-file", str(file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            while not file.exists():
                assert process.poll() is None
            assert "AJERA_API_URL=http" in file.read_text(encoding="utf-8")
        finally:
            process.terminate()
