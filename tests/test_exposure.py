"""Access to the control surface: programs on this machine, or with the token; never web pages."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from checkout import COMMAND, PYTHON, ROOT, Served, clean_environment, completed, run, serving
from raw_http import Answer, ask, send

from mock_ajera.control.action import Action
from mock_ajera.control.register import ACTIONS

TOKEN = "t0ken-of-this-test/+="
BEARER = ("Authorization", f"Bearer {TOKEN}")
OFF = ("--host", "0.0.0.0")
OPEN = {"/_mock/health", "/_mock/ready"}
NOTHING = b"[]"
"""A body that has no effect."""


@pytest.fixture(scope="module")
def started(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Return servers by their options. Tests share them, and therefore change nothing."""
    with ExitStack() as servers:
        known: dict[tuple[str, ...], Served] = {}

        def start(*options: str) -> Served:
            if options not in known:
                words = (COMMAND, "serve", "--port", "0", "--env-file", "served.env", "--engine", engine, *options)
                known[options] = servers.enter_context(serving(*words, cwd=tmp_path_factory.mktemp("served")))
            return known[options]

        yield start


def path_of(action: Action) -> str:
    """Return the path of an action with names that do not exist."""
    places = {place: "7777" if action.types[place] is int else "nobody" for place in action.path_parameters}
    return f"/_mock{action.path.format(**places)}"


PATHS = [
    *((action.verb, path_of(action)) for action in ACTIONS.values()),
    ("GET", "/_mock/openapi.json"),
    ("GET", "/_mock"),
    ("GET", "/_mock/"),
    ("GET", "/_mock/nothing"),
    ("POST", "/_mock/nothing/at/all"),
    ("HEAD", "/_mock/version"),
    ("HEAD", "/_mock/openapi.json"),
    ("OPTIONS", "/_mock/tenants"),
    ("DELETE", "/_mock/version"),
    ("GET", "//_mock/version"),
    ("GET", "/%5fmock/version"),
    ("GET", "/_mock%2fversion"),
    ("GET", "/_mock/version/"),
    ("GET", "/_mock/../_mock/version"),
    ("GET", "/_mock/%2e%2e/_mock/version"),
    ("GET", "/_mock/health/../version"),
    ("GET", "/_mock/health%2f..%2fversion"),
    ("GET", "/_mock/health;/version"),
    ("GET", "/_mock/health%00"),
    ("GET", "/_mock/AjeraAPI.ashx"),
    ("POST", "/_mock/x/AjeraAPI.ashx"),
    ("TRACE", "/_mock/version"),
    ("PROPFIND", "/_mock/tenants"),
    ("GET", "/_mock//version"),
    ("GET", "/_mock/%0a"),
]
"""Verb and path of everything under ``/_mock/``, and of attempts to get around the check."""
CLOSED = [each for each in PATHS if each[1] not in OPEN]


def ajera_is_served(served: Served, root: str) -> None:
    """Check that a client of Ajera can log in and list."""
    address = urlsplit(served.url)
    path = f"{address.path}?{address.query}"
    login = {
        "Method": "CreateAPISession",
        "Username": served.variables["AJERA_API_USERNAME"],
        "Password": served.variables["AJERA_API_PASSWORD"],
        "APIVersion": 1,
    }
    session = ask(root, path, "POST", json.dumps(login).encode()).json["Content"]
    body = {"Method": "ListCompanies", "SessionToken": session["SessionToken"], "MethodArguments": {}}
    assert ask(root, path, "POST", json.dumps(body).encode()).json["Content"]["Companies"]


def elsewhere(served: Served) -> str:
    """Return the root of a server at another address of this machine."""
    return f"http://127.0.0.2:{urlsplit(served.root).port}"


def is_problem(answer: Answer, status: int) -> bool:
    """Return whether a response is a refusal of the control surface with this status."""
    if answer.status != status or answer.headers["Content-Type"] != "application/problem+json":
        return False
    return not answer.body or answer.json["status"] == status


# on this machine


