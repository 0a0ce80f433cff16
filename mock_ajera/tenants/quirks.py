"""Quirks: where documentation and observation differ, or databases differ among themselves, the difference has a
name.

A quirk is a value with a default, a sentence and a claim. Two profiles bundle values: ``observed`` (the default: what
clients in the field meet) and ``documented`` (what the official pages print). A quirk is read in one place of the
server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_LARGEST = 1_000_000_000
"""Of a quirk that is a number: so many minutes are nearly two thousand years."""


@dataclass(frozen=True)
class Quirk:
    """One difference. ``choices`` are the values that it can have; None means a whole number from 0."""

    name: str
    choices: tuple[str, ...] | tuple[bool, ...] | None
    observed: Any
    documented: Any
    says: str
    claim: str

    def check(self, value: Any) -> Any:
        """The value, read from text too. Raises ``ValueError`` when the quirk cannot have it."""
        if self.choices is None:
            if isinstance(value, str) and value.isdecimal() and len(value) <= len(str(_LARGEST)):
                value = int(value)
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
                raise ValueError(f"quirk {self.name}: a whole number from 0 to {_LARGEST} is expected, found {value!r}")
            return value
        spelt = {str(choice).casefold(): choice for choice in self.choices}
        try:
            return spelt[str(value).casefold()]
        except KeyError:
            raise ValueError(f"quirk {self.name}: {value!r} is none of {', '.join(spelt)}") from None


class Quirks(Mapping[str, Quirk]):
    """All quirks by name."""

    def __init__(self, *quirks: Quirk) -> None:
        self._quirks = {quirk.name: quirk for quirk in quirks}
        if len(self._quirks) != len(quirks):
            raise ValueError("two quirks have one name")

    def __getitem__(self, name: str) -> Quirk:
        return self._quirks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._quirks)

    def __len__(self) -> int:
        return len(self._quirks)

    def checked(self, name: str, value: Any) -> Any:
        """The value of a quirk, checked. Raises ``ValueError`` for an unknown name or value."""
        return self[self.spelt(name)].check(value)

    def spelt(self, name: str) -> str:
        """The name as it is declared; dashes will do for underscores. Raises ``ValueError`` for an unknown one."""
        known = name.replace("-", "_")
        if known not in self:
            raise ValueError(f"there is no quirk {name!r}; there are {', '.join(sorted(self))}")
        return known


QUIRKS = Quirks(
    Quirk(
        "success_code",
        ("200", "zero", "docs"),
        "200",
        "docs",
        "ResponseCode of a success: 200; zero: 0 but for CreateAPISession; docs: 0 for the session methods only.",
        "envelope.success-code",
    ),
    Quirk(
        "generic_error_item",
        (True, False),
        False,
        False,
        "Whether a generic item stands behind the specific one in Errors.",
        "errors.generic-item",
    ),
    Quirk(
        "unknown_method",
        ("refuse", "empty"),
        "refuse",
        "refuse",
        "A method that does not exist is refused, or answered with success and nothing.",
        "errors.unknown-method-empty",
    ),
    Quirk(
        "version_2_lists",
        ("serve", "refuse"),
        "serve",
        "serve",
        "Lists of clients, contacts, vendors and tables in a session of version 2, of which no page speaks.",
        "reference.version-1-only",
    ),
    Quirk(
        "unknown_arguments",
        ("ignore", "refuse"),
        "ignore",
        "ignore",
        "Arguments that a List or Get method does not have, such as a misspelt filter.",
        "filter.unknown-arguments-ignored",
    ),
    Quirk(
        "unknown_members",
        ("refuse", "ignore"),
        "refuse",
        "refuse",
        "Members that a record of an Update does not have.",
        "write.unknown-members-refused",
    ),
    Quirk(
        "content_wrapper",
        ("refuse", "accept"),
        "refuse",
        "accept",
        "Whether the arguments of an Update may be wrapped in a Content object, as the pages' samples are.",
        "write.content-wrapper",
    ),
    Quirk(
        "members",
        ("observed", "documented", "all"),
        "observed",
        "documented",
        "Which members records print: those met in the field (some by billing type), those of the pages, or both.",
        "project.members-by-billing-type",
    ),
    Quirk(
        "project_totals",
        ("object", "list"),
        "object",
        "list",
        "Content of GetProjectTotals: one object ProjectTotals, or as the page has it a list Projects.",
        "project.totals-content",
    ),
    Quirk(
        "employees_per_get",
        None,
        50,
        0,
        "How many keys GetEmployees takes; 0 is no limit.",
        "employee.fifty-keys",
    ),
    Quirk(
        "session_minutes",
        None,
        60,
        60,
        "How long a session lives after its login.",
        "session.lifetime",
    ),
    Quirk(
        "bare_upper_date",
        ("whole_day", "midnight"),
        "whole_day",
        "whole_day",
        "What a date without a time means as an upper bound: to the end of that day, or its first moment.",
        "filter.bare-date-upper-bound",
    ),
    Quirk(
        "duplicate_client_names",
        ("refuse", "allow"),
        "refuse",
        "refuse",
        "A client with the Description of another.",
        "client.description-unique",
    ),
    Quirk(
        "duplicate_vendor_names",
        ("refuse", "allow"),
        "refuse",
        "refuse",
        "A vendor with the Name of another.",
        "vendor.name-unique",
    ),
    Quirk(
        "duplicate_project_ids",
        ("allow", "refuse"),
        "allow",
        "allow",
        "A project with the ID of another.",
        "project.duplicate-ids",
    ),
    Quirk(
        "vary_guesses",
        (True, False),
        False,
        False,
        "Texts and ErrorIDs that nobody has met, and the order of lists, are others: who leans on them notices.",
        "errors.texts-ours",
    ),
)


def profile_values(profile: str) -> dict[str, Any]:
    """The value of each quirk under a profile. Raises ``ValueError`` for an unknown profile."""
    if profile not in ("observed", "documented"):
        raise ValueError(f"there is no profile {profile!r}; there are observed and documented")
    return {quirk.name: getattr(quirk, profile) for quirk in QUIRKS.values()}


@dataclass(frozen=True)
class Layers:
    """The quirks of a tenant by origin. This is the one place that defines which origin wins: the later field."""

    profile: Mapping[str, Any] = field(default_factory=dict)
    """Values of the profile, or whatever else applies to every tenant of a server."""
    firm: Mapping[str, Any] = field(default_factory=dict)
    """Values in the firm's own file (``Tenant.own_quirks``)."""
    asked: Mapping[str, Any] = field(default_factory=dict)
    """Values that were asked for by name."""

    def merged(self) -> dict[str, Any]:
        """Return one value for each quirk that any origin sets."""
        return {**self.profile, **self.firm, **self.asked}
