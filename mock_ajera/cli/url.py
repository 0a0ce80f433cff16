"""Options that are an address."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import click


class Url(click.ParamType[str]):
    """An address that can be asked: http or https, a host, and a port that there is."""

    name = "url"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text itself. Exits as for every wrong option."""
        # What stands behind the question mark names a database: it is not for logs.
        shown = repr(value.partition("?")[0])
        try:
            parts = urlsplit(value)
            reachable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError as error:
            self.fail(f"{shown} is no URL: {error}.", param, ctx)
        if not reachable or re.search(r"[\s\x00-\x1f\x7f]", value):
            self.fail(f"{shown} is no URL such as http://127.0.0.1:8080.", param, ctx)
        return value
