"""The options of the command audiences. Nothing heavy is imported here, so that help is quick."""

from pathlib import Path
from typing import Annotated

import typer

Run = Annotated[
    str | None, typer.Argument(metavar="RUN", help="Identifier or name of a saved period.", show_default=False)
]
PlatformName = Annotated[
    str,
    typer.Option("--platform", metavar="NAME", help="klaviyo, mailchimp, braze, google-ads, meta, csv or json."),
]
AssumeConsent = Annotated[
    bool,
    typer.Option(
        "--assume-consent", help="Take it that everybody agreed to be contacted, where the data does not say."
    ),
]
ConsentList = Annotated[
    Path | None, typer.Option("--consent", metavar="FILE", help="List of those who agreed to be contacted.")
]
Suppress = Annotated[
    list[Path] | None,
    typer.Option("--suppress", metavar="FILE...", help="Lists of those who unsubscribed or must not be contacted."),
]
ContactedList = Annotated[
    Path | None, typer.Option("--contacted", metavar="FILE", help="Who was contacted when; needs --within.")
]
Within = Annotated[int | None, typer.Option(metavar="DAYS", help="Leave out those contacted within this many days.")]
Bought = Annotated[
    list[Path] | None,
    typer.Option("--bought", metavar="FILE...", help="Who has bought since; with or without the day."),
]
CouponList = Annotated[
    Path | None,
    typer.Option("--coupons", metavar="FILE", help="Coupon codes, one per customer; by segment or for all."),
]
Holdout = Annotated[
    str | None, typer.Option(metavar="SHARE", help="Share of the control group where there is one treatment: 0.1.")
]
ExperimentName = Annotated[
    str | None, typer.Option("--experiment", metavar="NAME", help="Hold out a control group under this name.")
]
Country = Annotated[
    str, typer.Option(metavar="CODE", help="Country of national phone numbers where a customer has none, such as DE.")
]
