"""``firm.json``: the firm, its custom fields and API users, and the quirks and key sequences of the tenant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Literal

import msgspec

from mock_ajera.api.custom_fields import CF, CustomFields
from mock_ajera.api.families import METHODS, RECORDS
from mock_ajera.api.records import plural
from mock_ajera.spelling import suggestion
from mock_ajera.tenants.firm import CustomField, Database, Firm
from mock_ajera.tenants.quirks import QUIRKS
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.users import ApiUser

FIRM_FILE = "firm.json"

_HIGHEST = 2**31 - 1
_LONGEST_NAME = 80
_HASH = re.compile(r"pbkdf2:sha256:\d{1,6}\$[A-Za-z0-9]{1,64}\$[0-9a-f]{64}")
"""The form of a stored password hash. Others could make a login take arbitrarily long."""


class BadSample(ValueError):
    """A sample that cannot be loaded. The message has the file, the record and the member."""


class CustomFieldEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A custom field of the kinds of records in ``On``."""

    Name: str
    Kind: Literal["Text", "Number", "Flag", "Day", "Choice"]
    Values: tuple[str, ...] = ()
    AllowEdit: bool = False
    On: tuple[str, ...] = ("Project",)

    def __post_init__(self) -> None:
        if len(self.Name) > _LONGEST_NAME or not self.Name.isprintable() or self.Name.startswith(CF):
            expected = f"at most {_LONGEST_NAME} printable characters that do not start with {CF} are expected"
            raise ValueError(f"Name: {expected}, found {self.Name!r:.90}")
        if self.Values and self.Kind != "Choice":
            raise ValueError(f"Values: only a Choice has values, not a {self.Kind}")
        if self.Kind == "Choice" and not (self.Values or self.AllowEdit):
            raise ValueError("Values: a Choice without AllowEdit needs at least one value")
        if not self.On or len(set(self.On)) < len(self.On) or not set(self.On) <= set(CUSTOMIZABLE):
            expected = f"one or more of {', '.join(CUSTOMIZABLE)} are expected, each once"
            raise ValueError(f"On: {expected}, found {list(self.On)!r}")


class UserEntry(msgspec.Struct, forbid_unknown_fields=True):
    """An API user with its password or password hash."""

    Username: str
    Password: str | msgspec.UnsetType = msgspec.UNSET
    PasswordHash: str | msgspec.UnsetType = msgspec.UNSET
    AuthorizingEmployeeKey: int | None = None
    CanRead: bool = True
    CanWrite: bool = True
    Cleared: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.Password is msgspec.UNSET) == (self.PasswordHash is msgspec.UNSET):
            raise ValueError("exactly one of `Password` and `PasswordHash` is required")
        if self.PasswordHash is not msgspec.UNSET and not _HASH.fullmatch(self.PasswordHash):
            raise ValueError("`PasswordHash` is not a password hash as written by an export")


class DatabaseEntry(msgspec.Struct, forbid_unknown_fields=True):
    """The database that the id in the URL refers to."""

    DatabaseName: str
    ClientID: int
    DatabaseID: int
    IsSampleData: bool = True


