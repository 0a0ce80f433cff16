"""Set-up check: does the connection work, whose books are these, and what may this user read?"""

from __future__ import annotations

import pytest

from ..answers import records, success
from ..client import AjeraClient

claim = pytest.mark.claim


@claim("session.create-content", "paging.page-size", "reading.empty-arguments", "session.end-message")
def test_check(client: AjeraClient) -> None:
    """Log in, show company and version, read one record of four lists, log out."""
    login = success(client.login())
    assert login["CompanyName"]
    assert login["AjeraVersion"]
    for noun in ("Companies", "Clients", "Employees", "Projects"):
        answer = client.call(f"List{noun}", token=login["SessionToken"], PageResults=True, PageSize=1)
        assert len(records(answer, noun)) <= 1
    success(client.logout(login["SessionToken"]))


@claim("permission.unauthorized-method")
def test_rights(client: AjeraClient) -> None:
    """A list that this user may not call says so in a text that can be shown."""
    for method in ("ListCompanies", "ListDepartments", "ListInvoiceFormats", "ListRateTables"):
        answer = client.call(method)
        assert answer.succeeded or any(f"Unauthorized method: {method}" in text for text in answer.texts), f"{answer!r}"
