"""Event logs of any size, as whole processes on each engine: processor seconds and memory of their own.

Run `python -m benchmarks.scale.event_logs duckdb 1000000 10000000`.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from benchmarks.activity_logs import activity
from benchmarks.harness import ROOT
from benchmarks.scale.watching import watched
from retention.activity.activity import Event

WORDS = {
    Event.VIEW: "view",
    Event.CART: "cart",
    Event.REMOVE: "remove_from_cart",
    Event.CHECKOUT: "cart",
    Event.PURCHASE: "purchase",
}
SEED = 20250930
ENTRIES = 10
"""Entries of a customer, about."""


PIECE = 10_000_000
"""Entries that are drawn at once, so that larger logs need no more memory; each piece has customers of its own."""


def write_log(entries: int, target: Path) -> None:
    """Write so many events as CSV, in the columns of REES46."""
    with target.open("wb") as file:
        for start in range(0, entries, PIECE):
            options = csv.WriteOptions(include_header=start == 0)
            csv.write_csv(_table(start, min(PIECE, entries - start)), file, options)


def _table(start: int, entries: int) -> pa.Table:
    customers = entries // ENTRIES
    log = activity(entries, customers=customers, seed=SEED + start)
    words = np.array([WORDS[each] for each in Event], dtype=object)
    times = pa.array(log.time).cast(pa.timestamp("us")).cast(pa.timestamp("s")).cast(pa.string())
    places = np.arange(start, start + entries)
    return pa.table(
        {
            "event_time": times,
            "event_type": pa.array(words[log.event], pa.string()),
            "product_id": pa.array(places % 4_001).cast(pa.string()),
            "category_id": pa.array(places % 37).cast(pa.string()),
            "price": pa.array(log.value, from_pandas=True).cast(pa.string()),
            "user_id": pa.array(log.customer + 500_000_000 + start // ENTRIES).cast(pa.string()),
            "user_session": pa.array(log.visit + start).cast(pa.string()),
        }
    )


def main() -> None:
    """Print what each size takes on an engine."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        engine = sys.argv[1]
        for size in map(int, sys.argv[2:]):
            source, target = folder / "log.csv", folder / "out"
            write_log(size, source)
            limits = ["--limits", "rows=2000000000,decoded_bytes=200G"]
            options = ["--input", str(source), "--output_dir", str(target), "--engine", engine, *limits]
            taken = watched([str(ROOT / "main.py"), *options, "--temp-directory", str(folder)])
            shutil.rmtree(target)
            print(f"{size:,} {engine}: {taken.cpu:.1f} s of CPU, {taken.seconds:.1f} s, {taken.megabytes:.0f} MB")


if __name__ == "__main__":
    main()
