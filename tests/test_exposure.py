"""Access to the control surface: local programs, or anybody with the token, but never web pages."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from checkout import COMMAND, PYTHON, ROOT, Served, clean_environment, serving_mock
from client import Client
from raw_http import Answer, ask, send

from mock_ajera.control.action import Action
from mock_ajera.control.register import ACTIONS

TOKEN = "t0ken-of-this-test/+="
BEARER = ("Authorization", f"Bearer {TOKEN}")
OFF = ("--host", "0.0.0.0")
GUARDED = (*OFF, "--control-token", TOKEN)
OPEN = {"/_mock/health", "/_mock/ready"}
NOTHING = b"[]"
"""A body that has no effect."""

Start = Callable[..., Served]


@pytest.fixture(scope="module")
def started(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start servers by options. Tests with the same options share a server, so no test may change it."""
    with ExitStack() as servers:
        known: dict[tuple[str, ...], Served] = {}

        def start(*options: str) -> Served:
            if options not in known:
                folder = tmp_path_factory.mktemp("served")
                known[options] = servers.enter_context(serving_mock(folder, "--engine", engine, *options))
            return known[options]

        yield start


def path_of(action: Action) -> str:
    """Return the path of an action with parameters that do not exist."""
    parameters = {name: "7777" if action.types[name] is int else "nobody" for name in action.path_parameters}
    return f"/_mock{action.path.format(**parameters)}"


ODD = """GET /_mock, GET /_mock/, GET /_mock/nothing, POST /_mock/nothing/at/all, HEAD /_mock/version,
HEAD /_mock/openapi.json, OPTIONS /_mock/tenants, DELETE /_mock/version, GET //_mock/version, GET /%5fmock/version,
GET /_mock%2fversion, GET /_mock/version/, GET /_mock/../_mock/version, GET /_mock/%2e%2e/_mock/version,
GET /_mock/health/../version, GET /_mock/health%2f..%2fversion, GET /_mock/health;/version, GET /_mock/health%00,
GET /_mock/AjeraAPI.ashx, POST /_mock/x/AjeraAPI.ashx, TRACE /_mock/version, PROPFIND /_mock/tenants,
GET /_mock//version, GET /_mock/%0a"""
KNOWN = [*((action.verb, path_of(action)) for action in ACTIONS.values()), ("GET", "/_mock/openapi.json")]
PATHS = [*KNOWN, *(tuple(each.split()) for each in ODD.split(","))]
"""Verb and path of everything below ``/_mock/``, and of attempts to bypass the rules."""
CLOSED = [each for each in PATHS if each[1] not in OPEN]


def check_ajera(served: Served, root: str) -> None:
    """Log in and list companies, as a client of Ajera does."""
    user, password = served.variables["AJERA_API_USERNAME"], served.variables["AJERA_API_PASSWORD"]
    with Client(served.url.replace(served.root, root), user, password) as client:
        assert client.call("ListCompanies")["Content"]["Companies"]


def elsewhere(served: Served) -> str:
    """Return the URL of a server by another address of this machine."""
    return f"http://127.0.0.2:{urlsplit(served.root).port}"


def log_of(served: Served) -> str:
    return (served.folder / "served.txt").read_text(encoding="utf-8")


def is_problem(answer: Answer, status: int) -> bool:
    """Return whether a response is a refusal of the control surface with this status."""
    if answer.status != status or answer.headers["Content-Type"] != "application/problem+json":
        return False
    return not answer.body or answer.json["status"] == status


# on loopback, without a token


@pytest.mark.parametrize(("verb", "path"), KNOWN)
def test_every_path_is_open_on_loopback(started: Start, verb: str, path: str) -> None:
    answer = ask(started().root, path, verb, NOTHING)
    assert answer.status in (200, 400, 404)
    assert "there is no /_mock" not in answer.body.decode()
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.9:80", "[::1]:8080", "a.localhost"])
def test_every_loopback_name_is_accepted(started: Start, host: str) -> None:
    assert ask(started().root, "/_mock/version", host=host).status == 200


