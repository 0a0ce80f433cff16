"""The JSON dialect that Ajera takes: strict JSON first, and when that fails what people write by hand.

Beyond JSON: member names without quotes, texts in single quotes, a comma before a closing bracket, and comments
(claims of the theme ``reading``). The reader is bounded in size and nesting, goes over the text once, and yields the
same types as the codec.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mock_ajera import codec

LIMIT = 1_048_576
"""Bytes of a body, at most."""

_SKIP = re.compile(r"[ \t\r\n]+|//[^\r\n]*|/\*(?:[^*]|\*(?!/))*+\*/")
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "/": "/", "\\": "\\", '"': '"', "'": "'"}
_PLAIN = {'"': re.compile(r'[^"\\\x00-\x1f]+'), "'": re.compile(r"[^'\\\x00-\x1f]+")}


class Unreadable(ValueError):
    """A body that cannot be read. ``reason``: empty, too-large, encoding, malformed or not-an-object."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def read(body: bytes, *, limit: int = LIMIT) -> Mapping[str, Any]:
    """The object that a body holds. Raises ``Unreadable``."""
    if len(body) > limit:
        raise Unreadable("too-large", f"the body has more than {limit} bytes")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("encoding", f"the body is not UTF-8: byte {error.start + 1} cannot be read") from None
    if not text.strip():
        raise Unreadable("empty", "the body is empty")
    try:
        value = codec.decode(text)
    except codec.NotJson:
        value = _Scanner(text).document()
    if not isinstance(value, dict):
        raise Unreadable("not-an-object", "the body is not a JSON object")
    return value


class _Scanner:
    """Reads a text in the dialect, from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def document(self) -> Any:
        """The one value of the text."""
        value = self._value(0)
        self._skip()
        if self._at < len(self._text):
            raise self._wrong("the end of the body")
        return value

    def _wrong(self, expected: str) -> Unreadable:
        line = self._text.count("\n", 0, self._at) + 1
        column = self._at - self._text.rfind("\n", 0, self._at)
        near = self._text[self._at : self._at + 20]
        found = repr(near) if near else "the end"
        return Unreadable("malformed", f"line {line}, column {column}: {expected} is expected, found {found}")

    def _skip(self) -> None:
        while found := _SKIP.match(self._text, self._at):
            self._at = found.end()

    def _next(self) -> str:
        self._skip()
        return self._text[self._at : self._at + 1]

    def _value(self, depth: int) -> Any:
        sign = self._next()
        if sign in ("{", "["):
            if depth >= codec.MAX_DEPTH:
                raise self._wrong(f"no more than {codec.MAX_DEPTH} brackets inside each other")
            return self._object(depth + 1) if sign == "{" else self._array(depth + 1)
        if sign and sign in "\"'":
            return self._string(sign)
        if number := _NUMBER.match(self._text, self._at):
            return self._number(number)
        word = _NAME.match(self._text, self._at)
        if word and word[0] in _WORDS:
            self._at = word.end()
            return _WORDS[word[0]]
        raise self._wrong("a value")

    def _number(self, found: re.Match[str]) -> int | Decimal:
        try:
            exact = codec.number(found[0])
        except codec.NotJson as error:
            raise self._wrong(f"a number within bounds ({error})") from None
        self._at = found.end()
        if _NAME.match(self._text, self._at):
            raise self._wrong("a comma or a closing bracket")
        return exact if found[1] or found[2] else int(found[0])

    def _array(self, depth: int) -> list[Any]:
        self._at += 1
        items: list[Any] = []
        while self._next() != "]":
            items.append(self._value(depth))
            if self._next() == ",":
                self._at += 1
            elif self._next() != "]":
                raise self._wrong("a comma or ]")
        self._at += 1
        return items

    def _object(self, depth: int) -> dict[str, Any]:
        self._at += 1
        members: dict[str, Any] = {}
        while (sign := self._next()) != "}":
            name = self._string(sign) if sign and sign in "\"'" else self._name()
            if self._next() != ":":
                raise self._wrong("a colon")
            self._at += 1
            members[name] = self._value(depth)
            if self._next() == ",":
                self._at += 1
            elif self._next() != "}":
                raise self._wrong("a comma or }")
        self._at += 1
        return members

    def _name(self) -> str:
        found = _NAME.match(self._text, self._at)
        if found is None:
            raise self._wrong("a member name or }")
        self._at = found.end()
        return found[0]

    def _string(self, quote: str) -> str:
        start = self._at
        self._at += 1
        parts: list[str] = []
        while True:
            if plain := _PLAIN[quote].match(self._text, self._at):
                parts.append(plain[0])
                self._at = plain.end()
            sign = self._text[self._at : self._at + 1]
            if sign == quote:
                self._at += 1
                break
            if sign != "\\":
                raise self._wrong(f"the closing {quote}")
            parts.append(self._escape())
        text = "".join(parts)
        try:
            # Two halves of a pair become one character, a half alone is no text.
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self._at = start
            raise self._wrong("a text without half a surrogate pair") from None

    def _escape(self) -> str:
        letter = self._text[self._at + 1 : self._at + 2]
        if letter in _ESCAPES:
            self._at += 2
            return _ESCAPES[letter]
        digits = self._text[self._at + 2 : self._at + 6]
        if letter != "u" or not re.fullmatch(r"[0-9A-Fa-f]{4}", digits):
            raise self._wrong("an escape such as \\n or \\u00e9")
        self._at += 6
        return chr(int(digits, 16))
