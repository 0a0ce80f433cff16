"""The OpenAPI document of the control surface, derived from the declared actions."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Meta

from mock_ajera.control.action import GROUPS, Action
from mock_ajera.control.register import ACTIONS

_REF = "#/components/schemas/{name}"
_TEXT, _NUMBER = {"type": "string"}, {"type": "integer", "minimum": 0}


class Problem(msgspec.Struct, omit_defaults=True):
    """A problem (RFC 9457)."""

    title: str
    status: int
    detail: str
    reasons: list[str] = []


def document(version: str, url: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of all actions, as plain values."""
    types: list[Any] = [Problem]
    for action in ACTIONS.values():
        types += [each for each in (action.body, action.answer) if each not in (None, type(None))]
        types += [field.type for field in query_fields(action)]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    given = iter(schemas)
    problem = {"application/problem+json": {"schema": next(given)}}
    paths: dict[str, dict[str, Any]] = {}
    for action in ACTIONS.values():
        body = None if action.body is None else next(given)
        answer = None if action.answer is type(None) else next(given)
        query = [(field, next(given)) for field in query_fields(action)]
        operation: dict[str, Any] = {
            "operationId": action.name.replace(" ", "-"),
            "summary": action.summary,
            "tags": [action.group],
            "responses": {
                str(int(action.status)): _answer(action, answer),
                "default": {
                    "description": "The action was not performed.",
                    "content": problem,
                },
            },
        }
        if action.description:
            operation["description"] = action.description
        if action.open:
            operation["security"] = [{}]
        if parameters := [*_path_parameters(action), *_query(query)]:
            operation["parameters"] = parameters
        if body is not None:
            content = {"application/json": {"schema": body}}
            operation["requestBody"] = {"required": _needs_body(action), "content": content}
        paths.setdefault(action.path, {})[action.verb.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mock-ajera control surface",
            "version": version,
            "description": "What a tester can do that a user of Ajera cannot.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": url}],
        "tags": [{"name": name, "description": text} for name, text in GROUPS.items()],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        # The empty alternative: no token is needed on loopback.
        "security": [{"token": []}, {}],
    }


def query_fields(action: Action) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return the fields of an action's query."""
    return () if action.query is None else msgspec.structs.fields(action.query)


def notes(declared: Any) -> dict[str, Any]:
    """Return the ``extra`` annotations of a type: ``cli``, ``media``, ``slashes`` and so on."""
    found: dict[str, Any] = {}
    for note in getattr(declared, "__metadata__", ()):
        if isinstance(note, Meta) and note.extra:
            found |= note.extra
    return found


def media_of(answer: Any) -> str | None:
    """Return the media type of a text response, or None for JSON."""
    return notes(answer).get("media")


def _answer(action: Action, schema: dict[str, Any] | None) -> dict[str, Any]:
    if schema is None:
        return {"description": "Done."}
    media = media_of(action.answer) or "application/json"
    return {"description": action.summary, "content": {media: {"schema": schema}}}


def _path_parameters(action: Action) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _NUMBER if action.types[name] is int else _TEXT,
        }
        for name in action.path_parameters
    ]


def _needs_body(action: Action) -> bool:
    """Whether a body is required; an absent body counts as an empty object."""
    if not isinstance(action.body, type):
        return True
    return any(field.required for field in msgspec.structs.fields(action.body))


def _query(query: list[tuple[msgspec.structs.FieldInfo, dict[str, Any]]]) -> list[dict[str, Any]]:
    return [
        {"name": field.encode_name, "in": "query", "required": field.required, "schema": _without_null(schema)}
        for field, schema in query
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Remove null from a schema: a query omits a parameter instead."""
    kinds = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else schema
