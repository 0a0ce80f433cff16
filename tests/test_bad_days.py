"""Bad days of a machine: damaged files, full disks, ports in use. Each ends in one sentence, never in a traceback.

Each row of a table makes one thing go wrong and states the cause that the user must read. To add one, add a row.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from checkout import COMMAND
from command_line import refused, run, serving

from mock_ajera import MockAjera
from mock_ajera.cli import env_file
from mock_ajera.sample.templates import new_tenant, open_tenant
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.clock import Clock

Damage = Callable[[Path], object]
NOBODY = 65534

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files and sockets of POSIX")


def overwrite(at: int, data: bytes) -> Damage:
    """Overwrite bytes of a file. A negative place counts from the end."""

    def damage(file: Path) -> None:
        found = bytearray(file.read_bytes())
        place = at % len(found)
        found[place : place + len(data)] = data
        file.write_bytes(found)

    return damage


def sql(*statements: str) -> Damage:
    """Change a file as another program with SQLite can."""

    def damage(file: Path) -> None:
        with closing(sqlite3.connect(file)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    return damage


def body(text: str) -> Damage:
    return sql(f"UPDATE record SET body = {text} WHERE kind = 'Client' AND key = 1")


def noise(file: Path) -> None:
    """Overwrite every third page."""
    data, drawn = bytearray(file.read_bytes()), random.Random(7)
    for page in range(4096 * 2, len(data) - 4096, 4096 * 3):
        data[page : page + 2000] = drawn.randbytes(2000)
    file.write_bytes(data)


def truncated(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def replaced_by(make: Damage) -> Damage:
    def damage(file: Path) -> None:
        file.unlink()
        make(file)

    return damage


DAMAGED: dict[str, tuple[Damage, str]] = {
    "zeroed page": (overwrite(8192, bytes(4096)), "is damaged: "),
    "noise in every third page": (noise, "is damaged: "),
    "zeroed schema": (overwrite(100, bytes(500)), "is damaged: "),
    "flipped bytes in the header of a page": (overwrite(4096, b"\xff\xfe\x00\x99"), "is damaged: "),
    "truncated": (truncated, "is damaged: "),
    "missing table": (sql("DROP TABLE note"), "is damaged: the table note is missing"),
    "missing column": (
        sql("ALTER TABLE record RENAME COLUMN stamp TO time"),
        "is damaged: the table record has no column stamp",
    ),
    "body that is not JSON": (body("'{'"), ": Client 1: its body is not JSON"),
    "body that is no object": (body("'[]'"), ": Client 1: its body is not an object"),
    "body that is a number": (body("'5'"), ": Client 1: its body is not an object"),
    "body that is bytes": (body("X'7B7D'"), ": Client 1: its body is not text"),
    "body that is not UTF-8": (body("CAST(X'7BFF7D' AS TEXT)"), "is damaged: Client 1 has text that is not UTF-8"),
    "empty body": (body("'{}'"), ": Client 1: its body has no "),
    "unknown kind": (sql("UPDATE record SET kind = 'Clint' WHERE kind = 'Client'"), ": Clint 1: there is no such kind"),
    "version that is no number": (sql("UPDATE record SET version = 'x'"), ": its version is not a number"),
    "stamp far off": (sql("UPDATE record SET stamp = 999999999999999999"), ": its stamp is not a time"),
    "clock far off": (
        sql("INSERT OR REPLACE INTO note VALUES ('tenant', 'clock', 'frozen 999999999999999999')"),
        ": the note tenant/clock: cannot be read (the clock must stay within the years",
    ),
    "clock that is no number": (
        sql("INSERT OR REPLACE INTO note VALUES ('tenant', 'clock', 'frozen x')"),
        ": the note tenant/clock: cannot be read",
    ),
    "user that is no user": (sql("UPDATE note SET value = '[]' WHERE area = 'user'"), ": the note user/"),
    "user with a wrong type": (
        sql("UPDATE note SET value = json_set(value, '$.password_hash', 5) WHERE area = 'user'"),
        ": the note user/",
    ),
    "session that never expires": (
        sql("""INSERT INTO note VALUES ('session', 't', '{"user": "x", "version": 1, "expires": 1e30}')"""),
        ": the note session/t: cannot be read",
    ),
    "firm in no time zone": (
        sql("UPDATE note SET value = json_set(value, '$.time_zone', 'Mars') WHERE name = 'firm'"),
        ": the note tenant/firm: cannot be read",
    ),
    "note that is not UTF-8": (
        sql("UPDATE note SET value = CAST(X'FF' AS TEXT) WHERE name = 'firm'"),
        "is damaged: a note of the area tenant has text that is not UTF-8",
    ),
    "unknown note": (sql("INSERT INTO note VALUES ('tenant', 'moon', 'x')"), ": the note tenant/moon: unknown"),
    "no firm": (sql("DELETE FROM note WHERE name = 'firm'"), "incomplete"),
    "newer schema": (sql("PRAGMA user_version = 2"), "was written by a newer mock-ajera"),
    "text": (lambda file: file.write_text("Dear Sir or Madam, " * 300), "is not a mock-ajera store"),
    "database of another program": (
        replaced_by(sql("CREATE TABLE person (name)")),
        "is not a mock-ajera store",
    ),
    "folder": (replaced_by(Path.mkdir), "is not a regular file"),
    "pipe": (replaced_by(os.mkfifo), "is not a regular file"),
    "symlink loop": (replaced_by(lambda file: file.symlink_to(file)), "symbolic links"),
    "device": (replaced_by(lambda file: file.symlink_to("/dev/full")), "is not a regular file"),
}
"""What can be wrong with a data file, and the cause in the message."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sound") / "firm.db"
    new_tenant("sample", seed=b"test", store=SqliteStore.open(file)).close()
    return file


