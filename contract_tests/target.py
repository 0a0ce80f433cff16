"""The endpoint under test: a mock that the suite starts itself, or a real one that the environment names."""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

WRITES = ("Update", "Create", "Delete", "Submit", "Upload", "EndTimesheet")
"""Prefixes of the names of writing methods. CreateAPISession is not one of them."""


LACKING: dict[str, dict[str, Any]] = {
    "can_read": {"can_read": False},
    "can_write": {"can_write": False},
    "employee": {"authorizing_employee": None},
}
"""What an API user may lack, and how such a user of a mock is made."""


class TargetError(Exception):
    """The target cannot be tested with these options. The message names the fix and contains no secret."""


@dataclass(frozen=True)
class Credentials:
    """User name and password. Neither is ever printed."""

    username: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True)
class Limited:
    """An API user who may not call some methods, and may call all others that the main user may call."""

    credentials: Credentials
    cleared: tuple[str, ...]


class Target:
    """An endpoint, and which requests it may be sent."""

    real: bool
    guesses_hold = False
    """Whether the inferred claims of the ledger describe this target, so that one that fails is an error."""
    differs_by_choice = False
    """Whether this is a mock with another profile or quirk, which contradicts some claims on purpose."""
    may_write = False
    may_try_wrong_passwords = False
    may_leave_records = False
    """Whether the suite may write records that no method deletes."""

    @property
    def url(self) -> str:
        """Return the whole API URL with its id. Do not print it."""
        raise NotImplementedError

    @property
    def credentials(self) -> Credentials:
        """Return the user name and password of the API user."""
        raise NotImplementedError

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return all texts of the target that must not be shown."""
        raw = url_id(self.url)
        spellings = {raw, unquote(raw), raw.replace("=", "%3d"), raw.replace("=", "%3D"), unquote(raw).rstrip("=")}
        return (self.credentials.username, self.credentials.password, *spellings)

    def user_without(self, method: str) -> Limited | None:
        """Return an API user who may not call a method. None if only an administrator can make one."""
        return None

    def user_lacking(self, what: str) -> Credentials | None:
        """Return an API user who lacks one of ``LACKING``. None if only an administrator can make one."""
        return None

    def put_back(self) -> AbstractContextManager[None]:
        """Undo what the block writes. Only a mock can do this."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop what the suite started."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class MockTarget(Target):
    """A mock-ajera, which is started on first use. Writes are always allowed."""

    real = False
    may_write = True
    may_try_wrong_passwords = True
    may_leave_records = True

    def __init__(
        self, sample: str | None = None, profile: str | None = None, quirks: Mapping[str, str] | None = None
    ) -> None:
        options: dict[str, Any] = {"sample": sample, "profile": profile, "quirks": quirks}
        self._options = {name: value for name, value in options.items() if value}
        self._running: Any = None
        self._limited: dict[str, Limited] = {}
        self._lacking: dict[str, Credentials | None] = {}
        # Another profile or quirk contradicts some guesses on purpose. Serving guessed methods contradicts none.
        self.guesses_hold = profile in (None, "observed") and dict(quirks or {}) in ({}, {"guessed_methods": "serve"})
        self.differs_by_choice = not self.guesses_hold

    @property
    def _ajera(self) -> Any:
        if self._running is None:
            from mock_ajera import MockAjera  # not needed for a real endpoint

            self._running = MockAjera(**self._options).__enter__()
        return self._running

    @property
    def url(self) -> str:
        return str(self._ajera.url)

    @property
    def credentials(self) -> Credentials:
        return Credentials(self._ajera.username, self._ajera.password)

    def user_without(self, method: str) -> Limited:
        if method in self._limited:
            return self._limited[method]
        users = f"{self._ajera.control_url}/tenants/{self._ajera.tenant.name}/users"
        main = _control("GET", f"{users}/{self._ajera.username}")
        body = {
            "name": f"without {method}",
            "password": "Offline_4jera",
            "authorizing_employee": main["authorizing_employee"],
            "cleared": [method],
        }
        _control("POST", users, body)
        self._limited[method] = Limited(Credentials(body["name"], body["password"]), (method,))
        return self._limited[method]

    def user_lacking(self, what: str) -> Credentials | None:
        if what not in self._lacking:
            users = f"{self._ajera.control_url}/tenants/{self._ajera.tenant.name}/users"
            main = _control("GET", f"{users}/{self._ajera.username}")
            body = {"name": f"lacks {what}", "password": "Offline_4jera", **LACKING[what]}
            try:
                _control("POST", users, {"authorizing_employee": main["authorizing_employee"], **body})
            except requests.HTTPError:
                # A quirk may require what this user lacks.
                self._lacking[what] = None
            else:
                self._lacking[what] = Credentials(str(body["name"]), str(body["password"]))
        return self._lacking[what]

    @contextmanager
    def put_back(self) -> Iterator[None]:
        self._ajera.snapshot("before the test")
        try:
            yield
        finally:
            self._ajera.restore("before the test")

    def close(self) -> None:
        if self._running is not None:
            self._running.__exit__(None, None, None)
            self._running = None


