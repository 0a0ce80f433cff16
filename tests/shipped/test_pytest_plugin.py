"""The pytest plugin: test runs in folders of their own."""

from __future__ import annotations

import re
import textwrap
from fnmatch import fnmatch

import pytest
from checkout import PYTHON, ROOT
from checkout import run as run_program

from mock_ajera import MockAjera, pytest_plugin

pytest_plugins = ["pytester"]


@pytest.fixture
def run(pytester, monkeypatch):
    """Return a function that runs pytest on a test file with the options and the configuration of a user."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def run_file(text: str, *options: str, ini: str = "", alone: bool = False) -> pytest.RunResult:
        pytester.makepyfile(test_it=text)
        pytester.makeini(f"[pytest]\n{ini}")
        start = pytester.runpytest_subprocess if alone or "-n" in options else pytester.runpytest_inprocess
        return start("-p", "no:randomly", "-p", "no:cacheprovider", *options)

    return run_file


def lines(result: pytest.RunResult) -> str:
    return "\n".join(result.outlines + result.errlines)


def test_each_test_has_its_own_firm(run):
    """Tests do not affect each other, in any order and in parallel."""
    text = """
        import pytest

        @pytest.mark.parametrize("number", range(12))
        def test_alone(ajera, number):
            assert ajera.journal[:] == ()
            ajera.put_record("Company", {"CompanyKey": 900, "Description": f"Number {number}"})
            listed = ajera.content("ListCompanies")["Companies"]
            assert [each["Description"] for each in listed if each["CompanyKey"] >= 900] == [f"Number {number}"]
        """
    run(text).assert_outcomes(passed=12)
    run(text, "-n", "2").assert_outcomes(passed=12)


def test_an_unknown_option_is_refused(run):
    """The message lists the existing ones."""
    text = """
        import pytest

        @pytest.mark.ajera(smaple="empty")
        def test_alone(ajera):
            pass
        """
    result = run(text)
    result.assert_outcomes(errors=1)
    assert "the fixture ajera has no option smaple; the options are sample, profile, quirks" in lines(result)


def test_two_hundred_tests_in_parallel_are_isolated():
    assert "200 passed" in run_program(PYTHON, "-m", "benchmarks.two_hundred", cwd=ROOT)


def test_the_header_lists_the_options_in_use(run):
    result = run("def test_nothing(): pass", "--ajera-profile", "documented", "--ajera-seed", "7")
    result.stdout.fnmatch_lines(["mock-ajera *: sample sample, profile documented, seed 7"])


OPTIONS = """
    from mock_ajera.tenants.directory import Directory
    from mock_ajera.tenants.tokens import Tokens

    def test_what_it_is_made_with(ajera):
        assert ajera.tenant.quirk("success_code") == "docs"
        assert ajera.tenant.quirk("session_minutes") == 5
        assert ajera.clock.frozen and ajera.clock.now_utc().year == 2026
        assert ajera.content("ListProjects") == {"Projects": []}
        assert ajera.token() == Tokens(Directory().seed_of(ajera.tenant.name, "any")).session_token(1)
    """


def test_options_from_the_command_line(run):
    options = ("sample=empty", "profile=documented", "quirk=session_minutes=5", "seed=any")
    frozen = "freeze=2026-03-09T12:00:00+00:00"
    run(OPTIONS, *(f"--ajera-{each}" for each in (*options, frozen))).assert_outcomes(passed=1)


def test_options_from_the_configuration(run):
    ini = """
ajera_sample = empty
ajera_profile = documented
ajera_quirk =
    session_minutes=5