HOSTS = """attacker.example 127.0.0.1.attacker.example localhost.attacker.example attacker.example:8080 10.0.0.1 [::1
127.0.0.1@attacker.example attacker.example@127.0.0.1 0.0.0.0 [a:b] [::ffff:10.0.0.1] 127.0.0.1:0x1F 2130706433"""
ORIGINS = """http://attacker.example null http://127.0.0.1:1 http://[attacker //127.0.0.1 file:// http://é.example
http://127.0.0.1.attacker.example"""
PROXIED = [
    *(("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Host", "localhost"), ("X-Real-IP", "127.0.0.1")),
    *(("Forwarded", "for=127.0.0.1;host=localhost"), ("Via", "1.1 proxy"), ("X-Forwarded-Proto", "https")),
    *(("CF-Connecting-IP", "127.0.0.1"), ("True-Client-IP", "127.0.0.1"), ("X-Original-Host", "localhost")),
]
REMOTE = [
    *(("Host", host) for host in ("", "127.0.0.1, attacker.example", *HOSTS.split())),
    *(("Origin", origin) for origin in ("", *ORIGINS.split())),
    *(("Sec-Fetch-Site", site) for site in ("cross-site", "same-site", "anything")),
    *PROXIED,
]


@pytest.mark.parametrize(("name", "value"), REMOTE)
def test_a_request_from_a_web_page_or_a_proxy_is_refused(started: Start, name: str, value: str) -> None:
    """A page may have a name that resolves to 127.0.0.1, and may send requests without a CORS preflight."""
    root = started().root
    given = {"host": value} if name == "Host" else {}
    headers = () if given else ((name, value),)
    assert is_problem(ask(root, "/_mock/version", "GET", None, *headers, **given), 403)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json", ""):
        typed = (*headers, *((("Content-Type", kind),) if kind else ()))
        assert is_problem(ask(root, "/_mock/tenants", "POST", b'{"name": "posted"}', *typed, **given), 403)
    assert [each["name"] for each in ask(root, "/_mock/tenants").json] == ["default"]


@pytest.mark.parametrize("hosts", [(b"127.0.0.1", b"attacker.example"), (b"attacker.example", b"127.0.0.1")])
def test_a_second_host_header_is_refused(started: Start, hosts: tuple[bytes, bytes]) -> None:
    head = b"GET /_mock/version HTTP/1.1\r\nConnection: close\r\nHost: %b\r\nHost: %b\r\n\r\n" % hosts
    assert send(started().root, head).split(b" ")[1] in (b"400", b"403")


def test_a_cors_preflight_is_refused(started: Start) -> None:
    asked = (("Origin", "http://attacker.example"), ("Access-Control-Request-Method", "PUT"))
    answer = ask(started().root, "/_mock/tenants", "OPTIONS", None, *asked)
    assert is_problem(answer, 403)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_a_page_of_the_server_itself_is_accepted(started: Start) -> None:
    root = started().root
    for site in ("same-origin", "none"):
        headers = (("Origin", root), ("Sec-Fetch-Site", site))
        assert ask(root, "/_mock/version", "GET", None, *headers).status == 200


@pytest.mark.parametrize("host", HOSTS.split())
def test_the_page_with_the_credentials_has_no_other_name(started: Start, host: str) -> None:
    """A web page whose name resolves to 127.0.0.1 cannot read them."""
    root = started().root
    assert "Offline_4jera" in ask(root, "/").body.decode()
    answer = ask(root, "/", host=host)
    assert answer.status in (400, 403)
    assert "Offline_4jera" not in answer.everything


def test_the_api_answers_to_any_name(started: Start) -> None:
    """Programs reach it by the names of containers, tunnels and hosts files. The page with the credentials does not."""
    served = started()
    login = {"Method": "CreateAPISession", "Username": "integrator", "Password": "Offline_4jera", "APIVersion": 1}
    headers = {"Host": "ajera.example", "Content-Type": "application/json"}
    answer = requests.post(served.url, json=login, headers=headers, timeout=10)
    assert answer.json()["Content"]["SessionToken"]
    assert ask(served.root, "/", host="ajera.example").status == 403


