"""Reasons of refusals: path, rule, text and claim."""

import copy
import json
import re
import urllib.request
from decimal import Decimal
from urllib.parse import unquote

import pytest
from client import STAMP
from records import new_client, read, read_one, update
from rules import places

from mock_ajera import MockAjera
from mock_ajera.api import errors
from mock_ajera.api.headers import NOTE_HEADER, WHY_HEADER
from mock_ajera.claims import ledger

UNKNOWN_KEY = 1_999_999_999


@pytest.fixture(scope="module")
def ajera():
    """Return a mock that refuses every write."""
    with MockAjera() as ajera:
        yield ajera


@pytest.fixture(scope="module")
def projects(ajera):
    return read(ajera, "Projects")


@pytest.fixture
def project(projects):
    return projects[0]


def found(ajera):
    """Return the rule and claim of each reason of the last refusal."""
    return [(reason.rule, reason.claim) for reason in ajera.journal[-1].reasons]


def texts(ajera):
    return [reason.text for reason in ajera.journal[-1].reasons]


@pytest.mark.parametrize(
    ("path", "value", "rule", "claim"),
    [
        ("ProjectKey", 0, "key", "write.zero-key-refused"),
        ("ID", 5, "type", "write.wrong-type-refused"),
        ("Contacts", 5, "type", "write.wrong-type-refused"),
        ("ID", "x" * 31, "max-length", "write.max-length-refused"),
        ("Status", "Open", "enum", "write.choice-unknown-refused"),
        ("BillingType", "Free", "enum", "write.choice-unknown-refused"),
        ("Colour", "green", "unknown-member", "write.unknown-members-refused"),
        ("ProjectManager", {"EmployeeKey": 1, "Rank": 1}, "unknown-member", "write.unknown-members-refused"),
        ("CF_Colour", "green", "unknown-member", "project.unknown-custom-field"),
        ("CF_SquareFootage", "wide", "type", "write.wrong-type-refused"),
        ("CF_LeedTarget", "Bronze", "enum", "project.custom-field-choice"),
        ("CompanyKey", 0, "reference", "project.update-requires"),
        ("CompanyKey", -1, "reference", "write.negative-reference"),
        ("CompanyKey", UNKNOWN_KEY, "reference", "write.unknown-reference"),
        ("CompanyKey", None, "null", "write.null-for-required-refused"),
        ("ActualStartDate", "1899-12-31", "date-bounds", "project.date-bounds"),
        ("ActualStartDate", "2079-06-07", "date-bounds", "project.date-upper-bound"),
        ("ActualStartDate", "today", "date", "value.bad-day-refused"),
        ("LaborCostBudget", 10**18, "precision", "write.decimal-range"),
        ("LastModifiedDate", "yesterday", "stamp", "write.stamp-format-required"),
        ("LastModifiedDate", "1899-12-06 14:46:06.873 GMT-08:00", "stamp", "write.stamp-range"),
        ("LastModifiedDate", "2017-12-06 14:46:06.873 GMT-08:00", "stale-stamp", "write.stale-stamp"),
        ("Contacts", [{"ContactKey": 1, "Order": 5}], "range", "project.contact-order"),
        ("Contacts", [{"ContactKey": 1, "Order": n % 5} for n in range(6)], "at-most", "project.contacts-at-most-five"),
        ("Contacts", [{"ContactKey": 1, "Order": True}], "type", "write.wrong-type-refused"),
        ("Contacts", None, "null", "write.null-for-required-refused"),
        ("InvoiceGroups[0].Client.Delete", True, "unknown-member", "write.unknown-members-refused"),
        ("InvoiceGroups[0].BillingManager.Delete", True, "unknown-member", "write.unknown-members-refused"),
        ("InvoiceGroups[0].Phases[0].PhaseKey", None, "required", "write.key-required"),
        ("InvoiceGroups[0].InvoiceGroupKey", UNKNOWN_KEY, "unknown-key", "project.foreign-child-refused"),
        ("InvoiceGroups[0].Phases[0].PhaseKey", UNKNOWN_KEY, "unknown-key", "project.foreign-child-refused"),
    ],
)
def test_an_invalid_record_has_the_rule_and_claim(ajera, project, path, value, rule, claim):
    sent = copy.deepcopy(project)
    places.put(sent, path, value)
    update(ajera, "Projects", sent, project)
    assert (rule, claim) in found(ajera)
    assert claim in ledger()


