"""The settings of ``mock-ajera serve``: one table for the options, the environment variables and the docs."""

from __future__ import annotations

from typing import Any

import msgspec


class Setting(msgspec.Struct, frozen=True):
    """One setting: ``--name``, or ``MOCK_AJERA_NAME`` in the environment."""

    name: str
    default: Any
    help: str
    metavar: str | None = None
    multiple: bool = False
    choices: tuple[str, ...] = ()
    at_least: int = 0
    """The minimum of a whole number."""
    at_most: int | None = None
    """The maximum of a whole number."""
    secret: bool = False
    """Whether the value is never shown."""

    @property
    def option(self) -> str:
        """The command-line option."""
        return f"--{self.name}"

    @property
    def attribute(self) -> str:
        """The field of ``ServeSettings``."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"MOCK_AJERA_{self.attribute.upper()}"


STATE_FILE = Setting(
    "state-file", None, "Write the local URL to this file when the server is ready, for mock-ajera healthy.", "FILE"
)
SETTINGS = (
    Setting(
        "host", "127.0.0.1", "Address or name to listen on; `::` means all addresses, `localhost` both of loopback."
    ),
    Setting("port", 8080, "Port to listen on; 0 picks a free one.", at_most=65535),
    Setting(
        "sample", "sample", "Firm to serve: sample, empty, a folder, or a number of projects to generate.", "DIR|N"
    ),
    Setting("tenants", None, "Folder with one folder for each additional firm; its name is the tenant's name.", "DIR"),
    Setting("profile", "observed", "Behavior profile.", choices=("observed", "documented")),
    Setting("quirk", (), "Value of a quirk, overriding the profile. May be repeated.", "NAME=VALUE", multiple=True),
    Setting(
        "fault",
        (),
        "Fault of the default firm: its kind and NAME=VALUE pairs, such as http method=GetProjects status=503 times=2. "
        "May be repeated; a variable has a semicolon between two.",
        "RULE",
        multiple=True,
    ),
    Setting("time-scale", 1.0, "How long the waits of faults take: with 0.01, thirty seconds take 0.3.", "FACTOR"),
    Setting("data", None, "Data file for the default firm. A new file is filled from the sample.", "FILE"),
    Setting("freeze", None, "Time at which to freeze all clocks: ISO 8601, such as 2026-03-09T08:00:00Z.", "TIME"),
    Setting("seed", None, "Seed for reproducible tokens, usage keys and generated firms.", "TEXT"),
    Setting("env-file", None, "Write the URL and the credentials to this file when the server is ready.", "FILE"),
    STATE_FILE,
    Setting("public-url", None, "Base URL in APIURL, if it differs from the address of the request.", "URL"),
    Setting("tls-cert", None, "Certificate file (PEM). Enables HTTPS.", "FILE"),
    Setting("tls-key", None, "Private key file of the certificate (PEM).", "FILE"),
    Setting(
        "tls-self-signed",
        None,
        "Serve HTTPS with a generated certificate (extra tls), and write the certificate to this file.",
        "FILE",
    ),
    Setting(
        "control-token",
        None,
        "Token for the control surface. Without it, the surface is off if the server listens beyond this machine.",
        "TOKEN",
        secret=True,
    ),
    Setting(
        "cors-origin",
        (),
        "Origin of a web app that may call the API from a browser, or *. May be repeated.",
        "ORIGIN",
        multiple=True,
    ),
    Setting("body-limit", 4 * 1024 * 1024, "Largest body of a call in bytes.", at_least=1, at_most=256 * 1024 * 1024),
    Setting(
        "read-timeout",
        30,
        "Seconds to wait for the next bytes of a request, and for the next request of a connection.",
        at_least=1,
        at_most=86400,
    ),
    Setting("log-format", "text", "Log format: text for people, or JSON lines.", choices=("text", "json")),
    Setting(
        "engine",
        "werkzeug",
        "HTTP server to run on: werkzeug, or granian for load (extra fast).",
        choices=("werkzeug", "granian"),
    ),
)
