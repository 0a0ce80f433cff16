"""The OpenAPI document of the control surface is valid and matches the server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema
import pytest
from openapi_spec_validator import validate
from raw_http import Answer, ask

from mock_ajera import MockAjera
from mock_ajera.control.action import Action
from mock_ajera.control.openapi import document
from mock_ajera.control.register import ACTIONS

DOCUMENT = document("1.2.3", "http://localhost/_mock")
USER, SNAPSHOT, OTHER, FAULT = "Clerk A/B", "before", "other", "slow GetClients"


@pytest.fixture
def ajera() -> Iterator[MockAjera]:
    """Provide a server with a second tenant, a user, a snapshot, a session and requests."""
    with MockAjera() as started:
        started.call("ListClients", {"FilterByStatus": ["Actve"]})
        started.put_record("Client", {"ClientKey": 7000, "Description": "Nobody's"})
        for path, body in (
            ("/tenants", {"name": OTHER, "sample": "empty"}),
            ("/tenants/default/users", {"name": USER, "password": "Some_thing7", "authorizing_employee": 1}),
            ("/tenants/default/snapshots", {"name": SNAPSHOT}),
            ("/tenants/default/faults", {"does": "delay", "seconds": 0.5, "method": "GetClients", "name": FAULT}),
        ):
            assert ask(started.control_url[:-6], f"/_mock{path}", "POST", json.dumps(body).encode()).status == 201
        yield started


def operation(action: Action) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][action.path][action.verb.lower()]
    return found


def closed(value: Any) -> Any:
    """Return a schema with additional properties forbidden."""
    if isinstance(value, dict):
        found = {name: closed(each) for name, each in value.items()}
        return found | {"additionalProperties": False} if "properties" in value else found
    return [closed(each) for each in value] if isinstance(value, list) else value


def check(value: Any, schema: Mapping[str, Any]) -> None:
    """Raise ``ValidationError`` for a value that does not match a schema of the document or has extra members."""
    whole = {**closed(schema), "components": closed(DOCUMENT["components"])}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(value)


def content(answer: Answer, responses: Mapping[str, Any]) -> Any:
    """Return the body of a response after checking it and its media type against the document."""
    declared = responses.get(str(answer.status), responses["default"])
    if "content" not in declared:
        assert answer.body == b""
        return None
    media = answer.headers["Content-Type"].partition(";")[0]
    assert list(declared["content"]) == [media]
    value = json.loads(answer.body) if media.endswith("json") and "ndjson" not in media else answer.body.decode()
    check(value, declared["content"][media]["schema"])
    return value


def do(
    ajera: MockAjera, action: Action, places: Mapping[str, Any], sent: Any = None, raw: bytes | None = None
) -> Answer:
    """Return the response to an action; ``sent`` becomes its query or its body."""
    values = {"tenant": "default", **places}
    path = action.path.format(**{name: quote(str(values[name]), safe="") for name in action.path_parameters})
    if action.query is not None and sent:
        path += "?" + urlencode(sent)
    elif action.body is not None and sent is not None:
        raw = json.dumps(sent).encode()
    return ask(ajera.control_url[:-6], f"/_mock{path}", action.verb, raw)


NOON = "2026-03-09T12:00:00Z"
SUCCESS: dict[str, list[tuple[dict[str, Any], Any]]] = {
    "claims list": [({}, {}), ({}, {"theme": "session", "grade": "observed"})],
    "claims show": [({"claim": "session.lifetime"}, None)],
    "clock freeze": [({}, {}), ({}, {"at": NOON}), ({}, {"at": None})],
    "clock set": [({}, {"at": NOON})],
    "clock advance": [({}, {"by": "-1d2h"})],
    "faults add": [
        ({}, {"does": "http", "status": 429, "retry_after": 3, "method": "GetClients", "version": 1, "times": 2}),
        ({}, {"does": "delay", "most_seconds": 1.5, "probability": 0.5, "until": "2079-01-01T00:00:00Z"}),
    ],
    "faults remove": [({"fault": FAULT}, None)],
    "journal list": [
        ({}, {}),
        ({}, {"method": "ListClients", "outcome": "refused", "limit": 1, "after": 1, "since": "1999-12-31T00:00:00Z"}),
        ({}, {"record": "Client/1", "user": "integrator", "claim": "session.lifetime", "fault": FAULT, "until": NOON}),
    ],
    "journal show": [({"number": 2}, None)],
    "server down": [({}, {"seconds": 0.1})],
    "server journal": [({}, {}), ({}, {"method": "ListClients", "outcome": "refused", "limit": 1})],
    "reliance": [({}, {}), ({}, {"grade": "all"})],
    "quirks set": [({}, {"session_minutes": 5, "success_code": "zero"}), ({}, {})],
    "quirks profile": [({}, {"profile": "documented"})],
    "records list": [({"kind": "Project"}, {}), ({"kind": "Client"}, {"after": 1, "limit": 2})],
    "records show": [({"kind": "Project", "key": 1}, None)],
    "records put": [({"kind": "Client"}, {"ClientKey": 7001, "Description": "Put past the API"})],
    "records change": [({"kind": "Client", "key": 7000}, {"Description": "Changed past the API"})],
    "records delete": [({"kind": "Client", "key": 7000}, None)],
    "sessions expire": [({}, {"user": "integrator"}), ({}, {})],
    "tenants show": [({"tenant": OTHER}, None)],
    "tenants create": [
        ({}, {}),
        ({}, {"name": "new.one", "sample": "empty", "profile": "documented", "seed": "x", "freeze": NOON}),
        ({}, {"snapshot": f"default/{SNAPSHOT}", "quirks": {"session_minutes": 5}}),
        ({}, {"sample": 3, "database_name": "Firm", "client_id": 7, "database_id": 8}),
    ],
    "tenants fork": [({}, {}), ({}, {"name": "twin", "database_name": "Twin"})],
    "tenants delete": [({"tenant": OTHER}, None)],
    "tenants reset": [({}, {}), ({}, {"sessions": "drop"})],
    "tenants import": [({}, {"firm.json": {}})],
    "snapshots take": [({}, {"name": "again"}), ({}, {"name": SNAPSHOT})],
    "snapshots restore": [({}, {"snapshot": SNAPSHOT}), ({}, {"snapshot": SNAPSHOT, "sessions": "drop"})],
    "snapshots delete": [({"snapshot": SNAPSHOT}, None)],
    "users show": [({"user": USER}, None)],
    "users add": [({}, {"name": "New", "password": "Some_thing7", "can_write": False, "cleared": ["ListClients"]})],
    "users change": [({"user": USER}, {"authorizing_employee": None, "can_read": False}), ({"user": USER}, {})],
    "users remove": [({"user": USER}, None)],
}
"""Requests that succeed on the server of the fixture, by action: path parameters, and body or query.

