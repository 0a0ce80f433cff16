"""The JSON codec and its exact numbers."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from http import HTTPMethod, HTTPStatus
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mock_ajera.codec import NotJson, Raw, decode, decode_stored, encode

texts = st.text(st.characters(exclude_categories=["Cs"]))
whole = st.integers(-(10**63) + 1, 10**64 - 1)
amounts = st.decimals(-(10**17), 10**17, places=2) | st.decimals(-(10**15), 10**15, places=4)
any_decimals = st.builds("{}E{}".format, st.integers(-9, 9), st.integers(-60, 60)).map(Decimal)


def values(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return a strategy for nested values of every type."""
    leaves = st.none() | st.booleans() | texts | numbers
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)


def exact(value: object) -> object:
    """Return the value with its types and decimal places, for comparison."""
    if isinstance(value, dict):
        return {name: exact(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [exact(member) for member in value]
    return (type(value).__name__, str(value))


# Writing


@given(values(whole | amounts))
def test_round_trip(value: Any) -> None:
    """A value is read back with its types and trailing zeros."""
    assert exact(decode(encode(value))) == exact(value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("0.00"), "0.00"),
        (Decimal("0.0000"), "0.0000"),
        (Decimal("-0.00"), "-0.00"),
        (Decimal("12345678901234567.80"), "12345678901234567.80"),
        (Decimal("1E+5"), "100000"),
        (Decimal("1.5E+3"), "1500"),
        (Decimal("1E-8"), "0.00000001"),
        (Decimal("0E-10"), "0.0000000000"),
        (Decimal("0E+3"), "0"),
        ({"a": [{"b": (Decimal("1E+2"), Decimal("1.50"), 7, True, None)}]}, '{"a":[{"b":[100,1.50,7,true,null]}]}'),
        (["LE-03", "NaN", "1E+2", "Infinity", Decimal("2.50")], '["LE-03","NaN","1E+2","Infinity",2.50]'),
        ({"Name": "Zoë", "Keys": [1, 2]}, '{"Name":"Zoë","Keys":[1,2]}'),
        ((1, (2,), ()), "[1,[2],[]]"),
        ({"Projects": [Raw(b'{"A": 1E+5}'), Raw(b"2"), Decimal("1E+1")]}, '{"Projects":[{"A": 1E+5},2,10]}'),
    ],
)
def test_written_form(value: object, written: str) -> None:
    """Output is compact UTF-8. A Decimal keeps its zeros and has no exponent, a Raw is unchanged."""
    assert encode(value) == written.encode()


@given(any_decimals)
def test_every_decimal_keeps_its_value(value: Decimal) -> None:
    """A decimal with any exponent is read back equal, alone and nested, also by the standard library's json."""
    assert decode(encode(value)) == json.loads(encode([value]), parse_float=Decimal)[0] == value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        *((Decimal(text), f"{text} cannot be written") for text in ("NaN", "sNaN", "-NaN", "Infinity", "-Infinity")),
        (Decimal("1E+30000000"), "exponent"),
        (Decimal("1E-30000000"), "exponent"),
        ("\ud800", "surrogate"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("nest", [lambda value: value, lambda value: {"a": [value]}], ids=["alone", "nested"])
def test_values_that_json_does_not_have_are_refused(value: object, message: str, nest: Any) -> None:
    with pytest.raises(ValueError, match=message):
        encode(nest(value))


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), date(2020, 1, 1), b"text", {1, 2}, object(), HTTPMethod.GET, HTTPStatus.OK],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize(
    "nest",
    [
        lambda value: value,
        lambda value: [1, value],
        lambda value: (Decimal(1), value),
        lambda value: [value, []],
        lambda value: {"a": value},
        lambda value: [{"a": [Decimal(1), {"b": (value,)}]}],
    ],
    ids=["alone", "list", "tuple", "beside", "object", "deep"],
)
def test_other_types_are_refused(value: object, nest: Any) -> None:
    """A float, a subclass of str or int, or another unsupported type is refused at any position."""
    with pytest.raises(TypeError):
        encode(nest(value))


