"""The reader of the JSON dialect of requests."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mock_ajera import codec
from mock_ajera.api import reading
from mock_ajera.api.reading import Unreadable, read

texts = st.text(st.characters(exclude_categories=["Cs"]))
names = texts | st.text("AjeraKey_$09", min_size=1)
numbers = st.integers(-(10**63) + 1, 10**64 - 1) | st.decimals(-(10**17), 10**17, places=2)
leaves = st.none() | st.booleans() | texts | numbers
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(names, inner), max_leaves=8)
objects = st.dictionaries(names, values, max_size=5)


def exact(value: object) -> object:
    """Return the value with its types and decimal places, for comparison."""
    if isinstance(value, dict):
        return {name: exact(member) for name, member in value.items()}
    if isinstance(value, list):
        return [exact(member) for member in value]
    return (type(value).__name__, str(value))


def refusal(body: bytes | str) -> Unreadable:
    """Return the error that a body raises."""
    with pytest.raises(Unreadable) as refused:
        read(body.encode() if isinstance(body, str) else body)
    return refused.value


# Strict JSON


@given(objects, st.sampled_from([None, 1]), st.booleans(), st.sampled_from([b"", b"\xef\xbb\xbf"]))
@example({"": [None, 100]}, None, False, b"")
def test_strict_json_is_read_like_the_codec(
    value: dict[str, Any], indent: int | None, ascii_only: bool, mark: bytes
) -> None:
    """The result is the same with any layout and escapes, and with or without a byte order mark."""
    text = json.dumps(json.loads(codec.encode(value)), indent=indent, ensure_ascii=ascii_only).encode()
    expected = exact(codec.decode(text))
    assert exact(read(mark + text)) == expected
    # The comment forces the lenient reader.
    assert exact(read(mark + text + b"//")) == expected


# The dialect


class Loosener:
    """Writes a value in the dialect with randomly drawn liberties."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def one_of(self, *choices: str) -> str:
        """Draw one of several spellings."""
        return self.data.draw(st.sampled_from(choices))

    def gap(self) -> str:
        """Draw whitespace and comments."""
        return self.one_of(
            "", "", "", " ", "\r\n\t", "\u00a0", "// a [ comment\n", "/* an } other */", "/***/ /**/", "// ' \"\r"
        )

    def text(self, value: str) -> str:
        """Write a string in single or double quotes."""
        double = json.dumps(value, ensure_ascii=self.data.draw(st.booleans()))
        form = self.one_of("double", "single", "single", "raw")
        if form == "double":
            return double
        if form == "raw":
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return "'" + double[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"

    def name(self, value: str) -> str:
        """Write a member name, possibly unquoted."""
        bare = value.isascii() and value.replace("_", "a").replace("$", "a").isalnum()
        return value if bare and self.data.draw(st.booleans()) else self.text(value)

    def number(self, value: Decimal) -> str:
        """Write a number, possibly without the zero before its point."""
        text = f"{value:f}"
        if text.startswith(("0.", "-0.")):
            text = self.one_of(text, text.replace("0.", ".", 1))
        return text

    def value(self, value: Any) -> str:
        """Write a value."""
        if isinstance(value, dict):
            colon = self.one_of("", " ", "\n") + ":"
            return "{" + self.listed([self.name(name) + colon + self.spaced(value[name]) for name in value]) + "}"
        if isinstance(value, list):
            return "[" + self.listed([self.spaced(member) for member in value]) + "]"
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Decimal):
            return self.number(value)
        return "null" if value is None else str(value).lower()

    def spaced(self, value: Any) -> str:
        """Write a value surrounded by gaps."""
        return self.gap() + self.value(value) + self.gap()

    def listed(self, members: list[str]) -> str:
        """Write members with commas, possibly with a trailing one."""
        return self.gap() + ("," + self.gap()).join(members) + (self.one_of("", ",") if members else "") + self.gap()


