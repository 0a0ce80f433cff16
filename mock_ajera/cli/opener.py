"""HTTP requests of the commands, and what went wrong in words. A server on this machine is reached without a proxy."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from http.client import BadStatusLine, HTTPException, RemoteDisconnected
from typing import Any
from urllib.parse import urlsplit

import msgspec

from mock_ajera.cli.output import printable
from mock_ajera.listening import is_loopback

_QUOTED = 60
"""Most characters of a server's greeting in a message."""


class Unreachable(Exception):
    """No server answered with HTTP; the message says why. ``nobody``: whether nobody listens at the address."""

    def __init__(self, message: str, *, nobody: bool = False) -> None:
        super().__init__(message)
        self.nobody = nobody


class Response(msgspec.Struct, frozen=True):
    """A response with any status."""

    status: int
    phrase: str
    media_type: str
    headers: Any
    body: bytes
    redirected_to: str = ""
    """URL of the response, without its query, if the server redirected the request."""

    @property
    def described(self) -> str:
        """What the server answered, as the end of a sentence, if it is not what the command can use."""
        if self.status != 200:
            what = f"HTTP {self.status} {printable(self.phrase)}".rstrip()
        elif not self.body.strip():
            what = "with an empty body"
        elif self.body.lstrip()[:1] == b"<":
            what = "with a web page"
        elif self.body.lstrip()[:1] in (b"{", b"["):
            what = "with other JSON"
        else:
            what = "with a text that is not JSON"
        return f"{what} (after a redirect to {self.redirected_to})" if self.redirected_to else what


def send(request: urllib.request.Request, timeout: float) -> Response:
    """Send a request, past the proxies of the environment for loopback, and return the response.

    Raises ``Unreachable``.
    """
    url = request.full_url
    local = is_loopback(urlsplit(url).hostname or "")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({} if local else None))
    try:
        try:
            found = opener.open(request, timeout=timeout)
        except urllib.error.HTTPError as error:
            found = error
        with found as answer:
            elsewhere = "" if answer.url == url else answer.url.partition("?")[0]
            phrase = str(answer.reason).partition("\n")[0].rstrip(".")
            media_type = answer.headers.get_content_type()
            return Response(answer.status, phrase, media_type, answer.headers, answer.read(), elsewhere)
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        nobody = isinstance(reason, ConnectionRefusedError)
        raise Unreachable(_in_words(reason, urlsplit(url).scheme, timeout), nobody=nobody) from None


def _in_words(reason: Any, scheme: str, timeout: float) -> str:
    """Return why no server answered."""
    if isinstance(reason, ssl.SSLCertVerificationError):
        why = reason.verify_message
        return f"its certificate is not trusted ({why}); set SSL_CERT_FILE to a file with the certificate"
    if isinstance(reason, ssl.SSLError) and scheme == "https":
        return f"it does not accept HTTPS ({reason.reason or reason}); with HTTP, the URL starts with http://"
    if isinstance(reason, TimeoutError):
        return f"it did not answer within {timeout:.0f} seconds"
    if isinstance(reason, RemoteDisconnected | ConnectionError) and not isinstance(reason, ConnectionRefusedError):
        hint = "; with HTTPS, the URL starts with https://" if scheme == "http" else ""
        return f"it closed the connection without an answer{hint}"
    if isinstance(reason, BadStatusLine):
        return f"it does not speak HTTP, but said {printable(str(reason).strip())[:_QUOTED]!r}"
    return printable(getattr(reason, "strerror", None) or str(reason))
