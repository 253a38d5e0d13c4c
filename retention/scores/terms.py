"""What is scored, per customer: the terms whose means over a segment are its measures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.customers.derive import numbers
from retention.customers.reach import CONSENT, CONTACTS, LEFT_ALONE, is_recovered, unreached
from retention.period import DAYS

Floats = npt.NDArray[np.float64]

CONVERSION, PROFITABILITY, FIT, BASKET, REACHABLE = range(5)
NAMES = ("conversion", "profitability", "fit", "basket", "reachable")
"""The terms in the order of the cube's columns."""

ESTIMATE = "recovery_estimate"
"""Column with a customer's conversion, from 0 to 1, where it is better known than by the heuristic."""
COLUMNS = (
    *("engagement_score", "days_since_abandonment", "profitability_score", "avg_order_value", "cart_value"),
    *(*CONTACTS, CONSENT, "recovered", *LEFT_ALONE, ESTIMATE),
)
"""Columns of a customer that a term is made of."""


@dataclass(frozen=True)
class Scale:
    """The one number of the universe that a customer's terms depend on: q99 of the average order value."""

    aov_q99: float

    @classmethod
    def of(cls, customers: pd.DataFrame) -> "Scale":
        """Return the scale of a universe; column used: avg_order_value [money]. Not a number if nobody has one."""
        aov = numbers(customers, "avg_order_value")
        finite = aov[np.isfinite(aov)]
        return cls(float(np.quantile(finite, 0.99)) if len(finite) else float("nan"))


def terms(customers: pd.DataFrame, scale: Scale, columns: Sequence[int] = range(len(NAMES))) -> list[Floats]:
    """Return the asked terms of each customer, one array of shape (customers,) each, NaN for missing.

    Columns used: engagement_score, days_since_abandonment [days], profitability_score, avg_order_value
    and cart_value [money], email, phone, email_consent, recovered; `recovery_estimate` instead of the first two if it
    is there.
    """
    # An infinite or negative value out of a foreign frame has no term; the cube leaves it out like a missing one.
    with np.errstate(divide="ignore", invalid="ignore"):
        return [_fit(customers, scale) if column == FIT else _PLAIN[column](customers) for column in columns]


def _conversion(customers: pd.DataFrame) -> Floats:
    """The estimate where there is one; else engagement times recency, 1 to 1/7 by day; none if recovered."""
    if ESTIMATE in customers.columns:
        return numbers(customers, ESTIMATE)
    recency = np.clip((DAYS - numbers(customers, "days_since_abandonment")) / DAYS, 0, 1)
    return np.where(is_recovered(customers), np.nan, numbers(customers, "engagement_score") * recency)


def _profitability(customers: pd.DataFrame) -> Floats:
    return numbers(customers, "profitability_score")


def _fit(customers: pd.DataFrame, scale: Scale) -> Floats:
    """0.6 of the log order value against the universe's q99, capped at 1, plus 0.4 of profitability."""
    profitability = numbers(customers, "profitability_score")
    if scale.aov_q99 <= 0:
        return np.asarray(0.4 * profitability)
    value = np.minimum(1, np.log1p(numbers(customers, "avg_order_value")) / np.log1p(scale.aov_q99))
    return np.asarray(0.6 * value + 0.4 * profitability)


def _basket(customers: pd.DataFrame) -> Floats:
    """The money that winning a customer brings: the cart's value, else the average order value; none if recovered."""
    cart = numbers(customers, "cart_value")
    basket = np.where(np.isnan(cart), numbers(customers, "avg_order_value"), cart)
    return np.where(is_recovered(customers), np.nan, basket)


def _reachable(customers: pd.DataFrame) -> Floats:
    """1 where the customer can be reached but for an experiment, which the customer's row does not know of."""
    return np.equal(unreached(customers), 0).astype(np.float64)


_PLAIN = {CONVERSION: _conversion, PROFITABILITY: _profitability, BASKET: _basket, REACHABLE: _reachable}
"""Terms that depend on the customer alone."""
