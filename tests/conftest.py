"""What holds for every test, and fixtures that several modules share: the wheel, and servers run as programs."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from checkout import COMMAND, PYTHON, ROOT, Served, run, serving

OURS = ("AJERA_API_", "MOCK_AJERA_")


def surroundings() -> tuple[Path, dict[str, str]]:
    """What tests may change only for as long as they run."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    return Path.cwd(), environment


@pytest.fixture(autouse=True, scope="session")
def no_settings_from_outside() -> Iterator[None]:
    """Take the settings of mock-ajera and of the contract suite out of the environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name in tuple(os.environ):
            if name.startswith(OURS):
                patch.delenv(name)
        yield


@pytest.fixture(autouse=True, scope="session")
def ctrl_c_ends_programs() -> None:
    """A shell that runs the tests in the background has them ignore SIGINT, and so would the programs they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="module")
def nothing_left_behind(no_settings_from_outside: None) -> Iterator[None]:
    """Fail a module that leaves another environment or working directory to the next one, whichever that is."""
    before = surroundings()
    yield
    assert surroundings() == before


@pytest.fixture(scope="module", params=["werkzeug", "granian"])
def engine(request: pytest.FixtureRequest) -> str:
    """The server that a module's programs run on: each in turn."""
    if request.param == "granian":
        pytest.importorskip("granian")
    return str(request.param)


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
