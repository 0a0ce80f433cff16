"""Run an action on a server over HTTP, or in this process on a file of ``serve --data``."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from contextlib import closing
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from stat import S_ISREG
from typing import Any

import msgspec

from mock_ajera import codec
from mock_ajera.cli.client import NOT_RUNNING
from mock_ajera.cli.opener import Response, Unreachable, send
from mock_ajera.cli.output import UNREACHABLE, fail
from mock_ajera.control.access import BASE
from mock_ajera.control.action import Action, BadRequest, ControlError, NotThere, converted
from mock_ajera.control.control import Control
from mock_ajera.control.http import PROBLEM
from mock_ajera.control.openapi import media_of
from mock_ajera.sample.templates import BadSample, open_tenant
from mock_ajera.store import SqliteStore, StoreBusy, StoreError
from mock_ajera.tenants.directory import Directory

URL, TOKEN = "MOCK_AJERA_CONTROL_URL", "MOCK_AJERA_CONTROL_TOKEN"
_TIMEOUT = 600
"""Seconds. Generating a large firm takes minutes."""


class Refused(Exception):
    """The action was not performed. ``misused``: the request is invalid, or names something that does not exist."""

    def __init__(self, message: str, reasons: tuple[str, ...], *, misused: bool) -> None:
        self.reasons, self.misused = reasons, misused
        super().__init__(message)


def run_on_server(url: str, token: str | None, action: Action, path: str, sent: Mapping[str, Any] | None) -> Any:
    """Run an action on a server and return the response. Raises ``Refused``; exits when no server answers."""
    base = url.rstrip("/").removesuffix(BASE) + BASE
    target = f"{base}{path}"
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    body = codec.encode(dict(sent)) if action.body is not None and sent is not None else None
    request = urllib.request.Request(target, body, headers, method=action.verb)
    try:
        response = send(request, timeout=_TIMEOUT)
    except Unreachable as error:
        hint = f"{NOT_RUNNING} --control-url or {URL}" if error.nobody else f"Check --control-url or {URL}"
        fail(f"no server answered at {base}: {error}. {hint}", UNREACHABLE)
    try:
        if response.media_type == PROBLEM:
            raise _refused(response)
        return _answer(response, action)
    except (ValueError, KeyError):
        problem = f"is not a control surface: the server answered {response.described}"
        fail(f"{base} {problem}. Check --control-url or {URL}", UNREACHABLE)


def _refused(response: Response) -> Refused:
    """Return the refusal in a response. Raises ``ValueError`` and ``KeyError`` if it is another server's."""
    problem = msgspec.convert(codec.decode(response.body), dict[str, Any])
    return Refused(str(problem["detail"]), tuple(problem.get("reasons", ())), misused=response.status in (400, 404))


def _answer(response: Response, action: Action) -> Any:
    """Return the answer in a response. Raises ``ValueError`` if it is another server's."""
    text = media_of(action.answer)
    if response.status != action.status:
        raise ValueError("another status")
    if response.status == HTTPStatus.NO_CONTENT:
        return None
    if response.media_type != (text or "application/json"):
        raise ValueError("another type")
    if text is not None:
        return response.body.decode()
    answer = codec.decode(response.body)
    msgspec.convert(answer, action.answer)
    return answer


def run_on_file(data: str, action: Action, path_parameters: Mapping[str, Any], sent: Mapping[str, Any] | None) -> Any:
    """Run an action on a file and return the result. Raises ``Refused``; exits when the file cannot be used."""
    file = Path(data)
    try:
        found = file.stat()
    except FileNotFoundError:
        fail(f"there is no file {file}; to create it: mock-ajera serve --data {file}")
    except OSError as error:
        fail(f"{file} cannot be opened: {error.strerror or error}")
    if S_ISREG(found.st_mode) and not found.st_size:
        # Opening it would turn it into a store.
        fail(f"{file} is empty")
    try:
        with closing(SqliteStore.open(file)) as store:
            answer = _run_on_store(store, action, path_parameters, sent)
    except StoreBusy as error:
        fail(f"{error} Without --data, the command goes to the server that uses it.")
    except (StoreError, BadSample) as error:
        fail(str(error))
    except ControlError as error:
        raise Refused(str(error), error.reasons, misused=isinstance(error, BadRequest | NotThere)) from None
    return answer if isinstance(answer, str) else msgspec.to_builtins(answer, builtin_types=(Decimal,))


def _run_on_store(
    store: SqliteStore, action: Action, path_parameters: Mapping[str, Any], sent: Mapping[str, Any] | None
) -> Any:
    """Return the result. Raises ``ControlError``, ``StoreError`` and ``BadSample``."""
    tenant = open_tenant(store, seed=b"control")
    if tenant is None:
        fail(f"{store.name} has no firm yet; to load one: mock-ajera serve --data {store.name}")
    tenants = Directory()
    tenants.add(tenant)
    given: dict[str, Any] = dict(path_parameters)
    if action.body is not None:
        given["body"] = converted(sent or {}, action.body)
    if action.query is not None:
        given["query"] = converted(sent or {}, action.query)
    return action.run(Control(tenants), **given)
