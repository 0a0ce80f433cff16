"""Keep the projects of Ajera and the jobs of another service in step, in both directions.

    python sync_jobs.py preferences.json

Only projects that are marked for the CRM in Ajera (SyncToCRM) take part. The first run links projects and jobs with the
same name. Every run creates what is missing on either side, but nothing whose name exists there already. A value that
differs from that of the last run is a change, and is copied to the other side; if both sides have changed, Ajera's
value is copied. The program prints what it has done, and what it could not do ("skipped").

The class Preferences in job_links.py explains the preferences. Jobs are in jobs.json, links in links.json.
The program reads AJERA_API_URL, AJERA_API_USERNAME and AJERA_API_PASSWORD from the environment.
It ends with exit code 0, or with 1 if Ajera refused a call or could not be reached. Run it again then.
"""

from __future__ import annotations

import itertools
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import requests
from ajera_client import Ajera, Record, Refused, change, connect, listed, read
from job_links import Link, Links, Preferences
from job_service import JobService

OPEN = ["Preliminary", "Active", "Hold", "WorkHold", "BillingHold", "Marketing"]
"""The statuses of projects for which jobs are created."""


def skipped(what: str, why: object) -> None:
    """Report what could not be done."""
    print(f"skipped          {what}: {why}")


class People:
    """The people who are employees in Ajera and users of the job service."""

    def __init__(self, employees: Iterable[Record], users: Iterable[str], by_hand: dict[str, int]) -> None:
        """Match people by e-mail address, regardless of case. ``by_hand``: employee keys by user."""
        employees_at: dict[str, list[int]] = defaultdict(list)
        for employee in employees:
            employees_at[employee["Email"].casefold()].append(employee["EmployeeKey"])
        users_at: dict[str, list[str]] = defaultdict(list)
        for user in users:
            if user not in by_hand:
                users_at[user.casefold()].append(user)
        self.employees = dict(by_hand)
        """Employee keys by user."""
        for address, same in users_at.items():
            found = employees_at[address]
            if len(found) == len(same) == 1:
                self.employees[same[0]] = found[0]
            elif not found:
                skipped(address, "no active employee has this address")
            else:
                skipped(address, "several users or active employees have this address")
        self.users = {employee: user for user, employee in self.employees.items()}
        """Users by employee key."""

    def manager(self, project: Record) -> str | None:
        """Return the user who manages a project: an empty text for nobody, None for somebody who is not a user."""
        manager = project["ProjectManager"]
        return self.users.get(manager["EmployeeKey"]) if manager else ""


