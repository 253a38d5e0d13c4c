"""What an order is worth: the gamma-gamma model (P. Fader, B. Hardie, K. Lee, Journal of Marketing Research 42, 2005).

The orders of a customer vary around a mean of their own (gamma: p), and the means vary between customers (gamma: q, v),
whatever the number of orders. q is above 2, so that the mean has a variance.
"""

import numpy as np
from scipy.special import gammaln

from retention.customer_value.likelihood import Floats, Likeliest, maximise


def fit_spending(orders: Floats, mean: Floats) -> Likeliest:
    """Return p, q and v from the orders of each customer (1 or more) and their mean value (over 0), as `parameters`."""
    counts, places = np.unique(orders, return_inverse=True)
    total = orders * mean
    log_total, log_mean = np.log(total), np.log(mean)

    def log_likelihood(theta: Floats) -> Floats:
        p, q, v = parameters(theta)
        # The numbers of orders are few, and their gammas dear.
        shape = p * counts
        gammas = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v)
        powers = gammas[places] + shape[places] * log_total - log_mean
        return np.asarray(powers - (shape + q)[places] * np.log(v + total))

    return maximise(log_likelihood, np.ones(len(orders)), 3)


def parameters(theta: Floats) -> tuple[float, float, float]:
    """Return p, q and v."""
    p, above_two, v = np.exp(theta).tolist()
    return p, 2 + above_two, v


def order_worth(theta: Floats, orders: Floats, mean: Floats) -> tuple[Floats, Floats, float]:
    """Return the mean and the mean square of what a customer's orders are worth, and p.

    Args:
        theta: Of `fit_spending`.
        orders: Orders with a known value; 0 where there are none, who are expected to spend as all do.
        mean: Their mean value; anything where there are none.
    """
    p, q, v = parameters(theta)
    shape, scale = q + p * orders, p * (v + np.where(orders > 0, orders * mean, 0.0))
    return scale / (shape - 1), scale**2 / ((shape - 1) * (shape - 2)), p
