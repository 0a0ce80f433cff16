"""The public names: every type that a user needs to call or annotate something is among them."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator

import pytest

import mock_ajera

HANDLES = ("Control", "Directory", "Tenant")
"""Types that a user passes on or holds; their own members are not promised."""
MADE_BY_THE_SERVER = ("ServedTenant", "Tenant")
"""Types that a user gets from ``AjeraServer`` and does not construct."""
PUBLIC = [name for name in mock_ajera.__all__ if name != "__version__"]


def functions(found: object) -> Iterator[object]:
    """Yield a function, or the constructor, public methods and properties of a class."""
    if not inspect.isclass(found):
        yield found
        return
    if found.__name__ not in MADE_BY_THE_SERVER:
        yield found.__init__
    for base in found.__mro__:
        if base.__module__.startswith("mock_ajera.") and found.__name__ not in HANDLES:
            for name, member in vars(base).items():
                if not name.startswith("_"):
                    yield member.fget if isinstance(member, property) else member


def types(annotated: object) -> Iterator[type]:
    """Yield the classes in an annotation."""
    if inspect.isclass(annotated) and not typing.get_args(annotated):
        yield annotated
    for each in typing.get_args(annotated):
        yield from types(each)


@pytest.mark.parametrize("name", PUBLIC)
def test_signatures_name_public_types_only(name):
    found = getattr(mock_ajera, name)
    hints = [typing.get_type_hints(each) for each in functions(found) if inspect.isfunction(each)]
    if inspect.isclass(found) and name not in HANDLES:
        hints.append(typing.get_type_hints(found))
    needed = {each for found in hints for annotated in found.values() for each in types(annotated)}
    ours = {each.__name__ for each in needed if each.__module__.startswith("mock_ajera.")}
    assert ours - {name} <= set(PUBLIC)


def test_names_are_listed_on_the_page_of_what_stays_the_same(request):
    page = (request.config.rootpath / "docs" / "stability.md").read_text(encoding="utf-8")
    assert [name for name in PUBLIC if f"`{name}`" not in page] == []
