"""Send an answer that met a fault over a socket, with the default engine."""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from collections.abc import Iterator

from mock_ajera.api.faults.delivery import Delivery

SILENCE = 3600
"""Seconds until a connection without an answer is closed, if the client does not close it."""
_PIECE = 0.1
"""Seconds from one piece of a slow answer to the next."""


def delivered(body: bytes, delivery: Delivery, connection: socket.socket) -> Iterator[bytes]:
    """Yield what is sent of a body, at its rate.

    Raises ``ConnectionError`` for an answer without headers, and where the server has to ``reset`` the connection.
    """
    sent = body if delivery.size is None and not delivery.end else body[: sent_size(body, delivery)]
    if delivery.end == "silence":
        _stay_silent(connection)
    if delivery.end == "reset" and not sent:
        raise ConnectionResetError("a fault resets the connection")
    if delivery.rate is None:
        yield sent
    else:
        for piece in pieces(sent, delivery.rate):
            yield piece
            time.sleep(len(piece) / delivery.rate)
    if delivery.end == "reset":
        raise ConnectionResetError("a fault resets the connection")


def sent_size(body: bytes, delivery: Delivery) -> int:
    """Return how many bytes of a body are sent: half of it if the rule does not say, and never all."""
    return min(len(body) // 2 if delivery.size is None else delivery.size, max(len(body) - 1, 0))


def pieces(body: bytes, rate: float) -> Iterator[bytes]:
    """Yield the pieces of a body for a rate in bytes a second."""
    size = max(1, round(rate * _PIECE))
    for at in range(0, len(body), size):
        yield body[at : at + size]


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
