"""What the model would have said of a past week, beside who came back."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from analysis import Settings
from analysis.backtest import Backtest, backtest, last_known_window
from data_ingestion import Intake
from frontend.components.new_period import mapping_editor
from frontend.components.trends import figures_trends
from frontend.state import AppState, Upload
from frontend.utils import format as fmt, palette, pieces, policies
from frontend.utils.store import MOST_CUSTOMERS, Store, key_of
from frontend.utils.workspace import workspace
from retention.activity.activity import Activity
from retention.activity.features import FeatureRules
from retention.period import Window
from retention.policy.policy import Policy
from retention.policy.yaml_text import policy_hash

WEEKS = 8
BACKTESTS = Store[Backtest](
    entries=16, size=MOST_CUSTOMERS, size_of=lambda outcome: outcome.run.accounting.universe, personal=True
)
NAMES = {"model": "Model", "heuristic": "Heuristic", "base rate": "Same rate for all"}


def show(state: AppState) -> None:
    """Draw the page, or say what it takes."""
    source = state.upload or state.queried
    if source is None or source.intake.activity is None:
        _nothing()
        mapping_editor.in_place(state, state.questions)
        return
    outcome = _chosen(source, source.intake.activity, state.rules)
    _headline(outcome)
    _segments(outcome)
    _curve(outcome)
    st.caption(
        f"Came back: a purchase at most {state.rules.outcome / timedelta(days=1):g} days after the "
        f"{state.rules.recovery / timedelta(hours=1):g} hours in which a cart is not yet abandoned."
    )


def _nothing() -> None:
    pieces.nothing(
        "No log to look back on",
        "Upload an event log, or checkouts with orders: where the log goes on after a week, the app knows who came "
        "back, and compares that with what it would have predicted from the weeks before.",
        "A customer table says nothing of what its customers did later.",
    )


def _chosen(source: Upload, activity: Activity, rules: FeatureRules) -> Backtest:
    known = policies.known()
    last = last_known_window(activity, Settings(timezone=source.options.timezone, rules=rules))
    weeks = {week: fmt.days(week.start, week.end) for week in map(last.earlier, range(WEEKS))}
    left, right = st.columns(2)
    window = pieces.pick("Week", weeks, "backtest-week", kind=left.selectbox)
    policy = known[right.selectbox("Policy", list(known), key="backtest-policy")]
    with st.spinner("Predicting"):
        return _backtested(source.intake, policy, window, rules)


def _backtested(intake: Intake, policy: Policy, window: Window, rules: FeatureRules) -> Backtest:
    key = key_of(intake.input_hash, intake.sources, policy_hash(policy), window, rules)
    settings = Settings(window=window, timezone=window.timezone, rules=rules)

    def make() -> Backtest:
        outcome = backtest(intake, policy, settings)
        workspace().note("analysed", outcome.run.accounting.universe)
        return outcome

    return BACKTESTS.get(key, make)


def _headline(outcome: Backtest) -> None:
    model, simple, base = outcome.skills
    actual = float(outcome.segments["Came_Back"].sum() / outcome.segments["Size"].sum())
    with pieces.numbers():
        pieces.number("To be won", fmt.count(int(outcome.segments["Size"].sum())), f"{fmt.percent(actual)} came back")
        weeks = fmt.counted(outcome.trained_windows, "week")
        pieces.number("Learned from", fmt.count(outcome.trained_on), f"in {weeks} before")
        pieces.number("Error of the model", f"{model.brier:.4f}", f"heuristic: {simple.brier:.4f}")
        everyone = f"against {fmt.percent(base.top_rate)} of all"
        pieces.number("Best fifth came back", fmt.percent(model.top_rate), everyone)


def _segments(outcome: Backtest) -> None:
    table = outcome.segments
    colours = palette.of_segments(outcome.run.policy, table["Segment"])
    pieces.framed_chart(
        "Predicted and actual, by segment",
        "Dots: who came back, with the 95 % interval. Diamonds: predicted.",
        figures_trends.by_segment(table, colours, dark=palette.is_dark()),
        key="backtest-segments",
    )
    _table(table)
    st.caption(" ".join(outcome.words))


def _table(table: pd.DataFrame) -> None:
    c = st.column_config
    share = c.NumberColumn(format="%.1f %%", width=95)
    ends = zip(table["Predicted_low"], table["Predicted_high"], strict=True)
    intervals = [fmt.interval(fmt.percent(low), fmt.percent(high)) for low, high in ends]
    inside = c.TextColumn(width=70, help="Whether the outcome lies in the stated interval.")
    pieces.cells(
        {
            "Segment": (table["Segment"], c.TextColumn(pinned=True, width=160)),
            "Customers": (table["Size"], c.NumberColumn(format="localized", width=95)),
            "Predicted": (100 * table["Predicted"], share),
            "95 % interval": (intervals, c.TextColumn(width=130)),
            "Heuristic": (100 * table["Predicted_Heuristic"], share),
            "Came back": (100 * table["Actual"], share),
            "Inside": (["yes" if each else "no" for each in table["Inside"]], inside),
        },
        key="backtest-table",
    )


def _curve(outcome: Backtest) -> None:
    title = "Are the probabilities right?"
    sentence = "Customers in up to ten groups by predicted probability; on the dotted line predictions are right."
    left, right = st.columns([3, 2])
    figure = figures_trends.calibration(outcome.calibration, dark=palette.is_dark())
    with left:
        pieces.framed_chart(title, sentence, figure, key="backtest-calibration")
    with right, pieces.framed("Against simpler predictions", stretched=True):
        pieces.table(
            {
                "Predictor": [NAMES[skill.name] for skill in outcome.skills],
                "Brier score": [f"{skill.brier:.4f}" for skill in outcome.skills],
                "AUC": [f"{skill.auc:.3f}" for skill in outcome.skills],
                "Best fifth": [fmt.percent(skill.top_rate) for skill in outcome.skills],
            },
            alt="Brier score, AUC and recovery rate of the best fifth, by predictor",
        )
        st.caption(
            "Brier score: mean squared error of the probabilities, smaller is better. AUC: how often a customer who "
            "came back was rated above one who did not; 0.5 is guessing. Best fifth: how many of those rated highest "
            "came back."
        )
