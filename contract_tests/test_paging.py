"""Paging of lists."""

from __future__ import annotations

import math
from typing import Any

import pytest

from .answers import records, refusal, success
from .client import AjeraClient
from .firm import Firm, lacking
from .kinds import key_of

claim = pytest.mark.claim

THREE = {"PageSize", "PageNumber", "PageCount"}


@pytest.fixture
def noun(firm: Firm) -> str:
    """Return the kind with the longest list. The list must fill more than one page of ten."""
    longest = max(("Projects", "Clients", "Contacts", "Employees"), key=lambda noun: len(firm.all(noun)))
    return longest if len(firm.all(longest)) > 10 else lacking("list of more than ten records")


def page(client: AjeraClient, noun: str, **paging: Any) -> list[dict[str, Any]]:
    """Return the records of one page."""
    return records(client.call(f"List{noun}", PageResults=True, **paging), noun)


@claim("paging.top-level", "paging.answer-members", "paging.page-size")
def test_page(client: AjeraClient, noun: str) -> None:
    """A page has the requested size, and the response contains the number of the page."""
    answer = client.call(f"List{noun}", PageResults=True, PageSize=3, PageNumber=2)
    assert len(records(answer, noun)) == 3
    assert answer.envelope["PageSize"] == 3
    assert answer.envelope["PageNumber"] == 2
    assert type(answer.envelope["PageCount"]) is int


@claim("paging.off-by-default")
@pytest.mark.parametrize("paging", [{}, {"PageResults": False, "PageSize": 1}], ids=["left out", "false"])
def test_without_paging(client: AjeraClient, firm: Firm, noun: str, paging: dict[str, Any]) -> None:
    """Without PageResults the response contains the whole list and no paging members."""
    answer = client.call(f"List{noun}", **paging)
    assert len(records(answer, noun)) == len(firm.all(noun))
    assert not THREE & answer.envelope.keys()


@claim("paging.default-page")
def test_default_page(client: AjeraClient, noun: str) -> None:
    """The default page is the first ten records."""
    answer = client.call(f"List{noun}", PageResults=True)
    assert len(records(answer, noun)) == 10
    assert (answer.envelope["PageSize"], answer.envelope["PageNumber"]) == (10, 1)
    assert records(answer, noun) == page(client, noun, PageSize=10, PageNumber=1)


@claim("paging.page-count")
@pytest.mark.parametrize("size", [1, 4, 7, 10_000])
def test_page_count(client: AjeraClient, firm: Firm, noun: str, size: int) -> None:
    """PageCount is the number of pages that the list fills."""
    answer = client.call(f"List{noun}", PageResults=True, PageSize=size)
    assert answer.envelope["PageCount"] == math.ceil(len(firm.all(noun)) / size)


@claim("paging.page-count")
def test_page_count_of_a_filtered_list(client: AjeraClient) -> None:
    """PageCount counts the filtered records. An empty list has no pages."""
    answer = client.call("ListProjects", {"FilterByDescriptionEquals": "mock-ajera, no such project"}, PageResults=True)
    assert records(answer, "Projects") == []
    assert answer.envelope["PageCount"] == 0


@claim("paging.pages-make-the-list")
def test_pages_make_the_list(client: AjeraClient, firm: Firm, noun: str) -> None:
    """All pages together are the list without paging."""
    size = math.ceil(len(firm.all(noun)) / 5)
    numbers = range(1, math.ceil(len(firm.all(noun)) / size) + 1)
    rows = [row for number in numbers for row in page(client, noun, PageSize=size, PageNumber=number)]
    assert [row[key_of(noun)] for row in rows] == [row[key_of(noun)] for row in firm.all(noun)]


@claim("paging.in-arguments-ignored")
def test_paging_inside_the_arguments(client: AjeraClient, firm: Firm, noun: str) -> None:
    """Paging members inside MethodArguments have no effect."""
    answer = client.call(f"List{noun}", {"PageResults": True, "PageSize": 1})
    assert len(records(answer, noun)) == len(firm.all(noun))


@claim("paging.beyond-last-empty")
def test_page_after_the_last_is_empty(client: AjeraClient, noun: str) -> None:
    assert page(client, noun, PageSize=10, PageNumber=100_000) == []


@claim("paging.bad-page-refused")
@pytest.mark.parametrize("paging", [{"PageSize": 0}, {"PageSize": -1}, {"PageNumber": 0}, {"PageSize": "ten"}])
def test_invalid_page_is_refused(client: AjeraClient, paging: dict[str, Any]) -> None:
    """Page sizes and page numbers below 1 are refused, and so is text."""
    refusal(client.call("ListClients", PageResults=True, **paging))


@claim("paging.lists-only")
def test_gets_do_not_page(client: AjeraClient, firm: Firm) -> None:
    """A Get method returns all records and no paging members."""
    keys = [row["ClientKey"] for row in firm.all("Clients")[:2]]
    answer = client.call("GetClients", {"RequestedClients": keys}, PageResults=True, PageSize=1)
    assert len(success(answer)["Clients"]) == len(keys)
    assert not THREE & answer.envelope.keys()


@claim("paging.lists-only")
def test_chargeable_phases_do_not_page(client: AjeraClient, firm: Firm) -> None:
    """ListChargeablePhases returns all phases and no paging members."""
    arguments = {"ProjectKey": firm.one("Projects")["ProjectKey"]}
    whole = client.call("ListChargeablePhases", arguments)
    answer = client.call("ListChargeablePhases", arguments, PageResults=True, PageSize=1)
    assert success(answer) == success(whole)
    assert not THREE & answer.envelope.keys()


@claim("paging.size-alone-ignored")
def test_page_size_alone(client: AjeraClient, firm: Firm, noun: str) -> None:
    """PageSize and PageNumber have no effect without PageResults."""
    answer = client.call(f"List{noun}", PageSize=1, PageNumber=2)
    assert len(records(answer, noun)) == len(firm.all(noun))
    assert not THREE & answer.envelope.keys()


@claim("paging.no-largest-page")
def test_a_page_may_have_any_size(client: AjeraClient, firm: Firm, noun: str) -> None:
    """A page of a million records is the whole list."""
    assert len(page(client, noun, PageSize=1_000_000)) == len(firm.all(noun))
