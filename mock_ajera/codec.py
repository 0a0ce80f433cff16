"""JSON with exact numbers: money is ``Decimal`` from the wire to the disk, never a float.

msgspec does the work; this module adds rules that msgspec lacks. A Decimal is written without an exponent and never as
NaN. Numbers and nesting are bounded when read, so that a short text cannot cause unlimited work (claims
``reading.exponent-bounded`` and ``reading.nesting-bounded``). ``api.reading`` reads the JSON dialect of requests.
"""

from __future__ import annotations

import re
from decimal import Decimal
from types import GenericAlias, NoneType
from typing import Any, TypedDict

import msgspec
from msgspec import Raw

__all__ = [
    "DEEPEST",
    "LONGEST_NUMBER",
    "BadNumber",
    "HalfCharacter",
    "NotJson",
    "Part",
    "PartDecoder",
    "Raw",
    "decode",
    "decode_stored",
    "encode",
    "encode_known",
    "number",
    "place",
]

LONGEST_NUMBER = 64
"""The maximum number of characters in a number."""
LARGEST_EXPONENT = 400
"""The maximum absolute value of an exponent."""
DEEPEST = 100
"""The maximum nesting depth of arrays and objects."""

# Every number that can be read can be written, such as one with 60 decimal places and an exponent of -400.
_LARGEST_WRITTEN_EXPONENT = LARGEST_EXPONENT + LONGEST_NUMBER


class NotJson(ValueError):
    """The text is not JSON, or exceeds a bound. ``position`` counts characters from 0; None if it is unknown."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class BadNumber(ValueError):
    """A number is too long or its exponent is too large. ``literal`` is its text."""

    def __init__(self, message: str, literal: str) -> None:
        super().__init__(message)
        self.literal = literal


class HalfCharacter(ValueError):
    """A text has half a character (a lone surrogate), which cannot be written in UTF-8."""


# Writing

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_HALF = re.compile("[\ud800-\udfff]")
_EXPONENT = re.compile(rb"E[-+]")
_LEAVES = frozenset({str, int, bool, NoneType, Raw})
_NESTS = frozenset({dict, list, tuple})
_TEXT_ONLY = frozenset({str})


def encode(value: object) -> bytes:
    """Return compact JSON in UTF-8.

    The types are dict, list, tuple, str, int, bool, None, Decimal and ``Raw`` (JSON inserted as it is). A Decimal
    becomes a number with its trailing zeros and without an exponent. Raises ``TypeError`` for any other type, including
    subclasses and floats, ``HalfCharacter``, and ``ValueError`` for NaN, Infinity, a Decimal with an absurdly large
    exponent and endless nesting.
    """
    try:
        text = _ENCODER.encode(value)
        # msgspec writes a Decimal as str() does: a result that must not stay contains one of these markers. Amounts
        # with two or four places never contain one. Texts may; the second pass is then slower but harmless.
        if _holds_decimals(value) and (_EXPONENT.search(text) or b"NaN" in text or b"Infinity" in text):
            text = _ENCODER.encode(_without_exponents(value))
    except RecursionError:
        raise ValueError("the value is nested too deeply for JSON") from None
    except UnicodeEncodeError:
        raise _half_character(value) from None
    except ValueError:  # from msgspec 0.23 on also NaN
        _without_exponents(value)
        raise
    return text


def encode_known(value: object) -> bytes:
    """Return the same as ``encode`` for a value whose types are known to be right, such as one that was decoded."""
    try:
        text = _ENCODER.encode(value)
    except UnicodeEncodeError:
        raise _half_character(value) from None
    return encode(value) if _EXPONENT.search(text) else text


def _holds_decimals(value: object) -> bool:
    """Return whether the value contains a Decimal. Raises ``TypeError`` for an unsupported type.

    msgspec would also write floats, dates and other types. Checking sets of types is several times as fast as checking
    each value.
    """
    found = False
    pending: list[Any] = [(value,)]
    while pending:
        nest = pending.pop()
        members = nest
        if type(nest) is dict:
            if not _TEXT_ONLY.issuperset(map(type, nest)):
                raise TypeError("a member name that is not a str cannot be written as JSON")
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


def _half_character(value: object) -> HalfCharacter:
    path = _path_of_half(value) or ""
    return HalfCharacter(f"{path.lstrip('.') or 'the text'} has half a character (a lone surrogate)")


def _path_of_half(value: object) -> str | None:
    """Return the path of the first text with half a character, None without one. The text may be a password."""
    if isinstance(value, str):
        return "" if _HALF.search(value) else None
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    for name, member in members:
        step = f".{name}" if isinstance(name, str) else f"[{name}]"
        inside = _path_of_half(member)
        if inside is not None or _HALF.search(step):
            return ascii(step)[1:-1] + (inside or "")
    return None


def _without_exponents(value: object) -> object:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} cannot be written as JSON")
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or abs(exponent) > _LARGEST_WRITTEN_EXPONENT:
            raise ValueError(f"a number with the exponent {exponent} cannot be written as JSON")
        return Raw(format(value, "f").encode())
    if isinstance(value, dict):
        return {name: _without_exponents(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_without_exponents(member) for member in value]
    return value


# Reading


def number(literal: str) -> int | Decimal:
    """Return the exact value of a number: int if it has no fraction or exponent, otherwise Decimal.

    The caller ensures that the text is a JSON number, ``.5`` or ``5.``. Raises ``BadNumber``.
    """
    if len(literal) > LONGEST_NUMBER:
        raise BadNumber(f"a number of {len(literal)} characters; the maximum is {LONGEST_NUMBER}", literal)
    _, mark, exponent = literal.lower().partition("e")
    if mark:
        if abs(int(exponent)) > LARGEST_EXPONENT:
            raise BadNumber(f"a number with the exponent {int(exponent)}; the maximum is {LARGEST_EXPONENT}", literal)
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
_TEXT_TOKEN = rb'"(?:[^"\\]|\\.)*+"'
_HALF_PAIR = re.compile(rb"\\u[dD][89abAB]")
_BYTE = re.compile(r" \(byte (\d+)\)$")


def decode(text: bytes | str) -> object:
    """Return the value of strict JSON: dict, list, str, int, bool, None, or Decimal for a fraction or an exponent.

    If a member name occurs twice, the last one is used. Raises ``NotJson``, also for a number of more than 64
    characters or with an exponent beyond 400, nesting deeper than 100 and a lone surrogate. An absurdly large number is
    refused before it is built.
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
            raise _bad_number(raw, str(cause), re.escape(cause.literal.encode())) from None
        raise _long_integer(raw) from None  # the only other cause: thousands of digits
    except msgspec.DecodeError as error:
        what = str(error).removeprefix("JSON is malformed: ")
        found = _BYTE.search(what)
        if found is None:
            raise _without_position(raw) from None
        raise _refusal(raw, what[: found.start()], int(found[1])) from None
    except UnicodeDecodeError:  # until msgspec 0.22; with a position that is counted from the start of the string
        raise _without_position(raw) from None
    except RecursionError:
        raise _too_deep(raw) from None
    if raw.count(b"[") + raw.count(b"{") > DEEPEST and _is_too_deep(value):
        raise _too_deep(raw)
    # msgspec builds integers without a hook. A long run of digits may also be in a text, so the values are checked.
    if len(raw) > LONGEST_NUMBER and _LONG_RUN in raw.translate(_DIGITS_TO_ZERO) and _holds_long_integer(value):
        raise _long_integer(raw)
    return value


