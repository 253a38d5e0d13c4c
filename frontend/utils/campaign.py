"""A campaign with a limit, from the scores of a run: whom to contact, and what that is expected to bring."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis import Run
from retention.experiment.budget import CampaignPlan, Prospect, plan_campaign, total_of
from segment_scorer import profit_draws

Source = Literal["measured", "partly measured", "assumed"]


@dataclass(frozen=True)
class CampaignOutlook:
    """A plan beside what it is measured against.

    Args:
        plan: Whom to contact, and what that is expected to bring.
        curve: Expected profit by number of sends, the best segments first: segment, sends, profit, low, high; the
            first row is nobody.
        source: Where the lift of the segments comes from.
    """

    plan: CampaignPlan
    curve: pd.DataFrame
    source: Source


def prospects_of(run: Run) -> list[Prospect]:
    """Return the segments of a run, in the order to send in, with those of their customers who can be reached."""
    assumed = run.scores.assumptions
    cost = assumed.contact_cost + assumed.discount * assumed.redemption
    draws = profit_draws(run.segmentation, run.scores)
    return [
        Prospect(row["Segment"], int(row["Reachable"]), float(row["Profit_per_Send"]), draws[row["Segment"]], cost)
        for row in run.scores.recommended.to_dict("records")
    ]


def campaign(run: Run, *, sends: int | None = None, budget: float | None = None) -> CampaignOutlook:
    """Return the plan of a campaign of at most so many sends and so much money; None: no limit.

    Raises:
        OptionError: The limit is below 0.
    """
    prospects = prospects_of(run)
    plan = plan_campaign(prospects, sends=sends, budget=budget)
    by_name = {each.name: each for each in prospects}
    return CampaignOutlook(plan, _curve([by_name[name] for name in plan.table["segment"]]), _source(run))


def _source(run: Run) -> Source:
    table = run.scores.table
    source = table["Lift_vs_Control_source"]
    return "measured" if source.eq("measured").all() else "assumed" if source.eq("assumed").all() else "partly measured"


def _curve(ordered: list[Prospect]) -> pd.DataFrame:
    """Return what the first segments bring together, more and more of them."""
    known = [each for each in ordered if not np.isnan(each.profit) and each.customers]
    rows = [("", 0, 0.0, 0.0, 0.0)]
    for place, each in enumerate(known, start=1):
        counts = np.array([one.customers for one in known[:place]], dtype=np.float64)
        total = total_of(known[:place], counts)
        rows.append((each.name, int(counts.sum()), total.value, total.low, total.high))
    return pd.DataFrame(rows, columns=["segment", "sends", "profit", "low", "high"])
