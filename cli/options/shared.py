"""The options that commands share, as small dataclasses; `declare` makes one option of each field.

Nothing heavy is imported here, so that help is quick.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import typer

Seed = Annotated[int | None, typer.Option(metavar="N", help="Seed of the synthetic customers.  [default: 42]")]
OutputFolder = Annotated[
    Path, typer.Option("--output_dir", metavar="DIR", help="Folder of the output; replaced whole.")
]
Profile = Annotated[
    Literal["machine", "spreadsheet"],
    typer.Option(help="Text in CSV files: as it is, or safe to open in spreadsheets."),
]
Save = Annotated[
    str | None, typer.Option(metavar="NAME", help="Also save the period in the workspace, under this name.")
]
WorkspaceFolder = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Saved periods and settings.  [default: RETENTION_WORKSPACE, or .workspace]"),
]
SavedRun = Annotated[str, typer.Argument(metavar="RUN", help="Identifier or name of a saved period.")]
DecimalSign = Annotated[Literal["auto", "point", "comma"], typer.Option(help="Decimal sign of numbers in files.")]
Shown = Annotated[Literal["text", "json"], typer.Option("--format", help="As a table, or for programs.")]
Sure = Annotated[bool, typer.Option("--yes", help="Go ahead without asking.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the details of an error that is our fault.")]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How files are read."""

    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="The shop's time zone, such as Europe/Berlin.  [default: UTC]")
    ] = None
    date_order: Annotated[
        Literal["auto", "dmy", "mdy", "ymd"], typer.Option(help="Order of day and month in dates.")
    ] = "auto"
    decimal: DecimalSign = "auto"
    limits: Annotated[
        str | None,
        typer.Option(metavar="K=N,...", help="What a file may hold, such as columns=5000,decoded_bytes=16G."),
    ] = None
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="Which headers hold what: YAML, as inspect writes it."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is analyzed: files, a database or synthetic customers, in which window and by which policy."""

    inputs: Annotated[
        list[str],
        typer.Option(
            "--input", metavar="FILE...", help="Tables: CSV, Parquet or Excel, one or several; or a database's URL."
        ),
    ] = field(default_factory=list, repr=False)
    query: Annotated[
        str | None,
        typer.Option(metavar="SQL|@FILE", help="What to ask the database, one SELECT.", show_default=False),
    ] = field(default=None, repr=False)
    synthetic: Annotated[bool, typer.Option("--mock", help="Use synthetic customers instead of files.")] = False
    synthetic_size: Annotated[
        int | None, typer.Option("--mock_size", metavar="N", help="Synthetic customers over 30 days.  [default: 10000]")
    ] = None
    seed: Seed = None
    policy: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="A shipped policy by name, or a YAML file.  [default: five-segments]"),
    ] = None
    start: Annotated[str | None, typer.Option(metavar="DATE", help="First day of the 7-day window, as YYYY-MM-DD.")] = (
        None
    )
    end: Annotated[
        str | None, typer.Option(metavar="DATE", help="Last day of the window.  [default: the last one in the input]")
    ] = None
    reading: Reading = field(default_factory=Reading)
    workspace: WorkspaceFolder = None


@dataclass(frozen=True, kw_only=True)
class CartRules:
    """When a cart of a log counts as abandoned, and how long its customer may take to come back."""

    recovery_hours: Annotated[
        float | None,
        typer.Option(
            "--recovery_hours",
            metavar="N",
            help="Hours without a purchase until a cart in a log is abandoned.  [default: 24]",
        ),
    ] = None
    outcome_days: Annotated[
        float | None,
        typer.Option(
            "--outcome_days", metavar="N", help="Days after that in which a customer can come back.  [default: 7]"
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class ArmOptions:
    """An experiment that holds out a control group."""

    experiment: Annotated[
        str | None,
        typer.Option(
            "--experiment", metavar="NAME", help="Hold out a control group under this name.", show_default=False
        ),
    ] = None
    arms: Annotated[
        str | None,
        typer.Option(metavar="LABEL=SHARE,...", help="Arms, control first.  [default: control=0.1,treatment=0.9]"),
    ] = None
    salt: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Keeps the arms of two shops apart.", show_default=False)
    ] = None
