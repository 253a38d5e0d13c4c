"""After measured lifts the interval of the profit holds the truth, and hardly a campaign is stopped that would pay."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pytest

from retention.partition.fitted import Segmentation
from retention.policy.policy import Assumptions, Campaign, Policy, Sizes, Split
from segment_scorer import Evidence, score
from segmentation_engine import assign, fit
from tests.counted import counted
from tests.simulations.forward import CELLS, SIZES, Cell, Drawn, draw

SHORT, LONG = 40, 300
SEED = 41
BASKET = 80.0
ASSUMED = Assumptions()
COSTLY = Assumptions(contact_cost=0.3)
"""A contact that costs about what the assumed lift brings, so that many segments are stopped."""
NAMES = tuple(f"Segment {place}" for place in range(len(SIZES)))


@cache
def segmentation() -> Segmentation:
    """Return the segments, one for each number of sessions, with baskets that vary around one mean."""
    branches: dict[str, Split | str] = {name.lower(): name for name in NAMES}
    cuts = tuple(place + 0.5 for place in range(len(SIZES) - 1))
    tree = Split(split="sessions_last_30d", cuts=cuts, missing="segment 0", branches=branches)
    campaign = Campaign(audience="All", message="Hello", offer="None", channel="E-mail", timing="Today")
    policy = Policy(
        name="eight", title="Eight", description="By sessions", tree=tree, segments=dict.fromkeys(NAMES, campaign)
    )
    n = int(SIZES.sum())
    customers = pd.DataFrame(
        {
            "user_id": [str(place) for place in range(n)],
            "email": pd.Series("a@example.com", index=range(n), dtype="str"),
            "sessions_last_30d": np.repeat(np.arange(len(SIZES)), SIZES).astype(np.float64),
            "cart_value": BASKET + 20 * np.tile([-1.0, 1.0], n)[:n],
            "avg_order_value": BASKET,
            "engagement_score": 0.5,
            "profitability_score": 0.5,
            "days_since_abandonment": 1.0,
        }
    )
    return assign(customers, fit(customers, policy, sizes=Sizes(min_size=1)))


@dataclass(frozen=True)
class Held:
    """What held over all segments.

    Args:
        covered: Share whose interval holds the truth.
        stopped: Share that was stopped.
        wrongly: Share that was stopped and would have paid.
        error_before: Root mean square error of the profit before the experiment.
        error_after: And after it.
    """

    covered: float
    stopped: float
    wrongly: float
    error_before: float
    error_after: float


def judged(drawn: Drawn, assumed: Assumptions) -> pd.DataFrame:
    """Return what the scores say of an experiment's segments, beside the true profit of each."""
    lifts = tuple(
        counted(name, (int(x1), int(n1)), (int(x0), int(n0)))
        for name, x1, n1, x0, n0 in zip(
            NAMES, drawn.treated_converted, drawn.treated, drawn.control_converted, drawn.control, strict=True
        )
        if n1 and n0
    )
    table = score(segmentation(), assumptions=assumed, evidence=Evidence(lifts=lifts)).table.set_index("Segment")
    each = drawn.baseline * drawn.lift * BASKET * assumed.margin - assumed.contact_cost
    before = assumed.stated_baseline[0] * assumed.lift.value * BASKET * assumed.margin - assumed.contact_cost
    return table.loc[list(NAMES)].assign(true=SIZES * each, before=SIZES * before)


def held(cell: Cell, experiments: int, assumed: Assumptions = ASSUMED) -> Held:
    """Return what held in drawn experiments of a kind."""
    table = pd.concat([judged(each, assumed) for each in draw(cell, experiments, SEED)])
    inside = table["true"].between(table["Incremental_Profit_low"], table["Incremental_Profit_high"])
    stopped = table["Flags"].str.contains("do not contact")
    before, after = (((table[name] - table["true"]) ** 2).mean() ** 0.5 for name in ("before", "Incremental_Profit"))
    return Held(inside.mean(), stopped.mean(), (stopped & (table["true"] > 0)).mean(), before, after)


@pytest.mark.slow
@pytest.mark.parametrize("held_out", [0.1, 0.5])
def test_the_interval_of_the_profit_holds_the_truth_on_average(held_out: float) -> None:
    cells = [cell for cell in CELLS if cell.held_out == held_out and cell.own == 1]
    found = [held(cell, SHORT) for cell in cells]
    # 640 segments, of whom those of an experiment hang together.
    assert 0.92 < np.mean([each.covered for each in found]) < 0.985
    assert max(each.wrongly for each in found) < 0.01


@pytest.mark.proof
def test_in_all_kinds_together_it_holds_in_93_to_97_percent() -> None:
    found = [held(cell, LONG) for cell in CELLS]
    for held_out in (0.1, 0.5):
        covered = [each.covered for each, cell in zip(found, CELLS, strict=True) if cell.held_out == held_out]
        assert 0.93 < np.mean(covered) < 0.97, found
    assert max(each.wrongly for each in found) < 0.01
    assert all(each.error_after < each.error_before for each in found)


@pytest.mark.proof
def test_where_contacts_cost_what_they_bring_hardly_a_campaign_is_stopped_wrongly() -> None:
    found = [held(cell, 120, COSTLY) for cell in (Cell(0.1, 0.03, 1.0), Cell(0.5, 0.08, 0.5))]
    assert found[0].stopped > 0.5
    assert max(each.wrongly for each in found) < 0.01
    assert all(0.93 < each.covered < 0.985 for each in found)
