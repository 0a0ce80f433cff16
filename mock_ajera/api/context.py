"""The parts of a tenant that rendering and checking a record use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import Enum, auto
from typing import Any, Protocol

import msgspec

from mock_ajera.tenants.firm import CustomField
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.model import Summary
from mock_ajera.tenants.references import Referrer
from mock_ajera.tenants.render_cache import Audience
from mock_ajera.tenants.zones import Zone

UniqueText = tuple[str, tuple[str, ...], tuple[str, ...]]
"""Kind, members and case-folded texts of a record under a uniqueness rule."""


class Visibility(Enum):
    """When a member is printed."""

    ALWAYS = auto()
    OBSERVED = auto()
    """Clients read it, but the pages do not show it (quirk ``members``)."""
    DOCUMENTED = auto()
    """The pages show it, but no client reads it (quirk ``members``)."""
    GETS = auto()
    """Clients read it; the pages show it in answers of Get methods, but neither in templates nor in an Update."""
    UPDATES = auto()
    """Clients read it; the pages show it in the answer of an Update only."""
    SECOND_NAME = auto()
    """A name that the pages show in answers of Get methods only, and that no client reads."""
    RESOURCES = auto()
    """Only in answers with the resources of a project."""
    RESOURCE_NAMES = auto()
    """Only in answers with the resources of a project and the names of the records that they refer to."""
    NEVER = auto()
    """A stored member that the API neither prints nor accepts."""


class View(Protocol):
    """The parts of a tenant that records read."""

    zone: Zone
    custom_fields: Mapping[str, tuple[CustomField, ...]]
    """The firm's custom fields by kind of record."""
    all_members: bool
    """Whether members are printed for every billing type."""
    overhead_rate_table: str
    """What an Overhead project without a rate table prints: "zero" or "null"."""
    hidden: frozenset[Visibility]
    audience: Audience
    """Who the records are printed for."""

    def summary(self, kind: str, key: int | None) -> Summary | None: ...

    def referrers(self, to: str, key: int, by: str) -> Collection[int]: ...

    def body(self, kind: str, key: int | None) -> Mapping[str, Any] | None: ...

    def is_week_end(self, day: str) -> bool: ...

    def holders(self, kind: str, members: tuple[str, ...], texts: tuple[str, ...]) -> set[int]: ...


class Examples(Protocol):
    """The firm for which an example of a request is made."""

    def key(self, kind: str) -> int:
        """Return the key of a record, an active one if there is a choice."""

    def new_key(self) -> int:
        """Return a negative key that the example does not have yet."""


class BatchState(msgspec.Struct):
    """The changes of the earlier records of the same request. Unique texts are compared with the future state."""

    keys: set[tuple[str, int]] = set()
    """(kind, key) of the records that are saved or deleted; their stored texts no longer count."""
    texts: set[UniqueText] = set()
    """Unique texts that these records will have."""
    removed: set[tuple[str, int]] = set()
    """(kind, key) of the records that are deleted."""
    references: dict[tuple[str, int], Referrer] = {}
    """The records that these will refer to by (kind, key), with one that refers to it."""


class WriteContext(msgspec.Struct):
    """The context in which one record of a write is checked, and the reasons to refuse it."""

    view: View
    quirk: Callable[[str], Any]
    unknown: str = "refuse"
    """Whether members that do not exist are refused ("refuse") or ignored ("ignore")."""
    stamp: int | None = None
    """The stored stamp of the record in UTC milliseconds; None for a new one."""
    stamps_sent: bool = True
    """Whether each record of the request has its stamp. Version 2 sends none."""
    batch: BatchState = msgspec.field(default_factory=BatchState)
    texts: set[UniqueText] = set()
    """Unique texts that the record would have."""
    seeding: bool = False
    """Whether a firm is being loaded: rows have keys and no stamps, and references are checked afterwards."""
    all_rows: bool = False
    """Whether nested rows are written that are otherwise read-only."""
    invalid: list[Reason] = []
    conflicts: list[Reason] = []
    defaulted: set[str] = set()
    """The claims of the defaults that new rows have. They count only if the record is written."""
    notes: list[Reason] = []
    """What the client may not notice if the record is written."""

    def refuse(self, at: str, rule: str, text: str, claim: str) -> None:
        """Add a reason to refuse the record."""
        self.invalid.append(Reason(at, rule, text, claim))
