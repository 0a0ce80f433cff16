"""Answers: the five members that every one has, and the paging members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_ajera.api import errors
from mock_ajera.api.methods import Paging
from mock_ajera.codec import encode

SUCCESS = "Success"

Said = tuple[int, str]
"""ErrorID and ErrorMessage of a refusal."""


def success_code(quirk: str, method: str) -> int:
    """ResponseCode of a success, by the quirk ``success_code``."""
    if quirk == "zero":
        return 200 if method == "CreateAPISession" else 0
    if quirk == "docs":
        return 0 if method in ("CreateAPISession", "EndAPISession") else 200
    return 200


def items(refused: Sequence[Said], generic: bool) -> list[dict[str, Any]]:
    """The items of Errors: one for each refusal, the generic one behind them if it is wanted."""
    found: list[dict[str, Any]] = [{"ErrorID": error_id, "ErrorMessage": text} for error_id, text in refused]
    if generic and found:
        found.append({"ErrorID": errors.ServerFailure.error_id, "ErrorMessage": errors.ServerFailure.text})
    return found


def envelope(
    code: int,
    message: str,
    error_items: list[dict[str, Any]],
    content: Mapping[str, Any],
    usage_key: str,
    paging: Paging | None = None,
    pages: int = 0,
) -> bytes:
    """An answer as JSON, its members in the order in which Ajera prints them."""
    head: dict[str, Any] = {"ResponseCode": code, "Message": message, "Errors": error_items}
    if paging is not None:
        head |= {"PageSize": paging.size, "PageNumber": paging.number, "PageCount": pages}
    return encode(head | {"Content": content, "UsageKey": usage_key})
