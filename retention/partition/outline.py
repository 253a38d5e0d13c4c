"""The neutral tree model: what a picture, a chart, a table and SQL show of one segmentation.

A branch whose leaves all ended up in one segment is one node: the outline shows the partition as it is
delivered, after small leaves were merged, and its rules are those of the segments.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retention.partition.cube import Integers
from retention.partition.fitted import FittedTree, Partition
from retention.partition.tree import Condition, FittedLeaf, FittedNode, leaves
from retention.policy.policy import ALL


@dataclass(frozen=True)
class TreeNode:
    """One node of the outline; its id is its place, such as `0.2.1`. Only an end of the tree has a segment."""

    id: str
    parent: str
    depth: int
    label: str
    rule: str
    size: int
    share: float
    segment: str = ""
    overall: float | None = None

    @property
    def is_segment(self) -> bool:
        """Whether the tree ends here."""
        return bool(self.segment)


def middles(nodes: Sequence[TreeNode], heights: Mapping[str, float], gap: float) -> tuple[dict[str, float], float]:
    """Return where the middle of each box lies from the top, by id, and where the next box would begin.

    Ends of the tree lie one below the other, parents beside the middle of what is below them.
    """
    middle, top = dict[str, float](), 0.0
    for node in nodes:
        if node.segment:
            middle[node.id] = top + heights[node.id] / 2
            top += heights[node.id] + gap
    # Each parent comes before its children, so from the end all children have their places first.
    for node in reversed(nodes):
        below = [middle[child.id] for child in nodes if child.parent == node.id]
        if below:
            middle[node.id] = (min(below) + max(below)) / 2
    return middle, top


def outline(partition: Partition, overall: Mapping[str, float], currency: str = "") -> tuple[TreeNode, ...]:
    """Return the nodes in the order of the tree, each parent before its children; a segment may lack a score."""
    return outline_of(partition.tree, partition.cube.size, overall, currency)


def outline_of(tree: FittedTree, sizes: Integers, overall: Mapping[str, float], currency: str) -> tuple[TreeNode, ...]:
    """Return the same of a tree and the customers in each of its cells."""
    in_leaf = np.zeros(len(tree.segment_of_leaf), dtype=np.int64)
    np.add.at(in_leaf, tree.leaf_of_cell, sizes)
    everyone = max(int(in_leaf.sum()), 1)

    def nodes(node: FittedNode, place: str, branch: Condition | None) -> Iterator[TreeNode]:
        below = [leaf.index for leaf in leaves(node)]
        codes = {int(code) for code in tree.segment_of_leaf[below]}
        ends = isinstance(node, FittedLeaf) or len(codes) == 1
        segment, size = tree.segments[codes.pop()].name if ends else "", int(in_leaf[below].sum())
        yield TreeNode(
            id=place,
            parent=place.rpartition(".")[0],
            depth=len(node.path),
            label=branch.words(currency) if branch else ALL,
            rule=", ".join(condition.words(currency) for condition in node.path) or "everyone",
            size=size,
            share=size / everyone,
            segment=segment,
            overall=overall.get(segment),
        )
        if not ends and not isinstance(node, FittedLeaf):
            for number, (condition, child) in enumerate(node.branches):
                yield from nodes(child, f"{place}.{number}", condition)

    return tuple(nodes(tree.root, "0", None))
