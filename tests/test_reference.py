"""The reference of methods and members: at the command line, and in the docs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

import pytest
from checkout import ROOT
from command_line import refused, run

from contract_tests.members import table
from mock_ajera import MockAjera
from mock_ajera.api.context import Visibility
from mock_ajera.api.describing import MemberInfo, describe, every_member, names
from mock_ajera.api.families import METHODS
from mock_ajera.api.member import NO_CLAIM, Member
from mock_ajera.api.sessions import FORMS
from mock_ajera.cli import client
from mock_ajera.tenants.quirks import QUIRKS

SERVED = [(name, version) for name, method in METHODS.served.items() for version in method.versions]
SERVE_ALL = {quirk.name: "serve" for quirk in QUIRKS.values() if "serve" in (quirk.choices or ())}
HIDDEN = {Visibility.NEVER, Visibility.RESOURCES, Visibility.RESOURCE_NAMES}


def all_names(members: Mapping[str, Member], around: tuple[object, ...] = ()) -> Iterator[str]:
    """Yield the names of members that every answer or write may have, at any depth."""
    for name, member in members.items():
        if member.shown in HIDDEN or member.only_sent:
            continue
        yield name
        if member.nested is not None and member.nested not in around:
            yield from all_names(member.nested.by_wire, (*around, member.nested))


# The examples.


@pytest.mark.parametrize(("name", "version"), SERVED)
def test_example_is_accepted(name: str, version: int) -> None:
    """The example of a method, as printed, is a successful call of the sample firm."""
    example = run("methods", name, "--api-version", str(version), "--example")
    assert example.exit_code == 0, example.output
    with MockAjera(quirks=SERVE_ALL) as ajera:
        done = run("call", "--url", ajera.url, "--api-version", str(version), name, example.stdout)
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["Errors"] == []


@pytest.mark.parametrize("version", [1, 2])
def test_examples_of_sessions_are_accepted(version: int) -> None:
    """The examples of the session methods are whole bodies. The token is left to fill in."""
    login, logout = (
        json.loads(run("methods", name, "--api-version", str(version), "--example").stdout) for name in FORMS
    )
    with MockAjera() as ajera:
        token = client.post(ajera.url, login).envelope["Content"]["SessionToken"]
        assert not client.post(ajera.url, {**logout, "SessionToken": token}).refused


@pytest.mark.parametrize("name", ["UpdateProjects", "UpdateVendors", "UpdateContacts"])
def test_example_of_an_update_creates(name: str) -> None:
    """The printed body has a placeholder for the token, and a new row with a negative key."""
    body = json.loads(run("methods", name, "--json").stdout)["examples"]["1"]
    assert body["Method"] == name
    assert "SessionToken" in body["SessionToken"]
    ((row,), rest) = body["MethodArguments"].values()
    assert rest == []
    assert next(iter(row.values())) == -1


# The members.


@pytest.mark.parametrize("name", names())
def test_every_argument_and_member_is_printed(name: str) -> None:
    """Each argument and each member that the server declares has a line."""
    printed = {line.strip().partition(": ")[0] for line in run("methods", name).stdout.splitlines()}
    if name in FORMS:
        assert {*FORMS[name].members, *FORMS[name].content} <= printed
        return
    for operation in METHODS[name].versions.values():
        assert {*operation.arguments.by_wire} <= printed
        for layout in (*operation.takes, *operation.answers):
            assert {*all_names(layout.members)} <= printed


def described() -> Iterator[tuple[str, int, str, Mapping[str, MemberInfo]]]:
    """Yield the method, the version and the list of rows in an answer, with their members by path."""
    for name in METHODS:
        for version in describe(name).versions:
            for rows in version.answers:
                array, _, inside = rows.at.partition(", rows of ")
                at = f"{inside}[]." if inside else ""
                yield name, version.version, array, dict(every_member(rows.members, at))


def test_members_and_their_grades_are_those_of_the_suite() -> None:
    """The reference and the contract suite's table agree on which members an answer has, and how well each is known."""
    answers: dict[tuple[str, int, str], dict[str, MemberInfo]] = {}
    for name, version, array, members in described():
        answers.setdefault((name, version, array), {}).update(members)
    wrong = []
    for row in table():
        members = answers[row.method, row.version, row.array]
        found = members.get(row.path.removesuffix("[]"))
        parent = members.get(row.parent.removesuffix("[]"))
        # The members of an object are in the words of its type. Phases have the totals of their project.
        in_words = parent is not None and parent.type.startswith(("object", "computed"))
        inside = in_words or row.path.startswith(("Overhead.", "Project."))
        if not (found or inside or row.method == "GetProjectTotals") or (found and found.grade != row.grade):
            wrong.append((row.method, row.version, row.path, row.grade, found and found.grade))
    assert wrong == []


