"""How Ajera refuses: one small hierarchy, turned into the envelope in one place (``envelope.items``).

A class has the ``ErrorID`` and ``ErrorMessage`` that go into the answer and the claim that they rest on. The reasons,
which say what, where and which rule, stay out of the answer: they go to the journal and to the explain header.
"""

from __future__ import annotations

from typing import ClassVar

from mock_ajera.tenants.journal import Reason


class AjeraError(Exception):
    """A refusal. ``text`` may hold ``{name}`` places that the keyword arguments fill."""

    error_id: ClassVar[int]
    text: ClassVar[str]
    claim: ClassVar[str]
    response_code: ClassVar[int] = 0
    """What ``ResponseCode`` says."""
    known_id: ClassVar[bool] = False
    """Whether somebody has met the ErrorID; otherwise it is ours."""
    known_text: ClassVar[bool] = False
    """Whether somebody has met the text; otherwise it is ours."""

    def __init__(self, *reasons: Reason, **places: object) -> None:
        self.message = self.text.format(**places)
        self.reasons = reasons or (Reason("", type(self).__name__, self.message, self.claim),)
        super().__init__(self.message)

    @property
    def guesses(self) -> tuple[str, ...]:
        """Claims that text and ErrorID rest on, where nobody has met them."""
        text = () if self.known_text else ("errors.texts-ours",)
        return text if self.known_id else (*text, "errors.ids-ours")

    def varied(self) -> tuple[int, str]:
        """ErrorID and ErrorMessage with other guesses: what nobody has met may be anything else as well."""
        error_id = self.error_id if self.known_id else self.error_id - 9000
        return error_id, self.message if self.known_text else f"Refused, in words that nobody knows ({self.claim})"


class UnableToAuthenticate(AjeraError):
    """User name or password is wrong."""

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
    """The method does not exist, or its box on the API user is clear."""

    error_id = -152
    text = "Unauthorized method: {method}"
    known_text = True
    claim = "permission.unauthorized-method"


class OtherVersion(AjeraError):
    """The method belongs to the other version of the API."""

    error_id = -152
    text = "Unauthorized method {method} for api version {version} but is supported with api version {other}"
    known_text = True
    claim = "session.method-of-other-version"


class InvalidData(AjeraError):
    """A value breaks a rule. That it is refused like an argument of another type is ours."""

    error_id = -100
    text = "One or more properties contain invalid data"
    claim = "errors.invalid-data"


class InvalidArgument(InvalidData):
    """An argument is missing or of another type."""

    known_text = True


class NoValidChanges(AjeraError):
    """The updated record equals its baseline."""

    error_id = -101
    text = "No valid changes to this object exist."
    known_text = True
    claim = "write.no-op-refused"


class RecordChanged(AjeraError):
    """Stamp or baseline is not what is stored: somebody else was faster."""

    error_id = -102
    text = "The record has been changed since it was read."
    claim = "write.stale-stamp"


class UnknownRecord(AjeraError):
    """A positive key that no record has."""

    error_id = -103
    text = "The record does not exist."
    claim = "write.unknown-key"


class RecordInUse(AjeraError):
    """A delete of a record that others refer to."""

    error_id = -104
    text = "The record is in use and cannot be deleted."
    claim = "write.delete-in-use"


class TooManyKeys(AjeraError):
    """More keys than one Get takes."""

    error_id = -100
    text = "Too many records were requested."
    claim = "employee.fifty-keys"
    response_code = -100


class UnreadableRequest(AjeraError):
    """The body is not a JSON object, in whatever dialect."""

    error_id = -110
    text = "The request could not be read."
    claim = "reading.malformed-body"


class UnknownDatabase(AjeraError):
    """The id in the URL names no database here."""

    error_id = -111
    text = "The database could not be found."
    claim = "endpoint.unknown-id"


class ServerFailure(AjeraError):
    """Something broke inside: a fault of ours, never of the request."""

    error_id = -100
    text = "An error has occurred."
    known_text = True
    claim = "errors.server-failure"
    response_code = -100
