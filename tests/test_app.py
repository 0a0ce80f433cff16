"""The application over HTTP: home page, paths and ids of the endpoint, headers and journal entries."""

import base64
import gzip
import json
import urllib.error
import urllib.request
from urllib.parse import unquote, urlsplit

import pytest

from mock_ajera.api import database_id
from mock_ajera.api.database_id import hosted, on_premise
from mock_ajera.api.reading import LIMIT
from mock_ajera.tenants.journal import BODY_LIMIT
from mock_ajera.tenants.tenant import Database

LIST = b'{"Method": "ListCompanies", "MethodArguments": {}}'


def root(ajera):
    parts = urlsplit(ajera.url)
    return f"{parts.scheme}://{parts.netloc}"


def ask(url, body=LIST):
    with urllib.request.urlopen(url, body) as answer:
        return json.load(answer)


def test_home_page_shows_urls_credentials_and_a_curl_command(ajera):
    with urllib.request.urlopen(root(ajera) + "/") as answer:
        page = answer.read().decode()
    named = f"{root(ajera)}/{on_premise(ajera.tenant.firm.database)}"
    for text in (ajera.url, named, ajera.username, ajera.password, "curl", "Mock-Ajera-Why"):
        assert text in page


def test_unknown_path_is_answered_with_the_path_of_the_api(ajera):
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(root(ajera) + "/api/projects")
    assert refused.value.code == 404
    assert b"AjeraAPI.ashx" in refused.value.read()


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
    """The endpoint accepts the printed id and the hosted id with any padding (claims endpoint.padding-...)."""
    assert ask(f"{root(ajera)}/AjeraAPI.ashx?{query}")["Message"] == "Invalid Session"


def test_encoded_ids_are_decoded_to_the_same_names(ajera):
    database = ajera.tenant.firm.database
    assert database_id.decode(hosted(database).partition("?")[2]) == (database.client_id, database.database_id)
    assert database_id.decode(on_premise(database).partition("?")[2]) == database.name


def test_hosted_id_has_the_whitespace_that_ajera_prints():
    """Each member is indented by two spaces, and lines end with CR LF."""
    encoded = unquote(hosted(Database("Ajera_Main", 1, 101, True)).partition("?")[2])
    lines = ["{", '  "ClientID": 1,', '  "DatabaseID": 101,', '  "IsSampleData": true', "}"]
    assert base64.b64decode(encoded).decode() == "\r\n".join(lines)


@pytest.mark.parametrize("text", ['{"ClientID": 1}', '{"DatabaseID": 101}', '{"DatabaseName": 5}', "[]", "5"])
def test_incomplete_id_is_refused(text):
    """A hosted database is named by two numbers, an on-premises database by a name."""
    with pytest.raises(ValueError, match="id of the URL"):
        database_id.decode(base64.b64encode(text.encode()).decode())


def test_id_with_a_character_outside_base64_is_refused():
    """Invalid characters are not skipped."""
    encoded = base64.b64encode(b'{"DatabaseName": "Ajera"}').decode()
    assert database_id.decode(encoded) == "Ajera"
    with pytest.raises(ValueError, match="not base64-encoded JSON"):
        database_id.decode(f"{encoded[:8]}!*!*{encoded[8:]}")


def test_the_reason_names_a_slash_behind_the_id(ajera):
    """One HTTP library appends it to a base URL."""
    request = urllib.request.Request(f"{ajera.url}/", b"{}")
    with urllib.request.urlopen(request) as answer:
        assert "ends with a slash" in answer.headers["Mock-Ajera-Why"]
        assert json.load(answer)["Errors"]


def test_reason_of_a_refusal_is_in_a_header_and_not_in_the_body(ajera):
    body = {
        "Method": "ListProjects",
        "SessionToken": ajera.token(),
        "MethodArguments": {"FilterByStatus": ["Aktiv\u00e9"]},
    }
    with urllib.request.urlopen(ajera.url, json.dumps(body).encode()) as answer:
        why, text = answer.headers["Mock-Ajera-Why"], answer.read().decode()
    assert why.startswith("FilterByStatus: 'Aktiv%C3%A9' is not one of ")
    assert "Preliminary" not in text


