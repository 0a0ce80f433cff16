"""Fixtures that several test modules share: the wheel, and servers run as programs of their own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from programs import ROOT, Served, build_wheel, serving


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Starts ``mock-ajera serve`` with the given options; all that were started end with the test."""
    with ExitStack() as servers:
        count = iter(range(100))

        def start(*options: str, **how: Any) -> Served:
            return servers.enter_context(serving(tmp_path / f"server{next(count)}", *options, **how))

        yield start


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))
