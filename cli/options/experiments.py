"""The options of the commands about experiments. Nothing heavy is imported here, so that help is quick."""

from pathlib import Path
from typing import Annotated

import typer

LiftFile = Annotated[Path, typer.Argument(metavar="FILE", help="A table with one row per customer of the experiment.")]
Arm = Annotated[str, typer.Option(metavar="COLUMN", help="The arm that each customer was assigned to.")]
Control = Annotated[str, typer.Option(metavar="LABEL", help="Which label is the control.")]
Outcome = Annotated[str, typer.Option(metavar="COLUMN", help="Whether the customer converted: 0 or 1, yes or no.")]
Revenue = Annotated[str | None, typer.Option(metavar="COLUMN", help="What the customer spent during the experiment.")]
By = Annotated[str | None, typer.Option(metavar="COLUMN", help="Results per group, such as the segment.")]
Identifier = Annotated[
    str | None, typer.Option("--id", metavar="COLUMN", help="The customer's identifier.  [default: each row is one]")
]
Covariate = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="A number known before, such as earlier revenue.")
]
Allocation = Annotated[
    str | None, typer.Option(metavar="LABEL=SHARE,...", help="The planned shares; without them nothing is checked.")
]
Margin = Annotated[float, typer.Option(metavar="X", help="Contribution margin, a share of revenue.")]
ContactCost = Annotated[float, typer.Option("--contact_cost", metavar="X", help="Money per customer of a treatment.")]
Discount = Annotated[float, typer.Option(metavar="X", help="Money per converted customer of a treatment.")]

GroupSize = Annotated[
    float | None, typer.Option("--size", metavar="N", help="Customers, control and treatment together.")
]
Scores = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A segment_scores.csv: an answer for each of its segments.")
]
Baseline = Annotated[
    float | None, typer.Option(metavar="X", help="Conversion rate without treatment.  [default: 0.08]")
]
Holdout = Annotated[float, typer.Option(metavar="X", help="Share of the customers that is held out.")]
Wished = Annotated[float, typer.Option("--lift", metavar="X", help="Relative lift to find: 0.2 is a fifth more.")]
Wanted = Annotated[float, typer.Option("--power", metavar="X", help="How often the lift should be found.")]
Weekly = Annotated[
    float | None, typer.Option(metavar="N", help="New customers a week; --size or the segment's size if left out.")
]

OutcomeFiles = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="What customers did after the send: lists of outcomes, or orders."),
]
SentOn = Annotated[
    str | None,
    typer.Option("--sent", metavar="DATE", help="Day of the send in the shop's zone; needed for orders."),
]
DaysAfter = Annotated[
    float | None,
    typer.Option("--days", metavar="N", help="Days after the send in which an order counts.  [default: 14]"),
]
OutcomeColumn = Annotated[
    str | None, typer.Option("--outcome", metavar="COLUMN", help="Whether the customer converted: 0 or 1, yes or no.")
]
CustomerColumn = Annotated[
    str | None, typer.Option("--id", metavar="COLUMN", help="The customer's identifier, or the e-mail address.")
]
LiftsFile = Annotated[
    Path | None,
    typer.Option("--lifts", metavar="FILE", help="Write the measured lifts, which the main command takes."),
]
Treatment = Annotated[
    str | None, typer.Option(metavar="LABEL", help="Which treatment's lifts; needed where there are several.")
]
RunMargin = Annotated[
    float | None,
    typer.Option("--margin", metavar="X", help="Contribution margin, a share of revenue.  [default: the period's]"),
]
RunContactCost = Annotated[
    float | None,
    typer.Option("--contact_cost", metavar="X", help="Money per customer of a treatment.  [default: the period's]"),
]
RunDiscount = Annotated[
    float | None,
    typer.Option(
        "--discount", metavar="X", help="Money per converted customer of a treatment.  [default: the period's]"
    ),
]
