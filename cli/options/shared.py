"""The options that commands share: names, values and help. Nothing heavy is imported here, so that help is quick."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input", metavar="FILE...", help="Tables: CSV, Parquet or Excel, one or several; or a database's URL."
    ),
]
Query = Annotated[
    str | None,
    typer.Option(metavar="SQL|@FILE", help="What to ask the database, one SELECT.", show_default=False),
]
Synthetic = Annotated[bool, typer.Option("--mock", help="Use synthetic customers instead of files.")]
SyntheticSize = Annotated[
    int | None, typer.Option("--mock_size", metavar="N", help="Synthetic customers over 30 days.  [default: 10000]")
]
Seed = Annotated[int | None, typer.Option(metavar="N", help="Seed of the synthetic customers.  [default: 42]")]
Output = Annotated[Path, typer.Option("--output_dir", metavar="DIR", help="Folder of the output; replaced whole.")]
PolicyName = Annotated[
    str | None,
    typer.Option(metavar="NAME|FILE", help="A shipped policy by name, or a YAML file.  [default: five-segments]"),
]
Start = Annotated[str | None, typer.Option(metavar="DATE", help="First day of the 7-day window, as YYYY-MM-DD.")]
End = Annotated[
    str | None, typer.Option(metavar="DATE", help="Last day of the window.  [default: the last one in the input]")
]
Zone = Annotated[
    str | None, typer.Option(metavar="ZONE", help="The shop's time zone, such as Europe/Berlin.  [default: UTC]")
]
DateOrder = Annotated[Literal["auto", "dmy", "mdy", "ymd"], typer.Option(help="Order of day and month in dates.")]
Decimal = Annotated[Literal["auto", "point", "comma"], typer.Option(help="Decimal sign of numbers in files.")]
Limits = Annotated[
    str | None, typer.Option(metavar="K=N,...", help="What a file may hold, such as columns=5000,decoded_bytes=16G.")
]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", metavar="FILE", help="Which headers hold what: YAML, as inspect writes it.")
]
MinSize = Annotated[
    int | None, typer.Option("--min_size", metavar="N", help="Smallest segment.  [default: 3 % of all, at most 500]")
]
MaxSize = Annotated[
    int | None, typer.Option("--max_size", metavar="N", help="Largest segment or wave.  [default: 20000]")
]
SplitOversize = Annotated[
    bool, typer.Option("--split-oversize", help="Split a segment over the maximum before it goes out in waves.")
]
Weights = Annotated[
    str | None, typer.Option(metavar="K=V,...", help="Weights of the overall score, such as conv_pot=0.5,lift=0.")
]
Currency = Annotated[
    str | None, typer.Option(metavar="CODE", help="Shown beside money.  [default: the input's]", show_default=False)
]
Profile = Annotated[
    Literal["machine", "spreadsheet"],
    typer.Option(help="Text in CSV files: as it is, or safe to open in spreadsheets."),
]
OnConflict = Annotated[
    Literal["quarantine", "latest"],
    typer.Option(help="Different rows of one customer and time: set all aside, or keep the last."),
]
RecoveryHours = Annotated[
    float | None,
    typer.Option(
        "--recovery_hours",
        metavar="N",
        help="Hours without a purchase until a cart in a log is abandoned.  [default: 24]",
    ),
]
Cutoff = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="Last day of the log that decides which carts were abandoned.  [default: --end]"),
]
OutcomeDays = Annotated[
    float | None,
    typer.Option(
        "--outcome_days", metavar="N", help="Days after that in which a customer can come back.  [default: 7]"
    ),
]
FileFormat = Annotated[
    Literal["csv", "parquet"], typer.Option("--format", help="Of the assignments and the segment files.")
]
Report = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Also write a report for people: one HTML file to mail or print."),
]
Save = Annotated[
    str | None, typer.Option(metavar="NAME", help="Also save the period in the workspace, under this name.")
]
Workspace = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Saved periods and settings.  [default: RETENTION_WORKSPACE, or .workspace]"),
]
SavedRun = Annotated[str, typer.Argument(metavar="RUN", help="Identifier or name of a saved period.")]
Shown = Annotated[Literal["text", "json"], typer.Option("--format", help="As a table, or for programs.")]
Sure = Annotated[bool, typer.Option("--yes", help="Go ahead without asking.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the details of an error that is our fault.")]


def _show_version(asked: bool) -> None:
    if asked:
        from analysis.versions import PROGRAM

        typer.echo(f"Cart Recovery Segmenter {PROGRAM}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
]

ExperimentName = Annotated[
    str | None,
    typer.Option("--experiment", metavar="NAME", help="Hold out a control group under this name.", show_default=False),
]
Arms = Annotated[
    str | None,
    typer.Option(metavar="LABEL=SHARE,...", help="Arms, control first.  [default: control=0.1,treatment=0.9]"),
]
Salt = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Keeps the arms of two shops apart.", show_default=False)
]
Lifts = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Measured lifts, as the command results --lifts writes them."),
]
ArmFiles = Annotated[
    Path | None,
    typer.Option(
        "--output_dir", metavar="DIR", help="Write the period's files with the arms here.", show_default=False
    ),
]