@given(objects, st.data())
def test_the_dialect_means_the_same_as_strict_json(value: dict[str, Any], data: st.DataObject) -> None:
    """Unquoted names, single quotes, trailing commas, comments and bare points do not change the value."""
    loosener = Loosener(data)
    body = loosener.gap() + loosener.value(value) + loosener.gap()
    assert exact(read(body.encode())) == exact(value)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ('{Method: "ListClients"}', {"Method": "ListClients"}),
        ("{RequestedProjects:[5],}", {"RequestedProjects": [5]}),
        ("{FilterByStatus: ['active']}", {"FilterByStatus": ["active"]}),
        ("{$a_1: 1, _: 2, 3: 4, é: 5}", {"$a_1": 1, "_": 2, "3": 4, "é": 5}),
        ("{true: true, null : null}", {"true": True, "null": None}),
        ("{a: 'it\\'s', b: 'say \"so\"', c: \"it's\"}", {"a": "it's", "b": 'say "so"', "c": "it's"}),
        ("{a: 'one\r\n\ttwo'}", {"a": "one\r\n\ttwo"}),
        ("{a: '\\b\\f\\n\\r\\t\\/\\\\\\\"\\u00E9\\ud83d\\ude00'}", {"a": '\b\f\n\r\t/\\"é\U0001f600'}),
        ("{a: '// no comment', b: '/* nor this */'}", {"a": "// no comment", "b": "/* nor this */"}),
        ("// first\n/* second */{a: /* * / */ 1 // third\r,/**/}// last", {"a": 1}),
        ("{a: [[], [1,], {},],}", {"a": [[], [1], {}]}),
        (
            "{a: .5, b: -.50, c: 5., d: 5.E1, e: -0}",
            {"a": Decimal(".5"), "b": Decimal("-.50"), "c": Decimal(5), "d": Decimal("5E1"), "e": 0},
        ),
        ("{a: 1E5/**/, b: 1e-400}", {"a": Decimal("1E5"), "b": Decimal("1E-400")}),
        ("{a: 1, 'b': 2, \"a\": 3}", {"a": 3, "b": 2}),
        ("{a: {b: 1}, a: {c: 2}}", {"a": {"c": 2}}),
        ("\u00a0{a:\u20281}\u3000", {"a": 1}),
        ("{'': ''}", {"": ""}),
        ("{/**/}", {}),
    ],
)
def test_the_dialect(body: str, value: dict[str, Any]) -> None:
    assert exact(read(body.encode())) == exact(value)


