"""Finds a Chromium for the browser tests, or installs one: `python -m tools.browser`.

The variable CHROMIUM names one; otherwise an installed Chromium or Chrome is taken; otherwise the system's package
manager and then Playwright are asked for one.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.packages import apt, brought

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
HELP = (
    "No Chromium or Chrome was found, and none could be installed. Install one from your system "
    "(Debian: apt-get install chromium; macOS: brew install --cask chromium), "
    "or name it: CHROMIUM=/path/to/chromium make test"
)


def runs(executable: str) -> bool:
    """Return whether the browser starts; some systems leave a command behind that only tells how to install it."""
    try:
        # No stdin: such a command may ask whether to install the browser now.
        done = subprocess.run(
            [executable, "--version"], capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def candidates() -> Iterator[str]:
    """Yield the browsers worth a try, the preferred one first; a browser named by CHROMIUM is the only one."""
    named = os.environ.get("CHROMIUM")
    if named:
        yield named
        return
    for command in COMMANDS:
        found = shutil.which(command)
        if found:
            yield found
    yield from (app for app in MAC_APPS if Path(app).exists())
    yield from _of_playwright()


def _of_playwright() -> Iterator[str]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - costs a process; needed only when all else fails

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if Path(path).exists():
        yield path


def find() -> str | None:
    """Return the path of a browser that runs, or None."""
    return next((path for path in candidates() if runs(path)), None)


def installers() -> Iterator[list[str]]:
    """Yield the commands that together may bring a browser here, in the order to try them."""
    yield from apt("chromium")
    yield [sys.executable, "-m", "playwright", "install", "chromium"]


def ensure() -> str | None:
    """Return the path of a browser that runs, after installing one where that is needed and possible."""
    found = find()
    if found or os.environ.get("CHROMIUM"):
        return found
    return brought("Browser", installers(), find)


def main() -> int:
    """Return the exit code: 0 with a browser, 2 without."""
    found = ensure()
    print(f"Browser: {found}" if found else HELP, file=sys.stdout if found else sys.stderr)
    return 0 if found else 2


if __name__ == "__main__":
    sys.exit(main())
