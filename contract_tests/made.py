"""The records that a run creates. The suite writes to no other records, and removes these at the end."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from .answers import Answer, records, success
from .client import LEFT_OUT, AjeraClient, Forbidden, Unreachable
from .kinds import KINDS, PROJECTS, Kind

NEW_STAMP = "2017-12-06 14:46:06.873 GMT-08:00"
"""The LastModifiedDate of a new record. It is required although there is no stored stamp to compare it with."""


class Made:
    """The records that this run has created. ``update`` refuses to change any other record."""

    def __init__(self, client: AjeraClient) -> None:
        self.client = client
        self.prefix = f"mock-ajera contract {uuid.uuid4().hex[:6]}"
        self._keys: dict[Kind, set[int]] = {kind: set() for kind in reversed(KINDS.values()) if kind.created}
        self._number = 0
        self._used = False

    def name(self, words: str = "") -> str:
        """Return a unique Description or name that shows its origin. It is well below 80 characters."""
        self._number += 1
        return f"{self.prefix} {self._number} {words}".strip()

    def update(
        self,
        kind: Kind,
        updated: Sequence[Mapping[str, Any]],
        unchanged: Any = (),
        *,
        single: Any = LEFT_OUT,
        method: Any = "",
        **more: Any,
    ) -> Answer:
        """Call the Update method of a kind, or ``method``, and note what it creates and deletes.

        Raises ``Forbidden`` for a record with a positive key that this run did not create.
        """
        for row in updated:
            key = row.get(kind.key)
            if isinstance(key, int) and key > 0 and key not in self._keys[kind]:
                raise Forbidden(f"{kind.key} {key} was not created by this run")
        self._used = True
        wanted = {
            f"Updated{kind.noun}": list(updated),
            f"Unchanged{kind.noun}": unchanged,
            "UseSingleTransaction": single,
        }
        arguments = {name: value for name, value in (wanted | more).items() if value is not LEFT_OUT}
        answer = self.client.call(method or f"Update{kind.noun}", arguments)
        self.note(kind, answer)
        return answer

    def create_project(self, arguments: Mapping[str, Any]) -> Answer:
        """Call CreateProjects, and note the project that it creates."""
        self._used = True
        answer = self.client.call("CreateProjects", arguments, version=2)
        content = answer.content if isinstance(answer.body, dict) else None
        for row in content.get("Projects", ()) if isinstance(content, dict) else ():
            self.adopt(PROJECTS, row[PROJECTS.key])
        return answer

    def update_rows(self, updated: Sequence[Any], bundle: Any, **more: Any) -> Answer:
        """Call UpdateProjects of version 2 with changed rows and the bundle that was read.

        Raises ``Forbidden`` for a project that this run did not create.
        """
        rows = [*updated, *(bundle.get("Projects", ()) if isinstance(bundle, dict) else ())]
        for row in rows:
            key = row.get(PROJECTS.key) if isinstance(row, dict) else None
            if isinstance(key, int) and key > 0 and key not in self._keys[PROJECTS]:
                raise Forbidden(f"{PROJECTS.key} {key} was not created by this run")
        self._used = True
        arguments = {"UpdatedProjects": list(updated), "UnchangedProjects": bundle} | more
        return self.client.call("UpdateProjects", arguments, version=2)

    def read_rows(self, *keys: int) -> dict[str, list[Any]]:
        """Return the bundle of version 2 with these projects."""
        bundle: dict[str, list[Any]] = success(
            self.client.call("GetProjects", {PROJECTS.argument: list(keys)}, version=2)
        )
        return bundle

    def note(self, kind: Kind, answer: Answer) -> None:
        """Note the records that a response reports as created, and forget those that it reports as deleted."""
        content = answer.content if isinstance(answer.body, dict) else None
        rows = content.get(kind.noun) if isinstance(content, dict) else None
        for row in rows if isinstance(rows, list) else ():
            key = row.get(kind.key) if isinstance(row, dict) else None
            if not isinstance(key, int):
                continue
            if row.get("Deleted") is True:
                self._keys[kind].discard(key)
            elif kind.original in row:
                self._keys[kind].add(key)

    def adopt(self, kind: Kind, key: int) -> None:
        """Adopt a record whose create response was lost."""
        self._keys[kind].add(key)

    def read(self, kind: Kind, key: int) -> dict[str, Any] | None:
        """Return the current record of version 1, or None."""
        rows = records(self.client.call(f"Get{kind.noun}", {kind.argument: [key]}), kind.noun)
        return next((row for row in rows if row[kind.key] == key), None)

    def remove(self, kind: Kind, key: int) -> bool:
        """Delete a record of this run. Return whether it is gone."""
        with contextlib.suppress(AssertionError, Unreachable, KeyError):
            record = self.read(kind, key)
            if record is None:
                self._keys[kind].discard(key)
            else:
                gone = {kind.key: key, "LastModifiedDate": record["LastModifiedDate"], "Delete": True}
                self.update(kind, [gone], [record])
        return key not in self._keys[kind]

    def tidy(self) -> list[str]:
        """Delete the records created so far, latest first. Return a description of each that could not be removed."""
        found = [(kind, key) for kind, keys in self._keys.items() for key in sorted(keys, reverse=True)]
        left = [(kind, key) for kind, key in found if not self.remove(kind, key)]
        return [f"{kind.key} {key}, named {self.prefix} ..." for kind, key in left]

    def remove_all(self) -> list[str]:
        """Delete all records of this run, noted or not. Return a description of each that could not be removed."""
        if not self._used:
            return []
        for kind in self._keys:
            # A lost response may have created a record that was not noted.
            with contextlib.suppress(AssertionError, Unreachable, KeyError):
                for row in records(self.client.call(f"List{kind.noun}"), kind.noun):
                    if str(row[kind.named_by]).startswith(self.prefix):
                        self.adopt(kind, row[kind.key])
        return self.tidy()
