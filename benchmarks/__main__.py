"""Measure, print the table, and record it when everything was measured."""

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks import files, generator, kernel, scoring, start
from benchmarks.harness import HEADER, Row

PARTS = {
    "kernel": kernel.run,
    "scoring": scoring.run,
    "files": files.run,
    "generator": generator.run,
    "start": start.run,
}
LIBRARIES = ("numpy", "pandas", "pyarrow", "duckdb")


def main(asked: list[str]) -> int:
    """Run the asked parts, or all; return 1 if a promise was not kept."""
    unknown = set(asked) - set(PARTS)
    if unknown:
        print(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    print(HEADER)
    for name in asked or PARTS:
        for row in PARTS[name]():
            print(row, flush=True)
            rows.append(row)
    if not asked:
        _record(rows)
    return int(not all(row.kept for row in rows))


def _record(rows: list[Row]) -> None:
    versions = ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in LIBRARIES)])
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    text = f"""# Measured ratios

Made by `make bench`; every ratio is taken within one run, ours and the yardstick in turn.
{versions}; {machine}.

{HEADER}
""" + "\n".join(map(str, rows))
    (Path(__file__).parent / "RESULTS.md").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
