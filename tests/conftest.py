"""Checks around every test, and shared fixtures: the wheel, and servers as programs."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from checkout import COMMAND, PYTHON, ROOT, Served, run, serving_mock

from mock_ajera.sample.templates import new_tenant
from mock_ajera.store import SqliteStore

try:
    from hypothesis import settings
except ImportError:
    # The recipes run without Hypothesis.
    pass
else:
    # On a busy machine any example can exceed a deadline.
    settings.register_profile("unhurried", deadline=None)
    settings.load_profile("unhurried")

OURS = ("AJERA_API_", "MOCK_AJERA_")
LONGEST = ("test_suite_under_quirks.py", "test_suite_on_other_server.py", "test_coverage_page.py")
"""Modules that run the whole contract suite. Their tests are few and take minutes."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest modules first: at the end, one process would wait for the other."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def surroundings() -> tuple[Path, dict[str, str]]:
    """Return what a test may change only while it runs."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    return Path.cwd(), environment


@pytest.fixture(autouse=True, scope="session")
def no_settings_from_outside() -> Iterator[None]:
    """Remove the settings of mock-ajera and of the contract suite from the environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name in tuple(os.environ):
            if name.startswith(OURS):
                patch.delenv(name)
        yield


@pytest.fixture(autouse=True, scope="session")
def ctrl_c_ends_programs() -> None:
    """Restore SIGINT, which a background job ignores and passes on to the programs that it starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="module")
def nothing_left_behind(no_settings_from_outside: None) -> Iterator[None]:
    """Fail a module that leaves the environment or the working directory changed."""
    before = surroundings()
    yield
    assert surroundings() == before


@pytest.fixture(scope="module", params=["werkzeug", "granian"])
def engine(request: pytest.FixtureRequest) -> str:
    """Return each server engine in turn."""
    if request.param == "granian":
        pytest.importorskip("granian")
    return str(request.param)


@pytest.fixture(scope="module")
def impatient(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start a server that waits a second for the next bytes."""
    with serving_mock(tmp_path_factory.mktemp("served"), "--engine", engine, "--read-timeout", "1") as served:
        yield served


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Return a function that starts ``mock-ajera serve`` on a free port until the test ends."""
    numbers = count()
    with ExitStack() as servers:

        def start(*options: str, command: Path = COMMAND) -> Served:
            folder = tmp_path / f"server{next(numbers)}"
            folder.mkdir()
            return servers.enter_context(serving_mock(folder, *options, command=command))

        yield start


@pytest.fixture
def data(tmp_path: Path) -> str:
    """Return a data file with the sample firm."""
    file = tmp_path / "firm.db"
    new_tenant("sample", seed=b"test", store=SqliteStore.open(file)).close()
    return str(file)


@pytest.fixture(scope="session")
def build_wheel(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Return a function that builds the wheel of a folder."""

    def build(project: Path) -> Path:
        folder = tmp_path_factory.mktemp("wheel")
        run(PYTHON, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=project)
        (built,) = folder.glob("*.whl")
        return built

    return build


@pytest.fixture(scope="session")
def wheel(build_wheel: Callable[[Path], Path]) -> Path:
    """Return the wheel of this checkout."""
    return build_wheel(ROOT)