def test_reference_has_no_member_that_answers_lack() -> None:
    """Each member in the reference of an answer is in the contract suite's table, which is compared with answers."""
    known: dict[tuple[str, int, str], set[str]] = {}
    for row in table():
        known.setdefault((row.method, row.version, row.array), set()).add(row.path.removesuffix("[]"))
    # The table lists only the members that these add to those of GetProjects.
    adding = ("GetProjectTotals", "GetProjectsWithResources")
    answers = [(key, members) for *key, members in described() if tuple(key) in known and key[0] not in adding]
    assert answers
    assert [(key, {*members} - known[*key]) for key, members in answers if {*members} - known[*key]] == []


def test_row_says_when_a_member_is_required() -> None:
    (version, *_) = describe("UpdateProjects").versions
    members = dict(every_member(version.takes[0].members))
    assert members["CompanyKey"].needed == "always"
    assert members["InvoiceGroups"].needed == "to create"
    assert members["Notes"].needed == ""
    assert members["Status"].default == "Active"
    assert "ignored when written" in members["CompanyDescription"].notes
    assert members["InvoiceGroups[].Phases[].ID"].type == "text of at most 30 characters"


def test_limits_and_rules_are_printed() -> None:
    """The limit of GetEmployees, and the rules of a client, are printed with their claims."""
    assert "employee.fifty-keys" in run("methods", "GetEmployees").stdout
    assert "client.description-unique" in run("methods", "UpdateClients").stdout
    assert "write.negative-key-creates" in run("methods", "UpdateClients").stdout


def test_argument_without_a_claim_has_the_grade_of_its_method() -> None:
    """The claim of every refused value is about no argument in particular, so it grades none."""
    for name in METHODS.served:
        for version in describe(name).versions:
            assert [each.name for each in version.arguments if each.claim == NO_CLAIM] == []
    (version,) = describe("GetClients").versions[:1]
    assert (version.arguments[0].name, version.arguments[0].grade) == ("RequestedClients", version.does.grade)


def test_every_type_is_explained() -> None:
    """The docs explain every type that the reference uses."""
    page = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| ([^|]+) \|", page.partition("## Types")[2].partition("## Columns")[0], re.MULTILINE)
    patterns = [re.escape(each.strip()).replace(r"\.\.\.", ".*") for cell in explained for each in cell.split("; ")]
    types = set()
    for name in names():
        for version in describe(name).versions:
            rows = [rows.members for rows in (*version.takes, *version.answers)]
            types |= {each.type for members in (version.arguments, *rows) for _, each in every_member(members)}
    assert sorted(each for each in types if not any(re.fullmatch(known, each) for known in patterns)) == []


# The command.


def test_name_is_found_in_any_case() -> None:
    assert run("methods", "listclients").stdout == run("methods", "ListClients").stdout


def test_text_fits_a_terminal() -> None:
    """The example is JSON and is not wrapped."""
    for columns, width in (("80", 80), ("75", 75), ("200", 110)):
        text, _ = run("methods", "ListProjects", env={"COLUMNS": columns}).stdout.split("  Example of a body", 1)
        assert width - 10 < max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("GetEmployees", "Served in version 1."),
        ("UpdateProjects", "Served in version 1 and version 2 (call --api-version 2)."),
        ("ListTimesheets", "Served in version 2 (call --api-version 2)."),
        ("UpdateExpenseReports", "Served in version 1 (serve --quirk guessed_methods=serve)."),
        (
            "ListAttachmentCategories",
            "and version 2 (serve --quirk guessed_methods=serve, call --api-version 2).",
        ),
    ],
)
def test_what_a_call_needs_is_at_the_top(name: str, said: str) -> None:
    top = run("methods", name).stdout.partition("\n\n")[0]
    assert said in " ".join(top.split())


def test_unknown_name_is_corrected() -> None:
    assert "did you mean UpdateProjects" in refused("methods", "UpdateProject")
    assert "mock-ajera methods lists all" in refused("methods", "Xyzzy")


def test_version_that_is_not_served_is_refused() -> None:
    said = refused("methods", "ListTimesheets", "--api-version", "1")
    assert "ListTimesheets is not served in version 1, but in: 2" in said


def test_option_without_a_name_is_refused() -> None:
    assert "need the NAME of a method" in refused("methods", "--example")


def test_json_has_every_method() -> None:
    assert [each["name"] for each in json.loads(run("methods", "--json").stdout)] == names()
