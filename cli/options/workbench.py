"""The options of the commands about rules and policies. Nothing heavy is imported here, so that help is quick."""

from dataclasses import dataclass, field
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
