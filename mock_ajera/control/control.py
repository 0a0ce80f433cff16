"""The server that actions control: its tenants and its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from mock_ajera.control.action import NotThere
from mock_ajera.sample.templates import BadSample, sample_path
from mock_ajera.spelling import suggestion
from mock_ajera.tenants.directory import Directory
from mock_ajera.tenants.tenant import Tenant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_PROJECTS = 10_000
"""The maximum number of projects that an action generates. Ten thousand take about half a minute."""


class Control(msgspec.Struct):
    """A server as actions see it."""

    tenants: Directory
    settings: Mapping[str, Any] = {}
    """The current settings by name, without secrets."""
    quirks: Mapping[str, Any] = {}
    """The quirks of new tenants."""
    freeze: datetime | None = None
    """Time at which the clocks of new tenants are frozen."""
    folder: Path | None = None
    """The folder with the user's firms, from which tenants can be created by name."""
    root: str = ""
    """Base of URLs, without a trailing slash."""
    resets: bool = True
    """Whether the server can reset a connection."""
    gone: Callable[[], bool] = lambda: False
    """Whether the program that asked for the action has closed its connection. Long actions then end."""
    down: Callable[[float], object] | None = None
    """Makes the server refuse connections for so many seconds; None if it cannot."""

    def tenant(self, name: str) -> Tenant:
        """Return the tenant of a name. Raises ``NotThere``."""
        tenant = self.tenants.get(name)
        if tenant is None:
            there = ", ".join(each.name for each in self.tenants) or "none"
            raise NotThere(f"there is no tenant {name!r}; the tenants are {there}")
        return tenant

    def sample(self, name: str | int) -> Path | str | int:
        """Return the sample of a name: sample, empty, a number of projects, or one of the user's firms.

        Raises ``BadSample`` for any other name: a request must not make the server read arbitrary folders.
        """
        text = str(name)
        if text in ("sample", "empty"):
            return name
        if text.isascii() and text.isdecimal():
            if len(text) > len(str(MOST_PROJECTS)) or int(text) > MOST_PROJECTS:
                raise BadSample(
                    f"a running server generates at most {MOST_PROJECTS} projects, not {text:.20}; start a server with "
                    "a larger firm: mock-ajera serve --sample N"
                )
            return name
        own = sorted(each.name for each in self.folder.iterdir() if each.is_dir()) if self.folder else []
        if self.folder is not None and text in own:
            return sample_path(self.folder / text)
        more = f", and your firms {', '.join(own)}" if own else ""
        known = f"; the samples are sample, empty, a number of projects{more}"
        raise BadSample(f"there is no sample {text!r}{suggestion(text, ('sample', 'empty', *own)) or known}")


def shown_time(utc_ms: int) -> str:
    """Return UTC milliseconds as ISO 8601."""
    at = _EPOCH + timedelta(milliseconds=utc_ms)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{utc_ms % 1000:03d}Z"
