"""Parameters of the greatest likelihood, found as logarithms so that they stay positive, and how sure they are."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

REACH = (-7.0, 12.0)
"""Logarithms of the smallest and the largest parameter that is looked for."""
STEP = 1e-4


@dataclass(frozen=True)
class Likeliest:
    """What was estimated.

    Args:
        theta: Logarithms of the parameters, shape (k,).
        covariance: Of theta, shape (k, k).
    """

    theta: Floats
    covariance: Floats
    log_likelihood: float


def maximise(log_likelihood: Callable[[Floats], Floats], weights: Floats, size: int) -> Likeliest:
    """Return the parameters of the greatest likelihood.

    The covariance is the inverse of the sum of the outer products of the scores (E. Berndt, B. Hall, R. Hall,
    J. Hausman, Annals of Economic and Social Measurement 3, 1974).

    Args:
        log_likelihood: Of each row, shape (rows,), from logarithms of the parameters.
        weights: Customers that each row stands for.
        size: How many parameters there are.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - a run without a history of orders fits nothing

    optimum = minimize(
        lambda theta: -(weights @ log_likelihood(theta)) / weights.sum(),
        np.zeros(size),
        method="L-BFGS-B",
        jac="3-point",
        bounds=[REACH] * size,
        options={"ftol": 1e-13, "gtol": 1e-8, "maxiter": 500},
    )
    # Machines differ in the last digits of the way there.
    theta = np.round(optimum.x, 5)
    scores = slopes(log_likelihood, theta)
    covariance = np.linalg.pinv((scores * weights) @ scores.T, hermitian=True)
    return Likeliest(theta, np.asarray(covariance, dtype=np.float64), float(weights @ log_likelihood(theta)))


def slopes(function: Callable[[Floats], Floats], theta: Floats) -> Floats:
    """Return the derivative of each value of a function by each parameter, shape (k, values)."""
    steps = STEP * np.eye(len(theta))
    return np.array([(function(theta + step) - function(theta - step)) / (2 * STEP) for step in steps])
