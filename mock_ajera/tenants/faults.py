"""The faults of a tenant: rules that make some calls go wrong on purpose.

A rule says which calls it hits, when and how. This module selects the calls; ``api.faults`` knows what goes wrong. The
rules are in memory only, so that a restart always begins without faults.
"""

from __future__ import annotations

import random
import shlex
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

Phase = Literal["before", "after"]
Place = tuple[str, int]
"""File and line."""
MOST = 1000
"""Maximum number of rules of a tenant."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_Time = Annotated[datetime, Meta(tz=True, description="ISO 8601 with an offset, such as 2026-03-09T08:00:00Z.")]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which calls go wrong, when and how. Each kind of fault has its own members besides those that choose calls."""

    does: Annotated[str, Meta(description="What goes wrong: the name of a kind of fault, such as delay.")]
    name: Annotated[str, Meta(description="Name of the rule. Default: the fault and a number.")] = ""

    method: Annotated[str, Meta(description="Only calls of this method.", extra={"complete": "methods"})] | None = None
    user: Annotated[str, Meta(description="Only calls of this API user.")] | None = None
    version: Annotated[int, Meta(ge=1, le=2, description="Only calls of this version of the API.")] | None = None
    record: (
        Annotated[str, Meta(description="Only calls that name this record by kind and key, such as 'Project 7'.")]
        | None
    ) = None

    nth: (
        Annotated[
            int, Meta(ge=1, description="The call that goes wrong, counted from now; the first, with every or times.")
        ]
        | None
    ) = None
    every: Annotated[int, Meta(ge=1, description="Only every so many calls go wrong.")] | None = None
    times: Annotated[int, Meta(ge=1, description="Calls go wrong at most this many times.")] | None = None
    probability: Annotated[float, Meta(gt=0, le=1, description="Go wrong with this probability only.")] | None = None
    since: _Time | None = None
    until: _Time | None = None

    phase: (
        Annotated[Phase, Meta(description="Before anything is done, or after the work, when only the answer is left.")]
        | None
    ) = None

    seconds: Annotated[float, Meta(ge=0, le=3600, description="How long to wait; with spread, the median.")] | None = (
        None
    )
    most_seconds: (
        Annotated[float, Meta(ge=0, le=3600, description="Wait a random time up to this, evenly distributed.")] | None
    ) = None
    spread: (
        Annotated[float, Meta(gt=0, le=5, description="Sigma of a log-normal distribution of the waits.")] | None
    ) = None
    status: Annotated[int, Meta(ge=200, le=599, description="HTTP status of the answer.")] | None = None
    retry_after: Annotated[int, Meta(ge=0, le=86400, description="Seconds for the header Retry-After.")] | None = None
    page: (
        Annotated[Literal["iis", "gateway", "maintenance", "empty"], Meta(description="Body of the answer.")] | None
    ) = None
    size: Annotated[int, Meta(ge=0, description="Bytes of the answer that are sent. Default: half.")] | None = None
    rate: Annotated[float, Meta(gt=0, description="Bytes per second, or calls per second of throttle.")] | None = None
    excess: (
        Annotated[
            Literal["delay", "refuse", "login"],
            Meta(description="Calls above the rate: delayed, refused with HTTP 429, or refused as a failed login."),
        ]
        | None
    ) = None
    change: (
        Annotated[
            Literal["harmless-error", "warnings", "null-content", "no-content"],
            Meta(description="What differs in the envelope."),
        ]
        | None
    ) = None
    content_type: Annotated[str, Meta(description="The header Content-Type.")] | None = None
    target: (
        Annotated[str, Meta(description="The record to change or delete. Default: the first that a call names.")] | None
    ) = None

    @property
    def text(self) -> str:
        """The rule as the option ``--fault`` takes it: ``http method=GetProjects status=503``."""
        return text_of(msgspec.to_builtins(self))


def text_of(rule: Mapping[str, Any]) -> str:
    """Return the members of a rule as text, without its name."""
    pairs = (f"{name}={value}" for name, value in rule.items() if name not in ("does", "name"))
    return shlex.join([str(rule.get("does", "")), *pairs])


class Facts(NamedTuple):
    """What is known of a call before it is handled."""

    method: str
    user: str
    version: int | None
    arguments: Mapping[str, Any]
    """MethodArguments; empty if it is no object."""
    page: int
    """The number of the page that is requested; 0 for a whole list."""
    names: Callable[[str, int], bool]
    """Whether the arguments name a record, by kind and key."""
    now: int
    """UTC milliseconds by the tenant's clock."""
    page_size: int = 0
    """How many rows a page has, as requested; 0 for a whole list."""


