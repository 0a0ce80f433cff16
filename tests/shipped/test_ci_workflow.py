"""Run the shell steps of the GitHub Actions workflow in ``examples/ci`` against the installed package."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml
from checkout import ROOT, serving_mock
from page_run import environment_of, programs
from shell import Shell

WORKFLOW = yaml.safe_load((ROOT / "examples" / "ci" / "github.yml").read_text(encoding="utf-8"))
OF_THE_USER = """
import os
import requests

def test_it_logs_in():
    login = {"Method": "CreateAPISession", "Username": os.environ["AJERA_API_USERNAME"], "APIVersion": 1}
    answer = requests.post(os.environ["AJERA_API_URL"], json=login | {"Password": os.environ["AJERA_API_PASSWORD"]})
    session = answer.json()["Content"]["SessionToken"]
    listing = {"Method": "ListCompanies", "SessionToken": session, "MethodArguments": {}}
    assert requests.post(os.environ["AJERA_API_URL"], json=listing).json()["Message"] == "Success"
"""


def run_job(job: dict[str, Any], folder: Path, address: str = "") -> dict[str, str]:
    """Run the shell steps of a job as GitHub does. Return the output of each step by its name or command.

    ``address``: replaces the address of the service on port 8080.
    """
    work, scratch, github_env = folder / "work", folder / "typed", folder / "github.env"
    for each in (work / "tests", scratch):
        each.mkdir(parents=True)
    (work / "tests" / "test_integration.py").write_text(OF_THE_USER, encoding="utf-8")
    github_env.touch()
    given = {name: value.replace("127.0.0.1:8080", address) for name, value in job.get("env", {}).items()}
    output = {}
    with ExitStack() as ends:
        for number, step in enumerate(step for step in job["steps"] if "run" in step):
            lines = github_env.read_text(encoding="utf-8").splitlines()
            variables = given | dict(line.split("=", 1) for line in lines)
            step_scratch = scratch / str(number)
            step_scratch.mkdir()
            environment = environment_of(programs(step_scratch), GITHUB_ENV=str(github_env), **variables)
            shell = ends.enter_context(Shell(work, environment, step_scratch))
            output[step.get("name", step["run"])] = shell.type(step["run"], strict=True)
    return output


def test_job_with_a_server_in_the_background(tmp_path: Path) -> None:
    """The job starts a server, passes its address to the tests, and prints the claims they relied on."""
    output = run_job(WORKFLOW["jobs"]["background"], tmp_path)
    assert "1 passed" in output["Test"]
    assert "list.key-order" in output["Print the claims that the tests relied on"]
    log = (tmp_path / "work" / "mock-ajera.log").read_text(encoding="utf-8")
    assert '"event": "ready"' in log


def test_job_with_a_service(tmp_path: Path) -> None:
    """The job reaches the service with its token. A server replaces the image here."""
    job = WORKFLOW["jobs"]["service"]
    service = job["services"]["ajera"]
    assert service["ports"] == ["8080:8080"]
    with serving_mock(tmp_path, "--host", "0.0.0.0", **service["env"]) as served:
        output = run_job(job, tmp_path, served.root.removeprefix("http://"))
    assert "1 passed" in output["Test"]
    assert "list.key-order" in output["Print the claims that the tests relied on"]


def test_workflow_uses_only_known_actions() -> None:
    """Each step is a command, which runs here, or one of GitHub's own actions."""
    steps = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    used = {step["uses"].partition("@")[0] for step in steps if "uses" in step}
    assert used == {"actions/checkout", "actions/setup-python", "actions/upload-artifact"}
    assert all(("run" in step) != ("uses" in step) for step in steps)