@pytest.mark.parametrize(("verb", "path"), PATHS[: len(ACTIONS) + 1])
def test_on_loopback_every_path_is_open(started: Callable[..., Served], verb: str, path: str) -> None:
    """Without a token, programs on this machine may use every documented path."""
    answer = ask(started().root, path, verb, NOTHING)
    assert answer.status in (200, 400, 404)
    assert "there is no /_mock" not in answer.body.decode()
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.9:80", "[::1]:8080", "a.localhost"])
def test_every_name_of_this_machine_is_accepted(started: Callable[..., Served], host: str) -> None:
    """The port may be that of a forwarded connection."""
    assert ask(started().root, "/_mock/version", host=host).status == 200


FOREIGN_HOSTS = [
    "attacker.example",
    "127.0.0.1.attacker.example",
    "localhost.attacker.example",
    "attacker.example:8080",
    "127.0.0.1@attacker.example",
    "attacker.example@127.0.0.1",
    "0.0.0.0",
    "10.0.0.1",
    "",
    "[::1",
    "[a:b]",
    "[::ffff:10.0.0.1]",
    "127.0.0.1, attacker.example",
    "127.0.0.1:0x1F",
    "2130706433",
]


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_name_is_refused(started: Callable[..., Served], host: str) -> None:
    """A page whose name resolves to 127.0.0.1 (DNS rebinding) is refused."""
    assert is_problem(ask(started().root, "/_mock/version", host=host), 403)
    assert is_problem(ask(started().root, "/_mock/tenants", "POST", b"{}", host=host), 403)


def test_two_host_headers_are_refused(started: Callable[..., Served]) -> None:
    root = started().root
    head = b"GET /_mock/version HTTP/1.1\r\nConnection: close\r\nHost: 127.0.0.1\r\nHost: attacker.example\r\n\r\n"
    assert send(root, head).split(b" ")[1] in (b"400", b"403")


@pytest.mark.parametrize(
    "origin",
    [
        "http://attacker.example",
        "null",
        "",
        "http://127.0.0.1:1",
        "http://[attacker",
        "//127.0.0.1",
        "http://127.0.0.1.attacker.example",
        "file://",
        "http://\xe9.example",
    ],
)
def test_a_post_from_a_page_of_another_site_is_refused(started: Callable[..., Served], origin: str) -> None:
    """A browser sends such a request without a preflight; its Origin identifies it."""
    root = started().root
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json", ""):
        headers = (("Origin", origin), *((("Content-Type", kind),) if kind else ()))
        assert is_problem(ask(root, "/_mock/tenants", "POST", b'{"name": "posted"}', *headers), 403)
    assert [each["name"] for each in ask(root, "/_mock/tenants").json] == ["default"]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_a_fetch_from_a_page_of_another_site_is_refused(started: Callable[..., Served], site: str) -> None:
    """Without an Origin, as with an image, the browser sends Sec-Fetch-Site."""
    assert is_problem(ask(started().root, "/_mock/version", "GET", None, ("Sec-Fetch-Site", site)), 403)
    assert is_problem(ask(started().root, "/_mock/tenants", "POST", None, ("Sec-Fetch-Site", site)), 403)


def test_a_preflight_gets_no_permission(started: Callable[..., Served]) -> None:
    asked = (("Origin", "http://attacker.example"), ("Access-Control-Request-Method", "PUT"))
    answer = ask(started().root, "/_mock/tenants", "OPTIONS", None, *asked)
    assert is_problem(answer, 403)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_a_page_of_the_server_itself_is_accepted(started: Callable[..., Served]) -> None:
    root = started().root
    for site in ("same-origin", "none"):
        headers = (("Origin", root), ("Sec-Fetch-Site", site))
        assert ask(root, "/_mock/version", "GET", None, *headers).status == 200


PROXIED = [
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-Forwarded-Host", "localhost"),
    ("X-Real-IP", "127.0.0.1"),
    ("Forwarded", "for=127.0.0.1;host=localhost"),
]


@pytest.mark.parametrize("header", PROXIED)
def test_a_request_through_a_proxy_is_refused(started: Callable[..., Served], header: tuple[str, str]) -> None:
    """A proxy on this machine forwards requests from anywhere."""
    assert is_problem(ask(started().root, "/_mock/version", "GET", None, header), 403)


