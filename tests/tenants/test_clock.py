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


class Real:
    """A real time that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000_000_123

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def real() -> Real:
    """A real time that stands still until told."""
    return Real()


@pytest.fixture
def clock(real: Real) -> Clock:
    """A new clock on it."""
    return Clock(real=real)


def test_a_new_clock_tells_the_real_time() -> None:
    """Milliseconds since 1970, between two readings of the machine's clock."""
    before = time.time_ns() // 1_000_000
    now = Clock().now()
    assert before <= now <= time.time_ns() // 1_000_000


def test_the_time_is_not_rounded(clock: Clock) -> None:
    """The thousandths are those of the real time."""
    assert clock.now() == 1_000_000_000_123


def test_now_utc_is_the_same_instant(clock: Clock) -> None:
    """As a datetime with the zone UTC."""
    assert clock.now_utc() == datetime(2001, 9, 9, 1, 46, 40, 123_000, tzinfo=UTC)
    assert clock.now_utc().tzinfo is UTC


def test_a_frozen_clock_stands_still(clock: Clock, real: Real) -> None:
    """However the real time goes."""
    clock.freeze(NOON)
    real.now += 5_000
    assert clock.now() == NOON_MS
    assert clock.frozen


def test_freezing_without_a_time_keeps_the_present_one(clock: Clock, real: Real) -> None:
    """The time that the clock tells, not the real one."""
    clock.set(NOON)
    real.now += 5_000
    clock.freeze()
    real.now += 5_000
    assert clock.now() == NOON_MS + 5_000


def test_a_set_clock_runs_on_from_there(clock: Clock, real: Real) -> None:
    """Also when it stood still before."""
    clock.freeze(NOON + timedelta(days=1))
    clock.set(NOON)
    assert clock.now() == NOON_MS
    real.now += 5_000
    assert clock.now() == NOON_MS + 5_000
    assert not clock.frozen


def test_the_clock_can_be_set_back(clock: Clock) -> None:
    """Time need not grow."""
    clock.set(NOON)
    clock.set(NOON - timedelta(hours=1))
    assert clock.now() == NOON_MS - 3_600_000


def test_a_running_clock_advances_and_runs_on(clock: Clock, real: Real) -> None:
    """Forward and back, several times."""
    clock.set(NOON)
    clock.advance(timedelta(minutes=20))
    clock.advance(timedelta(minutes=-5))
    real.now += 1
    assert clock.now() == NOON_MS + 900_001


def test_a_frozen_clock_advances_and_stands_still(clock: Clock, real: Real) -> None:
    """It moves by just that much."""
    clock.freeze(NOON)
    clock.advance(timedelta(milliseconds=3))
    real.now += 1
    assert clock.now() == NOON_MS + 3


def test_a_reset_clock_tells_the_real_time(clock: Clock, real: Real) -> None:
    """Whatever was set."""
    clock.set(NOON)
    clock.freeze()
    clock.reset()
    assert clock.now() == real.now


def test_the_zone_of_a_time_is_minded(clock: Clock) -> None:
    """Eight in the morning in New York is noon in UTC."""
    clock.freeze(datetime(2023, 9, 27, 8, tzinfo=timezone(timedelta(hours=-4))))
    assert clock.now() == NOON_MS


@pytest.mark.parametrize("name", ["freeze", "set"])
def test_a_time_without_a_zone_is_refused(clock: Clock, name: str) -> None:
    """It would mean another instant on each machine."""
    with pytest.raises(ValueError, match="zone"):
        getattr(clock, name)(NOON.replace(tzinfo=None))


@pytest.mark.parametrize("text", ["2023-09-27T12:00:00Z", "2023-09-27T08:00:00-04:00", "2023-09-27 12:00+00:00"])
@pytest.mark.parametrize("name", ["freeze", "set"])
def test_a_time_may_be_a_text(clock: Clock, real: Real, name: str, text: str) -> None:
    """The one that the command line and the control surface take."""
    getattr(clock, name)(text)
    assert clock.now() == NOON_MS


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        (lambda clock: clock.set("tomorrow"), ValueError, "such as 2026-03-02T09:00:00-05:00, not 'tomorrow'"),
        (lambda clock: clock.set("2023-09-27"), ValueError, "with a time zone"),
        (lambda clock: clock.freeze(1_695_816_000), TypeError, "a datetime with a time zone"),
        (lambda clock: clock.advance(60), TypeError, r"such as timedelta\(minutes=60\), not 60"),
    ],
)
def test_what_is_no_time(clock: Clock, step: Callable[[Clock], None], error: type[Exception], said: str) -> None:
    """It says what is, and changes nothing."""
    before = clock.to_text()
    with pytest.raises(error, match=said):
        step(clock)
    assert clock.to_text() == before


@pytest.mark.parametrize("year", [1899, 2080])
@pytest.mark.parametrize("name", ["freeze", "set"])
def test_a_time_that_stamps_cannot_have_is_refused(clock: Clock, name: str, year: int) -> None:
    """Stamps lie within 1900 and 2079; the clock is left as it was."""
    with pytest.raises(ValueError, match="1900 to 2079"):
        getattr(clock, name)(NOON.replace(year=year))
    assert clock.to_text() == "real"


def test_advancing_beyond_the_years_of_stamps_is_refused(clock: Clock) -> None:
    """The clock is left as it was."""
    clock.freeze(NOON)
    with pytest.raises(ValueError, match="1900 to 2079"):
        clock.advance(timedelta(days=365 * 100))
    assert clock.now() == NOON_MS


def test_the_setting_survives_storing(clock: Clock, real: Real) -> None:
    """Real, shifted and frozen clocks come back as they were."""
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
def test_a_text_that_is_no_setting_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r"clock|invalid literal"):
        Clock.from_text(text)


def test_threads_do_not_lose_steps(clock: Clock) -> None:
    """Every advance counts, whoever makes it."""
    clock.freeze(NOON)
    step = timedelta(milliseconds=1)
    threads = [threading.Thread(target=lambda: [clock.advance(step) for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.now() == NOON_MS + 2_000
