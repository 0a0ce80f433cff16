"""API users: their logins and permissions."""

from __future__ import annotations

import hashlib
import json
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, Literal

from werkzeug.security import check_password_hash

from mock_ajera.spelling import suggestion
from mock_ajera.store import Store
from mock_ajera.tenants.folding import fold
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.sessions import Sessions, Transaction

Access = Literal["read", "write"]
FindEmployee = Callable[[int], Mapping[str, Any] | None]
"""Return the stored body of an employee; None for an unknown key."""

AREA = "user"
"""Area of the notes in the store."""

_ITERATIONS = 100
"""A login to a fake must not take the 70 ms that protect a real password."""

_SHORTEST_PASSWORD = 8
_CHANGES = 1000
"""How many changes of the check boxes of a user are remembered."""
_REMEMBERED = 12
"""How many of the last passwords of a user cannot be used again."""
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
_BANNED = ("deltek", "ajera", "1234")
"""Known words of Ajera's list; the whole list is not public."""


def _hashed(name: str, password: str) -> str:
    """Return the hash of a password in werkzeug's form. The salt derives from the name: runs are reproducible."""
    salt = hashlib.sha256(name.encode()).hexdigest()[:16]
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), _ITERATIONS)
    return f"pbkdf2:sha256:{_ITERATIONS}${salt}${digest.hex()}"