@pytest.mark.parametrize("path", ["/_mock/version", "/_mock/openapi.json"])
def test_head_has_no_body(started: Start, path: str) -> None:
    answer = ask(started().root, path, "HEAD")
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("verb", ["OPTIONS", "POST", "PUT", "DELETE", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/_mock/version", "/_mock/openapi.json", "/_mock/health"])
def test_another_verb_is_refused(started: Start, verb: str, path: str) -> None:
    """This includes TRACE, whose response would reveal a token to a web page."""
    answer = ask(started().root, path, verb, None, ("X-Secret", "revealed"))
    assert answer.status == 405
    assert "revealed" not in answer.everything
    assert answer.headers["Allow"] == "GET, HEAD"


# on all addresses, without a token


@pytest.mark.parametrize(("verb", "path"), CLOSED)
def test_every_path_is_off_on_other_addresses(started: Start, verb: str, path: str) -> None:
    served = started(*OFF)
    for root in (served.root, elsewhere(served)):
        for headers in ((), (BEARER,)):
            assert is_problem(ask(root, path, verb, None, *headers), 403)


def test_health_and_ajera_are_open_on_other_addresses(started: Start) -> None:
    served = started(*OFF)
    for root in (served.root, elsewhere(served)):
        for path in OPEN:
            assert ask(root, path).json == {"status": "ready", "tenants": 1}
            assert ask(root, path, host="attacker.example").status == 200
        check_ajera(served, root)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_no_header_turns_it_on(started: Start, host: str) -> None:
    root = elsewhere(started(*OFF))
    for header in (("Authorization", "Bearer"), ("Authorization", "Bearer None"), ("Origin", root), *PROXIED):
        assert is_problem(ask(root, "/_mock/version", "GET", None, header, host=host), 403)


@pytest.mark.parametrize("path", ["/x/../_mock/version", "/_MOCK/version", "/x/_mock/version"])
def test_a_similar_path_is_not_found(started: Start, path: str) -> None:
    assert ask(elsewhere(started(*OFF)), path).status == 404


def test_a_large_body_is_refused_without_being_read(started: Start) -> None:
    head = b"POST /_mock/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000000\r\n\r\n{"
    assert send(started(*OFF).root, head).split(b" ")[1] == b"403"


@pytest.mark.parametrize(
    ("options", "off"),
    [((*OFF, "--log-format", "text"), True), ((*OFF, "--log-format", "json"), True), ((), False), (GUARDED, False)],
)
def test_the_log_reports_whether_it_is_off(started: Start, options: tuple[str, ...], off: bool) -> None:
    assert ("/_mock/ is off except for health checks" in log_of(started(*options))) is off
    assert ("--control-token" in log_of(started(*options))) is off


# with a token


@pytest.fixture(params=[(), OFF], ids=["loopback", "everywhere"])
def guarded(request: pytest.FixtureRequest, started: Start) -> Served:
    """Start a server with a token."""
    return started(*request.param, "--control-token", TOKEN)


WRONG = [
    *(None, "Bearer", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN.upper()}"),
    *(f"Bearer {TOKEN}, Bearer {TOKEN}", f"Basic {TOKEN}", f"Bearer{TOKEN}", TOKEN, "Bearer \xff", f"Token {TOKEN}"),
]


@pytest.mark.parametrize("given", WRONG)
def test_a_wrong_token_is_refused(guarded: Served, given: str | None) -> None:
    headers = () if given is None else (("Authorization", given),)
    for path in ("/_mock/version", "/_mock/openapi.json", "/_mock/nothing", "/_mock/tenants"):
        answer = ask(guarded.root, path, "GET", None, *headers)
        assert is_problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("verb", "path"), CLOSED)
def test_every_path_needs_the_token(guarded: Served, verb: str, path: str) -> None:
    assert is_problem(ask(guarded.root, path, verb), 401)
    assert ask(guarded.root, path, verb, NOTHING, BEARER).status in (200, 400, 404, 405)


def test_the_token_opens_it_by_any_name_and_through_any_proxy(guarded: Served) -> None:
    root = guarded.root
    for headers in ([BEARER], [("Authorization", f"bearer  {TOKEN} ")], *([BEARER, header] for header in PROXIED)):
        assert ask(root, "/_mock/version", "GET", None, *headers).status == 200
    assert ask(root, "/_mock/version", "GET", None, BEARER, host="ajera.example").status == 200


def test_the_token_opens_it_on_another_address(started: Start) -> None:
    assert ask(elsewhere(started(*GUARDED)), "/_mock/version", "GET", None, BEARER).status == 200


def test_health_and_ajera_need_no_token(guarded: Served) -> None:
    assert [ask(guarded.root, path).status for path in OPEN] == [200, 200]
    check_ajera(guarded, guarded.root)


@pytest.mark.parametrize("log", ["text", "json"])
def test_the_token_is_never_shown(started: Start, log: str) -> None:
    """No response, journal entry, file or line of the log contains the token or a wrong one."""
    served = started(*GUARDED, "--log-format", log)
    wrong = "wr0ng-token-of-this-test"
    given = ((), (BEARER,), (("Authorization", f"Bearer {wrong}"),), (("Authorization", f"Basic {TOKEN}"),))
    shown = [ask(served.root, path, verb, NOTHING, *headers).everything for verb, path in PATHS for headers in given]
    check_ajera(served, served.root)
    body = b'{"Method": "ListCompanies"}'
    shown.append(ask(served.root, f"/AjeraAPI.ashx?{urlsplit(served.url).query}", "POST", body, BEARER).everything)
    shown.append(ask(served.root, "/").everything)
    kept = ("/_mock/tenants/default/journal", "/_mock/tenants/default/journal.jsonl", "/_mock/reliance")
    shown += [ask(served.root, path, "GET", None, BEARER).everything for path in kept]
    settings = ask(served.root, "/_mock/settings", "GET", None, BEARER)
    assert settings.json["control-token"] == "set"
    shown += [settings.everything, *(file.read_text(encoding="utf-8") for file in served.folder.iterdir())]
    for secret in (TOKEN, wrong):
        assert secret not in "\n".join(shown)


def test_the_settings_show_that_no_token_is_set(started: Start) -> None:
    assert ask(started().root, "/_mock/settings").json["control-token"] is None


def test_an_empty_variable_sets_no_token(engine: str, tmp_path: Path) -> None:
    """A compose file sets an empty variable if the user has none."""
    with serving_mock(tmp_path, "--engine", engine, *OFF, MOCK_AJERA_CONTROL_TOKEN="") as served:
        for headers in ((), (("Authorization", "Bearer"),), (("Authorization", "Bearer "),)):
            assert is_problem(ask(served.root, "/_mock/version", "GET", None, *headers), 403)


# on one address that is not loopback


INSIDE = """
import json, sys, urllib.error, urllib.request

def status(path, headers={}):
    try:
        with urllib.request.urlopen(urllib.request.Request(sys.argv[1] + path, headers=headers)) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code

bearer = {"Authorization": "Bearer " + sys.argv[2]}
local = {"Host": "localhost", "X-Forwarded-For": "127.0.0.1"}
print(json.dumps([status("/_mock/health"), *(status("/_mock/version", each) for each in ({}, local, bearer))]))
"""
ADDRESS = "192.0.2.1"


def in_a_new_network(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a shell script in a network namespace that has one address other than loopback."""
    words = ["unshare", "--map-root-user", "--net", "sh", "-ec"]
    up = f"ip link set lo up; ip address add {ADDRESS}/32 dev lo; "
    options = {"cwd": folder, "env": clean_environment(), "capture_output": True, "encoding": "utf-8", "timeout": 120}
    return subprocess.run([*words, up + script], check=False, **options)


@pytest.mark.parametrize(("token", "expected"), [(None, [200, 403, 403, 403]), (TOKEN, [200, 401, 401, 200])])
def test_a_single_remote_address(engine: str, tmp_path: Path, token: str | None, expected: list[int]) -> None:
    if shutil.which("unshare") is None or in_a_new_network("true", tmp_path).returncode:
        pytest.skip("this machine does not support network namespaces")
    client = tmp_path / "client.py"
    client.write_text(INSIDE, encoding="utf-8")
    options = "" if token is None else f"--control-token {shlex.quote(token)}"
    command = f"{shlex.quote(str(COMMAND))} serve --host {ADDRESS} --port 8080 --engine {engine} {options}"
    script = f"""
        {command} --env-file ready.env > served.txt &
        until [ -e ready.env ]; do kill -0 $!; sleep 0.1; done
        {shlex.quote(str(PYTHON))} client.py http://{ADDRESS}:8080 {shlex.quote(TOKEN)}
        kill $!
        wait $!
    """
    done = in_a_new_network(script, tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == expected
    assert ("is off" in (tmp_path / "served.txt").read_text(encoding="utf-8")) == (token is None)


# with a public URL


PUBLIC = "https://ajera.example:8443/mock"


@pytest.fixture
def renamed(started: Start) -> tuple[Served, str]:
    """Start a server with a public URL. Return it with its local URL."""
    served = started("--public-url", f"{PUBLIC}/")
    return served, log_of(served).partition("Open ")[2].partition("/ in")[0]


def test_all_urls_begin_with_the_public_url(renamed: tuple[Served, str]) -> None:
    served, root = renamed
    assert served.url.startswith(f"{PUBLIC}/V000001/AjeraAPI.ashx?")
    assert served.variables["MOCK_AJERA_CONTROL_URL"] == f"{PUBLIC}/_mock"
    (tenant,) = ask(root, "/_mock/tenants").json
    assert tenant["url"] == served.url
    assert tenant["url_on_premise"].startswith(f"{PUBLIC}/AjeraAPI.ashx?")
    assert ask(root, "/_mock/tenants/default").json["url"] == served.url
    assert ask(root, "/_mock/openapi.json").json["servers"] == [{"url": f"{PUBLIC}/_mock"}]
    login = {"Method": "CreateAPISession", "Username": "integrator", "Password": "Offline_4jera", "APIVersion": 1}
    path = f"/AjeraAPI.ashx?{urlsplit(served.url).query}"
    assert ask(root, path, "POST", json.dumps(login).encode()).json["Content"]["APIURL"] == served.url


@pytest.mark.parametrize("host", ["ajera.example", "ajera.example:8443"])
def test_the_public_name_is_not_a_loopback_name(renamed: tuple[Served, str], host: str) -> None:
    _, root = renamed
    assert is_problem(ask(root, "/_mock/version", host=host), 403)
    origin = ("Origin", f"https://{host}")
    assert is_problem(ask(root, "/_mock/version", "GET", None, origin), 403)
    assert ask(root, "/_mock/health", host=host).status == 200
    assert ask(root, "/_mock/version").status == 200


def test_the_page_with_the_credentials_has_the_public_name(renamed: tuple[Served, str]) -> None:
    _, root = renamed
    assert "Offline_4jera" in ask(root, "/", host="ajera.example:8443").body.decode()
    assert ask(root, "/", host="attacker.example").status == 403


def test_without_a_public_url_urls_begin_with_the_host_of_the_request(started: Start) -> None:
    root = started().root
    (tenant,) = ask(root, "/_mock/tenants", host="localhost:1234").json
    assert tenant["url"].startswith("http://localhost:1234/V000001/")


def test_the_compose_file_passes_a_token_on_and_publishes_on_loopback_only() -> None:
    lines = [line.strip() for line in (ROOT / "compose.yaml").read_text(encoding="utf-8").splitlines()]
    variables = [line for line in lines if line.startswith("MOCK_AJERA_")]
    assert variables == ["MOCK_AJERA_CONTROL_TOKEN: ${MOCK_AJERA_CONTROL_TOKEN:-}"]
    assert [line for line in lines if ":8080" in line and line.startswith("-")] == ['- "127.0.0.1:8080:8080"']
