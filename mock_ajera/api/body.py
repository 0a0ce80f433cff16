"""The body of a request: its Method, its arguments and the members next to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import islice
from typing import Any

from mock_ajera.api import errors, reading
from mock_ajera.api import fields as f
from mock_ajera.api.loading import load
from mock_ajera.api.methods import Method, Paging, noted
from mock_ajera.api.schema import Schema
from mock_ajera.spelling import place_hint, similar, suggestion
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on


class PagingMembers(Schema):
    """The members next to Method that request one page of a list."""

    unreadable = "paging.bad-page-refused"
    PageResults = f.Flag()
    PageNumber = f.Whole(at_least=1, outside=unreadable, required="always")
    PageSize = f.Whole(at_least=1, outside=unreadable, required="always")


_PAGING = PagingMembers()
_PAGE = frozenset({"PageNumber", "PageSize"})
_NESTS = frozenset({dict, list})
_SHORTEST_ROW = len("{},")
"""Characters of the shortest object in a list. A shorter body than that of ``most`` rows has fewer."""
TOP_LEVEL = frozenset({"Method", "SessionToken", "MethodArguments", *_PAGING.by_wire})
_FOLDED = frozenset(name.lower() for name in TOP_LEVEL)
_COMPARED = 20
"""Most names that are compared with that of a missing Method: a client may send any number."""
_IGNORED = "ignored-member"
_IGNORING = "reading.unknown-top-level-ignored"


def read(body: bytes | None, length: int | None, limit: int, charset: str) -> Mapping[str, Any]:
    """Return the body as an object. Raises ``UnreadableRequest``.

    ``body``: None if it is larger than the limit; ``length``: its Content-Length; ``charset``: that of Content-Type.
    """
    try:
        if body is None:
            raise reading.too_large(length, limit)
        return reading.read(body, limit=limit, charset=charset)
    except reading.Unreadable as error:
        # The text near the error may contain a password: only the position is reported.
        text = str(error).partition(", near ")[0].partition(", found ")[0]
        raise errors.UnreadableRequest(Reason("", error.reason, text, error.claim)) from None


def method_name(raw: Mapping[str, Any]) -> str:
    """Return the value of Method. Raises ``InvalidData``."""
    name = raw.get("Method")
    if not isinstance(name, str) or not name:
        near = similar("Method", islice(raw, _COMPARED)) if "Method" not in raw else []
        hint = f"; the request has {near[0]} instead" if near else ""
        text = f"a string is required{hint}"
        raise errors.InvalidData(Reason("Method", "required", text, "reading.missing-method-refused"))
    return name


def load_arguments(method: Method, version: int, raw: Mapping[str, Any], tenant: Tenant, size: int) -> dict[str, Any]:
    """Return the checked arguments of a method in a version of the API. Raises ``InvalidData``.

    ``size``: bytes of the body.
    """
    arguments = raw.get("MethodArguments")
    if not isinstance(arguments, Mapping):
        missing = "MethodArguments" not in raw
        claim = "reading.missing-arguments-refused" if missing else "reading.null-arguments-refused"
        raise errors.InvalidData(Reason("MethodArguments", "required", "an object is required", claim))
    operation = method.versions[version]
    if method.access != "write":
        return operation.load(arguments, tenant.quirk("unknown_arguments"), "filter.unknown-arguments-refused")
    wrapped = arguments.get("Content")
    if isinstance(wrapped, Mapping) and tenant.quirk("content_wrapper") == "accept":
        relies_on("write.content-wrapper")
        arguments = wrapped
    most = tenant.quirk("rows_per_write")
    if 0 < most <= size // _SHORTEST_ROW:
        _check_size(arguments, most)
    # Updates never ignore unknown arguments: a misspelled UseSingleTransaction could cause a partial write.
    return operation.load(arguments, "refuse", "write.unknown-arguments-refused")


def _check_size(arguments: Mapping[str, Any], most: int) -> None:
    """Raise ``InvalidData`` if the lists in the arguments have more than ``most`` objects.

    Each row is checked on its own, so that the number of rows, not of bytes, makes a write slow.
    """
    rows = 0
    pending: list[Any] = [arguments]
    while pending:
        nest = pending.pop()
        inner = [each for each in (nest if isinstance(nest, list) else nest.values()) if type(each) in _NESTS]
        if isinstance(nest, list):
            rows += sum(type(each) is dict for each in inner)
        pending += inner
    if most < rows:
        text = f"{rows} records and nested rows, at most {most}"
        raise errors.InvalidData(Reason("MethodArguments", "at-most", text, "write.rows-bounded"))


def read_paging(method: Method, raw: Mapping[str, Any]) -> Paging | None:
    """Return the requested page; None for the whole list. Raises ``InvalidData``."""
    if not method.paged:
        if raw.get("PageResults"):
            relies_on("paging.lists-only")
        return None
    if raw.get("PageResults") is None:
        if not _PAGE.isdisjoint(raw):
            relies_on("paging.size-alone-ignored")
        return None
    sent, reasons = load(_PAGING, raw, unknown="ignore")
    if sent.get("PageResults") is False:
        return None
    if reasons:
        raise errors.InvalidData(*reasons)
    relies_on("paging.pages-make-the-list")
    return Paging(sent.get("PageNumber") or 1, sent.get("PageSize") or 10)


def rely_on_ignored_members(raw: Mapping[str, Any], known: frozenset[str] = TOP_LEVEL) -> None:
    """Note the claims that members next to Method are ignored, if there are any. ``known``: those that are not."""
    unknown = raw.keys() - known
    if unknown:
        relies_on(_IGNORING)
    if any(name.lower() in _FOLDED for name in unknown):
        relies_on("reading.exact-member-names")


def ignored_members(
    raw: Mapping[str, Any], known: frozenset[str] = TOP_LEVEL, arguments: Collection[str] = ()
) -> list[Reason]:
    """Return a note for each unknown member next to Method, such as a filter that belongs in MethodArguments."""
    if known.issuperset(raw):
        return []
    return [
        Reason(name, _IGNORED, f"ignored{place_hint(name, known, arguments, 'in MethodArguments')}", _IGNORING)
        for name in noted(raw.keys() - known)
    ]


def ignored_in_login(raw: Mapping[str, Any], known: frozenset[str]) -> list[Reason]:
    """Return the same for a login, without the names of the ignored members: one may be a misspelled password."""
    texts = [f"a member is ignored{suggestion(name, known)}" for name in noted(raw.keys() - known)]
    return [Reason("", _IGNORED, text, _IGNORING) for text in dict.fromkeys(texts)]


def ignored_paging(method: Method, raw: Mapping[str, Any]) -> list[Reason]:
    """Return a note for each member for paging that had no effect, though its name is right."""
    if not method.paged:
        text = "ignored: this method has no pages"
        return [Reason("PageResults", _IGNORED, text, "paging.lists-only")] if raw.get("PageResults") else []
    if raw.get("PageResults") is not None:
        return []
    text, claim = "ignored without PageResults", "paging.size-alone-ignored"
    return [Reason(name, _IGNORED, text, claim) for name in sorted(_PAGE & raw.keys())]
