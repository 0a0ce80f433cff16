"""Filters of the List methods, as data: an argument, what it takes, and which records it keeps.

Items of one filter mean OR, filters mean AND (claim ``filter.or-within-and-between``). Null and an empty list are no
filter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mock_ajera.api import fields as f
from mock_ajera.api.member import Member
from mock_ajera.api.reasons import fault
from mock_ajera.tenants import stamps
from mock_ajera.tenants.model import Entry, Folded, Need, Table, fold
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on

Test = Callable[[Entry], bool]


class Items(Member):
    """An argument that is a list; with ``bare``, one item may come without it."""

    def __init__(self, item: Member, *, null_items: bool = False, bare: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.item, self.null_items, self.bare = item, null_items, bare

    @property
    def type_name(self) -> str:
        return f"list of {self.item.type_name}"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            if self.bare:
                return [self.item.deserialize(value)]
            raise fault("type", "a list is expected")
        if None in value and not self.null_items:
            raise fault("null", "null is not an item of this list")
        return [None if item is None else self.item.deserialize(item) for item in value]


@dataclass(frozen=True)
class Filter:
    """An argument of a List method."""

    argument: str
    members: tuple[str, ...]
    """Members of the record that it compares."""
    claim: str

    def field(self) -> Member:
        """What the argument takes."""
        raise NotImplementedError

    def needs(self, kind: str) -> Iterator[Need]:
        """Yield what the filter needs of the read model to filter records of a kind."""
        yield Need(kind, self.members)

    def guesses(self, value: Any) -> tuple[str, ...]:
        """Claims beside its own that the filter rests on with this value."""
        return ()

    def narrow(self, value: Any, table: Table, tenant: Tenant) -> set[int] | None:
        """Keys that the filter keeps, when an index tells; otherwise None."""
        return None

    def test(self, value: Any, tenant: Tenant) -> Test:
        """The test that a record must pass, where no index tells."""
        raise NotImplementedError


@dataclass(frozen=True)
class OneOf(Filter):
    """Keeps the records whose member is one of the listed values."""

    item: Callable[[], Member]
    null_items: bool = False
    bare: bool = False

    def field(self) -> Member:
        return Items(self.item(), null_items=self.null_items, bare=self.bare)

    def needs(self, kind: str) -> Iterator[Need]:
        yield Need(kind, self.members, self.members)

    def narrow(self, value: Any, table: Table, tenant: Tenant) -> set[int] | None:
        return table.keys_with(self.members[0], value)


def status(argument: str, *words: str, cased: str = "filter.status-case-insensitive", claim: str) -> OneOf:
    """A filter of status words."""
    refused = "filter.unknown-status-refused"
    return OneOf(argument, ("Status",), claim, lambda: f.Choice(*words, outside=refused, cased=cased))


def keys(argument: str, member: str, claim: str, *, null_items: bool = False) -> OneOf:
    """A filter of keys of another kind."""
    return OneOf(argument, (member,), claim, f.Whole, null_items)


LONGEST_PATTERN = 4000
"""Characters of a LIKE pattern: SQL Server takes 8000 bytes, and a character has two."""


def flags(argument: str, member: str, claim: str, *, bare: bool = False) -> OneOf:
    """A filter of true and false."""
    return OneOf(argument, (member,), claim, f.Flag, bare=bare)


@dataclass(frozen=True)
class Like(Filter):
    """Keeps the records with a member in which the text occurs, as SQL LIKE has it: % and _ are wild, [] is a set,
    case does not matter.
    """

    def field(self) -> Member:
        return f.Text(max=LONGEST_PATTERN, outside="filter.like-pattern-bounded")

    def guesses(self, value: Any) -> tuple[str, ...]:
        case = ("filter.like-case-insensitive",)
        return (*case, "filter.like-wildcards") if WILD.search(value) else case

    def test(self, value: Any, tenant: Tenant) -> Test:
        members = self.members
        if not WILD.search(value):
            needle = fold(value)
            # Spelt out for one and two members: this runs over every record of the firm.
            if len(members) == 1:
                return lambda entry: needle in fold(entry.summary[members[0]])
            first, second = members[0], members[1:]
            return lambda entry: (
                needle in fold(entry.summary[first]) or any(needle in fold(entry.summary[member]) for member in second)
            )
        matches = like(value)
        return lambda entry: any(matches(entry.summary[member]) for member in members)


@dataclass(frozen=True)
class JoinedLike(Like):
    """A LIKE that also looks into the members joined by blanks, so that a whole name is found."""

    def test(self, value: Any, tenant: Tenant) -> Test:
        matches = like(value)
        members = self.members

        def test(entry: Entry) -> bool:
            texts = [entry.summary[member] for member in members if entry.summary[member]]
            return any(matches(text) for text in (*texts, " ".join(texts)))

        return test


@dataclass(frozen=True)
class ThroughReferrer(Filter):
    """Keep the records to which a record of kind ``by`` refers whose member is one of the listed keys."""

    by: str

    def needs(self, kind: str) -> Iterator[Need]:
        yield Need(self.by, self.members, self.members)
        yield Need(kind, referred_by=self.by)

    def field(self) -> Member:
        return Items(f.Whole())

    def narrow(self, value: Any, table: Table, tenant: Tenant) -> set[int] | None:
        referring = tenant.model.tables[self.by]
        keys = referring.keys_with(self.members[0], value)
        return set().union(*(referring.entries[key].references[table.spec.kind] for key in keys))


@dataclass(frozen=True)
class ThroughReference(Filter):
    """Keep the records that refer, in ``members[0]``, to a record of kind ``to`` that passes another filter."""

    to: str
    other: Filter

    def needs(self, kind: str) -> Iterator[Need]:
        yield Need(kind, self.members, self.members)
        yield from self.other.needs(self.to)

    def field(self) -> Member:
        return self.other.field()

    def guesses(self, value: Any) -> tuple[str, ...]:
        return self.other.guesses(value)

    def narrow(self, value: Any, table: Table, tenant: Tenant) -> set[int] | None:
        target = tenant.model.tables[self.to]
        found = self.other.narrow(value, target, tenant)
        if found is None:
            test = self.other.test(value, tenant)
            found = {key for key, entry in target.entries.items() if test(entry)}
        return table.keys_with(self.members[0], found)


WILD = re.compile(r"[%_\[]")


def like(text: str) -> Callable[[str], bool]:
    """What SQL Server's LIKE '%text%' matches.

    The pieces between the % are searched one behind the other, each as early as it goes: no pattern is slow that way.
    """
    pieces = [re.compile(piece, re.DOTALL) for piece in _pieces(fold(text))]

    def matches(value: str) -> bool:
        value = fold(value)
        at = 0
        for piece in pieces:
            found = piece.search(value, at)
            if found is None:
                return False
            at = found.end()
        return True

    return matches


def _pieces(text: str) -> list[str]:
    pieces = [""]
    at = 0
    while at < len(text):
        sign = text[at]
        if sign == "%":
            pieces.append("")
        elif sign == "_":
            pieces[-1] += "."
        elif sign == "[" and (end := text.find("]", at + 2)) != -1:
            inside = text[at + 1 : end]
            negated = inside.startswith("^") and len(inside) > 1
            pieces[-1] += f"[{'^' if negated else ''}{_set(inside[1:] if negated else inside)}]"
            at = end
        else:
            pieces[-1] += re.escape(sign)
        at += 1
    return [piece for piece in pieces if piece]


def _set(inside: str) -> str:
    """The inside of a LIKE set as the inside of a pattern's: a dash between two signs is a range where it ascends."""
    found: list[str] = []
    at = 0
    while at < len(inside):
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside) and inside[at] <= inside[at + 2]:
            found.append(f"{re.escape(inside[at])}-{re.escape(inside[at + 2])}")
            at += 3
        else:
            found.append(re.escape(inside[at]))
            at += 1
    return "".join(found)


