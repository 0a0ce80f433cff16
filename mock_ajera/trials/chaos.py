"""Bad days of a program: each kind of fault, at a call that the program makes.

What other clients do to records is in ``races``, which knows what they have written.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from mock_ajera.api.families import METHODS
from mock_ajera.mock import MockAjera
from mock_ajera.tenants.journal import Entry

Place = Literal["login", "read", "write"]
_LOGIN = "CreateAPISession"
_DOWN = 2.0
"""Seconds for which the server is down."""


@dataclass(frozen=True)
class BadDay:
    """A fault, and the calls at which a program meets it."""

    name: str
    places: tuple[Place, ...]
    rule: Mapping[str, Any]
    """The members of the rule but the method. An empty one stops the server for a while."""


def _day(name: str, places: str, does: str = "", **rule: Any) -> BadDay:
    chosen: Any = tuple(places.split())
    return BadDay(name, chosen, {"does": does, "nth": 1, **rule} if does else {})


BAD_DAYS: Sequence[BadDay] = (
    _day("the answer is slow", "login read write", "delay", seconds=3, phase="after"),
    _day("no connection for two seconds afterwards", "login read write"),
    _day("connection reset before anything is done", "login read write", "reset", phase="before"),
    _day("connection reset after the work", "login read write", "reset", phase="after"),
    _day("answer cut off", "read write", "truncate"),
    _day("no answer", "read write", "hang"),
    _day("HTTP 500", "read write", "http", status=500, page="iis"),
    _day("HTTP 503 once", "login read write", "http", status=503),
    _day("HTTP 503 from then on", "read write", "http", status=503, every=1),
    _day("HTTP 502 after the work", "write", "http", status=502, page="gateway", phase="after"),
    _day("HTTP 429 with Retry-After", "read write", "http", status=429, retry_after=1, page="gateway"),
    _day("HTTP 401", "read write", "http", status=401, page="empty"),
    _day("HTTP 403", "read write", "http", status=403, page="empty"),
    _day("maintenance page with HTTP 200", "login read write", "http", status=200, page="maintenance"),
    _day("answer that is no JSON", "read write", "malformed"),
    _day("another Content-Type", "read write", "content-type"),
    _day("error item with ErrorID 0", "read write", "envelope", change="harmless-error"),
    _day("warnings", "read write", "envelope", change="warnings"),
    _day("Content is null", "read", "envelope", change="null-content"),
    _day("no Content", "read", "envelope", change="no-content"),
    _day("more than two calls a second are refused", "login", "throttle", rate=2, excess="refuse", every=1),
    _day("session expired before the call", "read write", "expire", phase="before"),
    _day("session expired after the call", "read write", "expire", phase="after"),
    _day("too many sessions", "login", "too-many-sessions"),
    _day("permission withdrawn", "read write", "withdraw"),
    _day("record locked", "write", "locked"),
    _day("success without effect", "write", "silent-success"),
    _day("call handled twice", "write", "twice"),
)


@dataclass(frozen=True)
class Scene:
    """A bad day at one call of a program."""

    day: BadDay
    place: Place
    method: str

    @property
    def name(self) -> str:
        """What goes wrong."""
        return self.day.name

    @property
    def label(self) -> str:
        """The call at which it goes wrong, and what."""
        return f"{'every call' if self._is_for_all else self.method}: {self.name}"

    @property
    def _is_for_all(self) -> bool:
        return self.day.rule.get("does") == "throttle"

    @contextmanager
    def happening(self, ajera: MockAjera) -> Generator[None]:
        """Let it go wrong until the end of the context."""
        if self.day.rule:
            ajera.fault(**self.day.rule, **({} if self._is_for_all else {"method": self.method}))
            yield
            return
        outage = _Outage(ajera)
        ajera.after(self.method, outage.begin)
        try:
            yield
        finally:
            outage.end()


class _Outage:
    """A server that is stopped for a while. Calls that it has received are answered."""

    def __init__(self, ajera: MockAjera) -> None:
        self._ajera, self._over = ajera, threading.Event()
        # Stopping waits for the call that is being answered, so it cannot be done within that call.
        self._thread = threading.Thread(target=self._run, name="outage", daemon=True)

    def begin(self) -> None:
        """Stop the server."""
        self._thread.start()

    def end(self) -> None:
        """Return when the server is up again, which is now if it was not."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        self._ajera.stop()
        self._over.wait(_DOWN)
        self._ajera.start()


def scenes(entries: Sequence[Entry], days: Sequence[BadDay] = BAD_DAYS) -> Iterator[Scene]:
    """Yield the bad days for a program that makes these calls on a good day."""
    methods: dict[Place, str] = {}
    for entry in entries:
        known = METHODS.get(entry.method)
        place: Place | None = "login" if entry.method == _LOGIN else None if known is None else known.access
        if place is not None:
            methods.setdefault(place, entry.method)
    for day in days:
        for place in day.places:
            if place in methods:
                yield Scene(day, place, methods[place])
