"""Who may use the control surface: programs on this machine, elsewhere only who brings the token, pages never."""

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
"""A body that does nothing."""


@pytest.fixture(scope="module")
def started(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Servers by their options; the same options are the same server for all tests, so no test changes anything."""
    with ExitStack() as servers:
        known: dict[tuple[str, ...], Served] = {}

        def start(*options: str) -> Served:
            if options not in known:
                words = (COMMAND, "serve", "--port", "0", "--env-file", "served.env", "--engine", engine, *options)
                known[options] = servers.enter_context(serving(*words, cwd=tmp_path_factory.mktemp("served")))
            return known[options]

        yield start


def path_of(action: Action) -> str:
    """The path of an action, about things that are not there."""
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
"""Verb and path of all that is below ``/_mock/``, and of what a trickster tries."""
CLOSED = [each for each in PATHS if each[1] not in OPEN]


def ajera_is_served(served: Served, root: str) -> None:
    """Log in and list, as a client of Ajera does."""
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
    """The server by another address of this machine."""
    return f"http://127.0.0.2:{urlsplit(served.root).port}"


def is_problem(answer: Answer, status: int) -> bool:
    """Whether an answer is a refusal of the control surface with this status."""
    if answer.status != status or answer.headers["Content-Type"] != "application/problem+json":
        return False
    return not answer.body or answer.json["status"] == status


# on this machine


@pytest.mark.parametrize(("verb", "path"), PATHS[: len(ACTIONS) + 1])
def test_on_loopback_every_path_answers(started: Callable[..., Served], verb: str, path: str) -> None:
    """Without a token whoever is on this machine is let in, to all that the document lists."""
    answer = ask(started().root, path, verb, NOTHING)
    assert answer.status in (200, 400, 404)
    assert "there is no /_mock" not in answer.body.decode()
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.9:80", "[::1]:8080", "a.localhost"])
def test_every_name_of_this_machine_will_do(started: Callable[..., Served], host: str) -> None:
    """Whatever the port in front of a forwarded one is."""
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
def test_a_name_that_leads_here_is_not_this_machine(started: Callable[..., Served], host: str) -> None:
    """A page whose name was made to lead to 127.0.0.1 (DNS rebinding) is refused, whatever it sends."""
    assert is_problem(ask(started().root, "/_mock/version", host=host), 403)
    assert is_problem(ask(started().root, "/_mock/tenants", "POST", b"{}", host=host), 403)


def test_two_hosts_are_none(started: Callable[..., Served]) -> None:
    """The second one does not hide behind the first."""
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
def test_a_page_of_others_cannot_post(started: Callable[..., Served], origin: str) -> None:
    """A request that a browser sends without asking first (CORS calls it simple) is refused by its Origin."""
    root = started().root
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json", ""):
        headers = (("Origin", origin), *((("Content-Type", kind),) if kind else ()))
        assert is_problem(ask(root, "/_mock/tenants", "POST", b'{"name": "posted"}', *headers), 403)
    assert [each["name"] for each in ask(root, "/_mock/tenants").json] == ["default"]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_a_page_of_others_cannot_fetch(started: Callable[..., Served], site: str) -> None:
    """Where a browser sends no Origin, as with an image, it says where the request comes from."""
    assert is_problem(ask(started().root, "/_mock/version", "GET", None, ("Sec-Fetch-Site", site)), 403)
    assert is_problem(ask(started().root, "/_mock/tenants", "POST", None, ("Sec-Fetch-Site", site)), 403)


def test_a_page_of_others_is_not_told_that_it_may(started: Callable[..., Served]) -> None:
    """A browser that asks before it sends gets no leave."""
    asked = (("Origin", "http://attacker.example"), ("Access-Control-Request-Method", "PUT"))
    answer = ask(started().root, "/_mock/tenants", "OPTIONS", None, *asked)
    assert is_problem(answer, 403)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_a_page_of_its_own_may(started: Callable[..., Served]) -> None:
    """A page that this server shows has its origin."""
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
def test_what_a_proxy_passes_on_is_not_from_this_machine(
    started: Callable[..., Served], header: tuple[str, str]
) -> None:
    """Behind a proxy on this machine the world has its address."""
    assert is_problem(ask(started().root, "/_mock/version", "GET", None, header), 403)


@pytest.mark.parametrize(("verb", "path"), [("HEAD", "/_mock/version"), ("HEAD", "/_mock/openapi.json")])
def test_head_has_no_body(started: Callable[..., Served], verb: str, path: str) -> None:
    """It is answered as GET is, without the body."""
    answer = ask(started().root, path, verb)
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("verb", ["OPTIONS", "POST", "PUT", "DELETE", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/_mock/version", "/_mock/openapi.json", "/_mock/health"])
def test_another_verb_is_refused(started: Callable[..., Served], verb: str, path: str) -> None:
    """Also TRACE, which would show a token to whoever can make a browser send it."""
    answer = ask(started().root, path, verb, None, ("X-Secret", "told"))
    assert answer.status == 405
    assert "told" not in answer.everything
    assert answer.headers["Allow"] == "GET, HEAD"


# beyond this machine


@pytest.mark.parametrize(("verb", "path"), CLOSED)
def test_beyond_this_machine_every_path_is_refused(started: Callable[..., Served], verb: str, path: str) -> None:
    """Without a token nobody is let in, by whatever address, and with whatever token."""
    served = started(*OFF)
    for root in (served.root, elsewhere(served)):
        for headers in ((), (BEARER,)):
            assert is_problem(ask(root, path, verb, None, *headers), 403)


def test_beyond_this_machine_health_and_ajera_are_there(started: Callable[..., Served]) -> None:
    """The health is no secret, and Ajera is what it is for."""
    served = started(*OFF)
    for root in (served.root, elsewhere(served)):
        for path in OPEN:
            assert ask(root, path).json == {"status": "ready", "tenants": 1}
            assert ask(root, path, host="attacker.example").status == 200
        ajera_is_served(served, root)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_no_header_opens_it(started: Callable[..., Served], host: str) -> None:
    """Anybody can write them."""
    root = elsewhere(started(*OFF))
    for header in (("Authorization", "Bearer"), ("Authorization", "Bearer None"), ("Origin", root), *PROXIED):
        assert is_problem(ask(root, "/_mock/version", "GET", None, header, host=host), 403)


@pytest.mark.parametrize("path", ["/x/../_mock/version", "/_MOCK/version", "/x/_mock/version"])
def test_no_other_way_leads_in(started: Callable[..., Served], path: str) -> None:
    """What is none of its paths is not served by it."""
    assert ask(elsewhere(started(*OFF)), path).status == 404


def test_a_large_body_is_refused_and_not_read(started: Callable[..., Served]) -> None:
    """Whoever is not let in makes no work."""
    root = started(*OFF).root
    head = b"POST /_mock/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000000\r\n\r\n{"
    assert send(root, head).split(b" ")[1] == b"403"


@pytest.mark.parametrize("log", ["text", "json"])
def test_the_start_says_that_it_is_off(started: Callable[..., Served], log: str) -> None:
    """Whoever wonders why reads it where the server began, and how to change it."""
    said = (started(*OFF, "--log-format", log).folder / "served.txt").read_text(encoding="utf-8")
    assert "/_mock/ is off except for health checks" in said
    assert "--control-token" in said


def test_it_is_not_said_where_it_is_not_so(started: Callable[..., Served]) -> None:
    """On loopback it is on, and with a token too."""
    for options in ((), (*OFF, "--control-token", TOKEN)):
        assert "is off" not in (started(*options).folder / "served.txt").read_text(encoding="utf-8")


# with a token


@pytest.fixture(params=["loopback", "everywhere"])
def guarded(request: pytest.FixtureRequest, started: Callable[..., Served]) -> Served:
    """A server with a token."""
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
def test_another_token_is_none(guarded: Served, given: str | None) -> None:
    """Not part of it, not more, not in capitals, not in another way; and it is told which way is right."""
    headers = () if given is None else (("Authorization", given),)
    for path in ("/_mock/version", "/_mock/openapi.json", "/_mock/nothing", "/_mock/tenants"):
        answer = ask(guarded.root, path, "GET", None, *headers)
        assert is_problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("verb", "path"), CLOSED)
def test_every_path_asks_for_the_token(started: Callable[..., Served], verb: str, path: str) -> None:
    """On this machine as well: a token that is set is asked for."""
    for where in ((), OFF):
        served = started(*where, "--control-token", TOKEN)
        assert is_problem(ask(served.root, path, verb), 401)
        assert ask(served.root, path, verb, NOTHING, BEARER).status in (200, 400, 404, 405)


def test_the_token_opens_it(guarded: Served) -> None:
    """By any name and through any proxy: who has it is let in."""
    root = guarded.root
    assert ask(root, "/_mock/version", "GET", None, BEARER).status == 200
    assert ask(root, "/_mock/version", "GET", None, BEARER, host="ajera.example").status == 200
    assert ask(root, "/_mock/version", "GET", None, ("Authorization", f"bearer  {TOKEN} ")).status == 200
    for header in PROXIED:
        assert ask(root, "/_mock/version", "GET", None, BEARER, header).status == 200


def test_the_token_opens_it_from_elsewhere(started: Callable[..., Served]) -> None:
    """By another address of this machine."""
    root = elsewhere(started(*OFF, "--control-token", TOKEN))
    assert ask(root, "/_mock/version", "GET", None, BEARER).status == 200


def test_health_and_ajera_ask_for_no_token(guarded: Served) -> None:
    """It is the token of the control surface."""
    for path in OPEN:
        assert ask(guarded.root, path).status == 200
    ajera_is_served(guarded, guarded.root)


def test_the_command_line_brings_the_token(started: Callable[..., Served]) -> None:
    """By option or environment; without it the command is refused in a sentence."""
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
def test_the_token_is_never_told(started: Callable[..., Served], log: str) -> None:
    """Not in settings, document, journal, errors, the env file or what is printed; nor is a wrong one."""
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


def test_no_token_is_told_as_none(started: Callable[..., Served]) -> None:
    """Whether one is set is no secret."""
    assert ask(started().root, "/_mock/settings").json["control-token"] is None


@pytest.mark.parametrize("token", ["", " ", "two words", "t\xf6ken", "line\n"])
def test_a_token_that_no_header_brings_is_refused(engine: str, tmp_path: Path, token: str) -> None:
    """An empty one least of all: everybody would have it."""
    words = (COMMAND, "serve", "--port", "0", "--engine", engine, *OFF, "--control-token", token)
    wrong = completed(*words, cwd=tmp_path)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("mock-ajera: --control-token takes ")
    assert wrong.stderr.count("\n") == 1


def test_an_empty_variable_sets_no_token(engine: str, tmp_path: Path) -> None:
    """A compose file passes on an empty one where nobody has set it: the surface is off."""
    words = (COMMAND, "serve", "--port", "0", "--env-file", "served.env", "--engine", engine, *OFF)
    with serving(*words, cwd=tmp_path, environment=clean_environment(MOCK_AJERA_CONTROL_TOKEN="")) as served:
        for headers in ((), (("Authorization", "Bearer"),), (("Authorization", "Bearer "),)):
            assert is_problem(ask(served.root, "/_mock/version", "GET", None, *headers), 403)


# another address, in a network of its own


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


def in_a_network_of_its_own(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a shell script where nothing but this machine is, with an address that is not loopback."""
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
def test_an_address_of_a_network(engine: str, tmp_path: Path, token: str | None, expected: list[int]) -> None:
    """A single address that is not loopback is beyond this machine, also for who is on it."""
    if shutil.which("unshare") is None or in_a_network_of_its_own("true", tmp_path).returncode:
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
    done = in_a_network_of_its_own(script, tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == expected
    assert ("is off" in (tmp_path / "said.txt").read_text(encoding="utf-8")) == (token is None)


# behind another name


PUBLIC = "https://ajera.example:8443/mock"


@pytest.fixture
def renamed(started: Callable[..., Served]) -> tuple[Served, str]:
    """A server with another public name, and where it really is."""
    served = started("--public-url", f"{PUBLIC}/")
    home = (served.folder / "served.txt").read_text(encoding="utf-8").partition("Open ")[2].partition("/ in")[0]
    return served, home


def test_the_public_name_is_what_it_says(renamed: tuple[Served, str]) -> None:
    """In the env file, in APIURL, in the document and in what is told of tenants, as it was given."""
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
def test_the_public_name_does_not_open_it(renamed: tuple[Served, str], host: str) -> None:
    """It stays for this machine: under that name others reach it."""
    _, root = renamed
    assert is_problem(ask(root, "/_mock/version", host=host), 403)
    origin = ("Origin", f"https://{host}")
    assert is_problem(ask(root, "/_mock/version", "GET", None, origin), 403)
    assert ask(root, "/_mock/health", host=host).status == 200
    assert ask(root, "/_mock/version").status == 200


def test_without_a_public_name_it_is_that_of_the_request(started: Callable[..., Served]) -> None:
    """Whoever comes by another name finds the tenants by it."""
    root = started().root
    (tenant,) = ask(root, "/_mock/tenants", host="localhost:1234").json
    assert tenant["url"].startswith("http://localhost:1234/V000001/")


# how it comes: the compose file


def compose() -> dict[str, Any]:
    """What the compose file says of the environment of its service, and of its ports."""
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines()]
    return {
        "environment": [line for line in lines if line.startswith("MOCK_AJERA_")],
        "ports": [line for line in lines if ":8080" in line and line.startswith("-")],
    }


def test_the_compose_file_has_no_secret_of_its_own() -> None:
    """The token comes from the environment of whoever starts it, and is none where that has none."""
    assert compose()["environment"] == ["MOCK_AJERA_CONTROL_TOKEN: ${MOCK_AJERA_CONTROL_TOKEN:-}"]


def test_the_compose_file_publishes_on_this_machine_only() -> None:
    """Whoever wants it on the network says so."""
    assert compose()["ports"] == ['- "127.0.0.1:8080:8080"']
