"""Removal of passwords and tokens from requests and answers before the journal keeps them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mock_ajera.codec import Raw, encode, encode_known
from mock_ajera.tenants.journal import BODY_LIMIT

_SECRET = re.compile(r"pas+|pw|token|secret", re.IGNORECASE)
"""Occurs in the name of a secret member, misspelled or not. No member of Ajera's records has such a name."""
_SECRET_PARTS = ("pas", "pw", "token", "secret")
"""One of them is in each text that ``_SECRET`` finds."""
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
    return encode({name: _hidden(name, item) or _kept(item) for name, item in raw.items()})


def journal_answer(body: bytes, token: str) -> bytes | None:
    """Return an answer without the token of its session; None if it is longer than ``BODY_LIMIT``."""
    if len(body) > BODY_LIMIT:
        return None
    return body.replace(token.encode(), b"<SessionToken>") if token else body


def journal_url(url: str) -> str:
    """Return a URL without the passwords and tokens that a client put into its query by mistake."""
    if _SECRET.search(url) is None:
        return url
    return _PARAMETER.sub(r"\1=<\1>", url)


def without_secrets(value: Any) -> Any:
    """Copy a JSON value with each secret replaced by its name in angle brackets, at any depth. Null is kept."""
    if isinstance(value, dict):
        return {name: _hidden(name, item) or without_secrets(item) for name, item in value.items()}
    return [without_secrets(item) for item in value] if isinstance(value, list) else value


def _hidden(name: str, value: Any) -> str:
    """Return what replaces the value of a secret; "" if the name is not that of a secret, or the value is null."""
    return f"<{name}>" if value is not None and _SECRET.search(name) else ""


def _kept(value: Any) -> Any:
    """Return ``without_secrets``, as JSON if nothing is replaced: a text without secrets is found fast."""
    if not isinstance(value, dict | list):
        return value
    text = encode_known(value)
    folded = text.decode().casefold()
    return without_secrets(value) if any(part in folded for part in _SECRET_PARTS) else Raw(text)
