"""``mock-ajera call``: requests, output and exit codes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from checkout import COMMAND, completed
from command_line import refused, run

from mock_ajera import MockAjera, codec
from mock_ajera.cli.client import Reply, all_pages


@pytest.fixture(scope="module")
def ajera() -> Iterator[MockAjera]:
    """Start a mock that is only read."""
    with MockAjera() as served:
        yield served


def envelope(content: object = None, **members: object) -> bytes:
    """Return a response body."""
    return codec.encode({"ResponseCode": 200, "Message": "Success", "Errors": [], **members, "Content": content or {}})


class Stub(ThreadingHTTPServer):
    """An endpoint with canned responses, which records its requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/AjeraAPI.ashx?id"
        self.asked: list[dict[str, Any]] = []
        self.says: Callable[[dict[str, Any]], tuple[int, bytes]] = lambda body: (200, envelope())
        """Status and body for every method except those of the session."""
        self.login = envelope({"SessionToken": "0123456789"})

    def answer(self, body: dict[str, Any]) -> tuple[int, bytes]:
        self.asked.append(body)
        if body["Method"] == "CreateAPISession":
            return 200, self.login
        return (200, envelope()) if body["Method"] == "EndAPISession" else self.says(body)


class Handler(BaseHTTPRequestHandler):
    """Passes requests to the endpoint."""

    server: Stub

    def do_POST(self) -> None:
        status, body = self.server.answer(codec.decode(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


@pytest.fixture
def stub() -> Iterator[Stub]:
    """Start the endpoint."""
    with Stub() as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield server
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("command", [("call", "ListCompanies"), ("server", "ready")], ids=" ".join)
def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(ajera, monkeypatch, command):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    option = ("--url", ajera.url) if command[0] == "call" else ("--control-url", ajera.control_url)
    assert run(*command, *option).exit_code == 0


class TestEnds:
    def test_a_wrong_password_is_refused(self, ajera):
        """Exit code 1 and the message of Ajera."""
        said = refused("call", "ListCompanies", "--url", ajera.url, "--password", "wrong", code=1)
        assert "cannot log in: Unable to authenticate user" in said

    def test_a_refused_connection(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
        said = refused("call", "ListCompanies", "--url", f"http://127.0.0.1:{port}/AjeraAPI.ashx?x", code=3)
        assert "refused the connection" in said

    def test_a_response_that_is_not_http(self, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as other:
            url = f"http://127.0.0.1:{other.getsockname()[1]}"

            def greet():
                for _ in range(2):
                    connection, _ = other.accept()
                    with connection:
                        connection.recv(65536)
                        connection.sendall(b"220 mail.example ready\r\n")

            greeting = threading.Thread(target=greet)
            greeting.start()
            # In processes of their own: http.client leaves the socket of an unreadable response to the collector.
            called = completed(COMMAND, "call", "ListCompanies", "--url", url, cwd=tmp_path)
            listed = completed(COMMAND, "users", "list", "--control-url", url, cwd=tmp_path)
            greeting.join()
        for failed in (called, listed):
            assert failed.returncode == 3
            assert "220 mail.example ready" in failed.stderr
            assert "Traceback" not in failed.stderr

    @pytest.mark.parametrize(
        "url",
        [
            *("foo", "127.0.0.1:8080/AjeraAPI.ashx", "ftp://127.0.0.1", "http://", "http://127.0.0.1:abc/x"),
            *("http://127.0.0.1:99999", "http://[::1/x", "http://a b/x", "http://a\tb", "http://127.0.0.1:0"),
        ],
    )
    def test_an_invalid_url_is_refused(self, url):
        """Exit code 2 before a request is sent. The id of the database is not printed."""
        for failed in (
            run("call", "ListCompanies", "--url", f"{url}?ewSecret"),
            run("users", "list", "--control-url", url),
            run("serve", "--public-url", url),
        ):
            assert failed.exit_code == 2
            assert "is not a URL" in failed.stderr
            assert "ewSecret" not in failed.output

    def test_another_server(self, stub):
        """A login response without a token gives exit code 3."""
        stub.login = envelope("welcome")
        assert "the login returned no token" in refused("call", "ListCompanies", "--url", stub.url, code=3)

    def test_the_session_is_ended_when_the_call_fails(self, stub):
        stub.says = lambda body: (500, b"")
        assert "answered HTTP 500" in refused("call", "ListCompanies", "--url", stub.url, code=3)
        assert [body["Method"] for body in stub.asked] == ["CreateAPISession", "ListCompanies", "EndAPISession"]

    def test_an_error_that_is_a_text(self, stub):
        stub.says = lambda body: (200, envelope(Errors=["No."]))
        assert refused("call", "ListCompanies", "--url", stub.url, code=1) == "mock-ajera: refused: No.\n"


class TestArguments:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["{FilterByStatus: [}"], "invalid JSON in ARGUMENTS: line 1, column 19"),
            (["@none.json"], "none.json: No such file"),
            (["--raw", "--content"], "it cannot be combined with --content"),
            (["--raw", "--all-pages"], "it cannot be combined with --all-pages"),
            (["--all-pages", "--page", "2"], "it cannot be combined with --page"),
            (["--page", "two"], "'two' is not a valid integer"),
        ],
    )
    def test_invalid_arguments_and_options_are_refused(self, words, said):
        assert said in refused("call", "ListProjects", *words)

    def test_from_a_file(self, stub, tmp_path):
        """@FILE is read in Ajera's JSON dialect."""
        (tmp_path / "some.json").write_text("{RequestedClients: [7,]}", encoding="utf-8")
        assert run("call", "GetClients", f"@{tmp_path / 'some.json'}", "--url", stub.url).exit_code == 0
        assert stub.asked[1]["MethodArguments"] == {"RequestedClients": [7]}

    def test_from_standard_input(self, stub):
        """A dash reads standard input. Texts and decimals are sent unchanged."""
        given = '{"Name": "Müller", "Rate": 0.10}'
        assert run("call", "GetClients", "-", "--url", stub.url, given=given).exit_code == 0
        assert stub.asked[1]["MethodArguments"] == {"Name": "Müller", "Rate": Decimal("0.10")}

    @pytest.mark.parametrize(("text", "said"), [("[1]", "an object { ... } is expected"), ("", "the body is empty")])
    def test_from_an_invalid_file(self, tmp_path, text, said):
        """The message names the file."""
        file = tmp_path / "some.json"
        file.write_text(text, encoding="utf-8")
        printed = refused("call", "GetClients", f"@{file}")
        assert f"invalid JSON in {file}" in printed
        assert said in printed


class TestOutput:
    """The whole response, its Content, or its bytes."""

    def test_with_a_session_of_version_2(self, ajera):
        called = run("call", "GetProjects", '{"RequestedProjects": [1]}', "--url", ajera.url, "--api-version", "2")
        assert '"Resources": [' in called.stdout

    @pytest.mark.parametrize(("method", "version", "other"), [("CreateProjects", "1", "2"), ("GetClients", "2", "1")])
    def test_a_method_of_the_other_version_has_a_hint_at_the_option(self, ajera, method, version, other):
        said = refused("call", method, "--url", ajera.url, "--api-version", version, code=1)
        assert said.endswith(f"\nto call it in version {other}, add --api-version {other}\n")
        assert "--api-version" not in refused("call", "ListProject", "--url", ajera.url, code=1)

    def test_numbers_are_printed_unchanged(self, stub):
        numbers = {"Budget": Decimal("320.00"), "Rate": Decimal("0.1000000000000000055")}
        stub.says = lambda body: (200, envelope(numbers))
        assert '"Budget": 320.00,\n    "Rate": 0.1000000000000000055\n' in run("call", "X", "--url", stub.url).stdout

    def test_content_only(self, stub):
        stub.says = lambda body: (200, envelope({"Clients": [{"ClientKey": 1}]}))
        called = run("call", "ListClients", "--content", "--url", stub.url)
        assert json.loads(called.stdout) == {"Clients": [{"ClientKey": 1}]}

    def test_content_of_a_refusal(self, ajera):
        """Empty Content is printed, and exit code and stderr report the refusal."""
        refused = run("call", "ListProjects", "{FilterByStatus: 5}", "--content", "--url", ajera.url)
        assert refused.exit_code == 1
        assert json.loads(refused.stdout) == {}
        assert "refused:" in refused.stderr

    def test_a_note_on_a_success_is_printed_after_it(self, ajera):
        done = run("call", "ListProjects", '{"FilterByStats": ["Closed"]}', "--url", ajera.url)
        assert (done.exit_code, codec.decode(done.stdout.encode())["Message"]) == (0, "Success")
        assert done.stderr.startswith("mock-ajera: note: FilterByStats: ignored; did you mean FilterByStatus?")

    def test_raw_prints_every_byte(self, stub):
        body = b' {"Errors" :[],"ResponseCode":0,\r\n "n": 1E+2, "s":"\\u00e9"}'
        stub.says = lambda asked: (200, body)
        with subprocess.Popen([COMMAND, "call", "X", "--raw", "--url", stub.url], stdout=subprocess.PIPE) as process:
            assert process.communicate(timeout=60)[0] == body
        assert process.returncode == 0

    def test_raw_prints_an_invalid_response(self, stub):
        """A page of a proxy is printed, with exit code 3."""
        stub.says = lambda asked: (200, b"<html>busy</html>")
        failed = run("call", "X", "--raw", "--url", stub.url)
        assert (failed.exit_code, failed.stdout) == (3, "<html>busy</html>")


class TestPages:
    def test_paging_members_are_at_the_top_level(self, stub):
        """The members are outside MethodArguments."""
        run("call", "ListClients", "--page", "2", "--page-size", "3", "--url", stub.url)
        asked = stub.asked[1]
        assert (asked["PageResults"], asked["PageNumber"], asked["PageSize"]) == (True, 2, 3)
        assert asked["MethodArguments"] == {}

    def test_omitted_options_are_not_sent(self, stub):
        run("call", "ListClients", "--page-size", "3", "--url", stub.url)
        run("call", "ListClients", "--url", stub.url)
        sized, plain = (body for body in stub.asked if body["Method"] == "ListClients")
        assert {"PageResults": True, "PageSize": 3}.items() <= sized.items()
        assert "PageNumber" not in sized
        assert set(plain) == {"Method", "SessionToken", "MethodArguments"}

    def test_one_page(self, ajera):
        called = json.loads(run("call", "ListClients", "--page", "2", "--page-size", "2", "--url", ajera.url).stdout)
        whole = ajera.call("ListClients")["Content"]["Clients"]
        assert called["Content"]["Clients"] == whole[2:4]
        assert (called["PageNumber"], called["PageSize"]) == (2, 2)

    def test_an_invalid_page_is_refused(self, ajera):
        """Ajera refuses it: exit code 1 and the reason."""
        said = refused("call", "ListClients", "--page", "0", "--url", ajera.url, code=1)
        assert "PageNumber: 0 is less than 1" in said

    @pytest.mark.parametrize("size", [[], ["--page-size", "3"]])
    def test_all_pages_equal_the_list(self, ajera, size):
        """One envelope like that of the unpaged list, and no progress without a terminal."""
        called = run("call", "ListClients", "--all-pages", *size, "--url", ajera.url)
        assert (called.exit_code, called.stderr) == (0, "")
        walked, whole = json.loads(called.stdout), ajera.call("ListClients")
        assert walked["Content"] == whole["Content"]
        assert list(walked) == list(whole)

    def test_a_method_without_pages(self, ajera):
        called = run("call", "GetClients", "{RequestedClients: [1]}", "--all-pages", "--content", "--url", ajera.url)
        assert [client["ClientKey"] for client in json.loads(called.stdout)["Clients"]] == [1]

    def test_a_refused_page(self, stub):
        """The refusal is printed instead of an incomplete list, with exit code 1."""
        refusal = envelope(ResponseCode=0, Errors=[{"ErrorID": -1, "ErrorMessage": "Enough"}])
        page = envelope({"Clients": [{"ClientKey": 1}]}, PageCount=9)
        stub.says = lambda body: (200, refusal if body["PageNumber"] == 3 else page)
        refused = run("call", "ListClients", "--all-pages", "--url", stub.url)
        assert refused.exit_code == 1
        assert json.loads(refused.stdout) == json.loads(refusal)
        assert "refused: Enough" in refused.stderr
        assert [body["Method"] for body in stub.asked[-2:]] == ["ListClients", "EndAPISession"]

    def test_progress_on_a_terminal(self, ajera):
        """Progress is on stderr."""
        pty = pytest.importorskip("pty")
        ours, theirs = pty.openpty()
        command = [COMMAND, "call", "ListClients", "--all-pages", "--page-size", "3", "--url", ajera.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs) as process:
            printed = process.communicate(timeout=60)[0]
        os.close(theirs)
        seen = os.read(ours, 4096).decode()
        os.close(ours)
        pages = -(-len(json.loads(printed)["Content"]["Clients"]) // 3)
        assert seen.startswith(f"\rpage 1 of {pages}\rpage 2 of {pages}")
        assert seen.endswith(f"page {pages} of {pages}\r\n")


class Book:
    """Returns one Content per page."""

    def __init__(self, *pages: dict[str, Any], counts: tuple[object, ...]) -> None:
        self.pages, self.counts = pages, counts
        self.asked: list[int] = []

    def __call__(self, number: int) -> Reply:
        self.asked.append(number)
        members = {"ResponseCode": 200, "Errors": [], "PageCount": self.counts[number - 1]}
        return Reply(b"", {**members, "Content": self.pages[number - 1]}, "")


def joined(book: Book) -> dict[str, Any]:
    """Return Content of all pages."""
    content: dict[str, Any] = all_pages(book, lambda number, pages: None).envelope["Content"]
    return content


def test_every_array_of_content_is_joined():
    """This includes arrays that begin on a later page. Other values are those of the first page, which is unchanged."""
    book = Book({"A": [1], "Day": "x"}, {"A": [2], "B": [3], "Day": "y"}, counts=(2, 2))
    assert joined(book) == {"A": [1, 2], "Day": "x", "B": [3]}
    assert book.pages[0] == {"A": [1], "Day": "x"}


def test_a_list_that_grows_is_read_to_its_end():
    """The last PageCount applies, even if it is smaller."""
    grows = Book({"A": [1]}, {"A": [2]}, {"A": [3]}, counts=(2, 3, 3))
    assert joined(grows) == {"A": [1, 2, 3]}
    shrinks = Book({"A": [1]}, {"A": [2]}, counts=(3, 2))
    assert joined(shrinks) == {"A": [1, 2]}
    assert shrinks.asked == [1, 2]


@pytest.mark.parametrize("count", [0, 1, None, "7"])
def test_a_single_page(count):
    """An empty list has no pages, and a PageCount that is not a number is ignored."""
    book = Book({"A": []}, counts=(count,))
    assert joined(book) == {"A": []}
    assert book.asked == [1]
