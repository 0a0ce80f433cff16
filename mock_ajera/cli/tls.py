"""The TLS certificate and key of ``mock-ajera serve``."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from mock_ajera.cli.output import fail
from mock_ajera.cli.serve_settings import ServeSettings

Pair = tuple[str, str]
"""Paths of a certificate and its key, both PEM."""


@contextmanager
def certificate(settings: ServeSettings) -> Iterator[Pair | None]:
    """Yield the files of certificate and key, or None without TLS.

    The key of a self-signed certificate exists only within the context. Exits if a file is not writable or the extra
    ``tls`` is not installed.
    """
    if settings.tls_self_signed is not None:
        with _self_signed(settings, Path(settings.tls_self_signed)) as pair:
            yield pair
    elif settings.tls_cert is not None and settings.tls_key is not None:
        yield settings.tls_cert, settings.tls_key
    else:
        yield None


@contextmanager
def _self_signed(settings: ServeSettings, to: Path) -> Iterator[Pair]:
    try:
        from mock_ajera import self_signed
    except ImportError:
        fail('--tls-self-signed needs the extra tls; in a checkout, run: pip install -e ".[tls]"')
    hosts = [each for each in (settings.host, urlsplit(settings.public_url or "").hostname) if each]
    with ExitStack() as files:
        try:
            pair = files.enter_context(self_signed.certificate(hosts, to))
        except OSError as error:
            fail(f"cannot write {to}: {error.strerror or error}")
        yield pair


def context_of(pair: Pair | None) -> ssl.SSLContext | None:
    """Return a TLS context with a certificate and its key. Exits if they cannot be loaded."""
    if pair is None:
        return None
    certificate_file, key_file = pair
    for file in pair:
        try:
            Path(file).open("rb").close()
        except OSError as error:
            fail(f"cannot read {file}: {error.strerror or error}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate_file, key_file, password=_refuse_passphrase)
    except _Encrypted:
        fail(f"{key_file}: the key is encrypted; a key without a passphrase is needed")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            fail(f"{key_file}: the key does not belong to the certificate {certificate_file}")
        fail(f"{certificate_file}, {key_file}: not a certificate and its key in PEM format ({error.reason or error})")
    return context


class _Encrypted(Exception):
    """The key has a passphrase."""


def _refuse_passphrase() -> str:
    # Without this, OpenSSL asks for it on the terminal.
    raise _Encrypted
