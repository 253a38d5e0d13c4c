"""The page Campaign plan: with a limit, which segments to contact, and what that is expected to bring."""

import math

import pandas as pd
import streamlit as st

from frontend.components import pieces
from frontend.state import Result
from frontend.utils import campaign as planned
from frontend.utils import figures_campaign
from frontend.utils import format as fmt
from frontend.utils.campaign import CampaignOutlook, Source
from retention.errors import InputError
from retention.experiment.budget import campaign_words
from retention.experiment.words import Estimate

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


def show(result: Result, *, dark: bool) -> None:
    """Draw the page for a run."""
    # Who is held out follows from the identifiers, which only the whole run has.
    run = result.run if result.run.experiment is None else result.people
    try:
        sends, budget = _limit(result, sum(each.customers for each in planned.prospects_of(run)))
        made = planned.campaign(run, sends=sends, budget=budget)
    except InputError as error:
        pieces.problem(error)
        return
    currency = run.currency
    st.markdown(f"{BADGES[made.source]} {fmt.plain(MEANING[made.source])}")
    if made.held_out:
        st.caption(f"{fmt.counted(made.held_out, 'customer')} of the control group are left out of every plan.")
    _headline(made, currency)
    st.markdown(f"**{fmt.plain(_words(made))}**")
    _chart(made, currency, dark=dark)
    _table(made, currency)


def _words(made: CampaignOutlook) -> str:
    """Return whom to contact; the money stands above."""
    return campaign_words(made.plan).partition(": expected net profit")[0].rstrip(".") + "."


def _limit(result: Result, everyone: int) -> tuple[int | None, float | None]:
    """Draw the limit and return the most sends and the most money.

    Args:
        result: The run on screen.
        everyone: Customers who may be contacted.
    """
    key = f"campaign-{result.key[:12]}"
    with st.container(border=True), st.grid(2, min_column_width=260):
        kind = st.segmented_control(
            "Limit", list(LIMITS), default=LIMITS[0], required=True, key="campaign-limit", persist_state="session"
        )
        if kind == LIMITS[1]:
            asked = st.number_input(
                "Most sends", 0, None, max(1, everyone // 2), 100, key=f"{key}-sends", persist_state="session"
            )
            return int(asked), None
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


def _headline(made: CampaignOutlook, currency: str) -> None:
    with st.grid(4, min_column_width=150, gap="small"):
        pieces.number("Sends", fmt.count(made.plan.sends), f"cost {fmt.money(made.plan.cost, currency)}")
        _money("Expected profit", made.profit, currency)
        _money("Contacting everybody", made.everyone, currency)
        _money("The same number at random", made.at_random, currency)


def _money(label: str, amount: Estimate, currency: str) -> None:
    known = not math.isnan(amount.value)
    ends = fmt.interval(fmt.money(amount.low, currency), fmt.money(amount.high, currency))
    pieces.number(label, fmt.money(amount.value, currency) if known else fmt.UNKNOWN, ends if known else "")


def _chart(made: CampaignOutlook, currency: str, *, dark: bool) -> None:
    if len(made.curve) < 2:
        st.caption("The expected profit of no segment is known: the data has no cart values.")
        return
    with st.container(border=True):
        st.subheader("Expected profit by number of sends", anchor=False)
        st.caption(
            "The best segments first, a dot where each one ends; the band is the 95 % range. Dotted: as many "
            "sends at random. The upright line is this plan."
        )
        last, top = made.curve.iloc[-1], made.curve.iloc[int(made.curve["profit"].to_numpy().argmax())]
        pieces.chart(
            figures_campaign.profit_curve(made.curve, sends=made.plan.sends, money=fmt.symbol(currency), dark=dark),
            key="campaign-chart",
            alt=f"Expected profit by number of sends: at most {fmt.money(float(top['profit']), currency)} with "
            f"{fmt.counted(int(top['sends']), 'send')}, {fmt.money(float(last['profit']), currency)} with all "
            f"{fmt.count(int(last['sends']))}; the table has the numbers",
        )


def _table(made: CampaignOutlook, currency: str) -> None:
    c, table, money = st.column_config, made.plan.table, f"{fmt.symbol(currency)}%,.2f"
    frame = pd.DataFrame(
        {
            "Segment": table["segment"],
            "customers": table["customers"],
            "sends": table["sends"],
            "cost": table["cost"],
            "each": table["profit_each"],
            "profit": table["profit"],
            "low": table["profit_low"],
            "high": table["profit_high"],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "Segment": c.TextColumn(pinned=True, width=150),
            "customers": c.NumberColumn("May be contacted", format="localized"),
            "sends": c.NumberColumn("Sends", format="localized"),
            "cost": c.NumberColumn("Cost", format=money),
            "each": c.NumberColumn("Profit each", format=money, help="Expected per contact, after its cost."),
            "profit": c.NumberColumn("Profit", format=money),
            "low": c.NumberColumn("at least", format=money, help="Lower end of the 95 % range."),
            "high": c.NumberColumn("at most", format=money, help="Upper end of the 95 % range."),
        },
        height="content",
        placeholder=fmt.DASH,
        key="campaign-table",
        alt="Customers, sends, cost and expected profit of each segment, the best first",
    )
