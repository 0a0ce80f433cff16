"""The other side of the job sync: a service with users and jobs, which keeps its data in jobs.json.

python job_service.py                                        lists the jobs
python job_service.py add "Boat Shed" odile@firm.example     adds a job with its manager
python job_service.py rename 3 "Boat House"                  renames a job
python job_service.py assign 3 odile@firm.example            changes the manager of a job
python job_service.py assign 3                               removes the manager of a job
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Job = dict[str, Any]
"""A job has an id, a name, the e-mail address of its manager or an empty text, and a team of such addresses."""


class JobService:
    """Users and jobs in a JSON file, which need not exist. Every change is saved at once."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._data = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"users": [], "jobs": []}

    @property
    def users(self) -> list[str]:
        """The e-mail addresses of the users."""
        return list(self._data["users"])

    @property
    def jobs(self) -> dict[int, Job]:
        """The jobs by id."""
        return {job["id"]: job for job in self._data["jobs"]}

    def add_user(self, address: str) -> None:
        """Add a user."""
        self._data["users"].append(address)
        self._save()

    def add(self, name: str, manager: str = "") -> int:
        """Add a job and return its id."""
        number = max(self.jobs, default=0) + 1
        self._data["jobs"].append({"id": number, "name": name, "manager": "", "team": []})
        self.assign(number, manager)
        return number

    def rename(self, number: int, name: str) -> None:
        """Change the name of a job."""
        self.jobs[number]["name"] = name
        self._save()

    def assign(self, number: int, manager: str, *, remove_former: bool = False) -> None:
        """Change the manager of a job, who joins its team. The former one stays in the team by default."""
        job = self.jobs[number]
        former, job["manager"] = job["manager"], manager
        left = [each for each in job["team"] if each != former or not remove_former]
        job["team"] = left if manager in ("", *left) else [*left, manager]
        self._save()

    def _save(self) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self._data, indent=1), encoding="utf-8")
        new.replace(self._file)


def main(arguments: list[str]) -> None:
    """Change or list the jobs."""
    service = JobService(Path("jobs.json"))
    match arguments:
        case []:
            for job in service.jobs.values():
                print(f"{job['id']}  {job['name']}: {job['manager'] or '-'}; team: {', '.join(job['team']) or '-'}")
        case ["user", address]:
            service.add_user(address)
        case ["add", name, *manager]:
            service.add(name, *manager)
        case ["rename", number, name]:
            service.rename(int(number), name)
        case ["assign", number, *manager]:
            service.assign(int(number), *manager or [""])
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
