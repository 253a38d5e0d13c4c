"""Finds the Java that a cluster of Spark runs on, or installs it: `python -m tools.java`."""

import shutil
import sys
from collections.abc import Iterator

from tools.packages import apt, brought

HELP = "No Java was found, and none could be installed. Debian: apt-get install default-jre-headless"


def find() -> str | None:
    """Return the program, or None."""
    return shutil.which("java")


def installers() -> Iterator[list[str]]:
    """Yield the commands that bring it."""
    yield from apt("default-jre-headless")


def main() -> int:
    """Return the exit code: 0 with Java, 2 without."""
    found = find() or brought("Java", installers(), find)
    print(f"Java: {found}" if found else HELP, file=sys.stdout if found else sys.stderr)
    return 0 if found else 2


if __name__ == "__main__":
    sys.exit(main())
