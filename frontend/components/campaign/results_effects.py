"""The effects of an experiment: each treatment against the control, and per segment as a forest plot and a table."""

import math

import pandas as pd
import streamlit as st

from frontend.components.campaign import figures_campaign
from frontend.components.campaign.experiment_outcomes import Measurement
from frontend.components.segments.segments import Row
from frontend.state import Result
from frontend.utils import format as fmt, palette, pieces
from retention.experiment.words import Estimate, money, p_words, percent, points

ARM = "results-arm"


def show(result: Result, measurement: Measurement) -> None:
    """Draw the effects; where the sizes of the arms do not fit, only what was counted."""
    results = measurement.run_results.results
    pieces.heading("Each treatment against the control")
    _arms(measurement, result.run.currency)
    if results.capping is not None:
        st.caption(fmt.plain(f"{results.capping.words}."))
    for row in pd.concat([results.overall, results.pooled]).to_dict("records"):
        _treatment(row, result)
        for guardrail in results.guardrails:
            if guardrail.arm == row["arm"]:
                st.caption(fmt.plain(f"Guardrail: {guardrail.words}."))
    if results.sample_ratio.status == "mismatch":
        return
    pieces.heading("Per segment")
    treatments = results.arms[1:]
    chosen = treatments[0]
    if len(treatments) > 1:
        chosen = pieces.segmented("Treatment", {arm: fmt.plain(arm) for arm in treatments}, ARM, chosen)
    groups = results.groups[results.groups["arm"] == chosen]
    for each in results.differing:
        if each.arm == chosen:
            st.markdown(fmt.plain(each.words))
    # Effects in the light of the other segments are for the end.
    if measurement.final:
        _forest(result, groups)
    _table(result, groups, measurement)
    _advice(groups)


def _arms(measurement: Measurement, currency: str) -> None:
    rates = measurement.run_results.results.arm_rates
    table: dict[str, list[str]] = {
        "Arm": [fmt.plain(str(arm)) for arm in rates["arm"]],
        "Customers": [fmt.count(int(n)) for n in rates["n"]],
        "Converted": [fmt.count(int(n)) for n in rates["converted"]],
        "Rate": [
            f"{percent(row['rate'])} ({percent(row['rate_low'])} to {percent(row['rate_high'])})"
            if row["n"]
            else fmt.UNKNOWN
            for row in rates.to_dict("records")
        ],
    }
    if measurement.money_known and measurement.final:
        table["Revenue each"] = [fmt.money(value, currency, digits=2) for value in rates["revenue"]]
    pieces.table(table, alt="Customers, conversions and rates of each arm")


def _treatment(row: Row, result: Result) -> None:
    with st.container(border=True):
        st.markdown(
            f"**{fmt.plain(str(row['arm']))}: {fmt.plain(str(row['verdict']))}**  \n{fmt.plain(str(row['words']))}"
        )
        if row["verdict"] in ("blocked", "no data"):
            return
        currency = result.run.currency
        with st.grid(4, min_column_width=170, gap="small"):
            gap = _estimate(row, "difference")
            pieces.number(
                "Difference", f"{100 * gap.value:+.2f} points", points(gap).partition(" points ")[2].strip("()")
            )
            ratio = _estimate(row, "ratio")
            value, high = (f"{each:.2f}" if math.isfinite(each) else fmt.UNKNOWN for each in (ratio.value, ratio.high))
            pieces.number("Rate over control's", value, f"{ratio.low:.2f} to {high}")
            if not math.isnan(row["revenue_difference"]):
                _money("Revenue per customer", _estimate(row, "revenue_difference"), currency)
                _money("Net profit of the arm", _estimate(row, "net_profit"), currency)
                times = _estimate(row, "revenue_ratio")
                if times.known:
                    ends = f"{times.low:.2f} to {times.high:.2f}"
                    pieces.number("Revenue over control's", f"{times.value:.2f}", ends)
        if not math.isnan(row["adjusted_difference"]):
            adjusted = _estimate(row, "adjusted_difference")
            text = points(adjusted) if math.isnan(row["revenue_difference"]) else money(adjusted, currency)
            st.caption(fmt.plain(f"Adjusted for the covariate: {text}, {p_words(float(row['adjusted_p']))}."))


def _estimate(row: Row, name: str) -> Estimate:
    return Estimate(*(float(row[f"{name}{end}"]) for end in ("", "_low", "_high")))


def _money(label: str, amount: Estimate, currency: str) -> None:
    value, _, ends = money(amount, currency).partition(" (")
    pieces.number(label, value, ends.rstrip(")") or "no interval")


def _forest(result: Result, groups: pd.DataFrame) -> None:
    shown = groups[groups["difference"].notna() & (groups["verdict"] != "blocked")]
    if shown.empty:
        st.caption("No segment has customers in both arms.")
        return
    names = list(result.run.segmentation.tree.names)
    effects = "; ".join(
        f"{row['group']} {points(_estimate(row, 'shrunk_difference'))}" for row in shown.to_dict("records")
    )
    pieces.framed_chart(
        "Effect on conversion",
        "Square, grey: the segment by itself. Circle, coloured: shrunk, given the others. Lines are "
        "95 % intervals; the upright line is no effect.",
        figures_campaign.forest(shown, palette.of_segments(result.run.policy, names), dark=palette.is_dark()),
        key="results-forest",
        alt=f"Effect on conversion per segment, in percentage points: {effects}",
        stretched=False,
    )


def _table(result: Result, groups: pd.DataFrame, measurement: Measurement) -> None:
    c, rows, currency = st.column_config, groups.to_dict("records"), result.run.currency
    drawn = "Drawn towards the others and the assumed lift, as far as chance explains it."
    adjusted = c.TextColumn("p, adjusted", width=85, help="Holm, over all segments and treatments.")
    later = {
        "shrunk": (
            [_points(row, "shrunk_difference") for row in rows],
            c.TextColumn("Shrunk, points (95 %)", width=155, help=drawn),
        )
    }
    profits = [money(_estimate(row, "net_profit"), currency) for row in rows] if measurement.money_known else []
    profit = {"profit": (profits, c.TextColumn("Net profit (95 %)", width=170))} if profits else {}
    pieces.cells(
        {
            "Segment": (groups["group"], c.TextColumn(pinned=True, width=150)),
            "Verdict": (groups["verdict"], c.TextColumn(width=105)),
            **(later if measurement.final else {}),
            "raw": ([_points(row, "difference") for row in rows], c.TextColumn("By itself (95 %)", width=155)),
            "p": ([p_words(float(p)) for p in groups["p_adjusted"]], adjusted),
            **(profit if measurement.final else {}),
            "rate": (100 * groups["rate"], c.NumberColumn("Rate", format="%.2f %%")),
            "rate_control": (100 * groups["rate_control"], c.NumberColumn("Control's", format="%.2f %%")),
            "n": (groups["n"], c.NumberColumn("Contacted", format="localized")),
            "control": (groups["n_control"], c.NumberColumn("Control", format="localized")),
        },
        key="results-table",
        alt="Verdict, rates, differences by themselves and shrunk, and net profit of each segment",
    )


def _points(row: Row, name: str) -> str:
    amount = _estimate(row, name)
    return fmt.UNKNOWN if math.isnan(amount.value) else points(amount).replace(" percentage points", "")


def _advice(groups: pd.DataFrame) -> None:
    names = [str(name) for name in groups[groups["do_not_contact"]]["group"]]
    if names:
        st.warning(
            fmt.plain(f"Do not contact, because even the best case that fits the data is a loss: {', '.join(names)}."),
            icon=":material/block:",
        )
