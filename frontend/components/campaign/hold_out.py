"""The second step: who is held out, and what that can show."""

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from analysis import with_experiment
from analysis.choice import Choice
from analysis.experiment_design import WISHED_LIFT, Design
from frontend.components.campaign import experiment_outcomes, week
from frontend.state import AppState, Result, value_of
from frontend.utils import format as fmt, pieces, primary, runs
from frontend.utils.pieces import LASTING
from frontend.utils.workspace import workspace
from retention.experiment.arms import CONTROL, Experiment
from retention.experiment.balance import Balance, balance_words
from retention.experiment.power import POWER, Plan, advice_words, outlook, outlook_words

MOST = 5
"""Treatments that the form takes; the command line takes more."""

CONTROLS = (0.5, 95.0)
"""Shares that an arm may have, in percent."""
NAME = "experiment-keep-name"


def show(result: Result, state: AppState) -> None:
    """Draw the step for a week, with or without an experiment of its own."""
    choice, kept = week.choice_of(result), result.run.experiment
    # What the form below says is told first.
    top = st.container()
    lift, wanted, draft = WISHED_LIFT, POWER, (kept, False) if kept else None
    if kept is None:
        lift, wanted, draft = _form(result)
    if draft is None:
        return
    with st.spinner("Assigning customers", show_time=False):
        experiment, balance = experiment_outcomes.balanced_of(result, draft[0], choose=draft[1])
        design = experiment_outcomes.design_of(result, experiment, choice, (lift, wanted))
    whole = together(design)
    with top:
        if kept is not None:
            pieces.heading(f"Experiment {fmt.plain(kept.name)}", "Whoever is held out stays held out.")
        st.markdown(f"**{fmt.plain(advice(whole, design))}**")
        _headline(design)
    if kept is None:
        label = f"Hold out {fmt.counted(int(design.counts.sum().iloc[0]), 'customer')}"
        arguments = (state, result, experiment, choice)
        primary.button(label, ":material/pan_tool:", key="hold-out", on_click=_keep, args=arguments)
    pieces.outcome(state, "hold-out")
    if kept is not None:
        icon = ":material/arrow_forward:"
        primary.button("Go on to the files", icon, key="hold-out-next", on_click=week.go_to, args=("Files",))
    _details(design, balance, whole)


def _keep(state: AppState, result: Result, experiment: Experiment, choice: Choice) -> None:
    def keep() -> None:
        run = with_experiment(runs.refreshed(result).run, experiment)
        week.weeks().hold_out(result.run_id, run)
        week.weeks().choose(result.run_id, choice.counted(run))
        if not result.name:
            name = f"Week of {fmt.day(result.run.window.start)}".replace(fmt.SPACE, " ")
            workspace().rename(result.run_id, str(value_of(NAME) or "").strip() or name)
        week.show_again(state, result)

    state.attempt_at("hold-out", keep, "Kept with the week: no audience file contains the control group.")


def advice(whole: Plan | None, design: Design) -> str:
    """Return the one thing to know about a design before anything is sent."""
    if whole is None:
        return "Segments hold out shares of their own, so each is judged by itself."
    return advice_words(whole, design.lift, wanted=design.wanted)


def _form(result: Result) -> tuple[float, float, tuple[Experiment, bool] | None]:
    """Draw the form and return the wished lift, the wanted power, and the experiment.

    With the experiment comes whether its salt is to be chosen; None where it is not whole yet.
    """
    key = f"experiment-{result.key[:12]}"
    with st.grid(2, min_column_width=200):
        about = "A control group gets nothing, so it shows what happens without the campaign. Identifiers decide who."
        held_out = pieces.percent("Held out, %", (*CONTROLS, 10.0), f"{key}-control", about=about)
        about = "Relative: 20 % more conversions turn a rate of 10 % into 12 %."
        lift = pieces.percent("Lift to find, %", (1.0, 1000.0, 100 * WISHED_LIFT), f"{key}-lift", step=5.0, about=about)
    with st.expander("Name, treatments, other shares", icon=":material/tune:"):
        with st.grid(2, min_column_width=200):
            name = st.text_input(
                "Name of the experiment",
                value=f"{result.run.window.end:%Y-%m-%d}",
                max_chars=60,
                key=f"{key}-name",
                **LASTING,
                help="A different name holds out different customers; the same name over weeks keeps who is held out.",
            )
            if not result.name:
                st.text_input("Name of the week", key=NAME, max_chars=200, help="Listed for all.")
            about = "How often an experiment like this finds the lift, if it is there."
            ends = (10.0, 99.0, 100 * POWER)
            wanted = pieces.percent("Wanted power, %", ends, f"{key}-power", step=5.0, about=about)
            about = "To compare campaigns."
            several = pieces.whole("Treatments", (1, MOST, 1), f"{key}-treatments", about=about)
        treatments = _treatments(several, held_out, key)
        segments = _segments(result, held_out, key)
        about = "Of up to 1,000 ways to draw the control, take the one whose customers are most like the others."
        balance = st.checkbox("Balance the arms", value=True, key=f"{key}-balance", **LASTING, help=about)
    labels = {label for label, _ in treatments or ()}
    problems = {
        "Give the experiment a name.": not name.strip(),
        "Nothing is left for the last treatment.": treatments is None,
        "Each treatment needs a name of its own; control is taken.": len(labels | {CONTROL}) <= len(treatments or ()),
    }
    for problem, holds in problems.items():
        if holds:
            st.warning(problem)
            return lift, wanted, None
    return lift, wanted, (drafted(name.strip(), treatments or (), held_out, segments), balance)


