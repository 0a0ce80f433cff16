"""The settings of ``mock-ajera serve``, as one table: it feeds the options, the environment and the docs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setting:
    """One setting: ``--name``, or ``MOCK_AJERA_NAME`` in the environment."""

    name: str
    default: Any
    help: str
    metavar: str | None = None
    multiple: bool = False
    choices: tuple[str, ...] = ()
    at_most: int | None = None
    """Of a whole number from 0."""
    secret: bool = False
    """Whether it is never shown."""

    @property
    def option(self) -> str:
        """The option of the command line."""
        return f"--{self.name}"

    @property
    def attribute(self) -> str:
        """The field of ``ServeSettings``."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"MOCK_AJERA_{self.attribute.upper()}"


SETTINGS = (
    Setting("host", "127.0.0.1", "Address to listen on."),
    Setting("port", 8080, "Port to listen on; 0 takes a free one.", at_most=65535),
    Setting(
        "sample", "sample", "The firm to serve: sample, empty, a folder of one's own, or a number of projects.", "DIR|N"
    ),
    Setting("tenants", None, "Folder with more firms of one's own, a folder each: tenants by its name.", "DIR"),
    Setting("profile", "observed", "What differences go by.", choices=("observed", "documented")),
    Setting("quirk", (), "One difference, over the profile; may be repeated.", "NAME=VALUE", multiple=True),
    Setting("data", None, "File to keep the firm in; filled from the sample when it is new.", "FILE"),
    Setting("freeze", None, "Time at which the clocks stand still: ISO 8601 with an offset.", "TIME"),
    Setting("seed", None, "Makes tokens and usage keys repeatable, and of a generated firm another one.", "TEXT"),
    Setting("env-file", None, "Write URL and credentials there when the server is ready.", "FILE"),
    Setting("public-url", None, "What APIURL starts with, where it is not the address of the request.", "URL"),
    Setting("tls-cert", None, "Certificate file (PEM); serves https.", "FILE"),
    Setting("tls-key", None, "Key file of the certificate.", "FILE"),
    Setting("tls-self-signed", None, "Serve https with a certificate made for it, and write that there.", "FILE"),
    Setting(
        "control-token",
        None,
        "Token of the control surface; without one it is off where the server listens beyond this machine.",
        "TOKEN",
        secret=True,
    ),
    Setting("log-format", "text", "Lines for people, or JSON lines.", choices=("text", "json")),
    Setting("engine", "werkzeug", "Server to run on.", choices=("werkzeug", "granian")),
)
