"""A plain client of the API, as an integrator would write it, that knows the secrets of the run and keeps them."""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import threading
import time
from collections.abc import Mapping
from decimal import Decimal
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import urlsplit

import requests

from .answers import Answer, success
from .secrets import Secrets
from .target import Target, is_write


class _LeftOut:
    def __repr__(self) -> str:
        return "left out"


LEFT_OUT: Final = _LeftOut()
"""As an argument: do not send this member at all."""

TIMEOUT = 180
"""Seconds to wait for an answer. Big reads of a real endpoint take minutes."""


class Unreachable(Exception):
    """No answer came. The message shows neither URL nor body."""


class Forbidden(Exception):
    """The suite was about to do what it may not do to this target. Nothing was sent."""


class Pace:
    """At most so many requests a second; 0 is no limit."""

    def __init__(self, rate: float) -> None:
        self._gap = 1 / rate if rate > 0 else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may be sent."""
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._gap
        time.sleep(start - now)


class AjeraClient:
    """Calls of the API: sessions of both versions are opened when they are first needed and kept."""

    def __init__(self, target: Target, secrets: Secrets, pace: Pace) -> None:
        self.target = target
        self._secrets = secrets
        self._pace = pace
        self._tokens: dict[int, str] = {}
        self._lock = threading.RLock()
        self._http = requests.Session()
        # A cookie that is kept would hide that the token in the body is enough.
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Its debug lines show the URL.
        logging.getLogger("urllib3").setLevel(logging.WARNING)

    def __repr__(self) -> str:
        return f"<AjeraClient of {self.target!r}>"

    def call(
        self,
        method: str,
        arguments: Any = None,
        *,
        version: int = 1,
        token: Any = None,
        **top_level: Any,
    ) -> Answer:
        """Call a method. No ``arguments`` are sent as an empty object; ``LEFT_OUT`` leaves a member out.

        Without ``token`` the kept session of ``version`` is used, and renewed once when it has run out.
        """
        if is_write(method) and not self.target.may_write:
            raise Forbidden(f"{method} writes, and this target is only read")
        sent = {} if arguments is None else arguments
        answer = self._send(method, self.token(version) if token is None else token, sent, top_level)
        if token is None and _session_is_over(answer):
            self._tokens.pop(version, None)
            answer = self._send(method, self.token(version), sent, top_level)
        return answer

    def login(self, version: Any = 1, **changes: Any) -> Answer:
        """Open a session of its own, not kept. ``changes`` replace members of the request, or leave them out."""
        who = self.target.credentials
        if changes.keys() & {"Username", "Password"} and not self.target.may_try_wrong_passwords:
            raise Forbidden("wrong passwords need --allow-wrong-password")
        body = {
            "Method": "CreateAPISession",
            "Username": who.username,
            "Password": who.password,
            "APIVersion": version,
            "UseSessionCookie": False,
        } | changes
        return self.post({name: value for name, value in body.items() if value is not LEFT_OUT})

    def logout(self, token: str) -> Answer:
        """End a session."""
        return self.post({"Method": "EndAPISession", "SessionToken": token})

    def new_token(self, version: int = 1) -> str:
        """The token of a new session that is not kept."""
        return str(success(self.login(version))["SessionToken"])

    def token(self, version: int = 1) -> str:
        """The token of the kept session of a version."""
        with self._lock:
            if version not in self._tokens:
                self._tokens[version] = self.new_token(version)
            return self._tokens[version]

    def post(
        self,
        body: Mapping[str, Any] | str | bytes,
        *,
        url: str | None = None,
        headers: Mapping[str, str | None] | None = None,
        verb: str = "POST",
    ) -> Answer:
        """Send a body: a mapping as strict JSON, a text as it stands.

        Raises ``Unreachable`` when no answer comes.
        """
        asked = body if isinstance(body, Mapping) else {"Method": "a body as text", "MethodArguments": body}
        if is_write(asked.get("Method")) and not self.target.may_write:
            raise Forbidden("this target is only read")
        data = to_json(body) if isinstance(body, Mapping) else body
        wanted = {"Content-Type": "application/json", "Accept": "application/json"} | dict(headers or {})
        self._pace.wait()
        try:
            response = self._http.request(
                verb,
                url or self.target.url,
                data=data.encode() if isinstance(data, str) else data,
                headers=wanted,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            problem = type(error).__name__
        else:
            return self._answer(asked, response.status_code, response.headers, response.content)
        # Outside the handler, so that the cause, which shows the URL, is not chained.
        raise Unreachable(f"{asked.get('Method')!s}: no answer ({problem})")

    def post_to(self, url: str, body: Mapping[str, Any]) -> Answer:
        """Send a body to a URL whose escapes stay as they are spelt; ``post`` would rewrite %3d as %3D."""
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._pace.wait()
        connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
        try:
            with contextlib.closing(connection):
                line = parts.path + (f"?{parts.query}" if parts.query else "")
                connection.request("POST", line, to_json(body).encode(), {"Content-Type": "application/json"})
                response = connection.getresponse()
                return self._answer(body, response.status, dict(response.getheaders()), response.read())
        except OSError as error:
            problem = type(error).__name__
        raise Unreachable(f"{body.get('Method')}: no answer ({problem})")

    def close(self) -> None:
        """End the kept sessions."""
        for token in self._tokens.values():
            with contextlib.suppress(Unreachable):
                self.logout(token)
        self._tokens.clear()
        self._http.close()

    def _send(self, method: str, token: Any, arguments: Any, top_level: Mapping[str, Any]) -> Answer:
        body = {"Method": method, "SessionToken": token, "MethodArguments": arguments, **top_level}
        return self.post({name: value for name, value in body.items() if value is not LEFT_OUT})

    def _answer(self, asked: Mapping[str, Any], status: int, headers: Mapping[str, str], raw: bytes) -> Answer:
        try:
            body = json.loads(raw, parse_float=Decimal, parse_constant=_no_number)
        except ValueError:
            body = None
        content = body.get("Content") if isinstance(body, dict) else None
        if isinstance(content, dict) and isinstance(content.get("SessionToken"), str):
            self._secrets.add(content["SessionToken"])
        hidden = ("Method", "SessionToken", "MethodArguments", "Username", "Password")
        beside = {name: value for name, value in asked.items() if name not in hidden}
        arguments = asked.get("MethodArguments")
        if beside:
            arguments = {**beside, **({} if arguments is None else {"MethodArguments": arguments})}
        if isinstance(arguments, str):
            arguments = self._secrets.hide(arguments)
        return Answer(str(asked.get("Method")), arguments, status, headers, body)


def _session_is_over(answer: Answer) -> bool:
    """Whether the refusal is about the token."""
    body = answer.body if isinstance(answer.body, dict) else {}
    return bool(body.get("Errors")) and "invalid session" in json.dumps(body.get("Errors"), default=str).lower()


def to_json(value: Any) -> str:
    """JSON text of a value, Decimals as exact numbers: an echoed record must not lose a digit on the way."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(name)}: {to_json(member)}" for name, member in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(to_json, value)) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")
