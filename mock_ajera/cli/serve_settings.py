"""The settings of ``mock-ajera serve`` as a typed, validated value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from mock_ajera.api.faults.checking import rule_of_text
from mock_ajera.control.access import Exposure
from mock_ajera.cors import Cors
from mock_ajera.listening import only_loopback
from mock_ajera.settings import SETTINGS
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.faults import Rule
from mock_ajera.tenants.quirks import QUIRKS, profile_values

_MOST_TIME_SCALE = 1000


@dataclass(frozen=True, kw_only=True)
class ServeSettings:
    """One field for each row of ``SETTINGS``, and values derived from them.

    Raises ``ValueError`` for an invalid quirk, fault, time, token or origin, and for conflicting TLS options.
    Picklable, because the granian engine passes it to its worker.
    """

    host: str
    port: int
    sample: str
    tenants: str | None
    profile: Literal["observed", "documented"]
    quirk: tuple[str, ...]
    fault: tuple[str, ...]
    time_scale: float
    data: str | None
    freeze: str | None
    seed: str | None
    env_file: str | None
    state_file: str | None
    public_url: str | None
    tls_cert: str | None
    tls_key: str | None
    tls_self_signed: str | None
    control_token: str | None = field(repr=False)
    cors_origin: tuple[str, ...]
    body_limit: int
    read_timeout: int
    log_format: Literal["text", "json"]
    engine: Literal["werkzeug", "granian"]

    profile_chosen: bool = False
    """Whether ``profile`` was set explicitly."""

    asked_quirks: Mapping[str, Any] = field(init=False)
    """The parsed values of ``quirk`` by name."""
    faults: tuple[Rule, ...] = field(init=False)
    """The parsed rules of ``fault``."""
    frozen_at: datetime | None = field(init=False)
    """``freeze`` as an aware ``datetime``."""
    exposure: Exposure = field(init=False)
    """Access rules of the control surface."""
    cors: Cors = field(init=False)
    """Access rules of web pages."""

    def __post_init__(self) -> None:
        """Parse and check the settings that click does not check."""
        object.__setattr__(self, "exposure", Exposure(only_loopback(self.host), self.control_token))
        object.__setattr__(self, "cors", Cors.of(self.cors_origin))
        object.__setattr__(self, "asked_quirks", dict(map(quirk_of, self.quirk)))
        object.__setattr__(self, "faults", tuple(map(rule_of_text, self.fault)))
        if not 0 <= self.time_scale <= _MOST_TIME_SCALE:
            raise ValueError(f"--time-scale must be a number from 0 to {_MOST_TIME_SCALE}, not {self.time_scale}")
        object.__setattr__(self, "frozen_at", None if self.freeze is None else time_of("--freeze", self.freeze))
        if self.tls_self_signed is not None and (self.tls_cert is not None or self.tls_key is not None):
            raise ValueError("--tls-self-signed cannot be combined with --tls-cert or --tls-key")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("--tls-cert and --tls-key must be set together")

    @property
    def profile_quirks(self) -> dict[str, Any]:
        """The value of each quirk in the profile."""
        return profile_values(self.profile)

    @property
    def tls(self) -> bool:
        """Whether the server uses HTTPS."""
        return self.tls_cert is not None or self.tls_self_signed is not None

    def clock(self) -> Clock:
        """Return a new clock, frozen if ``freeze`` is set."""
        clock = Clock()
        if self.frozen_at is not None:
            clock.freeze(self.frozen_at)
        return clock

    def shown(self) -> dict[str, Any]:
        """Return the value of each setting by name; a secret is shown as ``set``."""
        values = {setting.name: getattr(self, setting.attribute) for setting in SETTINGS}
        secrets = {setting.name for setting in SETTINGS if setting.secret and values[setting.name] is not None}
        exact = {name: Decimal(str(value)) for name, value in values.items() if isinstance(value, float)}
        return values | exact | dict.fromkeys(secrets, "set")


def quirk_of(pair: str) -> tuple[str, Any]:
    """Return the name and the value of a quirk in the form NAME=VALUE. Raises ``ValueError``."""
    name, equals, value = pair.partition("=")
    if not equals:
        raise ValueError(f"--quirk must be NAME=VALUE, not {pair!r}")
    return QUIRKS.spelt(name), QUIRKS.checked(name, value)


def time_of(option: str, text: str) -> datetime:
    """Return the time in the text of an option. Raises ``ValueError``."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{option} must be a time in ISO 8601, such as 2026-03-09T08:00:00Z, not {text!r}") from None
    # Let a clock check offset and range.
    Clock().freeze(at)
    return at
