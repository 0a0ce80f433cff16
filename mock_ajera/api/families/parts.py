"""Groups of members and rules that several families share."""

from __future__ import annotations

from dataclasses import dataclass

from mock_ajera.api import fields as f
from mock_ajera.api.records import Body, Row, WriteContext, within
from mock_ajera.api.shapes import ACTIVE
from mock_ajera.tenants.model import fold
from mock_ajera.tenants.trace import relies_on


class Phones(Row):
    """Telephone numbers, each with a description."""

    PrimaryPhoneNumber = f.Text()
    PrimaryPhoneDescription = f.Text()
    SecondaryPhoneNumber = f.Text()
    SecondaryPhoneDescription = f.Text()
    TertiaryPhoneNumber = f.Text()
    TertiaryPhoneDescription = f.Text()


class Addresses(Row):
    """The primary and the mailing address."""

    PrimaryAddressLineOne = f.Text()
    PrimaryAddressLineTwo = f.Text()
    PrimaryAddressLineThree = f.Text()
    PrimaryAddressCity = f.Text()
    PrimaryAddressZip = f.Text()
    PrimaryAddressState = f.Text()
    PrimaryAddressCountry = f.Text()
    MailingAddressSameAsPrimary = f.Flag(default=True)
    MailingAddressLineOne = f.Text()
    MailingAddressLineTwo = f.Text()
    MailingAddressLineThree = f.Text()
    MailingAddressCity = f.Text()
    MailingAddressZip = f.Text()
    MailingAddressState = f.Text()
    MailingAddressCountry = f.Text()


def active() -> f.Choice:
    """The Status of a record that is Active or Inactive."""
    return f.Choice(*ACTIVE, default="Active")


def changed(row: Body, stored: Body | None, *members: str) -> bool:
    """Whether a row is new or one of the members differs from what is stored."""
    return stored is None or any(row[member] != stored.get(member) for member in members)


@dataclass(frozen=True)
class NotEmpty:
    """A text that a record must have."""

    member: str
    claim: str

    def __call__(self, row: Body, stored: Body | None, at: str, writing: WriteContext) -> None:
        where = within(at, self.member)
        told = any(reason.path == where for reason in writing.invalid)
        if not told and changed(row, stored, self.member) and not row[self.member].strip():
            writing.refuse(where, "not-empty", "must not be empty", self.claim)


@dataclass(frozen=True)
class MayBeEmpty:
    """A text that has to be sent, and is taken where it is empty: somebody may lean on that."""

    member: str
    claim: str

    def __call__(self, row: Body, stored: Body | None, at: str, writing: WriteContext) -> None:
        if changed(row, stored, self.member) and not row[self.member].strip():
            relies_on(self.claim)


@dataclass(frozen=True)
class Unique:
    """A text that no other record of the kind has, without regard to case; unless the quirk allows it.

    ``key``: name of the member that tells a record from the others.
    """

    kind: str
    key: str
    member: str
    quirk: str
    claim: str

    @property
    def keeps(self) -> tuple[str, ...]:
        """Members that the read model must keep."""
        return (self.member,)

    def __call__(self, row: Body, stored: Body | None, at: str, writing: WriteContext) -> None:
        text = fold(row[self.member])
        if not text or writing.seeding or writing.quirk(self.quirk) == "allow":
            return
        key = row[self.key]
        name = (self.kind, self.member, text)
        holders = writing.view.holders(self.kind, self.member, text)
        others = {other for other in holders if other != key and (self.kind, other) not in writing.planned.keys}
        if changed(row, stored, self.member) and (others or name in writing.planned.names):
            who = f"{self.kind} {min(others)}" if others else f"another {self.kind} of this request"
            writing.refuse(within(at, self.member), "unique", f"{who} has it already", self.claim)
        writing.names.add(name)


@dataclass(frozen=True)
class DateOrder:
    """A start that is not after its completion, where both are set."""

    start: str
    completion: str

    def __call__(self, row: Body, stored: Body | None, at: str, writing: WriteContext) -> None:
        if not changed(row, stored, self.start, self.completion):
            return
        start, completion = row[self.start], row[self.completion]
        if start is not None and completion is not None and start > completion:
            text = f"{self.start} {start} is after {self.completion} {completion}"
            writing.refuse(within(at, self.start), "date-order", text, "project.date-order")
