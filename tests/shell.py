"""A terminal: one bash for all commands, so that variables and jobs persist."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from checkout import PATIENCE


class Shell:
    """A bash in a folder. As a context manager, it ends its jobs."""

    def __init__(self, folder: Path, environment: Mapping[str, str], scratch: Path) -> None:
        """``scratch``: an empty folder for commands and their output."""
        self._scratch, self._typed = scratch, 0
        self._done, told = os.pipe()
        self._told = told
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[told],
            # Background jobs end with the process group.
            start_new_session=True,
            encoding="utf-8",
        )
        os.close(told)

    def type(self, text: str, *, strict: bool = False) -> str:
        """Run commands and return their output, including stderr.

        ``strict``: raises ``AssertionError`` with the output at the first command that fails, as ``bash -e`` would.
        """
        self._typed += 1
        script = self._scratch / f"{self._typed}.sh"
        said = self._scratch / f"{self._typed}.txt"
        lines = ["set -eo pipefail", text, "set +eo pipefail"] if strict else [text]
        script.write_text("\n".join([*lines, ""]), encoding="utf-8")
        assert self._process.stdin
        # Commands get an empty input: the input of the shell itself is what is typed.
        print(f". '{script}' </dev/null >'{said}' 2>&1; echo >&{self._told}", file=self._process.stdin, flush=True)
        deadline = time.monotonic() + PATIENCE
        while not select.select([self._done], [], [], 0.05)[0]:
            # A background job keeps the pipe open when the shell has ended.
            assert self._process.poll() is None, self._failed(said)
            assert time.monotonic() < deadline, f"it does not end:\n{said.read_text(encoding='utf-8')}"
        assert os.read(self._done, 1), self._failed(said)
        return said.read_text(encoding="utf-8")

    def _failed(self, said: Path) -> str:
        return f"it ends with {self._process.wait(PATIENCE)}:\n{said.read_text(encoding='utf-8')}"

    def close(self) -> None:
        """End the shell and its jobs."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        os.close(self._done)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
