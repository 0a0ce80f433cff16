"""Filters of the List methods, as data: the argument, its type, and the condition that it sets.

The items of a filter are combined with OR, filters with AND (claim ``filter.or-within-and-between``). A filter that is
null or an empty list is not applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from mock_ajera.api import fields as f
from mock_ajera.api.context import Examples
from mock_ajera.api.like import LONGEST_PATTERN, WILDCARDS, like, literals
from mock_ajera.api.member import Member
from mock_ajera.api.reasons import fault
from mock_ajera.tenants import stamps
from mock_ajera.tenants.folding import collated, fold
from mock_ajera.tenants.model import Entry, Folded, Need, Table
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on

Test = Callable[[Entry], bool]
Condition = set[int] | Test
"""The keys that a filter keeps, or a test for each record if no index has them."""


class Items(Member):
    """An argument that is a list. ``bare``: whether a single item may be sent without the list.

    ``listed``, ``filled``: the claims that a bare value and a null in the list are refused.
    """

    listed, filled = "filter.bare-value-refused", "filter.null-item-refused"

    def __init__(self, item: Member, *, null_items: bool = False, bare: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.item, self.null_items, self.bare = item, null_items, bare

    @property
    def type_name(self) -> str:
        items = f"list, each item: {self.item.type_name}"
        return f"{items}; a single value needs no list" if self.bare else items

    def example(self, firm: Examples) -> Any:
        return [self.item.example(firm)]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            if self.bare:
                return [self.item.deserialize(value)]
            raise fault("type", "a list is expected", self.listed)
        if None in value and not self.null_items:
            raise fault("null", "null is not allowed in this list", self.filled)
        return [None if item is None else self.item.deserialize(item) for item in value]


class Filter(msgspec.Struct, frozen=True):
    """An argument of a List method."""

    argument: str
    members: tuple[str, ...]
    """The members of the record that it compares."""
    claim: str

    def field(self) -> Member:
        """Return the member that reads the argument."""
        raise NotImplementedError

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        """Return the condition that a value of the argument sets."""
        raise NotImplementedError

    def needs(self, kind: str) -> Iterator[Need]:
        """Yield the needs of the read model to filter records of a kind."""
        yield Need(kind, self.members)

    def guesses(self, value: Any) -> tuple[str, ...]:
        """Return the claims, in addition to its own, that the filter relies on with a value."""
        return ()


class OneOf(Filter, frozen=True):
    """Keep the records whose member is one of the listed values."""

    item: Callable[[], Member]
    null_items: str = ""
    """Claim that null may be listed, and keeps the records without a value; "" if it may not."""
    bare: bool = False
    narrows: str = ""
    """The quirk that narrows a list of several statuses to Active; "" if none does."""

    def field(self) -> Member:
        return Items(self.item(), null_items=bool(self.null_items), bare=self.bare)

    def needs(self, kind: str) -> Iterator[Need]:
        yield Need(kind, self.members, self.members)

    def guesses(self, value: Any) -> tuple[str, ...]:
        return (self.null_items,) if self.null_items and None in value else ()

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        if self.narrows and len(set(value)) > 1 and tenant.quirk(self.narrows) == "active":
            relies_on("filter.status-narrows-to-active")
            value = ["Active"]
        return table.keys_with(self.members[0], value)


def status(argument: str, *words: str, cased: str = "filter.status-case-elsewhere", claim: str) -> OneOf:
    """Return a filter by words of the member Status."""
    refused = "filter.unknown-status-refused"
    return OneOf(argument, ("Status",), claim, lambda: f.Choice(*words, outside=refused, cased=cased))


class OneOfKeys(OneOf, frozen=True):
    """Keep the records that refer to one of the listed records of another kind.

    ``of``: that kind, if the name of the member does not say it. ``unset``: claim that records without a reference are
    never kept.
    """

    item: Callable[[], Member] = f.AskedKey
    of: str = ""
    unset: str = ""

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        note_unknown(self.of or self.members[0].removesuffix("Key"), value, tenant)
        if self.unset:
            relies_on(self.unset)
        return super().condition(value, table, tenant)


def note_unknown(kind: str, keys: Iterable[int | None], tenant: Tenant) -> None:
    """Note the claim that keys of a filter may be unknown, if there is no record with one of them."""
    if not tenant.model.tables[kind].entries.keys() >= {key for key in keys if key is not None}:
        relies_on("filter.unknown-key-matches-none")


def keys(argument: str, member: str, claim: str, **options: Any) -> OneOf:
    """Return a filter by keys of another kind. ``options``: those of ``OneOfKeys``."""
    return OneOfKeys(argument, (member,), claim, **options)


def flags(argument: str, member: str, claim: str, *, bare: bool = False) -> OneOf:
    """Return a filter by true and false."""
    return OneOf(argument, (member,), claim, f.Flag, bare=bare)


class Like(Filter, frozen=True):
    """Keep the records with a member that contains the pattern of SQL LIKE: % and _ are wildcards, [] is a set."""

    def field(self) -> Member:
        return f.Text(max=LONGEST_PATTERN, outside="filter.like-pattern-bounded")

    def guesses(self, value: Any) -> tuple[str, ...]:
        if not value:
            return ("filter.like-empty",)
        guesses = ["filter.like-case-insensitive"]
        if WILDCARDS.search(value):
            guesses.append("filter.like-wildcards")
        if value.endswith(" "):
            guesses.append("filter.like-blanks-count")
        if not value.isascii():
            guesses.append("filter.accents-count")
        return tuple(guesses)

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        test = self.test(value)
        keys = table.keys_containing(literals(value), self.members)
        return test if keys is None else {key for key in keys if test(table.entries[key])}

    def test(self, value: str) -> Test:
        """Return the test for a record."""
        members = self.members
        if not WILDCARDS.search(value):
            needle = fold(value)
            # Written out for one and two members: this is called for many records.
            if len(members) == 1:
                return lambda entry: needle in fold(entry.summary[members[0]])
            first, second = members[0], members[1:]
            return lambda entry: (
                needle in fold(entry.summary[first]) or any(needle in fold(entry.summary[member]) for member in second)
            )
        matches = like(value)
        return lambda entry: any(matches(entry.summary[member]) for member in members)


class JoinedLike(Like, frozen=True):
    """A LIKE that also searches the members joined by spaces, so that it finds a full name."""

    def test(self, value: str) -> Test:
        matches = like(value)
        members = self.members

        def test(entry: Entry) -> bool:
            texts = [entry.summary[member] for member in members if entry.summary[member]]
            return any(matches(text) for text in (*texts, " ".join(texts)))

        return test


class ThroughReferrer(Filter, frozen=True):
    """Keep the records that a record of kind ``by`` refers to, if its member is one of the listed keys."""

    by: str

    def needs(self, kind: str) -> Iterator[Need]:
        yield Need(self.by, self.members, self.members)
        yield Need(kind, referred_by=self.by)

    def field(self) -> Member:
        return Items(f.AskedKey())

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        note_unknown(self.members[0].removesuffix("Key"), value, tenant)
        referring = tenant.model.tables[self.by]
        keys = referring.keys_with(self.members[0], value)
        return set().union(*(referring.entries[key].references[table.spec.kind] for key in keys))


class ThroughReference(Filter, frozen=True):
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

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        target = tenant.model.tables[self.to]
        condition = self.other.condition(value, target, tenant)
        if callable(condition):
            condition = {key for key, entry in target.entries.items() if condition(entry)}
        return table.keys_with(self.members[0], condition)


class Equals(Filter, frozen=True):
    """Keep the records whose member is the text. Case and trailing blanks do not count."""

    def field(self) -> Member:
        return f.Text()

    def guesses(self, value: Any) -> tuple[str, ...]:
        if not value:
            return ("filter.equals-empty",)
        guesses = ["filter.equals-case-insensitive"]
        if value.endswith(" "):
            guesses.append("filter.equals-trailing-blanks")
        if not value.isascii():
            guesses.append("filter.accents-count")
        return tuple(guesses)

    def needs(self, kind: str) -> Iterator[Need]:
        yield Need(kind, self.members, (Folded(self.members),))

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        return table.keys_with(Folded(self.members), ((collated(value),),))


class Modified(Filter, frozen=True):
    """Keep the records last modified on or after an instant; with ``upper``, on or before it."""

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

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        whole_day = tenant.quirk("bare_upper_date") == "whole_day"
        bound = stamps.parse_filter(value, tenant.firm.zone, upper=self.upper, covers_day=whole_day)
        if self.upper:
            return lambda entry: entry.stamp <= bound
        return lambda entry: entry.stamp >= bound


class OnDay(Filter, frozen=True):
    """Keep the records with a date on or after a day; with ``upper``, on or before it."""

    upper: bool = False

    def field(self) -> Member:
        return f.Day()

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        member = self.members[0]
        if self.upper:
            return lambda entry: entry.summary[member] is not None and entry.summary[member] <= value
        return lambda entry: entry.summary[member] is not None and entry.summary[member] >= value


class Instant(Member):
    """A stamp, or a date without a time. It remains text, because the meaning of a bare date depends on the tenant."""

    type_name = "date or time: 2026-11-25, 2026-11-25T09:07:00-05:00 or a LastModifiedDate"

    def example(self, firm: Examples) -> Any:
        return "2021-01-01"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise fault("type", "a date is expected")
        try:
            stamps.check_filter(value)
        except ValueError as error:
            claim = "filter.date-range" if isinstance(error, stamps.OutOfRange) else "filter.date-formats"
            raise fault("date", str(error), claim) from None
        return value


def modified(
    earliest: str = "FilterByEarliestModifiedDate", latest: str = "FilterByLatestModifiedDate"
) -> tuple[Filter, Filter]:
    """Return the two filters by LastModifiedDate."""
    return (
        Modified(earliest, (), "filter.earliest-modified"),
        Modified(latest, (), "filter.latest-modified", upper=True),
    )


def select(table: Table, filters: Iterable[Filter], arguments: dict[str, Any], tenant: Tenant) -> list[int]:
    """Return the keys of the records that pass every filter that is set, in ascending order."""
    indexed: set[int] | None = None
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
        condition = each.condition(value, table, tenant)
        if callable(condition):
            tests.append(condition)
        else:
            indexed = condition if indexed is None else indexed & condition
    entries = table.entries
    selected: Iterable[int] = entries if indexed is None else indexed
    for test in tests:
        selected = [key for key in selected if test(entries[key])]
    return sorted(selected)
