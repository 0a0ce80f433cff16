"""Test the container image without a container engine: its contents, its start and its health check."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from checkout import COMMAND, PYTHON, ROOT, Served, clean_environment, files_of, run, serving
from dockerfile import copied, instructions
from raw_http import ask


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
    assert f"PATH={source}/bin:$PATH" in instructions("ENV")


def health_check(root: str) -> list[str]:
    """Return the command of HEALTHCHECK for a server on another port."""
    (instruction,) = instructions("HEALTHCHECK")
    program, *arguments = json.loads(instruction.partition("CMD ")[2])
    assert program == "python"
    return [str(PYTHON), *(argument.replace("http://127.0.0.1:8080", root) for argument in arguments)]


def test_running_server_is_healthy(serve: Callable[..., Served], tmp_path: Path) -> None:
    assert run(*health_check(serve().root), cwd=tmp_path) == ""


def test_missing_server_is_not_healthy(tmp_path: Path) -> None:
    checked = subprocess.run(health_check("http://127.0.0.1:1"), cwd=tmp_path, capture_output=True, check=False)
    assert checked.returncode != 0


def test_server_is_not_healthy_while_firms_load(tmp_path: Path) -> None:

    class Filling(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503 if self.path == "/_mock/ready" else 200)
            self.end_headers()

        def log_message(self, *told: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Filling) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        checked = subprocess.run(
            health_check(f"http://127.0.0.1:{server.server_port}"), cwd=tmp_path, capture_output=True, check=False
        )
        server.shutdown()
    assert checked.returncode != 0


@pytest.mark.parametrize(("token", "expected"), [("", 403), ("of-a-test", 200)])
def test_control_surface_is_off_without_a_token(tmp_path: Path, token: str, expected: int) -> None:
    """The server listens on all addresses. The variable of the compose file turns the control surface on."""
    (entry,) = instructions("ENTRYPOINT")
    _, _, *options = json.loads(entry)
    options[options.index("--port") + 1] = "0"
    words = (COMMAND, "serve", *options, "--env-file", "served.env")
    with serving(*words, cwd=tmp_path, environment=clean_environment(MOCK_AJERA_CONTROL_TOKEN=token)) as served:
        root = f"http://127.0.0.2:{served.root.rpartition(':')[2]}"
        assert ask(root, "/_mock/version", "GET", None, ("Authorization", f"Bearer {token}")).status == expected
        assert ask(root, "/_mock/ready").status == 200


@pytest.mark.skipif(not COMMAND.with_name("hadolint").exists(), reason="hadolint has no program for this machine")
def test_hadolint_finds_nothing() -> None:
    assert run(COMMAND.with_name("hadolint"), "Dockerfile", cwd=ROOT) == ""
