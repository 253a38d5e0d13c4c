"""The files around the code agree with each other and with the code."""

import re
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from retention.customers.contracts import CONTRACT
from tools import licences

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z]+\])?==([^\s;]+)(?: ; .+)?$")
TARGET = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)
INDEX = re.compile(r"--(extra-)?index-url|--find-links|--trusted-host|^-[if] ", re.MULTILINE)

LOCKS = {"requirements.lock": "requirements.txt", "requirements-dev.lock": "requirements-dev.txt"}
STALE = "run `make lock`: the lock file is older than what it is made of"
ASKED = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z]+\])?==\S+.*\n(?:    --hash.*\n)+(?:    #.*\n)*?    #.*-r (requirements\S*)",
    re.M,
)

FREE = {"0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU"}
FREE |= {"MPL-2.0", "PSF-2.0", "Zlib"}
LINKED = {"psycopg": "LGPL-3.0-only", "psycopg-binary": "LGPL-3.0-only"}
"""Packages under a licence that asks for more; they are imported as they are, which it allows."""


def text_of(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


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


def asked(root: Path, name: str) -> dict[str, str]:
    """Return name -> version of what a requirements file and those that it reads ask for."""
    text = text_of(root, name)
    more = [asked(root, file) for file in re.findall(r"^-r (\S+)", text, re.MULTILINE)]
    return {name: version for part in (pins(text), *more) for name, version in part.items()}


def stale(lock: str, wanted: dict[str, str], constraints: dict[str, str]) -> list[str]:
    """Return the packages that a lock file has wrongly, lacks, or has without need."""
    locked = dict(licences.PIN.findall(lock))
    direct = {normal(name) for name, _ in ASKED.findall(lock)}
    changed = {name for name, version in wanted.items() if locked.get(name) != version}
    moved = {name for name, version in locked.items() if constraints.get(name) != version}
    return sorted(changed | moved | (direct - set(wanted)))


@pytest.mark.parametrize(("lock", "made_of"), LOCKS.items())
def test_a_lock_file_is_as_new_as_what_it_is_made_of(root: Path, lock: str, made_of: str) -> None:
    constraints = pins(text_of(root, "constraints.txt"))
    assert not stale(text_of(root, lock), asked(root, made_of), constraints), STALE


def test_the_constraints_are_those_of_the_lock_file(root: Path) -> None:
    assert pins(text_of(root, "constraints.txt")) == licences.pins(root / "requirements-dev.lock"), STALE


def test_a_lock_file_that_is_older_is_seen() -> None:
    lock = (
        "pandas==3.1.1 \\\n    --hash=sha256:aa\n    # via\n    #   -c constraints.txt\n    #   -r requirements.txt\n"
        "numpy==2.4.6 \\\n    --hash=sha256:bb\n    # via pandas\n"
    )
    held = {"pandas": "3.1.1", "numpy": "2.4.6"}
    assert stale(lock, {"pandas": "3.1.1"}, held) == []
    assert stale(lock, {"pandas": "3.1.1", "babel": "2.0"}, held) == ["babel"]
    assert stale(lock, {"pandas": "3.2.0"}, held) == ["pandas"]
    assert stale(lock, {}, held) == ["pandas"]
    assert stale(lock, {"pandas": "3.1.1"}, {**held, "numpy": "2.5.0"}) == ["numpy"]


@pytest.mark.parametrize("lock", LOCKS)
def test_each_package_of_a_lock_file_has_hashes_and_nothing_of_this_machine(root: Path, lock: str) -> None:
    text = text_of(root, lock)
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(licences.pins(root / lock))
    assert not [entry.partition("\n")[0] for entry in entries if "--hash=sha256:" not in entry]
    assert not INDEX.search(text)
    assert not re.search(r"https?://|file:|/(home|root|work|tmp|opt|usr)/", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_the_extras_that_its_packages_ask_for(root: Path, lock: str) -> None:
    # With hashes demanded, pip takes a newer release for the pair without a version, and refuses what is not pinned.
    text, needs = text_of(root, lock), []
    for name in licences.pins(root / lock):
        with suppress(PackageNotFoundError):
            needs += [Requirement(need) for need in requires(name) or ()]
    used = [need for need in needs if need.extras and (not need.marker or need.marker.evaluate({"extra": ""}))]
    wanted = {f"{normal(need.name)}[" for need in used}
    assert [name for name in sorted(wanted) if f"\n{name}" not in text] == []


def test_the_makefile_and_the_checks_install_the_lock_files(root: Path) -> None:
    makefile, checks = text_of(root, "Makefile"), text_of(root, ".github/workflows/checks.yml")
    assert "--require-hashes" in makefile
    assert re.findall(r"\$\(PIP\) -r (\S+)", makefile) == list(LOCKS)
    assert set(re.findall(r"pip install (.*)", checks)) == {"--require-hashes -r requirements-dev.lock"}
    assert ".venv/.app: requirements.lock\n" in makefile
    assert ".venv/.dev: requirements-dev.lock\n" in makefile


def test_the_licence_of_everything_shipped_is_listed(root: Path) -> None:
    page = licences.listed(text_of(root, "docs/architecture.md"))
    advice = "`python -m tools.licences` prints the table for docs/architecture.md"
    assert set(page) == set(licences.pins(root / "requirements.lock")), advice
    named = {name: licences.licence(name) for name in page}
    assert {name: page[name] for name, found in named.items() if found} == {n: f for n, f in named.items() if f}, advice


def test_every_licence_lets_the_program_be_used_and_passed_on(root: Path) -> None:
    page = licences.listed(text_of(root, "docs/architecture.md"))
    strict = {name: found for name, found in page.items() if not set(re.split(r" (?:AND|OR) ", found)) <= FREE}
    assert strict == LINKED


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
