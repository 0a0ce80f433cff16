"""The behavior that is specific to the SQLite store: files and exclusive access."""

from __future__ import annotations

import gc
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mock_ajera.store import SqliteStore, StoreBusy, StoreUnreadable

WRITER = """
import sys
from mock_ajera.store import SqliteStore
store = SqliteStore.open(sys.argv[1])
with store.transaction():
    store.put("Client", 1, 10, "committed")
    store.next_number("Client")
transaction = store.transaction()
transaction.__enter__()
store.put("Client", 2, 20, "never committed")
print("written", flush=True)
sys.stdin.read()
"""

RACER = """
import sys
from mock_ajera.store import SqliteStore, StoreBusy
sys.stdin.readline()
try:
    store = SqliteStore.open(sys.argv[1])
except StoreBusy:
    print("busy", flush=True)
else:
    print("open", flush=True)
sys.stdin.read()
"""


def start(program: str, path: Path) -> subprocess.Popen[str]:
    """Start a process that runs a program with the path of a store."""
    return subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def foreign(path: Path, *statements: str) -> bytes:
    """Create a SQLite file of another program, and return its bytes."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Provide the path of a new store. The name has characters that are special in a URI."""
    return tmp_path / "my ?firm#1%20.db"


class TestLife:
    def test_committed_data_survives_a_killed_process(self, path: Path) -> None:
        """After SIGKILL the committed row is there, and the open transaction is rolled back."""
        with start(WRITER, path) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "written\n"
            writer.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
        with closing(SqliteStore.open(path)) as store:
            assert [row.body for row in store.rows()] == ["committed"]
            assert store.number("Client") == 1

    def test_a_closed_store_is_one_file(self, path: Path) -> None:
        """No other files are left next to it, so it can be copied."""
        with closing(SqliteStore.open(path)) as store, store.transaction():
            store.put("Client", 1, 0, "")
        assert [entry.name for entry in path.parent.iterdir()] == [path.name]

    def test_an_empty_file_becomes_a_store(self, path: Path) -> None:
        """A temporary file that was created beforehand is accepted."""
        path.touch()
        with closing(SqliteStore.open(path)) as store:
            assert store.kinds() == []

    def test_images_pass_between_memory_and_file(self, path: Path) -> None:
        """Each loads an image of the other."""
        with closing(SqliteStore.open(path)) as file, closing(SqliteStore.in_memory()) as memory:
            with file.transaction():
                file.put("Client", 1, 0, "from the file")
            memory.load(file.dump())
            with memory.transaction():
                memory.put("Client", 2, 0, "from memory")
            file.load(memory.dump())
        with closing(SqliteStore.open(path)) as file:
            assert [row.body for row in file.rows()] == ["from the file", "from memory"]

    def test_a_loaded_file_still_has_a_log(self, path: Path) -> None:
        """Loading an image does not change how the file is written."""
        with closing(SqliteStore.open(path)) as file, closing(SqliteStore.in_memory()) as memory:
            file.load(memory.dump())
            with file.transaction():
                file.put("Client", 1, 0, "")
            assert path.with_name(path.name + "-wal").stat().st_size > 0


class TestExclusiveAccess:
    def test_a_second_process_is_refused(self, path: Path) -> None:
        """The message has the path; the first process is unaffected, and the file can be opened after it ends."""
        with start(WRITER, path) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            with pytest.raises(StoreBusy) as refused:
                SqliteStore.open(path)
            assert str(refused.value) == f"{path} is in use by another process."
            writer.communicate()
            assert writer.returncode == 0
        with closing(SqliteStore.open(path)) as store:
            assert store.number("Client") == 1

    def test_opening_is_retried(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file that becomes free during a retry is opened."""
        holder = SqliteStore.open(path)
        monkeypatch.setattr("mock_ajera.store.sqlite.time.sleep", lambda seconds: holder.close())
        SqliteStore.open(path).close()

    def test_one_of_several_simultaneous_processes_opens_the_file(self, path: Path) -> None:
        racers = [start(RACER, path) for _ in range(3)]
        try:
            for racer in racers:
                print("go", file=racer.stdin, flush=True)
            answers = [racer.stdout.readline() for racer in racers if racer.stdout is not None]
        finally:
            for racer in racers:
                racer.communicate()
        assert sorted(answers) == ["busy\n", "busy\n", "open\n"]


class TestForeignFiles:
    """Files that are not stores are refused and left unchanged."""

    def test_a_text_file_is_refused(self, path: Path) -> None:
        """The message has the path."""
        path.write_text("Dear Sir or Madam, " * 300)
        before = path.read_bytes()
        with pytest.raises(StoreUnreadable) as refused:
            SqliteStore.open(path)
        assert str(refused.value) == f"{path} is not a mock-ajera store."
        assert path.read_bytes() == before

    @pytest.mark.parametrize(
        "statement",
        ["CREATE TABLE person (name)", "PRAGMA application_id = 7", "PRAGMA user_version = 1"],
    )
    @pytest.mark.parametrize("journal", ["delete", "wal"])
    def test_the_database_of_another_program_is_refused(self, path: Path, statement: str, journal: str) -> None:
        """The database is refused if it has a table or any mark of a program."""
        before = foreign(path, f"PRAGMA journal_mode = {journal}", statement)
        with pytest.raises(StoreUnreadable, match=r"is not a mock-ajera store\.$"):
            SqliteStore.open(path)
        assert path.read_bytes() == before
        assert [entry.name for entry in path.parent.iterdir()] == [path.name]

    @pytest.mark.parametrize(("version", "age"), [(2, "a newer"), (0, "an older")])
    def test_another_schema_version_is_refused(self, path: Path, version: int, age: str) -> None:
        SqliteStore.open(path).close()
        before = foreign(path, f"PRAGMA user_version = {version}")
        with pytest.raises(StoreUnreadable, match=f"was written by {age} mock-ajera"):
            SqliteStore.open(path)
        assert path.read_bytes() == before

    def test_the_image_of_another_program_or_version_is_refused(self, path: Path) -> None:
        with closing(SqliteStore.in_memory()) as store:
            newer = bytearray(store.dump())
            newer[60:64] = (2).to_bytes(4, "big")
            with pytest.raises(StoreUnreadable, match="The image was written by a newer mock-ajera"):
                store.load(bytes(newer))
            with pytest.raises(StoreUnreadable, match="not a mock-ajera store"):
                store.load(foreign(path, "CREATE TABLE person (name)"))

    @pytest.mark.parametrize("name", ["nowhere/firm.db", "."])
    def test_a_path_that_is_no_file_is_refused(self, tmp_path: Path, name: str) -> None:
        """The message has the path."""
        with pytest.raises(StoreUnreadable) as refused:
            SqliteStore.open(tmp_path / name)
        assert str(refused.value).startswith(f"{tmp_path / name} cannot be opened")


def test_the_name_of_a_store_is_its_path(tmp_path: Path) -> None:
    with closing(SqliteStore.open(tmp_path / "firm.db")) as store, closing(SqliteStore.in_memory()) as other:
        assert store.name == str(tmp_path / "firm.db")
        assert other.name == "the store in memory"


def test_a_forgotten_store_in_memory_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to close a mock that is only used in the process, though Python 3.13 warns of open databases."""
    is_open: set[int] = set()

    class Connection(sqlite3.Connection):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            is_open.add(id(self))

        def close(self) -> None:
            super().close()
            is_open.discard(id(self))

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Connection))
    first, second = SqliteStore.in_memory(), SqliteStore.in_memory()
    first.load(second.dump())
    assert len(is_open) == 2
    del first, second
    gc.collect()
    assert not is_open
