"""The three shapes of most methods: List with filters, Get by keys, Update with a baseline.

A family declares its records, filters and exceptions; these functions build methods from them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from msgspec.structs import replace

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.changes import Outcome, Removed, nothing_to_update, unknown_members, update, version_1
from mock_ajera.api.context import Visibility
from mock_ajera.api.envelope import varies_guesses
from mock_ajera.api.fields.values import json_type
from mock_ajera.api.filters import Filter, Items, select
from mock_ajera.api.firm_values import FirmValues
from mock_ajera.api.member import Member
from mock_ajera.api.methods import Answer, Call, Guess, Layout, Method, Operation
from mock_ajera.api.permission import user_in_effect
from mock_ajera.api.reasons import fault
from mock_ajera.api.records import Record
from mock_ajera.api.views import Render, TenantView, render_all
from mock_ajera.codec import Raw, encode_known
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.model import Need
from mock_ajera.tenants.quirks import QUIRKS
from mock_ajera.tenants.render_cache import EVERYBODY, Audience
from mock_ajera.tenants.trace import reads_record, relies_on

ACTIVE = ("Active", "Inactive")
LISTED_IN_VERSION_2 = Guess("reference.version-2-too", "version_2_lists", refused="reference.version-1-only")
"""Version 2 serves a list, though no page says so."""

LISTING = ("filter.or-within-and-between", "filter.null-is-absent", "filter.empty-array-is-absent")
UPDATING = (
    *("write.negative-key-creates", "write.negative-keys-differ-nested", "write.new-stamp-required"),
    *("write.create-without-baseline", "write.stamp-required", "write.omitted-is-kept"),
    *("write.null-clears", "write.no-op-refused", "write.single-transaction", "write.each-record-alone"),
)
DELETING = ("write.delete-flag", "write.delete-in-use")
"""The claims that a caller of these methods should know."""


def page_of(call: Call, keys: list[int], *, order: str = "list.key-order") -> tuple[list[int], int]:
    """Return the keys of a list that are on the requested page, and the number of pages.

    ``order``: the claim that the list has this order.
    """
    if len(keys) > 1:
        relies_on(order)
        if varies_guesses(call.tenant.quirk):
            keys.reverse()
    if call.paging is None:
        return keys, 0
    relies_on("paging.page-count")
    pages = math.ceil(len(keys) / call.paging.size)
    if call.paging.number > max(pages, 1):
        relies_on("paging.beyond-last-empty")
    start = (call.paging.number - 1) * call.paging.size
    return keys[start : start + call.paging.size], pages


def list_method(
    record: Record,
    row: Mapping[str, str],
    filters: tuple[Filter, ...],
    *,
    claim: str,
    versions: tuple[int, ...] = (1,),
    guessed: Mapping[int, Guess] | None = None,
    needs_employee: bool = False,
) -> Method:
    """Return ``List<Nouns>``: the records that pass the filters.

    ``row``: printed member -> member of the record. ``versions``: those known to serve it. ``guessed``: further
    versions, with the guess that they serve it.
    """
    noun = record.plural
    shown = {name: member for name, member in row.items() if record.members[member].stored}
    stored = tuple(shown.values())
    values_of = attrgetter(*stored)
    computed = tuple((name, record.members[member]) for name, member in row.items() if name not in shown)

    def handle(call: Call) -> Answer:
        table = call.tenant.model.tables[record.kind]
        entries = table.entries
        keys = select(table, filters, call.arguments, call.tenant)
        keys, pages = page_of(call, keys)
        view = TenantView(call.tenant)
        rows = []
        for key in keys:
            summary = entries[key].summary
            values = dict(zip(shown, values_of(summary), strict=True))
            if computed:
                values = (
                    dict.fromkeys(row) | values | {name: each.value(dict(summary), view) for name, each in computed}
                )
            rows.append(values)
        return Answer({noun: Raw(encode_known(rows))}, pages=pages)

    arguments = {each.argument: each.field() for each in filters}
    status = {"FilterByStatus": ["Active"]} if "FilterByStatus" in arguments else {}
    operation = Operation(
        arguments,
        handle,
        claim,
        claims={each.argument: each.claim for each in filters},
        answers=(
            Layout(noun, {name: record.members[member] for name, member in row.items()}, shows=frozenset(Visibility)),
        ),
        manual=LISTING if filters else (),
        example=lambda _: status,
    )
    known = dict.fromkeys(versions, operation)
    guesses = {version: replace(operation, guesses=(guess,)) for version, guess in (guessed or {}).items()}
    return Method(
        name=f"List{noun}",
        access="read",
        versions=known | guesses,
        kind=record.kind,
        needs=(Need(record.kind, stored), *(need for each in filters for need in each.needs(record.kind))),
        paged=True,
        needs_employee=needs_employee,
    )


class Keys(Items):
    """The requested keys of a Get method."""

    listed = filled = "reading.wrong-shape-refused"

    def __init__(self, kind: str) -> None:
        super().__init__(f.AskedKey(kind), required="always")


def get_method(
    record: Record,
    render: Mapping[int, Render],
    *,
    claim: str,
    name: str = "",
    lists: Mapping[str, str] | None = None,
    most: str | None = None,
    audience: Callable[[Call], Audience] = lambda _: EVERYBODY,
) -> Method:
    """Return ``Get<Nouns>``: full records by key.

    ``render``: renders a record, by version of the API; another version has the form of version 1. ``name``: the name
    of the method, if it is not derived from the noun. ``lists``: the other lists in Content of version 2, with the
    claim that an empty one is printed ("" if that follows from an empty list of records). ``most``: the quirk with the
    maximum number of keys in one call. ``audience``: who sees the same records as the caller, if that depends on the
    caller.
    """
    noun = record.plural
    name = name or f"Get{noun}"
    argument = record.requested or f"Requested{noun}"

    def handle(call: Call) -> Answer:
        requested = call.arguments[argument]
        keys = list(dict.fromkeys(requested))
        reads_record(record.kind, keys)
        if most is not None and 0 < (limit := call.tenant.quirk(most)) < len(requested):
            if limit < len(keys):
                text = f"{len(keys)} keys, at most {limit}"
                raise errors.TooManyKeys(Reason(argument, "at-most", text, QUIRKS[most].claim))
            relies_on("list.repeated-keys-count-once")
        for guess in guesses_of_get(requested, call.tenant.model.tables[record.kind].entries):
            relies_on(guess)
        version = call.session.version
        content: dict[str, Any] = {noun: []}
        if version == 2:
            content |= {listed: [] for listed in lists or ()}
        view, form = f"{name} {version}", render[version if version in render else 1]
        for pieces in render_all(call.tenant, record.kind, keys, view, form, audience=audience(call)):
            for listed, piece in pieces.items():
                content[listed].append(piece)
        for listed, empty in (lists or {}).items():
            if empty and not content.get(listed, True):
                relies_on(empty)
        return Answer(content)

    operation = Operation(
        {argument: Keys(record.kind)},
        handle,
        claim,
        answers=(Layout.of(noun, record),),
        manual=() if most is None else (QUIRKS[most].claim,),
    )
    return Method(name=name, access="read", versions=dict.fromkeys(render, operation), kind=record.kind)


def guesses_of_get(requested: Sequence[int], existing: Container[int]) -> Iterator[str]:
    """Yield the inferred claims that the answer for these keys relies on."""
    if not requested:
        yield "list.get-empty-array"
    if len(requested) > 1:
        yield "list.get-order-asked"
    if len(set(requested)) < len(requested):
        yield "list.get-duplicate-once"
    if any(key not in existing for key in requested):
        yield "list.get-unknown-left-out"


def plain(record: Record) -> Render:
    """Return a function that renders a record as one row of its list."""
    noun = record.plural
    return lambda body, view, stamp: {noun: [record.emit(record.nest(body), view, stamp)]}


def note_outcome(outcome: Outcome, alone: str = "write.each-record-alone") -> None:
    """Note the claims that the answer to an update of several records relies on.

    ``alone``: the claim that each record is written on its own.
    """
    if outcome.refused:
        relies_on(alone)
        if len(outcome.refused) > 1:
            relies_on("errors.item-per-record")
        if outcome.written:
            relies_on("write.mixed-outcome")
    if len(outcome.written) > 1:
        relies_on("write.answer-order")


class RawObject(Member):
    """An object that the operation reads itself."""

    type_name = "object"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise fault("type", f"an object is expected, found {json_type(value)}")
        return value


def sent_rows(content: Mapping[str, Any], at: str, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the path and the content of each row of a list of a Content that is sent back as a baseline."""
    rows = content.get(name)
    for i, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, Mapping):
            yield f"{at}.{name}[{i}]", row


