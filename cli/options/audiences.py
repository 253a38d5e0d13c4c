"""The options of the command audiences. Nothing heavy is imported here, so that help is quick."""

from dataclasses import MISSING, dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from cli.options.declaration import option
from cli.options.shared import Alone, ArmOptions, OutputFolder, Placing, Profile, Source


@dataclass(frozen=True, kw_only=True)
class AudienceOptions:
    """The options of the command audiences."""

    run: Annotated[str | None, typer.Argument(metavar="RUN", help="Identifier or name of a saved period.")] = None
    platform: str = option(
        "NAME",
        "klaviyo, mailchimp, braze, omnisend, brevo, hubspot, listmonk, google-ads, meta, csv or json.",
        "--platform",
        default=MISSING,
    )
    output: OutputFolder = Path("audiences")
    placing: Placing = field(default_factory=Placing)
    consent: Path | None = option("FILE", "List of those who agreed to be contacted.", "--consent")
    assume_consent: bool = option(
        None,
        "Assume that everybody agreed to be contacted, where the data does not say.",
        "--assume-consent",
        default=False,
    )
    alone: Alone = field(default_factory=Alone)
    contacted: Path | None = option("FILE", "Who was contacted when; needs --within.", "--contacted")
    within: int | None = option("DAYS", "Leave out those contacted within this many days.")
    bought: list[Path] = option("FILE...", "Who has bought since; with or without the day.", "--bought", default=list)
    coupons: Path | None = option("FILE", "Coupon codes, one per customer; by segment or for all.", "--coupons")
    holdout: str | None = option("SHARE", "Share of the control group where there is one treatment: 0.1.")
    trial: ArmOptions
    profile: Profile = "machine"
    source: Source

    @property
    def lists(self) -> tuple[Path, ...]:
        """The files that are read beside the input."""
        named = (self.consent, *self.alone.suppress, self.contacted, *self.bought, self.coupons)
        return tuple(path for path in named if path is not None)
