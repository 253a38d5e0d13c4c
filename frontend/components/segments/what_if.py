"""The workbench of the page "What if": what a person asks for on top, what follows from it below."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from frontend.components.policies import kept_policy
from frontend.components.settings import options_form
from frontend.components.trends import figures_compare
from frontend.components.trends.moves import moves, moves_words
from frontend.state import AppState, Result
from frontend.utils import format as fmt, palette, pieces, runs, trials
from frontend.utils.pieces import LASTING
from frontend.utils.store import Store, key_of
from retention.partition.sizing import SizingStep
from retention.partition.what_if import Knob, Stop, WhatIf
from retention.policy.policy import Sizes, Weights

MOST = 8
SMALLEST = 0.005
"""Smallest change of a score that two decimals show."""

TRIALS = Store[trials.Trial](entries=256)
RANGE = 2
"""One slider has at most two handles."""


@st.fragment
def show(result: Result, state: AppState) -> None:
    """Draw the page; a slider reruns this part alone."""
    with st.spinner("Counting the finer cells", show_time=False):
        what_if = runs.what_if(result)
    today = _trial(result, what_if, trials.start(what_if))
    _about(what_if)
    request = _request(result, what_if, f"what-if-{result.key[:12]}-{state.what_if_round}", state)
    draft = _trial(result, what_if, request)
    _results(today, draft)
    kept_policy.save_as(draft.policy, state, key="what-if", place="what-if")


def _trial(result: Result, what_if: WhatIf, request: trials.TrialRequest) -> trials.Trial:
    """Return what a draft gives; a draft that was tried before costs nothing."""
    evidence = result.run.scores.evidence
    return TRIALS.get(key_of(result.key, request), lambda: trials.try_out(what_if, request, evidence))


def _about(what_if: WhatIf) -> None:
    if what_if.policy.sizes.split_oversize:
        st.info(
            "Drafts deliver segments over the maximum in waves; splitting them needs a new run. "
            "Today's numbers on this page do not include such splits.",
            icon=":material/info:",
        )


def _request(result: Result, what_if: WhatIf, key: str, state: AppState) -> trials.TrialRequest:
    with st.container(border=True):
        cuts, sizes, weights = st.tabs(["Cuts", "Sizes", "Score weights"])
        with cuts:
            chosen = _cuts(what_if, key, result.run.currency)
        with sizes:
            limits = _sizes(what_if, key)
        with weights:
            weighed = _weights(what_if, key)
        request = trials.TrialRequest(chosen, limits, weighed)
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            key="what-if-reset",
            on_click=_reset,
            args=(state,),
            disabled=request == trials.start(what_if),
            help="Back to today's policy.",
        )
    return request


def _reset(state: AppState) -> None:
    # The number is part of the keys: under new keys Streamlit makes new widgets, which start from today's policy.
    state.what_if_round += 1


def _cuts(what_if: WhatIf, key: str, currency: str) -> tuple[tuple[Knob, tuple[Stop, ...]], ...]:
    """Draw a slider for each knob and return those that stand elsewhere than today."""
    sliders = trials.sliders(what_if, currency)
    if not sliders:
        st.caption("This policy has no cuts; its splits go by groups of values.")
    chosen = []
    with st.grid(2 if len(sliders) > 1 else 1, min_column_width=300, gap="medium"):
        for number, slider in enumerate(sliders):
            with st.container():
                labels = _places(slider, f"{key}-{number}")
            # A knob that stands as today is left out, so that an untouched draft equals today's: its trial is found in
            # the store, and Reset is off. Sorted, because the handles of several sliders may cross.
            if sorted(labels) == sorted(slider.today):
                continue
            if len(set(labels)) < len(labels):
                st.warning(f"Two cuts of {slider.title} are at the same place; the draft keeps today's.")
                continue
            chosen.append((slider.knob, slider.stops(labels)))
    st.caption("A place is the share of the abandoners at or below the cut, and the cut itself.")
    return tuple(chosen)


def _places(slider: trials.Slider, key: str) -> tuple[str, ...]:
    """Draw a slider, or several where there are more cuts than handles, and return the chosen labels."""
    labels, now = list(slider.places), slider.today
    if not slider.can_move:
        st.caption(f"{slider.title}: there is no other place to cut at.")
        return now
    if len(now) == RANGE:
        low, high = st.select_slider(
            slider.title, labels, value=(now[0], now[1]), key=key, **LASTING, help=_help(slider)
        )
        return low, high
    titles = [slider.title] if len(now) == 1 else [f"{slider.title}, cut {place}" for place in range(1, len(now) + 1)]
    return tuple(
        st.select_slider(title, labels, value=label, key=f"{key}-{place}", **LASTING, help=_help(slider))
        for place, (title, label) in enumerate(zip(titles, now, strict=True))
    )


def _help(slider: trials.Slider) -> str:
    return fmt.plain(f"Today: {' and '.join(slider.today)}")


def _sizes(what_if: WhatIf, key: str) -> Sizes:
    automatic = f"Auto ({fmt.count(trials.automatic_minimum(int(what_if.cube.size.sum())))})"
    place = st.grid(2, min_column_width=200)
    return options_form.sizes(what_if.policy.sizes, key, (place, place), automatic=automatic, **LASTING)


def _weights(what_if: WhatIf, key: str) -> Weights:
    """Draw a slider for each weight and return the weights; only their proportions matter."""
    today = what_if.policy.weights
    before, now = trials.parts_of(today), dict[str, int]()
    with st.grid(3, min_column_width=200, gap="medium"):
        for name, label in trials.WEIGHTS.items():
            now[name] = st.slider(label, 0, trials.HEAVIEST, before[name], step=1, key=f"{key}-{name}", **LASTING)
    if now == before:
        return today
    weights = trials.weights_of(now)
    if weights is None:
        st.warning("At least one weight must be above 0; the draft keeps today's.")
    else:
        st.caption("Only proportions matter: two weights of 50 count the same as two of 10.")
    return weights or today


def _results(today: trials.Trial, draft: trials.Trial) -> None:
    changed = moves(draft.moves, today.segments, draft.segments)
    _headline(today, draft, int(changed["Customers"].sum()))
    _table(trials.side_by_side(today, draft))
    colours = palette.of_segments(today.policy, [*today.segments, *draft.segments])
    left, right = st.columns(2)
    with left:
        _size_bars(trials.side_by_side(today, draft), colours)
    with right:
        _moves(changed, today, draft, colours)
    _log(draft.sizing_log)


def _headline(today: trials.Trial, draft: trials.Trial, changed: int) -> None:
    everyone = int(draft.moves.sum())
    best, was = draft.table["Segment"].iloc[0], today.table["Segment"].iloc[0]
    smallest = int(draft.table["Size"].min())
    with pieces.numbers():
        pieces.number(
            "Change segment", fmt.count(changed), f"{fmt.percent(changed / everyone)} of {fmt.count(everyone)}"
        )
        pieces.number("Segments", fmt.count(len(draft.segments)), f"{fmt.count(len(today.segments))} today")
        pieces.number("Smallest", fmt.count(smallest), f"minimum {fmt.count(draft.minimum)}")
        note = "Ranked first, as today." if best == was else fmt.plain(fmt.sentence(f"ranked first; today {was}"))
        pieces.number("Best score", fmt.score(float(draft.table["Overall_Score"].iloc[0])), best, note)


def _table(table: pd.DataFrame) -> None:
    pieces.heading("Today and draft side by side")
    c = st.column_config
    ranks = [_ranks(a, b) for a, b in zip(table["Rank_today"], table["Rank_draft"], strict=True)]
    size_change = table["Size_change"].where(table["Size_change"] != 0)
    score_change = table["Overall_change"].where(table["Overall_change"].abs() >= SMALLEST)
    pieces.cells(
        {
            "Rank": (ranks, c.TextColumn(width=70, help="By overall score: today and in the draft.")),
            "Segment": (table["Segment"], c.TextColumn(pinned=True, width=150)),
            "Today": (table["Size_today"], c.NumberColumn("Customers today", format="localized", width=125)),
            "Draft": (table["Size_draft"], c.NumberColumn("in the draft", format="localized", width=90)),
            "Change": (size_change, c.NumberColumn("Change", format="%+d", width=75)),
            "Overall today": (table["Overall_Score_today"], c.NumberColumn("Overall today", format="%.2f", width=105)),
            "Overall draft": (table["Overall_Score_draft"], c.NumberColumn("in the draft", format="%.2f", width=90)),
            "Overall change": (score_change, c.NumberColumn("Change", format="%+.2f", width=75)),
        },
        placeholder=fmt.DASH,
        key="what-if-table",
        alt="Rank, customers and overall score of each segment today and in the draft",
    )


def _ranks(today: float, draft: float) -> str:
    """Return both ranks of a segment, or one word where it is new or gone."""
    if math.isnan(today):
        return f"{draft:.0f}, new"
    if math.isnan(draft):
        return "gone"
    return f"{draft:.0f}" if today == draft else f"{today:.0f} \u2192 {draft:.0f}"


def _size_bars(table: pd.DataFrame, colours: dict[str, str]) -> None:
    sides = table.set_index("Segment")[["Size_today", "Size_draft"]]
    sides.columns = pd.Index(["Today", "Draft"])
    pieces.framed_chart(
        "Customers per segment",
        "Upper bar, grey: today. Lower bar, coloured: the draft.",
        figures_compare.before_after(sides, colours, lambda value: fmt.count(int(value)), dark=palette.is_dark()),
        key="what-if-sizes",
        alt="Customers per segment today and in the draft; the table above has the numbers",
    )


def _moves(changed: pd.DataFrame, today: trials.Trial, draft: trials.Trial, colours: dict[str, str]) -> None:
    with pieces.framed("Who moves", stretched=not changed.empty):
        if changed.empty:
            st.caption("Nobody: the draft leaves every customer where today's policy puts them.")
            return
        st.caption("Left: today. Right: the draft. Strong bands change segment, faint ones stay.")
        pieces.chart(
            figures_compare.flows(draft.moves, today.segments, draft.segments, colours, dark=palette.is_dark()),
            key="what-if-flows",
            alt="Customers from today's segments to those of the draft; the table below has the largest moves",
        )
        alt = "The largest moves between segments, with the share of the segment they leave"
        pieces.table(moves_words(changed.head(MOST)), alt=alt)
        if len(changed) > MOST:
            st.caption(f"The {MOST} largest of {fmt.counted(len(changed), 'move')}.")


def _log(steps: Sequence[SizingStep]) -> None:
    with st.expander(f"What sizing does in the draft ({fmt.counted(len(steps), 'step')})", icon=":material/merge:"):
        if not steps:
            st.caption("Nothing: every segment is within the limits.")
        for step in steps:
            st.markdown(f"- {fmt.plain(fmt.sentence(str(step)))}")
