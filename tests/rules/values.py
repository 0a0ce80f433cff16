"""The values of the rules that begin with @, made for one request, and comparisons with what a Get shows."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from . import places
from .world import CHOICE, UNKNOWN, World

REMOVE: Any = object()
_STAMP = re.compile(r"(\S+ \S+) GMT([+-])(\d\d):(\d\d)(?: \(.*\))?")


def custom(member: str) -> str:
    """Return the name of a member, for custom fields by their kind."""
    return re.sub(r"@custom (\w+)", lambda found: f"CF_Rule{found[1].title()}", member)


def made(value: Any, world: World, request: Mapping[str, Any], place: str) -> Any:
    """Return the value to send at a path of a request."""
    if isinstance(value, dict):
        return {name: made(item, world, request, place) for name, item in value.items()}
    if isinstance(value, list):
        return [made(item, world, request, place) for item in value]
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    name, _, rest = value[1:].partition(" ")
    return _MAKERS[name](rest, world, request, place)


def _contacts(count: str, world: World, request: Mapping[str, Any], place: str) -> list[dict[str, Any]]:
    keys = world.keys["Contact"][: int(count)]
    return [{"ContactKey": key, "Order": min(order, 4), "Text": f"No. {order}"} for order, key in enumerate(keys)]


def _elsewhere(member: str, world: World, request: Mapping[str, Any], place: str) -> int:
    group = world.elsewhere["InvoiceGroups"][0]
    return int((group | group["Phases"][0])[member])


def _stamp(form: str, world: World, request: Mapping[str, Any], place: str) -> str:
    read = str(places.look(request, place))
    if form == "as-read":
        return read
    found = _STAMP.fullmatch(read)
    assert found, f"{read} is not a stamp"
    clock, sign, hours, minutes = found.groups()
    if form == "without-name":
        return f"{clock} GMT{sign}{hours}:{minutes}"
    if form == "without-colon":
        return f"{clock} GMT{sign}{hours}{minutes}"
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    there = datetime.fromisoformat(clock) - offset + timedelta(hours=2)
    return f"{there:%Y-%m-%d %H:%M:%S}.{there.microsecond // 1000:03} GMT+02:00"


def _twice(rest: str, world: World, request: Mapping[str, Any], place: str) -> list[Any]:
    rows = places.look(request, place)
    return [*rows, copy.deepcopy(rows[0])]


def _baseline(rest: str, world: World, request: Mapping[str, Any], place: str) -> Any:
    return copy.deepcopy(places.look(request, place.replace("Updated", "Unchanged", 1)))


_MAKERS: dict[str, Callable[[str, World, Mapping[str, Any], str], Any]] = {
    "text": lambda rest, *_: ("abcdefghi " * 1000)[: int(rest) - 1] + "z",
    "wide": lambda rest, *_: "ü" * int(rest),
    "number": lambda rest, *_: Decimal(rest),
    "contacts": _contacts,
    "key": lambda rest, world, *_: world.keys[rest][0],
    "other": lambda rest, world, *_: world.keys[rest][1],
    "unknown": lambda *_: UNKNOWN,
    "employee": lambda rest, world, *_: world.employees[rest],
    "elsewhere": _elsewhere,
    "choice": lambda rest, *_: dict(CHOICE) if rest else CHOICE["Value"],
    "stamp": _stamp,
    "unique": lambda rest, world, *_: world.unique(),
    "taken": lambda rest, world, *_: f"Client {world.keys['Client'][0]}",
    "twice": _twice,
    "baseline": _baseline,
    "remove": lambda *_: REMOVE,
    "null": lambda *_: None,
    "description": lambda rest, world, *_: f"{rest} {world.keys[rest][0]}",
    "name": lambda rest, world, request, place: world.names[rest][str(places.steps(place)[-1])],
}


def same(read: Any, expected: Any) -> bool:
    """Return whether a value read is the expected one: numbers by value, objects by the expected members."""
    if isinstance(expected, dict):
        return isinstance(read, dict) and all(name in read and same(read[name], expected[name]) for name in expected)
    if isinstance(expected, list):
        return isinstance(read, list) and len(read) == len(expected) and all(map(same, read, expected))
    if isinstance(expected, bool) or isinstance(read, bool):
        return read is expected
    return bool(read == expected)


def without_stamps(value: Any) -> Any:
    """Return a value without any LastModifiedDate."""
    if isinstance(value, dict):
        return {name: without_stamps(item) for name, item in value.items() if name != "LastModifiedDate"}
    if isinstance(value, list):
        return [without_stamps(item) for item in value]
    return value
