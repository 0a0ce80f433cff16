"""Removal of passwords and tokens from requests and answers before the journal keeps them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mock_ajera.codec import encode
from mock_ajera.tenants.journal import BODY_LIMIT

_SECRET = re.compile(r"pas+|pw|token|secret", re.IGNORECASE)
"""Occurs in the name of a secret member, misspelled or not. No member of Ajera's records has such a name."""
_PARAMETER = re.compile(rf"(?<=[?&])(\w{{0,30}}(?:{_SECRET.pattern})\w{{0,30}})=[^=&?][^&?]*", re.IGNORECASE)
"""A secret in a URL. The id is base64: it may have such a name and end in ``=``, but has nothing behind that."""
_LOGIN = frozenset({"Method", "Username", "Password", "APIVersion", "UseSessionCookie"})
"""The members of a login. Any other may be a misspelled password."""


def journal_body(raw: Mapping[str, Any], size: int) -> bytes | None:
    """Return a request as JSON without secrets; None if it was longer than ``BODY_LIMIT``.

    Of a login, only the known members are kept. ``size``: bytes of the body as it was received.
    """
    if size > BODY_LIMIT:
        return None
    if "CreateAPISession" in raw.values():  # the name of the member may be misspelled, too
        raw = {name: value for name, value in raw.items() if name in _LOGIN}
    return encode(without_secrets(raw))


def journal_answer(body: bytes, token: str) -> bytes | None:
    """Return an answer without the token of its session; None if it is longer than ``BODY_LIMIT``."""
    if len(body) > BODY_LIMIT:
        return None
    return body.replace(token.encode(), b"<SessionToken>") if token else body


def journal_url(url: str) -> str:
    """Return a URL without the passwords and tokens that a client put into its query by mistake."""
    return _PARAMETER.sub(r"\1=<\1>", url)


def without_secrets(value: Any) -> Any:
    """Copy a JSON value with each secret replaced by its name in angle brackets, at any depth. Null is kept."""
    if isinstance(value, dict):
        return {
            name: f"<{name}>" if item is not None and _SECRET.search(name) else without_secrets(item)
            for name, item in value.items()
        }
    return [without_secrets(item) for item in value] if isinstance(value, list) else value
