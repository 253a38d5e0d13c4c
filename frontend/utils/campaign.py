"""A campaign with a limit, from the scores of a run: whom to contact, and what that is expected to bring."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import Run
from retention.experiment.budget import CampaignPlan, Prospect, plan_campaign
from retention.experiment.words import Estimate

Source = Literal["measured", "partly measured", "assumed"]


@dataclass(frozen=True)
class CampaignOutlook:
    """A plan beside what it is measured against.

    Args:
        plan: Whom to contact.
        curve: Expected profit by number of sends, the best segments first: segment, sends, profit, low, high; the
            first row is nobody.
        profit: Expected profit of the plan, with an interval that holds as well where one assumption is behind all
            segments.
        everyone: The same of contacting everybody who can be reached.
        at_random: The same of as many contacts without choice.
        source: Where the lift of the segments comes from.
    """

    plan: CampaignPlan
    curve: pd.DataFrame
    profit: Estimate
    everyone: Estimate
    at_random: Estimate
    source: Source


def prospects_of(run: Run) -> list[Prospect]:
    """Return the segments of a run, in the order to send in, with those of their customers who can be reached."""
    assumed = run.scores.assumptions
    cost = assumed.contact_cost + assumed.discount * assumed.redemption
    return [
        Prospect(
            row["Segment"],
            int(row["Reachable"]),
            float(row["Profit_per_Send"]),
            float(row["Profit_per_Send_low"]),
            float(row["Profit_per_Send_high"]),
            cost,
        )
        for row in run.scores.table.sort_values("Send_Order").to_dict("records")
    ]


def campaign(run: Run, *, sends: int | None = None, budget: float | None = None) -> CampaignOutlook:
    """Return the plan of a campaign of at most so many sends and so much money; None: no limit.

    Raises:
        OptionError: The limit is below 0.
    """
    prospects = prospects_of(run)
    plan = plan_campaign(prospects, sends=sends, budget=budget)
    source = _source(run)
    by_name = {each.name: each for each in prospects}
    ordered = [by_name[name] for name in plan.table["segment"]]
    known = np.array([not np.isnan(each.profit) for each in ordered])
    taken = plan.table["sends"].to_numpy(dtype=np.float64)
    reachable = np.where(known, plan.table["customers"].to_numpy(dtype=np.float64), 0)
    share = taken.sum() / reachable.sum() if reachable.sum() else 0.0
    added = [_added(ordered, counts) for counts in (taken, reachable, reachable * share)]
    profit, everyone, at_random = (plan.profit, plan.everyone, plan.at_random) if source == "measured" else tuple(added)
    return CampaignOutlook(
        plan,
        _curve(ordered, source),
        profit,
        everyone,
        at_random,
        source,
    )


def _source(run: Run) -> Source:
    table = run.scores.table
    source = table["Lift_vs_Control_source"]
    return "measured" if source.eq("measured").all() else "assumed" if source.eq("assumed").all() else "partly measured"


def _added(ordered: list[Prospect], counts: npt.NDArray[np.float64]) -> Estimate:
    """Return the profit of so many contacts; the ends are added up, as one assumption holds for all segments."""
    ends = (np.nan_to_num([getattr(each, end) for each in ordered]) for end in ("profit", "profit_low", "profit_high"))
    return Estimate(*(float(counts @ end) for end in ends))


def _curve(ordered: list[Prospect], source: Source) -> pd.DataFrame:
    """Return what the first segments bring together, more and more of them."""
    known = [each for each in ordered if not np.isnan(each.profit) and each.customers]
    rows = [("", 0, 0.0, 0.0, 0.0)]
    for place, each in enumerate(known, start=1):
        counts = np.array([one.customers for one in known[:place]], dtype=np.float64)
        total = _independent(known[:place]) if source == "measured" else _added(known[:place], counts)
        rows.append((each.name, int(counts.sum()), total.value, total.low, total.high))
    return pd.DataFrame(rows, columns=["segment", "sends", "profit", "low", "high"])


def _independent(everyone: list[Prospect]) -> Estimate:
    """Return the profit of contacting all customers of some segments, whose intervals are independent."""
    return plan_campaign(everyone).everyone
