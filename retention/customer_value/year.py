"""The money of a year: for each customer by both models, and for each segment with its interval."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.customer_value.likelihood import Floats, slopes
from retention.customer_value.purchases import Bought, Places, fit_purchases, orders_ahead
from retention.customer_value.spending import fit_spending, order_worth
from retention.hashing import HEX_DIGITS, hash_ids

YEAR = 365 / 7
"""Weeks."""
COLUMNS = (
    "order_count",
    "avg_order_value",
    "days_since_first_order",
    "days_since_last_order",
    "days_since_abandonment",
)
"""What the models need to know of customers."""
NEEDED = ("user_id", *COLUMNS)
FEWEST, REPEATERS = 200, 50
"""With fewer customers who ordered, or who ordered twice, nothing is fitted."""
MOST = 20_000
"""Customers that the models are fitted to: those with the lowest hashes."""
IN_A_SEGMENT = 100_000
"""Customers of a segment whose year is forecast: those with the lowest hashes stand for the others."""
SALT = "customer value"
MODEL_ERROR = 0.4
"""How far the models are off beside chance, as a share of the mean: measured, as docs/measures.md says."""
SURE = 1.959964
"""Standard errors on each side of a 95 % interval."""

Code = TypeVar("Code", bound=np.integer)
Forecast = Callable[[Floats], tuple[Floats, Floats]]
"""Mean and variance of what each customer does, from logarithms of the parameters."""


def drawn(
    customers: pd.DataFrame, codes: npt.NDArray[Code], sizes: npt.ArrayLike
) -> tuple[pd.DataFrame, npt.NDArray[Code]]:
    """Return what `value_of_year` needs of customers, of a large segment only of those who stand for the others.

    Args:
        customers: All of them or a part; columns used: `NEEDED`.
        codes: Segment of each.
        sizes: Customers of each segment, in all parts.
    """
    share = (IN_A_SEGMENT / np.maximum(sizes, 1))[codes]
    sampled = np.flatnonzero(share < 1)
    own, kept = customers["user_id"].iloc[sampled], np.ones(len(codes), dtype=np.bool_)
    if len(sampled):
        kept[sampled] = hash_ids(own, SALT) < share[sampled] * 16.0**HEX_DIGITS
    return customers.loc[kept, list(NEEDED)], codes[kept]


def value_of_year(
    customers: pd.DataFrame,
    codes: npt.NDArray[np.integer],
    segments: int,
    weeks: float = YEAR,
    *,
    sizes: npt.ArrayLike | None = None,
) -> Floats | None:
    """Return the mean order value of the coming year per customer who ordered, with its interval, by segment.

    Args:
        customers: One row each; columns used: user_id and `COLUMNS`.
        codes: Segment of each customer.
        segments: How many segments there are.
        weeks: How far ahead.
        sizes: Customers of each segment, where those that are given stand for more.

    Returns:
        Money, shape (3, segments): value, low, high; NaN where nobody of the segment ordered or too few did at all.
        None where a column is missing.
    """
    if not set(COLUMNS) <= set(customers.columns):
        return None
    table = np.array([customers[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in COLUMNS])
    count, mean, first, last, now = table
    # Sorted, so that sums are the same to the last bit whatever the order of the rows.
    known = np.flatnonzero((count >= 1) & (first >= last))
    known = known[np.lexsort((codes[known], *table[:, known]))]
    bought = bought_of(count[known], first[known], last[known], now[known])
    orders, mean = np.where(mean[known] > 0, count[known], 0.0), np.nan_to_num(mean[known])
    if len(orders) < FEWEST or (bought.repeats > 0).sum() < REPEATERS or (orders > 0).sum() < FEWEST:
        return np.full((3, segments), np.nan)
    few = np.argsort(hash_ids(customers["user_id"].iloc[known], SALT))[:MOST]
    valued = few[orders[few] > 0]
    spending = fit_spending(orders[valued], mean[valued])
    distinct, places = bought.merged()
    purchases = fit_purchases(bought.of(few))
    covariance = np.zeros((7, 7))
    covariance[:4, :4], covariance[4:, 4:] = purchases.covariance, spending.covariance

    theta = np.concatenate([purchases.theta, spending.theta])
    given = np.bincount(codes, minlength=segments)
    stand_for = np.divide(given if sizes is None else sizes, given, out=np.ones(segments), where=given > 0)
    money = _money(distinct, places, orders, mean, weeks)
    return by_segment(money, theta, covariance, codes[known], stand_for)


def _money(distinct: Bought, places: Places, orders: Floats, mean: Floats, weeks: float) -> Forecast:
    """Return the forecast of each customer's money; `places`: whose history is which."""

    # Slopes move one parameter at a time, so that the orders or their worth are often those of before.
    @lru_cache(1)
    def ahead(*theta: float) -> tuple[Floats, Floats]:
        number, square = orders_ahead(np.array(theta), distinct, weeks)
        return number[places], square[places]

    @lru_cache(1)
    def worth(*theta: float) -> tuple[Floats, Floats, float]:
        return order_worth(np.array(theta), orders, mean)

    return lambda theta: money_ahead(ahead(*theta[:4]), worth(*theta[4:]))


def bought_of(count: Floats, first: Floats, last: Floats, now: Floats) -> Bought:
    """Return histories of orders from counts and days ago: of the first order, of the last and of the abandonment."""
    repeats = count - 1
    # Whoever ordered after the abandonment is as old as at that order.
    age = np.maximum(first - now, first - last)
    return Bought(repeats, np.where(repeats > 0, first - last, 0.0) / 7, age / 7)


def money_ahead(orders: tuple[Floats, Floats], worth: tuple[Floats, Floats, float]) -> tuple[Floats, Floats]:
    """Return mean and variance of the money of orders whose number and value do not depend on each other."""
    (number, number_square), (value, value_square, p) = orders, worth
    # One order varies by its square over p around the customer's own mean.
    variance = number * value_square / p + number_square * value_square - (number * value) ** 2
    return number * value, variance


def by_segment(
    forecast: Forecast, theta: Floats, covariance: Floats, codes: npt.NDArray[np.integer], stand_for: Floats
) -> Floats:
    """Return the mean over each segment's customers with the interval of what will come, shape (3, segments).

    The interval holds what chance brings to these customers, how sure the parameters are (delta method), and how wrong
    the models were elsewhere. Each customer stands for as many of the segment.
    """
    segments = len(stand_for)
    size = np.bincount(codes, minlength=segments).astype(np.float64)

    def averages(values: Floats) -> Floats:
        return np.bincount(codes, weights=values, minlength=segments) / size

    with np.errstate(divide="ignore", invalid="ignore"):
        mean, variance = (averages(each) for each in forecast(theta))
        slope = slopes(lambda moved: averages(forecast(moved)[0]), theta)
        chance = variance / (size * stand_for) + np.einsum("ks,kl,ls->s", slope, covariance, slope)
        # Log-normal, as money is never below 0.
        factor = np.exp(SURE * np.sqrt(np.log1p(chance / mean**2 + MODEL_ERROR**2)))
    return np.array([mean, mean / factor, mean * factor])