def test_a_number_out_of_range_is_reported_with_both_bounds(ajera, project):
    update(ajera, "Projects", project | {"Contacts": [{"ContactKey": 1, "Order": 5}]}, project)
    assert texts(ajera) == ["5 is not between 0 and 4"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Description", "required to create"),
        ("CompanyKey", "required in every write"),
        ("LastModifiedDate", "required in every write"),
        ("InvoiceGroups", "required, at least 1"),
        ("InvoiceGroups[0].Description", "required in every write"),
        ("InvoiceGroups[0].Phases", "required, at least 1"),
        ("Contacts", "required, but may be empty"),
    ],
)
def test_a_required_member_of_a_new_project_is_reported(ajera, project, path, text):
    """The text says when it is required and the minimum number of rows."""
    new = {"LastModifiedDate": STAMP, "Description": "New", "BillingType": "Null", "Contacts": []}
    group = {name: project["InvoiceGroups"][0][name] for name in ("Client", "InvoiceFormatKey")}
    group |= {"InvoiceGroupKey": -2, "Description": "Fees", "Phases": [new | {"PhaseKey": -3}]}
    sent = new | {"ProjectKey": -1, "CompanyKey": project["CompanyKey"], "InvoiceGroups": [group]}
    places.drop(sent, path)
    assert reasons_for(ajera, "Projects", sent) == [(path, text)]


def test_claims_that_are_documented_for_projects_are_guesses_for_clients(ajera):
    """Stamps of new records and bounds of dates."""
    update(ajera, "Clients", {"ClientKey": -1, "Description": "Of 1899", "DateEstablished": "1899-12-31"})
    assert dict(found(ajera)) == {"required": "write.new-stamp-required", "date-bounds": "value.date-bounds"}
    update(ajera, "Projects", {"ProjectKey": -1, "EstimatedStartDate": "1899-12-31"})
    claims = {reason.path.partition(".")[2]: reason.claim for reason in ajera.journal[-1].reasons}
    assert claims["LastModifiedDate"] == "project.create-requires"
    assert claims["EstimatedStartDate"] == "project.date-bounds"


def reasons_for(ajera, noun, sent, unchanged=()):
    """Update one record and return the reasons, with paths inside the record."""
    update(ajera, noun, sent, unchanged)
    return [(reason.path.partition(".")[2], reason.text) for reason in ajera.journal[-1].reasons]


def test_a_missing_key_and_another_fault_are_both_reported(ajera):
    assert reasons_for(ajera, "Clients", {"Description": 5}) == [
        ("ClientKey", "required in every write"),
        ("Description", "text is expected, found a number"),
    ]
    assert [path for path, _ in reasons_for(ajera, "Clients", {"ClientKey": "1"})] == ["ClientKey"]


def test_a_missing_name_is_not_also_reported_as_empty(ajera):
    new = {"ClientKey": -1, "LastModifiedDate": STAMP}
    assert reasons_for(ajera, "Clients", new) == [("Description", "required to create")]
    assert reasons_for(ajera, "Clients", new | {"Description": " "}) == [("Description", "must not be empty")]


def test_an_invalid_stamp_of_a_deletion_is_not_also_reported_as_missing(ajera):
    gone = {"ClientKey": 1, "LastModifiedDate": "foo", "Delete": True}
    ((path, text),) = reasons_for(ajera, "Clients", gone, read_one(ajera, "Clients", 1))
    assert (path, "foo" in text) == ("LastModifiedDate", True)


@pytest.mark.parametrize(
    ("group", "path", "text"),
    [
        ({"Client": {"ClientKey": 0}}, "Client.ClientKey", "0 means no Client, but one is required"),
        ({"InvoiceFormatKey": 0}, "InvoiceFormatKey", "0 means no InvoiceFormat, but one is required"),
        ({"Client": None}, "Client", "null is not allowed"),
    ],
)
def test_a_required_reference_of_a_group_cannot_be_zero_or_null(ajera, project, group, path, text):
    """The text for 0 differs from that for null."""
    sent = copy.deepcopy(project)
    sent["InvoiceGroups"][0] |= group
    assert reasons_for(ajera, "Projects", sent, project) == [(f"InvoiceGroups[0].{path}", text)]


