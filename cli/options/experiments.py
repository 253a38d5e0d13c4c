"""The options of the commands about experiments. Nothing heavy is imported here, so that help is quick."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli.options.shared import ArmOptions, DecimalSign, Save, SavedRun, Shown, WorkspaceFolder

WishedLift = Annotated[float, typer.Option("--lift", metavar="X", help="Relative lift to find: 0.2 is a fifth more.")]
WishedPower = Annotated[float, typer.Option("--power", metavar="X", help="How often the lift should be found.")]
Revenue = Annotated[str | None, typer.Option(metavar="COLUMN", help="What the customer spent during the experiment.")]
Covariate = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="A number known before, such as earlier revenue.")
]


@dataclass(frozen=True, kw_only=True)
class HoldoutOptions:
    """The options of the command holdout."""

    run: SavedRun
    trial: ArmOptions
    lift: WishedLift = 0.2
    power: WishedPower = 0.8
    output: Annotated[
        Path | None,
        typer.Option(
            "--output_dir", metavar="DIR", help="Write the period's files with the arms here.", show_default=False
        ),
    ] = None
    save: Save = None
    shown: Shown = "text"
    workspace: WorkspaceFolder = None


@dataclass(frozen=True, kw_only=True)
class LiftOptions:
    """The options of the command lift."""

    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table with one row per customer of the experiment.")]
    arm: Annotated[str, typer.Option(metavar="COLUMN", help="The arm that each customer was assigned to.")]
    control: Annotated[str, typer.Option(metavar="LABEL", help="Which label is the control.")]
    outcome: Annotated[str, typer.Option(metavar="COLUMN", help="Whether the customer converted: 0 or 1, yes or no.")]
    revenue: Revenue = None
    by: Annotated[str | None, typer.Option(metavar="COLUMN", help="Results per group, such as the segment.")] = None
    customer: Annotated[
        str | None,
        typer.Option("--id", metavar="COLUMN", help="The customer's identifier.  [default: each row is one]"),
    ] = None
    covariate: Covariate = None
    decimal: DecimalSign = "auto"
    allocation: Annotated[
        str | None, typer.Option(metavar="LABEL=SHARE,...", help="The planned shares; without them nothing is checked.")
    ] = None
    contact_cost: Annotated[
        float, typer.Option("--contact_cost", metavar="X", help="Money per customer of a treatment.")
    ] = 0.0
    discount: Annotated[float, typer.Option(metavar="X", help="Money per converted customer of a treatment.")] = 0.0
    margin: Annotated[float, typer.Option(metavar="X", help="Contribution margin, a share of revenue.")] = 1.0
    shown: Shown = "text"


@dataclass(frozen=True, kw_only=True)
class ResultsOptions:
    """The options of the command results."""

    run: SavedRun
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="What customers did after the send: lists of outcomes, or orders."),
    ]
    sent: Annotated[
        str | None,
        typer.Option("--sent", metavar="DATE", help="Day of the send in the shop's zone; needed for orders."),
    ] = None
    days: Annotated[
        float | None,
        typer.Option("--days", metavar="N", help="Days after the send in which an order counts.  [default: 14]"),
    ] = None
    customer: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="The customer's identifier, or the e-mail address.")
    ] = None
    outcome: Annotated[
        str | None,
        typer.Option("--outcome", metavar="COLUMN", help="Whether the customer converted: 0 or 1, yes or no."),
    ] = None
    revenue: Revenue = None
    covariate: Covariate = None
    decimal: DecimalSign = "auto"
    lifts: Annotated[
        Path | None,
        typer.Option("--lifts", metavar="FILE", help="Add what was measured to a file that the main command takes."),
    ] = None
    treatment: Annotated[
        str | None, typer.Option(metavar="LABEL", help="Which treatment's lifts; needed where there are several.")
    ] = None
    margin: Annotated[
        float | None,
        typer.Option("--margin", metavar="X", help="Contribution margin, a share of revenue.  [default: the period's]"),
    ] = None
    contact_cost: Annotated[
        float | None,
        typer.Option("--contact_cost", metavar="X", help="Money per customer of a treatment.  [default: the period's]"),
    ] = None
    discount: Annotated[
        float | None,
        typer.Option(
            "--discount", metavar="X", help="Money per converted customer of a treatment.  [default: the period's]"
        ),
    ] = None
    shown: Shown = "text"
    workspace: WorkspaceFolder = None


@dataclass(frozen=True, kw_only=True)
class LiftsOptions:
    """The options of the command lifts."""

    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A file of results --lifts; else those of the workspace."),
    ] = None
    forget: Annotated[
        str | None, typer.Option("--forget", metavar="EXPERIMENT", help="Forget what this experiment measured.")
    ] = None
    shown: Shown = "text"
    workspace: WorkspaceFolder = None


@dataclass(frozen=True, kw_only=True)
class PowerOptions:
    """The options of the command power."""

    size: Annotated[
        float | None, typer.Option("--size", metavar="N", help="Customers, control and treatment together.")
    ] = None
    scores: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A segment_scores.csv: an answer for each of its segments.")
    ] = None
    baseline: Annotated[
        float | None, typer.Option(metavar="X", help="Conversion rate without treatment.  [default: 0.08]")
    ] = None
    holdout: Annotated[float, typer.Option(metavar="X", help="Share of the customers that is held out.")] = 0.1
    lift: WishedLift = 0.2
    power: WishedPower = 0.8
    weekly: Annotated[
        float | None, typer.Option(metavar="N", help="New customers a week; --size or the segment's size if left out.")
    ] = None
    shown: Shown = "text"
