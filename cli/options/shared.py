"""The options that commands share, as small dataclasses; `declare` makes one option of each field.

Nothing heavy is imported here, so that help is quick.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.options.declaration import option

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
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="Identifier or name of a saved period.")]
DecimalSign = Annotated[Literal["auto", "point", "comma"], typer.Option(help="Decimal sign of numbers in files.")]
EngineName = Literal["auto", "memory", "duckdb", "spark"]
Shown = Annotated[Literal["text", "json"], typer.Option("--format", help="As a table, or for programs.")]
Sure = Annotated[bool, typer.Option("--yes", help="Go ahead without asking.")]


@dataclass(frozen=True, kw_only=True)
class Placing:
    """What an output may replace, and who may use it."""

    overwrite: bool = option(
        None, "Replace files that other programs wrote or somebody edited, too.", "--overwrite", default=False
    )
    mode: str | None = option(
        "OCTAL", "Who may use what is written: 2770.  [default: who could before; if it is new, you]"
    )


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How files are read."""

    timezone: str | None = option("ZONE", "The shop's time zone, such as Europe/Berlin.  [default: UTC]")
    date_order: Literal["auto", "dmy", "mdy", "ymd"] = option(None, "Order of day and month in dates.", default="auto")
    decimal: DecimalSign = "auto"
    encoding: str = option("NAME", "Encoding of text that is not UTF-8, such as shift_jis or cp1250.", default="auto")
    limits: str | None = option("K=N,...", "What a file may hold, such as columns=5000,decoded_bytes=16G.")
    country: str | None = option("CODE", "The shop's country, for phone numbers without one, such as DE.", "--country")
    mapping: Path | None = option("FILE", "Which headers hold what: YAML, as inspect writes it.", "--mapping")


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is analyzed: files, a database or synthetic customers, in which window and by which policy."""

    inputs: list[str] = option(
        "FILE...",
        "Tables: CSV, Parquet or Excel, one or several; a database's URL; or spark:TABLE.",
        "--input",
        default=list,
        secret=True,
    )
    repaired: list[Path] = option("FILE...", "Rows set aside before, corrected: quarantine.csv.", default=list)
    query: str | None = option("SQL|@FILE", "What to ask the database, one SELECT.", secret=True)
    synthetic: bool = option(None, "Use synthetic customers instead of files.", "--mock", default=False)
    synthetic_size: int | None = option("N", "Synthetic customers over 30 days.  [default: 10000]", "--mock_size")
    seed: Seed = None
    policy: str | None = option("NAME|FILE", "A shipped policy by name, or a YAML file.  [default: five-segments]")
    start: str | None = option("DATE", "First day of the 7-day window, as YYYY-MM-DD.")
    end: str | None = option("DATE", "Last day of the window.  [default: the last one in the input]")
    reading: Reading = field(default_factory=Reading)
    on_conflict: Literal["quarantine", "latest"] = option(
        None, "Different rows of one customer and time: set all aside, or keep the last.", default="quarantine"
    )
    workspace: WorkspaceFolder = None


@dataclass(frozen=True, kw_only=True)
class CartRules:
    """When a cart of a log counts as abandoned, and how long its customer is then followed."""

    recovery_hours: float | None = option(
        "N", "Hours without a purchase until a cart in a log is abandoned.  [default: 24]", "--recovery_hours"
    )
    outcome_days: float | None = option(
        "N", "Days after the cutoff in which a customer can come back.  [default: 7]", "--outcome_days"
    )


@dataclass(frozen=True, kw_only=True)
class ArmOptions:
    """An experiment that holds out a control group."""

    experiment: str | None = option("NAME", "Hold out a control group under this name.", "--experiment")
    arms: str | None = option("LABEL=SHARE,...", "Arms, control first.  [default: control=0.1,treatment=0.9]")
    salt: str | None = option("TEXT", "Keeps the arms of two shops apart.")


@dataclass(frozen=True, kw_only=True)
class Alone:
    """Whom nobody contacts for now; they stay in their segments and count as who cannot be reached."""

    suppress: list[Path] = option(
        "FILE...", "Lists of those who unsubscribed or must not be contacted.", "--suppress", default=list
    )
    rest_days: int | None = option(
        "N", "Leave out whom saved periods contacted within this many days; see runs sent.", "--rest-days"
    )
