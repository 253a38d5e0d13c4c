"""The options of the commands about experiments. Nothing heavy is imported here, so that help is quick."""

from dataclasses import MISSING, dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from cli.options.declaration import Without, option
from cli.options.shared import ArmOptions, Placing, Reading, RunArgument, Save, Shown, WorkspaceFolder

WishedLift = Annotated[float, typer.Option("--lift", metavar="X", help="Relative lift to find: 0.2 is a fifth more.")]
WishedPower = Annotated[float, typer.Option("--power", metavar="X", help="How often the lift should be found.")]
Revenue = Annotated[str | None, typer.Option(metavar="COLUMN", help="What the customer spent during the experiment.")]
Covariate = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="A number known before, such as earlier revenue.")
]

Cap = Annotated[
    float | None,
    typer.Option(metavar="X", help="Cut money off above this quantile of all purchases: 0.99. Choose before looking."),
]
Guardrails = Annotated[
    list[str] | None,
    typer.Option(
        "--guardrail",
        metavar="COLUMN[=X]",
        help="Must not rise by more than X (below 0: fall); repeat it for more.  [default: 0.005, for amounts 5%]",
    ),
]


@dataclass(frozen=True, kw_only=True)
class HoldoutOptions:
    """The options of the command holdout."""

    run: RunArgument
    trial: ArmOptions
    lift: WishedLift = 0.2
    power: WishedPower = 0.8
    balance: bool = option(
        None,
        "Choose the salt under which the arms are most alike.",
        "--balance/--no-balance",
        default=True,
    )
    seed: int = option("N", "Seed of the salts that are tried.", default=0)
    output: Path | None = option("DIR", "Write the period's files with the arms here.", "--output_dir")
    placing: Placing = field(default_factory=Placing)
    save: Save = None
    shown: Shown = "text"
    workspace: WorkspaceFolder = None


@dataclass(frozen=True, kw_only=True)
class LiftOptions:
    """The options of the command lift."""

    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table with one row per customer of the experiment.")]
    arm: str = option("COLUMN", "The arm that each customer was assigned to.", default=MISSING)
    control: str = option("LABEL", "Which label is the control.", default=MISSING)
    outcome: str = option("COLUMN", "Whether the customer converted: 0 or 1, yes or no.", default=MISSING)
    revenue: Revenue = None
    by: str | None = option("COLUMN", "Results per group, such as the segment.")
    customer: str | None = option("COLUMN", "The customer's identifier.  [default: each row is one]", "--id")
    covariate: Covariate = None
    guardrail: Guardrails = None
    cap: Cap = None
    reading: Annotated[Reading, Without({"timezone", "country", "date_order", "mapping"})]
    allocation: str | None = option("LABEL=SHARE,...", "The planned shares; without them nothing is checked.")
    contact_cost: float | None = option("X", "Money per customer of a treatment.", "--contact_cost")
    discount: float | None = option("X", "Money per converted customer of a treatment.")
    margin: float | None = option("X", "Contribution margin, a share of revenue; without any cost no profit is shown.")
    shown: Shown = "text"


@dataclass(frozen=True, kw_only=True)
class AfterSend:
    """When a campaign went out, and where a list says what its customers did."""

    sent: str | None = option(
        "DATE", "Day of the send in the shop's zone; needed for orders.  [default: the period's]", "--sent"
    )
    days: float | None = option("N", "Days after the send in which an order counts.  [default: 14]", "--days")
    customer: str | None = option("COLUMN", "The customer's identifier, e-mail address or phone number.", "--id")
    outcome: str | None = option("COLUMN", "Whether the customer converted: 0 or 1, yes or no.", "--outcome")
    revenue: Revenue = None


@dataclass(frozen=True, kw_only=True)
class ResultsOptions:
    """The options of the command results."""

    run: RunArgument
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="What customers did after the send: lists of outcomes, or orders."),
    ]
    also: list[str] = option(
        "RUN...", "Further periods of the same experiment; every customer counts once.", "--also", default=list
    )
    after: AfterSend
    covariate: Covariate = None
    guardrail: Guardrails = None
    cap: Cap = None
    reading: Annotated[Reading, Without({"timezone"})]
    lifts: Path | None = option("FILE", "Add what was measured to a file that the main command takes.", "--lifts")
    placing: Annotated[Placing, Without({"mode"})]
    treatment: str | None = option("LABEL", "Which treatment's lifts; needed where there are several.")
    margin: float | None = option("X", "Contribution margin, a share of revenue.  [default: the period's]", "--margin")
    contact_cost: float | None = option(
        "X", "Money per customer of a treatment.  [default: the period's]", "--contact_cost"
    )
    discount: float | None = option(
        "X", "Money per converted customer of a treatment.  [default: the period's]", "--discount"
    )
    shown: Shown = "text"
    workspace: WorkspaceFolder = None


@dataclass(frozen=True, kw_only=True)
class MeasuredOptions:
    """The options of the command measured."""

    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A file of results --lifts; else those of the workspace."),
    ] = None
    forget: str | None = option("EXPERIMENT", "Forget what this experiment measured.", "--forget")
    shown: Shown = "text"
    workspace: WorkspaceFolder = None


@dataclass(frozen=True, kw_only=True)
class PowerOptions:
    """The options of the command power."""

    size: float | None = option("N", "Customers, control and treatment together.", "--size")
    scores: Path | None = option("FILE", "A segment_scores.csv: an answer for each of its segments.")
    baseline: float | None = option("X", "Conversion rate without treatment.  [default: 0.08]")
    holdout: float = option("X", "Share of the customers that is held out.", default=0.1)
    lift: WishedLift = 0.2
    power: WishedPower = 0.8
    spread: float = option("X", "Standard deviation of a purchase over its mean, for the power of money.", default=1.0)
    weekly: float | None = option("N", "New customers a week; --size or the segment's size if left out.")
    shown: Shown = "text"
