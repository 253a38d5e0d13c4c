"""The second step: who is held out, and what that can show."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from analysis.experiment_design import Design
from frontend.components.campaign import experiment_outcomes, figures_campaign
from frontend.state import AppState, Result, forget, value_of
from frontend.utils import format as fmt
from frontend.utils import palette, pieces, primary
from retention.errors import InputError
from retention.experiment.arms import CONTROL, Experiment
from retention.experiment.balance import Balance, balance_words
from retention.experiment.power import ALPHA, Outlook, Plan, outlook, outlook_words, power
from retention.policy.policy import Policy

SHARES = tuple(share / 100 for share in range(2, 91, 2))
"""Held-out shares that the chart shows."""

MOST = 5
"""Treatments that the form takes; the command line takes more."""

NAME = "experiment-keep-name"


def show(result: Result, state: AppState) -> None:
    """Draw the page for a run, with or without an experiment of its own.

    Raises:
        InputError: A share or a name cannot be.
    """
    kept = result.run.experiment
    with st.container(border=True):
        draft = _form(result) if kept is None else (kept, False)
        if kept is not None:
            st.header(f"Experiment {fmt.plain(kept.name)}", anchor=False)
            st.caption(
                "Its arms were kept with this period and do not change: whoever was held out stays held out. "
                "For another design, open the period without an experiment."
            )
        lift, wanted = aims(result)
    if draft is None:
        return
    with st.spinner("Assigning customers", show_time=False):
        experiment, balance = experiment_outcomes.balanced_of(result, draft[0], choose=draft[1])
        design = experiment_outcomes.design_of(result, experiment, lift, wanted)
    _outlook(design, balance, result.run.policy)
    if kept is None:
        _keep_form(result, experiment, state)


def _keep_form(result: Result, experiment: Experiment, state: AppState) -> None:
    """Draw the form that keeps the experiment."""
    with st.container(border=True), st.form("experiment-keep", border=False):
        st.header("Keep it before you send", anchor=False)
        st.caption(
            "A new saved period holds these customers, their segments and who is held out. Only then can its results "
            "be measured, and the files leave the control out."
        )
        st.text_input(
            "Name of the period",
            key=NAME,
            placeholder=_usual(result, experiment),
            max_chars=200,
            help="Listed for all.",
        )
        st.form_submit_button(
            **primary.look("Keep experiment", ":material/bookmark_add:"),
            key="experiment-keep-button",
            on_click=_keep,
            args=(state, result, experiment),
        )


def _usual(result: Result, experiment: Experiment) -> str:
    base = result.name or f"Week of {fmt.day(result.run.window.start)}".replace(fmt.SPACE, " ")
    return f"{base}, experiment {experiment.name}"


def _keep(state: AppState, result: Result, experiment: Experiment) -> None:
    name = str(value_of(NAME) or "").strip() or _usual(result, experiment)
    try:
        kept = experiment_outcomes.keep(result, experiment, name)
    except InputError as error:
        state.failure = error
        return
    state.result, state.failure, state.unsaved = kept, None, None
    state.address, state.next_address = kept.run_id, kept.run_id
    state.notice = f"Kept as {fmt.plain(name)}. Its control group is left out of every audience file."
    forget(NAME)


def _form(result: Result) -> tuple[Experiment, bool] | None:
    """Draw the form and return the experiment, and whether its salt is to be chosen; None where it is not whole yet.

    Raises:
        OptionError: A label or share cannot be.
    """
    st.header("Who is held out", anchor=False)
    st.caption(
        "A **control** group gets nothing, so that its customers show what happens without the campaign. Who is in it "
        "follows from the customer's identifier and the experiment's name, never from chance when you press the button."
    )
    key = f"experiment-{result.key[:12]}"
    with st.grid(3, min_column_width=200):
        name = st.text_input(
            "Name of the experiment",
            value=f"{result.run.window.end:%Y-%m-%d}",
            max_chars=60,
            key=f"{key}-name",
            persist_state="session",
            help="A different name holds out different customers.",
        )
        held_out = _share("Held out, %", 10.0, f"{key}-control")
        several = st.number_input(
            "Treatments", 1, MOST, 1, key=f"{key}-treatments", persist_state="session", help="To compare campaigns."
        )
    treatments = _treatments(int(several), held_out, key)
    if not name.strip() or treatments is None:
        st.warning("Give the experiment a name." if not name.strip() else "Nothing is left for the last treatment.")
        return None
    if len({label for label, _ in treatments} | {"control"}) <= len(treatments):
        st.warning("Each treatment needs a name of its own; control is taken.")
        return None
    segments = _segments(result, held_out, key)
    about = "Of up to 1,000 ways to draw the control, take the one whose customers are most like the others."
    balance = st.checkbox("Balance the arms", value=True, key=f"{key}-balance", persist_state="session", help=about)
    return drafted(name.strip(), treatments, held_out, segments), balance


def drafted(
    name: str, treatments: Sequence[tuple[str, float]], held_out: float, segments: Sequence[tuple[str, float]]
) -> Experiment:
    """Return an experiment; where a segment holds out another share, its treatments share the rest as elsewhere."""

    def shares(control: float) -> dict[str, float]:
        return {CONTROL: control} | {label: share / (1 - held_out) * (1 - control) for label, share in treatments}

    return Experiment(name, shares(held_out), {segment: shares(control) for segment, control in segments})


def aims(result: Result) -> tuple[float, float]:
    """Draw the wished lift and power, and return them as shares."""
    key = f"experiment-{result.key[:12]}"
    with st.grid(2, min_column_width=200):
        about = "Relative: 20 % more conversions turn a rate of 10 % into 12 %."
        lift = _aim("Lift to find, %", (1.0, 1000.0, 20.0), f"{key}-lift", about)
        about = "How often an experiment like this finds the lift, if it is there."
        wanted = _aim("Wanted power, %", (10.0, 99.0, 80.0), f"{key}-power", about)
    return lift, wanted


def _aim(label: str, ends: tuple[float, float, float], key: str, about: str) -> float:
    """Draw a percentage that starts from the last of three numbers, between the others; return it as a share."""
    return st.number_input(label, *ends, 5.0, format="%g", key=key, persist_state="session", help=about) / 100


def _treatments(count: int, held_out: float, key: str) -> tuple[tuple[str, float], ...] | None:
    """Draw a name and a share for each treatment; the last one gets what is left. None: nothing is left."""
    if count == 1:
        label = st.text_input("Treatment", "treatment", max_chars=40, key=f"{key}-label", persist_state="session")
        return ((label.strip() or "treatment", 1 - held_out),)
    treatments, left = list[tuple[str, float]](), 1 - held_out
    with st.grid(2, min_column_width=200):
        for place in range(count):
            usual = f"treatment {place + 1}"
            label = st.text_input(
                f"Treatment {place + 1}", usual, max_chars=40, key=f"{key}-label-{place}", persist_state="session"
            )
            if place < count - 1:
                share = _share(f"Its share, % ({place + 1})", round(100 * (1 - held_out) / count, 1), f"{key}-{place}")
            else:
                share = round(left, 6)
                st.metric("Its share, the rest", fmt.percent(max(share, 0), 1))
            left -= share
            treatments.append((label.strip() or usual, share))
    return tuple(treatments) if treatments[-1][1] > 0 else None


def _share(label: str, usual: float, key: str) -> float:
    value = st.number_input(label, 0.5, 95.0, usual, 1.0, format="%g", key=key, persist_state="session")
    return float(value) / 100


def _segments(result: Result, held_out: float, key: str) -> tuple[tuple[str, float], ...]:
    """Draw the segments that hold out another share."""
    with st.expander("A different share for some segments", icon=":material/tune:"):
        st.caption("Small segments learn more from a larger control, large ones need only a small one.")
        names = [segment.name for segment in result.run.segmentation.tree.segments]
        chosen = st.multiselect("Segments", names, key=f"{key}-segments", persist_state="session")
        with st.grid(3, min_column_width=200):
            shares = [
                _share(f"{fmt.plain(name)}: held out, %", 100 * held_out, f"{key}-of-{names.index(name)}")
                for name in chosen
            ]
    return tuple(zip(chosen, shares, strict=True))


def _outlook(design: Design, balance: Balance, policy: Policy) -> None:
    """Draw what a design can show before anything is sent, and how alike its arms are."""
    whole = together(design)
    _headline(design, whole)
    pieces.heading("What each segment can show")
    _table(design)
    _in_words(design, whole)
    _balance(balance)
    curves = power_by_share(design)
    if curves.empty:
        return
    # The chart in words: the best share of each segment.
    best = ", ".join(f"{name} at most {fmt.percent(float(curves[name].max()))}" for name in curves.columns)
    sentence = (
        f"How often a lift of {fmt.percent(design.lift)} is found, by the share that is held out. Half shows "
        "the most and costs the most, as nobody held out is contacted. The upright line is this design."
    )
    colours = palette.of_segments(policy, design.counts.index)
    held_out = design.experiment.shares_of("")[0]
    pieces.framed_chart(
        "Power by held-out share",
        fmt.plain(sentence),
        figures_campaign.power_curves(curves, colours, held_out=held_out, wanted=design.wanted, dark=palette.is_dark()),
        key="experiment-power-chart",
        alt=f"Power of each segment by held-out share; {best}",
        stretched=False,
    )


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


def _in_words(design: Design, whole: Outlook | None) -> None:
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
