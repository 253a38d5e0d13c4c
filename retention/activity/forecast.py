"""How likely customers are to come back: ways to predict it, tried on past windows before one is used.

Every past window is predicted from the windows before it. Only what did better there than the same rate for all, by a
95 % interval over windows, is used; and what those windows were wrong by widens every interval that is stated.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit, stdtrit

from retention.customers.derive import numbers
from retention.hashing import hash_ids
from retention.scores.arithmetic import LEVEL, Spread

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Groups = NDArray[np.integer[Any]]
Columns = Callable[[pd.DataFrame], Floats]
Predict = Callable[[pd.DataFrame], dict[str, Floats]]

MONEY = ("cart_value", "avg_order_value")
COUNTS = ("num_cart_items", "sessions_last_30d", "days_since_abandonment", "days_since_last_order")
FEWEST = 200
"""Customers with a known outcome that a model needs."""
FEWEST_OF_EACH = 20
"""Customers who came back, and who did not, that a model needs."""
FEWEST_TESTS = 2
"""Past windows that have to be predicted: fewer have no spread."""
MOST_KNOWN = 200_000
"""Customers of earlier windows that are looked at, by a hash, so that it is the same ones wherever they are."""
SALT = "recovery"
MOST = 20_000
"""Customers that a model is fitted to; a few coefficients do not gain by more."""
FOLDS = 5
DIGITS = 6
"""Decimals of a prediction: more would differ between processors."""
WIDEST = 1.0
"""An overdispersion at which a share may be anything."""
PRECISION = 1e-9


@dataclass(frozen=True)
class Past:
    """Customers of earlier windows who had not bought again by the cutoff, and what became of them.

    Args:
        customers: Rows as `retention.customers.universe` returns them, of all windows.
        recovered: Whether each came back in the outcome time, shape (n,).
        week: How many windows ago each customer's window was, shape (n,).
    """

    customers: pd.DataFrame
    recovered: Mask
    week: NDArray[np.int64]

    @property
    def windows(self) -> int:
        """How many windows they are from."""
        return len(np.unique(self.week))

    @property
    def enough(self) -> bool:
        """Whether a model can be trained on them."""
        back = int(self.recovered.sum())
        return len(self.recovered) >= FEWEST and min(back, len(self.recovered) - back) >= FEWEST_OF_EACH

    def __add__(self, other: "Past") -> "Past":
        customers = [each.customers for each in (self, other) if len(each.week)]
        return Past(
            pd.concat(customers, ignore_index=True) if customers else self.customers,
            np.concatenate([self.recovered, other.recovered]),
            np.concatenate([self.week, other.week]),
        )

    def drawn(self) -> "Past":
        """Return all of them, or of more than `MOST_KNOWN` those with the lowest hashes, who stand for the others."""
        if len(self.recovered) <= MOST_KNOWN:
            return self
        hashes = hash_ids(self.customers["user_id"], SALT)
        return self.where(hashes <= np.partition(hashes, MOST_KNOWN - 1)[MOST_KNOWN - 1])

    def where(self, mask: Mask) -> "Past":
        """Return some of the customers."""
        return Past(self.customers[mask], self.recovered[mask], self.week[mask])

    def sorted_by(self, column: str) -> "Past":
        """Return them by window, the last first, and then by a column."""
        order = np.lexsort((self.customers[column], self.week)) if len(self.week) else self.week
        return Past(self.customers.iloc[order], self.recovered[order], self.week[order])


@dataclass(frozen=True)
class Gain:
    """How much lower a Brier score is than that of the same rate for all, with its 95 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, differences: Floats) -> "Gain":
        """Return the mean of differences that are independent, with its t interval; there are two at least."""
        count = len(differences)
        half = stdtrit(count - 1, (1 + LEVEL) / 2) * differences.std(ddof=1) / np.sqrt(count)
        mean = float(differences.mean())
        return cls(mean, mean - float(half), mean + float(half))


@dataclass(frozen=True)
class PastForecast:
    """Past windows, each predicted from those before it.

    Args:
        chances: Their probabilities by each method, and the same rate for all as `base rate`.
    """

    past: Past
    chances: Mapping[str, Floats]

    @cached_property
    def gains(self) -> dict[str, Gain]:
        """What each method gains over the same rate for all; the windows are the independent cases."""
        actual, names = self.past.recovered, [name for name in self.chances if name != BASE]
        places = np.unique(self.past.week, return_inverse=True)[1]
        sizes = np.bincount(places)

        def score(name: str) -> Floats:
            return np.asarray(np.bincount(places, (self.chances[name] - actual) ** 2) / sizes)

        return {name: Gain.of(score(BASE) - score(name)) for name in names}

    @property
    def best(self) -> str:
        """The method that gained most; of equal ones the simplest."""
        return max(self.gains, key=lambda name: self.gains[name].value)

    @property
    def used(self) -> str:
        """The best method if it is shown to be better than the same rate for all, else that."""
        return self.best if self.gains[self.best].low > 0 else BASE

    @property
    def windows(self) -> int:
        """How many windows were predicted."""
        return self.past.windows

    def spread(self, groups: Groups) -> Spread:
        """Return how far actual shares of groups lay from what was predicted, beyond chance.

        The overdispersion r makes the squared errors of all groups and windows, each over its variance
        p (1 - p) (1 / n + r), as large as expected (Paule and Mandel, J. Res. Nat. Bur. Stand. 87, 1982).

        Args:
            groups: Group of each customer of `past`, shape (n,).
        """
        cell = np.unique(np.stack([self.past.week, groups.astype(np.int64)]), axis=1, return_inverse=True)[1].ravel()
        size, chance = np.bincount(cell), np.bincount(cell, self.chances[self.used])
        error = (np.bincount(cell, self.past.recovered) - chance) / size
        share = np.clip(chance / size, 1e-9, 1 - 1e-9)
        square = error**2 / (share * (1 - share))

        # Halving finds it as well as a solver would, and loads none in runs that do without.
        low, high = 0.0, WIDEST
        while high - low > PRECISION:
            over = (low + high) / 2
            low, high = (over, high) if (square / (1 / size + over)).sum() > len(size) else (low, over)
        return Spread(low, self.windows)


