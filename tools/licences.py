"""Prints the licences of what `requirements.lock` installs, for docs/architecture.md: `python -m tools.licences`."""

import re
from collections import defaultdict
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,-]+\])?==([^ ;]+)", re.MULTILINE)
MEANT = (
    (r"apache", "Apache-2.0"),
    (r"\bmpl", "MPL-2.0"),
    (r"\bisc\b", "ISC"),
    (r"bsd.*3|3.*bsd", "BSD-3-Clause"),
    (r"bsd.*2|2.*bsd", "BSD-2-Clause"),
    (r"bsd", "BSD"),
    (r"\bmit\b", "MIT"),
)
"""What packages write that came before the names of SPDX."""
COLUMN = "licence"


def pins(file: Path) -> dict[str, str]:
    """Return name -> version of each package of a lock file."""
    return dict(PIN.findall(file.read_text(encoding="utf-8")))


def licence(name: str) -> str:
    """Return the licence that an installed package names; empty where it names none, or is not installed here."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return ""
    if about["License-Expression"]:
        return str(about["License-Expression"])
    kinds = [kind for kind in about.get_all("Classifier") or () if kind.startswith("License")]
    # Some put the whole text of the licence there, whose first line is no name.
    for text in ((about["License"] or "").partition("\n")[0], *kinds):
        for pattern, meant in MEANT:
            if re.search(pattern, text, re.IGNORECASE):
                return meant
    return ""


def listed(page: str) -> dict[str, str]:
    """Return name -> licence of the page's table."""
    table = page.partition(f"\n| {COLUMN} |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE)
    return {name: found for found, names in rows for name in names.split(", ")}


def main() -> None:
    """Print the table; what only other systems install keeps the licence that the page has."""
    known, by_licence = listed(PAGE.read_text(encoding="utf-8")), defaultdict(list)
    for name in pins(ROOT / "requirements.lock"):
        by_licence[licence(name) or known.get(name, "?")].append(name)
    print(f"| {COLUMN} | packages |\n|---|---|")
    for found in sorted(by_licence):
        print(f"| {found} | {', '.join(by_licence[found])} |")


if __name__ == "__main__":
    main()
