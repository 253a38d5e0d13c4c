"""How many orders will come: MBG/NBD, and BG/NBD to check it by.

While customers buy they buy at a rate of their own (gamma: r, alpha), and after each order they stop for good with a
chance of their own (beta: a, b). In BG/NBD nobody can stop before the first repeat order, so whoever bought once buys
for ever (P. Fader, B. Hardie, K. Lee, "Counting Your Customers" the Easy Way, Marketing Science 24(2), 2005). In
MBG/NBD customers can stop after the first order, too (E. Batislam, M. Denizel, A. Filiztekin, International Journal of
Research in Marketing 24(3), 2007; D. Hoppe, U. Wagner, Marketing ZFP 29(2), 2007).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaln, gammaln

from retention.customer_value.likelihood import Floats, Likeliest, maximise

Places = npt.NDArray[np.intp]

MOST_ORDERS = 1_000
"""Orders of one customer that are counted ahead."""
LEAST = 1e-9
"""Chance of one more order from which on no further ones are counted."""


@dataclass(frozen=True)
class Bought:
    """What customers bought before; shape (customers,) each.

    Args:
        last: Weeks from the first order to the last; 0 without repeats.
        age: Weeks from the first order to now, not before the last.
    """

    repeats: Floats
    last: Floats
    age: Floats

    @cached_property
    def counts(self) -> tuple[Floats, Places]:
        """Each number of repeats once, and which of them each customer has: they are few, and their gammas dear."""
        counts, places = np.unique(self.repeats, return_inverse=True)
        return counts, places

    def of(self, few: Places) -> "Bought":
        """Return some customers."""
        return Bought(self.repeats[few], self.last[few], self.age[few])

    @cached_property
    def ages(self) -> tuple["Bought", Places]:
        """Return each number of repeats with each age once, and which pair each customer has."""
        one, places = _distinct(self.repeats, self.age)
        return self.of(one), places

    def merged(self) -> tuple["Bought", Places]:
        """Return each history once, and which of them each customer has."""
        one, places = _distinct(self.repeats, self.last, self.age)
        return self.of(one), places


def _distinct(*columns: Floats) -> tuple[Places, Places]:
    """Return where one of each kind of row stands, in the order of their values, and of which kind each row is."""
    kinds = np.zeros(len(columns[0]), dtype=np.intp)
    for column in columns:
        places, values = pd.factorize(column, sort=True)
        kinds, _ = pd.factorize(kinds * len(values) + places, sort=True)
    one = np.empty(kinds.max(initial=-1) + 1, dtype=np.intp)
    one[kinds] = np.arange(len(kinds))
    return one, kinds


def fit_purchases(bought: Bought, *, modified: bool = True) -> Likeliest:
    """Return r, alpha, a and b of MBG/NBD, or of BG/NBD where it is not to be modified."""
    distinct, places = bought.merged()
    sizes = np.bincount(places).astype(np.float64)
    return maximise(lambda theta: np.logaddexp(*_log_likelihoods(theta, distinct, modified)), sizes, 4)


def alive(theta: Floats, bought: Bought, *, modified: bool = True) -> Floats:
    """Return the probability that each customer still buys, shape (customers,)."""
    living, gone = _log_likelihoods(theta, bought, modified)
    return np.asarray(np.exp(living - np.logaddexp(living, gone)))


def _log_likelihoods(theta: Floats, bought: Bought, modified: bool) -> tuple[Floats, Floats]:
    """Return the logarithms of the two parts of each customer's likelihood: still buying, and gone."""
    r, alpha, a, b = np.exp(theta)
    x, places = bought.counts
    stays, can_be_gone = b + x + modified, np.full(len(x), modified) | (x > 0)
    rate = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    living = (rate + betaln(a, stays))[places] - (r + x)[places] * np.log(alpha + bought.age)
    gone = (rate + betaln(a + 1, np.where(can_be_gone, stays - 1, 1.0)))[places]
    gone = gone - (r + x)[places] * np.log(alpha + bought.last)
    return living, np.where(can_be_gone[places], gone, -np.inf)


def orders_ahead(theta: Floats, bought: Bought, weeks: float) -> tuple[Floats, Floats]:
    """Return the mean and the mean square of each customer's orders within some weeks by MBG/NBD.

    Whoever still buys has at least k orders if so many fall due (negative binomial) and none of the k - 1 before was
    the last (beta). Summed over k this is the closed form of Hoppe and Wagner, without its pole at a = 1.
    """
    r, alpha, a, b = np.exp(theta)
    # What falls due follows from repeats and age alone, and those who share both are many.
    pairs, places = bought.ages
    shape, stays = r + pairs.repeats, b + bought.repeats + 1
    share = weeks / (alpha + pairs.age + weeks)
    due = np.exp(shape * np.log1p(-share))
    more, going_on = 1 - due, alive(theta, bought)
    mean, square, at_least = np.zeros((3, len(stays)))
    for k in range(1, MOST_ORDERS + 1):
        # In place: new memory for each step would cost as much as the step.
        np.take(more, places, out=at_least, mode="clip")
        at_least *= going_on
        mean += at_least
        last = at_least.max(initial=0.0) < LEAST
        at_least *= 2 * k - 1
        square += at_least
        if last:
            break
        due = due * share * (shape + k - 1) / k
        more = np.maximum(more - due, 0)
        going_on *= stays + k - 1
        going_on /= a + stays + k - 1
    return mean, square
