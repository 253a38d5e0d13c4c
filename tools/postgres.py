"""Finds the programs of a PostgreSQL server for the database tests, or installs them: `python -m tools.postgres`.

The variable POSTGRES names their folder; otherwise an installed server is taken; otherwise the system's package manager
is asked for one.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.packages import apt, brought

PROGRAMS = ("initdb", "postgres")
FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
HELP = (
    "No PostgreSQL server was found, and none could be installed. Install one from your system "
    "(Debian: apt-get install postgresql; macOS: brew install postgresql), "
    "or name the folder of its programs: POSTGRES=/path/to/bin make test"
)


def runs(folder: Path) -> bool:
    """Return whether a folder holds the programs of a server, and they start."""
    try:
        done = [
            subprocess.run([folder / program, "--version"], capture_output=True, timeout=60, check=False)
            for program in PROGRAMS
        ]
    except (OSError, subprocess.TimeoutExpired):
        return False
    return all(one.returncode == 0 for one in done)


def candidates() -> Iterator[Path]:
    """Yield the folders worth a try, the newest version first; one named by POSTGRES is the only one."""
    named = os.environ.get("POSTGRES")
    if named:
        yield Path(named)
        return
    for pattern in FOLDERS:
        yield from sorted(Path("/").glob(pattern.lstrip("/")), key=_version, reverse=True)
    found = shutil.which("initdb")
    if found:
        # Its real place: the programs look for each other and for their data beside themselves.
        yield Path(found).resolve().parent


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", str(folder))))


def find() -> Path | None:
    """Return the folder of a server's programs, or None."""
    return next((folder for folder in candidates() if runs(folder)), None)


def installers() -> Iterator[list[str]]:
    """Yield the commands that together may bring a server here, in the order to try them."""
    yield from apt("postgresql")


def ensure() -> Path | None:
    """Return the folder of a server's programs, after installing them where that is needed and possible."""
    found = find()
    if found or os.environ.get("POSTGRES"):
        return found
    return brought("PostgreSQL", installers(), find)


def main() -> int:
    """Return the exit code: 0 with a server, 2 without."""
    found = ensure()
    print(f"PostgreSQL: {found}" if found else HELP, file=sys.stdout if found else sys.stderr)
    return 0 if found else 2


if __name__ == "__main__":
    sys.exit(main())
