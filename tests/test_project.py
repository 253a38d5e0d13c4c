"""The files around the code agree with each other and with the code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from retention.customers.contracts import CONTRACT

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)(?: ; .+)?$")
TARGET = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)
INDEX = re.compile(r"--(extra-)?index-url|--find-links|--trusted-host|^-[if] ", re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(text: str) -> dict[str, str]:
    """Return name -> version of each line that is no comment and no option."""
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", "-"))]
    found = {line: PIN.match(line) for line in lines}
    unpinned = [line for line, match in found.items() if match is None]
    assert not unpinned
    return {normal(match[1]): match[2] for match in found.values() if match}


def direct(root: Path) -> dict[str, str]:
    files = (root / "requirements.txt", root / "requirements-dev.txt")
    return {name: version for file in files for name, version in pins(file.read_text(encoding="utf-8")).items()}


def unexplained(names: list[str], page: str) -> list[str]:
    """Return the dependencies that have no table row with a reason."""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in page.splitlines() if "|" in line]
    reasoned = {
        normal(name) for cells in rows if len(cells) >= 2 and cells[-1] for name in re.findall(r"[\w.-]+", cells[0])
    }
    return [name for name in names if name not in reasoned]


def test_direct_pins_equal_the_constraints(root: Path) -> None:
    constraints = pins((root / "constraints.txt").read_text(encoding="utf-8"))
    assert {name: constraints.get(name) for name in direct(root)} == direct(root)


def test_the_constraints_reach_both_requirements_files(root: Path) -> None:
    assert "-c constraints.txt" in (root / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert "-r requirements.txt" in (root / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "constraints.txt", "Makefile"])
def test_no_package_index_is_named(root: Path, file: str) -> None:
    assert not INDEX.search((root / file).read_text(encoding="utf-8"))


def test_each_direct_dependency_has_its_reason(root: Path) -> None:
    page = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert not unexplained(list(direct(root)), page)


def test_a_dependency_without_a_reason_is_found() -> None:
    page = "| `pandas`, numpy | frames |\n| duckdb | |\n|---|---|\nstreamlit is nice"
    assert unexplained(["pandas", "numpy", "duckdb", "streamlit"], page) == ["duckdb", "streamlit"]


def test_each_command_of_the_makefile_is_documented(root: Path) -> None:
    targets = set(TARGET.findall((root / "Makefile").read_text(encoding="utf-8"))) - {"help"}
    page = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert {"app", "test", "check", "test-all", "proof", "bench", "screenshots", "format"} <= targets
    assert targets == set(re.findall(r"^\| `make ([a-z-]+)` \|", page, re.MULTILINE))


def test_the_readme_names_each_column_of_the_contract(root: Path) -> None:
    page = (root / "README.md").read_text(encoding="utf-8")
    assert not [column.name for column in CONTRACT if f"`{column.name}`" not in page]
    required = set(re.findall(r"^\| `(\w+)` \| yes \|", page, re.MULTILINE))
    assert required == {column.name for column in CONTRACT if column.required}


@pytest.mark.parametrize("folder", [".", "docs", "docs/decisions"])
def test_links_between_pages_lead_somewhere(root: Path, folder: str) -> None:
    pages = list((root / folder).glob("*.md"))
    assert pages
    broken = [
        f"{page.name}: {link}"
        for page in pages
        for link in re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert not broken


@pytest.mark.skipif(sys.platform == "win32", reason="files there have no mark that they can be run")
def test_the_ci_script_is_executable_and_calls_both_commands(root: Path) -> None:
    script = root / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert re.search(r"^make test test-all$", script.read_text(encoding="utf-8"), re.MULTILINE)
    subprocess.run(["bash", "-n", str(script)], check=True)  # noqa: S607 - whichever bash is there
