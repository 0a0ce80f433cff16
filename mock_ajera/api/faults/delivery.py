"""How an answer that meets a fault reaches the client. ``server`` and ``rsgi`` deliver it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

End = Literal["", "closed", "reset", "silence"]
"""What happens after the bytes that are sent: nothing unusual; the connection is closed or reset; nothing at all."""
ENVIRON = "mock_ajera.delivery"
"""Where the WSGI environment has the delivery of an answer."""


class Delivery(msgspec.Struct):
    """The changes to an answer and to the way in which it is sent."""

    status: int = 200
    headers: dict[str, str] = {}
    body: bytes | None = None
    """Replaces the body."""
    size: int | None = None
    """How many bytes of the body are sent; None for all. The header Content-Length counts all."""
    rate: float | None = None
    """Bytes per second; None for no limit."""
    end: End = ""

    @property
    def is_whole(self) -> bool:
        """Return whether the answer is sent as any other."""
        return self.size is None and self.rate is None and not self.end


PAGES: Mapping[str, tuple[str, str]] = {
    "iis": (
        "Service Unavailable",
        "<h2>Service Unavailable</h2>\n<hr><p>HTTP Error {status}. The service is unavailable.</p>",
    ),
    "gateway": ("{status} {words}", "<center><h1>{status} {words}</h1></center>\n<hr><center>gateway</center>"),
    "maintenance": (
        "Scheduled maintenance",
        "<h1>We will be back soon</h1>\n<p>Ajera is being updated. Please try again later.</p>",
    ),
}
"""Title and body of the pages that a web server or a gateway sends in place of an answer."""


def page(name: str, status: int, words: str) -> bytes:
    """Return a page as HTML; nothing for "empty"."""
    if name == "empty":
        return b""
    title, body = (text.format(status=status, words=words) for text in PAGES[name])
    return f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n<body>{body}</body></html>\n".encode()