def one_sentence(stderr: str, *parts: str) -> None:
    """Check an error message: one line with a prefix, and with all parts."""
    assert stderr.count("\n") == 1, stderr
    assert stderr.startswith("mock-ajera: ")
    assert all(part in stderr for part in parts), stderr


@pytest.mark.parametrize(("damage", "cause"), DAMAGED.values(), ids=DAMAGED)
def test_a_data_file_that_cannot_be_used(sound: Path, tmp_path: Path, damage: Damage, cause: str) -> None:
    """The message names the file and the cause, and quotes no record. The file stays as it was."""
    file = tmp_path / "firm.db"
    shutil.copy(sound, file)
    damage(file)
    before = file.read_bytes() if file.is_file() and not file.is_symlink() else None
    for command in (
        ("users", "list"),
        ("tenants", "export", "default", "--to", str(tmp_path / "files")),
        ("serve", "--port", "0"),
    ):
        stderr = refused(*command, "--data", str(file))
        one_sentence(stderr, "firm.db", cause)
        assert "Saltmeadow" not in stderr
    if before is not None:
        assert file.read_bytes() == before


def test_a_log_of_noise_is_ignored(sound: Path, tmp_path: Path) -> None:
    """SQLite knows by its checksums that it has no transaction. (It would apply the log of another store.)"""
    file = tmp_path / "firm.db"
    shutil.copy(sound, file)
    before = file.read_bytes()
    file.with_name("firm.db-wal").write_bytes(random.Random(7).randbytes(40_000))
    with closing(SqliteStore.open(file)) as store, closing(SqliteStore.open(sound)) as other:
        assert list(store.rows()) == list(other.rows())
    assert file.read_bytes() == before


def read_only(path: Path) -> str:
    path.chmod(0o555)
    return str(path)


def unreadable(path: Path) -> str:
    path.chmod(0)
    return str(path)


def text_file(path: Path, text: str = "Dear Sir or Madam\n") -> str:
    path.write_text(text)
    return str(path)


def new_folder(path: Path) -> str:
    path.mkdir()
    return str(path)


def data_file(path: Path) -> Path:
    new_tenant("empty", seed=b"test", store=SqliteStore.open(path)).close()
    return path


def key_pair(folder: Path, name: str, passphrase: bytes | None = None) -> list[str]:
    """Write a certificate and its key, and return the options that serve them."""
    pytest.importorskip("cryptography")
    from cryptography.hazmat.primitives import serialization

    from mock_ajera import self_signed

    with self_signed.certificate([], folder / f"{name}.pem") as (_, made):
        key = Path(made).read_bytes()
    if passphrase is not None:
        loaded = serialization.load_pem_private_key(key, None)
        encryption = serialization.BestAvailableEncryption(passphrase)
        key = loaded.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    (folder / f"{name}.key").write_bytes(key)
    return ["--tls-cert", str(folder / f"{name}.pem"), "--tls-key", str(folder / f"{name}.key")]


