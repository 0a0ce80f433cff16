"""Traces the claims that an answer relies on and the records that a request names.

Code that decides something about an answer notes the claim (``relies_on``) and the record (``reads_record``). The
journal entry contains both. Outside a request, for example while a firm is loaded, both functions do nothing. A result
that is kept for later requests is kept with its claims (``noting``), which each of these requests notes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

Touched = tuple[str, int]
"""Kind and key of a record."""


class Trace:
    """The claims that an answer relies on and the records that the request names, each once, in order."""

    __slots__ = ("claims", "records")

    def __init__(self) -> None:
        self.claims: dict[str, None] = {}
        self.records: dict[Touched, None] = {}


_CURRENT: ContextVar[Trace | None] = ContextVar("mock_ajera_trace", default=None)


@contextmanager
def tracing(trace: Trace) -> Iterator[None]:
    """Collect what is noted within the context in a trace."""
    token = _CURRENT.set(trace)
    try:
        yield
    finally:
        _CURRENT.reset(token)


@contextmanager
def noting() -> Iterator[dict[str, None]]:
    """Collect the claims that are noted within the context, instead of noting them."""
    trace = Trace()
    with tracing(trace):
        yield trace.claims


def relies_on(claim: str) -> None:
    """Note that the answer depends on a claim."""
    trace = _CURRENT.get()
    if trace is not None:
        trace.claims[claim] = None


def relies_on_all(claims: Mapping[str, None]) -> None:
    """Note that the answer depends on these claims, which ``noting`` has collected."""
    trace = _CURRENT.get()
    if trace is not None:
        trace.claims.update(claims)


def reads_record(kind: str, keys: Iterable[int]) -> None:
    """Note that the request reads or writes records of a kind."""
    trace = _CURRENT.get()
    if trace is not None:
        for key in keys:
            trace.records[kind, key] = None