# Refusals


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{\n"a": 1,\n  "b": [1], ]}', "line 3, column 13: a member name or } is expected, found ']'"),
        ("{,}", "line 1, column 2: a member name or } is expected, found ','"),
        ("{a: 1,, b: 2}", "line 1, column 7: a member name or } is expected, found ','"),
        ("{a b: 1}", "line 1, column 4: a colon is expected after the member name 'a', found 'b'"),
        ("{a /**/: 1}", "line 1, column 4: a colon is expected after the member name 'a', found '/'"),
        ("{a}", "line 1, column 3: a colon is expected after the member name 'a', found '}'"),
        ("{'a' 1}", "line 1, column 6: a colon is expected after the member name 'a', found '1'"),
        ("{a-b: 1}", "line 1, column 3: a colon is expected after the member name 'a', found '-'"),
        ("{a:}", "line 1, column 4: a value is expected, found '}'"),
        ("{a: [,]}", "line 1, column 6: a value or ] is expected, found ','"),
        ("{a: [1,,2]}", "line 1, column 8: a value or ] is expected, found ','"),
        ("{a: [1 2]}", "line 1, column 8: a comma or ] is expected, found '2'"),
        ("{a: [1}", "line 1, column 7: a comma or ] is expected, found '}'"),
        ("{a: 1 b: 2}", "line 1, column 7: a comma or } is expected, found 'b'"),
        ("{a: 1]", "line 1, column 6: a comma or } is expected, found ']'"),
        ("{a: 'b''c'}", 'line 1, column 8: a comma or } is expected, found "\'"'),
        ("{a: 1", "line 1, column 6: a comma or } is expected, found the end of the body"),
        ("{", "line 1, column 2: a member name or } is expected, found the end of the body"),
        ("{a", "line 1, column 3: a colon is expected after the member name 'a', found the end of the body"),
        ("{a:", "line 1, column 4: a value is expected, found the end of the body"),
        ("{a: int}", "line 1, column 5: a value is expected, found 'int' without quotes"),
        ("{a: [active]}", "line 1, column 6: a value or ] is expected, found 'active' without quotes"),
        ("{a: True}", "found 'True' without quotes"),
        ("{a: NULL}", "found 'NULL' without quotes"),
        ("{a: undefined}", "found 'undefined' without quotes"),
        ("{a: NaN}", "found 'NaN' without quotes"),
        ("{a: nullx}", "found 'nullx' without quotes"),
        ("{a: true$}", "found 'true$' without quotes"),
        ("{a: new Date(1)}", "found 'new' without quotes"),
        ("{a: -Infinity}", "a number is expected, found '-Infinity'"),
        ("{a: 007}", "line 1, column 5: a number is expected, found '007'"),
        ("{a: 0x1F}", "a number is expected, found '0x1F'"),
        ("{a: +1}", "a number is expected, found '+1'"),
        ("{a: -}", "a number is expected, found '-'"),
        ("{a: .}", "a number is expected, found '.'"),
        ("{a: 1.2.3}", "a number is expected, found '1.2.3'"),
        ("{a: 1e}", "a number is expected, found '1e'"),
        ("{a: 12abc}", "a number is expected, found '12abc'"),
        ("{a: \u0661}", "found '\u0661' without quotes"),
        ("{a: 1\u0661}", "a number is expected, found '1\u0661'"),
        ("{a:\n 'b}", "line 2, column 2: a closing ' is expected for the text that begins here, found none"),
        ("{a: \"b'}", 'line 1, column 5: a closing " is expected for the text that begins here'),
        ("{a: 'b\\'}", "line 1, column 5: a closing ' is expected for the text that begins here"),
        ("{a: 'b\\", "is expected, found '\\\\'"),
        ("{a: '\\x41'}", "is expected, found '\\\\x'"),
        ("{a: '\\u00g0'}", "line 1, column 6: four hexadecimal digits are expected after \\u"),
        ("{a: '\\u123'}", "line 1, column 6: four hexadecimal digits are expected after \\u"),
        ("{a: '\\ud800\\u12'}", "line 1, column 12: four hexadecimal digits are expected after \\u"),
        ("{a: 1 /* b }", "line 1, column 7: a closing */ is expected for the comment that begins here, found none"),
        ("/* {}", "line 1, column 1: a closing */ is expected"),
        ("{a: 1 /*/}", "line 1, column 7: a closing */ is expected"),
        ("{a: 1 / b }", "line 1, column 7: a comma or } is expected, found '/'"),
        ("{a: 1} {b: 2}", "line 1, column 8: the object is complete and nothing more is expected, found '{'"),
        ("{a: 1}}", "the object is complete and nothing more is expected, found '}'"),
        ("{\u201ca\u201d: 1}", "line 1, column 2: a member name or } is expected, found '\u201c'"),
        ("{a: 1}\x00", "nothing more is expected, found '\\x00'"),
        ("\ufeff\ufeff{}", "found '\\ufeff'"),
    ],
)
def test_syntax_errors(body: str, message: str) -> None:
    """The message has line and column, what was expected and what was found."""
    refused = refusal(body)
    assert message in str(refused)
    assert refused.reason == ("not-an-object" if body.startswith("\ufeff") else "syntax")
    assert refused.claim == "reading.malformed-body"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_ending_counts(end: str) -> None:
    """Lines are counted with any line ending, and the position counts characters from 0."""
    refused = refusal(f"{{{end}'é': 'ü',{end}  ?}}")
    assert "line 3, column 3: " in str(refused)
    assert refused.position == 12 + 2 * len(end)


def test_the_message_shows_the_surrounding_text() -> None:
    """It shows at most ten characters before the position and ten from there on."""
    assert str(refusal("{a: ?, bcdefghijklmnopq: 1}")).endswith("near '{a: ?, bcdefgh'")
    assert str(refusal("{abcdefghijklmnop: ?qrstuvwxyzabc}")).endswith("near 'ijklmnop: ?qrstuvwxy'")


def test_the_message_truncates_long_words() -> None:
    assert len(str(refusal("{a: %s}" % ("b" * 100_000)))) < 200
    assert len(str(refusal("{%s 1}" % ("b" * 100_000)))) < 200


@pytest.mark.parametrize("body", ["", " \r\n", "// nothing\n", "\ufeff"])
def test_an_empty_body(body: str) -> None:
    """A body of only spaces and comments is empty."""
    refused = refusal(body)
    assert refused.reason == "empty"
    assert "the body is empty" in str(refused)
    assert refused.position is None


@pytest.mark.parametrize("body", ["[]", "[1,]", "5", '"a"', "'a'", "null", "Method", "//\n[1]", '"a" {}'])
def test_a_body_that_is_not_an_object(body: str) -> None:
    refused = refusal(body)
    assert refused.reason == "not-an-object"
    assert "an object { ... } is expected" in str(refused)


@pytest.mark.parametrize("strict", [True, False])
def test_a_body_over_the_limit(strict: bool) -> None:
    """A body at the limit is read; one byte more is refused."""
    body = b'{"a": 1}' if strict else b"{a:   1}"
    assert read(body, limit=8) == {"a": 1}
    with pytest.raises(Unreadable, match="has 8 bytes; the maximum is 7") as refused:
        read(body, limit=7)
    assert refused.value.reason == "too-large"
    assert refused.value.claim == "endpoint.body-bounded"