class FirmFile(msgspec.Struct, forbid_unknown_fields=True):
    """The content of ``firm.json``."""

    CompanyName: str
    TimeZone: str
    AjeraVersion: str
    Database: DatabaseEntry
    TimeStartOfWeek: Literal["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    UsingICRMobile: bool = False
    """Whether the firm scans receipts with Ajera's mobile app."""
    CustomFields: tuple[CustomFieldEntry, ...] = ()
    ApiUsers: tuple[UserEntry, ...] = ()
    Quirks: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    """Values by name, which override those of the profile ``observed``."""
    Numbers: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    """The last keys of sequences, if they are higher than the highest key in use."""

    def __post_init__(self) -> None:
        self.Quirks = _checked(self.Quirks, "Quirks", QUIRKS.checked)
        self.Numbers = _checked(self.Numbers, "Numbers", _number)


def _checked(values: Any, member: str, check: Callable[[str, Any], Any]) -> Any:
    """Return the values of an object after checking each one."""
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
        raise ValueError(f"there is no key sequence {sequence!r}; the sequences are {', '.join(SEQUENCES)}")
    if type(value) is not int or not 0 < value <= _HIGHEST:
        raise ValueError(f"a whole number from 1 to {_HIGHEST} is expected, found {value!r}")
    return value


SEQUENCES = tuple(
    sorted({member.sequence for record in RECORDS.values() for _, member in record.stored_members() if member.sequence})
)
"""The sequences that keys of records and nested rows are numbered from."""

CUSTOMIZABLE = tuple(
    sorted(
        {
            member.on
            for record in RECORDS.values()
            for _, member in record.stored_members()
            if isinstance(member, CustomFields)
        }
    )
)
"""The kinds of records that can have custom fields."""


def firm_file(raw: Any, at: str) -> FirmFile:
    """Return the checked content of the file. ``at``: its name in messages. Raises ``BadSample``."""
    try:
        return msgspec.convert(raw, FirmFile)
    except msgspec.ValidationError as error:
        raise BadSample(f"{at}: {str(error).replace('`$.', '`')}") from None


def firm_in(content: FirmFile, at: str) -> Firm:
    """Return the firm that the file describes. Raises ``BadSample``."""
    database = content.Database
    firm = Firm(
        company_name=content.CompanyName,
        time_zone=content.TimeZone,
        ajera_version=content.AjeraVersion,
        week_start=content.TimeStartOfWeek,
        database=Database(database.DatabaseName, database.ClientID, database.DatabaseID, database.IsSampleData),
        custom_fields=tuple(
            # Names are printed without spaces (claim project.custom-field-names).
            CustomField(field.Name.replace(" ", ""), field.Kind, field.Values, field.AllowEdit, field.On)
            for field in content.CustomFields
        ),
        icr_mobile=content.UsingICRMobile,
    )
    for what, names in (
        *(
            (f"custom fields of {plural(kind)}", [field.name for field in fields])
            for kind, fields in firm.custom_fields_by_kind.items()
        ),
        ("API users", [user.Username for user in content.ApiUsers]),
    ):
        if "" in names or len(set(names)) < len(names):
            raise BadSample(f"{at}: the names of {what} must differ and must not be empty")
    try:
        _ = firm.zone
    except ValueError as error:
        raise BadSample(f"{at}: TimeZone: {error}") from None
    return firm


def apply_firm_settings(tenant: Tenant, content: FirmFile, at: str) -> None:
    """Set the API users, quirks and key sequences of a tenant that has its records. Raises ``BadSample``."""
    for user in _users(content, tenant, at):
        tenant.users.put(user)
    if content.Quirks:
        tenant.set_quirks(content.Quirks)
    with tenant.lock, tenant.store.transaction():
        for sequence, number in (content.Numbers or {}).items():
            highest = tenant.store.number(sequence)
            if number < highest:
                raise BadSample(f"{at}: Numbers.{sequence}: {number} is below {highest}, a key in use")
            tenant.store.raise_number(sequence, number)


def _users(content: FirmFile, tenant: Tenant, at: str) -> Iterator[ApiUser]:
    for i, user in enumerate(content.ApiUsers):
        path = f"{at}: ApiUsers[{i}]"
        employee = user.AuthorizingEmployeeKey
        if employee is not None and tenant.row("Employee", employee) is None:
            raise BadSample(f"{path}: there is no Employee {employee}")
        for method in user.Cleared:
            if method not in METHODS:
                raise BadSample(f"{path}: Cleared: there is no method {method}{suggestion(method, METHODS)}")
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
            password_hash = str(user.PasswordHash)
            yield ApiUser(user.Username, password_hash, employee, user.CanRead, user.CanWrite, user.Cleared)
