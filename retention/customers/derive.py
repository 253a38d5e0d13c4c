"""Scores derived from other columns of the same row, only where a score is missing.

The formulas use nothing but the row itself, so a customer's score never depends on who else is in the
file. They use sums, products and quotients only, so they give the same bits on every machine.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.customers.contracts import CONTRACT

Floats = NDArray[np.float64]

HALF_SESSIONS = 6.0
"""Sessions in 30 days that give half of the session term."""
HALF_ITEMS = 3.0
"""Items in the cart that give half of the item term."""
HALF_ORDER_VALUE = 100.0
"""Average order value, in money of the file, that gives a profitability of one half."""
SESSION_SHARE = 0.7
"""Share of the session term in the engagement score; the rest is the item term's."""

MARKER = "derived"
"""Column of the accepted rows that names the derived scores of each row, joined by `;`."""


@dataclass(frozen=True)
class Derivation:
    """A score that was derived, in how many rows, and its formula for people."""

    column: str
    rows: int
    formula: str


FORMULAS: dict[str, str] = {
    "engagement_score": "0.7 * sessions / (sessions + 6) + 0.3 * items / (items + 3)",
    "profitability_score": "avg_order_value / (avg_order_value + 100)",
}


def engagement(sessions: Floats, items: Floats) -> Floats:
    """Return engagement from 0 to 1: `0.7 s / (s + 6) + 0.3 i / (i + 3)`.

    Where only one of the two is known its term stands alone; where both are missing the result is NaN.

    Args:
        sessions: Sessions in the last 30 days, >= 0 or NaN, shape (n,).
        items: Items in the cart, >= 0 or NaN, shape (n,).

    >>> engagement(np.array([6.0, 6.0, np.nan]), np.array([3.0, np.nan, np.nan])).tolist()
    [0.5, 0.5, nan]
    """
    by_sessions = sessions / (sessions + HALF_SESSIONS)
    by_items = items / (items + HALF_ITEMS)
    both = SESSION_SHARE * by_sessions + (1 - SESSION_SHARE) * by_items
    one = np.where(np.isnan(sessions), by_items, by_sessions)
    return np.where(np.isnan(both), one, both)


def profitability(avg_order_value: Floats) -> Floats:
    """Return profitability from 0 to 1: `v / (v + 100)`, NaN where the order value is missing.

    >>> profitability(np.array([0.0, 100.0, np.nan])).tolist()
    [0.0, 0.5, nan]
    """
    return avg_order_value / (avg_order_value + HALF_ORDER_VALUE)


def derive_scores(rows: pd.DataFrame, needed: Collection[str] = ()) -> tuple[pd.DataFrame, tuple[Derivation, ...]]:
    """Return the rows with missing scores filled where they can be, and what was derived.

    A `derived` column (categorical text, `""` where nothing was derived) is added only if anything was.

    Args:
        rows: Customer rows; `sessions_last_30d, num_cart_items, avg_order_value` are read where present.
        needed: Scores that were derived in other rows of the same input, so that these have their columns, too.
    """
    filled, done, marks = rows, list[Derivation](), np.zeros(len(rows), dtype=np.int8)
    for bit, name in enumerate(FORMULAS):
        given = numbers(rows, name)
        lacking = np.isnan(given)
        if not lacking.any() and name not in needed:
            continue
        values = _computed(rows, name)
        use = lacking & ~np.isnan(values)
        if not use.any() and name not in needed:
            continue
        filled = filled.assign(**{name: np.where(use, values, given)})
        marks += use.astype(np.int8) << bit
        done.append(Derivation(name, int(use.sum()), FORMULAS[name]))
    if not done:
        return rows, ()
    return contract_first(filled).assign(**{MARKER: _labels(marks)}), tuple(done)


def _computed(rows: pd.DataFrame, name: str) -> Floats:
    if name == "engagement_score":
        return engagement(numbers(rows, "sessions_last_30d"), numbers(rows, "num_cart_items"))
    return profitability(numbers(rows, "avg_order_value"))


def contract_first(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the same rows, the contract's columns first and in its order."""
    names = [column.name for column in CONTRACT if column.name in rows]
    return rows[[*names, *(name for name in rows.columns if name not in names)]]


def numbers(rows: pd.DataFrame, name: str) -> Floats:
    """Return a column as floats, all NaN where the rows do not have it."""
    return rows[name].to_numpy(dtype=np.float64, na_value=np.nan) if name in rows else np.full(len(rows), np.nan)


def _labels(marks: NDArray[np.int8]) -> "pd.Categorical[str]":
    """Return the marker text of each bit pattern of derived scores."""
    first, second = FORMULAS
    names = pd.Index(["", first, second, f"{first};{second}"], dtype="str")
    return pd.Categorical.from_codes(marks, categories=names)
