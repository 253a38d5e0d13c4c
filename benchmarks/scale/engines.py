"""The whole road on each engine: a CSV that grows to all files, as whole processes, in pairs."""

import shutil
import tempfile
from collections.abc import Sequence
from datetime import date
from math import log
from pathlib import Path

from benchmarks.harness import ROOT, Row, at_most
from benchmarks.scale.watching import Watched, watched
from data_generation import generate, write_csv

SIZES = (100_000, 300_000, 1_000_000)
END = date(2025, 9, 30)
PAIRS = 3


def run() -> list[Row]:
    """Return the rows of the engines."""
    rows, seconds, last = list[Row](), dict[int, float](), list[tuple[float, float]]()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for size in SIZES:
            source = folder / "customers.csv"
            write_csv(generate(size, end=END, days=7), source)
            runs = [(_ours(source, folder, "duckdb"), _ours(source, folder, "memory")) for _ in range(PAIRS)]
            title = f"{size:,} customers in parts on the disk, against all in memory"
            times, megabytes = _both(runs, "seconds"), _both(runs, "megabytes")
            rows += [
                at_most(f"{title}: time", times, 2.5, _note(times, "s")),
                at_most(f"{title}: anonymous memory", megabytes, 1, _note(megabytes, "MB")),
            ]
            seconds[size], last = min(parts for parts, _ in times), megabytes
        hand = [(_ours(source, folder, "memory"), _hand_written(source, folder)) for _ in range(PAIRS)]
        times = _both(hand, "seconds")
        rows.append(at_most(f"{SIZES[-1]:,} customers, against a script of DuckDB alone", times, 3, _note(times, "s")))
    first, top = SIZES[0], SIZES[-1]
    exponent = (log(seconds[top]) - log(seconds[first])) / (log(top) - log(first))
    words = f"parts, {first:,} to {top:,} customers: exponent of time; {last[-1][0]:,.0f} MB at the end"
    return [*rows, at_most(words, [(exponent, 1.0)], 1.05)]


def _both(runs: Sequence[tuple[Watched, Watched]], what: str) -> list[tuple[float, float]]:
    return [(getattr(one, what), getattr(other, what)) for one, other in runs]


def _note(pairs: Sequence[tuple[float, float]], unit: str) -> str:
    one, other = pairs[-1]
    return f"{one:,.1f} {unit} against {other:,.1f} {unit}"


def _ours(source: Path, folder: Path, engine: str) -> Watched:
    target = folder / engine
    options = ["--input", str(source), "--output_dir", str(target), "--end", str(END), "--engine", engine]
    taken = watched([str(ROOT / "main.py"), *options, "--temp-directory", str(folder)])
    shutil.rmtree(target)
    return taken


def _hand_written(source: Path, folder: Path) -> Watched:
    target = folder / "hand"
    script = str(ROOT / "benchmarks" / "scale" / "hand_written.py")
    taken = watched([script, str(source), str(target), "2025-09-24", str(END)])
    shutil.rmtree(target)
    return taken