def test_the_default_limit_is_four_megabytes() -> None:
    body = b'{"a": 1' + b" " * (4_194_304 - 8) + b"}"
    assert read(body) == {"a": 1}
    assert refusal(body + b" ").reason == "too-large"


@pytest.mark.parametrize(
    "charset", ["iso-8859-1", "ISO-8859-15", "windows-1252", "utf-16", "utf-16le", "utf-8", "UTF8", ""]
)
def test_a_declared_charset_is_read(charset: str) -> None:
    """A body is read in the charset that is declared, in the strict and in the relaxed dialect."""
    for text in ('{"a": "caf\xe9"}', "{a: 'caf\xe9'}"):
        assert read(text.encode(charset or "utf-8"), charset=charset) == {"a": "caf\xe9"}


def test_a_byte_order_mark_outweighs_the_charset() -> None:
    assert read('\ufeff{"a": "caf\xe9"}'.encode(), charset="iso-8859-1") == {"a": "caf\xe9"}


@pytest.mark.parametrize("charset", ["klingon", "iso-8859-99", "base64", "idna", "unicode_escape", "rot13", "x" * 999])
def test_an_unknown_charset_is_refused(charset: str) -> None:
    with pytest.raises(Unreadable, match="of Content-Type is unknown") as refused:
        read(b'{"a": 1}', charset=charset)
    assert refused.value.reason == "charset"
    assert refused.value.claim == "reading.unknown-charset-refused"


def test_bytes_that_the_declared_charset_lacks_are_refused() -> None:
    with pytest.raises(Unreadable, match="not in us-ascii, the charset of Content-Type: byte 8 is invalid") as refused:
        read(b'{"a": "\xe9"}', charset="us-ascii")
    assert refused.value.reason == "encoding"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_other_encodings_are_refused(encoding: str) -> None:
    """UTF-16 and UTF-32 are refused with or without a byte order mark."""
    for mark in ("", "\ufeff"):
        refused = refusal(f'{mark}{{"a": 1}}'.encode(encoding))
        assert refused.reason == "encoding"
        assert "the body looks like UTF-16 or UTF-32; UTF-8 is expected" in str(refused)


@pytest.mark.parametrize("form", [b'{"a": "b",\n "\xc3\xa9": "c\xff"}', b"{a: 'b',\n '\xc3\xa9' : 'c\xff'}"])
def test_invalid_utf8_is_refused(form: bytes) -> None:
    """The message has the invalid byte and its position."""
    refused = refusal(form)
    assert refused.reason == "encoding"
    assert str(refused).startswith("line 2, column ")
    assert "found the byte 0xff" in str(refused)
    assert refused.position == len(form.split(b"\xff")[0].decode())


# Bounds


@pytest.mark.parametrize(
    "number", ["1E+30000000", "-1e999999999", "1e401", "1E-401", "1" * 65, "1" * 5000, "." + "1" * 64]
)
@pytest.mark.parametrize("form", ['{"a": %s}', "{a: %s}"])
def test_huge_numbers_are_refused(number: str, form: str) -> None:
    """The position of the error is the start of the number."""
    refused = refusal(form % number)
    assert refused.reason == "number"
    assert refused.claim == "reading.exponent-bounded"
    assert refused.position == form.index("%")


@pytest.mark.parametrize("number", ["1" * 64, "1e400", "1E-400"])
def test_the_largest_numbers(number: str) -> None:
    """The bounds are the same as in the codec."""
    assert exact(read(f"{{a: {number}}}".encode())) == exact({"a": codec.decode(number)})


@pytest.mark.parametrize("form", ['{"a": %s}', "{a: %s}"])
def test_nesting(form: str) -> None:
    """A hundred levels are read; more are refused."""
    read((form % ("[" * 99 + "]" * 99)).encode())
    for depth in (100, 5000, 200_000):
        for end in ("]" * depth, ""):
            if form.startswith('{"') and depth == 100 and not end:
                continue
            refused = refusal(form % ("[" * depth + end))
            assert refused.reason == "nesting"
            assert refused.claim == "reading.nesting-bounded"
            assert refused.position == form.index("%") + 99


def test_nesting_of_objects() -> None:
    """Objects count like arrays."""
    read(("{a:" * 100 + "1" + "}" * 100).encode())
    assert refusal("{a:" * 101 + "1" + "}" * 101).reason == "nesting"


