"""Would the model have been right? Its predictions for a past window against who then came back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import Run, Settings, analyze
from analysis.run import cutoff_of, spread_of
from data_ingestion import Intake
from retention.activity.activity import Activity, Event
from retention.activity.features import CAME_BACK
from retention.activity.forecast import (
    BASE,
    FEWEST,
    FEWEST_OF_EACH,
    FEWEST_TESTS,
    Gain,
    Past,
    PastForecast,
    heuristic,
    predictor,
    tried,
)
from retention.activity.recovery import past_outcomes
from retention.customers.reach import is_recovered
from retention.errors import ContractError, PeriodError, ensure
from retention.partition.fitted import Codes
from retention.period import Window
from retention.policy.policy import Policy
from retention.scores.arithmetic import prediction_interval, share_interval

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

BINS = 10
"""Groups of predictions, at most."""
TOP = 0.2
"""Share of the customers whom a campaign that can reach only some would choose."""


@dataclass(frozen=True)
class Skill:
    """How good predictions were.

    Args:
        name: `model`, `heuristic` (calibrated on the same past) or `base rate` (everybody the same).
        brier: Mean squared error of the probabilities, 0 to 1; smaller is better.
        auc: Chance that a customer who came back was rated above one who did not, .5 for guessing.
        top_rate: Recovery rate among the fifth that was rated highest; ties count in proportion.
    """

    name: str
    brier: float
    auc: float
    top_rate: float


@dataclass(frozen=True)
class Backtest:
    """A past window: what was predicted of the customers who had not bought again by its cutoff, and what happened.

    Args:
        run: The analysis of the window; its conversion potential is what was observed.
        segments: Segment, Size, Predicted, Predicted_low, Predicted_high [what would have been stated, with its 95 %
            interval of what comes], Predicted_Heuristic, Came_Back [customers], Actual, Actual_low, Actual_high
            [shares, 95 % Wilson], Inside: whether what came lies in the stated interval.
        calibration: From, To, Size, Predicted, Actual, Actual_low, Actual_high: customers by predicted
            probability, in up to ten groups of about equal size.
        skills: Model, heuristic and base rate.
        gain: How much lower the model's Brier score is than the base rate's, over the customers of the window.
        trial: What the windows before it say of the model.
    """

    run: Run
    segments: pd.DataFrame
    calibration: pd.DataFrame
    skills: tuple[Skill, ...]
    gain: Gain
    trial: PastForecast
    words: tuple[str, ...]
    trained_on: int
    trained_windows: int


def backtest(intake: Intake, policy: Policy, settings: Settings | None = None) -> Backtest:
    """Return the predictions for a past window against what happened; usually the last whose outcomes are all known.

    Raises:
        ContractError: The input is a customer table, which says nothing of what happened later.
        PeriodError: Outcomes of the window are not known yet or not told at all, or there are too few before it.
    """
    settings = settings or Settings()
    if intake.activity is None:
        raise ContractError(
            "a customer table says nothing about what its customers did later",
            where=intake.where,
            hint="Give an event log, or checkouts with orders, that goes on after the window",
        )
    _check_outcomes(intake.activity, settings)
    window = settings.window or last_known_window(intake.activity, settings)
    run = analyze(intake, policy, replace(settings, window=window))
    if run.scores.evidence.conversion != "measured":
        raise PeriodError(
            f"the outcomes of {window} are not all known yet",
            hint=f"The last window whose outcomes are known is {last_known_window(intake.activity, settings)}",
        )
    past = past_outcomes(
        intake.activity, window, settings.rules, cutoff_of(window, intake.activity, replace(settings, window=window))
    )
    trial = tried(past)
    if trial is None:
        raise PeriodError(
            f"before {window} only {len(past.recovered):,} customers of {past.windows} weeks have a known outcome, "
            f"{int(past.recovered.sum()):,} of whom came back",
            hint=f"A model needs {FEWEST} customers, {FEWEST_OF_EACH} of each kind, and {FEWEST_TESTS} weeks after "
            "them to be tried on; give a longer log",
        )
    return _compared(run, past, trial)


def _check_outcomes(activity: Activity, settings: Settings) -> None:
    """Check that there are outcomes at all, in a window that was not chosen by a person."""
    if not len(activity) or not (activity.event == Event.PURCHASE).any():
        raise PeriodError(
            "the input has no purchases, so it cannot show who came back",
            hint="Add the orders: the files with the purchases made during the weeks of the carts and after them",
        )
    first = int(activity.time.min())
    if settings.window is None and last_known_window(activity, settings).cutoff <= first:
        days = (activity.last - first) / (24 * 3_600_000_000)
        raise PeriodError(
            f"the input covers {days:.1f} days, too few to know the outcomes of any week",
            hint="A backtest needs weeks to learn from, one to predict, and the outcomes after it; give a longer log",
        )


def last_known_window(activity: Activity, settings: Settings) -> Window:
    """Return the last window whose outcomes the activity holds."""
    # A local day has 25 hours at most, so the day that holds this time ends early enough.
    end = activity.last - (settings.rules.outcome + timedelta(hours=25)) // timedelta(microseconds=1) - 1
    return Window.holding(end, settings.timezone)


def _compared(run: Run, past: Past, trial: PastForecast) -> Backtest:
    rest, tree = ~is_recovered(run.segmentation.customers), run.segmentation.tree
    customers, codes = run.segmentation.customers[rest], run.segmentation.codes[rest]
    actual = customers[CAME_BACK].to_numpy(dtype=np.bool_)
    chances = predictor(past, trial)(customers)
    model, base, simple = chances[trial.best], chances[BASE], predictor(past, None, heuristic)(customers)["plain"]
    segments = _by_segment(tree.names, codes, (chances[trial.used], simple), actual)
    spread = spread_of(tree, trial)
    expected = segments["Predicted"].to_numpy()
    low, high = prediction_interval(expected, spread.error(expected, segments["Size"].to_numpy()))
    came = segments["Actual"]
    segments = segments.assign(Predicted_low=low, Predicted_high=high, Inside=(low <= came) & (came <= high))
    gain = Gain.of((base - actual) ** 2 - (model - actual) ** 2)
    return Backtest(
        run=run,
        segments=segments,
        calibration=calibration(model, actual),
        skills=(skill("model", model, actual), skill("heuristic", simple, actual), skill("base rate", base, actual)),
        gain=gain,
        trial=trial,
        words=tuple(verdict(gain, trial, segments)),
        trained_on=len(past.recovered),
        trained_windows=past.windows,
    )


def verdict(gain: Gain, trial: PastForecast, segments: pd.DataFrame) -> Iterator[str]:
    """Yield what may be said of the model, in sentences."""
    before = trial.gains[trial.best]
    yield f"In this week the model was {_gain_words(gain)}."
    use = (
        "so this log does not tell who comes back, and the same rate for all is stated"
        if trial.used == BASE
        else f"so its probabilities are stated ({trial.used})"
    )
    yield f"In {trial.windows} weeks before it the model was {_gain_words(before)}, {use}."
    missed = int((~segments["Inside"]).sum())
    if missed == len(segments):
        yield "The outcome lies outside the stated interval in every segment: the week was unlike those before it."
    else:
        yield f"The outcome lies inside the stated interval in {len(segments) - missed} of {len(segments)} segments."


def _gain_words(gain: Gain) -> str:
    """Return how the model did against the same rate for all, with the 95 % interval of the Brier difference."""
    shown = "better than" if gain.low > 0 else "worse than" if gain.high < 0 else "not shown to be better than"
    return (
        f"{shown} the same rate for all: its Brier score is lower by {gain.value:.4f} "
        f"(95 % interval {gain.low:.4f} to {gain.high:.4f})"
    )


def _by_segment(names: tuple[str, ...], codes: Codes, predictions: tuple[Floats, Floats], actual: Mask) -> pd.DataFrame:
    # A segment whose customers have all bought again has nobody to predict.
    present, place = np.unique(codes, return_inverse=True)
    sizes, back = np.bincount(place), np.bincount(place, actual)
    low, high = share_interval(back / sizes, sizes)
    ensure(int(back.sum()) == int(actual.sum()), "came back = sum over segments")
    expected, simple = (np.bincount(place, chance) / sizes for chance in predictions)
    return pd.DataFrame(
        {
            "Segment": [names[code] for code in present],
            "Size": sizes,
            "Predicted": expected,
            "Predicted_Heuristic": simple,
            "Came_Back": back.astype(np.int64),
            "Actual": back / sizes,
            "Actual_low": low,
            "Actual_high": high,
        }
    )


def calibration(probability: Floats, actual: Mask) -> pd.DataFrame:
    """Return predicted against actual shares, by groups of about equal size; equal predictions stay together.

    Args:
        probability: Predictions, shape (n,), n > 0.
        actual: What happened, shape (n,).
    """
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, BINS + 1)[1:-1]))
    # Equal predictions can leave groups empty, which would divide by 0; the others are numbered anew, still in order.
    group = np.unique(np.searchsorted(edges, probability, side="left"), return_inverse=True)[1]
    size = np.bincount(group)
    share = np.bincount(group, actual) / size
    low, high = share_interval(share, size)
    order = np.argsort(probability, kind="stable")
    starts = np.concatenate(([0], np.cumsum(size)[:-1]))
    ranked = probability[order]
    return pd.DataFrame(
        {
            "From": ranked[starts],
            "To": ranked[np.cumsum(size) - 1],
            "Size": size,
            "Predicted": np.bincount(group, probability) / size,
            "Actual": share,
            "Actual_low": low,
            "Actual_high": high,
        }
    )


def skill(name: str, probability: Floats, actual: Mask) -> Skill:
    """Return how good predictions were.

    >>> skill("model", np.array([0.9, 0.1]), np.array([True, False])).auc
    1.0
    """
    # The mean square is the score of G. W. Brier, Monthly Weather Review 78 (1950), over one of the two outcomes: half
    # of what it is over both.
    error = probability - actual
    return Skill(name, float(np.mean(error * error)), _auc(probability, actual), _top_rate(probability, actual))


def _auc(probability: Floats, actual: Mask) -> float:
    """Return the area under the ROC curve; not a number where all outcomes are alike."""
    # Imported here: see retention.activity.recovery.
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415

    return float(roc_auc_score(actual, probability)) if 0 < actual.sum() < len(actual) else float("nan")


def _top_rate(probability: Floats, actual: Mask) -> float:
    """Return the recovery rate of the fifth that was rated highest; customers rated alike count in proportion."""
    wanted = TOP * len(actual)
    values, group = np.unique(-probability, return_inverse=True)
    size, back = np.bincount(group, minlength=len(values)), np.bincount(group, actual, len(values))
    before = np.cumsum(size) - size
    share = np.clip((wanted - before) / size, 0, 1)
    return float((share * back).sum() / wanted)
