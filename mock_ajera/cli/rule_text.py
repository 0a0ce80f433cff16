"""The type of options that are rules of faults."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

_RULE = re.compile(r"""(?:[^;"']|"[^"]*"|'[^']*'|["'])+""")


class RuleText(click.ParamType[str]):
    """A rule as text: the kind of fault and NAME=VALUE pairs, which ``ServeSettings`` reads."""

    name = "rule"

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """Return the rules in a variable. A semicolon, which no quotes enclose, is between two."""
        return [each.strip() for each in _RULE.findall(rv) if each.strip()]
