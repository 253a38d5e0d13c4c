"""The options of the commands about rules and policies. Nothing heavy is imported here, so that help is quick."""

from dataclasses import MISSING, dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.options.declaration import Without, option
from cli.options.experiments import AfterSend
from cli.options.shared import CartRules, Placing, Shown, Source


@dataclass(frozen=True, kw_only=True)
class AuditOptions:
    """The options of the command audit; the customers come from files."""

    file: Annotated[
        Path,
        typer.Argument(metavar="RULES", help="YAML rules, a decision table as CSV, SQL with a CASE, or a policy."),
    ]
    source: Annotated[Source, Without({"query", "synthetic", "synthetic_size", "seed", "policy", "repaired"})]
    rules: CartRules
    repair: Path | None = option("FILE", "Write the smallest repair as a policy.", "--repair")
    check: bool = option(None, "End with exit code 3 where something is wrong, for scripts.", "--check", default=False)
    placing: Annotated[Placing, Without({"mode"})] = field(default_factory=Placing)
    shown: Shown = "text"


@dataclass(frozen=True, kw_only=True)
class SqlOptions:
    """The options of the command sql."""

    named: Annotated[str, typer.Argument(metavar="POLICY", help="A shipped policy by name, or a YAML file.")]
    run: str | None = option("RUN", "A saved period of the policy, whose cuts, segments and arms are written.", "--run")
    dialect: str = option(
        "NAME",
        "bigquery, snowflake, databricks, postgres, redshift, duckdb, spark, mysql, sqlite, trino or clickhouse.",
        "--dialect",
        default=MISSING,
    )
    table: str = option("NAME", "The table of customers there, such as shop.customers.", "--table", default="customers")
    statements: list[str] = option(
        "NAME...", "segments, arms, cube, audience.  [default: segments]", "--statement", default=list
    )
    suppressed: str | None = option(
        "NAME", "A table there, with user_id and email, of people to leave out.", "--suppressed"
    )
    assume_consent: bool = option(
        None, "Assume that everybody agreed, where the data does not say.", "--assume-consent", default=False
    )
    hash_function: str | None = option("NAME", "For SQLite: your function for the arms' hash.", "--hash-function")
    output: Path | None = option(
        "FOLDER|FILE", "Where to: one file a statement, or NAME.sql.  [default: shown]", "--output"
    )
    dbt: Path | None = option("FOLDER", "A dbt project, which gets a model with tests instead.", "--dbt")
    placing: Annotated[Placing, Without({"mode"})] = field(default_factory=Placing)
    source: Annotated[Source, Without({"policy"})]
    rules: CartRules


@dataclass(frozen=True, kw_only=True)
class TreeOptions:
    """The options of the command tree."""

    run: str | None = option("RUN", "A saved period instead of an input, by identifier or name.", "--run")
    source: Annotated[Source, Without({"seed"})]
    rules: CartRules
    objective: Literal["spread", "profit"] = option(
        None, "Segments of different expected value, or the arm that pays most for each.", default="spread"
    )
    outcomes: list[Path] = option(
        "FILE...", "What customers of the run's experiment did after the send, for profit.", "--outcomes", default=list
    )
    after: AfterSend
    depth: int = option("N", "Most splits on a path, up to 4.", default=3)
    bins: int = option("N", "Most bins of a column, up to 32.", default=16)
    columns: str | None = option("NAME,...", "What it may split on.  [default: every column that a policy can]")
    min_size: int | None = option("N", "Smallest segment.  [default: the policy's]", "--min_size")
    max_size: int | None = option("N", "Largest segment.  [default: any size]", "--max_size")
    min_arm: int = option("N", "For profit: fewest customers of each arm in a segment.", "--min_arm", default=100)
    budget: float | None = option("X", "For profit: most money for contacts.  [default: any]", "--budget")
    caution: float = option("X", "For profit: standard errors that each further segment must bring.", default=0.5)
    resamples: int = option("N", "How often customers are resampled to see how firm the splits are.", default=100)
    output: Path | None = option("FILE", "Write the tree as a policy, such as better.yaml.", "--output")
    placing: Annotated[Placing, Without({"mode"})] = field(default_factory=Placing)
    shown: Shown = "text"
