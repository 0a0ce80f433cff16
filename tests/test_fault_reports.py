"""Faults as users of the command line meet them: options, log lines, what is told at the end, a server that is down."""

from __future__ import annotations

import json
import re
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from checkout import PATIENCE, Served, serving_mock
from command_line import refused, run
from raw_http import Answer, ask, post

from mock_ajera import AjeraServer, MockAjera, ServedTenant
from mock_ajera.served_fault import ServedFault

LOGIN = {"Method": "CreateAPISession", "Username": "integrator", "Password": "Offline_4jera", "APIVersion": 1}


def log_in(url: str) -> str:
    return str(post(url, LOGIN).json["Content"]["SessionToken"])


def call(url: str, token: str, method: str, **arguments: Any) -> Answer:
    return post(url, {"Method": method, "SessionToken": token, "MethodArguments": arguments})


def printed(folder: Path) -> str:
    return (folder / "served.txt").read_text(encoding="utf-8")


RULES = ("http method=ListClients status=503 times=2", "delay seconds=1 method=GetVendors name='a slow one'")


def meet(served: Served) -> None:
    token = log_in(served.url)
    assert [call(served.url, token, "ListClients").status for _ in range(3)] == [503, 503, 200]


@pytest.fixture(scope="module")
def text_log(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("text")
    with serving_mock(folder, *(f"--fault={rule}" for rule in RULES)) as served:
        meet(served)
    return printed(folder)


@pytest.fixture(scope="module")
def json_log(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("json")
    with serving_mock(folder, "--log-format", "json", MOCK_AJERA_FAULT="; ".join(RULES)) as served:
        meet(served)
    return [json.loads(line) for line in printed(folder).splitlines()]


def test_the_line_of_a_request_is_followed_by_its_faults(text_log: str) -> None:
    requests = text_log.partition("Ctrl-C")[2].partition("\nstopped\n")[0].splitlines()
    assert [line.split()[-1] for line in requests if "ListClients" in line] == ["ListClients"] * 3
    assert [line for line in requests if "fault:" in line] == ["          fault: http 1"] * 2


def test_the_server_tells_at_its_end_what_fired_and_what_did_not(text_log: str) -> None:
    told = text_log.partition("\nstopped\n")[2].splitlines()[:3]
    assert told == [
        "How often each fault fired, and to how many calls it applied:",
        "      2 of 3  http 1 (http method=ListClients times=2 status=503)",
        "      0 of 0  a slow one (delay method=GetVendors seconds=1.0): never",
    ]


def test_the_json_log_has_the_same(json_log: list[dict[str, Any]]) -> None:
    met = [each["faults"] for each in json_log if each["event"] == "request" and each["method"] == "ListClients"]
    assert met == [["http 1"], ["http 1"], []]
    http = {"tenant": "default", "name": "http 1", "rule": "http method=ListClients times=2 status=503"}
    slow = {"tenant": "default", "name": "a slow one", "rule": "delay method=GetVendors seconds=1.0"}
    assert json_log[-1]["faults"] == [http | {"calls": 3, "fired": 2}, slow | {"calls": 0, "fired": 0}]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("http method=GetProject", "fault http method=GetProject: there is no method 'GetProject'; did you mean"),
        ("htp status=503", "fault htp status=503: there is no fault 'htp'; did you mean http?"),
        ("http sttus=503", "fault http sttus=503: a fault has no member 'sttus'; did you mean status?"),
        ("http status=many", "fault http status=many: status: expected int, got str"),
        ("http 503", "fault http 503: expected NAME=VALUE, found '503'"),
        ("http status=503 status=504", "'status=504' is repeated"),
        ("delay name='slow", "fault delay name='slow: the kind of fault and NAME=VALUE pairs are expected"),
        ("", "the kind of fault and NAME=VALUE pairs are expected"),
    ],
)
def test_a_bad_rule_ends_the_start(rule: str, said: str) -> None:
    assert said in refused("serve", "--port", "0", "--fault", rule)


def test_a_variable_separates_rules_with_semicolons_outside_quotes() -> None:
    rules = "content-type 'content_type=text/html; charset=utf-8' ;htp"
    assert "there is no fault 'htp'" in refused("serve", "--port", "0", env={"MOCK_AJERA_FAULT": rules})


@pytest.mark.parametrize("factor", ["-1", "nan", "1e9"])
def test_a_time_scale_out_of_range_is_refused(factor: str) -> None:
    assert "--time-scale must be a number from 0 to 1000" in refused("serve", f"--time-scale={factor}")


def test_the_time_scale_is_that_of_every_tenant(tmp_path: Path) -> None:
    """An hour would not end before the client gives up. The clocks move on as if it had been waited."""
    with serving_mock(tmp_path, "--time-scale", "0") as served:
        made = ask(served.root, "/_mock/tenants", "POST", b'{"name": "other"}').json
        other = f"{served.root}/{made['url'].split('/', 3)[3]}"
        for tenant, url in (("default", served.url), ("other", other)):
            rule = json.dumps({"does": "delay", "seconds": 3600, "method": "ListClients"}).encode()
            assert ask(served.root, f"/_mock/tenants/{tenant}/faults", "POST", rule).status == 201
            assert call(url, log_in(url), "ListClients").status == 200
            assert ask(served.root, f"/_mock/tenants/{tenant}/clock").json["setting"].startswith("shifted ")
        assert ask(served.root, "/_mock/settings").json["time-scale"] == 0


