"""What a browser, a proxy and a health check meet, and where the endpoint answers."""

from __future__ import annotations

import base64
import gzip
import json
import urllib.error
import urllib.request
from urllib.parse import unquote, urlsplit

import pytest

from mock_ajera.api import database_id
from mock_ajera.api.database_id import hosted, on_premise
from mock_ajera.tenants.journal import BODY_LIMIT
from mock_ajera.tenants.tenant import Database

LIST = b'{"Method": "ListCompanies", "MethodArguments": {}}'


def root(ajera):
    parts = urlsplit(ajera.url)
    return f"{parts.scheme}://{parts.netloc}"


def ask(url, body=LIST):
    with urllib.request.urlopen(url, body) as answer:
        return json.load(answer)


def test_home_shows_how_to_go_on(ajera):
    """URL, credentials and a curl line."""
    with urllib.request.urlopen(root(ajera) + "/") as answer:
        page = answer.read().decode()
    named = f"{root(ajera)}/{on_premise(ajera.tenant.firm.database)}"
    for text in (ajera.url, named, ajera.username, ajera.password, "curl", "Mock-Ajera-Why"):
        assert text in page


def test_health(ajera):
    """Ready means seeded and listening."""
    with urllib.request.urlopen(root(ajera) + "/_mock/health") as answer:
        assert json.load(answer)["status"] == "ready"


def test_an_unknown_path_says_where_the_api_is(ajera):
    """In one line of plain text."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(root(ajera) + "/api/projects")
    assert refused.value.code == 404
    assert b"AjeraAPI.ashx" in refused.value.read()


@pytest.mark.parametrize("prefix", ["", "V000001/", "ajera/", "a/b/c/", "V999999/"])
def test_any_path_prefix(ajera, prefix):
    """The id alone names the database (claim endpoint.any-path-prefix)."""
    query = urlsplit(ajera.url).query
    assert ask(f"{root(ajera)}/{prefix}AjeraAPI.ashx?{query}")["Message"] == "Invalid Session"


def spellings():
    for path in ("ew0KICAiRGF0YWJhc2VOYW1lIjogIkFqZXJhX01haW4iDQp9", "eyJEYXRhYmFzZU5hbWUiOiAiQWplcmFfTWFpbiJ9"):
        yield path
        yield f"id={path}"
    padded = base64.b64encode(b'{"ClientID": 1, "DatabaseID": 101, "IsSampleData": true}').decode()
    assert padded.endswith("=")
    for pad in ("", "=", "%3d", "%3D"):
        yield padded.rstrip("=") + pad * padded.count("=")


@pytest.mark.parametrize("query", list(spellings()))
def test_every_spelling_of_the_id(ajera, query):
    """The printed id, and the hosted form with every padding (claims endpoint.padding-...)."""
    assert ask(f"{root(ajera)}/AjeraAPI.ashx?{query}")["Message"] == "Invalid Session"


def test_both_forms_of_the_url_lead_to_the_tenant(ajera):
    """On premise and hosted."""
    database = ajera.tenant.firm.database
    for path in (hosted(database), on_premise(database)):
        assert ask(f"{root(ajera)}/{path}")["Message"] == "Invalid Session"


def test_the_ids_that_we_show_are_read_back(ajera):
    """Encode and decode agree."""
    database = ajera.tenant.firm.database
    assert database_id.decode(hosted(database).partition("?")[2]) == (database.client_id, database.database_id)
    assert database_id.decode(on_premise(database).partition("?")[2]) == database.name


def test_the_hosted_id_is_spelt_as_ajera_prints_it():
    """Two blanks before each member, and line ends of Windows."""
    said = unquote(hosted(Database("Ajera_Main", 1, 101, True)).partition("?")[2])
    lines = ["{", '  "ClientID": 1,', '  "DatabaseID": 101,', '  "IsSampleData": true', "}"]
    assert base64.b64decode(said).decode() == "\r\n".join(lines)


@pytest.mark.parametrize("said", ['{"ClientID": 1}', '{"DatabaseID": 101}', '{"DatabaseName": 5}', "[]", "5"])
def test_half_an_id_is_none(said):
    """A hosted database is named by two numbers, one on premise by a name."""
    with pytest.raises(ValueError, match="id of the URL"):
        database_id.decode(base64.b64encode(said.encode()).decode())


def test_an_id_with_a_sign_of_no_base64_is_none():
    """It is not read without it."""
    said = base64.b64encode(b'{"DatabaseName": "Ajera"}').decode()
    assert database_id.decode(said) == "Ajera"
    with pytest.raises(ValueError, match="not base64-encoded JSON"):
        database_id.decode(f"{said[:8]}!*!*{said[8:]}")


def test_api_url_of_the_login_serves_the_same_database(ajera):
    """A client that follows APIURL stays where it is (claim session.api-url-is-the-endpoint)."""
    credentials = {"Username": ajera.username, "Password": ajera.password, "APIVersion": 1}
    opened = ajera.post({"Method": "CreateAPISession", **credentials})["Content"]
    body = {"Method": "ListCompanies", "SessionToken": opened["SessionToken"], "MethodArguments": {}}
    assert ask(opened["APIURL"], json.dumps(body).encode())["Errors"] == []


def test_a_refusal_says_why_in_a_header(ajera):
    """What, where and which rule; never in the body."""
    body = {
        "Method": "ListProjects",
        "SessionToken": ajera.token(),
        "MethodArguments": {"FilterByStatus": ["Aktiv\u00e9"]},
    }
    with urllib.request.urlopen(ajera.url, json.dumps(body).encode()) as answer:
        why, text = answer.headers["Mock-Ajera-Why"], answer.read().decode()
    assert why.startswith("FilterByStatus: 'Aktiv%C3%A9' is none of ")
    assert "Preliminary" not in text


def test_a_fault_inside_is_an_envelope_and_a_failed_entry(ajera, monkeypatch, caplog):
    """No traceback reaches a client, and the server goes on (claim errors.server-failure)."""
    monkeypatch.setattr(ajera.tenant.model, "tables", None)
    answer = ajera.call("ListCompanies")
    assert (answer["ResponseCode"], answer["Message"]) == (-100, "An error has occurred.")
    assert ajera.journal[-1].outcome == "failed"
    # The fixture would raise it in this test.
    assert isinstance(ajera.journal.failures.pop(), TypeError)
    assert "Traceback" in caplog.text
    monkeypatch.undo()
    assert ajera.call("ListCompanies")["Errors"] == []


def test_reset_brings_the_firm_back(ajera):
    """What was read before is read again, by the same session, and a new record gets the same key."""
    key = ajera.call("ListProjects")["Content"]["Projects"][0]["ProjectKey"]
    read = ajera.call("GetProjects", {"RequestedProjects": [key]})["Content"]
    keys = []
    for _ in range(2):
        (project,) = read["Projects"]
        changed = {"UpdatedProjects": [project | {"Description": "Changed"}], "UnchangedProjects": [project]}
        assert ajera.call("UpdateProjects", changed)["Errors"] == []
        new = {"ClientKey": -1, "LastModifiedDate": "2017-12-06 14:46:06.873 GMT-08:00", "Description": "New"}
        made = ajera.call("UpdateClients", {"UpdatedClients": [new], "UnchangedClients": []})
        keys.append(made["Content"]["Clients"][0]["ClientKey"])
        ajera.reset()
        assert ajera.call("GetProjects", {"RequestedProjects": [key]})["Content"] == read
    assert keys[0] == keys[1]


def test_the_resource_in_any_case(ajera):
    """Ajera's web server does not tell cases apart (claim endpoint.path-any-case)."""
    assert ask(ajera.url.replace("AjeraAPI.ashx", "ajeraapi.ASHX"))["Errors"][0]["ErrorMessage"] == "Invalid Session"