class BadUser(ValueError):
    """An API user that Ajera would refuse, with the ``reasons``."""

    def __init__(self, reasons: Iterable[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(map(str, self.reasons)))


@dataclass(frozen=True)
class ApiUser:
    """An API user. Each method has a check box under Can Read or Can Write; ``cleared`` are the ones not checked."""

    name: str
    password_hash: str
    authorizing_employee: int | None
    can_read: bool = True
    can_write: bool = True
    cleared: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    """The hashes of earlier passwords, newest first."""

    @classmethod
    def new(
        cls,
        name: str,
        password: str,
        authorizing_employee: int | None = None,
        *,
        can_read: bool = True,
        can_write: bool = True,
        cleared: tuple[str, ...] = (),
    ) -> ApiUser:
        """Return a user with the hash of a password."""
        return cls(name, _hashed(name, password), authorizing_employee, can_read, can_write, cleared)

    def knows(self, password: str) -> bool:
        """Return whether this is the user's password."""
        return check_password_hash(self.password_hash, password)

    def may(self, method: str, access: Access) -> bool:
        """Return whether the check box of a method is checked (claim ``permission.box-per-method``)."""
        return (self.can_read if access == "read" else self.can_write) and method not in self.cleared

    @property
    def boxes(self) -> tuple[bool, bool, frozenset[str]]:
        """The check boxes: Can Read, Can Write, and the cleared ones."""
        return self.can_read, self.can_write, frozenset(self.cleared)

    def to_text(self) -> str:
        """Return the user in its stored form."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> ApiUser:
        """Return the user from its stored form."""
        raw = json.loads(text)
        return cls(**raw | {"cleared": tuple(raw["cleared"]), "earlier": tuple(raw.get("earlier", ()))})


@dataclass(frozen=True)
class NewUser:
    """The form that an administrator fills in for an API user."""

    name: str
    password: str | None = field(repr=False)
    """None keeps the password of an existing user."""
    authorizing_employee: int | None = None
    """None is allowed; some methods then refuse (claim ``permission.authorizing-employee-optional``)."""
    can_read: bool = True
    can_write: bool = True
    cleared: tuple[str, ...] = ()

    def checked(
        self,
        taken: Iterable[str],
        find_employee: FindEmployee,
        boxes: Collection[str],
        before: ApiUser | None = None,
        *,
        needs_employee: bool = False,
    ) -> ApiUser:
        """Return the checked user. Raises ``BadUser``.

        ``taken``: names of the other users. ``boxes``: methods with a check box. ``before``: the user that is changed.
        ``needs_employee``: whether every user needs an authorizing employee (quirk ``authorizing_employee``).
        """
        reasons = list(self._name_reasons(taken))
        employee = self.authorizing_employee
        person = None if employee is None else find_employee(employee)
        if self.password is not None or before is None:
            reasons += self._password_reasons(self.password or "", person or {}, before)
        if employee is None and needs_employee:
            text, claim = "an employee must be chosen", "permission.authorizing-employee-required"
            reasons.append(Reason("AuthorizingEmployeeKey", "required", text, claim))
        elif employee is not None and person is None:
            text, claim = f"there is no employee {employee}", "permission.authorizing-employee-exists"
            reasons.append(Reason("AuthorizingEmployeeKey", "reference", text, claim))
        for i, method in enumerate(self.cleared):
            if method not in boxes:
                text = f"the method {method!r} has no check box{suggestion(method, boxes)}"
                reasons.append(Reason(f"Cleared[{i}]", "unknown-method", text, "permission.box-per-method"))
        if reasons:
            raise BadUser(reasons)
        if before is not None and self.password is None:
            password_hash, earlier = before.password_hash, before.earlier
        else:
            password_hash = _hashed(self.name, self.password or "")
            earlier = () if before is None else (before.password_hash, *before.earlier)[: _REMEMBERED - 1]
        cleared = tuple(dict.fromkeys(self.cleared))
        return ApiUser(self.name, password_hash, employee, self.can_read, self.can_write, cleared, earlier)

    def _name_reasons(self, taken: Iterable[str]) -> Iterator[Reason]:
        if not self.name.isprintable() or not self.name or self.name != self.name.strip():
            text = "printable characters are required, without spaces at either end"
            yield Reason("Username", "required", text, "permission.user-name-required")
        for other in taken:
            if other == self.name:
                yield Reason("Username", "unique", f"user {other!r} already exists", "permission.user-name-unique")
            elif fold(other) == fold(self.name):
                text = f"{self.name!r} differs from the user {other!r} only in case"
                yield Reason("Username", "unique", text, "permission.user-name-case")

    def _password_reasons(self, password: str, employee: Mapping[str, Any], before: ApiUser | None) -> Iterator[Reason]:
        if _HALF_A_CHARACTER.search(password):
            # It cannot be hashed, and no request could contain it.
            text = "half a character (a lone surrogate) is not allowed"
            yield Reason("Password", "password", text, "reading.lone-surrogate-refused")
            return
        wanted = (
            ("an uppercase letter", str.isupper, "permission.password-signs"),
            ("a digit", str.isdecimal, "permission.password-signs"),
            ("a special character", _is_special, "permission.password-signs"),
            ("a lowercase letter", str.islower, "permission.password-rules"),
        )
        if len(password) < _SHORTEST_PASSWORD:
            text = f"{len(password)} characters, at least {_SHORTEST_PASSWORD}"
            yield Reason("Password", "min-length", text, "permission.password-rules")
        for what, is_one, claim in wanted:
            if not any(map(is_one, password)):
                yield Reason("Password", "password", f"{what} is missing", claim)
        for word in _BANNED:
            if word in fold(password):
                yield Reason("Password", "password", f"it must not contain {word!r}", "permission.password-words")
        if self.name and fold(self.name) in fold(password):
            yield Reason(
                "Password", "password", "it must not contain the user name", "permission.password-without-name"
            )
        for member, what in (("FirstName", "first name"), ("LastName", "last name"), ("Email", "e-mail address")):
            if employee.get(member) and fold(employee[member]) in fold(password):
                text = f"it must not contain the {what} of the authorizing employee"
                yield Reason("Password", "password", text, "permission.password-without-employee")
        if before is not None and _hashed(self.name, password) in (before.password_hash, *before.earlier):
            text = f"it must differ from the last {_REMEMBERED} passwords"
            yield Reason("Password", "password", text, "permission.password-new")


def _is_special(character: str) -> bool:
    return not character.isalnum() and not character.isspace()


class Users(Mapping[str, ApiUser]):
    """The API users of a tenant by name. Each is also a note in the store.

    A change is visible when its transaction is committed.
    """

    def __init__(
        self, transaction: Transaction, sessions: Sessions, find_employee: FindEmployee, now: Callable[[], int]
    ) -> None:
        """``sessions`` end with their user. ``now`` returns UTC milliseconds."""
        self._transaction = transaction
        self._sessions = sessions
        self._find_employee = find_employee
        self._now = now
        self._by_name: Mapping[str, ApiUser] = {}
        self._changed: dict[str, deque[tuple[int, ApiUser]]] = {}
        """When check boxes of a user were changed, and the user before, oldest first."""

    def with_boxes_before(self, name: str, milliseconds: int) -> ApiUser:
        """Return a user with the check boxes of some time ago. What changed before a restart is not remembered."""
        user = self._by_name[name]
        for changed, before in self._changed.get(name, ()) if milliseconds else ():
            if changed > self._now() - milliseconds:
                return replace(user, can_read=before.can_read, can_write=before.can_write, cleared=before.cleared)
        return user

    def put(self, user: ApiUser) -> None:
        """Add a user or replace the one of that name, unchecked."""
        with self._transaction() as store:
            self._put(store, user)

    def add(self, new: NewUser, boxes: Collection[str], *, needs_employee: bool = False) -> ApiUser:
        """Add a user by the rules of Ajera's screen; ``boxes`` are the methods that have one. Raises ``BadUser``."""
        return self._put_checked(new, boxes, None, needs_employee=needs_employee)

    def change(self, before: ApiUser, new: NewUser, boxes: Collection[str], *, needs_employee: bool = False) -> ApiUser:
        """Change a user by the rules of Ajera's screen; the name stays. Raises ``BadUser``.

        The sessions of the user stay open (claim ``session.survives-password``), and are subject to the new permissions
        (claim ``permission.applies-to-open-sessions``).
        """
        return self._put_checked(new, boxes, before, needs_employee=needs_employee)

    def remove(self, name: str) -> None:
        """Remove a user and end its sessions (claim ``session.ends-with-its-user``).

        Raises ``LookupError`` for an unknown name.
        """
        with self._transaction() as store:
            if name not in self._by_name:
                raise LookupError(f"there is no API user {name!r}")
            self._sessions.drop_user(store, name)
            store.set_note(AREA, name, None)
            store.on_commit(partial(self._hide, name))

    def load(self, store: Store) -> Mapping[str, ApiUser]:
        """Read the users from the notes of a store, within a transaction, and return them."""
        found = {name: ApiUser.from_text(text) for name, text in store.notes(AREA).items()}
        store.on_commit(partial(self._replace, found))
        return found

    def _put_checked(
        self, new: NewUser, boxes: Collection[str], before: ApiUser | None, *, needs_employee: bool
    ) -> ApiUser:
        with self._transaction() as store:
            others = [name for name in self._by_name if before is None or name != before.name]
            user = new.checked(others, self._find_employee, boxes, before, needs_employee=needs_employee)
            self._put(store, user)
        return user

    def _put(self, store: Store, user: ApiUser) -> None:
        store.set_note(AREA, user.name, user.to_text())
        store.on_commit(partial(self._show, user))

    # Each change makes a new mapping: an iteration over the old one needs no lock.

    def _show(self, user: ApiUser) -> None:
        before = self._by_name.get(user.name)
        if before is not None and before.boxes != user.boxes:
            changed = self._changed.setdefault(user.name, deque(maxlen=_CHANGES))
            changed.append((self._now(), before))
        self._by_name = {**self._by_name, user.name: user}

    def _hide(self, name: str) -> None:
        self._changed.pop(name, None)
        self._by_name = {other: user for other, user in self._by_name.items() if other != name}

    def _replace(self, users: Mapping[str, ApiUser]) -> None:
        self._by_name, self._changed = users, {}

    def __getitem__(self, name: str) -> ApiUser:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)
