"""A server in a process of its own, which can be killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Self


class Served:
    """``mock-ajera serve`` on a free port. Its output goes to a file."""

    def __init__(self, *options: str, folder: Path | None = None) -> None:
        self._options = options
        self._own = tempfile.TemporaryDirectory(prefix="campaign-")
        self.folder = folder or Path(self._own.name)
        self.url = self.username = self.password = self.control = ""

    def start(self) -> Self:
        """Start the server, and wait until it is ready."""
        env_file = self.folder / "server.env"
        env_file.unlink(missing_ok=True)
        words = [sys.executable, "-m", "mock_ajera", "serve", "--port", "0", "--env-file", str(env_file)]
        with (self.folder / "output.txt").open("ab") as output:
            self.process = subprocess.Popen([*words, *self._options], stdout=output, stderr=output)
        until = time.monotonic() + 120
        while not env_file.exists():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the server did not start: {self.output()[-2000:]}")
            time.sleep(0.01)
        values = dict(line.split("=", 1) for line in env_file.read_text().splitlines())
        self.url, self.control = values["AJERA_API_URL"], values["MOCK_AJERA_CONTROL_URL"]
        self.username, self.password = values["AJERA_API_USERNAME"], values["AJERA_API_PASSWORD"]
        return self

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        return int(self.url.split("/")[2].rpartition(":")[2])

    def healthy(self) -> bool:
        """Return whether the server answers within ten seconds."""
        try:
            with urllib.request.urlopen(f"{self.control}/health", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """End the server as a power failure does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """End the server with SIGTERM, and return its exit code."""
        self.process.terminate()
        return self.process.wait(60)

    def output(self) -> str:
        """Return what the server has printed so far."""
        return (self.folder / "output.txt").read_text(errors="replace")

    def usage(self) -> tuple[int, int, int]:
        """Return the memory in MiB, the open files and the threads of the process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        memory = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        threads = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("Threads"))
        return memory // 1024, len(list(Path(f"/proc/{self.process.pid}/fd").iterdir())), threads

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()
        self._own.cleanup()
