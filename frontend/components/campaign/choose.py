"""The first step: whom to contact, within a limit, and what that is expected to bring."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from analysis import Run
from analysis.choice import Choice, ConsentSource, Limit, planned, prospects_of, says_consent
from frontend.components.campaign import figures_campaign, week
from frontend.components.segments import segments
from frontend.state import AppState, Result
from frontend.utils import format as fmt, palette, pieces, primary
from frontend.utils.drawing import drawing_of
from frontend.utils.pieces import LASTING
from frontend.utils.store import Store, key_of
from retention.experiment.budget import CampaignPlan, Prospect, campaign_words, total_of
from retention.experiment.words import Estimate

LiftSource = Literal["measured", "partly measured", "assumed"]
LIMITS: dict[Limit, str] = {
    "all": "Everybody",
    "paying": "All that pay",
    "sends": "Number of sends",
    "budget": "Budget",
}
CONSENT: dict[ConsentSource, str] = {
    "column": "As the data says",
    "list": "Only those on a list",
    "assumed": "Everybody agreed",
}
BADGES: dict[LiftSource, str] = {
    "measured": ":green-badge[measured]",
    "partly measured": ":blue-badge[partly measured]",
    "assumed": ":orange-badge[assumed]",
}
MEANING: dict[LiftSource, str] = {
    "measured": "The lift of every segment was measured by an experiment.",
    "partly measured": "Measured and assumed lifts go together: in each segment, or in some segments and others.",
    "assumed": "The lift is the policy's assumption, or that of Settings. An experiment would measure it.",
}

LINE = (3, 3, 3, 3)
"""Widths of name, sends, cost and profit."""
HEADERS = {
    "segment": "Segment",
    "customers": "Can be reached",
    "sends": "Sends",
    "cost": "Cost",
    "profit_each": "Profit each",
    "profit": "Profit",
    "profit_low": "Profit at least",
    "profit_high": "Profit at most",
}


@dataclass(frozen=True)
class CampaignOutlook:
    """A plan beside what it is measured against.

    Args:
        plan: Whom to contact, and what that is expected to bring.
        curve: Expected profit by number of sends, the best segments first: segment, sends, profit, low, high; the
            first row is nobody.
    """

    plan: CampaignPlan
    curve: pd.DataFrame
    source: LiftSource


OUTLOOKS = Store[tuple[Choice, CampaignOutlook]](entries=64)
"""What was asked, with the customers it comes to, and what that brings."""


def campaign(run: Run, choice: Choice) -> CampaignOutlook:
    """Return what a choice comes to."""
    plan = planned(run, choice)
    by_name = {each.name: each for each in prospects_of(run, agreed=choice.consent == "column")}
    return CampaignOutlook(plan, _curve([by_name[name] for name in plan.table["segment"]]), _source(run))


def _source(run: Run) -> LiftSource:
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


def show(result: Result, state: AppState) -> None:
    """Draw the step for a week."""
    run, known = result.run, week.state_of(result)
    choice_made, currency = _form(result, known.choice or Choice.usual(run)), run.currency
    choice, outlook = OUTLOOKS.get(
        key_of(result.key, choice_made), lambda: (choice_made.counted(run), campaign(run, choice_made))
    )
    _headline(outlook, currency)
    st.markdown(f"{fmt.plain(_words(outlook))} {BADGES[outlook.source]}", help=MEANING[outlook.source])
    if known.sent is not None:
        st.caption("The campaign went out, so its choice is kept as it was.")
    else:
        label, icon, some = f"Choose these {fmt.count(choice.chosen)}", ":material/check:", choice.chosen > 0
        arguments = (state, result, choice)
        primary.button(label, icon, key="campaign-choose", enabled=some, on_click=_keep, args=arguments)
    pieces.outcome(state, "choose")
    _chart(result, choice, outlook)
    _segments(result, outlook.plan.table)


def _keep(state: AppState, result: Result, choice: Choice) -> None:
    # The next step shows beneath the steps what was chosen; here it is said only where it could not be kept.
    if state.attempt_at("choose", lambda: week.weeks().choose(result.run_id, choice), ""):
        week.go_to("Hold out")


def _words(outlook: CampaignOutlook) -> str:
    """Return whom to contact; the money stands above."""
    return campaign_words(outlook.plan).partition(": expected net profit")[0].rstrip(".") + "."


def _form(result: Result, start: Choice) -> Choice:
    key, run = f"campaign-{result.key[:12]}", result.run
    options: list[ConsentSource] = ["column", "list"] if says_consent(run) else ["list", "assumed"]
    with st.grid(2, min_column_width=260):
        with st.container():
            limit = pieces.segmented("Contact", LIMITS, "campaign-limit", start.limit, **LASTING)
            most = _most(result, limit, start, key)
        consent = pieces.pick(
            "Who agreed to be contacted",
            {each: CONSENT[each] for each in options},
            f"{key}-consent",
            kind=st.radio,
            index=options.index(start.consent) if start.consent in options else 0,
            **LASTING,
            help="The column email_consent of the data; a missing answer is a no. A no there holds against any list.",
        )
    pieces.reach(run.reach)
    return Choice(limit=limit, most=most, consent=consent)


def _most(result: Result, limit: Limit, start: Choice, key: str) -> float:
    """Draw the most contacts or the most money; 0 where nothing limits."""
    half, same = max(1, result.run.reach.total // 2), start.limit == limit
    if limit == "sends":
        usual = int(start.most) if same else half
        return float(st.number_input("Most sends", 0, None, usual, 100, key=f"{key}-sends", **LASTING))
    if limit != "budget":
        return 0.0
    assumed = result.run.scores.assumptions
    cost = assumed.contact_cost + assumed.discount * assumed.redemption
    money = start.most if same else round(cost * half, 2)
    label = fmt.plain(f"Budget {fmt.symbol(result.run.currency)}".strip())
    budget = st.number_input(label, 0.0, None, money, 10.0, key=f"{key}-budget", **LASTING)
    if not cost:
        st.warning("A contact costs nothing in Settings, so a budget would limit nothing.")
    return float(budget)


def _headline(outlook: CampaignOutlook, currency: str) -> None:
    with pieces.numbers():
        pieces.number("Sends", fmt.count(outlook.plan.sends), f"cost {fmt.money(outlook.plan.cost, currency)}")
        _money("Expected profit", outlook.plan.profit, currency)
        if outlook.plan.sends < outlook.plan.table["customers"].sum():
            _money("Contacting everybody", outlook.plan.everyone, currency)
            _money("The same number at random", outlook.plan.at_random, currency)


def _money(label: str, amount: Estimate, currency: str) -> None:
    known = not math.isnan(amount.value)
    ends = fmt.interval(fmt.money(amount.low, currency), fmt.money(amount.high, currency))
    pieces.number(label, fmt.money(amount.value, currency) if known else fmt.UNKNOWN, ends if known else "")


def _chart(result: Result, choice: Choice, outlook: CampaignOutlook) -> None:
    if len(outlook.curve) < 2:
        st.caption("The expected profit of no segment is known: the data has no cart values.")
        return
    last, top = outlook.curve.iloc[-1], outlook.curve.iloc[int(outlook.curve["profit"].to_numpy().argmax())]
    currency, dark = result.run.currency, palette.is_dark()
    sign = fmt.symbol(currency)
    make = partial(figures_campaign.profit_curve, outlook.curve, sends=outlook.plan.sends, money=sign, dark=dark)
    pieces.framed_chart(
        "Expected profit by number of sends",
        "The best segments first, a dot where each one ends; the band is the 95 % range. Dotted: as many "
        "sends at random. The upright line is this plan.",
        drawing_of(result, f"campaign {choice}", make, dark=dark),
        key="campaign-chart",
        alt=f"Expected profit by number of sends: at most {fmt.money(float(top['profit']), currency)} with "
        f"{fmt.counted(int(top['sends']), 'send')}, {fmt.money(float(last['profit']), currency)} with all "
        f"{fmt.count(int(last['sends']))}; the table has the numbers",
        stretched=False,
    )


def _segments(result: Result, table: pd.DataFrame) -> None:
    """Draw a line for each segment, the best first, which stands below itself on a phone."""

    def money(row: segments.Row, name: str) -> str:
        return fmt.plain(fmt.money(float(row[name]), result.run.currency))

    for place, row in enumerate(table.to_dict("records"), start=1):
        texts = (
            f"**{row['sends']:,}** of {row['customers']:,} reachable",
            f":small[cost {money(row, 'cost')}, profit {money(row, 'profit_each')} each]",
            f"**{money(row, 'profit')}**  \n:small[{money(row, 'profit_low')} to {money(row, 'profit_high')}]",
        )
        segments.framed_line(result, row["segment"], texts, LINE, before=f"{place}. ")
    pieces.take(table.rename(columns=HEADERS), "Sends and profit by segment")