def is_refused(url: str) -> bool:
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname or "", address.port or 0), timeout=PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False


def wait_until_back(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while is_refused(url):
        assert time.monotonic() < deadline, "the server does not come back"
        time.sleep(0.02)


def test_a_server_goes_down_for_a_while(tmp_path: Path) -> None:
    """Connections are refused as soon as the command ends. The server comes back on its port, with its sessions."""
    with serving_mock(tmp_path) as served:
        token = log_in(served.url)
        for words in (["--for", "0.5s"], ["--for", "1"]):
            assert run("server", "down", *words, env=dict(served.variables)).exit_code == 0
            assert is_refused(served.url)
            wait_until_back(served.url)
            assert call(served.url, token, "ListClients").json["Message"] == "Success"


def test_a_server_that_is_down_can_be_stopped(tmp_path: Path) -> None:
    with serving_mock(tmp_path) as served:
        assert ask(served.root, "/_mock/down", "POST", b'{"seconds": 3600}').status == 204
    assert "\nstopped\n" in printed(tmp_path)


def test_a_port_that_another_program_uses_is_tried_again() -> None:
    with MockAjera() as ajera:
        address = urlsplit(ajera.url)
        assert ask(ajera.control_url[:-6], "/_mock/down", "POST", b'{"seconds": 0.3}').status == 204
        with socket.create_server((address.hostname or "", address.port or 0)):
            time.sleep(0.5)
        wait_until_back(ajera.url)


def test_granian_refuses_to_go_down(tmp_path: Path) -> None:
    pytest.importorskip("granian")
    with serving_mock(tmp_path, "--engine", "granian") as served:
        answer = ask(served.root, "/_mock/down", "POST", b'{"seconds": 1}')
        assert (answer.status, answer.json["detail"][:55]) == (
            409,
            "this server cannot refuse connections for a while: the ",
        )
        said = refused("serve", "--port", "0", "--engine", "granian", "--fault", "reset method=GetProjects")
        assert "fault reset method=GetProjects: this engine cannot reset a connection" in said


@pytest.mark.parametrize("words", [["--for", "soon"], ["--for", "-1s"], []])
def test_a_wrong_duration_is_refused(ajera: ServedTenant, words: list[str]) -> None:
    refused("server", "down", *words, env={"MOCK_AJERA_CONTROL_URL": ajera.control_url})


def test_a_tenant_is_made_with_faults() -> None:
    rule = {"does": "http", "method": "ListClients", "status": 429, "times": 1}
    with AjeraServer() as server:
        ajera = server.tenant(faults=[rule])
        token = ajera.token()
        assert [call(ajera.url, token, "ListClients").status for _ in range(2)] == [429, 200]
        (entry,) = ajera.journal.where(fault="http 1")
        assert "(fault: http 1)" in entry.explain()
        env = {"MOCK_AJERA_CONTROL_URL": ajera.control_url, "MOCK_AJERA_TENANT": ajera.tenant.name}
        show = run("journal", "show", str(entry.number), env=env).stdout
        assert re.search("^Faults +http 1$", show, re.MULTILINE)
        listed = ask(server.url, f"/_mock/tenants/{ajera.tenant.name}/journal?fault=http%201").json
        assert [each["number"] for each in listed] == [entry.number]


def test_a_journal_query_for_a_fault_that_was_never_added_is_refused(ajera: ServedTenant) -> None:
    """One that was removed is known."""
    with ajera.fail("ListClients"):
        call(ajera.url, ajera.token(), "ListClients")
    ajera.journal.clear()
    ajera.journal.none(fault="http 1")
    with pytest.raises(ValueError, match="there is no fault 'htp 1'; did you mean http 1"):
        ajera.journal.none(fault="htp 1")


@pytest.mark.parametrize("faults", [[{"does": "http", "method": "GetProject"}], ["http"], [{"does": "delay"}]])
def test_a_bad_rule_makes_no_tenant(faults: list[Any]) -> None:
    with AjeraServer() as server:
        with pytest.raises(ValueError, match=r"GetProject|a fault is a mapping|fault delay: .* needs seconds"):
            server.tenant(faults=faults)
        assert list(server.tenants) == []


def test_a_block_whose_fault_never_fired_says_which() -> None:
    with MockAjera() as ajera:
        said = r"the fault delay 1 \(delay method=GetClients seconds=1.0\) never fired: it applied to 0 calls"
        with pytest.raises(AssertionError, match=said), ajera.fault("delay", seconds=1, method="GetClients") as fault:
            assert isinstance(fault, ServedFault)