def decode_stored(text: bytes | str) -> object:
    """Return the value of a text that ``encode`` wrote, without the bounds of ``decode``."""
    value: object = _STORED.decode(text)
    return value


Part = dict[str, Any]
"""The members of an object that are decoded: ``...`` for a whole value, a part for the objects of a list.

A member with None must be there, but is not decoded.
"""


class PartDecoder:
    """Decodes a part of stored objects, which takes less time than to decode all of them."""

    def __init__(self, part: Part) -> None:
        types = [(name, Raw if inner is None else _type_of(inner)) for name, inner in part.items()]
        self._decoder = msgspec.json.Decoder(msgspec.defstruct("_Part", types, gc=False), float_hook=Decimal)
        self._names = [name for name, inner in part.items() if inner is not None]

    def decode(self, text: str) -> dict[str, Any]:
        """Return the part. Raises ``ValueError`` for an object without one of its members, and for any other text."""
        found = self._decoder.decode(text)
        return {name: getattr(found, name) for name in self._names}


def _type_of(inner: Any) -> Any:
    """Return the type of a member: any value, or a list of objects, which may lack members of a part."""
    if inner is ...:
        return Any
    # A type checker knows only types that are written out.
    made: Any = TypedDict
    row = made("_Row", {name: _type_of(member) for name, member in inner.items()}, total=False)
    return GenericAlias(list, (row,)) | None


def place(text: str, position: int) -> str:
    """Return the line and column of a position, both counted from 1, as text."""
    before = text[:position].replace("\r\n", "\n").replace("\r", "\n")
    return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"


def _refusal(raw: bytes, what: str, at: int) -> NotJson:
    if at < 0:
        return NotJson(what)
    whole = raw.decode(errors="replace")
    position = len(raw[:at].decode(errors="replace"))
    return NotJson(f"{what} at {place(whole, position)}", position)


def _without_position(raw: bytes) -> NotJson:
    """Find what msgspec reports without a position: a byte that is not UTF-8, or a text that ends too early."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return _refusal(raw, f"the byte 0x{raw[error.start]:02x} is not UTF-8", error.start)
    # Half a surrogate pair near the end is also reported as a text that ends too early.
    what = "a lone surrogate" if _HALF_PAIR.search(raw[-12:]) else "the text ends too early"
    return _refusal(raw, what, len(raw))


def _inner(nests: list[object]) -> list[object]:
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
    """Return the refusal with the position of the first bracket that is too deep."""
    what = f"arrays and objects nested more than {DEEPEST} deep"
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
    """Return the refusal with the position of the first run of too many digits."""
    return _bad_number(raw, f"a number of more than {LONGEST_NUMBER} characters", b"[0-9]{%d}" % LONGEST_NUMBER)


def _bad_number(raw: bytes, what: str, pattern: bytes) -> NotJson:
    """Return the refusal with the position of the first match of ``pattern`` that is not in a text."""
    tokens = re.finditer(_TEXT_TOKEN + b"|(" + pattern + b")", raw)
    return _refusal(raw, what, next((token.start(1) for token in tokens if token[1]), -1))