def test_each_of_several_baselines_of_a_record_must_match(ajera, project):
    other = project | {"Notes": "foo"}
    for baselines, at in (([other, project], 0), ([project, other], 1)):
        assert update(ajera, "Projects", project | {"Notes": "other"}, baselines)["Errors"]
        assert [reason.path for reason in ajera.journal[-1].reasons] == [f"UnchangedProjects[{at}].Notes"]


def test_a_contact_line_requires_a_contact(ajera, project):
    lines = {"Contacts": [{"ContactKey": 0, "Order": 0}]}
    for noun, sent, unchanged in (("Projects", project | lines, project), ("Clients", new_client(**lines), ())):
        update(ajera, noun, sent, unchanged)
        assert [(reason.rule, reason.text) for reason in ajera.journal[-1].reasons] == [
            ("reference", "0 means no Contact, but one is required")
        ]


@pytest.mark.parametrize(
    ("member", "value", "text"),
    [
        ("ID", 5, "text is expected, found a number"),
        ("ID", Decimal("5.5"), "text is expected, found a decimal number"),
        ("ID", True, "text is expected, found true or false"),
        ("ID", [], "text is expected, found a list"),
        ("ID", {}, "text is expected, found an object"),
        ("LockFee", "yes", "true or false is expected, found text"),
    ],
)
def test_a_value_of_the_wrong_type_is_reported_with_its_json_type(ajera, project, member, value, text):
    assert reasons_for(ajera, "Projects", project | {member: value}, project) == [(member, text)]


@pytest.mark.parametrize(
    ("role", "flag", "claim"),
    [
        ("ProjectManager", "IsProjectManager", "project.role-flag"),
        ("PrincipalInCharge", "IsPrincipal", "project.role-flag"),
        ("MarketingContact", "IsMarketingContact", "project.marketing-contact-flag"),
    ],
)
def test_a_person_needs_the_flag_of_a_role_and_must_be_active(ajera, project, role, flag, claim):
    """The page requires each role; the flag of the marketing contact is a guess."""
    employees = read(ajera, "Employees")
    own = (project[role] or {}).get("EmployeeKey")
    active = [row for row in employees if row["Status"] == "Active" and row["EmployeeKey"] != own]
    lacking = next(row["EmployeeKey"] for row in active if not row[flag])
    update(ajera, "Projects", project | {role: {"EmployeeKey": lacking}}, project)
    assert found(ajera) == [("role", claim)]
    gone = next(row["EmployeeKey"] for row in employees if row["Status"] == "Inactive")
    update(ajera, "Projects", project | {role: {"EmployeeKey": gone}}, project)
    assert ("inactive", "project.role-active") in found(ajera)


def test_a_phase_of_another_project_is_refused(ajera, projects):
    project, other = projects[:2]
    sent = copy.deepcopy(project)
    sent["InvoiceGroups"][0]["Phases"].append(other["InvoiceGroups"][0]["Phases"][0])
    update(ajera, "Projects", sent, project)
    assert [claim for _, claim in found(ajera)] == ["project.foreign-child-refused"]


@pytest.mark.parametrize(
    ("method", "arguments", "rule", "claim"),
    [
        ("ListProjects", {"FilterByStatus": ["Open"]}, "enum", "filter.unknown-status-refused"),
        ("ListProjects", {"FilterByStatus": "Active"}, "type", "filter.bare-value-refused"),
        ("ListProjects", {"FilterByStatus": [None]}, "null", "filter.null-item-refused"),
        ("ListProjects", {"FilterBySyncToCRM": True}, "type", "filter.bare-value-refused"),
        ("ListProjects", {"FilterBySyncToCRM": [None]}, "null", "filter.null-item-refused"),
        ("ListProjects", {"FilterByCompany": ["1"]}, "type", "reading.key-is-whole-number"),
        ("GetProjects", {"RequestedProjects": ["1"]}, "type", "reading.key-is-whole-number"),
        ("UpdateProjects", {"UpdatedProjects": []}, "required", "write.both-arrays-required"),
        ("GetProjectTotals", {"RequestedProjectTotals": [1]}, "type", "project.totals-one-key"),
        ("ListChargeablePhases", {}, "required", "project.chargeable-one-key"),
        ("ListProjects", {"FilterByCompany": [None]}, "null", "filter.null-item-refused"),
        ("ListProjects", {"FilterByNameLike": "x" * 4001}, "max-length", "filter.like-pattern-bounded"),
        ("ListProjects", {"FilterByEarliestModifiedDate": "soon"}, "date", "filter.date-formats"),
        ("ListProjects", {"FilterByEarliestModifiedDate": "1899-12-31"}, "date", "filter.date-range"),
        ("GetProjects", {}, "required", "reading.wrong-shape-refused"),
        ("GetProjects", {"RequestedProjects": 1}, "type", "reading.wrong-shape-refused"),
        ("GetProjects", {"RequestedProjects": [None]}, "null", "reading.wrong-shape-refused"),
        ("ListContacts", {"FilterByCompany": 1}, "type", "filter.bare-value-refused"),
        ("ListContacts", {"FilterByCompany": [None]}, "null", "filter.null-item-refused"),
        ("UpdateProjects", {"UpdatedProjects": [1], "UnchangedProjects": []}, "type", "reading.wrong-shape-refused"),
    ],
)
def test_an_invalid_argument_has_the_rule_and_claim(ajera, method, arguments, rule, claim):
    """Arguments have other claims than records."""
    ajera.call(method, arguments)
    assert found(ajera)[0] == (rule, claim)
    assert claim in ledger()