def test_an_unknown_id_is_told_what_there_is(ajera):
    """Whoever made an id by hand sees the names."""
    made = base64.b64encode(b'{"DatabaseName": "Ajera"}').decode()
    url = f"{root(ajera)}/AjeraAPI.ashx?{made}"
    with urllib.request.urlopen(url, LIST) as answer:
        why, told = answer.headers["Mock-Ajera-Why"], json.loads(answer.read())
    assert len(told["Errors"]) == 1
    assert "there is no database Ajera; there are Ajera_Main (ClientID 1, DatabaseID 101)" in why


def test_a_compressed_body_is_told(ajera):
    """It is not read, and not called bad UTF-8."""
    with urllib.request.urlopen(ajera.url, gzip.compress(LIST)) as answer:
        assert "compressed by gzip" in answer.headers["Mock-Ajera-Why"]


@pytest.mark.parametrize(("asked", "told"), [({}, False), ({"Mock-Ajera-Explain": "yes"}, True)])
def test_an_answer_explains_itself_where_it_is_asked_to(ajera, asked, told):
    """With the claims that it rests on, each with its grade, and the number of its entry."""
    body = {"Method": "ListClients", "SessionToken": ajera.token(), "MethodArguments": {}}
    request = urllib.request.Request(ajera.url, json.dumps(body).encode(), asked)
    with urllib.request.urlopen(request) as answer:
        claims, entry = answer.headers["Mock-Ajera-Claims"], answer.headers["Mock-Ajera-Entry"]
    if told:
        assert "list.key-order (" in claims
        assert entry == str(ajera.journal[-1].number)
    else:
        assert (claims, entry) == (None, None)


@pytest.mark.parametrize(("size", "kept"), [(BODY_LIMIT, True), (BODY_LIMIT + 1, False)])
def test_the_journal_keeps_a_body_up_to_its_limit(ajera, size, kept):
    """By the bytes that came; its size is told of each."""
    ajera.post(b'{"Method": "ListClients"}'.ljust(size))
    assert (ajera.journal[-1].body is not None, ajera.journal[-1].size) == (kept, size)


def test_the_journal_has_the_size_of_a_body(ajera):
    """In bytes, of what came."""
    body = json.dumps({"Method": "ListClients", "MethodArguments": {"Name": "é"}}, ensure_ascii=False).encode()
    ajera.post(body)
    assert ajera.journal[-1].size == len(body)
    ajera.post(b"")
    assert ajera.journal[-1].size == 0
