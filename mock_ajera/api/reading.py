r"""The JSON dialect that the real service takes.

Clients in the field send member names without quotes and a comma before a closing bracket, and are served; the printed
samples have single quotes and comments (claims ``reading.unquoted-keys``, ``reading.trailing-comma``,
``reading.single-quotes``, ``reading.comments``). The reader behaves as Json.NET does by default, so far as hand-written
bodies go: line ends inside texts, ``\'``, hard spaces, ``.5`` and ``5.`` are taken too. Not taken are values without
quotes, other words than true, false and null in exactly this spelling, octal and hexadecimal numbers, nothing between
two commas, and a comment between a name and its colon.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mock_ajera import codec
from mock_ajera.tenants.trace import relies_on

LIMIT = 1_048_576
"""Bytes of the largest body that is read (claim ``endpoint.body-bounded``)."""

_CLAIMS = {
    "too-large": "endpoint.body-bounded",
    "number": "reading.exponent-bounded",
    "nesting": "reading.nesting-bounded",
}


class Unreadable(ValueError):
    """A body that is not read.

    ``reason`` is a slug: ``empty``, ``encoding``, ``nesting``, ``not-an-object``, ``number`` (out of bounds),
    ``surrogate``, ``syntax`` or ``too-large``. ``position`` counts characters from 0, after a byte order mark; None if
    the body as a whole is refused.
    """

    def __init__(self, reason: str, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.position = position

    @property
    def claim(self) -> str:
        """The id of the claim that the refusal rests on."""
        return _CLAIMS.get(self.reason, "reading.malformed-body")


def too_large(length: int | None, limit: int = LIMIT) -> Unreadable:
    """The refusal of a body of that many bytes, if they are known."""
    text = f"more than {limit} bytes" if length is None else f"{length} bytes; {limit} are read"
    return Unreadable("too-large", f"the body has {text}")


def read(body: bytes, *, limit: int = LIMIT) -> Mapping[str, object]:
    """The object that a body holds, with the types and the bounds of ``codec.decode``. Raises ``Unreadable``.

    ``limit`` is in bytes. Of members with one name the last counts (claim ``reading.last-duplicate-wins``).
    """
    if len(body) > limit:
        raise too_large(len(body), limit)
    if body.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in body[:2]:
        raise Unreadable("encoding", "the body is in UTF-16, or something like it; UTF-8 is expected")
    if body.startswith(b"\x1f\x8b"):
        raise Unreadable("encoding", "the body is compressed by gzip; it is read as it is")
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        value = codec.decode(body)
    except codec.NotJson:
        pass
    else:
        if isinstance(value, dict):
            return value
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        before = body[: error.start].decode()
        where = codec.place(before, len(before))
        message = f"{where}: UTF-8 is expected, found the byte 0x{body[error.start]:02x}, near {before[-20:]!r}"
        raise Unreadable("encoding", message, len(before)) from None
    return _Scanner(text).document()


# Each of these is one class of characters, repeated: the time that it takes is in proportion to what it matches.
_SPACE = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*")
_LINE = re.compile(r"[^\r\n]*")
_WORD = re.compile(r"[\w$]*")
_NUMBER_LIKE = re.compile(r"[-+.\w$]*")
_PLAIN = {'"': re.compile(r'[^"\\]*'), "'": re.compile(r"[^'\\]*")}
_NUMBER = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "\\": "\\", "/": "/", '"': '"', "'": "'"}
_LITERALS = {"true": True, "false": False, "null": None}


class _Scanner:
    """Reads one body from left to right, each character a bounded number of times, and without recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.open: list[dict[str, object] | list[object]] = []
        """The arrays and objects that are not closed yet, the outermost first."""

    def document(self) -> dict[str, object]:
        """The object that the whole text is."""
        self.gap()
        if self.at == len(self.text):
            raise Unreadable("empty", "the body is empty; an object { ... } is expected")
        if self.text[self.at] != "{":
            raise self.wrong("an object { ... } is expected", reason="not-an-object")
        whole: dict[str, object] = {}
        self.enter(whole)
        fresh = True  # behind an opening bracket or a comma, where a member may follow
        while self.open:
            self.gap()
            inner = self.open[-1]
            if self.char() == ("}" if isinstance(inner, dict) else "]"):
                if fresh and inner:
                    relies_on("reading.trailing-comma")
                self.at += 1
                self.open.pop()
                fresh = False
            elif fresh:
                fresh = self.member(inner)
            elif self.char() == ",":
                self.at += 1
                fresh = True
            else:
                raise self.wrong("a comma or } is expected" if isinstance(inner, dict) else "a comma or ] is expected")
        self.gap()
        if self.at < len(self.text):
            raise self.wrong("the object is complete and nothing more is expected")
        return whole

    def member(self, inner: dict[str, object] | list[object]) -> bool:
        """Read a member into an object or array. True if it is itself an array or object, now open."""
        name = self.name() if isinstance(inner, dict) else ""
        self.gap()
        char = self.char()
        value: object
        if char == "{":
            value = {}
        elif char == "[":
            value = []
        else:
            value = self.scalar(char, "a value" if isinstance(inner, dict) else "a value or ]")
        if isinstance(inner, dict):
            inner[name] = value
        else:
            inner.append(value)
        if isinstance(value, dict | list):
            self.enter(value)
            return True
        return False

    def enter(self, nest: dict[str, object] | list[object]) -> None:
        """Go into an array or object."""
        if len(self.open) == codec.DEEPEST:
            raise self.wrong(
                f"no more than {codec.DEEPEST} arrays and objects inside one another are read", reason="nesting"
            )
        self.open.append(nest)
        self.at += 1

    def name(self) -> str:
        """A member name and its colon."""
        if self.char() in _PLAIN:
            name = self.quoted(self.char())
        else:
            name = self.take(_WORD)
            if not name:
                raise self.wrong("a member name or } is expected")
            relies_on("reading.unquoted-keys")
        self.take(_SPACE)
        if self.char() != ":":
            raise self.wrong(f"a colon is expected after the member name {_cut(name)}")
        self.at += 1
        return name

    def scalar(self, char: str, wanted: str) -> object:
        """A text, a number or one of the three words."""
        if char in _PLAIN:
            return self.quoted(char)
        begin = self.at
        if char and char in "-+.0123456789":
            literal = self.take(_NUMBER_LIKE)
            if not _NUMBER.fullmatch(literal):
                raise self.wrong("a number is expected", found=_cut(literal), at=begin)
            try:
                return codec.number(literal)
            except codec.BadNumber as error:
                raise self.wrong("a smaller number is expected", found=str(error), at=begin, reason="number") from None
        word = self.take(_WORD)
        if word in _LITERALS:
            return _LITERALS[word]
        if word:
            raise self.wrong(f"{wanted} is expected", found=f"{_cut(word)} without quotes", at=begin)
        raise self.wrong(f"{wanted} is expected")

    def quoted(self, quote: str) -> str:
        """A text in quotes."""
        begin = self.at
        self.at += 1
        if quote == "'":
            relies_on("reading.single-quotes")
        pieces = []
        while True:
            pieces.append(self.take(_PLAIN[quote]))
            char = self.char()
            if char == "\\":
                pieces.append(self.escaped())
            elif char == quote:
                self.at += 1
                return "".join(pieces)
            else:
                raise self.wrong(f"a closing {quote} is expected for the text that begins here", found="none", at=begin)

    def escaped(self) -> str:
        """What a backslash and the characters behind it stand for."""
        begin = self.at
        self.at += 2
        sign = self.text[begin + 1 : self.at]
        if sign in _ESCAPES:
            return _ESCAPES[sign]
        if sign != "u":
            raise self.wrong(
                "one of \\\" \\' \\\\ \\/ \\b \\f \\n \\r \\t \\u is expected", found=repr("\\" + sign), at=begin
            )
        code = self.unit(begin)
        if 0xD800 <= code <= 0xDFFF:
            low = 0
            if code < 0xDC00 and self.text.startswith("\\u", self.at):
                self.at += 2
                low = self.unit(self.at - 2)
            if not 0xDC00 <= low <= 0xDFFF:
                raise self.wrong(
                    "both halves of a surrogate pair are expected", found="one", at=begin, reason="surrogate"
                )
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        return chr(code)

    def unit(self, begin: int) -> int:
        """The four hexadecimal digits of an escape that begins at ``begin``."""
        digits = _HEX.match(self.text, self.at)
        if digits is None:
            raise self.wrong("four hexadecimal digits are expected behind \\u", at=begin)
        self.at = digits.end()
        return int(digits[0], 16)

    def gap(self) -> None:
        """Go past spaces and comments."""
        while True:
            self.take(_SPACE)
            if self.text.startswith(("//", "/*"), self.at):
                relies_on("reading.comments")
            if self.text.startswith("//", self.at):
                self.take(_LINE)
            elif self.text.startswith("/*", self.at):
                end = self.text.find("*/", self.at + 2)
                if end < 0:
                    raise self.wrong("a closing */ is expected for the comment that begins here", found="none")
                self.at = end + 2
            else:
                return

    def char(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.at : self.at + 1]

    def take(self, pattern: re.Pattern[str]) -> str:
        """Go past what a pattern matches, and give it."""
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    def wrong(
        self, wanted: str, *, found: str | None = None, at: int | None = None, reason: str = "syntax"
    ) -> Unreadable:
        """The refusal: line, column, what is wanted, what stands there, and some text around."""
        position = self.at if at is None else at
        if found is None:
            found = repr(self.text[position]) if position < len(self.text) else "the end of the body"
        near = self.text[max(0, position - 10) : position + 10]
        where = codec.place(self.text, position)
        return Unreadable(reason, f"{where}: {wanted}, found {found}, near {near!r}", position)


def _cut(text: str) -> str:
    """A text to show, of bounded length."""
    return repr(text if len(text) <= 40 else text[:40] + "...")
