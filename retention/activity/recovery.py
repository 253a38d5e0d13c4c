"""Who comes back: outcomes of earlier windows, and a calibrated model that learns from them only.

It is asked of those who have not bought again by the cutoff C, since nothing is to be won with the others. The model
sees what was known at C: customers of earlier windows, as they stood when their window was as old, whose outcome was
known by C. The outcome of the window itself plays no part.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.activity.activity import Activity, Event
from retention.activity.features import CAME_BACK, FeatureRules, customers_at
from retention.customers.reach import is_recovered
from retention.customers.universe import select_universe
from retention.errors import PeriodError
from retention.period import Window
from retention.scores.arithmetic import Source
from retention.scores.terms import ESTIMATE

Floats = NDArray[np.float64]

MONEY = ("cart_value", "avg_order_value")
COUNTS = ("num_cart_items", "sessions_last_30d", "days_since_abandonment", "days_since_last_order")
WEEKS = 12
"""Earlier windows that the model learns from, at most."""
FEWEST = 200
"""Customers with a known outcome that a model needs."""
FEWEST_OF_EACH = 20
"""Customers who came back, and who did not, that a model needs."""
FOLDS = 5
QUIET = 6 * 3_600_000_000
"""Microseconds without an entry that a night may have."""
DIGITS = 6
"""Decimals of a prediction: more would differ between processors."""


@dataclass(frozen=True)
class Past:
    """Customers of earlier windows who had not bought again by the cutoff, and what became of them.

    Args:
        customers: Rows as `retention.customers.universe` returns them, of all windows.
        recovered: Whether each came back in the outcome time, shape (n,).
        windows: How many windows they are from.
    """

    customers: pd.DataFrame
    recovered: NDArray[np.bool_]
    windows: int

    @property
    def enough(self) -> bool:
        """Whether a model can be trained on them."""
        back = int(self.recovered.sum())
        return len(self.recovered) >= FEWEST and min(back, len(self.recovered) - back) >= FEWEST_OF_EACH


def known_at(activity: Activity, cutoff: int) -> Activity:
    """Return the entries before a cutoff."""
    return activity.where(activity.time < cutoff)


def past_outcomes(activity: Activity, window: Window, rules: FeatureRules, cutoff: int, weeks: int = WEEKS) -> Past:
    """Return the customers of the windows before one who were still to be won, and who of them then came back.

    Each window is cut as long after its end as the window that is to be predicted, so that its customers are of the
    same age since their abandonment; it counts once they were followed for the whole outcome time.

    Args:
        activity: What customers did; what is not before the cutoff is not looked at.
        window: The window that is to be predicted.
        rules: When a cart is abandoned, and how long its customer may take to come back.
        cutoff: Microseconds at which the window is cut.
        weeks: How many windows to look back, at most.
    """
    known, parts = known_at(activity, cutoff), list[pd.DataFrame]()
    if not (known.event == Event.PURCHASE).any():
        # As long as no purchase is told of, nobody knows who came back, even where later entries tell of some.
        return _unknown_past()
    first, late = int(known.time.min()), cutoff - window.cutoff
    # A log that ends some quiet hours before the cutoff is one of whole days, and knows them.
    until = cutoff if activity.last >= cutoff - QUIET else known.last + 1
    for week in range(1, weeks + 1):
        earlier = window.earlier(week)
        at = earlier.cutoff + late
        if at <= first:
            break
        if at + rules.follow_up <= until:
            part = _still_to_be_won(known.with_carts_before(earlier.cutoff), earlier, at, rules, until)
            parts += [part] * bool(len(part))
    if not parts:
        return _unknown_past()
    joined = pd.concat(parts, ignore_index=True)
    return Past(joined, joined[CAME_BACK].to_numpy(dtype=np.bool_), len(parts))


def _still_to_be_won(activity: Activity, window: Window, cutoff: int, rules: FeatureRules, until: int) -> pd.DataFrame:
    """Return the customers of a past window whose outcome is known; none where nobody abandoned a cart in it."""
    made = customers_at(activity, cutoff, timezone=window.timezone, rules=rules, known_until=until)
    try:
        customers = select_universe(made.customers, window).customers
    except PeriodError:
        return made.customers.iloc[:0]
    return customers[customers[CAME_BACK].notna()]


def _unknown_past() -> Past:
    return Past(pd.DataFrame(), np.empty(0, dtype=np.bool_), 0)


def heuristic(customers: pd.DataFrame) -> Floats:
    """Return the index that is used where nothing was learnt: engagement times recency, NaN where missing."""
    days = customers["days_since_abandonment"].to_numpy(dtype=np.float64)
    return np.asarray(customers["engagement_score"].to_numpy(dtype=np.float64) * np.clip((7 - days) / 7, 0, 1))


def learn(past: Past, matrix: Floats) -> Any:
    """Return a calibrated classifier: logistic regression on standardised columns, sigmoid over folds.

    Args:
        past: Outcomes; `enough` of them.
        matrix: What it learns from, shape (n, k), NaN for missing.
    """
    # Imported here: loading scikit-learn takes longer than most runs, which do without.
    from sklearn.calibration import CalibratedClassifierCV  # noqa: PLC0415
    from sklearn.impute import SimpleImputer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    # Medians and an indicator, because a missing order value means a customer without orders, which tells something
    # itself. The sigmoid has two parameters, so it does not overfit the few hundred customers that a small shop has.
    steps = (
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(max_iter=1000),
    )
    return CalibratedClassifierCV(make_pipeline(*steps), method="sigmoid", cv=FOLDS).fit(matrix, past.recovered)


def predicted(past: Past, customers: pd.DataFrame) -> Floats:
    """Return each customer's probability to come back, by a model trained on the past.

    Args:
        past: Outcomes of earlier windows; `enough` of them.
        customers: Rows as `retention.customers.universe` returns them, shape (n,).
    """
    model = learn(past, features(past.customers))
    return np.asarray(np.round(model.predict_proba(features(customers))[:, 1], DIGITS))


def predicted_by_heuristic(past: Past, customers: pd.DataFrame) -> Floats:
    """Return each customer's probability by the heuristic index alone, calibrated on the same past."""
    model = learn(past, heuristic(past.customers)[:, None])
    return np.asarray(np.round(model.predict_proba(heuristic(customers)[:, None])[:, 1], DIGITS))