Other actions need neither.
"""
CASES = [(name, places, sent) for name in ACTIONS for places, sent in SUCCESS.get(name, [({}, None)])]


def test_document_is_valid_openapi_3_1() -> None:
    validate(DOCUMENT)


def test_document_has_every_action() -> None:
    """Each action is one operation with a unique id, and there are no other operations."""
    listed = [(verb.upper(), path) for path, verbs in DOCUMENT["paths"].items() for verb in verbs]
    assert sorted(listed) == sorted((each.verb, each.path) for each in ACTIONS.values())
    ids = [operation(each)["operationId"] for each in ACTIONS.values()]
    assert len(set(ids)) == len(ids)


def test_only_health_and_readiness_need_no_token() -> None:
    assert DOCUMENT["security"] == [{"token": []}, {}]
    assert DOCUMENT["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    free = [name for name, each in ACTIONS.items() if operation(each).get("security") == [{}]]
    assert sorted(free) == ["server health", "server ready"]


def test_document_is_served(ajera: MockAjera) -> None:
    """The served document has the URL of the server."""
    served = ask(ajera.control_url[:-6], "/_mock/openapi.json")
    assert served.headers["Content-Type"] == "application/json"
    assert served.json["servers"] == [{"url": ajera.control_url}]
    assert served.json["paths"] == json.loads(json.dumps(DOCUMENT["paths"]))


@pytest.mark.parametrize(("name", "places", "sent"), CASES)
def test_success_matches_the_document(ajera: MockAjera, name: str, places: dict[str, Any], sent: Any) -> None:
    """Request and response match their schemas, with status and media type and without extra members."""
    action = ACTIONS[name]
    declared = operation(action)
    if name == "tenants import":
        sent = content(do(ajera, ACTIONS["tenants export"], {}), operation(ACTIONS["tenants export"])["responses"])
    if action.query is not None:
        schemas = {each["name"]: each["schema"] for each in declared["parameters"] if each["in"] == "query"}
        for member, value in sent.items():
            check(value, schemas[member])
    elif action.body is not None:
        check(sent, declared["requestBody"]["content"]["application/json"]["schema"])
    answer = do(ajera, action, places, sent)
    assert answer.status == action.status, answer.body
    content(answer, declared["responses"])


def test_numbers_keep_their_digits(ajera: MockAjera) -> None:
    """Amounts are not converted to floats."""
    project = ajera.content("GetProjects", {"RequestedProjects": [1]})["Projects"][0]
    shown = do(ajera, ACTIONS["records show"], {"kind": "Project", "key": 1}).body.decode()
    assert f'"TotalContractAmount":{project["TotalContractAmount"]}' in shown


@pytest.mark.parametrize("action", [each for each in ACTIONS.values() if "requestBody" in operation(each)])
def test_missing_body_is_an_empty_object(ajera: MockAjera, action: Action) -> None:
    """A body can be omitted exactly where the document says that it is optional."""
    answer = do(ajera, action, {"kind": "Client", "key": 1, "user": USER}, raw=b"")
    needed = operation(action)["requestBody"]["required"]
    # An empty object of quirks is valid, although the body is required.
    assert (answer.status == 400) == needed or action.name == "quirks set"


# problems

ERRORS: dict[str, tuple[str, dict[str, Any], Any, int]] = {
    "no tenant": ("tenants show", {"tenant": "nobody"}, None, 404),
    "no kind": ("records list", {"kind": "Planet"}, {}, 404),
    "no record": ("records show", {"kind": "Client", "key": 10**30}, None, 404),
    "no entry": ("journal show", {"number": 999}, None, 404),
    "no snapshot": ("snapshots restore", {}, {"snapshot": "never"}, 404),
    "no user": ("users remove", {"user": "nobody"}, None, 404),
    "no claim": ("claims show", {"claim": "\r\nX-Injected: yes"}, None, 404),
    "taken": ("tenants create", {}, {"name": OTHER}, 409),
    "name taken": ("tenants create", {}, {"name": OTHER, "database_name": "Free", "database_id": 7}, 409),
    "ids taken": ("tenants create", {}, {"client_id": 1, "database_id": 101}, 409),
    "default": ("tenants delete", {}, None, 409),
    "referred to": ("records delete", {"kind": "Client", "key": 1}, None, 409),
    "bad user": ("users add", {}, {"name": "x", "password": "y"}, 400),
    "bad firm": ("tenants import", {}, {"firm.json": {}}, 400),
    "bad record": ("records put", {"kind": "Client"}, {"ClientKey": "one"}, 400),
    "two ways": ("tenants create", {}, {"sample": "empty", "files": {}}, 400),
}


def test_problem_schema() -> None:
    """The schema of errors of every action accepts a problem and rejects other values."""
    for action in ACTIONS.values():
        schema = operation(action)["responses"]["default"]["content"]["application/problem+json"]["schema"]
        check({"title": "Not Found", "status": 404, "detail": "there is no such thing"}, schema)
        for wrong in ({}, {"title": "Not Found", "status": "404", "detail": "there is no such thing"}, 5):
            with pytest.raises(jsonschema.ValidationError):
                check(wrong, schema)


@pytest.mark.parametrize(("name", "places", "sent", "status"), ERRORS.values(), ids=ERRORS.keys())
def test_error_is_a_problem(ajera: MockAjera, name: str, places: dict[str, Any], sent: Any, status: int) -> None:
    """The response has the right status, matches the schema and has a detail."""
    answer = do(ajera, ACTIONS[name], places, sent)
    assert answer.status == status, answer.body
    assert "X-Injected" not in answer.headers
    problem = content(answer, operation(ACTIONS[name])["responses"])
    assert problem["status"] == status
    assert len(problem["detail"]) > 10


@pytest.mark.parametrize("name", [each.name for each in ACTIONS.values() if "tenant" in each.path_parameters])
def test_unknown_tenant_is_refused_by_every_action(ajera: MockAjera, name: str) -> None:
    """The message lists the tenants that exist."""
    places, sent = SUCCESS.get(name, [({}, None)])[0]
    answer = do(ajera, ACTIONS[name], places | {"tenant": "nobody"}, sent)
    assert answer.status == 404
    assert answer.json["detail"] == "there is no tenant 'nobody'; the tenants are default, other"


def test_unknown_path_and_method_are_problems(ajera: MockAjera) -> None:
    root = ajera.control_url[:-6]
    responses = operation(ACTIONS["server version"])["responses"]
    for path, verb, status in (("/version", "PUT", 405), ("/openapi.json", "PUT", 405), ("/nothing", "GET", 404)):
        problem = content(ask(root, f"/_mock{path}", verb), responses)
        assert problem["status"] == status


# bodies and queries that break the schema


def body(action: Action) -> dict[str, Any]:
    """Return the schema of a body."""
    schema: dict[str, Any] = operation(action)["requestBody"]["content"]["application/json"]["schema"]
    name = schema.get("$ref", "").rpartition("/")[2]
    return dict(DOCUMENT["components"]["schemas"].get(name, schema))


BODIES = [each for each in ACTIONS.values() if "requestBody" in operation(each)]
WITH_MEMBERS = [each for each in BODIES if body(each).get("properties")]
WRONG = [None, True, 5, -1, 2**31, 1.5, "", "x y", "\n", "a\n", "\u0000", [], [5], {}, {"a": 1}, "2026-03-09T12:00:00"]


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Return whether a value matches a schema, including formats."""
    try:
        check(value, schema)
    except jsonschema.ValidationError:
        return False
    return not (schema.get("format") == "date-time" or "date-time" in json.dumps(schema)) or value is None