@pytest.mark.parametrize("name", [1, 1.5, None, HTTPMethod.GET])
def test_member_names_must_be_str(name: object) -> None:
    with pytest.raises(TypeError):
        encode([{"a": {name: 1}}])


def test_a_list_that_contains_itself_is_refused() -> None:
    value: list[object] = []
    value += [value, value]
    with pytest.raises(ValueError, match="nested too deeply"):
        encode(value)


# Reading


@given(values(whole | amounts), st.sampled_from([None, 1]), st.booleans())
def test_strict_json_is_read_like_the_standard_library(value: Any, indent: int | None, ascii_only: bool) -> None:
    """Bytes and str are read alike, with any layout and escapes."""
    plain = json.loads(encode(value))
    text = json.dumps(plain, indent=indent, ensure_ascii=ascii_only)
    expected = exact(json.loads(text, parse_float=Decimal))
    assert exact(decode(text)) == exact(decode(text.encode())) == exact(decode_stored(text)) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-0", 0),
        ("1E5", Decimal("1E+5")),
        ("1e-7", Decimal("1E-7")),
        ("0.00", Decimal("0.00")),
        ("-0.50", Decimal("-0.50")),
        ("9007199254740993", 9007199254740993),
        ("0.1000000000000000055511151231257827", Decimal("0.1000000000000000055511151231257827")),
        ("1E400", Decimal("1E+400")),
        ("1e-400", Decimal("1E-400")),
        ("1" * 64, int("1" * 64)),
        ("[" + "1" * 64 + "]", [int("1" * 64)]),
        ('["' + "1" * 64 + '", -' + "1" * 63 + "]", ["1" * 64, -int("1" * 63)]),
        ("0." + "1" * 62, Decimal("0." + "1" * 62)),
        ('{"a": 1, "b": 2, "a": 3}', {"a": 3, "b": 2}),
        ('"\\ud83d\\ude00"', "\U0001f600"),
        ('"' + "1" * 5000 + '"', "1" * 5000),
        ('"' + "[" * 5000 + '"', "[" * 5000),
    ],
    ids=lambda part: str(part)[:24],
)
def test_values(text: str, value: object) -> None:
    """Numbers are exact, the last of two members with one name is used, and texts have no bounds."""
    assert exact(decode(text)) == exact(value)


BRACKETS = '["]]]]\\"]]\\\\", [], {"a": {}}, '
"""The beginning of an array with brackets, quotes and backslashes in a text."""


def nest(depth: int, form: str) -> str:
    """Return nested arrays or objects."""
    return "[" * depth + "]" * depth if form == "[" else '{"a":' * depth + "1" + "}" * depth


def refusal(text: bytes | str) -> NotJson:
    """Return the error that a text raises."""
    with pytest.raises(NotJson) as refused:
        decode(text)
    return refused.value


@pytest.mark.parametrize(
    "number",
    [
        *("1E+30000000", "-1e30000000", "1E-30000000", "1e401", "1E-401", "1E" + "9" * 100),
        *("1" * 65, "-" + "1" * 64, "1" * 5000, "0." + "1" * 63),
    ],
    ids=lambda number: number[:12],
)
@pytest.mark.parametrize("form", ["%s", '{"a": [1, %s]}', '[%s, "a text of some length to go with it"]'])
def test_huge_numbers_are_refused(number: str, form: str) -> None:
    """The position of the error is the start of the number."""
    refused = refusal(form % number)
    assert "a number" in str(refused)
    assert refused.position == form.index("%s") + number.startswith("-" + "1" * 64)


@pytest.mark.parametrize("number", ["1" * 70, "1" * 5000, "1e401"], ids=lambda number: number[:12])
@pytest.mark.parametrize("before", ['{"a": "%s", "b": ', '{"a": "\\"%s\\\\", "b": '])
def test_a_number_in_a_text_is_not_the_one_refused(before: str, number: str) -> None:
    """The position of the error is the number, not the text with the same digits before it."""
    before %= number
    refused = refusal(before + number + "}")
    assert "a number" in str(refused)
    assert refused.position == len(before)


