"""The files that ``mock-ajera serve`` writes when it is ready: ``--env-file`` and ``--state-file``."""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from mock_ajera.cli.output import fail


def clear(name: str) -> None:
    """Delete the file of an earlier server, so that no waiting program reads it. Exits if it is not writable."""
    file = Path(name)
    try:
        # Write to a temporary name first: a waiting reader must not see an empty file.
        _draft(file, "").unlink()
        file.unlink(missing_ok=True)
    except OSError as error:
        _fail(file, error)


def write(name: str, variables: Mapping[str, str]) -> None:
    """Write variables as lines ``NAME=value`` in one atomic step. Exits if the file is not writable."""
    write_text(name, "".join(f"{variable}={_quoted(value)}\n" for variable, value in variables.items()))


def write_text(name: str, text: str) -> None:
    """Write a text in one atomic step. Exits if the file is not writable."""
    file = Path(name)
    try:
        # Rename the complete file: a waiting reader must not see half of it.
        _draft(file, text).replace(file)
    except OSError as error:
        _fail(file, error)


def _quoted(value: str) -> str:
    # Quote only if a shell needs it: other readers treat quotes as part of the value.
    return value if re.fullmatch(r"[\w@%+=:,./?\[\]-]*", value, re.ASCII) else shlex.quote(value)


def _draft(file: Path, text: str) -> Path:
    """Write a new file next to the file. Only its owner can read it, and nobody can know its name in advance."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as draft:
            draft.write(text)
    except OSError:
        Path(name).unlink()
        raise
    return Path(name)


def _fail(file: Path, error: OSError) -> NoReturn:
    fail(f"cannot write {file}: {error.strerror or error}")
