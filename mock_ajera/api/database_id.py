"""The database id in the URL's query: a small base64-encoded JSON object that names the database."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote

from mock_ajera.tenants.firm import Database
from mock_ajera.tenants.trace import noting, relies_on, relies_on_all

Name = str | tuple[int, int]
"""The identity of a database: its name on premise, or (ClientID, DatabaseID) in the hosted service."""


def decode(query: str) -> Name:
    """Return the database that an id names. Raises ``ValueError`` with a message for the user.

    Padding may be ``=``, ``%3D``, ``%3d`` or missing (claim ``endpoint.padding-any-spelling``), and the id may have the
    prefix ``id=`` (claim ``endpoint.named-id``).
    """
    name, claims = _decoded(query)
    relies_on_all(claims)
    return name


@lru_cache(maxsize=1024)
def _decoded(query: str) -> tuple[Name, Mapping[str, None]]:
    """Return the database, and the claims that reading its id relies on. A client sends the same id again and again."""
    with noting() as claims:
        name = _read(query)
    return name, claims


def _read(query: str) -> Name:
    unquoted = unquote(query)
    text = unquoted.removeprefix("id=").strip().rstrip("=")
    if unquoted.startswith("id="):
        relies_on("endpoint.named-id")
    if (len(text) % 4 and "%3d" not in query.lower()) or query.endswith("="):
        # The pages print the id with %3d at its end, and %3D is equivalent in a URL.
        relies_on("endpoint.padding-any-spelling")
    if not text:
        raise ValueError("the URL has no id after '?'")
    try:
        raw = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8-sig"))
    except (binascii.Error, ValueError, RecursionError):
        if unquoted.endswith("/"):
            text = "the id of the URL ends with a slash, which some HTTP libraries append to a base URL"
            raise ValueError(text) from None
        raise ValueError("the id of the URL is not base64-encoded JSON") from None
    if isinstance(raw, dict):
        name = raw.get("DatabaseName")
        if isinstance(name, str):
            if any("\ud800" <= character <= "\udfff" for character in name):
                raise ValueError("the DatabaseName in the id of the URL has half a character (a lone surrogate)")
            relies_on("endpoint.onpremise-id-names-database")
            return name
        client, database = raw.get("ClientID"), raw.get("DatabaseID")
        if type(client) is int and type(database) is int:
            return client, database
    raise ValueError("the id of the URL has neither DatabaseName nor ClientID and DatabaseID")


def hosted(database: Database) -> str:
    """Return the path and id of a hosted database as Ajera displays them: ``V000001/AjeraAPI.ashx?...%3d``."""
    members: dict[str, object] = {
        "ClientID": database.client_id,
        "DatabaseID": database.database_id,
        "IsSampleData": database.is_sample,
    }
    return f"V{database.client_id:06d}/AjeraAPI.ashx?{_encode(members)}"


def on_premise(database: Database) -> str:
    """Return the path and id of a database on the firm's own server."""
    return f"AjeraAPI.ashx?{_encode({'DatabaseName': database.name})}"


def _encode(members: dict[str, object]) -> str:
    text = json.dumps(members, indent=2).replace("\n", "\r\n")
    return base64.b64encode(text.encode()).decode().replace("=", "%3d")
