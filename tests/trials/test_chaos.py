"""Bad days: what becomes of programs on each of them."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
import requests
from trials.tried import program

from mock_ajera import MockAjera
from mock_ajera.trials.chaos import BAD_DAYS, BadDay, Scene, scenes
from mock_ajera.trials.outcome import outcome
from mock_ajera.trials.trial import Program, Trial, good_day

METHODS = {"login": "CreateAPISession", "read": "ListProjects", "write": "UpdateProjects"}
"""The first call of the programs in each place."""
CAREFUL = {
    "the answer is slow": "finished",
    "no connection for two seconds afterwards": "finished",
    "connection reset before anything is done": "retried",
    "connection reset after the work": "finished",
    "answer cut off": "finished",
    "no answer": "finished",
    "HTTP 500": "retried",
    "HTTP 503 once": "retried",
    "HTTP 503 from then on": "failed, then finished",
    "HTTP 502 after the work": "finished",
    "HTTP 429 with Retry-After": "retried",
    "HTTP 401": "retried",
    "HTTP 403": "retried",
    "maintenance page with HTTP 200": "retried",
    "answer that is no JSON": "finished",
    "another Content-Type": "finished",
    "error item with ErrorID 0": "finished",
    "warnings": "finished",
    "Content is null": "retried",
    "no Content": "retried",
    "more than two calls a second are refused": "retried",
    "session expired before the call": "retried",
    "session expired after the call": "retried",
    "too many sessions": "retried",
    "permission withdrawn": "failed, then finished",
    "record locked": "retried",
    "success without effect": "retried",
    "call handled twice": "duplicated",
}
"""What becomes of a careful program at the last place of each bad day: at its write, if it is hit there."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tried")


@pytest.fixture(scope="module")
def usual(folder: Path) -> Trial:
    return Program(program("careful", folder), 20).trial(good_day, again=False)


def day(name: str) -> BadDay:
    (found,) = (each for each in BAD_DAYS if each.name == name)
    return found


def tried(name: str, scene: Scene, folder: Path, timeout: float = 20) -> tuple[str, Trial]:
    """Run a program on a bad day. Return what became of it, compared with its good day."""
    tested = Program(program(name, folder), timeout)
    trial = tested.trial(scene.happening)
    assert trial.met
    return str(outcome(trial, tested.trial(good_day, again=False))), trial


def test_each_bad_day_has_an_expected_word() -> None:
    assert [each.name for each in BAD_DAYS if each.name not in CAREFUL] == []


@pytest.mark.parametrize("name", CAREFUL)
def test_a_careful_program(name: str, folder: Path, usual: Trial) -> None:
    place = day(name).places[-1]
    trial = Program(program("careful", folder), 20).trial(Scene(day(name), place, METHODS[place]).happening)
    assert trial.met
    assert str(outcome(trial, usual)) == CAREFUL[name], trial.run.printed


def test_a_day_that_does_not_come(folder: Path) -> None:
    """A fault at a call that the program does not make is not met."""
    scene = Scene(day("record locked"), "write", "UpdateClients")
    assert not Program(program("careful", folder), 20).trial(scene.happening).met


@pytest.mark.parametrize(
    ("tested", "name", "word"),
    [
        ("naive", "connection reset after the work", "duplicated"),
        ("naive", "connection reset before anything is done", "retried"),
        ("naive", "success without effect", "lost"),
        ("deaf", "record locked", "lost"),
        ("patient", "no answer", "hung, then duplicated"),
    ],
)
def test_other_programs(tested: str, name: str, word: str, folder: Path) -> None:
    assert tried(tested, Scene(day(name), "write", "UpdateProjects"), folder, timeout=2)[0] == word


def test_a_bad_day_is_over_in_the_next_run(folder: Path) -> None:
    """The permission is given back, and the server is up."""
    word, trial = tried("deaf", Scene(day("HTTP 503 from then on"), "read", "ListProjects"), folder)
    assert word == "failed, then finished"
    assert trial.again is not None
    assert [entry.faults for entry in trial.again.entries] == [()] * len(trial.again.entries)


def is_up(ajera: MockAjera) -> bool:
    try:
        return requests.post(ajera.url, json={}, timeout=5).ok
    except requests.ConnectionError:
        return False


def test_the_server_of_an_outage_is_up_when_the_day_is_over() -> None:
    """Nothing is left of the outage: no thread that starts the server of a firm that is closed."""
    with MockAjera() as ajera:
        scene = Scene(day("no connection for two seconds afterwards"), "login", "CreateAPISession")
        login = {"Username": ajera.username, "Password": ajera.password, "APIVersion": 1}
        with scene.happening(ajera):
            assert requests.post(ajera.url, json={"Method": "CreateAPISession", **login}, timeout=5).ok
            while is_up(ajera):
                time.sleep(0.01)
            ended = time.monotonic()
        assert time.monotonic() - ended < 1
        assert is_up(ajera)
    assert [thread for thread in threading.enumerate() if thread.name == "outage"] == []


def test_scenes_are_at_the_first_call_of_each_place(usual: Trial) -> None:
    found = list(scenes(usual.run.entries))
    assert {scene.place: scene.method for scene in found} == METHODS
    assert len(found) == sum(len(each.places) for each in BAD_DAYS)


def test_a_program_that_only_reads_has_no_scene_at_a_write(usual: Trial) -> None:
    reads = [entry for entry in usual.run.entries if entry.method != "UpdateProjects"]
    assert {scene.place for scene in scenes(reads)} == {"login", "read"}


def test_a_throttle_is_for_every_call() -> None:
    scene = Scene(day("more than two calls a second are refused"), "login", "CreateAPISession")
    assert scene.label == "every call: more than two calls a second are refused"
