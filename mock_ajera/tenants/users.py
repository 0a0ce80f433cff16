"""API users: who may log in, and which methods each may call."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

from werkzeug.security import check_password_hash, generate_password_hash

Access = Literal["read", "write"]

_METHOD = "pbkdf2:sha256:100"
# A login of a fake must not cost the 70 ms that protect a real password.


@dataclass(frozen=True)
class ApiUser:
    """A user of the API. Each method has a box under Can Read or Can Write; ``cleared`` are those not ticked."""

    name: str
    password_hash: str
    authorizing_employee: int | None
    can_read: bool = True
    can_write: bool = True
    cleared: tuple[str, ...] = ()

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
        """A user with the hash of a password."""
        return cls(name, generate_password_hash(password, _METHOD), authorizing_employee, can_read, can_write, cleared)

    def knows(self, password: str) -> bool:
        """Whether this is the user's password."""
        return check_password_hash(self.password_hash, password)

    def may(self, method: str, access: Access) -> bool:
        """Whether the box of the method is ticked (claim ``permission.box-per-method``)."""
        return (self.can_read if access == "read" else self.can_write) and method not in self.cleared

    def to_text(self) -> str:
        """The user as the store keeps it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> ApiUser:
        """The user that ``to_text`` wrote."""
        raw = json.loads(text)
        return cls(**raw | {"cleared": tuple(raw["cleared"])})
