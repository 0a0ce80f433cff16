"""What an answer rests on, gathered while it is made.

Code that decides something about an answer says on which claim (``relies_on``) and of which record (``touches``); the
journal's entry has both. Outside a request, as when a firm is filled, they do nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Touched = tuple[str, int]
"""Kind and key of a record."""


class Trace:
    """The claims that an answer rests on and the records that the request named, each once, in order."""

    __slots__ = ("claims", "records")

    def __init__(self) -> None:
        self.claims: dict[str, None] = {}
        self.records: dict[Touched, None] = {}


_CURRENT: ContextVar[Trace | None] = ContextVar("mock_ajera_trace", default=None)


@contextmanager
def tracing(trace: Trace) -> Iterator[None]:
    """Gather into a trace what is said inside."""
    token = _CURRENT.set(trace)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def relies_on(claim: str) -> None:
    """The answer would be another if the claim did not hold."""
    trace = _CURRENT.get()
    if trace is not None:
        trace.claims[claim] = None


def reads_record(kind: str, keys: Iterable[int]) -> None:
    """The request reads or writes these records."""
    trace = _CURRENT.get()
    if trace is not None:
        for key in keys:
            trace.records[kind, key] = None
