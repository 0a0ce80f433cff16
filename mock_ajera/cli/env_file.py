"""The files that ``mock-ajera serve`` writes when it is ready: ``--env-file`` and ``--state-file``."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from mock_ajera.cli.output import fail


def clear(name: str) -> None:
    """Delete the file of an earlier server, so that no waiting program reads it. Exits if it is not writable."""
    file = Path(name)
    draft = _draft(file)
    try:
        # Write to a temporary name first: a waiting reader must not see an empty file.
        draft.touch()
        draft.unlink()
        file.unlink(missing_ok=True)
    except OSError as error:
        _fail(file, error)


def write(name: str, variables: Mapping[str, str]) -> None:
    """Write variables as lines ``NAME=value`` in one atomic step. Exits if the file is not writable."""
    write_text(name, "".join(f"{variable}={_quoted(value)}\n" for variable, value in variables.items()))


def write_text(name: str, text: str) -> None:
    """Write a text in one atomic step. Exits if the file is not writable."""
    file = Path(name)
    draft = _draft(file)
    try:
        draft.write_text(text, encoding="utf-8")
        # Rename the complete file: a waiting reader must not see half of it.
        draft.replace(file)
    except OSError as error:
        _fail(file, error)


def _quoted(value: str) -> str:
    # Quote only if a shell needs it: other readers treat quotes as part of the value.
    return value if re.fullmatch(r"[\w@%+=:,./?\[\]-]*", value, re.ASCII) else shlex.quote(value)


def _draft(file: Path) -> Path:
    return file.with_name(f".{file.name}.{os.getpid()}")


def _fail(file: Path, error: OSError) -> NoReturn:
    fail(f"cannot write {file}: {error.strerror or error}")
