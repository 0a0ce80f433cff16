"""Send an answer that met a fault: over a socket, or through RSGI."""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from mock_ajera.api.faults.delivery import Delivery

SILENCE = 3600
"""Seconds until a connection without an answer is closed, if the client does not close it."""
_PIECE = 0.1
"""Seconds from one piece of a slow answer to the next."""


def delivered(body: bytes, delivery: Delivery, connection: socket.socket) -> Iterator[bytes]:
    """Yield what is sent of a body, at its rate.

    Raises ``ConnectionError`` for an answer without headers, and where the server has to ``reset`` the connection.
    """
    if delivery.end == "silence":
        _stay_silent(connection)
    if delivery.end == "reset" and not sent_size(body, delivery):
        raise ConnectionResetError("a fault resets the connection")
    for piece, seconds in pieces(body, delivery):
        yield piece
        time.sleep(seconds)
    if delivery.end == "reset":
        raise ConnectionResetError("a fault resets the connection")


async def stream(protocol: Any, status: int, headers: list[tuple[str, str]], body: bytes, delivery: Delivery) -> None:
    """Send an answer through RSGI, which can do all but reset the connection.

    Granian closes the connection after an answer that is shorter than its Content-Length.
    """
    import asyncio  # slow to import, and the other engine never needs it

    if delivery.end == "silence":
        with suppress(TimeoutError):
            await asyncio.wait_for(protocol.client_disconnect(), SILENCE)
            return
    transport = protocol.response_stream(status, headers)
    with suppress(RuntimeError):  # The client has closed the connection.
        for piece, seconds in pieces(body, delivery):
            await transport.send_bytes(piece)
            await asyncio.sleep(seconds)
    if delivery.end:
        # Without a pause, Granian notices that the rest is missing before it has sent the beginning.
        await asyncio.sleep(_PIECE)


def sent_size(body: bytes, delivery: Delivery) -> int:
    """Return how many bytes of a body are sent. Half of one that is cut off if the rule does not say, never all."""
    if delivery.size is None and not delivery.end:
        return len(body)
    return min(len(body) // 2 if delivery.size is None else delivery.size, max(len(body) - 1, 0))


def pieces(body: bytes, delivery: Delivery) -> Iterator[tuple[bytes, float]]:
    """Yield what is sent of a body, at its rate: one piece or more, each with the seconds to wait after it."""
    rate, end = delivery.rate, sent_size(body, delivery)
    size = max(1, end if rate is None else round(rate * _PIECE))
    for at in range(0, max(1, end), size):
        piece = body[at : min(at + size, end)]
        yield piece, 0 if rate is None else len(piece) / rate


def reset(connection: socket.socket) -> None:
    """Close a connection with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # close() would wait for the files that refer to the socket, and shutdown() end the connection in an orderly way.
    os.close(connection.detach())


def _stay_silent(connection: socket.socket) -> None:
    """Wait until the client closes the connection. Raises ``ConnectionAbortedError``."""
    end = time.monotonic() + SILENCE
    while time.monotonic() < end and _is_open(connection):
        time.sleep(_PIECE)
    raise ConnectionAbortedError("a fault kept the answer back")


def _is_open(connection: socket.socket) -> bool:
    readable, _, _ = select.select([connection], [], [], 0)
    try:
        # The method of the class also works with TLS, where that of the object accepts no flags.
        return not readable or bool(socket.socket.recv(connection, 1, socket.MSG_PEEK))
    except OSError:
        return False
