"""Who comes back: outcomes of earlier windows, and a calibrated model that learns from them only.

For a window with cutoff C the model sees what was known at C: customers of earlier windows, as they stood
then, whose outcome was known by C. The outcome of the window itself plays no part.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.activity.activity import Activity, Event
from retention.activity.features import FeatureRules, customers_at
from retention.customers.universe import select_universe
from retention.errors import PeriodError, ensure
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
DIGITS = 6
"""Decimals of a prediction: more would differ between processors."""


@dataclass(frozen=True)
class Past:
    """Customers of earlier windows whose outcome is known.

    Args:
        customers: Rows as `retention.customers.universe` returns them, of all windows.
        recovered: Whether each came back, shape (n,).
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


def past_outcomes(activity: Activity, window: Window, rules: FeatureRules, weeks: int = WEEKS) -> Past:
    """Return the customers of the windows before one, with what was known of them at its cutoff.

    Args:
        activity: What customers did; what is later than the window's end is not looked at.
        window: The window that is to be predicted.
        rules: When a cart is abandoned, and how long its customer may take to come back.
        weeks: How many windows to look back, at most.
    """
    known, parts = known_at(activity, window.cutoff), list[pd.DataFrame]()
    if not (known.event == Event.PURCHASE).any():
        # As long as no purchase is told of, nobody knows who came back, even where later entries tell of some.
        return _unknown_past()
    first = int(known.time.min())
    # Who came back is known at once, who did not only later: taking whoever is known would favour the first.
    settled = pd.Timestamp(known.last - rules.known_after, unit="us", tz="UTC")
    for week in range(1, weeks + 1):
        earlier = window.earlier(week)
        if earlier.cutoff <= first:
            break
        try:
            customers = customers_at(known, earlier.cutoff, timezone=window.timezone, rules=rules).customers
            universe = select_universe(customers, earlier).customers if len(customers) else customers
        except PeriodError:
            # Nobody abandoned a cart in that week, so it teaches nothing.
            continue
        if len(universe):
            parts.append(universe[universe["cart_abandoned_date"] < settled])
    if not parts:
        return _unknown_past()
    joined = pd.concat(parts, ignore_index=True)
    ensure(bool(joined["recovered"].notna().all()), "the past is known")
    windows = sum(len(part) > 0 for part in parts)
    return Past(joined, joined["recovered"].to_numpy(dtype=np.bool_), windows)


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
    customers: pd.DataFrame, activity: Activity | None, window: Window, rules: FeatureRules
) -> ConversionEstimate:
    """Return the best there is to say on who comes back: outcomes, else a model, else the heuristic.

    Args:
        customers: Rows as `retention.customers.universe` returns them.
        activity: What customers did; None: nothing but the rows is known.
        window: The window.
        rules: When a cart is abandoned, and how long its customer may take to come back.
    """
    if activity is None:
        return ConversionEstimate(customers, "heuristic", ())
    if not (activity.event == Event.PURCHASE).any():
        note = "Conv_Pot is a heuristic: the input has no purchases, so it cannot show who came back; add the orders"
        return ConversionEstimate(customers, "heuristic", (note,))
    days = f"{rules.outcome / timedelta(days=1):g} days"
    if customers["recovered"].notna().all():
        outcome = customers["recovered"].to_numpy(dtype=np.float64)
        note = f"Conv_Pot is measured: the share of customers who bought within {days} after the recovery window"
        return ConversionEstimate(customers.assign(**{ESTIMATE: outcome}), "measured", (note,))
    past = past_outcomes(activity, window, rules)
    if not past.enough:
        note = (
            f"Conv_Pot is a heuristic: a model needs {FEWEST} customers of earlier weeks with a known outcome, "
            f"{FEWEST_OF_EACH} of each kind, and the input has {len(past.recovered):,}, "
            f"of whom {int(past.recovered.sum()):,} came back"
        )
        return ConversionEstimate(customers, "heuristic", (note,))
    note = (
        f"Conv_Pot is modelled: the probability of buying within {days}, learned from {len(past.recovered):,} "
        f"customers of {past.windows} earlier weeks; a backtest shows how good such predictions were"
    )
    return ConversionEstimate(customers.assign(**{ESTIMATE: predicted(past, customers)}), "modelled", (note,))
