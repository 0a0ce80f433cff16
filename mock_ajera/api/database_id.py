"""The id behind the question mark of the URL: the base64 text of a small JSON object that names the database."""

from __future__ import annotations

import base64
import binascii
import json
from urllib.parse import unquote

from mock_ajera.tenants.firm import Database
from mock_ajera.tenants.trace import relies_on

Name = str | tuple[int, int]
"""How an id names a database: by its name on premise, by (ClientID, DatabaseID) in the hosted service."""


def decode(query: str) -> Name:
    """The database that an id names. Raises ``ValueError``, in words for a person.

    Padding may be ``=``, ``%3D``, ``%3d`` or missing (claim ``endpoint.padding-any-spelling``), and ``id=`` may stand
    in front.
    """
    said = unquote(query)
    text = said.removeprefix("id=").strip().rstrip("=")
    if said.startswith("id="):
        relies_on("endpoint.named-id")
    if (len(text) % 4 and "%3d" not in query.lower()) or query.endswith("="):
        # The pages print the id with %3d behind it, and %3D is the same to whoever reads a URL.
        relies_on("endpoint.padding-any-spelling")
    if not text:
        raise ValueError("there is no id behind the question mark of the URL")
    try:
        raw = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8-sig"))
    except (binascii.Error, ValueError, RecursionError):
        raise ValueError("the id of the URL is not the base64 text of a JSON object") from None
    if isinstance(raw, dict):
        if isinstance(raw.get("DatabaseName"), str):
            return str(raw["DatabaseName"])
        client, database = raw.get("ClientID"), raw.get("DatabaseID")
        if type(client) is int and type(database) is int:
            return client, database
    raise ValueError("the id of the URL has neither DatabaseName nor ClientID and DatabaseID")


def hosted(database: Database) -> str:
    """The path and id of a hosted database as Ajera shows them to copy: ``V000001/AjeraAPI.ashx?...%3d``."""
    members: dict[str, object] = {
        "ClientID": database.client_id,
        "DatabaseID": database.database_id,
        "IsSampleData": database.is_sample,
    }
    return f"V{database.client_id:06d}/AjeraAPI.ashx?{_encode(members)}"


def on_premise(database: Database) -> str:
    """The path and id of a database on the firm's own server."""
    return f"AjeraAPI.ashx?{_encode({'DatabaseName': database.name})}"


def _encode(members: dict[str, object]) -> str:
    text = json.dumps(members, indent=2).replace("\n", "\r\n")
    return base64.b64encode(text.encode()).decode().replace("=", "%3d")
