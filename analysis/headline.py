"""The numbers on top of a summary, and what is counted of all customers beside their scores."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from retention.partition.cube import Integers
from retention.partition.fitted import Segmentation

if TYPE_CHECKING:
    from analysis.run import Run

GROUPS = ("region", "archetype")
"""Columns whose values are counted where the input has them."""
MOST_VALUES = 500
"""A column with more values tells no groups."""
Counted = tuple[float, int, dict[str, dict[str, Integers]]]


@dataclass(frozen=True)
class Overview:
    """What is counted of all customers, so that a saved week tells it without them.

    Args:
        at_stake: Sum of the known cart values; None where there is no such column.
        groups: Customers of each segment by column and value, the empty one for those of whom it is not known.
    """

    at_stake: float | None = None
    without_value: int = 0
    groups: dict[str, dict[str, tuple[int, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, segmentation: Segmentation) -> "Overview":
        """Return what there is to count, from one pass over the customers."""
        carts, missing, by_value = segmentation.summed(_counted, _both)
        few = {name: values for name, values in by_value.items() if len(values) <= MOST_VALUES}
        groups = {
            name: {value: tuple(counts.tolist()) for value, counts in values.items()} for name, values in few.items()
        }
        return cls(carts if "cart_value" in segmentation.customers.columns else None, missing, groups)


def _counted(part: Segmentation) -> Counted:
    rows, found = part.customers, {name: grouped([part], name) for name in GROUPS if name in part.customers.columns}
    carts = rows["cart_value"] if "cart_value" in rows.columns else pd.Series(dtype=np.float64)
    few = {name: dict(islice(values.items(), MOST_VALUES + 1)) for name, values in found.items()}
    return float(carts.sum()), int(carts.isna().sum()), few


def _both(one: Counted, other: Counted) -> Counted:
    for name, own in one[2].items():
        for value, counts in other[2][name].items():
            if len(own) <= MOST_VALUES:
                own[value] = own.get(value, 0) + counts
    return one[0] + other[0], one[1] + other[1], one[2]


def grouped(parts: Iterable[Segmentation], column: str) -> dict[str, Integers]:
    """Return the customers of each segment by value of a column, the empty one for those of whom it is not known."""
    by_value = dict[str, Integers]()
    for part in parts:
        _add(by_value, part, column)
    return by_value


def _add(by_value: dict[str, Integers], part: Segmentation, column: str) -> None:
    places, names = pd.factorize(part.customers[column])
    segments, width = len(part.tree.segments), len(names) + 1
    # Place -1 stands for a value that is not known; one more makes it the first column.
    pairs = part.codes.astype(np.intp) * width + places + 1
    counts = np.bincount(pairs, minlength=segments * width).reshape(segments, width)
    for name, own in zip(["", *map(str, names)], counts.T, strict=True):
        if own.any():
            by_value[name] = by_value.get(name, np.zeros(segments, dtype=np.int64)) + own


@dataclass(frozen=True)
class Headline:
    """The numbers on top of a summary; where nothing is known the profit is NaN and what is at stake None."""

    abandoners: int
    at_stake: float | None
    without_value: int
    profit: float
    profit_sources: tuple[str, ...]
    assigned: int


def headline_of(run: "Run") -> Headline:
    """Return the headline numbers of a run."""
    table = run.scores.table
    profits = table["Incremental_Profit"].astype("float64")
    return Headline(
        abandoners=run.accounting.universe,
        at_stake=run.overview.at_stake,
        without_value=run.overview.without_value,
        profit=float(profits.sum(min_count=1)),
        profit_sources=tuple(dict.fromkeys(table["Incremental_Profit_source"].tolist())),
        assigned=sum(run.segmentation.sizes),
    )
