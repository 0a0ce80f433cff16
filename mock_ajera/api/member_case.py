"""The letter case of member names in a request (quirk ``member_case``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from mock_ajera.api.body import TOP_LEVEL
from mock_ajera.api.families import METHODS
from mock_ajera.api.member import Member
from mock_ajera.api.records import Row
from mock_ajera.api.sessions import FORMS
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on


def respelled(raw: Mapping[str, Any], tenant: Tenant) -> Mapping[str, Any]:
    """Return a request with the names of members as they are declared, if the tenant takes them in any case.

    If a member is there in several spellings, the last one counts. The names of custom fields are the firm's own and
    stay as they are.
    """
    if tenant.quirk("member_case") == "exact":
        return raw
    request = _with_names(raw, _TOP_LEVEL)
    method = request.get("Method")
    names = _names(method) if isinstance(method, str) and method in METHODS else {}
    if names and "MethodArguments" in request:
        request["MethodArguments"] = _deep(request["MethodArguments"], names)
    return request


def _by_fold(names: Iterable[str]) -> dict[str, str]:
    """Return the declared names by their form without case."""
    return {name.lower(): name for name in names}


_TOP_LEVEL = _by_fold([*TOP_LEVEL, *(name for form in FORMS.values() for name in form.members)])


@cache
def _names(method: str) -> Mapping[str, str]:
    """Return the names of all members that a method takes in any version, by their form without case."""
    found = {"Content"}
    for operation in METHODS[method].versions.values():
        found |= {layout.at for layout in operation.answers}
        for members in (operation.arguments.by_wire, *(layout.members for layout in operation.takes)):
            found |= set(_inside(members, set()))
    return _by_fold(found)


def _inside(members: Mapping[str, Member], seen: set[Row]) -> Iterator[str]:
    """Yield the names of members, and of those nested in them."""
    for name, member in members.items():
        yield name
        yield from member.object_names
        row = member.nested
        if row is not None and row not in seen:
            seen.add(row)
            yield from _inside(row.by_wire, seen)


def _with_names(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    found = {names.get(name.lower(), name): value for name, value in row.items()}
    if found.keys() != row.keys():
        relies_on("reading.member-names-any-case")
    return found


def _deep(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_deep(item, names) for item in value]
    if isinstance(value, Mapping):
        return {name: _deep(item, names) for name, item in _with_names(value, names).items()}
    return value
