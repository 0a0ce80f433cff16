"""``serve --tls-self-signed``: HTTPS for clients that trust the certificate file."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import ssl
import stat
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import trustme
from checkout import serving_mock
from command_line import run

pytest.importorskip("cryptography")


@dataclass(frozen=True)
class Secure:
    """A server with a self-signed certificate."""

    folder: Path
    query: str
    port: int
    certificate: str
    """The path of the certificate file."""


@pytest.fixture(scope="module")
def served(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    """Provide a server with a self-signed certificate and its own folder for temporary files."""
    folder = tmp_path_factory.mktemp("tls")
    (folder / "temporary").mkdir()
    options = ("--engine", engine, "--tls-self-signed", "made.pem", "--public-url", "https://ajera.example:8443/mock")
    with serving_mock(folder, *options, TMPDIR=str(folder / "temporary")) as server:
        address = urlsplit((folder / "served.txt").read_text(encoding="utf-8").partition("Open ")[2].split()[0])
        assert address.port
        yield Secure(folder, urlsplit(server.url).query, address.port, str(folder / "made.pem"))
    assert list((folder / "temporary").iterdir()) == [], "the key file still exists"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_client_that_trusts_the_file_can_connect(served: Secure, host: str) -> None:
    """The API and the control surface work with each local host name."""
    root = f"https://{host}:{served.port}"
    assert requests.get(f"{root}/_mock/version", timeout=60, verify=served.certificate).status_code == 200
    login = {"Method": "CreateAPISession", "Username": "integrator", "Password": "Offline_4jera", "APIVersion": 1}
    url = f"{root}/AjeraAPI.ashx?{served.query}"
    assert requests.post(url, json=login, timeout=60, verify=served.certificate).json()["Message"] == "Success"


@pytest.mark.parametrize("trusted", ["nothing", "another file"])
def test_a_client_that_does_not_trust_the_file_cannot_connect(served: Secure, tmp_path: Path, trusted: str) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    verify = True if trusted == "nothing" else str(tmp_path / "other.pem")
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"https://127.0.0.1:{served.port}/_mock/health", timeout=60, verify=verify)


def test_the_certificate_is_not_valid_for_other_hosts(served: Secure) -> None:
    context = ssl.create_default_context(cafile=served.certificate)
    for name in ("another.example", "127.0.0.2", "example"):
        with (
            socket.create_connection(("127.0.0.1", served.port)) as connection,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            context.wrap_socket(connection, server_hostname=name)


def test_strict_verification_accepts_the_certificate(served: Secure) -> None:
    """Strict verification is the default since Python 3.13."""
    context = ssl.create_default_context(cafile=served.certificate)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with urllib.request.urlopen(f"https://127.0.0.1:{served.port}/_mock/health", context=context) as answer:
        assert json.load(answer)["status"] == "ready"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_the_certificate_includes_the_public_host(served: Secure) -> None:
    """It also includes the local host names."""
    words = ("openssl", "x509", "-in", served.certificate, "-noout", "-ext", "subjectAltName")
    output = subprocess.run(words, capture_output=True, encoding="utf-8", timeout=60, check=True).stdout
    for name in ("DNS:ajera.example", "DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1"):
        assert name in output


def test_plain_http_is_refused(served: Secure) -> None:
    """The server still serves HTTPS afterwards."""
    with pytest.raises((urllib.error.URLError, ConnectionError, http.client.HTTPException)):
        urllib.request.urlopen(f"http://127.0.0.1:{served.port}/_mock/health", timeout=60)
    again = requests.get(f"https://localhost:{served.port}/_mock/health", timeout=60, verify=served.certificate)
    assert again.status_code == 200


def test_only_the_owner_can_read_the_key(served: Secure) -> None:
    """Its folder is private too, and no other file contains the key."""
    (folder,) = (served.folder / "temporary").glob("mock-ajera-*")
    (key,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "PRIVATE" in key.read_text(encoding="utf-8")
    for file in served.folder.glob("*.*"):
        assert "PRIVATE" not in file.read_text(encoding="utf-8")


def test_every_start_creates_a_new_certificate(engine: str, tmp_path: Path) -> None:
    """An existing file is replaced."""
    written = []
    for _ in range(2):
        with serving_mock(tmp_path, "--engine", engine, "--tls-self-signed", "made.pem"):
            written.append((tmp_path / "made.pem").read_bytes())
    assert written[0] != written[1]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of temporary files, inside a working directory for the test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--tls-self-signed", "made.pem", "--tls-key", "y.pem"), "cannot be combined with --tls-cert or --tls-key"),
        (("--tls-self-signed", "no/such/made.pem"), "cannot write no/such/made.pem"),
        (("--tls-self-signed", "."), "cannot write ."),
        (("--tls-cert", "x.pem"), "--tls-cert and --tls-key must be set together"),
        (("--tls-key", "y.pem"), "--tls-cert and --tls-key must be set together"),
        (("--tls-cert", "x.pem", "--tls-key", "y.pem"), "cannot read x.pem: "),
        (("--tls-cert", "served.txt", "--tls-key", "served.txt"), "served.txt, served.txt: "),
    ],
)
def test_invalid_options_are_refused(engine: str, temporary: Path, options: tuple[str, ...], message: str) -> None:
    """The exit code is 2, the message is one line, and no key is left on disk."""
    Path("served.txt").write_text("no certificate", encoding="utf-8")
    wrong = run("serve", "--port", "0", "--engine", engine, *options)
    assert wrong.exit_code == 2
    assert message in wrong.stderr
    assert wrong.stderr.count("\n") == 1
    assert list(temporary.iterdir()) == []


def test_a_port_in_use_leaves_no_key(engine: str, temporary: Path, served: Secure) -> None:
    wrong = run("serve", "--port", str(served.port), "--engine", engine, "--tls-self-signed", "made.pem")
    assert wrong.exit_code == 2
    assert "cannot listen" in wrong.stderr
    assert list(temporary.iterdir()) == []
