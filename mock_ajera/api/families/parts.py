"""Members and rules that several families share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from mock_ajera.api import fields as f
from mock_ajera.api.context import View, WriteContext
from mock_ajera.api.member import Body, Copied
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record, Row
from mock_ajera.api.shapes import ACTIVE
from mock_ajera.tenants.folding import collated
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


def active(listed: str) -> f.Choice:
    """Return the member Status of a record that is Active or Inactive. ``listed``: the claim that it is."""
    return f.Choice(*ACTIVE, default="Active", listed=listed)


def changed(row: Body, stored: Body | None, *members: str) -> bool:
    """Return whether a row is new or one of the members differs from the stored row."""
    return stored is None or any(row[member] != stored.get(member) for member in members)


def project_of(body: Body, view: View) -> Mapping[str, Any] | None:
    """Return the project of a row with ProjectKey."""
    return view.body("Project", body["ProjectKey"])


def without_nulls(row: Mapping[str, Any]) -> Body:
    """Return the members of a row that have a value."""
    return {name: value for name, value in row.items() if value is not None}


def phase_of(body: Body, view: View) -> Body | None:
    """Return the phase of a row with ProjectKey and PhaseKey, if the project has it."""
    project = project_of(body, view) or {}
    return next((phase for phase in project.get("Phases", ()) if phase["PhaseKey"] == body["PhaseKey"]), None)


class PhaseMember(f.Computed):
    """A member of the phase of a row. It is read from the stored project, because summaries have no phases."""

    def __init__(self, shows: str, **options: Any) -> None:
        super().__init__(**options)
        self.shows = shows

    def value(self, body: Body, view: View) -> Any:
        return (phase_of(body, view) or {}).get(self.shows, "")

    def copies(self) -> Iterator[Copied]:
        yield Copied("", "Project", f"Phases[].{self.shows}")

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield "Project", ""


class NotEmpty(msgspec.Struct, frozen=True):
    """A text that must not be empty."""

    member: str
    claim: str

    def __call__(self, schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
        path = within(at, schema.members[self.member].wire)
        refused = any(reason.path == path for reason in context.invalid)
        if not refused and changed(row, stored, self.member) and not row[self.member].strip():
            context.refuse(path, "not-empty", "must not be empty", self.claim)


class MayBeEmpty(msgspec.Struct, frozen=True):
    """A required text that may be empty, which is a guess."""

    member: str
    claim: str

    def __call__(self, schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
        if changed(row, stored, self.member) and not row[self.member].strip():
            relies_on(self.claim)


class Unique(msgspec.Struct, frozen=True):
    """Texts that no two records of a kind may share in combination. They are compared as ``collated`` does.

    ``claim``: claim that a second one is refused. ``quirk``: the quirk whose value "allow" disables the rule; "" for
    none. ``allowed``: claim that it does. ``compared``: claim that these are the members to compare.
    """

    unique: tuple[str, ...]
    """The members; the read model indexes their case-folded texts."""
    claim: str
    quirk: str = ""
    allowed: str = ""
    compared: str = ""

    def __call__(self, schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
        if not isinstance(schema, Record):
            raise TypeError(f"{type(schema).__name__}: only the texts of a record can be unique")
        texts = tuple(collated(row[member]) for member in self.unique)
        if not any(texts) or context.seeding:
            return
        kind, key = schema.kind, row[schema.key.name]
        holders = context.view.holders(kind, self.unique, texts)
        others = {other for other in holders if other != key and (kind, other) not in context.batch.keys}
        name = (kind, self.unique, texts)
        if changed(row, stored, *self.unique) and (others or name in context.batch.texts):
            holder = f"{kind} {min(others)}" if others else f"another {kind} of this request"
            self._judge(holder, within(at, schema.members[self.unique[0]].wire), context)
            if any(row[member].endswith(" ") for member in self.unique):
                relies_on("write.unique-trailing-blanks")
        elif not all(text.isascii() for text in texts):
            relies_on("write.unique-accents")
        context.texts.add(name)

    def _judge(self, holder: str, path: str, context: WriteContext) -> None:
        """Refuse texts that another record has, unless the quirk allows them."""
        if self.compared:
            relies_on(self.compared)
        if self.quirk and context.quirk(self.quirk) == "allow":
            if self.allowed:
                relies_on(self.allowed)
            return
        same = "it" if len(self.unique) == 1 else f"the same {', '.join(self.unique)}"
        context.refuse(path, "unique", f"{holder} already has {same}", self.claim)


class DateOrder(msgspec.Struct, frozen=True):
    """A start date that is not after the completion date, if both are set."""

    start: str
    completion: str

    def __call__(self, schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
        if not changed(row, stored, self.start, self.completion):
            return
        start, completion = row[self.start], row[self.completion]
        if start is not None and start == completion:
            relies_on("project.date-order-equal")
        if start is not None and completion is not None and start > completion:
            text = f"{self.start} {start} is after {self.completion} {completion}"
            path = within(at, schema.members[self.start].wire)
            context.refuse(path, "date-order", text, "project.date-order")
