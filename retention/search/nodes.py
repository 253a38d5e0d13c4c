"""The tree that a search returns: splits in two of binned features, and leaves with their sums."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retention.search.bins import Binned

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class FoundLeaf:
    """A leaf: its sums, as the objective takes them, and its customers."""

    sums: tuple[float, ...]
    size: int


@dataclass(frozen=True)
class FoundSplit:
    """A split in two: of which feature, by which of its options, and where the codes of each branch go."""

    feature: int
    binned: Binned
    option: int
    low: "FoundNode"
    high: "FoundNode"

    def goes_low(self, codes: Codes) -> npt.NDArray[np.bool_]:
        """Return which customers take the first branch, from their codes of shape (features, customers)."""
        return self.binned.goes_low(self.option, codes[self.feature])


FoundNode = FoundSplit | FoundLeaf


def found_leaves(node: FoundNode) -> Iterator[FoundLeaf]:
    """Yield the leaves below a node, in order."""
    if isinstance(node, FoundLeaf):
        yield node
    else:
        yield from found_leaves(node.low)
        yield from found_leaves(node.high)


def found_splits(node: FoundNode) -> Iterator[FoundSplit]:
    """Yield the splits below and including a node, depth first."""
    if isinstance(node, FoundSplit):
        yield node
        yield from found_splits(node.low)
        yield from found_splits(node.high)


def leaf_numbers(node: FoundNode, codes: Codes) -> npt.NDArray[np.int64]:
    """Return the number of each customer's leaf, in the order of the leaves, from codes of shape (features, n)."""
    if isinstance(node, FoundLeaf):
        return np.zeros(codes.shape[1], dtype=np.int64)
    low, below = node.goes_low(codes), sum(1 for _ in found_leaves(node.low))
    numbers = np.empty(codes.shape[1], dtype=np.int64)
    numbers[low] = leaf_numbers(node.low, codes[:, low])
    numbers[~low] = leaf_numbers(node.high, codes[:, ~low]) + below
    return numbers