@pytest.mark.parametrize("form", ['{"a": "%s"}', "{a: '%s'}", "{'%s': 1}"])
@pytest.mark.parametrize(
    "half",
    [
        "\\ud800",
        "\\udc00",
        "\\udbffx",
        "\\ud800\\u0041",
        "\\ud800\\ud800\\udc00",
        "\\udc00\\ud800",
        "\\udc00\\udc00",
        "\\ud800\\ue000",
    ],
)
def test_lone_surrogates_are_refused(form: str, half: str) -> None:
    refused = refusal(form % half)
    assert refused.reason == "surrogate"
    assert refused.position == form.index("%")


@pytest.mark.parametrize(
    ("escaped", "code"),
    [("\\ud800\\udc00", 0x10000), ("\\udbff\\udfff", 0x10FFFF), ("\\ud7ff", 0xD7FF), ("\\ue000", 0xE000)],
)
def test_characters_at_the_ends_of_the_surrogate_range(escaped: str, code: int) -> None:
    """The first and the last pair, and the characters just before and after the range, are read."""
    assert read(f"{{a: '{escaped}'}}".encode()) == {"a": chr(code)}


# Arbitrary input


@given(st.binary() | st.text(st.sampled_from("{}[]'\"\\/*,:ab1-.eE \n\u00a0nul")).map(lambda text: text.encode()))
@example(b"\x00")
@example(b"\xff\xfe")
@example(b"{" * 5000)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Only Unreadable is raised."""
    with suppress(Unreadable):
        read(body)


@given(objects, st.data())
def test_mutated_bodies_are_read_or_refused(value: dict[str, Any], data: st.DataObject) -> None:
    """A body with one piece replaced is refused, or is read with the types of the codec."""
    body = Loosener(data).value(value) if data.draw(st.booleans()) else codec.encode(value).decode()
    cut = sorted(data.draw(st.lists(st.integers(0, len(body)), min_size=2, max_size=2)))
    piece = data.draw(
        st.sampled_from(["", '"', "'", "[", "]", "{", "}", ",", ":", "\\", "1", "E", ".", "/*", "//", "a", "\\ud800"])
    )
    body = body[: cut[0]] + piece + body[cut[1] :]
    with suppress(Unreadable):
        pending: list[object] = [read(body.encode())]
        while pending:
            inner = pending.pop()
            assert inner is None or type(inner) in (dict, list, str, int, bool, Decimal)
            if isinstance(inner, dict | list):
                pending += inner.values() if isinstance(inner, dict) else inner


class Watched(str):
    """A str that counts the characters sliced from it."""

    taken = 0
    __slots__ = ()

    def __getitem__(self, index: Any) -> str:
        part = super().__getitem__(index)
        Watched.taken += len(part)
        return part


def effort(body: str) -> int:
    """Return the number of calls and copied characters while the lenient reader reads a body."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += 1

    text = Watched(body)
    Watched.taken = 0
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        with suppress(Unreadable):
            reading._Scanner(text).document()
    finally:
        sys.setprofile(before)
    return calls + Watched.taken


@pytest.mark.parametrize(
    ("before", "piece", "after"),
    [
        ("{a: [", "1, ", "]}"),
        ("{a: [", "[], ", "]}"),
        ("{", "a: 'b', ", "}"),
        ("{a: '", "\\n", "'}"),
        ("{a: '", '"', "'}"),
        ("{a: '", "\\'", ""),
        ("{a: '", "\\ud83d\\ude00", "'}"),
        ("{a: ", "/**/ ", "1}"),
        ("{a: ", "// a\n", "1}"),
        ("{a: /*", "*", ""),
        ("{a: /*", "/*", ""),
        ("{a: ", " \u00a0", "}"),
        ("{a: ", "1", "}"),
        ("{a: ", "1.", "}"),
        ("{a: ", "[", ""),
        ("{", "a", ": 1}"),
        ("{a: [", '"b",\n', "?"),
        ("", " ", "{}"),
    ],
    ids=lambda part: repr(part)[1:-1],
)
def test_effort_is_linear(before: str, piece: str, after: str) -> None:
    """Four times the text needs at most about four times the calls and copies."""
    once, four_times = (effort(before + piece * size + after) for size in (1000, 4000))
    assert four_times <= 4.1 * once


# The printed samples


def test_a_printed_sample_with_placeholders_is_refused() -> None:
    """The message points to the first placeholder."""
    body = (Path(__file__).parents[1] / "rules" / "printed_minimum.txt").read_text()
    refused = refusal(body)
    assert "line 7, column 21: a colon is expected after the member name 'int', found 'm'" in str(refused)
