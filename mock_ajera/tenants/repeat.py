"""Commands that repeat a request of the journal, which has neither its password nor its token."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from mock_ajera import codec

if TYPE_CHECKING:
    from mock_ajera.tenants.entry import Entry

LOGIN = "CreateAPISession"
_PASSWORD = '"$(printf %s "$AJERA_API_PASSWORD" | sed \'s/[\\\\"]/\\\\&/g\')"'  # noqa: S105 - not a password
"""The password as the inside of a JSON string, in a shell."""
_NEEDED = ': "${AJERA_API_PASSWORD:?set it to the password of the API user}" && '
"""Ends the line, or the script that has it, without a request if the password is not set."""
_READ = r"""sed -n 's/.*"SessionToken" *: *"\([^"]*\)".*/\1/p'"""
"""Prints the token of a new session."""


def curl(entry: Entry) -> str:
    """Return a line for a POSIX shell that repeats a request, in a new session of the same user and version.

    The password is read from ``AJERA_API_PASSWORD``; without it, nothing is sent. A request without a session is sent
    as it was, except that the placeholder takes the place of an invalid token.
    """
    url = shlex.quote(entry.url)
    if entry.verb != "POST":
        return f"curl -s {'-I' if entry.verb == 'HEAD' else f'-X {shlex.quote(entry.verb)}'} {url}"
    if entry.body is None:
        return f"curl -s {url} --data-binary @body.json  # {entry.size} bytes, which are not in the journal"
    if entry.method == LOGIN:
        return _NEEDED + _post(url, entry.body.decode(), "Password", _PASSWORD)
    if entry.version is None:
        return f"curl -s {url} --data-binary {shlex.quote(entry.body.decode())}"
    login = {"Method": LOGIN, "Username": entry.user, "Password": "<Password>", "APIVersion": entry.version}
    log_in = _post(url, codec.encode(login).decode(), "Password", _PASSWORD)
    call = _post(url, _with_token(entry.body), "SessionToken", '"$TOKEN"')
    return f"{_NEEDED}TOKEN=$({log_in} | {_READ}) && {call}"


def python(entry: Entry) -> str:
    """Return a line that repeats a request in a test with the fixture ``ajera``, in a session of its own user."""
    if entry.body is None:
        return f"# {entry.verb} {entry.url}: the body of {entry.size} bytes is not in the journal"
    logged_in = entry.version is not None and entry.method != LOGIN
    body: dict[str, Any] = json.loads(_with_token(entry.body) if logged_in else entry.body)
    if logged_in:
        body["SessionToken"] = _Code("ajera.token()" if entry.version == 1 else f"ajera.token({entry.version})")
    return f"ajera.post({body})"


class _Code(str):
    """Python code in the place of a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _with_token(body: bytes) -> str:
    """Return a body with a placeholder for the token, also if the session came from the cookie."""
    raw = codec.decode(body)
    assert isinstance(raw, dict)
    return codec.encode(raw | {"SessionToken": "<SessionToken>"}).decode()


def _post(url: str, body: str, member: str, value: str) -> str:
    """Return the command that posts a body. ``value``: shell code in place of each placeholder of a member."""
    # In a JSON string, the quotation marks would be escaped.
    before, placeholder, after = f'"{member}":"', f"<{member}>", '"'
    pieces = body.split(before + placeholder + after)
    quoted = [
        shlex.quote((after if i else "") + piece + (before if i < len(pieces) - 1 else ""))
        for i, piece in enumerate(pieces)
    ]
    return f"curl -s {url} --data-binary {value.join(quoted)}"
