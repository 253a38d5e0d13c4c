"""The options of the commands weekly and init. Nothing heavy is imported here, so that help is quick."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli.options.declaration import option

Config = Annotated[Path, typer.Option("--config", metavar="FILE", help="The shop's file.")]


@dataclass(frozen=True, kw_only=True)
class WeeklyOptions:
    """The options of the command weekly."""

    config: Config = Path("shop.yaml")
    today: str | None = option("DATE", "Act as on this day.  [default: today]")
    undo: bool = option(None, "Undo what was learnt last, and do nothing else.", "--undo", default=False)


@dataclass(frozen=True, kw_only=True)
class InitOptions:
    """The options of the command init; on a terminal it asks for what is left out."""

    config: Config = Path("shop.yaml")
    inputs: list[str] = option(
        "FILE...", "Files, folders, patterns; or env:NAME of a database.", "--input", default=list
    )
    query: str | None = option("SQL", "What to ask the database, one SELECT.", secret=True)
    policy: str | None = option("NAME|FILE", "A policy.  [default: the workspace's]")
    timezone: str | None = option("ZONE", "The shop's time zone, such as Europe/Berlin.  [default: the workspace's]")
    country: str | None = option("CODE", "The shop's country, for phone numbers, such as DE.")
    currency: str | None = option("CODE", "Shown beside money.  [default: the input's]")
    platform: str | None = option("NAME", "The platform of the audience files, such as klaviyo.  [default: csv]")
    experiment: str | None = option("NAME", "Hold out a control group under this name.")
    holdout: float | None = option("SHARE", "Share that is held out.  [default: 0.1]")
    message: list[str] = option("env:NAME", "Variable with an address to notify; repeat it for more.", default=list)
    overwrite: bool = option(None, "Replace the file that is there.", "--overwrite", default=False)
