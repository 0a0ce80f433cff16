"""The rules as Python objects, from the TOML files and from the limits of members."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from .limits import limits

HERE = Path(__file__).parent
ABSENT: Any = object()
"""A value that a row does not have; None is never a value of a TOML file."""

BASES = ("create", "update", "delete", "delete used", "create two", "update with new")
CUSTOMIZED = ("clients", "contacts", "employees", "vendors")
"""The families besides projects whose records have custom fields."""
_GRADES = ("documented", "observed", "inferred")


@dataclass(frozen=True)
class Rule:
    """One rule; the package describes its members."""

    family: str
    record: str
    member: str
    kind: str
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
        """Name of the rule in reports; unique in its family."""
        bases = "" if self.base == Rule.base else "+".join(self.base)
        parts = [self.record, self.member, self.kind, self.case, bases]
        return ".".join(part for part in parts if part).replace(" ", "-").replace("@", "")


def rules(family: str) -> Iterator[Rule]:
    """Yield the rules of a family, such as ``projects``. Raises ``ValueError`` for a row that is not understood."""
    for row in (*_listed(family), *_custom_fields(family), *limits(family)):
        row = dict(row)
        if not {"accept", "refuse"} & row.keys():
            raise ValueError(f"{family}: a row neither accepts nor refuses: {row}")
        row["with_"] = row.pop("with", {})
        row["at"] = _several(row.pop("at", "@member"))
        bases = _several(row.pop("base", list(Rule.base)))
        if not set(bases) <= set(BASES):
            raise ValueError(f"{family}: unknown base in {bases}")
        for record, member in itertools.product(_several(row.pop("record")), _several(row.pop("member"))):
            yield Rule(family=family, record=record, member=member, base=bases, **row)


def _listed(family: str) -> Iterator[dict[str, Any]]:
    with (HERE / f"{family}.toml").open("rb") as file:
        tables = tomllib.load(file, parse_float=Decimal)["table"]
    for table in tables:
        common = {name: value for name, value in table.items() if name != "rows"}
        for row in table["rows"]:
            row = common | row
            if not row.pop("says") or row.pop("grade") not in _GRADES or not row.pop("source"):
                raise ValueError(f"{family}: a row without a sentence or evidence: {row}")
            yield row


def _custom_fields(family: str) -> Iterator[dict[str, Any]]:
    """Yield the rules of the custom fields of projects for the records of another family.

    That they hold there is inferred, whatever their grade is for projects.
    """
    if family in CUSTOMIZED:
        for row in _listed("projects"):
            if row["kind"].startswith("custom-field"):
                yield row | {"record": family.removesuffix("s")}


def _several(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)
