"""Stamps: rounding, printing and parsing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mock_ajera.tenants import stamps, zones
from mock_ajera.tenants.zones import Zone

NEW_YORK = Zone("America/New_York")
PRINTED = "2017-01-08 18:38:53.367 GMT-05:00 (Eastern Standard Time)"
INSTANT = 1_483_918_733_367
NEWFOUNDLAND_BACK = 1_289_097_060_000
"""2010-11-07 00:01 in St. John's, when clocks went back an hour: not at a quarter-hour."""
NEWFOUNDLAND_1930 = -1_262_301_360_000
"""1930-01-01 00:44 UTC, when the offset was 3:30:52: not a multiple of 15 minutes."""

FIRST = -2_208_988_800_000 + 86_400_000
LAST = 3_471_292_800_000 - 86_400_000
"""One day inside 1900 to 2079, so that the years are valid in every zone."""
INSTANTS = st.integers(FIRST, LAST) | st.integers(0, LAST)
STAMPS = INSTANTS.map(stamps.sql_round)
ZONES = st.sampled_from(sorted(zones._NAMED)).map(Zone)


class TestRounding:
    """SQL Server rounds to 1/300 s (claim value.stamp-thousandths)."""

    @pytest.mark.parametrize(
        ("milliseconds", "rounded"),
        [(0, 0), (1, 0), (2, 3), (3, 3), (4, 3), (5, 7), (6, 7), (7, 7), (8, 7), (9, 10), (998, 997), (999, 1000)],
    )
    @pytest.mark.parametrize("second", [0, INSTANT // 1000 * 1000, -86_400_000_000])
    def test_the_last_digit_becomes_0_3_or_7(self, second: int, milliseconds: int, rounded: int) -> None:
        """The last digit is as in SQL Server's documentation, before 1970 too."""
        assert stamps.sql_round(second + milliseconds) == second + rounded

    def test_exact_fractions_are_rounded_once(self) -> None:
        """1.6 ms is nearer to 0 ms than to 3 1/3 ms, although 2 ms is not."""
        assert stamps.sql_round(Fraction(16, 10)) == 0
        assert stamps.sql_round(Fraction(17, 10)) == 3

    @given(INSTANTS)
    def test_rounding_is_idempotent_and_moves_at_most_two_milliseconds(self, instant: int) -> None:
        stamp = stamps.sql_round(instant)
        assert abs(stamp - instant) <= 2
        assert stamp % 10 in (0, 3, 7)
        assert stamps.sql_round(stamp) == stamp


class TestNextStamp:
    def test_a_new_stamp_is_the_rounded_time(self) -> None:
        assert stamps.next_stamp(INSTANT + 1, None) == INSTANT
        assert stamps.next_stamp(INSTANT + 1, INSTANT - 60_000) == INSTANT
        assert stamps.next_stamp(INSTANT + 1, INSTANT + 60_000) == INSTANT

    @pytest.mark.parametrize(("ending", "following"), [(0, 3), (3, 7), (7, 10)])
    def test_a_second_write_at_the_same_time_gets_the_next_tick(self, ending: int, following: int) -> None:
        at = INSTANT - 7
        assert stamps.next_stamp(at + ending, at + ending) == at + following

    @given(INSTANTS, STAMPS | st.none())
    def test_a_new_stamp_is_rounded_and_differs_from_the_previous_one(self, now: int, previous: int | None) -> None:
        stamp = stamps.next_stamp(now, previous)
        assert stamp == stamps.sql_round(stamp)
        assert stamp != previous


class TestRender:
    """Printed stamps (claim value.stamp-format)."""

    @pytest.mark.parametrize(
        ("stamp", "zone", "text"),
        [
            (INSTANT, "America/New_York", PRINTED),
            (1_695_823_069_607, "America/New_York", "2023-09-27 09:57:49.607 GMT-04:00 (Eastern Daylight Time)"),
            (INSTANT, "UTC", "2017-01-08 23:38:53.367 GMT+00:00 (Coordinated Universal Time)"),
            (INSTANT, "America/St_Johns", "2017-01-08 20:08:53.367 GMT-03:30 (Newfoundland Standard Time)"),
            (INSTANT, "Pacific/Chatham", "2017-01-09 13:23:53.367 GMT+13:45 (Chatham Islands Daylight Time)"),
            (1_012_521_600_000, "UTC", "2002-02-01 00:00:00.000 GMT+00:00 (Coordinated Universal Time)"),
            (-3, "UTC", "1969-12-31 23:59:59.997 GMT+00:00 (Coordinated Universal Time)"),
        ],
    )
    def test_a_stamp_is_printed_in_the_zone(self, stamp: int, zone: str, text: str) -> None:
        assert stamps.render(stamp, Zone(zone)) == text

    @pytest.mark.parametrize(
        ("stamp", "text"),
        [
            (1_678_604_399_997, "2023-03-12 01:59:59.997 GMT-05:00 (Eastern Standard Time)"),
            (1_678_604_400_000, "2023-03-12 03:00:00.000 GMT-04:00 (Eastern Daylight Time)"),
            (1_699_160_400_000, "2023-11-05 01:00:00.000 GMT-04:00 (Eastern Daylight Time)"),
            (1_699_164_000_000, "2023-11-05 01:00:00.000 GMT-05:00 (Eastern Standard Time)"),
        ],
    )
    def test_both_ends_of_daylight_saving(self, stamp: int, text: str) -> None:
        """An hour is skipped in spring; the repeated hour in fall has two offsets."""
        assert stamps.render(stamp, NEW_YORK) == text
        assert stamps.parse(text) == stamp

    @given(STAMPS, ZONES)
    @example(-2_208_902_400_000, Zone("Europe/Amsterdam"))
    @example(-1_672_524_000_000, Zone("Europe/Dublin"))
    def test_a_printed_stamp_can_be_parsed(self, stamp: int, zone: Zone) -> None:
        assert stamps.parse(stamps.render(stamp, zone)) == stamp

    @given(STAMPS, ZONES)
    @example(NEWFOUNDLAND_BACK - 3, Zone("America/St_Johns"))
    @example(NEWFOUNDLAND_BACK, Zone("America/St_Johns"))
    @example(NEWFOUNDLAND_1930, Zone("America/St_Johns"))
    def test_a_printed_stamp_is_the_local_time(self, stamp: int, zone: Zone) -> None:
        """The cached rendering equals a plain one."""
        minutes, name = zone.offset_and_name(stamp)
        wall = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=stamp, minutes=minutes)
        text = stamps.render(stamp, zone)
        assert text[:23] == wall.isoformat(" ", "milliseconds")[:23]
        assert text.endswith(f" ({name})")


class TestParse:
    @pytest.mark.parametrize(
        "text",
        [
            PRINTED,
            "2017-01-08 18:38:53.367 GMT-05:00",
            "2017-01-08 18:38:53.367 GMT-0500",
            "2017-01-08 18:38:53.367 GMT-0500 (Eastern Standard Time)",
            "2017-01-08 17:38:53.367 GMT-06:00 (Central Standard Time (Mexico))",
            "2017-01-08 23:38:53.367 GMT+00:00",
            "2017-01-08 23:38:53.367 GMT-00:00",
            "2017-01-09 13:23:53.367 GMT+13:45",
            "2017-01-08 18:38:53.367 GMT-05:00 (any name at all)",
        ],
    )
    def test_accepted_forms(self, text: str) -> None:
        assert stamps.parse(text) == INSTANT

    def test_parsing_does_not_round(self) -> None:
        assert stamps.parse(PRINTED.replace(".367", ".368")) == INSTANT + 1

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2017-01-08",
            "2017-01-08 18:38:53 GMT-05:00",
            "2017-01-08 18:38:53.36 GMT-05:00",
            "2017-01-08 18:38:53.3670 GMT-05:00",
            "2017-01-08 18:38:53.367",
            "2017-01-08 18:38:53.367 GMT",
            "2017-01-08 18:38:53.367 GMT-5",
            "2017-01-08 18:38:53.367 GMT-5:00",
            "2017-01-08 18:38:53.367 -05:00",
            "2017-01-08 18:38:53.367 UTC-05:00",
            "2017-01-08 18:38:53.367GMT-05:00",
            "2017-01-08T18:38:53.367 GMT-05:00",
            "2017-01-08T23:38:53.367Z",
            "2017-01-08  18:38:53.367 GMT-05:00",
            " 2017-01-08 18:38:53.367 GMT-05:00",
            "2017-01-08 18:38:53.367 GMT-05:00 ",
            "2017-01-08 18:38:53.367 GMT-05:00\n",
            "2017-01-08 18:38:53.367 GMT-05:00 Eastern Standard Time",
            "2017-01-08 18:38:53.367 GMT-05:00 (Eastern Standard Time",
            "2017-01-08 18:38:53.367 GMT-05:00 ()",
            "2017-01-08 18:38:53,367 GMT-05:00",
            "1/8/2017 6:38:53 PM",
            "\uff12017-01-08 18:38:53.367 GMT-05:00",
            "2017-01-08 18:38:53.367 GMT\u221205:00",
            "x" * 100_000,
        ],
    )
    def test_other_forms_are_refused(self, text: str) -> None:
        """The message shows the valid form and truncates a long text."""
        with pytest.raises(ValueError, match=r"like 2017-12-06 14:46:06\.873 GMT-08:00") as refused:
            stamps.parse(text)
        assert len(str(refused.value)) < 200

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            *((f"2017-{day} 18:38:53.367 GMT-05:00", "does not exist") for day in ("02-29", "13-08", "01-00")),
            *((f"2017-01-08 {time} GMT-05:00", "does not exist") for time in ("24:00:00.000", "18:60:53.367")),
            ("2017-01-08 18:38:60.367 GMT-05:00", "does not exist"),
            *((f"2017-01-08 18:38:53.367 GMT{zone}", "offset") for zone in ("-14:01", "+15:00", "-05:60", "+99:99")),
            *((f"{year}-01-08 18:38:53.367 GMT-05:00", "1900 to 2079") for year in ("0000", "0001", "1899", "2080")),
            ("9999-01-08 18:38:53.367 GMT-05:00", "1900 to 2079"),
        ],
    )
    def test_dates_times_offsets_and_years_that_do_not_exist_are_refused(self, text: str, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            stamps.parse(text)

    @pytest.mark.parametrize("text", ["1900-01-01 00:00:00.000 GMT+14:00", "2079-12-31 23:59:59.997 GMT-14:00"])
    def test_the_first_and_last_year_are_accepted(self, text: str) -> None:
        stamps.parse(text)

    @given(st.text())
    def test_any_other_text_raises_value_error(self, text: str) -> None:
        with pytest.raises(ValueError, match="2017-12-06"):
            stamps.parse(text)


class TestFilterDates:
    @pytest.mark.parametrize("upper", [False, True])
    @pytest.mark.parametrize("covers_day", [False, True])
    def test_a_stamp_is_that_instant(self, upper: bool, covers_day: bool) -> None:
        """A stamp is used without rounding as either bound (claims filter.long-date, filter.stamp-as-date)."""
        text = "2015-03-11 16:22:54.229 GMT-0700"
        bound = stamps.parse_filter(text, NEW_YORK, upper=upper, covers_day=covers_day)
        assert bound == 1_426_116_174_229

    @pytest.mark.parametrize(("upper", "covers_day"), [(False, False), (False, True), (True, False)])
    def test_a_date_is_local_midnight(self, upper: bool, covers_day: bool) -> None:
        """A date means midnight in the tenant's zone (claim filter.bare-date-is-local-midnight)."""
        bound = stamps.parse_filter("2017-01-08", NEW_YORK, upper=upper, covers_day=covers_day)
        assert stamps.render(bound, NEW_YORK).startswith("2017-01-08 00:00:00.000 GMT-05:00")

    @pytest.mark.parametrize(
        ("day", "last"),
        [
            ("2017-01-08", "2017-01-08 23:59:59.997 GMT-05:00"),
            ("2023-03-12", "2023-03-12 23:59:59.997 GMT-04:00"),
            ("2023-11-05", "2023-11-05 23:59:59.997 GMT-05:00"),
            ("2079-12-31", "2079-12-31 23:59:59.997 GMT-05:00"),
        ],
    )
    def test_an_upper_date_includes_its_day(self, day: str, last: str) -> None:
        """An upper date includes the last tick, even if clocks change (claim filter.bare-date-upper-bound)."""
        assert stamps.parse_filter(day, NEW_YORK, upper=True, covers_day=True) == stamps.parse(last)

    @given(ZONES, st.dates(date(1900, 1, 2), date(2079, 12, 30)))
    def test_the_bounds_of_a_day_enclose_its_stamps(self, zone: Zone, day: date) -> None:
        """The first and last tick belong to the day, and the next tick does not."""
        first = stamps.sql_round(stamps.parse_filter(str(day), zone, upper=False, covers_day=True) + 1)
        last = stamps.parse_filter(str(day), zone, upper=True, covers_day=True)
        assert zone.local_date(first) == zone.local_date(last) == str(day)
        assert last == stamps.sql_round(last)
        assert zone.local_date(stamps.next_stamp(last, last)) > str(day)

    @pytest.mark.parametrize("text", ["2017-02-29", "2017-00-01", "2017-01-32"])
    def test_a_date_that_does_not_exist_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="does not exist"):
            stamps.parse_filter(text, NEW_YORK, upper=False, covers_day=False)
        with pytest.raises(ValueError, match="does not exist"):
            stamps.check_filter(text)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            *((text, "1900 to 2079") for text in ("1899-12-31", "2080-01-01")),
            *((text, "like 2017-12-06") for text in ("", "20170108", "2017-1-8", "01/08/2017")),
            *((text, "like 2017-12-06") for text in ("2017-01-08 ", "2017-01-08T")),
        ],
    )
    def test_other_forms_and_ages_are_refused(self, text: str, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            stamps.check_filter(text)

    @pytest.mark.parametrize("text", ["2015-03-11", "2015-03-11 16:22:54.229 GMT-0700", PRINTED])
    def test_valid_forms_pass_the_check(self, text: str) -> None:
        stamps.check_filter(text)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-08T01:59", "2026-03-08T06:59:00+00:00"),
        ("2026-03-08T03:00:00", "2026-03-08T07:00:00+00:00"),
        ("2026-11-01T09:00:00.250", "2026-11-01T14:00:00.250000+00:00"),
        ("2026-11-01T09:00:00Z", "2026-11-01T09:00:00+00:00"),
        ("2026-11-01T09:00:00-05:00", "2026-11-01T14:00:00+00:00"),
    ],
)
def test_iso_times_in_filters(text, instant):
    """A time without an offset is in the tenant's zone, also when clocks change (claim filter.iso-date)."""
    stamps.check_filter(text)
    bound = stamps.parse_filter(text, Zone("America/New_York"), upper=False, covers_day=True)
    assert bound == datetime.fromisoformat(instant).timestamp() * 1000


@pytest.mark.parametrize(
    "text", ["2026-13-01T00:00", "2026-01-01T25:00", "2026-01-01T00:00+25:00", "1026-01-01T00:00", "2026-01-01T"]
)
def test_invalid_iso_times_are_refused(text):
    with pytest.raises(ValueError, match=r"\d"):
        stamps.check_filter(text)
