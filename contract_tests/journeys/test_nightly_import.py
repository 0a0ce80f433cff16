"""Nightly import: first all records, then the records that have changed since."""

from __future__ import annotations

import pytest

from ..answers import records, success
from ..client import AjeraClient
from ..firm import Firm, lacking, spread
from ..kinds import KINDS
from ..values import instant

claim = pytest.mark.claim


@claim(
    "session.create-content",
    "list.listed-keys-can-be-got",
    "filter.bare-date",
    "filter.earliest-modified",
    "session.end-message",
)
@pytest.mark.parametrize("noun", ["Clients", "Contacts", "Employees", "Projects"])
def test_import(client: AjeraClient, firm: Firm, noun: str) -> None:
    """Log in, list, get in batches, list the changes since the day of the newest record, and log out."""
    token = client.new_token()
    key = KINDS[noun].key

    listed = [row[key] for row in records(client.call(f"List{noun}", token=token), noun)]
    batch = spread(listed, 20) or lacking(noun)
    got = records(client.call(f"Get{noun}", {KINDS[noun].argument: batch}, token=token), noun)
    assert {row[key] for row in got} == set(batch)

    newest = max(got, key=lambda row: instant(row["LastModifiedDate"]))
    since = {"FilterByEarliestModifiedDate": newest["LastModifiedDate"][:10]}
    changed = [row[key] for row in records(client.call(f"List{noun}", since, token=token), noun)]
    assert newest[key] in changed
    assert set(changed) <= set(listed)

    assert success(client.logout(token))["message"]
