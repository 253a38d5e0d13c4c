"""Audience files for the pages: what the form asks for, and the plan that follows."""

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Literal

import pandas as pd

from audience_export import AudiencePlan, AudienceRequest, Contacted, LeftOut, plan_audiences, read_coupons, read_people
from audience_export.consent import COLUMN
from frontend.state import Result
from frontend.utils import files
from frontend.utils import format as fmt
from frontend.utils.files import FileUpload
from frontend.utils.store import MOST_CUSTOMERS, Store, key_of
from retention.period import zone

PLANS = Store[AudiencePlan](entries=4, size=MOST_CUSTOMERS, size_of=lambda plan: len(plan.people), personal=True)

Consent = Literal["column", "list", "assumed"]


@dataclass(frozen=True)
class Form:
    """What a person asked for.

    Args:
        platform: Name of the platform.
        consent: Where consent is known from.
        country: Country of national phone numbers; may be empty.
        within: Days after a contact in which a customer is left alone.
        agreed: The list of those who agreed.
        unsubscribed: Lists of those who must not be contacted.
        contacted: Who was contacted when.
        bought: Who has bought.
        coupons: Coupon codes.
    """

    platform: str
    consent: Consent
    country: str = ""
    within: int = 7
    agreed: tuple[FileUpload, ...] = ()
    unsubscribed: tuple[FileUpload, ...] = ()
    contacted: tuple[FileUpload, ...] = ()
    bought: tuple[FileUpload, ...] = ()
    coupons: tuple[FileUpload, ...] = ()

    def key(self, result: Result) -> str:
        """Return a key of everything that decides the files."""
        lists = (self.agreed, self.unsubscribed, self.contacted, self.bought, self.coupons)
        digests = [[hashlib.sha256(one.getbuffer()).hexdigest() for one in each] for each in lists]
        today = str(_today(result)) if self.contacted else ""
        return key_of(result.key, self.platform, self.consent, self.country, self.within, digests, today)


def says_consent(result: Result) -> bool:
    """Return whether the data itself says who agreed."""
    return COLUMN in result.people.segmentation.customers


def plan_of(result: Result, form: Form) -> AudiencePlan:
    """Return who is in the files and who is left out; made once for the same form.

    Raises:
        InputError: A list cannot be used, codes are too few, or nothing says who agreed.
    """
    return PLANS.get(form.key(result), lambda: plan_audiences(result.people, _wanted(result, form)))


def account(plan: AudiencePlan) -> pd.DataFrame:
    """Return customers per segment: Segment, Customers, In files, and a column per reason that somebody has."""
    counts = plan.counts
    table = {
        "Segment": [segment.name for segment in plan.run.segmentation.tree.segments],
        "Customers": counts.sum(axis=1),
        "In files": counts[:, 0],
    }
    for place, reason in enumerate(LeftOut, start=1):
        if counts[:, place].any():
            table[reason.value] = counts[:, place]
    return pd.DataFrame(table)


def reached_words(plan: AudiencePlan) -> str:
    """Return where those who can be reached are: in files, or left out for a reason of this export."""
    counts = plan.reached_counts.sum(axis=0).tolist()
    further = [f"{fmt.count(n)} {why.replace('_', ' ')}" for why, n in zip(LeftOut, counts[1:], strict=True) if n]
    parts = [f"{fmt.count(counts[0])} in files", *further]
    return f"{fmt.count(sum(counts))} who can be reached = {' + '.join(parts)}"


def _today(result: Result) -> date:
    return datetime.now(zone(result.run.window.timezone)).date()


def _wanted(result: Result, form: Form) -> AudienceRequest:
    read = partial(read_people, timezone=result.run.window.timezone, region=form.country)
    with tempfile.TemporaryDirectory(prefix="lists-") as name:

        def paths(uploads: tuple[FileUpload, ...], folder: str) -> list[Path]:
            place = Path(name, folder)
            place.mkdir()
            return files.write_all(uploads, place)

        agreed = [read(path) for path in paths(form.agreed, "agreed")]
        contacted = [read(path) for path in paths(form.contacted, "contacted")]
        coupons = [read_coupons(path) for path in paths(form.coupons, "coupons")]
        return AudienceRequest(
            platform=form.platform,
            assume_consent=form.consent == "assumed",
            agreed=agreed[0] if agreed and form.consent == "list" else None,
            unsubscribed=tuple(map(read, paths(form.unsubscribed, "unsubscribed"))),
            contacted=Contacted(contacted[0], form.within, _today(result)) if contacted else None,
            bought=tuple(map(read, paths(form.bought, "bought"))),
            coupons=coupons[0] if coupons else None,
            region=form.country,
        )
