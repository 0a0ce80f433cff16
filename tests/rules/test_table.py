"""The table itself: it says something about every statement of the printed schema, and says it once."""

from __future__ import annotations

from collections import Counter

import pytest

from .table import ABSENT, Rule, rules, statements

PROJECTS = tuple(rules("projects"))
CLIENTS = tuple(rules("clients"))

AT_LEAST = {
    "max-length": 13, "decimal": 28, "decimal-rounding": 28, "number-type": 30, "enum": 36, "enum-case": 4, "flag": 20,
    "flag-default": 18, "day-earliest": 10, "day-latest": 10, "day-format": 10, "day-order": 8, "required": 40,
    "reference": 26, "reference-below-zero": 26, "role": 18, "role-delete": 6, "null-clears": 24, "companion": 50,
    "at-most-five": 2, "order": 6, "at-least-one": 2, "negative-keys-differ": 9, "key-zero": 3, "key-type": 10,
    "key-unknown": 5, "key-twice": 3, "stamp-stale": 3, "stamp-format": 14, "baseline-missing": 2,
    "baseline-differs": 8, "no-change": 3, "member-unknown": 12, "custom-field": 12, "custom-field-unknown": 3,
    "argument": 11,
}  # fmt: skip


@pytest.mark.parametrize("family", [PROJECTS, CLIENTS], ids=["projects", "clients"])
def test_rules_have_ids_of_their_own(family: tuple[Rule, ...]) -> None:
    """No two rules of a family have one id."""
    assert [name for name, times in Counter(rule.id for rule in family).items() if times > 1] == []


@pytest.mark.parametrize("kind", sorted(AT_LEAST))
def test_each_kind_of_rule_has_its_rows(kind: str) -> None:
    """A kind of rule has at least the rows that the page gives reason for."""
    assert sum(rule.kind == kind for rule in PROJECTS) >= AT_LEAST[kind]


@pytest.mark.parametrize("statement", statements(), ids=lambda said: ".".join(said[:3]).replace(" ", "-"))
def test_every_printed_statement_has_a_row(statement: tuple[str, str, str, str]) -> None:
    """What the printed schema says of a member stands in the table, with the value that it says."""
    record, member, kind, value = statement
    rows = [rule for rule in PROJECTS if (rule.record, rule.member, rule.kind) == (record, member, kind)]
    assert rows
    match kind:
        case "max-length":
            assert any((rule.accept, rule.refuse) == (f"@text {value}", f"@text {int(value) + 1}") for rule in rows)
        case "decimal":
            assert [rule.case for rule in rows] == [value]
            assert [_digits(rule.accept) for rule in rows] == [tuple(int(part) for part in value.split(","))]
        case "enum":
            assert [rule.accept for rule in rows] == [rule.case for rule in rows]
            assert sorted(rule.case for rule in rows) == sorted(value.split())


def _digits(number: object) -> tuple[int, int]:
    whole, _, fraction = str(number).partition(".")
    return len(whole) + len(fraction), len(fraction)


@pytest.mark.parametrize("family", [PROJECTS, CLIENTS], ids=["projects", "clients"])
def test_every_row_names_its_evidence(family: tuple[Rule, ...]) -> None:
    """A row has a sentence, a source and something to send."""
    for rule in family:
        assert rule.says
        assert rule.source
        assert rule.accept is not ABSENT or rule.refuse is not ABSENT
