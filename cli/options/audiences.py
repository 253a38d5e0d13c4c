"""The options of the command audiences. Nothing heavy is imported here, so that help is quick."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from cli.options.shared import ArmOptions, OutputFolder, Profile, Source


@dataclass(frozen=True, kw_only=True)
class AudienceOptions:
    """The options of the command audiences."""

    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help="Identifier or name of a saved period.", show_default=False)
    ] = None
    platform: Annotated[
        str,
        typer.Option("--platform", metavar="NAME", help="klaviyo, mailchimp, braze, google-ads, meta, csv or json."),
    ]
    output: OutputFolder = Path("audiences")
    consent: Annotated[
        Path | None, typer.Option("--consent", metavar="FILE", help="List of those who agreed to be contacted.")
    ] = None
    assume_consent: Annotated[
        bool,
        typer.Option(
            "--assume-consent", help="Take it that everybody agreed to be contacted, where the data does not say."
        ),
    ] = False
    suppress: Annotated[
        list[Path],
        typer.Option("--suppress", metavar="FILE...", help="Lists of those who unsubscribed or must not be contacted."),
    ] = field(default_factory=list)
    contacted: Annotated[
        Path | None, typer.Option("--contacted", metavar="FILE", help="Who was contacted when; needs --within.")
    ] = None
    within: Annotated[
        int | None, typer.Option(metavar="DAYS", help="Leave out those contacted within this many days.")
    ] = None
    bought: Annotated[
        list[Path], typer.Option("--bought", metavar="FILE...", help="Who has bought since; with or without the day.")
    ] = field(default_factory=list)
    coupons: Annotated[
        Path | None,
        typer.Option("--coupons", metavar="FILE", help="Coupon codes, one per customer; by segment or for all."),
    ] = None
    holdout: Annotated[
        str | None, typer.Option(metavar="SHARE", help="Share of the control group where there is one treatment: 0.1.")
    ] = None
    trial: ArmOptions
    country: Annotated[
        str,
        typer.Option(metavar="CODE", help="Country of national phone numbers where a customer has none, such as DE."),
    ] = ""
    profile: Profile = "machine"
    source: Source

    @property
    def lists(self) -> tuple[Path, ...]:
        """The files that are read beside the input."""
        named = (self.consent, *self.suppress, self.contacted, *self.bought, self.coupons)
        return tuple(path for path in named if path is not None)
