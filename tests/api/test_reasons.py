"""Every rule that a write or an argument breaks is traced to the claim that says so."""

from __future__ import annotations

import copy
import re
import urllib.request
from decimal import Decimal
from urllib.parse import unquote

import pytest

from mock_ajera import MockAjera
from mock_ajera.api import errors
from mock_ajera.api.headers import WHY_HEADER
from mock_ajera.claims import ledger

NOBODY = 1_999_999_999


@pytest.fixture(scope="module")
def firm():
    """A mock that is only refused, and a project of it with a phase, as read."""
    with MockAjera() as ajera:
        keys = [row["ProjectKey"] for row in ajera.call("ListProjects")["Content"]["Projects"]]
        projects = ajera.call("GetProjects", {"RequestedProjects": keys})["Content"]["Projects"]
        yield ajera, projects


def put(record, path, value):
    """A deep copy of a record with another value at a path of names and numbers."""
    twin = copy.deepcopy(record)
    inside = twin
    *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
    for step in way:
        inside = inside[step]
    if isinstance(last, int) and last == len(inside):
        inside.append(value)
    else:
        inside[last] = value
    return twin


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
        ("CompanyKey", NOBODY, "reference", "write.unknown-reference"),
        ("CompanyKey", None, "null", "write.null-for-required-refused"),
        ("ActualStartDate", "1899-12-31", "date-bounds", "project.date-bounds"),
        ("ActualStartDate", "2079-06-07", "date-bounds", "project.date-upper-bound"),
        ("ActualStartDate", "today", "date", "value.date-format"),
        ("LaborCostBudget", 10**18, "precision", "write.decimal-range"),
        ("LastModifiedDate", "yesterday", "stamp", "write.stamp-format-required"),
        ("LastModifiedDate", "2017-12-06 14:46:06.873 GMT-08:00", "stale-stamp", "write.stale-stamp"),
        ("Contacts", [{"ContactKey": 1, "Order": 5}], "range", "project.contact-order"),
        ("Contacts", [{"ContactKey": 1, "Order": n % 5} for n in range(6)], "at-most", "project.contacts-at-most-five"),
        ("Contacts", [{"ContactKey": 1, "Order": True}], "type", "write.wrong-type-refused"),
        ("Contacts", None, "null", "write.null-for-required-refused"),
        (
            "InvoiceGroups.0.Client",
            {"ClientKey": 1, "Delete": True},
            "unknown-member",
            "write.unknown-members-refused",
        ),
        (
            "InvoiceGroups.0.BillingManager",
            {"EmployeeKey": 1, "Delete": True},
            "unknown-member",
            "write.unknown-members-refused",
        ),
        ("InvoiceGroups.0.Phases.0.PhaseKey", None, "required", "write.key-required"),
        ("InvoiceGroups.0.InvoiceGroupKey", NOBODY, "unknown-key", "project.foreign-child-refused"),
        ("InvoiceGroups.0.Phases.0.PhaseKey", NOBODY, "unknown-key", "project.foreign-child-refused"),
    ],
)
def test_a_broken_record(firm, path, value, rule, claim):
    """The trace names rule and claim at the place."""
    ajera, (project, *_) = firm
    sent = put(project, path, value)
    ajera.call("UpdateProjects", {"UpdatedProjects": [sent], "UnchangedProjects": [project]})
    found = {(reason.rule, reason.claim) for reason in ajera.journal[-1].reasons}
    assert (rule, claim) in found
    assert claim in ledger()


