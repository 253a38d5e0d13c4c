"""What an experiment can show: four numbers, a table per segment, the power by held-out share, and words."""

import math

import numpy as np
import pandas as pd
import streamlit as st

from analysis.experiment_design import Design
from frontend.components import pieces
from frontend.utils import designed, figures_campaign, palette
from frontend.utils import format as fmt
from retention.experiment.power import outlook_words


def show(made: Design, *, dark: bool) -> None:
    """Draw what a design can show before anything is sent."""
    _headline(made)
    st.subheader("What each segment can show", anchor=False)
    _table(made)
    _words(made)
    curves = designed.power_by_share(made)
    if curves.empty:
        return
    with st.container(border=True):
        st.subheader("Power by held-out share", anchor=False)
        st.caption(
            fmt.plain(
                f"How often a lift of {fmt.percent(made.lift)} is found, by the share that is held out. Half shows "
                "the most and costs the most, as nobody held out is contacted. The upright line is this design."
            )
        )
        pieces.chart(
            figures_campaign.power_curves(
                curves,
                palette.of_segments(list(made.counts.index)),
                held_out=made.experiment.shares_of("")[0],
                wanted=made.wanted,
                dark=dark,
            ),
            key="experiment-power-chart",
            alt=f"Power of each segment by held-out share; {_alt(curves)}",
        )


def _alt(curves: pd.DataFrame) -> str:
    """Return the chart in words: the best share of each segment."""
    best = [f"{name} at most {fmt.percent(float(curves[name].max()))}" for name in curves.columns]
    return ", ".join(best)


def _headline(made: Design) -> None:
    totals = made.counts.sum()
    everyone, held = int(totals.sum()), int(totals.iloc[0])
    able = int((made.table["Power"] >= made.wanted).sum())
    whole = designed.together(made)
    with st.grid(4, min_column_width=150, gap="small"):
        pieces.number(
            "Held out", fmt.count(held), f"{fmt.percent(held / max(everyone, 1), 1)} of {fmt.count(everyone)}"
        )
        pieces.number("Contacted", fmt.count(everyone - held), fmt.counted(len(totals) - 1, "treatment"))
        pieces.number(
            f"Can show {fmt.percent(made.lift)}",
            f"{able} of {len(made.table)}",
            f"segments, with {fmt.percent(made.wanted)} power",
        )
        pieces.number(
            "Power, all together",
            fmt.UNKNOWN if whole is None else fmt.percent(whole.power),
            f"for a lift of {fmt.percent(made.lift)}" if whole is not None else "segments have own shares",
        )


def _table(made: Design) -> None:
    c, table = st.column_config, made.table
    frame = pd.DataFrame({"Segment": table["Segment"]})
    for arm in made.counts.columns:
        frame[arm] = made.counts[arm].to_numpy()
    frame = frame.assign(
        a=100 * table["Baseline"],
        b=table["Baseline_source"].tolist(),
        c=100 * table["Power"],
        d=100 * table["Detectable_lift"].replace(math.inf, np.nan),
        e=table["Customers_needed"].replace(math.inf, np.nan),
    )
    whole = fmt.percent(made.lift)
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "Segment": c.TextColumn(pinned=True, width=150),
            **{str(arm): c.NumberColumn(str(arm).capitalize(), format="localized") for arm in made.counts.columns},
            "a": c.NumberColumn("Baseline", format="%.1f %%", help="Conversion expected without the campaign."),
            "b": c.TextColumn("Baseline is", help="Measured by an experiment, modelled, or assumed in Settings."),
            "c": c.NumberColumn("Power", format="%.0f %%", help=f"How often a lift of {whole} would be found."),
            "d": c.NumberColumn(
                "Smallest lift", format="%.0f %%", help=f"Found in {fmt.percent(made.wanted)} of experiments like this."
            ),
            "e": c.NumberColumn("Customers needed", format="localized", help=f"For a lift of {whole} at these shares."),
        },
        height="content",
        placeholder=fmt.DASH,
        key="experiment-table",
        alt="Arms, baseline, power, smallest lift and customers needed of each segment",
    )


def _words(made: Design) -> None:
    """Say the same in sentences."""
    whole = designed.together(made)
    if whole is not None:
        st.markdown(f"**All customers together.** {fmt.plain(outlook_words(made.lift, whole, wanted=made.wanted))}")
    with st.expander("In words, segment by segment", icon=":material/notes:"):
        for row in made.table.to_dict("records"):
            st.markdown(f"**{fmt.plain(row['Segment'])}.** {fmt.plain(row['Words'])}")
