"""JSON with exact numbers: whole numbers are ``int``, all others ``Decimal``. No float comes in or goes out.

Values are dict, list, str, int, bool, None and Decimal; going out also tuple and ``Raw``, JSON that is ready.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Raw

__all__ = ["MAX_DEPTH", "NotJson", "Raw", "decode", "decode_stored", "encode", "number", "pretty"]

MAX_DEPTH = 100
_MAX_DIGITS = 64
_MAX_EXPONENT = 400


class NotJson(ValueError):
    """A text that is not JSON, or JSON beyond what is taken."""


def number(text: str) -> Decimal:
    """A number with a point or an exponent. Raises ``NotJson`` at once for 1E+30000000, before anything is computed
    with it.
    """
    if len(text) > _MAX_DIGITS:
        raise NotJson(f"a number of {len(text)} characters; at most {_MAX_DIGITS} are taken")
    exponent = text.lower().partition("e")[2]
    if exponent and abs(int(exponent)) > _MAX_EXPONENT:
        raise NotJson(f"the exponent of {text} is too large")
    return Decimal(text)


_DECODER = msgspec.json.Decoder(float_hook=number)
_STORED = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def decode(text: bytes | str) -> Any:
    """The value of a JSON text. Of members with one name the last counts. Raises ``NotJson``."""
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise NotJson(f"more than {MAX_DEPTH} brackets inside each other") from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise NotJson(str(error)) from None
    except ValueError as error:
        raise error if isinstance(error, NotJson) else NotJson(str(error)) from None
    _check(value)
    return value


def decode_stored(text: bytes | str) -> Any:
    """The value of a text that ``encode`` wrote; nothing is checked."""
    return _STORED.decode(text)


def encode(value: object) -> bytes:
    """A value as JSON, in as few characters as it goes. Decimals keep their zeros (0.00) and never have an exponent.

    Raises ``ValueError`` for a Decimal that is not a number.
    """
    text = _ENCODER.encode(value)
    # msgspec writes NaN and 1E+5 for such Decimals. Ours are rounded to 2 or 4 places and never come out so: a look
    # at the text is enough to know, and a text that holds one of these for another reason only costs a second pass.
    if b"E+" in text or b"E-" in text or b"NaN" in text or b"Infinity" in text:
        text = _ENCODER.encode(_plain(value))
    return text


def pretty(value: object) -> str:
    """A value as JSON for people."""
    return msgspec.json.format(encode(value), indent=2).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not a number of JSON")
        return Raw(f"{value:f}".encode())
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _check(value: Any) -> None:
    """Refuse what is nested too deep, and numbers that are too long. Level by level: it cannot run out of stack."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [item for outer in level for item in _inside(outer)]
        if not level:
            return
    raise NotJson(f"more than {MAX_DEPTH} brackets inside each other")


_LONG = 10**_MAX_DIGITS


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value
    elif isinstance(value, int) and not -_LONG < value < _LONG:
        raise NotJson(f"a number of more than {_MAX_DIGITS} digits")
