"""Two hundred parallel tests, each with its own firm: ``python -m benchmarks.two_hundred``.

Each test creates and changes a client, and checks that its firm has no client of another test. The goal is 15 seconds
on two cores.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = """
import pytest

NEW = {"ClientKey": -1, "LastModifiedDate": "2017-12-06 14:46:06.873 GMT-08:00"}


@pytest.mark.parametrize("number", range(200))
def test_isolation(ajera, number):
    def update(client, unchanged):
        arguments = {"UpdatedClients": [client], "UnchangedClients": unchanged}
        return ajera.content("UpdateClients", arguments)["Clients"][0]

    name = f"Test {number}"
    made = update(NEW | {"Description": name}, [])
    made.pop("OriginalClientKey")
    update(made | {"Notes": "changed"}, [made])
    (read,) = ajera.content("GetClients", {"RequestedClients": [made["ClientKey"]]})["Clients"]
    assert (read["Description"], read["Notes"]) == (name, "changed")
    names = [each["Description"] for each in ajera.content("ListClients", {"FilterByNameLike": "Test "})["Clients"]]
    assert names == [name]
    assert [entry.method for entry in ajera.journal] == [
        "CreateAPISession", "UpdateClients", "UpdateClients", "GetClients", "ListClients"
    ]
"""


def main() -> None:
    """Write the tests to an empty folder, run them and print the duration."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "test_two_hundred.py").write_text(TESTS, encoding="utf-8")
        begin = time.perf_counter()
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - begin
    print("\n".join(line for line in done.stdout.splitlines() if "passed" in line or "failed" in line))
    print(f"{seconds:.1f} s, including the start of pytest and its two workers")
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