ajera_seed = any
ajera_freeze = 2026-03-09T12:00:00+00:00
"""
    run(OPTIONS, ini=ini).assert_outcomes(passed=1)


def test_the_most_specific_option_wins(run):
    """The order is command line, fixture, marker of the module, marker of the test."""
    text = """
        import pytest

        pytestmark = pytest.mark.ajera(profile="documented")

        @pytest.fixture
        def ajera_options():
            return {"profile": "observed", "sample": "empty"}

        def test_module(ajera):
            assert ajera.tenant.quirk("success_code") == "docs"
            assert ajera.content("ListProjects") == {"Projects": []}

        @pytest.mark.ajera(profile="observed")
        def test_marker(ajera):
            assert ajera.tenant.quirk("success_code") == "200"
            assert ajera.content("ListProjects") == {"Projects": []}
        """
    run(text, "--ajera-sample", "sample").assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--ajera-sample=nowhere", "there is no folder "),
        ("--ajera-profile=other", "there is no profile 'other'"),
        ("--ajera-quirk=sesion_minutes=5", "there is no quirk 'sesion_minutes'"),
        ("--ajera-quirk=session_minutes", "must be NAME=VALUE"),
        ("--ajera-freeze=noon", "must be a time in ISO 8601"),
        ("--ajera-freeze=2026-03-09T12:00:00", "a time with a time zone is required"),
    ],
)
def test_an_invalid_option_is_an_error(run, option, said):
    """The test is not skipped, and the message names the mistake."""
    result = run("def test_it(ajera): pass", option)
    assert result.ret != 0
    assert said in lines(result)
    assert not {"passed", "skipped"} & {*lines(result).replace(",", " ").split()}


FAULT = """
    import pytest, requests

    class Bug(Exception):
        pass

    def test_it(ajera, monkeypatch):
        def broken(*args):
            raise Bug("inside")
        monkeypatch.setattr("mock_ajera.api.shapes.select", broken)
        answer = ajera.call("ListCompanies")
        {check}
    """


@pytest.mark.parametrize("check", ["pass", "assert answer['Errors'] == []", "pytest.skip('no data')"])
def test_an_exception_inside_the_server_is_raised_in_the_test(run, check):
    """A client that swallows errors does not hide it."""
    result = run(FAULT.format(check=check))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Bug: inside*"])


def test_an_exception_inside_the_server_fails_one_test_only(run):
    run(FAULT.format(check="pass") + "\n    def test_next(ajera): ajera.content('ListCompanies')\n").assert_outcomes(
        failed=1, passed=1
    )


LEANING = """
    import json, urllib.request

    def post(ajera, **body):
        with urllib.request.urlopen(ajera.url, json.dumps(body).encode()) as answer:
            return json.load(answer)["Content"]

    def test_one(ajera):
        token = post(ajera, Method="CreateAPISession", Username="integrator", Password="Offline_4jera", APIVersion=1)
        arguments = {"FilterByNameLike": "a"}
        post(ajera, Method="ListClients", SessionToken=token["SessionToken"], MethodArguments=arguments)

    def test_two(ajera):
        test_one(ajera)

    def test_scene(ajera):
        ajera.content("GetClients", {"RequestedClients": [987654]})
    """


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_inferred_behaviors_are_listed_at_the_end(run, workers):
    """Set-up calls of the test and verified claims are not listed."""
    result = run(LEANING, *workers)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            "The tested program relied on 5 inferred behaviors: *",
            "     2  client.filter-name-like-column: *",
            "     2  filter.like-case-insensitive: *",
            "     2  list.key-order: *",
        ]
    )
    assert "list.get-unknown-left-out" not in lines(result)
    assert "session.create-arguments" not in lines(result)


def test_the_list_can_be_reduced_to_a_count_or_turned_off(run):
    counted = run(LEANING, "--ajera-reliance=count")
    assert "relied on 5 inferred behaviors" in lines(counted)
    assert "list.key-order" not in lines(counted)
    assert "inferred" not in lines(run(LEANING, "--ajera-reliance=off"))


def test_a_long_list_has_only_the_number_of_each_theme(run, monkeypatch):
    """Unless each is asked for."""
    assert "list.key-order" in lines(run(LEANING))
    monkeypatch.setattr(pytest_plugin, "_LONGEST", 4)
    for folded in (lines(run(LEANING)), lines(run(LEANING, "--ajera-reliance=themes"))):
        assert re.search(r"(?m)^     1  client\n", folded)
        assert "list.key-order" not in folded
        assert "List each with --ajera-reliance all." in folded
    assert "list.key-order" in lines(run(LEANING, "--ajera-reliance=all"))


def test_a_run_without_the_fixture_reports_nothing_at_the_end(run):
    assert "inferred" not in lines(run("def test_nothing(): pass"))


def test_the_plugin_imports_the_server_only_if_it_is_used(run):
    text = """
        import sys

        def test_nothing():
            assert not any(name in sys.modules for name in ("flask", "marshmallow", "mock_ajera.mock"))
        """
    run(text, alone=True).assert_outcomes(passed=1)


def test_the_server_fixture_adds_tenants(run):
    text = """
        def test_two_firms(ajera, ajera_server):
            other = ajera_server.tenant(sample="empty")
            twin = ajera_server.fork(ajera)
            assert len({ajera.url, other.url, twin.url}) == 3
            assert other.content("ListClients") == {"Clients": []}
            assert twin.content("ListClients") == ajera.content("ListClients")
        """
    run(text).assert_outcomes(passed=1)


REFUSED = """
    import http.client, json, urllib.request
    import pytest

    def post(url, body=None, method="POST"):
        try:
            request = urllib.request.Request(url, json.dumps(body).encode(), method=method)
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            error.close()

    def misspelled(ajera, status="Actve"):
        arguments = {"FilterByStatus": [status]}
        return post(ajera.url, {"Method": "ListProjects", "SessionToken": ajera.token(), "MethodArguments": arguments})
    """
SECTION = "*- refused by mock-ajera -*"
ACTVE = "  FilterByStatus: 'Actve' is not one of *[[]enum; filter.unknown-status-refused]"


@pytest.fixture
def section(run):
    """Return a function that runs a test that fails, and returns the lines of the section about refused requests."""

    def of(body: str, *options: str) -> list[str]:
        result = run(REFUSED + body, *options)
        assert result.ret == 1
        text = lines(result)
        if "refused by mock-ajera" not in text:
            return []
        (found,) = re.findall(r"-+ refused by mock-ajera -+\n(.*?)\n(?=[=_-]{5}|$)", text, re.DOTALL)
        return found.splitlines()

    return of


@pytest.mark.parametrize("options", [(), ("-s",), ("-n", "2"), ("--capture=tee-sys",)], ids=str)
def test_failed_test_shows_what_was_refused(section, options):
    """The method, the place, the reason, the claim and a line that repeats the call."""
    head, reason, again = section(
        """
    def test_it(ajera):
        ajera.content("ListCompanies")
        misspelled(ajera)
        ajera.reset()
        assert False
    """,
        *options,
    )
    assert head == "ListProjects (version 1, integrator): One or more properties contain invalid data"
    assert fnmatch(reason, ACTVE)
    with MockAjera() as ajera:
        eval(again.removeprefix("  to repeat it: "), {"ajera": ajera})
        assert ajera.journal.last().reasons[0].path == "FilterByStatus"


@pytest.mark.parametrize(
    "body",
    [
        "def test_it(ajera): misspelled(ajera)",
        "def test_it(ajera, ajera_server): misspelled(ajera_server.tenant()); assert False",
        """
    @pytest.fixture
    def scene(ajera):
        misspelled(ajera)
        raise RuntimeError("setup")
    def test_it(scene): pass
    """,
        """
    @pytest.fixture
    def scene(ajera):
        yield
        misspelled(ajera)
        raise RuntimeError("teardown")
    def test_it(scene): pass
    """,
        """
    @pytest.fixture
    def scene(ajera):
        yield
        raise RuntimeError("teardown")
    def test_it(scene, ajera): misspelled(ajera)
    """,
        """
    def test_before(ajera): misspelled(ajera)
    def test_it(ajera): assert False
    """,
        "def test_it(ajera): ajera.content('ListCompanies'); assert False",
        """
    @pytest.mark.xfail
    def test_expected(ajera): misspelled(ajera); assert False
    def test_it(): assert False
    """,
    ],
    ids=["passed", "other tenant", "setup", "teardown", "before teardown", "test before", "nothing refused", "xfail"],
)
def test_section_is_in_the_report_of_the_failure_only(run, body, request):
    """In setup and teardown too; refusals of another test, or of a test that passes, are not shown."""
    shown = request.node.callspec.id in ("other tenant", "setup", "teardown", "before teardown")
    text = lines(run(REFUSED + "\n" + textwrap.indent(textwrap.dedent(body), "    "), "--ajera-reliance=off"))
    assert text.count("- refused by mock-ajera -") == shown
    assert ("filter.unknown-status-refused" in text) == shown


def test_failed_test_shows_what_was_noted(run):
    """A filter that was ignored explains why a list is too long, although nothing was refused."""
    text = lines(
        run(
            REFUSED
            + """
    def test_it(ajera):
        ajera.content("ListCompanies")
        assert ajera.content("ListProjects", {"FilterByStats": ["Closed"]})["Projects"] == []
    """
        )
    )
    assert "refused by mock-ajera" not in text
    (noted,) = re.findall(r"-+ noted by mock-ajera -+\n(.*?)\n(?=[=_-]{5}|$)", text, re.DOTALL)
    head, note, again = noted.splitlines()
    assert head == "ListProjects (version 1, integrator): Success"
    assert note.startswith("  FilterByStats: ignored; did you mean FilterByStatus? [ignored-argument; ")
    assert again.startswith("  to repeat it: ajera.post({'Method': 'ListProjects', ")


def test_failed_test_shows_that_a_proxy_is_in_the_way(run, monkeypatch):
    """Only if no request has reached the firm."""
    text = """
        import urllib.request

        def test_it(ajera):
            urllib.request.build_opener().open(ajera.url, b"{}")

        def test_other(ajera):
            ajera.content("ListCompanies")
            assert False
        """
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "example.com")
    said = lines(run(text))
    assert said.count("no request reached mock-ajera") == 1
    assert "no_proxy contains 127.0.0.1" in said
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert "no request reached mock-ajera" not in lines(run(text.replace("ajera.url", "1")))


def test_failed_test_shows_where_a_long_line_is(section):
    """An update of a real record is too long for the report; the line that is shown prints it in the test."""
    *_, again = section(
        """
    def test_it(ajera):
        ajera.content("ListCompanies")
        misspelled(ajera, "x" * 2000)
        assert False
    """
    )
    assert again == "  to repeat it: print(ajera.journal.where(after=2)[0].python())  # prints a long line"


def test_failed_test_shows_what_reached_no_tenant(section):
    """A wrong id, no id, another path, a GET: also with several tenants."""
    shown = section(
        """
    def test_it(ajera, ajera_server):
        ajera_server.tenant()
        url = ajera.url.partition("?")[0]
        post(url, {"Method": "ListClients"})
        post(url + "?e30", {"Method": "ListClients"})
        post(url + "x", {"Method": "ListClients"})
        post(ajera.url, method="GET")
        assert len(ajera_server.journal) == 3
        assert False
    """
    )
    assert [line.split(" [")[1] for line in shown if "; endpoint." in line] == [
        "id; endpoint.missing-id-refused]",
        "id; endpoint.unknown-id]",
        "path; endpoint.other-resource]",
        "http-method; endpoint.only-post]",
    ]
    assert sum(line.startswith("  to repeat it: curl -s ") for line in shown) == 4


def test_section_is_bounded(section):
    """It has the last ten requests, without control characters, and no long line."""
    shown = section(
        """
    def test_it(ajera):
        for number in range(30):
            misspelled(ajera, f"\\x1b[2J{number}" * 5000)
        updated = [{"ClientKey": -1, f"\\x1b[2JNo{number}": 1} for number in range(200)]
        ajera.call("UpdateClients", {"UpdatedClients": updated, "UnchangedClients": []})
        assert False
    """
    )
    assert shown[0] == "(21 earlier ones)"
    assert sum(line.startswith(("ListProjects", "UpdateClients")) for line in shown) == 10
    assert "more reasons" in shown[-2]
    assert all(len(line) < 2000 and line.isprintable() for line in shown)


# faults


def test_failed_test_shows_which_calls_met_a_fault(run):
    """With the name of the fault; a call that is refused because of it is in this section only."""
    text = (
        REFUSED
        + """
    @pytest.mark.ajera(faults=[{"does": "locked", "method": "UpdateClients", "name": "in use"}])
    def test_it(ajera):
        with ajera.fail("ListClients"):
            post(ajera.url, {"Method": "ListClients", "SessionToken": ajera.token(), "MethodArguments": {}})
        arguments = {"UpdatedClients": [], "UnchangedClients": []}
        post(ajera.url, {"Method": "UpdateClients", "SessionToken": ajera.token(), "MethodArguments": arguments})
        assert False
    """
    )
    said = lines(run(text))
    (met,) = re.findall(r"-+ met a fault of mock-ajera -+\n(.*?)\n(?=[=_-]{5}|$)", said, re.DOTALL)
    shown = [line for line in met.splitlines() if not line.startswith("  to repeat it: ")]
    assert shown[:2] == ["ListClients (version 1, integrator): not handled", "  fault: http 2"]
    assert shown[2].startswith("UpdateClients (version 1, integrator): ")
    assert shown[3] == "  fault: in use"
    assert shown[4].endswith("[locked; fault.locked-record]")
    assert met.count("'SessionToken': ajera.token()") == 2
    assert "refused by mock-ajera" not in said


NEVER = """
    import pytest

    @pytest.mark.ajera(faults=[{"does": "http", "method": "GetProjects", "status": 503}])
    def test_marker(ajera):
        ajera.content("ListClients")

    def test_hook(ajera):
        ajera.before("ListClients", lambda: None)

    def test_removed(ajera):
        with pytest.raises(AssertionError, match="never fired"):
            with ajera.fail("ListClients"):
                pass

    @pytest.mark.ajera(faults=[{"does": "delay", "seconds": 0.001, "method": "ListClients", "nth": 1}])
    def test_fired(ajera):
        import json, urllib.request

        body = {"Method": "ListClients", "SessionToken": ajera.token(), "MethodArguments": {}}
        urllib.request.urlopen(ajera.url, json.dumps(body).encode()).close()
    """


def test_a_fault_that_never_fired_gives_a_warning(run):
    """It has the rule and the number of calls. A fault that its block removed has failed the test already."""
    result = run(NEVER, alone=True)
    result.assert_outcomes(passed=4, warnings=2)
    http = "the fault http 1 (http method=GetProjects status=503) never fired: it applied to 0 calls"
    hook = "the fault hook 1 (hook method=ListClients nth=1 phase=before) never fired: it applied to 0 calls"
    assert [line.partition("FaultNeverFired: ")[2] for line in result.outlines if "never fired" in line] == [http, hook]


def test_the_warning_can_be_an_error_or_ignored(run):
    run(NEVER, "-W", "error::mock_ajera.FaultNeverFired").assert_outcomes(passed=4, errors=2)
    run(NEVER, "-W", "ignore::mock_ajera.FaultNeverFired").assert_outcomes(passed=4)


def test_a_bad_fault_is_a_usage_error(run):
    text = """
        import pytest

        @pytest.mark.ajera(faults=[{"does": "http", "method": "GetProject"}])
        def test_alone(ajera):
            pass
        """
    result = run(text)
    result.assert_outcomes(errors=1)
    said = "UsageError: fault http method=GetProject: there is no method 'GetProject'; did you mean GetProjects"
    assert said in lines(result)