BASE = "base rate"


def features(customers: pd.DataFrame) -> Floats:
    """Return what the model looks at, shape (n, 6), money and counts as log(1 + x), NaN for missing."""
    # Money and counts are skewed: without the logarithm a few large carts would decide the coefficients.
    columns = np.column_stack([numbers(customers, name) for name in (*MONEY, *COUNTS)])
    return np.asarray(np.log1p(np.maximum(columns, 0)))


def heuristic(customers: pd.DataFrame) -> Floats:
    """Return the index that is used where nothing was learnt, shape (n, 1), NaN where missing."""
    days = customers["days_since_abandonment"].to_numpy(dtype=np.float64)
    return (customers["engagement_score"].to_numpy(dtype=np.float64) * np.clip((7 - days) / 7, 0, 1))[:, None]


def tried(past: Past, look: Columns = features) -> PastForecast | None:
    """Return every past window predicted from those before it; None where that are too few."""
    trial: PastForecast | None = None
    for week in sorted(np.unique(past.week), reverse=True):
        before, window = past.where(past.week > week), past.where(past.week == week)
        if before.enough:
            trial = _joined(trial, PastForecast(window, predictor(before, trial, look)(window.customers)))
    return trial if trial is not None and trial.windows >= FEWEST_TESTS else None


def _joined(first: PastForecast | None, second: PastForecast) -> PastForecast:
    if first is None:
        return second
    chances = {name: np.concatenate([first.chances[name], second.chances[name]]) for name in first.chances}
    return PastForecast(first.past + second.past, chances)


def predictor(past: Past, trial: PastForecast | None, look: Columns = features) -> Predict:
    """Return each customer's probability by each method: as a logistic regression has it, and calibrated in two ways.

    Args:
        past: Outcomes of earlier windows; `enough` of them.
        trial: Windows of the past that were predicted, to calibrate by; None: none were.
        look: What is looked at.

    Returns:
        A function of rows as `retention.customers.universe` returns them.
    """
    known, actual = _sample(look(past.customers), past.recovered)
    plainly = _fitted(known, actual)
    # The rows are in an order of their own, so every fifth is as good as drawn, and another order changes nothing.
    fold = np.arange(len(actual)) % FOLDS
    blind = np.empty(len(actual))
    for each in range(FOLDS):
        blind[fold == each] = _fitted(known[fold != each], actual[fold != each])(known[fold == each])
    shuffled = _calibrated(blind, actual)
    timely = None if trial is None or not trial.past.enough else _calibrated(*_told(trial))
    rate = past.recovered.mean()

    def predict(customers: pd.DataFrame) -> dict[str, Floats]:
        plain = plainly(look(customers))
        every = {
            "plain": plain,
            "calibrated on shuffled customers": shuffled(plain),
            "calibrated in time": plain if timely is None else timely(plain),
            BASE: np.full(len(plain), rate),
        }
        return {name: np.round(chance, DIGITS) for name, chance in every.items()}

    return predict


def _told(trial: PastForecast) -> tuple[Floats, Mask]:
    chance, actual = _sample(trial.chances["plain"][:, None], trial.past.recovered)
    return chance[:, 0], actual


def _sample(matrix: Floats, actual: Mask) -> tuple[Floats, Mask]:
    """Return rows in an order that only they decide, and of many rows evenly some."""
    order = np.lexsort((actual, *matrix.T))
    if len(order) > MOST:
        order = order[np.linspace(0, len(order) - 1, MOST).astype(np.intp)]
    return matrix[order], actual[order]


def _fitted(matrix: Floats, actual: Mask) -> Callable[[Floats], Floats]:
    """Return a logistic regression on standardised columns, as a function of such a matrix."""
    # Imported here: loading scikit-learn takes longer than most runs, which do without.
    from sklearn.impute import SimpleImputer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    # Medians and an indicator, because a missing order value means a customer without orders, which tells something
    # itself.
    steps = (
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(solver="newton-cholesky"),
    )
    model = make_pipeline(*steps).fit(matrix, actual)
    return lambda rows: np.asarray(model.predict_proba(rows)[:, 1])


def _calibrated(chance: Floats, actual: Mask) -> Callable[[Floats], Floats]:
    """Return a sigmoid of the log odds that fits what happened (J. Platt, 1999), as a function of probabilities."""

    def odds(chance: Floats) -> Floats:
        return np.asarray(logit(np.clip(chance, 1e-6, 1 - 1e-6)))[:, None]

    sigmoid = _fitted(odds(chance), actual)
    return lambda chances: sigmoid(odds(chances))