def test_a_number_out_of_its_range(firm):
    """Both bounds are told."""
    ajera, (project, *_) = firm
    sent = project | {"Contacts": [{"ContactKey": 1, "Order": 5}]}
    ajera.call("UpdateProjects", {"UpdatedProjects": [sent], "UnchangedProjects": [project]})
    assert [reason.text for reason in ajera.journal[-1].reasons] == ["5 is not between 0 and 4"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Description", "required to create"),
        ("CompanyKey", "required in every write"),
        ("LastModifiedDate", "required in every write"),
        ("InvoiceGroups", "required, at least 1"),
        ("InvoiceGroups.0.Description", "required in every write"),
        ("InvoiceGroups.0.Phases", "required, at least 1"),
        ("Contacts", "required, may be empty"),
    ],
)
def test_a_member_left_out_of_a_new_project(firm, path, text):
    """Said is when it is needed, and what the least is."""
    ajera, (project, *_) = firm
    stamp = {"LastModifiedDate": project["LastModifiedDate"]}
    phase = stamp | {"PhaseKey": -3, "Description": "All", "BillingType": "Null", "Contacts": []}
    group = {"InvoiceGroupKey": -2, "Description": "Fees", "Phases": [phase]}
    group |= {name: project["InvoiceGroups"][0][name] for name in ("Client", "InvoiceFormatKey")}
    whole = stamp | {"ProjectKey": -1, "Description": "Left out", "BillingType": "Null", "Contacts": []}
    whole |= {"CompanyKey": project["CompanyKey"], "InvoiceGroups": [group]}
    sent = copy.deepcopy(whole)
    *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
    inside = sent
    for step in way:
        inside = inside[step]
    del inside[last]
    ajera.call("UpdateProjects", {"UpdatedProjects": [sent], "UnchangedProjects": []})
    reasons = [(reason.path.partition(".")[2], reason.text) for reason in ajera.journal[-1].reasons]
    assert reasons == [(path.replace(".0", "[0]"), text)]


def test_what_the_page_says_of_projects_is_a_guess_of_clients(firm):
    """Stamps of new records, and bounds of dates."""
    ajera, _ = firm
    sent = {"ClientKey": -1, "Description": "Of 1899", "DateEstablished": "1899-12-31"}
    ajera.call("UpdateClients", {"UpdatedClients": [sent], "UnchangedClients": []})
    claims = {reason.rule: reason.claim for reason in ajera.journal[-1].reasons}
    assert claims == {"required": "write.new-stamp-required", "date-bounds": "value.date-bounds"}
    sent = {"ProjectKey": -1, "EstimatedStartDate": "1899-12-31"}
    ajera.call("UpdateProjects", {"UpdatedProjects": [sent], "UnchangedProjects": []})
    claims = {reason.path.partition(".")[2]: reason.claim for reason in ajera.journal[-1].reasons}
    assert claims["LastModifiedDate"] == "project.create-requires"
    assert claims["EstimatedStartDate"] == "project.date-bounds"


def sent_alone(firm, noun, sent, unchanged=()):
    """Reasons of the refusal of one record, as path behind the record, and words."""
    ajera, _ = firm
    ajera.call(f"Update{noun}", {f"Updated{noun}": [sent], f"Unchanged{noun}": list(unchanged)})
    return [(reason.path.partition(".")[2], reason.text) for reason in ajera.journal[-1].reasons]


def test_a_record_without_a_key_and_another_fault(firm):
    """Both are told at once."""
    reasons = sent_alone(firm, "Clients", {"Description": 5})
    assert reasons == [
        ("ClientKey", "required in every write"),
        ("Description", "text is expected, found a number"),
    ]
    assert [path for path, _ in sent_alone(firm, "Clients", {"ClientKey": "1"})] == ["ClientKey"]


def test_a_new_client_without_a_name_is_told_once(firm):
    """Missing is not empty as well."""
    stamp = firm[1][0]["LastModifiedDate"]
    reasons = sent_alone(firm, "Clients", {"ClientKey": -1, "LastModifiedDate": stamp})
    assert reasons == [("Description", "required to create")]
    reasons = sent_alone(firm, "Clients", {"ClientKey": -1, "LastModifiedDate": stamp, "Description": " "})
    assert reasons == [("Description", "must not be empty")]


