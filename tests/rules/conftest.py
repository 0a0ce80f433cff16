"""Fixtures of the rules of version 2 alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .timesheets import Timesheets
from .world import World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.fixture(scope="module")
def timesheets(world: World) -> Timesheets:
    return Timesheets(world)
