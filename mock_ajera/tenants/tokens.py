"""Session tokens and usage keys, reproducible from a seed."""

from __future__ import annotations

import hmac

_TOKEN_LENGTH = 40


class Tokens:
    """Derive tokens and usage keys from a seed: the same seed gives the same values in the same order."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._drawn = 0

    def usage_key(self) -> str:
        """Return a new UsageKey: a lowercase GUID with dashes. Not thread-safe: callers must hold a lock."""
        self._drawn += 1
        text = self.digest(f"usage:{self._drawn}").hex()
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:32]}"

    def session_token(self, number: int) -> str:
        """Return the token for the number of a login: 40 hexadecimal digits."""
        return self.digest(f"session:{number}").hex()[:_TOKEN_LENGTH]

    def digest(self, purpose: str) -> bytes:
        """Return 32 bytes that depend only on the seed and the purpose."""
        return hmac.digest(self._seed, purpose.encode(), "sha256")