@pytest.mark.parametrize(
    ("members", "claim"),
    [
        ({}, "session.version-required"),
        ({"APIVersion": 3}, "session.unknown-version-refused"),
        ({"APIVersion": "1"}, "reading.wrong-shape-refused"),
    ],
)
def test_a_missing_version_and_an_unknown_version_have_different_claims(ajera, members, claim):
    ajera.post({"Method": "CreateAPISession", "Username": ajera.username, "Password": ajera.password, **members})
    assert [reason.claim for reason in ajera.journal[-1].reasons] == [claim]


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"PageResults": "yes"}, "true or false is expected"),
        ({"PageResults": True, "PageSize": 0}, "0 is less than 1"),
        ({"PageResults": True, "PageNumber": "first"}, "a whole number is expected"),
        ({"PageResults": True, "PageNumber": Decimal("1.5")}, "a whole number is expected"),
    ],
)
def test_an_invalid_page_is_refused(ajera, members, text):
    assert ajera.call("ListProjects", **members)["Errors"]
    (reason,) = ajera.journal[-1].reasons
    assert (reason.claim, text in reason.text) == ("paging.bad-page-refused", True)


def test_page_results_may_be_a_word(ajera):
    assert ajera.call("ListProjects", PageResults="true", PageSize=3)["PageSize"] == 3
    assert "PageSize" not in ajera.call("ListProjects", PageResults="false", PageSize=0)


