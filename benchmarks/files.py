"""The whole road: a CSV of 1,000,000 customers in, every file written and verified, as whole processes."""

import shutil
import tempfile
from datetime import date
from pathlib import Path

from benchmarks.harness import ROOT, Process, Row, at_least, at_most, process, times_note
from data_generation import generate, write_csv

SIZE = 1_000_000
END = date(2025, 9, 30)


def run() -> list[Row]:
    """Return the rows of the whole road."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "customers.csv"
        # Seven days of customers, so that all of them are in the window.
        write_csv(generate(SIZE, end=END, days=7), source)
        runs = [(_ours(source, Path(folder)), _plain(source, Path(folder))) for _ in range(6)][1:]
    pairs = [(ours.seconds, plain.seconds) for ours, plain in runs]
    memory = [(ours.megabytes, plain.megabytes) for ours, plain in runs]
    title = f"CSV of {SIZE:,} customers to all files, against a plain pandas script"
    note = f"{memory[0][0]:,.0f} MB against {memory[0][1]:,.0f} MB"
    return [at_least(title, pairs, 2, times_note(pairs)), at_most(f"{title}: peak memory", memory, 1, note)]


def _ours(source: Path, folder: Path) -> Process:
    target = folder / "ours"
    taken = process([str(ROOT / "main.py"), "--input", str(source), "--output_dir", str(target), "--end", str(END)])
    shutil.rmtree(target)
    return taken


def _plain(source: Path, folder: Path) -> Process:
    target = folder / "plain"
    script = str(ROOT / "benchmarks" / "plain_pandas.py")
    taken = process([script, str(source), str(target), "2025-09-24", str(END)])
    shutil.rmtree(target)
    return taken