class RawRows(Member):
    """The unparsed records of an Update; the change engine reads each one separately."""

    type_name = "list of objects"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Mapping[str, Any]]:
        if not isinstance(value, list):
            raise fault("type", "a list is expected")
        for i, row in enumerate(value):
            if not isinstance(row, Mapping):
                raise fault("type", f"item {i} is not an object")
        return value


def update_method(
    record: Record,
    render: Render,
    *,
    claim: str,
    derived: version_1.DerivedMembers | None = None,
    audience: Callable[[Call], Audience] = lambda _: EVERYBODY,
    others: Mapping[int, Operation] | None = None,
    shows: tuple[Visibility, ...] = (),
) -> Method:
    """Return ``Update<Nouns>`` of version 1: create, change and delete. The answer has each written record.

    ``derived``: whether derived members may be sent; by default they are ignored. ``audience``: as for ``get_method``.
    ``others``: the operations of other versions. ``shows``: the groups of members that ``render`` prints in addition.
    """
    noun = record.plural
    updated, unchanged = f"Updated{noun}", f"Unchanged{noun}"

    def handle(call: Call) -> Answer:
        arguments, tenant = call.arguments, call.tenant
        unknown = unknown_members(tenant)
        changes = version_1.read(record, arguments[updated], arguments[unchanged], unknown)
        if derived is not None:
            decision = tenant.quirk(derived.quirk)
            for change, raw in zip(changes, arguments[updated], strict=True):
                change.faults += derived.faults(record, raw, change.at, decision)
        single = bool(arguments.get("UseSingleTransaction"))
        outcome = update(record, changes, tenant, single=single, unknown=unknown, audience=audience(call))
        notes = [*outcome.notes, *nothing_to_update(updated, arguments[updated])]
        return Answer(_result(call, outcome), outcome.refused, notes=notes)

    def _result(call: Call, outcome: Outcome) -> dict[str, Any]:
        note_outcome(outcome)
        if outcome.refused and not outcome.written:
            return {}
        if not user_in_effect(call.session.user, call.tenant).may(f"Get{noun}", "read"):
            relies_on("permission.write-answers-with-the-record")
        view = TenantView(call.tenant)
        rows: list[dict[str, Any]] = []
        for written in outcome.written:
            if isinstance(written, Removed):
                rows.append({record.key.wire: written.key, "Deleted": True})
                continue
            (shown,) = render(written.body, view, written.stamp)[noun]
            if written.original is None:
                relies_on("write.count-changed")
            else:
                shown = {record.key.wire: written.key, record.original: written.original, **shown}
            rows.append(shown)
        return {f"NumberOf{noun}Updated": len(rows), noun: Raw(encode_known(rows))}

    arguments = {
        updated: RawRows(required="always", claim="write.both-arrays-required"),
        unchanged: RawRows(required="always", claim="write.both-arrays-required"),
        "UseSingleTransaction": f.Flag(),
    }

    def example(firm: FirmValues) -> dict[str, Any]:
        return {updated: [record.example(firm)], unchanged: []}

    layout = Layout.of(updated, record, *shows)
    operation = Operation(
        arguments,
        handle,
        claim,
        takes=(layout,),
        claims={
            updated: "write.both-arrays-required",
            unchanged: "write.baseline-required",
            "UseSingleTransaction": "write.single-transaction",
        },
        answers=(replace(layout, at=noun),),
        manual=(*UPDATING, *(DELETING if record.delete is not None else ())),
        example=example,
    )
    return Method(
        name=f"Update{noun}",
        access="write",
        versions={1: operation, **(others or {})},
        kind=record.kind,
        needs=(Need(record.kind, deletes=record.delete is not None),),
    )
