"""The options of the commands that read an input. Nothing heavy is imported here, so that help is quick."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.options.declaration import Without
from cli.options.shared import ArmOptions, CartRules, OutputFolder, Profile, Reading, Save, Shown, Source


@dataclass(frozen=True, kw_only=True)
class SegmentOptions:
    """The options of the main command."""

    source: Source = field(default_factory=Source)
    rules: CartRules = field(default_factory=CartRules)
    cutoff: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="Last day of the log that decides which carts were abandoned.  [default: --end]"
        ),
    ] = None
    trial: ArmOptions = field(default_factory=ArmOptions)
    lifts: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Measured lifts, as the command results --lifts writes them."),
    ] = None
    output: OutputFolder = Path("out")
    min_size: Annotated[
        int | None,
        typer.Option("--min_size", metavar="N", help="Smallest segment.  [default: 3 % of all, at most 500]"),
    ] = None
    max_size: Annotated[
        int | None, typer.Option("--max_size", metavar="N", help="Largest segment or wave.  [default: 20000]")
    ] = None
    split_oversize: Annotated[
        bool, typer.Option("--split-oversize", help="Split a segment over the maximum before it goes out in waves.")
    ] = False
    weights: Annotated[
        str | None, typer.Option(metavar="K=V,...", help="Weights of the overall score, such as conv_pot=0.5,lift=0.")
    ] = None
    currency: Annotated[
        str | None, typer.Option(metavar="CODE", help="Shown beside money.  [default: the input's]", show_default=False)
    ] = None
    profile: Profile = "machine"
    on_conflict: Annotated[
        Literal["quarantine", "latest"],
        typer.Option(help="Different rows of one customer and time: set all aside, or keep the last."),
    ] = "quarantine"
    file_format: Annotated[
        Literal["csv", "parquet"], typer.Option("--format", help="Of the assignments and the segment files.")
    ] = "csv"
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write a report for people: one HTML file to mail or print."),
    ] = None
    save: Save = None


@dataclass(frozen=True, kw_only=True)
class BacktestOptions:
    """The options of the command backtest; only files hold what happened after a window."""

    source: Annotated[Source, Without("query", "synthetic", "synthetic_size", "seed")]
    rules: CartRules
    shown: Shown = "text"


@dataclass(frozen=True, kw_only=True)
class InspectOptions:
    """The options of the command inspect."""

    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files of one analysis.")]
    shown: Shown = "text"
    write_mapping: Annotated[
        Path | None,
        typer.Option("--write-mapping", metavar="FILE", help="Write the likeliest column mapping, to be checked."),
    ] = None
    reading: Reading
