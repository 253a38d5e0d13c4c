"""Correlated customer features: a Gaussian copula over quantile tables.

A customer has one standard normal per latent variable; they correlate as `CORRELATION` says. The
value of a feature is its distribution's quantile at the probability of that normal. Quantiles are
looked up in a table of the normal, because computing a million beta quantiles takes seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]

LATENTS = (
    "order_value",
    "engagement",
    "profitability",
    "sessions",
    "recency",
    "cart_ratio",
    "extra_items",
    "recovery",
)
"""Features that are drawn together; rows and columns of `CORRELATION`."""

CORRELATION = (
    (1.00, 0.20, 0.45, 0.20, -0.15, 0.00, 0.10, 0.10),
    (0.20, 1.00, 0.35, 0.60, -0.45, 0.05, 0.20, 0.50),
    (0.45, 0.35, 1.00, 0.25, -0.20, 0.10, 0.15, 0.20),
    (0.20, 0.60, 0.25, 1.00, -0.40, 0.00, 0.25, 0.30),
    (-0.15, -0.45, -0.20, -0.40, 1.00, 0.00, -0.10, -0.25),
    (0.00, 0.05, 0.10, 0.00, 0.00, 1.00, 0.45, -0.10),
    (0.10, 0.20, 0.15, 0.25, -0.10, 0.45, 1.00, 0.05),
    (0.10, 0.50, 0.20, 0.30, -0.25, -0.10, 0.05, 1.00),
)
"""Correlation of the latent normals inside an archetype; across archetypes the features correlate more."""

# Of ten million normals about three lie beyond the reach; they take the end of the table.
TABLE_REACH = 5.12
TABLE_CELLS = 2048


class Marginal(Protocol):
    """The distribution of one feature inside one archetype."""

    def quantiles(self, probabilities: Floats) -> Floats:
        """Return the values at these probabilities."""
        ...


@dataclass(frozen=True)
class LogNormal:
    """A log-normal distribution.

    Args:
        sigma: Standard deviation of the logarithm.
    """

    median: float
    sigma: float

    def quantiles(self, probabilities: Floats) -> Floats:
        """Return the values at these probabilities."""
        return np.asarray(self.median * np.exp(self.sigma * special.ndtri(probabilities)))


@dataclass(frozen=True)
class Beta:
    """A beta distribution.

    Args:
        mean: Its mean, between 0 and 1.
        concentration: The sum of its two shape parameters; more is narrower.
    """

    mean: float
    concentration: float

    def quantiles(self, probabilities: Floats) -> Floats:
        """Return the values at these probabilities."""
        a, b = self.mean * self.concentration, (1 - self.mean) * self.concentration
        return np.asarray(special.betaincinv(a, b, probabilities))


@dataclass(frozen=True)
class Gamma:
    """A gamma distribution.

    Args:
        shape: Its shape parameter; 1 is the exponential distribution.
    """

    mean: float
    shape: float

    def quantiles(self, probabilities: Floats) -> Floats:
        """Return the values at these probabilities."""
        return np.asarray(self.mean / self.shape * special.gammaincinv(self.shape, probabilities))


def correlated_normals(rng: np.random.Generator, size: int) -> Floats:
    """Return standard normals of shape (latents, size) that correlate as `CORRELATION` says."""
    # Independent normals times the lower Cholesky factor of a correlation matrix have the correlations of that matrix.
    factor = np.linalg.cholesky(np.array(CORRELATION))
    values = rng.standard_normal((len(LATENTS), size))
    scratch = np.empty(size)
    # Last row first, so that a row is overwritten only when no other row still needs it. Sums in a
    # fixed order, not a matrix product, whose rounding depends on the processor.
    for row in reversed(range(len(LATENTS))):
        values[row] *= factor[row, row]
        for other in range(row):
            values[row] += np.multiply(values[other], factor[row, other], out=scratch)
    return values


def table_positions(normals: Floats) -> tuple[Codes, Floats]:
    """Return the table cell of each normal and how far into the cell it lies, from 0 to 1."""
    position = np.clip(normals, -TABLE_REACH, np.nextafter(TABLE_REACH, 0))
    position += TABLE_REACH
    position *= TABLE_CELLS / (2 * TABLE_REACH)
    cell = position.astype(np.int32)
    np.minimum(cell, TABLE_CELLS - 1, out=cell)
    position -= cell
    return cell, position


@lru_cache(maxsize=32)
def _quantile_table(marginals: tuple[Marginal, ...]) -> tuple[Floats, Floats]:
    """Return the quantiles of each kind in one row, and the step from each to the next; the same for every seed."""
    grid = special.ndtr(np.linspace(-TABLE_REACH, TABLE_REACH, TABLE_CELLS + 1))
    table = np.concatenate([marginal.quantiles(grid) for marginal in marginals])
    # The step from one kind's last value to the next kind's first is never taken: cells end one place before it.
    return table, np.append(np.diff(table), 0.0)


def draw(marginals: Sequence[Marginal], kind: Codes, normals: Floats) -> Floats:
    """Return one value per customer from the marginal of the customer's kind.

    Args:
        marginals: One distribution per kind.
        kind: Shape (customers,), an index into `marginals`.
        normals: Shape (customers,), standard normals.
    """
    table, steps = _quantile_table(tuple(marginals))
    cell, within = table_positions(normals)
    cell += kind * np.int32(TABLE_CELLS + 1)
    within *= steps.take(cell)
    within += table.take(cell)
    return within
