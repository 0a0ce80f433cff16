"""What actions act on: the tenants of a server, and how it was started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mock_ajera.control.action import NotThere
from mock_ajera.sample.templates import BadSample, sample_path
from mock_ajera.tenants.directory import Directory
from mock_ajera.tenants.tenant import Tenant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Control:
    """A server as its tester sees it."""

    tenants: Directory
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The settings in force by name, without secrets."""
    quirks: Mapping[str, Any] = field(default_factory=dict)
    """What new tenants are made with, over profile ``observed``."""
    freeze: datetime | None = None
    """Time at which the clocks of new tenants stand still."""
    folder: Path | None = None
    """Where the user's own firms are, a folder each; new tenants can be made from them by name."""
    root: str = ""
    """What URLs begin with, without a slash behind it."""

    def tenant(self, name: str) -> Tenant:
        """The tenant of a name. Raises ``NotThere``."""
        tenant = self.tenants.get(name)
        if tenant is None:
            there = ", ".join(each.name for each in self.tenants) or "none"
            raise NotThere(f"there is no tenant {name!r}; there are {there}")
        return tenant

    def sample(self, name: str | int) -> Path | str | int:
        """What a sample's name means here: sample, empty, a number of projects, or one of the user's own firms.

        Raises ``BadSample``: a folder is not read because somebody names it over HTTP.
        """
        text = str(name)
        if text in ("sample", "empty") or text.isdecimal():
            return name
        own = sorted(each.name for each in self.folder.iterdir() if each.is_dir()) if self.folder else []
        if self.folder is not None and text in own:
            return sample_path(self.folder / text)
        more = f", and of your own {', '.join(own)}" if own else ""
        raise BadSample(f"there is no sample {text!r}; there are sample, empty, a number of projects{more}")


def shown_time(utc_ms: int) -> str:
    """UTC milliseconds as ISO 8601."""
    at = _EPOCH + timedelta(milliseconds=utc_ms)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{utc_ms % 1000:03d}Z"
