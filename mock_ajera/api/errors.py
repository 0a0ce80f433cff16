"""Refusals: one small hierarchy, which ``envelope`` turns into error items.

A class has the ``ErrorID`` and ``ErrorMessage`` of the answer and the claim that they rely on. The reasons, with path,
rule and details, are not part of the answer: they go to the journal and to the response header ``Mock-Ajera-Why``.
"""

from __future__ import annotations

from typing import ClassVar

from mock_ajera.store import StoreError
from mock_ajera.tenants.journal import Reason


class AjeraError(Exception):
    """A refusal. ``text`` may contain ``{name}`` placeholders, which the keyword arguments fill."""

    error_id: ClassVar[int]
    text: ClassVar[str]
    claim: ClassVar[str]
    response_code: ClassVar[int] = 0
    """The value of ``ResponseCode``."""
    known_id: ClassVar[bool] = False
    """Whether the ErrorID was observed; otherwise it is invented."""
    known_text: ClassVar[bool] = False
    """Whether the text was observed; otherwise it is invented."""

    rests_on: ClassVar[tuple[str, ...]] = ()
    """Further claims that the refusal relies on, besides those of its reasons."""

    def __init__(self, *reasons: Reason, **values: object) -> None:
        self.message = self.text.format(**values)
        self.reasons = reasons or (Reason("", type(self).__name__, self.message, self.claim),)
        super().__init__(self.message)

    @property
    def guesses(self) -> tuple[str, ...]:
        """The claims that an invented text or ErrorID relies on."""
        text = () if self.known_text else ("errors.texts-ours",)
        return text if self.known_id else (*text, "errors.ids-ours")

    def varied(self) -> tuple[int, str]:
        """Return ErrorID and ErrorMessage, with each invented one replaced by another (quirk ``vary_guesses``)."""
        error_id = self.error_id if self.known_id else self.error_id - 9000
        return error_id, self.message if self.known_text else f"Refused, with an unverified text ({self.claim})"


class UnableToAuthenticate(AjeraError):
    """The user name or the password is wrong."""

    error_id = -150
    known_id = True
    text = "Unable to authenticate user"
    known_text = True
    claim = "session.wrong-password"


class InvalidSession(AjeraError):
    """The token is missing, unknown, ended or expired."""

    error_id = -151
    text = "Invalid Session"
    known_text = True
    claim = "session.invalid-token"


class UnauthorizedMethod(AjeraError):
    """The method does not exist, or its permission box is cleared for the API user."""

    error_id = -152
    text = "Unauthorized method: {method}"
    known_text = True
    claim = "permission.unauthorized-method"
    rests_on = ("permission.checked-before-arguments",)


class OtherVersion(AjeraError):
    """The method exists in the other version of the API only."""

    error_id = -152
    text = "Unauthorized method {method} for api version {version} but is supported with api version {other}"
    known_text = True
    claim = "session.method-of-other-version"
    rests_on = ("permission.checked-before-arguments",)


class InvalidData(AjeraError):
    """A value violates a rule. Using the same text as for an argument of the wrong type is a guess."""

    error_id = -100
    text = "One or more properties contain invalid data"
    claim = "errors.invalid-data"
    rests_on = ("errors.invalid-data",)


class InvalidArgument(InvalidData):
    """An argument is missing or has the wrong type."""

    known_text = True


class NoValidChanges(AjeraError):
    """The updated record is equal to its baseline."""

    error_id = -101
    text = "No valid changes to this object exist."
    known_text = True
    claim = "write.no-op-refused"


class RecordChanged(AjeraError):
    """The stamp or the baseline differs from the stored record: another client has changed it."""

    error_id = -102
    text = "The record has been changed since it was read."
    claim = "write.stale-stamp"


class UnknownRecord(AjeraError):
    """No record has this positive key."""

    error_id = -103
    text = "The record does not exist."
    claim = "write.unknown-key"


class RecordInUse(AjeraError):
    """The record to delete is referenced by other records."""

    error_id = -104
    text = "The record is in use and cannot be deleted."
    claim = "write.delete-in-use"


class TooManyKeys(AjeraError):
    """The request has more keys than the Get method allows. The code was observed for employees."""

    error_id = -100
    text = "Too many records were requested."
    claim = "employee.fifty-keys"
    response_code = -100


class UnreadableRequest(AjeraError):
    """The body is not a JSON object, not even in the lenient dialect."""

    error_id = -110
    text = "The request could not be read."
    claim = "reading.malformed-body"


class UnknownDatabase(AjeraError):
    """The id in the URL does not name a database of this server."""

    error_id = -111
    text = "The database could not be found."
    claim = "endpoint.unknown-id"


class ServerFailure(AjeraError):
    """An internal error: a bug in mock-ajera, not in the request."""

    error_id = -100
    text = "An error has occurred."
    known_text = True
    claim = "errors.server-failure"
    response_code = -100

    @classmethod
    def caused_by(cls, error: Exception) -> ServerFailure:
        """Return the refusal that answers an internal error. Its reason gives the type of the error only.

        A store that fails is not a bug, and its message quotes no data.
        """
        if isinstance(error, StoreError):
            return cls(Reason("", "store", str(error), cls.claim))
        return cls(Reason("", type(error).__name__, "an internal error; see the server log", cls.claim))
