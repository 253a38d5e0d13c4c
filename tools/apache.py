"""Finds Apache with the modules that docs/deployment.md names, or installs them: `python -m tools.apache`."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.packages import apt, brought

MODULES = ("auth_openidc", "qos", "proxy_http", "ssl")
SBIN = "/usr/sbin"
FOLDERS = ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules")
HELP = (
    "No Apache with mod_auth_openidc and mod_qos was found, and none could be installed. "
    "Debian: apt-get install apache2-bin libapache2-mod-auth-openidc libapache2-mod-qos"
)


@dataclass(frozen=True)
class Apache:
    """A program and the folder of its modules."""

    program: str
    modules: Path


def find() -> Apache | None:
    """Return an Apache that has the modules, or None."""
    program = shutil.which("apache2") or shutil.which("httpd") or shutil.which("apache2", path=SBIN)
    folders = [Path(name) for name in FOLDERS if all((Path(name) / f"mod_{module}.so").exists() for module in MODULES)]
    return Apache(program, folders[0]) if program and folders else None


def installers() -> Iterator[list[str]]:
    """Yield the commands that bring it; `apache2-bin` starts no server."""
    yield from apt("apache2-bin", "libapache2-mod-auth-openidc", "libapache2-mod-qos")


def main() -> int:
    """Return the exit code: 0 with Apache, 2 without."""
    found = find() or brought("Apache", installers(), find)
    print(f"Apache: {found.program}" if found else HELP, file=sys.stdout if found else sys.stderr)
    return 0 if found else 2


if __name__ == "__main__":
    sys.exit(main())