@pytest.mark.parametrize("form", ["[", "{"])
def test_a_hundred_levels_are_read(form: str) -> None:
    """Brackets in a text do not count."""
    text = f'["[[[[]]]]", {nest(99, form)}]'
    assert exact(decode(text)) == exact(json.loads(text))


@pytest.mark.parametrize("form", ["[", "{"])
@pytest.mark.parametrize("depth", [101, 102, 5000, 200_000])
def test_more_than_a_hundred_levels_are_refused(form: str, depth: int) -> None:
    """The position of the error is the first bracket beyond the limit. Brackets that are never closed count too."""
    refused = refusal(nest(depth, form))
    assert "100 deep" in str(refused)
    assert refused.position == nest(101, form).rindex(form)
    # A text of open brackets is also one that ends too early; which is reported depends on the Python version.
    assert refusal("[" * depth).position in (100, depth)


@pytest.mark.parametrize(
    "form", ['"%s"', '["%s"]', '["%s and more after it"]', '{"%s": 1}', '["%s\\u0041"]', '["%s\\ud800"]']
)
@pytest.mark.parametrize("half", ["\\ud800", "\\udc00", "\\uDBFF"])
def test_escaped_lone_surrogates_are_refused(form: str, half: str) -> None:
    assert "surrogate" in str(refusal(form % half))


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("", "the text ends too early at line 1, column 1", 0),
        ('{"a": 1', "the text ends too early at line 1, column 8", 7),
        ('{"a": 1,\n "b" 2}', "expected ':' at line 2, column 6", 14),
        ('["é",\r\n"ü" x]', "at line 2, column 5", 11),
        ('["é",\r"ü" x]', "at line 2, column 5", 10),
        ("[1,]", "trailing comma in array at line 1, column 4", 3),
        ("[1] 2", "trailing characters at line 1", 5),
        (b'["a\xffb"]', "the byte 0xff is not UTF-8 at line 1, column 4", 3),
        (b'{"\xc3\xa9\xffb": 1}', "the byte 0xff is not UTF-8 at line 1, column 4", 3),
        ("NaN", "line 1, column 1", 0),
        ("[Infinity]", "line 1, column 2", 1),
        ("['a']", "line 1, column 2", 1),
        ("[01]", "invalid number", 2),
        ("[.5]", "line 1, column 2", 1),
        ("\ufeff{}", "line 1, column 1", 0),
        ('["a", "\ud800"]', "surrogate at line 1, column 8", 7),
        (BRACKETS + nest(100, "[") + "]", "100 deep", len(BRACKETS) + 99),
    ],
)
def test_errors_have_a_message_and_a_position(text: bytes | str, message: str, position: int) -> None:
    """The position counts characters."""
    refused = refusal(text)
    assert message in str(refused)
    assert refused.position == position


@given(st.binary())
@example(b"\x00")
@example(b'"\xed\xa0\x80"')
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    """Only NotJson is raised."""
    with suppress(NotJson):
        decode(text)


@given(values(whole | amounts), st.data())
def test_mutated_json_is_read_correctly_or_refused(value: Any, data: st.DataObject) -> None:
    """A text with one piece replaced is refused, or is read like the standard library reads it."""
    text = encode(value).decode()
    cut = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    piece = data.draw(
        st.sampled_from(["", '"', "[", "]", "{", "}", ",", ":", "\\", "1", "E", ".", "-", "null", "\\ud800", "\t"])
    )
    text = text[: cut[0]] + piece + text[cut[1] :]
    try:
        got = decode(text)
    except NotJson:
        return
    assert exact(got) == exact(json.loads(text, parse_float=Decimal))


def test_stored_text_is_read_without_bounds() -> None:
    """Stored text may exceed the bounds of requests, for example with long numbers and 101 levels."""
    assert exact(decode_stored("0." + "1" * 65)) == exact(Decimal("0." + "1" * 65))
    assert exact(decode_stored("1" * 65)) == exact(int("1" * 65))
    assert decode_stored(nest(101, "[")) == json.loads(nest(101, "["))