@dataclass(frozen=True)
class Equals(Filter):
    """Keeps the records whose member is the text; case does not matter."""

    def field(self) -> Member:
        return f.Text()

    def guesses(self, value: Any) -> tuple[str, ...]:
        return ("filter.equals-case-insensitive",)

    def needs(self, kind: str) -> Iterator[Need]:
        yield Need(kind, self.members, (Folded(self.members),))

    def narrow(self, value: Any, table: Table, tenant: Tenant) -> set[int] | None:
        return table.keys_with(Folded(self.members), ((fold(value),),))


@dataclass(frozen=True)
class Modified(Filter):
    """Keeps the records last modified on or after an instant, or with ``upper`` on or before it."""

    upper: bool = False

    def field(self) -> Member:
        return Instant()

    def guesses(self, value: Any) -> tuple[str, ...]:
        match stamps.form(value):
            case "stamp":
                return ("filter.stamp-as-date",)
            case "iso":
                return ("filter.iso-date",)
            case _:
                bound = ("filter.bare-date-upper-bound",) if self.upper else ()
                return ("filter.bare-date-is-local-midnight", *bound)

    def test(self, value: Any, tenant: Tenant) -> Test:
        whole_day = tenant.quirk("bare_upper_date") == "whole_day"
        bound = stamps.parse_filter(value, tenant.firm.zone, upper=self.upper, covers_day=whole_day)
        if self.upper:
            return lambda entry: entry.stamp <= bound
        return lambda entry: entry.stamp >= bound


class Instant(Member):
    """A stamp, or a date without a time. Kept as text: what a bare date means is the tenant's affair."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise fault("type", "a date is expected")
        try:
            stamps.check_filter(value)
        except ValueError as error:
            raise fault("date", str(error), "filter.date-formats") from None
        return value


def modified(
    earliest: str = "FilterByEarliestModifiedDate", latest: str = "FilterByLatestModifiedDate"
) -> tuple[Filter, Filter]:
    """The two filters by LastModifiedDate."""
    return (
        Modified(earliest, (), "filter.earliest-modified"),
        Modified(latest, (), "filter.latest-modified", upper=True),
    )


def select(table: Table, filters: Iterable[Filter], arguments: dict[str, Any], tenant: Tenant) -> list[int]:
    """Keys of the records that pass every filter that is set, ascending."""
    narrowed: set[int] | None = None
    tests: list[Test] = []
    set_filters = 0
    for each in filters:
        value = arguments.get(each.argument)
        if value is None or value == []:
            if value == []:
                relies_on("filter.empty-array-is-absent")
            continue
        set_filters += 1
        relies_on(each.claim)
        for claim in each.guesses(value):
            relies_on(claim)
        if set_filters > 1 or (isinstance(value, list) and len(value) > 1):
            relies_on("filter.or-within-and-between")
        found = each.narrow(value, table, tenant)
        if found is None:
            tests.append(each.test(value, tenant))
        else:
            narrowed = found if narrowed is None else narrowed & found
    entries = table.entries
    kept: Iterable[int] = entries if narrowed is None else narrowed
    for test in tests:
        kept = [key for key in kept if test(entries[key])]
    return sorted(kept)
