"""Fixtures that several test modules share: the wheel, and servers run as programs of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from checkout import COMMAND, PYTHON, ROOT, Served, run, serving


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Starts ``mock-ajera serve`` on a free port, with more options as given; what was started ends with the test."""
    numbers = count()
    with ExitStack() as servers:

        def start(*options: str, command: Path = COMMAND) -> Served:
            folder = tmp_path / f"server{next(numbers)}"
            folder.mkdir()
            words = (command, "serve", "--port", "0", "--env-file", "served.env", *options)
            return servers.enter_context(serving(*words, cwd=folder))

        yield start


@pytest.fixture(scope="session")
def build_wheel(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Builds the wheel of a folder with the hatchling that is installed, and returns the file."""

    def build(project: Path) -> Path:
        folder = tmp_path_factory.mktemp("wheel")
        run(PYTHON, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=project)
        (built,) = folder.glob("*.whl")
        return built

    return build


@pytest.fixture(scope="session")
def wheel(build_wheel: Callable[[Path], Path]) -> Path:
    """The wheel of this checkout."""
    return build_wheel(ROOT)
