"""Claims about Ajera, with their grades and sources."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from mock_ajera.claims import Claim, ledger, no_such_claim, themes
from mock_ajera.control.action import BadRequest, NotThere, action
from mock_ajera.control.control import Control
from mock_ajera.spelling import suggestion


class ClaimInfo(msgspec.Struct, omit_defaults=True):
    """A claim about Ajera."""

    columns: ClassVar[tuple[str, ...]] = ("id", "grade", "says")
    id: str
    grade: str
    says: str
    source: str
    instead: Annotated[
        str, Meta(description="What the server does instead, if it does not do what the claim says.")
    ] = ""


class ClaimsQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Filters of the list of claims."""

    theme: Annotated[str, Meta(description="Only claims of this theme: the first word of their ids.")] | None = None
    grade: (
        Annotated[Literal["documented", "observed", "inferred"], Meta(description="Only claims of this grade.")] | None
    ) = None


@action("claims list", "GET", "/claims")
def list_claims(control: Control, query: ClaimsQuery) -> list[ClaimInfo]:
    """List the claims about Ajera."""
    known = sorted(themes())
    if query.theme is not None and query.theme not in known:
        hint = suggestion(query.theme, known) or f"; the themes are {', '.join(known)}"
        raise BadRequest(f"there is no theme {query.theme!r}{hint}")
    return [
        _info(claim)
        for claim in ledger().values()
        if query.theme in (None, claim.theme) and query.grade in (None, claim.grade)
    ]


@action("claims show", "GET", "/claims/{claim}")
def show(control: Control, claim: str) -> ClaimInfo:
    """Show one claim."""
    if claim not in ledger():
        raise NotThere(no_such_claim(claim))
    return _info(ledger()[claim])


def _info(claim: Claim) -> ClaimInfo:
    return ClaimInfo(claim.id, str(claim.grade), claim.says, claim.source, claim.instead)
