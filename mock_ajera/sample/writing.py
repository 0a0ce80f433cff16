"""Write a sample as readable files that ``mock_ajera.sample.files`` can load."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from mock_ajera import codec
from mock_ajera.api.families import RECORDS
from mock_ajera.sample.files import Sample, file_name
from mock_ajera.sample.firm_file import FIRM_FILE, BadSample
from mock_ajera.sample.rows import scaled

_WIDTH = 110
"""Maximum characters of a line. Objects that fit are written on one line."""


def write(sample: Sample, folder: Path, seen: Callable[[str], object] | None = None) -> None:
    """Write a sample as files into a new or empty folder. ``seen``: as for ``fill``.

    Raises ``BadSample`` if the folder is not empty, and ``OSError``.
    """
    _make(folder)
    (folder / FIRM_FILE).write_text(laid_out(msgspec.to_builtins(sample.firm)) + "\n", encoding="utf-8")
    with ExitStack() as files:
        opened = {
            kind: files.enter_context((folder / file_name(kind)).open("w", encoding="utf-8")) for kind in sample.records
        }
        separators = dict.fromkeys(opened, "[")
        for kind, row in sample.all_records():
            opened[kind].write(f"{separators[kind]}\n  {laid_out(scaled(RECORDS[kind], row), 2)}")
            separators[kind] = ","
            if seen is not None:
                seen(kind)
        for kind, file in opened.items():
            file.write("[\n]\n" if separators[kind] == "[" else "\n]\n")


def write_files(folder: Path, files: Mapping[str, Any]) -> None:
    """Write the files of an export, by name, into a new or empty folder.

    Raises ``BadSample`` if the folder is not empty, and ``OSError``.
    """
    _make(folder)
    for name, value in files.items():
        (folder / name).write_text(f"{laid_out(value)}\n", encoding="utf-8")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except ValueError:
        raise BadSample(f"{str(folder)!r} cannot be the name of a folder") from None
    if any(folder.iterdir()):
        raise BadSample(f"{folder}: the folder is not empty")


def laid_out(value: Any, indent: int = 0) -> str:
    """Return a value as JSON. Objects and arrays that do not fit on a line have one line per item."""
    text = _inline(value)
    if len(text) + indent <= _WIDTH or not isinstance(value, Mapping | list) or not value:
        return text
    margin = "\n" + " " * (indent + 2)
    if isinstance(value, Mapping):
        lines = [f"{_inline(name)}: {laid_out(item, indent + 2)}" for name, item in value.items()]
        return "{" + margin + f",{margin}".join(lines) + margin[:-2] + "}"
    return "[" + margin + f",{margin}".join(laid_out(item, indent + 2) for item in value) + margin[:-2] + "]"


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_inline(name)}: {_inline(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return codec.encode(value).decode()
