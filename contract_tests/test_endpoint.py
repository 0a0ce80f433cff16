"""The endpoint: one URL, one verb, one id."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import pytest

from .answers import refusal, success
from .client import AjeraClient, to_json
from .target import Target, decode_id, url_id

claim = pytest.mark.claim


def listing(client: AjeraClient) -> dict[str, object]:
    """Return the body of a cheap read."""
    return {"Method": "ListCompanies", "SessionToken": client.token(), "MethodArguments": {}}


def with_id(url: str, text: str) -> str:
    """Return the URL with another query."""
    return urlunsplit(urlsplit(url)._replace(query=text))


def padded(url: str, padding: str) -> str:
    """Return the URL with the padding of its id replaced."""
    bare = unquote(url_id(url)).rstrip("=")
    missing = -len(bare) % 4
    if not missing:
        pytest.skip("the id of the target needs no padding")
    return with_id(url, bare + padding * missing)


@claim("endpoint.one-resource", "reading.top-level-members")
def test_one_resource_serves_every_method(client: AjeraClient) -> None:
    """Two methods at one URL return different content."""
    companies = success(client.call("ListCompanies"))
    clients = success(client.call("ListClients"))
    assert "Companies" in companies
    assert "Clients" not in companies
    assert "Clients" in clients
    assert "Companies" not in clients


@claim("endpoint.id-is-bare-query")
def test_whole_query_is_the_id(client: AjeraClient, target: Target) -> None:
    """The id is accepted without a parameter name."""
    success(client.post(listing(client), url=with_id(target.url, url_id(target.url))))


@claim("endpoint.id-is-base64-json")
def test_id_names_the_database(target: Target) -> None:
    """The id decodes to an object, which contains the name or the number of the database."""
    assert {"DatabaseName", "DatabaseID"} & decode_id(url_id(target.url)).keys()


@claim("endpoint.onpremise-id-names-database")
def test_id_of_a_database_name(client: AjeraClient, target: Target) -> None:
    """An id with nothing but the DatabaseName is accepted, and one with another name is not."""
    name = decode_id(url_id(target.url)).get("DatabaseName")
    if not name:
        pytest.skip("the id of the target has no DatabaseName")

    def naming(database: str) -> str:
        return with_id(target.url, base64.b64encode(json.dumps({"DatabaseName": database}).encode()).decode())

    success(client.post(listing(client), url=naming(name)))
    refusal(client.post(listing(client), url=naming(f"{name} of nobody")))


@claim("endpoint.padding-lower-case-escape")
def test_padding_as_ajera_prints_it(client: AjeraClient, target: Target) -> None:
    """Lowercase %3d is accepted as it is."""
    success(client.post_to(padded(target.url, "%3d"), listing(client)))


@claim("endpoint.padding-any-spelling")
@pytest.mark.parametrize("padding", ["=", "%3D", "%3d", ""])
def test_padding_in_any_spelling(client: AjeraClient, target: Target, padding: str) -> None:
    """Every spelling of the padding is accepted, and so is an id without padding."""
    success(client.post_to(padded(target.url, padding), listing(client)))


@claim("endpoint.named-id")
def test_id_with_a_name(client: AjeraClient, target: Target) -> None:
    """``?id=<id>`` is also accepted."""
    success(client.post(listing(client), url=with_id(target.url, f"id={url_id(target.url)}")))


@claim("endpoint.any-path-prefix")
def test_any_path_prefix(client: AjeraClient, target: Target) -> None:
    """Any path before AjeraAPI.ashx reaches the same database."""
    if target.real:
        pytest.skip("not sent to a real endpoint")
    parts = urlsplit(target.url)
    success(client.post(listing(client), url=urlunsplit(parts._replace(path="/some/prefix/AjeraAPI.ashx"))))


@claim("endpoint.path-any-case")
def test_resource_in_any_case(client: AjeraClient, target: Target) -> None:
    """The resource name may be in lowercase."""
    parts = urlsplit(target.url)
    path = parts.path.replace("AjeraAPI.ashx", "ajeraapi.ashx")
    success(client.post(listing(client), url=urlunsplit(parts._replace(path=path))))


@claim("endpoint.missing-id-refused")
def test_missing_id_is_refused(client: AjeraClient, target: Target) -> None:
    refusal(client.post(listing(client), url=with_id(target.url, "")))


@claim("endpoint.unknown-id")
@pytest.mark.parametrize("text", ["nonsense", json.dumps({"DatabaseName": "mock-ajera contract, no such database"})])
def test_unknown_id_is_refused(client: AjeraClient, target: Target, text: str) -> None:
    """An id that names no database is refused."""
    wrong = quote(base64.b64encode(text.encode()).decode(), safe="")
    refusal(client.post(listing(client), url=with_id(target.url, wrong)))


@claim("endpoint.only-post")
def test_get_is_not_served(client: AjeraClient) -> None:
    """A GET request returns status 405."""
    assert client.post(b"", verb="GET").status == 405


@claim("endpoint.failure-is-http-200")
def test_refusal_has_http_status_200(client: AjeraClient) -> None:
    """A call with an unknown token returns HTTP status 200."""
    assert refusal(client.call("ListCompanies", token="mock-ajera-contract-no-token")).status == 200


@claim("endpoint.content-type-json")
def test_content_type(client: AjeraClient) -> None:
    """Responses are application/json with any charset."""
    answer = client.call("ListCompanies")
    success(answer)
    assert answer.headers["Content-Type"].partition(";")[0].strip().lower() == "application/json"


@claim("endpoint.headers-optional", "endpoint.no-other-authentication")
def test_content_type_is_the_only_header_needed(client: AjeraClient) -> None:
    """A request without an Accept header, a cookie or an authentication header is accepted."""
    success(client.post(listing(client), headers={"Accept": None, "Cookie": None, "Authorization": None}))


@claim("endpoint.no-cors")
def test_answers_have_no_cors_headers(client: AjeraClient) -> None:
    """A call from a web page of another origin gets an answer that the page cannot read."""
    answer = client.post(listing(client), headers={"Origin": "http://app.example"})
    success(answer)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@claim("endpoint.body-bounded")
def test_huge_body_is_refused(client: AjeraClient, target: Target) -> None:
    """A body of more than four megabytes is refused."""
    if target.real:
        pytest.skip("not sent to a real endpoint")
    answer = client.post({"Method": "ListCompanies", "SessionToken": client.token(), "Filler": "x" * 4_300_000})
    assert answer.status == 413 or not answer.succeeded, f"refusal expected: {answer!r}"


@claim("endpoint.any-content-type")
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_content_type_of_a_request(client: AjeraClient, content_type: str) -> None:
    """A body is read as JSON whatever its Content-Type."""
    body = {"Method": "ListCompanies", "SessionToken": client.token(), "MethodArguments": {}}
    success(client.post(body, headers={"Content-Type": content_type}))


@claim("endpoint.encodings-refused")
@pytest.mark.parametrize("encode", [gzip.compress, lambda body: body.decode().encode("utf-16")])
def test_other_encodings_are_refused(client: AjeraClient, encode: Callable[[bytes], bytes]) -> None:
    """A body that is compressed by gzip or in UTF-16 cannot be read."""
    body = {"Method": "ListCompanies", "SessionToken": client.token(), "MethodArguments": {}}
    refusal(client.post(encode(to_json(body).encode())))


@claim("endpoint.not-compressed")
def test_responses_are_not_compressed(client: AjeraClient) -> None:
    """A client that accepts gzip gets a plain response."""
    body = {"Method": "ListProjects", "SessionToken": client.token(), "MethodArguments": {}}
    answer = client.post(body, headers={"Accept-Encoding": "gzip, deflate"})
    success(answer)
    assert "Content-Encoding" not in answer.headers


@claim("endpoint.other-resource")
@pytest.mark.parametrize("resource", ["AjeraAPI.asmx", "AjeraAPI.ashx/more", "api"])
def test_another_resource_is_not_found(client: AjeraClient, target: Target, resource: str) -> None:
    """Another path at the same place has no API."""
    url = target.url.replace("AjeraAPI.ashx", resource)
    assert client.post({"Method": "ListCompanies", "MethodArguments": {}}, url=url).status == 404
