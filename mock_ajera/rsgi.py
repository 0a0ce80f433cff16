"""A WSGI application behind RSGI, the interface of Granian.

The event loop receives the bodies, so that clients that send slowly, or never, occupy no thread. The application runs
in a few threads, and requests that may wait in threads of their own. It may have a direct way for requests that need
none of its framework.
"""

from __future__ import annotations

import asyncio
import io
import logging
import queue
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import ClientDisconnected

from mock_ajera.api.faults.delivery import ENVIRON
from mock_ajera.delivering import stream
from mock_ajera.listening import DRAIN_TIMEOUT
from mock_ajera.wsgi_calls import Answer, Direct, run_application

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

logger = logging.getLogger("mock_ajera")
_SEPARATORS = {"HTTP_COOKIE": "; "}
_Queue = queue.SimpleQueue[tuple[dict[str, Any], "asyncio.Future[Answer]"]]


class Adapter:
    """An RSGI application that runs a WSGI application.

    ``direct``: what answers requests without the application, or returns None. ``may_wait``: whether a request has to
    have a thread of its own. ``read_ahead``: the largest body in bytes to receive before the application runs. The
    application asks for the rest of a larger one, or refuses it. ``read_timeout``: seconds to wait for the next bytes
    of a body.
    """

    def __init__(
        self,
        app: WSGIApplication,
        direct: Direct,
        may_wait: Callable[[WSGIEnvironment], bool],
        *,
        threads: int,
        read_ahead: int,
        read_timeout: float,
    ) -> None:
        self._app, self._direct, self._may_wait = app, direct, may_wait
        self._read_ahead, self._read_timeout = read_ahead, read_timeout
        self._calls: _Queue = queue.SimpleQueue()
        self._others: _Queue = queue.SimpleQueue()
        for waiting, run, count in (
            # More would only wait for each other: Python runs one at a time.
            (self._calls, self._run_directly, 1),
            (self._others, self._run, threads),
        ):
            for _ in range(count):
                threading.Thread(target=self._work, args=(waiting, run), daemon=True).start()

    async def __call__(self, scope: Any, protocol: Any) -> None:
        """Answer a request; end one whose body does not arrive in time with status 408."""
        environ = _environ(scope)
        loop = asyncio.get_running_loop()
        body = _Body(aiter(protocol), loop, self._read_timeout)
        try:
            await body.read_ahead(environ, self._read_ahead)
        except TimeoutError:
            protocol.response_str(408, [("connection", "close"), ("content-type", "text/plain")], "Timeout.\n")
            return
        except RuntimeError:  # The client has closed the connection.
            return
        environ["wsgi.input"] = body
        answered: asyncio.Future[Answer] = loop.create_future()
        if body.whole is None:
            self._pass_on(environ, answered)
        else:
            self._calls.put((environ, answered))
        status, headers, answer = await answered
        if body.unread:
            headers.append(("connection", "close"))
        headers = [(name.lower(), value) for name, value in headers]
        if ENVIRON in environ:
            await stream(protocol, status, headers, answer, environ[ENVIRON])
        else:
            protocol.response_bytes(status, headers, answer)
        if body.unread and "CONTENT_LENGTH" in environ:
            await body.drain()
        body.let_go()

    def _work(self, waiting: _Queue, run: Callable[[dict[str, Any]], Answer | None]) -> None:
        """Answer requests in a thread. A pool of the standard library costs three times as much for each."""
        while True:
            self._answer(run, *waiting.get())

    def _answer(
        self, run: Callable[[dict[str, Any]], Answer | None], environ: dict[str, Any], answered: asyncio.Future[Answer]
    ) -> None:
        try:
            answer = run(environ)
        except Exception:
            # Flask has answered the errors of the application: this is one of the adapter.
            logger.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            answer = 500, [], b""
        if answer is None:
            self._pass_on(environ, answered)
        else:
            answered.get_loop().call_soon_threadsafe(_resolve, answered, answer)

    def _pass_on(self, environ: dict[str, Any], answered: asyncio.Future[Answer]) -> None:
        """Let the application answer a request, which others do not wait for."""
        if self._may_wait(environ):
            threading.Thread(target=self._answer, args=(self._run, environ, answered), daemon=True).start()
        else:
            self._others.put((environ, answered))

    def _run_directly(self, environ: dict[str, Any]) -> Answer | None:
        return self._direct(environ, environ["wsgi.input"].whole)

    def _run(self, environ: dict[str, Any]) -> Answer:
        status, headers, body = run_application(self._app, environ)
        return int(status[:3]), headers, body