def in_read_only_folder(folder: Path) -> list[str]:
    (folder / "no").mkdir()
    file = data_file(folder / "no" / "firm.db")
    read_only(folder / "no")
    return ["--data", str(file)]


def unreadable_key(folder: Path) -> list[str]:
    options = key_pair(folder, "one")
    unreadable(folder / "one.key")
    return options


def port_in_use(folder: Path) -> list[str]:
    taken = socket.create_server(("127.0.0.1", 0))
    TAKEN.append(taken)
    return ["--port", str(taken.getsockname()[1])]


TAKEN: list[socket.socket] = []

STARTS: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "data: no folder": (lambda f: ["--data", str(f / "no" / "firm.db")], "cannot be opened: No such file or directory"),
    "data: a file as folder": (lambda f: ["--data", text_file(f / "no") + "/firm.db"], "cannot be opened: Not a dir"),
    "data: read-only folder": (
        lambda f: ["--data", read_only(Path(new_folder(f / "no"))) + "/firm.db"],
        "cannot be opened: Permission denied",
    ),
    "data: existing file in a read-only folder": (
        in_read_only_folder,
        "it, or its folder, is read-only",
    ),
    "data: read-only file": (lambda f: ["--data", read_only(data_file(f / "firm.db"))], "it may not be written"),
    "data: unreadable file": (lambda f: ["--data", unreadable(data_file(f / "firm.db"))], "it may not be read"),
    "data: name too long": (lambda f: ["--data", str(f / ("x" * 300))], "cannot be opened: File name too long"),
    "env file: no folder": (lambda f: ["--env-file", str(f / "no" / "a.env")], "cannot write "),
    "env file: read-only folder": (
        lambda f: ["--env-file", read_only(Path(new_folder(f / "no"))) + "/a.env"],
        "a.env: Permission denied",
    ),
    "env file: folder": (lambda f: ["--env-file", new_folder(f / "a.env")], "a.env: Is a directory"),
    "port in use": (port_in_use, ": the port is in use; choose another one with --port"),
    "address of another machine": (lambda f: ["--host", "192.0.2.1"], "cannot listen on 192.0.2.1 port 0: "),
    "host without address": (lambda f: ["--host", "no.such.host.invalid"], "cannot listen on no.such.host.invalid"),
    "host that is no name": (lambda f: ["--host", "x" * 70], "x" * 70),
    "certificate: missing": (
        lambda f: ["--tls-cert", str(f / "no.pem"), "--tls-key", text_file(f / "no.key")],
        "no.pem: No such file or directory",
    ),
    "certificate: key missing": (
        lambda f: ["--tls-cert", text_file(f / "no.pem"), "--tls-key", str(f / "no.key")],
        "no.key: No such file or directory",
    ),
    "certificate: folder": (
        lambda f: ["--tls-cert", new_folder(f / "no.pem"), "--tls-key", text_file(f / "no.key")],
        "no.pem: Is a directory",
    ),
    "certificate: key unreadable": (
        unreadable_key,
        "one.key: Permission denied",
    ),
    "certificate: garbage": (
        lambda f: ["--tls-cert", text_file(f / "no.pem"), "--tls-key", text_file(f / "no.key")],
        "not a certificate and its key in PEM format",
    ),
    "certificate: key of another": (
        lambda f: [*key_pair(f, "one")[:2], *key_pair(f, "other")[2:]],
        "other.key: the key does not belong to the certificate",
    ),
    "certificate: key encrypted": (lambda f: key_pair(f, "one", b"secret"), "one.key: the key is encrypted"),
    "self-signed: no folder": (lambda f: ["--tls-self-signed", str(f / "no" / "a.pem")], "a.pem: No such file"),
    "sample: no folder": (lambda f: ["--sample", str(f / "no")], "no"),
    "sample: not a firm": (lambda f: ["--sample", new_folder(f / "no")], "no"),
    "tenants: no folder": (lambda f: ["--tenants", str(f / "no")], "--tenants must be a folder"),
}
"""What can be wrong at the start of ``serve``, and the cause in the message."""


