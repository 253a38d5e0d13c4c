"""The options of the commands about rules and policies. Nothing heavy is imported here, so that help is quick."""

from dataclasses import MISSING, dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from cli.options.declaration import Without, option
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
    suppressed: str | None = option("NAME", "A table there of user_id and email that no audience has.", "--suppressed")
    assume_consent: bool = option(
        None, "Take it that everybody agreed, where the data does not say.", "--assume-consent", default=False
    )
    hash_function: str | None = option("NAME", "For SQLite: your function for the arms' hash.", "--hash-function")
    output: Path = option("FOLDER|FILE", "Where to: one file a statement, or NAME.sql.", default=Path("sql"))
    dbt: Path | None = option("FOLDER", "A dbt project, which gets a model with tests instead.", "--dbt")
    placing: Annotated[Placing, Without({"mode"})] = field(default_factory=Placing)
    source: Annotated[Source, Without({"policy"})]
    rules: CartRules
