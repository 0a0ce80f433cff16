"""HTTP requests of the commands. A server on this machine is reached without a proxy."""

from __future__ import annotations

import urllib.request
from typing import Any
from urllib.parse import urlsplit

from mock_ajera.listening import is_loopback


def urlopen(request: urllib.request.Request, timeout: float) -> Any:
    """Send a request; like ``urllib.request.urlopen``, but past the proxies of the environment for loopback."""
    local = is_loopback(urlsplit(request.full_url).hostname or "")
    proxies = urllib.request.ProxyHandler({} if local else None)
    return urllib.request.build_opener(proxies).open(request, timeout=timeout)
