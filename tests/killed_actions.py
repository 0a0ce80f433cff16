"""A program that kills a process with SIGKILL before each statement of an action, and prints what the file has then.

``python killed_actions.py FOLDER ACTION...`` prints one line for each kill: ``before``, ``after`` or ``mixture``.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from stored_actions import CONTROL, World, stored

from mock_ajera.sample.templates import new_tenant
from mock_ajera.store import SqliteStore

Action = Callable[[World], Any]


class Killing:
    """A connection that kills the process before the nth statement."""

    def __init__(self, connection: sqlite3.Connection, statements: int) -> None:
        self._connection, self._left = connection, statements

    def execute(self, *arguments: Any) -> Any:
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)
        return self._connection.execute(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def state_after(file: Path, action: Action, statements: int) -> tuple[bool, Any]:
    """Run the action in a process that is killed before a statement. Return whether it was, and what the file has."""
    child = os.fork()
    if not child:
        world = World(file)
        world.prepare()
        world.tenant.store._connection = Killing(world.tenant.store._connection, statements)
        action(world)
        os._exit(0)
    killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    with closing(SqliteStore.open(file)) as store:
        return killed, stored(store)


def main(folder: Path, names: list[str]) -> None:
    # Load the sample here, once: the children copy it.
    new_tenant("sample", seed=b"template").close()
    for name in names:
        statements, seen = 1, []
        while True:
            killed, state = state_after(folder / f"{name} {statements}.db", CONTROL[name], statements)
            seen.append(state)
            if not killed:
                break
            statements += 1
        first, last = seen[0], seen[-1]
        assert first != last, f"{name} does nothing"
        for state in seen:
            print("before" if state == first else "after" if state == last else "mixture")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