@dataclass(eq=False)
class Fault:
    """A rule with what has come of it."""

    rule: Rule
    run: Callable[[Facts], object] | None = None
    """A function of a test that runs instead of a fault."""
    place: Place | None = None
    """Where a test added it; None for a fault of the control surface or of a trial."""
    calls: int = 0
    """How many calls it applies to."""
    fired: int = 0
    """How many of them went wrong."""
    removed: threading.Event = field(default_factory=threading.Event)
    """Set when the rule is removed: nothing waits for a rule that is gone."""
    _due: dict[str, float] = field(default_factory=dict)
    """When the next call of each user is due at its rate, in UTC milliseconds."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """The name of the rule."""
        return self.rule.name

    @property
    def never(self) -> str:
        """What to tell of a fault that never fired; empty if it fired."""
        return "" if self.fired else f"the fault {self} never fired: it applied to {self.calls} calls"

    def __str__(self) -> str:
        return f"{self.name} ({self.rule.text})"

    def hits(self, facts: Facts, draw: random.Random) -> bool:
        """Count a call, and return whether it goes wrong."""
        if not self._applies(facts):
            return False
        self.calls += 1
        likely = self.rule.probability
        chosen = self._is_chosen() and (likely is None or draw.random() < likely)
        self.fired += chosen
        return chosen

    def _is_chosen(self) -> bool:
        """Return whether the current call is one of those that the numbers of the rule choose."""
        rule = self.rule
        if rule.every is None and rule.times is None:
            return rule.nth in (None, self.calls)
        later = self.calls - (rule.nth or rule.every or 1)
        return later >= 0 and later % (rule.every or 1) == 0 and (rule.times is None or self.fired < rule.times)

    def seconds_early(self, facts: Facts, rate: float, *, waits: bool) -> float:
        """Return how many seconds a call comes too early for a rate a second of its user; 0 if it does not.

        The calls of one second, or one call, may come at once. ``waits``: whether a call that is early waits, and so
        counts.
        """
        with self._lock:
            due = max(self._due.get(facts.user, 0), facts.now)
            early = max(0, due - facts.now - max(0, 1000 - 1000 / rate))
            if waits or not early:
                self._due[facts.user] = due + 1000 / rate
        return early / 1000

    def _applies(self, facts: Facts) -> bool:
        rule = self.rule
        return (
            rule.method in (None, facts.method)
            and rule.user in (None, facts.user)
            and rule.version in (None, facts.version)
            and (rule.since is None or _milliseconds(rule.since) <= facts.now)
            and (rule.until is None or facts.now < _milliseconds(rule.until))
            and (rule.record is None or facts.names(*kind_and_key(rule.record)))
        )


def kind_and_key(text: str) -> tuple[str, int]:
    """Return the kind and the key in a text such as "Project 7". Raises ``ValueError``."""
    kind, _, key = text.strip().rpartition(" ")
    if not kind or not key.isascii() or not key.isdecimal() or len(key) > 10:
        raise ValueError(f"{text!r:.80} is not the kind and the key of a record, such as 'Project 7'")
    return kind, int(key)


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MILLISECOND


class Faults:
    """The faults of a tenant, in the order in which they were added. Safe to use from several threads."""

    def __init__(self, seed: bytes) -> None:
        """``seed``: what probabilities and random waits are drawn from."""
        self._faults: tuple[Fault, ...] = ()
        self._added = 0
        self._lock = threading.Lock()
        self.names: deque[str] = deque(maxlen=10 * MOST)
        """The names of the last faults that were added, also of those that were removed."""
        self.draw = random.Random(seed)
        self.time_scale = 1.0
        """How long waits take: with 0.01, thirty seconds take 0.3."""

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self._faults)

    def __len__(self) -> int:
        return len(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def add(self, rule: Rule, run: Callable[[Facts], object] | None = None, place: Place | None = None) -> Fault:
        """Add a rule that was checked. Raises ``ValueError`` for a name that is taken, or with too many rules."""
        with self._lock:
            self._added += 1
            name = rule.name or f"{rule.does} {self._added}"
            if any(each.name == name for each in self._faults):
                raise ValueError(f"there is a fault named {name!r} already")
            if len(self._faults) >= MOST:
                raise ValueError(f"a tenant has at most {MOST} faults")
            fault = Fault(msgspec.structs.replace(rule, name=name), run, place)
            self._faults = (*self._faults, fault)
            self.names.append(name)
            return fault

    def remove(self, *faults: Fault) -> None:
        """Remove faults; those that are gone already are ignored. What waits for one of them goes on."""
        with self._lock:
            self._faults = tuple(each for each in self._faults if each not in faults)
        for each in faults:
            each.removed.set()

    def clear(self) -> None:
        """Remove all faults."""
        self.remove(*self._faults)

    def spare(self, fault: Fault) -> None:
        """Take back that a call went wrong: there was nothing to be done to it."""
        with self._lock:
            fault.fired -= 1

    def hitting(self, facts: Facts) -> list[Fault]:
        """Count a call, and return the faults that it meets."""
        with self._lock:
            return [each for each in self._faults if each.hits(facts, self.draw)]