@pytest.fixture
def outside() -> Iterator[Path]:
    """Provide a folder that every user can reach. The test runs as a user whom permissions bind."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        is_root = os.geteuid() == 0
        # Import everything first: the user may not be able to read the modules.
        run("serve", "--sample", "/nowhere", "--tls-self-signed", str(folder / "unused.pem"))
        if is_root:
            os.chown(folder, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, 0)
        try:
            yield folder
        finally:
            if is_root:
                os.setresuid(0, 0, 0)
            for path in (folder, *folder.rglob("*")):
                path.chmod(0o755)


@pytest.mark.parametrize(("options", "cause"), STARTS.values(), ids=STARTS)
def test_a_start_that_fails(outside: Path, options: Callable[[Path], list[str]], cause: str) -> None:
    given = options(outside)
    try:
        stderr = refused("serve", *(["--port", "0"] if "--port" not in given else []), *given)
    finally:
        while TAKEN:
            TAKEN.pop().close()
    one_sentence(stderr, cause)


def test_a_disk_that_is_full_while_a_data_file_is_filled(tmp_path: Path) -> None:
    """The size of files is limited. The file can be filled when there is room again."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        stderr = refused("serve", "--port", "0", "--data", str(tmp_path / "firm.db"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    one_sentence(stderr, "firm.db cannot be ")
    with closing(SqliteStore.open(tmp_path / "firm.db")) as store:
        assert open_tenant(store, seed=b"test") is None


def test_files_with_secrets_are_readable_for_their_owner_only(tmp_path: Path) -> None:
    """The env file has a password, the data file and its log have hashes of passwords and tokens."""
    with serving(tmp_path, "--data", str(tmp_path / "firm.db")):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(["firm.db", "firm.db-wal", "server.env"], 0o600)


def test_a_symlink_in_place_of_the_env_file_is_replaced(tmp_path: Path) -> None:
    """Nothing is written through a link that somebody else laid."""
    precious = tmp_path / "precious"
    precious.write_text("kept")
    (tmp_path / "a.env").symlink_to(precious)
    env_file.clear(str(tmp_path / "a.env"))
    (tmp_path / "a.env").symlink_to(precious)
    env_file.write(str(tmp_path / "a.env"), {"NAME": "value"})
    assert precious.read_text() == "kept"
    assert (tmp_path / "a.env").read_text() == "NAME=value\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.env", "precious"]


@pytest.mark.parametrize(
    "environment",
    [{"HOME": None}, {"TMPDIR": "/nowhere"}, {"HOME": "/nowhere", "LANG": None, "PATH": ""}],
    ids=["no home", "no folder for temporary files", "nothing"],
)
def test_a_bare_environment_is_enough(tmp_path: Path, environment: dict[str, str | None]) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in environment}
    kept |= {name: value for name, value in environment.items() if value is not None}
    done = subprocess.run(
        [COMMAND, "users", "list", "--data", data_file(tmp_path / "firm.db")], env=kept, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_clock_of_the_machine_goes_back() -> None:
    """Sessions stay open, logins work, and a write gets another stamp than the one before."""
    real = [1_800_000_000_000]
    with MockAjera(clock=Clock(real=lambda: real[0])) as ajera:
        before = ajera.content("GetClients", {"RequestedClients": [1]})["Clients"][0]
        for hours in (1, 24 * 400):
            real[0] -= hours * 3_600_000
            changed = before | {"Notes": f"{hours} hours back"}
            update = {"UpdatedClients": [changed], "UnchangedClients": [before]}
            ajera.content("UpdateClients", update)
            now = ajera.content("GetClients", {"RequestedClients": [1]})["Clients"][0]
            assert now["LastModifiedDate"] != before["LastModifiedDate"]
            before = now
        assert len(ajera.tenant.sessions) == 1
        ajera.tenant.sessions.open("integrator", 2, 60_000)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [["methods"], ["serve", "--help"]])
def test_output_that_cannot_be_written(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        process = subprocess.run([COMMAND, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert process.returncode == 2
    assert process.stderr == "mock-ajera: the output cannot be written: No space left on device\n"
