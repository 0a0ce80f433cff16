"""The two request bodies that the Projects page (version 1) prints for UpdateProjects, sent to the server."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from client import STAMP, Client
from rules import places
from rules.limits import ROLES
from rules.values import same
from rules.world import World

from contract_tests.kinds import PROJECTS

PRINTED = Path(__file__).parent / "rules"
BILLING_TYPES = (
    "\"string, ('Null', 'TimeAndExpense', 'FixedFee', 'PercentComplete', 'UnitPrice', "
    "'PercentofConstructionCost', 'Nonbillable', 'Marketing', 'Overhead', 'Adjustment')\""
)


@pytest.fixture(params=["observed", "documented"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with World(request.param) as world:
        yield world


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    with Client(world.ajera.url) as client:
        yield client


# the short body


def filled(text: str, world: World, client: Client) -> str:
    """Return the short body with its placeholders replaced in order, and its missing comma added."""
    stamp = f'"string, must match this format: {STAMP}"'
    for placeholder, value in (
        ('"string, see CreateAPISession"', json.dumps(client.token)),
        ("-1, int must be unique,", "-1,"),
        (stamp, f'"{STAMP}"'),
        ('"string"', '"Town hall"'),
        (BILLING_TYPES, '"TimeAndExpense",'),
        ("int, see ListCompanies,", f"{world.keys['Company'][1]},"),
        ("-2, int must be unique,", "-2,"),
        ("(int, see ListInvoiceFormats)", str(world.keys["InvoiceFormat"][1])),
        ('"string"', '"Main contract"'),
        ("int, see ListClients", str(world.keys["Client"][1])),
        ("-3, int must be unique,", "-3,"),
        (stamp, f'"{STAMP}"'),
        ('"string"', '"Design"'),
        (BILLING_TYPES, '"PercentComplete"'),
    ):
        assert placeholder in text
        text = text.replace(placeholder, value, 1)
    return text


def test_the_printed_minimum_creates_a_project(world: World, client: Client) -> None:
    """The completed short body creates a project, and a Get shows each value sent."""
    body = (PRINTED / "printed_minimum.txt").read_text(encoding="utf-8")

    answer = client.post(filled(body, world, client))

    assert answer["Errors"] == []
    assert answer["Content"]["NumberOfProjectsUpdated"] == 1
    [made] = answer["Content"]["Projects"]
    assert made["OriginalProjectKey"] == -1
    sent = {
        "ProjectKey": made["ProjectKey"],
        "Description": "Town hall",
        "BillingType": "TimeAndExpense",
        "CompanyKey": world.keys["Company"][1],
        "Contacts": [],
        "InvoiceGroups": [
            {
                "InvoiceFormatKey": world.keys["InvoiceFormat"][1],
                "Description": "Main contract",
                "Client": {"ClientKey": world.keys["Client"][1]},
                "Phases": [{"Description": "Design", "Contacts": [], "BillingType": "PercentComplete"}],
            }
        ],
    }
    assert same(client.read(PROJECTS, made["ProjectKey"]), sent)


def test_the_bodies_as_printed_are_refused(world: World, client: Client) -> None:
    """The short body has placeholders, and the long one lacks its last bracket."""
    long = (PRINTED / "printed_long.txt").read_text(encoding="utf-8")
    before = world.ajera.tenant.fingerprint()
    for body in (
        (PRINTED / "printed_minimum.txt").read_text(encoding="utf-8"),
        long.replace('SessionToken: ""', f'SessionToken: "{client.token}"'),
    ):
        assert client.post(body)["Errors"]
    assert world.ajera.tenant.fingerprint() == before


# the long body


LONG = (PRINTED / "printed_long.txt").read_text(encoding="utf-8") + "}\n"
"""The long body with its last bracket, which the page omits."""

PRINTED_KEYS = {
    "CompanyKey": "Company",
    "ProjectTypeKey": "ProjectType",
    "DepartmentKey": "Department",
    "WageTableKey": "WageTable",
    "TaxLocalKey": "TaxLocal",
    "RateTableKey": "RateTable",
    "ClientKey": "Client",
    "InvoiceFormatKey": "InvoiceFormat",
    "EmailInvoiceTemplateKey": "EmailTemplate",
    "EmailClientStatementTemplateKey": "EmailTemplate",
}

PROJECT = "UpdatedProjects[0]"
GROUP = f"{PROJECT}.InvoiceGroups[0]"
PHASE = f"{GROUP}.Phases[0]"
BASELINE = "UnchangedProjects[0]"
WRAPPED = ("Content", "UpdatedProjects", "UnchangedProjects")
"""Paths that the journal may name when the arguments are inside a Content object."""
NEGATIVE_CONTACTS = {
    f"{PROJECT}.Contacts[0].ContactKey",
    f"{GROUP}.BillingContact.ContactKey",
    f"{PHASE}.Contacts[0].ContactKey",
}
STAMPS_MISSING = {f"{place}.LastModifiedDate" for place in (PROJECT, PHASE, BASELINE)}
BASELINE_CONTACTS = {place.replace("Updated", "Unchanged", 1) for place in NEGATIVE_CONTACTS}
NOTHING_CHANGED = {PROJECT}
FAULTS = NEGATIVE_CONTACTS | STAMPS_MISSING | BASELINE_CONTACTS | NOTHING_CHANGED
"""Faults of the long body once its bracket and keys are right: contact -1 in both copies, no stamps in project, phase
and baseline, and no difference between the copies."""


def as_object(text: str) -> dict[str, Any]:
    """Return a body of the page as an object, with quoted names and without trailing commas."""
    quoted = re.sub(r"^(\s*)(\w+):", r'\1"\2":', text, flags=re.MULTILINE)
    return dict(json.loads(re.sub(r",(\s*[}\]])", r"\1", quoted), parse_float=Decimal))


def with_keys(world: World, stored: dict[str, Any] | None) -> str:
    """Return the long body with keys of the firm, except ContactKey -1."""
    text = LONG
    for member, kind in PRINTED_KEYS.items():
        text = text.replace(f"{member}: 1,", f"{member}: {world.keys[kind][0]},")
    for role, trait in ROLES.items():
        text = re.sub(rf"{role}: {{\s*EmployeeKey: 1,", f"{role}: {{\nEmployeeKey: {world.employees[trait]},", text)
    if stored is not None:
        group = stored["InvoiceGroups"][0]
        own = stored | group | group["Phases"][0]
        for member in ("ProjectKey", "InvoiceGroupKey", "PhaseKey"):
            text = text.replace(f"{member}: 1,", f"{member}: {own[member]},")
    return text


def stored_as_printed(world: World) -> dict[str, Any]:
    """Create a project with every value of the long body and existing contacts."""
    printed = as_object(with_keys(world, None))["MethodArguments"]["Content"]
    project = {f"Updated{PROJECTS.noun}": [copy.deepcopy(printed["UpdatedProjects"][0])]}
    for place, key in ((PROJECT, "ProjectKey"), (GROUP, "InvoiceGroupKey"), (PHASE, "PhaseKey")):
        places.put(project, f"{place}.{key}", -len(place))
    for place in (PROJECT, PHASE):
        places.put(project, f"{place}.LastModifiedDate", STAMP)
    for place in NEGATIVE_CONTACTS:
        places.put(project, place, world.keys["Contact"][0])
    return world.read(PROJECTS, world.created(PROJECTS, places.look(project, PROJECT)))


def correct(request: dict[str, Any], fault: str, stored: dict[str, Any], world: World) -> None:
    """Correct one fault in the arguments."""
    if fault in STAMPS_MISSING:
        places.put(request, fault, stored["LastModifiedDate"])
    elif fault in NEGATIVE_CONTACTS:
        places.put(request, fault, world.keys["Contact"][0])
    elif fault in BASELINE_CONTACTS:
        places.put(request, fault, places.look({"UnchangedProjects": [stored]}, fault))
    else:
        places.put(request, f"{fault}.Notes", "other notes")


def test_the_long_body_updates_once_its_faults_are_corrected(world: World) -> None:
    """Once each fault in the journal is corrected, the long body changes the project."""
    stored = stored_as_printed(world)
    request = as_object(with_keys(world, stored))["MethodArguments"]["Content"]
    found: set[str] = set()
    before = world.ajera.tenant.fingerprint()

    while (answer := world.call("UpdateProjects", request))["Errors"]:
        outcome, reasons = world.journalled()
        assert outcome == "refused"
        assert world.ajera.tenant.fingerprint() == before
        news = set(reasons) - found
        assert news
        assert news <= FAULTS
        for fault in sorted(news):
            correct(request, fault, stored, world)
        found |= news

    assert found == FAULTS
    assert answer["Content"]["NumberOfProjectsUpdated"] == 1
    assert world.read(PROJECTS, stored["ProjectKey"])["Notes"] == "other notes"


def test_only_the_documented_profile_accepts_the_wrapper(world: World, client: Client) -> None:
    """The page prints a Content object around the arguments; the observed profile refuses it."""
    body = with_keys(world, stored_as_printed(world)).replace('SessionToken: ""', f'SessionToken: "{client.token}"')

    assert client.post(body)["Errors"]

    _, reasons = world.journalled()
    assert reasons
    assert reasons.keys() <= (FAULTS if world.profile == "documented" else {*WRAPPED})
