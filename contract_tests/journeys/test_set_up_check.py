"""Setup check: test the connection, show the company, and find out what the user may read."""

from __future__ import annotations

import pytest

from ..answers import records, success
from ..client import AjeraClient

claim = pytest.mark.claim


@claim("session.create-content", "paging.page-size", "reading.empty-arguments", "session.end-message")
def test_connection(client: AjeraClient) -> None:
    """Log in, show the company and the version, read one record of each of four lists, and log out."""
    login = success(client.login())
    assert login["CompanyName"]
    assert login["AjeraVersion"]
    for noun in ("Companies", "Clients", "Employees", "Projects"):
        answer = client.call(f"List{noun}", token=login["SessionToken"], PageResults=True, PageSize=1)
        assert len(records(answer, noun)) <= 1
    success(client.logout(login["SessionToken"]))


@claim("permission.refused-like-unknown")
def test_rights(client: AjeraClient) -> None:
    """The refusal of a list that the user may not call has a text that can be shown."""
    for method in ("ListCompanies", "ListDepartments", "ListInvoiceFormats", "ListRateTables"):
        answer = client.call(method)
        assert answer.succeeded or any(f"Unauthorized method: {method}" in text for text in answer.texts), f"{answer!r}"
