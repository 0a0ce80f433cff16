"""What the HTTP clients of integrations see of a call: an answer, or their own error."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from email.parser import BytesHeaderParser
from typing import NamedTuple, Protocol

import httpx
import pytest
import requests
from checkout import PATIENCE

JSON = "application/json"


class Seen(NamedTuple):
    """What a client sees of a call."""

    error: str = ""
    """The client's name of what went wrong. With an error, a client may see nothing else."""
    status: int = 0
    content_type: str = ""
    retry_after: str = ""
    body: bytes = b""
    seconds: float = 0


class Send(Protocol):
    """Post a body to a URL, and wait for the answer for seconds."""

    def __call__(self, url: str, body: bytes, seconds: float) -> Seen: ...


class Errors(NamedTuple):
    """A client's names of errors. Some differ between versions of the client."""

    reset: tuple[str, ...]
    cut: tuple[str, ...]
    late: tuple[str, ...]


ERRORS = {
    "requests": Errors(("ConnectionError",), ("ChunkedEncodingError",), ("ReadTimeout",)),
    "httpx": Errors(("ReadError",), ("RemoteProtocolError",), ("ReadTimeout",)),
    "curl": Errors(("56",), ("18",), ("28",)),
    "fetch": Errors(("ECONNRESET",), ("UND_ERR_SOCKET", "UND_ERR_RES_CONTENT_LENGTH_MISMATCH"), ("TimeoutError",)),
}
FETCH = """
const lines = require("readline").createInterface({input: process.stdin});
lines.on("line", async (line) => {
  const {url, body, seconds} = JSON.parse(line);
  const seen = {};
  try {
    const signal = AbortSignal.timeout(seconds * 1000);
    const headers = {"Content-Type": "application/json"};
    const response = await fetch(url, {method: "POST", headers, body, signal});
    seen.status = response.status;
    seen.content_type = response.headers.get("Content-Type") ?? "";
    seen.retry_after = response.headers.get("Retry-After") ?? "";
    seen.body = await response.text();
  } catch (error) {
    seen.error = error.cause?.code ?? error.name;
  }
  console.log(JSON.stringify(seen));
});
"""


@contextmanager
def using_requests() -> Iterator[Send]:
    with requests.Session() as session:
        session.trust_env = False

        def send(url: str, body: bytes, seconds: float) -> Seen:
            try:
                response = session.post(url, data=body, headers={"Content-Type": JSON}, timeout=(PATIENCE, seconds))
            except requests.RequestException as error:
                return Seen(type(error).__name__)
            return _seen(response.status_code, response.headers, response.content)

        yield send


@contextmanager
def using_httpx() -> Iterator[Send]:
    with httpx.Client(trust_env=False) as session:

        def send(url: str, body: bytes, seconds: float) -> Seen:
            limits = httpx.Timeout(PATIENCE, read=seconds)
            try:
                response = session.post(url, content=body, headers={"Content-Type": JSON}, timeout=limits)
            except httpx.HTTPError as error:
                return Seen(type(error).__name__)
            return _seen(response.status_code, response.headers, response.content)

        yield send


@contextmanager
def using_curl() -> Iterator[Send]:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")

    def send(url: str, body: bytes, seconds: float) -> Seen:
        options = ["--silent", "--include", "--noproxy", "*", "--max-time", str(seconds), "--data-binary", "@-"]
        words = ["curl", *options, "--header", f"Content-Type: {JSON}", url]
        done = subprocess.run(words, input=body, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        line, _, headers = head.partition(b"\r\n")
        status = int(line.split()[1]) if line else 0
        seen = _seen(status, BytesHeaderParser().parsebytes(headers), content)
        return seen._replace(error=str(done.returncode)) if done.returncode else seen

    yield send


@contextmanager
def using_fetch() -> Iterator[Send]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    with subprocess.Popen([node, "-e", FETCH], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        with closing(process.stdin):
            asked, answers = process.stdin, process.stdout

            def send(url: str, body: bytes, seconds: float) -> Seen:
                asked.write(json.dumps({"url": url, "body": body.decode(), "seconds": seconds}).encode() + b"\n")
                asked.flush()
                seen = json.loads(answers.readline())
                return Seen(**seen | {"body": seen.get("body", "").encode()})

            yield send


CLIENTS = {"requests": using_requests, "httpx": using_httpx, "curl": using_curl, "fetch": using_fetch}


def timed(send: Send) -> Callable[[str, bytes, float], Seen]:
    """Return a client that also measures."""

    def sent(url: str, body: bytes, seconds: float) -> Seen:
        began = time.monotonic()
        seen = send(url, body, seconds)
        return seen._replace(seconds=time.monotonic() - began)

    return sent


def _seen(status: int, headers: object, body: bytes) -> Seen:
    get = headers.get
    return Seen("", status, get("Content-Type", ""), get("Retry-After", ""), body)
