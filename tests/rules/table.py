"""The table of rules as Python objects: a row of the TOML files stands for every pair of its record and member."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ABSENT: Any = object()
"""Stands where a row says nothing; None is never a value of a TOML file."""

BASES = ("create", "update", "delete", "delete used", "create two", "update with new")
_GRADES = ("documented", "observed", "inferred")


@dataclass(frozen=True)
class Rule:
    """One rule: where, of what kind, the nearest sound value, the value that breaks it, and how well it is known."""

    family: str
    record: str
    member: str
    kind: str
    says: str
    grade: str
    source: str
    case: str = ""
    base: tuple[str, ...] = ("create", "update")
    with_: Mapping[str, Any] = field(default_factory=dict)
    stored: Mapping[str, Any] = field(default_factory=dict)
    before: Any = ABSENT
    accept: Any = ABSENT
    reads: Any = ABSENT
    refuse: Any = ABSENT
    edits: Mapping[str, Any] = field(default_factory=dict)
    at: tuple[str, ...] = ("@member",)
    message: str = ""
    shown: str = ""

    @property
    def id(self) -> str:
        """Names the rule in reports; unique in its family."""
        bases = "" if self.base == Rule.base else "+".join(self.base)
        parts = [self.record, self.member, self.kind, self.case, bases]
        return ".".join(part for part in parts if part).replace(" ", "-").replace("@", "")


def _several(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def rules(family: str) -> Iterator[Rule]:
    """The rules of ``projects`` or ``clients``. Raises ``ValueError`` for a row that is not understood."""
    with (HERE / f"{family}.toml").open("rb") as file:
        tables = tomllib.load(file, parse_float=Decimal)["table"]
    for table in tables:
        common = {name: value for name, value in table.items() if name != "rows"}
        for row in table["rows"]:
            said = common | row
            if not {"accept", "refuse"} & said.keys() or said["grade"] not in _GRADES:
                raise ValueError(f"{family}: a row neither accepts nor refuses, or has no known grade: {said}")
            said["with_"] = said.pop("with", {})
            said["at"] = _several(said.pop("at", "@member"))
            bases = _several(said.pop("base", list(Rule.base)))
            if not set(bases) <= set(BASES):
                raise ValueError(f"{family}: unknown base in {bases}")
            for record, member in itertools.product(_several(said.pop("record")), _several(said.pop("member"))):
                yield Rule(family=family, record=record, member=member, base=bases, **said)


def statements() -> list[tuple[str, str, str, str]]:
    """What the printed schema says: record, member, kind of rule, and the value said (as text)."""
    with (HERE / "statements.toml").open("rb") as file:
        tables = tomllib.load(file)
    said: list[tuple[str, str, str, str]] = []
    for record, kinds in tables.items():
        for kind, members in kinds.items():
            pairs = members.items() if isinstance(members, dict) else ((member, "") for member in members)
            said += [(record, member, kind, str(value)) for member, value in pairs]
    return said
