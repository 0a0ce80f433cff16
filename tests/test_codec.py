"""JSON with exact numbers, written and read."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mock_ajera.codec import NotJson, Raw, decode, decode_stored, encode

# How long an example takes says nothing on a busy machine.
unhurried = settings(deadline=None)

texts = st.text(st.characters(exclude_categories=["Cs"]))
whole = st.integers(-(10**63) + 1, 10**64 - 1)
amounts = st.decimals(-(10**17), 10**17, places=2) | st.decimals(-(10**15), 10**15, places=4)
any_decimals = st.builds(
    Decimal, st.tuples(st.sampled_from([0, 1]), st.tuples(st.integers(0, 9)), st.integers(-60, 60))
)
any_decimals |= st.decimals(-(10**20), 10**20, allow_nan=False, places=12)


def values(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values of every kind, nested."""
    leaves = st.none() | st.booleans() | texts | numbers
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)


def exact(value: object) -> object:
    """The value with its types and the places of its numbers, to compare."""
    if isinstance(value, dict):
        return {name: exact(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [exact(member) for member in value]
    return (type(value).__name__, str(value))


def by_value(value: object) -> object:
    """The value with its numbers alike if they are equal, and none of them alike to a flag."""
    if isinstance(value, dict):
        return {name: by_value(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [by_value(member) for member in value]
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return ("number", Decimal(value))
    return (type(value).__name__, value)


# Writing


@unhurried
@given(values(whole | amounts))
def test_what_is_written_is_read_back(value: Any) -> None:
    """Canonical values come back with their types and trailing zeros."""
    assert exact(decode(encode(value))) == exact(value)


@unhurried
@given(values(whole | any_decimals))
def test_every_decimal_keeps_its_value(value: Any) -> None:
    """Decimals of any form come back equal; json of the standard library agrees."""
    text = encode(value)
    assert by_value(decode(text)) == by_value(value)
    assert by_value(json.loads(text, parse_float=Decimal)) == by_value(value)


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("0.00", b"0.00"),
        ("0.0000", b"0.0000"),
        ("-0.00", b"-0.00"),
        ("12345678901234567.80", b"12345678901234567.80"),
        ("1E+5", b"100000"),
        ("1.5E+3", b"1500"),
        ("1E-8", b"0.00000001"),
        ("0E-10", b"0.0000000000"),
        ("0E+3", b"0"),
    ],
)
def test_decimals_are_plain_numbers(sent: str, written: bytes) -> None:
    """A Decimal keeps its zeros and never has an exponent."""
    assert encode(Decimal(sent)) == written


def test_decimals_inside_are_plain_too() -> None:
    """A Decimal with an exponent is found at any depth, and the values around it stay."""
    value = {"a": [{"b": (Decimal("1E+2"), Decimal("1.50"), 7, True, None, "1E+2")}]}
    assert encode(value) == b'{"a":[{"b":[100,1.50,7,true,null,"1E+2"]}]}'


def test_marks_of_exponents_in_texts_change_nothing() -> None:
    """A text that looks like an exponent or NaN beside an amount is written as it is."""
    assert encode(["LE-03", "NaN", "E+", "Infinity", Decimal("2.50")]) == b'["LE-03","NaN","E+","Infinity",2.50]'


def test_written_compactly_in_utf8() -> None:
    """No spaces, no escapes that need not be."""
    assert encode({"Name": "Zoë", "Keys": [1, 2]}) == '{"Name":"Zoë","Keys":[1,2]}'.encode()


def test_a_tuple_is_a_list() -> None:
    """A tuple is written as an array."""
    assert encode((1, (2,), ())) == b"[1,[2],[]]"


def test_raw_is_put_in_as_it_is() -> None:
    """Ready JSON is not read again."""
    assert encode({"Projects": [Raw(b'{"A": 1E+5}'), Raw(b"2"), Decimal("1E+1")]}) == b'{"Projects":[{"A": 1E+5},2,10]}'


@pytest.mark.parametrize("text", ["NaN", "sNaN", "-NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("nested", [False, True])
def test_what_is_no_number_is_not_written(text: str, nested: bool) -> None:
    """NaN and Infinity are refused."""
    with pytest.raises(ValueError, match=f"{text} cannot be written"):
        encode({"a": [Decimal(text)]} if nested else Decimal(text))


@pytest.mark.parametrize("text", ["1E+30000000", "1E-30000000"])
def test_an_absurd_exponent_is_not_written_out(text: str) -> None:
    """A Decimal that would fill megabytes is refused."""
    with pytest.raises(ValueError, match="exponent"):
        encode(Decimal(text))


class Colour(StrEnum):
    """A text that is not just a text."""

    RED = "red"


class Number(IntEnum):
    """A number that is not just a number."""

    ONE = 1


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), date(2020, 1, 1), b"text", {1, 2}, object(), Colour.RED, Number.ONE],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("nest", ["alone", "list", "tuple", "beside", "object", "deep"])
def test_other_types_are_not_written(value: object, nest: str) -> None:
    """A float or another type is refused wherever it stands."""
    nested = {
        "alone": value,
        "list": [1, value],
        "tuple": (Decimal(1), value),
        "beside": [value, []],
        "object": {"a": value},
        "deep": [{"a": [Decimal(1), {"b": (value,)}]}],
    }
    with pytest.raises(TypeError):
        encode(nested[nest])


@pytest.mark.parametrize("name", [1, 1.5, None, Colour.RED])
def test_member_names_are_texts(name: object) -> None:
    """A member name of another type is refused, not turned into a text."""
    with pytest.raises(TypeError):
        encode([{"a": {name: 1}}])


def test_a_lone_surrogate_is_not_written() -> None:
    """What UTF-8 cannot hold is refused."""
    with pytest.raises(ValueError, match="surrogate"):
        encode(["\ud800"])


def test_nesting_without_end_is_not_written() -> None:
    """A list inside itself is refused."""
    value: list[object] = []
    value += [value, value]
    with pytest.raises(ValueError, match="nested too deeply"):
        encode(value)


# Reading


@unhurried
@given(values(whole | amounts), st.sampled_from([None, 1]), st.booleans())
def test_strict_json_is_read_as_the_standard_library_reads_it(value: Any, indent: int | None, ascii_only: bool) -> None:
    """Any layout and escapes, as bytes and as a text."""
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
    """Numbers are exact, of two members of one name the last counts, and what is much inside a text is not too much."""
    assert exact(decode(text)) == exact(value)


def refusal(text: bytes | str) -> NotJson:
    """How a text is refused."""
    with pytest.raises(NotJson) as refused:
        decode(text)
    return refused.value


@pytest.mark.parametrize(
    "number",
    [
        "1E+30000000",
        "-1e30000000",
        "1E-30000000",
        "1e401",
        "1E-401",
        "1" * 65,
        "-" + "1" * 64,
        "1" * 5000,
        "0." + "1" * 63,
        "1E" + "9" * 100,
    ],
    ids=lambda number: number[:12],
)
@pytest.mark.parametrize("form", ["%s", '{"a": [1, %s]}', '[%s, "a text of some length to go with it"]'])
def test_absurd_numbers_are_refused(number: str, form: str) -> None:
    """A number that is too long or has too large an exponent is refused, where it begins."""
    refused = refusal(form % number)
    assert "a number" in str(refused)
    assert refused.position == form.index("%s") + number.startswith("-" + "1" * 64)


def test_a_long_number_beside_a_long_text_is_refused() -> None:
    """Digits in a text do not hide a number."""
    ones, twos = "1" * 70, "2" * 70
    assert "a number" in str(refusal(f'{{"a": "{ones}", "b": {twos}}}'))


def nest(depth: int, form: str) -> str:
    """Arrays or objects inside one another."""
    return "[" * depth + "]" * depth if form == "[" else '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize("form", ["[", "{"])
def test_a_hundred_levels_are_read(form: str) -> None:
    """The last level that is read, with brackets in a text that do not count."""
    text = f'["[[[[]]]]", {nest(99, form)}]'
    assert exact(decode(text)) == exact(json.loads(text))


@pytest.mark.parametrize("form", ["[", "{"])
@pytest.mark.parametrize("depth", [101, 102, 5000, 200_000])
def test_more_than_a_hundred_levels_are_refused(form: str, depth: int) -> None:
    """Brackets beyond that are refused where they begin, be it one or thousands."""
    refused = refusal(nest(depth, form))
    assert "100 deep" in str(refused)
    assert refused.position == nest(101, form).rindex(form)


@pytest.mark.parametrize("depth", [5000, 200_000])
def test_thousands_of_brackets_that_are_not_closed_are_refused(depth: int) -> None:
    """For their nesting or for the missing end: which comes first depends on how deep this Python's own stack is."""
    assert refusal("[" * depth).position in (100, depth)


def test_brackets_in_texts_are_no_levels() -> None:
    """Where the nesting goes too far is found past texts with brackets, quotes and backslashes in them."""
    before = '["]]]]\\"]]\\\\", [], {"a": {}}, '
    assert refusal(before + nest(100, "[") + "]").position == len(before) + 99


@pytest.mark.parametrize(
    "form", ['"%s"', '["%s"]', '["%s and more after it"]', '{"%s": 1}', '["%s\\u0041"]', '["%s\\ud800"]']
)
@pytest.mark.parametrize("half", ["\\ud800", "\\udc00", "\\uDBFF"])
def test_lone_surrogates_are_refused(form: str, half: str) -> None:
    """Half a surrogate pair is no text."""
    assert "surrogate" in str(refusal(form % half))


def test_a_lone_surrogate_in_a_python_text_is_refused() -> None:
    """Neither is one that is not escaped."""
    refused = refusal('["a", "\ud800"]')
    assert refused.position == 7
    assert "line 1, column 8" in str(refused)


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
    ],
)
def test_what_is_wrong_and_where(text: bytes | str, message: str, position: int) -> None:
    """A refusal says what and where, counted in characters."""
    refused = refusal(text)
    assert message in str(refused)
    assert refused.position == position


@unhurried
@given(st.binary())
@example(b"\x00")
@example(b'"\xed\xa0\x80"')
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    """Nothing but NotJson is raised."""
    with suppress(NotJson):
        decode(text)


@unhurried
@given(values(whole | amounts), st.data())
def test_mutated_json_is_read_rightly_or_refused(value: Any, data: st.DataObject) -> None:
    """A text with a piece cut out and another put in is refused, or is JSON for the standard library too."""
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
    """What the server wrote itself may hold more than a request may: here long numbers and 101 levels."""
    assert exact(decode_stored("0." + "1" * 65)) == exact(Decimal("0." + "1" * 65))
    assert exact(decode_stored("1" * 65)) == exact(int("1" * 65))
    assert decode_stored(nest(101, "[")) == json.loads(nest(101, "["))
