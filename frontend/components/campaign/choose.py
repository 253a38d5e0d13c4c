"""The first step: within a limit, which segments to contact, and what that is expected to bring."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from analysis import Run
from frontend.components.campaign import figures_campaign
from frontend.state import AppState, Result
from frontend.utils import format as fmt
from frontend.utils import palette, pieces
from retention.experiment.budget import CampaignPlan, Prospect, campaign_words, plan_campaign, total_of
from retention.experiment.words import Estimate
from segment_scorer import profit_draws

Source = Literal["measured", "partly measured", "assumed"]
LIMITS = ("No limit", "Number of sends", "Budget")
BADGES: dict[Source, str] = {
    "measured": ":green-badge[measured]",
    "partly measured": ":blue-badge[partly measured]",
    "assumed": ":orange-badge[assumed]",
}
MEANING: dict[Source, str] = {
    "measured": "The lift of every segment was measured by an experiment.",
    "partly measured": "Measured and assumed lifts go together: in each segment, or in some segments and others.",
    "assumed": "The lift is the policy's assumption, or that of Settings. An experiment would measure it.",
}


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


def show(result: Result, _state: AppState) -> None:
    """Draw the page for a run.

    Raises:
        InputError: The limit cannot be.
    """
    run = result.run
    sends, budget = _limit(result, sum(each.customers for each in prospects_of(run)))
    outlook = campaign(run, sends=sends, budget=budget)
    currency = run.currency
    st.markdown(f"{BADGES[outlook.source]} {fmt.plain(MEANING[outlook.source])}")
    pieces.reach(run.reach)
    _headline(outlook, currency)
    st.markdown(f"**{fmt.plain(_words(outlook))}**")
    _chart(outlook, currency)
    _table(outlook, currency)


def _words(outlook: CampaignOutlook) -> str:
    """Return whom to contact; the money stands above."""
    return campaign_words(outlook.plan).partition(": expected net profit")[0].rstrip(".") + "."


def _limit(result: Result, everyone: int) -> tuple[int | None, float | None]:
    """Draw the limit and return the most sends and the most money; `everyone` is how many can be reached."""
    key = f"campaign-{result.key[:12]}"
    with st.container(border=True), st.grid(2, min_column_width=260):
        kind = st.segmented_control(
            "Limit", list(LIMITS), default=LIMITS[0], required=True, key="campaign-limit", persist_state="session"
        )
        if kind == LIMITS[1]:
            sends = st.number_input(
                "Most sends", 0, None, max(1, everyone // 2), 100, key=f"{key}-sends", persist_state="session"
            )
            return int(sends), None
        if kind == LIMITS[2]:
            return None, _budget(result, everyone, f"{key}-budget")
    return None, None


def _budget(result: Result, everyone: int, key: str) -> float:
    assumed = result.run.scores.assumptions
    cost = assumed.contact_cost + assumed.discount * assumed.redemption
    label = fmt.plain(f"Budget {fmt.symbol(result.run.currency)}".strip())
    usual = round(cost * everyone / 2, 2)
    budget = st.number_input(label, 0.0, None, usual, 10.0, key=key, persist_state="session")
    if not cost:
        st.warning("A contact costs nothing in Settings, so a budget would limit nothing.")
    return float(budget)


def _headline(outlook: CampaignOutlook, currency: str) -> None:
    with pieces.numbers():
        pieces.number("Sends", fmt.count(outlook.plan.sends), f"cost {fmt.money(outlook.plan.cost, currency)}")
        _money("Expected profit", outlook.plan.profit, currency)
        _money("Contacting everybody", outlook.plan.everyone, currency)
        _money("The same number at random", outlook.plan.at_random, currency)


def _money(label: str, amount: Estimate, currency: str) -> None:
    known = not math.isnan(amount.value)
    ends = fmt.interval(fmt.money(amount.low, currency), fmt.money(amount.high, currency))
    pieces.number(label, fmt.money(amount.value, currency) if known else fmt.UNKNOWN, ends if known else "")


def _chart(outlook: CampaignOutlook, currency: str) -> None:
    if len(outlook.curve) < 2:
        st.caption("The expected profit of no segment is known: the data has no cart values.")
        return
    last, top = outlook.curve.iloc[-1], outlook.curve.iloc[int(outlook.curve["profit"].to_numpy().argmax())]
    sign = fmt.symbol(currency)
    pieces.framed_chart(
        "Expected profit by number of sends",
        "The best segments first, a dot where each one ends; the band is the 95 % range. Dotted: as many "
        "sends at random. The upright line is this plan.",
        figures_campaign.profit_curve(outlook.curve, sends=outlook.plan.sends, money=sign, dark=palette.is_dark()),
        key="campaign-chart",
        alt=f"Expected profit by number of sends: at most {fmt.money(float(top['profit']), currency)} with "
        f"{fmt.counted(int(top['sends']), 'send')}, {fmt.money(float(last['profit']), currency)} with all "
        f"{fmt.count(int(last['sends']))}; the table has the numbers",
        stretched=False,
    )


def _table(outlook: CampaignOutlook, currency: str) -> None:
    c, table = st.column_config, outlook.plan.table

    def money(name: str, **look: str) -> pieces.Column:
        return pieces.money(table[name], currency, **look)

    pieces.cells(
        {
            "Segment": (table["segment"], c.TextColumn(pinned=True, width=150)),
            "customers": (table["customers"], c.NumberColumn("Can be reached", format="localized")),
            "sends": (table["sends"], c.NumberColumn("Sends", format="localized")),
            "cost": money("cost", label="Cost"),
            "each": money("profit_each", label="Profit each", help="Expected per contact, after its cost."),
            "profit": money("profit", label="Profit"),
            "low": money("profit_low", label="at least", help="Lower end of the 95 % range."),
            "high": money("profit_high", label="at most", help="Upper end of the 95 % range."),
        },
        placeholder=fmt.DASH,
        key="campaign-table",
        alt="Customers, sends, cost and expected profit of each segment, the best first",
    )
