"""Small problems for the search, and the best tree by trying all of them."""

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from retention.partition.grid import Axis
from retention.search.bins import Binned
from retention.search.nodes import FoundNode, leaf_numbers
from retention.search.objectives import Objective
from retention.search.sums import Sums

Floats = npt.NDArray[np.float64]
FEATURES = ("avg_order_value", "cart_value", "engagement_score", "num_cart_items")


def binned_of(sizes: list[int], missing: list[bool]) -> tuple[Binned, ...]:
    """Return features of so many bins each."""
    return tuple(
        Binned(Axis(name, tuple(map(float, range(1, size)))), some, top=float(size))
        for name, size, some in zip(FEATURES, sizes, missing, strict=False)
    )


@st.composite
def problems(draw: st.DrawFn, *, features: int = 3, bins: int = 4) -> tuple[tuple[Binned, ...], Sums]:
    """Features in a few bins, and sums of customers: two counts, then two whole numbers."""
    sizes = draw(st.lists(st.integers(2, bins), min_size=1, max_size=features))
    missing = [draw(st.booleans()) for _ in sizes]
    customers = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    found = binned_of(sizes, missing)
    codes = np.array(
        [rng.integers(0 if some else 1, size + 1, customers) for size, some in zip(sizes, missing, strict=True)]
    )
    arm = rng.integers(0, 2, customers)
    parts = np.stack([arm == 0, arm == 1, rng.integers(-5, 6, customers), rng.integers(-5, 6, customers)], axis=1)
    return found, Sums(codes.astype(np.uint8), tuple(each.axis.size for each in found), parts.astype(np.float64))


def worth_of(node: FoundNode, sums: Sums, objective: Objective) -> float:
    """Return what a tree is worth, each leaf's sums taken from its customers; minus infinity beyond a limit."""
    numbers = leaf_numbers(node, sums.codes)
    leaves = [sums.parts[numbers == each].sum(axis=0) for each in range(numbers.max() + 1)]
    return float(sum(float(objective.allowed(leaf)) for leaf in leaves))


def best_of_all(
    rows: npt.NDArray[np.intp], features: tuple[Binned, ...], sums: Sums, objective: Objective, depth: int
) -> float:
    """Return the worth of the best tree, by trying every split of every set of customers."""
    best = float(objective.allowed(sums.parts[rows].sum(axis=0))) if len(rows) else -np.inf
    if depth == 0 or not len(rows):
        return best
    for place, each in enumerate(features):
        values = sums.codes[place][rows]
        last = len(each.axis.cuts) + 1
        # Each set of known codes from the bottom, with and without the missing ones.
        for cut in range(last + 1):
            for with_missing in (False, True):
                low = (values > 0) & (values <= cut) | (values == 0) & with_missing
                both = [best_of_all(part, features, sums, objective, depth - 1) for part in (rows[low], rows[~low])]
                best = max(best, sum(both))
    return best