def header(ajera, body, name):
    request = urllib.request.Request(ajera.url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return answer.headers[name]


def why(ajera, body):
    return header(ajera, body, WHY_HEADER)


def test_the_header_is_cut_off_between_characters(ajera):
    """Some clients accept at most 8 KB of headers; a percent-encoded character may have twelve bytes."""
    bad = "".join(f'"{chr(0x1F600 + n % 60)}{n}": 1,' for n in range(500))
    member = f'{{"ClientKey": -1, {bad} "Description": "x"}}'
    header = why(
        ajera,
        f'{{"Method": "UpdateClients", "SessionToken": "{ajera.token()}", "MethodArguments":'
        f' {{"UpdatedClients": [{member}], "UnchangedClients": []}}}}'.encode(),
    )
    assert 3900 < len(header) <= 4004
    assert header.endswith(" ...")
    assert "\N{REPLACEMENT CHARACTER}" not in unquote(header)


def test_a_body_over_the_limit_is_reported_with_its_size(ajera):
    assert "the body has 4500000 bytes; the maximum is 4194304" in why(ajera, b" " * 4_500_000)


def test_a_long_method_name_is_cut_off_in_the_journal(ajera):
    ajera.call("X" * 100_000)
    assert len(ajera.journal[-1].method) == 80
    assert re.fullmatch("X+", ajera.journal[-1].method)


def test_a_misspelled_filter_is_noted(ajera):
    """The answer is the whole list, as Ajera's is: only the note says why, and names the filter that was meant."""
    arguments = {"FilterByStats": ["Closed"], "Colour": 1, "FilterByDescriptionLike": None}
    body = {"Method": "ListProjects", "SessionToken": ajera.token(), "MethodArguments": arguments}
    note = header(ajera, json.dumps(body).encode(), NOTE_HEADER)
    assert note == (
        "Colour: ignored [ignored-argument; filter.unknown-arguments-ignored]; FilterByStats: ignored; "
        "did you mean FilterByStatus? [ignored-argument; filter.unknown-arguments-ignored]"
    )
    assert ajera.journal[-1].outcome == "ok"


def test_few_ignored_arguments_are_noted_and_cut_off(ajera):
    ajera.call("ListProjects", {f"{n:03}{'x' * 1000}": 1 for n in range(100)})
    assert [len(note.path) for note in ajera.journal[-1].notes] == [80] * 5


def test_a_note_on_a_success_is_in_the_header_and_in_the_journal(ajera):
    """A request that created nothing is a success; the note has the reason."""
    body = {"Method": "CreateProjects", "SessionToken": ajera.token(2), "MethodArguments": {}}
    note = header(ajera, json.dumps(body).encode(), NOTE_HEADER)
    assert note.startswith("CreateType: Project is expected [shape; project.v2-wrong-shape]")
    entry = ajera.journal[-1]
    assert (entry.outcome, entry.reasons) == ("ok", ())
    assert [note.path for note in entry.notes] == ["CreateType", "Project", "InvoiceGroups", "Phases"]
    assert "note: Project: an object is expected" in entry.explain()
    assert entry.to_dict()["notes"][0]["rule"] == "shape"


@pytest.mark.parametrize(
    ("profile", "members"),
    [
        ("observed", {"PhaseInvoiceText": "T"}),
        ("documented", {"SummarizeBillingGroup": True, "PhaseInvoiceText": "T"}),
    ],
)
def test_a_write_that_no_answer_shows_has_a_note(profile, members):
    """Claim write.unseen-members-written."""
    with MockAjera(profile=profile) as ajera:
        for values in (members, {"Notes": "other"}):
            (before,) = ajera.content("GetProjects", {"RequestedProjects": [1]})["Projects"]
            arguments = {"UpdatedProjects": [before | values], "UnchangedProjects": [before]}
            (shown,) = ajera.content("UpdateProjects", arguments)["Projects"]
            unseen = [f"UpdatedProjects[0].{name}" for name in values if name not in shown]
            assert [note.path for note in ajera.journal[-1].notes] == unseen
            assert bool(unseen) == (values is members)


def test_the_reason_for_a_date_names_every_form(ajera):
    ajera.call("ListProjects", {"FilterByEarliestModifiedDate": "2026-11-25 09:07"})
    (reason,) = ajera.journal[-1].reasons
    for form in ("a date like 2017-12-06", "an ISO 8601 time like 2017-12-06T14:46:06-08:00", "GMT-08:00"):
        assert form in reason.text


@pytest.mark.parametrize(
    ("method", "version", "at", "more"),
    [
        ("UpdateClients", 1, "UpdatedClients", {"UnchangedClients": []}),
        ("UpdateProjects", 2, "UpdatedProjects", {"UnchangedProjects": {"Projects": []}}),
        ("UpdateTimesheets", 2, "Timesheets", {}),
        ("UpdateVendorInvoices", 2, "UpdatedVendorInvoices", {"UnchangedVendorInvoices": {"VendorInvoices": []}}),
    ],
)
def test_an_update_of_nothing_has_a_note(method, version, at, more):
    """A misspelled program variable may be why (claim write.nothing-to-update)."""
    with MockAjera(quirks={"guessed_methods": "serve"}) as ajera:
        body = {"Method": method, "SessionToken": ajera.token(version), "MethodArguments": {at: [], **more}}
        note = header(ajera, json.dumps(body).encode(), NOTE_HEADER)
        assert note == f"{at}: the list is empty, so nothing is written [nothing; write.nothing-to-update]"
        assert ajera.journal[-1].outcome == "ok"


@pytest.mark.parametrize(
    ("profile", "members"),
    [
        ("observed", {"CompanyKey": 2, "Location": "Attic"}),
        ("documented", {"LaborEntry": False, "BudgetedOverheadRate": 5}),
    ],
)
def test_a_write_to_a_phase_that_no_answer_shows_has_a_note(profile, members):
    """Claim write.unseen-members-written. The answer shows only the members of the profile."""
    with MockAjera(profile=profile) as ajera:
        (before,) = ajera.content("GetProjects", {"RequestedProjects": [1]})["Projects"]
        after = copy.deepcopy(before)
        after["InvoiceGroups"][0]["Phases"][0].update(members)
        arguments = {"UpdatedProjects": [after], "UnchangedProjects": [before]}
        (shown,) = ajera.content("UpdateProjects", arguments)["Projects"]
        assert not members.keys() & shown["InvoiceGroups"][0]["Phases"][0].keys()
        at = "UpdatedProjects[0].InvoiceGroups[0].Phases[0]"
        assert {note.path for note in ajera.journal[-1].notes} == {f"{at}.{name}" for name in members}


def test_the_string_of_a_refusal_is_its_message():
    assert str(errors.UnauthorizedMethod(method="ListSecrets")) == "Unauthorized method: ListSecrets"


@pytest.mark.parametrize(
    ("members", "notes"),
    [
        ({"FilterByStatus": ["Closed"]}, ["FilterByStatus: ignored; it belongs in MethodArguments"]),
        (
            {"FilterByStats": ["Closed"]},
            ["FilterByStats: ignored; did you mean FilterByStatus in MethodArguments?"],
        ),
        ({"PageResults": True, "Pagenumber": 2}, ["Pagenumber: ignored; did you mean PageNumber?"]),
        ({"PageSize": 5}, ["PageSize: ignored without PageResults"]),
        ({"Colour": 1}, ["Colour: ignored"]),
        ({"PageResults": False, "PageSize": 5}, []),
    ],
)
def test_a_misplaced_or_misspelled_member_is_noted(ajera, members, notes):
    """The answer is that of a call without the member."""
    assert not ajera.call("ListProjects", **members)["Errors"]
    assert [str(note).partition(" [")[0] for note in ajera.journal[-1].notes] == notes
    claims = {note.claim for note in ajera.journal[-1].notes}
    assert claims <= set(ajera.journal[-1].claims)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ({"PageSize": 5}, "PageSize: ignored; it belongs next to Method"),
        ({"Page": 2}, "Page: ignored; did you mean PageNumber or PageSize next to Method?"),
        ({"Pagenumber": 2}, "Pagenumber: ignored; did you mean PageNumber next to Method?"),
    ],
)
def test_a_page_requested_in_the_arguments_is_noted(ajera, arguments, hint):
    ajera.call("ListProjects", arguments)
    (note,) = ajera.journal[-1].notes
    assert str(note).startswith(hint)


