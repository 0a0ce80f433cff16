"""Refusals that only faults cause. Nobody has published what Ajera answers: texts and ErrorIDs are invented."""

from __future__ import annotations

from mock_ajera.api.errors import AjeraError


class RecordLocked(AjeraError):
    """Somebody else edits the record."""

    error_id = -110
    text = "The record is locked by another user."
    claim = "fault.locked-record"


class PeriodClosed(AjeraError):
    """The accounting period of the record is closed."""

    error_id = -111
    text = "The accounting period is closed."
    claim = "fault.closed-period"


class TooManySessions(AjeraError):
    """The user has too many sessions, or the firm."""

    error_id = -153
    text = "Too many sessions are open."
    claim = "fault.too-many-sessions"
