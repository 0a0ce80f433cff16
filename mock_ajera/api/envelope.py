"""Answers as JSON: the five members of every answer, and the paging members of a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from mock_ajera.api import errors
from mock_ajera.api.methods import Answer, Paging
from mock_ajera.codec import encode
from mock_ajera.tenants.trace import relies_on

SUCCESS = "Success"
HARMLESS = {"ErrorID": 0, "ErrorMessage": ""}
"""An item of Errors that is no error. Its text is unknown (claim ``envelope.harmless-error-item``)."""

Quirks = Mapping[str, Any]


class Envelope(NamedTuple):
    """An encoded answer."""

    message: str
    """The value of ``Message``."""
    body: bytes


def of_answer(answer: Answer, method: str, paging: Paging | None, usage_key: str, quirks: Quirks) -> Envelope:
    """Return the envelope of a handler's answer. Some of its records may be refused."""
    items = _error_items(answer.refused, quirks)
    harmless = [HARMLESS] if quirks["harmless_error_item"] and not items else []
    head: dict[str, Any] = {
        "ResponseCode": 0 if items else _success_code(quirks["success_code"], method),
        "Message": items[0]["ErrorMessage"] if items else SUCCESS,
        "Errors": items or harmless,
    }
    if answer.warnings:
        head["Warnings"] = list(answer.warnings)
    if paging is not None:
        head |= {"PageSize": paging.size, "PageNumber": paging.number, "PageCount": answer.pages}
    content = {"Content": answer.content} if answer.content or not items else _refused_content(quirks)
    return _encoded(head, content, usage_key)


def of_refusal(error: errors.AjeraError, usage_key: str, quirks: Quirks) -> Envelope:
    """Return the envelope of a request that is refused as a whole."""
    items = _error_items([error], quirks)
    if error.response_code == 0:
        relies_on("envelope.failure-code-zero")
    head = {"ResponseCode": error.response_code, "Message": items[0]["ErrorMessage"], "Errors": items}
    return _encoded(head, _refused_content(quirks), usage_key)


def has_errors(envelope: Mapping[str, Any]) -> bool:
    """Return whether Errors has an item that is an error (claim ``envelope.harmless-error-item``)."""
    items = envelope.get("Errors") or ()
    return any(not isinstance(item, dict) or item.get("ErrorID") != 0 for item in items)


def varies_guesses(quirk: Callable[[str], Any]) -> bool:
    """Whether undocumented texts, ErrorIDs, defaults and the order of lists differ from the usual ones."""
    return bool(quirk("vary_guesses"))


def _success_code(quirk: str, method: str) -> int:
    if quirk == "zero":
        return 200 if method == "CreateAPISession" else 0
    if quirk == "docs":
        return 0 if method in ("CreateAPISession", "EndAPISession") else 200
    return 200


def _error_items(refused: Sequence[errors.AjeraError], quirks: Quirks) -> list[dict[str, Any]]:
    if not refused:
        return []
    for error in refused:
        for claim in (*(reason.claim for reason in error.reasons), *error.guesses, *error.rests_on):
            relies_on(claim)
    relies_on("envelope.failure-message")
    varied = varies_guesses(quirks.__getitem__)
    shown = [error.varied() if varied else (error.error_id, error.message) for error in refused]
    if quirks["generic_error_item"]:
        relies_on("errors.specific-item-first")
        shown.append((errors.ServerFailure.error_id, errors.ServerFailure.text))
    return [{"ErrorID": error_id, "ErrorMessage": text} for error_id, text in shown]


def _refused_content(quirks: Quirks) -> dict[str, Any]:
    """Return the member Content of a refusal; nothing if it is left out."""
    shown = quirks["refused_content"]
    if shown == "absent":
        return {}
    if shown == "null":
        return {"Content": None}
    relies_on("envelope.failure-content-object")
    return {"Content": {}}


def _encoded(head: dict[str, Any], content: dict[str, Any], usage_key: str) -> Envelope:
    # The members are in the order in which Ajera prints them.
    return Envelope(head["Message"], encode(head | content | {"UsageKey": usage_key}))
