"""``firm.json``: the firm itself, its custom fields and API users, and what else a tenant has besides its records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Literal

import msgspec

from mock_ajera.api import fields as f
from mock_ajera.api.families import METHODS, RECORDS
from mock_ajera.api.records import Row
from mock_ajera.api.unserved import UNSERVED
from mock_ajera.tenants.firm import Database, Firm
from mock_ajera.tenants.quirks import QUIRKS
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.users import ApiUser

FIRM_FILE = "firm.json"

_HIGHEST = 2**31 - 1
_HASH = re.compile(r"pbkdf2:sha256:\d{1,6}\$[A-Za-z0-9]{1,64}\$[0-9a-f]{64}")
"""A hash as API users are kept with. Others could ask for endless work at a login."""


class BadSample(ValueError):
    """A sample that cannot be loaded; says file, record and member."""


class CustomFieldEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A custom field of projects and phases."""

    Name: str
    Kind: Literal["Text", "Number", "Flag", "Day", "Choice"]
    Values: tuple[str, ...] = ()
    AllowEdit: bool = False


class UserEntry(msgspec.Struct, forbid_unknown_fields=True):
    """An API user, with its password or the hash of it."""

    Username: str
    Password: str | msgspec.UnsetType = msgspec.UNSET
    PasswordHash: str | msgspec.UnsetType = msgspec.UNSET
    AuthorizingEmployeeKey: int | None = None
    CanRead: bool = True
    CanWrite: bool = True
    Cleared: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.Password is msgspec.UNSET) == (self.PasswordHash is msgspec.UNSET):
            raise ValueError("one of `Password` and `PasswordHash` is needed, and not both")
        if self.PasswordHash is not msgspec.UNSET and not _HASH.fullmatch(self.PasswordHash):
            raise ValueError("`PasswordHash` is no hash of a password as an export has it")


class DatabaseEntry(msgspec.Struct, forbid_unknown_fields=True):
    """What the id in the URL names."""

    DatabaseName: str
    ClientID: int
    DatabaseID: int
    IsSampleData: bool = True


class FirmFile(msgspec.Struct, forbid_unknown_fields=True):
    """What ``firm.json`` holds."""

    CompanyName: str
    TimeZone: str
    AjeraVersion: str
    Database: DatabaseEntry
    TimeStartOfWeek: Literal["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    CustomFields: tuple[CustomFieldEntry, ...] = ()
    ApiUsers: tuple[UserEntry, ...] = ()
    Quirks: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    """Values by name, over those of the profile ``observed``."""
    Numbers: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    """The last number of a sequence of keys, where it is not the highest key that is in use."""

    def __post_init__(self) -> None:
        self.Quirks = _each(self.Quirks, "Quirks", QUIRKS.checked)
        self.Numbers = _each(self.Numbers, "Numbers", _number)


def _each(values: Any, member: str, check: Callable[[str, Any], Any]) -> Any:
    """The values of an object, each of them checked under its name."""
    if values is msgspec.UNSET:
        return values
    checked = {}
    for name, value in values.items():
        try:
            checked[name] = check(name, value)
        except ValueError as error:
            raise ValueError(f"{member}.{name}: {error}") from None
    return checked


def _number(sequence: str, value: Any) -> int:
    if sequence not in SEQUENCES:
        raise ValueError(f"there is no sequence of keys {sequence!r}; there are {', '.join(SEQUENCES)}")
    if type(value) is not int or not 0 < value <= _HIGHEST:
        raise ValueError(f"a whole number from 1 to {_HIGHEST} is expected, found {value!r}")
    return value


def _sequences(schema: Row) -> Iterator[str]:
    for member in schema.members.values():
        if isinstance(member, f.Key):
            yield member.sequence
        elif isinstance(member, f.KeyedRows) and member.row is not schema:
            yield from _sequences(member.row)


SEQUENCES = tuple(sorted({name for record in RECORDS.values() for name in _sequences(record)}))
"""The sequences that keys of records and of rows inside them are taken from."""


def firm_file(raw: Any, at: str) -> FirmFile:
    """The content of the file, checked. ``at``: what messages call it. Raises ``BadSample``."""
    try:
        return msgspec.convert(raw, FirmFile)
    except msgspec.ValidationError as error:
        raise BadSample(f"{at}: {str(error).replace('`$.', '`')}") from None


def firm_in(said: FirmFile, at: str) -> Firm:
    """The firm that the file says. Raises ``BadSample``."""
    database = said.Database
    firm = Firm(
        company_name=said.CompanyName,
        time_zone=said.TimeZone,
        ajera_version=said.AjeraVersion,
        week_start=said.TimeStartOfWeek,
        database=Database(database.DatabaseName, database.ClientID, database.DatabaseID, database.IsSampleData),
        custom_fields=tuple(
            # A name is shown without its blanks (claim project.custom-field-names).
            {
                "name": field.Name.replace(" ", ""),
                "kind": field.Kind,
                "values": field.Values,
                "allow_edit": field.AllowEdit,
            }
            for field in said.CustomFields
        ),
    )
    for what, names in (
        ("custom fields", [field["name"] for field in firm.custom_fields]),
        ("API users", [user.Username for user in said.ApiUsers]),
    ):
        if "" in names or len(set(names)) < len(names):
            raise BadSample(f"{at}: the names of {what} must differ, and none may be empty")
    try:
        _ = firm.zone
    except ValueError as error:
        raise BadSample(f"{at}: TimeZone: {error}") from None
    return firm


def apply_firm_settings(tenant: Tenant, said: FirmFile, at: str) -> None:
    """Give a tenant, which has its records, the users, quirks and numbers that the file says. Raises ``BadSample``."""
    for user in _users(said, tenant, at):
        tenant.users.put(user)
    if said.Quirks:
        tenant.set_quirks(said.Quirks)
    with tenant.lock, tenant.store.transaction():
        for sequence, number in (said.Numbers or {}).items():
            highest = tenant.store.number(sequence)
            if number < highest:
                raise BadSample(f"{at}: Numbers.{sequence}: {number} is below {highest}, a key that is in use")
            tenant.store.raise_number(sequence, number)


def _users(said: FirmFile, tenant: Tenant, at: str) -> Iterator[ApiUser]:
    for i, user in enumerate(said.ApiUsers):
        where = f"{at}: ApiUsers[{i}]"
        employee = user.AuthorizingEmployeeKey
        if employee is not None and tenant.model.summary("Employee", employee) is None:
            raise BadSample(f"{where}: there is no Employee {employee}")
        for method in user.Cleared:
            if method not in METHODS and method not in UNSERVED:
                raise BadSample(f"{where}: Cleared: there is no method {method}")
        if user.Password is not msgspec.UNSET:
            yield ApiUser.new(
                user.Username,
                user.Password,
                employee,
                can_read=user.CanRead,
                can_write=user.CanWrite,
                cleared=user.Cleared,
            )
        else:
            known = str(user.PasswordHash)
            yield ApiUser(user.Username, known, employee, user.CanRead, user.CanWrite, user.Cleared)
