"""The clock of a tenant."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from mock_ajera.tenants.clock import Clock

NOON = datetime(2023, 9, 27, 12, tzinfo=UTC)
NOON_MS = 1_695_816_000_000
DAY = timedelta(days=1)


class Real:
    """A real time that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000_000_123

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def real() -> Real:
    """Return a real time that moves only when a test moves it."""
    return Real()


@pytest.fixture
def clock(real: Real) -> Clock:
    return Clock(real=real)


def test_a_new_clock_shows_real_time() -> None:
    before = time.time_ns() // 1_000_000
    now = Clock().now()
    assert before <= now <= time.time_ns() // 1_000_000


def test_the_time_is_not_rounded(clock: Clock) -> None:
    assert clock.now() == 1_000_000_000_123


def test_now_utc_is_the_same_time_as_a_datetime(clock: Clock) -> None:
    assert clock.now_utc() == datetime(2001, 9, 9, 1, 46, 40, 123_000, tzinfo=UTC)
    assert clock.now_utc().tzinfo is UTC


STEPS: dict[str, tuple[list[Callable[[Clock], None]], int, bool]] = {
    "frozen": ([lambda clock: clock.freeze(NOON)], 0, True),
    "set": ([lambda clock: clock.set(NOON)], 5_000, False),
    "frozen and set": ([lambda clock: clock.freeze(NOON + DAY), lambda clock: clock.set(NOON)], 5_000, False),
    "set back": ([lambda clock: clock.set(NOON + DAY), lambda clock: clock.set(NOON)], 5_000, False),
    "set and advanced": (
        [
            lambda clock: clock.set(NOON),
            lambda clock: clock.advance(timedelta(minutes=20)),
            lambda clock: clock.advance(timedelta(minutes=-5)),
        ],
        905_000,
        False,
    ),
    "frozen and advanced": (
        [lambda clock: clock.freeze(NOON), lambda clock: clock.advance(timedelta(milliseconds=3))],
        3,
        True,
    ),
}


@pytest.mark.parametrize(("steps", "after_noon", "frozen"), STEPS.values(), ids=STEPS)
def test_a_frozen_clock_ignores_real_time_and_others_run_on(
    clock: Clock, real: Real, steps: list[Callable[[Clock], None]], after_noon: int, frozen: bool
) -> None:
    for step in steps:
        step(clock)
    real.now += 5_000
    assert (clock.now(), clock.frozen) == (NOON_MS + after_noon, frozen)


def test_freeze_without_a_time_uses_the_time_of_the_clock(clock: Clock, real: Real) -> None:
    clock.set(NOON)
    real.now += 5_000
    clock.freeze()
    real.now += 5_000
    assert clock.now() == NOON_MS + 5_000


def test_a_reset_clock_shows_real_time(clock: Clock, real: Real) -> None:
    clock.set(NOON)
    clock.freeze()
    clock.reset()
    assert clock.now() == real.now


def test_the_time_zone_of_a_time_is_respected(clock: Clock) -> None:
    clock.freeze(datetime(2023, 9, 27, 8, tzinfo=timezone(timedelta(hours=-4))))
    assert clock.now() == NOON_MS


@pytest.mark.parametrize("text", ["2023-09-27T12:00:00Z", "2023-09-27T08:00:00-04:00", "2023-09-27 12:00+00:00"])
@pytest.mark.parametrize("name", ["freeze", "set"])
def test_a_time_may_be_an_iso_string(clock: Clock, real: Real, name: str, text: str) -> None:
    getattr(clock, name)(text)
    assert clock.now() == NOON_MS


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        (lambda clock: clock.set("tomorrow"), ValueError, "such as 2026-03-02T09:00:00-05:00, not 'tomorrow'"),
        (lambda clock: clock.set("2023-09-27"), ValueError, "with a time zone"),
        (lambda clock: clock.freeze(1_695_816_000), TypeError, "a datetime with a time zone"),
        (lambda clock: clock.advance(60), TypeError, r"such as timedelta\(minutes=60\), not 60"),
        # A time without a zone would depend on the machine. Stamps range from 1900 to 2079.
        (lambda clock: clock.set(NOON.replace(tzinfo=None)), ValueError, "zone"),
        (lambda clock: clock.freeze(NOON.replace(tzinfo=None)), ValueError, "zone"),
        (lambda clock: clock.set(NOON.replace(year=1899)), ValueError, "1900 to 2079"),
        (lambda clock: clock.set(NOON.replace(year=2080)), ValueError, "1900 to 2079"),
        (lambda clock: clock.freeze(NOON.replace(year=1899)), ValueError, "1900 to 2079"),
        (lambda clock: clock.freeze(NOON.replace(year=2080)), ValueError, "1900 to 2079"),
        (lambda clock: clock.advance(36_500 * DAY), ValueError, "1900 to 2079"),
    ],
)
def test_an_invalid_time_is_refused_and_changes_nothing(
    clock: Clock, step: Callable[[Clock], None], error: type[Exception], said: str
) -> None:
    before = clock.to_text()
    with pytest.raises(error, match=said):
        step(clock)
    assert clock.to_text() == before


def test_a_setting_can_be_stored_and_loaded(clock: Clock, real: Real) -> None:
    settings = {"real": clock.to_text()}
    clock.set(NOON)
    settings["shifted"] = clock.to_text()
    clock.freeze(NOON - timedelta(days=20_000))
    settings["frozen"] = clock.to_text()
    real.now += 7
    told = {name: Clock.from_text(text, real=real).now() for name, text in settings.items()}
    assert told == {"real": real.now, "shifted": NOON_MS + 7, "frozen": NOON_MS - 20_000 * 86_400_000}
    assert {name: Clock.from_text(text).to_text() for name, text in settings.items()} == settings


@pytest.mark.parametrize("text", ["", "frozen", "frozen noon", "real 5", "stopped 5"])
def test_an_invalid_stored_setting_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"clock|invalid literal"):
        Clock.from_text(text)


def test_concurrent_advances_all_count(clock: Clock) -> None:
    clock.freeze(NOON)
    step = timedelta(milliseconds=1)
    threads = [threading.Thread(target=lambda: [clock.advance(step) for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.now() == NOON_MS + 2_000
