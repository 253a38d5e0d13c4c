"""What the next analyses take up from the results of a week: shown before and after, kept, and undone."""

from functools import partial

import streamlit as st

from analysis.experiment_results import measured_lifts
from frontend.components.campaign import experiment_outcomes, week
from frontend.components.campaign.experiment_outcomes import Measurement
from frontend.state import AppState, Result, value_of
from frontend.utils import format as fmt, pieces, primary
from retention.scores.measured_lift import MeasuredLift
from run_store import Learnt, ResultsIn, WeekState

TREATMENT = "results-lifts-of"
SHOWN_NOTHING = frozenset({"nothing shown", "no data", "blocked"})


def show(result: Result, state: AppState, measurement: Measurement, also: list[str]) -> None:
    """Draw the way into the next analyses, once nothing more can come."""
    results, known = measurement.run_results.results, week.state_of(result)
    if known.learnt is not None:
        _undo(result, state, known.learnt)
    if known.learnt is not None or results.sample_ratio.status == "mismatch" or not measurement.final:
        return
    treatments = [str(arm) for arm in results.arms[1:]]
    with pieces.framed(
        "Use what was measured",
        "The next analyses of this workspace then score with what was measured, as far as it tells more than the "
        "policy's assumption: a small experiment moves little, a large one decides. It can be undone here.",
    ):
        if len(treatments) > 1:
            st.selectbox("Lift of", treatments, key=TREATMENT, help="The treatment that the next campaign will be.")
        arm = treatments[0] if len(treatments) == 1 else str(value_of(TREATMENT) or treatments[0])
        new = measured_lifts(measurement.run_results, week.today(result), treatment=arm)
        _changes(result, new)
        verdicts = results.overall.set_index("arm")["verdict"]
        look = primary.look("Use in the next analyses", ":material/arrow_forward:")
        if str(verdicts[arm]) in SHOWN_NOTHING:
            st.caption("Nothing was shown, so there is no need to: what is assumed stays as it is.")
            look = primary.Look(label="Use it all the same", icon=None, type="tertiary")
        st.button(**look, key="results-use", on_click=_use, args=(state, result, new, also))
        pieces.outcome(state, "learnt")


def kept(result: Result, state: AppState, known: WeekState) -> None:
    """Draw what the week remembers of its results."""
    if known.results is not None:
        _summary(known.results)
    if known.learnt is not None:
        _undo(result, state, known.learnt)
    else:
        pieces.outcome(state, "learnt")


def _summary(results: ResultsIn) -> None:
    when = f"Looked at on {fmt.day(results.on)}, {fmt.counted(results.customers, 'customer')}. {results.words}"
    with pieces.framed("Results", f"{fmt.plain(when)} Upload the files again for the details."):
        for each in results.arms:
            st.markdown(f"**{fmt.plain(each.arm)}: {fmt.plain(each.verdict)}**  \n{fmt.plain(each.words)}")
        pieces.points(results.broken)


def _changes(result: Result, new: tuple[MeasuredLift, ...]) -> None:
    pieces.table(
        experiment_outcomes.changes_shown(experiment_outcomes.changes(result, new), result.run.currency),
        alt="Lift, conversion without contact and expected profit of each segment, before and after",
    )


def _use(state: AppState, result: Result, new: tuple[MeasuredLift, ...], also: list[str]) -> None:
    ids, day = [*filter(None, [result.run_id]), *also], week.today(result)
    notice = f"The next analyses use the measured lift of {fmt.counted(len(new), 'segment')}."
    state.attempt_at("learnt", partial(week.weeks().learn, ids, new, day), notice)


def _unlearn(state: AppState, result: Result) -> None:
    undo = partial(week.weeks().unlearn, result.run_id)
    state.attempt_at("learnt", undo, "Undone: the next analyses go without.")


def _undo(result: Result, state: AppState, learnt: Learnt) -> None:
    with pieces.framed("What the next analyses use", f"Since {fmt.day(learnt.on)}; before and after."):
        _changes(result, learnt.added)
        st.button("Undo", icon=":material/undo:", key="results-undo", on_click=_unlearn, args=(state, result))
        pieces.outcome(state, "learnt")
