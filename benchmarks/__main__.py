"""Measure, print the table, and record it when everything of a kind was measured."""

import os
import platform
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version

from benchmarks import features, files, generator, kernel, results, scoring, start, workbooks
from benchmarks.harness import HEADER, Row
from benchmarks.scale import engines, growth
from benchmarks.server import first_visit, guests, load, pages
from benchmarks.workbench import rules, trees

PARTS: dict[str, Callable[[], list[Row]]] = {
    "kernel": kernel.run,
    "scoring": scoring.run,
    "features": features.run,
    "files": files.run,
    "workbooks": workbooks.run,
    "generator": generator.run,
    "start": start.run,
}
SERVER_PARTS: dict[str, Callable[[], list[Row]]] = {
    "pages": pages.run,
    "load": load.run,
    "guests": guests.run,
    "first_visit": first_visit.run,
}
"""Seconds instead of ratios: they mean something on two cores with nothing else to do; run them by name."""
WORKBENCH_PARTS: dict[str, Callable[[], list[Row]]] = {"trees": trees.run}
RULE_PARTS: dict[str, Callable[[], list[Row]]] = {"rules": rules.run}
SCALE_PARTS: dict[str, Callable[[], list[Row]]] = {"engines": engines.run}
GROWTH_PARTS: dict[str, Callable[[], list[Row]]] = {"growth": growth.run}
"""Ratios, and seconds where others published theirs; run them by name."""
TITLES = {
    "Measured ratios": "Made by `make bench`; every ratio is taken within one run, ours and the yardstick in turn.",
    "The dashboard on a real server": "Made by `python -m benchmarks pages load guests first_visit` with nothing else "
    "running; sessions speak Streamlit's own protocol.",
    "The policy workbench": "Made by `python -m benchmarks trees`; ratios are taken within one run, seconds on two "
    "cores.",
    "The audit of rules": "Made by `python -m benchmarks rules`; seconds on two cores.",
    "Inputs that grow": "Made by `python -m benchmarks engines`; every ratio is taken in pairs within one run.",
    "Parquet of any size": "Made by `python -m benchmarks growth`, larger sizes by `python -m benchmarks.scale.growth "
    "SIZE ...`; CPU seconds (user and system), while others used the machine.",
}
LIBRARIES = ("numpy", "pandas", "pyarrow", "duckdb", "polars", "streamlit")


def main(asked: Sequence[str]) -> int:
    """Run the asked parts, or all that are ratios; return 1 if a promise was not kept."""
    known = PARTS | SERVER_PARTS | WORKBENCH_PARTS | RULE_PARTS | SCALE_PARTS | GROWTH_PARTS
    unknown = set(asked) - set(known)
    if unknown:
        print(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    print(HEADER)
    for name in asked or PARTS:
        for row in known[name]():
            print(row, flush=True)
            rows.append(row)
    kinds = (PARTS, SERVER_PARTS, WORKBENCH_PARTS, RULE_PARTS, SCALE_PARTS, GROWTH_PARTS)
    for title, parts in zip(TITLES, kinds, strict=True):
        if set(asked or PARTS) == set(parts):
            results.record(title, _section(TITLES[title], rows))
    return int(not all(row.kept for row in rows))


def _section(made: str, rows: Sequence[Row]) -> str:
    versions = ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in LIBRARIES)])
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return "\n".join([made, f"{versions}; {machine}.", "", HEADER, *map(str, rows)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
