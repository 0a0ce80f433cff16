"""Running a page finds every kind of error in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from page_run import run_page


def fenced(*parts: str) -> str:
    """Return a page of blocks, from languages and texts in turn. Text before ``:|`` is the line before the block."""
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
    "a fence of tildes": ("~~~sh\nfalse\n~~~\n", "a fence begins its line"),
    "indented code": ("Do this:\n\n    false\n", "fenced, not indented"),
    "a script that fails": (fenced("python", "assert 1 == 2"), "AssertionError"),
    "invalid Python": (fenced("python", "one two"), "invalid syntax"),
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
    "a command that prints less": (fenced("console", "$ true\na"), "expected:\na"),
    "output without a command": (fenced("console", "a\n$ true"), "begins with a command"),
    "a server that does not start": (fenced("console", "$ mock-ajera serve --profile none"), "'none' is not one of"),
    "a request that is refused": (
        fenced("console", "$ mock-ajera serve", "sh", "curl -s http://127.0.0.1:8080/_mock/nothing"),
        "there is no /_mock/nothing",
    ),
    "invalid JSON": (fenced("json", "{a: 1}"), "Expecting property name"),
    "invalid TOML": (fenced("toml", "a = "), "Invalid value"),
    "invalid INI": (fenced("ini", "a = 1"), "no section headers"),
    "invalid YAML": (fenced("yaml", "a: [1"), "expected ',' or ']'"),
    "a file that nothing uses": (fenced("json", "In `a.json`:|{}", "sh", "true"), "no later block uses a.json"),
    "a file with an invalid setting": (
        fenced("ini", "In `pytest.ini`:|[pytest]\naddopts = --nothing", "python", "def test_it(): ..."),
        "unrecognized arguments: --nothing",
    ),
    "a day that should not change": (
        fenced(
            "console",
            "$ mock-ajera serve --freeze 2026-03-09T08:00:00Z\n"
            "$ curl -s http://127.0.0.1:8080/_mock/tenants/default/clock\n"
            '{"now":"2026-03-10T08:00:00.000Z","frozen":true,"setting":"frozen 1773043200000"}',
        ),
        '"now":"2026-03-09T08:00:00.000Z"',
    ),
}


@pytest.mark.parametrize(("page", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_page(page: str, message: str, tmp_path: Path) -> None:
    """The message starts with the place of the block."""
    with pytest.raises(AssertionError) as failure:
        run_page(page, "docs/page.md", tmp_path)
    assert str(failure.value).startswith("docs/page.md:")
    assert message in str(failure.value)


def test_blocks_share_a_folder_and_a_shell(tmp_path: Path) -> None:
    page = fenced(
        "sh", "WORD=left\nsleep 60 &", "json", "In `word.json`:|[1]",
        "console", "$ echo $WORD; cat word.json\nleft\n[1]", "sh", "kill $!"
    )  # fmt: skip
    assert run_page(page, "docs/page.md", tmp_path) == 4
