"""The cost of generated firms: seconds until the server is ready, and its memory.

``python -m benchmarks.firms [--data] [PROJECTS ...]``; with ``--data`` the firms are stored in files.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def measure(projects: int, *, on_file: bool) -> tuple[float, float, int]:
    """Return the seconds until the server is ready, its resident memory in MB, and the size of its file in MB."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env, data = folder / "ajera.env", folder / "firm.db"
        command = [sys.executable, "-m", "mock_ajera", "serve", "--port", "0", "--env-file", str(env)]
        command += ["--sample", str(projects), *(["--data", str(data)] if on_file else [])]
        start = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            while not env.exists():
                if server.poll() is not None:
                    raise SystemExit(f"{' '.join(command)} ended with {server.returncode}")
                time.sleep(0.05)
            seconds = time.perf_counter() - start
            status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
            memory = int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024
            size = data.stat().st_size // 2**20 if on_file else 0
            server.terminate()
        return seconds, memory, size


def main() -> None:
    """Print a table row for each firm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="*", type=int, default=[1000, 10_000])
    parser.add_argument("--data", action="store_true", help="store the firms in files")
    arguments = parser.parse_args()
    print("| projects | stored in | ready after | memory | file |\n|---|---|---|---|---|", flush=True)
    for projects in arguments.projects:
        seconds, memory, size = measure(projects, on_file=arguments.data)
        place, file = ("a file", f"{size} MB") if arguments.data else ("memory", "")
        print(f"| {projects:,} | {place} | {seconds:.1f} s | {memory:.0f} MB | {file} |", flush=True)


if __name__ == "__main__":
    main()
