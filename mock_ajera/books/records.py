"""What a record posts: work on projects, and debits and credits of accounts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from mock_ajera.books.rules import Basis

Body = Mapping[str, Any]
Roles = Mapping[str, int]
"""The keys of the accounts by their roles in posting rules."""


class Work(NamedTuple):
    """Work, bills or payments of a phase on one day: labor, expenses or consultants."""

    project: int
    phase: int | None
    day: str
    """The accounting date as YYYY-MM-DD; "" for work from before the books began."""
    category: str
    amounts: Mapping[str, Decimal]
    """Money or hours by measure."""
    vendor: int | None = None
    """The vendor of an invoice or payment."""


class Posting(NamedTuple):
    """A debit or a credit."""

    account: int
    company: int | None
    day: str
    """The accounting date as YYYY-MM-DD; "" for a posting from before the books began."""
    amount: Decimal
    """Positive for a debit."""
    basis: Basis
    vendor: int | None = None
    """The vendor whose balance it changes."""