def features(customers: pd.DataFrame) -> Floats:
    """Return what the model looks at, shape (n, 6), money and counts as log(1 + x), NaN for missing."""
    # Money and counts are skewed: without the logarithm a few large carts would decide the coefficients.
    columns = [
        customers[name].to_numpy(dtype=np.float64) if name in customers else np.full(len(customers), np.nan)
        for name in (*MONEY, *COUNTS)
    ]
    return np.asarray(np.log1p(np.maximum(np.column_stack(columns), 0)))


@dataclass(frozen=True)
class ConversionEstimate:
    """Customers with what is known of their conversion.

    Args:
        customers: The rows given, with `recovery_estimate` unless the source is `heuristic`.
        source: `measured`: who came back; `modelled`: a probability; `heuristic`: nothing is known.
        notes: How it came about, for people.
    """

    customers: pd.DataFrame
    source: Source
    notes: tuple[str, ...]


def estimate(
    customers: pd.DataFrame, activity: Activity | None, window: Window, rules: FeatureRules, cutoff: int
) -> ConversionEstimate:
    """Return the best there is to say on who comes back: outcomes, else a model, else the heuristic.

    Args:
        customers: Rows as `retention.customers.universe` returns them.
        activity: What customers did; None: nothing but the rows is known.
        window: The window.
        rules: When a cart is abandoned, and how long its customer may take to come back.
        cutoff: Microseconds at which the window is cut.
    """
    if activity is None:
        return ConversionEstimate(customers, "heuristic", ())
    if not (activity.event == Event.PURCHASE).any():
        note = "Conv_Pot is a heuristic: the input has no purchases, so it cannot show who came back; add the orders"
        return ConversionEstimate(customers, "heuristic", (note,))
    days, rest = f"{rules.outcome / timedelta(days=1):g} days", ~is_recovered(customers)
    if customers[CAME_BACK].notna()[rest].all():
        outcome = customers[CAME_BACK].to_numpy(dtype=np.float64, na_value=np.nan)
        note = f"Conv_Pot is measured: of those who had not bought again, the share who did in the {days} after"
        return ConversionEstimate(customers.assign(**{ESTIMATE: outcome}), "measured", (note,))
    past = past_outcomes(activity, window, rules, cutoff)
    if not past.enough:
        note = (
            f"Conv_Pot is a heuristic: a model needs {FEWEST} customers of earlier weeks who had not bought again by "
            f"then and whose next {days} are known, {FEWEST_OF_EACH} of each kind; the input has "
            f"{len(past.recovered):,}, of whom {int(past.recovered.sum()):,} came back"
        )
        return ConversionEstimate(customers, "heuristic", (note,))
    note = (
        f"Conv_Pot is modelled: the probability of buying in the {days} after, learned from {len(past.recovered):,} "
        f"customers of {past.windows} earlier weeks; a backtest shows how good such predictions were"
    )
    chance = np.full(len(customers), np.nan)
    chance[rest] = predicted(past, customers[rest])
    return ConversionEstimate(customers.assign(**{ESTIMATE: chance}), "modelled", (note,))
