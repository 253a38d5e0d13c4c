"""What an experiment can show: four numbers, a table per segment, the power by held-out share, and words."""

import math

import numpy as np
import pandas as pd
import streamlit as st

from analysis.experiment_design import Design
from frontend.components import pieces
from frontend.utils import figures_campaign, palette
from frontend.utils import format as fmt
from retention.experiment.balance import Balance, balance_words
from retention.experiment.power import ALPHA, Outlook, Plan, outlook, outlook_words, power

SHARES = tuple(share / 100 for share in range(2, 91, 2))
"""Held-out shares that the chart shows."""


def show(design: Design, balance: Balance) -> None:
    """Draw what a design can show before anything is sent, and how alike its arms are."""
    whole = together(design)
    _headline(design, whole)
    pieces.heading("What each segment can show")
    _table(design)
    _words(design, whole)
    _balance(balance)
    curves = power_by_share(design)
    if curves.empty:
        return
    sentence = (
        f"How often a lift of {fmt.percent(design.lift)} is found, by the share that is held out. Half shows "
        "the most and costs the most, as nobody held out is contacted. The upright line is this design."
    )
    colours = palette.of_segments(list(design.counts.index))
    held_out = design.experiment.shares_of("")[0]
    pieces.framed_chart(
        "Power by held-out share",
        fmt.plain(sentence),
        figures_campaign.power_curves(curves, colours, held_out=held_out, wanted=design.wanted, dark=palette.is_dark()),
        key="experiment-power-chart",
        alt=f"Power of each segment by held-out share; {_alt(curves)}",
        stretched=False,
    )


def _alt(curves: pd.DataFrame) -> str:
    """Return the chart in words: the best share of each segment."""
    best = [f"{name} at most {fmt.percent(float(curves[name].max()))}" for name in curves.columns]
    return ", ".join(best)


def _headline(design: Design, whole: Outlook | None) -> None:
    totals = design.counts.sum()
    everyone, held = int(totals.sum()), int(totals.iloc[0])
    able = int((design.table["Power"] >= design.wanted).sum())
    lift = fmt.percent(design.lift)
    with pieces.numbers():
        share = f"{fmt.percent(held / max(everyone, 1), 1)} of {fmt.count(everyone)}"
        pieces.number("Held out", fmt.count(held), share)
        pieces.number("Contacted", fmt.count(everyone - held), fmt.counted(len(totals) - 1, "treatment"))
        note = f"segments, with {fmt.percent(design.wanted)} power"
        pieces.number(f"Can show {lift}", f"{able} of {len(design.table)}", note)
        if whole is None:
            pieces.number("Power, all together", fmt.UNKNOWN, "segments have own shares")
        else:
            pieces.number("Power, all together", fmt.percent(whole.power), f"for a lift of {lift}")
    pieces.reach(design.reach)


def _balance(balance: Balance) -> None:
    st.caption(fmt.plain(balance_words(balance)))
    if not balance.covariates:
        return
    with st.expander("Control less treatments, segment by segment", icon=":material/balance:"):
        numbers = {
            name: (balance.table[name].replace(math.inf, np.nan), st.column_config.NumberColumn(name, format="%.2f"))
            for name in (*balance.covariates, "Before", "After")
        }
        pieces.cells(
            {"Segment": (balance.table["Segment"], st.column_config.TextColumn(pinned=True, width=150)), **numbers},
            placeholder=fmt.DASH,
            key="experiment-balance",
            alt="Differences between the arms in standard deviations, and the distance before and after balancing",
        )


