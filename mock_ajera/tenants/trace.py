"""Traces the claims that an answer relies on, the records that a request names, and warnings.

Code that decides something about an answer notes the claim (``relies_on``), the record (``reads_record``) and what a
client could miss (``warns``). The journal entry contains them. Outside a request, for example while a firm is loaded,
these functions do nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Touched = tuple[str, int]
"""Kind and key of a record."""


class Trace:
    """The claims that an answer relies on, the records that the request names, and warnings: each once, in order."""

    __slots__ = ("claims", "records", "warnings")

    def __init__(self) -> None:
        self.claims: dict[str, None] = {}
        self.records: dict[Touched, None] = {}
        self.warnings: dict[str, None] = {}


_CURRENT: ContextVar[Trace | None] = ContextVar("mock_ajera_trace", default=None)


@contextmanager
def tracing(trace: Trace) -> Iterator[None]:
    """Collect what is noted within the context in a trace."""
    token = _CURRENT.set(trace)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def relies_on(claim: str) -> None:
    """Note that the answer depends on a claim."""
    trace = _CURRENT.get()
    if trace is not None:
        trace.claims[claim] = None


def reads_record(kind: str, keys: Iterable[int]) -> None:
    """Note that the request reads or writes records of a kind."""
    trace = _CURRENT.get()
    if trace is not None:
        for key in keys:
            trace.records[kind, key] = None


def warns(text: str) -> None:
    """Note a warning: Ajera succeeds silently, though the client may expect another result."""
    trace = _CURRENT.get()
    if trace is not None:
        trace.warnings[text] = None
