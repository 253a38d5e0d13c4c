"""A cluster of one worker against one of two, and what a task costs beside its work: seconds on the clock.

Run `python -m benchmarks.scale.cluster 1000000 8` for so many customers in so many files, with nothing else running.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import pandas as pd

from benchmarks.harness import ROOT
from benchmarks.scale.inputs import END, write_customers
from benchmarks.scale.watching import watched
from cli.inputs.spark import spark
from data_ingestion.cluster.blobs import SCHEMA, Cluster, SpreadRows, packed
from tests.servers.spark import standalone

TURNS = 3
FEW, MANY = 8, 72
"""Tasks of two passes: what one costs more than the other is the cost of the tasks between."""


def main() -> None:
    """Print the seconds of each number of workers in turn, their ratio, and the seconds of a task."""
    size, files = map(int, sys.argv[1:3])
    # The driver and its workers find each other without the network, and an executor has 1 GB.
    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_EXECUTOR_MEMORY": "1g"}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        sources = [folder / f"{number}.parquet" for number in range(files)]
        write_customers(size, folder / "all.parquet")
        customers = pd.read_parquet(folder / "all.parquet")
        for number, source in enumerate(sources):
            customers[number::files].to_parquet(source, index=False)
        taken: dict[int, list[float]] = {1: [], 2: []}
        for turn in range(TURNS):
            for workers, seconds in taken.items():
                seconds.append(_on(workers, folder, sources))
                print(f"turn {turn + 1}, {workers} worker(s): {seconds[-1]:.1f} s", flush=True)
    pairs = [one / two for one, two in zip(taken[1], taken[2], strict=True)]
    print(f"{size:,} customers in {files} files: two workers are {median(pairs):.2f} x as fast as one")
    print(f"a task costs {_of_a_task():.3f} s beside its work")


def _on(workers: int, folder: Path, sources: list[Path]) -> float:
    """Return the seconds of the main command on a cluster of so many workers, of a core each."""
    logs, target = folder / f"cluster-{workers}", folder / "out"
    logs.mkdir()
    with standalone(logs, workers, "1500m") as cluster:
        options = ["--output_dir", str(target), "--engine", "spark", "--master", cluster.url, "--end", str(END)]
        taken = watched([str(ROOT / "main.py"), "--input", *map(str, sources), *options, "--format", "parquet"])
    shutil.rmtree(logs)
    shutil.rmtree(target)
    return taken.seconds


def _of_a_task() -> float:
    """Return the seconds that a task of a pass takes, whose part has next to no rows, on one core."""
    frame, found = pd.DataFrame({"number": range(10)}), dict[int, float]()
    with spark("local[1]") as session:
        for tasks in (FEW, MANY):
            rows = session.createDataFrame([tuple(packed(part, 0, frame)) for part in range(tasks)], SCHEMA)
            with Cluster(session, tasks) as cluster:
                spread = SpreadRows(cluster, cluster.kept(rows.repartitionById(tasks, "part")), frame[:0])
                spread.summed(len)
                found[tasks] = median(_seconds(spread) for _ in range(TURNS))
    return (found[MANY] - found[FEW]) / (MANY - FEW)


def _seconds(spread: SpreadRows) -> float:
    start = perf_counter()
    spread.summed(len)
    return perf_counter() - start


if __name__ == "__main__":
    main()