def test_a_deletion_with_a_stamp_that_is_none(firm):
    """It is there, and not missing as well."""
    ajera, _ = firm
    (client,) = ajera.content("GetClients", {"RequestedClients": [1]})["Clients"]
    gone = {"ClientKey": 1, "LastModifiedDate": "foo", "Delete": True}
    ((path, text),) = sent_alone(firm, "Clients", gone, [client])
    assert (path, "foo" in text) == ("LastModifiedDate", True)


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        ({"Client": {"ClientKey": 0}}, ("InvoiceGroups[0].Client.ClientKey", "0 is no Client, and one is needed")),
        ({"InvoiceFormatKey": 0}, ("InvoiceGroups[0].InvoiceFormatKey", "0 is no InvoiceFormat, and one is needed")),
        ({"Client": None}, ("InvoiceGroups[0].Client", "null is not a value of this member")),
    ],
)
def test_a_group_without_what_it_needs(firm, group, reason):
    """0 is not called null."""
    _, (project, *_) = firm
    sent = copy.deepcopy(project)
    sent["InvoiceGroups"][0] |= group
    assert sent_alone(firm, "Projects", sent, [project]) == [reason]


def test_baselines_that_contradict_each_other(firm):
    """In whatever order: each must be what is stored."""
    _, (project, *_) = firm
    for baselines, at in (([project | {"Notes": "foo"}, project], 0), ([project, project | {"Notes": "foo"}], 1)):
        ajera, _ = firm
        arguments = {"UpdatedProjects": [project | {"Notes": "other"}], "UnchangedProjects": baselines}
        assert ajera.call("UpdateProjects", arguments)["Errors"]
        assert [reason.path for reason in ajera.journal[-1].reasons] == [f"UnchangedProjects[{at}].Notes"]


def test_a_project_with_work_is_not_deleted(firm):
    """The reason speaks of work, not of tables that nobody sees."""
    ajera, projects = firm
    worked = next(row for row in projects if ajera.tenant.row("Ledger", row["ProjectKey"]) is not None)
    gone = {name: worked[name] for name in ("ProjectKey", "LastModifiedDate")} | {"Delete": True}
    assert sent_alone(firm, "Projects", gone, [worked]) == [
        ("ProjectKey", "time, expenses or invoices are on it"),
    ]


def test_a_contact_line_without_a_contact(firm):
    """0 is a reference to nobody, and a line is about somebody."""
    ajera, (project, *_) = firm
    sent = project | {"Contacts": [{"ContactKey": 0, "Order": 0}]}
    ajera.call("UpdateProjects", {"UpdatedProjects": [sent], "UnchangedProjects": [project]})
    client = {"ClientKey": -1, "LastModifiedDate": project["LastModifiedDate"], "Description": "Lines"}
    sent = client | {"Contacts": [{"ContactKey": 0, "Order": 0}]}
    ajera.call("UpdateClients", {"UpdatedClients": [sent], "UnchangedClients": []})
    for entry in (ajera.journal[-2], ajera.journal[-1]):
        assert [(reason.rule, reason.text) for reason in entry.reasons] == [
            ("reference", "0 is no Contact, and one is needed")
        ]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (5, "a number"),
        (Decimal("5.5"), "a decimal number"),
        (True, "true or false"),
        ([], "a list"),
        ({}, "an object"),
    ],
)
def test_a_value_of_another_type(firm, value, said):
    """The reason calls it what JSON calls it."""
    ajera, (project, *_) = firm
    ajera.call("UpdateProjects", {"UpdatedProjects": [project | {"ID": value}], "UnchangedProjects": [project]})
    assert [reason.text for reason in ajera.journal[-1].reasons] == [f"text is expected, found {said}"]
    ajera.call("UpdateProjects", {"UpdatedProjects": [project | {"LockFee": "yes"}], "UnchangedProjects": [project]})
    assert [reason.text for reason in ajera.journal[-1].reasons] == ["true or false is expected, found text"]