class RealTarget(Target):
    """The endpoint of AJERA_API_URL, AJERA_API_USERNAME and AJERA_API_PASSWORD."""

    real = True

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        *,
        may_write: bool = False,
        may_try_wrong_passwords: bool = False,
        may_leave_records: bool = False,
        limited: Limited | None = None,
        lacking: Mapping[str, Credentials] | None = None,
    ) -> None:
        self._url = url
        self._credentials = credentials
        self._limited = limited
        self._lacking = dict(lacking or {})
        self.may_write = may_write
        self.may_try_wrong_passwords = may_try_wrong_passwords
        self.may_leave_records = may_leave_records

    @property
    def url(self) -> str:
        return self._url

    @property
    def credentials(self) -> Credentials:
        return self._credentials

    @property
    def secrets(self) -> tuple[str, ...]:
        users = [*([self._limited.credentials] if self._limited else ()), *self._lacking.values()]
        return super().secrets + tuple(text for user in users for text in (user.username, user.password))

    def user_without(self, method: str) -> Limited | None:
        return self._limited if self._limited and method in self._limited.cleared else None

    def user_lacking(self, what: str) -> Credentials | None:
        return self._lacking.get(what)


def real_target(
    *,
    allow_writes: bool,
    expect_database: str | None,
    allow_wrong_password: bool,
    allow_lasting_records: bool = False,
    limited_user: str | None = None,
    cleared: Sequence[str] = (),
    users_without: Sequence[str] = (),
    environment: Mapping[str, str] = os.environ,
) -> RealTarget:
    """Return the real target that the environment names. Sends nothing.

    Raises ``TargetError`` if a variable is missing, if writes are allowed without the name of the database, if that
    name is not the one in the URL, and if an option lacks the one that it belongs to.
    """
    names = ("AJERA_API_URL", "AJERA_API_USERNAME", "AJERA_API_PASSWORD")
    missing = [name for name in names if not environment.get(name)]
    if missing:
        raise TargetError(f"--target real needs {', '.join(missing)} in the environment")
    url, username, password = (environment[name] for name in names)
    if urlsplit(url).scheme not in ("http", "https"):
        raise TargetError("AJERA_API_URL is not a URL")
    if expect_database is not None and not allow_writes:
        raise TargetError("--expect-database belongs to --allow-writes")
    if allow_writes:
        if expect_database is None:
            raise TargetError("--allow-writes needs --expect-database ID: the DatabaseID or DatabaseName in the URL")
        if expect_database not in database_names(url):
            raise TargetError("--expect-database is not the database that AJERA_API_URL names; nothing was sent")
    if allow_lasting_records and not allow_writes:
        raise TargetError("--allow-lasting-records belongs to --allow-writes")
    return RealTarget(
        url,
        Credentials(username, password),
        may_write=allow_writes,
        may_try_wrong_passwords=allow_wrong_password,
        may_leave_records=allow_lasting_records,
        limited=_limited(limited_user, cleared, environment),
        lacking=_lacking(users_without, environment),
    )


def _limited(name: str | None, cleared: Sequence[str], environment: Mapping[str, str]) -> Limited | None:
    if not name and not cleared:
        return None
    if not name:
        raise TargetError("--cleared belongs to --limited-user")
    if not cleared:
        raise TargetError("--limited-user needs --cleared METHOD for each method that this user may not call")
    return Limited(Credentials(name, _limited_password("--limited-user", environment)), tuple(cleared))


def _lacking(users: Sequence[str], environment: Mapping[str, str]) -> dict[str, Credentials]:
    found = {}
    for pair in users:
        what, _, name = pair.partition("=")
        if what not in LACKING or not name:
            raise TargetError(f"--user-without must be WHAT=NAME, where WHAT is {', '.join(LACKING)}")
        found[what] = Credentials(name, _limited_password("--user-without", environment))
    return found


def _limited_password(option: str, environment: Mapping[str, str]) -> str:
    password = environment.get("AJERA_API_LIMITED_PASSWORD")
    if not password:
        raise TargetError(f"{option} needs AJERA_API_LIMITED_PASSWORD in the environment")
    return password


def _control(verb: str, url: str, body: Mapping[str, Any] | None = None) -> Any:
    """Call the control surface of a mock."""
    response = requests.request(verb, url, json=body, timeout=10)
    response.raise_for_status()
    return response.json()


def url_id(url: str) -> str:
    """Return the id of an API URL unchanged: everything after the question mark."""
    return urlsplit(url).query.removeprefix("id=")


def decode_id(text: str) -> dict[str, Any]:
    """Return the content of an id with padding in any spelling. Empty if it is not a JSON object in base64."""
    bare = unquote(text).rstrip("=")
    try:
        found = json.loads(base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True))
    except (binascii.Error, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def database_names(url: str) -> tuple[str, ...]:
    """Return the names of the database in the URL: its DatabaseID and its DatabaseName."""
    decoded = decode_id(url_id(url))
    return tuple(str(decoded[name]) for name in ("DatabaseID", "DatabaseName") if decoded.get(name) not in (None, ""))


def is_write(method: object) -> bool:
    """Return whether a method of this name may change data."""
    return isinstance(method, str) and method.startswith(WRITES) and method != "CreateAPISession"
