"""Whom a week's campaign contacts: the segments within a limit, and of the last of them some, always the same."""

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from analysis import Run
from analysis.people import reach_of
from retention.customers.reach import CONSENT, Unreached, said, unreached
from retention.hashing import hash_ids
from retention.partition.record import Record
from segment_scorer import profit_draws

if TYPE_CHECKING:
    from retention.experiment.budget import CampaignPlan, Prospect

Consent = Literal["column", "list", "assumed"]
Limit = Literal["all", "paying", "sends", "budget"]
SALT = "choice"


class Choice(Record):
    """What a person chose for the campaign of a week.

    Args:
        limit: Everybody, the segments that are expected to pay, or these within a number of contacts or a budget.
        most: Most contacts, or most money.
        consent: Where it is known from who agreed; by the data's column nobody counts of whom it says nothing.
        chosen: Customers whom it came to, without those who are held out.
    """

    limit: Limit = "all"
    most: float = 0.0
    consent: Consent = "assumed"
    chosen: int = 0
    among: int = 0

    @classmethod
    def usual(cls, run: Run) -> "Choice":
        """Return everybody who can be reached, by the data's own word where it has one."""
        return cls(consent="column" if says_consent(run) else "assumed")

    def counted(self, run: Run) -> "Choice":
        """Return the choice with the customers whom it comes to in a run."""
        plan = planned(run, self)
        return self.model_copy(update={"chosen": plan.sends, "among": int(plan.table["customers"].sum())})


def says_consent(run: Run) -> bool:
    """Return whether the data itself says of anybody who agreed."""
    return run.reach.agreed > 0


def prospects_of(run: Run, *, agreed: bool = False) -> "list[Prospect]":
    """Return a run's segments in the order to send in, with their customers who can be reached (and agreed)."""
    from retention.experiment.budget import Prospect  # noqa: PLC0415 - only who plans a campaign needs what it loads

    assumed = run.scores.assumptions
    cost = assumed.contact_cost + assumed.discount * assumed.redemption
    draws = profit_draws(run.segmentation, run.scores)
    unsaid = [segment.name for segment in run.segmentation.tree.segments]
    less = dict(zip(unsaid, run.reach.unsaid, strict=True)) if agreed else {}
    return [
        Prospect(name, int(row["Reachable"]) - less.get(name, 0), float(row["Profit_per_Send"]), draws[name], cost)
        for row in run.scores.recommended.to_dict("records")
        for name in [row["Segment"]]
    ]


def planned(run: Run, choice: Choice) -> "CampaignPlan":
    """Return whom a choice contacts in each segment, and what that is expected to bring.

    Raises:
        OptionError: The limit is below 0.
    """
    from retention.experiment.budget import plan_campaign  # noqa: PLC0415

    return plan_campaign(
        prospects_of(run, agreed=choice.consent == "column"),
        sends=int(choice.most) if choice.limit == "sends" else None,
        budget=choice.most if choice.limit == "budget" else None,
        everybody=choice.limit == "all",
    )


def chosen(run: Run, choice: Choice | None) -> Run:
    """Return a run in which only those can be reached whom a choice takes; None takes all.

    Who of a segment is taken follows from the identifier alone, so the control is chosen as the treated are, and what
    is measured later compares like with like.
    """
    if choice is None or (choice.limit == "all" and choice.consent != "column"):
        return run
    segmentation, customers = run.segmentation, run.segmentation.customers
    sends = planned(run, choice).table.set_index("segment")["sends"].to_dict()
    able = np.equal(unreached(customers), 0)
    if choice.consent == "column":
        able &= said(customers, CONSENT, True)
    treated = np.ones(len(customers), dtype=np.bool_) if run.arms is None else np.asarray(run.arms.codes > 0)
    drawn, left = hash_ids(customers["user_id"], SALT), np.ones(len(customers), dtype=np.bool_)
    names = [segment.name for segment in segmentation.tree.segments]
    for code, name in enumerate(names):
        inside = np.flatnonzero(able & np.equal(segmentation.codes, code))
        inside = inside[np.argsort(drawn[inside], kind="stable")]
        left[inside[(np.cumsum(treated[inside]) <= sends[name]) & (sends[name] > 0)]] = False
    told = customers.assign(**{Unreached.NOT_CHOSEN.value: left})
    reach = reach_of(told, segmentation.codes, names, run.experiment)
    return replace(run, segmentation=replace(segmentation, customers=told), reach=reach)