def test_a_page_of_a_method_without_pages_is_noted(ajera):
    ajera.call("GetProjects", {"RequestedProjects": [1]}, PageResults=True)
    assert str(ajera.journal[-1].notes[0]).startswith("PageResults: ignored: this method has no pages")


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ({"Method": "GetProjects", "MethodArgument": {}}, "MethodArgument: ignored; did you mean MethodArguments?"),
        (
            {"Method": "GetProjects", "RequestedProjects": [1], "MethodArguments": {}},
            "RequestedProjects: ignored; it belongs in MethodArguments",
        ),
        (
            {"Method": "CreateAPISession", "UserName": "x", "APIVersion": 1},
            "a member is ignored; did you mean Username?",
        ),
        ({"Method": "EndAPISession", "Sessiontoken": "x"}, "Sessiontoken: ignored; did you mean SessionToken?"),
    ],
)
def test_a_refusal_has_a_note_about_an_ignored_member(ajera, body, note):
    """The reason only tells that something is missing."""
    token = {} if body["Method"].endswith("Session") else {"SessionToken": ajera.token()}
    assert header(ajera, json.dumps(body | token).encode(), NOTE_HEADER).startswith(note)
    assert ajera.journal[-1].outcome == "refused"


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (b"Method=ListProjects&SessionToken=x", "this is a form: send the object itself as JSON"),
        (b"%7B%22Method%22%3A1%7D", "this is a form: send the object itself as JSON"),
        (b'--f0\r\nContent-Disposition: form-data; name="Method"\r\n\r\nx', "this is a form"),
        (b'"{\\"Method\\": \\"ListProjects\\"}"', "this is a string: the object was encoded as JSON twice"),
    ],
)
def test_the_reason_says_what_a_body_is_instead_of_an_object(ajera, body, hint):
    assert f"an object {{ ... }} is expected; {hint}" in why(ajera, body)


def test_the_reason_for_a_missing_method_names_the_misspelled_one(ajera):
    assert "Method: a string is required; the request has method instead [" in why(ajera, b'{"method": "ListProjects"}')
    assert "Method: a string is required [" in why(ajera, b'{"Colour": "ListProjects"}')