@pytest.mark.parametrize(
    ("role", "flag", "claim"),
    [
        ("ProjectManager", "IsProjectManager", "project.role-flag"),
        ("PrincipalInCharge", "IsPrincipal", "project.role-flag"),
        ("MarketingContact", "IsMarketingContact", "project.marketing-contact-flag"),
    ],
)
def test_a_person_who_does_not_fit(firm, role, flag, claim):
    """The page asks for each role; the name of the third one's flag is ours."""
    ajera, (project, *_) = firm
    keys = [row["EmployeeKey"] for row in ajera.call("ListEmployees")["Content"]["Employees"]]
    employees = ajera.call("GetEmployees", {"RequestedEmployees": keys})["Content"]["Employees"]
    own = (project[role] or {}).get("EmployeeKey")
    active = [row for row in employees if row["Status"] == "Active" and row["EmployeeKey"] != own]
    lacking = next(row for row in active if not row[flag])
    sent = project | {role: {"EmployeeKey": lacking["EmployeeKey"]}}
    ajera.call("UpdateProjects", {"UpdatedProjects": [sent], "UnchangedProjects": [project]})
    assert [(reason.rule, reason.claim) for reason in ajera.journal[-1].reasons] == [("role", claim)]


def test_an_inactive_person(firm):
    """The page says it of each role."""
    ajera, (project, *_) = firm
    keys = [row["EmployeeKey"] for row in ajera.call("ListEmployees")["Content"]["Employees"]]
    employees = ajera.call("GetEmployees", {"RequestedEmployees": keys})["Content"]["Employees"]
    gone = next(row["EmployeeKey"] for row in employees if row["Status"] == "Inactive")
    for role in ("ProjectManager", "PrincipalInCharge", "MarketingContact"):
        sent = project | {role: {"EmployeeKey": gone}}
        ajera.call("UpdateProjects", {"UpdatedProjects": [sent], "UnchangedProjects": [project]})
        found = {reason.rule: reason.claim for reason in ajera.journal[-1].reasons}
        assert found["inactive"] == "project.role-active"


def test_a_phase_of_another_project(firm):
    """It exists, and not here."""
    ajera, (project, other, *_) = firm
    phase = other["InvoiceGroups"][0]["Phases"][0]
    group = project["InvoiceGroups"][0]
    sent = put(project, f"InvoiceGroups.0.Phases.{len(group['Phases'])}", phase)
    ajera.call("UpdateProjects", {"UpdatedProjects": [sent], "UnchangedProjects": [project]})
    assert [reason.claim for reason in ajera.journal[-1].reasons] == ["project.foreign-child-refused"]


@pytest.mark.parametrize(
    ("method", "arguments", "rule", "claim"),
    [
        ("ListProjects", {"FilterByStatus": ["Open"]}, "enum", "filter.unknown-status-refused"),
        ("ListProjects", {"FilterByStatus": "Active"}, "type", "errors.invalid-data"),
        ("ListProjects", {"FilterByStatus": [None]}, "null", "errors.invalid-data"),
        ("ListProjects", {"FilterBySyncToCRM": True}, "type", "errors.invalid-data"),
        ("ListProjects", {"FilterBySyncToCRM": [None]}, "null", "errors.invalid-data"),
        ("ListProjects", {"FilterByCompany": ["1"]}, "type", "errors.invalid-data"),
        ("ListProjects", {"FilterByCompany": [None]}, "null", "errors.invalid-data"),
        ("ListProjects", {"FilterByNameLike": "x" * 4001}, "max-length", "filter.like-pattern-bounded"),
        ("ListProjects", {"FilterByEarliestModifiedDate": "soon"}, "date", "filter.date-formats"),
        ("GetProjects", {}, "required", "errors.invalid-data"),
        ("GetProjects", {"RequestedProjects": 1}, "type", "errors.invalid-data"),
        ("GetProjects", {"RequestedProjects": [None]}, "null", "errors.invalid-data"),
        ("ListContacts", {"FilterByCompany": 1}, "type", "errors.invalid-data"),
        ("ListContacts", {"FilterByCompany": [None]}, "null", "errors.invalid-data"),
        ("UpdateProjects", {"UpdatedProjects": [1], "UnchangedProjects": []}, "type", "errors.invalid-data"),
    ],
)
def test_a_broken_argument(firm, method, arguments, rule, claim):
    """Arguments rest on other claims than records."""
    ajera, _ = firm
    ajera.call(method, arguments)
    assert [(reason.rule, reason.claim) for reason in ajera.journal[-1].reasons][:1] == [(rule, claim)]
    assert claim in ledger()


