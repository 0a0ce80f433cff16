"""Members with plain values: texts, choices, flags, numbers, days."""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import inf
from typing import Any, ClassVar

from mock_ajera.api.context import Examples
from mock_ajera.api.member import FileContext, Member
from mock_ajera.api.reasons import fault
from mock_ajera.tenants.trace import relies_on
from mock_ajera.tenants.weeks import week_end

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_RELATIVE_DAY = re.compile(r"@today(?P<days>[+-]\d{1,5})?")
_DAY_OF_WEEK = re.compile(r"@week(?P<weeks>[+-]\d{1,4})? D(?P<day>[1-7])")

FIRST_DAY, LAST_DAY = "1900-01-01", "2079-06-06"
"""The range of SQL Server's smalldatetime. The page gives the year of the last day as 2019."""


class Text(Member):
    """Text of at most ``max`` characters, counted in UTF-16 units. Null means the empty string.

    ``outside``: the claim that a value outside the limits is refused, here and in the other classes.
    """

    null = ""
    as_is = True
    plain = str

    def __init__(
        self,
        *,
        max: int | None = None,  # noqa: A002 - the page's own word
        outside: str = "write.max-length-refused",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.max, self.outside = max, outside
        self.longest = inf if max is None else max

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise fault("type", f"text is expected, found {json_type(value)}")
        check_length(value, self.max, self.outside)
        return value

    @property
    def type_name(self) -> str:
        return "text" if self.max is None else f"text of at most {self.max} characters"

    def example(self, firm: Examples) -> Any:
        return f"Example {self.wire}"


class Choice(Member):
    """One of a list of words, case-insensitive. The listed spelling is stored.

    ``outside``: claim that other words are refused. ``cased``: claim that other cases are accepted. ``listed``: claim
    that these are the words.
    """

    nullable = False
    as_is = True

    def __init__(
        self,
        *words: str,
        outside: str = "write.choice-unknown-refused",
        cased: str = "write.choice-case-insensitive",
        listed: str = "",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.words, self.outside, self.cased, self.listed = words, outside, cased, listed
        self._listed = {word.lower(): word for word in words}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise fault("type", f"text is expected, found {json_type(value)}")
        word = self._listed.get(value.lower())
        if word is None:
            if self.listed:
                relies_on(self.listed)
            raise fault("enum", f"{shortened(value)} is not one of {', '.join(self.words)}", self.outside)
        if word != value:
            relies_on(self.cased)
        return word

    @property
    def type_name(self) -> str:
        return f"one of {', '.join(self.words)}, in any case"

    def example(self, firm: Examples) -> Any:
        return self.words[0] if self.default is None else self.default


class Flag(Member):
    """True or false. The words "true" and "false" are also accepted; ``word`` is the claim that they are."""

    nullable = False
    as_is = True
    plain = bool
    type_name = "true or false"

    def __init__(self, *, default: bool = False, word: str = "value.flag-as-word", **options: Any) -> None:
        super().__init__(default=default, **options)
        self.word = word

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        return flag(value, self.word)


class Whole(Member):
    """A whole number. ``typed``: claim that another value is refused."""

    as_is = True

    def __init__(
        self,
        *,
        at_least: int | None = None,
        at_most: int | None = None,
        outside: str = "",
        typed: str = "",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.at_least, self.at_most, self.outside, self.typed = at_least, at_most, outside, typed
        self.nullable = self.required_on is None

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        number = whole(value, self.typed)
        if (self.at_least is not None and number < self.at_least) or (
            self.at_most is not None and number > self.at_most
        ):
            raise fault("range", f"{number} is {_bounds(self.at_least, self.at_most)}", self.outside)
        return number

    @property
    def type_name(self) -> str:
        if self.at_least is not None and self.at_most is not None:
            return f"whole number from {self.at_least} to {self.at_most}"
        return "whole number" if self.at_least is None else f"whole number, at least {self.at_least}"

    def example(self, firm: Examples) -> Any:
        return self.at_least or 1


class Amount(Member):
    """A decimal of 19 digits, with ``places`` digits after the point. Excess digits are rounded half up."""

    nullable = False
    places: ClassVar[int]

    def __init__(self, *, default: int = 0, **options: Any) -> None:
        self._unit = Decimal(1).scaleb(-self.places)
        self._limit = Decimal(10) ** (19 - self.places)
        super().__init__(default=Decimal(default).quantize(self._unit), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise fault("type", f"a number is expected, found {json_type(value)}")
        number = Decimal(value)
        if number < 0:
            relies_on("value.any-sign")
        if abs(number) < self._limit:
            exact, number = number, number.quantize(self._unit, ROUND_HALF_UP)
            if number != exact:
                relies_on("value.excess-digits-rounded")
        if abs(number) >= self._limit:
            raise fault("precision", f"more than 19 digits with {self.places} decimals", "write.decimal-range")
        return number or abs(number)

    @property
    def type_name(self) -> str:
        return f"number with {self.places} decimals"

    def example(self, firm: Examples) -> Any:
        return Decimal(100).quantize(self._unit)

    def seeded(self, value: Any, context: FileContext) -> Any:
        if value is None:
            return self.null
        number = value if type(value) is Decimal else Decimal(value)
        return number.quantize(self._unit, ROUND_HALF_UP)

    def to_file(self, value: Any) -> Any:
        return value if value is None else self.deserialize(value)


class Money(Amount):
    """decimal(19,2): money or hours."""

    places = 2


class Rate(Amount):
    """decimal(19,4): a rate or a percentage."""

    places = 4


class Day(Member):
    """A date without a time, as YYYY-MM-DD. A time after the date is dropped.

    ``bounds``: claims that a date before the first day and after the last day is refused.
    """

    type_name = "date: 2026-11-25"

    def __init__(self, *, bounds: tuple[str, str] = ("value.date-bounds",) * 2, **options: Any) -> None:
        super().__init__(**options)
        self.bounds = bounds

    def example(self, firm: Examples) -> Any:
        return "2026-01-05"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise fault("type", f"a date is expected, found {json_type(value)}")
        text, separator, _ = value.replace(" ", "T").partition("T")
        try:
            if separator:
                moment = datetime.datetime.fromisoformat(value)
                relies_on("value.day-time-cut")
                if moment.tzinfo is not None:
                    relies_on("value.day-as-written")
            day = datetime.date.fromisoformat(text if _DAY.fullmatch(text) else "").isoformat()
        except ValueError:
            raise fault("date", f"{shortened(value)} is not a date (YYYY-MM-DD)", "value.bad-day-refused") from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise fault("date-bounds", f"{day} is not between {FIRST_DAY} and {LAST_DAY}", self.bounds[day > LAST_DAY])
        return day

    def from_file(self, value: Any, context: FileContext) -> Any:
        if not isinstance(value, str) or not value.startswith("@"):
            return value
        return _day_in_file(value, context.today, context.week_start)

    def seeded(self, value: Any, context: FileContext) -> Any:
        return self.from_file(value, context)


@lru_cache(maxsize=10_000)
def _day_in_file(text: str, today: datetime.date, week_start: str) -> str:
    """Return the date of a relative day in a file, or of a day of a week.

    ``@week-3 D1`` is the first day of the week three weeks ago.
    """
    if not text.startswith("@week"):
        return str(absolute_day(text, today))
    found = _DAY_OF_WEEK.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a day of a week such as @week-3 D1")
    days = 7 * int(found["weeks"] or 0) + int(found["day"]) - 7
    return (week_end(today, week_start) + datetime.timedelta(days=days)).isoformat()


def absolute_day(value: Any, today: datetime.date) -> Any:
    """Return the date of a relative day in a file ("@today-30"); any other value is returned unchanged.

    Raises ``ValueError`` for a malformed relative day.
    """
    return _relative_day(value, today) if isinstance(value, str) and value.startswith("@today") else value


@lru_cache(maxsize=10_000)
def _relative_day(text: str, today: datetime.date) -> str:
    found = _RELATIVE_DAY.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a day such as @today-30")
    return (today + datetime.timedelta(days=int(found["days"] or 0))).isoformat()


def _bounds(at_least: int | None, at_most: int | None) -> str:
    if at_least is not None and at_most is not None:
        return f"not between {at_least} and {at_most}"
    return f"less than {at_least}" if at_least is not None else f"more than {at_most}"


def check_length(value: Any, most: int | None, claim: str) -> None:
    """Raise ``ValidationError`` for a text of more UTF-16 units than ``most``."""
    if most is None or not isinstance(value, str):
        return
    length = len(value) if value.isascii() else len(value.encode("utf-16-le", "surrogatepass")) // 2
    if length != len(value):
        relies_on("value.length-in-utf16")
    if length > most:
        raise fault("max-length", f"{length} characters, at most {most}", claim)


def flag(value: Any, word: str = "value.flag-as-word") -> bool:
    """Return the value of a flag, which may be the word "true" or "false". Raises ``ValidationError``.

    ``word``: the claim that the words are accepted.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        relies_on(word)
        return value.lower() == "true"
    raise fault("type", f"true or false is expected, found {json_type(value)}")


def whole(value: Any, typed: str = "") -> int:
    """Return a 32-bit whole number, the range of Ajera's keys and counts. Raises ``ValidationError``.

    ``typed``: claim that another value is refused, if the schema's own does not say it.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise fault("type", f"a whole number is expected, found {json_type(value)}", typed)
    if not -(2**31) <= value < 2**31:
        raise fault("range", "a 32-bit whole number is expected", typed)
    return value


def key(value: Any) -> int:
    """Return the key of a record. Raises ``ValidationError``."""
    return whole(value, "reading.key-is-whole-number")


def json_type(value: Any) -> str:
    """Return the JSON type of a value in words."""
    names: dict[type, str] = {str: "text", bool: "true or false", int: "a number", Decimal: "a decimal number"}
    names |= {list: "a list", dict: "an object", type(None): "null"}
    return names.get(type(value), type(value).__name__)


def shortened(text: str) -> str:
    """Return a text in quotes, cut off at 40 characters."""
    return repr(text if len(text) <= 40 else text[:37] + "...")
