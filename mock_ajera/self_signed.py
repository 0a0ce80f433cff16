"""A self-signed certificate for clients that support only HTTPS (extra ``tls``)."""

from __future__ import annotations

import datetime
import ipaddress
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAYS = 365


@contextmanager
def certificate(hosts: Iterable[str], to: Path) -> Iterator[tuple[str, str]]:
    """Yield the paths of a new certificate for the hosts and for this machine, and of its key.

    The certificate is written to ``to``, so that clients can trust it. The key is written to a temporary file that
    only the owner can read and that is deleted at the end. Raises ``OSError``.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mock-ajera")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName(_names(hosts)), critical=False)
        # It must be its own authority: clients that trust it check that.
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    to.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with tempfile.TemporaryDirectory(prefix="mock-ajera-") as folder:
        file = Path(folder) / "key.pem"
        file.touch(mode=0o600)
        file.write_bytes(written)
        yield str(to), str(file)


def _names(hosts: Iterable[str]) -> list[x509.GeneralName]:
    names, addresses = {"localhost"}, {"127.0.0.1", "::1"}
    for host in hosts:
        try:
            addresses.add(str(ipaddress.ip_address(host)))
        except ValueError:
            names.add(host)
    return [
        *(x509.DNSName(each) for each in sorted(names)),
        *(x509.IPAddress(ipaddress.ip_address(each)) for each in sorted(addresses)),
    ]
