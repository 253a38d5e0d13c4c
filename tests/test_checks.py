"""The files for the repository's host, and the version, agree with the rest of the project."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.versions import PROGRAM

FILES = (
    ".pre-commit-config.yaml",
    ".github/dependabot.yml",
    ".github/workflows/checks.yml",
    ".github/ISSUE_TEMPLATE/bug.yml",
    ".github/ISSUE_TEMPLATE/feature.yml",
)
ACTION = re.compile(r"[\w-]+/[\w-]+@v\d+")
HEADING = re.compile(r"^## \[(?:Unreleased\] (\d+\.\d+\.\d+)|(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2})$")


def text_of(root: Path, file: str) -> str:
    return (root / file).read_text(encoding="utf-8")


def read(root: Path, file: str) -> dict[Any, Any]:
    content = yaml.safe_load(text_of(root, file))
    assert isinstance(content, dict)
    return content


@pytest.fixture(scope="module")
def jobs(root: Path) -> dict[str, Any]:
    found = read(root, ".github/workflows/checks.yml")["jobs"]
    assert isinstance(found, dict)
    return found


def commands(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def supported(root: Path) -> list[str]:
    """Return the versions of Python that the script for the environment looks for, the oldest first."""
    found = re.search(r"set -- (python3\.[^|]*) python3$", text_of(root, "tools/make_venv.sh"), re.MULTILINE)
    assert found
    return [name.removeprefix("python") for name in reversed(found[1].split())]


def newest_version(changelog: str) -> str:
    """Return the version of the newest heading, released or not."""
    line = next(line for line in changelog.splitlines() if line.startswith("## "))
    found = HEADING.match(line)
    assert found, f"'{line}' is no heading of a version"
    return found[1] or found[2]


def test_all_yaml_files_for_the_host_are_known_here(root: Path) -> None:
    there = {path.relative_to(root).as_posix() for path in (root / ".github").rglob("*.yml")}
    assert there | {".pre-commit-config.yaml"} == set(FILES)


@pytest.mark.parametrize("file", FILES)
def test_a_yaml_file_for_the_host_can_be_read(root: Path, file: str) -> None:
    assert read(root, file)


def test_the_checks_run_on_each_python_that_is_supported(root: Path, jobs: dict[str, Any]) -> None:
    versions = supported(root)
    for name in ("check", "windows"):
        assert jobs[name]["strategy"]["matrix"]["python"] == versions
    setups = [step for job in jobs.values() for step in job["steps"] if "setup-python" in step.get("uses", "")]
    assert {step["with"]["python-version"] for step in setups} == {versions[-1], "${{ matrix.python }}"}


def test_all_files_name_the_same_versions_of_python(root: Path) -> None:
    oldest, middle, newest = supported(root)
    for page in ("README.md", "CONTRIBUTING.md", "docs/deployment.md", "tools/make_venv.sh"):
        assert f"{oldest}, {middle} or {newest}" in text_of(root, page), page
    assert f"({oldest} to {newest})" in text_of(root, "Makefile")
    settings = text_of(root, "pyproject.toml")
    assert f'python_version = "{oldest}"' in settings
    assert f'target-version = "py{oldest.replace(".", "")}"' in settings


def test_lint_comes_first_and_the_tests_are_those_of_make_check(root: Path, jobs: dict[str, Any]) -> None:
    assert commands(jobs["lint"]) == ["make PYTHON=python lint types"]
    assert jobs["check"]["needs"] == jobs["windows"]["needs"] == "lint"
    assert set(jobs["check"]["strategy"]["matrix"]["os"]) == {"ubuntu-latest", "macos-latest"}
    assert commands(jobs["check"]) == ["make PYTHON=python check"]
    makefile = text_of(root, "Makefile")
    (units,) = re.findall(r'^\t\$\(PYTEST\) \$\(TWICE\) (.*-m "\$\(QUICK\)".*)$', makefile, re.MULTILINE)
    assert units == '--cov --cov-report=term -m "$(QUICK)" --ignore=tests/browser'
    twice, quick = (re.search(rf"^{name} = (.*)$", makefile, re.MULTILINE) for name in ("TWICE", "QUICK"))
    assert twice
    assert quick
    # What is left out is what a browser runs, and nothing else.
    stories = [path.read_text(encoding="utf-8") for path in (root / "tests" / "browser").glob("test_*.py")]
    assert all("\npytestmark = pytest.mark.browser" in text for text in stories)
    assert commands(jobs["windows"])[-1] == f'python -m pytest {twice[1]} -m "{quick[1]}"'


def test_the_checks_may_only_read_end_by_themselves_and_pin_their_actions(root: Path, jobs: dict[str, Any]) -> None:
    workflow = read(root, ".github/workflows/checks.yml")
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["group"]
    assert all(job["timeout-minutes"] <= 60 for job in jobs.values())
    assert not [job for job in jobs.values() if "permissions" in job]
    steps = [step for job in jobs.values() for step in job["steps"] if "uses" in step]
    assert not [step["uses"] for step in steps if not ACTION.fullmatch(step["uses"])]
    checkouts = [step for step in steps if step["uses"].startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_hooks_before_a_commit_are_the_pinned_tools_of_the_environment(root: Path) -> None:
    (repository,) = read(root, ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    pinned = text_of(root, "requirements-dev.txt")
    for hook in repository["hooks"]:
        tool = re.match(r"\.venv/bin/([\w-]+)", hook["entry"])
        assert tool
        assert re.search(rf"^{tool[1]}==", pinned, re.MULTILINE)


def test_updates_come_once_a_month_in_one_group_for_each_kind(root: Path) -> None:
    updates = read(root, ".github/dependabot.yml")["updates"]
    assert [each["package-ecosystem"] for each in updates] == ["pip", "github-actions"]
    assert all(each["schedule"] == {"interval": "monthly"} and len(each["groups"]) == 1 for each in updates)


@pytest.mark.parametrize("form", ["bug", "feature"])
def test_an_issue_form_has_what_the_host_asks_for(root: Path, form: str) -> None:
    content = read(root, f".github/ISSUE_TEMPLATE/{form}.yml")
    assert content["name"]
    assert content["description"]
    asked = [part for part in content["body"] if part["type"] != "markdown"]
    assert all(part["attributes"]["label"] for part in asked)
    assert len({part["id"] for part in asked}) == len(asked)


def test_the_version_is_that_of_the_newest_heading_of_the_changelog(root: Path) -> None:
    assert newest_version(text_of(root, "CHANGELOG.md")) == PROGRAM


@pytest.mark.parametrize("heading", ["## [Unreleased] 0.2.0", "## [0.2.0] - 2026-12-01"])
def test_a_heading_of_the_changelog_names_a_version(heading: str) -> None:
    assert newest_version(f"# Changelog\n\n{heading}\n\n## [0.1.0] - 2026-11-01\n") == "0.2.0"


@pytest.mark.parametrize("heading", ["## Unreleased", "## [Unreleased]", "## [0.2] - 2026-12-01", "## [0.2.0]"])
def test_a_heading_without_a_version_or_a_day_is_found(heading: str) -> None:
    with pytest.raises(AssertionError, match="no heading of a version"):
        newest_version(f"# Changelog\n\n{heading}\n")
