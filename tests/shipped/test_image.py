"""Test the container image without a container engine: its contents, its start and its health check."""

from __future__ import annotations

import json
import re
import shutil
import threading
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from checkout import COMMAND, ROOT, Served, clean_environment, completed, files_of, run, serving
from dockerfile import copied, instructions
from raw_http import ask

from mock_ajera.settings import SETTINGS


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_image_contains_the_wheel_of_the_checkout(
    wheel: Path, build_wheel: Callable[[Path], Path], tmp_path: Path
) -> None:
    """The files that the Dockerfile copies build the same wheel as the checkout."""
    for source, into in copied():
        if (ROOT / source).is_dir():
            for name in files_of(source):
                target = tmp_path / into / Path(name).relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target)
        else:
            shutil.copyfile(ROOT / source, tmp_path / into / source)
    assert contents(build_wheel(tmp_path)) == contents(wheel)


def test_installed_extras_exist(wheel: Path) -> None:
    """pip installs the project with extras that the wheel has."""
    (installed,) = re.findall(r'pip install [^&]*"\.\[([\w,]+)\]"', " ".join(instructions("RUN")))
    metadata = next(text for name, text in contents(wheel).items() if name.endswith("/METADATA")).decode()
    assert set(installed.split(",")) <= set(re.findall(r"^Provides-Extra: (\S+)$", metadata, re.MULTILINE))


def test_command_is_on_the_path() -> None:
    """The last stage copies the folder that pip installs to, and PATH contains its programs."""
    (taken,) = (each.split()[1:] for each in instructions("COPY") if each.startswith("--from="))
    source, target = taken
    assert source == target
    assert f"{source}/bin/pip install" in " ".join(instructions("RUN"))
    assert f"PATH={source}/bin:$PATH" in instructions("ENV")[0].split()


def image_environment(folder: Path, **given: str) -> dict[str, str]:
    """Return the environment of a container of the image, with variables that a user gives it."""
    (instruction,) = instructions("ENV")
    variables = dict(each.split("=", 1) for each in instruction.split() if each.startswith("MOCK_AJERA_"))
    # A free port, and a folder of this test instead of the container's own.
    own = {"MOCK_AJERA_PORT": "0", "MOCK_AJERA_STATE_FILE": str(folder / Path(variables["MOCK_AJERA_STATE_FILE"]).name)}
    return clean_environment(**{**variables, **own, **given})


def start(folder: Path, *options: str, **given: str) -> AbstractContextManager[Served]:
    """Start the image with the options after its name and with variables."""
    (entry,) = map(json.loads, instructions("ENTRYPOINT"))
    assert entry == ["mock-ajera", "serve"]
    words = (COMMAND, *entry[1:], "--env-file", "served.env", *options)
    return serving(*words, cwd=folder, environment=image_environment(folder, **given))


def is_healthy(folder: Path) -> bool:
    """Return whether the health check of the image passes in a container."""
    (instruction,) = instructions("HEALTHCHECK")
    program, *arguments = json.loads(instruction.partition("CMD ")[2])
    assert program == "mock-ajera"
    return completed(COMMAND, *arguments, cwd=folder, environment=image_environment(folder)).returncode == 0


STARTS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "as it is": ((), {}),
    "port as an option": (("--port", "0"), {"MOCK_AJERA_PORT": "1"}),
    "host as a variable": ((), {"MOCK_AJERA_HOST": "127.0.0.2"}),
    "host as an option": (("--host", "::"), {}),
    "TLS": (("--tls-self-signed", "served.pem"), {}),
    "granian": ((), {"MOCK_AJERA_ENGINE": "granian"}),
    "public URL": (("--public-url", "https://ajera.example"), {}),
    "proxy": ((), {"http_proxy": "http://127.0.0.1:9"}),
}


@pytest.mark.parametrize(("options", "given"), STARTS.values(), ids=STARTS.keys())
def test_a_server_is_healthy_however_it_is_started(
    tmp_path: Path, options: tuple[str, ...], given: dict[str, str]
) -> None:
    assert not is_healthy(tmp_path)
    with start(tmp_path, *options, **given):
        assert is_healthy(tmp_path)
    assert not is_healthy(tmp_path)


def test_options_and_variables_override_the_image(tmp_path: Path) -> None:
    """A variable of the user replaces that of the image, and an option both."""
    with start(tmp_path, MOCK_AJERA_HOST="127.0.0.1") as served:
        assert ask(served.root, "/_mock/settings").json["host"] == "127.0.0.1"
    with start(tmp_path, "--host", "localhost", MOCK_AJERA_HOST="127.0.0.1") as served:
        assert ask(served.root, "/_mock/settings").json["host"] == "localhost"


def test_server_is_not_healthy_while_firms_load(tmp_path: Path) -> None:

    class Filling(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503 if self.path == "/_mock/ready" else 200)
            self.end_headers()

        def log_message(self, *told: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Filling) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        state = Path(image_environment(tmp_path)["MOCK_AJERA_STATE_FILE"])
        state.write_text(f"http://127.0.0.1:{server.server_port}/_mock/ready\n", encoding="utf-8")
        assert not is_healthy(tmp_path)
        server.shutdown()


def test_the_image_has_the_extras_of_all_options() -> None:
    """Each extra that an option of serve needs is installed."""
    (installed,) = re.findall(r'pip install [^&]*"\.\[([\w,]+)\]"', " ".join(instructions("RUN")))
    needed = {extra for setting in SETTINGS for extra in re.findall(r"\(extra (\w+)\)", setting.help)}
    assert needed == set(installed.split(","))


@pytest.mark.parametrize(("token", "expected"), [("", 403), ("of-a-test", 200)])
def test_control_surface_is_off_without_a_token(tmp_path: Path, token: str, expected: int) -> None:
    """The server listens on all addresses. The variable of the compose file turns the control surface on."""
    with start(tmp_path, MOCK_AJERA_CONTROL_TOKEN=token) as served:
        root = f"http://127.0.0.2:{served.root.rpartition(':')[2]}"
        assert ask(root, "/_mock/version", "GET", None, ("Authorization", f"Bearer {token}")).status == expected
        assert ask(root, "/_mock/ready").status == 200


@pytest.mark.skipif(not COMMAND.with_name("hadolint").exists(), reason="hadolint has no program for this machine")
def test_hadolint_finds_nothing() -> None:
    assert run(COMMAND.with_name("hadolint"), "Dockerfile", cwd=ROOT) == ""
