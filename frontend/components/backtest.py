"""What the model would have said of a past week, beside who came back."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from analysis import Settings
from analysis.backtest import Backtest, backtest, last_known_window
from data_ingestion import Intake
from frontend.components import pieces
from frontend.state import AppState, Upload
from frontend.utils import figures_backtest, palette, policies
from frontend.utils import format as fmt
from frontend.utils.store import MOST_CUSTOMERS, Store, key_of
from retention.activity.activity import Activity
from retention.activity.features import FeatureRules
from retention.errors import InputError
from retention.period import Window
from retention.policy.policy import Policy
from retention.policy.yaml_text import policy_hash

WEEKS = 8
"""Past weeks to choose from."""
BACKTESTS = Store[Backtest](
    entries=16, size=MOST_CUSTOMERS, size_of=lambda made: made.run.accounting.universe, personal=True
)
NAMES = {"model": "Model", "heuristic": "Heuristic", "base rate": "Same rate for all"}


def show(state: AppState, *, dark: bool) -> None:
    """Draw the page, or say what it takes."""
    source = state.upload or state.queried
    if source is None or source.intake.activity is None:
        _nothing()
        return
    try:
        made = _chosen(source, source.intake.activity, state.rules)
    except InputError as error:
        pieces.problem(error)
        return
    _headline(made)
    _segments(made, dark=dark)
    _curve(made, dark=dark)
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
    """Draw the choice of week and policy, and return the backtest."""
    known = policies.known()
    last = last_known_window(activity, Settings(timezone=source.options.timezone, rules=rules))
    weeks = [last.earlier(week) for week in range(WEEKS)]
    left, right = st.columns(2)
    window: Window = left.selectbox(
        "Week", weeks, format_func=lambda week: fmt.days(week.start, week.end), key="backtest-week"
    )
    policy = known[right.selectbox("Policy", list(known), key="backtest-policy")]
    with st.spinner("Predicting"):
        return _backtested(source.intake, policy, window, rules)


def _backtested(intake: Intake, policy: Policy, window: Window, rules: FeatureRules) -> Backtest:
    """Return what would have been predicted of a past window, and what happened.

    Raises:
        InputError: Outcomes of the window are not known, or there are too few before it.
    """
    key = key_of(intake.input_hash, intake.sources, policy_hash(policy), window, rules)
    settings = Settings(window=window, timezone=window.timezone, rules=rules)
    return BACKTESTS.get(key, lambda: backtest(intake, policy, settings))


def _headline(made: Backtest) -> None:
    model, simple, base = made.skills
    with st.grid(4, min_column_width=150, gap="small"):
        pieces.number("Abandoners", fmt.count(made.run.accounting.universe), f"{fmt.percent(_actual(made))} came back")
        pieces.number(
            "Learned from",
            fmt.count(made.trained_on),
            f"in {fmt.counted(made.trained_windows, 'week')} before",
        )
        pieces.number(
            "Error of the model",
            f"{model.brier:.4f}",
            f"heuristic: {simple.brier:.4f}",
        )
        pieces.number(
            "Best fifth came back", fmt.percent(model.top_rate), f"against {fmt.percent(base.top_rate)} of all"
        )


def _actual(made: Backtest) -> float:
    return float(made.segments["Recovered"].sum() / made.segments["Size"].sum())


def _segments(made: Backtest, *, dark: bool) -> None:
    table = made.segments
    colours = palette.of_segments(table["Segment"].tolist())
    title, sentence = (
        "Predicted and actual, by segment",
        "Dots: who came back, with the 95 % interval. Diamonds: predicted.",
    )
    figure = figures_backtest.by_segment(table, colours, dark=dark)
    pieces.framed_chart(title, sentence, figure, key="backtest-segments")
    _table(table)


def _table(table: pd.DataFrame) -> None:
    """Draw the numbers behind the chart."""
    missed = int((~table["Inside"]).sum())
    c = st.column_config
    st.dataframe(
        pd.DataFrame(
            {
                "Segment": table["Segment"],
                "Customers": table["Size"],
                "Predicted": 100 * table["Predicted"],
                "Heuristic": 100 * table["Predicted_Heuristic"],
                "Came back": 100 * table["Actual"],
                "95 % interval": [
                    fmt.interval(fmt.percent(low), fmt.percent(high))
                    for low, high in zip(table["Actual_low"], table["Actual_high"], strict=True)
                ],
                "Inside": ["yes" if inside else "no" for inside in table["Inside"]],
            }
        ),
        hide_index=True,
        height="content",
        column_config={
            "Segment": c.TextColumn(pinned=True, width=160),
            "Customers": c.NumberColumn(format="localized", width=95),
            **{name: c.NumberColumn(format="%.1f %%", width=95) for name in ("Predicted", "Heuristic", "Came back")},
            "95 % interval": c.TextColumn(width=130),
            "Inside": c.TextColumn(width=70, help="Whether the prediction lies in the interval of what happened."),
        },
        key="backtest-table",
    )
    st.caption(
        f"{fmt.counted(len(table) - missed, 'prediction')} of {fmt.count(len(table))} inside the interval of what "
        "happened."
    )


def _curve(made: Backtest, *, dark: bool) -> None:
    title = "Are the probabilities right?"
    sentence = "Customers in up to ten groups by predicted probability; on the dotted line predictions are right."
    left, right = st.columns([3, 2])
    figure = figures_backtest.calibration(made.calibration, dark=dark)
    with left:
        pieces.framed_chart(title, sentence, figure, key="backtest-calibration")
    with right.container(border=True, height="stretch"):
        st.subheader("Against simpler predictions", anchor=False)
        pieces.table(
            {
                "Predictor": [NAMES[skill.name] for skill in made.skills],
                "Brier score": [f"{skill.brier:.4f}" for skill in made.skills],
                "AUC": [f"{skill.auc:.3f}" for skill in made.skills],
                "Best fifth": [fmt.percent(skill.top_rate) for skill in made.skills],
            },
            alt="Brier score, AUC and recovery rate of the best fifth, by predictor",
        )
        st.caption(
            "Brier score: mean squared error of the probabilities, smaller is better. AUC: how often a customer who "
            "came back was rated above one who did not; 0.5 is guessing. Best fifth: how many of those rated highest "
            "came back."
        )
