r"""The JSON dialect that Ajera accepts.

Known clients send unquoted member names and trailing commas; the printed samples have single quotes and comments
(claims ``reading.unquoted-keys``, ``reading.trailing-comma``, ``reading.single-quotes``, ``reading.comments``). For
hand-written bodies the reader behaves like Json.NET with its defaults: it also accepts line breaks in strings, ``\'``,
no-break spaces, ``.5`` and ``5.``. It does not accept unquoted values, words other than true, false and null in exactly
this spelling, octal and hexadecimal numbers, two commas in a row, and a comment between a name and its colon.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping

from mock_ajera import codec
from mock_ajera.tenants.trace import relies_on

LIMIT = 4 * 1024 * 1024
"""The default maximum size of a body in bytes (claim ``endpoint.body-bounded``)."""
_CHARSET = re.compile(r"utf-?8|utf-?16(?:be|le)?|utf-?32(?:be|le)?|us-ascii|iso-8859-\d{1,2}|windows-\d{3,4}", re.ASCII)
"""The charsets that are known, by the names that IANA registers and .NET accepts."""

_UTF8_MARK = b"\xef\xbb\xbf"
_CLAIMS = {
    "too-large": "endpoint.body-bounded",
    "charset": "reading.unknown-charset-refused",
    "number": "reading.exponent-bounded",
    "nesting": "reading.nesting-bounded",
    "encoding": "endpoint.encodings-refused",
    "surrogate": "reading.lone-surrogate-refused",
}


class Unreadable(ValueError):
    """A body that cannot be read.

    ``reason`` is a slug: ``charset`` (unknown), ``empty``, ``encoding``, ``nesting``, ``not-an-object``, ``number``
    (out of bounds), ``surrogate``, ``syntax`` or ``too-large``. ``position`` counts characters from 0, after a byte
    order mark; it is None if the body as a whole is refused.
    """

    def __init__(self, reason: str, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.position = position

    @property
    def claim(self) -> str:
        """The id of the claim that the refusal relies on."""
        return _CLAIMS.get(self.reason, "reading.malformed-body")


def too_large(length: int | None, limit: int = LIMIT) -> Unreadable:
    """Return the refusal of a body of ``length`` bytes, or of unknown length."""
    text = f"more than {limit} bytes" if length is None else f"{length} bytes; the maximum is {limit}"
    return Unreadable("too-large", f"the body has {text}")


def decoded(body: bytes, charset: str) -> bytes:
    """Return a body in UTF-8 that was sent in another charset. Raises ``Unreadable``."""
    name = charset.lower()
    if name in ("", "utf-8", "utf8") or body.startswith(_UTF8_MARK):
        return body
    if not _CHARSET.fullmatch(name) or not _is_codec(name):
        raise Unreadable("charset", f"the charset {charset!r:.40} of Content-Type is unknown")
    try:
        text = body.decode(name)
    except UnicodeDecodeError as error:
        message = f"the body is not in {charset}, the charset of Content-Type: byte {error.start + 1} is invalid"
        raise Unreadable("encoding", message) from None
    relies_on("reading.declared-charset")
    return text.removeprefix("\ufeff").encode("utf-8", "surrogatepass")


def _is_codec(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def read(body: bytes, *, limit: int = LIMIT, charset: str = "") -> Mapping[str, object]:
    """Return the object in a body, with the types and the bounds of ``codec.decode``. Raises ``Unreadable``.

    ``limit`` is in bytes; ``charset`` is that of Content-Type. If a member name occurs twice, the last one is used
    (claim ``reading.last-duplicate-wins``).
    """
    if len(body) > limit:
        raise too_large(len(body), limit)
    body = decoded(body, charset)
    if body.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in body[:2]:
        raise Unreadable("encoding", "the body looks like UTF-16 or UTF-32; UTF-8 is expected")
    if body.startswith(b"\x1f\x8b"):
        raise Unreadable("encoding", "the body is compressed by gzip, which is not supported")
    body = body.removeprefix(_UTF8_MARK)
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


# Each pattern repeats a single character class, so that its running time is proportional to the length of the match.
_SPACES = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_SPACE = re.compile(f"[{_SPACES}]*")
_GAP = re.compile(f"[{_SPACES}/]")
"""The first character of a space or comment."""
_RUN = re.compile(
    r'(?:(?:-?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,20})?|"[^"\\\x00-\x1f]*"|true|false|null|\[\]|\{\}) ?, ?){1,1000}'
)
"""Items of an array that are strict JSON, each with its comma. A long array is mostly such items.

