"""The files of the job sync: its preferences, and the links between projects and jobs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Preferences:
    """What the sync may do: the members of a JSON file."""

    create_jobs: bool = True
    """Create a job for each project that has none."""
    create_projects: bool = True
    """Create a project for each job that has none."""
    reassign: bool = True
    """When the manager changes on one side, change it on the other."""
    remove_former_manager: bool = False
    """After a reassignment in Ajera, remove the former manager from the team of the job."""
    most_per_run: int = 500
    """The maximum number of jobs and projects that one run creates. Later runs create the rest."""
    template: str = ""
    """The project template in Ajera from which projects are created."""
    client: str = ""
    """The client of new projects, where the template has none."""
    people: dict[str, int] = field(default_factory=dict)
    """Employee keys by user, for people whose e-mail addresses do not match."""

    @classmethod
    def read(cls, file: Path) -> Preferences:
        """Return the preferences in a file. Members that are not in it have their defaults. Exit if it is invalid."""
        try:
            return cls(**json.loads(file.read_text(encoding="utf-8")))
        except OSError as error:
            raise SystemExit(f"{file}: {error.strerror}") from None
        except (TypeError, ValueError) as error:  # an unknown member, or no JSON
            raise SystemExit(f"{file}: these are no preferences: {error}") from None


@dataclass
class Link:
    """A project and its job, with the values that both had after the last run."""

    project: int
    job: int
    name: str
    manager: str
    """The e-mail address of a user, or an empty text."""
    ended: bool = False
    """Whether one of the two has been deleted. The link is kept, so that it is not created again."""


class Links:
    """The links in a file. Before the first run there is no file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.first_run = not file.exists()
        stored = {} if self.first_run else json.loads(file.read_text(encoding="utf-8"))
        self.since: str = stored.get("since", "")
        """The day of the latest change that has been read from Ajera."""
        self.all = [Link(**link) for link in stored.get("links", [])]

    def add(self, link: Link) -> None:
        """Add a link and save it at once, so that no later run creates the record a second time."""
        self.all.append(link)
        self.save()

    def save(self) -> None:
        """Replace the file in one step, so that a crash does not leave half of it."""
        stored = {"since": self.since, "links": [asdict(link) for link in self.all]}
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(stored, indent=1), encoding="utf-8")
        new.replace(self._file)