@pytest.mark.parametrize("action", WITH_MEMBERS, ids=lambda each: each.name)
def test_invalid_member_is_refused_by_name(ajera: MockAjera, action: Action) -> None:
    """A value that does not match the schema gets status 400 and a message with the member's name."""
    places, sound = SUCCESS[action.name][-1]
    for member, schema in body(action)["properties"].items():
        for value in WRONG:
            if not fits(value, schema):
                answer = do(ajera, action, places, {**deepcopy(sound), member: value})
                assert answer.status == 400, (member, value, answer.body)
                assert f"`{member}" in answer.json["detail"], (member, value, answer.json)


@pytest.mark.parametrize("action", WITH_MEMBERS, ids=lambda each: each.name)
def test_unknown_or_missing_member_is_refused_by_name(ajera: MockAjera, action: Action) -> None:
    """A misspelled member must not be mistaken for an omitted one."""
    places, sound = SUCCESS[action.name][-1]
    answer = do(ajera, action, places, {**sound, "misspelled": 1})
    assert answer.status == 400
    assert "`misspelled`" in answer.json["detail"]
    for member in body(action).get("required", []):
        answer = do(ajera, action, places, {name: value for name, value in sound.items() if name != member})
        assert answer.status == 400
        assert f"`{member}`" in answer.json["detail"]


