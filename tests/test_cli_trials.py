"""``mock-ajera chaos`` and ``mock-ajera races``: options, output, exit codes and the end of a run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from checkout import COMMAND, PATIENCE, clean_environment
from command_line import refused, run
from trials.tried import program

from mock_ajera.trials.chaos import BAD_DAYS
from mock_ajera.trials.races import RACES

COMMANDS = ["chaos", "races run"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--tiemout 3 -- true", "No such option '--tiemout'"),
        ("", "no program was given"),
        ("-- /no/such/program", "cannot run /no/such/program: No such file or directory"),
        ("--sample nofirm -- true", "nofirm; a sample is"),
        ("--quirk no_quirk=1 -- true", "there is no quirk 'no_quirk'"),
        ("--quirk session_minutes -- true", "--quirk must be NAME=VALUE, not 'session_minutes'"),
        ("--clock noon -- true", "--clock must be a time in ISO 8601"),
        ("--timeout 0 -- true", "--timeout must be more than 0"),
        ("--timeout nan -- true", "--timeout must be more than 0"),
        ("--in-copy-of /no/such -- true", "'/no/such' does not exist"),
        ("-- true", "the program called nothing: it has to read AJERA_API_URL"),
        ("-- false", "the program fails on a good day, with exit code 1"),
        ("--timeout 0.1 -- sleep 60", "the program did not end within 0.1 seconds on a good day"),
    ],
)
def test_refusals(command: str, options: str, said: str) -> None:
    assert said in refused(*command.split(), *options.split())


def test_a_fault_that_does_not_exist() -> None:
    assert "no fault has 'HTTP 999' in its name" in refused("chaos", "--only", "HTTP 999", "--", "true")


def test_a_race_that_does_not_exist() -> None:
    assert "there is no race 'update/updat'; did you mean update/update?" in refused(
        "races", "run", "--race", "update/updat", "--", "true"
    )


def test_nothing_that_fits_is_a_failure(tmp_path: Path) -> None:
    """A check in CI that checks nothing must not pass."""
    complaint = refused("races", "run", "--race", "pages", "--", *program("careful", tmp_path))
    assert "nothing went wrong: no call of the program fits what was chosen" in complaint


def test_lists() -> None:
    assert [day.name for day in BAD_DAYS if day.name not in run("chaos", "--list").stdout] == []
    assert run("chaos", "--list", "--only", "http 50").stdout.splitlines() == [
        f"{', '.join(day.places):18}{day.name}" for day in BAD_DAYS if "HTTP 50" in day.name
    ]
    assert [race.name for race in RACES if race.name not in run("races", "list").stdout] == []


def test_a_program_that_survives(tmp_path: Path) -> None:
    done = run("chaos", "--only", "502 after", "--", *program("careful", tmp_path))
    assert done.exit_code == 0
    first, *others = done.stdout.splitlines()
    assert first.startswith("good day: 4 calls in ")
    assert first.endswith(" s, records created or changed: 1")
    assert others == ["ok  finished                      UpdateProjects: HTTP 502 after the work"]


def test_a_program_that_does_not(tmp_path: Path) -> None:
    log = tmp_path / "log"
    done = run("chaos", "--only", "reset after", "--log", str(log), "--", *program("naive", tmp_path))
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-2:] == [
        "BAD duplicated                    UpdateProjects: connection reset after the work",
        "    Project 'Mill Race' is there twice",
    ]
    last = (log / "03-updateprojects-connection-reset-after-the-work.txt").read_text(encoding="utf-8")
    assert "UpdateProjects v1 integrator ok (fault: reset 1)" in last
    assert "exit code 0" in last


def test_the_log_has_the_output_of_both_runs(tmp_path: Path) -> None:
    log = tmp_path / "log"
    run("chaos", "--only", "withdrawn", "--log", str(log), "--", *program("careful", tmp_path))
    text = (log / "02-updateprojects-permission-withdrawn.txt").read_text(encoding="utf-8")
    first, _, second = text.partition("The next run, on a good day:")
    assert "attempt 4 Refused('Unauthorized method: UpdateProjects')" in first
    assert "exit code 0" in second
    assert "attempt" not in second


def test_a_race_as_json(tmp_path: Path) -> None:
    command = ("races", "run", "--race", "update/update", "--json", "--", *program("overwriting", tmp_path))
    done = run(*command)
    assert done.exit_code == 1
    printed: dict[str, Any] = json.loads(done.stdout)
    assert (printed["survived"], len(printed["notes"])) == (False, 1)
    (trial,) = printed["trials"]
    assert (trial["name"], trial["word"], trial["happened"], trial["next_run"]) == (
        "update/update",
        "overwrote",
        True,
        None,
    )
    assert "BAD overwrote" in done.stderr


def test_good_days_that_differ_are_noted(tmp_path: Path) -> None:
    done = run("chaos", "--only", "HTTP 429", "--", *program("changing", tmp_path))
    assert "note: two good days leave different books, so the words below mean little: Project '" in done.stdout


def test_a_program_runs_in_a_copy_of_a_folder(tmp_path: Path) -> None:
    """Each trial begins with the files of the folder, and the folder stays as it is."""
    folder, (python, file) = tmp_path / "folder", program("careful", tmp_path)
    folder.mkdir()
    text = Path(file).read_text(encoding="utf-8")
    (folder / "program.py").write_text(f"open('once', 'x').close()\n{text}", encoding="utf-8")
    done = run("chaos", "--only", "503 once", "--in-copy-of", str(folder), "--", python, "program.py")
    assert (done.exit_code, done.stdout.count("ok ")) == (0, 3)
    assert [each.name for each in folder.iterdir()] == ["program.py"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_program_too(ending: signal.Signals, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"import os, time, pathlib\npathlib.Path({str(note)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    command = [str(COMMAND), "chaos", "--", sys.executable, "-c", script]
    with subprocess.Popen(
        command, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    ) as process:
        while not note.exists() or not note.read_text(encoding="utf-8"):
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(ending)
        printed = process.communicate(timeout=PATIENCE)[0]
    assert (process.returncode, printed.strip()) == (1, "Aborted!")
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text(encoding="utf-8")), 0)