class _Body(io.RawIOBase):
    """The body of a request: what was read ahead, then what the event loop receives."""

    def __init__(self, chunks: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop, timeout: float) -> None:
        self._chunks: AsyncIterator[bytes] | None = chunks
        self._loop, self._timeout = loop, timeout
        self._ahead = bytearray()
        self._declared = self._ended = self._cut = False

    async def read_ahead(self, environ: Mapping[str, Any], size: int) -> None:
        """Receive a body up to a size, and nothing of one that is declared to be larger.

        Raises ``TimeoutError``, and ``RuntimeError`` at a disconnect.
        """
        declared = environ.get("CONTENT_LENGTH")
        if declared is None:
            is_http_2 = not environ["SERVER_PROTOCOL"].startswith("HTTP/1")
            self._ended = not is_http_2 and "HTTP_TRANSFER_ENCODING" not in environ
            await self._receive_up_to(size)
        elif int(declared) <= size:
            self._declared = True
            await self._receive_up_to(int(declared))
            self._cut = len(self._ahead) < int(declared)
            self._ended = True

    @property
    def whole(self) -> bytes | None:
        """The body, if its length was declared and all of it was read ahead."""
        return bytes(self._ahead) if self._declared and self._ended and not self._cut else None

    @property
    def unread(self) -> bool:
        """Whether there is more than was read ahead."""
        return not self._ended

    async def drain(self) -> None:
        """Drop the rest of a body that was refused unread: the client sends it before it reads the answer."""
        self._timeout = DRAIN_TIMEOUT
        with suppress(TimeoutError, RuntimeError):
            while not self._ended:
                self._ahead.clear()
                await self._receive()

    def let_go(self) -> None:
        """Let go of the connection, which Granian keeps open as long as the iterator is referenced.

        The application's requests and errors refer to each other, and to the body: the iterator must not wait for the
        garbage collector.
        """
        self._chunks = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there, and wait for more when nothing is.

        Raises ``OSError``, and ``ClientDisconnected`` at the end of a body that is shorter than declared.
        """
        while not self._ahead and not self._ended:
            try:
                asyncio.run_coroutine_threadsafe(self._receive(), self._loop).result()
            except RuntimeError as error:
                raise ConnectionError("the client has closed the connection") from error
        if self._cut and not self._ahead:
            raise ClientDisconnected
        count = min(len(buffer), len(self._ahead))
        buffer[:count] = self._ahead[:count]
        del self._ahead[:count]
        return count

    async def _receive_up_to(self, size: int) -> None:
        while len(self._ahead) < size and not self._ended:
            await self._receive()

    async def _receive(self) -> None:
        assert self._chunks is not None
        try:
            async with asyncio.timeout(self._timeout):
                self._ahead += await anext(self._chunks)
        except StopAsyncIteration:
            self._ended = True


def _resolve(answered: asyncio.Future[Answer], answer: Answer) -> None:
    # The client of a cancelled request is gone.
    if not answered.done():
        answered.set_result(answer)


def _environ(scope: Any) -> dict[str, Any]:
    """Return the WSGI environment of a request without its body."""
    server, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope.path).decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = _variable(name)
        if key in environ:
            value = f"{environ[key]}{_SEPARATORS.get(key, ',')}{value}"
        environ[key] = value
    for name in scope.headers.keys():  # noqa: SIM118 - no mapping
        # Granian has no value for a header that is not ASCII; an Origin must not disappear.
        environ.setdefault(_variable(name), "?")
    if scope.authority:
        # HTTP/2 has this instead of the header Host.
        environ.setdefault("HTTP_HOST", scope.authority)
    return environ


def _variable(name: str) -> str:
    """Return the name of a header in a WSGI environment."""
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
