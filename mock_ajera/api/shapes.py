"""The three shapes that most methods have: List with filters, Get by keys, Update with a baseline.

A family declares its records, its filters and its differences; these functions make methods of them.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.changes import Outcome, update
from mock_ajera.api.filters import Filter, Items, select
from mock_ajera.api.methods import Answer, Call, Method
from mock_ajera.api.records import Member, Record, Schema, fault
from mock_ajera.api.views import Render, TenantView, render_all
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import reads_record, relies_on

ACTIVE = ("Active", "Inactive")


def arguments_schema(arguments: Mapping[str, Member]) -> Schema:
    """The schema of a method's arguments."""
    schema = Schema.from_dict(dict(arguments))()
    if not isinstance(schema, Schema):
        raise TypeError("marshmallow makes a schema of another class")
    return schema


def list_method(
    record: Record,
    row: Mapping[str, str],
    filters: tuple[Filter, ...],
    *,
    versions: tuple[int, ...] = (1,),
    version_2: str | None = None,
    claim: str,
) -> Method:
    """``List<Nouns>``: the records that pass the filters.

    ``row``: printed member -> member of the record. ``version_2``: claim that version 2 is served, where it is a guess.
    """
    noun = record.plural
    columns = tuple((name, member) for name, member in row.items())

    def handle(call: Call) -> Answer:
        table = call.tenant.model.tables[record.kind]
        keys = select(table, filters, call.arguments, call.tenant)
        if len(keys) > 1:
            relies_on("list.key-order")
            if call.tenant.quirk("vary_guesses"):
                keys.reverse()
        pages = 0
        if call.paging is not None:
            pages = math.ceil(len(keys) / call.paging.size)
            if call.paging.number > max(pages, 1):
                relies_on("paging.beyond-last-empty")
            start = (call.paging.number - 1) * call.paging.size
            keys = keys[start : start + call.paging.size]
        view = TenantView(call.tenant)
        entries = table.entries
        rows = [
            {
                name: key if member == record.key else _cell(record, member, key, entries[key].summary, view)
                for name, member in columns
            }
            for key in keys
        ]
        return Answer({noun: rows}, pages=pages)

    arguments = {each.argument: each.field() for each in filters}
    asked = tuple(member for each in filters for member in each.kept)
    index = tuple(member for each in filters for member in each.indexed)
    stored = tuple(member for member in row.values() if record.members[member].stored)
    return Method(
        f"List{noun}",
        versions,
        "read",
        arguments_schema(arguments),
        handle,
        claim,
        (record,),
        index,
        stored + asked,
        paged=True,
        version_2=version_2,
    )


def _cell(record: Record, member: str, key: int, summary: Mapping[str, Any], view: TenantView) -> Any:
    declared = record.members[member]
    if declared.stored:
        return summary[member]
    out: dict[str, Any] = {}
    declared.emit({record.key: key}, out, view, 0)
    return out[member]


class Keys(Items):
    """The keys that a Get asks for."""

    def __init__(self) -> None:
        super().__init__(f.Whole(), need="write")


def get_method(
    record: Record,
    render: Mapping[int, Render],
    *,
    name: str = "",
    asks: str = "",
    lists: tuple[str, ...] = (),
    most: str | None = None,
    claim: str,
) -> Method:
    """``Get<Nouns>``: full records by key.

    ``render``: how, by version of the API. ``name`` and ``asks``: name of the method and the noun in the name of its
    argument, where they are others. ``lists``: the lists that Content of version 2 has besides the noun's. ``most``:
    the quirk that says how many keys one call may ask for.
    """
    noun = record.plural
    name = name or f"Get{noun}"
    argument = f"Requested{asks or noun}"

    def handle(call: Call) -> Answer:
        asked = call.arguments[argument]
        keys = list(dict.fromkeys(asked))
        reads_record(record.kind, keys)
        if most is not None and 0 < (limit := call.tenant.quirk(most)) < len(keys):
            raise errors.TooManyKeys(
                Reason(argument, "at-most", f"{len(keys)} keys, at most {limit}", errors.TooManyKeys.claim)
            )
        for claim in _guesses_of_get(asked, call.tenant.model.tables[record.kind].entries):
            relies_on(claim)
        version = call.session.version
        content: dict[str, Any] = {noun: []}
        if version == 2:
            content |= {listed: [] for listed in lists}
        for pieces in render_all(call.tenant, record.kind, keys, f"{name} {version}", render[version]):
            for listed, piece in pieces.items():
                content[listed].append(piece)
        return Answer(content)

    return Method(
        name,
        tuple(render),
        "read",
        arguments_schema({argument: Keys()}),
        handle,
        claim,
        (record,),
    )


def _guesses_of_get(asked: Sequence[int], there: Container[int]) -> Iterator[str]:
    """Claims that the answer to these keys rests on."""
    if not asked:
        yield "list.get-empty-array"
    if len(asked) > 1:
        yield "list.get-order-asked"
    if len(set(asked)) < len(asked):
        yield "list.get-duplicate-once"
    if any(key not in there for key in asked):
        yield "list.get-unknown-left-out"


def plain(record: Record) -> Render:
    """A record as one row of its own list."""
    noun = record.plural
    return lambda body, view, stamp: {noun: [record.emit(record.open(body), view, stamp)]}


class RawRows(Member):
    """Records of an Update as they came: the change engine reads them one by one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Mapping[str, Any]]:
        if not isinstance(value, list):
            raise fault("type", "a list is expected")
        for i, row in enumerate(value):
            if not isinstance(row, Mapping):
                raise fault("type", f"item {i} is not an object")
        return value


def update_method(record: Record, render: Render, *, claim: str) -> Method:
    """``Update<Nouns>``: create, change and delete. The answer shows each record that was written."""
    noun = record.plural
    updated, unchanged = f"Updated{noun}", f"Unchanged{noun}"

    def handle(call: Call) -> Answer:
        arguments = call.arguments
        outcome = update(
            record,
            noun,
            arguments[updated],
            arguments[unchanged],
            bool(arguments.get("UseSingleTransaction")),
            call.tenant,
        )
        return Answer(_result(call, outcome), outcome.refused)

    def _result(call: Call, outcome: Outcome) -> dict[str, Any]:
        if outcome.refused:
            relies_on("write.each-record-alone")
            if len(outcome.refused) > 1:
                relies_on("errors.item-per-record")
            if not outcome.saved:
                return {}
            relies_on("write.mixed-outcome")
        if len(outcome.saved) > 1:
            relies_on("write.answer-order")
        view = TenantView(call.tenant)
        rows: list[dict[str, Any]] = []
        for key, original in outcome.saved:
            row = call.tenant.row(record.kind, key)
            if row is None:
                rows.append({record.key: key, "Deleted": True})
                continue
            (shown,) = render(call.tenant.body(row), view, row.stamp)[noun]
            if original is not None:
                shown = {record.key: key, record.original: original, **shown}
            rows.append(shown)
        return {f"NumberOf{noun}Updated": len(rows), noun: rows}

    arguments = {updated: RawRows(need="write"), unchanged: RawRows(need="write"), "UseSingleTransaction": f.Flag()}
    return Method(
        f"Update{noun}",
        (1,),
        "write",
        arguments_schema(arguments),
        handle,
        claim,
        (record,),
    )
