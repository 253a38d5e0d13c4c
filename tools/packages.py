"""Programs that the tests need, brought by the system's package manager."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def apt(*packages: str) -> Iterator[list[str]]:
    """Yield the commands that install packages of Debian, where this user may run them."""
    program = shutil.which("apt-get")
    if program and (os.geteuid() == 0 or shutil.which("sudo")):
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        yield [*root, program, "update", "-q"]
        yield [*root, program, "install", "-y", "-q", "--no-install-recommends", *packages]


def brought(name: str, commands: Iterable[list[str]], find: Callable[[], T | None]) -> T | None:
    """Return what is found after the first command that brings it; None if none does.

    Args:
        name: What is brought, for people.
        commands: Tried in this order.
        find: Looks for it.
    """
    for command in commands:
        print(f"{name}:", *command, flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(command, stdin=subprocess.DEVNULL, env=environment, check=False)
        found = find()
        if found is not None:
            return found
    return None
