"""A plain client of the API, as an integrator would write it. It notes the secrets of the run, which are masked."""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import requests

from .answers import Answer, success
from .secrets import Secrets
from .target import Credentials, Target, is_write


class _LeftOut:
    def __repr__(self) -> str:
        return "left out"


LEFT_OUT: Final = _LeftOut()
"""As an argument: omit this member."""

_FAULT = "Mock-Ajera-Fault"
"""The header with which a mock names a fault that was set."""
TIMEOUT = 180
"""Seconds to wait for a response. Large reads of a real endpoint take minutes."""


class Unreachable(Exception):
    """No response arrived. The message contains neither the URL nor the body."""


class Forbidden(Exception):
    """The suite must not send this request to the target. Nothing was sent."""


class LoginRefused(Exception):
    """A login with the right credentials returned no token. The message is the reason that the target gave."""


class Pace:
    """A limit of requests per second; 0 is no limit."""

    def __init__(self, rate: float) -> None:
        self._gap = 1 / rate if rate > 0 else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Wait until the next request may be sent."""
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._gap
        time.sleep(start - now)


class AjeraClient:
    """A client that opens a session of each version on first use, and keeps it."""

    def __init__(
        self,
        target: Target,
        secrets: Secrets,
        pace: Pace,
        observe: Callable[[Mapping[str, Any], Answer], object] = lambda request, answer: None,
        credentials: Credentials | None = None,
    ) -> None:
        """``observe`` is called with each request and its answer. ``credentials`` replace those of the target."""
        self.target = target
        self._observe = observe
        self._credentials = credentials
        self._secrets = secrets
        self._pace = pace
        self._tokens: dict[int, str] = {}
        self._lock = threading.RLock()
        self._http = requests.Session()
        # A stored cookie would hide whether the token in the body is enough.
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Its debug messages contain the URL.
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
        """Call a method. ``arguments`` defaults to an empty object; ``LEFT_OUT`` omits a member.

        Without ``token`` the client uses its own session of ``version``, and renews it once if it has expired.
        """
        if is_write(method) and not self.target.may_write:
            raise Forbidden(f"{method} writes, and this target is read-only")
        sent = {} if arguments is None else arguments
        answer = self._send(method, self.token(version) if token is None else token, sent, top_level)
        if token is None and _session_is_over(answer):
            self._tokens.pop(version, None)
            answer = self._send(method, self.token(version), sent, top_level)
        return answer

    def login(self, version: Any = 1, **changes: Any) -> Answer:
        """Open another session. ``changes`` replace or omit members of the request."""
        who = self._credentials or self.target.credentials
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
        """Open another session and return its token. Raises ``LoginRefused``."""
        answer = self.login(version)
        content = answer.body.get("Content") if isinstance(answer.body, dict) else None
        if not isinstance(content, dict) or "SessionToken" not in content:
            said = answer.texts if isinstance(answer.body, dict) else []
            raise LoginRefused("; ".join(said) or f"HTTP {answer.status} without a session token")
        return str(success(answer)["SessionToken"])

    def token(self, version: int = 1) -> str:
        """Return the token of the client's own session of a version."""
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
        """Send a body: a mapping as strict JSON, a text unchanged.

        Raises ``Unreachable`` if no response arrives.
        """
        request = body if isinstance(body, Mapping) else {"Method": "a body as text", "MethodArguments": body}
        if is_write(request.get("Method")) and not self.target.may_write:
            raise Forbidden("this target is read-only")
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
            if fault := response.headers.get(_FAULT):
                pytest.exit(
                    f"the target let a call go wrong on purpose ({fault}); that is no evidence",
                    pytest.ExitCode.USAGE_ERROR,
                )
            answer = self._answer(request, response.status_code, response.headers, response.content)
            self._observe(request, answer)
            return answer
        # Outside the handler: a chained cause would show the URL.
        raise Unreachable(f"{request.get('Method')!s}: no response ({problem})")

    def post_to(self, url: str, body: Mapping[str, Any]) -> Answer:
        """Send a body to a URL with its escapes unchanged. ``post`` would rewrite %3d as %3D."""
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
        raise Unreachable(f"{body.get('Method')}: no response ({problem})")

    def close(self) -> None:
        """End the client's own sessions."""
        for token in self._tokens.values():
            with contextlib.suppress(Unreachable):
                self.logout(token)
        self._tokens.clear()
        self._http.close()

    def _send(self, method: str, token: Any, arguments: Any, top_level: Mapping[str, Any]) -> Answer:
        body = {"Method": method, "SessionToken": token, "MethodArguments": arguments, **top_level}
        return self.post({name: value for name, value in body.items() if value is not LEFT_OUT})

    def _answer(self, request: Mapping[str, Any], status: int, headers: Mapping[str, str], raw: bytes) -> Answer:
        try:
            body = json.loads(raw, parse_float=Decimal, parse_constant=_refuse_constant)
        except ValueError:
            body = None
        content = body.get("Content") if isinstance(body, dict) else None
        if isinstance(content, dict) and isinstance(content.get("SessionToken"), str):
            self._secrets.add(content["SessionToken"])
        hidden = ("Method", "SessionToken", "MethodArguments", "Username", "Password")
        others = {name: value for name, value in request.items() if name not in hidden}
        arguments = request.get("MethodArguments")
        if others:
            arguments = {**others, **({} if arguments is None else {"MethodArguments": arguments})}
        if isinstance(arguments, str):
            arguments = self._secrets.hide(arguments)
        return Answer(str(request.get("Method")), arguments, status, headers, body)


def _session_is_over(answer: Answer) -> bool:
    body = answer.body if isinstance(answer.body, dict) else {}
    return bool(body.get("Errors")) and "invalid session" in json.dumps(body.get("Errors"), default=str).lower()


def to_json(value: Any) -> str:
    """Return a value as JSON text. Decimals stay exact: an echoed record must not lose a digit."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(name)}: {to_json(member)}" for name, member in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(to_json, value)) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value)


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")