@pytest.mark.parametrize(("verb", "path"), [("HEAD", "/_mock/version"), ("HEAD", "/_mock/openapi.json")])
def test_head_is_answered_like_get_without_a_body(started: Callable[..., Served], verb: str, path: str) -> None:
    answer = ask(started().root, path, verb)
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("verb", ["OPTIONS", "POST", "PUT", "DELETE", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/_mock/version", "/_mock/openapi.json", "/_mock/health"])
def test_another_verb_is_refused(started: Callable[..., Served], verb: str, path: str) -> None:
    """This includes TRACE, which would echo a token."""
    answer = ask(started().root, path, verb, None, ("X-Secret", "told"))
    assert answer.status == 405
    assert "told" not in answer.everything
    assert answer.headers["Allow"] == "GET, HEAD"


# on all interfaces, without a token


@pytest.mark.parametrize(("verb", "path"), CLOSED)
def test_without_loopback_and_token_every_path_is_refused(started: Callable[..., Served], verb: str, path: str) -> None:
    """Neither another address nor a token changes that."""
    served = started(*OFF)
    for root in (served.root, elsewhere(served)):
        for headers in ((), (BEARER,)):
            assert is_problem(ask(root, path, verb, None, *headers), 403)


def test_without_loopback_and_token_health_and_ajera_are_served(started: Callable[..., Served]) -> None:
    served = started(*OFF)
    for root in (served.root, elsewhere(served)):
        for path in OPEN:
            assert ask(root, path).json == {"status": "ready", "tenants": 1}
            assert ask(root, path, host="attacker.example").status == 200
        ajera_is_served(served, root)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_no_header_opens_the_surface(started: Callable[..., Served], host: str) -> None:
    root = elsewhere(started(*OFF))
    for header in (("Authorization", "Bearer"), ("Authorization", "Bearer None"), ("Origin", root), *PROXIED):
        assert is_problem(ask(root, "/_mock/version", "GET", None, header, host=host), 403)


@pytest.mark.parametrize("path", ["/x/../_mock/version", "/_MOCK/version", "/x/_mock/version"])
def test_no_other_path_opens_the_surface(started: Callable[..., Served], path: str) -> None:
    assert ask(elsewhere(started(*OFF)), path).status == 404


def test_a_large_body_is_refused_and_not_read(started: Callable[..., Served]) -> None:
    root = started(*OFF).root
    head = b"POST /_mock/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000000\r\n\r\n{"
    assert send(root, head).split(b" ")[1] == b"403"


@pytest.mark.parametrize("log", ["text", "json"])
def test_the_server_reports_at_start_that_the_surface_is_off(started: Callable[..., Served], log: str) -> None:
    """The note names the option that turns it on."""
    said = (started(*OFF, "--log-format", log).folder / "served.txt").read_text(encoding="utf-8")
    assert "/_mock/ is off except for health checks" in said
    assert "--control-token" in said


def test_the_server_reports_nothing_if_the_surface_is_on(started: Callable[..., Served]) -> None:
    for options in ((), (*OFF, "--control-token", TOKEN)):
        assert "is off" not in (started(*options).folder / "served.txt").read_text(encoding="utf-8")


# with a token


@pytest.fixture(params=["loopback", "everywhere"])
def guarded(request: pytest.FixtureRequest, started: Callable[..., Served]) -> Served:
    """Return a server with a token."""
    where = OFF if request.param == "everywhere" else ()
    return started(*where, "--control-token", TOKEN)


WRONG = [
    None,
    "Bearer",
    "Bearer ",
    "Bearer wrong",
    f"Bearer {TOKEN}x",
    f"Bearer {TOKEN[:-1]}",
    f"Bearer {TOKEN.upper()}",
    f"Bearer {TOKEN}, Bearer {TOKEN}",
    f"Basic {TOKEN}",
    f"Bearer{TOKEN}",
    TOKEN,
    "Bearer \xff",
    f"Token {TOKEN}",
]


@pytest.mark.parametrize("given", WRONG)
def test_a_wrong_token_is_refused(guarded: Served, given: str | None) -> None:
    """The refusal names the correct scheme."""
    headers = () if given is None else (("Authorization", given),)
    for path in ("/_mock/version", "/_mock/openapi.json", "/_mock/nothing", "/_mock/tenants"):
        answer = ask(guarded.root, path, "GET", None, *headers)
        assert is_problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("verb", "path"), CLOSED)
def test_every_path_requires_the_token(started: Callable[..., Served], verb: str, path: str) -> None:
    """This holds on this machine as well."""
    for where in ((), OFF):
        served = started(*where, "--control-token", TOKEN)
        assert is_problem(ask(served.root, path, verb), 401)
        assert ask(served.root, path, verb, NOTHING, BEARER).status in (200, 400, 404, 405)


def test_the_token_opens_the_surface(guarded: Served) -> None:
    """Host name and proxy do not matter then."""
    root = guarded.root
    assert ask(root, "/_mock/version", "GET", None, BEARER).status == 200
    assert ask(root, "/_mock/version", "GET", None, BEARER, host="ajera.example").status == 200
    assert ask(root, "/_mock/version", "GET", None, ("Authorization", f"bearer  {TOKEN} ")).status == 200
    for header in PROXIED:
        assert ask(root, "/_mock/version", "GET", None, BEARER, header).status == 200


def test_the_token_opens_the_surface_at_another_address(started: Callable[..., Served]) -> None:
    root = elsewhere(started(*OFF, "--control-token", TOKEN))
    assert ask(root, "/_mock/version", "GET", None, BEARER).status == 200


def test_health_and_ajera_require_no_token(guarded: Served) -> None:
    for path in OPEN:
        assert ask(guarded.root, path).status == 200
    ajera_is_served(guarded, guarded.root)


def test_the_command_line_sends_the_token(started: Callable[..., Served]) -> None:
    """It comes from the option or the environment; without it the command is refused in one sentence."""
    guarded = started(*OFF, "--control-token", TOKEN)
    environment = clean_environment(MOCK_AJERA_CONTROL_URL=guarded.variables["MOCK_AJERA_CONTROL_URL"])
    words = (COMMAND, "server", "version", "--json")
    assert "version" in run(*words, "--control-token", TOKEN, cwd=guarded.folder, environment=environment)
    by_environment = environment | {"MOCK_AJERA_CONTROL_TOKEN": TOKEN}
    assert "version" in run(*words, cwd=guarded.folder, environment=by_environment)
    refused = completed(*words, cwd=guarded.folder, environment=environment)
    assert refused.returncode == 1
    assert "requires its token" in refused.stderr


@pytest.mark.parametrize("log", ["text", "json"])
def test_the_token_is_never_shown(started: Callable[..., Served], log: str) -> None:
    """It is not in settings, document, journal, errors, env file or output; nor is a wrong one."""
    served = started(*OFF, "--control-token", TOKEN, "--log-format", log)
    wrong = "wr0ng-token-of-this-test"
    given = ((), (BEARER,), (("Authorization", f"Bearer {wrong}"),), (("Authorization", f"Basic {TOKEN}"),))
    told = [ask(served.root, path, verb, NOTHING, *headers).everything for verb, path in PATHS for headers in given]
    ajera_is_served(served, served.root)
    body = b'{"Method": "ListCompanies"}'
    told.append(ask(served.root, f"/AjeraAPI.ashx?{urlsplit(served.url).query}", "POST", body, BEARER).everything)
    told.append(ask(served.root, "/").everything)
    kept = ("/_mock/tenants/default/journal", "/_mock/tenants/default/journal.jsonl", "/_mock/reliance")
    told += [ask(served.root, path, "GET", None, BEARER).everything for path in kept]
    settings = ask(served.root, "/_mock/settings", "GET", None, BEARER)
    assert settings.json["control-token"] == "set"
    told += [settings.everything, *(file.read_text(encoding="utf-8") for file in served.folder.iterdir())]
    for secret in (TOKEN, wrong):
        assert secret not in "\n".join(told)


def test_the_settings_show_whether_a_token_is_set(started: Callable[..., Served]) -> None:
    assert ask(started().root, "/_mock/settings").json["control-token"] is None


@pytest.mark.parametrize("token", ["", " ", "two words", "t\xf6ken", "line\n"])
def test_an_invalid_token_is_refused(engine: str, tmp_path: Path, token: str) -> None:
    """An empty one would admit everybody."""
    words = (COMMAND, "serve", "--port", "0", "--engine", engine, *OFF, "--control-token", token)
    wrong = completed(*words, cwd=tmp_path)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("mock-ajera: --control-token must be ")
    assert wrong.stderr.count("\n") == 1


def test_an_empty_variable_sets_no_token(engine: str, tmp_path: Path) -> None:
    """A compose file passes an empty variable if none is set; the surface is off then."""
    words = (COMMAND, "serve", "--port", "0", "--env-file", "served.env", "--engine", engine, *OFF)
    with serving(*words, cwd=tmp_path, environment=clean_environment(MOCK_AJERA_CONTROL_TOKEN="")) as served:
        for headers in ((), (("Authorization", "Bearer"),), (("Authorization", "Bearer "),)):
            assert is_problem(ask(served.root, "/_mock/version", "GET", None, *headers), 403)


# an address that is not loopback, in a network namespace


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


def in_own_network(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a shell script in a network namespace with an address that is not loopback."""
    words = ["unshare", "--map-root-user", "--net", "sh", "-ec"]
    up = f"ip link set lo up; ip address add {ADDRESS}/32 dev lo; "
    return subprocess.run(
        [*words, up + script],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(("token", "expected"), [(None, [200, 403, 403, 403]), (TOKEN, [200, 401, 401, 200])])
def test_an_address_that_is_not_loopback_needs_the_token(
    engine: str, tmp_path: Path, token: str | None, expected: list[int]
) -> None:
    """This holds for programs on the same machine too."""
    if shutil.which("unshare") is None or in_own_network("true", tmp_path).returncode:
        pytest.skip("no network of one's own can be made here")
    client = tmp_path / "client.py"
    client.write_text(INSIDE, encoding="utf-8")
    options = "" if token is None else f"--control-token {shlex.quote(token)}"
    command = f"{shlex.quote(str(COMMAND))} serve --host {ADDRESS} --port 8080 --engine {engine} {options}"
    script = f"""
        {command} --env-file ready.env > said.txt &
        until [ -e ready.env ]; do kill -0 $!; sleep 0.1; done
        {shlex.quote(str(PYTHON))} client.py http://{ADDRESS}:8080 {shlex.quote(TOKEN)}
        kill $!
        wait $!
    """
    done = in_own_network(script, tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == expected
    assert ("is off" in (tmp_path / "said.txt").read_text(encoding="utf-8")) == (token is None)


# with another public URL


PUBLIC = "https://ajera.example:8443/mock"


@pytest.fixture
def renamed(started: Callable[..., Served]) -> tuple[Served, str]:
    """Return a server with another public URL, and its real root."""
    served = started("--public-url", f"{PUBLIC}/")
    home = (served.folder / "served.txt").read_text(encoding="utf-8").partition("Open ")[2].partition("/ in")[0]
    return served, home


def test_the_public_url_is_reported(renamed: tuple[Served, str]) -> None:
    """It is in the env file, in APIURL, in the document and in the list of tenants."""
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
def test_the_public_host_does_not_open_the_surface(renamed: tuple[Served, str], host: str) -> None:
    _, root = renamed
    assert is_problem(ask(root, "/_mock/version", host=host), 403)
    origin = ("Origin", f"https://{host}")
    assert is_problem(ask(root, "/_mock/version", "GET", None, origin), 403)
    assert ask(root, "/_mock/health", host=host).status == 200
    assert ask(root, "/_mock/version").status == 200


def test_without_a_public_url_the_host_of_the_request_is_reported(started: Callable[..., Served]) -> None:
    root = started().root
    (tenant,) = ask(root, "/_mock/tenants", host="localhost:1234").json
    assert tenant["url"].startswith("http://localhost:1234/V000001/")


# the compose file


def compose() -> dict[str, Any]:
    """Return environment and ports of the service in the compose file."""
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines()]
    return {
        "environment": [line for line in lines if line.startswith("MOCK_AJERA_")],
        "ports": [line for line in lines if ":8080" in line and line.startswith("-")],
    }


def test_the_compose_file_contains_no_secret() -> None:
    """The token comes from the environment, and is empty without one."""
    assert compose()["environment"] == ["MOCK_AJERA_CONTROL_TOKEN: ${MOCK_AJERA_CONTROL_TOKEN:-}"]


def test_the_compose_file_publishes_on_loopback_only() -> None:
    assert compose()["ports"] == ['- "127.0.0.1:8080:8080"']
