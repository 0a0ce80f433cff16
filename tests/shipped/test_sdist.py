"""Test the source archive: its reader can build, test and read everything."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from checkout import PYTHON, ROOT, files_of, run

FOLDERS = ("mock_ajera", "contract_tests", "fixtures", "tests", "docs", "examples", "benchmarks", "tools")
FILES = {"pyproject.toml", "Makefile", "README.md", "CHANGELOG.md", "LICENSE", "Dockerfile", "compose.yaml", ".ci/run"}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the unpacked archive."""
    folder = tmp_path_factory.mktemp("sdist")
    run(PYTHON, "-m", "hatchling", "build", "--target", "sdist", "--directory", folder, cwd=ROOT)
    (archive,) = folder.glob("*.tar.gz")
    run("tar", "-xzf", archive, "-C", folder, cwd=ROOT)
    return folder / archive.name.removesuffix(".tar.gz")


def test_archive_contains_the_checkout(unpacked: Path) -> None:
    expected = FILES.union(*map(files_of, FOLDERS))
    assert sorted(name for name in expected if not (unpacked / name).is_file()) == []


def test_archive_contains_no_local_files(unpacked: Path) -> None:
    found = {path.name for path in unpacked.rglob("*") if path.is_dir()}
    assert {name for name in found if "cache" in name or name.startswith((".venv", ".git", ".hypothesis"))} == set()


def test_archive_builds_the_same_wheel(unpacked: Path, wheel: Path, build_wheel: Callable[[Path], Path]) -> None:
    """The wheel of the archive has the same files as the wheel of the checkout."""

    def names(built: Path) -> list[str]:
        with zipfile.ZipFile(built) as archive:
            return sorted(archive.namelist())

    assert names(build_wheel(unpacked)) == names(wheel)
