"""The analysis on any engine: of rows that were read, or of files that are read for it."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from weakref import finalize

from analysis.engines.parts import analyze_parts
from analysis.engines.spark import analyze_spread
from analysis.run import Progress, Run, Settings, analyze_whole
from data_ingestion import Intake, PartedActivity, PartedIntake, ReadOptions, Spool, read_customers, read_parts
from data_ingestion.cluster.blobs import Cluster
from data_ingestion.cluster.reading import read_spread
from data_ingestion.cluster.sources import IN_MEMORY, SpreadFiles, parts_of
from retention.errors import OptionError
from retention.policy.policy import Policy
from workers.memory import free
from workers.room import PREFIX, held

EngineName = Literal["auto", "memory", "duckdb", "spark"]
PACKED = (".gz", ".xz", ".parquet", ".xlsx")
TIMES, PACKED_TIMES = 4, 20
"""Memory that an analysis takes for each byte of a file of text, and of a packed one, at the most."""
SPILL_LEAST, SPILL_SHARE = 128 << 20, 4
"""Bytes from which on the engine beside an analysis in parts spills: at least so many, or this part of what is free."""


def analyze(
    rows: Intake | PartedIntake | PartedActivity | Sequence[Path],
    policy: Policy,
    settings: Settings | None = None,
    *,
    engine: EngineName = "auto",
    options: ReadOptions | None = None,
    progress: Progress | None = None,
) -> Run:
    """Return the scored partition of the window's customers: the same segments and numbers on every engine.

    Args:
        rows: Files; or rows as `data_ingestion` read them, which are analysed where they are.
        policy: The decision tree.
        settings: Window, sizes, weights and the like.
        engine: What files are read for: in memory; in parts on the disk, which are there as long as the run; on the
            cluster of the session of Spark that is there; or, by their size, one of the first two.
        options: How files are read.
        progress: Called with a step's name and the share of the work that is done.

    Raises:
        InputError: The files cannot be read, the window is empty, or the policy does not fit the rows or the engine.
    """
    settings, reading = settings or Settings(), options or ReadOptions()
    if isinstance(rows, Intake):
        return analyze_whole(rows, policy, settings, progress=progress)
    if isinstance(rows, PartedIntake | PartedActivity):
        return analyze_parts(rows, policy, settings, progress=progress)
    if reading.repairs and engine in ("duckdb", "spark"):
        raise OptionError("the customers cannot be read in parts: rows are repaired", remedies=(IN_MEMORY,))
    if engine == "spark":
        cluster, files = _cluster(rows), SpreadFiles(tuple(path.absolute() for path in rows))
        return analyze_spread(cluster, read_spread(cluster, files, reading), policy, settings, progress=progress)
    if engine == "memory" or reading.repairs or (engine == "auto" and needed(rows) <= free()):
        return analyze_whole(read_customers(rows, options=reading), policy, settings, progress=progress)
    stack = ExitStack()
    place = Path(stack.enter_context(TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True)))
    stack.enter_context(held(place))
    spool = spool_in(place)
    finalize(spool, stack.close)
    return analyze(read_parts(rows, spool, options=reading), policy, settings, progress=progress)


def needed(files: Sequence[Path]) -> int:
    """Return the bytes of memory that an analysis of some files may take."""
    return sum(path.stat().st_size * (PACKED_TIMES if path.suffix in PACKED else TIMES) for path in files)


def spool_in(place: Path) -> Spool:
    """Return where parts go, beside an engine that leaves most of the memory to others."""
    return Spool(place, max(SPILL_LEAST, free() // SPILL_SHARE))


def _cluster(files: Sequence[Path]) -> Cluster:
    from pyspark.sql import SparkSession  # noqa: PLC0415 - not installed everywhere

    session = SparkSession.getActiveSession()
    if session is None:
        raise OptionError("there is no session of Spark", hint="Start one", remedies=(IN_MEMORY,))
    return Cluster(session, parts_of(SpreadFiles(tuple(files)), session))