@pytest.mark.parametrize("action", BODIES, ids=lambda each: each.name)
@pytest.mark.parametrize("raw", [b"[]", b"5", b"null", b'"x"', b"{", b"\xff\xfe", b'{"a": 1e999999999}', b"[" * 999])
def test_body_that_is_not_an_object_is_refused(ajera: MockAjera, action: Action, raw: bytes) -> None:
    """So are invalid JSON, huge numbers and deep nesting."""
    answer = do(ajera, action, {"kind": "Client", "key": 1, "user": USER}, raw=raw)
    assert answer.status == 400
    content(answer, operation(action)["responses"])


@pytest.mark.parametrize("action", [each for each in ACTIONS.values() if each.query], ids=lambda each: each.name)
def test_invalid_query_is_refused_by_name(ajera: MockAjera, action: Action) -> None:
    """Values of another type, unknown parameters and repeated parameters are refused."""
    queries: list[tuple[str, Any]] = [("`misspelled`", {"misspelled": 1})]
    for each in operation(action)["parameters"]:
        if each["in"] == "query":
            queries.append((each["name"], [(each["name"], "1")] * 2))
            if each["schema"].get("type") != "string" or "format" in each["schema"]:
                queries.append((f"`{each['name']}`", {each["name"]: "\u00e9"}))
    for said, query in queries:
        answer = do(ajera, action, SUCCESS[action.name][0][0], query)
        assert answer.status == 400
        assert said in answer.json["detail"]