class Sync:
    """One run."""

    def __init__(self, ajera: Ajera, service: JobService, links: Links, preferences: Preferences) -> None:
        self.ajera, self.service, self.links, self.preferences = ajera, service, links, preferences
        active = [row["EmployeeKey"] for row in listed(ajera, "Employees", FilterByStatus=["Active"])]
        self.people = People(read(ajera, "Employees", active), service.users, preferences.people)
        self.names = {row["ProjectKey"]: row["Description"] for row in listed(ajera, "Projects")}
        """The names of all projects by key."""
        marked = listed(ajera, "Projects", FilterBySyncToCRM=[True], FilterByStatus=OPEN)
        self.marked = {row["ProjectKey"]: row["Description"] for row in marked}
        self.days = [links.since]
        """The days on which the projects that this run has read were changed."""
        self.created = 0
        self.refused = False
        """Whether Ajera has refused to change or create a project."""

    def run(self) -> None:
        """End links, link, update and create, in this order."""
        self.end_links()
        if self.links.first_run:
            self.link_by_name()
        self.update()
        if self.preferences.create_jobs:
            self.create_jobs()
        if self.preferences.create_projects:
            self.create_projects()
        self.links.since = max(self.days)
        self.links.save()

    def read(self, keys: Iterable[int]) -> list[Record]:
        """Return projects in the order of their keys, and note when they were changed."""
        projects = read(self.ajera, "Projects", sorted(keys))
        self.days += [project["LastModifiedDate"][:10] for project in projects]
        return projects

    def end_links(self) -> None:
        """End the links whose project or job has been deleted. The record on the other side stays as it is."""
        for link in self.links.all:
            if not link.ended and (link.project not in self.names or link.job not in self.service.jobs):
                link.ended = True
                print(f"ended            {link.name}")

    def link_by_name(self) -> None:
        """Link each project to the job with the same name, unless the name occurs twice on one side."""
        projects = keys_by_name(self.marked.items())
        jobs = keys_by_name((number, job["name"]) for number, job in self.service.jobs.items())
        pairs = {}
        for name in projects.keys() & jobs.keys():
            if len(projects[name]) == len(jobs[name]) == 1:
                pairs[projects[name][0]] = jobs[name][0]
            else:
                skipped(self.names[projects[name][0]], "several projects or jobs have this name")
        for project in self.read(pairs):
            job = pairs[project["ProjectKey"]]
            name, manager = self.service.jobs[job]["name"], self.service.jobs[job]["manager"]
            # The job's values count as those of the last run, so that Ajera's replace them.
            # A project without a manager gets the job's.
            self.links.add(Link(project["ProjectKey"], job, name, manager if project["ProjectManager"] else ""))
            print(f"linked           {project['Description']}")

    def update(self) -> None:
        """Copy the changes of linked projects and jobs to the other side."""
        since = {"FilterByEarliestModifiedDate": self.links.since} if self.links.since else {}
        changed = {row["ProjectKey"] for row in listed(self.ajera, "Projects", **since)}
        links = {link.project: link for link in self.links.all if not link.ended}
        due = [key for key, link in links.items() if key in changed or self.job_differs(link)]
        for project in self.read(due):
            link = links[project["ProjectKey"]]
            try:
                self.update_one(link, project)
            except Refused as refused:
                self.refused = True
                skipped(link.name, refused)

    def job_differs(self, link: Link) -> bool:
        """Return whether the job has changed since the last run."""
        job = self.service.jobs[link.job]
        return (job["name"], job["manager"]) != (link.name, link.manager)

    def update_one(self, link: Link, project: Record) -> None:
        """Copy the changes of one project and its job. Ajera comes first: it may refuse them."""
        job = self.service.jobs[link.job]
        name = newer(link.name, project["Description"], job["name"])
        manager = self.new_manager(link, project)
        writes: Record = {}
        if name != project["Description"]:
            writes["Description"] = name
        if manager is not None and manager != self.people.manager(project):
            writes["ProjectManager"] = self.role(manager, project)
        if writes:
            change(self.ajera, "Projects", project, **writes)
            print(f"changed project  {name}: {', '.join(writes)}")
        if name != job["name"]:
            self.service.rename(link.job, name)
            print(f"changed job      {name}: name")
        link.name = name
        if manager is None:
            return
        if manager != job["manager"]:
            self.service.assign(link.job, manager, remove_former=self.preferences.remove_former_manager)
            print(f"changed job      {name}: manager")
        link.manager = manager

    def new_manager(self, link: Link, project: Record) -> str | None:
        """Return the manager for both sides, or None if both stay as they are."""
        if not self.preferences.reassign:
            return None
        in_ajera = self.people.manager(project)
        if in_ajera is None:
            skipped(link.name, "its manager in Ajera is not a user of the job service")
            return None
        manager = newer(link.manager, in_ajera, self.service.jobs[link.job]["manager"])
        if manager and manager not in self.people.employees:
            skipped(link.name, f"{manager} is not an employee in Ajera")
            return None
        return manager

    def role(self, user: str, project: Record) -> Record:
        """Return the value of ProjectManager that assigns a user, or that removes the manager."""
        if user:
            return {"EmployeeKey": self.people.employees[user]}
        return {**project["ProjectManager"], "Delete": True}

    def create_jobs(self) -> None:
        """Create a job for each open project that has none."""
        linked = {link.project for link in self.links.all}
        unlinked = {key: name for key, name in self.marked.items() if key not in linked}
        for project in self.read(self.to_create(unlinked, (job["name"] for job in self.service.jobs.values()))):
            manager = self.people.manager(project) or ""
            job = self.service.add(project["Description"], manager)
            self.links.add(Link(project["ProjectKey"], job, project["Description"], manager))
            print(f"created job      {project['Description']}")

    def create_projects(self) -> None:
        """Create a project for each job that has none."""
        linked = {link.job for link in self.links.all}
        unlinked = {number: job["name"] for number, job in self.service.jobs.items() if number not in linked}
        numbers = self.to_create(unlinked, self.names.values())
        template = self.template() if numbers else {}
        for number in numbers:
            job = self.service.jobs[number]
            new = template | {"Description": job["name"], "SyncToCRM": True}
            if job["manager"] in self.people.employees:
                new["ProjectManager"] = self.role(job["manager"], new)
            try:
                made = create(self.ajera, new)
            except Refused as refused:
                self.refused = True
                skipped(job["name"], refused)
                continue
            self.links.add(Link(made["ProjectKey"], number, job["name"], job["manager"]))
            print(f"created project  {job['name']}")

    def to_create(self, unlinked: dict[int, str], existing: Iterable[str]) -> list[int]:
        """Return the keys of the records to create on the other side, as many as this run may still create."""
        taken = {name.casefold() for name in existing}
        found = []
        for key, name in unlinked.items():
            if name.casefold() in taken:
                skipped(name, "the name exists on the other side")
            else:
                taken.add(name.casefold())
                found.append(key)
        now = found[: self.preferences.most_per_run - self.created]
        self.created += len(now)
        if len(found) > len(now):
            print(f"{len(found) - len(now)} more to create in later runs")
        return now

    def template(self) -> Record:
        """Return a new project that is a copy of the template. Negative keys, each used once, mark new records."""
        name = self.preferences.template
        (row,) = listed(self.ajera, "ProjectTemplates", FilterByDescriptionEquals=name)
        (client,) = listed(self.ajera, "Clients", FilterByNameEquals=self.preferences.client)
        wanted = {"RequestedProjects": [row["ProjectTemplateKey"]]}
        (template,) = self.ajera.call("GetProjectTemplates", wanted)["ProjectTemplates"]
        new = with_new_keys(template, itertools.count(-1, -1))
        for group in new["InvoiceGroups"]:
            group.setdefault("Client", {"ClientKey": client["ClientKey"]})
        return new