def drafted(
    name: str, treatments: Sequence[tuple[str, float]], held_out: float, segments: Sequence[tuple[str, float]]
) -> Experiment:
    """Return an experiment; where a segment holds out another share, its treatments share the rest as elsewhere."""

    def shares(control: float) -> dict[str, float]:
        return {CONTROL: control} | {label: share / (1 - held_out) * (1 - control) for label, share in treatments}

    return Experiment(name, shares(held_out), {segment: shares(control) for segment, control in segments})


def _treatments(count: int, held_out: float, key: str) -> tuple[tuple[str, float], ...] | None:
    """Draw a name and a share for each treatment; the last one gets what is left. None: nothing is left."""
    if count == 1:
        label = st.text_input("Treatment", "treatment", max_chars=40, key=f"{key}-label", **LASTING)
        return ((label.strip() or "treatment", 1 - held_out),)
    treatments, left = list[tuple[str, float]](), 1 - held_out
    with st.grid(2, min_column_width=200):
        for place in range(count):
            usual = f"treatment {place + 1}"
            label = st.text_input(f"Treatment {place + 1}", usual, max_chars=40, key=f"{key}-label-{place}", **LASTING)
            if place < count - 1:
                ends = (*CONTROLS, round(100 * (1 - held_out) / count, 1))
                share = pieces.percent(f"Its share, % ({place + 1})", ends, f"{key}-{place}")
            else:
                share = round(left, 6)
                st.metric("Its share, the rest", fmt.percent(max(share, 0), 1))
            left -= share
            treatments.append((label.strip() or usual, share))
    return tuple(treatments) if treatments[-1][1] > 0 else None


def _segments(result: Result, held_out: float, key: str) -> tuple[tuple[str, float], ...]:
    names = list(result.run.segmentation.tree.names)
    about = "Small segments learn more from a larger control, large ones need only a small one."
    label = "Segments with a share of their own"
    chosen = st.multiselect(label, names, key=f"{key}-segments", **LASTING, help=about)
    ends = (*CONTROLS, 100 * held_out)
    with st.grid(3, min_column_width=200):
        shares = [
            pieces.percent(f"{fmt.plain(name)}: held out, %", ends, f"{key}-of-{names.index(name)}") for name in chosen
        ]
    return tuple(zip(chosen, shares, strict=True))


def _details(design: Design, balance: Balance, whole: Plan | None) -> None:
    with st.expander("What each segment can show, and how alike the arms are", icon=":material/table_rows:"):
        _table(design)
        if whole is not None:
            words = outlook_words(design.lift, outlook(whole, design.lift, wanted=design.wanted), wanted=design.wanted)
            st.markdown(f"**All customers together.** {fmt.plain(words)}")
        _balance(balance)


def _headline(design: Design) -> None:
    totals = design.counts.sum()
    everyone, held = int(totals.sum()), int(totals.iloc[0])
    with pieces.numbers():
        pieces.number(
            "Held out", fmt.count(held), f"{fmt.percent(held / max(everyone, 1), 1)} of {fmt.count(everyone)}"
        )
        pieces.number("Contacted", fmt.count(everyone - held), fmt.counted(len(totals) - 1, "treatment"))


def _balance(balance: Balance) -> None:
    st.caption(fmt.plain(balance_words(balance)))
    if not balance.covariates:
        return
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


def together(design: Design) -> Plan | None:
    """Return all customers as one plan; None where segments hold out shares of their own, or nothing can be said."""
    totals = design.counts.sum()
    control, treated = int(totals.iloc[0]), int(totals.iloc[1:].min())
    table = design.table
    baseline = float((table["Baseline"] * table["Customers"]).sum() / max(1, table["Customers"].sum()))
    sayable = control and treated and 0 < baseline < 1 and baseline * (1 + design.lift) <= 1
    if design.experiment.segment_shares or not sayable:
        return None
    return Plan(control + treated, baseline, control / (control + treated))
