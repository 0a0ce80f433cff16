"""The type of options that are URLs."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import click


class Url(click.ParamType[str]):
    """A URL with the scheme http or https, a host and a valid port."""

    name = "url"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text unchanged. Fails as click does for any invalid option."""
        # The query names a database: keep it out of messages, which end up in logs.
        shown = repr(value.partition("?")[0])
        try:
            parts = urlsplit(value)
            reachable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError as error:
            self.fail(f"{shown} is not a URL: {error}.", param, ctx)
        if not reachable or re.search(r"[\s\x00-\x1f\x7f]", value):
            self.fail(f"{shown} is not a URL such as http://127.0.0.1:8080.", param, ctx)
        return value
