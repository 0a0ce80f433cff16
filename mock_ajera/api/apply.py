"""Apply sent rows to stored rows, and compare baseline rows with stored rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import missing

from mock_ajera.api.context import WriteContext
from mock_ajera.api.member import Body, Member
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Row
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import relies_on


def apply_row(schema: Row, sent: Mapping[str, Any], stored: Body | None, at: str, context: WriteContext) -> Body:
    """Return the row after the write: sent values, then stored values, then defaults.

    Add violations to ``context``.
    """
    row: Body = {}
    for second in schema.second_names:
        sent = second.renamed(sent, at, context)
    for name, member, settled_if_equal, checked, claim_of_default in schema.walk:
        value = sent.get(name, missing)
        if settled_if_equal and stored is not None and value is not missing and value == stored.get(name, missing):
            row[name] = value
            continue
        if value is missing and stored is not None and member.stored and not member.must_be_sent(new=False):
            _note_omission(member, stored, context)
        if value is missing and not checked:
            if member.stored:
                row[name] = member.default if stored is None else stored.get(name, member.default)
                if stored is None and claim_of_default:
                    context.defaulted.add(claim_of_default)
            continue
        before = missing if stored is None else stored.get(name, missing)
        value = member.apply(value, before, stored is None, within(at, member.wire), context)
        if member.stored:
            row[name] = value
    for check in schema.checks:
        check(schema, row, stored, at, context)
    return row


def _note_omission(member: Member, stored: Body, context: WriteContext) -> None:
    """Count the claim only if the omitted member would have been printed."""
    out: dict[str, Any] = {}
    member.emit(stored, out, context.view, 0)
    if out:
        relies_on("write.omitted-is-kept")


def row_differences(
    schema: Row, stored: Body, sent: Mapping[str, Any], at: str, context: WriteContext
) -> Iterator[Reason]:
    """Yield the reasons why a baseline row does not match the stored row. Absent members are not compared."""
    for name, value in sent.items():
        if name in schema.settled_if_equal and value == stored.get(name, missing):
            continue
        member = schema.members[name]
        yield from member.differences(stored.get(member.stored_as, missing), value, within(at, member.wire), context)