def test_internal_error_is_answered_logged_and_noted_as_failed(ajera, monkeypatch, caplog):
    """The client gets no traceback, and the next call succeeds (claim errors.server-failure)."""
    ajera.token()
    monkeypatch.setattr(ajera.tenant.model, "tables", None)
    answer = ajera.call("ListCompanies")
    assert (answer["ResponseCode"], answer["Message"]) == (-100, "An error has occurred.")
    assert ajera.journal[-1].outcome == "failed"
    # The fixture raises the failures that are still in the journal when the test ends.
    assert isinstance(ajera.journal.failures.pop(), TypeError)
    assert "Traceback" in caplog.text
    monkeypatch.undo()
    assert ajera.call("ListCompanies")["Errors"] == []


def test_reason_for_an_unknown_id_lists_the_databases(ajera):
    """The list helps a user who encoded the id by hand."""
    encoded = base64.b64encode(b'{"DatabaseName": "Ajera"}').decode()
    url = f"{root(ajera)}/AjeraAPI.ashx?{encoded}"
    with urllib.request.urlopen(url, LIST) as answer:
        why, refusal = answer.headers["Mock-Ajera-Why"], json.loads(answer.read())
    assert len(refusal["Errors"]) == 1
    assert "there is no database Ajera; the databases are Ajera_Main (ClientID 1, DatabaseID 101)" in why


def test_compressed_body_is_refused_as_compressed(ajera):
    """The reason is not invalid UTF-8."""
    with urllib.request.urlopen(ajera.url, gzip.compress(LIST)) as answer:
        assert "compressed by gzip" in answer.headers["Mock-Ajera-Why"]


@pytest.mark.parametrize(("headers", "explained"), [({}, False), ({"Mock-Ajera-Explain": "yes"}, True)])
def test_explain_header_adds_claims_and_entry_number(ajera, headers, explained):
    """Each claim is followed by its grade."""
    body = {"Method": "ListClients", "SessionToken": ajera.token(), "MethodArguments": {}}
    request = urllib.request.Request(ajera.url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        claims, entry = answer.headers["Mock-Ajera-Claims"], answer.headers["Mock-Ajera-Entry"]
    if explained:
        assert "list.key-order (" in claims
        assert entry == str(ajera.journal[-1].number)
    else:
        assert (claims, entry) == (None, None)


@pytest.mark.parametrize(("size", "kept"), [(BODY_LIMIT, True), (BODY_LIMIT + 1, False)])
def test_journal_keeps_a_body_up_to_its_limit(ajera, size, kept):
    """The limit applies to the bytes received. The entry has the size of a longer body, too."""
    ajera.post(b'{"Method": "ListClients"}'.ljust(size))
    assert (ajera.journal[-1].body is not None, ajera.journal[-1].size) == (kept, size)


def test_journal_keeps_an_answer_up_to_its_limit(ajera):
    ajera.content("ListCompanies")
    assert json.loads(ajera.journal[-1].answer)["Content"]["Companies"]
    ajera.content("GetProjects", {"RequestedProjects": list(range(1, 40))})
    assert ajera.journal[-1].answer is None


@pytest.mark.parametrize("body", [b" " * (LIMIT + 1), b'{"Method": "ListClients", '], ids=["too large", "unreadable"])
def test_request_that_cannot_be_read_is_in_the_journal(ajera, body):
    answer = ajera.post(body)
    entry = ajera.journal[-1]
    assert (entry.method, entry.outcome, entry.message) == ("?", "refused", answer["Message"])
    assert entry.reasons
    assert (entry.body, entry.size) == (None, len(body))
    assert json.loads(entry.answer)["Message"] == answer["Message"]


def test_journal_has_the_size_of_a_body_in_bytes(ajera):
    body = json.dumps({"Method": "ListClients", "MethodArguments": {"Name": "é"}}, ensure_ascii=False).encode()
    ajera.post(body)
    assert ajera.journal[-1].size == len(body)
    ajera.post(b"")
    assert ajera.journal[-1].size == 0
