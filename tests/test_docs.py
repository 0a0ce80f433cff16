"""What the pages show works: every block of every page is run, and so is the workflow for CI."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from checkout import COMMAND, ROOT, clean_environment, serving
from page_run import environment_of, programs, run_page
from shell import Shell

DOCS = ROOT / "docs"
ELSEWHERE = {"index.md", "command-line.md", "control.md", "recipes.md", "settings.md"}
"""Pages that have tests of their own, or nothing to run."""
PAGES = sorted(page.name for page in DOCS.glob("*.md") if page.name not in ELSEWHERE)


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, tmp_path: Path) -> None:
    """Its blocks do what they say, one after the other."""
    text = (DOCS / name).read_text(encoding="utf-8")
    if "curl " in text and shutil.which("curl") is None:
        pytest.skip("the page uses curl, which is not installed")
    assert run_page(text, f"docs/{name}", tmp_path)


def test_every_page_is_linked() -> None:
    """The index has them all."""
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    assert [page.name for page in DOCS.glob("*.md") if page.name != "index.md" and f"({page.name})" not in index] == []


def fenced(*parts: str) -> str:
    """A page of blocks: language and text in turns. What stands before ``:|`` is the line before the block."""
    page = "# A page\n\n"
    for language, text in zip(parts[::2], parts[1::2], strict=True):
        lead, bar, body = text.partition(":|")
        page += f"{lead}:\n\n```{language}\n{body}\n```\n\n" if bar else f"```{language}\n{text}\n```\n\n"
    return page


BROKEN = {
    "a language that is not run": (fenced("text", "a"), "blocks of this language are not run"),
    "no language": (fenced("", "a"), "no language"),
    "a block that is not closed": ("# A page\n\n```sh\ntrue\n", "never closed"),
    "a fence inside a line": ("* one\n  ```sh\n  false\n  ```\n", "a fence begins its line"),
    "another fence": ("~~~sh\nfalse\n~~~\n", "a fence begins its line"),
    "code that is indented": ("Do this:\n\n    false\n", "fenced, not indented"),
    "a script that fails": (fenced("python", "assert 1 == 2"), "AssertionError"),
    "a script that is not Python": (fenced("python", "one two"), "invalid syntax"),
    "a script that warns": (
        fenced("python", "import warnings\nwarnings.warn('old', DeprecationWarning)"),
        "DeprecationWarning",
    ),
    "a test that fails": (fenced("python", "def test_it():\n    assert 1 == 2"), "1 failed"),
    "a test that is skipped": (
        fenced("python", "import pytest\n\ndef test_it(): ...\n\n@pytest.mark.skip\ndef test_more(): ..."),
        "1 skipped",
    ),
    "a command that fails": (fenced("sh", "true\nls nothing-there\ntrue"), "nothing-there"),
    "a command that fails in a pipe": (fenced("sh", "false | true"), "ends with 1"),
    "a command that prints something else": (fenced("console", "$ echo a\nb"), "printed:\na"),
    "a command that prints more": (fenced("console", "$ echo a"), "printed:\na"),
    "a command that prints less": (fenced("console", "$ true\na"), "promised:\na"),
    "output of no command": (fenced("console", "a\n$ true"), "begins with a command"),
    "a server that does not start": (fenced("console", "$ mock-ajera serve --profile none"), "'none' is not one of"),
    "a request that is refused": (
        fenced("console", "$ mock-ajera serve", "sh", "curl -s http://127.0.0.1:8080/_mock/nothing"),
        "there is no /_mock/nothing",
    ),
    "JSON that is none": (fenced("json", "{a: 1}"), "Expecting property name"),
    "TOML that is none": (fenced("toml", "a = "), "Invalid value"),
    "INI that is none": (fenced("ini", "a = 1"), "no section headers"),
    "YAML that is none": (fenced("yaml", "a: [1"), "expected ',' or ']'"),
    "a file that nothing uses": (fenced("json", "In `a.json`:|{}", "sh", "true"), "no later block uses a.json"),
    "a file that does not do what it is there for": (
        fenced("ini", "In `pytest.ini`:|[pytest]\najera_profile = none", "python", "def test_it(ajera): ..."),
        "there is no profile 'none'",
    ),
    "a day that should stand still": (
        fenced(
            "console",
            "$ mock-ajera serve --freeze 2026-03-09T08:00:00Z\n"
            "$ curl -s http://127.0.0.1:8080/_mock/tenants/default/clock\n"
            '{"now":"2026-03-10T08:00:00.000Z","frozen":true,"setting":"frozen 1773043200000"}',
        ),
        '"now":"2026-03-09T08:00:00.000Z"',
    ),
}


@pytest.mark.parametrize(("page", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_page(page: str, said: str, tmp_path: Path) -> None:
    """A block that is not as it says fails the page, whose place is told."""
    with pytest.raises(AssertionError) as failure:
        run_page(page, "docs/page.md", tmp_path)
    assert str(failure.value).startswith("docs/page.md:")
    assert said in str(failure.value)


def test_what_stays_from_block_to_block(tmp_path: Path) -> None:
    """Blocks share a folder and a shell, and a file is there for those behind it."""
    page = fenced(
        "sh", "WORD=left\nsleep 60 &", "json", "In `word.json`:|[1]",
        "console", "$ echo $WORD; cat word.json\nleft\n[1]", "sh", "kill $!"
    )  # fmt: skip
    assert run_page(page, "docs/page.md", tmp_path) == 4


# the workflow for GitHub Actions

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
    """Run the shell steps of a job as GitHub does: what each of them prints, by its name or command.

    ``address``: what stands for the service on port 8080.
    """
    work, scratch, github_env = folder / "work", folder / "typed", folder / "github.env"
    for each in (work / "tests", scratch):
        each.mkdir(parents=True)
    (work / "tests" / "test_integration.py").write_text(OF_THE_USER, encoding="utf-8")
    github_env.touch()
    given = {name: value.replace("127.0.0.1:8080", address) for name, value in job.get("env", {}).items()}
    said = {}
    with ExitStack() as ends:
        for number, step in enumerate(step for step in job["steps"] if "run" in step):
            lines = github_env.read_text(encoding="utf-8").splitlines()
            variables = given | dict(line.split("=", 1) for line in lines)
            step_scratch = scratch / str(number)
            step_scratch.mkdir()
            environment = environment_of(programs(step_scratch), GITHUB_ENV=str(github_env), **variables)
            shell = ends.enter_context(Shell(work, environment, step_scratch))
            said[step.get("name", step["run"])] = shell.type(step["run"], strict=True)
    return said


def test_the_job_with_a_server_in_the_background(tmp_path: Path) -> None:
    """It starts a server, hands its address to the tests, and tells what they leaned on."""
    said = run_job(WORKFLOW["jobs"]["background"], tmp_path)
    assert "1 passed" in said["Test"]
    assert "list.key-order" in said["What the tests leaned on"]
    log = (tmp_path / "work" / "mock-ajera.log").read_text(encoding="utf-8")
    assert '"event": "ready"' in log


def test_the_job_with_a_service(tmp_path: Path) -> None:
    """It reaches the service from outside, with the token that the service has; here a server stands for its image."""
    job = WORKFLOW["jobs"]["service"]
    service = job["services"]["ajera"]
    assert service["ports"] == ["8080:8080"]
    command = (COMMAND, "serve", "--host", "0.0.0.0", "--port", "0", "--env-file", "served.env")
    with serving(*command, cwd=tmp_path, environment=clean_environment(**service["env"])) as served:
        said = run_job(job, tmp_path, served.root.removeprefix("http://"))
    assert "1 passed" in said["Test"]
    assert "list.key-order" in said["What the tests leaned on"]


def test_the_workflow_needs_no_more_than_these() -> None:
    """Each step is a command, which is run here, or one of GitHub's own actions."""
    steps = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    used = {step["uses"].partition("@")[0] for step in steps if "uses" in step}
    assert used == {"actions/checkout", "actions/setup-python", "actions/upload-artifact"}
    assert all(("run" in step) != ("uses" in step) for step in steps)
