"""Who does an action: a server, over HTTP, or this process, to the file that a server keeps its firm in."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import closing
from decimal import Decimal
from http.client import HTTPException
from pathlib import Path
from typing import Any

import msgspec

from mock_ajera import codec
from mock_ajera.cli.output import UNREACHABLE, fail
from mock_ajera.control.action import Action, BadRequest, ControlError, NotThere, converted
from mock_ajera.control.control import Control
from mock_ajera.control.openapi import media_of
from mock_ajera.sample.templates import BadSample, open_tenant
from mock_ajera.store import SqliteStore, StoreBusy, StoreError
from mock_ajera.tenants.directory import Directory

URL, TOKEN = "MOCK_AJERA_CONTROL_URL", "MOCK_AJERA_CONTROL_TOKEN"
DEFAULT_URL = "http://127.0.0.1:8080/_mock"
_TIMEOUT = 600
"""Seconds: to make a large firm takes its time."""


class Refused(Exception):
    """The action was not done. ``misused``: what was asked for cannot be had, whatever the state of the server."""

    def __init__(self, message: str, reasons: tuple[str, ...], *, misused: bool) -> None:
        self.reasons, self.misused = reasons, misused
        super().__init__(message)


def ask_server(url: str, token: str | None, action: Action, path: str, sent: Mapping[str, Any] | None) -> Any:
    """What a server answers to an action. Raises ``Refused``; ends the program when nothing answers."""
    target = f"{url.rstrip('/')}{path}"
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    body = codec.encode(dict(sent)) if action.body is not None and sent is not None else None
    request = urllib.request.Request(target, body, headers, method=action.verb)
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
            answer = response.read()
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(error) from None
    except (OSError, ValueError, HTTPException) as error:
        fail(f"nothing answers at {url}: {getattr(error, 'reason', error)}", UNREACHABLE)
    if media_of(action.answer) is not None:
        return answer.decode()
    return codec.decode(answer) if answer else None


def _refused(error: urllib.error.HTTPError) -> Refused:
    try:
        told = codec.decode(error.read())
        assert isinstance(told, dict)
        return Refused(str(told["detail"]), tuple(told.get("reasons", ())), misused=error.code in (400, 404))
    except (ValueError, KeyError, AssertionError):
        fail(f"{error.url} answers with HTTP {error.code}, and not as the control surface does", UNREACHABLE)


def ask_file(data: str, action: Action, places: Mapping[str, Any], sent: Mapping[str, Any] | None) -> Any:
    """What comes of an action done to a file. Raises ``Refused``; ends the program when the file cannot be used."""
    file = Path(data)
    if not file.exists():
        fail(f"there is no file {file}; mock-ajera serve --data {file} makes one")
    if file.is_file() and not file.stat().st_size:
        # To open it would make a store of it.
        fail(f"{file} is empty")
    try:
        store = SqliteStore.open(file)
    except StoreBusy as error:
        fail(f"{error} Without --data the server that has it is asked.")
    except StoreError as error:
        fail(str(error))
    with closing(store):
        try:
            tenant = open_tenant(store, seed=b"control")
        except (StoreError, BadSample) as error:
            fail(str(error))
        if tenant is None:
            fail(f"{file} holds no firm yet; mock-ajera serve --data {file} fills it")
        tenants = Directory()
        tenants.add(tenant)
        given: dict[str, Any] = dict(places)
        try:
            if action.body is not None:
                given["body"] = converted(sent or {}, action.body)
            if action.query is not None:
                given["query"] = converted(sent or {}, action.query)
            answer = action.run(Control(tenants), **given)
        except ControlError as error:
            raise Refused(str(error), error.reasons, misused=isinstance(error, BadRequest | NotThere)) from None
    return answer if isinstance(answer, str) else msgspec.to_builtins(answer, builtin_types=(Decimal,))
