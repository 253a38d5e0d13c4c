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
ENTRIES = 10
"""Entries of a customer, about."""


def write_log(entries: int, target: Path) -> None:
    """Write so many events as CSV, in the columns of REES46."""
    log = activity(entries, customers=entries // ENTRIES)
    words = np.array([WORDS[each] for each in Event], dtype=object)
    times = pa.array(log.time).cast(pa.timestamp("us")).cast(pa.timestamp("s")).cast(pa.string())
    ids = pa.array(log.customer + 500_000_000).cast(pa.string())
    table = pa.table(
        {
            "event_time": times,
            "event_type": pa.array(words[log.event], pa.string()),
            "product_id": pa.array(np.arange(entries) % 4_001).cast(pa.string()),
            "category_id": pa.array(np.arange(entries) % 37).cast(pa.string()),
            "price": pa.array(log.value, from_pandas=True).cast(pa.string()),
            "user_id": ids,
            "user_session": pa.array(log.visit).cast(pa.string()),
        }
    )
    csv.write_csv(table, target)


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
