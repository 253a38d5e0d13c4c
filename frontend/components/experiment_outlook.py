"""What an experiment can show: four numbers, a table per segment, the power by held-out share, and words."""

import math

import numpy as np
import pandas as pd
import streamlit as st

from analysis.experiment_design import Design
from frontend.components import pieces
from frontend.utils import experiment_draft, figures_campaign, palette
from frontend.utils import format as fmt
from retention.experiment.balance import Balance, balance_words
from retention.experiment.power import outlook_words


def show(design: Design, balance: Balance, *, dark: bool) -> None:
    """Draw what a design can show before anything is sent, and how alike its arms are."""
    _headline(design)
    pieces.heading("What each segment can show")
    _table(design)
    _words(design)
    _balance(balance)
    curves = experiment_draft.power_by_share(design)
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
        figures_campaign.power_curves(curves, colours, held_out=held_out, wanted=design.wanted, dark=dark),
        key="experiment-power-chart",
        alt=f"Power of each segment by held-out share; {_alt(curves)}",
        stretched=False,
    )


def _alt(curves: pd.DataFrame) -> str:
    """Return the chart in words: the best share of each segment."""
    best = [f"{name} at most {fmt.percent(float(curves[name].max()))}" for name in curves.columns]
    return ", ".join(best)


def _headline(design: Design) -> None:
    totals = design.counts.sum()
    everyone, held = int(totals.sum()), int(totals.iloc[0])
    able = int((design.table["Power"] >= design.wanted).sum())
    whole = experiment_draft.together(design)
    lift = fmt.percent(design.lift)
    with pieces.numbers():
        share = f"{fmt.percent(held / max(everyone, 1), 1)} of {fmt.count(everyone)}"
        pieces.number("Held out", fmt.count(held), share)
        pieces.number("Contacted", fmt.count(everyone - held), fmt.counted(len(totals) - 1, "treatment"))
        power = f"segments, with {fmt.percent(design.wanted)} power"
        pieces.number(f"Can show {lift}", f"{able} of {len(design.table)}", power)
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
    power = c.NumberColumn("Power", format="%.0f %%", help=f"How often a lift of {lift} would be found.")
    wanted = f"Found in {fmt.percent(design.wanted)} of experiments like this."
    needed = c.NumberColumn("Customers needed", format="localized", help=f"For a lift of {lift} at these shares.")
    smallest = 100 * table["Detectable_lift"].replace(math.inf, np.nan)
    pieces.cells(
        {
            "Segment": (table["Segment"], c.TextColumn(pinned=True, width=150)),
            **arms,
            "a": (100 * table["Baseline"], baseline),
            "b": (table["Baseline_source"].tolist(), c.TextColumn("Baseline is", help=about)),
            "c": (100 * table["Power"], power),
            "m": (100 * table["Power_of_money"], in_money),
            "p": (100 * table["Power_to_pay"], to_pay),
            "d": (smallest, c.NumberColumn("Smallest lift", format="%.0f %%", help=wanted)),
            "e": (table["Customers_needed"].replace(math.inf, np.nan), needed),
        },
        placeholder=fmt.DASH,
        key="experiment-table",
        alt="Arms, baseline, power, smallest lift and customers needed of each segment",
    )


def _words(design: Design) -> None:
    """Say the same in sentences."""
    whole = experiment_draft.together(design)
    if whole is not None:
        st.markdown(f"**All customers together.** {fmt.plain(outlook_words(design.lift, whole, wanted=design.wanted))}")
    with st.expander("In words, segment by segment", icon=":material/notes:"):
        for row in design.table.to_dict("records"):
            st.markdown(f"**{fmt.plain(row['Segment'])}.** {fmt.plain(row['Words'])}")