def create(ajera: Ajera, new: Record) -> Record:
    """Create a project and return it. Raises ``Refused``."""
    rows: list[Record] = ajera.call("UpdateProjects", {"UpdatedProjects": [new], "UnchangedProjects": []})["Projects"]
    if not rows:
        raise Refused("UpdateProjects", ["the answer is a success, but nothing was created"])
    return rows[0]


def newer(last: str, in_ajera: str, in_service: str) -> str:
    """Return the value that differs from that of the last run. If both do, return Ajera's."""
    return in_ajera if in_ajera != last else in_service


def keys_by_name(rows: Iterable[tuple[int, str]]) -> dict[str, list[int]]:
    """Return the keys by name, regardless of case."""
    found: dict[str, list[int]] = defaultdict(list)
    for key, name in rows:
        found[name.casefold()].append(key)
    return found


def with_new_keys(row: Record, numbers: Iterator[int]) -> Record:
    """Return a copy of a template, invoice group or phase with new keys for itself and all below it."""
    new: Record = {}
    for member, value in row.items():
        if member in ("ProjectTemplateKey", "InvoiceGroupKey", "PhaseKey"):
            new["ProjectKey" if member == "ProjectTemplateKey" else member] = next(numbers)
        elif member in ("InvoiceGroups", "Phases"):
            new[member] = [with_new_keys(each, numbers) for each in value]
        else:
            new[member] = value
    return new


def main(arguments: list[str]) -> int:
    """Run the sync once."""
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    service, links = JobService(Path("jobs.json")), Links(Path("links.json"))
    preferences = Preferences.read(Path(arguments[0]))
    try:
        with connect() as ajera:
            sync = Sync(ajera, service, links, preferences)
            sync.run()
    except (Refused, requests.RequestException) as error:
        print(f"sync_jobs: {error}", file=sys.stderr)
        return 1
    return 1 if sync.refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
