"""The lock files are as new as what they are made of, and the licences of what they install are known."""

import re
from pathlib import Path

import pytest

from tests.test_project import INDEX, normal
from tests.test_project import pins as pins_of
from tools import licences

LOCKS = {"requirements.lock": "requirements.txt", "requirements-dev.lock": "requirements-dev.txt"}
STALE = "run `make lock`: the lock file is older than what it is made of"
ASKED = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)==\S+.*\n(?:    --hash.*\n)+(?:    #.*\n)*?    #.*-r (requirements\S*)", re.M
)
FREE = {"0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU"}
FREE |= {"MPL-2.0", "PSF-2.0", "Zlib"}
LINKED = {"psycopg": "LGPL-3.0-only", "psycopg-binary": "LGPL-3.0-only"}
"""Packages under a licence that asks for more; they are imported as they are, which it allows."""


def text_of(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


def asked(root: Path, name: str) -> dict[str, str]:
    """Return name -> version of what a requirements file and those that it reads ask for."""
    text = text_of(root, name)
    more = [asked(root, file) for file in re.findall(r"^-r (\S+)", text, re.MULTILINE)]
    return {name: version for part in (pins_of(text), *more) for name, version in part.items()}


def stale(lock: str, wanted: dict[str, str], constraints: dict[str, str]) -> list[str]:
    """Return the packages that a lock file has wrongly, lacks, or has without need."""
    locked = dict(licences.PIN.findall(lock))
    direct = {normal(name) for name, _ in ASKED.findall(lock)}
    changed = {name for name, version in wanted.items() if locked.get(name) != version}
    moved = {name for name, version in locked.items() if constraints.get(name) != version}
    return sorted(changed | moved | (direct - set(wanted)))


@pytest.mark.parametrize(("lock", "made_of"), LOCKS.items())
def test_a_lock_file_is_as_new_as_what_it_is_made_of(root: Path, lock: str, made_of: str) -> None:
    constraints = pins_of(text_of(root, "constraints.txt"))
    assert not stale(text_of(root, lock), asked(root, made_of), constraints), STALE


def test_the_constraints_are_those_of_the_lock_file(root: Path) -> None:
    assert pins_of(text_of(root, "constraints.txt")) == licences.pins(root / "requirements-dev.lock"), STALE


def test_a_lock_file_that_is_older_is_seen() -> None:
    lock = (
        "pandas==3.1.1 \\\n    --hash=sha256:aa\n    # via\n    #   -c constraints.txt\n    #   -r requirements.txt\n"
        "numpy==2.4.6 \\\n    --hash=sha256:bb\n    # via pandas\n"
    )
    pins = {"pandas": "3.1.1", "numpy": "2.4.6"}
    assert stale(lock, {"pandas": "3.1.1"}, pins) == []
    assert stale(lock, {"pandas": "3.1.1", "babel": "2.0"}, pins) == ["babel"]
    assert stale(lock, {"pandas": "3.2.0"}, pins) == ["pandas"]
    assert stale(lock, {}, pins) == ["pandas"]
    assert stale(lock, {"pandas": "3.1.1"}, {**pins, "numpy": "2.5.0"}) == ["numpy"]


@pytest.mark.parametrize("lock", LOCKS)
def test_each_package_of_a_lock_file_has_hashes_and_nothing_of_this_machine(root: Path, lock: str) -> None:
    text = text_of(root, lock)
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(licences.pins(root / lock))
    assert not [entry.partition("\n")[0] for entry in entries if "--hash=sha256:" not in entry]
    assert not INDEX.search(text)
    assert not re.search(r"https?://|file:|/(home|root|work|tmp|opt|usr)/", text)


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
