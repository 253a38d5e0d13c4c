"""Parquet to Parquet, of 100,000 customers and more: ours in parts against DuckDB and Polars written by hand.

python -m benchmarks.scale.growth SIZE ...: measures these sizes, and draws all that were measured so far.
"""

import csv
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from math import log
from pathlib import Path

from benchmarks.harness import ROOT, Row, at_most, single
from benchmarks.scale.growth_plot import draw
from benchmarks.scale.inputs import END, write_customers
from benchmarks.scale.watching import Watched, watched

SIZES = (100_000, 1_000_000)
START = "2025-09-24"
HERE = Path(__file__).parent
POINTS, PLOT = HERE / "growth.csv", HERE / "growth.svg"
Points = dict[tuple[str, int], Watched]
OURS, DUCKDB, POLARS = "ours in parts", "DuckDB by hand", "Polars by hand"


def run() -> list[Row]:
    """Return the rows of growth, with the sizes that were measured before."""
    measure(SIZES)
    return list(_rows(_read()))


def measure(sizes: Sequence[int]) -> None:
    """Measure some sizes in turn, keep them beside the others, and draw all."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            source = folder / "customers.parquet"
            write_customers(size, source)
            for name, arguments in WAYS.items():
                found = watched(arguments(source, folder / "out", folder))
                shutil.rmtree(folder / "out")
                keep(name, size, found)
    draw(_read(), PLOT)


def _ours(source: Path, target: Path, folder: Path) -> list[str]:
    options = ["--end", str(END), "--engine", "duckdb", "--format", "parquet", "--temp-directory", str(folder)]
    limits = ["--limits", "rows=2000000000,decoded_bytes=200G"]
    return [str(ROOT / "main.py"), "--input", str(source), "--output_dir", str(target), *options, *limits]


def _by_hand(script: str, *more: str) -> Callable[[Path, Path, Path], list[str]]:
    return lambda source, target, _: [str(HERE / script), str(source), str(target), START, str(END), *more]


WAYS = {OURS: _ours, DUCKDB: _by_hand("hand_written.py"), POLARS: _by_hand("by_polars.py")}


def keep(name: str, size: int, found: Watched) -> None:
    """Keep what was measured in the place of what was measured before."""
    points = _read() | {(name, size): found}
    with POINTS.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["what", "customers", "seconds", "cpu", "megabytes", "resident"])
        for (what, count), each in sorted(points.items()):
            writer.writerow([what, count, *(f"{value:.2f}" for value in vars(each).values())])


def _read() -> Points:
    if not POINTS.exists():
        return {}
    with POINTS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    return {(what, int(size)): Watched(*map(float, rest)) for what, size, *rest in rows}


def _rows(points: Points) -> Iterator[Row]:
    ours = {size: found for (name, size), found in sorted(points.items()) if name == OURS}
    for size, found in ours.items():
        others = {name: points[name, size] for name in (DUCKDB, POLARS) if (name, size) in points}
        title = f"Parquet of {size:,} customers to Parquet"
        note = f"{found.seconds:,.0f} s on the clock, {found.resident:,.0f} MB with mapped files"
        yield single(f"{title}: anonymous memory", "MB", found.megabytes, 512, note)
        if others:
            least = min(others, key=lambda name: others[name].cpu)
            words = ", ".join(f"{name} {each.cpu:,.1f} s and {each.megabytes:,.0f} MB" for name, each in others.items())
            pairs = [(found.cpu, others[least].cpu)]
            yield at_most(f"{title}: CPU seconds, against {least}", pairs, 1.2, f"{found.cpu:,.1f} s; {words}")
    sizes = sorted(ours)
    if len(sizes) > 1:
        first, top = sizes[0], sizes[-1]
        exponent = log(ours[top].cpu / ours[first].cpu) / log(top / first)
        yield single(f"Parquet to Parquet, {first:,} to {top:,} customers", "exponent of CPU seconds", exponent, 1.05)


if __name__ == "__main__":
    measure([int(each) for each in sys.argv[1:]])