Not a possessive repeat: in Python before 3.11.5, it can end within an item that it does not match.
"""
_LINE = re.compile(r"[^\r\n]*")
_WORD = re.compile(r"[\w$]*")
_NUMBER_LIKE = re.compile(r"[-+.\w$]*")
_PLAIN = {'"': re.compile(r'[^"\\]*'), "'": re.compile(r"[^'\\]*")}
_NUMBER = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_BARE_POINT = re.compile(r"(?<![0-9])\.|\.(?![0-9])")
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "\\": "\\", "/": "/", '"': '"', "'": "'"}
_NO_OBJECTS = {
    re.compile(r"[\w.%+-]{1,80}=|%7B|--[^\r\n]{1,80}\r?\nContent-Disposition:", re.ASCII | re.IGNORECASE): (
        "this is a form: send the object itself as JSON"
    ),
    re.compile(r"[\"']\s*\{"): "this is a string: the object was encoded as JSON twice",
}
"""What programs send by mistake instead of an object -> what is said about it."""
_LITERALS = {"true": True, "false": False, "null": None}


class _Scanner:
    """Reads a body from left to right without recursion, and each character a bounded number of times."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.open: list[dict[str, object] | list[object]] = []
        """The arrays and objects that are not yet closed, outermost first."""

    def document(self) -> dict[str, object]:
        """Read the whole text as an object."""
        self.skip_gap()
        if self.at == len(self.text):
            raise Unreadable("empty", "the body is empty; an object { ... } is expected")
        if self.text[self.at] != "{":
            hint = next((f"; {text}" for form, text in _NO_OBJECTS.items() if form.match(self.text, self.at)), "")
            raise self.refusal(f"an object {{ ... }} is expected{hint}", reason="not-an-object")
        whole: dict[str, object] = {}
        self.open_nest(whole)
        member_may_follow = True  # true after an opening bracket or a comma
        while self.open:
            self.skip_gap()
            inner = self.open[-1]
            if self.peek() == ("}" if isinstance(inner, dict) else "]"):
                if member_may_follow and inner:
                    relies_on("reading.trailing-comma")
                self.at += 1
                self.open.pop()
                member_may_follow = False
            elif member_may_follow:
                member_may_follow = self.run(inner) or self.member(inner)
            elif self.peek() == ",":
                self.at += 1
                member_may_follow = True
            else:
                raise self.refusal(
                    "a comma or } is expected" if isinstance(inner, dict) else "a comma or ] is expected"
                )
        self.skip_gap()
        if self.at < len(self.text):
            raise self.refusal("the object is complete and nothing more is expected")
        return whole

    def run(self, inner: dict[str, object] | list[object]) -> bool:
        """Read the plain items of an array up to the last comma behind one, at once. Return whether there are any."""
        run = _RUN.match(self.text, self.at) if isinstance(inner, list) else None
        if run is None or not isinstance(inner, list):
            return False
        items = codec.decode(f"[{run[0].rstrip(', ')}]")
        if not isinstance(items, list):
            raise TypeError("an array is expected")
        inner += items
        self.at = run.end()
        return True

    def member(self, inner: dict[str, object] | list[object]) -> bool:
        """Read a member into an object or array. Return whether it opened an array or object."""
        name = self.name() if isinstance(inner, dict) else ""
        self.skip_gap()
        char = self.peek()
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
            self.open_nest(value)
            return True
        return False

    def open_nest(self, nest: dict[str, object] | list[object]) -> None:
        """Open an array or object."""
        if len(self.open) == codec.DEEPEST:
            raise self.refusal(f"at most {codec.DEEPEST} nested arrays and objects are expected", reason="nesting")
        self.open.append(nest)
        self.at += 1

    def name(self) -> str:
        """Read a member name and its colon."""
        if self.peek() in _PLAIN:
            name = self.string(self.peek())
        else:
            name = self.take(_WORD)
            if not name:
                raise self.refusal("a member name or } is expected")
            relies_on("reading.unquoted-keys")
        self.take(_SPACE)
        if self.peek() != ":":
            raise self.refusal(f"a colon is expected after the member name {_cut(name)}")
        self.at += 1
        return name

    def scalar(self, char: str, expected: str) -> object:
        """Read a string, a number, true, false or null."""
        if char in _PLAIN:
            return self.string(char)
        begin = self.at
        if char and char in "-+.0123456789":
            literal = self.take(_NUMBER_LIKE)
            if not _NUMBER.fullmatch(literal):
                raise self.refusal("a number is expected", found=_cut(literal), at=begin)
            if _BARE_POINT.search(literal):
                relies_on("reading.number-forms")
            try:
                return codec.number(literal)
            except codec.BadNumber as error:
                raise self.refusal(
                    "a smaller number is expected", found=str(error), at=begin, reason="number"
                ) from None
        word = self.take(_WORD)
        if word in _LITERALS:
            return _LITERALS[word]
        if word:
            raise self.refusal(f"{expected} is expected", found=f"{_cut(word)} without quotes", at=begin)
        raise self.refusal(f"{expected} is expected")

    def string(self, quote: str) -> str:
        """Read a quoted string."""
        begin = self.at
        self.at += 1
        if quote == "'":
            relies_on("reading.single-quotes")
        pieces = []
        while True:
            pieces.append(self.take(_PLAIN[quote]))
            char = self.peek()
            if char == "\\":
                pieces.append(self.escape())
            elif char == quote:
                self.at += 1
                return "".join(pieces)
            else:
                raise self.refusal(
                    f"a closing {quote} is expected for the text that begins here", found="none", at=begin
                )

    def escape(self) -> str:
        """Read an escape sequence."""
        begin = self.at
        self.at += 2
        char = self.text[begin + 1 : self.at]
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char != "u":
            raise self.refusal(
                "one of \\\" \\' \\\\ \\/ \\b \\f \\n \\r \\t \\u is expected", found=repr("\\" + char), at=begin
            )
        code = self.code_unit(begin)
        if 0xD800 <= code <= 0xDFFF:
            low = 0
            if code < 0xDC00 and self.text.startswith("\\u", self.at):
                self.at += 2
                low = self.code_unit(self.at - 2)
            if not 0xDC00 <= low <= 0xDFFF:
                raise self.refusal(
                    "both halves of a surrogate pair are expected", found="one", at=begin, reason="surrogate"
                )
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        return chr(code)

    def code_unit(self, begin: int) -> int:
        """Read the four hexadecimal digits of the escape sequence at ``begin``."""
        digits = _HEX.match(self.text, self.at)
        if digits is None:
            raise self.refusal("four hexadecimal digits are expected after \\u", at=begin)
        self.at = digits.end()
        return int(digits[0], 16)

    def skip_gap(self) -> None:
        """Skip spaces and comments."""
        while _GAP.match(self.text, self.at):
            self.take(_SPACE)
            if self.text.startswith(("//", "/*"), self.at):
                relies_on("reading.comments")
            if self.text.startswith("//", self.at):
                self.take(_LINE)
            elif self.text.startswith("/*", self.at):
                end = self.text.find("*/", self.at + 2)
                if end < 0:
                    raise self.refusal("a closing */ is expected for the comment that begins here", found="none")
                self.at = end + 2
            elif self.peek() == "/":
                return

    def peek(self) -> str:
        """Return the next character, or the empty string at the end."""
        return self.text[self.at : self.at + 1]

    def take(self, pattern: re.Pattern[str]) -> str:
        """Consume and return what a pattern matches."""
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    def refusal(
        self, expected: str, *, found: str | None = None, at: int | None = None, reason: str = "syntax"
    ) -> Unreadable:
        """Return the refusal with line, column, what was expected, what was found, and the text around it."""
        position = self.at if at is None else at
        if found is None:
            found = repr(self.text[position]) if position < len(self.text) else "the end of the body"
        near = self.text[max(0, position - 10) : position + 10]
        where = codec.place(self.text, position)
        return Unreadable(reason, f"{where}: {expected}, found {found}, near {near!r}", position)


def _cut(text: str) -> str:
    """Quote a text, truncated to 40 characters."""
    return repr(text if len(text) <= 40 else text[:40] + "...")