def _table(design: Design) -> None:
    c, table, lift = st.column_config, design.table, fmt.percent(design.lift)
    counts = design.counts.reindex(table["Segment"])
    arms = {
        str(arm): (counts[arm].to_numpy(), c.NumberColumn(str(arm).capitalize(), format="localized"))
        for arm in counts.columns
    }
    about = "Measured by an experiment, modelled, or assumed in Settings."
    baseline = c.NumberColumn("Baseline", format="%.1f %%", help="Conversion expected without the campaign.")
    in_money = c.NumberColumn("Of money", format="%.0f %%", help=f"How often {lift} more revenue would be found.")
    to_pay = c.NumberColumn("To pay", format="%.0f %%", help=f"How often it would be shown to pay with {lift} more.")
    in_conversions = c.NumberColumn("Power", format="%.0f %%", help=f"How often a lift of {lift} would be found.")
    wanted = f"Found in {fmt.percent(design.wanted)} of experiments like this."
    needed = c.NumberColumn("Customers needed", format="localized", help=f"For a lift of {lift} at these shares.")
    smallest = 100 * table["Detectable_lift"].replace(math.inf, np.nan)
    pieces.cells(
        {
            "Segment": (table["Segment"], c.TextColumn(pinned=True, width=150)),
            **arms,
            "a": (100 * table["Baseline"], baseline),
            "b": (table["Baseline_source"].tolist(), c.TextColumn("Baseline is", help=about)),
            "c": (100 * table["Power"], in_conversions),
            "m": (100 * table["Power_of_money"], in_money),
            "p": (100 * table["Power_to_pay"], to_pay),
            "d": (smallest, c.NumberColumn("Smallest lift", format="%.0f %%", help=wanted)),
            "e": (table["Customers_needed"].replace(math.inf, np.nan), needed),
        },
        placeholder=fmt.DASH,
        key="experiment-table",
        alt="Arms, baseline, power, smallest lift and customers needed of each segment",
    )


def _words(design: Design, whole: Outlook | None) -> None:
    """Say the same in sentences."""
    if whole is not None:
        st.markdown(f"**All customers together.** {fmt.plain(outlook_words(design.lift, whole, wanted=design.wanted))}")
    with st.expander("In words, segment by segment", icon=":material/notes:"):
        for row in design.table.to_dict("records"):
            st.markdown(f"**{fmt.plain(row['Segment'])}.** {fmt.plain(row['Words'])}")


def together(design: Design) -> Outlook | None:
    """Return what all customers can show at once; None where segments hold out shares of their own."""
    totals = design.counts.sum()
    control, treated = int(totals.iloc[0]), int(totals.iloc[1:].min())
    table = design.table
    baseline = float((table["Baseline"] * table["Customers"]).sum() / max(1, table["Customers"].sum()))
    sayable = control and treated and 0 < baseline < 1 and baseline * (1 + design.lift) <= 1
    if design.experiment.segment_shares or not sayable:
        return None
    plan = Plan(control + treated, baseline, control / (control + treated))
    return outlook(plan, design.lift, wanted=design.wanted)


def power_by_share(design: Design) -> pd.DataFrame:
    """Return the power of the wished lift by held-out share (rows) and segment (columns, in the order of the tree).

    The treatments share what is not held out as they do in the design; the smallest one is tested.
    """
    shares = design.experiment.shares_of("")
    smallest = min(shares[1:]) / (1 - shares[0])
    columns = {}
    for row in design.table.to_dict("records"):
        baseline, customers = row["Baseline"], row["Customers"]
        if not 0 < baseline < 1 or baseline * (1 + design.lift) > 1 or not customers:
            continue
        columns[row["Segment"]] = [_power(customers, baseline, share, smallest, design) for share in SHARES]
    return pd.DataFrame(columns, index=pd.Index(SHARES, name="share"))


def _power(customers: int, baseline: float, share: float, smallest: float, design: Design) -> float:
    control, treated = customers * share, customers * (1 - share) * smallest
    if control + treated < 2:
        return 0.0
    # As the design itself: the test is corrected for all segments and treatments.
    tests = int(design.table["Power"].notna().sum()) * (len(design.counts.columns) - 1)
    return power(Plan(control + treated, baseline, control / (control + treated), ALPHA / max(1, tests)), design.lift)
