"""JSON with exact numbers: money is ``Decimal`` from the wire to the disk, and no float comes near it.

The work is done by msgspec; this module adds what msgspec leaves open. Written, a Decimal never has an exponent and is
never NaN. Read, numbers and nesting are bounded, so that no short text asks for endless work (claims
``reading.exponent-bounded`` and ``reading.nesting-bounded``). How requests may stray from JSON is ``api.reading``.
"""

from __future__ import annotations

import re
from decimal import Decimal
from types import NoneType
from typing import Any

import msgspec
from msgspec import Raw

__all__ = [
    "DEEPEST",
    "LONGEST_NUMBER",
    "BadNumber",
    "NotJson",
    "Raw",
    "decode",
    "decode_stored",
    "encode",
    "number",
    "place",
]

LONGEST_NUMBER = 64
"""Characters of the longest number that is read."""
LARGEST_EXPONENT = 400
"""The largest absolute value of an exponent that is read."""
DEEPEST = 100
"""How many arrays and objects may stand inside one another."""

# What is read can be written: an exponent of -400 behind some 60 decimal places.
_LARGEST_WRITTEN_EXPONENT = LARGEST_EXPONENT + LONGEST_NUMBER


class NotJson(ValueError):
    """The text is not JSON, or is more than is read. ``position`` counts characters from 0; None if it is not known."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class BadNumber(ValueError):
    """A number is too long or its exponent too large. ``literal`` is its text."""

    def __init__(self, message: str, literal: str) -> None:
        super().__init__(message)
        self.literal = literal


# WriteContext

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_LEAVES = frozenset({str, int, bool, NoneType, Raw})
_NESTS = frozenset({dict, list, tuple})
_TEXT_ONLY = frozenset({str})


def encode(value: object) -> bytes:
    """Compact JSON in UTF-8 of dict, list, tuple, str, int, bool, None, Decimal and ``Raw`` (JSON put in as it is).

    A Decimal becomes a number with its trailing zeros and without exponent. Raises ``TypeError`` for any other type,
    subclasses and floats among them, and ``ValueError`` for NaN, Infinity, a Decimal with an absurd exponent, a lone
    surrogate and nesting without end.
    """
    try:
        text = _ENCODER.encode(value)
        # msgspec writes a Decimal as str() does: what may not stay as it is has one of these marks. Amounts of two
        # or four places never have. Texts may, and then the second pass costs time and no more.
        if _holds_decimals(value) and (b"E+" in text or b"E-" in text or b"NaN" in text or b"Infinity" in text):
            text = _ENCODER.encode(_spelt(value))
    except RecursionError:
        raise ValueError("the value is nested too deeply to be written as JSON") from None
    return text


def _holds_decimals(value: object) -> bool:
    """Whether there is a Decimal among the values. Raises ``TypeError`` for a type that is not written.

    msgspec writes floats, dates and more, so types are checked here; by sets of types, which is several times as fast
    as value by value.
    """
    found = False
    pending: list[Any] = [(value,)]
    while pending:
        nest = pending.pop()
        members = nest
        if type(nest) is dict:
            if not _TEXT_ONLY.issuperset(map(type, nest)):
                raise TypeError("a member name that is not a text cannot be written as JSON")
            members = nest.values()
        kinds = set(map(type, members))
        kinds -= _LEAVES
        if not kinds:
            continue
        if Decimal in kinds:
            found = True
            kinds.discard(Decimal)
            if not kinds:
                continue
        if not kinds <= _NESTS:
            names = ", ".join(sorted(kind.__name__ for kind in kinds - _NESTS))
            raise TypeError(f"a value of type {names} cannot be written as JSON")
        pending += [member for member in members if type(member) in _NESTS]
    return found


def _spelt(value: object) -> object:
    """The value with every Decimal written out."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} cannot be written as JSON")
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or abs(exponent) > _LARGEST_WRITTEN_EXPONENT:
            raise ValueError(f"a number with the exponent {exponent} is not written out")
        return Raw(format(value, "f").encode())
    if isinstance(value, dict):
        return {name: _spelt(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_spelt(member) for member in value]
    return value


# Reading


def number(literal: str) -> int | Decimal:
    """The exact value of a number's text: int without fraction and exponent, else Decimal. Raises ``BadNumber``.

    The text is a number by JSON's grammar (``.5`` and ``5.`` are taken too); the caller has checked that.
    """
    if len(literal) > LONGEST_NUMBER:
        raise BadNumber(f"a number of {len(literal)} characters; {LONGEST_NUMBER} are read", literal)
    _, mark, exponent = literal.lower().partition("e")
    if mark:
        if abs(int(exponent)) > LARGEST_EXPONENT:
            raise BadNumber(f"a number with the exponent {int(exponent)}; {LARGEST_EXPONENT} is the largest", literal)
    elif "." not in literal:
        return int(literal)
    return Decimal(literal)


def _fraction(literal: str) -> Decimal:
    if len(literal) > LONGEST_NUMBER or "e" in literal or "E" in literal:
        return Decimal(number(literal))
    return Decimal(literal)


_DECODER = msgspec.json.Decoder(float_hook=_fraction)
_STORED = msgspec.json.Decoder(float_hook=Decimal)
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")
_LONG_RUN = b"0" * LONGEST_NUMBER
_HIGHEST = 10**LONGEST_NUMBER
_LOWEST = -(10 ** (LONGEST_NUMBER - 1))  # the sign is a character too
_HALF_PAIR = re.compile(rb"\\u[dD][89abAB]")
_BYTE = re.compile(r" \(byte (\d+)\)$")


def decode(text: bytes | str) -> object:
    """The value of strict JSON: dict, list, str, int, bool, None, and Decimal for numbers with fraction or exponent.

    Of members with one name the last counts. Raises ``NotJson``, also for a number of more than 64 characters or with
    an exponent beyond 400, nesting beyond 100 and a lone surrogate. An absurd number is refused before it is built.
    """
    try:
        raw = text.encode() if isinstance(text, str) else text
    except UnicodeEncodeError as error:
        raise NotJson(f"a lone surrogate at {place(str(text), error.start)}", error.start) from None
    try:
        value: object = _DECODER.decode(raw)
    except msgspec.ValidationError as error:
        cause = error.__cause__
        if isinstance(cause, BadNumber):
            raise _refusal(raw, str(cause), raw.find(cause.literal.encode())) from None
        raise _long_integer(raw) from None  # the only other one: thousands of digits
    except msgspec.DecodeError as error:
        what = str(error).removeprefix("JSON is malformed: ")
        found = _BYTE.search(what)
        if found is None:
            # Half a pair shortly before the end is taken for a text that ends too early, too.
            what = "a lone surrogate" if _HALF_PAIR.search(raw[-12:]) else "the text ends too early"
            raise _refusal(raw, what, len(raw)) from None
        raise _refusal(raw, what[: found.start()], int(found[1])) from None
    except UnicodeDecodeError:
        raise _not_utf8(raw) from None
    except RecursionError:
        raise _too_deep(raw) from None
    if raw.count(b"[") + raw.count(b"{") > DEEPEST and _is_too_deep(value):
        raise _too_deep(raw)
    # msgspec builds integers without asking. A run of so many digits may also stand in a text, so the values decide.
    if len(raw) > LONGEST_NUMBER and _LONG_RUN in raw.translate(_DIGITS_TO_ZERO) and _holds_long_integer(value):
        raise _long_integer(raw)
    return value


def decode_stored(text: bytes | str) -> object:
    """The value of what ``encode`` wrote: as ``decode``, without its bounds and refusals, for text of our own."""
    value: object = _STORED.decode(text)
    return value


def place(text: str, position: int) -> str:
    """Line and column of a position, both from 1, as words."""
    before = text[:position].replace("\r\n", "\n").replace("\r", "\n")
    return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"


def _refusal(raw: bytes, what: str, at: int) -> NotJson:
    """The refusal of what begins at a byte."""
    if at < 0:
        return NotJson(what)
    whole = raw.decode(errors="replace")
    position = len(raw[:at].decode(errors="replace"))
    return NotJson(f"{what} at {place(whole, position)}", position)


def _not_utf8(raw: bytes) -> NotJson:
    """The refusal of bytes that are not UTF-8; msgspec's own position counts from the start of a text."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return _refusal(raw, f"the byte 0x{raw[error.start]:02x} is not UTF-8", error.start)
    return NotJson("a text is not UTF-8")


def _inner(nests: list[object]) -> list[object]:
    """The members of arrays and objects."""
    members: list[object] = []
    for nest in nests:
        if isinstance(nest, dict):
            members += nest.values()
        elif isinstance(nest, list):
            members += nest
    return members


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [member for member in level if type(member) in _NESTS]
        if not level:
            return False
        level = _inner(level)
    return True


def _too_deep(raw: bytes) -> NotJson:
    """The refusal of nesting, at the first bracket that is too much."""
    what = f"arrays and objects inside one another more than {DEEPEST} deep"
    depth, in_text, escaped = 0, False, False
    for at, byte in enumerate(raw):
        if in_text:
            in_text, escaped = byte != 0x22 or escaped, byte == 0x5C and not escaped
        elif byte == 0x22:
            in_text = True
        elif byte in b"[{":
            depth += 1
            if depth > DEEPEST:
                return _refusal(raw, what, at)
        elif byte in b"]}":
            depth -= 1
    return NotJson(what)


def _holds_long_integer(value: object) -> bool:
    level = [value]
    while level:
        if any(isinstance(member, int) and not _LOWEST < member < _HIGHEST for member in level):
            return True
        level = _inner(level)
    return False


def _long_integer(raw: bytes) -> NotJson:
    """The refusal of an integer, at the first run of so many digits."""
    at = raw.translate(_DIGITS_TO_ZERO).find(_LONG_RUN)
    return _refusal(raw, f"a number of more than {LONGEST_NUMBER} characters", at)
