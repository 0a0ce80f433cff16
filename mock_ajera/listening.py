"""The sockets of a server: what ``--host`` means."""

from __future__ import annotations

import errno
import ipaddress
import select
import socket
import ssl
from contextlib import ExitStack

_ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""Errors for an address that this machine does not have, such as ``::1`` on a machine without IPv6."""
DRAIN_TIMEOUT = 0.5
"""Seconds to wait for the rest of a body that the application did not read."""
_TRIES = 20
"""How often to look for a port that is free on all addresses."""


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def proxy_in_the_way() -> str:
    """Return what to do if the environment sends the requests of programs to a proxy, "" if it does not.

    No proxy of another machine knows the way to this one.
    """
    import urllib.request  # slow to import, and only a few commands need it

    if urllib.request.getproxies().keys().isdisjoint({"http", "all"}) or urllib.request.proxy_bypass("127.0.0.1"):
        return ""
    return (
        "The environment sets a proxy (http_proxy or all_proxy): most programs reach a server on this machine only if "
        "no_proxy contains 127.0.0.1."
    )


def addresses(host: str) -> list[str]:
    """Return the addresses of a host: a name, an address, an IPv6 address in brackets, or "" for all addresses.

    Raises ``OSError`` for an unknown name.
    """
    host = host.strip("[]")
    if not host:
        return ["::" if socket.has_dualstack_ipv6() else "0.0.0.0"]  # noqa: S104 - the user asks for it
    if host == "localhost":
        # Clients try both, whatever the hosts file says.
        return ["127.0.0.1", "::1"]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except UnicodeError:
        raise OSError("not a host name") from None
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def only_loopback(host: str) -> bool:
    """Return whether a host has addresses of loopback only; a name that cannot be resolved does not."""
    try:
        return all(map(is_loopback, addresses(host)))
    except OSError:
        return False


def listen(host: str, port: int) -> list[socket.socket]:
    """Return a listening socket for each address of a host, all on one port; port 0 means a free one.

    ``::`` includes IPv4. Addresses that this machine does not have are left out. Raises ``OSError`` if no address is
    available, or if the port of one is in use.
    """
    found = addresses(host)
    for _ in range(_TRIES if port == 0 and len(found) > 1 else 0):
        try:
            return _listen(found, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    return _listen(found, port)


def _listen(found: list[str], port: int) -> list[socket.socket]:
    bound: list[socket.socket] = []
    with ExitStack() as undo:
        for address in found:
            try:
                made = bind(address, bound[0].getsockname()[1] if bound else port)
            except OSError as error:
                if error.errno in _ABSENT and (bound or address != found[-1]):
                    continue
                raise
            undo.callback(made.close)
            bound.append(made)
        undo.pop_all()
    return bound


def bind(address: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 means a free one. Raises ``OSError`` if the address is not available."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    both = address == "::" and socket.has_dualstack_ipv6()
    return socket.create_server((address, port), family=family, backlog=128, dualstack_ipv6=both)


def is_closed(connection: socket.socket | None) -> bool:
    """Return whether the client has closed a connection; False without a socket and with TLS, where nobody can tell."""
    if connection is None or isinstance(connection, ssl.SSLSocket):
        return False
    try:
        readable = select.select([connection], [], [], 0)[0]
        return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):
        return True


def local_url(host: str, port: int, *, tls: bool) -> str:
    """Return the URL of a server on this machine; for all addresses, the one of loopback."""
    host = host.strip("[]")
    if host.replace(".", "").isdecimal() and host.count(".") < 3:
        # 127.1 is short for 127.0.0.1, which is the form that others know.
        host = addresses(host)[0]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - a look-up
    return f"{'https' if tls else 'http'}://{f'[{shown}]' if ':' in shown else shown}:{port}"