@pytest.mark.parametrize(
    ("members", "claim"),
    [
        ({}, "session.version-required"),
        ({"APIVersion": 3}, "session.unknown-version-refused"),
        ({"APIVersion": "1"}, "errors.invalid-data"),
    ],
)
def test_a_login_without_a_version_that_exists(firm, members, claim):
    """Missing and unknown are two things."""
    ajera, _ = firm
    ajera.post({"Method": "CreateAPISession", "Username": ajera.username, "Password": ajera.password, **members})
    assert [reason.claim for reason in ajera.journal[-1].reasons] == [claim]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"PageResults": "yes"}, "true or false is expected"),
        ({"PageResults": True, "PageSize": 0}, "0 is less than 1"),
        ({"PageResults": True, "PageNumber": "first"}, "a whole number is expected"),
        ({"PageResults": True, "PageNumber": Decimal("1.5")}, "a whole number is expected"),
    ],
)
def test_a_page_that_cannot_be_had(firm, members, said):
    """Paging members are checked like arguments."""
    ajera, _ = firm
    assert ajera.call("ListProjects", **members)["Errors"]
    (reason,) = ajera.journal[-1].reasons
    assert (reason.claim, said in reason.text) == ("paging.bad-page-refused", True)


def test_paging_by_words(firm):
    """True and false are taken as words too, as in every other member."""
    ajera, _ = firm
    assert ajera.call("ListProjects", PageResults="true", PageSize=3)["PageSize"] == 3
    assert "PageSize" not in ajera.call("ListProjects", PageResults="false", PageSize=0)


def why(ajera, body):
    request = urllib.request.Request(ajera.url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return answer.headers[WHY_HEADER]


def test_the_header_is_short_however_much_is_wrong(firm):
    """Some clients take no more than 8 KB of headers; the cut leaves whole signs (a sign may be twelve characters)."""
    ajera, _ = firm
    bad = "".join(f'"{chr(0x1F600 + n % 60)}{n}": 1,' for n in range(500))
    member = f'{{"ClientKey": -1, {bad} "Description": "x"}}'
    said = why(
        ajera,
        f'{{"Method": "UpdateClients", "SessionToken": "{ajera.token()}", "MethodArguments":'
        f' {{"UpdatedClients": [{member}], "UnchangedClients": []}}}}'.encode(),
    )
    assert 3900 < len(said) <= 4004
    assert said.endswith(" ...")
    assert "\N{REPLACEMENT CHARACTER}" not in unquote(said)


def test_a_body_that_is_too_large_is_told_with_its_size(firm):
    """The size that the client announced."""
    ajera, _ = firm
    said = why(ajera, b" " * 1_500_000)
    assert "the body has 1500000 bytes; the maximum is 1048576" in said


def test_a_method_of_any_length_is_short_in_the_journal(firm):
    """The journal is bounded, and a line of it is a line."""
    ajera, _ = firm
    ajera.call("X" * 100_000)
    assert len(ajera.journal[-1].method) == 80
    assert re.fullmatch("X+", ajera.journal[-1].method)


def test_the_other_version_of_a_method_that_is_not_served(firm):
    """UpdateProjects of version 2 is Ajera's, and refused as what it is."""
    ajera, _ = firm
    answer = ajera.call("UpdateProjects", {}, version=2)
    assert answer["Errors"][0]["ErrorMessage"] == "Unauthorized method: UpdateProjects"
    assert "exists in Ajera and is not served here" in ajera.journal[-1].reasons[0].text


def test_a_refusal_reads_as_its_message():
    """Also where it is caught outside of an answer."""
    assert str(errors.UnauthorizedMethod(method="ListSecrets")) == "Unauthorized method: ListSecrets"
