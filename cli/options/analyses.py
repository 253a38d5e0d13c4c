"""The options of the commands that read an input. Nothing heavy is imported here, so that help is quick."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.options.declaration import Without, option
from cli.options.shared import (
    Alone,
    ArmOptions,
    CartRules,
    EngineName,
    OutputFolder,
    Placing,
    Profile,
    Reading,
    Save,
    Shown,
    Source,
)


@dataclass(frozen=True, kw_only=True)
class SegmentOptions:
    """The options of the main command."""

    source: Source = field(default_factory=Source)
    rules: CartRules = field(default_factory=CartRules)
    cutoff: str | None = option(
        "DATE", "Last day of the log that decides which carts were abandoned.  [default: --end]"
    )
    trial: ArmOptions = field(default_factory=ArmOptions)
    alone: Alone = field(default_factory=Alone)
    lifts: Path | None = option("FILE", "Measured lifts, as the command results --lifts writes them.")
    output: OutputFolder = Path("out")
    placing: Placing = field(default_factory=Placing)
    min_size: int | None = option("N", "Smallest segment.  [default: 3 % of all, at most 500]", "--min_size")
    max_size: int | None = option("N", "Largest segment or wave.  [default: 20000]", "--max_size")
    split_oversize: bool = option(
        None, "Split a segment over the maximum before it goes out in waves.", "--split-oversize", default=False
    )
    weights: str | None = option("K=V,...", "Weights of the overall score, such as conv_pot=0.5,lift=0.")
    currency: str | None = option("CODE", "Shown beside money.  [default: the input's]")
    profile: Profile = "machine"
    file_format: Literal["csv", "parquet"] = option(
        None, "Of the assignments and the segment files.", "--format", default="csv"
    )
    engine: EngineName = option(
        None,
        "Hold all customers in memory, parts of them on the disk, or all on a cluster; auto goes by their size.",
        default="auto",
    )
    master: str | None = option(
        "URL", "Address of the cluster: spark://HOST:PORT, sc://HOST:PORT, local[N].  [default: this machine]"
    )
    temp_directory: Path | None = option(
        "DIR", "Where parts go while a run needs them.  [default: TMPDIR]", "--temp-directory"
    )
    report: Path | None = option("FILE", "Also write a report for people: one HTML file to mail or print.")
    save: Save = None


@dataclass(frozen=True, kw_only=True)
class BacktestOptions:
    """The options of the command backtest; only files hold what happened after a window."""

    source: Annotated[Source, Without({"query", "synthetic", "synthetic_size", "seed"})]
    rules: CartRules
    shown: Shown = "text"


@dataclass(frozen=True, kw_only=True)
class InspectOptions:
    """The options of the command inspect."""

    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files of one analysis.")]
    shown: Shown = "text"
    write_mapping: Path | None = option("FILE", "Write the likeliest column mapping, to be checked.", "--write-mapping")
    reading: Reading
